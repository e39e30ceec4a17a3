"""A file that is read in pieces, and more than once if need be, compressed or not."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from dedup.errors import DedupError
from dedup.files import content, packing, unpacking
from dedup.files.content import Content, fingerprint_of
from dedup.files.read import Raw, missing, problems_named
from dedup.files.unpacking import Kind as Packing

if TYPE_CHECKING:
    from dedup.files.containers import Container
    from dedup.files.fingerprints import Fingerprint
    from dedup.files.formats import Kind
    from dedup.options import Options

ANY_SIZE = 1 << 62
"""Bytes that no file has."""


class Closable(Protocol):
    """Something that holds a file."""

    def close(self) -> None:
        """Give it back."""


class Opening:
    """What stands at ``path``, or is in ``stream``: that is copied to the disk, as it can be read once only.

    What its methods give can be read until it is closed.
    """

    def __init__(self, path: str, stream: BinaryIO | None = None) -> None:
        self.path = path
        """What messages call it."""
        self.state: os.stat_result | None = None
        """Of the regular file when it was first opened, or that a stream comes from; else None."""
        self.packing: Packing = ""
        """How it is compressed, once it was read."""
        self._stream = stream
        self._copy: BinaryIO | None = None
        self._held: list[Closable] = []
        self._files: list[BinaryIO] = []
        self._position = 0
        self._is_jumped_in = False
        if stream is not None:
            with suppress(ValueError, OSError):  # a stream in memory has no descriptor
                state = os.fstat(stream.fileno())
                self.state = state if stat.S_ISREG(state.st_mode) else None

    def __enter__(self) -> Opening:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all that was opened; a stream that was given stays open."""
        for each in self._held:
            each.close()
        self._held.clear()
        self._files.clear()
        self._copy = None

    def rest(self) -> None:
        """Hold no file open once the records are read, unless their reader comes back for more.

        Many small files may be under way at a time. What is read again is opened again.
        """
        self._position = self.position
        if not self._is_jumped_in:
            for file in self._files:
                file.close()
                self._held.remove(file)
            self._files.clear()

    def keep(self, holder: Closable) -> None:
        """Close ``holder`` together with this."""
        self._held.append(holder)

    @property
    def position(self) -> int:
        """How many bytes of the file have been read by the last who reads it; 0 of a stream."""
        return self._files[-1].tell() if self._files else self._position

    @property
    def source(self) -> Raw:
        """What it was read from, and all that it holds, as it is stored."""
        stored = self.content
        return Raw(b"", self._path, self.state, packed=stored)

    @property
    def content(self) -> Content:
        """All that it holds, as it is stored."""
        return Content(self._opened())

    def raw(self) -> Raw:
        """All that it holds, in memory and unpacked."""
        with problems_named(self.path):
            data = b"".join(self.content)
            kind = unpacking.kind_of(data)
            if not kind:
                return Raw(data, self._path, self.state)
            unpacked = packing.unpacked(data, kind, self.path, ANY_SIZE)
            return Raw(unpacked, self._path, self.state, packing=kind, packed=data)

    def fingerprint(self) -> Fingerprint:
        """Of what it holds, unpacked."""
        with problems_named(self.path):
            return fingerprint_of(content.pieces_of(cast(BinaryIO, self._unpacked())))

    def head(self, size: int) -> bytes:
        """The first bytes, unpacked."""
        with problems_named(self.path):
            return self._unpacked().read(size)

    def container(self, kind: Kind, name: str, options: Options) -> Container:
        """Its records, read as a file of this ``kind``: documents called ``NAME#1``, ``NAME#2`` ..."""
        plain = cast(BinaryIO, self._unpacked(options.max_size))
        if kind == "parquet":
            from dedup.files.formats import parquet

            self._is_jumped_in = True
            return parquet.container(self._seekable(plain), name, options)
        if kind == "warc":
            from dedup.files.formats import warc

            return warc.container(plain, name, options)
        if kind == "jsonl":
            from dedup.files.formats import jsonl

            return jsonl.container(plain, name, options, kind)
        from dedup.files.formats import delimited

        return delimited.container(plain, name, options, kind)

    @property
    def _path(self) -> str | None:
        """Where it can be found again: a stream cannot."""
        return self.path if self._stream is None else None

    def _unpacked(self, max_size: int = ANY_SIZE) -> packing.Opened:
        file = packing.opened(self._opened(), self.path, max_size)
        self.packing = file.kind
        return file

    def _seekable(self, plain: BinaryIO) -> BinaryIO:
        """The same for a reader that jumps about in it."""
        if not self.packing:
            return self._opened()
        with problems_named(self.path):
            file = content.whole(content.pieces_of(plain))
        self.keep(file)
        return file

    def _opened(self) -> BinaryIO:
        """The file from its start, apart from all others that were given."""
        with problems_named(self.path):
            if self._stream is None:
                file = self._regular()
                if file is not None:
                    return file
            if self._copy is None:
                assert self._stream is not None
                self._copy = content.whole(content.pieces_of(self._stream))
                self.keep(self._copy)
            again = content.Again(self._copy)
        return cast(BinaryIO, again)

    def _regular(self) -> BinaryIO | None:
        """The file at the path; None if that is a pipe or device, which then is the stream."""
        try:
            file = open(self.path, "rb")  # noqa: SIM115
        except FileNotFoundError:
            raise missing(self.path) from None
        except IsADirectoryError:
            raise DedupError(os.path.join(self.path, ""), "is a directory") from None
        self.keep(file)
        state = os.fstat(file.fileno())
        if stat.S_ISREG(state.st_mode):
            self.state = self.state or state
            self._files.append(file)
            return file
        self._stream = file
        return None
