"""Clusters of near copies for other programs: ``id, cluster, canonical, score, overlap``, as CSV or JSON Lines.

One row per document, the canonical copy of its cluster first; a document without a copy has none. Same
rows, same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

COLUMNS = ("id", "cluster", "canonical", "score", "overlap")
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""What makes a spreadsheet take a cell for a formula, or its end for another cell."""
_BATCH = 1024


class Row(NamedTuple):
    """A document in a cluster."""

    id: str
    """Its name."""
    cluster: int
    """From 1."""
    canonical: str
    """The name of the document that stays; of that one its own."""
    score: float
    """How much of the letters of both is equal, 0.0-1.0; of the canonical copy 1.0."""
    overlap: float
    """How much of its letters stands in the canonical copy, 0.0-1.0."""


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with a head line, in pieces.

    A cell that a spreadsheet would run begins with ``'``, and what UTF-8 cannot hold is written as ``\\udc80``:
    JSON Lines are the lossless format.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for count, row in enumerate(rows, 1):
        writer.writerow(
            (
                _inert(row.id),
                row.cluster,
                _inert(row.canonical),
                f"{row.score:.4f}",
                f"{row.overlap:.4f}",
            )
        )
        if not count % _BATCH:
            yield _taken(text)
    yield _taken(text)


def as_jsonl(rows: Iterable[Row]) -> Iterator[bytes]:
    """One JSON object per line, in ASCII."""
    for row in rows:
        entry = row._asdict() | {"score": round(row.score, 4), "overlap": round(row.overlap, 4)}
        yield json.dumps(entry).encode("ascii") + b"\n"


def _inert(name: str) -> str:
    return f"'{name}" if name.startswith(_ACTIVE) else name


def _taken(text: io.StringIO) -> bytes:
    """What was written so far; the buffer begins anew."""
    data = text.getvalue().encode("utf-8", "backslashreplace")
    text.seek(0)
    text.truncate()
    return data
