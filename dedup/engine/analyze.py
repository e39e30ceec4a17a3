"""The steps in order: documents in, what repeats and what goes out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine import normalize, places, plan, scores, split, surplus
from dedup.engine.cuts import UNIT_SCORE, Find, Look, none_alike
from dedup.engine.search import look
from dedup.engine.split import LineIndex
from dedup.model import (
    CONTAINED,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    REPEATED_BLOCK,
    Document,
    DocumentResult,
    Edit,
    Finding,
    Passage,
    Result,
    Span,
    Sums,
    merged,
)
from dedup.options import Options, cleans_up

if TYPE_CHECKING:
    from dedup.engine.directives import Directive, Problem

MAX_ROUNDS = 8
"""Looks at a text until nothing more repeats; one that goes on longer is left whole."""
MIN_SENTENCES = 3
"""Sentences of one paragraph that are a block when they stand again: a body in a single long line."""
UNSETTLED = "left whole: what repeats in it did not settle"
UNWEIGHED = (
    "left whole: a long row of equal lines in it could not be told apart from what stands around it"
)


def analyze(documents: Iterable[Document | str], options: Options | None = None) -> Result:
    """The whole answer for a few documents; a plain string becomes a document named ``text``."""
    options = options or Options()
    results = tuple(results_of(documents, options))
    sums = Sums()
    for result in results:
        sums.add(result.tally)
    return Result(options, results, sums.totals)


def results_of(documents: Iterable[Document | str], options: Options) -> Iterator[DocumentResult]:
    """One result per document, in order, as a stream."""
    for document in documents:
        if isinstance(document, str):
            document = Document("text", document)
        yield analyze_document(document, options)


def analyze_document(
    document: Document, options: Options, frozen: Sequence[Span] = (), *, alike: bool = True
) -> DocumentResult:
    """What repeats in one document, and what cleanup was asked for, planned to a fixed point and checked.

    Nothing of a span in ``frozen`` goes, whatever happens; without ``alike`` look-alikes, which stay, are not
    among the findings. Raises ``plan.UnsafePlan`` if a promise would
    break: that is a defect, and nothing may be written.
    """
    frozen = merged(frozen)
    find = partial(_found, alike=alike)
    if not (options.keep or options.keep_hash or _may_speak(document)):
        return find(document, options, frozen)
    from dedup.engine import keeping  # only where something has to stay

    return keeping.result(document, options, find, frozen)


def unused_directives(document: Document, options: Options) -> tuple[Directive, ...]:
    """The comments of a document to dedup, by line, without any one of which the same would go."""
    if not _may_speak(document):
        return ()
    from dedup.engine import keeping

    return keeping.unused(document, options, partial(_found, alike=False))


def held(
    document: Document, options: Options
) -> tuple[Sequence[Span], Sequence[Span], tuple[int, ...]]:
    """What of a document its comments hide, and what has to stay because they or the options say so; and which
    of ``keep`` and, counted on, ``keep_hash`` say it."""
    programs = split.programs(document.text, document.format)
    if not (options.keep or options.keep_hash or _may_speak(document)):
        return programs, (), ()
    from dedup.engine import keeping

    hidden, kept, entries = keeping.held(document, options)
    return merged([*programs, *hidden]), kept, entries


def problems_of(document: Document) -> tuple[Problem, ...]:
    """The comments of a document to dedup, by line, that are not understood or have nothing to hold for."""
    if not _may_speak(document):
        return ()
    from dedup.engine import keeping

    return keeping.problems(document)


def _may_speak(document: Document) -> bool:
    """Whether comments may tell what to leave alone; a text without them need not know how they are written."""
    if document.markers or document.format == "text":
        return bool(document.markers)
    return any(name in document.text for name in ("dedup", "Dedup", "DEDUP", "DeDup"))


def _found(
    document: Document, options: Options, frozen: Sequence[Span], *, alike: bool
) -> DocumentResult:
    """What goes of one document but for ``frozen``."""
    if programs := split.programs(document.text, document.format):
        frozen = merged([*frozen, *programs])
    if not cleans_up(options):
        return repeats_of(document, options, frozen, alike=alike)
    from dedup.engine import combined  # only where it is asked for

    return combined.result(document, options, partial(repeats_of, alike=alike), frozen)


def repeats_of(
    document: Document, options: Options, frozen: Sequence[Span], *, alike: bool = True
) -> DocumentResult:
    """What repeats in one document."""
    aside = surplus.find(document.text)
    view = document
    if aside:
        shown = _shown(document.text, aside)
        view = replace(document, text="".join(span.cut(document.text) for span in shown))
        frozen = _seen(frozen, aside, shown)
    settled = _settled(view, options, frozen)
    if not settled:
        return _left_whole(document, UNSETTLED)
    edits, course = settled
    if not alike:
        course = course._replace(last=course.last._replace(lookalikes=none_alike))
    if not aside and not edits:
        whole = _Positions([Span(0, len(document.text))] if document.text else [])
        return _result(document, edits, course, whole, 0, {})
    if not aside:
        remaining = _Positions(plan.kept_spans(len(document.text), edits))
        gone = places.emptied(document.text, course.first.paragraphs, edits)
        return _result(document, edits, course, remaining, gone, {})
    return _with_surplus(document, view, edits, course, aside)


def _seen(
    frozen: Sequence[Span], aside: Sequence[surplus.Surplus], shown: Sequence[Span]
) -> list[Span]:
    """What has to stay of the text in view: of a row of equal lines all, where some of it has to."""
    rows = []
    for one in aside:
        at = bisect_right(frozen, one.row_start, key=lambda span: span.end)
        if at < len(frozen) and frozen[at].start < one.row_end:
            rows += [Span(one.row_start, one.start), Span(one.end, one.row_end)]
    return _Positions(shown).forward(sorted([*_without(frozen, sorted(rows)), *rows]))


def _left_whole(document: Document, note: str) -> DocumentResult:
    return DocumentResult(document, (), (), document.text, _count(document), 0, note)


def _count(document: Document) -> int:
    return split.count(document.text, document.format)


def _settled(
    document: Document, options: Options, frozen: Sequence[Span]
) -> tuple[list[Edit], _Course] | None:
    """The edits at the fixed point, each resting on text that stays; None if there is no such point."""
    kept: list[Span] = []
    for _ in range(MAX_ROUNDS):
        course = _to_fixed_point(document, options, kept, frozen)
        if not course.is_settled:
            break
        if not course.removals:
            return [], course
        edits, orphans = _edits(document, course.removals, options)
        if stuck := _overlapping(edits, frozen):
            frozen = sorted([*frozen, *stuck])
            continue
        if not orphans:
            if plan.apply(document.text, edits) != course.remaining:
                raise plan.UnsafePlan(
                    "the cleaned text is not the one in which nothing more was found"
                )
            return edits, course
        kept += orphans
    return None


def _overlapping(edits: Sequence[Edit], frozen: Sequence[Span]) -> list[Span]:
    """The edits that would take something that has to stay: blanks between paragraphs, which have no letters."""
    if not frozen:
        return []
    ends = list(accumulate((span.end for span in frozen), max))
    stuck = []
    for edit in edits:
        at = bisect_right(ends, edit.span.start)
        if at < len(frozen) and frozen[at].start < edit.span.end:
            stuck.append(edit.span)
    return stuck


def _with_surplus(
    document: Document,
    view: Document,
    edits: list[Edit],
    course: _Course,
    aside: Sequence[surplus.Surplus],
) -> DocumentResult:
    """The result for a text whose rows of equal lines were only looked at in part."""
    aside = _slid(aside, edits)
    back = _Positions(_shown(document.text, aside))
    moved = [_moved(edit, back) for edit in edits]
    starts = [edit.span.start for edit in moved]
    paragraphs = course.first.paragraphs or [
        block.span for block in split.split(view.text, view.format)
    ]
    goes: list[Edit] = []
    counts: dict[Span, int] = {}
    hidden = 0
    for one in aside:
        near = moved[
            max(0, bisect_right(starts, one.row_start) - 1) : bisect_right(starts, one.row_end - 1)
        ]
        near = [edit for edit in near if edit.span.end > one.row_start]
        follows = _following(document, near, one)
        if follows:
            goes.append(follows)
        elif near:
            return _left_whole(document, UNWEIGHED)
        counts[Span(one.start, one.end)] = one.copies * _starting(
            paragraphs, one.start - hidden - one.unit, one.unit
        )
        hidden += one.end - one.start
    every = sorted([*moved, *goes], key=lambda edit: edit.span)
    kept = plan.kept_spans(len(view.text), edits)
    remaining = _Positions([piece for span in kept for piece in back.spans(span)])
    gone = places.emptied(view.text, course.first.paragraphs, edits)
    return _result(document, every, course, remaining, gone, counts)


def _starting(paragraphs: Sequence[Span], start: int, size: int) -> int:
    """How many paragraphs begin in ``size`` characters."""
    first = bisect_left(paragraphs, Span(start, start))
    return bisect_left(paragraphs, Span(start + size, start + size)) - first


def _shown(text: str, aside: Sequence[surplus.Surplus]) -> list[Span]:
    return _without([Span(0, len(text))], [Span(one.start, one.end) for one in aside])


def _slid(aside: Sequence[surplus.Surplus], edits: Sequence[Edit]) -> list[surplus.Surplus]:
    """The same number of copies of each row, but from where an edit of the view ends, so that none is cut in
    two: a row can be cut anywhere and leaves the same."""
    starts = [edit.span.start for edit in edits]
    slid, hidden = [], 0
    for one in aside:
        place = one.start - hidden
        hidden += one.end - one.start
        at = bisect_right(starts, place) - 1
        by = edits[at].span.end - place if at >= 0 else 0
        if 0 < by <= one.row_end - one.end:
            one = one._replace(start=one.start + by, end=one.end + by)
        slid.append(one)
    return slid


def _moved(edit: Edit, back: _Positions) -> Edit:
    """An edit of the view in offsets of the whole text."""
    pieces = back.spans(edit.span)
    twins = tuple(
        Passage(edit.document, piece) for twin in edit.twins for piece in back.spans(twin.span)
    )
    return replace(edit, span=Span(pieces[0].start, pieces[-1].end), twins=twins)


def _following(document: Document, near: Sequence[Edit], one: surplus.Surplus) -> Edit | None:
    """The removal of a surplus: it goes with the copy right before or after it, and rests on the same."""
    removed = document.text[one.start : one.end]
    for low in (one.start - one.unit, one.end):
        high = low + one.unit
        beside = [edit for edit in near if edit.span.start < high and edit.span.end > low]
        covered = sum(min(e.span.end, high) - max(e.span.start, low) for e in beside)
        twins = tuple(twin for edit in beside for twin in edit.twins)
        texts = [twin.span.cut(document.text) for twin in twins]
        if covered == one.unit and scores.rescore("exact", texts, removed) == 1.0:
            return replace(
                beside[-1],
                span=Span(one.start, one.end),
                removed=removed,
                kind="exact",
                score=1.0,
                twins=twins,
            )
    return None


class _Course(NamedTuple):
    """How a text came to the point where nothing more goes, or did not."""

    removals: list[_Removal]
    first: Look
    last: Look
    remaining: str
    """The text of the last look."""
    is_settled: bool


class _Removal(NamedTuple):
    """One claim's removals, in offsets of the input text."""

    find: Find
    cuts: tuple[tuple[tuple[Span, ...], tuple[Span, ...]], ...]
    """For each unit the pieces that go and the pieces of its twin."""


