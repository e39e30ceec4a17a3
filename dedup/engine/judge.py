"""A claim -> confidence: is this a copy, or a look-alike that must stay?

The answer is one additive score of a few signed terms. Each term has a meaning people can check, says below
what it is for, and can only move the score in the direction its sign says. Beside the score stand a few hard
exclusions. Weights are fitted on labelled documents by ``benchmarks/fit.py``, the signs are not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from dedup.engine.choose import Claim, Part
from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.split import CODE, HEADING, LIST, MATTER, PROSE, TABLE, ends_sentence
from dedup.engine.units import Units
from dedup.engine.verify import aligned_words


class Evidence(NamedTuple):
    """What speaks for a copy and what for a look-alike; every value is 0.0 or more."""

    amount: float
    """Weight that stands opposite, as log2 of multiples of 10: long repeats are rarely chance."""
    gaps: float
    """Share of the letters that does not stand opposite: look-alikes share a frame, not the filling."""
    holes: float
    """Share of the text between the first and the last unit that is no part of it: scattered likenesses."""
    numbers: float
    """Differing numbers a hundred letters: templates differ in figures and dates."""
    names: float
    """Differing names a hundred letters."""
    words: float
    """Other differing words a hundred letters that are no misspelling of each other."""
    noise: float
    """Misspelt counterparts a hundred letters: a copy read by OCR or typed again differs like this."""
    pressure: float
    """Share of the rest of the document that half-matches something: a document of look-alikes."""
    rivals: float
    """How many further places carry much the same: refrains, table heads, form letters."""
    structure: float
    """Share in lists, tables, headings and code, which repeat by design."""
    short_lines: float
    """Share in short paragraphs without an end mark or among such: verse, dialogue, captions, cells."""
    fragment: float
    """1.0 for sentences inside paragraphs that otherwise stay."""
    adjacent: float
    """What it is short of a long text, where whole paragraphs directly follow themselves: then the place
    proves what elsewhere only length can."""


TERMS: dict[str, float] = {
    "amount": 0.873,
    "gaps": -12.2,
    "holes": -2.71,
    "numbers": -0.368,
    "names": -0.151,
    "words": -0.227,
    "noise": 0.267,
    "pressure": -4.03,
    "rivals": -0.105,
    "structure": -2.55,
    "short_lines": -2.2,
    "fragment": -1.05,
    "adjacent": 0.271,
}
"""Weight of each term, in units of log-odds."""
BIAS = -1.52


def confidence(evidence: Evidence) -> float:
    """The terms' weighted sum as a probability, 0.0-1.0."""
    total = BIAS + sum(TERMS[name] * value for name, value in evidence._asdict().items())
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


_REASONS = {
    "gaps": "only part of it is the same",
    "holes": "the likenesses are scattered",
    "numbers": "the numbers differ",
    "names": "the names differ",
    "words": "the wording differs",
    "pressure": "much of this document looks alike",
    "rivals": "it stands in many places, as a refrain or a form does",
    "structure": "lists, tables, headings and code repeat by design",
    "short_lines": "short lines repeat by design in verse, dialogue and captions",
    "fragment": "it is part of a longer paragraph",
}


TRANSLATION = "it is the same in a closely related language"
_MAX_WORDS = 4000
"""Words of a claim that are aligned to tell a translation: enough to be sure, and the cost stays bounded."""


def reason(evidence: Evidence) -> str:
    """What spoke most against a copy, in words."""
    against = {name: TERMS[name] * getattr(evidence, name) for name in _REASONS}
    worst = min(against, key=lambda name: (against[name], name))
    return _REASONS[worst] if against[worst] < -0.3 else "it is too short to tell"


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
            differing = Differences.between(*self._texts(parts), is_inside=share == 1.0)
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
            texts = self._texts((part,))
            differing = Differences.between(*texts)
            misspelt += differing.misspelt
            others = differing.names + differing.words + differing.misspelt
            if differing.numbers and differing.numbers >= others:
                odd.append(part)
        if misspelt > len(odd):
            return claim.parts
        return tuple(part for part in claim.parts if part not in odd)

    def is_translation(self, claim: Claim) -> bool:
        """Whether the copy is in another, close language: the same words are replaced the same way again and
        again, and few are equal. Noise and edits do not repeat themselves like that.

        Measured shares of equal and of systematically replaced words: sister languages .32-.70 and .04-.26,
        character noise of 10 % .38-.65 and at most .032, edited copies from .65 on and 0.
        """
        if claim.matched == claim.letters:
            return False
        copies, twins = self._texts(claim.parts)
        one, two = [" ".join(texts).casefold() for texts in (copies, twins)]
        words, others = _WORD.findall(one)[:_MAX_WORDS], _WORD.findall(two)[:_MAX_WORDS]
        if min(len(words), len(others)) < 30:
            return False
        equal, pairs = aligned_words(words, others)
        stays = Counter(words)
        for word, _ in pairs:
            stays[word] -= 1
        counts = Counter(pairs)
        systematic = sum(n for (word, _), n in counts.items() if n >= 2 and stays[word] <= 0)
        total = max(len(words), len(others))
        return equal < 0.72 * total and systematic >= max(0.03 * total, 0.1 * (total - equal))

    def _texts(self, parts: Sequence[Part]) -> tuple[list[str], list[str]]:
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


