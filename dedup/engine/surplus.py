"""Rows of equal lines -> what of them is set aside before anything is looked for.

Where a few lines come over and over, thousands of times, a look at some of the copies decides for all of them.
So the middle of such a row is taken out of view; it goes if the copies on both sides of it go, and stays if
they stay. What is in view is the same however long the row is, and so is the answer.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

MIN_COPIES = 32
"""Times that the lines have to stand in a row. Fewer are looked at like any other text."""
_SHOWN = 15
"""Copies in view on each side of what is set aside: almost as many as in the longest row that is seen whole."""
_MAX_LINES = 8
"""Lines that may alternate."""
_STEP = 16
"""Every how many lines a row is looked for; at most the copies it has less ``_MAX_LINES``."""

_LONG = 1 << 20
"""Characters of a text up to which a list of all its lines is small."""


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
    if text.count("\n") < MIN_COPIES or (len(text) < _LONG and not _has_equal_lines(text)):
        return []
    found: list[Surplus] = []
    at = passed = 0
    while 0 <= at < len(text):
        row = _row(text, passed, at)
        if row is None:
            at = _next_line(text, at, _STEP)
            continue
        start, end, unit = row
        copies = (end - start) // unit - 2 * _SHOWN
        first = start + _SHOWN * unit
        found.append(Surplus(first, first + copies * unit, unit, start, end))
        at = passed = end
    return found


def _has_equal_lines(text: str) -> bool:
    """Whether a line that is not empty comes again as often as in a row, wherever, or many empty ones in a row."""
    if "\n" * _SHOWN in text:
        return True
    lines = text.split("\n")
    blank = max(0, lines.count("") - 1)
    for seen in (set(map(len, lines)), set(lines)):  # most texts have lines of many lengths
        if len(lines) - blank - len(seen) < MIN_COPIES - 3:
            return False
    counts = Counter(lines)
    counts.pop("", 0)
    return max(counts.values(), default=0) >= MIN_COPIES - 2


def _next_line(text: str, at: int, count: int) -> int:
    """Start of the line ``count`` lines on, or -1."""
    for _ in range(count):
        at = text.find("\n", at) + 1
        if not at:
            return -1
    return at


def _row(text: str, least: int, at: int) -> tuple[int, int, int] | None:
    """Start, end and length of one copy of the row that the line at ``at`` stands in; it begins at ``least`` or
    later, and both ends are starts of lines."""
    end = _next_line(text, at, 1)
    line, following = text[at:end], end
    for _ in range(_MAX_LINES):
        if end < 0 or following < 0 or following >= len(text):
            return None
        unit = following - at
        if text.startswith(line, following):
            start = at - _equal_before(text, at, following, at - least)
            if start > least and text[start - 1] != "\n":
                start = text.find("\n", start) + 1
            stop = text.rfind("\n", at, following + _equal_after(text, at, following)) + 1
            if stop - start >= MIN_COPIES * unit:
                return start, stop, unit
        following = _next_line(text, following, 1)
    return None


def _equal_after(text: str, one: int, two: int) -> int:
    """How many characters are equal from two places on."""
    length, step = 0, 256
    while step:
        if text[one + length : one + length + step] == text[two + length : two + length + step]:
            if two + length + step >= len(text):
                return len(text) - two
            length += step
            step = min(2 * step, _MAX_COMPARED)
        else:
            step //= 2
    return length


def _equal_before(text: str, one: int, two: int, most: int) -> int:
    """How many characters, ``most`` at the most, are equal right before two places."""
    length, step = 0, 256
    while step and length < most:
        size = min(step, most - length)
        one_end, two_end = one - length, two - length
        if text[one_end - size : one_end] == text[two_end - size : two_end]:
            length += size
            step = min(2 * step, _MAX_COMPARED)
        else:
            step = size // 2
    return length


_MAX_COMPARED = 1 << 20
"""Characters compared at once: a row is as long as the text at worst, its copies in memory need not be."""
