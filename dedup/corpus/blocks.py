"""Repeated rows -> blocks: rows that follow each other in the later document and in the earlier one.

A row may stand in several earlier documents. It hangs on the one its neighbours hang on, if it can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.corpus.counting import following

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus


def partners(
    corpus: Corpus,
    first: np.ndarray,
    proposed: np.ndarray,
    open_rows: np.ndarray,
    leading: int | None = None,
) -> np.ndarray:
    """int64, N: the earlier row that each row hangs on, -1 for none.

    ``proposed`` has one for each row, -1 for none: the first with the same key, or the one it is a near copy of, all
    in earlier documents or all in the row's own.
    A row with the same key next to the neighbour's partner is preferred. ``open_rows``, bool, N: what may have one
    or be one. ``leading``: only so many of the first rows may be one.
    """
    import numpy as np

    leading = len(first) if leading is None else leading
    found = np.where(open_rows & (proposed < leading), proposed, -1)
    for step in (1, -1):
        front = np.flatnonzero(found >= 0)
        while len(front):
            rows, other = front + step, found[front] + step
            fits = _goes_on(corpus, front, step) & _goes_on(corpus, found[front], step)
            rows, other = rows[fits], other[fits]
            fits = open_rows[rows] & open_rows[other] & (first[rows] == first[other])
            fits &= (
                (other < leading) & (found[rows] != other) & ~_continues(corpus, found, rows, -step)
            )
            front = rows[fits]
            found[front] = other[fits]
    return found


def _goes_on(corpus: Corpus, rows: np.ndarray, step: int) -> np.ndarray:
    """bool: whether the document has a row after (or before) each of ``rows``."""
    at = corpus.document[rows]
    following_row = rows + step
    inside: np.ndarray = following_row >= corpus.first[at]
    inside &= following_row < corpus.first[at + 1]
    return inside


def _continues(corpus: Corpus, found: np.ndarray, rows: np.ndarray, step: int) -> np.ndarray:
    """bool: whether a row already hangs next to its neighbour's partner on the side that ``step`` leads to."""
    import numpy as np

    inside = _goes_on(corpus, rows, step)
    other = found[np.where(inside, rows + step, rows)]
    mine = found[rows]
    near: np.ndarray = inside & (other >= 0) & (mine >= 0) & (other == mine + step)
    near &= corpus.document[np.maximum(other, 0)] == corpus.document[np.maximum(mine, 0)]
    return near


def numbered(corpus: Corpus, found: np.ndarray) -> np.ndarray:
    """int64, N: the number of the block each row is part of, -1 where ``found`` has no partner for it."""
    import numpy as np

    is_one = found >= 0
    goes_on = np.zeros(len(found), bool)
    goes_on[1:] = following(corpus.document)[:-1] & is_one[1:] & (found[1:] == found[:-1] + 1)
    place = corpus.document[np.maximum(found, 0)]
    goes_on[1:] &= (found[:-1] >= 0) & (place[1:] == place[:-1])
    return np.where(is_one, np.cumsum(is_one & ~goes_on) - 1, -1)
