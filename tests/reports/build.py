"""Results made by hand, for tests of reports that must not depend on what the engine finds."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence

from dedup.engine import plan
from dedup.model import (
    CONTAINED,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    Action,
    Document,
    DocumentResult,
    Edit,
    Finding,
    Kind,
    Passage,
    Place,
    Result,
    Role,
    Span,
    Sums,
)
from dedup.options import Options


def place_of(document: Document, span: Span, role: Role, paragraphs: int = 1) -> Place:
    starts = [0] + [end.end() for end in re.finditer(r"\r\n|\n|\r", document.text)]
    first, last = (
        bisect.bisect_right(starts, at) for at in (span.start, max(span.start, span.end - 1))
    )
    return Place(Passage(document.name, span), first, last, paragraphs, role)


def cut(text: str, spans: Iterable[tuple[int, int]], **fields: object) -> DocumentResult:
    """A result that removes the given spans; the twin of each is made up."""
    document = Document(**({"name": "a.txt"} | fields), text=text)  # type: ignore[arg-type]
    edits = tuple(
        Edit(document.name, Span(start, end), text[start:end], "", NEAR_DUPLICATE, number, "near",
             0.9, 0.8, (Passage(document.name, Span(0, 1)),))
        for number, (start, end) in enumerate(spans)
    )  # fmt: skip
    findings = tuple(
        Finding(NEAR_DUPLICATE, (place_of(document, Span(0, 1), "kept"),
                                 place_of(document, edit.span, "removed")), 0.9, 0.8, "removed")
        for edit in edits
    )  # fmt: skip
    cleaned = plan.apply(text, edits)
    return DocumentResult(document, findings, edits, cleaned, len(edits) + 1, len(edits))


class Builder:
    """A result put together from passages of its text."""

    def __init__(self, text: str, name: str = "a.txt") -> None:
        self.document = Document(name, text)
        self.findings: list[Finding] = []
        self.edits: list[Edit] = []

    def find(self, passage: str, occurrence: int = 0) -> Span:
        start = -1
        for _ in range(occurrence + 1):
            start = self.document.text.index(passage, start + 1)
        return Span(start, start + len(passage))

    def removes(
        self,
        name: str,
        pairs: Sequence[tuple[Span, Span]],
        *,
        score: float = 1.0,
        kind: Kind = "exact",
    ) -> Builder:
        """A finding whose copies go; each pair is what stays and what goes, its separator with it."""
        text, number = self.document.text, len(self.findings)
        for kept, gone in pairs:
            end = gone.end + (text[gone.end : gone.end + 1] == "\n")
            span = Span(gone.start, end)
            self.edits.append(
                Edit(self.document.name, span, span.cut(text), "", name, number,
                     "contained" if name == CONTAINED else kind, score, 0.97,
                     (Passage(self.document.name, kept),))
            )  # fmt: skip
        sides = [
            Span(min(side.start for side in spans), max(side.end for side in spans))
            for spans in zip(*pairs, strict=True)
        ]
        places = (
            place_of(self.document, sides[0], "kept", len(pairs)),
            place_of(self.document, sides[1], "removed", len(pairs)),
        )
        self.findings.append(Finding(name, places, score, 0.97, "removed"))
        return self

    def keeps(self, spans: Sequence[Span], note: str, *, action: Action = "kept") -> Builder:
        """A look-alike: nothing goes."""
        places = tuple(place_of(self.document, span, "kept") for span in spans)
        self.findings.append(Finding(KEPT_LOOKALIKE, places, 0.95, 0.2, action, note))
        return self

    def result(self) -> DocumentResult:
        edits = tuple(sorted(self.edits, key=lambda edit: edit.span))
        cleaned = plan.apply(self.document.text, edits)
        paragraphs = sum(bool(line.strip()) for line in self.document.text.splitlines())
        left = sum(bool(line.strip()) for line in cleaned.splitlines())
        return DocumentResult(
            self.document, tuple(self.findings), edits, cleaned, paragraphs, paragraphs - left
        )


def whole(*results: DocumentResult) -> Result:
    sums = Sums()
    for result in results:
        sums.add(result.tally)
    return Result(Options(), results, sums.totals)
