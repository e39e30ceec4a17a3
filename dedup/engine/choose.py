"""Repeats -> claims -> what goes: which units one side could give up, and which side does.

Copies hang on text that stays, never on each other: a unit goes only while its twin stays, and a twin, once
something hangs on it, stays.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress, pairwise, product
from operator import itemgetter
from typing import NamedTuple

from dedup.engine.passages import Coverage, Repeat
from dedup.engine.speed import prefers_arrays
from dedup.engine.units import Units

_TOUCHED = 0.25
"""Share of a unit at the border of a repeat from which the rest of the unit counts as the side's own."""
_MOSTLY = 0.5
"""Share of a paragraph from which it is judged as one; below, each sentence speaks for itself."""
UNIT_COVERAGE = 0.5
"""Least share of a unit's letters that stands opposite; a proven run lends its units the rest."""
_END_COVERAGE = 0.65
"""The same for the first and the last unit of a repeat."""
_TOUCHING = 12
"""Letters, about two words, up to which two parts follow each other."""
_APART_COVERAGE = 0.8
"""The same where text that is no part lies between it and the rest."""
_LINE = 80
"""Letters below which it does not matter where one of many equal units stands."""
_NEW_SENTENCE = 13
"""Letters from which a sentence without a counterpart is not lost with its paragraph."""
_CHANCE = 0.33
"""Share of its letters that any sentence finds in any other."""
_NOVEL_SHARE = 0.15
_NOVEL_LETTERS = 10
"""Letters of a unit without any counterpart: more, and it is not a copy but new text."""


class Part(NamedTuple):
    """A unit that could go: its letters, and the letters opposite."""

    start: int
    end: int
    twin: int
    twin_end: int
    matched: int
    paragraph: int
    sentence: int
    """Index of the sentence in its paragraph, -1 for the whole paragraph."""

    @property
    def is_exact(self) -> bool:
        """Whether the letters opposite are the same and no others."""
        return self.matched == self.end - self.start == self.twin_end - self.twin


class Claim(NamedTuple):
    """One side of a repeat as a removal: the units it covers."""

    repeat: Repeat
    side: int
    """0: the first side would go, 1: the second."""
    parts: tuple[Part, ...]

    @property
    def letters(self) -> int:
        """Letters of all parts."""
        return sum([part.end - part.start for part in self.parts])

    @property
    def matched(self) -> int:
        """Letters of all parts that stand opposite."""
        return sum([part.matched for part in self.parts])

    def is_adjacent(self, letters: str) -> bool:
        """Whether the copy directly follows its twin, or follows other copies that do."""
        start, end = self.repeat.first, self.repeat.second_end
        size = self.repeat.first_end - start
        between = self.repeat.second - self.repeat.first_end
        if between <= 2:
            return True
        return between % size == 0 and letters[start : end - size] == letters[start + size : end]


def claims(repeats: Sequence[Repeat], units: Units) -> list[Claim]:
    """Every side of every repeat that covers at least one unit."""
    found = []
    for repeat, side in _likely(repeats, units):
        reached = _reached(units, *repeat.sides[side])
        if reached:
            coverage = Coverage(repeat.runs, side)
            parts = _without_weak_ends(_parts(coverage, reached, units))
            if parts:
                found.append(Claim(repeat, side, tuple(parts)))
    return found


def _likely(repeats: Sequence[Repeat], units: Units) -> Iterable[tuple[Repeat, int]]:
    """The sides of repeats without those that reach too little of any unit: most sides are a phrase."""
    sides = product(repeats, (0, 1))
    if len(repeats) < _MANY_REPEATS or not prefers_arrays(0):
        return sides
    return compress(sides, _array_likely(repeats, units))


_MANY_REPEATS = 8
"""Repeats from which looking at all of them together is cheaper."""


