"""What repeats what, as places: what the pictures of a single document are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from dedup.model import KEPT_LOOKALIKE, DocumentResult, Span

PairKind = Literal["exact", "near", "contained", "alike"]


class Pair(NamedTuple):
    """A copy and what it repeats, in the same document."""

    kept: Span
    copy: Span
    kind: PairKind
    number: int
    """Index of the finding."""


def pairs_of(result: DocumentResult) -> Iterator[Pair]:
    """All pairs in the document: edits with their twins first, then look-alikes.

    Twins in other documents have no place in this one's pictures.
    """
    name = result.document.name
    for edit in result.edits:
        if edit.kind == "drop" or (edit.kind == "cleanup" and not edit.twins):
            continue
        kind: PairKind = "near" if edit.kind == "cleanup" else edit.kind
        for twin in edit.twins:
            if twin.document == name:
                yield Pair(twin.span, edit.span, kind, edit.number)
    for number, finding in enumerate(result.findings):
        if finding.name == KEPT_LOOKALIKE:
            first, *others = (place.passage for place in finding.places)
            for other in others:
                if first.document == other.document == name:
                    yield Pair(first.span, other.span, "alike", number)


def ribbons(pairs: Iterable[Pair], gap: float, *, any_kind: bool = False) -> list[Pair]:
    """Pairs of a finding that go on in each other on both sides as one, up to ``gap`` characters apart.

    A copied article is one line in a picture, not one for each of its sentences.
    """
    found: list[Pair] = []
    for pair in pairs:
        last = found[-1] if found else None
        if last and last.number == pair.number and (any_kind or last.kind == pair.kind):
            apart = (pair.kept.start - last.kept.end, pair.copy.start - last.copy.end)
            if all(0 <= each <= gap for each in apart):
                kept = Span(last.kept.start, pair.kept.end)
                copy = Span(last.copy.start, pair.copy.end)
                kind = last.kind if last.kind == pair.kind else "near"
                found[-1] = Pair(kept, copy, kind, pair.number)
                continue
        found.append(pair)
    return found
