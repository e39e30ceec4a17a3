"""Letters -> places where the same letters stand twice: cheap, complete for what is long enough, may be chance.

A window is the letters from one position on until their weight reaches ``WINDOW``. Windows that occur again
are linked to a bounded number of earlier occurrences, and each link is extended to a maximal match, so the
work stays linear however often a phrase recurs. Two implementations of one meaning: plain Python for a small
pipe, numpy for all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.speed import prefers_arrays

if TYPE_CHECKING:
    import numpy as np

WINDOW = 10
"""Weight of a window. Eight cost 27 % more and find nothing more; thirteen overlook half-matches."""
_FIRST, _LAST = 2, 3
"""Earlier occurrences a window is linked to: the first ones (a canonical copy) and the nearest ones."""


MIN_SHIFT = 16
"""Letters between two occurrences that can be two passages; what repeats faster is one word or sound."""
MAX_WORK = 12
"""Letters that extending may compare, per letter of the text. A text that is one period over and over would
need the square; beyond this only the nearest occurrences are linked."""
_PERIODS = range(1, 6)
"""Letters after which a monotonous window begins again."""


class Match(NamedTuple):
    """The same ``length`` letters stand at ``first`` and at ``second``; ``first < second``."""

    first: int
    second: int
    length: int


class Crowded(Exception):
    """More of a text repeats than can be looked at in bounded time and memory."""


MAX_AGAIN = 1 << 25
"""Windows that occur again, in one text: a passage of 16 million letters that stands twice is still found."""


def matches(letters: str, weights: Sequence[int] | None) -> list[Match] | np.ndarray:
    """All maximal matches that hold a linked window, sorted by ``second``, then ``first``.

    A list, or where numpy is in use an array with the three numbers of a match in each row. Raises ``Crowded``
    beyond ``MAX_AGAIN``.
    """
    if prefers_arrays(len(letters)):
        return rows(letters, weights)
    return plain_matches(letters, weights)


def plain_matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """``matches`` in plain Python."""
    return _maximal(letters, _plain_links(letters, weights))


class Link(NamedTuple):
    """Two positions with equal windows."""

    first: int
    second: int
    is_near: bool
    """Whether ``first`` is one of the nearest earlier occurrences; these are few whatever the text."""


def _plain_links(letters: str, weights: Sequence[int] | None) -> Iterator[Link]:
    """Links by the later position, from far to near."""
    windows = _windows(letters, weights)
    if len(set(windows)) == len(windows):
        return
    once: set[str] = set()
    again = {window for window in windows if window in once or once.add(window)}  # type: ignore[func-returns-value]
    if weights is None:
        again = {window for window in again if not _is_monotonous(window)}
    seen: dict[str, list[int]] = {}
    for second, window in enumerate(windows):
        if window not in again:
            continue
        earlier = seen.setdefault(window, [])
        far = len(earlier) - _LAST
        for rank, first in enumerate(earlier):
            yield Link(first, second, rank >= far)
        earlier.append(second)
        if len(earlier) > _FIRST + _LAST:
            del earlier[_FIRST]


def _is_monotonous(window: str) -> bool:
    """Whether a few letters come over and over: ``aaaa``, ``haha``, ``lalala``."""
    if len(set(window)) > len(_PERIODS):  # most windows, at once
        return False
    return any(window[period:] == window[:-period] for period in _PERIODS)


def _windows(letters: str, weights: Sequence[int] | None) -> list[str]:
    if weights is None:
        return [letters[start : start + WINDOW] for start in range(len(letters) - WINDOW + 1)]
    windows = []
    count, end = len(letters), 0
    for start in range(count):
        while end <= count and (end < start or weights[end] - weights[start] < WINDOW):
            end += 1
        if end > count:
            break
        windows.append(letters[start:end])
    return windows


def _maximal(letters: str, links: Iterator[Link]) -> list[Match]:
    """Extend each link in both directions, once per match: a diagonal remembers how far it is covered."""
    covered: dict[int, int] = {}
    found = []
    work = MAX_WORK * len(letters)
    for first, second, is_near in links:
        shift = second - first
        if shift < MIN_SHIFT or covered.get(shift, -1) > second or (work < 0 and not is_near):
            continue
        match = _extended(letters, first, second)
        covered[shift] = match.second + match.length
        work -= match.length
        found.append(match)
    found.sort(key=lambda match: (match.second, match.first))
    return found


def _extended(letters: str, first: int, second: int) -> Match:
    ahead, behind = (
        _common_length(letters, first, second),
        _common_length_back(letters, first, second),
    )
    return Match(first - behind, second - behind, ahead + behind)


def _common_length(letters: str, first: int, second: int) -> int:
    """How many letters are equal from two positions on; ``first < second``."""
    return _equal_letters(letters, first, second, len(letters) - second, 32)


def _common_length_back(letters: str, first: int, second: int) -> int:
    """How many letters are equal right before two positions; ``first < second``."""
    return _equal_letters(letters, first, second, first, 1, is_back=True)


def _equal_letters(
    letters: str, first: int, second: int, limit: int, step: int, *, is_back: bool = False
) -> int:
    """How many letters, at most ``limit``, are equal; ``step`` are compared first, then more and more."""
    length = 0
    while length < limit:
        size = min(step, limit - length)
        shift = -length - size if is_back else length
        one, two = first + shift, second + shift
        if letters[one : one + size] == letters[two : two + size]:
            length += size
            step *= 2
        elif size == 1:
            break
        else:
            step = max(1, size // 4)
    return length


def array_matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """``matches`` over numpy arrays, as a list."""
    return [Match(*row) for row in rows(letters, weights).tolist()]


def rows(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """``matches`` over numpy arrays: one match a row."""
    import numpy as np

    windows = _array_windows(letters, weights)
    runs = _runs(windows) if windows else None
    if not windows or not runs:
        return np.zeros((0, 3), np.int64)
    return _array_maximal(letters, windows.codes, runs)


class _Windows(NamedTuple):
    """The windows that occur again, equal ones next to each other and each group by position."""

    codes: np.ndarray
    """A number for each letter of the text; equal numbers, equal letters."""
    places: np.ndarray
    begins: np.ndarray
    """Index in ``places`` of the first window of each group."""
    ends: np.ndarray | None
    """The letter after each window of the text, by position; None: all are ``WINDOW`` letters long."""


def _array_windows(letters: str, weights: Sequence[int] | None) -> _Windows | None:
    """None if no window occurs again."""
    import numpy as np

    codes = _codes(letters, weights)
    ends, parts = None, 1
    if weights is not None:
        sums = np.asarray(weights, np.int64)
        ends = np.searchsorted(sums, sums[:-1] + WINDOW)
        ends = ends[: np.searchsorted(ends, len(codes), side="right")]
    else:
        while len(codes) > parts * _PART and parts < _MAX_PARTS:
            parts *= 2
    places, values = [], []
    for part in range(parts):
        if ends is None:
            some, of_some = _part(codes, part, parts)
        else:
            some, of_some = np.arange(len(ends)), _weighted(codes.astype(np.uint64), ends)
        again = _equal_ones(of_some)
        places.append(some[again])
        values.append(of_some[again])
        if sum(map(len, places)) > MAX_AGAIN:
            raise Crowded
    if sum(map(len, places)) < 2:
        return None
    return _Windows(codes, np.concatenate(places), _begins(np.concatenate(values)), ends)


_PART = 1 << 20
_MAX_PARTS = 32
"""Windows that are compared at once: of a long text those whose numbers fall into one part of many, and then
the next part, so that memory does not grow with eight times the letters and more."""
_BLOCK = 1 << 18


def _codes(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """A number for each letter: in six bits, if they are ASCII."""
    import numpy as np

    if weights is None and letters.isascii():
        small = letters.encode().translate(_SIX_BITS)
        if _OTHER not in small:
            return np.frombuffer(small, np.uint8)
    return np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)


def _part(codes: np.ndarray, part: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and numbers of the windows of one part; monotonous ones are in none."""
    import numpy as np

    base = 64 if codes.dtype == np.uint8 else _ODD
    places, values = [], []
    for start in range(0, max(1, len(codes) - WINDOW + 1), _BLOCK):
        block = codes[start : start + _BLOCK + WINDOW - 1]
        numbers = _packed(block.astype(np.uint64), base)
        wanted = ~_monotonous(block)
        if parts > 1:
            wanted &= (numbers * np.uint64(_ODD) >> np.uint64(32)) & np.uint64(parts - 1) == part
        at = np.flatnonzero(wanted)
        places.append(at + start)
        values.append(numbers[at])
    return np.concatenate(places), np.concatenate(values)


