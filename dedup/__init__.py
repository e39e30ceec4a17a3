"""Finds repeated text, proves it, removes it, and shows what it did.

>>> import dedup
>>> body = "The bridge was opened by the mayor on a rainy day in May, and nobody came to see it.\\n"
>>> result = dedup.clean(body + body)
>>> result.cleaned == body
True
>>> [finding.name for finding in result.findings]
['near-duplicate']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Copy",
    "DedupError",
    "Document",
    "DocumentResult",
    "Edit",
    "Failure",
    "FilesResult",
    "Finding",
    "Marker",
    "Options",
    "Passage",
    "Place",
    "Quote",
    "Result",
    "Span",
    "Tally",
    "Totals",
    "UnsafePlan",
    "analyze",
    "clean",
    "clean_files",
    "documents",
    "fingerprint",
    "restore",
    "results",
]

if TYPE_CHECKING:
    from dedup.api import analyze, clean, clean_files, documents, restore, results
    from dedup.engine.normalize import fingerprint
    from dedup.engine.plan import UnsafePlan
    from dedup.errors import DedupError
    from dedup.model import (
        Copy,
        Document,
        DocumentResult,
        Edit,
        Failure,
        FilesResult,
        Finding,
        Marker,
        Passage,
        Place,
        Quote,
        Result,
        Span,
        Tally,
        Totals,
    )
    from dedup.options import Options

_HOMES = {
    "dedup.api": ("analyze", "clean", "clean_files", "documents", "restore", "results"),
    "dedup.engine.normalize": ("fingerprint",),
    "dedup.engine.plan": ("UnsafePlan",),
    "dedup.errors": ("DedupError",),
    "dedup.options": ("Options",),
    "dedup.model": (
        "Copy",
        "Document",
        "DocumentResult",
        "Edit",
        "Failure",
        "FilesResult",
        "Finding",
        "Marker",
        "Passage",
        "Place",
        "Quote",
        "Result",
        "Span",
        "Tally",
        "Totals",
    ),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: ``dedup --version`` needs none of them."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
