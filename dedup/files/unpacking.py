"""What compressed files hold, part by part: memory does not grow with them, and they cannot grow without end.

Anything that is not whole and right to the last byte is an error: half a file must not look like a short one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal

from dedup.errors import DedupError
from dedup.extras import library
from dedup.options import shown_size

Kind = Literal["", "gz", "zst"]
"""How a file is packed; empty: not at all."""

GZ_MAGIC = b"\x1f\x8b"
ZST_MAGIC = b"\x28\xb5\x2f\xfd"

SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a zstd frame that holds no data; the first is 0x50 to 0x5f (RFC 8878, 3.1.2)."""

HEAD_BYTES = 4
"""How many of the first bytes tell the kind."""

PACKED_BYTES = 1 << 14
"""Taken from the file at a time. What follows a gzip member is copied once for each member in such
a part; with 16 KiB that is nothing beside unpacking."""

PART_BYTES = 1 << 18
"""The most that is unpacked at a time."""

MAX_RATIO = 1000
"""Times its packed size that a file may hold. Prose packs 3 to 4 times, the same line over and over
200 times; gzip cannot do more than 1,032, and 200 MB of zeros reach 1,029 with it, 32,671 with zstd."""

RATIO_FROM = 1 << 26
"""Bytes that any file may unpack to, whatever its ratio."""

MAX_WINDOW = 1 << 27
"""Memory that a zstd frame may ask for: what ``zstd`` itself grants without ``--long`` or ``--memory``."""


def kind_of(head: bytes) -> Kind:
    r"""How a file that begins with ``head`` is packed; 4 bytes tell.

    >>> kind_of(b"\x1f\x8b\x08\x00"), kind_of(b"\x28\xb5\x2f\xfd"), kind_of(b"text")
    ('gz', 'zst', '')
    """
    if head.startswith(GZ_MAGIC):
        return "gz"
    is_zst = head.startswith(ZST_MAGIC) or _is_skippable(head)
    return "zst" if is_zst else ""


def _is_skippable(head: bytes) -> bool:
    return head[1:4] == SKIPPABLE and head[0] & 0xF0 == 0x50


def too_large(where: str, max_size: int) -> DedupError:
    """That more than ``max_size`` bytes would have to be read."""
    limit = shown_size(max_size)
    return DedupError(where, f"is larger than {limit}", "--max-size sets how much is read")


class Source:
    """The bytes of a stream in the sizes that are asked for, and how many were used."""

    def __init__(self, stream: BinaryIO, where: str, max_size: int) -> None:
        self.where = where
        self.kind: Kind = ""
        self.max_size = max_size
        self.used = 0
        self._stream = stream
        self._ahead = b""
        # Packing adds less than this. It ends a stream without end that unpacks to nothing, as zeros do.
        self._most = max_size + (max_size >> 6) + (1 << 16)

    def some(self, most: int = PACKED_BYTES) -> bytes:
        """Some of the bytes that follow; none at the end."""
        if not self._ahead:
            self._ahead = self._stream.read(max(most, PACKED_BYTES)) or b""
        data, self._ahead = self._ahead[:most], self._ahead[most:]
        self.used += len(data)
        if self.used > self._most:
            raise too_large(self.where, self.max_size)
        return data

    def exactly(self, size: int) -> bytes:
        """The ``size`` bytes that follow; fewer only at the end."""
        data = b""
        while len(data) < size and (more := self.some(size - len(data))):
            data += more
        return data

    def back(self, data: bytes) -> None:
        """Take back the last bytes that were given out: they come again."""
        self._ahead = data + self._ahead
        self.used -= len(data)

    def cut_off(self) -> DedupError:
        """That the packed data ends too early."""
        return self._broken("is cut off: its packed data has no end")

    def damaged(self) -> DedupError:
        """That the packed data near here is not valid."""
        return self._broken(f"is damaged: its packed data is not valid near byte {self.used}")

    def garbage(self) -> DedupError:
        """That something else follows the packed data."""
        return self._broken(f"is damaged: from byte {self.used} on it is no packed data")

    def _broken(self, what: str) -> DedupError:
        tool = "gzip" if self.kind == "gz" else "zstd"
        return DedupError(self.where, what, f"{tool} -dc gives what can be read of it")


