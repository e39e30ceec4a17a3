"""Every place of every finding as a row, for spreadsheets: RFC 4180, and no cell is a formula.

For people who sort and count; the JSON report is the lossless one. Controls and invisible characters are
spelled out, a cell that a spreadsheet would compute begins with an apostrophe.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO

from dedup.model import DocumentResult, Failure, Finding, Place, Result, Totals
from dedup.options import Options
from dedup.reports.escape import escape_line
from dedup.reports.parts import Lists, Parts, rendered

WIDTH = 1
"""How many lists ``parts`` belong to."""

COLUMNS = (
    "document", "finding", "name", "action", "role", "place", "line", "end_line", "start", "end",
    "paragraphs", "removed_characters", "score", "confidence", "fingerprint", "note", "text",
)  # fmt: skip
"""``finding`` counts from 1 in its document; ``place`` is the document the passage stands in, ``fingerprint``
what ``[[keep]]`` names a copy by, ``text`` how it begins."""

MAX_TEXT = 200
"""Characters of a passage in a cell."""

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet computes (OWASP, CSV injection), in full width too."""


def render(result: Result, hashed: Callable[[str], str]) -> bytes:
    """The rows in UTF-8, ended by CRLF. ``hashed`` gives the fingerprint of a text."""
    return rendered(result, lambda document: parts(document, hashed), whole, WIDTH)


def parts(result: DocumentResult, hashed: Callable[[str], str]) -> Parts:
    """The rows of one document, for ``whole``."""
    return (_written(_rows(result, hashed)),)


def whole(
    options: Options, totals: Totals, failures: Iterable[Failure], lists: Lists
) -> Iterator[bytes]:
    """The report in pieces, from the rows of its documents in order; failures come last."""
    (documents,) = lists
    yield _written([COLUMNS])
    yield from documents
    for failure in failures:
        row = dict.fromkeys(COLUMNS, "")
        row |= {"document": failure.name, "action": "failed", "note": failure.reason}
        yield _written([list(row.values())])


def cell(value: str) -> str:
    r"""A text as a cell that nothing computes and nothing acts in.

    >>> cell("=1+1"), cell("a\x1b"), cell("\r=x")
    ("'=1+1", 'a\\x1b', "'\\r=x")
    """
    acts = value.startswith(_ACTS) or value.lstrip().startswith(_ACTS)
    return f"{chr(39) * acts}{escape_line(value)}"


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    file = StringIO(newline="")
    writer = csv.writer(file)
    for row in rows:
        writer.writerow([cell(each) if isinstance(each, str) else each for each in row])
    return file.getvalue().encode()


def _rows(result: DocumentResult, hashed: Callable[[str], str]) -> Iterator[list[object]]:
    removed: dict[tuple[int, Place], tuple[int, str]] = {}
    numbers = {id(finding): number for number, finding in enumerate(result.findings)}
    for copy in result.copies():
        size = sum(len(edit.removed) for edit in copy.edits if not edit.is_repair)
        known = hashed(copy.said) if copy.edits else ""
        removed[numbers[id(copy.finding)], copy.place] = (size, known)
    for number, finding in enumerate(result.findings):
        for place in finding.places:
            size, known = removed.get((number, place), (0, ""))
            yield _row(result, number, finding, place, size, known)


def _row(
    result: DocumentResult, number: int, finding: Finding, place: Place, size: int, known: str
) -> list[object]:
    span = place.passage.span
    is_here = place.passage.document == result.document.name
    said = result.document.text[span.start : min(span.end, span.start + MAX_TEXT)]
    return [
        result.document.name,
        number + 1,
        finding.name,
        finding.action,
        place.role,
        place.passage.document,
        place.line,
        place.end_line,
        span.start,
        span.end,
        place.paragraphs,
        size,
        f"{finding.score:.4f}",
        f"{finding.confidence:.4f}",
        known,
        finding.note,
        said if is_here else "",
    ]
