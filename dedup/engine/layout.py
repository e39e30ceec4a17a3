"""A text as cleanup looks at it: its lines, its blocks, and the lines that are laid out on purpose."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from dedup.engine import split
from dedup.engine.split import Block
from dedup.model import Span

BLANKS = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What a line can hold and still be blank: spaces of all widths, and tabs."""

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
_FENCE = re.compile(r"[ \t]*(?:(?:[-*+>]|[0-9]{1,3}[.)])[ \t]+)?(`{3,}|~{3,})")
_CODE_MARKS = {"markdown": "`", "rst": "`", "asciidoc": "`", "pod": "<", "perl": "<"}
_RAW = re.compile(r"<(pre|code|script|style|textarea|svg)\b", re.IGNORECASE)


class Line(NamedTuple):
    """A line, in offsets of the text."""

    start: int
    end: int
    """Where its line end begins."""
    stop: int
    """Where the next line begins."""


class Page:
    """One text, looked at once for all kinds of cleanup."""

    def __init__(self, text: str, format: str, encoding: str, frozen: Sequence[Span]) -> None:
        self.text = text
        self.format = format
        self.encoding = encoding
        """The codec that has to write what is put in."""
        self.frozen = frozen
        """What has to stay, sorted."""

    @property
    def is_markdown(self) -> bool:
        """Whether blanks at the end of a line have a meaning, and a fence that nothing closes."""
        return self.format == "markdown"

    def shows_code(self, said: str) -> bool:
        """Whether a line of markup sets code off, in which every blank counts."""
        return _CODE_MARKS.get(self.format, "\n") in said

    @cached_property
    def lines(self) -> list[Line]:
        """All lines; an empty one behind a last line end is none."""
        found = _LINE.finditer(self.text)
        return [
            Line(one.start(), one.end(1), one.end()) for one in found if one.end() > one.start()
        ]

    @cached_property
    def blocks(self) -> list[Block]:
        """The paragraphs."""
        return split.split(self.text, self.format)

    @cached_property
    def guarded(self) -> bytearray:
        """For each line whether it is code, front matter or a table: there every blank may count."""
        guarded = bytearray(len(self.lines))
        for block in self.blocks:
            if block.kind in (split.CODE, split.MATTER, split.TABLE):
                first, last = self.line_at(block.span.start), self.line_at(block.span.end - 1)
                guarded[first : last + 1] = b"\1" * (last + 1 - first)
        is_plain = self.format in ("text", "markdown", "html")  # others say what is code
        if is_plain and any(mark in self.text for mark in ("```", "~~~", "<")):
            self._guard_fenced(guarded)
        return guarded

    def _guard_fenced(self, guarded: bytearray) -> None:
        """Code between fences, indented or not, and between tags that show text as it is."""
        at = 0
        while at < len(self.lines):
            line = self.said(at)
            end = 0
            if fence := _FENCE.match(line):
                end = self._fence_end(at, fence[1])
            elif raw := _RAW.search(line):
                end = self._tag_end(at, raw[1].lower())
            if end:
                guarded[at:end] = b"\1" * (end - at)
            at = end or at + 1

    def _fence_end(self, at: int, mark: str) -> int:
        """The line after the fence that closes the one at ``at``. An open one holds all that follows in
        Markdown, and is a row of marks elsewhere: then 0."""
        if mark in self._open:
            return len(self.lines) if self.is_markdown else 0
        for end in range(at + 1, len(self.lines)):
            line = self.said(end).strip(" \t>")
            if line.startswith(mark) and not line.strip(mark[0]):
                return end + 1
        self._open.add(mark)
        return len(self.lines) if self.is_markdown else 0

    def _tag_end(self, at: int, name: str) -> int:
        """The line after the one that closes the tag ``name``; 0 if none does."""
        close = f"</{name}"
        if close in self._open:
            return 0
        for end in range(at, len(self.lines)):
            if close in self.said(end).lower():
                return end + 1
        self._open.add(close)
        return 0

    @cached_property
    def _open(self) -> set[str]:
        """What was opened and is never closed from there on: it need not be looked for again."""
        return set()

    def said(self, at: int) -> str:
        """The line with this index, without its end."""
        return self.text[self.lines[at].start : self.lines[at].end]

    def line_at(self, offset: int) -> int:
        """Index of the line that holds ``offset``."""
        return bisect_right(self.lines, offset, key=lambda line: line.start) - 1

    @cached_property
    def _blank(self) -> list[bool]:
        return [not self.said(at).strip(BLANKS) for at in range(len(self.lines))]

    @cached_property
    def _filled(self) -> list[int]:
        """Index of each line that is not blank."""
        return [at for at, is_blank in enumerate(self._blank) if not is_blank]

    def is_blank(self, at: int) -> bool:
        """Whether the line with this index holds nothing but blanks."""
        return self._blank[at]

    def blank_row(self, at: int) -> tuple[int, int]:
        """The row of blank lines that ``at`` is one of: its first line, and the one after its last."""
        after = bisect_right(self._filled, at)
        first = self._filled[after - 1] + 1 if after else 0
        return first, self._filled[after] if after < len(self._filled) else len(self.lines)

    def is_guarded(self, span: Span) -> bool:
        """Whether the line that ``span`` begins on is laid out on purpose."""
        return bool(self.guarded[self.line_at(span.start)])

    def is_frozen(self, start: int, end: int) -> bool:
        """Whether something that has to stay stands between two offsets."""
        at = bisect_right(self.frozen, start, key=lambda span: span.end)
        return at < len(self.frozen) and self.frozen[at].start < end


def without(blocks: Sequence[Span], going: Sequence[tuple[int, int]]) -> list[Span]:
    """What to take out so that stretches of blocks go, each with the separator after it.

    At the end of the text that is the separator before it: then the text ends as it did. ``going`` are first
    index and the one after the last, in order and apart; some block stays.
    """
    trailing = len(blocks)
    for first, last in reversed(going):
        if last != trailing:
            break
        trailing = first
    spans = []
    for first, last in going:
        if first >= trailing:
            spans.append(Span(blocks[first - 1].end, blocks[last - 1].end))
        else:
            spans.append(Span(blocks[first].start, blocks[last].start))
    return spans
