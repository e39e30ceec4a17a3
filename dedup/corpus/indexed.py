"""What an index holds, read with suspicion: of an old batch as if its texts were read again.

Opening looks at every byte once, for its digest; what is unpacked then is checked as columns. A digest tells
damage, not malice: whoever can write an index can write one that fits its digests, so that counts and places are
compared with each other as well, and nothing is made as large as a file claims that it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from dedup.corpus.index import (
    COLUMNS,
    DOCUMENT,
    DOCUMENTS,
    END,
    FILE,
    FILES,
    FORMAT,
    GROUPS,
    NUMBERS,
    PRINTS,
    RISING,
    SECTIONS,
    VERSION,
    Counts,
    Entry,
    File,
    seal,
)
from dedup.corpus.sections import ANEW, MAX_RATIO, Section, Unpacker, check, damaged
from dedup.corpus.sheets import ROLES, Sheet
from dedup.errors import DedupError
from dedup.files import records
from dedup.files.fingerprints import DIGEST_BYTES, Fingerprint
from dedup.files.read import Raw, missing, problems_named
from dedup.files.records import MAX_NUMBER, Record

if TYPE_CHECKING:
    import numpy as np

MAGIC = b'{"format":"' + FORMAT.encode() + b'"'
"""How an index begins."""

MAKE = "dedup index build makes one"

MAX_HEAD = 64 << 20
"""Bytes of the first line; lists of texts to keep may be long."""

CHUNK_ROWS = 1 << 14
CHUNK_DOCUMENTS = 1 << 12
"""Documents are unpacked together up to about so many: numpy is slow on one short column at a time."""

LARGEST = {"lines": (1 << 31) - 1, "weights": (1 << 31) - 1, "roles": len(ROLES) - 1, "fixed": 1}
SMALLEST = {"lines": 1, "weights": 1, "key_ends": 1, "text_ends": 1}
"""Bounds of what a column holds; of a rising one, of its steps."""


class About(NamedTuple):
    """What an index says of itself."""

    tool: str
    """The version of dedup that wrote it."""
    options: dict[str, Any]
    """Those that decide what is in it, by config key."""
    counts: Counts
    size: int
    """Bytes of the file."""
    sections: tuple[Section, ...]


class Row(NamedTuple):
    """A document as its section has it."""

    file: int
    record: int
    group: int
    size: int
    digest: bytes
    paragraphs: int


def is_index(path: str) -> bool:
    """Whether the file at ``path`` begins like an index; not whether it is a sound one."""
    if not os.path.isfile(path):
        return False
    with problems_named(path), open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextmanager
def opened(path: str) -> Iterator[Index]:
    """The index at ``path``, every byte of it compared with its digests; ``DedupError`` if it is no sound one."""
    with problems_named(path):
        try:
            state = os.stat(path)
            if not stat.S_ISREG(state.st_mode):  # a pipe would be waited for
                raise DedupError(path, "is no file, and so no index", MAKE)
            file = open(path, "rb")  # noqa: SIM115  closed below
        except FileNotFoundError:
            raise missing(path) from None
    with file:
        with problems_named(path):
            state = os.fstat(file.fileno())
            about = _about(file, path, state.st_size)
            for section in about.sections:
                check(file, path, section)
        yield Index(file, Raw(b"", path, state), about)


class Index:
    """An open index."""

    def __init__(self, file: BinaryIO, source: Raw, about: About) -> None:
        self._file = file
        self.path = source.path or ""
        self.source = source
        """What it is read from, without what that holds: to replace it only as long as it is the same."""
        self.about = about
        self._sections = {section.name: section for section in about.sections}

    @property
    def files(self) -> dict[str, Fingerprint]:
        """The files with the digests of their bytes as they lay on the disk, in order."""
        prints = self._unpacker(PRINTS)
        found = {}
        for name in self._file_names():
            size, digest = FILE.unpack(prints.take(FILE.size))
            found[name] = Fingerprint(size, digest.hex())
        prints.finish()
        return found

    def _file_names(self) -> list[str]:
        names = self._names(FILES, self.about.counts.files)
        if any(one >= other for one, other in pairwise(names)):
            raise damaged(self.path, f"{FILES!r} are out of order")
        return [name.decode("utf-8", "surrogateescape") for name in names]

    def __iter__(self) -> Iterator[File | Entry]:
        """All files and documents in order, each file before its documents."""
        prints = [File(*item) for item in self.files.items()]
        told = 0
        for entry, number in self._entries([one.name for one in prints]):
            yield from prints[told : number + 1]
            told = max(told, number + 1)
            yield entry
        yield from prints[told:]

    def entries(self) -> Iterator[Entry]:
        """The documents in canonical order, with their sheets."""
        for entry, _ in self._entries(self._file_names()):
            yield entry

    def _entries(self, files: list[str]) -> Iterator[tuple[Entry, int]]:
        names = self._names(GROUPS, self.about.counts.groups)
        groups = [name.decode("utf-8", "surrogateescape") for name in names]
        columns = {name: self._unpacker(name) for name in COLUMNS}
        rows = self._rows(len(files), len(groups))
        while chunk := _chunk(rows):
            sheets = _sheets(columns, [row.paragraphs for row in chunk])
            for row, sheet in zip(chunk, sheets, strict=True):
                known = Fingerprint(row.size, row.digest.hex())
                yield Entry(files[row.file], row.record, groups[row.group], known, sheet), row.file
        for column in columns.values():
            column.finish()

    def _rows(self, files: int, groups: int) -> Iterator[Row]:
        documents = self._unpacker(DOCUMENTS)
        last = (-1, 0)
        for _ in range(self.about.counts.documents):
            row = Row(*DOCUMENT.unpack(documents.take(DOCUMENT.size)))
            place = (row.file, row.record)
            is_sound = last < place and row.file < files and row.group < groups
            if not is_sound or row.record > MAX_NUMBER:
                raise documents.damaged("do not fit what else it holds")
            last = place
            yield row

    def _names(self, section: str, count: int) -> list[bytes]:
        names = self._unpacker(section)
        data = names.take(names.left)
        parts = data.split(END)
        if parts.pop() or len(parts) != count:
            raise names.damaged("are not as many as it says")
        return parts

    def _unpacker(self, name: str) -> Unpacker:
        return Unpacker(self._file, self.path, self._sections[name])


# The first lines


def _about(file: BinaryIO, path: str, size: int) -> About:
    """What the index says of itself; nothing of it contradicts the ``size`` of its file, in bytes."""
    line = file.readline(MAX_HEAD)
    if not line.startswith(MAGIC):
        raise DedupError(path, "is no index", MAKE)
    if not line.endswith(b"\n"):
        raise damaged(path, "it is cut off in its first line")
    try:
        record = records.record(line[:-1], path)
        version = record.whole("version")
    except DedupError:
        raise damaged(path, "its first line") from None
    if version != VERSION:
        what = f"index version {version} is not one this dedup reads ({VERSION})"
        raise DedupError(path, what, ANEW)
    mark = seal(line)
    if file.read(len(mark)) != mark:
        raise damaged(path, "its first line is not what its digest is of")
    try:
        about = _parsed(record, len(line) + len(mark), size)
        _check_counts(about, path)
    except DedupError as error:
        raise damaged(path, error.what) from None
    return about


def _parsed(record: Record, start: int, size: int) -> About:
    record.text("format")
    tool, options = record.text("tool"), record.inner("options").settings()
    counts = Counts(*(record.whole(name) for name in Counts._fields))
    sections = []
    for one in record.inners("sections"):
        digest = one.hexadecimal("blake2b", DIGEST_BYTES).hex()
        name, held, stored = one.text("name"), one.whole("size"), one.whole("stored")
        one.finish()
        sections.append(Section(name, held, stored, digest, start))
        start += stored
    record.finish()
    if tuple(section.name for section in sections) != SECTIONS:
        raise record.wrong("its sections are not those of an index")
    if start != size:
        how = "is cut off" if start > size else "goes on behind its end"
        raise record.wrong(f"it {how}: {size:,} bytes, and not {start:,}")
    return About(tool, options, counts, size, tuple(sections))


def _check_counts(about: About, path: str) -> None:
    """``DedupError`` unless there is as much in the sections as is counted, and room for it in the file."""
    counts = about.counts
    exact = {PRINTS: counts.files * FILE.size, DOCUMENTS: counts.documents * DOCUMENT.size}
    for name, kind in NUMBERS.items():
        exact[name] = counts.paragraphs * int(kind[-1])
    least = {FILES: counts.files, GROUPS: counts.groups, "keys": counts.paragraphs}
    least["texts"] = max(counts.characters, counts.paragraphs)
    for name, size, stored, *_ in about.sections:
        if size != exact.get(name, size) or size < least.get(name, 0) or size > stored * MAX_RATIO:
            raise DedupError(path, f"{name!r} cannot hold as much as is said of it")


# Sheets


def _chunk(rows: Iterator[Row]) -> list[Row]:
    """The next documents, as many as are worth unpacking together."""
    chunk = []
    paragraphs = 0
    for row in islice(rows, CHUNK_DOCUMENTS):
        chunk.append(row)
        paragraphs += row.paragraphs
        if paragraphs >= CHUNK_ROWS:
            break
    return chunk


def _sheets(columns: dict[str, Unpacker], counts: list[int]) -> Iterator[Sheet]:
    """The sheets of documents that have so many paragraphs each."""
    import numpy as np

    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
    numbers = {name: _numbers(columns[name], kind, first) for name, kind in NUMBERS.items()}
    keys, key_first = _said(columns["keys"], numbers["key_ends"], first)
    texts, text_first = _said(columns["texts"], numbers["text_ends"], first)
    _check_places(columns["starts"], numbers, first)
    _check_texts(columns["keys"], keys, numbers["key_ends"], key_first, first)
    lengths = _check_texts(columns["texts"], texts, numbers["text_ends"], text_first, first)
    if not np.array_equal(lengths, numbers["ends"] - numbers["starts"]):
        raise columns["ends"].damaged("are not where the texts end")
    for at, (start, end) in enumerate(pairwise(first.tolist())):
        cut: dict[str, Any] = {name: column[start:end] for name, column in numbers.items()}
        cut["keys"] = keys[key_first[at] : key_first[at + 1]]
        cut["texts"] = texts[text_first[at] : text_first[at + 1]]
        yield Sheet(**cut)


def _numbers(column: Unpacker, kind: str, first: np.ndarray) -> np.ndarray:
    """The numbers of several documents, whose rows begin at ``first``; of a rising column, added up."""
    import numpy as np

    name = column.name
    rows = int(first[-1])
    values = np.frombuffer(column.take(rows * int(kind[-1])), kind)
    low, high = SMALLEST.get(name, 0), LARGEST.get(name, MAX_NUMBER)
    if rows and not low <= int(values.min()) <= int(values.max()) <= high:
        raise column.damaged("holds a number that is out of range")
    if name not in RISING:
        return values
    if values.sum(dtype=np.float64) > MAX_NUMBER:
        raise column.damaged("adds up to more than there can be")
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])
    summed: np.ndarray = sums[1:] - np.repeat(sums[first[:-1]], np.diff(first))
    return summed


def _said(column: Unpacker, ends: np.ndarray, first: np.ndarray) -> tuple[bytes, np.ndarray]:
    """The letters or texts of several documents, and where those of each begin, with the end of all."""
    import numpy as np

    has_rows = np.diff(first) > 0
    sizes = np.zeros(len(first) - 1, np.int64)
    sizes[has_rows] = ends[first[1:][has_rows] - 1]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return column.take(int(starts[-1])), starts


def _check_places(column: Unpacker, numbers: dict[str, np.ndarray], first: np.ndarray) -> None:
    """``DedupError`` unless paragraphs follow each other."""
    starts, ends = numbers["starts"], numbers["ends"]
    follows = starts[1:] >= ends[:-1]
    follows[first[1:-1][(first[1:-1] > 0) & (first[1:-1] < first[-1])] - 1] = True
    if not follows.all() or not (ends > starts).all():
        raise column.damaged("holds paragraphs that overlap")


def _check_texts(
    column: Unpacker, data: bytes, ends: np.ndarray, places: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """The code points of each row; ``DedupError`` unless all of them are UTF-8."""
    import numpy as np

    if not data:
        return np.zeros(0, np.int64)
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise column.damaged("is no UTF-8") from None
    ends = ends + np.repeat(places[:-1], np.diff(first))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    begins = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
    if not begins[starts].all():
        raise column.damaged("is cut within a character")
    counts: np.ndarray = np.add.reduceat(begins, starts, dtype=np.int64)
    return counts
