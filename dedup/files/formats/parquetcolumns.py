"""The column of a table that is looked at: found by its name, read as bytes, changed in some rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dedup.errors import DedupError, NoField
from dedup.extras import library
from dedup.options import nearest

MAX_NAMES = 10
"""Columns that are listed where the one asked for is not there."""


@dataclass(frozen=True)
class Column:
    """A column of strings, or a field of that kind inside columns of structs."""

    path: tuple[str, ...]
    """Its name, behind those of the structs that it is in."""
    name: str
    """Of the file, for messages."""

    @property
    def dotted(self) -> str:
        """What the library calls it."""
        return ".".join(self.path)

    def values(self, batch: Any) -> list[bytes | None]:
        """The bytes of each row; None for null, in the string or in what it is in."""
        array = batch.column(batch.schema.get_field_index(self.path[0]))
        for inner in self.path[1:]:
            array = array.flatten()[array.type.get_field_index(inner)]
        values: list[bytes | None] = self._as_bytes(array).to_pylist()
        return values

    def changed(self, batch: Any, cells: Mapping[int, bytes]) -> Any:
        """The batch with other bytes in the rows ``cells`` names."""
        arrow = library("pyarrow", "Parquet", self.name)
        index = batch.schema.get_field_index(self.path[0])
        array = self._with(batch.column(index), self.path[1:], cells)
        columns = [*batch.columns[:index], array, *batch.columns[index + 1 :]]
        return arrow.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _with(self, array: Any, path: tuple[str, ...], cells: Mapping[int, bytes]) -> Any:
        arrow = library("pyarrow", "Parquet", self.name)
        if not path:
            return self._with_cells(array, cells)
        fields = [array.type.field(i) for i in range(array.type.num_fields)]
        inner = [array.field(i) for i in range(array.type.num_fields)]
        index = array.type.get_field_index(path[0])
        inner[index] = self._with(inner[index], path[1:], cells)
        return arrow.StructArray.from_arrays(inner, fields=fields, mask=array.is_null())

    def _with_cells(self, array: Any, cells: Mapping[int, bytes]) -> Any:
        arrow = library("pyarrow", "Parquet", self.name)
        compute = library("pyarrow.compute", "Parquet", self.name)
        data = self._as_bytes(array)
        mask = arrow.array([row in cells for row in range(len(data))], arrow.bool_())
        new = arrow.array([cells[row] for row in sorted(cells)], data.type)
        replaced = compute.replace_with_mask(data, mask, new)
        if not arrow.types.is_dictionary(array.type):
            return replaced.view(array.type)  # a cast would refuse what is not valid elsewhere
        return replaced.view(array.type.value_type).dictionary_encode().cast(array.type)

    def _as_bytes(self, array: Any) -> Any:
        arrow = library("pyarrow", "Parquet", self.name)
        if arrow.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        is_large = arrow.types.is_large_string(array.type)
        return array.view(arrow.large_binary() if is_large else arrow.binary())


def find(schema: Any, field: str, name: str) -> Column:
    """The column called ``field``, dotted if it is inside structs; ``DedupError`` if it is no text."""
    path, kind = _looked_up(schema, field)
    known = tuple(_texts(schema))
    if kind is None:
        raise NoField(name, f"has no column {field!r}", _hint(field, known))
    if not _is_text(kind):
        raise DedupError(name, f"column {field!r} holds {kind}, no text", _hint(field, known))
    top = schema.get_all_field_indices(path[0])
    if len(top) != 1 or schema.names.count(path[0]) != 1:
        raise DedupError(name, f"has more than one column {path[0]!r}")
    return Column(path, name)


def _hint(field: str, known: tuple[str, ...]) -> str:
    if not known:
        return "no column holds text"
    listed = ", ".join(known[:MAX_NAMES]) + (", ..." if len(known) > MAX_NAMES else "")
    return nearest(field, known) or f"--field names one of {listed}"


def _looked_up(schema: Any, field: str) -> tuple[tuple[str, ...], Any]:
    """The path to a column and its type, None if there is none. Names may have dots themselves."""
    if field in schema.names:
        return (field,), schema.types[schema.names.index(field)]
    first, *rest = field.split(".")
    kind = schema.types[schema.names.index(first)] if first in schema.names else None
    for inner in rest:
        index = kind.get_field_index(inner) if kind and _is_struct(kind) else -1
        kind = kind.field(index).type if kind and index >= 0 else None
    return (first, *rest), kind


def _texts(fields: Any) -> Iterator[str]:
    """The names of all columns that hold text."""
    for field in fields:
        if _is_text(field.type):
            yield field.name
        elif _is_struct(field.type):
            yield from (f"{field.name}.{inner}" for inner in _texts(field.type))


def _is_struct(kind: Any) -> bool:
    types = library("pyarrow", "Parquet").types
    return bool(types.is_struct(kind))


def _is_text(kind: Any) -> bool:
    types = library("pyarrow", "Parquet").types
    value = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(value) or types.is_large_string(value))
