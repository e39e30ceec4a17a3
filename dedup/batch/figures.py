"""What ``dedup report`` says of a document in numbers, made where the document is."""

from __future__ import annotations

from dedup.batch.single import Outcome
from dedup.engine import repetition
from dedup.reports import figures


def lines(outcome: Outcome) -> tuple[bytes, ...]:
    """The document's line: what would go from it, and what its text says again as it is now."""
    result = outcome.result
    return (figures.document(result, repetition.figures(result.document.text)),)
