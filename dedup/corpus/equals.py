"""Keys -> which rows have the same one. Exact: whatever a hash says is confirmed on the bytes.

A few words of each key are enough to tell most rows apart; only what agrees in them is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import words
from dedup.corpus.filed import numbered, of_zeros
from dedup.corpus.spill import in_parts

if TYPE_CHECKING:
    import numpy as np

_PLACES = (0.0, 0.3, 0.55, 0.8, 1.0)
"""Where in a key the words are that tell most rows apart, from its first to its last."""
_BATCH = 1 << 17
"""Words that are read at once, about: 1 MB, and several times as much beside."""
_MEMORY = 1 << 24
"""Bytes that sorting may take."""


def first_rows(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """int64, N, in a file: for each row the first row with the same key, itself where none stands before it.

    ``keys`` is uint8, the keys end to end; ``starts`` int64, N + 1, where each begins.
    """
    import numpy as np

    first = numbered(len(starts) - 1)
    if len(keys) < words.SIZE:
        keys = np.concatenate([keys, np.zeros(words.SIZE, np.uint8)])
    rows = _alike(_outline(keys, starts))
    doubtful = [rows[:0]]
    for at in _groups(_digests(keys, starts, rows)):
        mine = rows[at.number]
        leaders = mine[at.begin]
        are_equal = _are_equal(keys, starts, mine, leaders)
        first[mine[are_equal]] = leaders[are_equal]
        doubtful.append(mine[~are_equal])
    _resolve(keys, starts, np.concatenate(doubtful), first)
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
    """Rows whose outline another row has too, or half of it, ascending."""
    import numpy as np

    shared = np.zeros(len(outlines), bool)
    for group in _groups(outlines):
        shared[group.number] = True
    return np.flatnonzero(shared)


class _Groups(NamedTuple):
    """Numbers of rows that have half of a hash in common: groups one after the other, each in order."""

    number: np.ndarray
    """int64."""
    begin: np.ndarray
    """int64: for each the index of the first of its group."""


def _groups(hashes: np.ndarray) -> Iterator[_Groups]:
    """The groups of two and more, so many at a time that memory does not grow with their number."""
    import numpy as np

    packed = (
        (hashes[low : low + _BATCH] >> np.uint64(32) << np.uint64(32))
        | np.arange(low, min(low + _BATCH, len(hashes)), dtype=np.uint64)
        for low in range(0, len(hashes), _BATCH)
    )
    for part in in_parts(packed, len(hashes), 64, _MEMORY):
        half = part >> np.uint64(32)
        begins = np.flatnonzero(np.concatenate([half[:1] == half[:1], half[1:] != half[:-1]]))
        sizes = np.diff(begins, append=len(half))
        several = sizes > 1
        sizes = sizes[several]
        part = part[np.repeat(several, np.diff(begins, append=len(half)))]
        begin = np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield _Groups((part & np.uint64(2**32 - 1)).astype(np.int64), begin)


def _outline(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """uint64, N: the length and a few words of each key as one number."""

    found = of_zeros("u8", len(starts) - 1)
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

    found = of_zeros("u8", len(rows))
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
