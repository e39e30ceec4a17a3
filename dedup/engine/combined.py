"""Cleanup and the removal of repeats, each on what the other left, as one plan over the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
    kept: str = ""
    """What the twins said then."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A finding in the making. Those of repeats are known, with their places in the input."""

    name: str
    found: Finding | None = None


class _Unproved(Exception):
    """A removal rests on nothing that still says the same."""


def result(
    document: Document, options: Options, find: Find, frozen: Sequence[Span]
) -> DocumentResult:
    """The document cleaned up and without repeats, to the point where neither finds anything more.

    Where the two do not come to an end together it is only cleaned up; where not even that does, left whole.
    """
    work = _Work(document, options, frozen)
    if not work.clean_up():
        count = split.count(document.text)
        return DocumentResult(document, (), (), document.text, count, 0, RESTLESS)
    try:
        if work.find_repeats(find):
            return work.result()
    except _Unproved:
        pass
    work = _Work(document, options, frozen)
    work.clean_up()
    work.note = ONLY_CLEANED
    return work.result()


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
        frozen = self._composed.forward(self.frozen)
        return Page(text, self.document.format, self.document.encoding, frozen)

    def find_repeats(self, find: Find) -> bool:
        """Take out what repeats, clean up, and again until nothing is left to do; whether that point came."""
        for _ in range(MAX_ROUNDS):
            text = self._composed.text
            view = replace(self.document, text=text, lines=())
            found = find(view, self.options, self._composed.forward(self.frozen))
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
        number = self._repairs.get(done.name)
        if number is None:
            number = len(self._deeds)
            twins = tuple(self._composed.back(done.twin)) if done.twin else ()
            kept = done.twin.cut(self._composed.text) if done.twin else ""
            group = len(self._groups)
            self._groups.append(_Group(done.name))
            self._deeds.append(
                _Deed(group, done.name, score=done.score, said=done.said, twins=twins, kept=kept)
            )
            if done.name in REPAIRS:
                self._repairs[done.name] = number
            else:
                self._composed.keep_apart(number)
        return Change(done.start, done.end, done.inserted, number)

    def _take_out(self, found: DocumentResult) -> None:
        first = len(self._groups)
        text = found.document.text
        changes = []
        for edit in found.edits:
            number = len(self._deeds)
            twins = tuple(span for twin in edit.twins for span in self._composed.back(twin.span))
            kept = "".join(twin.span.cut(text) for twin in edit.twins)
            self._deeds.append(
                _Deed(
                    first + edit.number,
                    edit.finding,
                    edit.kind,
                    edit.score,
                    edit.confidence,
                    edit.removed,
                    twins,
                    kept,
                )
            )
            self._composed.keep_apart(number)
            changes.append(Change(edit.span.start, edit.span.end, "", number))
        self._alike = [
            self._at_home(finding) for finding in found.findings if finding.action == "kept"
        ]
        # Those that remove come first, so that their numbers are their edits'.
        self._groups += [
            _Group(finding.name, self._at_home(finding))
            for finding in found.findings
            if finding.action != "kept"
        ]
        self._composed.apply(changes)

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

    def result(self) -> DocumentResult:
        """What was done, in the input's offsets, and proved. Raises ``_Unproved``."""
        text, cleaned = self.document.text, self._composed.text
        done = self._composed.edits()
        deeds = {change.owner: self._proved(self._deeds[change.owner]) for change in done}
        self._check_runs(deeds)
        numbers = self._numbers(done)
        edits = [
            self._edit(change, deeds[change.owner], numbers[deeds[change.owner].group])
            for change in done
        ]
        compared = {
            at: deeds[change.owner].said
            for at, change in enumerate(done)
            if deeds[change.owner].kind != "cleanup"
        }
        plan.check(text, edits, cleaned, scores.rescore, UNIT_SCORE, compared)
        blocks = [block.span for block in split.split(text)]
        removals = [edit for edit in edits if not edit.is_repair]
        mine: list[list[Edit]] = [[] for _ in numbers]
        for edit in edits:
            mine[edit.number].append(edit)
        findings = [self._finding(group, mine[at], blocks) for group, at in numbers.items()]
        return DocumentResult(
            self.document,
            (*findings, *self._alike),
            tuple(edits),
            cleaned,
            len(blocks),
            places.emptied(text, blocks, removals),
            self.note,
        )

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
        note = f"{len(mine):,} place{'s' * (len(mine) > 1)}" if is_repair else ""
        return Finding(of.name, tuple(found), mine[0].score, 1.0, action, note)

    # Proof

    def _proved(self, deed: _Deed) -> _Deed:
        """The deed with its twins, and its score, as they are in the end."""
        if not deed.twins:
            return deed
        twins = tuple(self._resting(deed.twins, 0))
        kept = "".join(map(self._composed.standing, twins))
        if twins == deed.twins and kept == deed.kept:
            return deed
        is_part = twins != deed.twins or deed.kind in ("contained", "cleanup")
        kind, score = scores.between(deed.said, kept, is_part, deed.name)
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
        return found if found == list(twins) else places.merged(found)

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
