"""What of a file is looked at, and the way back: edits of that text become edits of what the bytes say.

In plain text both are the same. Of a line of JSON only one string is looked at, of a page of HTML what
a reader sees; there a removal has to be found again in the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from dedup.model import Document, Edit, Marker, Span


class RawEdit(NamedTuple):
    """A change of what the bytes say: ``removed`` goes, ``inserted`` comes in its place."""

    start: int
    """Code points of the decoded source in front of it."""
    removed: str
    inserted: str = ""

    @property
    def span(self) -> Span:
        """Where ``removed`` stands."""
        return Span(self.start, self.start + len(self.removed))


class View(Protocol):
    """A text inside what a file, or one record of it, says. Plain values: sent to other processes."""

    @property
    def raw(self) -> str:
        """The decoded source, without the byte order mark; the raw edits count in it."""

    @property
    def text(self) -> str:
        """What is looked at: the text of the ``Document``, in which edits count."""

    @property
    def lines(self) -> tuple[int, ...]:
        """Offset in ``text`` at which each line of the source begins; empty if the lines are the text's own."""

    @property
    def markers(self) -> tuple[Marker, ...]:
        """What comments of the source say to dedup, where they are no part of ``text``."""

    def again(self, raw: str) -> View:
        """The view of what the edits have made of the source; ``ValueError`` if there is none such."""

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """Spans of the text that have to stay because the source cannot do without what is around them."""

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits, of which none is refused, in the source: sorted, disjoint, not empty."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The source is the text."""

    raw: str

    @property
    def text(self) -> str:
        """The source itself."""
        return self.raw

    @property
    def lines(self) -> tuple[int, ...]:
        """The text's own."""
        return ()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """None: the text has all of the source."""
        return ()

    def again(self, raw: str) -> Plain:
        """All of the other source."""
        return Plain(raw)

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """None: any part of a text can go."""
        return []

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits as they are."""
        return [RawEdit(edit.span.start, edit.removed, edit.inserted) for edit in edits]


def seen(document: Document, view: View) -> Document:
    """The document of which ``view`` is what is looked at."""
    return replace(document, text=view.text, lines=view.lines, markers=view.markers)


def apply(raw: str, edits: Sequence[RawEdit]) -> str:
    """``raw`` after the edits.

    >>> apply("one two three", [RawEdit(4, "two ", "2 ")])
    'one 2 three'
    """
    parts = []
    position = 0
    for edit in edits:
        parts += [raw[position : edit.start], edit.inserted]
        position = edit.start + len(edit.removed)
    return "".join([*parts, raw[position:]])


def restore(changed: str, edits: Sequence[RawEdit]) -> str:
    """What ``apply`` was given; ``ValueError`` if the edits cannot belong to ``changed``.

    >>> restore("one 2 three", [RawEdit(4, "two ", "2 ")])
    'one two three'
    """
    parts: list[str] = []
    position = length = 0
    for edit in edits:
        end = position + edit.start - length
        inserted = changed[end : end + len(edit.inserted)]
        if not position <= end <= len(changed) or inserted != edit.inserted:
            raise ValueError("the edits do not fit the text")
        parts += [changed[position:end], edit.removed]
        position = end + len(edit.inserted)
        length = edit.start + len(edit.removed)
    return "".join([*parts, changed[position:]])
