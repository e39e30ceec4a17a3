"""What the readers of reStructuredText, AsciiDoc and POD share: stretches of lines, and how far one reaches.

In these formats a paragraph is what stands between blank lines, so nothing has to be guessed from how long lines are.
Directives, comments, targets and block attributes are markup and count as code: they are never taken for text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Literal

Kind = Literal["prose", "heading", "list", "table", "code", "matter"]
Stretch = tuple[int, int, Kind]
"""Index of its first line and of the one after its last, and what it is."""
Lines = Sequence[str]
"""Without their ends and trailing blanks."""


def reach(lines: Lines, at: int, fits: Callable[[str], object]) -> int:
    """Index of the first line from ``at`` that does not fit."""
    while at < len(lines) and fits(lines[at]):
        at += 1
    return at


def trimmed(lines: Lines, start: int, end: int) -> int:
    """``end`` without the blank lines before it."""
    while end > start and not lines[end - 1]:
        end -= 1
    return end


def indent(line: str) -> int:
    """Characters in front of what a line says."""
    return len(line) - len(line.lstrip())


class Closers:
    """Where blocks are closed: by a line that says the same as the one that opens them."""

    def __init__(self, lines: Lines, is_closer: Callable[[int], object]) -> None:
        self._at: dict[str, list[int]] = defaultdict(list)
        for at in range(len(lines)):
            if is_closer(at):
                self._at[lines[at].strip()].append(at)

    def after(self, at: int, mark: str) -> int:
        """Index after the line that closes what line ``at`` opens with ``mark``; a stray one stands by itself."""
        closers = self._at.get(mark, [])
        place = bisect_right(closers, at)
        return closers[place] + 1 if place < len(closers) else at + 1