def _array_likely(repeats: Sequence[Repeat], units: Units) -> list[bool]:
    """For both sides of each repeat whether a unit could have enough opposite to be the end of a claim."""
    import numpy as np

    columns = np.array([repeat[:4] for repeat in repeats])
    matched = np.array([repeat.matched for repeat in repeats]).repeat(2)
    side_starts, side_ends = columns.reshape(-1, 2).T
    is_likely = np.zeros(len(matched), bool)
    sentences = np.array(list(chain.from_iterable(units.sentences))).reshape(-1, 2).T
    for starts, ends in (np.array([units.starts, units.ends]), sentences):
        low = np.searchsorted(ends, side_starts, side="right")
        high = np.searchsorted(starts, side_ends) - 1
        is_likely |= high - low > 1  # a unit in between is reached as a whole
        for at in (low, high):
            at = np.clip(at, 0, len(starts) - 1)
            reach = np.minimum(ends[at], side_ends) - np.maximum(starts[at], side_starts)
            size = ends[at] - starts[at]
            is_likely |= (reach > 0) & (np.minimum(reach, matched) >= _END_COVERAGE * size)
    likely: list[bool] = is_likely.tolist()
    return likely


_Unit = tuple[int, int, int, int]
"""First letter and letter after the last; paragraph and sentence as in ``Part``."""


def _reached(units: Units, start: int, end: int) -> list[_Unit]:
    """The units that could have enough opposite, if all letters of a side had: most sides are a phrase.

    Each paragraph comes before its sentences.
    """
    reached = []
    for at in _touched(units, start, end):
        low, high = units.starts[at], units.ends[at]
        if _is_mostly_inside(low, high, start, end):
            reached.append((low, high, at, -1))
        sentences = units.sentences[at]
        if len(sentences) > 1:
            for number in _touched_sentences(sentences, start, end):
                low, high = sentences[number]
                if _is_mostly_inside(low, high, start, end):
                    reached.append((low, high, at, number))
    return reached


def _is_mostly_inside(low: int, high: int, start: int, end: int) -> bool:
    overlap = (high if high < end else end) - (low if low > start else start)
    return overlap > 0 and overlap >= UNIT_COVERAGE * (high - low)


def _parts(coverage: Coverage, reached: Iterable[_Unit], units: Units) -> list[Part]:
    """The units that are parts; of a paragraph that is one, no sentences."""
    parts: list[Part] = []
    whole = -1
    for unit in reached:
        if unit[2] != whole:
            part = _part(coverage, *unit)
            if part and part.sentence < 0 and _has_new(coverage, part, units.sentences[unit[2]]):
                continue
            if part:
                parts.append(part)
                whole = part.paragraph if part.sentence < 0 else -1
    return parts


def _has_new(coverage: Coverage, part: Part, sentences: Sequence[tuple[int, int]]) -> bool:
    """Whether one of a paragraph's sentences has no counterpart: then it stays, and only the others may go."""
    if len(sentences) < 2 or part.end - part.start - part.matched < _NEW_SENTENCE:
        return False
    for low, high in sentences:
        if high - low >= _NEW_SENTENCE:
            pieces = coverage.pieces(low, high)
            if sum([length for _, _, length in pieces]) < _CHANCE * (high - low):
                return True
            if 2 * _novel(coverage, pieces, low, high)[0] > high - low:
                return True
    return False


def _touched(units: Units, start: int, end: int) -> range:
    """Indexes of the paragraphs between two letters."""
    return range(units.first_at(start), bisect_left(units.starts, end))


def _touched_sentences(sentences: Sequence[tuple[int, int]], start: int, end: int) -> range:
    """Indexes of the sentences of a paragraph between two letters."""
    return range(
        bisect_right(sentences, start, key=itemgetter(1)),
        bisect_left(sentences, end, key=itemgetter(0)),
    )


def own(claim: Claim, units: Units) -> int:
    """Letters of this side, in the repeat and in the units it touches, that have no counterpart."""
    start, end = claim.repeat.sides[claim.side]
    coverage = Coverage(claim.repeat.runs, claim.side)
    letters = 0
    for at in _touched(units, start, end):
        low, high = units.starts[at], units.ends[at]
        sentences = units.sentences[at]
        if len(sentences) > 1 and coverage.share(low, high) < _MOSTLY:
            for number in _touched_sentences(sentences, start, end):
                letters += _inner(coverage, *sentences[number], start, end)
        else:
            letters += _inner(coverage, low, high, start, end)
    return letters


