"""Paragraphs that stand twice in one document, letter for letter -> those that go.

Where only equal paragraphs count this takes the place of a search of each document, which costs many times what
finding them does. It asks for more than between documents: what an author says again may be a step of each section or
an entry of a form, so a block of prose has to repeat. In doubt all stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import blocks
from dedup.corpus.counting import classes
from dedup.corpus.judging import Lookalikes
from dedup.corpus.weighing import weigh_within

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus
    from dedup.corpus.copies import Copies


class Within(NamedTuple):
    """Rows that go, ascending. Each rests on ``kept``, which has the same letters and stays."""

    row: np.ndarray
    """int64."""
    kept: np.ndarray
    """int64: a row of the same document."""
    confidence: np.ndarray
    """float64, 0.5-1: letters that speak for it against those that were needed."""
    block: np.ndarray
    """int64: rows with one number follow each other where they go and where they stay."""


def find(corpus: Corpus, first: np.ndarray, keep: str) -> tuple[Within, Lookalikes]:
    """What goes of each document because it says the same elsewhere, and what looked so and stays.

    ``first``: int64, N, the first row with the same key. ``keep``: which copy stays, as ``Options.keep_copy``.
    """
    import numpy as np

    root, times = _firsts(corpus, first)
    number = np.arange(len(root))
    proposed = np.where(root < number, root, -1)
    found = blocks.partners(corpus, first, proposed, np.ones(len(root), bool))
    weighed = weigh_within(corpus, found, times)
    row, stays = np.flatnonzero(weighed.goes), np.flatnonzero((found >= 0) & ~weighed.goes)
    lookalikes = Lookalikes(stays, proposed[stays], weighed.reason[stays])
    # A block may rest on one that goes as well; the first with the same letters never does.
    kept = np.where(weighed.goes[found[row]], root[row], found[row])
    confidence = weighed.confidence[row]
    if keep in ("last", "longest") and len(row):
        row, kept, confidence = _chosen(corpus, row, root[row], confidence, keep)
    rests = np.full(len(root), -1, np.int64)
    rests[row] = kept
    return Within(row, kept, confidence, blocks.numbered(corpus, rests)[row]), lookalikes


def _firsts(corpus: Corpus, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int64, N, twice: the first row of the same document with the same key, and how many there are."""
    import numpy as np

    found, times = np.arange(len(first)), np.ones(len(first), np.int64)
    rows = np.flatnonzero(np.bincount(first, minlength=len(first))[first] > 1)
    document = corpus.document[rows].astype(np.int64)
    known = classes(first[rows] * np.int64(len(corpus.groups)) + document, document)
    found[rows], times[rows] = rows[known.first[known.of]], known.rows[known.of]
    return found, times


def _chosen(
    corpus: Corpus, row: np.ndarray, root: np.ndarray, confidence: np.ndarray, keep: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same with another copy of each kept, by the policy, if the first one may go.

    ``root``: for each row the first with its letters, which stayed so far.
    """
    import numpy as np

    roots, of = np.unique(root, return_inverse=True)
    sure = np.zeros(len(roots))
    np.maximum.at(sure, of, confidence)
    rows = np.concatenate([row, roots])
    of = np.concatenate([of, np.arange(len(roots))])
    size = corpus.end[rows] - corpus.start[rows]
    size = np.zeros_like(rows) if keep == "last" else -size
    order = np.lexsort((-rows if keep == "last" else rows, size, of))
    best = rows[order][np.searchsorted(of[order], np.arange(len(roots)))]
    best = np.where(corpus.fixed[roots] > 0, roots, best)
    goes = np.flatnonzero(rows != best[of])
    goes = goes[np.argsort(rows[goes])]
    return rows[goes], best[of[goes]], sure[of[goes]]


def rested(own: Copies, across: Copies) -> Copies:
    """``own``, copies of paragraphs of the same document, on what stays where ``across`` takes what they rest on.

    That has the same letters, and whatever ``across`` rests on stays.
    """
    import numpy as np

    gone = np.flatnonzero(across.goes)
    if not len(gone) or not len(own.document):
        return own
    base = int(max(own.twin_start.max(), across.start.max())) + 1
    places = across.document[gone].astype(np.int64) * base + across.start[gone]
    order = np.argsort(places, kind="stable")
    places, gone = places[order], gone[order]
    sought = own.twin.astype(np.int64) * base + own.twin_start
    at = np.minimum(np.searchsorted(places, sought), len(places) - 1)
    lost = np.flatnonzero(places[at] == sought)
    new = gone[at[lost]]
    twin, start, end = own.twin.copy(), own.twin_start.copy(), own.twin_end.copy()
    twin[lost] = across.twin[new]
    start[lost] = across.twin_start[across.twins[new]]
    end[lost] = across.twin_end[across.twins[new]]
    return own._replace(twin=twin, twin_start=start, twin_end=end)


def not_gone(stays: Copies, across: Copies) -> np.ndarray:
    """int64: which of ``stays`` nothing is said of in ``across``."""
    import numpy as np

    base = int(max(stays.start.max(initial=0), across.start.max(initial=0))) + 1
    places = across.document.astype(np.int64) * base + across.start
    found: np.ndarray = np.flatnonzero(
        ~np.isin(stays.document.astype(np.int64) * base + stays.start, places)
    )
    return found
