"""The same text in every format: CPU, peak memory, and both as ratios to plain text files.

    python benchmarks/formats.py                  # 20 MB and 80 MB in each format, some ten minutes
    python benchmarks/formats.py --megabytes 2    # a first look
    python benchmarks/formats.py --only csv warc

The documents are made up, 6 KB each, one in ten with a copy of a part of itself. Plain text and pages are
a file each, in the other formats all are records of one file. Every run is a process of its own with one
worker, that writes everything.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import madeup  # type: ignore[import-not-found]

from dedup.extras import library

DOCUMENT = 6000
"""Characters of a document."""
PER_FOLDER = 1000
ROW_GROUP = 256
"""Rows that Parquet holds in memory at a time, here as small as in streamed datasets."""
GROWTH = 4
STREAMED = ("jsonl", "csv", "tsv", "parquet", "warc")
"""Formats whose memory must not grow with the file; a folder's never does."""


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds of CPU, and bytes of memory at its highest."""

    cpu: float
    peak: int


def documents(megabytes: float) -> Iterator[str]:
    """Made-up texts of so many megabytes together."""
    for number in range(round(megabytes * 1e6 / DOCUMENT)):
        yield madeup.document(number, DOCUMENT, copied=0.3 if number % 10 == 0 else 0.0)


def text_files(path: Path, texts: Iterator[str]) -> None:
    """A folder of plain texts."""
    in_files(path, texts, "txt", str.encode)


def packed_files(path: Path, texts: Iterator[str]) -> None:
    """A folder of compressed texts."""
    in_files(path, texts, "txt.gz", lambda text: gzip.compress(text.encode(), 6, mtime=0))


def pages(path: Path, texts: Iterator[str]) -> None:
    """A folder of pages: navigation, scripts and footers around the same text."""
    in_files(path, texts, "html", page)


def page(text: str) -> bytes:
    """A page that shows the text."""
    body = "\n".join(f'<p class="body">{escape(part)}</p>' for part in text.split("\n\n"))
    menu = "".join(f'<li><a href="/{at}">Section {at}</a></li>' for at in range(12))
    script = "<script>window.layer = window.layer || [];</script>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>A page</title>{script}'
        f'</head>\n<body><nav><ul>{menu}</ul></nav>\n<main><article class="story">\n{body}\n'
        f"</article></main>\n<footer><p>All rights kept.</p></footer>\n{script}</body></html>\n"
    ).encode()


def in_files(
    path: Path, texts: Iterator[str], suffix: str, written: Callable[[str], bytes]
) -> None:
    for number, text in enumerate(texts):
        file = path / f"{number // PER_FOLDER:03}" / f"{number:06}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written(text))


def jsonl(path: Path, texts: Iterator[str]) -> None:
    """One file of JSON Lines."""
    with open(path, "wb") as file:
        write_jsonl(file, texts)


def packed_jsonl(path: Path, texts: Iterator[str]) -> None:
    """The same with gzip."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        write_jsonl(file, texts)


def zst_jsonl(path: Path, texts: Iterator[str]) -> None:
    """The same with Zstandard."""
    packer = library("zstandard", ".zst").ZstdCompressor(level=6)
    with open(path, "wb") as raw, packer.stream_writer(raw) as file:
        write_jsonl(file, texts)


def write_jsonl(file: io.BufferedIOBase, texts: Iterator[str]) -> None:
    for number, text in enumerate(texts):
        record = {"id": number, "text": text, "source": {"name": "made up", "number": number}}
        file.write(json.dumps(record, ensure_ascii=number % 2 == 0).encode() + b"\n")


def delimited(separator: str) -> Callable[[Path, Iterator[str]], None]:
    """One file of cells."""

    def write(path: Path, texts: Iterator[str]) -> None:
        with open(path, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, delimiter=separator)
            rows.writerow(["id", "text", "source"])
            rows.writerows([number, text, "made up"] for number, text in enumerate(texts))

    return write