def _to_fixed_point(
    document: Document, options: Options, kept: Sequence[Span], frozen: Sequence[Span]
) -> _Course:
    """Look, cut, look again until nothing goes.

    Spans in ``kept`` stay until nothing else goes; then they are looked at like any other text, because a
    second cleaning would. Those in ``frozen`` stay for good.
    """
    text, format = document.text, document.format
    left = [Span(0, len(text))] if text else []
    removals: list[_Removal] = []
    remaining = text
    first = found = look(text, options, [*kept, *frozen], format)
    for _ in range(MAX_ROUNDS):
        if not found.removals and kept:
            kept = ()
            found = look(remaining, options, _Positions(left).forward(frozen), format)
        if not found.removals:
            return _Course(removals, first, found, remaining, True)
        back = _Positions(left)
        gone = []
        for find in found.removals:
            cuts = tuple((back.spans(cut.span), back.spans(cut.twin)) for cut in find.cuts)
            removals.append(_Removal(find, cuts))
            gone += [span for pieces, _ in cuts for span in pieces]
        left = _without(left, sorted(gone))
        remaining = "".join(span.cut(text) for span in left)
        found = look(remaining, options, _Positions(left).forward([*kept, *frozen]), format)
    return _Course(removals, first, found, remaining, False)


class _Positions:
    """The way between a text of which spans are left and the input."""

    def __init__(self, left: Sequence[Span]) -> None:
        self._left = left
        self._starts = [0]
        for span in left:
            self._starts.append(self._starts[-1] + len(span))

    def spans(self, span: Span) -> tuple[Span, ...]:
        """The pieces of the input that stand at ``span`` of the text that is left."""
        at = bisect_right(self._starts, span.start) - 1
        pieces = []
        while at < len(self._left) and self._starts[at] < span.end:
            shift = self._left[at].start - self._starts[at]
            low, high = max(span.start, self._starts[at]), min(span.end, self._starts[at + 1])
            if high > low:
                pieces.append(Span(low + shift, high + shift))
            at += 1
        return tuple(pieces)

    def forward(self, spans: Sequence[Span]) -> list[Span]:
        """Where spans of the input stand in the text that is left; one that was cut is left out."""
        starts = [left.start for left in self._left]
        moved = []
        for span in spans:
            at = bisect_right(starts, span.start) - 1
            if at >= 0 and span.end <= self._left[at].end:
                shift = self._starts[at] - self._left[at].start
                moved.append(Span(span.start + shift, span.end + shift))
        return moved


