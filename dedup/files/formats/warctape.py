"""The bytes of a web archive from front to back: what the library's parser takes is remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from dedup.errors import DedupError
from dedup.files.read import problems_named

PART = 1 << 20
"""Bytes of what passes through that are given at a time, and of the longest header."""

MAX_BLANK = 1 << 10
"""Bytes of line ends behind a block that belong to its record; the standard asks for four."""

LOOK_AHEAD = 16
"""More bytes than any version has that a record begins with."""


class Tape:
    """Reads a little ahead, and never back. ``versions`` are what a record can begin with."""

    def __init__(self, file: BinaryIO, name: str, versions: Sequence[str]) -> None:
        self._file = file
        self._name = name
        begins = b"|".join(re.escape(version.encode()) for version in versions)
        self._begins = re.compile(begins)
        self._begins_line = re.compile(b"\n(?=" + begins + b")")
        self._held = b""
        self._position = 0
        """In ``_held``."""
        self._behind = 0
        """Bytes of the file in front of ``_held``."""
        self._lines: list[bytes] = []
        self._length = 0
        """Of the lines together."""

    @property
    def offset(self) -> int:
        """Bytes of the file that were taken."""
        return self._behind + self._position

    def wrong(self, offset: int, what: str) -> DedupError:
        """The error to raise for what stands at a byte of the file."""
        return DedupError(self._name, f"byte {offset}: {what}")

    def is_at_end(self) -> bool:
        """Whether all was taken."""
        return self._fill(1) == 0

    def is_at_record(self) -> bool:
        """Whether a record begins here, or the file ends."""
        is_end = self._fill(LOOK_AHEAD) == 0
        return is_end or self._begins.match(self._held, self._position) is not None

    def readline(self) -> bytes:
        """The next line, as the library's parser asks for the lines of a header; empty at the end."""
        end = self._held.find(b"\n", self._position) + 1
        available = len(self._held) - self._position
        while not end and available <= PART:
            searched, available = available, self._fill(2 * available + 1)
            if searched == available:
                break
            end = self._held.find(b"\n", self._position + searched) + 1
        line = self._take(end or self._position + available)
        self._lines.append(line)
        self._length += len(line)
        if self._length > PART:
            start = self.offset - self._length
            raise self.wrong(start, "the headers of this record do not end")
        return line

    def header(self) -> bytes:
        """The lines read since this was asked for last; the last of them is blank."""
        if not self._lines[-1]:
            start = self.offset - self._length
            raise self.wrong(start, "the record is cut off in its headers")
        header = b"".join(self._lines)
        self._lines, self._length = [], 0
        return header

    def parts(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, in parts; they end early where the file does."""
        while size > 0 and self._fill(min(size, PART)):
            part = self._take(self._position + min(size, PART))
            size -= len(part)
            yield part

    def line_ends(self) -> bytes:
        """The line ends that stand here."""
        self._fill(MAX_BLANK)
        ahead = self._held[self._position : self._position + MAX_BLANK]
        return self._take(self._position + len(ahead) - len(ahead.lstrip(b"\r\n")))

    def parts_to_record(self) -> Iterator[bytes]:
        """All in front of the next line that begins a record, or of the end of the file."""
        while self._fill(PART + LOOK_AHEAD):
            end = self._position + PART
            found = self._begins_line.search(self._held, self._position, end + LOOK_AHEAD)
            yield self._take(found.end() if found else end)
            if found:
                return

    def _take(self, end: int) -> bytes:
        part = self._held[self._position : end]
        self._position += len(part)
        return part

    def _fill(self, wanted: int) -> int:
        """Hold ``wanted`` bytes, if the file has as many; how many there are to take."""
        available = len(self._held) - self._position
        if available >= wanted:
            return available
        parts = [self._held[self._position :]]
        while available < wanted:
            with problems_named(self._name):
                part = self._file.read(PART)
            if not part:
                break
            parts.append(part)
            available += len(part)
        self._behind += self._position
        self._held, self._position = b"".join(parts), 0
        return available
