"""Long runs of bytes in one file: each compressed in blocks, under a digest, and read again with suspicion.

A section is a row of blocks: the length of what is stored, four bytes, then that in zlib's format. All blocks
but the last hold ``BLOCK`` bytes. Whatever a file claims, no more than a block is ever unpacked at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from dedup.errors import DedupError
from dedup.files.content import CHUNK, full_disk_named, temporary_file
from dedup.files.fingerprints import DIGEST_BYTES
from dedup.files.read import problems_named

BLOCK = 1 << 18
"""Bytes: eight times what zlib looks back, so that cutting costs next to nothing."""

LEVEL = 4
"""Of zlib: on English text 62 MB/s and .34 of the size; 6 makes .32 of it at 24 MB/s, 1 .39 at 98 (measured)."""

MAX_RATIO = 1040
"""Bytes that one stored byte can stand for: zlib reaches 1032 to one, says its documentation."""

LENGTH = 4
"""Bytes of the number in front of a block."""

ANEW = "make it anew with dedup index build"


class Section(NamedTuple):
    """Where a section lies in its file, and how that is known to be right."""

    name: str
    size: int
    """Bytes it holds."""
    stored: int
    """Bytes it takes in the file."""
    blake2b: str
    """Digest of those, hexadecimal."""
    start: int = 0
    """Where they begin in the file."""


class Packer:
    """A section in the making, on the disk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._file = temporary_file()
        self._rest = bytearray()
        self._digest = blake2b(digest_size=DIGEST_BYTES)
        self._size = self._stored = 0

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._size += len(data)
        self._rest += data
        if len(self._rest) >= BLOCK:
            whole = len(self._rest) - len(self._rest) % BLOCK
            for start in range(0, whole, BLOCK):
                self._put(self._rest[start : start + BLOCK])
            del self._rest[:whole]

    def _put(self, block: bytearray) -> None:
        packed = zlib.compress(block, LEVEL)
        stored = len(packed).to_bytes(LENGTH, "little") + packed
        self._digest.update(stored)
        self._stored += len(stored)
        with full_disk_named():
            self._file.write(stored)

    def finish(self) -> Section:
        """What it came to; nothing is added any more."""
        if self._rest:
            self._put(self._rest)
            self._rest.clear()
        return Section(self.name, self._size, self._stored, self._digest.hexdigest())

    def __iter__(self) -> Iterator[bytes]:
        """The finished section, as it is stored."""
        self._file.seek(0)
        while piece := self._file.read(CHUNK):
            yield piece

    def close(self) -> None:
        """Give the disk back; what was not written yet is not wanted any more."""
        with suppress(OSError):
            self._file.close()


class Unpacker:
    """What a section holds, from its start to its end. The file may have other readers."""

    def __init__(self, file: BinaryIO, path: str, section: Section) -> None:
        self._file = file
        self._path = path
        self._section = section
        self._place = section.start
        self._end = section.start + section.stored
        self._left = section.size
        self._block = b""
        self._used = 0

    @property
    def name(self) -> str:
        """Of the section."""
        return self._section.name

    @property
    def left(self) -> int:
        """Bytes that were not taken yet."""
        return self._left + len(self._block) - self._used

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes; ``DedupError`` if there are not that many."""
        if size > self.left:
            raise self.damaged("holds less than is said of it")
        taken = [self._block[self._used : self._used + size]]
        self._used += len(taken[0])
        missing = size - len(taken[0])
        while missing:
            self._block = self._next()
            taken.append(self._block[:missing])
            self._used = len(taken[-1])
            missing -= self._used
        return b"".join(taken)

    def _next(self) -> bytes:
        expected = min(BLOCK, self._left)
        length = int.from_bytes(self._read(LENGTH), "little")
        unpacker = zlib.decompressobj()
        try:
            block = unpacker.decompress(self._read(length), expected + 1)
        except zlib.error:
            raise self.damaged("cannot be unpacked") from None
        if len(block) != expected or not unpacker.eof or unpacker.unused_data:
            raise self.damaged("has a block of another size than it should")
        self._left -= expected
        return block

    def _read(self, size: int) -> bytes:
        if size > self._end - self._place:
            raise self.damaged("ends within a block")
        with problems_named(self._path):
            self._file.seek(self._place)
            data = self._file.read(size)
        if len(data) != size:
            raise self.damaged("is cut off")
        self._place += size
        return data

    def finish(self) -> None:
        """``DedupError`` unless all of it was taken."""
        if self.left or self._place != self._end:
            raise self.damaged("holds more than is said of it")

    def damaged(self, what: str) -> DedupError:
        """The error to raise for this section."""
        return damaged(self._path, f"{self._section.name!r} {what}")


def damaged(path: str, what: str) -> DedupError:
    """That a file is not what was once written there."""
    return DedupError(path, f"is damaged: {what}", ANEW)


def check(file: BinaryIO, path: str, section: Section) -> None:
    """``DedupError`` unless the section is what was once written."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    file.seek(section.start)
    left = section.stored
    while left:
        piece = file.read(min(left, CHUNK))
        if not piece:
            raise damaged(path, f"{section.name!r} is cut off")
        digest.update(piece)
        left -= len(piece)
    if digest.hexdigest() != section.blake2b:
        raise damaged(path, f"{section.name!r} is not what its digest is of")
