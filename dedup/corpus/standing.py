"""From the text that document scope leaves back to the document's own text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.model import Edit, Span

if TYPE_CHECKING:
    import numpy as np


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
        pieces: list[_Piece] = []
        position = 0
        for edit in edits:
            _add(pieces, Span(position, edit.span.start), edit.span.start - position)
            if edit.is_repair:
                _add(pieces, edit.span, len(edit.inserted), is_mended=True)
            position = edit.span.end
        _add(pieces, Span(position, length), length - position)
        self._set(pieces)

    def _set(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._ends = [piece.end for piece in pieces]

    @property
    def columns(self) -> np.ndarray:
        """The same as int64 numbers, five a piece; ``of`` takes them."""
        import numpy as np

        rows = [(p.start, p.end, p.origin.start, p.origin.end, p.is_mended) for p in self._pieces]
        return np.array(rows, np.int64).reshape(-1, 5)

    @classmethod
    def of(cls, columns: np.ndarray) -> Standing:
        """What has these ``columns``."""
        made = cls(0, ())
        made._set(
            [_Piece(a, b, Span(c, d), bool(mended)) for a, b, c, d, mended in columns.tolist()]
        )
        return made

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


def _add(pieces: list[_Piece], origin: Span, size: int, *, is_mended: bool = False) -> None:
    if size or (is_mended and origin):
        start = pieces[-1].end if pieces else 0
        pieces.append(_Piece(start, start + size, origin, is_mended))