_OTHER = 63
_SIX_BITS = bytes(
    code - 48 if 48 <= code <= 57 else code - 87 if 97 <= code <= 122 else _OTHER
    for code in range(256)
)
"""ASCII letters and digits in six bits: ten of them fit into one number, which then is the window itself."""
_ODD = 0x9E3779B97F4A7C15


def _packed(codes: np.ndarray, base: int) -> np.ndarray:
    """For each window of ``WINDOW`` letters the number they write to ``base``, modulo 2**64."""
    import numpy as np

    if len(codes) < WINDOW:
        return np.zeros(0, np.uint64)
    once, twice, fourfold = (np.uint64(pow(base, power, 2**64)) for power in (1, 2, 4))
    two = codes[:-1] * once + codes[1:]
    four = two[:-2] * twice + two[2:]
    eight = four[:-4] * fourfold + four[4:]
    ten: np.ndarray = eight[:-2] * twice + two[8:]
    return ten


def _weighted(codes: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The same for windows that end where ``ends`` says; windows of different lengths differ."""
    import numpy as np

    lengths = ends - np.arange(len(ends))
    values = np.zeros(len(ends), np.uint64)
    for offset in range(int(lengths.max(initial=0))):
        inside = np.flatnonzero(lengths > offset)
        values[inside] = (values[inside] + codes[inside + offset] + np.uint64(1)) * np.uint64(_ODD)
    return values


def _equal_ones(values: np.ndarray) -> np.ndarray:
    """Indexes of the values that occur again: equal ones next to each other, in each group ascending."""
    import numpy as np

    found = _suspects(values)
    if len(found) < 2:
        return np.zeros(0, np.int64)
    found = found[values[found].argsort(kind="stable")]
    ordered = values[found]
    again: np.ndarray = found[_either(ordered[1:] == ordered[:-1])]
    return again


def _suspects(values: np.ndarray) -> np.ndarray:
    """Indexes of all values that occur again and of a few others: those whose place in a table is taken twice.

    Of unrelated text one window in sixteen is left, and only these are sorted.
    """
    import numpy as np

    count = len(values)
    bits = max(8, ((_ROOM if count < 2**16 else 1) * count).bit_length())
    places = ((values * np.uint64(_ODD)) >> np.uint64(64 - bits)).view(np.int64)
    indexes = np.arange(count, dtype=np.uint16 if count < 2**16 else np.uint32)
    last = np.empty(2**bits, indexes.dtype)
    last[places] = indexes
    taken = places[last[places] != indexes]
    if not len(taken):
        return np.zeros(0, np.int64)
    is_taken = np.zeros(2**bits, bool)
    is_taken[taken] = True
    return np.flatnonzero(is_taken[places])


_ROOM = 8
"""Places of that table for each value, at least, while it is small."""


def _either(links: np.ndarray) -> np.ndarray:
    """For each of a row of things whether it is linked to the one before or the one after."""
    import numpy as np

    linked = np.zeros(len(links) + 1, bool)
    linked[1:] = links
    linked[:-1] |= links
    return linked


def _begins(values: np.ndarray) -> np.ndarray:
    """Indexes at which a group of equal values begins."""
    import numpy as np

    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def _monotonous(codes: np.ndarray) -> np.ndarray:
    """For each window whether a few letters come over and over in it."""
    import numpy as np

    count = max(0, len(codes) - WINDOW + 1)
    found = np.zeros(count, bool)
    for period in _PERIODS:
        if not count or 2 * period in _PERIODS:
            continue  # what begins again after two letters does so after four
        equal = codes[period:] == codes[:-period]
        all_equal = equal[:count].copy()
        for offset in range(1, WINDOW - period):
            all_equal &= equal[offset : offset + count]
        found |= all_equal
    return found


class _Runs(NamedTuple):
    """Links that follow each other on one diagonal, as columns in the order of the first link of each."""

    second: np.ndarray
    shift: np.ndarray
    length: np.ndarray
    """Letters from the first window's start to the last one's end."""
    near: np.ndarray
    """Whether any of the links is a near one."""


def _runs(windows: _Windows) -> _Runs | None:
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


def _links(windows: _Windows) -> np.ndarray:
    """All links, unordered, each as one number: shift, second position, and 1 for a near one."""
    import numpy as np

    places, begins = windows.places, windows.begins
    sizes = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=sizes[:-1])
    sizes[-1] = len(places) - begins[-1]
    first_of = begins.repeat(sizes)
    rank = np.arange(len(places)) - first_of
    pairs = [(back, 1) for back in range(1, _LAST + 1)]
    pairs += [(ahead, 0) for ahead in range(_FIRST)]
    counts = np.bincount(np.minimum(rank, _FIRST + _LAST), minlength=_FIRST + _LAST + 1)
    links = np.empty(int((counts * np.arange(len(counts))).sum()), np.int64)
    used = 0
    for step, near in pairs:
        at = (rank >= step if near else rank > step + _LAST).nonzero()[0]
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
    begins = _begins(keys[by_key])
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
        ahead = _common_length(letters, first + length, second + length)
        behind = _common_length_back(letters, first, second)
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
