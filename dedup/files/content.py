"""What is to stand in a file: bytes at hand, or more than memory should hold."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO, cast

from dedup.errors import DedupError
from dedup.files.fingerprints import DIGEST_BYTES, Fingerprint

CHUNK = 1 << 20
"""Bytes moved at a time."""

MEMORY = 4 << 20
"""Bytes a temporary file may have before it really is one."""


class Content:
    """The bytes of an open file from its start to its end, as often as they are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(0)
        while chunk := self.file.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """Size and digest; the content must not change any more."""
        return fingerprint_of(self)


Stored = bytes | Content
"""All that a file holds."""


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """All that is left in ``stream``."""
    while chunk := stream.read(CHUNK):
        yield chunk


class Digest:
    """A fingerprint in the making."""

    def __init__(self) -> None:
        from hashlib import blake2b  # here: most runs that read this module need none

        self._size = 0
        self._hash = blake2b(digest_size=DIGEST_BYTES)

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._size += len(data)
        self._hash.update(data)

    @property
    def fingerprint(self) -> Fingerprint:
        """Of all bytes so far."""
        return Fingerprint(self._size, self._hash.hexdigest())


def fingerprint_of(pieces: Iterable[bytes]) -> Fingerprint:
    """Size and digest of the pieces one after the other."""
    digest = Digest()
    for piece in pieces:
        digest.add(piece)
    return digest.fingerprint


def temporary_file() -> BinaryIO:
    """A file to write and read, in memory while it is small, that nobody else sees and that leaves nothing."""
    import tempfile

    return cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=MEMORY))


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Say where temporary files are when one cannot be written."""
    try:
        yield
    except OSError as problem:
        import tempfile

        what = f"a temporary file cannot be written: {problem.strerror}"
        raise DedupError(tempfile.gettempdir(), what, "set TMPDIR to a larger folder") from None


def whole(pieces: Iterable[bytes]) -> BinaryIO:
    """A file with all the pieces, which can be read from its start again and again."""
    file = temporary_file()
    for chunk in pieces:
        with full_disk_named():
            file.write(chunk)
    file.seek(0)
    return file


class Again(io.RawIOBase):
    """Another reader of one file, with a place of its own. Closing it leaves the file open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def seekable(self) -> bool:
        """Its place can be set."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill some of ``buffer``."""
        self._file.seek(self._place)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Set the place, as of any file."""
        if whence == 2:
            offset += self._file.seek(0, 2)
        self._place = offset + (self._place if whence == 1 else 0)
        return self._place

    def tell(self) -> int:
        """The place."""
        return self._place