def parquet(path: Path, texts: Iterator[str]) -> None:
    """One Parquet file of small row groups."""
    arrow, files = library("pyarrow", "Parquet"), library("pyarrow.parquet", "Parquet")
    schema = arrow.schema([("id", arrow.int64()), ("text", arrow.string())])
    with files.ParquetWriter(path, schema) as writer:
        rows: list[dict[str, object]] = []
        for number, text in enumerate(texts):
            rows.append({"id": number, "text": text})
            if len(rows) == ROW_GROUP:
                writer.write_table(arrow.Table.from_pylist(rows, schema))
                rows.clear()
        if rows:
            writer.write_table(arrow.Table.from_pylist(rows, schema))


def warc(path: Path, texts: Iterator[str]) -> None:
    """One WET file, a gzip member for each record as in crawls."""
    with open(path, "wb") as file:
        for number, text in enumerate(texts):
            data = text.encode()
            head = (
                f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://example.org/{number}\r\n"
                "WARC-Date: 2020-01-01T00:00:00Z\r\n"
                f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
                f"Content-Type: text/plain\r\nContent-Length: {len(data)}\r\n\r\n"
            )
            record = head.encode() + data + b"\r\n\r\n"
            file.write(gzip.compress(record, 6, mtime=0))


FORMATS: dict[str, tuple[str, Callable[[Path, Iterator[str]], None]]] = {
    "text": ("texts", text_files),
    "text.gz": ("packed", packed_files),
    "html": ("pages", pages),
    "jsonl": ("a.jsonl", jsonl),
    "jsonl.gz": ("a.jsonl.gz", packed_jsonl),
    "jsonl.zst": ("a.jsonl.zst", zst_jsonl),
    "csv": ("a.csv", delimited(",")),
    "tsv": ("a.tsv", delimited("\t")),
    "parquet": ("a.parquet", parquet),
    "warc.gz": ("a.wet.gz", warc),
}


def clean(source: Path, output: Path) -> Cost:
    """``dedup clean`` of it, with one worker, in a process of its own."""
    arguments = ["clean", "--isolated", "-q", str(source), "-o", str(output), "-j", "1"]
    command = [sys.executable, "-m", "dedup", *arguments]
    process = os.posix_spawn(sys.executable, command, os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with {status}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def report(work: Path, name: str, megabytes: float, plain: Cost | None) -> Cost:
    """The row of one format; its cost."""
    where, write = FORMATS[name]
    costs = []
    for times in (1, GROWTH):
        source = work / str(times) / where
        source.parent.mkdir(exist_ok=True)
        write(source, documents(megabytes * times))
        costs.append(clean(source, work / f"out{times}-{where}"))
    one, many = costs
    plain = plain or one
    growth = 100 * (many.peak / one.peak - 1)
    is_bound = name.partition(".")[0] in STREAMED
    print(
        f"{name:10}{one.cpu:9.2f}{one.cpu / plain.cpu:8.2f}{one.peak / 1e6:10.1f}"
        f"{one.peak / plain.peak:8.2f}{growth:+11.1f} %{many.cpu / one.cpu / GROWTH:12.2f}"
        f"{'   over 10 %' if is_bound and growth >= 10 else ''}",
        flush=True,
    )
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20, help="of text in each format (20)")
    parser.add_argument("--only", nargs="*", choices=[*FORMATS], help="these, beside text")
    asked = parser.parse_args()
    print(
        f"{asked.megabytes:g} MB of text in each format; memory and CPU of {GROWTH} times as much"
    )
    head = ("CPU s", "ratio", "peak MB", "ratio", f"peak {GROWTH}x", f"CPU {GROWTH}x/{GROWTH}")
    print(f"{'':10}{head[0]:>9}{head[1]:>8}{head[2]:>10}{head[3]:>8}{head[4]:>13}{head[5]:>12}")
    plain = None
    for name in FORMATS:
        if name == "text" or not asked.only or name in asked.only:
            with tempfile.TemporaryDirectory() as work:
                cost = report(Path(work), name, asked.megabytes, plain)
            plain = plain or cost


if __name__ == "__main__":
    main()
