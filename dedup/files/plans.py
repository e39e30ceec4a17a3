"""The plan as a file: versioned JSON Lines, from which the removed text can be put back.

The first line is the header: format, version, tool and the options that decided. Each further line
is one changed document: name, sizes and digests of both sides, encoding, and the edits. The last
line counts them, so that a plan that was cut short is never taken for one that removes less.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args

from dedup.errors import DedupError
from dedup.files import views
from dedup.files.decode import encode, to_text
from dedup.files.fingerprints import Fingerprint as Fingerprint
from dedup.files.fingerprints import fingerprint as fingerprint
from dedup.files.formats import RECORDS, Format, Kind
from dedup.files.records import (
    CONFLICT_MARKERS,
    MAX_EXPANDED,
    MAX_NUMBER,
    Record,
    check_name,
    lines_of,
)
from dedup.files.records import Line as Line
from dedup.files.views import RawEdit
from dedup.model import Document, DocumentResult, Edit, Passage, Span
from dedup.options import Options, deciding

FORMAT = "dedup-plan"
VERSION = 1

MIN_SAVED = 64
"""Repeated text is stored once and counted when that saves as many characters; else it is plain."""


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """One changed document: how its cleaned bytes become the original again."""

    name: str
    input: Fingerprint
    output: Fingerprint
    encoding: str
    errors: str
    bom: bytes
    newline: str
    format: str
    edits: tuple[Edit, ...]
    raw: tuple[RawEdit, ...] | None = None
    """The edits of what the bytes say, where that is more than the text."""
    place: int = 0
    """Of a record that was dropped: how many pieces of its file stood before it."""

    @property
    def is_dropped(self) -> bool:
        """Whether all of it went, and no empty file or record was left."""
        return self.edits[0].kind == "drop"

    @property
    def raw_edits(self) -> Sequence[RawEdit]:
        """What changes in what the bytes say."""
        return views.Plain("").raw_edits(self.edits) if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class PlannedRecords:
    """What a plan says of a changed file of records, whose lines follow this one's."""

    name: str
    input: Fingerprint
    output: Fingerprint
    kind: Kind
    options: Mapping[str, Any]
    """The options by which its records were read, by config key."""
    line: Line = field(repr=False)
    """Its own line."""
    lines: Mapping[int, Line] = field(repr=False)
    """The line of each changed record, by its number."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan file says. The edits of a document are read when it is asked for."""

    version: int
    tool: str
    """Version of dedup that made it."""
    options: Mapping[str, Any]
    """The options that decided, by config key, as they were recorded."""
    sides: Mapping[str, tuple[Fingerprint, Fingerprint]]
    """Input and output of every planned document, by its name, in the order of the file."""
    lines: Mapping[str, Line] = field(repr=False)
    """The line each document stands in that is a file."""
    containers: Mapping[str, PlannedRecords] = field(repr=False)
    """The files of records by name; they are among ``sides`` too."""
    inputs: str = ""
    """Digest of the names of all files that were decided together, if they were."""

    @property
    def documents(self) -> Iterator[PlannedDocument]:
        """All documents, one at a time."""
        for name in self.sides:
            if name in self.containers:
                yield from map(planned, self.containers[name].lines.values())
            else:
                yield self.document(name)

    def document(self, name: str) -> PlannedDocument:
        """The document of this name, which is one of ``sides``."""
        return planned(self.lines[name])


def restored(
    cleaned: bytes,
    planned: PlannedDocument,
    where: str,
) -> bytes:
    """The original bytes; ``where`` names the cleaned file in the ``DedupError`` of any doubt.

    Both sides are checked against the plan's digests, so a plan that was forged, damaged or made
    for another text gives nothing.
    """
    found = fingerprint(cleaned)
    if found == planned.input:
        raise DedupError(where, "is already the original")
    if found != planned.output:
        hint = "it was changed since, or the plan belongs to another text"
        raise DedupError(where, f"is not the cleaned text of {planned.name} in this plan", hint)
    original = _put_back(cleaned, planned, where)
    if fingerprint(original) != planned.input:
        raise DedupError(where, "the plan does not give the original back", "the plan is damaged")
    return original


