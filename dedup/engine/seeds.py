"""Letters -> places where the same letters stand twice: cheap, complete for what is long enough, may be chance.

A window is the letters from one position on until their weight reaches ``WINDOW``. Windows that occur again
are linked to a bounded number of earlier occurrences, and each link is extended to a maximal match, so the
work stays linear however often a phrase recurs. Two implementations of one meaning: plain Python for a small
pipe, numpy beyond ``PLAIN_LIMIT`` letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

WINDOW = 10
"""Weight of a window. Eight cost 27 % more and find nothing more; thirteen overlook half-matches."""
PLAIN_LIMIT = 100_000
"""Letters up to which importing numpy costs more than it saves."""
_FIRST, _LAST = 2, 3
"""Earlier occurrences a window is linked to: the first ones (a canonical copy) and the nearest ones."""


MIN_SHIFT = 16
"""Letters between two occurrences that can be two passages; what repeats faster is one word or sound."""
MAX_WORK = 64
"""Letters that extending may compare, per letter of the text. A text that is one short period over and over
would need the square; beyond this only near occurrences are linked."""


class Match(NamedTuple):
    """The same ``length`` letters stand at ``first`` and at ``second``; ``first < second``."""

    first: int
    second: int
    length: int


def matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """All maximal matches that hold a linked window, sorted by ``second``, then ``first``."""
    if len(letters) <= PLAIN_LIMIT:
        return plain_matches(letters, weights)
    return array_matches(letters, weights)


def plain_matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """``matches`` in plain Python."""
    return _maximal(letters, _plain_links(letters, weights))


def array_matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """``matches`` over numpy arrays."""
    return _maximal(letters, _array_links(letters, weights))


def _plain_links(letters: str, weights: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    """Pairs of positions with equal windows, by the later one."""
    windows = _windows(letters, weights)
    once: set[str] = set()
    again = {window for window in windows if window in once or once.add(window)}  # type: ignore[func-returns-value]
    if not again:
        return
    seen: dict[str, list[int]] = {}
    for second, window in enumerate(windows):
        if window not in again:
            continue
        earlier = seen.setdefault(window, [])
        for first in earlier:
            yield first, second
        earlier.append(second)
        if len(earlier) > _FIRST + _LAST:
            del earlier[_FIRST]


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


def _maximal(letters: str, links: Iterator[tuple[int, int]]) -> list[Match]:
    """Extend each link in both directions, once per match: a diagonal remembers how far it is covered."""
    covered: dict[int, int] = {}
    found = []
    work = MAX_WORK * len(letters)
    for first, second in links:
        shift = second - first
        if shift < MIN_SHIFT or covered.get(shift, -1) > second:
            continue
        if work < 0 and shift > len(letters) // 64:
            continue
        ahead = _common_length(letters, first, second)
        behind = 0
        while behind < first and letters[first - behind - 1] == letters[second - behind - 1]:
            behind += 1
        covered[shift] = second + ahead
        work -= ahead
        found.append(Match(first - behind, second - behind, ahead + behind))
    found.sort(key=lambda match: (match.second, match.first))
    return found


def _common_length(letters: str, first: int, second: int) -> int:
    """How many letters are equal from two positions on; ``first < second``."""
    length, step, limit = 0, 32, len(letters) - second
    while length < limit:
        size = min(step, limit - length)
        if (
            letters[first + length : first + length + size]
            == letters[second + length : second + length + size]
        ):
            length += size
            step *= 2
        elif size == 1:
            break
        else:
            step = max(1, size // 4)
    return length


def _array_links(letters: str, weights: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    import numpy as np

    hashes = _window_hashes(letters, weights)
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[begins, len(ordered)])
    rank = np.arange(len(ordered)) - np.repeat(begins, sizes)
    first_of = np.repeat(begins, sizes)
    pairs = []
    for back in range(1, _LAST + 1):
        at = np.flatnonzero(rank >= back)
        pairs.append((order[at - back], order[at]))
    for ahead in range(_FIRST):
        at = np.flatnonzero(rank > ahead + _LAST)
        pairs.append((order[first_of[at] + ahead], order[at]))
    firsts = np.concatenate([pair[0] for pair in pairs])
    seconds = np.concatenate([pair[1] for pair in pairs])
    yield from _run_starts(firsts, seconds, letters)


def _run_starts(firsts: np.ndarray, seconds: np.ndarray, letters: str) -> Iterator[tuple[int, int]]:
    """Of links in a row on one diagonal only the first: ``_maximal`` covers the others."""
    import numpy as np

    shifts = seconds - firsts
    by_diagonal = np.lexsort((seconds, shifts))
    shifts, seconds = shifts[by_diagonal], seconds[by_diagonal]
    starts = np.r_[True, (np.diff(shifts) != 0) | (np.diff(seconds) != 1)] if len(shifts) else []
    for shift, second in zip(shifts[starts].tolist(), seconds[starts].tolist(), strict=True):
        first = second - shift
        if letters[first] == letters[second]:  # a collision of hashes proves nothing
            yield first, second


def _window_hashes(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """A 64-bit polynomial hash of the window at each position."""
    import numpy as np

    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    base = np.uint64(0x9E3779B97F4A7C15)
    if weights is None:
        starts = np.arange(max(0, len(codes) - WINDOW + 1))
        ends = starts + WINDOW
    else:
        sums = np.asarray(weights, np.int64)
        ends = np.searchsorted(sums, sums[:-1] + WINDOW)
        starts = np.flatnonzero(ends <= len(codes))
        ends = ends[starts]
    hashes = np.zeros(len(starts), np.uint64)
    for offset in range(WINDOW):
        inside = starts + offset < ends
        if not inside.any():
            break
        at = np.minimum(starts + offset, len(codes) - 1)
        hashes = np.where(inside, (hashes + codes[at] + np.uint64(1)) * base, hashes)
        hashes ^= np.where(inside, hashes >> np.uint64(29), np.uint64(0))
    return hashes
