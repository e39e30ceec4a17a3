"""A claim and the document around it -> evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dedup.engine.choose import Claim, Part
from dedup.engine.differences import Differences
from dedup.engine.judge import Evidence
from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.split import CODE, HEADING, LIST, MATTER, PROSE, TABLE, ends_sentence
from dedup.engine.units import Units


class Surroundings:
    """What a claim is judged against: the text, its units, and how much else in it half-matches."""

    def __init__(
        self, stream: Stream, units: Units, repeats: Sequence[Repeat], claims: Iterable[Claim]
    ) -> None:
        self.stream = stream
        self.units = units
        self._shape = _shares(units, stream)
        live = _without_copies(repeats, claims, len(stream.letters))
        self._half = _half_matched(repeats, live)
        self._half_total = self._half.count(1)
        self._live = live.count(1)
        self._rivals = _coverage(repeats, len(stream.letters))

    def evidence(self, claim: Claim) -> Evidence:
        """All terms for one claim."""
        stream, parts = self.stream, claim.parts
        letters = claim.letters
        weight = sum(stream.weight(part.start, part.end) for part in parts)
        share = claim.matched / letters
        differing = Differences.none()
        if not all(part.is_exact for part in parts):
            differing = Differences.between(*self.texts(parts), is_inside=share == 1.0)
        hundred = 100 / max(weight, 1)
        covering = sum(sum(self._rivals[part.start : part.end : 4]) for part in parts)
        samples = sum(len(range(part.start, part.end, 4)) for part in parts)
        whole = sum(part.sentence < 0 for part in parts)
        amount = math.log2(max(1.0, weight * share / 10))
        return Evidence(
            amount=amount,
            gaps=1 - share,
            holes=_holes(parts),
            numbers=min(4.0, differing.numbers * hundred),
            names=min(4.0, differing.names * hundred),
            words=min(4.0, differing.words * hundred),
            noise=min(4.0, differing.misspelt * hundred),
            pressure=self._pressure(claim.repeat),
            rivals=min(6.0, max(0.0, covering / samples - 1)),
            structure=self._share(claim, 0),
            short_lines=self._share(claim, 1),
            fragment=float(whole == 0),
            adjacent=max(0.0, _LONG - amount) * self._is_pasted_twice(claim),
        )

    def _is_pasted_twice(self, claim: Claim) -> bool:
        """Whether whole paragraphs directly follow themselves, letter by letter."""
        exact = claim.matched == claim.letters and all(part.sentence < 0 for part in claim.parts)
        return exact and claim.is_adjacent(self.stream.letters)

    def _pressure(self, repeat: Repeat) -> float:
        """Share of the live letters that half-match something; a small repeat does not press on itself."""
        total = self._half_total
        if repeat.matched >= _SMALL:
            return total / self._live if self._live else 0.0
        total -= self._half.count(1, repeat.first, repeat.first_end)
        total -= self._half.count(1, repeat.second, repeat.second_end)
        return total / self._live if self._live else 0.0

    def without_other_numbers(self, claim: Claim) -> tuple[Part, ...]:
        """The parts that do not differ from their twins in numbers and negations above all.

        Templates, clauses and records do; an edit changes other words as well. Where more words are
        misspelt than numbers differ, the whole is a noisy copy and its figures are as unreliable as its letters.
        """
        odd, misspelt = [], 0
        for part in claim.parts:
            if part.is_exact:
                continue
            texts = self.texts((part,))
            differing = Differences.between(*texts)
            misspelt += differing.misspelt
            others = differing.names + differing.words + differing.misspelt
            if differing.numbers and differing.numbers >= others:
                odd.append(part)
        if misspelt > len(odd):
            return claim.parts
        return tuple(part for part in claim.parts if part not in odd)

    def texts(self, parts: Sequence[Part]) -> tuple[list[str], list[str]]:
        """The passages of ``parts`` and those opposite."""
        stream = self.stream
        return (
            [stream.passage(part.start, part.end).cut(stream.text) for part in parts],
            [stream.passage(part.twin, part.twin_end).cut(stream.text) for part in parts],
        )

    def _share(self, claim: Claim, column: int) -> float:
        total = sum(
            (part.end - part.start) * self._shape[part.paragraph][column] for part in claim.parts
        )
        return total / claim.letters


def _holes(parts: Sequence[Part]) -> float:
    """Share of the letters between the parts, on the side where they lie further apart."""
    sides = (
        [(part.start, part.end) for part in parts],
        sorted((part.twin, part.twin_end) for part in parts),
    )
    shares = []
    for side in sides:
        extent = max(end for _, end in side) - side[0][0]
        shares.append(1 - min(1.0, sum(end - start for start, end in side) / extent))
    return max(shares)


def _shares(units: Units, stream: Stream) -> list[tuple[float, float]]:
    """For each paragraph: is it of a kind that repeats by design; share of short lines around it."""
    short = []
    for block, start, end in zip(units.blocks, units.starts, units.ends, strict=True):
        weight = stream.weight(start, end)
        is_sentence = (
            weight >= 20 and block.kind == PROSE and ends_sentence(stream.text, block.span)
        )
        is_short = weight < 40 and block.kind != CODE
        short.append(is_short * (_SENTENCE if is_sentence else 1.0))
    rows = []
    for at, block in enumerate(units.blocks):
        low, high = max(0, at - 3), min(len(short), at + 4)
        around = sum(short[low:high]) / (high - low)
        designed = block.kind in (LIST, TABLE, CODE, HEADING, MATTER)
        rows.append((float(designed), around))
    return rows


_SENTENCE = 0.4
"""What a short paragraph counts that ends as a sentence does: dialogue, or plain news."""
_LONG = 5.0
"""Amount of a text long enough for its place not to matter: 320 letters."""
_SMALL = 300
"""Matched letters up to which a half-match may be a teaser or a quotation rather than a template."""
BIG = 400
"""Matched letters from which a dense repeat is a block that says nothing about the text around it."""


def _without_copies(repeats: Iterable[Repeat], claims: Iterable[Claim], size: int) -> bytearray:
    """1 for each letter outside the second sides of big dense repeats and of exact units: what would stay."""
    live = bytearray(b"\1" * size)
    for repeat in repeats:
        if repeat.matched >= BIG and repeat.density >= 0.7:
            live[repeat.second : repeat.second_end] = bytes(repeat.second_end - repeat.second)
    for claim in claims:
        for part in claim.parts if claim.side == 1 else ():
            if part.matched == part.end - part.start >= _EXACT_UNIT:
                live[part.start : part.end] = bytes(part.end - part.start)
    return live


_EXACT_UNIT = 30
"""Letters from which a unit that repeats exactly is no half-match of anything."""


def _half_matched(repeats: Iterable[Repeat], live: bytearray) -> bytearray:
    """1 for each live letter that half-matches other live text."""
    half = bytearray(len(live))
    for repeat in repeats:
        if repeat.matched < 20 or not 0.35 <= repeat.density < 0.93:
            continue
        for first, second, length in repeat.runs:
            if live[first] and live[second]:
                half[first : first + length] = b"\1" * length
                half[second : second + length] = b"\1" * length
    return half


def _coverage(repeats: Iterable[Repeat], size: int) -> list[int]:
    """How many repeats, dense where they stand, cover each letter."""
    steps = [0] * (size + 1)
    for repeat in repeats:
        if repeat.matched < 20 or repeat.density < 0.5:
            continue
        for start, end in ((repeat.first, repeat.first_end), (repeat.second, repeat.second_end)):
            steps[start] += 1
            steps[end] -= 1
    level, covering = 0, []
    for step in steps:
        level += step
        covering.append(level)
    return covering
