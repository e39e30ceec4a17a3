"""Keys -> which rows have the same one. Exact: whatever a hash says is confirmed on the bytes.

A few words of each key are enough to tell most rows apart; only what agrees in them is read whole.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.corpus import words

if TYPE_CHECKING:
    import numpy as np

_PLACES = (0.0, 0.3, 0.55, 0.8, 1.0)
"""Where in a key the words are that tell most rows apart, from its first to its last."""
_BATCH = 1 << 17
"""Words that are read at once, about: 1 MB, and several times as much beside."""


def first_rows(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """int64, N: for each row the first row with the same key, itself where none stands before it.

    ``keys`` is uint8, the keys end to end; ``starts`` int64, N + 1, where each begins.
    """
    import numpy as np

    first = np.arange(len(starts) - 1, dtype=np.int64)
    if len(keys) < words.SIZE:
        keys = np.concatenate([keys, np.zeros(words.SIZE, np.uint8)])
    rows = _alike(_outline(keys, starts))
    rows = rows[_order(digests := _digests(keys, starts, rows))]
    digests = np.sort(digests)
    is_first = np.ones(len(rows), bool)
    is_first[1:] = digests[1:] != digests[:-1]
    leaders = rows[np.maximum.accumulate(np.where(is_first, np.arange(len(rows)), 0))]
    are_equal = _are_equal(keys, starts, rows, leaders)
    first[rows[are_equal]] = leaders[are_equal]
    _resolve(keys, starts, rows[~are_equal], first)
    return first


def among(first: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``first_rows`` of some of the rows, ascending, from that of all: int64, their indices in ``rows``."""
    import numpy as np

    leader = np.empty(len(first), np.int64)
    backward = np.arange(len(rows))[::-1]
    leader[first[rows[backward]]] = backward  # of several the first is written last
    found: np.ndarray = leader[first[rows]]
    return found


def _alike(outlines: np.ndarray) -> np.ndarray:
    """Rows whose outline another row has too, ascending."""
    import numpy as np

    order = _order(outlines)
    ordered = outlines[order]
    same = ordered[1:] == ordered[:-1]
    del ordered
    shared = np.zeros(len(order), bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    return np.flatnonzero(shared)


def _order(numbers: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.argsort(numbers, kind="stable")


def _outline(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """uint64, N: the length and a few words of each key as one number."""
    import numpy as np

    found = np.empty(len(starts) - 1, np.uint64)
    for begin in range(0, len(found), _BATCH):
        end = min(begin + _BATCH, len(found))
        found[begin:end] = _outline_some(keys, starts[begin : end + 1])
    return found


def _outline_some(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    import numpy as np

    lengths = np.diff(starts)
    found = words.mixed(lengths.astype(np.uint64))
    for place in _PLACES:
        offsets = (np.maximum(lengths - words.SIZE, 0) * place).astype(np.int64)
        read = _read(keys, starts[:-1] + offsets, lengths)
        found = words.mixed(found * np.uint64(words.ODD) + read)
    return found


def _read(keys: np.ndarray, offsets: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """uint64: the word at each offset, of keys that are shorter than one only their bytes."""
    import numpy as np

    at = np.minimum(offsets, len(keys) - words.SIZE)
    found: np.ndarray = words.at_every_offset(keys)[at]
    missing = np.maximum(words.SIZE - lengths, 0)
    if missing.any():
        before = (offsets - at).astype(np.uint64)
        found >>= np.minimum(np.uint64(8) * before, np.uint64(63))
        found &= np.uint64(2**64 - 1) >> np.uint64(8) * np.minimum(missing, 7).astype(np.uint64)
        found[lengths == 0] = 0
    return found


def _digests(keys: np.ndarray, starts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """uint64: a hash of all of the key of each row."""
    import numpy as np

    found = np.empty(len(rows), np.uint64)
    for batch in _batches(starts, rows):
        some = rows[batch]
        read, number, begins = _all_words(keys, starts, some)
        read = words.mixed(read) * (words.mixed(number.astype(np.uint64)) | np.uint64(1))
        found[batch] = np.add.reduceat(read, begins) + (starts[some + 1] - starts[some]).astype(
            np.uint64
        )
    return found


def _are_equal(
    keys: np.ndarray, starts: np.ndarray, rows: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """bool: whether the keys of each two rows are the same bytes."""
    import numpy as np

    equal: np.ndarray = starts[rows + 1] - starts[rows] == starts[others + 1] - starts[others]
    doubtful = np.flatnonzero(equal & (rows != others))
    for batch in _batches(starts, rows[doubtful]):
        at = doubtful[batch]
        one, _, begins = _all_words(keys, starts, rows[at])
        two, _, _ = _all_words(keys, starts, others[at])
        equal[at] = np.logical_and.reduceat(one == two, begins)
    return equal


def _batches(starts: np.ndarray, rows: np.ndarray) -> list[slice]:
    """Stretches of ``rows`` of about ``_BATCH`` words each."""
    import numpy as np

    if not len(rows):
        return []
    ends = np.cumsum((starts[rows + 1] - starts[rows]) // words.SIZE + 1)
    cuts = np.searchsorted(ends, np.arange(_BATCH, int(ends[-1]), _BATCH))
    borders = sorted({0, len(rows), *cuts.tolist()})
    return [slice(one, two) for one, two in pairwise(borders)]


def _all_words(
    keys: np.ndarray, starts: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The words of the keys of ``rows`` end to end, the number of each in its key, where each key begins.

    The last word of a key overlaps the one before it.
    """
    import numpy as np

    lengths = starts[rows + 1] - starts[rows]
    counts = np.maximum(-(-lengths // words.SIZE), 1)
    ends = np.cumsum(counts)
    begins = ends - counts
    number = np.arange(int(ends[-1])) - np.repeat(begins, counts)
    offsets = number * words.SIZE + np.repeat(starts[rows], counts)
    offsets[ends - 1] = np.maximum(starts[rows + 1] - words.SIZE, starts[rows])
    short = np.flatnonzero(lengths < words.SIZE)
    read = words.at_every_offset(keys)[np.minimum(offsets, len(keys) - words.SIZE)]
    read[begins[short]] = _read(keys, starts[rows[short]], lengths[short])
    return read, number, begins


def _resolve(keys: np.ndarray, starts: np.ndarray, rows: np.ndarray, first: np.ndarray) -> None:
    """Find the first rows of those whose hash is that of another key: a clash, about never."""
    firsts: dict[bytes, int] = {}
    for row in sorted(rows.tolist()):
        first[row] = firsts.setdefault(keys[starts[row] : starts[row + 1]].tobytes(), row)
