"""Repeats -> claims: which units one side could give up.

Two implementations of one meaning: unit by unit in plain Python, and by numpy for all repeats together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from dedup.engine.passages import Coverage, Repeat
from dedup.engine.sides import CHANCE, NEW_SENTENCE, NOVEL_LETTERS, NOVEL_SHARE, UNIT_COVERAGE
from dedup.engine.speed import prefers_arrays
from dedup.engine.units import Units

_TOUCHED = 0.25
"""Share of a unit at the border of a repeat from which the rest of the unit counts as the side's own."""
_MOSTLY = 0.5
"""Share of a paragraph from which it is judged as one; below, each sentence speaks for itself."""
_END_COVERAGE = 0.65
"""The same for the first and the last unit of a repeat."""
_TOUCHING = 12
"""Letters, about two words, up to which two parts follow each other."""
_APART_COVERAGE = 0.8
"""The same where text that is no part lies between it and the rest."""


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


@dataclass(eq=False, slots=True)
class Claim:
    """One side of a repeat as a removal: the units it covers. Known by itself, not by what it holds."""

    repeat: Repeat
    side: int
    """0: the first side would go, 1: the second."""
    parts: tuple[Part, ...]
    letters: int
    """Letters of all parts."""
    matched: int
    """Letters of all parts that stand opposite."""

    @classmethod
    def of(cls, repeat: Repeat, side: int, parts: Iterable[Part]) -> Claim:
        """The claim of ``parts``, with their sums."""
        parts = tuple(parts)
        letters = sum([part.end - part.start for part in parts])
        return cls(repeat, side, parts, letters, sum([part.matched for part in parts]))

    def only(self, parts: Sequence[Part]) -> Claim:
        """The same side with other parts; itself if they are its own."""
        return self if parts == self.parts else Claim.of(self.repeat, self.side, parts)

    def is_adjacent(self, letters: str) -> bool:
        """Whether the copy directly follows its twin, or follows other copies that do."""
        start, end = self.repeat.first, self.repeat.second_end
        size = self.repeat.first_end - start
        between = self.repeat.second - self.repeat.first_end
        if between <= 2:
            return True
        return between % size == 0 and letters[start : end - size] == letters[start + size : end]


def find(
    repeats: Sequence[Repeat], units: Units, weight: Callable[[int, int], int], least: int
) -> list[Claim]:
    """Every side of every repeat that covers units of the ``weight`` of ``least``, or, among them, whole paragraphs
    letter by letter of a third of it; by repeat and side."""
    if len(repeats) < _MANY_REPEATS or not prefers_arrays(0):
        found = _plain_claims(repeats, units)
    else:
        found = _array_claims(repeats, units)
    return [claim for claim in found if _is_heavy(claim, weight, least)]


_MANY_REPEATS = 8
"""Repeats from which looking at all of them together is cheaper."""
LINE_SHARE = 3
"""Whole paragraphs that stand again letter by letter may go from this part of the least weight on."""


def _is_heavy(claim: Claim, weight: Callable[[int, int], int], least: int) -> bool:
    if claim.letters >= least:
        return True  # no letter weighs less than 1
    total = whole = 0
    for part in claim.parts:
        size = weight(part.start, part.end)
        total += size
        if part.sentence < 0 and part.is_exact:
            whole += size
    return total >= least or whole >= least // LINE_SHARE


def _plain_claims(repeats: Iterable[Repeat], units: Units) -> Iterator[Claim]:
    for repeat in repeats:
        for side in (0, 1):
            reached = _reached(units, *repeat.sides[side])
            if reached:
                coverage = Coverage(repeat.runs, side)
                parts = _without_weak_ends(_parts(coverage, reached, units))
                if parts:
                    yield Claim.of(repeat, side, parts)


def _array_claims(repeats: Sequence[Repeat], units: Units) -> Iterator[Claim]:
    """The same by numpy, some repeats at a time."""
    from dedup.engine import sides

    paragraphs, sentences = sides.levels(units)
    size = max(len(units.starts), units.ends[-1]) + 1
    for first in range(0, len(repeats), _AT_ONCE):
        some = repeats[first : first + _AT_ONCE]
        columns = sides.covered(some, paragraphs, sentences, size)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for number, group in groupby(rows, key=itemgetter(0)):
            parts = _without_weak_ends([Part(*row[1:]) for row in group])
            if parts:
                yield Claim.of(some[number >> 1], number & 1, parts)


_AT_ONCE = 1024
"""Repeats looked at together, so that memory does not grow with their number."""


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
    if len(sentences) < 2 or part.end - part.start - part.matched < NEW_SENTENCE:
        return False
    for low, high in sentences:
        if high - low >= NEW_SENTENCE:
            pieces = coverage.pieces(low, high)
            if sum([length for _, _, length in pieces]) < CHANCE * (high - low):
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
    if novel > 0.5 * size or novel > max(NOVEL_LETTERS, NOVEL_SHARE * size):
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
