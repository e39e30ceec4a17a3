"""Edits of edits: several rounds of changes, each of the text the one before left, as one list over the input."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dedup.model import Span


class Change(NamedTuple):
    """What one round does to the text at hand: ``inserted`` comes in the place of ``start`` to ``end``."""

    start: int
    end: int
    inserted: str
    owner: int
    """Whose change it is: a number that its edits are known by."""


class _Piece(NamedTuple):
    """A part of the input. All pieces in order are the input; what they say in order is the text at hand."""

    start: int
    end: int
    text: str | None
    """What stands in its place; None for the input's own characters."""
    owner: int

    @property
    def size(self) -> int:
        return self.end - self.start if self.text is None else len(self.text)


class Composed:
    """The input and all that was done to it, round by round.

    >>> composed = Composed("one  two three")
    >>> composed.apply([Change(4, 5, "", 0)])
    >>> composed.apply([Change(3, 7, "", 1)])
    >>> composed.text, composed.edits()
    ('one three', [Change(start=3, end=8, inserted='', owner=1)])
    """

    def __init__(self, text: str, lasting: Iterable[int] = ()) -> None:
        self.input = text
        self._lasting = set(lasting)
        self._pieces = [_Piece(0, len(text), None, -1)] if text else []
        self._index()

    def keep_apart(self, owner: int) -> None:
        """Let the removals of ``owner`` keep their name inside a larger one of a later round."""
        self._lasting.add(owner)

    @property
    def text(self) -> str:
        """The text at hand."""
        return "".join(
            self.input[piece.start : piece.end] if piece.text is None else piece.text
            for piece in self._pieces
        )

    def apply(self, changes: Sequence[Change]) -> None:
        """Change the text at hand. The changes are sorted and disjoint, and each takes something out."""
        pieces: list[_Piece] = []
        at = position = 0
        rest = self._pieces[0] if self._pieces else None
        for change in changes:
            inserted = change.inserted
            while rest is not None and position < change.end:
                before, rest = _split(rest, change.start - position)
                if before is not None:
                    pieces.append(before)
                    position += before.size
                if rest is not None:
                    gone, rest = _split(rest, change.end - position)
                    assert gone is not None
                    position += gone.size
                    pieces.append(self._changed(gone, change, position, inserted))
                    inserted = "" if gone.size else inserted
                if rest is None:
                    at, rest = self._next(at)
        while rest is not None:
            pieces.append(rest)
            at, rest = self._next(at)
        self._pieces = _joined(_anchored(pieces))
        self._index()

    def _next(self, at: int) -> tuple[int, _Piece | None]:
        at += 1
        return at, self._pieces[at] if at < len(self._pieces) else None

    def _changed(self, piece: _Piece, change: Change, position: int, inserted: str) -> _Piece:
        """A piece that lies in what is changed; one removed earlier goes with it, unless it lasts."""
        if not piece.size:
            is_inside = change.start < position < change.end
            if not is_inside or piece.owner in self._lasting:
                return piece
            return piece._replace(owner=change.owner)
        return _Piece(piece.start, piece.end, inserted, change.owner)

    def edits(self) -> list[Change]:
        """All that was done, in offsets of the input: sorted, disjoint, each taking something out."""
        return [
            Change(piece.start, piece.end, piece.text, piece.owner)
            for piece in self._pieces
            if piece.text is not None
        ]

    def back(self, span: Span) -> list[Span]:
        """Where in the input that stands which stands at ``span`` of the text at hand.

        What a change that does not last took out in between belongs to it.
        """
        found: list[Span] = []
        at = max(0, bisect_right(self._starts, span.start) - 1)
        while at and not self._pieces[at].size:
            at -= 1
        pending = False
        while at < len(self._pieces) and self._starts[at] < span.end:
            piece, start = self._pieces[at], self._starts[at]
            low, high = max(span.start - start, 0), min(span.end - start, piece.size)
            if piece.size and low < high:
                own = piece.text is None
                first = piece.start + low if own else piece.start
                last = piece.start + high if own else piece.end
                if found and not pending:
                    found[-1] = Span(found[-1].start, last)
                else:
                    found.append(Span(first, last))
                pending = False
            elif not piece.size and piece.owner in self._lasting:
                pending = True
            at += 1
        return found

    def forward(self, spans: Iterable[Span]) -> list[Span]:
        """Where spans of the input of which nothing was changed stand in the text at hand."""
        moved = []
        for span in spans:
            at = bisect_right(self._origins, span.start) - 1
            if at >= 0 and self._pieces[at].text is None and span.end <= self._pieces[at].end:
                shift = self._starts[at] - self._pieces[at].start
                moved.append(Span(span.start + shift, span.end + shift))
        return moved

    def standing(self, span: Span) -> str:
        """What the text at hand says in the place of ``span`` of the input."""
        said = []
        at = max(0, bisect_right(self._origins, span.start) - 1)
        while at < len(self._pieces) and self._pieces[at].start < span.end:
            piece = self._pieces[at]
            if piece.text is None:
                said.append(self.input[max(piece.start, span.start) : min(piece.end, span.end)])
            else:
                said.append(piece.text)
            at += 1
        return "".join(said)

    def gone(self, span: Span) -> list[Change]:
        """What lasting removals took out of ``span`` of the input."""
        at = max(0, bisect_left(self._origins, span.start) - 1)
        found = []
        while at < len(self._pieces) and self._pieces[at].start < span.end:
            piece = self._pieces[at]
            if piece.end > span.start and piece.text is not None and piece.owner in self._lasting:
                found.append(Change(piece.start, piece.end, piece.text, piece.owner))
            at += 1
        return found

    def _index(self) -> None:
        self._origins = [piece.start for piece in self._pieces]
        self._starts = []
        position = 0
        for piece in self._pieces:
            self._starts.append(position)
            position += piece.size


def _split(piece: _Piece, size: int) -> tuple[_Piece | None, _Piece | None]:
    """The piece up to ``size`` characters of what it says, and the rest.

    A text that came in the place of another is cut where that one is, in proportion; where that one is a
    single character, the rest has none.
    """
    if size < 0 or (size == 0 and piece.size):
        return None, piece
    if size >= piece.size:
        return piece, None
    if piece.text is None:
        border = piece.start + size
        return piece._replace(end=border), piece._replace(start=border)
    origin = piece.end - piece.start
    border = piece.start + min(origin, max(1, min(origin - 1, origin * size // len(piece.text))))
    head = _Piece(piece.start, border, piece.text[:size], piece.owner)
    return head, _Piece(border, piece.end, piece.text[size:], piece.owner)


def _anchored(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """The pieces without those that have no characters of the input: what they say stands elsewhere."""
    held: _Piece | None = None
    for piece in pieces:
        if piece.start < piece.end:
            if held is not None:
                yield held
            held = piece
        elif piece.text:
            # The first part of what came in the place of one character went: the rest takes its place.
            assert held is not None and held.text is not None
            owner = held.owner if held.text else piece.owner
            held = held._replace(text=held.text + piece.text, owner=owner)
    if held is not None:
        yield held


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Neighbours that one owner changed as one piece; parts of the input that were cut and left as well."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is None or last.owner != piece.owner:
            joined.append(piece)
        elif last.text is None or piece.text is None:
            joined[-1] = last._replace(end=piece.end)  # both are parts of the input
        else:
            joined[-1] = _Piece(last.start, piece.end, last.text + piece.text, piece.owner)
    return joined