def _without(left: Sequence[Span], gone: Sequence[Span]) -> list[Span]:
    """``left`` without the spans in ``gone``; both sorted."""
    remaining = []
    at = 0
    for span in left:
        start = span.start
        while at < len(gone) and gone[at].start < span.end:
            if gone[at].start > start:
                remaining.append(Span(start, gone[at].start))
            start = gone[at].end
            at += 1
        if start < span.end:
            remaining.append(Span(start, span.end))
    return remaining


def _edits(
    document: Document, removals: Sequence[_Removal], options: Options
) -> tuple[list[Edit], list[Span]]:
    """The removals as edits whose twins stand in the final text; and the spans that would be orphans.

    A later round may have removed what an earlier edit rests on: then it rests on that one's twin, if the
    score still holds; otherwise it has to stay.
    """
    text = document.text
    twins_of = {
        piece: twins for removal in removals for pieces, twins in removal.cuts for piece in pieces
    }
    gone = sorted(twins_of)
    edits: list[Edit] = []
    orphans: list[Span] = []
    blanks: list[Span] = []
    for number, removal in enumerate(removals):
        name = _name(removal.find)
        mine = len(edits)
        for pieces, twins in removal.cuts:
            standing = merged(_standing(twins, gone, twins_of))
            is_part = len(pieces) > 1 or standing != merged(twins)
            for piece in pieces:
                removed = piece.cut(text)
                if len(pieces) > 1 and not normalize.key(removed):
                    blanks.append(piece)
                    continue
                twin = "".join(span.cut(text) for span in standing)
                kind, score = scores.between(removed, twin, is_part, name)
                if score < UNIT_SCORE or (options.exact and kind != "exact"):
                    orphans.append(piece)
                    continue
                edits.append(
                    Edit(
                        document=document.name,
                        span=piece,
                        removed=removed,
                        inserted="",
                        finding=name,
                        number=number,
                        kind=kind,
                        score=score,
                        confidence=removal.find.confidence,
                        twins=tuple(Passage(document.name, span) for span in standing),
                    )
                )
        if edits[mine:] and scores.of_run(edits[mine:]) < options.threshold:
            orphans += [edit.span for edit in edits[mine:]]
    edits.sort(key=lambda edit: edit.span)
    return _with_blanks(text, edits, blanks), orphans


