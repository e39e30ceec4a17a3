"""A document's result in a form to keep: without its name and without any of its text.

Names are left out because documents of equal content share one; the text because whoever asks holds
it already. What is kept are numbers and places, and what repairs put in. A result built from them has
to prove itself: it is given back only if it comes to the very bytes that were proved when it was made.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, pairwise
from typing import Any

from dedup.errors import DedupError
from dedup.files.decode import encode
from dedup.files.plans import Fingerprint, fingerprint
from dedup.model import (
    CLEANUP,
    Document,
    DocumentResult,
    Edit,
    Finding,
    Passage,
    Place,
    Span,
    Tally,
)

MAX_DETAILS = 8 << 20
"""Bytes that findings and edits may take as JSON: 100,000 edits or so. A larger result is not kept."""

MIN_PACKED = 512
"""Bytes from which details are compressed: 3 to 10 times smaller; below, it is not worth the time."""

DECODER = json.JSONDecoder()
"""Called directly: half the time of ``json.loads``, which looks for encodings and blanks first."""

Apply = Callable[[str, Sequence[Edit]], str]
"""What takes edits out of a text: ``dedup.engine.plan.apply``."""

BytesOf = Callable[[DocumentResult], bytes]
"""The bytes that a result comes to; ``ValueError`` if it does not fit them."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One document's result, whatever the document is called."""

    tally: Tally
    """Its numbers, under the name that was asked for. The name is not stored."""
    output: Fingerprint | None
    """Of the cleaned bytes; None if nothing is changed, so that they are the input's."""
    details: bytes
    """Findings and edits as JSON, compressed if that is long; empty if there are none."""

    def result(
        self, document: Document, apply: Apply, bytes_of: BytesOf | None = None
    ) -> tuple[DocumentResult, bytes] | None:
        """The result for ``document`` in full, and the cleaned bytes.

        ``bytes_of`` gives them where they are more than the cleaned text. None if the result does not fit
        the document: places outside its text, removals that overlap or rest on text that goes,
        other numbers, or other bytes than those proved. It is to be computed then.
        """
        from zlib import error as zlib_error

        try:
            findings, edits = _unpacked(self.details, document)
            _check_edits(edits, findings)
            cleaned = apply(document.text, edits)
            tally = self.tally
            result = DocumentResult(
                document,
                findings,
                edits,
                cleaned,
                tally.paragraphs,
                tally.removed_paragraphs,
                tally.note,
                tally.keeps,
                tally.directives,
            )
            data = bytes_of(result) if bytes_of else encode(document, cleaned)
        except (ValueError, TypeError, LookupError, RecursionError, DedupError, zlib_error):
            return None
        fits = result.tally == replace(tally, name=document.name)
        if not fits or self.output != (fingerprint(data) if result.changed else None):
            return None
        return result, data

    def dumped(self) -> bytes:
        """The bytes to store: a line with the numbers, the details behind it."""
        of, output = self.tally, self.output
        numbers = [
            of.characters,
            of.removed_characters,
            of.paragraphs,
            of.removed_paragraphs,
            of.removed_units,
            of.findings,
            of.removed_findings,
            of.note,
            of.repairs,
            of.keeps,
            of.directives,
            output and [output.size, output.blake2b],
        ]
        return _json(numbers) + b"\n" + self.details


def loaded(data: bytes, name: str) -> Remembered | None:
    """What ``dumped`` gave ``data``, for a document called ``name``; None for anything else.

    Details are not looked at before they are asked for: most runs only want the numbers.
    """
    head, _, details = data.partition(b"\n")
    try:
        (*numbers, keeps, directives, output), _ = DECODER.raw_decode(head.decode("ascii"))
        known = Fingerprint(*output) if output else None
        tally = replace(Tally(name, *numbers), keeps=tuple(keeps), directives=directives)
        return Remembered(tally, known, details)
    except (ValueError, TypeError, RecursionError):
        return None


def remember(result: DocumentResult, output: bytes) -> Remembered | None:
    """What to keep of a result that was proved to come to the bytes ``output``.

    None for one that is too large to keep, and for one that rests on more than its own document:
    another document of the same content need not come to the same.
    """
    if not _is_its_own(result):
        return None
    raw = _json([_finding_records(result), _edit_records(result)])
    if len(raw) > MAX_DETAILS:
        return None
    has_details = result.findings or result.edits
    return Remembered(
        result.tally,
        fingerprint(output) if result.changed else None,
        _packed(raw) if has_details else b"",
    )


