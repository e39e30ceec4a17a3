"""Parquet: one column of strings, row by row; a row is a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from dedup.errors import DedupError
from dedup.files.containers import Container, Piece, Sink
from dedup.files.decode import decode
from dedup.files.formats.parquetcolumns import Column, find
from dedup.files.formats.parquetgroups import Groups
from dedup.files.formats.parquetsink import Rows
from dedup.files.read import Source
from dedup.files.views import Plain
from dedup.options import Options


def container(file: BinaryIO, name: str, options: Options) -> Container:
    """The rows of a Parquet file, which has to be seekable; documents are ``name#number``."""
    groups = Groups(file, name, options.max_size)
    column = find(groups.schema, options.field, name)
    groups.prove(column.dotted)
    return _Table(groups, column, options.errors)


class _Table:
    """The container. What is null has no text: it passes through, and nothing is wrong with it."""

    def __init__(self, groups: Groups, column: Column, errors: str) -> None:
        self._groups = groups
        self._column = column
        self._errors = errors

    def sink(self, target: BinaryIO) -> Sink:
        """What writes a table like this one, with the same row groups."""
        return Rows(self._groups, self._column, target)

    def pieces(self) -> Iterator[Piece]:
        """The rows of all row groups, in order."""
        number = 0
        for group in range(self._groups.count):
            for batch in self._groups.batches(group, self._column.dotted):
                with self._groups.problems_named():
                    values = self._column.values(batch)
                for value in values:
                    number += 1
                    yield Piece(b"", number) if value is None else self._piece(value, number)

    def _piece(self, data: bytes, number: int) -> Piece:
        name = f"{self._groups.name}#{number}"
        try:
            # A mark is part of the string: a cell is no file.
            document = decode(data, name, errors=self._errors)
        except DedupError as problem:
            return Piece(data, number, problem=problem.what)
        text = document.bom.decode() + document.text
        document = replace(document, text=text, bom=b"", format="text")
        return Piece(data, number, source=Source(data, None, None, document, Plain(text)))
