"""From the text that document scope leaves back to the document's own text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from dedup.model import Edit, Span


class _Piece(NamedTuple):
    start: int
    end: int
    """Where it stands in the text that is left."""
    origin: Span
    """What it was in the document."""
    is_mended: bool


class Standing:
    """What edits leave of a text, and where that stood.

    >>> edit = Edit("a", Span(4, 8), "two ", "", "near-duplicate", 0, "exact", 1.0, 1.0, ())
    >>> Standing(13, [edit]).pieces(Span(0, 9))
    (Span(start=0, end=4), Span(start=8, end=13))
    """

    def __init__(self, length: int, edits: Sequence[Edit]) -> None:
        self._pieces: list[_Piece] = []
        position = size = 0
        for edit in edits:
            size = self._add(size, Span(position, edit.span.start), edit.span.start - position)
            if edit.is_repair:
                size = self._add(size, edit.span, len(edit.inserted), is_mended=True)
            position = edit.span.end
        self._add(size, Span(position, length), length - position)
        self._ends = [piece.end for piece in self._pieces]

    def _add(self, start: int, origin: Span, size: int, *, is_mended: bool = False) -> int:
        if size or (is_mended and origin):
            self._pieces.append(_Piece(start, start + size, origin, is_mended))
        return start + size

    def pieces(self, span: Span) -> tuple[Span, ...]:
        """The stretches of the document that stand at ``span`` of what is left, joined where nothing between
        them is removed; what is mended is taken whole."""
        found: list[Span] = []
        at = bisect_right(self._ends, span.start)
        while at < len(self._pieces) and self._pieces[at].start < span.end:
            piece = self._pieces[at]
            at += 1
            origin = piece.origin
            if not piece.is_mended:
                shift = origin.start - piece.start
                low, high = max(span.start, piece.start), min(span.end, piece.end)
                origin = Span(low + shift, high + shift)
            if found and found[-1].end == origin.start:
                origin = Span(found.pop().start, origin.end)
            found.append(origin)
        return tuple(found)

    def origin(self, offset: int) -> int:
        """Where the character at ``offset`` of what is left stood."""
        return self.pieces(Span(offset, offset + 1))[0].start
