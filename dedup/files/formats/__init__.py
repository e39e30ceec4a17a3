"""What a file is read as, by the name it has: one module per format that is more than lines of text."""

from __future__ import annotations

import os
from typing import Literal

Kind = Literal["text", "markdown", "html", "jsonl", "csv", "tsv", "parquet", "warc"]

KINDS: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
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

PACKED = (".gz", ".zst")
"""What may stand behind the suffix of any of them."""

RECORDS: tuple[Kind, ...] = ("jsonl", "csv", "tsv", "parquet", "warc")
"""Formats whose files hold many documents."""


def kind_of(name: str) -> Kind:
    """What a file of this name holds.

    >>> kind_of("a/B.HTM"), kind_of("crawl.warc.wet.gz"), kind_of("notes"), kind_of("c.csv.zst")
    ('html', 'warc', 'text', 'csv')
    """
    return KINDS.get(os.path.splitext(unpacked(name))[1].lower(), "text")


def unpacked(name: str) -> str:
    """The name without the suffix of a compressed file.

    >>> unpacked("a.txt.gz"), unpacked("a.txt")
    ('a.txt', 'a.txt')
    """
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in PACKED else name
