"""A page for people: comments on pull requests, the summary of a build's step.

Nothing of a document takes effect: its text stands in code blocks and code spans only, so no image is loaded,
nobody is mentioned and no HTML is rendered. The page has a size that whoever shows it takes; what does not fit is
counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dedup.checks.alerts import Alert, Checked, Spot, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.excerpts import excerpt
from dedup.checks.formats.messages import shortened
from dedup.checks.formats.worst import Worst
from dedup.checks.gate import ANYTHING, End
from dedup.model import Span, Tally
from dedup.reports import wording
from dedup.reports.markdown import cell, code, fenced
from dedup.reports.parts import HEADS
from dedup.reports.pictures import CellRole, glyph, heat_strip

FILES = 100
FINDINGS = 1000
TROUBLES = 20
"""Listed at most, where there is room."""

STRIP = 24
"""Characters of a picture of a file."""
PATH = 300
"""Characters of a path."""
RESERVE = 600
"""Bytes kept for what says that something is left out."""
FILES_SHARE = 3
"""One part in so many of the room is for files."""

_ROLES: dict[CellRole, str] = {
    "removed": "would go", "source": "is what that repeats", "once": "is neither",
}  # fmt: skip
_LEGEND = wording.enumeration(
    [f"{code(glyph(role, ascii_only=False))} {what}" for role, what in _ROLES.items()]
)
_FILES_HEAD = f"""\
In the pictures {_LEGEND}.

| file | from its start to its end | findings | characters | of it |
|---|---|---:|---:|---:|
"""


class Writer:
    """The page, once all is known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._file = _File("", None)
        self._files = Worst[_Row](FILES)
        self._findings = Worst[Alert](FINDINGS)
        self._troubles: list[tuple[str, Trouble]] = []
        self._unread = 0

    def begin(self) -> Iterator[str]:
        """Nothing: the numbers come first."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """Nothing: the greatest are kept."""
        if checked.path != self._file.path:
            self._finish_file()
            self._file = _File(checked.path, checked.tally)
        for trouble in checked.troubles:
            self._unread += 1
            if len(self._troubles) < TROUBLES:
                self._troubles.append((checked.path, trouble))
        for alert in checked.alerts:
            if alert.level == "error":
                self._findings.add(alert.characters, alert)
                self._file.add(alert, checked.record)
        return iter(())

    def end(self, end: End) -> Iterator[str]:
        """The numbers, what could not be read, the files, the findings."""
        self._finish_file()
        page = _Page(self._setting.room - RESERVE)
        page.add(_numbers(end))
        page.add("".join(f"- {code(said)}\n" for said in self._said(end)))
        self._add_files(page)
        self._add_findings(page)
        yield from page.pieces

    def _finish_file(self) -> None:
        if self._file.findings:
            row = self._file.row(self._shown(self._file.path))
            self._files.add(self._file.characters, row)

    def _said(self, end: End) -> Iterator[str]:
        """What is wrong beside findings, line by line."""
        for path, trouble in self._troubles:
            yield shortened(f"not read: {path}{trouble.place}: {trouble.reason}", 2 * PATH)
        if more := self._unread - len(self._troubles):
            yield f"not read: {wording.count(more, 'more file or record')}"
        yield from (f"limit: {said}" for said in end.exceeded if said != ANYTHING)
        for name, number in end.set_aside.items():
            yield shortened(f"ignored: {wording.count(number, 'finding')}: {name}", 2 * PATH)
        yield from (shortened(f"note: {said}", 2 * PATH) for said in end.warnings[:TROUBLES])

    def _add_files(self, page: _Page) -> None:
        if not len(self._files):
            return
        page.add(_FILES_HEAD)
        room = page.room // FILES_SHARE
        left = self._files.left_out
        for row in self._files:
            if row.size <= room and page.add(row.text):
                room -= row.size
            else:
                room, left = 0, left + 1  # and so all that follow: no gap inside
        if left:
            page.end(f"| {wording.count(left, 'more file')} | | | | |\n")

    def _add_findings(self, page: _Page) -> None:
        left = self._findings.left_out
        for number, alert in enumerate(self._findings, 1):
            text = "\n".join(self._finding(number, alert)) + "\n"
            left += not page.add(text)
        if left:
            page.end(f"\n{wording.count(left, 'more finding')}, not shown here.\n")

    def _finding(self, number: int, alert: Alert) -> Iterator[str]:
        where = alert.spot.at(self._shown(alert.spot.path))
        yield f"\n### {number}. {alert.name}: {code(where)}\n"
        facts = [wording.count(alert.characters, "character")] if alert.characters else []
        facts += [f"score {wording.score(alert.score)}"] if alert.related else []
        yield f"{'; '.join([code(alert.message(self._shown)), *facts])}.\n"
        yield from fenced([line for _, line in excerpt(alert)])

    def _shown(self, path: str) -> str:
        return shortened(self._setting.paths.shown(path), PATH)


class _Page:
    """Pieces of text, as many as there is room for."""

    def __init__(self, room: int) -> None:
        self.pieces: list[str] = []
        self.room = room

    def add(self, text: str) -> bool:
        """Put ``text`` at the end; whether there was room for it."""
        size = _size(text)
        if size > self.room:
            self.room = 0  # nor is there for anything behind it, so that no gap shows
            return False
        self.pieces.append(text)
        self.room -= size
        return True

    def end(self, text: str) -> None:
        """Put what says that something is left out at the end, in the place that is kept for it."""
        self.pieces.append(text)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table of files."""

    text: str

    @property
    def size(self) -> int:
        """Bytes."""
        return _size(self.text)


@dataclass(slots=True)
class _File:
    """A file while its findings come in."""

    path: str
    tally: Tally | None
    findings: int = 0
    characters: int = 0
    removed: list[Span] = field(default_factory=list)
    sources: list[Span] = field(default_factory=list)

    def add(self, alert: Alert, record: int) -> None:
        """One more finding, in the record of that number if it is in one."""
        self.findings += 1
        self.characters += alert.characters
        here, others = [alert.spot], list(alert.related)
        goes, stays = (others[:1], here) if alert.is_turned else (here, others)
        self.removed += (_span(spot, record) for spot in goes)
        if not record:
            self.sources += (_span(spot, record) for spot in stays if not spot.document)

    def row(self, shown: str) -> _Row:
        """What the table says of it. Of a file of records the picture shows which of them."""
        tally = self.tally
        strip, share = "", ""
        if tally is not None and tally.characters:
            length = tally.characters
            if tally.documents is not None:  # bad records have numbers too, and are no documents
                length = max(tally.documents, *(span.end for span in self.removed))
            strip = "".join(
                one.character for one in heat_strip(length, self.removed, self.sources, STRIP)
            )
            share = _percent(self.characters / tally.characters)
        picture = code(strip) if strip else ""
        numbers = f"{self.findings:,} | {self.characters:,} | {share}"
        return _Row(f"| {cell(shown)} | {picture} | {numbers} |\n")


def _numbers(end: End) -> str:
    totals = end.totals
    row = " | ".join(
        (
            f"{totals.documents:,}",
            f"{end.documents:,}",
            f"{end.count:,}",
            f"{end.characters:,} of {totals.characters:,}",
            _percent(end.redundancy),
        )
    )
    head = HEADS["check-markdown"].decode()
    return f"{head} of the text |\n|---:|---:|---:|---:|---:|\n| {row} |\n\n"


def _span(spot: Spot, record: int) -> Span:
    return Span(record - 1, record) if record else Span(spot.start, spot.end)


def _percent(share: float) -> str:
    return wording.percent(share).replace("<", "&lt;").replace(">", "&gt;")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))