def _with_blanks(text: str, edits: list[Edit], blanks: Sequence[Span]) -> list[Edit]:
    """Separators cut off from their unit by an earlier removal go with that removal: they touch it."""
    starts = [edit.span.start for edit in edits]
    for blank in sorted(blanks):
        after = bisect_right(starts, blank.start)
        for at in (after - 1, after):
            if not 0 <= at < len(edits):
                continue
            edit = edits[at]
            if edit.span.end == blank.start or edit.span.start == blank.end:
                span = Span(min(edit.span.start, blank.start), max(edit.span.end, blank.end))
                edits[at] = replace(edit, span=span, removed=span.cut(text))
                starts[at] = span.start
                break
    return edits


def _standing(
    twins: Sequence[Span],
    gone: Sequence[Span],
    twins_of: dict[Span, tuple[Span, ...]],
    depth: int = 0,
) -> list[Span]:
    """``twins`` with whatever of them is gone replaced by what it rests on."""
    standing: list[Span] = []
    for twin in twins:
        start = twin.start
        at = max(0, bisect_right(gone, Span(start, start)) - 1)
        while at < len(gone) and gone[at].start < twin.end:
            if gone[at].end > start:
                if gone[at].start > start:
                    standing.append(Span(start, gone[at].start))
                if depth < MAX_ROUNDS:
                    standing += _standing(twins_of[gone[at]], gone, twins_of, depth + 1)
                start = gone[at].end
            at += 1
        if start < twin.end:
            standing.append(Span(start, twin.end))
    return [span for span in standing if span.end > span.start]


