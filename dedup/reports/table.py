"""Documents as rows for a terminal, those that lose most first, each with a strip of where its copies stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from heapq import heappush, heappushpop
from io import StringIO

from rich.cells import cell_len
from rich.text import Text

from dedup.model import KEPT_LOOKALIKE, REPAIRS, DocumentResult, Tally, merged
from dedup.reports import wording
from dedup.reports.escape import escape_line
from dedup.reports.pictures import CellRole, glyph, heat_strip
from dedup.reports.text import LEGEND, STYLES, console_on, legend

MAX_ROWS = 40
"""Documents with a row of their own; the rest is counted."""
MIN_WIDTH = 40
_SHARE, _FOUND = 5, 8
"""Columns of the numbers."""
_GAP = "  "
_SIGNS: dict[str, CellRole] = {".": "once", ":": "source", "#": "removed"}


def strip_width(width: int) -> int:
    """How many of ``width`` columns are the strip.

    >>> strip_width(80), strip_width(120), strip_width(20)
    (24, 36, 12)
    """
    return max(12, min(40, width * 3 // 10))


def strip(result: DocumentResult, width: int) -> bytes:
    """The strip of a document as letters, for ``Table.add`` at the same ``width`` of the terminal."""
    name = result.document.name
    edits = [edit for edit in result.edits if edit.finding not in REPAIRS]
    twins = merged(twin.span for edit in edits for twin in edit.twins if twin.document == name)
    removed = merged(edit.span for edit in edits)
    length = len(result.document.text)
    cells = heat_strip(length, removed, twins, strip_width(width), ascii_only=True)
    return json.dumps("".join(cell.character for cell in cells)).encode()


class Table:
    """The rows of a run, of which those that lose most are kept."""

    def __init__(self, *, width: int, color: bool, unicode: bool, most: int | None) -> None:
        """``most``: rows that are shown; None for all."""
        self._width = max(MIN_WIDTH, width)
        self._color = color
        self._unicode = unicode
        self._most = most
        self._rows: list[tuple[int, int, int, Tally, str]] = []
        self._size = 0
        """Columns of the characters that go."""
        self._count = 0
        self._left = 0
        """Characters that go from documents without a row."""

    def add(self, tally: Tally, drawn: bytes) -> None:
        """One more document, with its ``strip`` if it has one."""
        found = _found(tally)
        sign = json.loads(drawn) if drawn else ""
        row = (tally.removed_characters, found, -self._count, tally, sign)
        self._count += 1
        if self._most is None or len(self._rows) < self._most:
            heappush(self._rows, row)
        else:
            self._left += heappushpop(self._rows, row)[0]

    def render(self, noun: str) -> str:
        """The table, each line at most ``width`` columns and ended by LF; nothing without rows."""
        file = StringIO()
        if not self._rows:
            return ""
        console = console_on(file, self._width, color=self._color)
        self._size = max(len("removed"), *(len(f"{row[0]:,}") for row in self._rows))
        rows = sorted(self._rows, key=lambda row: row[:3], reverse=True)
        lines = [self._head(noun), *(self._row(row[3], row[4]) for row in rows)]
        more = self._count - len(rows)
        if more:
            size = wording.count(self._left, "character")
            words = f"and {wording.count(more, f'more {noun}')}, {size}: -v lists all"
            lines += self._wrapped(Text(f"{'':>{self._size}}{_GAP}{words}", STYLES["dim"]))
        if any(row[4] for row in rows):
            lines += [Text(), *self._wrapped(legend(LEGEND, unicode=self._unicode))]
        for line in lines:
            line.rstrip()
            console.print(line, no_wrap=True, overflow="ignore", crop=False)
        return file.getvalue()

    def _wrapped(self, line: Text) -> Iterator[Text]:
        yield from line.wrap(console_on(StringIO(), self._width, color=False), self._width)

    @property
    def _has_findings(self) -> bool:
        """Whether there is room for how many findings each has."""
        return self._width >= 60

    def _head(self, noun: str) -> Text:
        where = f"{'where':<{strip_width(self._width)}}"
        words = [f"{'removed':>{self._size}}", f"{'share':>{_SHARE}}", where]
        words += [f"{'findings':>{_FOUND}}"] * self._has_findings
        return Text(_GAP.join([*words, noun]), STYLES["dim"])

    def _row(self, tally: Tally, drawn: str) -> Text:
        share = wording.percent(tally.redundancy)
        line = Text(f"{tally.removed_characters:>{self._size},}{_GAP}{share:>{_SHARE}}{_GAP}")
        wide = strip_width(self._width)
        line += self._strip(drawn, wide)
        line.append(_GAP)
        if self._has_findings:
            line.append(f"{_found(tally):>{_FOUND},}{_GAP}")
        room = self._width - cell_len(line.plain)
        return line.append(_ended(escape_line(tally.name), room, "…" if self._unicode else "..."))

    def _strip(self, drawn: str, width: int) -> Text:
        line = Text()
        for sign in drawn:
            role = _SIGNS[sign]
            line.append(glyph(role, ascii_only=not self._unicode), STYLES[role])
        return line.append(" " * (width - len(drawn)))


def _found(tally: Tally) -> int:
    """How many findings a document has that are no look-alikes."""
    return sum(number for name, number in tally.findings.items() if name != KEPT_LOOKALIKE)


def _ended(name: str, room: int, dots: str) -> str:
    """The name, or of a long one its end, where paths differ, from a folder on if that leaves enough.

    >>> _ended("archive/2019/story-of-a-day.txt", 24, "…")
    '…/story-of-a-day.txt'
    """
    if cell_len(name) <= room:
        return name
    room -= len(dots)
    start = len(name)
    while start and (room := room - cell_len(name[start - 1])) >= 0:
        start -= 1
    slash = name.find("/", start, (start + len(name)) // 2)
    return dots + name[max(start, slash) :]