def _put_back(
    cleaned: bytes,
    planned: PlannedDocument,
    where: str,
) -> bytes:
    bom = b"" if planned.is_dropped else planned.bom
    text = to_text(cleaned, where, planned.encoding, planned.errors, bom)
    document = Document(where, text, planned.encoding, planned.errors, planned.bom)
    try:
        original = views.restore(text, planned.raw_edits)
    except ValueError as problem:
        raise DedupError(where, f"the plan does not fit: {problem}") from problem
    return encode(document, original)


def by_plan(data: bytes, planned: PlannedDocument, where: str) -> bytes:
    """What the plan makes of the original bytes; ``DedupError`` if they are not the ones it was made for."""
    changed = DedupError(where, "changed while it was being read", "run it again")
    if fingerprint(data) != planned.input:
        raise changed
    text = to_text(data, where, planned.encoding, planned.errors, planned.bom)
    document = Document(where, text, planned.encoding, planned.errors, planned.bom)
    new = b"" if planned.is_dropped else encode(document, views.apply(text, planned.raw_edits))
    if fingerprint(new) != planned.output:
        raise changed
    return new


def whole(lines: Iterable[bytes], options: Options, inputs: str = "") -> Iterator[bytes]:
    """The plan file in pieces: header, the lines on changed documents and files, and their number.

    ``inputs``: digest of the names of all files that were decided together, if they were.
    """
    from dedup import __version__

    head = {"format": FORMAT, "version": VERSION, "tool": __version__}
    yield _line(head | ({"inputs": inputs} if inputs else {}) | {"options": deciding(options)})
    count = 0
    for each in lines:
        yield each
        count += 1
    yield _line({"documents": count})


def container_line(
    name: str,
    sides: tuple[Fingerprint, Fingerprint],
    format: str,
    options: Options,
    records: int,
) -> bytes:
    """The plan's line on a file of which so many records change; their lines are to follow it."""
    check_name(name, name)
    return _line(
        {
            "container": name,
            **_sides_record(*sides),
            "format": format,
            "options": reading(options),
            "records": records,
        }
    )


def reading(options: Options) -> dict[str, Any]:
    """The options by which records are found, by config key."""
    return {"encoding": options.encoding, "errors": options.errors, "field": options.field}


def line(
    result: DocumentResult,
    before: bytes,
    after: bytes,
    raw_edits: Sequence[RawEdit] | None = None,
) -> bytes:
    """The plan's line on one changed document, with its input and its output bytes.

    ``raw_edits``: those of what the bytes say, where that is more than the document's text. Where in its file a
    dropped record stood is told by ``placed``.
    """
    check_name(result.document.name, result.document.name)
    budget = MAX_EXPANDED
    edits = []
    for edit in _joined(result.edits):
        stored = _edit_record(edit, budget)
        budget -= len(edit.removed) if "count" in stored else 0
        edits.append(stored)
    about = _document_record(result.document, before, after) | {"edits": edits}
    if raw_edits is not None:
        about["raw"] = [list(edit if edit.inserted else edit[:2]) for edit in raw_edits]
    return _line(about)


def placed(line: bytes, place: int) -> bytes:
    """The plan's line on a dropped record, with how many pieces of its file stand before it."""
    return _line(json.loads(line) | {"place": place})


def _line(record: dict[str, Any]) -> bytes:
    # ASCII only: lone surrogates, which stand for preserved bytes, survive as escapes.
    text = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def _document_record(document: Document, before: bytes, after: bytes) -> dict[str, Any]:
    return {
        "document": document.name,
        **_sides_record(fingerprint(before), fingerprint(after)),
        "encoding": document.encoding,
        "errors": document.errors,
        "bom": document.bom.hex(),
        "newline": document.newline,
        "format": document.format,
    }


def _sides_record(before: Fingerprint, after: Fingerprint) -> dict[str, Any]:
    sides = {"input": before, "output": after}
    return {side: {"bytes": of.size, "blake2b": of.blake2b} for side, of in sides.items()}