def _name(find: Find) -> str:
    if find.is_contained:
        return CONTAINED
    several = find.paragraphs > 1 or find.twin_paragraphs > 1 or len(find.cuts) >= MIN_SENTENCES
    return REPEATED_BLOCK if several else NEAR_DUPLICATE


def _result(
    document: Document,
    edits: list[Edit],
    course: _Course,
    remaining: _Positions,
    gone: int,
    counts: Mapping[Span, int],
) -> DocumentResult:
    """The checked result. ``remaining`` leads from the last look's text to the document; ``gone`` are the
    paragraphs looked at that are emptied, ``counts`` those not looked at, by where they stand."""
    cleaned = text = document.text
    if edits:
        cleaned = plan.apply(text, edits)
        plan.check(text, edits, cleaned, scores.rescore, UNIT_SCORE)
    lines = LineIndex(text, document.lines)
    by_number: list[list[Edit]] = [[] for _ in course.removals]
    for edit in edits:
        by_number[edit.number].append(edit)
    findings = [
        _finding(document, removal, mine, lines, counts)
        for removal, mine in zip(course.removals, by_number, strict=True)
    ]
    findings += [_lookalike(document, find, remaining, lines) for find in course.last.lookalikes()]
    paragraphs = course.first.paragraph_count + sum(counts.values())
    gone += sum(counts.get(edit.span, 0) for edit in edits)
    note = course.first.note or course.last.note
    return DocumentResult(document, tuple(findings), tuple(edits), cleaned, paragraphs, gone, note)


def _finding(
    document: Document,
    removal: _Removal,
    mine: Sequence[Edit],
    lines: LineIndex,
    counts: Mapping[Span, int],
) -> Finding:
    twins = [twin.span for edit in mine for twin in edit.twins]
    find = removal.find
    paragraphs = find.paragraphs + sum(counts.get(edit.span, 0) for edit in mine)
    sides = (
        places.place(document, twins, find.twin_paragraphs, "kept", lines),
        places.place(document, [edit.span for edit in mine], paragraphs, "removed", lines),
    )
    return Finding(_name(find), sides, scores.of_run(mine), find.confidence, "removed")


def _lookalike(document: Document, find: Find, back: _Positions, lines: LineIndex) -> Finding:
    text = document.text
    copies = [piece for cut in find.cuts for piece in back.spans(cut.span)]
    twins = [piece for cut in find.cuts for piece in back.spans(cut.twin)]
    score = scores.rescore(
        "near", [span.cut(text) for span in twins], "".join(span.cut(text) for span in copies)
    )
    sides = (
        places.place(document, twins, find.twin_paragraphs, "kept", lines),
        places.place(document, copies, find.paragraphs, "kept", lines),
    )
    return Finding(KEPT_LOOKALIKE, sides, score, find.confidence, "kept", find.reason)
