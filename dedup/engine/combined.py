"""Cleanup and the removal of repeats, each on what the other left, as one plan over the input."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from dedup.engine import cleanup, places, plan, scores, split
from dedup.engine.compose import Change, Composed
from dedup.engine.cuts import UNIT_SCORE
from dedup.engine.layout import Page
from dedup.engine.split import LineIndex
from dedup.model import (
    REPAIRS,
    SHARE_CARD,
    Action,
    Document,
    DocumentResult,
    Edit,
    Finding,
    Kind,
    Passage,
    Place,
    Role,
    Span,
    merged,
)
from dedup.options import Options

MAX_ROUNDS = 8
"""Times that cleanup, and cleanup and removal in turn, may find something."""
MAX_CHAIN = 8
"""Removals that rest on each other, one behind the other, before none of them counts as resting on anything."""
RESTLESS = "left whole: cleaning it up did not come to an end"
ONLY_CLEANED = "repeats left: what repeats in it did not settle together with cleanup"

Find = Callable[[Document, Options, Sequence[Span]], DocumentResult]
"""What repeats in a document, and what has to stay of it."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """What was done at one place, or by one kind of repair."""

    group: int
    """The finding it belongs to."""
    name: str
    kind: Kind = "cleanup"
    score: float = 1.0
    confidence: float = 1.0
    said: str = ""
    """What is compared with the twins: the text that went, as it was then; of a share card, its teaser."""
    twins: tuple[Span, ...] = ()
    """Where in the input that stands."""
    kept: tuple[str, ...] = ()
    """What the twins said then."""
    is_proved: bool = False
    """Whether it was compared with what its twins say in the end."""


MAX_LINES = 12
"""Lines with repairs that a finding names."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A finding in the making. Those of repeats are known, with their places in the input."""

    name: str
    found: Finding | None = None


class _Proved(NamedTuple):
    """A result, and what of each removal of a copy was compared, by the index of its edit."""

    document: DocumentResult
    compared: Mapping[int, plan.Compared]


class _Unproved(Exception):
    """A removal rests on nothing that still says the same."""


def result(
    document: Document, options: Options, find: Find, frozen: Sequence[Span]
) -> DocumentResult:
    """The document cleaned up and without repeats, to the point where neither finds anything more.

    Repeats are looked for, and removals proved, on the text that is cleaned up: so a second cleaning, which begins
    there, comes to the same. Where the two do not come to an end together it is only cleaned up; where not even
    that does, left whole.
    """
    work = _Work(document, options, frozen)
    try:
        if not work.clean_up():
            return _left_whole(document)
        work.adopt(_without_repeats(work, find))
        return work.result().document
    except _Unproved:  # a share card whose passage was a copy itself, and the other one says less
        return _left_whole(document)


def _left_whole(document: Document) -> DocumentResult:
    count = split.count(document.text, document.format)
    return DocumentResult(document, (), (), document.text, count, 0, RESTLESS)


def _without_repeats(work: _Work, find: Find) -> _Proved | None:
    """What repeats in what is left of a document; None if that does not come to an end."""
    inner = _Work(work.view, work.options, work.frozen_view)
    try:
        return inner.result() if inner.find_repeats(find) else None
    except _Unproved:
        return None


