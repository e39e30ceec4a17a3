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


class Link(NamedTuple):
    """Two positions with equal windows."""

    first: int
    second: int
    is_near: bool
    """Whether ``first`` is one of the nearest earlier occurrences; these are few whatever the text."""


def _plain_links(letters: str, weights: Sequence[int] | None) -> Iterator[Link]:
    """Links by the later position, from far to near."""
    windows = _windows(letters, weights)
    once: set[str] = set()
    again = {window for window in windows if window in once or once.add(window)}  # type: ignore[func-returns-value]
    if weights is None:
        again = {window for window in again if not _is_monotonous(window)}
    if not again:
        return
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
        ahead = _common_length(letters, first, second)
        behind = 0
        while behind < first and letters[first - behind - 1] == letters[second - behind - 1]:
            behind += 1
        covered[shift] = second + ahead
        work -= ahead + behind
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


def _array_links(letters: str, weights: Sequence[int] | None) -> Iterator[Link]:
    """The same links by numpy; of links in a row on one diagonal only the first, which covers the others."""
    import numpy as np

    positions, hashes = _window_hashes(letters, weights)
    order = np.argsort(hashes, kind="stable")
    ordered, places = hashes[order], positions[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[begins, len(ordered)])
    rank = np.arange(len(ordered)) - np.repeat(begins, sizes)
    first_of = np.repeat(begins, sizes)
    near = [
        (at - back, at) for back in range(1, _LAST + 1) for at in [np.flatnonzero(rank >= back)]
    ]
    far = [
        (first_of[at] + ahead, at)
        for ahead in range(_FIRST)
        for at in [np.flatnonzero(rank > ahead + _LAST)]
    ]
    links = np.concatenate([_run_starts(places, near, 1), _run_starts(places, far, 0)])
    # In the order of the plain path: what a cap cuts off must be the same.
    links = links[np.lexsort((links[:, 0], links[:, 1]))]
    for first, second, is_near in links.tolist():
        if letters[first] == letters[second]:  # a collision of hashes proves nothing
            yield Link(first, second, bool(is_near))


def _run_starts(
    places: np.ndarray, pairs: Sequence[tuple[np.ndarray, np.ndarray]], is_near: int
) -> np.ndarray:
    """Rows of first and second position and ``is_near``, one for links that follow each other on a diagonal."""
    import numpy as np

    firsts = places[np.concatenate([one for one, _ in pairs])]
    seconds = places[np.concatenate([two for _, two in pairs])]
    shifts = seconds - firsts
    by_diagonal = np.lexsort((seconds, shifts))
    firsts, seconds, shifts = firsts[by_diagonal], seconds[by_diagonal], shifts[by_diagonal]
    starts = np.ones(len(shifts), bool)
    starts[1:] = (np.diff(shifts) != 0) | (np.diff(seconds) != 1)
    kept = starts & (shifts >= MIN_SHIFT)
    rows: np.ndarray = np.c_[firsts[kept], seconds[kept], np.full(int(kept.sum()), is_near)]
    return rows


def _window_hashes(letters: str, weights: Sequence[int] | None) -> tuple[np.ndarray, np.ndarray]:
    """Positions whose window counts, and a 64-bit polynomial hash of each window."""
    import numpy as np

    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    base = np.uint64(0x9E3779B97F4A7C15)
    if weights is None:
        starts = np.flatnonzero(~_monotonous(codes))
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
    return starts, hashes


def _monotonous(codes: np.ndarray) -> np.ndarray:
    """For each window whether a few letters come over and over in it."""
    import numpy as np

    count = max(0, len(codes) - WINDOW + 1)
    found = np.zeros(count, bool)
    for period in _PERIODS:
        equal = np.r_[0, np.cumsum(codes[period:] == codes[:-period])]
        span = WINDOW - period
        np.logical_or(found, equal[span : span + count] - equal[:count] == span, out=found)
    return found
