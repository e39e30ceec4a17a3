"""Rows with a partner in an earlier document -> copies, or look-alikes with the reason why they stay.

Prose speaks for a copy: one paragraph long enough, or a block of shorter ones. Headings, list items, table rows, code
and short lines go only inside a block that prose proves. Between documents filled into one form each entry is judged
by itself and needs more. In doubt all stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import blocks, verse
from dedup.corpus.fields import HEADING, are_labelled, are_structure
from dedup.corpus.forms import of_one_form
from dedup.corpus.sheets import ROLES
from dedup.engine import split

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

REASONS = (
    "it is short",
    "it is a heading, a list, a table or code without a block around it",
    "both documents are filled into one form",
    "it reads like verse",
    "it has to stay",
)
"""Why a row that looked repeated stays; columns name it by its index here."""
_SHORT, _STRUCTURE, FORM, _VERSE, _FIXED = range(len(REASONS))
MIN_PROSE = 60
"""Weighted letters of a paragraph that is a copy wherever it stands: two people do not write it alike."""
MIN_LINES = 300
"""Weighted letters of prose in a block of shorter paragraphs, or of verse: a refrain has fewer."""
MIN_WITHIN = 250
"""The same of a block that stands twice in one document. Of 452 labelled documents of look-alikes 3 lose something to
it, and 25 to a paragraph of 60; of the copies that whole paragraphs are, by letters, it takes 85 % against 94 %.
Shorter paragraphs that stand there many times are entries of a form, and count the less for each copy."""
MIN_IN_FORMS = 900
"""Weighted letters of prose in a block of two documents of one form: what a block needs where much is half alike."""
PROSE = ROLES.index(split.PROSE)
_MAX_LINE = 30
"""Weighted letters of a line that is part of a form."""


class Weighed(NamedTuple):
    """One a row of the corpus."""

    goes: np.ndarray
    """bool."""
    confidence: np.ndarray
    """float64: letters that speak for a copy, against those that were needed: .5 where they are as many."""
    reason: np.ndarray
    """uint8: index in ``REASONS``; for those that stay."""


class _Prose(NamedTuple):
    """What rows say for a copy."""

    letters: np.ndarray
    """float64, N: weighted letters, 0 of what is no prose."""
    proves: np.ndarray
    """bool, N: enough of them in one row, and no verse."""
    is_verse: np.ndarray
    """bool, N."""


def weigh(
    corpus: Corpus, first: np.ndarray, found: np.ndarray, is_open: np.ndarray, least: int
) -> Weighed:
    """Judge the rows with a partner in ``found`` (int64, N; -1 for none).

    ``first``: the first row with the same key. ``is_open``: bool, N, rows that are no boilerplate. ``least``: weighted
    letters of a paragraph that goes on its own.
    """
    import numpy as np

    has_partner = found >= 0
    prose = _prose(corpus, first, has_partner, least)
    in_form = _in_form(corpus, first, found, is_open, prose)
    structure = are_structure(corpus, first, corpus.groups[corpus.document]) & has_partner
    heads = structure & (in_form | ~_inside(blocks.numbered(corpus, found)))
    in_form[1:] |= heads[:-1] & has_partner[1:]
    block = blocks.numbered(corpus, np.where(heads, -1, found))
    letters = _summed(prose.letters, block)
    needed = np.where(_summed(prose.proves, block) > 0, least, MIN_LINES)
    needed = np.where(_summed(in_form, block) > 0, MIN_IN_FORMS, needed)
    trailing = _ends_with_heading(corpus, block)
    fixed = corpus.fixed > 0
    goes = (block >= 0) & (letters >= needed) & ~fixed & ~trailing
    reason = np.select(
        [fixed, in_form, (corpus.role != PROSE) | trailing, prose.is_verse],
        [_FIXED, FORM, _STRUCTURE, _VERSE],
        _SHORT,
    )
    return Weighed(goes, letters / (letters + needed), reason.astype(np.uint8))


def weigh_within(corpus: Corpus, found: np.ndarray, times: np.ndarray) -> Weighed:
    """Judge the rows with a partner in their own document: ``found``, int64, N, -1 for none.

    ``times``: int64, N, how often each stands in its document.
    """
    import numpy as np

    rows = np.flatnonzero((found >= 0) & (corpus.role == PROSE))
    is_verse = np.zeros(len(found), bool)
    is_verse[rows] = verse.are_verse(corpus, rows)
    prose = np.zeros(len(found))
    weight = corpus.weight[rows]
    shared = np.where(weight >= MIN_WITHIN, 1, np.maximum(times[rows] - 1, 1))
    prose[rows] = weight / shared * ~is_verse[rows]
    block = blocks.numbered(corpus, found)
    letters = _summed(prose, block)
    trailing = _ends_with_heading(corpus, block)
    fixed = corpus.fixed > 0
    goes = (block >= 0) & (letters >= MIN_WITHIN) & ~fixed & ~trailing
    reason = np.select(
        [fixed, (corpus.role != PROSE) | trailing, is_verse],
        [_FIXED, _STRUCTURE, _VERSE],
        _SHORT,
    )
    return Weighed(goes, letters / (letters + MIN_WITHIN), reason.astype(np.uint8))


def _prose(corpus: Corpus, first: np.ndarray, has_partner: np.ndarray, least: int) -> _Prose:
    import numpy as np

    is_prose = has_partner & (corpus.role == PROSE) & ~are_labelled(corpus, first)
    rows = np.flatnonzero(is_prose)
    is_verse = np.zeros(len(found := corpus.weight), bool)
    is_verse[rows] = verse.are_verse(corpus, rows)
    return _Prose(found * is_prose * 1.0, is_prose & ~is_verse & (found >= least), is_verse)


def _in_form(
    corpus: Corpus,
    first: np.ndarray,
    found: np.ndarray,
    is_open: np.ndarray,
    prose: _Prose,
) -> np.ndarray:
    """bool, N: its document and its partner's are filled into one form.

    What short lines they have in common says so, but for those of a block that prose proves.
    """
    import numpy as np

    block = blocks.numbered(corpus, found)
    proven = (_summed(prose.proves, block) > 0) & ~_ends_with_heading(corpus, block)
    lines = is_open & ~proven & are_lines(corpus)
    rows = np.flatnonzero(found >= 0)
    result = np.zeros(len(found), bool)
    one, two = corpus.document[rows], corpus.document[found[rows]]
    result[rows] = of_one_form(corpus, first, np.flatnonzero(lines), one, two)
    return result


def are_lines(corpus: Corpus) -> np.ndarray:
    """bool, N: what a form is made of, headings and short lines."""
    found: np.ndarray = corpus.weight < _MAX_LINE
    found |= corpus.role == HEADING
    return found


def _inside(block: np.ndarray) -> np.ndarray:
    """bool, N: whether the rows before and after it are of the same block."""
    import numpy as np

    inside = np.zeros(len(block), bool)
    inside[1:-1] = (block[1:-1] == block[:-2]) & (block[1:-1] == block[2:]) & (block[1:-1] >= 0)
    return inside


def _ends_with_heading(corpus: Corpus, block: np.ndarray) -> np.ndarray:
    """bool, N: headings at the end of a block: what they head does not repeat."""
    import numpy as np

    ends: np.ndarray = np.append(block[1:], -1) != block
    ends &= corpus.role == HEADING
    return ends


def _summed(values: np.ndarray, block: np.ndarray) -> np.ndarray:
    """float64, N: the sum over the row's block; 0 for rows of none."""
    import numpy as np

    count = int(block.max(initial=-1)) + 1
    inside = block >= 0
    sums = np.bincount(block[inside], weights=values[inside], minlength=count + 1)
    found: np.ndarray = sums[block]  # -1 is the last one, which is 0
    return found
