"""Letters -> places where the same letters stand twice: cheap, complete for what is long enough, may be chance.

A window is the letters from one position on until their weight reaches ``WINDOW``. Windows that occur again
are linked to a bounded number of earlier occurrences, and each link is extended to a maximal match, so the
work stays linear however often a phrase recurs. Two implementations of one meaning: plain Python for a small
pipe, numpy for all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.matching import (
    FIRST,
    LAST,
    MAX_WORK,
    PERIODS,
    common_length,
    common_length_back,
)
from dedup.engine.matching import MIN_SHIFT as MIN_SHIFT
from dedup.engine.matching import WINDOW as WINDOW
from dedup.engine.matching import Crowded as Crowded
from dedup.engine.matching import Match as Match
from dedup.engine.speed import prefers_arrays

if TYPE_CHECKING:
    import numpy as np


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
        return iter(())
    once: set[str] = set()
    again = {window for window in windows if window in once or once.add(window)}  # type: ignore[func-returns-value]
    if weights is None:
        again = {window for window in again if not _is_monotonous(window)}
    return _links((place, window) for place, window in enumerate(windows) if window in again)


def _links(windows: Iterable[tuple[int, str]]) -> Iterator[Link]:
    """Links between windows, each with its place, in order."""
    seen: dict[str, list[int]] = {}
    for second, window in windows:
        earlier = seen.setdefault(window, [])
        far = len(earlier) - LAST
        for rank, first in enumerate(earlier):
            yield Link(first, second, rank >= far)
        earlier.append(second)
        if len(earlier) > FIRST + LAST:
            del earlier[FIRST]


def _is_monotonous(window: str) -> bool:
    """Whether a few letters come over and over: ``aaaa``, ``haha``, ``lalala``."""
    if len(set(window)) > len(PERIODS):  # most windows, at once
        return False
    return any(window[period:] == window[:-period] for period in PERIODS)


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
        common_length(letters, first, second),
        common_length_back(letters, first, second),
    )
    return Match(first - behind, second - behind, ahead + behind)


def array_matches(letters: str, weights: Sequence[int] | None) -> list[Match]:
    """``matches`` by numpy, as a list."""
    found = rows(letters, weights)
    return found if isinstance(found, list) else [Match(*row) for row in found.tolist()]


def rows(letters: str, weights: Sequence[int] | None) -> list[Match] | np.ndarray:
    """``matches`` by numpy: one match a row, but where hardly a window occurs again a list, which is cheaper."""
    from dedup.engine import diagonals, windows

    found = windows.windows_again(letters, weights, FEW)
    if isinstance(found, windows.Windows):
        return diagonals.matches(letters, found)
    return _maximal(letters, _links((place, letters[place:stop]) for place, stop in found))


FEW = 64
"""Windows that occur again up to which plain Python is cheaper."""
