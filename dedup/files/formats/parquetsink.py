"""A Parquet table like the one that was read, with other strings in one column."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from dedup.errors import DedupError
from dedup.files.containers import Piece
from dedup.files.formats.parquetcolumns import Column
from dedup.files.formats.parquetgroups import Groups

SCHEMA = b"ARROW:schema"
"""Where the library notes what Parquet has no types for."""

VERSIONS = ("1.0", "2.4", "2.6")
"""Of the format, that can be written."""

ENCODINGS = (
    "BYTE_STREAM_SPLIT",
    "DELTA_BINARY_PACKED",
    "DELTA_BYTE_ARRAY",
    "DELTA_LENGTH_BYTE_ARRAY",
)
"""What a column without a dictionary can be written in on request."""


class Rows:
    """The sink: holds the changed cells of a row group, reads the rest again and writes it."""

    def __init__(self, groups: Groups, column: Column, target: BinaryIO) -> None:
        self._groups = groups
        self._column = column
        groups.prove()
        options = _options(groups, column)
        _refuse_other_schema(groups, options)
        self._target = _Target(target)
        self._changed: dict[int, bytes] = {}
        self._group = self._row = 0
        with self._writing():
            self._writer = groups.parquet.ParquetWriter(self._target, groups.schema, **options)

    def add(self, piece: Piece, data: bytes | None = None) -> None:
        """The next row, with ``data`` as its text if that is given."""
        self._write_complete()  # of no rows
        if data is not None:
            self._changed[self._row] = data
        self._row += 1
        self._write_complete()

    def finish(self) -> None:
        """Write what is held back, and the metadata."""
        self._write_complete()
        said = dict(self._groups.metadata.metadata or {})
        said.pop(SCHEMA, None)  # the library writes its own, but not always what others have noted
        with self._writing():
            self._writer.add_key_value_metadata(said)
            self._writer.close()

    def _write_complete(self) -> None:
        """Write the row groups of which all rows have come."""
        while self._group < self._groups.count and self._row == self._groups.rows(self._group):
            self._write_group()
            self._group += 1
            self._row = 0
            self._changed.clear()

    def _write_group(self) -> None:
        arrow = self._groups.arrow
        self._groups.refuse_lost_times(self._group)
        batches = list(self._batches())
        with self._groups.problems_named():
            table = arrow.Table.from_batches(batches, self._groups.schema).unify_dictionaries()
        del batches
        with self._writing():
            self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def _batches(self) -> Iterator[Any]:
        """The row group, changed; only the changes are copied."""
        start = 0
        for batch in self._groups.batches(self._group):
            end = start + batch.num_rows
            cells = {
                row - start: self._changed[row] for row in range(start, end) if row in self._changed
            }
            start = end
            if cells:
                with self._groups.problems_named():
                    batch = self._column.changed(batch, cells)
            yield batch

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Write to the target; what it reports passes through, what the library says is one line."""
        self._target.is_open = True
        try:
            yield
        except (self._groups.arrow.ArrowException, OSError) as problem:
            if isinstance(problem, OSError) and problem.errno is not None:  # of the target
                raise
            said = (str(problem).splitlines() or [""])[0]
            raise DedupError(self._groups.name, f"cannot be written as Parquet: {said}") from None
        finally:
            self._target.is_open = False


class _Target:
    """The target as the library wants it. A writer that is given up writes an end: not here."""

    closed = False

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.is_open = False

    def write(self, data: Any) -> int:
        """Write what comes while it is expected."""
        if self.is_open:
            self._target.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Left to who owns the target."""


def _options(groups: Groups, column: Column) -> dict[str, Any]:
    """How the writer is set up to write in the manner of this table, as far as a file tells it."""
    described = [groups.chunks(group) for group in range(groups.count)]
    leaves = [
        (leaf, [chunks[i][1] for chunks in described]) for i, leaf in enumerate(groups.leaves)
    ]
    version = groups.metadata.format_version
    options: dict[str, Any] = {
        "version": version if version in VERSIONS else VERSIONS[-1],
        "store_schema": SCHEMA in (groups.metadata.metadata or {}),
        "compression": {leaf.path: _codec(chunks) for leaf, chunks in leaves},
        "use_dictionary": [leaf.path for leaf, chunks in leaves if _has_dictionary(chunks)],
        "write_statistics": [
            leaf.path for leaf, chunks in leaves if any(chunk.is_stats_set for chunk in chunks)
        ],
        "use_deprecated_int96_timestamps": groups.has_int96,
        "use_compliant_nested_type": all(".list.item" not in leaf.path for leaf, _ in leaves),
        "write_page_index": any(c.has_offset_index for _, chunks in leaves for c in chunks),
    }
    if encodings := dict(_encodings(leaves)):
        options["column_encoding"] = encodings
    if any(_is_whole_decimal(leaf) for leaf, _ in leaves):
        options["store_decimal_as_integer"] = True
    if order := _order(groups, column):
        options["sorting_columns"] = order
    return options


def _codec(chunks: list[Any]) -> str:
    """The library's name for how a column is packed."""
    codec = chunks[0].compression if chunks else "SNAPPY"
    return {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}.get(codec, codec)


def _has_dictionary(chunks: list[Any]) -> bool:
    return any(chunk.has_dictionary_page for chunk in chunks)


def _encodings(leaves: list[tuple[Any, list[Any]]]) -> Iterator[tuple[str, str]]:
    """What the columns without a dictionary are written in, if it is not the usual."""
    for leaf, chunks in leaves:
        used = {encoding for chunk in chunks for encoding in chunk.encodings}
        if not _has_dictionary(chunks) and (special := used.intersection(ENCODINGS)):
            yield leaf.path, min(special)


def _is_whole_decimal(leaf: Any) -> bool:
    return leaf.logical_type.type == "DECIMAL" and leaf.physical_type in ("INT32", "INT64")


def _order(groups: Groups, column: Column) -> list[Any]:
    """By which columns all row groups are sorted: those in front of the one that changes."""
    orders = {groups.metadata.row_group(g).sorting_columns for g in range(groups.count)}
    if len(orders) != 1:
        return []
    kept = []
    for by in orders.pop():
        paths = [leaf.path for leaf in groups.leaves[by.column_index : by.column_index + 1]]
        if paths in ([], [column.dotted]):
            break
        kept.append(by)
    return kept


def _refuse_other_schema(groups: Groups, options: dict[str, Any]) -> None:
    """Refuse a table whose columns the library would write with other types than they have."""
    empty = io.BytesIO()
    with groups.problems_named():
        groups.parquet.ParquetWriter(empty, groups.schema, **options).close()
        new = groups.parquet.ParquetFile(empty).schema
        old = groups.metadata.schema
        for number in range(len(old)):
            leaf = old.column(number)
            is_there = number < len(new) and new.column(number).path == leaf.path
            if not is_there or not new.column(number).equals(leaf):
                what = f"column {leaf.path!r} would not be written with the type it has"
                raise DedupError(groups.name, what)
