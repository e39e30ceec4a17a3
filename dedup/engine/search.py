"""One look at one text: split, normalise, find, judge, choose -> the removals that are safe now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from dedup.engine import choose, judge, normalize, passages, seeds, split, units, verify
from dedup.model import Span
from dedup.options import Options

MIN_CONFIDENCE = 0.5
"""Confidence from which a claim is taken for a copy: the sign of the score."""
UNIT_SCORE = 0.5
"""Lower bound of the score of a unit inside a run whose score as a whole passes the threshold."""
MIN_MATCHED = 16
"""Matched letters below which a repeat is not looked at: a few common words."""
LOOKALIKE_SCORE = 0.8
"""Score from which a claim that a guard kept is worth a note."""


class Cut(NamedTuple):
    """A unit that goes: its span with the separator, and where the same stands, in offsets of one text."""

    span: Span
    twin: Span


class Find(NamedTuple):
    """Units of one claim that go together, or that look repeated and stay."""

    cuts: tuple[Cut, ...]
    confidence: float
    paragraphs: int
    """Paragraphs touched on the side that goes."""
    twin_paragraphs: int
    is_contained: bool
    reason: str
    """Why a look-alike stays; empty for a removal."""


class Look(NamedTuple):
    """What one look at a text found."""

    removals: tuple[Find, ...]
    lookalikes: tuple[Find, ...]
    paragraphs: tuple[Span, ...]


def look(text: str, options: Options, kept: Sequence[Span] = ()) -> Look:
    """What repeats in ``text``; nothing that overlaps a span in ``kept`` goes."""
    stream = normalize.stream(text)
    blocks = split.split(text)
    paragraphs = tuple(block.span for block in blocks)
    found = seeds.matches(stream.letters, stream.weights)
    repeats = passages.repeats(stream.letters, found, MIN_MATCHED) if found else []
    if not repeats:
        return Look((), (), paragraphs)
    columns = units.units(stream, blocks)
    bench = _Bench(stream, columns, repeats, options)
    chosen = choose.choose(
        bench.accepted,
        len(stream.letters),
        bench.should_go,
        bench.still_stands,
        _locked(stream, kept),
    )
    spans = _spans(text, columns, [part for removal in chosen for part in removal.parts])
    removals = tuple(
        bench.find(removal.claim, removal.parts, removal.confidence, spans) for removal in chosen
    )
    gone = bytearray(len(stream.letters))
    for removal in chosen:
        for part in removal.parts:
            gone[part.start : part.end] = b"\1" * (part.end - part.start)
    return Look(removals, tuple(bench.lookalikes(gone)), paragraphs)


def _locked(stream: normalize.Stream, kept: Sequence[Span]) -> bytearray:
    locked = bytearray(len(stream.letters))
    for span in kept:
        start = bisect_left(stream.positions, span.start)
        end = bisect_left(stream.positions, span.end)
        locked[start:end] = b"\1" * (end - start)
    return locked


class _Bench:
    """Claims with their evidence, and the answers ``choose`` asks for."""

    def __init__(
        self,
        stream: normalize.Stream,
        columns: units.Units,
        repeats: Sequence[passages.Repeat],
        options: Options,
    ) -> None:
        self.stream, self.columns, self.options = stream, columns, options
        found = choose.claims(repeats, columns)
        self.surroundings = judge.Surroundings(stream, columns, repeats, found)
        self.accepted: list[tuple[choose.Claim, float]] = []
        self.refused: list[tuple[choose.Claim, float, str]] = []
        for claim in found:
            scored = self._scored(claim)
            if not scored or not self.suffices(scored, scored.parts):
                continue
            guarded = self._guarded(scored)
            evidence = self.surroundings.evidence(guarded or scored)
            confidence, why = judge.confidence(evidence), judge.reason(evidence)
            if confidence >= MIN_CONFIDENCE and guarded and self.surroundings.is_translation(scored):
                guarded, why = None, judge.TRANSLATION
            if guarded and confidence >= MIN_CONFIDENCE and self.suffices(guarded, guarded.parts):
                self.accepted.append((guarded, confidence))
            else:
                self.refused.append((scored, min(confidence, MIN_CONFIDENCE), why))

    def _guarded(self, claim: choose.Claim) -> choose.Claim | None:
        """The claim without units that differ in a number, unless noise explains it; None if none is left."""
        parts = self.surroundings.without_other_numbers(claim)
        return claim._replace(parts=parts) if parts else None

    def _scored(self, claim: choose.Claim) -> choose.Claim | None:
        """The claim with only those parts whose score passes; None if there are none."""
        least = 1.0 if self.options.exact else UNIT_SCORE
        parts = tuple(part for part in claim.parts if self._score(part) >= least)
        return claim._replace(parts=parts) if parts else None

    def _score(self, part: choose.Part) -> float:
        letters = self.stream.letters
        copy, twin = letters[part.start : part.end], letters[part.twin : part.twin_end]
        return 1.0 if copy == twin else verify.score("near", twin, copy)

    def suffices(self, claim: choose.Claim, parts: Sequence[choose.Part]) -> bool:
        """Whether ``parts`` are long enough, and as a whole alike enough, to go."""
        weight = sum(self.stream.weight(part.start, part.end) for part in parts)
        if weight < self.options.min_chars:
            return False
        letters = sum(part.end - part.start for part in parts)
        total = sum(self._score(part) * (part.end - part.start) for part in parts)
        return total >= self.options.threshold * letters

    def still_stands(self, claim: choose.Claim, parts: Sequence[choose.Part]) -> bool:
        """Whether what is left of a claim would go on its own evidence, not on that of what is settled."""
        if len(parts) == len(claim.parts):
            return True
        if not self.suffices(claim, parts):
            return False
        left = self.surroundings.evidence(claim._replace(parts=tuple(parts)))
        return judge.confidence(left) >= MIN_CONFIDENCE

    def should_go(self, one: choose.Claim, two: choose.Claim) -> bool:
        """Of two sides of one repeat, whether ``one`` goes by the keep policy (``two`` is earlier)."""
        whole_one, whole_two = _is_whole(one), _is_whole(two)
        if whole_one != whole_two and min(one.matched, two.matched) < judge.BIG:
            return whole_one  # a teaser goes, the text that contains it stays
        policy = self.options.keep_copy
        if policy in ("first", "last"):
            return policy == "first"
        if policy == "longest":
            return self._characters(one) <= self._characters(two)
        return one.own <= two.own

    def _characters(self, claim: choose.Claim) -> int:
        positions = self.stream.positions
        return positions[claim.parts[-1].end - 1] - positions[claim.parts[0].start]

    def find(
        self,
        claim: choose.Claim,
        parts: Sequence[choose.Part],
        confidence: float,
        spans: dict[choose.Part, Span],
        reason: str = "",
    ) -> Find:
        """The claim's parts in offsets of the text."""
        cuts = tuple(
            Cut(
                spans.get(part, self.stream.span(part.start, part.end)),
                self.stream.passage(part.twin, part.twin_end),
            )
            for part in parts
        )
        touched = len({part.paragraph for part in parts})
        opposite = self.columns.between(parts[0].twin, parts[-1].twin_end)
        return Find(
            cuts,
            confidence,
            touched,
            len(opposite),
            touched == 1 and len(opposite) == 1 and self._is_inside(parts, opposite[0]),
            reason,
        )

    def _is_inside(self, parts: Sequence[choose.Part], paragraph: int) -> bool:
        """Whether the twins are only part of the paragraph they stand in."""
        size = self.columns.ends[paragraph] - self.columns.starts[paragraph]
        return sum(part.twin_end - part.twin for part in parts) < 0.8 * size

    def lookalikes(self, gone: bytearray) -> list[Find]:
        """Claims a guard kept, worth a note: alike, and neither side touched by a removal or a larger one."""
        noted = bytearray(gone)
        finds = []
        for claim, confidence, why in sorted(self.refused, key=lambda item: -item[0].matched):
            score = sum(self._score(part) * (part.end - part.start) for part in claim.parts)
            sides = (
                (claim.parts[0].start, claim.parts[-1].end),
                (claim.parts[0].twin, claim.parts[-1].twin_end),
            )
            known = any(noted.find(1, start, end) >= 0 for start, end in sides)
            if known or score < LOOKALIKE_SCORE * claim.letters:
                continue
            for start, end in sides:
                noted[start:end] = b"\1" * (end - start)
            finds.append(self.find(claim, claim.parts, confidence, {}, why))
        return finds


