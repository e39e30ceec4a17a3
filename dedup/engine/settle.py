"""Repeats -> what goes: claims weighed, guarded and chosen, and the look-alikes that stay."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from types import MappingProxyType
from weakref import WeakMethod

from dedup.engine import (
    choose,
    claims,
    differences,
    joint,
    judge,
    normalize,
    passages,
    units,
    verify,
)
from dedup.engine.claims import LINE_SHARE as LINE_SHARE
from dedup.engine.cuts import UNIT_SCORE, Cut, Find, Look, is_balanced, spans_of
from dedup.engine.surroundings import BIG, EXACT_UNIT, Surroundings
from dedup.model import Span
from dedup.options import Options

MIN_CONFIDENCE = 0.5
"""Confidence from which a claim is taken for a copy: the sign of the score."""
RESPELT = 1.2
"""``Evidence.noise`` from which a claim may be a close language."""
MIN_CODE_SUPPORT = 0.25
"""Support from which code alone can go; otherwise examples are taken to be shown again by design."""
MIN_SHARED = 0.5
"""Rivals from which code stays even in a text much of which stands twice: it stands there more often."""
MIN_HEADLINE, MAX_HEADLINE = 8, 80
"""Letters of a paragraph that may follow the block it stands next to."""
HEADLINE_SCORE = 0.55
"""Least score of so short a unit; unrelated headlines reach .35 to .45."""
ROUNDS = 2
"""Times a claim is judged: once by itself, and once more knowing what else is proven."""
_ROUNDING = 1e-9
"""More than sums of the same terms in another order differ by."""
LOOKALIKE_SCORE = 0.8
"""Score from which a claim that a guard kept is worth a note."""


def settle(
    stream: normalize.Stream,
    columns: units.Units,
    repeats: Sequence[passages.Repeat],
    options: Options,
    kept: Sequence[Span],
) -> Look:
    """What goes and what only looks repeated; nothing that overlaps a span in ``kept`` goes."""
    bench = Bench(stream, columns, repeats, options)
    chosen = choose.choose(
        bench.accepted,
        len(stream.letters),
        bench.should_go,
        bench.still_stands,
        _locked(stream, kept),
        may_swap=options.keep_copy == "fullest",
    )
    spans = spans_of(
        stream.text, columns.blocks, [part for removal in chosen for part in removal.parts]
    )
    removals = tuple(
        bench.find(removal.claim, removal.parts, removal.confidence, "", spans)
        for removal in chosen
    )
    gone = bytearray(len(stream.letters))
    for removal in chosen:
        for part in removal.parts:
            gone[part.start : part.end] = b"\1" * (part.end - part.start)
    return Look(
        removals, lambda: bench.lookalikes(gone), tuple(block.span for block in columns.blocks)
    )


def _locked(stream: normalize.Stream, kept: Sequence[Span]) -> bytearray:
    locked = bytearray(len(stream.letters))
    for span in kept:
        start = bisect_left(stream.positions, span.start)
        end = bisect_left(stream.positions, span.end)
        locked[start:end] = b"\1" * (end - start)
    return locked


class _Case:
    """A claim on its way: what of it may go, and how sure the judge is as things stand."""

    def __init__(
        self,
        scored: claims.Claim,
        guard: WeakMethod[Callable[[claims.Claim], claims.Claim | None]],
        score: judge.Score,
    ) -> None:
        """``guard`` is the bench's, which holds the case: tied in a ring, all that was looked at of a document would
        stay in memory until it is searched for garbage, a tenth of the time of checking many small ones."""
        self.scored, self.score = scored, score
        self._guard = guard
        self.confidence, self.why = 0.0, ""
        self.evidence: judge.Evidence | None = None
        """What was last found out; all of it where the claim is a copy."""
        self.order = -scored.repeat.matched, scored.repeat

    @cached_property
    def guarded(self) -> claims.Claim | None:
        """The claim without what a guard keeps."""
        guard = self._guard()
        assert guard, "a case is asked while its bench is there"
        return guard(self.scored)

    @property
    def claim(self) -> claims.Claim:
        """What is judged: without what a guard keeps, unless that is all of it. Of a single unit it is all or
        nothing, and the guards, which are dear, need not be asked."""
        return self.scored if len(self.scored.parts) == 1 else self.guarded or self.scored

    def is_copy(self, surroundings: Surroundings) -> bool:
        """Weigh the evidence anew."""
        if len(self.scored.parts) > 1 and not self.guarded:
            return False
        claim, score = self.claim, self.score
        evidence, pressure, support = surroundings.at_best(claim)
        total = score.total(evidence) + pressure * score.terms["pressure"]
        if total + support * score.terms["support"] < -_ROUNDING:
            return False
        for evidence in surroundings.bounds(claim):
            if score.total(evidence) < -_ROUNDING:
                return False
        self.evidence, self.confidence = evidence, score.confidence(evidence)
        return self.confidence >= MIN_CONFIDENCE and self.guarded is not None

    def reason(self, surroundings: Surroundings) -> tuple[float, str]:
        """How sure the judge was of a claim that stays, and what spoke against it."""
        evidence = surroundings.evidence(self.claim)
        why = self.why
        if not why and not surroundings.without_fields(self.scored.parts):
            why = judge.FIELDS
        return min(self.score.confidence(evidence), MIN_CONFIDENCE), why or self.score.reason(
            evidence
        )


class Bench:
    """Claims with their evidence, and the answers ``choose`` asks for."""

    def __init__(
        self,
        stream: normalize.Stream,
        columns: units.Units,
        repeats: Sequence[passages.Repeat],
        options: Options,
    ) -> None:
        self.stream, self.columns, self.options = stream, columns, options
        self.score = judge.SCORES[options.level]
        self._scores: dict[claims.Part, float] = {}
        self._repeats = repeats
        least = min(options.min_chars, EXACT_UNIT)  # shorter ones can neither go nor press
        found = claims.find(repeats, columns, stream.weight, least)
        self.surroundings = Surroundings(stream, columns, repeats, found)
        self.accepted: list[tuple[claims.Claim, float]] = []
        self.cases = [case for case in map(self._case, found) if case]
        waiting = list(self.cases)
        for _ in range(ROUNDS):
            waiting = self._judged(waiting)
            if not self.accepted:
                break  # nothing is proven that the others could be judged anew by
            self.surroundings.rest()
        self.refused = self._joined(waiting) if self.accepted else waiting

    def _case(self, claim: claims.Claim) -> _Case | None:
        """The claim as far as it may go at all; None if it is too short or too little alike."""
        scored = self._scored(claim)
        if not scored or not self.suffices(scored.parts):
            return None
        return _Case(scored, WeakMethod(self._guarded), self.score)

    def _judged(self, cases: list[_Case]) -> list[_Case]:
        """Accept what is a copy, the largest first: proven text no longer presses on the rest."""
        cases.sort(key=attrgetter("order"))
        refused = []
        for _, sides in groupby(cases, key=lambda case: case.scored.repeat):
            proven = None
            for case in sides:
                is_copy = case.is_copy(self.surroundings)
                case.why = self.stays(case, case.evidence) if is_copy and case.evidence else ""
                if is_copy and not case.why and case.guarded:
                    proven = case.guarded
                    self.accepted.append((self._grown(case.guarded), case.confidence))
                    continue
                refused.append(case)
            if proven:
                self.surroundings.prove(proven)
        return refused

    def _joined(self, refused: Sequence[_Case]) -> list[_Case]:
        """Accept what the document as a whole shows to be copies; what is left."""
        proven = [claim for claim, _ in self.accepted]
        is_twice = self.surroundings.is_pasted_twice
        is_doubled = joint.are_doubled_throughout(proven, self.surroundings)
        lines = joint.Lines(proven, self.surroundings)
        if not (is_doubled or lines.are_any):
            return list(refused)
        left = []
        for case in [*refused, *(self._too_short() if is_doubled else ())]:
            claim = case.scored
            goes = (is_doubled and is_twice(claim)) or lines.are_mostly_copies(claim.parts)
            if (
                goes
                and case.guarded is claim
                and not self.stays(case, self.surroundings.evidence(claim))
            ):
                self.accepted.append((claim, MIN_CONFIDENCE))
            elif self.suffices(claim.parts):
                left.append(case)
        return left

    def _too_short(self) -> Iterator[_Case]:
        """Whole paragraphs that stand again letter by letter, too short to go on their own."""
        least = claims.LINE_SHARE * (self.options.min_chars // joint.DOUBLED_SHARE)
        for claim in claims.find(self._repeats, self.columns, self.stream.weight, least):
            if claim.matched == claim.letters and not self.suffices(claim.parts):
                yield _Case(claim, WeakMethod(self._guarded), self.score)

    def stays(self, case: _Case, evidence: judge.Evidence) -> str:
        """Why a claim with this ``evidence`` stays whatever its score, if it does."""
        differing = [part for part in case.scored.parts if not part.is_exact]
        if differing and differences.is_translation(
            *self.surroundings.texts(differing), is_respelt=evidence.noise >= RESPELT
        ):
            return judge.TRANSLATION
        is_alone = evidence.support < MIN_CODE_SUPPORT
        if is_alone and differing and self.surroundings.are_of_others(differing):
            return judge.OTHERS
        if is_alone and self.surroundings.is_heading_of_text(case.claim):
            return judge.HEADING
        is_shared = evidence.rivals >= MIN_SHARED
        if (is_alone or is_shared) and self.surroundings.is_code_alone(case.claim):
            return judge.CODE
        return ""

    def _guarded(self, claim: claims.Claim) -> claims.Claim | None:
        """The claim without the frame of a form around it, without links to elsewhere and without units that differ in
        a number, unless noise explains it; None if too little is left."""
        parts = self.surroundings.without_frame(claim)
        parts = self.surroundings.without_fields(parts)
        parts = self.surroundings.without_other_targets(parts)
        parts = self.surroundings.without_other_numbers(parts)
        parts = self._balanced(parts)
        if parts == claim.parts:
            return claim
        return claim.only(parts) if parts and self.suffices(parts) else None

    def _grown(self, claim: claims.Claim) -> claims.Claim:
        """A proven noisy block with the units in it and the short paragraphs around it that look alike too.

        A headline that was misread shares no window with its twin, but stands where it should.
        """
        if claim.matched < BIG or claim.matched == claim.letters or self.options.exact:
            return claim
        first, last = claim.parts[0], claim.parts[-1]
        found = [self._neighbour(first, -1), *claim.parts, self._neighbour(last, 1)]
        found += [self._between(one, two) for one, two in pairwise(claim.parts)]
        known = set(claim.parts)
        grown = [
            part
            for part in found
            if part and (part in known or self.surroundings.without_other_numbers((part,)))
        ]
        return claim.only(tuple(sorted(grown)))

    def _between(self, one: claims.Part, two: claims.Part) -> claims.Part | None:
        """The one unit between two parts with what stands between their twins, if these are alike."""
        columns = self.columns
        if one.sentence < 0 and two.sentence < 0 and two.paragraph == one.paragraph + 2:
            at, sentence = one.paragraph + 1, -1
            start, end = columns.starts[at], columns.ends[at]
        elif one.paragraph == two.paragraph and two.sentence == one.sentence + 2:
            at, sentence = one.paragraph, one.sentence + 1
            start, end = columns.sentences[at][sentence]
        else:
            return None
        return self._alike(claims.Part(start, end, one.twin_end, two.twin, 0, at, sentence))

    def _alike(self, part: claims.Part) -> claims.Part | None:
        """A part that only its place speaks for, if it is about as long as its twin and looks like it."""
        sizes = sorted((part.end - part.start, part.twin_end - part.twin))
        if not MIN_HEADLINE <= sizes[0] <= sizes[1] <= 1.6 * sizes[0]:
            return None
        score = self._score(part)
        least = HEADLINE_SCORE if sizes[0] < MAX_HEADLINE else UNIT_SCORE
        return part._replace(matched=int(score * sizes[0])) if score >= least else None

    def _neighbour(self, part: claims.Part, step: int) -> claims.Part | None:
        """The paragraph next to a whole ``part`` with the one next to its twin, if they are short and alike."""
        columns = self.columns
        opposite = columns.between(part.twin, part.twin_end)
        if part.sentence >= 0 or not opposite:
            return None
        mine, twin = part.paragraph + step, opposite[0 if step < 0 else -1] + step
        if not 0 <= min(mine, twin) <= max(mine, twin) < len(columns.starts):
            return None
        start, end = columns.starts[mine], columns.ends[mine]
        other, other_end = columns.starts[twin], columns.ends[twin]
        if max(end - start, other_end - other) > MAX_HEADLINE:
            return None
        return self._alike(claims.Part(start, end, other, other_end, 0, mine, -1))

    def _balanced(self, parts: tuple[claims.Part, ...]) -> tuple[claims.Part, ...]:
        """Without sentences whose cut would leave half a pair of brackets or tags behind."""
        if all(part.sentence < 0 for part in parts):
            return parts
        text = self.stream.text
        kept: list[claims.Part] = []
        for _, group in groupby(parts, key=lambda part: (part.paragraph, part.sentence < 0)):
            stretch = list(group)
            spans = self.columns.blocks[stretch[0].paragraph].sentences
            if stretch[0].sentence >= 0:
                cut = "".join(spans[part.sentence].cut(text) for part in stretch)
                if len(stretch) < len(spans) and not is_balanced(cut):
                    stretch = [p for p in stretch if is_balanced(spans[p.sentence].cut(text))]
            kept += stretch
        return tuple(kept)

    def _scored(self, claim: claims.Claim) -> claims.Claim | None:
        """The claim with only those parts whose score passes; None if there are none."""
        least = 1.0 if self.options.exact else UNIT_SCORE
        parts = tuple([part for part in claim.parts if self._score(part) >= least])
        if len(parts) == len(claim.parts):
            return claim
        return claim.only(parts) if parts else None

    def _score(self, part: claims.Part) -> float:
        """The score of a part; asked for again at every step, computed once."""
        if part.is_exact:
            return 1.0
        score = self._scores.get(part)
        if score is None:
            letters = self.stream.letters
            copy, twin = letters[part.start : part.end], letters[part.twin : part.twin_end]
            score = self._scores[part] = verify.score("near", twin, copy)
        return score

    def suffices(self, parts: Sequence[claims.Part]) -> bool:
        """Whether ``parts`` are long enough, and as a whole alike enough, to go."""
        stream = self.stream
        weight = sum([stream.weight(part.start, part.end) for part in parts])
        least = self.options.min_chars
        if weight < least and all(part.is_exact and part.sentence < 0 for part in parts):
            least = least // LINE_SHARE
        if weight < least:
            return False
        sizes = [part.end - part.start for part in parts]
        total = sum([self._score(part) * size for part, size in zip(parts, sizes, strict=True)])
        return total >= self.options.threshold * sum(sizes)

    def still_stands(self, claim: claims.Claim, parts: Sequence[claims.Part]) -> bool:
        """Whether what is left of a claim would go on its own evidence, not on that of what is settled."""
        if len(parts) == len(claim.parts):
            return True
        if not self.suffices(parts):
            return False
        left = self.surroundings.evidence(claim.only(tuple(parts)))
        return self.score.confidence(left) >= MIN_CONFIDENCE

    def should_go(self, one: claims.Claim, two: claims.Claim) -> bool:
        """Of two sides of one repeat, whether ``one`` goes by the keep policy (``two`` is earlier)."""
        whole_one, whole_two = _is_whole(one), _is_whole(two)
        if whole_one != whole_two and min(one.matched, two.matched) < BIG:
            return whole_one  # a teaser goes, the text that contains it stays
        policy = self.options.keep_copy
        if policy in ("first", "last"):
            return policy == "first"
        if policy == "longest":
            return self._characters(one) <= self._characters(two)
        return claims.own(one, self.columns) <= claims.own(two, self.columns)

    def _characters(self, claim: claims.Claim) -> int:
        positions = self.stream.positions
        return positions[claim.parts[-1].end - 1] - positions[claim.parts[0].start]

    def find(
        self,
        claim: claims.Claim,
        parts: Sequence[claims.Part],
        confidence: float,
        reason: str = "",
        spans: Mapping[claims.Part, Span] = MappingProxyType({}),
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
        opposite = self._opposite(parts)
        return Find(
            cuts,
            confidence,
            touched,
            len(opposite),
            len(parts) == len(opposite) == 1
            and parts[0].sentence < 0
            and self._is_inside(parts, opposite[0]),
            reason,
        )

    def _opposite(self, parts: Sequence[claims.Part]) -> list[int]:
        """The paragraphs the twins stand in, and what lies between twins that follow each other."""
        between = self.columns.between
        if all(one.twin_end <= two.twin for one, two in pairwise(parts)):
            return between(parts[0].twin, parts[-1].twin_end)
        return sorted({at for part in parts for at in between(part.twin, part.twin_end)})

    def _is_inside(self, parts: Sequence[claims.Part], paragraph: int) -> bool:
        """Whether the twins are only part of the paragraph they stand in."""
        size = self.columns.ends[paragraph] - self.columns.starts[paragraph]
        return sum(part.twin_end - part.twin for part in parts) < 0.8 * size

    def lookalikes(self, gone: bytearray) -> list[Find]:
        """Claims a guard kept, worth a note: alike, and neither side touched by a removal or a larger one."""
        noted = bytearray(gone)
        finds = []
        for case in sorted(self.refused, key=lambda case: -case.scored.matched):
            claim = case.scored
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
            finds.append(self.find(claim, claim.parts, *case.reason(self.surroundings)))
        return finds


def _is_whole(claim: claims.Claim) -> bool:
    return all(part.sentence < 0 for part in claim.parts)
