"""Alerts: what ``clean`` would take out of one document, copy by copy, as people and programs look it up.

Small plain values, without the document's text: they are sent between processes and kept for the end.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dedup.engine.normalize import fingerprint as fingerprint
from dedup.model import (
    BARE_LINK,
    FIXED_TEXT,
    KEPT_LOOKALIKE,
    NORMALIZED_SPACE,
    REPAIRS,
    Copy,
    DocumentResult,
    Edit,
    Finding,
    Place,
    Span,
    Tally,
    is_inside,
    merged,
)
from dedup.reports import wording
from dedup.reports.lines import LINE_END, LineNumbers

Level = Literal["error", "note"]

QUOTED_LINES = 5
QUOTED_CHARACTERS = 200
"""What an alert remembers of a passage: its first lines, and of each so much."""

MAX_LEAD = 60
"""Characters before a passage that are quoted with it."""
SHORT = 24
"""Characters up to which a passage is quoted with what follows it on its line."""

MAX_CUTS = 100

_ALONE = {
    BARE_LINK: "nothing but an address",
    FIXED_TEXT: "characters to be mended",
    NORMALIZED_SPACE: "needless blanks",
}
"""What is said of cleanup that rests on no other passage."""


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a file. Numbers count from 1; 0 where a format has no such thing."""

    line: int
    end_line: int
    """The last line; where it is taken out whole, with its end, the next. Of a record in a file with lines, its own."""
    column: int
    """In code points."""
    end_column: int
    """Of what follows."""
    byte_column: int
    """In bytes of UTF-8."""
    end_byte_column: int


@dataclass(frozen=True, slots=True)
class Spot(Range):
    """Where a passage stands in a file."""

    where: str
    """In words, without the file: ``lines 19-35``; of a record, the lines of its text."""
    start: int
    """In code points of the document's text, from 0."""
    end: int
    quoted: tuple[str, ...]
    """Its first lines, as they are, with the signs before it on the first; each cut to ``QUOTED_CHARACTERS``."""
    more: int
    """How many lines are not quoted."""
    path: str = ""
    """The file, as it was given or found."""
    document: str = ""
    """The other document that it stands in; empty for the one the alert is about."""

    def named(self, beside: str, shown: Callable[[str], str] = str) -> str:
        """Where it stands, with its file as it is ``shown`` unless that is the one at ``beside``."""
        return self.where if self.path == beside else f"{self.where} of {shown(self.path)}"

    def at(self, path: str) -> str:
        """``path`` with the line and the column behind it, as far as there are any."""
        numbers = [number for number in (self.line, self.column) if number]
        return ":".join([path, *map(str, numbers)])


