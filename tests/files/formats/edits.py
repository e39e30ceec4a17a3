"""Edits as the engine would make them, and records changed by them as a run would."""

from __future__ import annotations

import io

from dedup.files.containers import Container
from dedup.files.read import Source, encode
from dedup.files.views import apply
from dedup.model import Edit, Span


def removal(source: Source, start: int, end: int, inserted: str = "") -> Edit:
    """That a part of the document's text goes."""
    document = source.document
    span = Span(start, end)
    removed = span.cut(document.text)
    return Edit(document.name, span, removed, inserted, "", 0, "exact", 1.0, 1.0, ())


def without(source: Source, gone: str) -> bytes:
    """The bytes of the record once the first ``gone`` is removed from its text."""
    start = source.document.text.index(gone)
    edits = source.view.raw_edits([removal(source, start, start + len(gone))])
    return encode(source.document, apply(source.view.raw, edits))


def copied(container: Container, gone: str = "", target: io.BytesIO | None = None) -> bytes:
    """The container as its sink writes it, ``gone`` removed where a document holds it."""
    target = io.BytesIO() if target is None else target
    sink = container.sink(target)
    for piece in container.pieces():
        source = piece.source
        is_changed = source is not None and gone and gone in source.document.text
        sink.add(piece, without(source, gone) if source and is_changed else None)
    sink.finish()
    return target.getvalue()
