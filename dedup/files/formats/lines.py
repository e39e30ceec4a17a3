"""Files of records line by line: read once, in chunks, whatever their encoding; no byte is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from dedup.errors import DedupError
from dedup.files import decode
from dedup.files.read import STREAM_BYTES, Source, problems_named
from dedup.files.views import View
from dedup.model import Document
from dedup.options import Options, shown_size


@dataclass(frozen=True, slots=True)
class Coding:
    """How the bytes of a record are a text: a codec, and what is done about invalid bytes."""

    codec: str
    errors: str
    handler: str = field(init=False)
    """Python's name of the error mode."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "handler", decode.handler_of(self.codec, self.errors))

    def read(self, data: bytes, what: str) -> tuple[str, str]:
        """The text of ``data``, and what is wrong with it: empty, or why those bytes are no ``what``."""
        try:
            text = data.decode(self.codec, self.handler)
        except UnicodeDecodeError as problem:
            place, name = problem.start, decode.shown(self.codec)
            byte = data[place : place + 1].hex()
            return "", f"byte {place} of the {what} (0x{byte}) is not valid {name}"
        except ValueError as problem:
            reason = " ".join(str(problem).split())
            return "", f"is not valid {decode.shown(self.codec)}: {reason}"
        if self.codec != "utf-8" and self.written(text) != data:
            return "", f"does not survive decoding and encoding as {decode.shown(self.codec)}"
        return text, ""

    def written(self, text: str) -> bytes | None:
        """The bytes of ``text``; None if there are none for one of its characters."""
        try:
            return text.encode(self.codec, self.handler)
        except ValueError:
            return None

    def document(self, name: str, text: str) -> Document:
        """A record's document: ``encode`` of it gives the record's bytes."""
        return Document(
            name, text, self.codec, self.errors, newline=decode.newline_of(text), format="text"
        )

    def source(self, name: str, data: bytes, view: View) -> Source:
        """The record ``data``, of which ``view`` is looked at under this name."""
        return Source(data, None, None, self.document(name, view.text), view)


WIDE_SAMPLE = 1 << 6
"""Bytes by which UTF-32 is told from UTF-16 with a NUL in front."""


class Lines:
    """The lines of a file, ends included, one after the other; all of them after the mark are it.

    A line ends with LF, or, if ``cr``, with LF, CRLF or CR. Held at a time: a line and a chunk.
    """

    def __init__(self, file: BinaryIO, name: str, options: Options, *, cr: bool) -> None:
        self._file = file
        self._name = name
        self._max_size = options.max_size
        self._head = self._chunk()
        codec = _codec(self._head, name, options.encoding)
        self.mark, codec = decode.mark_and_codec(self._head, codec)
        if codec == "utf-8" and self._head[:1] in decode.WIDE_BYTES:
            start = self._head[:WIDE_SAMPLE]  # it may end within a surrogate pair
            found = decode.wide(start) or decode.wide(start[:-2])
            self.mark, codec = found or (self.mark, codec)
        self.coding = Coding(codec, options.errors)
        self._ends = _ends(codec, cr)

    def refuse(self, data: bytes) -> None:
        """``DedupError`` if the beginning of the file, mark and all, is no valid text."""
        decode.to_text(data, self._name, self.coding.codec, self.coding.errors, self.mark)

    def __iter__(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        size = number = 0
        tail = b""
        for chunk in self._chunks():
            buffer = tail + chunk
            whole = self._ends.whole(buffer)
            tail = buffer[whole:]
            for line in self._ends.cut(buffer[:whole]):
                if line.endswith(self._ends.marks):
                    number += 1
                    yield b"".join((*parts, line)) if parts else line
                    parts.clear()
                    size = 0
                else:
                    parts.append(line)
                    size += len(line)
            if size > self._max_size:
                what = f"line {number + 1} is longer than {shown_size(self._max_size)}"
                raise DedupError(self._name, what, "--max-size sets how much is read")
        yield from self._ends.cut(b"".join((*parts, tail)))

    def _chunks(self) -> Iterator[bytes]:
        head, self._head = self._head, b""
        yield head[len(self.mark) :]
        while chunk := self._chunk():
            yield chunk

    def _chunk(self) -> bytes:
        """The next bytes: as many as are asked for at a time, less only at the end."""
        parts: list[bytes] = []
        missing = STREAM_BYTES
        with problems_named(self._name):
            while missing and (part := self._file.read(missing)):
                parts.append(part)
                missing -= len(part)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where lines end in a codec, of which every character takes a multiple of ``unit`` bytes."""

    unit: int
    marks: tuple[bytes, ...]
    """What a finished line ends with: LF, and CR where that ends one."""
    cut: Callable[[bytes], list[bytes]]
    """Bytes to lines, the last of them perhaps without an end."""

    def whole(self, data: bytes) -> int:
        """How much of ``data`` can be cut before more comes: a CR may be the first half of an end."""
        size = len(data) - len(data) % self.unit
        if len(self.marks) > 1 and data.endswith(self.marks[1], 0, size):
            size -= self.unit
        return size


def _ends(codec: str, cr: bool) -> _Ends:
    unit = 4 if codec.startswith("utf-32") else 2 if codec.startswith("utf-16") else 1
    lf, carriage = _byte_of("\n", codec, unit), _byte_of("\r", codec, unit)
    marks = (lf, carriage) if cr else (lf,)
    if marks == (b"\n", b"\r"):
        return _Ends(unit, marks, lambda data: data.splitlines(keepends=True))
    if marks == (b"\n",):
        return _Ends(unit, marks, lambda data: io.BytesIO(data).readlines())
    both = [carriage + lf, *marks] if cr else marks
    pattern = re.compile(b"|".join(map(re.escape, both)))
    return _Ends(unit, marks, lambda data: _aligned(data, pattern, unit))


def _byte_of(end: str, codec: str, unit: int) -> bytes:
    """The bytes of a line end; in codecs that have another way to write it, those of ASCII."""
    written = Coding(codec, "strict").written(end) or b""
    return written if len(written) == unit else end.encode()


def _aligned(data: bytes, pattern: re.Pattern[bytes], unit: int) -> list[bytes]:
    """The lines of ``data``, whose characters begin at multiples of ``unit``.

    What looks like an end elsewhere cannot hide one: where its bytes are zero, an end has its letter.
    """
    lines = []
    start = 0
    for match in pattern.finditer(data):
        if match.start() % unit == 0:
            lines.append(data[start : match.end()])
            start = match.end()
    return [*lines, data[start:]] if start < len(data) else lines


def _codec(head: bytes, name: str, encoding: str) -> str:
    """The codec that the options name, or that the first chunk of the file looks like."""
    if encoding != decode.AUTO:
        return decode.codec_name(encoding)
    return decode.found(_complete(head), name)[1]


def _complete(head: bytes) -> bytes:
    """``head`` without what may be cut off at its end: part of a line, or half a pair in UTF-16.

    A chunk holds a whole number of wide characters; their zeros tell them.
    """
    if len(head) < STREAM_BYTES:
        return head
    if b"\0" in head:
        is_half = any(0xD8 <= byte < 0xDC for byte in head[-2:])
        return head[:-2] if is_half else head
    return head[: head.rfind(b"\n") + 1] or head
