"""An index: the sheets of many documents in one file, for batches that come later.

    {"format":"dedup-index","version":1,...}    a line of JSON: what is in it, and the place of each section
    9f86d0...                                   a line with the digest of that line
    ...                                         the sections, one after the other (``sections``)

It holds what the comparison of documents needs: letters and texts of their paragraphs, not only fingerprints, so
that near copies are proved and look-alikes are told apart as if the old texts were read again. Documents are held
as they are: nothing was looked for inside of them. Files and documents stand in canonical order. Nothing in it is
ever run, and nothing is believed because it is written there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.corpus.sections import Packer
from dedup.corpus.sheets import KINDS, Sheet
from dedup.errors import DedupError
from dedup.files import write
from dedup.files.fingerprints import DIGEST_BYTES, Fingerprint
from dedup.files.read import Raw
from dedup.options import Options

if TYPE_CHECKING:
    import numpy as np

FORMAT = "dedup-index"
VERSION = 1
"""Goes up with whatever changes the file, the columns of a sheet, or what stands in them: how a document is cut
into paragraphs, how these are spelled for comparing, how they are weighed."""

FILE = struct.Struct(f"<Q{DIGEST_BYTES}s")
"""Of each file the size and digest of its bytes."""
DOCUMENT = struct.Struct(f"<IQIQ{DIGEST_BYTES}sI")
"""Of each document: file, record, group, size and digest of what was read, paragraphs."""

FILES, PRINTS, GROUPS, DOCUMENTS = "files", "prints", "groups", "documents"
COLUMNS = dict(zip(Sheet._fields, KINDS, strict=True))
"""The columns of a sheet with the type of their numbers; empty for bytes."""
NUMBERS = {name: kind for name, kind in COLUMNS.items() if kind}
RISING = ("starts", "ends", "key_ends", "text_ends")
"""Columns that are stored as steps, which are small and compress well."""
SECTIONS = (FILES, PRINTS, GROUPS, DOCUMENTS, *COLUMNS)

DECIDING = ("encoding", "errors", "field", "html_input")
"""Options that decide what text a file is. Nothing is looked for inside a document, so others decide nothing."""

END = b"\0"
"""Stands behind each name: none can hold it."""


class File(NamedTuple):
    """A file that was read; its documents come behind it."""

    name: str
    fingerprint: Fingerprint
    """Of its bytes as they lie on the disk."""


class Entry(NamedTuple):
    """A document: a file, or one of its records."""

    file: str
    record: int
    """Number of the record, from 1; 0 for a file that is one document."""
    group: str
    fingerprint: Fingerprint
    """Of the bytes that were read."""
    sheet: Sheet

    @property
    def name(self) -> str:
        """What the document is called."""
        return f"{self.file}#{self.record}" if self.record else self.file


class Counts(NamedTuple):
    """How much is in an index."""

    files: int
    documents: int
    groups: int
    paragraphs: int
    characters: int
    """Of the paragraphs' texts."""


def settings(options: Options) -> dict[str, Any]:
    """The options that decide what an index holds of a file, by config key."""
    return {name.replace("_", "-"): getattr(options, name) for name in DECIDING}


def write_index(
    path: str,
    contents: Iterable[File | Entry],
    options: Mapping[str, Any],
    *,
    source: Raw | None = None,
) -> Counts:
    """Make an index of ``contents`` at ``path``; on any failure the old file stands untouched.

    ``contents`` are in canonical order, each file before its documents. ``source``: the index that is to be
    replaced, which must still be what it was.
    """
    with ExitStack() as stack:
        packers = {}
        for name in SECTIONS:
            packers[name] = Packer(name)
            stack.callback(packers[name].close)
        made = _Contents(packers)
        for item in contents:
            made.add(item)
        head, counts = made.finish(dict(options))
        write.write_file(path, _pieces(head, packers.values()), source=source)
    return counts


def _pieces(head: bytes, packers: Iterable[Packer]) -> Iterator[bytes]:
    yield head
    for packer in packers:
        yield from packer


class _Contents:
    """The sections as they grow."""

    def __init__(self, packers: Mapping[str, Packer]) -> None:
        self._packers = packers
        self._groups: dict[str, int] = {}
        self._files = self._documents = self._paragraphs = self._characters = 0
        self._file = b""
        self._record = -1

    def add(self, item: File | Entry) -> None:
        """The next file or document."""
        if isinstance(item, File):
            self._add_file(item)
            return
        self._add_document(item)
        for name, column in item.sheet._asdict().items():
            self._packers[name].add(column if name not in NUMBERS else _kept(name, column))

    def _add_file(self, file: File) -> None:
        name = encoded(file.name)
        if name <= self._file:
            raise DedupError("", f"two files would both be {file.name!r} in the index")
        self._file, self._record = name, -1
        self._files += 1
        self._packers[FILES].add(name + END)
        size, digest = file.fingerprint.size, bytes.fromhex(file.fingerprint.blake2b)
        self._packers[PRINTS].add(FILE.pack(size, digest))

    def _add_document(self, entry: Entry) -> None:
        assert encoded(entry.file) == self._file
        assert entry.record > self._record
        self._record = entry.record
        known = len(self._groups)
        group = self._groups.setdefault(entry.group, known)
        if group == known:
            self._packers[GROUPS].add(encoded(entry.group) + END)
        rows = len(entry.sheet.starts)
        self._documents += 1
        self._paragraphs += rows
        self._characters += int((entry.sheet.ends - entry.sheet.starts).sum())
        size, digest = entry.fingerprint.size, bytes.fromhex(entry.fingerprint.blake2b)
        row = DOCUMENT.pack(self._files - 1, entry.record, group, size, digest, rows)
        self._packers[DOCUMENTS].add(row)

    def finish(self, options: dict[str, Any]) -> tuple[bytes, Counts]:
        """The two lines in front of the sections, once all is added, and what is in these."""
        from dedup import __version__

        counts = Counts(
            self._files, self._documents, len(self._groups), self._paragraphs, self._characters
        )
        sections = [packer.finish() for packer in self._packers.values()]
        values = {"format": FORMAT, "version": VERSION, "tool": __version__, "options": options}
        values |= counts._asdict()
        values["sections"] = [
            {"name": one.name, "size": one.size, "stored": one.stored, "blake2b": one.blake2b}
            for one in sections
        ]
        # ASCII only: lone surrogates, which a list of texts to keep may hold, survive as escapes.
        line = json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"
        return line + seal(line), counts


def encoded(name: str) -> bytes:
    """A name as it is stored, and by which files are sorted: where names are bytes, those."""
    return name.encode("utf-8", "surrogateescape")


def seal(line: bytes) -> bytes:
    """The line that tells whether the first one is as it was written."""
    return blake2b(line, digest_size=DIGEST_BYTES).hexdigest().encode() + b"\n"


def _kept(name: str, column: np.ndarray) -> bytes:
    import numpy as np

    if name in RISING:
        column = np.diff(column, prepend=0)
    return column.astype(NUMBERS[name]).tobytes()
