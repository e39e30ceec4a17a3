"""Where findings stand, as people look them up, and how many paragraphs edits empty."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from dedup.engine import normalize
from dedup.engine.split import LineIndex
from dedup.model import Document, Edit, Passage, Place, Role, Span


def place(
    document: Document, spans: Sequence[Span], paragraphs: int, role: Role, lines: LineIndex
) -> Place:
    """The place from the first to the last of ``spans``, white space around it left out."""
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    if all(span.cut(document.text).isspace() for span in spans):
        span = Span(start, end)  # blanks are what it is about
        passage = Passage(document.name, span)
        return Place(passage, lines.number(start), lines.number(end - 1), paragraphs, role)
    while end > start + 1 and document.text[end - 1].isspace():
        end -= 1
    while start < end - 1 and document.text[start].isspace():
        start += 1
    span = Span(start, end)
    return Place(
        Passage(document.name, span), lines.number(start), lines.number(end - 1), paragraphs, role
    )


def emptied(text: str, paragraphs: Sequence[Span], edits: Sequence[Edit]) -> int:
    """How many paragraphs had letters and have none left after these removals."""
    starts = [edit.span.start for edit in edits]
    return sum(
        not normalize.key(_rest(text, span, edits, starts)) and bool(normalize.key(span.cut(text)))
        for span in touched(paragraphs, edits)
    )


def touched(paragraphs: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
    """The paragraphs that edits reach into."""
    starts = [span.start for span in paragraphs]
    found = set()
    for edit in edits:
        at = max(0, bisect_right(starts, edit.span.start) - 1)
        while at < len(paragraphs) and paragraphs[at].start < edit.span.end:
            if paragraphs[at].end > edit.span.start:
                found.add(paragraphs[at])
            at += 1
    return sorted(found)


def _rest(text: str, span: Span, edits: Sequence[Edit], starts: Sequence[int]) -> str:
    """What the edits, which begin at ``starts``, leave of ``span``."""
    at = max(0, bisect_right(starts, span.start) - 1)
    left, position = [], span.start
    while at < len(edits) and edits[at].span.start < span.end:
        left.append(text[position : max(position, edits[at].span.start)])
        position = max(position, edits[at].span.end)
        at += 1
    left.append(text[position : span.end])
    return "".join(left)
