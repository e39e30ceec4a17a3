"""Which bytes a path or a stream holds, and what the file was when they were read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import FileIO
from typing import TYPE_CHECKING, BinaryIO

from dedup.errors import DedupError
from dedup.files.decode import decode as decode
from dedup.files.decode import encode as encode
from dedup.files.decode import newline_of
from dedup.files.formats import Kind
from dedup.files.views import Plain, View, seen
from dedup.model import Document
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.files.content import Stored
    from dedup.files.unpacking import Kind as Packing

MAX_SIZE: int = Options().max_size
"""Bytes of the largest file that is read unless said otherwise."""

STREAM_BYTES = 1 << 20
"""How much of a stream is asked for at a time."""

SECOND_BYTES = (b"\x8b", b"\xb5", b"\x2a")
"""Of compressed files the second byte is one of these: others need no closer look."""

MAX_NEIGHBOURS = 2000
"""How many names of a folder are compared with a mistyped one; a hint must not take seconds."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they were read, and where they came from."""

    data: bytes
    """The bytes, mark and all; of a compressed file, unpacked."""
    path: str | None
    """The path they were read from, as given; none for a stream."""
    stat: os.stat_result | None
    """State of the regular file before its bytes were read; none for pipes and devices."""
    packing: Packing = field(default="", kw_only=True)
    """How the file is compressed: ``gz``, ``zst``, or not at all."""
    packed: Stored | None = field(default=None, kw_only=True)
    """What the file holds, if that is something else than ``data``."""

    @property
    def stored(self) -> Stored:
        """What the file holds."""
        return self.data if self.packed is None else self.packed

    def stored_as(self, data: bytes) -> Stored:
        """What a file of this kind holds that says ``data``."""
        if not self.packing:
            return data
        if data == self.data and self.packed is not None:
            return self.packed
        from dedup.files import packing

        return packing.packed(data, self.packing)

    @property
    def has_other_links(self) -> bool:
        """Whether other names (hard links) will keep the old content when the file is replaced."""
        return self.stat is not None and self.stat.st_nlink > 1


@dataclass(frozen=True, slots=True)
class Source(Raw):
    """A document and the bytes it was read from."""

    document: Document
    view: View
    """How the document's text lies in what the bytes say."""
    record: int = field(default=0, kw_only=True)
    """Number of the record it is, from 1; 0 for a file."""
    line: int = field(default=0, kw_only=True)
    """Number of the file's line on which the record begins, from 1; 0 where there are no lines."""


def load(path: str, max_size: int = MAX_SIZE) -> Raw:
    """The bytes at ``path``; ``DedupError`` if there are more than ``max_size``."""
    with problems_named(path):
        try:
            with open(path, "rb", buffering=0) as file:
                state = _regular(file.fileno())
                data = _limited(file, state, path, max_size)
        except FileNotFoundError:
            raise missing(path) from None
        except IsADirectoryError:
            shown = os.path.join(path, "")
            raise DedupError(shown, "is a directory", "name a file in it") from None
        return _unpacked(data, path, state, path, max_size)


def load_stream(stream: BinaryIO, name: str, max_size: int = MAX_SIZE) -> Raw:
    """Everything left in ``stream``; ``DedupError`` naming it if it is more than ``max_size`` bytes."""
    with problems_named(name):
        try:
            state = _regular(stream.fileno())
        except ValueError:  # a stream in memory has no descriptor
            state = None
        data = _limited(stream, None, name, max_size)
        return _unpacked(data, None, state, name, max_size)


def _unpacked(
    data: bytes, path: str | None, state: os.stat_result | None, where: str, max_size: int
) -> Raw:
    """What was read, unpacked if its first bytes say that it is compressed."""
    if data[1:2] not in SECOND_BYTES:
        return Raw(data, path, state)
    from dedup.files import packing, unpacking

    kind = unpacking.kind_of(data)
    if not kind:
        return Raw(data, path, state)
    unpacked = packing.unpacked(data, kind, where, max_size)
    return Raw(unpacked, path, state, packing=kind, packed=data)


def decoded(
    raw: Raw,
    name: str,
    *,
    kind: Kind | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    html_input: str = "in-place",
) -> Source:
    """The document in ``raw``, called ``name``, which is read as a file of this ``kind``."""
    document = decode(raw.data, name, encoding=encoding, errors=errors, kind=kind)
    if kind != "html" or html_input == "text":
        return _source(raw, document, Plain(document.text))
    from dedup.files.formats import html

    if html_input == "in-place":
        view = html.view(document.text)
        return _source(raw, seen(document, view), view)
    text = html.extracted(document.text, name)
    converted = replace(raw, data=text.encode(), packed=None)
    document = Document(name, text, newline=newline_of(text))
    return _source(converted, document, Plain(text))


def _source(raw: Raw, document: Document, view: View) -> Source:
    return Source(
        raw.data, raw.path, raw.stat, document, view, packing=raw.packing, packed=raw.packed
    )


def _limited(
    file: BinaryIO | FileIO, state: os.stat_result | None, where: str, max_size: int
) -> bytes:
    """All that ``file`` holds; ``DedupError`` once it is more than ``max_size`` bytes."""
    if state is not None and state.st_size > 0:
        if state.st_size > max_size:
            raise _too_large(where, max_size)
        return file.read()  # at once: the common case, and nothing is copied
    parts: list[bytes] = []
    size = 0
    while part := file.read(STREAM_BYTES):  # a device may never end
        parts.append(part)
        size += len(part)
        if size > max_size:
            raise _too_large(where, max_size)
    return b"".join(parts)


def _too_large(where: str, max_size: int) -> DedupError:
    from dedup.files.unpacking import too_large

    return too_large(where, max_size)


def marks(state: os.stat_result) -> tuple[int, int, int, int]:
    """What tells that a file is another, or has another content, than when this was its state."""
    return state.st_size, state.st_mtime_ns, state.st_ino, state.st_dev


@contextmanager
def problems_named(where: str) -> Iterator[None]:
    """Turn what the system reports into one line that names ``where``.

    A closed pipe passes through: the command line has a status of its own for it.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise DedupError(where, problem.strerror or str(problem)) from problem
    except ValueError as problem:  # a path with a NUL, or with characters it cannot hold here
        raise DedupError(where, str(problem)) from problem


def missing(path: str) -> DedupError:
    """That nothing stands at ``path``, and what may have been meant."""
    is_address = path.startswith(("http://", "https://"))
    hint = "nothing is fetched: curl URL | dedup" if is_address else _neighbour_hint(path)
    return DedupError(path or "''", "no such file or directory", hint)


def _regular(descriptor: int) -> os.stat_result | None:
    state = os.fstat(descriptor)
    return state if stat.S_ISREG(state.st_mode) else None


def _neighbour_hint(path: str) -> str:
    """``did you mean X?`` with the closest name in the same folder, or empty."""
    from difflib import get_close_matches

    folder, wanted = os.path.split(path.rstrip("/"))
    try:
        names = sorted(os.listdir(folder or "."))[:MAX_NEIGHBOURS]
    except OSError:
        return ""
    close = get_close_matches(wanted, [name for name in names if name != wanted], n=1)
    if not close:
        return ""
    found = os.path.join(folder, close[0])
    return f"did you mean {os.path.join(found, '') if os.path.isdir(found) else found}?"
