"""Parquet: one column of strings changes, the table stays what it was. R42, R45."""

from __future__ import annotations

import datetime
import decimal
import gc
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.files.containers import Piece
from dedup.files.decode import encode
from dedup.files.formats.parquet import container
from dedup.options import Options
from tests.files.formats.edits import copied

NAME = "a.parquet"
TWICE = "The ferry waited.\n\nThe ferry waited.\n"
GONE = "The ferry waited.\n\n"
ROWS = 40
ROOT = Path(__file__).parents[3]


def table() -> pa.Table:
    """Columns of many types; five of them hold text."""
    times = [datetime.datetime(2020, 1, 1, 12), None] * (ROWS // 2)
    return pa.table(
        {
            "n": range(ROWS),
            "text": [TWICE, None, "x", ""] * (ROWS // 4),
            "s": [
                {"t": TWICE, "u": 1, "v": {"w": TWICE}},
                None,
                {"t": None, "u": 2, "v": None},
                {"t": "y", "u": None, "v": {"w": None}},
            ]
            * (ROWS // 4),
            "d": pa.array([TWICE, "b", "a", None] * (ROWS // 4)).dictionary_encode(),
            "large": pa.array([TWICE, None] * (ROWS // 2), pa.large_string()),
            "bytes": [b"\xff", None] * (ROWS // 2),
            "list": [["a", TWICE], [], None, [None]] * (ROWS // 4),
            "map": pa.array([[("k", 1)]] * ROWS, pa.map_(pa.string(), pa.int32())),
            "time": pa.array(times, pa.timestamp("ns", "UTC")),
            "price": pa.array([decimal.Decimal("1.10")] * ROWS),
            "small": pa.array([1] * ROWS, pa.uint8()),
        }
    ).replace_schema_metadata({"pandas": "{}", "made by": "hand"})


def packed(rows: pa.Table, **how: Any) -> bytes:
    """The table as a file."""
    target = io.BytesIO()
    pq.write_table(rows, target, **how)
    return target.getvalue()


def opened(data: bytes, **options: Any) -> Any:
    """The file as a container."""
    return container(io.BytesIO(data), NAME, Options(**options))


def pieces(data: bytes, **options: Any) -> list[Piece]:
    """All rows of the file."""
    return list(opened(data, **options).pieces())


def column(rows: pa.Table, field: str) -> list[str | None]:
    """The values of a column, dotted if it is inside structs."""
    first, *rest = field.split(".")
    values: list[Any] = rows[first].to_pylist()
    for inner in rest:
        values = [None if value is None else value[inner] for value in values]
    return values


def described(data: bytes) -> list[tuple[Any, ...]]:
    """How each column of each row group is written."""
    metadata = pq.read_metadata(io.BytesIO(data))
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    return [
        (
            group.num_rows,
            chunk.path_in_schema,
            chunk.compression,
            chunk.encodings,
            chunk.is_stats_set,
            chunk.has_offset_index,
        )
        for group in groups
        for chunk in (group.column(i) for i in range(group.num_columns))
    ]


def test_every_row_has_a_number_and_texts_are_documents() -> None:
    found = pieces(packed(table(), row_group_size=7))
    assert [piece.number for piece in found] == list(range(1, ROWS + 1))
    assert [piece.source and piece.source.document.text for piece in found[:4]] == [
        TWICE,
        None,
        "x",
        "",
    ]
    assert not any(piece.problem for piece in found)
    source = found[4].source
    assert source and source.document.name == f"{NAME}#5" and source.document.format == "text"
    assert source.document.newline == "\n" and found[4].raw == TWICE.encode() == source.data
    assert encode(source.document, source.view.raw) == source.data


@pytest.mark.parametrize("field", ["text", "s.t", "s.v.w", "d", "large"])
def test_only_the_cells_of_that_column_change(field: str) -> None:
    data = packed(table(), row_group_size=7)
    old = pq.read_table(io.BytesIO(data))
    new = pq.read_table(io.BytesIO(copied(opened(data, field=field), GONE)))
    assert new.schema.equals(old.schema, check_metadata=True)
    texts = column(old, field)
    assert column(new, field) == [text and text.replace(GONE, "", 1) for text in texts]
    first, *rest = field.split(".")
    assert new.drop([first]).equals(old.drop([first]))
    if rest:
        assert column(new, "s.u") == column(old, "s.u")
        assert [row is None for row in new["s"].to_pylist()] == [False, True, False, False] * 10


@pytest.mark.parametrize("codec", ["snappy", "gzip", "brotli", "zstd", "lz4", "none"])
def test_a_copy_is_written_as_the_original_was(codec: str) -> None:
    other = {"text": codec, "n": "zstd", "s.t": "none", "s.u": "gzip"}
    codecs = {leaf: other.get(leaf, codec) for leaf in leaves(packed(table()))}
    data = packed(
        table(),
        row_group_size=16,
        compression=codecs,
        use_dictionary=["text", "small", "s.v.w"],
        column_encoding={"large": "DELTA_BYTE_ARRAY", "n": "DELTA_BINARY_PACKED"},
        write_statistics=["n", "text"],
        write_page_index=True,
    )
    copy = copied(opened(data), GONE)
    assert described(copy) == described(data)
    assert {row[0] for row in described(copy)} == {16, 8}
    assert copied(opened(data), GONE) == copy


def leaves(data: bytes) -> list[str]:
    """The paths of all leaf columns."""
    schema = pq.ParquetFile(io.BytesIO(data)).schema
    return [schema.column(i).path for i in range(len(schema))]


@pytest.mark.parametrize(
    "how",
    [
        {"store_schema": False},
        {"version": "1.0"},
        {"version": "2.4"},
        {"use_compliant_nested_type": False},
        {"use_deprecated_int96_timestamps": True},
        {"store_decimal_as_integer": True},
        {"data_page_version": "2.0"},
    ],
)
def test_the_schema_stays_as_it_was_written(how: dict[str, Any]) -> None:
    data = packed(table(), **how)
    old, new = (
        pq.ParquetFile(io.BytesIO(file))
        for file in (data, copied(opened(data, field="large"), GONE))
    )
    for number, path in enumerate(leaves(data)):
        leaf = new.schema.column(number)
        assert leaf.path == path and leaf.equals(old.schema.column(number))
    assert (new.metadata.metadata or {}).keys() == (old.metadata.metadata or {}).keys()
    assert new.metadata.format_version == old.metadata.format_version
    assert new.read().drop(["large"]).equals(old.read().drop(["large"]))


@pytest.mark.parametrize("store_schema", [True, False])
def test_what_the_file_says_of_itself_is_kept(store_schema: bool) -> None:
    target = io.BytesIO()
    with pq.ParquetWriter(target, table().schema, store_schema=store_schema) as writer:
        writer.write_table(table())
        writer.add_key_value_metadata({"made by": "hand", "org.example": "{}"})
    metadata = pq.read_metadata(io.BytesIO(copied(opened(target.getvalue()), GONE))).metadata
    assert (b"ARROW:schema" in metadata) == store_schema
    assert metadata[b"made by"] == b"hand" and metadata[b"org.example"] == b"{}"


def test_what_the_rows_are_sorted_by_is_kept_as_far_as_it_holds() -> None:
    def sorting(data: bytes) -> list[int]:
        by = pq.read_metadata(io.BytesIO(data)).row_group(0).sorting_columns
        return [column.column_index for column in by]

    order = [pq.SortingColumn(0, descending=True), pq.SortingColumn(1), pq.SortingColumn(5)]
    data = packed(table(), sorting_columns=order)
    assert sorting(data) == [0, 1, 5]
    assert sorting(copied(opened(data))) == [0]
    assert sorting(copied(opened(data, field="large"))) == [0, 1, 5]


def test_times_of_the_old_manner_are_kept_or_refused() -> None:
    def with_time(value: Any, unit: str) -> bytes:
        rows = pa.table({"text": [TWICE], "time": pa.array([value], pa.timestamp(unit))})
        return packed(rows, use_deprecated_int96_timestamps=True)

    far = datetime.datetime(9999, 12, 31, 1, 2, 3, 4)
    copy = copied(opened(with_time(far, "us")), GONE)
    again = pq.ParquetFile(io.BytesIO(copy), coerce_int96_timestamp_unit="us").read()
    assert again["time"].to_pylist() == [far] and again["text"].to_pylist() == [TWICE[len(GONE) :]]
    with pytest.raises(DedupError, match="holds times finer than microseconds"):
        copied(opened(with_time(1_500_000_000_000_000_001, "ns")), GONE)


def test_a_type_that_would_change_is_refused() -> None:
    """The library reads an enumeration, which others write, as bytes, and would write bytes."""
    data = packed(pa.table({"text": ["a"], "kind": ["b"]}), store_schema=False)
    string, enumeration = b"\x18\x04kind\x25\x00\x4c\x1c", b"\x18\x04kind\x25\x08\x4c\x4c"
    assert data.count(string) == 1
    data = data.replace(string, enumeration)
    assert len(pieces(data)) == 1
    with pytest.raises(DedupError, match="column 'kind' would not be written with the type"):
        opened(data).sink(io.BytesIO())


@pytest.mark.parametrize("sizes", [[], [0], [0, 2, 0, 0, 1, 0]])
def test_row_groups_without_rows_stay(sizes: list[int]) -> None:
    target = io.BytesIO()
    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(target, schema) as writer:
        for size in sizes:
            writer.write_table(pa.table({"text": [TWICE] * size}, schema), max(size, 1))
    copy = copied(opened(target.getvalue()), GONE)
    metadata = pq.read_metadata(io.BytesIO(copy))
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == sizes
    texts = pq.read_table(io.BytesIO(copy))["text"].to_pylist()
    assert texts == [TWICE.removeprefix(GONE)] * sum(sizes)


COLUMNS = "--field names one of text, s.t, s.v.w, d, large"


@pytest.mark.parametrize(
    ("field", "what", "hint"),
    [
        ("texts", "has no column 'texts'", "did you mean text?"),
        ("s.q", "has no column 's.q'", "did you mean s.t?"),
        ("zzz.q.r", "has no column 'zzz.q.r'", COLUMNS),
        ("text.t", "has no column 'text.t'", "did you mean text?"),
        ("n", "column 'n' holds int64, no text", COLUMNS),
        ("list", "column 'list' holds list<element: string>, no text", COLUMNS),
        ("bytes", "column 'bytes' holds binary, no text", COLUMNS),
    ],
)
def test_a_column_that_is_no_text_is_refused_with_those_that_are(
    field: str, what: str, hint: str
) -> None:
    with pytest.raises(DedupError) as caught:
        opened(packed(table()), field=field)
    assert (caught.value.where, caught.value.what, caught.value.hint) == (NAME, what, hint)


def test_a_table_without_text_and_one_with_a_name_twice() -> None:
    with pytest.raises(DedupError) as caught:
        opened(packed(pa.table({"n": [1]})))
    assert caught.value.hint == "no column holds text"
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    with pytest.raises(DedupError, match="has more than one column 'text'"):
        opened(packed(twice))


def test_a_name_may_have_dots() -> None:
    rows = pa.table({"a.b": [TWICE], "a": [{"b": "other"}]})
    data = packed(rows)
    assert [p.source.document.text for p in pieces(data, field="a.b") if p.source] == [TWICE]
    new = pq.read_table(io.BytesIO(copied(opened(data, field="a.b"), GONE)))
    assert new.to_pylist() == [{"a.b": TWICE.removeprefix(GONE), "a": {"b": "other"}}]


def test_a_mark_at_the_start_of_a_string_is_part_of_it() -> None:
    [piece] = pieces(packed(pa.table({"text": ["\ufeffa"]})))
    assert piece.source and piece.source.document.text == "\ufeffa"
    assert piece.source.document.bom == b"" and piece.raw == "\ufeffa".encode()


def test_a_string_that_is_not_valid_passes_through() -> None:
    broken = pa.array([b"a\xff", TWICE.encode(), b"\xff" + TWICE.encode()]).view(pa.string())
    data = packed(pa.table({"text": broken}))
    found = pieces(data)
    assert [piece.problem for piece in found] == [
        "byte 1 (0xff) is not valid UTF-8",
        "",
        "byte 0 (0xff) is not valid UTF-8",
    ]
    assert found[0].source is None and found[0].raw == b"a\xff"
    for errors, last in [("strict", TWICE), ("preserve", TWICE.removeprefix(GONE))]:
        copy = pq.read_table(io.BytesIO(copied(opened(data, errors=errors), GONE)))
        values = copy["text"].combine_chunks().view(pa.binary()).to_pylist()
        assert values == [b"a\xff", TWICE.removeprefix(GONE).encode(), b"\xff" + last.encode()]


class Pipe(io.RawIOBase):
    """A target that cannot seek, and may be closed at the other end."""

    def __init__(self, is_broken: bool = False) -> None:
        self.data = b""
        self.is_broken = is_broken

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.is_broken:
            raise BrokenPipeError(32, "Broken pipe")
        self.data += bytes(data)
        return len(data)


def test_a_pipe_takes_the_copy_and_a_broken_one_is_reported_as_such() -> None:
    data = packed(table())
    target = Pipe()
    sink = opened(data).sink(target)
    for piece in pieces(data):
        sink.add(piece)
    sink.finish()
    assert not target.closed
    assert pq.read_table(io.BytesIO(target.data)).equals(pq.read_table(io.BytesIO(data)))
    with pytest.raises(BrokenPipeError):
        opened(data).sink(Pipe(is_broken=True)).add(Piece(b"", 1))


def test_a_sink_that_is_given_up_writes_nothing_more() -> None:
    data = packed(table(), row_group_size=4)
    target = io.BytesIO()
    sink = opened(data).sink(target)
    for piece in pieces(data)[:5]:
        sink.add(piece)
    written = len(target.getvalue())
    assert written > 0
    del sink
    gc.collect()
    assert len(target.getvalue()) == written


def bomb(length: int, rows: int, **how: Any) -> bytes:
    """One long string that stands in every row; in the file it stands once."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x" * length])
    return packed(pa.table({"id": range(rows), "text": text}), compression="zstd", **how)


def test_a_string_that_swells_in_every_row_is_refused_before_memory_is_full() -> None:
    data = bomb(length=1 << 24, rows=1000, store_schema=False)  # 16 GB
    assert len(data) < 20_000
    before = pa.default_memory_pool().bytes_allocated()
    rows = opened(data).pieces()
    found: list[tuple[int, int]] = []
    with pytest.raises(DedupError, match="row group 0 holds more than 1,000 times its packed size"):
        found.extend((row.number, pa.default_memory_pool().bytes_allocated()) for row in rows)
    assert 0 < len(found) < 10
    assert max(allocated for _, allocated in found) - before < 4 << 24


def test_other_columns_that_swell_are_refused_in_writing() -> None:
    data = bomb(length=1 << 24, rows=100, store_schema=False)
    rows = pq.ParquetFile(io.BytesIO(data), read_dictionary=["text"]).read()
    rows = rows.rename_columns(["id", "big"]).append_column("text", pa.array(["a"] * 100))
    data = packed(rows, compression="zstd", store_schema=False)
    assert len(pieces(data)) == 100
    with pytest.raises(DedupError, match="row group 0 holds more than 1,000 times its packed size"):
        copied(opened(data))


def test_what_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    data = packed(pa.table({"text": ["x" * (1 << 20), "y" * (1 << 20)]}))
    with pytest.raises(DedupError) as caught:
        opened(data, max_size=1 << 20)
    assert caught.value.what == "column 'text' is larger than 1MiB unpacked"
    assert caught.value.hint == "--max-size sets how much is read"
    assert len(pieces(data, max_size=3 << 20)) == 2
    swelling = packed(pa.table({"text": ["x" * (80 << 20)]}), compression="zstd")
    with pytest.raises(DedupError, match="column 'text' holds more than 1,000 times its packed"):
        opened(swelling)


def test_memory_is_bounded_by_a_row_group(tmp_path: Path) -> None:
    """What the library allocates at its peak, to read and to write: no more for more groups."""
    peaks = []
    for groups in (4, 16):
        path = tmp_path / f"{groups}.parquet"
        with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as writer:
            for group in range(groups):
                texts = [f"{group:2} {row:6} " * 1000 for row in range(1000)]
                writer.write_table(pa.table({"text": texts}))
        peaks.append(child("-m", "tests.files.formats.peak", str(path)).split())
    (read, written), (read_more, written_more) = (map(int, each) for each in peaks)
    assert read_more < 1.1 * read and written_more < 1.1 * written
    assert read < written < 8 * sum(map(len, texts))


def child(*arguments: str) -> str:
    """What a program of this folder prints; the library may end the process it runs in."""
    run = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_damaged_files_are_read_or_refused_and_end_nothing() -> None:
    seed = os.urandom(4).hex() if os.environ.get("DEDUP_FUZZ") else "1"
    counts = child("-m", "tests.files.formats.mutated", str(int(seed, 16)), "400").split()
    read, refused, stray = map(int, counts)
    assert min(read, refused) > 20 and stray > 0


@given(st.binary())
def test_any_bytes_are_refused(data: bytes) -> None:
    whole = packed(pa.table({"text": ["a"]}))
    for each in (data, b"PAR1" + data + b"PAR1", whole + data + b"\0"):
        with pytest.raises(DedupError) as caught:
            pieces(each)
        assert caught.value.where == NAME and "\n" not in caught.value.what


def test_a_file_cut_off_anywhere_is_refused() -> None:
    data = packed(pa.table({"text": [TWICE, "b"]}))
    for end in range(len(data)):
        with pytest.raises(DedupError, match="cannot be read as Parquet"):
            pieces(data[:end])
