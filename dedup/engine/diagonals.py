"""Windows that occur again -> maximal matches, by numpy: links on one diagonal are one run, and runs are extended.

Whatever is made for each link is made for a block of positions at a time, and places are four bytes each: of a
long text its matches are kept, and little beside them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.matching import (
    FIRST,
    LAST,
    MAX_WORK,
    MIN_SHIFT,
    WINDOW,
    Crowded,
    common_length,
    common_length_back,
)
from dedup.engine.windows import Windows, begins_of

if TYPE_CHECKING:
    import numpy as np

MIN_RUNS = 1 << 20
"""Runs that are looked at in any text; of a longer one as many as it has letters up to there. Ordinary text has
one in three letters, a hundred documents in one six in ten, a few words in ever new order more than one."""


def matches(letters: str, windows: Windows) -> np.ndarray:
    """All maximal matches that hold a linked window, one a row, sorted by ``second``, then ``first``.

    Raises ``Crowded`` beyond ``MIN_RUNS``.
    """
    codes, runs = windows.codes, _runs(windows)
    del windows
    return _maximal(letters, codes, runs)


class _Runs(NamedTuple):
    """Links that follow each other on one diagonal, as columns in the order of the first link of each."""

    second: np.ndarray
    shift: np.ndarray
    length: np.ndarray
    """Letters from the first window's start to the last one's end."""
    near: np.ndarray
    """Whether any of the links is a near one."""


_BLOCK = 1 << 15
"""Positions, or runs, that are looked at together."""


def _runs(windows: Windows) -> _Runs:
    import numpy as np

    if len(windows.back) <= _BLOCK:
        second, shift, last, near = _runs_of(_links(windows, 0))
        length = (windows.stop(last) - second).astype(np.int32)
        return _Runs(second.astype(np.int32), shift.astype(np.int32), length, near.astype(bool))
    columns = [array("i"), array("i"), array("i"), array("B")]
    reaching: dict[int, int] = {}
    for low in range(0, len(windows.back), _BLOCK):
        reaching = _add(_runs_of(_links(windows, low)), low, columns, reaching)
        if len(columns[0]) > max(MIN_RUNS, low + _BLOCK):
            raise Crowded
    second, shift, last = (np.frombuffer(column, np.int32) for column in columns[:3])
    for start in range(0, len(last), _BLOCK):
        block = slice(start, start + _BLOCK)
        last[block] = windows.stop(last[block]) - second[block]
    return _Runs(second, shift, last, np.frombuffer(columns[3], bool))


def _add(
    block: np.ndarray, low: int, columns: Sequence[array[int]], reaching: dict[int, int]
) -> dict[int, int]:
    """Add the runs of the block that begins at ``low``; those that go on from the block before are one with it.

    ``reaching`` holds the runs, by their shift, that reach the end of that block; returned are those of this one.
    """
    import numpy as np

    second, shift, last, near = block
    still: dict[int, int] = {}
    is_new = np.ones(len(second), bool)
    for at in range(int(second.searchsorted(low, side="right")) if reaching else 0):
        run = reaching.get(int(shift[at]))
        if run is not None:
            is_new[at] = False
            columns[2][run] = int(last[at])
            columns[3][run] |= int(near[at])
            if last[at] == low + _BLOCK - 1:
                still[int(shift[at])] = run
    if not is_new.all():
        second, shift, last, near = block = block[:, is_new]
    for at in np.flatnonzero(last == low + _BLOCK - 1).tolist():
        still[int(shift[at])] = len(columns[0]) + at
    for column, values in zip(columns, block, strict=True):
        column.frombytes(values.astype(f"={column.typecode}").tobytes())
    return still


def _runs_of(links: np.ndarray) -> np.ndarray:
    """The runs of one block, sorted by ``second``, then by the first place: their second place, their shift, the
    second place of their last link, and 1 if any is near."""
    import numpy as np

    if not len(links):
        return np.zeros((4, 0), np.int64)
    links.sort()
    is_near = links & 1
    links >>= 1
    is_begin = np.ones(len(links) + 1, bool)
    np.not_equal(links[1:] - links[:-1], 1, out=is_begin[1:-1])
    borders = is_begin.nonzero()[0]
    begins, ends = borders[:-1], borders[1:] - 1
    near = np.bitwise_or.reduceat(is_near, begins)
    low = np.int64(2**_PLACE - 1)
    second, last, shift = links[begins] & low, links[ends] & low, links[begins] >> _PLACE
    order = ((second << _PLACE) | (second - shift)).argsort()
    return np.array((second, shift, last, near))[:, order]


_PLACE = 32
"""Bits of a position in a packed link."""


def _links(windows: Windows, low: int) -> np.ndarray:
    """The links of one block, unordered, each as one number: shift, second position, and 1 for a near one."""
    import numpy as np

    back, origin = windows.back, windows.origin
    second = first = back[low : low + _BLOCK].nonzero()[0] + low
    links = []
    for rank in range(LAST + FIRST):
        step = back[first]
        if rank:
            has_more = step > 0
            second, first, step = second[has_more], first[has_more], step[has_more]
        if not len(second):
            break
        first = first - step
        if rank < LAST:
            links.append(_link(first, second, 1))
            continue
        earliest = origin[second]
        for _ in range(rank - LAST):
            earliest = origin[earliest]
        links.append(_link(earliest, second, 0))
    return np.concatenate(links) if links else second


def _link(first: np.ndarray, second: np.ndarray, near: int) -> np.ndarray:
    shift = second - first
    packed = (shift << (_PLACE + 1)) | (second << 1) | near
    apart: np.ndarray = packed[shift >= MIN_SHIFT]
    return apart


def _maximal(letters: str, codes: np.ndarray, runs: _Runs) -> np.ndarray:
    """Runs as maximal matches. Most end where their links end; the others are extended."""
    import numpy as np

    limit = MAX_WORK * len(letters)
    is_kept = np.ones(len(runs.second), bool)
    open_ones = _open_ones(codes, runs)
    if len(open_ones) > _MANY_OPEN:
        is_known = _extended_together(codes, runs, open_ones)
        _leave_one_each(runs, open_ones[is_known], is_kept)
        open_ones = open_ones[~is_known]
    _extended_one_by_one(letters, runs, open_ones, is_kept, limit)
    if runs.length.sum(dtype=np.int64) > limit:
        _keep_within(runs, is_kept, limit)
    if not letters.isascii():  # a window of other letters is a hash, which proves nothing
        _keep_true(codes, runs, is_kept)
    return _rows(runs, is_kept)


_MANY_OPEN = 24
"""Runs from which extending all of them together is cheaper."""


def _open_ones(codes: np.ndarray, runs: _Runs) -> np.ndarray:
    """Indexes of the runs whose letters go on being equal before their first link or after their last."""
    import numpy as np

    parts = []
    for start in range(0, max(1, len(runs.second)), _BLOCK):
        second, shift, length, _ = (column[start : start + _BLOCK] for column in runs)
        first, end = second - shift, second + length
        after = np.minimum(end, len(codes) - 1)
        is_open = (codes[after] == codes[after - shift]) & (end < len(codes))
        is_open |= (codes[first - 1] == codes[second - 1]) & (first > 0)
        parts.append(is_open.nonzero()[0] + start)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _extended_together(codes: np.ndarray, runs: _Runs, open_ones: np.ndarray) -> np.ndarray:
    """Extend runs to maximal matches, a few letters more for all of them at each step. A match comes once for each of
    its runs. For each whether that is done; those of matches of ``_MAX_STEPS`` letters are left as they are."""
    import numpy as np

    is_known = np.ones(len(open_ones), bool)
    words = _Words(codes)
    for start in range(0, len(open_ones), _BLOCK):
        some = open_ones[start : start + _BLOCK]
        second, shift, length, _ = (column[some] for column in runs)
        ahead = words.equal_from(second - shift + length, second + length)
        behind = words.equal_before(second - shift, second)
        known = behind + length + ahead < _MAX_STEPS  # the same for all runs of one match
        is_known[start : start + _BLOCK] = known
        runs.second[some[known]] -= behind[known]
        runs.length[some[known]] += (ahead + behind)[known]
    return is_known


_MAX_STEPS = 48


class _Words:
    """The letters from each place of a text on as one number: eight that are ASCII, or two of any kind."""

    def __init__(self, codes: np.ndarray) -> None:
        import numpy as np

        size = codes.itemsize
        self._width = width = 8 // size
        padded = np.full(len(codes) + 3 * width, -1, f"<i{size}")  # equal to no letter
        padded[width : width + len(codes)] = codes.astype(f"<u{size}", copy=False).view(f"<i{size}")
        self._from = np.ndarray(len(codes) + 2 * width, "<u8", padded, strides=(size,))
        self._limits = np.uint64(1) << np.arange(0, 64, 8 * size, dtype=np.uint64)

    def equal_from(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """How many letters, ``_MAX_STEPS`` or a few more at the most, are equal from two places on."""
        return self._equal(first + self._width, second + self._width, 1)

    def equal_before(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The same right before two places."""
        return self._equal(first, second, -1)

    def _equal(self, first: np.ndarray, second: np.ndarray, step: int) -> np.ndarray:
        import numpy as np

        width = self._width
        equal = np.zeros(len(first), np.int32)
        left = np.arange(len(first))
        for _ in range(0, _MAX_STEPS, width):
            differing = self._from[first] ^ self._from[second]
            if step > 0:
                differing &= -differing  # the lowest bit, which is in the first letter that differs
            above = self._limits.searchsorted(differing, side="right")
            count = (above - 1) % (width + 1) if step > 0 else width - above
            equal[left] += count
            left = (
                np.flatnonzero(count == width) if len(left) == len(equal) else left[count == width]
            )
            if not len(left):
                break
            on = count == width
            first, second = first[on] + step * width, second[on] + step * width
        return equal


