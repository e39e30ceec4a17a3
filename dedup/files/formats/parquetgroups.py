"""A Parquet file, row group by row group: what is damaged, or swells, is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from dedup.errors import DedupError
from dedup.extras import library
from dedup.files.unpacking import MAX_RATIO, RATIO_FROM
from dedup.options import shown_size

STREAM_BYTES = 1 << 16
"""How much of a column the library reads ahead; else it would hold all of it that is in a row group."""

BATCH_BYTES = 4 << 20
BATCH_ROWS = 1 << 12
"""About how much is unpacked at a time; a single longer value is all the same."""

MAX_COMPLAINT = 200
"""Characters of what the library says of a damaged file; it may quote the file."""


class Groups:
    """The row groups. No more is unpacked at a time than a part of one; nothing runs in threads."""

    def __init__(self, file: BinaryIO, name: str, max_size: int) -> None:
        self.arrow = library("pyarrow", "Parquet", name)
        self.parquet = library("pyarrow.parquet", "Parquet", name)
        self.name = name
        self._source = file
        self._max_size = max_size
        with self.problems_named():
            self._size = file.seek(0, os.SEEK_END)
            self._file = self._open()
            self.metadata = self._file.metadata
            self.leaves = [self.metadata.schema.column(i) for i in range(self.metadata.num_columns)]
            self._int96 = [leaf.path for leaf in self.leaves if leaf.physical_type == "INT96"]
            if self._int96:  # in nanoseconds, which is usual, the year 9999 would become another
                self._file = self._open(coerce_int96_timestamp_unit="us")
            self.schema = self._file.schema_arrow
        self._batch_rows: dict[tuple[int, str], int] = {}

    @property
    def count(self) -> int:
        """How many row groups there are."""
        return int(self.metadata.num_row_groups)

    @property
    def has_int96(self) -> bool:
        """Whether times are held in the old manner."""
        return bool(self._int96)

    def prove(self, column: str = "") -> None:
        """Read a row of each row group, of one column or of all; ``DedupError`` if that cannot be.

        This has to come first: asked for damaged metadata, the library ends the process, unless it
        met the damage in reading. Then what the metadata say of sizes is looked at.
        """
        total = 0
        for group in range(self.count):
            with self.problems_named():
                plain = int(self._first_row(self._file, group, column).nbytes)
            size = 0
            for leaf, chunk in self.chunks(group, column):
                unpacked = max(int(chunk.total_uncompressed_size), 0)
                self._check(unpacked, int(chunk.total_compressed_size), f"column {leaf.path!r}")
                size += unpacked
            total += size
            with self.problems_named():
                longest = max(plain, self._longest_row(group, column))
            average = size // max(self.rows(group), 1)
            at_once = BATCH_BYTES // max(longest, average, 1)
            self._batch_rows[group, column] = min(max(at_once, 1), BATCH_ROWS)
        if column:
            self._check(total, total, f"column {column!r}")

    def rows(self, group: int) -> int:
        """How many rows a row group has that is proven."""
        return int(self.metadata.row_group(group).num_rows)

    def chunks(self, group: int, column: str = "") -> list[tuple[Any, Any]]:
        """Leaf columns, and what the metadata say of them in a row group; what is proven only."""
        about = self.metadata.row_group(group)
        return [
            (leaf, about.column(i))
            for i, leaf in enumerate(self.leaves)
            if column in ("", leaf.path)
        ]

    def batches(self, group: int, column: str = "") -> Iterator[Any]:
        """The rows of a row group that is proven, or only one column of them, a part at a time.

        Metadata do not tell how much a dictionary spreads out to: that is counted.
        """
        at_once = self._batch_rows[group, column]
        columns = [column] if column else None
        batches = self._file.iter_batches(at_once, [group], columns, use_threads=False)
        size = rows = 0
        while True:
            with self.problems_named():
                if (batch := next(batches, None)) is None:
                    break
                self._refuse_stray_indices(batch)
            size += batch.nbytes
            rows += batch.num_rows
            self._check(size, self._size, f"row group {group}")
            yield batch
        if rows != self.rows(group):
            what = f"row group {group} has {rows} rows, not {self.rows(group)}"
            raise DedupError(self.name, f"cannot be read as Parquet: {what}")
        self.arrow.default_memory_pool().release_unused()

    @contextmanager
    def problems_named(self) -> Iterator[None]:
        """Turn what the library says of a damaged file into one line that names it."""
        try:
            yield
        except (
            self.arrow.ArrowException,
            OSError,
            ValueError,
            LookupError,
            OverflowError,
            MemoryError,
        ) as problem:
            said = (str(problem).splitlines() or [""])[0][:MAX_COMPLAINT]
            what = f"cannot be read as Parquet: {said or type(problem).__name__}"
            raise DedupError(self.name, what) from None

    def _open(self, **options: Any) -> Any:
        return self.parquet.ParquetFile(
            self._source,
            buffer_size=STREAM_BYTES,
            pre_buffer=False,
            page_checksum_verification=True,
            **options,
        )

    def _check(self, size: int, packed: int, what: str) -> None:
        if size > self._max_size:
            limit = shown_size(self._max_size)
            hint = "--max-size sets how much is read"
            raise DedupError(self.name, f"{what} is larger than {limit} unpacked", hint)
        if size > RATIO_FROM and size > MAX_RATIO * packed:
            times = f"{MAX_RATIO:,} times its packed size"
            raise DedupError(self.name, f"{what} holds more than {times}")

    def _first_row(self, file: Any, group: int, column: str) -> Any:
        columns = [column] if column else None
        batches = file.iter_batches(1, [group], columns, use_threads=False)
        return next(batches, None) or self.arrow.RecordBatch.from_pylist([])

    def _longest_row(self, group: int, column: str) -> int:
        """Bytes of the longest row that the dictionaries allow: each value may stand in every row."""
        dictionaries = [
            (leaf.path, chunk)
            for leaf, chunk in self.chunks(group, column)
            if leaf.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page
        ]
        paths = [path for path, _ in dictionaries]
        try:
            probe = self._open(metadata=self.metadata, read_dictionary=paths)
            first = self._first_row(probe, group, column)
            found = (inner for array in first.columns for inner in self._dictionaries(array))
            return sum(self._longest(array.dictionary) for array in found)
        except self.arrow.ArrowNotImplementedError:  # not for all encodings
            return sum(int(chunk.total_uncompressed_size) for _, chunk in dictionaries)

    def _longest(self, dictionary: Any) -> int:
        """Bytes of the longest value."""
        arrow = self.arrow
        texts = (arrow.string(), arrow.large_string(), arrow.binary(), arrow.large_binary())
        if dictionary.type not in texts:
            return int(dictionary.nbytes)
        compute = library("pyarrow.compute", "Parquet", self.name)
        return compute.max(compute.binary_length(dictionary)).as_py() or 0

    def _dictionaries(self, array: Any) -> Iterator[Any]:
        """All arrays inside this one whose values stand in a dictionary."""
        types, kind = self.arrow.types, array.type
        if types.is_dictionary(kind):
            yield array
        elif types.is_struct(kind):
            for i in range(kind.num_fields):
                yield from self._dictionaries(array.field(i))
        elif types.is_nested(kind):  # lists; a map is one of structs
            yield from self._dictionaries(array.values)

    def _refuse_stray_indices(self, batch: Any) -> None:
        """Refuse what points outside a dictionary: the library would follow it, and end the process."""
        compute = library("pyarrow.compute", "Parquet", self.name)
        for array in (inner for column in batch.columns for inner in self._dictionaries(column)):
            ends = compute.min_max(array.indices).as_py()
            known = range(len(array.dictionary))
            if any(end is not None and end not in known for end in ends.values()):
                raise ValueError("a value is not in its dictionary")

    def refuse_lost_times(self, group: int) -> None:
        """Refuse a row group with times of the old manner that are finer than they are read here.

        Too many nanoseconds wrap around in both readings alike.
        """
        if not self._int96:
            return
        with self.problems_named():
            exact = self._open(metadata=self.metadata)
            readings = [
                file.read_row_group(group, self._int96, use_threads=False)
                for file in (exact, self._file)
            ]
            is_same = readings[1].cast(readings[0].schema, safe=False).equals(readings[0])
        if not is_same:
            what = f"row group {group} holds times finer than microseconds, which cannot be kept"
            raise DedupError(self.name, what)
