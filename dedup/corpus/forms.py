"""Pairs of documents -> whether both are filled into one form, by the headings and short lines they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.corpus.counting import classes

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

MIN_COMMON = 3
"""Lines that two documents of one form have in common."""
MAX_LINES = 64
"""Of a document's shared lines so many are compared, those whose first rows come first: bounds the work of a pair."""


def of_one_form(
    corpus: Corpus, first: np.ndarray, lines: np.ndarray, one: np.ndarray, two: np.ndarray
) -> np.ndarray:
    """bool: whether the documents ``one`` and ``two``, by number, have several of the rows ``lines`` in common.

    ``first``, int64, N: the first row with the same key.
    """
    import numpy as np

    total, documents = len(first), len(corpus.groups)
    held = _held(first[lines], corpus.document[lines].astype(np.int64), total)
    begins = np.searchsorted(held, np.arange(documents + 1) * np.int64(total))
    pairs = classes(one.astype(np.int64) * documents + two, one)
    if not len(held) or not len(pairs.first):
        return np.zeros(len(one), bool)
    one, two = one[pairs.first], two[pairs.first]
    sizes = begins[one + 1] - begins[one]
    ends = np.cumsum(sizes)
    at = np.arange(int(ends[-1])) + np.repeat(begins[one] - ends + sizes, sizes)
    sought = held[at] % total + np.repeat(two, sizes).astype(np.int64) * total
    place = np.minimum(np.searchsorted(held, sought), len(held) - 1)
    number = np.repeat(np.arange(len(one)), sizes)
    common = np.bincount(number, weights=held[place] == sought, minlength=len(one))
    return np.asarray((common >= MIN_COMMON)[pairs.of])


def _held(lines: np.ndarray, document: np.ndarray, total: int) -> np.ndarray:
    """int64, ascending: document and line as one number, of lines that stand in another document as well."""
    import numpy as np

    shared = classes(lines, document)
    is_shared = shared.documents[shared.of] > 1
    held = np.sort(document[is_shared] * total + lines[is_shared])
    held = held[np.diff(held, prepend=-1) != 0]
    of = held // total
    begins = np.searchsorted(of, of)
    few: np.ndarray = held[np.arange(len(held)) - begins < MAX_LINES]
    return few