def _leave_one_each(runs: _Runs, extended: np.ndarray, is_kept: np.ndarray) -> None:
    """Keep of equal matches the earliest; it is near if any of them is."""
    import numpy as np

    if not len(extended):
        return
    second = runs.second[extended].astype(np.int64)
    keys = (second << _PLACE) | (second - runs.shift[extended])
    by_key = keys.argsort(kind="stable")
    begins = begins_of(keys[by_key])
    by_key = extended[by_key]
    near = np.logical_or.reduceat(runs.near[by_key], begins)
    earliest = by_key[begins]
    is_kept[extended] = False
    is_kept[earliest] = True
    runs.near[earliest] = near


def _extended_one_by_one(
    letters: str, runs: _Runs, open_ones: np.ndarray, is_kept: np.ndarray, limit: int
) -> None:
    """Extend runs to maximal matches in the order of the plain path, so that a cap on the work cuts off the same:
    what lies beyond it, or in a match that is there already, is not kept."""
    import numpy as np

    if not len(open_ones):
        return
    is_kept[open_ones] = False
    spent = np.cumsum(np.where(is_kept, runs.length, 0), dtype=np.int64)
    covered: dict[int, int] = {}
    work = 0
    for start in range(0, len(open_ones), _BLOCK):
        some = open_ones[start : start + _BLOCK]
        columns = [column[some].tolist() for column in (*runs, spent)]
        for at, second, shift, length, near, before in zip(some.tolist(), *columns, strict=True):
            if covered.get(shift, -1) > second or (not near and before + work > limit):
                continue
            first = second - shift
            ahead = common_length(letters, first + length, second + length)
            behind = common_length_back(letters, first, second)
            runs.second[at], runs.length[at] = second - behind, behind + length + ahead
            covered[shift] = second + length + ahead
            work += behind + length + ahead
            runs.near[at] = is_kept[at] = True


