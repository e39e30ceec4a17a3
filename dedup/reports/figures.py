"""A line of numbers on each document, for programs that choose among them; described by ``figures.schema.json``.

JSON Lines: a header, a line for each document or failure, and a summary. Without that the output was cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dedup import __version__
from dedup.model import DocumentResult, Failure, Totals
from dedup.options import Options
from dedup.reports.json import dumped, options_of, path_bytes, totals_of

FORMAT = "dedup-figures"
VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it, and come with a new schema."""


def header(options: Options) -> bytes:
    """What made the lines."""
    # The format first: that is how a later run knows the file as one of ours.
    about = {"format": FORMAT, "version": VERSION, "type": "header"}
    tool = {"name": "dedup", "version": __version__}
    return _line({**about, "tool": tool, "options": options_of(options)})


def document(result: DocumentResult, repetition: Mapping[str, float]) -> bytes:
    """The line of a document; ``repetition``: what its text says again, by the names of the figures."""
    tally = result.tally
    return _line(
        {
            "type": "document",
            "name": tally.name,
            **path_bytes(tally.name),
            "characters": tally.characters,
            "removed_characters": tally.removed_characters,
            "redundancy": tally.redundancy,
            "paragraphs": tally.paragraphs,
            "removed_paragraphs": tally.removed_paragraphs,
            "repairs": tally.repairs,
            "findings": tally.findings,
            "note": tally.note,
            "repetition": dict(repetition),
        }
    )


def failure(failure: Failure) -> bytes:
    """The line of what could not be looked at."""
    about = {"name": failure.name, **path_bytes(failure.name), "reason": failure.reason}
    return _line({"type": "failure", **about})


def summary(totals: Totals, failures: int, skipped: Mapping[str, int]) -> bytes:
    """The last line: sums over the documents, and how many there are no lines of."""
    about = {"type": "summary", **totals_of(totals)}
    return _line({**about, "failures": failures, "skipped": dict(skipped)})


def _line(values: dict[str, Any]) -> bytes:
    return f"{dumped(values, indent=None)}\n".encode("utf-8", "backslashreplace")
