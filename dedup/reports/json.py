"""Everything that was found, for programs: versioned, documented in ``report.schema.json``, lossless.

Same result, same bytes: no clock, no paths, a fixed order. Texts are complete; characters that are
invisible, that a terminal obeys or that UTF-8 cannot hold are written as JSON escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from dedup import __version__
from dedup.model import (
    DocumentResult,
    Edit,
    Failure,
    Finding,
    Passage,
    Place,
    Result,
    Span,
    Totals,
)
from dedup.options import Options, recorded
from dedup.reports.escape import IGNORED, table_of
from dedup.reports.lines import LineNumbers
from dedup.reports.parts import Lists, rendered

FORMAT = "dedup-report"
VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""

WIDTH = 1
"""How many lists ``parts`` belong to."""


def render(result: Result) -> bytes:
    """The result as one JSON object in UTF-8, indented, ended by LF."""
    return rendered(result, parts, whole, WIDTH)


def parts(result: DocumentResult) -> tuple[bytes, ...]:
    """What the report says of one document, for ``whole``."""
    return (_entry(_document(result)),)


def whole(
    options: Options, totals: Totals, failures: Iterable[Failure], lists: Lists
) -> Iterator[bytes]:
    """The report in pieces, from the parts of its documents in order."""
    (documents,) = lists
    head = {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"name": "dedup", "version": __version__},
        "options": options_of(options),
        "totals": totals_of(totals),
    }
    yield dumped(head).removesuffix("\n}").encode()
    yield b',\n  "documents": '
    yield from _array(documents)
    yield b',\n  "failures": '
    yield from _array(map(_entry, map(_failure, failures)))
    yield b"\n}\n"


def _array(entries: Iterable[bytes]) -> Iterator[bytes]:
    """A list as ``json.dumps`` would write it, from its written entries."""
    opening = b"[\n"
    for entry in entries:
        yield opening + entry
        opening = b",\n"
    yield b"[]" if opening == b"[\n" else b"\n  ]"


def _entry(value: dict[str, Any]) -> bytes:
    """An object as it stands in a list of the report; line ends are never inside its strings."""
    return f"    {dumped(value)}".replace("\n", "\n    ").encode()


def dumped(value: Any, indent: int | None = 2) -> str:
    """``value`` as JSON in which nothing is invisible and nothing acts, on a terminal or in a build log."""
    separators = (",", ":") if indent is None else None
    written = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    written = written.translate(_escapes())
    return _HASHES.sub(r"\1\\u0023", written) if "#" in written else written


# Two of them begin what build servers take for a command; see ``escape.break_commands``.
_HASHES = re.compile(f"(#[{IGNORED}]*)#")


@cache
def _escapes() -> dict[int, str]:
    """JSON escapes for what is unsafe to show; LF stays, in strings ``dumps`` has escaped it."""
    return table_of(lambda code: json.dumps(chr(code))[1:-1] if code > 0x7F else f"\\u{code:04x}")


def options_of(options: Options) -> dict[str, Any]:
    """All that can change the result: with one worker or ten, the report is the same."""
    return recorded(options, "result", "text", "selection")


def totals_of(totals: Totals) -> dict[str, Any]:
    """The sums as plain values."""
    return {
        "documents": totals.documents,
        "changed": totals.changed,
        "characters": totals.characters,
        "removed_characters": totals.removed_characters,
        "redundancy": totals.redundancy,
        "paragraphs": totals.paragraphs,
        "removed_paragraphs": totals.removed_paragraphs,
        "repairs": totals.repairs,
        "findings": dict(sorted(totals.findings.items())),
    }


def _document(result: DocumentResult) -> dict[str, Any]:
    document = result.document
    lines = LineNumbers(document.text, document.lines)
    return {
        "name": document.name,
        **path_bytes(document.name),
        "encoding": document.encoding,
        "newline": document.newline,
        "format": document.format,
        "characters": len(document.text),
        "removed_characters": result.removed_characters,
        "redundancy": result.redundancy,
        "paragraphs": result.paragraphs,
        "removed_paragraphs": result.removed_paragraphs,
        "repairs": result.repairs,
        "note": result.note,
        "findings": [_finding(number, each) for number, each in enumerate(result.findings)],
        "edits": [_edit(edit, lines) for edit in result.edits],
    }


def _finding(number: int, finding: Finding) -> dict[str, Any]:
    return {
        "number": number,
        "name": finding.name,
        "action": finding.action,
        "score": finding.score,
        "confidence": finding.confidence,
        "note": finding.note,
        "places": [_place(place) for place in finding.places],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "document": place.passage.document,
        "role": place.role,
        **_span(place.passage.span),
        "line": place.line,
        "end_line": place.end_line,
        "paragraphs": place.paragraphs,
    }


def _edit(edit: Edit, lines: LineNumbers) -> dict[str, Any]:
    return {
        "finding": edit.number,
        "name": edit.finding,
        "kind": edit.kind,
        **_span(edit.span),
        **_lines(edit.span, lines),
        "score": edit.score,
        "confidence": edit.confidence,
        "twins": [_twin(twin, edit.document, lines) for twin in edit.twins],
        "removed": edit.removed,
        "inserted": edit.inserted,
    }


def _twin(twin: Passage, document: str, lines: LineNumbers) -> dict[str, Any]:
    """A twin; its lines only when it stands in the same document, whose lines are known."""
    found = {"document": twin.document, **_span(twin.span)}
    return found | _lines(twin.span, lines) if twin.document == document else found


def _span(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


def _lines(span: Span, lines: LineNumbers) -> dict[str, int]:
    first, last = lines.of(span)
    return {"line": first, "end_line": last}


def _failure(failure: Failure) -> dict[str, str]:
    return {"name": failure.name, **path_bytes(failure.name), "reason": failure.reason}


def path_bytes(name: str) -> dict[str, str]:
    """The bytes of a name that is not UTF-8, whose escapes not every reader of JSON takes."""
    if name.isascii():
        return {}
    with suppress(UnicodeEncodeError):  # a name that no file has, from a program
        data = name.encode("utf-8", "surrogateescape")
        if data.decode("utf-8", "replace") != name:
            return {"path_bytes": data.hex()}
    return {}
