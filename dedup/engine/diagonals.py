"""Windows that occur again -> maximal matches, by numpy: links on one diagonal are one run, and runs are extended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.matching import (
    FIRST,
    LAST,
    MAX_WORK,
    MIN_SHIFT,
    WINDOW,
    Match,
    common_length,
    common_length_back,
)
from dedup.engine.windows import Windows, begins_of, windows_again

if TYPE_CHECKING:
    import numpy as np


def matches(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """All maximal matches that hold a linked window, one a row, sorted by ``second``, then ``first``."""
    import numpy as np

    windows = windows_again(letters, weights)
    runs = _runs(windows) if windows else None
    if not windows or not runs:
        return np.zeros((0, 3), np.int64)
    return _array_maximal(letters, windows.codes, runs)


class _Runs(NamedTuple):
    """Links that follow each other on one diagonal, as columns in the order of the first link of each."""

    second: np.ndarray
    shift: np.ndarray
    length: np.ndarray
    """Letters from the first window's start to the last one's end."""
    near: np.ndarray
    """Whether any of the links is a near one."""


def _runs(windows: Windows) -> _Runs | None:
    import numpy as np

    links = _links(windows)
    if not len(links):
        return None
    links.sort()
    is_near = (links & 1).astype(bool)
    links >>= 1
    steps = links
    is_begin = np.ones(len(links) + 1, bool)
    np.not_equal(steps[1:] - steps[:-1], 1, out=is_begin[1:-1])
    borders = np.flatnonzero(is_begin)
    begins, ends = borders[:-1], borders[1:] - 1
    near = np.logical_or.reduceat(is_near, begins)
    low = np.int64(2**_PLACE - 1)
    second, last, shift = steps[begins] & low, steps[ends] & low, steps[begins] >> _PLACE
    stop = last + WINDOW if windows.ends is None else windows.ends[last]
    order = ((second << _PLACE) | (second - shift)).argsort()
    return _Runs(*(column[order] for column in (second, shift, stop - second, near)))


_PLACE = 32
"""Bits of a position in a packed link."""


def _links(windows: Windows) -> np.ndarray:
    """All links, unordered, each as one number: shift, second position, and 1 for a near one."""
    import numpy as np

    places, begins = windows.places, windows.begins
    sizes = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=sizes[:-1])
    sizes[-1] = len(places) - begins[-1]
    first_of = begins.repeat(sizes)
    rank = np.arange(len(places)) - first_of
    pairs = [(back, 1) for back in range(1, LAST + 1)]
    pairs += [(ahead, 0) for ahead in range(FIRST)]
    counts = np.bincount(np.minimum(rank, FIRST + LAST), minlength=FIRST + LAST + 1)
    links = np.empty(int((counts * np.arange(len(counts))).sum()), np.int64)
    used = 0
    for step, near in pairs:
        at = (rank >= step if near else rank > step + LAST).nonzero()[0]
        if len(at):
            first = places[at - step] if near else places[first_of[at] + step]
            some = _link(first, places[at], near)
            links[used : used + len(some)] = some
            used += len(some)
    return links[:used]


def _link(first: np.ndarray, second: np.ndarray, near: int) -> np.ndarray:
    shift = second - first
    packed = (shift << (_PLACE + 1)) | (second << 1) | near
    apart: np.ndarray = packed[shift >= MIN_SHIFT]
    return apart


def _array_maximal(letters: str, codes: np.ndarray, runs: _Runs) -> np.ndarray:
    """Runs as maximal matches. Most end where their links end; the others are extended one by one."""
    import numpy as np

    second, shift, length, near = runs
    open_ones = np.flatnonzero(_is_open(codes, runs))
    limit = MAX_WORK * len(letters)
    found = np.stack((second - shift, second, length), axis=1)
    if len(open_ones) > _MANY_OPEN:
        found[open_ones] = _extended_at_once(codes, found[open_ones])
    if 0 < len(open_ones) <= _MANY_OPEN or found[:, 2].max() >= _UNKNOWN:
        found = _extended_one_by_one(letters, runs, open_ones, limit)
        found = found[((found[:, 1] << _PLACE) | found[:, 0]).argsort()]
    elif len(open_ones) or found[:, 2].sum() > limit:
        found = _capped(found, near, limit)
    if not letters.isascii():  # a window of other letters is a hash, which proves nothing
        found = found[_are_true(codes, found)]
    return found


_MANY_OPEN = 64
"""Runs from which extending all of them together is cheaper."""


def _extended_at_once(codes: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Runs as maximal matches, one letter more for all of them at each step. A match comes once for each of its
    runs. What goes on after ``_MAX_STEPS`` has the length ``_UNKNOWN``."""
    import numpy as np

    first, second, length = found.T.copy()
    for step in (1, -1):
        left = np.arange(len(first))
        for _ in range(_MAX_STEPS):
            one, two = (first[left] - 1, second[left] - 1)
            if step > 0:
                one, two = first[left] + length[left], second[left] + length[left]
            inside = (one >= 0) & (two < len(codes))
            left, one, two = left[inside], one[inside], two[inside]
            left = left[codes[one] == codes[two]]
            if not len(left):
                break
            length[left] += 1
            if step < 0:
                first[left] -= 1
                second[left] -= 1
        else:
            length[left] = _UNKNOWN
    return np.stack((first, second, length), axis=1)