@dataclass(frozen=True, slots=True)
class Alert:
    """One copy of something, and what it repeats."""

    name: str
    """Of the finding it is part of."""
    level: Level
    """``error``: ``clean`` would change it; ``note``: it stays."""
    document: str
    spot: Spot
    related: tuple[Spot, ...]
    """The passage that stays, first; of a note the others that are alike. Empty for cleanup."""
    verb: str
    """What it does to the first related one: ``repeats``; empty without one."""
    score: float
    confidence: float
    characters: int
    """Code points that ``clean`` would take out here."""
    fingerprint: str
    """Of the text that would go, its place and layout aside."""
    reason: str = ""
    """For a note: why it stays."""
    cuts: tuple[Range, ...] = ()
    """All that ``clean`` takes out here, the blank lines behind it included; empty where that is not all it does, in a
    file without columns, and for more than ``MAX_CUTS``."""
    is_turned: bool = False
    """Whether it is told from the other side: ``spot`` is what stays, the first related what would go."""

    def message(self, shown: Callable[[str], str] = str) -> str:
        """What repeats what, in a few words, safe to show once escaped; ``shown``: how paths are written."""
        if not self.related:
            return f"{self.spot.where}: {_ALONE.get(self.name, self.name)}"
        said = f"{self.spot.where} {self.verb} {self.related[0].named(self.spot.path, shown)}"
        if self.level == "error":
            return said
        return f"{said}; {'kept' if self.name == KEPT_LOOKALIKE else 'reported'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or record that could not be looked at."""

    reason: str
    place: str = ""
    """What stands behind the file's path for a record: ``:3`` for a line, ``#3`` for a number."""

    @property
    def line(self) -> int:
        """The line of the file; 0 if it is not known."""
        return int(self.place[1:]) if self.place[:1] == ":" and self.place[1:].isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say of one document: a file, a record, or a file of records as a whole."""

    name: str
    path: str
    """The file, as it was given or found."""
    tally: Tally | None
    """None if it could not be looked at."""
    alerts: tuple[Alert, ...] = ()
    """Of a file of records none: they follow with its records, where there are any."""
    record: int = 0
    """Number of the record, or 0."""
    troubles: tuple[Trouble, ...] = ()
    """What of the file could not be looked at."""


def of(
    result: DocumentResult, record: int = 0, lines: tuple[int, int] = (0, 0)
) -> tuple[Alert, ...]:
    """The alerts of a document, by position, notes among them; ``located`` says in which file.

    ``record``: its number, if it is one; ``lines``: the first and last line of the file on which that
    stands, if the file has lines.
    """
    spots = _Spots(result, record, lines)
    found = [_error(one, spots) for copy in result.copies() for one in spots.single(copy)]
    found += [
        _note(finding, spots)
        for finding in result.findings
        if finding.action in ("kept", "reported") and len(finding.places) > 1
    ]
    return tuple(sorted(found, key=lambda alert: (alert.spot.start, alert.spot.end, alert.name)))


def located(
    alerts: Iterable[Alert], path: str, path_of: Callable[[str], str] = str
) -> tuple[Alert, ...]:
    """The alerts of a document in the file ``path``; ``path_of`` gives those of other documents."""

    def at(spot: Spot) -> Spot:
        if not spot.document:
            return replace(spot, path=path)
        there = path_of(spot.document)
        _, mark, number = spot.document.rpartition("#")
        is_record = number.isdecimal() and not there.endswith(mark + number)
        where = f"{spot.where} of record {number}" if is_record else spot.where
        return replace(spot, path=there, where=where)

    return tuple(
        replace(alert, spot=at(alert.spot), related=tuple(map(at, alert.related)))
        for alert in alerts
    )


def pickled(alerts: tuple[Alert, ...]) -> tuple[bytes, ...]:
    """The alerts as bytes, for another process of ours."""
    return (pickle.dumps(alerts),)


def unpickled(parts: tuple[bytes, ...]) -> tuple[Alert, ...]:
    """What ``pickled`` was given."""
    alerts: tuple[Alert, ...] = pickle.loads(parts[0]) if parts else ()
    return alerts


def _error(copy: Copy, spots: _Spots) -> Alert:
    finding, place, edits = copy
    kept = [spots.of(first) for first in finding.places[:1] if first.role == "kept"]
    return Alert(
        name=finding.name,
        level="error",
        document=place.passage.document,
        spot=spots.of(place),
        related=tuple(kept),
        verb=wording.verb(finding, (place,)) if kept else "",
        score=finding.score,
        confidence=finding.confidence,
        characters=sum(len(edit.removed) for edit in edits if not edit.is_repair),
        fingerprint=fingerprint(copy.said),
        reason=finding.note,
        cuts=spots.cuts(edits),
    )


def _note(finding: Finding, spots: _Spots) -> Alert:
    first, place, *others = finding.places
    return Alert(
        name=finding.name,
        level="note",
        document=place.passage.document,
        spot=spots.of(place),
        related=tuple(spots.of(other) for other in (first, *others)),
        verb=wording.verb(finding, (place,)),
        score=finding.score,
        confidence=finding.confidence,
        characters=0,
        fingerprint=fingerprint(spots.text(place)),
        reason=finding.note,
    )


class _Spots:
    """Makes spots of one document's places."""

    def __init__(self, result: DocumentResult, record: int, lines: tuple[int, int]) -> None:
        document = result.document
        self._name = document.name
        self._quotes = result.quotes
        self._text = document.text
        self._record = record
        self._record_lines = lines
        self._numbers = LineNumbers(document.text)
        self._lines = LineNumbers(document.text, document.lines)
        self._has_columns = not document.lines and not record

    def text(self, place: Place) -> str:
        """What stands there."""
        return place.passage.span.cut(self._text)

    def single(self, copy: Copy) -> Iterator[Copy]:
        """The copy itself; of repairs, which have one place for all, each on its own."""
        if copy.finding.name not in REPAIRS:
            yield copy
            return
        for edit in copy.edits:
            span = edit.span
            line, end_line = (
                self._lines.at(span.start),
                self._lines.at(max(span.start, span.end - 1)),
            )
            passage = replace(copy.place.passage, span=span)
            place = replace(copy.place, passage=passage, line=line, end_line=end_line)
            yield Copy(copy.finding, place, (edit,))

    def _elsewhere(self, place: Place) -> Spot:
        """Where in another document it stands, and how it begins."""
        name, span = place.passage.document, place.passage.span
        quotes = [
            quote
            for quote in self._quotes
            if quote.passage.document == name and is_inside(quote.passage.span, [span])
        ]
        said: list[str] = []
        for quote in quotes:  # what stands between them there is not at hand, and has lines too
            said += [""] * (quote.line - place.line - len(said))
            said += LINE_END.split(quote.text)
        quoted = tuple(line[:QUOTED_CHARACTERS] for line in said[:QUOTED_LINES])
        more = max(0, len(said) - QUOTED_LINES)
        _, _, number = name.rpartition("#")
        is_record = bool(self._record) and number.isdecimal()
        where = wording.lines([place])
        lines = (0, 0) if is_record else (place.line, place.end_line)
        return Spot(*lines, 0, 0, 0, 0, where, span.start, span.end, quoted, more, document=name)

    def of(self, place: Place) -> Spot:
        """Where it stands, and how it begins."""
        if place.passage.document != self._name:
            return self._elsewhere(place)
        span = place.passage.span
        said = LINE_END.split(self._text[self._quoted_from(span) : self._quoted_to(span)])
        columns = self._columns(span) if self._has_columns else (0, 0, 0, 0)
        where = wording.lines([place])
        line, end_line = place.line, place.end_line
        if self._record:
            where = f"{where} of record {self._record}"
            line, end_line = self._record_lines
        quoted = tuple(one[:QUOTED_CHARACTERS] for one in said[:QUOTED_LINES])
        more = max(0, len(said) - QUOTED_LINES)
        return Spot(line, end_line, *columns, where, span.start, span.end, quoted, more)

    def _quoted_from(self, span: Span) -> int:
        """Where what is quoted begins: with the signs that lead its line; blanks and words, with what they follow."""
        first = self._numbers.start(span.start)
        before = self._text[max(first, span.start - MAX_LEAD) : span.start]
        is_sign = len(before) == span.start - first and not any(map(str.isalnum, before))
        is_blank = not LINE_END.split(span.cut(self._text), 1)[0].strip()
        is_shown = is_sign or is_blank or len(span) <= SHORT
        return span.start - len(before) if is_shown else span.start

    def _quoted_to(self, span: Span) -> int:
        """Where that ends: a word or some blanks are shown with what follows them on their line."""
        if len(span) > SHORT:
            return span.end
        end = LINE_END.search(self._text, span.end, span.end + QUOTED_CHARACTERS)
        return end.start() if end else min(len(self._text), span.end + QUOTED_CHARACTERS)

    def cuts(self, edits: Sequence[Edit]) -> tuple[Range, ...]:
        """What the edits take out, if that is all they do."""
        is_all = all(edit.removed and not edit.inserted and not edit.is_repair for edit in edits)
        spans = merged(edit.span for edit in edits)
        if not self._has_columns or not is_all or len(spans) > MAX_CUTS:
            return ()
        return tuple(map(self._cut, spans))

    def _cut(self, span: Span) -> Range:
        start, end = self._position(span.start), self._position(span.end)
        return Range(*(number for pair in zip(start, end, strict=True) for number in pair))

    def _position(self, offset: int) -> tuple[int, int, int]:
        """Line, column and column in bytes of what begins at ``offset``."""
        first = self._numbers.start(offset)
        before = self._text[first:offset]
        if before.endswith(("\n", "\r")):  # the end of the text, below its last line
            return self._numbers.at(offset) + 1, 1, 1
        return self._numbers.at(offset), len(before) + 1, _size(before) + 1

    def _columns(self, span: Span) -> tuple[int, int, int, int]:
        first, last = self._numbers.start(span.start), self._numbers.start(max(0, span.end - 1))
        return (
            span.start - first + 1,
            span.end - last + 1,
            _size(self._text[first : span.start]) + 1,
            _size(self._text[last : span.end]) + 1,
        )


def _size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
