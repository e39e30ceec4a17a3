"""The runs of a page as one text in the manner of Markdown, and where each stretch of it stands in the source.

Blocks stand between blank lines, and so do the lines of one that breaks end: however much goes, what stays
reads as the page would. The marks of headings, items, rows and code are what the search for repeats
knows such lines by; they have no place in the source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dedup.files.formats.elements import Page
from dedup.files.formats.runs import Piece, Run
from dedup.model import Span

_LINE_END = re.compile(r"\r\n?|\n")

Where = Literal["start", "inside", "end", "mark", "between"]


class Block(NamedTuple):
    """A stretch of the text between blank lines; or a row, that follows another of its table."""

    start: int
    end: int
    first: int
    """Offset of its first character that the source has too: a mark may stand before it."""
    last: int
    """Offset after the last such character."""
    table: int
    """The table whose row it is, or -1."""


@dataclass(slots=True)
class Layout:
    """The text of a page."""

    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Offset in the text of each piece; where none lies the text is made up."""

    def place(self, offset: int) -> tuple[int, Where]:
        """The block that ``offset`` is in or before the next of, and where in it."""
        at = bisect_right(self.blocks, offset, key=lambda block: block.start) - 1
        if at < 0:
            return 0, "between"
        block = self.blocks[at]
        if offset == block.start:
            return at, "start"
        if offset == block.end:
            return at, "end"
        if offset > block.end:
            return at, "between"
        return at, "inside" if block.first <= offset <= block.last else "mark"

    def between(self, before: int, after: int) -> str:
        """What stands between two blocks, given by their numbers, when they follow each other."""
        one, two = self.blocks[before], self.blocks[after]
        return "\n" if one.table == two.table != -1 else "\n\n"

    def pieces_in(self, span: Span) -> range:
        """Indexes of the pieces that lie in ``span``, in part at least."""
        low = max(0, bisect_right(self.starts, span.start) - 1)
        while low < len(self.starts) and self._stop(low) <= span.start:
            low += 1
        high = low
        while high < len(self.starts) and self.starts[high] < span.end:
            high += 1
        return range(low, high)

    def _stop(self, at: int) -> int:
        return self.starts[at] + len(self.pieces[at].text)

    def lines(self, source: str) -> tuple[int, ...]:
        """Offset in the text at which each line of ``source`` begins."""
        found = [0]
        openings = {block.first: block.start for block in self.blocks}
        ends = [piece.end for piece in self.pieces]
        for start in line_starts(source):
            at = bisect_right(ends, start)
            if at == len(ends):
                found.append(len(self.text))
                continue
            piece = self.pieces[at]
            inner = start - piece.start if piece.is_plain else 0
            first = self.starts[at]
            found.append(first + inner if inner > 0 else openings.get(first, first))
        return tuple(found)

    def gap(self, place: int) -> Span:
        """Where in the text that stands which is no part of it: between the text before ``place`` of the source
        and the text after it, marks of lines left out."""
        at = bisect_right(self.pieces, place, key=lambda piece: piece.end)
        start = end = len(self.text)
        if at:
            start = self._stop(at - 1)
            before = self.blocks[
                bisect_right(self.blocks, start, key=lambda block: block.first) - 1
            ]
            start = before.end if start == before.last else start
        else:
            start = 0
        if at < len(self.pieces):
            end = self.starts[at]
            after = self.blocks[bisect_right(self.blocks, end, key=lambda block: block.start) - 1]
            end = after.start if end == after.first else end
        return Span(start, max(start, end))


def line_starts(source: str) -> list[int]:
    """Where the lines of ``source`` but the first begin: only LF, CRLF and CR end one."""
    return [end.end() for end in _LINE_END.finditer(source)]


def lay_out(page: Page) -> Layout:
    """The text of ``page``.

    >>> from dedup.files.formats.elements import parse
    >>> lay_out(parse("<h2>A</h2><ul><li>b<li>c</ul><table><tr><td>1<td>2</table>")).text
    '## A\\n\\n- b\\n\\n- c\\n\\n| 1 | 2 |\\n'
    """
    writer = _Writer()
    rows = _rows(page)
    at = 0
    while at < len(page.runs):
        run = page.runs[at]
        cells = rows.get(run.row, 0) if run.kind == "cell" else 0
        if cells:
            writer.row(page.runs[at : at + cells])
            at += cells
        else:
            writer.block(run)
            at += 1
    return writer.finished()


def _rows(page: Page) -> dict[int, int]:
    """The rows whose cells are lines of text, two at least, and how many each has."""
    counts = Counter(run.row for run in page.runs)
    cells: dict[int, set[int]] = {}
    for run in page.runs:
        if run.kind == "cell" and not run.has_break and run.row not in page.layout_rows:
            cells.setdefault(run.row, set()).add(run.container)
    return {row: len(found) for row, found in cells.items() if len(found) == counts[row] > 1}


class _Writer:
    def __init__(self) -> None:
        self._layout = Layout()
        self._parts: list[str] = []
        self._size = 0

    def block(self, run: Run) -> None:
        """One run as a block of its own."""
        before, after = _marks(run)
        self._block([run], before, after, -1)

    def row(self, runs: list[Run]) -> None:
        """The cells of a row as one line."""
        self._block(runs, "| ", " |", runs[0].table)

    def finished(self) -> Layout:
        """The layout of all that was written."""
        if self._parts:
            self._write("\n")
        self._layout.text = "".join(self._parts)
        return self._layout

    def _block(self, runs: list[Run], before: str, after: str, table: int) -> None:
        blocks = self._layout.blocks
        if blocks:
            self._write("\n" if blocks[-1].table == table != -1 else "\n\n")
        start = self._size
        self._write(before)
        first = self._size
        for number, run in enumerate(runs):
            if number:
                self._write(" | ")
            for piece in run.pieces:
                self._layout.starts.append(self._size)
                self._layout.pieces.append(piece)
                self._write(piece.text)
        last = self._size
        self._write(after)
        blocks.append(Block(start, self._size, first, last, table))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)


def _marks(run: Run) -> tuple[str, str]:
    """What stands before and behind a run to show what it is."""
    if run.kind == "heading":
        return f"{'#' * run.level} ", ""
    if run.kind == "item":
        return "- ", ""
    if run.kind == "code":
        text = "".join(piece.text for piece in run.pieces)
        longest = max(map(len, re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}\n", f"\n{fence}"
    return "", ""