_MAX_STEPS = 256
_UNKNOWN = 1 << 40


def _capped(found: np.ndarray, near: np.ndarray, limit: int) -> np.ndarray:
    """Each match once; beyond the limit on the work, in the order of the plain path, only those with a near link."""
    import numpy as np

    keys = (found[:, 1] << _PLACE) | found[:, 0]
    by_key = keys.argsort(kind="stable")
    begins = begins_of(keys[by_key])
    is_near = np.logical_or.reduceat(near[by_key], begins)
    earliest = by_key[begins]
    in_order = earliest.argsort()
    lengths = found[earliest[in_order], 2]
    is_kept = np.zeros(len(begins), bool)
    is_kept[in_order] = np.cumsum(lengths) - lengths <= limit
    kept: np.ndarray = found[earliest[is_kept | is_near]]
    return kept


def _extended_one_by_one(
    letters: str, runs: _Runs, open_ones: np.ndarray, limit: int
) -> np.ndarray:
    """Runs as maximal matches in the order of the plain path, so that a cap on the work cuts off the same."""
    import numpy as np

    second, shift, length, near = runs
    own = length.copy()
    own[open_ones] = 0
    is_kept = np.ones(len(own), bool)
    is_kept[open_ones] = False
    extended = _extended_runs(letters, runs, open_ones, np.cumsum(own), limit)
    for at, match in extended.items():
        own[at] = match.length
    found = np.stack((second - shift, second, length), axis=1)
    is_kept &= near | (np.cumsum(own) - own <= limit)
    for at, match in extended.items():
        found[at] = match
        is_kept[at] = True
    kept: np.ndarray = found[is_kept]
    return kept


def _is_open(codes: np.ndarray, runs: _Runs) -> np.ndarray:
    """For each run whether its letters go on being equal before its first link or after its last."""
    import numpy as np

    second, shift, length, _ = runs
    first, end = second - shift, second + length
    after = np.minimum(end, len(codes) - 1)
    is_open: np.ndarray = (codes[after] == codes[after - shift]) & (end < len(codes))
    is_open |= (codes[first - 1] == codes[second - 1]) & (first > 0)
    return is_open


def _extended_runs(
    letters: str, runs: _Runs, open_ones: np.ndarray, spent: np.ndarray, limit: int
) -> dict[int, Match]:
    """Maximal matches by the index of their first run. ``spent`` is the work on runs that need no extending."""
    covered: dict[int, int] = {}
    extended: dict[int, Match] = {}
    work = 0
    rows = zip(*(column[open_ones].tolist() for column in (*runs, spent)), strict=True)
    for at, (second, shift, length, near, before) in zip(open_ones.tolist(), rows, strict=True):
        if covered.get(shift, -1) > second or (not near and before + work > limit):
            continue
        first = second - shift
        ahead = common_length(letters, first + length, second + length)
        behind = common_length_back(letters, first, second)
        match = Match(first - behind, second - behind, behind + length + ahead)
        covered[shift] = match.second + match.length
        work += match.length
        extended[at] = match
    return extended


def _are_true(codes: np.ndarray, found: np.ndarray) -> np.ndarray:
    """For each match whether it begins with equal letters, as many as the shortest window has."""
    import numpy as np

    first, second, length = found.T
    are_true = np.ones(len(found), bool)
    for offset in range(min(WINDOW, int(length.min(initial=0)))):
        are_true &= codes[first + offset] == codes[second + offset]
    return are_true
