"""What each threshold would do, for people as tables and for programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from dedup import __version__
from dedup.reports.escape import escape_line

FORMAT = "dedup-sweep"
VERSION = 1


class Documents(NamedTuple):
    """What a threshold would do to whole documents."""

    threshold: float
    in_force: bool
    clusters: int
    members: int
    """Documents that are near copies of another one."""
    characters: int


class Paragraphs(NamedTuple):
    """What a threshold would do to paragraphs, whatever else decides about them."""

    threshold: float
    copies: int
    characters: int


class Pair(NamedTuple):
    """Two documents, or two paragraphs with their lines."""

    score: float
    """How alike, or how sure, 0.0-1.0."""
    copy: str
    """The document that would go, or that it would go from."""
    kept: str
    copy_line: int = 0
    """Number of the line, from 1; 0 for a document as a whole."""
    kept_line: int = 0


class Sweep(NamedTuple):
    """All there is to look at."""

    documents: tuple[Documents, ...]
    accepted: tuple[Pair, ...]
    """The documents least like what they are near copies of."""
    rejected: tuple[Pair, ...]
    """Those most alike that are none."""
    paragraphs: tuple[Paragraphs, ...]
    least: tuple[Pair, ...]
    """The paragraphs least like what they are near copies of."""


def as_json(sweep: Sweep) -> bytes:
    """All of it as one JSON object, indented, in ASCII."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"name": "dedup", "version": __version__},
    }
    for name in ("documents", "accepted", "rejected", "paragraphs", "least"):
        value[name] = [one._asdict() for one in getattr(sweep, name)]
    return json.dumps(value, indent=2).encode("ascii") + b"\n"


def as_text(sweep: Sweep) -> bytes:
    """Tables, and the pairs to look at."""
    return "".join(f"{line}\n" for line in _lines(sweep)).encode("utf-8", "backslashreplace")


def _lines(sweep: Sweep) -> Iterator[str]:
    yield "Whole documents that are near copies of another one, by how sure that has to be:"
    rows = [
        (
            f"{'>' if one.in_force else ' '} {one.threshold:.2f}",
            one.clusters,
            one.members,
            one.characters,
        )
        for one in sweep.documents
    ]
    yield from _table(("threshold", "clusters", "documents", "characters"), rows)
    yield "  > is in force"
    yield from _pairs("least sure of those that are", sweep.accepted)
    yield from _pairs("most alike of those that are not", sweep.rejected)
    yield ""
    yield "Paragraphs that are equal or near copies, by how alike they have to be:"
    lines = [(f"  {one.threshold:.2f}", one.copies, one.characters) for one in sweep.paragraphs]
    yield from _table(("threshold", "paragraphs", "characters"), lines)
    yield from _pairs("least alike", sweep.least)


def _table(head: Sequence[str], rows: Sequence[tuple[str | int, ...]]) -> Iterator[str]:
    cells = [[one if isinstance(one, str) else f"{one:,}" for one in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    for row in (list(head), *cells):
        yield "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def _pairs(what: str, pairs: Sequence[Pair]) -> Iterator[str]:
    if not pairs:
        return
    yield f"  {what}:"
    for pair in pairs:
        one = _place(pair.copy, pair.copy_line)
        yield f"    {pair.score:.2f}  {one}  {_place(pair.kept, pair.kept_line)}"


def _place(name: str, line: int) -> str:
    return escape_line(f"{name}:{line}" if line else name)
