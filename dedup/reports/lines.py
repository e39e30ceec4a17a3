"""Line numbers of spans, as people count them: only LF, CRLF and CR end a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from dedup.model import Span

LINE_END = re.compile(r"\r\n|\n|\r")


class LineNumbers:
    """Where the lines of a text begin, found once, or ``lines`` if they are not its own.

    >>> LineNumbers("a\\r\\nb\\rc").of(Span(3, 6))
    (2, 3)
    """

    def __init__(self, text: str, lines: Sequence[int] = ()) -> None:
        self._text = text
        self._starts: Sequence[int] = lines or _starts(text)

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, offset: int) -> int:
        """Number, from 1, of the line that holds the character at ``offset``."""
        return bisect_right(self._starts, offset)

    def start(self, offset: int) -> int:
        """Where the line that holds the character at ``offset`` begins."""
        return self._starts[self.at(offset) - 1]

    def of(self, span: Span) -> tuple[int, int]:
        """First and last line of what stands in ``span``, white space around it left out."""
        visible = stripped(self._text, span)
        return self.at(visible.start), self.at(max(visible.start, visible.end - 1))


def _starts(text: str) -> list[int]:
    """Where lines begin; nothing begins at the end."""
    if "\r" in text:
        return [0, *(end.end() for end in LINE_END.finditer(text) if end.end() < len(text))]
    starts = [0, *accumulate([len(line) + 1 for line in text.split("\n")][:-1])]
    return starts[:-1] if len(starts) > 1 and starts[-1] == len(text) else starts


def stripped(text: str, span: Span) -> Span:
    """``span`` without white space at its ends; as it is when it holds nothing else."""
    start, end = span.start, span.end
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return Span(start, end) if start < end else span