def _joined(edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits, with equal ones that follow each other without a gap joined to one range."""
    group: list[Edit] = []
    for edit in edits:
        if group and not _continues(group[-1], edit):
            yield _range(group)
            group = []
        group.append(edit)
    if group:
        yield _range(group)


def _continues(edit: Edit, following: Edit) -> bool:
    return edit.span.end == following.span.start and edit == replace(following, span=edit.span)


def _range(group: list[Edit]) -> Edit:
    """One edit in place of a group of equal neighbours."""
    first = group[0]
    if len(group) == 1:
        return first
    span = Span(first.span.start, group[-1].span.end)
    times = len(group)
    return replace(first, span=span, removed=first.removed * times, inserted=first.inserted * times)


def _edit_record(edit: Edit, budget: int) -> dict[str, Any]:
    return {
        "span": [edit.span.start, edit.span.end],
        **_removed_record(edit.removed, budget),
        **({"inserted": edit.inserted} if edit.inserted else {}),
        "finding": edit.finding,
        "number": edit.number,
        "kind": edit.kind,
        "score": edit.score,
        "confidence": edit.confidence,
        "twins": [_twin_record(twin, edit.document) for twin in edit.twins],
    }


def _removed_record(removed: str, budget: int) -> dict[str, Any]:
    """The text, or if it is one unit over and over, the unit and how often."""
    # Where a text first occurs in its own double is its shortest period; linear time.
    period = (removed + removed).find(removed, 1)
    if len(removed) - period < MIN_SAVED or len(removed) > budget:
        return {"removed": removed}
    return {"unit": removed[:period], "count": len(removed) // period}


def _twin_record(twin: Passage, document: str) -> list[Any]:
    span = [twin.span.start, twin.span.end]
    return span if twin.document == document else [*span, twin.document]


def load(data: bytes, name: str) -> Plan:
    """The plan in ``data``; for anything else ``DedupError`` with ``name`` and the line.

    Every line is read here once, so that no complaint comes when half of the work is done.
    """
    if is_foreign(data):
        raise DedupError(name, "is not a plan of dedup", "dedup clean --plan FILE writes one")
    rest = lines_of(data, name)
    version, tool, options, inputs = _header(next(rest).record)
    sides: dict[str, tuple[Fingerprint, Fingerprint]] = {}
    lines: dict[str, Line] = {}
    containers: dict[str, PlannedRecords] = {}
    count = 0
    for each in rest:
        record = each.record
        if "documents" in record.values:
            _check_end(record, count, next(rest, None))
            return Plan(version, tool, options, sides, lines, containers, inputs)
        document: PlannedDocument | PlannedRecords
        if "container" in record.values:
            document = _planned_records(record, each, rest)
            containers[document.name] = document
            count += len(document.lines)
        else:
            document = _planned(record)
            lines[document.name] = each
        if document.name in sides:
            raise record.wrong(f"{document.name} was planned before")
        sides[document.name] = document.input, document.output
        count += 1
    raise DedupError(name, "the file is cut off: its last line is missing")


def is_foreign(data: bytes) -> bool:
    """Whether ``data`` is something, and that something is no plan, not even a damaged one."""
    first, _, _ = data[:MAX_HEADER].partition(b"\n")
    return bool(data) and b"dedup-plan" not in first and not first.startswith(CONFLICT_MARKERS)


MAX_HEADER = 1 << 16
"""Bytes within which a plan says what it is."""


def _planned_records(record: Record, line: Line, rest: Iterator[Line]) -> PlannedRecords:
    """A file of records, and from the ``rest`` of the plan the lines of its records."""
    name = record.text("container")
    check_name(name, record.where)
    sides = [_fingerprint_in(record.inner(side)) for side in ("input", "output")]
    lines: dict[int, Line] = {}
    last = 0
    for _ in range(record.whole("records")):
        each = next(rest, None)
        if each is None:
            raise record.wrong("the file is cut off: lines of its records are missing")
        document = _planned(each.record)
        stem, _, number = document.name.rpartition("#")
        if stem != name or not number.isdecimal() or not last < int(number) <= MAX_NUMBER:
            raise each.record.wrong(f"{document.name} is not the next record of {name}")
        last = int(number)
        lines[last] = each
    if not lines:
        raise record.wrong("a file without changed records has no place in a plan")
    found = PlannedRecords(
        name=name,
        input=sides[0],
        output=sides[1],
        kind=cast(Kind, record.choice("format", RECORDS)),
        options=record.inner("options").settings(),
        line=line,
        lines=lines,
    )
    record.finish()
    return found


def planned(line: Line) -> PlannedDocument:
    """The document a line of a plan describes."""
    return _planned(line.record)


def _check_end(record: Record, count: int, following: Line | None) -> None:
    """Refuse a last line that counts other than ``count`` documents, or is not the last."""
    if record.whole("documents") != count:
        raise record.wrong(f"there are {count} documents before this line, and it says otherwise")
    record.finish()
    if following is not None:
        raise DedupError(following.where, "there should be nothing behind the last line")


def digest_of(names: Iterable[str]) -> str:
    """What tells whether the same files are to be decided together."""
    return fingerprint("\0".join(names).encode("utf-8", "surrogateescape")).blake2b


def _header(record: Record) -> tuple[int, str, dict[str, Any], str]:
    if "format" not in record.values or record.text("format") != FORMAT:
        raise record.wrong("is not a plan of dedup")
    version, tool = record.whole("version"), record.text("tool")
    if version != VERSION:
        hint = f"use dedup {tool}, which made it"
        raise record.wrong(f"plan version {version} is not one this dedup reads ({VERSION})", hint)
    options = record.inner("options").settings()
    inputs = record.text("inputs") if "inputs" in record.values else ""
    record.finish()
    return version, tool, options, inputs


def _planned(record: Record) -> PlannedDocument:
    budget = MAX_EXPANDED
    name = record.text("document")
    check_name(name, record.where)
    sides = [_fingerprint_in(record.inner(side)) for side in ("input", "output")]
    edits: list[Edit] = []
    position = 0
    # A document has no more characters than bytes, unless it is only a view of what they say.
    size = MAX_NUMBER if "raw" in record.values else sides[0].size
    for entry in record.inners("edits"):
        edit, budget = _edit(entry, name, position, size, budget)
        position = edit.span.end
        edits.append(edit)
    if not edits:
        raise record.wrong("a document without edits has no place in a plan")
    document = PlannedDocument(
        name=name,
        input=sides[0],
        output=sides[1],
        encoding=record.codec("encoding"),
        errors=record.choice("errors", ("strict", "preserve")),
        bom=record.hexadecimal("bom", max_bytes=4),
        newline=record.choice("newline", ("", "\n", "\r\n", "\r", "mixed")),
        format=record.choice("format", get_args(Format)),
        edits=tuple(edits),
        raw=tuple(_raw_edits(record)) if "raw" in record.values else None,
        place=record.whole("place") if "place" in record.values else 0,
    )
    if document.is_dropped and (len(edits) > 1 or document.output.size):
        raise record.wrong("a document that is dropped leaves something")
    record.finish()
    return document


def _raw_edits(record: Record) -> Iterator[RawEdit]:
    position = 0
    for entry in record.entries("raw"):
        kinds = [type(part) for part in entry] if type(entry) is list else []
        if kinds not in ([int, str], [int, str, str]) or not position <= entry[0] <= MAX_NUMBER:
            raise record.wrong("'raw' is not a list of places and texts in order")
        edit = RawEdit(*entry)
        position = edit.span.end
        yield edit


def _fingerprint_in(record: Record) -> Fingerprint:
    found = record.fingerprint()
    record.finish()
    return found


def _edit(record: Record, document: str, position: int, size: int, budget: int) -> tuple[Edit, int]:
    """The edit, which starts at ``position`` or later in a text of at most ``size`` characters."""
    span = record.span("span", position, size)
    removed, spent = _removed(record, span, budget)
    edit = Edit(
        document=document,
        span=span,
        removed=removed,
        inserted=record.text("inserted") if "inserted" in record.values else "",
        finding=record.text("finding"),
        number=record.whole("number"),
        kind=record.kind("kind"),
        score=record.share("score"),
        confidence=record.share("confidence"),
        twins=tuple(record.passages("twins", document, size)),
    )
    record.finish()
    return edit, budget - spent


def _removed(record: Record, span: Span, budget: int) -> tuple[str, int]:
    """The removed text and what it takes of the budget; sizes are compared before it is built."""
    is_counted = "count" in record.values
    unit = record.text("unit" if is_counted else "removed")
    count = record.whole("count") if is_counted else 1
    length = len(unit) * count
    if length != len(span):
        raise record.wrong("the removed text is not as long as its span")
    spent = length if is_counted else 0
    if spent > budget:
        raise record.wrong(f"the repeated text would take more than {MAX_EXPANDED} characters")
    return unit * count, spent
