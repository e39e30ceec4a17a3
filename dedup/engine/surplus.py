"""Rows of equal lines -> what of them is set aside before anything is looked for.

Where a few lines come over and over, thousands of times, a look at some of the copies decides for all of them.
So the middle of such a row is taken out of view; it goes if the copies on both sides of it go, and stays if
they stay. What is in view is the same however long the row is, and so is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MIN_COPIES = 32
"""Times that the lines have to stand in a row. Fewer are looked at like any other text."""
_SHOWN = 15
"""Copies in view on each side of what is set aside: almost as many as in the longest row that is seen whole."""
_MAX_LINES = 8
"""Lines that may alternate."""
_STEP = 16
"""Every how many lines a row is looked for; at most the copies it has less ``_MAX_LINES``."""


class Surplus(NamedTuple):
    """The middle of a row, in offsets of the text; both ends are starts of lines."""

    start: int
    end: int
    unit: int
    """Characters of one copy; the surplus is a whole number of them."""
    row_start: int
    row_end: int
    """The row it is taken from."""

    @property
    def copies(self) -> int:
        """How many copies are set aside."""
        return (self.end - self.start) // self.unit


def find(text: str) -> list[Surplus]:
    """What to set aside, in order of the text; nothing in most texts."""
    if text.count("\n") < MIN_COPIES:
        return []
    lines = text.split("\n")
    found = []
    at = passed = offset = 0
    while at + _MAX_LINES < len(lines):
        row = _row(lines, passed, at)
        if row is None:
            at += _STEP
            continue
        start, end, period = row
        offset += _length(lines, passed, start)
        unit = _length(lines, start, start + period)
        row_end = offset + _length(lines, start, end)
        copies = (end - start) // period - 2 * _SHOWN
        first = offset + _SHOWN * unit
        found.append(Surplus(first, first + copies * unit, unit, offset, row_end))
        offset, passed = row_end, end
        at = end
    return found


def _length(lines: Sequence[str], start: int, end: int) -> int:
    return sum(map(len, lines[start:end])) + end - start


def _row(lines: Sequence[str], least: int, at: int) -> tuple[int, int, int] | None:
    """First line, line after the last, and lines in one copy of the row that line ``at`` stands in."""
    for period in range(1, _MAX_LINES + 1):
        if lines[at] != lines[at + period]:
            continue
        start, end = at, at + 1
        while start > least and lines[start - 1] == lines[start - 1 + period]:
            start -= 1
        while end + period < len(lines) and lines[end] == lines[end + period]:
            end += 1
        end += period
        if end == len(lines):
            end -= 1  # the last line has no line end
        if end - start >= MIN_COPIES * period:
            return start, end, period
    return None