def _keep_within(runs: _Runs, is_kept: np.ndarray, limit: int) -> None:
    """Beyond the limit on the work, in the order of the plain path, keep only matches with a near link."""
    import numpy as np

    spent = 0
    for start in range(0, len(is_kept), _BLOCK):
        block = slice(start, start + _BLOCK)
        own = np.where(is_kept[block], runs.length[block], 0)
        sums = np.cumsum(own, dtype=np.int64) + spent
        is_kept[block] &= runs.near[block] | (sums - own <= limit)
        spent = int(sums[-1])


def _keep_true(codes: np.ndarray, runs: _Runs, is_kept: np.ndarray) -> None:
    """Keep matches that begin with equal letters, as many as the shortest window has."""
    import numpy as np

    offsets = np.arange(runs.length[is_kept].min(initial=WINDOW), dtype=np.int32)[:, None]
    for start in range(0, len(is_kept), _BLOCK):
        second, shift, *_ = (column[start : start + _BLOCK] for column in runs)
        at = np.minimum(second + offsets, len(codes) - 1)
        is_kept[start : start + _BLOCK] &= (codes[at - shift] == codes[at]).all(axis=0)


def _rows(runs: _Runs, is_kept: np.ndarray) -> np.ndarray:
    """First and second place and length of the matches that are kept, by their second place."""
    import numpy as np

    kept = is_kept.nonzero()[0]
    keys = runs.second[kept].astype(np.int64)
    keys = (keys << _PLACE) | (keys - runs.shift[kept])
    if (keys[1:] < keys[:-1]).any():
        kept = kept[keys.argsort(kind="stable")]
    del keys
    rows = np.empty((len(kept), 3), np.int32)
    rows[:, 1] = runs.second[kept]
    rows[:, 2] = runs.length[kept]
    rows[:, 0] = rows[:, 1] - runs.shift[kept]
    return rows