class _Work:
    """One document on its way."""

    def __init__(self, document: Document, options: Options, frozen: Sequence[Span]) -> None:
        self.document = document
        self.options = options
        self.frozen = frozen
        self.note = ""
        self._composed = Composed(document.text)
        self._deeds: list[_Deed] = []
        self._groups: list[_Group] = []
        self._repairs: dict[str, int] = {}
        """Number of the one deed of each kind of repair."""
        self._alike: list[Finding] = []

    @property
    def view(self) -> Document:
        """The document as it is left so far."""
        return replace(self.document, text=self._composed.text, lines=())

    @property
    def frozen_view(self) -> list[Span]:
        """Where in it that stands which has to stay."""
        return self._composed.forward(self.frozen)

    # Doing

    def clean_up(self) -> bool:
        """Clean up until nothing is left to do; whether that point came."""
        kinds = cleanup.kinds(self.options)
        for _ in range(MAX_ROUNDS):
            before = text = self._composed.text
            page = self._page(text)
            for kind in kinds:
                done = kind(page)
                if done:
                    self._composed.apply([self._cleaned(each) for each in done])
                    text = self._composed.text
                    page = self._page(text)
            if text == before:
                return True
        return False

    def _page(self, text: str) -> Page:
        return Page(text, self.document.format, self.document.encoding, self.frozen_view)

    def find_repeats(self, find: Find) -> bool:
        """Take out what repeats, clean up, and again until nothing is left to do; whether that point came."""
        for _ in range(MAX_ROUNDS):
            text = self._composed.text
            found = find(self.view, self.options, self.frozen_view)
            self.note = found.note
            self._take_out(found)
            left = self._composed.text
            if left == text:
                return True
            if not self.clean_up():
                return False
            if left == self._composed.text:  # and in what removing leaves nothing repeats
                return True
        return False

    def _cleaned(self, done: cleanup.Cleaned) -> Change:
        if done.name in REPAIRS:
            return Change(done.start, done.end, done.inserted, self._repair(done.name))
        twins = tuple(self._composed.back(done.twin)) if done.twin else ()
        kept = (done.twin.cut(self._composed.text),) if done.twin else ()
        group = self._group(_Group(done.name))
        deed = _Deed(group, done.name, score=done.score, said=done.said, twins=twins, kept=kept)
        return Change(done.start, done.end, "", self._removal(deed))

    def _repair(self, name: str) -> int:
        """Number of the one deed of a kind of repair."""
        if name not in self._repairs:
            self._repairs[name] = len(self._deeds)
            self._deeds.append(_Deed(self._group(_Group(name)), name))
        return self._repairs[name]

    def _removal(self, deed: _Deed) -> int:
        """Number of a new deed that takes something out."""
        number = len(self._deeds)
        self._deeds.append(deed)
        self._composed.keep_apart(number)
        return number

    def _group(self, group: _Group) -> int:
        self._groups.append(group)
        return len(self._groups) - 1

    def _take_out(self, found: DocumentResult) -> None:
        """Do what was found to repeat in the text at hand."""
        text = found.document.text
        compared = {
            at: plan.Compared(edit.removed, tuple(twin.span.cut(text) for twin in edit.twins))
            for at, edit in enumerate(found.edits)
        }
        self._do(found, compared, is_proved=False)

    def adopt(self, proved: _Proved | None) -> None:
        """Do what was done to the text at hand, and proved on it; nothing if that did not come to an end."""
        if proved is None:
            self.note = ONLY_CLEANED
            return
        self.note = proved.document.note
        self._do(proved.document, proved.compared, is_proved=True)

    def _do(
        self, found: DocumentResult, compared: Mapping[int, plan.Compared], *, is_proved: bool
    ) -> None:
        self._alike = [
            self._at_home(finding) for finding in found.findings if finding.action == "kept"
        ]
        groups: dict[int, int] = {}
        changes = []
        for at, edit in enumerate(found.edits):
            if edit.is_repair:
                owner = self._repair(edit.finding)
            else:
                if edit.number not in groups:
                    is_repeat = edit.kind != "cleanup"
                    finding = found.findings[edit.number]
                    home = self._at_home(finding) if is_repeat else None
                    groups[edit.number] = self._group(_Group(edit.finding, home))
                said, kept = compared.get(at, plan.Compared("", ()))
                deed = _Deed(
                    group=groups[edit.number],
                    name=edit.finding,
                    kind=edit.kind,
                    score=edit.score,
                    confidence=edit.confidence,
                    said=said,
                    kept=kept,
                    is_proved=is_proved,
                )
                owner = self._removal(deed)
            changes.append(Change(edit.span.start, edit.span.end, edit.inserted, owner))
        self._composed.apply(changes)
        # Where twins stand is asked afterwards: what went may have come in one piece with them.
        moved = _Moved(changes)
        for change, edit in zip(changes, found.edits, strict=True):
            spans = [moved.span(twin.span) for twin in edit.twins]
            twins = tuple(home for span in spans for home in self._composed.back(span))
            self._deeds[change.owner] = replace(self._deeds[change.owner], twins=twins)

    def _at_home(self, finding: Finding) -> Finding:
        """A finding with its places in the input."""
        return replace(finding, places=tuple(map(self._home_of, finding.places)))

    def _home_of(self, place: Place) -> Place:
        spans = self._composed.back(place.passage.span)
        return places.place(self.document, spans, place.paragraphs, place.role, self._lines)

    # The result

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self.document.text, self.document.lines)

    def result(self) -> _Proved:
        """What was done, in the input's offsets, and proved. Raises ``_Unproved``."""
        text, cleaned = self.document.text, self._composed.text
        done = self._with_blanks(self._composed.edits())
        deeds = {change.owner: self._proved(self._deeds[change.owner]) for change in done}
        self._check_runs(deeds)
        numbers = self._numbers(done)
        edits = [
            self._edit(change, deeds[change.owner], numbers[deeds[change.owner].group])
            for change in done
        ]
        compared = {
            at: plan.Compared(deeds[change.owner].said, deeds[change.owner].kept)
            for at, change in enumerate(done)
            if deeds[change.owner].kind != "cleanup"
        }
        plan.check(text, edits, cleaned, scores.rescore, UNIT_SCORE, compared)
        blocks = [block.span for block in split.split(text, self.document.format)]
        removals = [edit for edit in edits if not edit.is_repair]
        mine: list[list[Edit]] = [[] for _ in numbers]
        for edit in edits:
            mine[edit.number].append(edit)
        findings = [self._finding(group, mine[at], blocks) for group, at in numbers.items()]
        whole = DocumentResult(
            self.document,
            (*findings, *self._alike),
            tuple(edits),
            cleaned,
            len(blocks),
            places.emptied(text, blocks, removals),
            self.note,
        )
        return _Proved(whole, compared)

    def _with_blanks(self, done: Sequence[Change]) -> list[Change]:
        """What was done, with blanks that an older removal cut off from their copy put to that removal."""
        whole: list[Change] = []
        for change in done:
            last = whole[-1] if whole else None
            if last is None or last.end < change.start or self._is_repair(last, change):
                whole.append(change)
            elif self._is_cut_off(change):
                whole[-1] = last._replace(end=change.end)
            elif self._is_cut_off(last):
                whole[-1] = change._replace(start=last.start)
            else:
                whole.append(change)
        return whole

    def _is_repair(self, *changes: Change) -> bool:
        return any(self._deeds[change.owner].name in REPAIRS for change in changes)

    def _is_cut_off(self, change: Change) -> bool:
        """Whether it is blanks alone, of a copy that is more than that."""
        deed = self._deeds[change.owner]
        removed = self.document.text[change.start : change.end]
        return removed.isspace() and bool(deed.twins) and not deed.said.isspace()

    def _numbers(self, done: Sequence[Change]) -> dict[int, int]:
        """Index of each finding that something is left of: repeats first, then cleanup as it stands."""
        groups = {self._deeds[change.owner].group: change.start for change in reversed(done)}
        order = sorted(groups, key=lambda group: self._rank(group, groups[group]))
        return {group: at for at, group in enumerate(order)}

    def _rank(self, group: int, start: int) -> tuple[int, int]:
        of = self._groups[group]
        if of.found is not None:
            return 0, group
        return 1 + (of.name in REPAIRS), start

    def _edit(self, change: Change, deed: _Deed, number: int) -> Edit:
        name = self.document.name
        return Edit(
            document=name,
            span=Span(change.start, change.end),
            removed=self.document.text[change.start : change.end],
            inserted=change.inserted,
            finding=deed.name,
            number=number,
            kind=deed.kind,
            score=deed.score,
            confidence=deed.confidence,
            twins=tuple(Passage(name, span) for span in deed.twins),
        )

    def _finding(self, group: int, mine: Sequence[Edit], blocks: Sequence[Span]) -> Finding:
        of = self._groups[group]
        if of.found is not None:
            return of.found
        is_repair = of.name in REPAIRS
        role: Role = "cleaned" if is_repair else "removed"
        action: Action = role
        spans = [edit.span for edit in mine]
        count = len(places.touched(blocks, mine))
        found = [places.place(self.document, spans, count, role, self._lines)]
        if of.name == SHARE_CARD:
            twins = [twin.span for twin in mine[0].twins]
            found.insert(0, places.place(self.document, twins, 1, "kept", self._lines))
        note = self._where(mine) if is_repair else ""
        return Finding(of.name, tuple(found), mine[0].score, 1.0, action, note)

    def _where(self, edits: Sequence[Edit]) -> str:
        """How many places were repaired, and on which lines the first of them are."""
        many = f"{len(edits):,} place{'s' * (len(edits) > 1)}"
        numbers = dict.fromkeys(self._lines.number(edit.span.start) for edit in edits)
        if len(numbers) == 1:
            return many
        shown = ", ".join(map(str, [*numbers][:MAX_LINES]))
        return f"{many}: lines {shown}{', ...' if len(numbers) > MAX_LINES else ''}"

    # Proof

    def _proved(self, deed: _Deed) -> _Deed:
        """The deed with its twins, and its score, as they are in the end."""
        if not deed.twins or deed.is_proved:
            return deed
        twins = tuple(self._resting(deed.twins, 0))
        kept = tuple(map(self._composed.standing, twins))
        if twins == deed.twins and kept == deed.kept:
            return deed
        is_part = twins != deed.twins or deed.kind in ("contained", "cleanup")
        kind, score = scores.between(deed.said, "".join(kept), is_part, deed.name)
        if score < UNIT_SCORE or not twins or (self.options.exact and kind != "exact"):
            raise _Unproved
        kind = "cleanup" if deed.kind == "cleanup" else kind
        return replace(deed, kind=kind, score=score, twins=twins, kept=kept)

    def _resting(self, twins: Sequence[Span], depth: int) -> list[Span]:
        """The twins, and in the place of what later went of them what that rests on."""
        found: list[Span] = []
        for twin in twins:
            start = twin.start
            for gone in self._composed.gone(twin):
                if gone.start > start:
                    found.append(Span(start, gone.start))
                if depth == MAX_CHAIN:
                    raise _Unproved
                found += self._resting(self._deeds[gone.owner].twins, depth + 1)
                start = max(start, gone.end)
            if start < twin.end:
                found.append(Span(start, twin.end))
        return found if found == list(twins) else merged(found)

    def _check_runs(self, deeds: Mapping[int, _Deed]) -> None:
        """``_Unproved`` if a run is not alike enough any more after what its removals rest on has changed."""
        runs: dict[int, list[_Deed]] = {}
        for owner, deed in deeds.items():
            if deed.kind != "cleanup" and deed is not self._deeds[owner]:
                runs[deed.group] = []
        for deed in deeds.values():
            if deed.group in runs:
                runs[deed.group].append(deed)
        for run in runs.values():
            if scores.mean([(deed.score, deed.said) for deed in run]) < self.options.threshold:
                raise _Unproved


class _Moved:
    """Where in a changed text that stands which no change took out."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._ends = [change.end for change in changes]
        grown = (len(change.inserted) - (change.end - change.start) for change in changes)
        self._shifts = [0, *accumulate(grown)]

    def span(self, span: Span) -> Span:
        """The place of ``span``, of which nothing went, in the changed text."""
        return Span(self._offset(span.start), self._offset(span.end, is_end=True))

    def _offset(self, offset: int, *, is_end: bool = False) -> int:
        at = bisect_right(self._ends, offset)
        if at < len(self._changes) and self._changes[at].start < offset:
            # In the middle of what was mended: from its start, or to its end.
            change = self._changes[at]
            return self._shifts[at] + change.start + len(change.inserted) * is_end
        return offset + self._shifts[at]
