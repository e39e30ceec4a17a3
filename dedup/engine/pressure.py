"""Look-alike pressure: how much of the text that would stay half-matches other such text.

A document full of half-matches is a template, and what repeats in it repeats by design. A second version of a
page half-matches the first; it presses only as long as it is not itself taken for a copy.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from operator import and_, eq, sub

from dedup.engine.passages import Repeat
from dedup.engine.seeds import Match

_MIN_MATCHED = 20
_MIN_DENSITY, _MAX_DENSITY = 0.35, 0.93
"""Below, it is chance; above, a copy."""


class Pressure:
    """Counts over letters: which would stay (live), and how many half-matches of live text cover each."""

    def __init__(self, repeats: Iterable[Repeat], live: bytearray) -> None:
        """``live`` holds 1 for each letter that would stay, else 0; it is taken over."""
        self._live = live
        self._runs: list[Match] = []
        self._is_half = bytearray(len(live))
        for first, first_end, second, second_end, runs, matched in repeats:
            density = matched / max(first_end - first, second_end - second)
            if matched >= _MIN_MATCHED and _MIN_DENSITY <= density < _MAX_DENSITY:
                self._runs += [
                    run for run in runs if live[run[0] + run[2] // 2] and live[run[1] + run[2] // 2]
                ]
        for one, two, length in self._runs:
            self._is_half[one : one + length] = live[one : one + length]
            self._is_half[two : two + length] = live[two : two + length]
        self._gone = bytearray(len(self._runs))
        self._half_total = self._half(0, len(live))
        self._live_total = live.count(1)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """The middle letters of both ends of all runs, in order; and the numbers of the runs."""
        ends = [(run[0] + run[2] // 2, at) for at, run in enumerate(self._runs)]
        ends += [(run[1] + run[2] // 2, at) for at, run in enumerate(self._runs)]
        ends.sort()
        return [middle for middle, _ in ends], [number for _, number in ends]

    @cached_property
    def _cover(self) -> list[int]:
        """How many ends of runs cover each letter; the same when first asked for late, for whatever is gone by
        then has asked already."""
        stretches = ((run[side], run[side] + run.length) for run in self._runs for side in (0, 1))
        return list(levels(stretches, 0, len(self._live)))

    def without(self, start: int, end: int) -> float:
        """The pressure, 0.0-1.0, if the letters from ``start`` up to ``end`` went."""
        live = self._live_total - self._live.count(1, start, end)
        half = self._half_total - self._half(start, end)
        for low, high, levels in self._lost(self._touched(start, end), start, end):
            alone = map(eq, self._cover[low:high], levels)
            half -= bytes(map(and_, alone, self._live[low:high])).count(1)
        return half / live if live > 0 else 0.0

    def beside(self, repeat: Repeat) -> float:
        """The pressure but for what ``repeat`` itself covers: near enough for a small one, and cheap."""
        half = self._half_total
        half -= self._half(repeat.first, repeat.first_end)
        half -= self._half(repeat.second, repeat.second_end)
        return half / self._live_total if self._live_total else 0.0

    def remove(self, start: int, end: int) -> None:
        """Take the letters from ``start`` up to ``end`` for gone."""
        touched = self._touched(start, end)
        self._half_total -= self._half(start, end)
        self._live_total -= self._live.count(1, start, end)
        self._live[start:end] = self._is_half[start:end] = bytes(end - start)
        for low, high, levels in self._lost(touched, start, end):
            before = self._half(low, high)
            self._cover[low:high] = map(sub, self._cover[low:high], levels)
            left = map(and_, map(bool, self._cover[low:high]), self._live[low:high])
            self._is_half[low:high] = bytes(left)
            self._half_total -= before - self._half(low, high)
        for number in touched:
            self._gone[number] = 1

    def _half(self, start: int, end: int) -> int:
        """Live letters between two positions that half-match others."""
        return self._is_half.count(1, start, end)

    def _touched(self, start: int, end: int) -> set[int]:
        """Runs one end of which lies in a stretch, by their middle letters."""
        middles, numbers = self._ends
        low, high = bisect_left(middles, start), bisect_left(middles, end)
        return {number for number in numbers[low:high] if not self._gone[number]}

    def _lost(
        self, touched: Iterable[int], start: int, end: int
    ) -> Iterator[tuple[int, int, Iterator[int]]]:
        """Stretches outside the one given that ``touched`` runs cover, and how often each letter."""
        runs = [self._runs[number] for number in touched]
        ends = [(first, first + length) for first, _, length in runs]
        ends += [(second, second + length) for _, second, length in runs]
        pieces = [(low, high) for low, high in ends if high <= start or low >= end]
        pieces += [(low, start) for low, high in ends if low < start < high]
        pieces += [(end, high) for low, high in ends if low < end < high]
        pieces.sort()
        at = 0
        while at < len(pieces):
            low, high = pieces[at]
            last = at + 1
            while last < len(pieces) and pieces[last][0] <= high:
                high = max(high, pieces[last][1])
                last += 1
            yield low, high, levels(pieces[at:last], low, high)
            at = last


def levels(stretches: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[int]:
    """How many of ``stretches``, all between ``start`` and ``end``, cover each letter between these."""
    steps = [0] * (end - start + 1)
    for low, high in stretches:
        steps[low - start] += 1
        steps[high - start] -= 1
    return accumulate(steps[:-1])


class Cover:
    """How many of some stretches lie over each place."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        ends = list(zip(*stretches, strict=True)) or [(), ()]
        self._starts, self._ends = sorted(ends[0]), sorted(ends[1])

    def at_every(self, step: int, start: int, end: int) -> int:
        """The sum of these numbers over every ``step``th place from ``start`` up to ``end``."""
        places = (end - start + step - 1) // step
        return _passed(self._starts, step, start, end, places) - _passed(
            self._ends, step, start, end, places
        )


def _passed(ends: list[int], step: int, start: int, end: int, places: int) -> int:
    """For every ``step``th place from ``start`` up to ``end``, of which there are ``places``, how many ``ends`` are
    not behind it, together."""
    before = bisect_right(ends, start)
    within = bisect_left(ends, end, before)
    if before == within:
        return places * within
    late = sum([(at - start + step - 1) // step for at in ends[before:within]])
    return places * within - late
