"""The same texts as a file of each format, and read back from one by whoever reads it everywhere."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyarrow
import pyarrow.parquet
import zstandard
from warcio.archiveiterator import ArchiveIterator


class Format(NamedTuple):
    """How texts are written, and read."""

    write: Callable[[Sequence[str]], bytes]
    read: Callable[[bytes], list[str]]


def _jsonl(texts: Sequence[str]) -> bytes:
    lines = [
        json.dumps({"id": at, "text": text, "about": {"é": [1, None]}}, ensure_ascii=at % 2 == 0)
        for at, text in enumerate(texts)
    ]
    return ("\n".join(lines) + "\n").encode()


def _read_jsonl(data: bytes) -> list[str]:
    return [json.loads(line)["text"] for line in data.splitlines()]


def _delimited(separator: str) -> Format:
    def write(texts: Sequence[str]) -> bytes:
        file = io.StringIO(newline="")
        rows = csv.writer(file, delimiter=separator)
        rows.writerow(["id", "text", "about"])
        rows.writerows([at, text, 'said "so"'] for at, text in enumerate(texts))
        return file.getvalue().encode()

    def read(data: bytes) -> list[str]:
        file = io.StringIO(data.decode(), newline="")
        return [row["text"] for row in csv.DictReader(file, delimiter=separator)]

    return Format(write, read)


def _parquet(texts: Sequence[str]) -> bytes:
    table = pyarrow.table({"id": [*range(len(texts))], "text": [*texts]})
    table = table.replace_schema_metadata({b"made": b"by hand"})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, row_group_size=5, compression="zstd")
    return file.getvalue()


def _read_parquet(data: bytes) -> list[str]:
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    texts: list[str] = table["text"].to_pylist()
    return texts


def _warc(texts: Sequence[str]) -> bytes:
    return b"".join(_record(at, text.encode()) for at, text in enumerate(texts))


def _record(number: int, data: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://example.org/{number}\r\n"
        "WARC-Date: 2020-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data + b"\r\n\r\n"


def _read_warc(data: bytes) -> list[str]:
    records = ArchiveIterator(io.BytesIO(data))
    return [record.content_stream().read().decode() for record in records]


FORMATS = {
    "jsonl": Format(_jsonl, _read_jsonl),
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": Format(_parquet, _read_parquet),
    "wet": Format(_warc, _read_warc),
}
"""Files of records, by suffix."""

PACKINGS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "": (bytes, bytes),
    ".gz": (lambda data: gzip.compress(data, mtime=0), gzip.decompress),
    ".zst": (
        lambda data: zstandard.ZstdCompressor().compress(data),
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    ),
}
"""How they are packed and unpacked, by a second suffix."""


def write(suffix: str, texts: Sequence[str]) -> bytes:
    """The texts as a file whose name ends so."""
    kind, _, packing = suffix.partition(".")
    return PACKINGS[f".{packing}" if packing else ""][0](FORMATS[kind].write(texts))


def unpacked(suffix: str, data: bytes) -> bytes:
    """What the file says."""
    _, _, packing = suffix.partition(".")
    return PACKINGS[f".{packing}" if packing else ""][1](data)


def read(suffix: str, data: bytes) -> list[str]:
    """The texts of a file whose name ends so."""
    return FORMATS[suffix.partition(".")[0]].read(unpacked(suffix, data))
