"""What a file is read as, by the name it has: one module per format that is more than lines of text."""

from __future__ import annotations

import os
from typing import Literal

Format = Literal["text", "markdown", "rst", "asciidoc", "pod", "perl", "html"]
Kind = Literal[Format, "jsonl", "csv", "tsv", "parquet", "warc"]

KINDS: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".rst": "rst",
    ".rest": "rst",
    ".adoc": "asciidoc",
    ".asciidoc": "asciidoc",
    ".pod": "pod",
    ".pl": "perl",
    ".pm": "perl",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
"""Anything else is text."""

NAMED: tuple[Kind, ...] = ("perl",)
"""Formats whose files are only read where they are named: in a folder of texts they are no texts."""

PACKED = (".gz", ".zst")
"""What may stand behind the suffix of any of them."""

RECORDS: tuple[Kind, ...] = ("jsonl", "csv", "tsv", "parquet", "warc")
"""Formats whose files hold many documents."""


def kind_of(name: str) -> Kind:
    """What a file of this name holds.

    >>> kind_of("a/B.HTM"), kind_of("crawl.warc.wet.gz"), kind_of("notes"), kind_of("c.csv.zst"), kind_of("d.mdx")
    ('html', 'warc', 'text', 'csv', 'markdown')
    """
    return KINDS.get(os.path.splitext(unpacked(name))[1].lower(), "text")


HEADS = {b"WARC/": ".warc", b"PAR1": ".parquet"}
"""How files begin that are no texts, and the suffix that they ought to have."""


def looks_like(data: bytes) -> str:
    """The suffix that a text without a name ought to have by its first lines; empty if nothing tells.

    >>> looks_like(b'{"text": "a"}\\n{"text": "b"}\\n'), looks_like(b"<!DOCTYPE html><p>"), looks_like(b"{a")
    ('.jsonl', '.html', '')
    """
    for head, suffix in HEADS.items():
        if data.startswith(head):
            return suffix
    if data[:14].lower().startswith((b"<!doctype html", b"<html")):
        return ".html"
    if not data.startswith(b"{"):
        return ""
    lines = data[: 1 << 20].split(b"\n", 2)[:-1]
    return ".jsonl" if lines and all(map(_is_object, lines)) else ""


def _is_object(line: bytes) -> bool:
    import json

    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def unpacked(name: str) -> str:
    """The name without the suffix of a compressed file.

    >>> unpacked("a.txt.gz"), unpacked("a.txt")
    ('a.txt', 'a.txt')
    """
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in PACKED else name
