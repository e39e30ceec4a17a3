"""Claims -> what goes: which side of a repeat gives up its units.

Copies hang on text that stays, never on each other: a unit goes only while its twin stays, and a twin, once
something hangs on it, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from dedup.engine.claims import Claim, Part
from dedup.engine.passages import Repeat

_LINE = 80
"""Letters below which it does not matter where one of many equal units stands."""


class Removal(NamedTuple):
    """A claim that won, with those of its parts that go."""

    claim: Claim
    parts: tuple[Part, ...]
    confidence: float


def choose(
    judged: Sequence[tuple[Claim, float]],
    size: int,
    prefers: Callable[[Claim, Claim], bool],
    accepts: Callable[[Claim, Sequence[Part]], bool],
    is_locked: bytearray,
    *,
    may_swap: bool,
) -> list[Removal]:
    """What goes, from claims with their confidence (all of them good enough).

    ``size`` is the number of letters; ``prefers(a, b)`` says whether of two sides of one repeat the first
    should go; ``accepts`` has the last word on the parts that are left of a claim; letters in ``is_locked``
    stay; ``may_swap``: what of that side cannot go, because something else hangs on it, the other one may give up.
    The order is by evidence: claims whose twins nobody else wants to remove come first.
    """
    losers, others = _sides(judged, prefers)
    state = _State(size, is_locked)
    removals: list[Removal] = []
    again = _ordered(others, size) if may_swap else []
    for claim, confidence in chain(_ordered(losers, size), again):
        parts = tuple(part for part in map(state.standing, claim.parts) if part)
        if not parts or not (
            accepts(claim, parts) or accepts(claim, state.with_agreeing(claim, parts))
        ):
            continue
        removals.append(Removal(claim, state.without(parts), confidence))
    return [
        removal._replace(parts=tuple(map(state.settled, removal.parts))) for removal in removals
    ]


class _State:
    """Which letters go and which must stay, while removals are chosen."""

    def __init__(self, size: int, is_locked: bytearray) -> None:
        self._removed, self._locked = bytearray(size), bytearray(is_locked)
        self._held: set[tuple[int, int]] = set()
        """Stretches that only have to stay because exactly they are the twins of something: in ``_locked`` they
        are 2, everything else that stays is 1."""
        self._moved: dict[tuple[int, int], tuple[int, int]] = {}
        """For a line that goes and has an equal one that stays: where that one stands."""

    def standing(self, part: Part) -> Part | None:
        """The part if it can go, opposite to what stays; None if it cannot.

        Of equal lines one is enough: where the twin goes for an equal one, that is the twin now, and what hangs
        on the part hangs on the part's twin from then on. Longer units stay: the text has an order.
        """
        start, end = part.start, part.end
        if self._removed.find(1, start, end) >= 0 or self._locked.find(1, start, end) >= 0:
            return None
        is_held = self._locked.find(2, start, end) >= 0
        if is_held and not (_is_line(part) and (start, end) in self._held):
            return None
        twin = self.final((part.twin, part.twin_end))
        if twin == (start, end) or self._removed.find(1, *twin) >= 0:
            return None
        return part._replace(twin=twin[0], twin_end=twin[1])

    def settled(self, part: Part) -> Part:
        """A part that goes, with the twin that stays in the end."""
        twin, twin_end = self.final((part.twin, part.twin_end))
        return part._replace(twin=twin, twin_end=twin_end)

    def final(self, twin: tuple[int, int]) -> tuple[int, int]:
        """Where an equal of a twin stands in the end, if the twin itself goes."""
        while twin in self._moved:
            twin = self._moved[twin]
        return twin

    def with_agreeing(self, claim: Claim, parts: Iterable[Part]) -> tuple[Part, ...]:
        """``parts`` and those of the claim that are gone already while what stands opposite has to stay, or the other
        way round: another repeat says the same of them, or this one did for its other side."""
        agreeing = (
            part
            for part in claim.parts
            if self._agrees((part.start, part.end), (part.twin, part.twin_end))
            or self._agrees((part.twin, part.twin_end), (part.start, part.end))
        )
        return tuple(sorted((*parts, *agreeing)))

    def _agrees(self, gone: tuple[int, int], stays: tuple[int, int]) -> bool:
        """Whether one stretch is gone and the other, or its equal that stands for it, has to stay."""
        return self._removed.find(0, *gone) < 0 and self._locked.find(0, *self.final(stays)) < 0

    def without(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        """Take ``parts`` for gone, one after the other: what one hangs on cannot go with the next."""
        gone = []
        for part in parts:
            standing = self.standing(part)
            if standing:
                self._remove(standing)
                gone.append(standing)
        return tuple(gone)

    def _remove(self, part: Part) -> None:
        span, size = (part.start, part.end), part.end - part.start
        self._removed[part.start : part.end] = b"\1" * size
        self._locked[part.start : part.end] = bytes(size)
        self._held.discard(span)
        self._hold(part.twin, part.twin_end)
        if _is_line(part):
            self._moved[span] = part.twin, part.twin_end

    def _hold(self, start: int, end: int) -> None:
        if (start, end) in self._held and self._locked.find(1, start, end) < 0:
            return
        is_free = self._locked.find(1, start, end) < 0 > self._locked.find(2, start, end)
        self._locked[start:end] = (b"\2" if is_free else b"\1") * (end - start)
        if is_free:
            self._held.add((start, end))


def _is_line(part: Part) -> bool:
    return part.is_exact and part.end - part.start < _LINE


def _sides(
    judged: Sequence[tuple[Claim, float]], prefers: Callable[[Claim, Claim], bool]
) -> tuple[list[tuple[Claim, float]], list[tuple[Claim, float]]]:
    """Of each repeat the side that should go, and those that go only where that one cannot."""
    sides: dict[Repeat, list[tuple[Claim, float]]] = {}
    for claim, confidence in judged:
        sides.setdefault(claim.repeat, []).append((claim, confidence))
    losers, others = [], []
    for pair in sides.values():
        if len(pair) == 2 and prefers(pair[1][0], pair[0][0]):
            pair = pair[::-1]
        losers.append(pair[0])
        others += pair[1:]
    return losers, others


def _ordered(losers: list[tuple[Claim, float]], size: int) -> list[tuple[Claim, float]]:
    """Larger claims first, but those whose twin is itself claimed wait until the others are through."""
    by_size = sorted(
        losers, key=lambda item: (-item[0].matched, item[0].repeat.first, item[0].repeat.second)
    )
    claimed = bytearray(size)
    for claim, _ in by_size:
        for part in claim.parts:
            claimed[part.start : part.end] = b"\1" * (part.end - part.start)
    free: list[tuple[Claim, float]] = []
    waiting: list[tuple[Claim, float]] = []
    for item in by_size:
        twins = [(part.twin, part.twin_end) for part in item[0].parts]
        wanted = sum(claimed.count(1, start, end) for start, end in twins)
        contested = 2 * wanted > sum(end - start for start, end in twins)
        (waiting if contested else free).append(item)
    return free + waiting
