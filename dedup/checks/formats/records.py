"""Alerts as plain values for JSON, the same in every format made of it; described by ``check.schema.json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dedup import __version__
from dedup.checks.alerts import Alert, Spot
from dedup.checks.gate import End
from dedup.model import Failure
from dedup.options import Options, deciding
from dedup.reports.json import path_bytes

FORMAT = "dedup-check"
VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it, and come with a new schema."""


def head(options: Options) -> dict[str, Any]:
    """What made the findings."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"name": "dedup", "version": __version__},
        "options": deciding(options),
    }


def finding(alert: Alert, shown: Callable[[str], str]) -> dict[str, Any]:
    """One alert; ``shown`` writes paths."""
    return {
        "name": alert.name,
        "level": alert.level,
        "message": alert.message(shown),
        "document": alert.document,
        **_spot(alert.spot, shown),
        "characters": alert.characters,
        "score": alert.score,
        "confidence": alert.confidence,
        "fingerprint": alert.fingerprint,
        "reason": alert.reason,
        "turned": alert.is_turned,
        "related": [_spot(spot, shown) for spot in alert.related],
    }


def _spot(spot: Spot, shown: Callable[[str], str]) -> dict[str, Any]:
    numbers = {
        "line": spot.line,
        "end_line": spot.end_line,
        "column": spot.column,
        "end_column": spot.end_column,
    }
    path = shown(spot.path)
    return {
        "path": path,
        **path_bytes(path),
        **{name: number or None for name, number in numbers.items()},
        "start": spot.start,
        "end": spot.end,
        "where": spot.where,
        "excerpt": list(spot.quoted),
    }


def summary(end: End) -> dict[str, Any]:
    """The numbers of the run, and what went wrong in it."""
    return {
        "documents": end.totals.documents,
        "documents_with_findings": end.documents,
        "findings": end.count,
        "findings_by_name": dict(end.findings),
        "notes": end.notes,
        "characters": end.totals.characters,
        "redundant_characters": end.characters,
        "redundancy": end.redundancy,
        "set_aside": dict(end.set_aside),
        "skipped": dict(end.skipped),
        "exceeded": list(end.exceeded),
        "warnings": list(end.warnings),
        "failures": [_failure(failure) for failure in end.failures],
    }


def _failure(failure: Failure) -> dict[str, str]:
    return {"name": failure.name, **path_bytes(failure.name), "reason": failure.reason}