def _without_weak_ends(parts: list[Part]) -> list[Part]:
    """A unit at the end of a repeat has only one proven neighbour: chance shares a third of any text."""
    if not parts:
        return []
    first, last = 0, len(parts)
    while first + 1 < last and _is_weak(parts[first], _gap(parts[first], parts[first + 1])):
        first += 1
    while last - 1 > first and _is_weak(parts[last - 1], _gap(parts[last - 2], parts[last - 1])):
        last -= 1
    return parts[first:last] if last - first > 1 or not _is_weak(parts[first], 0) else []


def _gap(one: Part, two: Part) -> int:
    """Letters between two parts, on the side where they lie further apart."""
    return max(two.start - one.end, two.twin - one.twin_end)


def _is_weak(part: Part, gap: int) -> bool:
    """Whether too little stands opposite for a unit ``gap`` letters away from the rest of its repeat."""
    least = _END_COVERAGE if gap <= _TOUCHING else _APART_COVERAGE
    return part.matched < least * (part.end - part.start)


def _inner(coverage: Coverage, low: int, high: int, start: int, end: int) -> int:
    """A unit's new letters that count as this side's own: a neighbour that the repeat only touches says
    nothing about which side is fuller."""
    if not (start <= low and high <= end) and coverage.share(low, high) < _TOUCHED:
        return 0
    pieces = coverage.pieces(low, high)
    return _novel(coverage, pieces, low, high)[0] if pieces else high - low


def _part(coverage: Coverage, start: int, end: int, paragraph: int, sentence: int) -> Part | None:
    """The unit as a part if enough of it stands opposite."""
    pieces = coverage.pieces(start, end)
    matched = sum([length for _, _, length in pieces])
    size = end - start
    if not pieces or matched < UNIT_COVERAGE * size:
        return None
    novel, lead, trail = _novel(coverage, pieces, start, end)
    if novel > 0.5 * size or novel > max(_NOVEL_LETTERS, _NOVEL_SHARE * size):
        return None
    twin, twin_end = pieces[0][1] - lead, pieces[-1][1] + pieces[-1][2] + trail
    return Part(start, end, twin, twin_end, matched, paragraph, sentence)


def _novel(
    coverage: Coverage, pieces: Sequence[tuple[int, int, int]], start: int, end: int
) -> tuple[int, int, int]:
    """Letters without a counterpart; and how far the twin reaches beyond the first and last piece."""
    before, after = coverage.room(pieces[0][0], pieces[-1][0])
    head, tail = pieces[0][0] - start, end - pieces[-1][0] - pieces[-1][2]
    lead, trail = min(head, before), min(tail, after)
    novel = _excess(head, before) + _excess(tail, after)
    for one, two in pairwise(pieces):
        novel += _excess(two[0] - one[0] - one[2], two[1] - one[1] - one[2])
    return novel, lead, trail


def _excess(gap: int, opposite: int) -> int:
    """Letters of a gap beyond what could be a rewording of the gap opposite."""
    return max(0, gap - 2 * opposite - 2)


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
    stay; ``may_swap``: where that side cannot go, the other one may. The order is by evidence: claims whose
    twins nobody else wants to remove come first.
    """
    losers, others = _sides(judged, prefers)
    state = _State(size, is_locked)
    removals: list[Removal] = []
    settled: set[Repeat] = set()
    again = _ordered(others, size) if may_swap else []
    for claim, confidence in chain(_ordered(losers, size), again):
        if claim.repeat in settled:
            continue
        parts = tuple(part for part in map(state.standing, claim.parts) if part)
        if not parts or not (
            accepts(claim, parts) or accepts(claim, state.with_agreeing(claim, parts))
        ):
            continue
        removals.append(Removal(claim, state.without(parts), confidence))
        settled.add(claim.repeat)
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
        """``parts`` and those of the claim that are gone already while what stands opposite has to stay: another
        repeat says the same of them."""
        agreeing = (
            part
            for part in claim.parts
            if self._removed.find(0, part.start, part.end) < 0
            and self._locked.find(0, part.twin, part.twin_end) < 0
        )
        return tuple(sorted((*parts, *agreeing)))

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
