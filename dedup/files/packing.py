"""Compressed files as streams: unpacked while they are read, packed again while they are written.

What a file is, its first bytes say, not its name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from dedup.extras import library
from dedup.files.unpacking import HEAD_BYTES, PART_BYTES, Kind, Source, kind_of, parts

LEVELS: dict[Kind, int] = {"gz": 6, "zst": 6}
"""Of gzip what everyone's gzip does: 26 MB/s of prose, 28.3 % of it left; level 5 makes 43 MB/s of it and
28.7 %, 9 makes 20 MB/s and 28.2 %. Of zstd 80 MB/s and 25.3 %; its own default, 3, leaves 27.3 %, and 9
takes twice the time for 24.8 %. In frames of one article the levels from 5 up are alike."""


class Opened(io.BufferedReader):
    """What a stream holds, unpacked; it cannot seek. Closing it leaves the stream open."""

    def __init__(self, kind: Kind, held: Iterator[bytes]) -> None:
        super().__init__(_Parts(held), PART_BYTES)
        self.kind = kind
        """How the stream is packed."""


def opened(stream: BinaryIO, where: str, max_size: int) -> Opened:
    """The bytes that ``stream`` holds, unpacked if they are packed; once: what is inside stays as it is.

    The stream need not be seekable. Reading raises ``DedupError`` at ``where`` if there are more than
    ``max_size`` bytes, if they are far more than any text packs to, or if the packed data is cut off
    or damaged; ``OSError`` of the stream passes through.
    """
    source = Source(stream, where, max_size)
    head = source.exactly(HEAD_BYTES)
    source.back(head)
    kind = kind_of(head)
    return Opened(kind, parts(source, kind))


def unpacked(data: bytes, kind: Kind, where: str, max_size: int) -> bytes:
    """``data`` without its packing, which is ``kind``; ``DedupError`` as ``opened`` raises them."""
    return b"".join(parts(Source(io.BytesIO(data), where, max_size), kind))


class _Parts(io.RawIOBase):
    """Parts of bytes as a raw stream. An error that ended them comes again: it must not look like the end."""

    def __init__(self, held: Iterator[bytes]) -> None:
        self._parts = held
        self._part = memoryview(b"")
        self._error: Exception | None = None

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill some of ``buffer``."""
        if not self._part:
            self._part = memoryview(self._next())
        size = min(len(buffer), len(self._part))
        buffer[:size] = self._part[:size]
        self._part = self._part[size:]
        return size

    def readall(self) -> bytes:
        """All that is left."""
        rest = [bytes(self._part)]
        self._part = memoryview(b"")
        while part := self._next():
            rest.append(part)
        return b"".join(rest)

    def _next(self) -> bytes:
        if self._error is not None:
            raise self._error
        try:
            return next(self._parts, b"")
        except Exception as error:
            self._error = error
            raise


def packed(data: bytes, kind: Kind) -> bytes:
    """``data``, packed: the same bytes every time."""
    target = io.BytesIO()
    writer = Writer(target, kind)
    writer.write(data)
    writer.close()
    return target.getvalue()


class Writer:
    """Packs what is written to it: without names or times, so that equal data gives equal files.

    ``DedupError`` at ``where`` if a library is missing.
    """

    def __init__(self, target: BinaryIO, kind: Kind, where: str = "") -> None:
        self._target = target
        self._kind = kind
        self._begin = _PACKERS[kind](target, where)
        self._open: Any = None
        self._is_empty = True

    def write(self, data: bytes) -> None:
        """Add ``data``."""
        self._opened().write(data)

    def cut(self) -> None:
        """End the gzip member or zstd frame: what follows can be unpacked without what came before."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def close(self) -> None:
        """Write what is held back. The target stays open."""
        if self._is_empty:
            self._opened()  # a packed file that holds nothing is not a file without bytes
        self.cut()

    def _opened(self) -> Any:
        if self._open is None:
            self._open = self._begin()
            self._is_empty = False
        return self._open


def _plain_packer(target: BinaryIO, where: str) -> Callable[[], Any]:
    return lambda: _Through(target)


class _Through:
    """Writes bytes as they are."""

    def __init__(self, target: BinaryIO) -> None:
        self.write = target.write

    def close(self) -> None:
        """Nothing is held back."""


def _gz_packer(target: BinaryIO, where: str) -> Callable[[], Any]:
    from gzip import GzipFile

    level = LEVELS["gz"]
    return lambda: GzipFile("", "wb", level, target, mtime=0)


def _zst_packer(target: BinaryIO, where: str) -> Callable[[], Any]:
    zstandard = library("zstandard", ".zst", where)
    packer = zstandard.ZstdCompressor(level=LEVELS["zst"], write_checksum=True)
    return lambda: packer.stream_writer(target, closefd=False)


_PACKERS: dict[Kind, Callable[[BinaryIO, str], Callable[[], Any]]] = {
    "": _plain_packer,
    "gz": _gz_packer,
    "zst": _zst_packer,
}