def _is_whole(claim: choose.Claim) -> bool:
    return all(part.sentence < 0 for part in claim.parts)


def _spans(
    text: str, columns: units.Units, parts: Sequence[choose.Part]
) -> dict[choose.Part, Span]:
    """What to cut for each part: the unit and one separator, chosen so that the rest reads as before."""
    blocks = columns.blocks
    whole = {part.paragraph: part for part in parts if part.sentence < 0}
    inside: dict[int, dict[int, choose.Part]] = {}
    for part in parts:
        if part.sentence >= 0:
            inside.setdefault(part.paragraph, {})[part.sentence] = part
    emptied = {at for at, gone in inside.items() if len(gone) == len(blocks[at].sentences)}
    trailing = len(blocks)
    while trailing and (trailing - 1 in whole or trailing - 1 in emptied):
        trailing -= 1
    spans = {}
    for at in {*whole, *inside}:
        span = blocks[at].span
        if at in whole or at in emptied:
            if at >= trailing:
                span = Span(blocks[at - 1].span.end, span.end)
            else:
                span = Span(span.start, blocks[at + 1].span.start)
        if at in whole:
            spans[whole[at]] = span
        elif at in emptied:
            spans.update(_tiled(span, blocks[at].sentences, inside[at]))
        else:
            spans.update(_sentence_cuts(text, blocks[at].sentences, inside[at]))
    return spans


def _tiled(
    span: Span, sentences: Sequence[Span], gone: dict[int, choose.Part]
) -> dict[choose.Part, Span]:
    """A paragraph whose sentences all go, each for its own reason: together they cover its span."""
    starts = [span.start, *(sentence.start for sentence in sentences[1:]), span.end]
    return {gone[at]: Span(starts[at], starts[at + 1]) for at in gone}


def _sentence_cuts(
    text: str, sentences: Sequence[Span], gone: dict[int, choose.Part]
) -> dict[choose.Part, Span]:
    """Sentences that go from a paragraph that stays: with the blank after them, or, at the end of the
    paragraph or of a line, with the one before."""
    trailing = len(sentences)
    while trailing - 1 in gone:
        trailing -= 1
    cuts = {}
    position = 0
    for at in sorted(gone):
        start, end = sentences[at].start, sentences[at].end
        before = text[sentences[at - 1].end : start] if at else "\n"
        after = text[end : sentences[at + 1].start] if at + 1 < len(sentences) else ""
        if at >= trailing or (_ends_line(after) and not _ends_line(before)):
            start = max(position, sentences[at - 1].end)
        else:
            end = sentences[at + 1].start
        cuts[gone[at]] = Span(start, end)
        position = end
    return cuts


def _ends_line(blanks: str) -> bool:
    return "\n" in blanks or "\r" in blanks
