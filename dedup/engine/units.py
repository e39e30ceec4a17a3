"""Blocks -> units over the letters: what can be removed on its own, as flat columns.

A unit is a paragraph or one of its sentences; spans of text become ranges of letters here, once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.seeds import Match
from dedup.engine.split import Block
from dedup.model import Span


class Units(NamedTuple):
    """Columns of equal length, ordered by position; letter ranges are disjoint within each level."""

    blocks: Sequence[Block]
    starts: Sequence[int]
    """First letter of each paragraph."""
    ends: Sequence[int]
    """Letter after the last of each paragraph."""
    sentences: Sequence[Sequence[tuple[int, int]]]
    """For each paragraph the letter ranges of its sentences."""

    def first_at(self, letter: int) -> int:
        """Index of the first paragraph that ends after ``letter``."""
        return bisect_right(self.ends, letter)

    def between(self, start: int, end: int) -> list[int]:
        """Indexes of the paragraphs that hold letters from ``start`` up to ``end``."""
        at = self.first_at(start)
        found = []
        while at < len(self.starts) and self.starts[at] < end:
            if self.ends[at] > self.starts[at]:
                found.append(at)
            at += 1
        return found


def equal_lines(stream: Stream, columns: Units) -> list[Repeat]:
    """Short paragraphs that stand again letter by letter: each as a repeat of the first and, in a row, of the
    first of its row. The search by windows does not see them; elsewhere they would say nothing.
    """
    found = set()
    letters = stream.letters
    origins: dict[str, int] = {}
    row, before = 0, ""
    for at, (start, end) in enumerate(zip(columns.starts, columns.ends, strict=True)):
        line = letters[start:end] if end - start < _FOUND_ANYWAY else ""
        if line != before:
            row = at
        before = line
        if not line or not MIN_LINE <= stream.weight(start, end) < _FOUND_ANYWAY:
            continue
        for origin in {origins.setdefault(line, at), row} - {at}:
            first = columns.starts[origin]
            found.add(Repeat.of([Match(first, start, end - start)]))
    return sorted(found)


MIN_LINE = 6
"""Weight from which a short paragraph that stands again is looked at."""
_FOUND_ANYWAY = 30


def units(stream: Stream, blocks: Sequence[Block]) -> Units:
    """The letter ranges of ``blocks`` and of their sentences."""
    starts, ends, sentences = [], [], []
    for block in blocks:
        start, end = _letters(stream, block.span)
        starts.append(start)
        ends.append(end)
        if len(block.sentences) > 1:
            sentences.append([_letters(stream, sentence) for sentence in block.sentences])
        else:
            sentences.append([(start, end)])
    return Units(blocks, starts, ends, sentences)


def _letters(stream: Stream, span: Span) -> tuple[int, int]:
    positions = stream.positions
    return bisect_left(positions, span.start), bisect_left(positions, span.end)