_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
_NEGATION = frozenset(
    "not no never nor none without kein keine keinen nicht nie ohne ne pas jamais sans "
    "non mai senza nunca sin não nem sem niet geen nooit bez не нет без ни".split()
)


class Differences(NamedTuple):
    """Words that stand on one side only, by what they are."""

    numbers: int
    names: int
    words: int
    misspelt: int

    @classmethod
    def none(cls) -> Differences:
        """Nothing differs."""
        return cls(0, 0, 0, 0)

    @classmethod
    def between(
        cls, copies: Sequence[str], twins: Sequence[str], *, is_inside: bool = False
    ) -> Differences:
        """Count what differs, as multisets: a moved word is no difference.

        ``is_inside``: all of the copy stands in the twin. What a quotation leaves out is no difference of
        wording then; a number or a negation still is.
        """
        one, two = Counter(_words(copies)), Counter(_words(twins))
        only_one, only_two = list((one - two).elements()), list((two - one).elements())
        misspelt = _pair_misspelt(only_one, only_two)
        numbers = max(_count(only_one, _is_number), _count(only_two, _is_number))
        if is_inside:
            only_two = only_one
        names = max(_count(only_one, _is_name), _count(only_two, _is_name))
        rest = max(len(only_one), len(only_two)) - names
        rest -= max(_count(only_one, _is_number), _count(only_two, _is_number))
        return cls(numbers, names, max(0, rest), misspelt)


def _words(texts: Iterable[str]) -> list[str]:
    """Words with their case where it marks a name: not at the start of a sentence, not all capitals."""
    words = []
    for text in texts:
        before = "."
        for match in _WORD.finditer(text):
            word = match[0].replace("’", "'")
            at = match.start() - 1
            while at > 0 and text[at] in " \t\r\n\"'“”‘’«»(*_":
                at -= 1
            before = text[at] if at >= 0 else "."
            words.append(word.casefold() if before in ".!?:-–—>" or word.isupper() else word)
    return words


def _count(words: Iterable[str], fits: Callable[[str], bool]) -> int:
    return sum(fits(word) for word in words)


def _is_number(word: str) -> bool:
    """A number, a version, a short identifier (``3.5``, ``2b``, ``win32``), or a negation.

    A longer word with a digit in it (``char6f``) has been misread.
    """
    letters = sum(map(str.isalpha, word))
    has_digit = letters < len(word) and any(map(str.isdigit, word))
    return (has_digit and letters <= 3) or word.casefold() in _NEGATION


def _is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and not _is_number(word)


def _pair_misspelt(one: list[str], two: list[str]) -> int:
    """Pairs of words, taken out of both lists, that are one word read differently: four letters or more, and
    most of them shared in order."""
    paired = 0
    left = Counter(two)
    taken: Counter[str] = Counter()
    by_ends: dict[tuple[str, int], list[str]] = {}
    for word in left:
        if _can_be_misspelt(word):
            folded = word.casefold()
            for key in {(folded[:2], 0), (folded[-2:], 1)}:
                by_ends.setdefault(key, []).append(word)
    for word in one:
        folded = word.casefold()
        if not _can_be_misspelt(word):
            continue
        near = by_ends.get((folded[:2], 0), []) + by_ends.get((folded[-2:], 1), [])
        for other in near:
            if left[other] and _is_misspelling(folded, other.casefold()):
                taken[word] += 1
                left[other] -= 1
                paired += 1
                break
    one[:] = (Counter(one) - taken).elements()
    two[:] = left.elements()
    return paired


def _can_be_misspelt(word: str) -> bool:
    return len(word) >= 4 or (len(word) == 3 and any(map(str.isdigit, word)))


def _is_misspelling(one: str, two: str) -> bool:
    """Whether two words are one word read differently. Two numbers never are; a number and letters can be."""
    digits = sum(any(map(str.isdigit, word)) for word in (one, two))
    mixed = sum(not word.isdigit() and not word.isalpha() for word in (one, two))
    if abs(len(one) - len(two)) > 2 or (digits and mixed != 1):
        return False
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    return max(len(one), len(two)) - head - tail <= max(1, min(2, len(one) // 4))