def parts(source: Source, kind: Kind) -> Iterator[bytes]:
    """What the source holds, part by part, if it is packed as ``kind``; ``DedupError`` for what is not right."""
    source.kind = kind
    return _bounded(_UNPACKED[kind](source), source)


def _bounded(parts: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """The parts, as long as they are not too many for ``max_size`` and not too many for their packed size."""
    size = 0
    for part in parts:
        size += len(part)
        if size > source.max_size:
            raise too_large(source.where, source.max_size)
        if size > RATIO_FROM and size > MAX_RATIO * source.used:
            what = f"holds more than {MAX_RATIO:,} times its packed size"
            hint = "it may be a bomb; if you trust it, unpack it first"
            raise DedupError(source.where, what, hint)
        yield part


def _plain(source: Source) -> Iterator[bytes]:
    while part := source.some(PART_BYTES):
        yield part


def _gz(source: Source) -> Iterator[bytes]:
    """What the members hold, one after the other; zeros behind them are padding, as for Python's gzip."""
    while head := source.exactly(len(GZ_MAGIC)):
        source.back(head)
        if not GZ_MAGIC.startswith(head):
            raise source.garbage()
        yield from _member(source)
        while (data := source.some()) and not (rest := data.lstrip(b"\0")):
            pass
        if data:
            source.back(rest)


def _member(source: Source) -> Iterator[bytes]:
    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
    while not member.eof:
        data = source.some()
        if not data:
            raise source.cut_off()
        try:
            part = member.decompress(data, PART_BYTES)
        except zlib.error:
            raise source.damaged() from None
        source.back(member.unconsumed_tail or member.unused_data)
        if part:
            yield part


def _zst(source: Source) -> Iterator[bytes]:
    """What the frames hold, one after the other.

    They are taken block by block, of which none unpacks to more than 128 KiB: the library's reader would
    take a frame that is cut off for whole, and its other ways unpack all that they are given at once.
    """
    zstandard = library("zstandard", ".zst", source.where)
    unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    while magic := source.exactly(HEAD_BYTES):
        if _is_skippable(magic):
            _skip(source)
            continue
        if not ZST_MAGIC.startswith(magic[:4]):
            source.back(magic)
            raise source.garbage()
        try:
            yield from _frame(source, zstandard, unpacker.decompressobj())
        except zstandard.ZstdError:
            raise source.damaged() from None


def _frame(source: Source, zstandard: Any, frame: Any) -> Iterator[bytes]:
    """What a frame holds, of which the magic was read (RFC 8878, 3.1.1)."""
    head = ZST_MAGIC + _all(source, 1)
    head += _all(source, zstandard.frame_header_size(head) - len(head))
    about = zstandard.get_frame_parameters(head)
    if about.window_size > MAX_WINDOW:
        what = f"needs {about.window_size >> 20}MiB of memory to unpack; {MAX_WINDOW >> 20}MiB is the most"
        raise DedupError(source.where, what, "if you trust it, unpack it first")
    if about.dict_id:
        raise DedupError(source.where, "was packed with a dictionary", "unpack it first")
    frame.decompress(head)
    is_last = False
    while not is_last:
        start = _all(source, 3)
        about_block = int.from_bytes(start, "little")
        is_last = bool(about_block & 1)
        is_run = about_block >> 1 & 3 == 1  # one byte stands for all
        part = frame.decompress(start + _all(source, 1 if is_run else about_block >> 3))
        if part:
            yield part
    if about.has_checksum:
        frame.decompress(_all(source, 4))
    if not frame.eof:
        raise source.damaged()


def _skip(source: Source) -> None:
    left = int.from_bytes(_all(source, 4), "little")
    while left:
        left -= len(_all(source, min(left, PACKED_BYTES)))


def _all(source: Source, size: int) -> bytes:
    data = source.exactly(size)
    if len(data) < size:
        raise source.cut_off()
    return data


_UNPACKED: dict[Kind, Callable[[Source], Iterator[bytes]]] = {"": _plain, "gz": _gz, "zst": _zst}