def _is_its_own(result: DocumentResult) -> bool:
    """Whether it speaks of no other document, and puts nothing in but what mends its own text."""
    name = result.document.name
    names = chain(
        (edit.document for edit in result.edits),
        (twin.document for edit in result.edits for twin in edit.twins),
        (place.passage.document for finding in result.findings for place in finding.places),
    )
    is_foreign = any(edit.inserted and not edit.is_repair for edit in result.edits)
    return not is_foreign and all(each == name for each in names)


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def _packed(raw: bytes) -> bytes:
    from zlib import compress

    return compress(raw) if len(raw) >= MIN_PACKED else raw


def _finding_records(result: DocumentResult) -> list[list[Any]]:
    return [
        [
            finding.name,
            [
                [
                    *_pair(place.passage.span),
                    place.line,
                    place.end_line,
                    place.paragraphs,
                    place.role,
                ]
                for place in finding.places
            ],
            finding.score,
            finding.confidence,
            finding.action,
            finding.note,
        ]
        for finding in result.findings
    ]


def _edit_records(result: DocumentResult) -> list[list[Any]]:
    """The edits; neighbours that differ in nothing but their span share one record."""
    return [
        [*about, _flat(twin.span for twin in twins), _flat(edit.span for edit in edits)]
        for (*about, twins), edits in groupby(result.edits, _about)
    ]


def _about(edit: Edit) -> tuple[Any, ...]:
    return (
        edit.finding,
        edit.number,
        edit.kind,
        edit.score,
        edit.confidence,
        edit.inserted,
        edit.twins,
    )


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _flat(spans: Iterator[Span]) -> list[int]:
    return [border for span in spans for border in _pair(span)]


def _unpacked(details: bytes, document: Document) -> tuple[tuple[Finding, ...], tuple[Edit, ...]]:
    """Findings and edits as parts of ``document``; any of several errors if they are not sound."""
    if not details:
        return (), ()
    if not details.startswith(b"["):
        from zlib import decompressobj

        details = decompressobj().decompress(details, MAX_DETAILS)
    findings, edits = json.loads(details)
    return (
        tuple(_finding(record, document) for record in findings),
        tuple(edit for record in edits for edit in _edits(record, document)),
    )


def _finding(record: list[Any], document: Document) -> Finding:
    name, places, *about = record
    return Finding(name, tuple(_place(place, document) for place in places), *about)


def _place(record: list[Any], document: Document) -> Place:
    start, end, *about = record
    return Place(Passage(document.name, _span(start, end, document)), *about)


def _span(start: int, end: int, document: Document) -> Span:
    if not 0 <= start < end <= len(document.text):
        raise ValueError("a span is empty or leaves the text")
    return Span(start, end)


def _spans(borders: list[int], document: Document) -> list[Span]:
    pairs = zip(borders[::2], borders[1::2], strict=True)
    return [_span(start, end, document) for start, end in pairs]


def _edits(record: list[Any], document: Document) -> Iterator[Edit]:
    finding, number, kind, score, confidence, inserted, twins, spans = record
    if not isinstance(inserted, str):
        raise TypeError("what is put in is no text")
    passages = tuple(Passage(document.name, span) for span in _spans(twins, document))
    for span in _spans(spans, document):
        yield Edit(
            document=document.name,
            span=span,
            removed=span.cut(document.text),
            inserted=inserted,
            finding=finding,
            number=number,
            kind=kind,
            score=score,
            confidence=confidence,
            twins=passages,
        )


def _check_edits(edits: Sequence[Edit], findings: Sequence[Finding]) -> None:
    """``ValueError`` unless the edits are in order and apart, and each rests on text that stays."""
    if any(one.span.end > two.span.start for one, two in pairwise(edits)):
        raise ValueError("edits overlap")
    removals = [edit for edit in edits if not edit.is_repair]
    starts = [edit.span.start for edit in removals]
    ends = [edit.span.end for edit in removals]
    for edit in edits:
        if not 0 <= edit.number < len(findings):
            raise ValueError("an edit has no finding")
        is_cleanup = edit.kind == "cleanup" and edit.finding in CLEANUP
        if not edit.twins and not is_cleanup:
            raise ValueError("a removal has no twin")
        if edit.inserted and not (is_cleanup and edit.is_repair):
            raise ValueError("a removal puts something in")
        for twin in edit.twins:
            after = bisect_right(starts, twin.span.start)
            is_before_the_next = after == len(starts) or twin.span.end <= starts[after]
            if not is_before_the_next or (after and ends[after - 1] > twin.span.start):
                raise ValueError("a removal's twin does not stay")
