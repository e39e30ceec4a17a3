"""A claim and the document around it -> evidence."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from dedup.engine.claims import Claim, Part
from dedup.engine.differences import (
    Differences,
    Wording,
    are_of_others,
    in_markup,
    lead_elsewhere,
    link_marks,
    targets,
    with_target,
)
from dedup.engine.judge import Evidence
from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.pressure import Cover, Pressure
from dedup.engine.roles import LONGEST, Furniture, is_excerpt
from dedup.engine.split import CODE, HEADING, LIST, MATTER, PROSE, TABLE
from dedup.engine.units import Units
from dedup.engine.vocabulary import Vocabulary
from dedup.model import Span

if TYPE_CHECKING:
    from dedup.engine.forms import Forms


class _Known:
    """What is known of some units as a claim: what does not depend on other claims, and how much of what is dear is
    in it."""

    __slots__ = ("done", "evidence")

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.done = evidence, 0


class Surroundings:
    """What a claim is judged against: the text, its units, and what else in it half-matches or is proven.

    Claims that are proven change what the others are judged by: ``prove`` takes them out of the text that
    presses, ``rest`` lets them count as support.
    """

    def __init__(
        self, stream: Stream, units: Units, repeats: Sequence[Repeat], claims: Iterable[Claim]
    ) -> None:
        self.stream = stream
        self.units = units
        self._repeats = repeats
        self._claims = claims
        self._rivals: dict[int, Cover] = {}
        self._proven: set[int] = set()
        self._support = [0] * (len(units.starts) + 1)
        self._wording = Wording(stream)
        self._known: dict[tuple[Part, ...], _Known] = {}

    @cached_property
    def _shape(self) -> list[tuple[float, float]]:
        return _shares(self.units, self._lines, self._weights)

    @cached_property
    def _verse(self) -> float:
        return _share_of_short_lines(self.units, self._lines, self._weights, self.equal)

    @cached_property
    def _pressure(self) -> Pressure:
        size = len(self.stream.letters)
        return Pressure(self._repeats, _without_equal_units(self._claims, size))

    @cached_property
    def _dense(self) -> list[tuple[int, tuple[int, int], tuple[int, int]]]:
        """Matched letters and both sides of the repeats that could carry a claim."""
        return [
            (matched, (first, first_end), (second, second_end))
            for first, first_end, second, second_end, _, matched in self._repeats
            if matched >= _DENSE * max(first_end - first, second_end - second)
        ]

    @cached_property
    def _lines(self) -> list[str]:
        """The letters of each paragraph."""
        letters, units = self.stream.letters, self.units
        return [letters[start:end] for start, end in zip(units.starts, units.ends, strict=True)]

    @cached_property
    def _weights(self) -> list[int]:
        """What each paragraph weighs."""
        return list(map(self.stream.weight, self.units.starts, self.units.ends))

    @cached_property
    def equal(self) -> Counter[str]:
        """How many paragraphs have the same letters."""
        return Counter(self._lines)

    @property
    def paragraphs(self) -> int:
        """How many paragraphs the document has."""
        return len(self.units.starts)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.stream, self._wording, self.equal)

    @cached_property
    def _furniture(self) -> Furniture:
        shape, vocabulary = self._shape, self._vocabulary
        return Furniture(
            self.stream,
            self.units,
            self.equal,
            lambda paragraph: shape[paragraph][1],
            vocabulary.foreign,
        )

    @cached_property
    def _links(self) -> list[int]:
        """Where in the text a link could say where it leads."""
        return link_marks(self.stream.text)

    def evidence(self, claim: Claim) -> Evidence:
        """All terms for one claim, as things stand."""
        *_, evidence = self.bounds(claim)
        return evidence

    def bounds(self, claim: Claim) -> Iterator[Evidence]:
        """Evidence that speaks ever less for a copy, the last of them what there is.

        What is dear to find out counts at its best until then, so that most claims need not ask for it.
        """
        known = self._known_of(claim)
        support = self._supported(claim.repeat)
        yield known.evidence._replace(support=support) if support else known.evidence
        is_small = claim.repeat.matched < _SMALL
        pressure = self._pressed(claim, known.evidence) if is_small else 0.0
        if pressure:
            yield known.evidence._replace(pressure=pressure, support=support)
        steps = (
            self._with_rivals,
            self._with_foreign,
            self._with_phrases,
            self._with_differences,
        )
        for find_out in steps[known.done :]:
            before, known.evidence = known.evidence, find_out(claim, known.evidence)
            known.done += 1
            if known.evidence != before:
                yield known.evidence._replace(pressure=pressure, support=support)
        if not is_small:
            pressure = self._pressed(claim, known.evidence)
            yield known.evidence._replace(pressure=pressure, support=support)

    def at_best(self, claim: Claim) -> tuple[Evidence, float, float]:
        """The first of the ``bounds``, but for the pressure on the claim, if that is cheap to find out, and the
        support for it, which are told apart: most claims need no more than their sum."""
        evidence = self._known_of(claim).evidence
        is_small = claim.repeat.matched < _SMALL
        pressure = self._pressed(claim, evidence) if is_small else 0.0
        return evidence, pressure, self._supported(claim.repeat)

    def _known_of(self, claim: Claim) -> _Known:
        known = self._known.get(claim.parts)
        if not known:
            known = self._known[claim.parts] = _Known(self._shape_of(claim))
        return known

    def _pressed(self, claim: Claim, fixed: Evidence) -> float:
        """How much of the rest of the document half-matches something, as far as that explains the claim."""
        if claim.repeat.matched < _SMALL:
            pressure = self._pressure.beside(claim.repeat)
        else:
            pressure = self._pressure.without(*_side(claim))
        if self.is_pasted_twice(claim):
            pressure *= fixed.short_lines
        return pressure * (_LONG / max(_LONG, fixed.amount)) ** 2

    def prove(self, claim: Claim) -> None:
        """Take a claim for a copy: what it repeats no longer presses on others."""
        self._pressure.remove(*_side(claim))
        self._proven.update(part.paragraph for part in claim.parts)

    def rest(self) -> None:
        """Let everything proven so far count as support for the others."""
        steps = (at in self._proven for at in range(len(self.units.starts)))
        self._support = list(accumulate(steps, initial=0))

    def _supported(self, repeat: Repeat) -> float:
        """Share of the paragraphs outside ``repeat`` that are proven copies, as its square root."""
        if not self._support[-1]:
            return 0.0
        first, second = (
            (self.units.first_at(start), self.units.first_at(end - 1) + 1)
            for start, end in (
                (repeat.first, repeat.first_end),
                (repeat.second, repeat.second_end),
            )
        )
        inside = sum(self._support[end] - self._support[start] for start, end in (first, second))
        proven, total = self._support[-1] - inside, len(self.units.starts)
        return math.sqrt(max(0, proven) / total)

    def _shape_of(self, claim: Claim) -> Evidence:
        """The terms that depend on no other claim, from units alone; those from words and repeats at their best."""
        parts, letters = claim.parts, claim.letters
        designed, short_lines = self._setting(parts)
        designed, short_lines = designed / letters, short_lines / letters
        is_exact = claim.matched == letters and all(part.is_exact for part in parts)
        is_twice = self.is_pasted_twice(claim)
        share = claim.matched / letters
        weight = self._distinct(parts) * share + (self._same_targets(parts) if self._links else 0)
        return Evidence(
            amount=math.log2(max(1.0, weight / 10)),
            gaps=1 - share,
            holes=_holes(parts) if len(parts) > 1 else 0.0,
            numbers=0.0,
            names=0.0,
            words=0.0,
            noise=0.0 if is_exact else _MOST_NOISE,
            pressure=0.0,
            rivals=0.0,
            structure=0.0 if is_twice else designed,
            short_lines=short_lines,
            verse=self._root_of_verse,
            fragment=float(all(part.sentence >= 0 for part in parts)),
            adjacent=(1 - short_lines) * is_twice,
            foreign=1.0,
            phrases=1.0,
            ends=self._ends(parts) * (1 - short_lines),
            excerpt=float(self._is_excerpt(claim)),
            furniture=self._furnished(parts) if is_exact else 0.0,
            support=0.0,
        )

    def _setting(self, parts: Sequence[Part]) -> tuple[float, float]:
        """How many letters are in units that repeat by design; and how many, by share, among short lines."""
        shape = self._shape
        designed = short_lines = 0.0
        for part in parts:
            by_design, short = shape[part.paragraph]
            size = part.end - part.start
            designed += size * by_design
            short_lines += size * short
        return designed, short_lines

    @cached_property
    def _root_of_verse(self) -> float:
        return math.sqrt(self._verse)

    @cached_property
    def _first_end(self) -> int:
        return self.units.ends[self.units.first_at(0)]

    @cached_property
    def _last_start(self) -> int:
        starts = self.units.starts
        return starts[bisect_left(starts, self.units.ends[-1]) - 1]

    def _ends(self, parts: Sequence[Part]) -> float:
        """How many of the ends of the document the parts or their twins reach."""
        first = min(parts[0].start, parts[0].twin) < self._first_end
        last = max(parts[-1].end, parts[-1].twin_end) > self._last_start
        return float(first) + float(last)

    def _same_targets(self, parts: Sequence[Part]) -> int:
        """Letters of the link targets that the parts and their twins have in common."""
        mine: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for part in parts:
            found = self._targets(part.start, part.end)
            if found:
                mine += found
                others += self._targets(part.twin, part.twin_end)
        if not mine or not others:
            return 0
        return sum(sum(map(str.isalnum, link)) * times for link, times in (mine & others).items())

    def _targets(self, start: int, end: int) -> Counter[str]:
        """Where the links in a passage lead, with the markup around it."""
        positions, text = self.stream.positions, self.stream.text
        before = positions[start - 1] + 1 if start else 0
        after = positions[end] if end < len(positions) else len(text)
        at = bisect_left(self._links, before)
        if at == len(self._links) or self._links[at] >= after:
            return _NONE
        return targets(in_markup(text, before, after))

    def _is_excerpt(self, claim: Claim) -> bool:
        """Whether whole paragraphs stand in a longer one, word for word, and show it."""
        parts, positions, text = claim.parts, self.stream.positions, self.stream.text
        if claim.matched < claim.letters or any(part.sentence >= 0 for part in parts):
            return False
        opposite = self.units.between(parts[0].twin, parts[-1].twin_end)
        if len(opposite) != 1:
            return False
        size = self.units.ends[opposite[0]] - self.units.starts[opposite[0]]
        if size <= _LONGER * claim.letters:
            return False
        blocks = self.units.blocks
        span = Span(
            blocks[parts[0].paragraph].span.start,
            blocks[parts[-1].paragraph].span.end,
        )
        twin = positions[parts[0].twin]
        return is_excerpt(span.cut(text), text[max(0, twin - 2) : twin])

    def _furnished(self, parts: Sequence[Part]) -> float:
        """What speaks for lines that stand again letter by letter as furniture if their words stand nowhere else."""
        if any(part.sentence >= 0 for part in parts):
            return 0.0
        if sum([self.stream.weight(part.start, part.end) for part in parts]) >= LONGEST:
            return 0.0
        return math.sqrt(self._furniture.beside(parts))

    def _with_rivals(self, claim: Claim, evidence: Evidence) -> Evidence:
        rivals = max(0.0, self._covering(claim) - 1)
        most = _IN_A_ROW if self.is_pasted_twice(claim) else _MOST_RIVALS
        return evidence._replace(rivals=min(most, rivals))

    def _with_foreign(self, claim: Claim, evidence: Evidence) -> Evidence:
        foreign = self._vocabulary.foreign(claim.parts)
        return evidence._replace(foreign=foreign, furniture=evidence.furniture * foreign)

    def _with_phrases(self, claim: Claim, evidence: Evidence) -> Evidence:
        if evidence.foreign < 1:
            return evidence._replace(phrases=self._vocabulary.phrases(claim.parts))
        tokens = self._wording.tokens  # where all words are its own, all pairs of them are
        has_pairs = any(len(tokens(part.start, part.end)) > 1 for part in claim.parts)
        return evidence._replace(phrases=float(has_pairs))

    def _with_differences(self, claim: Claim, evidence: Evidence) -> Evidence:
        """The terms for what differs in wording."""
        parts = claim.parts
        if all(part.is_exact for part in parts):
            return evidence
        is_inside = claim.matched == claim.letters
        differing = Differences.between(*self._words(parts), is_inside=is_inside)
        weight = sum(self.stream.weight(part.start, part.end) for part in parts)
        hundred = 100 / max(weight, 1)
        return evidence._replace(
            numbers=math.sqrt(min(_MOST_DIFFERENCES, differing.numbers * hundred)),
            names=math.sqrt(min(_MOST_DIFFERENCES, differing.names * hundred)),
            words=math.sqrt(min(_MOST_DIFFERENCES, differing.words * hundred)),
            noise=math.sqrt(min(_MOST_DIFFERENCES, differing.misspelt * hundred)),
        )

    def _distinct(self, parts: Sequence[Part]) -> int:
        """Weight of ``parts``, each text once: to say one line nine times proves no more than to say it once."""
        letters = self.stream.letters
        if len(parts) == 1:
            return self.stream.weight(parts[0].start, parts[0].end)
        texts = {letters[part.start : part.end]: part for part in parts}
        return sum(self.stream.weight(part.start, part.end) for part in texts.values())

    def _covering(self, claim: Claim) -> float:
        """How many repeats at least half as large stand at the claim's letters, on average."""
        size = max(3, claim.letters.bit_length() - 2)
        rivals = self._rivals.get(size)
        if rivals is None:
            large = [sides for matched, *sides in self._dense if matched >= 1 << size]
            rivals = self._rivals[size] = Cover(chain.from_iterable(large))
        covering = samples = 0
        for part in claim.parts:
            covering += rivals.at_every(4, part.start, part.end)
            samples += (part.end - part.start + 3) // 4
        return covering / samples

    def is_heading_of_text(self, claim: Claim) -> bool:
        """Whether one side is nothing but marked headings, and the other has none."""
        blocks, between = self.units.blocks, self.units.between
        copies = {blocks[part.paragraph].kind for part in claim.parts}
        spans = [(part.twin, part.twin_end) for part in claim.parts]
        twins = {blocks[at].kind for span in spans for at in between(*span)}
        return (copies == {HEADING}) != (twins == {HEADING}) and not (copies & twins)

    def is_code_alone(self, claim: Claim) -> bool:
        """Whether nothing but code and tables repeats, with what headings and lists stand between, and not right after
        itself: examples are shown again by design, and so is the frame of a reference."""
        kinds = set(map(self._kind, claim.parts))
        if PROSE in kinds or not (kinds & _SHOWN_AGAIN or kinds == {HEADING}):
            return False
        return not self.is_pasted_twice(claim)

    def is_pasted_twice(self, claim: Claim) -> bool:
        """Whether whole paragraphs directly follow themselves, letter by letter.

        A heading does not that opens the paragraph after it, nor do records that are equal but for a line.
        """
        if claim.matched < claim.letters or not claim.is_adjacent(self.stream.letters):
            return False
        if any(part.sentence >= 0 for part in claim.parts):
            return False
        first, last = claim.parts[0], claim.parts[-1]
        opposite = self.units.between(first.twin, last.twin_end)
        return bool(
            claim.letters == last.end - first.start == last.twin_end - first.twin
            and opposite
            and self.units.starts[opposite[0]] == first.twin
            and self.units.ends[opposite[-1]] == last.twin_end
        )

    def without_other_numbers(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts that do not differ from their twins in numbers and negations above all.

        Templates, clauses and records do; an edit changes other words as well. Where more words are
        misspelt than numbers differ, the whole is a noisy copy and its figures are as unreliable as its letters;
        where far more parts differ in other words, it is an edited one.
        """
        wording, odd, misspelt, edited = self._wording, set(), 0, 0
        others = []
        for part in parts:
            if part.is_exact:
                continue
            if wording.numbers(part.start, part.end) == wording.numbers(part.twin, part.twin_end):
                others.append(part)
                continue
            differing = Differences.between(*self._words((part,)))
            misspelt += differing.misspelt
            if differing.numbers and differing.numbers >= sum(differing[1:]):
                odd.add(part)
        if not odd:
            return parts
        for part in others:
            if misspelt > len(odd) or edited > _EDITED * len(odd):
                break
            differing = Differences.between(*self._words((part,)))
            misspelt += differing.misspelt
            edited += differing.words > 0
        if misspelt > len(odd) or edited > _EDITED * len(odd):
            return parts
        return tuple(part for part in parts if part not in odd)

    def without_frame(self, claim: Claim) -> tuple[Part, ...]:
        """The parts without those at both ends that are headings, code or tables and stand in more places than what
        is between them: the page above ends with them, and the one below begins with them, as all pages do. Nor is a
        text a copy of front matter, which nobody sees."""
        parts = claim.parts
        alike = tuple(part for part in parts if self._is_like_its_twin(part))
        if self._kind(parts[0]) == MATTER:
            parts = alike or parts
        if len(alike) < len(claim.parts) and 2 * sum(map(_size, alike)) < claim.letters:
            parts = alike  # a text that stands twice, front matter and all, has more to it
        if len(parts) < 2 or not {self._kind(parts[0]), self._kind(parts[-1])} & _FRAMES:
            return parts
        inside = Counter(map(self._as_frame, parts))
        shared = [self._frames[said] / inside[said] for said in map(self._as_frame, parts)]
        if max(shared[0], shared[-1]) <= 2:
            return parts
        letters = self.stream.letters
        prose = (part for part in parts if self._kind(part) not in _FRAMES)
        most = max((self.equal[letters[part.start : part.end]] for part in prose), default=0)
        most = max(most, 2, 1 + round(self._covering(claim)))
        first, last = 0, len(parts)
        while first < last and shared[first] > most:
            first += 1
        while last > first and shared[last - 1] > most:
            last -= 1
        return parts[first:last] or parts

    def _is_like_its_twin(self, part: Part) -> bool:
        """Whether not just one of both is front matter: a title stands there and in the heading, too."""
        twin = self.units.blocks[self.units.first_at(part.twin)].kind
        return (twin == MATTER) == (self._kind(part) == MATTER)

    def without_fields(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts that are not fields of a form, the same in another entry of it; all, where they are too long for
        that: a chapter that was pasted again has the same headings, too."""
        first_at = self.units.first_at
        fields = {
            part for part in parts if self._forms.are_fields(part.paragraph, first_at(part.twin))
        }
        prose = sum(_size(part) for part in fields if self._kind(part) == PROSE)
        if prose > _MAX_FIELDS:
            return parts
        return tuple(part for part in parts if part not in fields)

    @cached_property
    def _forms(self) -> Forms:
        from dedup.engine.forms import Forms  # only where something may be a copy

        return Forms(self.stream, self.units)

    @cached_property
    def _frames(self) -> Counter[tuple[str, str]]:
        """How many paragraphs that are no prose are of the same kind and have the same letters."""
        letters, units = self.stream.letters, self.units
        every = zip(units.blocks, units.starts, units.ends, strict=True)
        return Counter(
            (block.kind, letters[start:end]) for block, start, end in every if block.kind in _FRAMES
        )

    def _as_frame(self, part: Part) -> tuple[str, str]:
        return self._kind(part), self.stream.letters[part.start : part.end]

    def _kind(self, part: Part) -> str:
        return self.units.blocks[part.paragraph].kind

    def without_other_targets(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts that are not links with the same words to somewhere else."""
        if not self._links:
            return parts
        text, passage = self.stream.text, self.stream.passage
        return tuple(
            part
            for part in parts
            if not (
                self._may_lead(part.start, part.end)
                and self._may_lead(part.twin, part.twin_end)
                and lead_elsewhere(
                    with_target(text, passage(part.start, part.end)),
                    with_target(text, passage(part.twin, part.twin_end)),
                )
            )
        )

    def _may_lead(self, start: int, end: int) -> bool:
        """Whether a link in a passage could say where it leads, before the first letter after it."""
        positions = self.stream.positions
        after = positions[end] if end < len(positions) else len(self.stream.text)
        at = bisect_left(self._links, positions[start])
        return at < len(self._links) and self._links[at] < after

    def are_of_others(self, parts: Sequence[Part]) -> bool:
        """Whether nothing but names differs between ``parts`` and what stands opposite."""
        return are_of_others(*self._words(parts))

    def texts(self, parts: Sequence[Part]) -> tuple[list[str], list[str]]:
        """The passages of ``parts`` and those opposite."""
        text = self._wording.text
        return (
            [text(part.start, part.end) for part in parts],
            [text(part.twin, part.twin_end) for part in parts],
        )

    def _words(self, parts: Sequence[Part]) -> tuple[Iterator[str], Iterator[str]]:
        """Their words."""
        words = self._wording.words
        return (
            chain.from_iterable(words(part.start, part.end) for part in parts),
            chain.from_iterable(words(part.twin, part.twin_end) for part in parts),
        )


_MAX_FIELDS = 600
"""Letters of prose to which what one entry of a form has like another may come. Measured on 1,866 documents: what
entries share has up to 430; from 700 on it was a chapter that stands twice."""

_SHOWN_AGAIN = frozenset((CODE, TABLE, MATTER))
"""What one page of a manual has as the other has it."""
_FRAMES = _SHOWN_AGAIN | {HEADING, LIST}


def _size(part: Part) -> int:
    return part.end - part.start


def _holes(parts: Sequence[Part]) -> float:
    """Share of the letters between the parts, on the side where they lie further apart."""
    if len(parts) == 1:
        return 0.0
    sides = (
        [(part.start, part.end) for part in parts],
        sorted((part.twin, part.twin_end) for part in parts),
    )
    shares = []
    for side in sides:
        extent = max(end for _, end in side) - side[0][0]
        shares.append(1 - min(1.0, sum(end - start for start, end in side) / extent))
    return max(shares)


def _shares(
    units: Units, lines: Sequence[str], weights: Sequence[int]
) -> list[tuple[float, float]]:
    """For each paragraph: is it of a kind that repeats by design; share of short lines in the text around it.

    Equal paragraphs in a row count as one, those of markup as none, and none is in its own surroundings.
    """
    rows: list[int] = []
    firsts: list[int] = []
    before = None
    for at, line in enumerate(lines):
        if line != before and (line or not firsts):
            firsts.append(at)
            before = line
        rows.append(len(firsts) - 1)
    heavy = [weights[at] for at in firsts]
    totals = [0, *accumulate(heavy)]
    shorts = [0, *accumulate([weight if weight < _SHORT else 0 for weight in heavy])]
    around = []
    for at, weight in enumerate(heavy):
        low, high = max(0, at - 3), min(at + 4, len(heavy))
        total = totals[high] - totals[low] - weight
        short = shorts[high] - shorts[low] - (shorts[at + 1] - shorts[at])
        around.append(short / total if total else 0.0)
    return [
        (float(block.kind in _DESIGNED), around[row])
        for block, row in zip(units.blocks, rows, strict=True)
    ]


_DESIGNED = frozenset((LIST, TABLE, CODE, HEADING, MATTER))


_NONE: Counter[str] = Counter()
_IN_A_ROW = 2.0
"""Rivals that count where they follow each other: a row of a hundred equal lines is one place, not a hundred."""
_SHORT = 45
"""Weight of a paragraph below which it is a line rather than prose."""


def _share_of_short_lines(
    units: Units, lines: Sequence[str], weights: Sequence[int], equal: Counter[str]
) -> float:
    """Share of short ones among the paragraphs of prose that stand once; ``equal`` counts how often each does."""
    once = [
        weight
        for block, line, weight in zip(units.blocks, lines, weights, strict=True)
        if line and equal[line] == 1 and block.kind == PROSE
    ]
    return sum([weight < _SHORT for weight in once]) / len(once) if once else 0.0


_MOST_RIVALS = 12.0
_MOST_DIFFERENCES = 4.0
"""Differences a hundred letters beyond which more of them say nothing new."""
_MOST_NOISE = math.sqrt(_MOST_DIFFERENCES)
_EDITED = 4
"""Parts that differ in other words, to each that differs in numbers, from which an edit explains the numbers too."""
_LONGER = 1.2
"""Times as long a paragraph is at least that another is an excerpt of."""
_LONG = 4.0
"""Amount (160 letters) beyond which it takes more and more pressure to explain a repeat."""
_DENSE = 0.5
"""Density of a repeat from which it stands where its sides do, rather than here and there in them."""
_SMALL = 300
"""Matched letters up to which a half-match may be a teaser or a quotation rather than a template."""
BIG = 400
"""Matched letters from which a dense repeat is a block that says nothing about the text around it."""


def _side(claim: Claim) -> tuple[int, int]:
    """The letters that would be gone: the side of the repeat, with what is new in it."""
    repeat = claim.repeat
    if claim.side == 0:
        return repeat.first, repeat.first_end
    return repeat.second, repeat.second_end


def _without_equal_units(claims: Iterable[Claim], size: int) -> bytearray:
    """1 for each letter but those of later copies of equal units: these say nothing about look-alikes."""
    live = bytearray(b"\1" * size)
    for claim in claims:
        for part in claim.parts if claim.side == 1 else ():
            if part.matched == part.end - part.start >= EXACT_UNIT:
                live[part.start : part.end] = bytes(part.end - part.start)
    return live


EXACT_UNIT = 30
"""Letters from which a unit that repeats exactly is no half-match of anything."""
