"""How tests read a file of records from bytes, edit what it holds, and write it again."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from dedup.files.containers import Piece
from dedup.files.decode import encode
from dedup.files.formats import delimited, jsonl, kind_of
from dedup.files.read import Source
from dedup.files.views import apply
from dedup.model import Edit, Span
from dedup.options import Options

MODULES = {"jsonl": jsonl, "csv": delimited, "tsv": delimited}


class Pipe(io.RawIOBase):
    """Gives its bytes a few at a time, and only once."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data = data
        self._step = step
        self._place = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._data[self._place : self._place + min(self._step, len(buffer))]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


class Endless(io.BytesIO):
    """Gives the same line again and again."""

    def __init__(self, line: bytes) -> None:
        super().__init__()
        self._line = line
        self._rest = b""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None and size > 0
        data = self._rest + self._line * (size // len(self._line) + 1)
        self._rest = data[size:]
        return data[:size]


def pieces_of(data: bytes, name: str, step: int = 1 << 20, **options: Any) -> list[Piece]:
    """All pieces of a file of this content and name; they are asserted to be that content."""
    kind = kind_of(name)
    file: Any = Pipe(data, step)
    pieces = list(MODULES[kind].container(file, name, Options(**options), kind).pieces())
    assert b"".join(piece.raw for piece in pieces) == data
    for piece in pieces:
        if piece.source is not None:
            assert piece.source.data == piece.raw
            assert encode(piece.source.document, piece.source.view.raw) == piece.raw
            assert piece.source.document.text == piece.source.view.text
            assert piece.source.document.name == f"{name}#{piece.number}"
    return pieces


def texts_of(data: bytes, name: str, **options: Any) -> list[str]:
    """The texts of all records, of which none is bad."""
    pieces = pieces_of(data, name, **options)
    assert [piece.problem for piece in pieces if piece.problem] == []
    return [piece.source.document.text for piece in pieces if piece.source is not None]


def problems_of(data: bytes, name: str, **options: Any) -> list[tuple[int, str]]:
    """Line and problem of each bad record."""
    pieces = pieces_of(data, name, **options)
    return [(piece.line, piece.problem) for piece in pieces if piece.problem]


def edit(text: str, start: int, end: int, inserted: str = "") -> Edit:
    """An edit of ``text``; what else belongs to one is of no interest here."""
    span = Span(start, end)
    return Edit("", span, span.cut(text), inserted, "near-duplicate", 0, "exact", 1.0, 1.0, ())


def edits(text: str, *parts: tuple[str, str]) -> list[Edit]:
    """For each pair an edit that puts the second in the place of the first's only occurrence."""
    result = []
    for old, new in parts:
        assert text.count(old) == 1
        result.append(edit(text, text.index(old), text.index(old) + len(old), new))
    return result


def changed(source: Source, wanted: Sequence[Edit]) -> bytes:
    """The record after those of the edits that are not refused."""
    refused = source.view.refused(wanted)
    left = [each for each in wanted if each.span not in refused]
    assert source.view.refused(left) == []
    raw_edits = source.view.raw_edits(left)
    places = [place for each in raw_edits for place in (each.span.start, each.span.end)]
    assert places == sorted(places)
    for each in raw_edits:
        assert each.removed or each.inserted
        assert each.span.cut(source.view.raw) == each.removed
    return encode(source.document, apply(source.view.raw, raw_edits))


def rewritten(data: bytes, name: str, change: Callable[[str], list[Edit]], **options: Any) -> bytes:
    """The file with each record's text changed, through the sink of its container."""
    kind = kind_of(name)
    container = MODULES[kind].container(io.BytesIO(data), name, Options(**options), kind)
    target = io.BytesIO()
    sink = container.sink(target)
    for piece in container.pieces():
        if piece.source is None:
            sink.add(piece)
        else:
            sink.add(piece, changed(piece.source, change(piece.source.document.text)))
    sink.finish()
    return target.getvalue()
