"""Which bytes a path or a stream holds, and what the file was when they were read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from dedup.errors import DedupError
from dedup.files.decode import decode as decode
from dedup.files.decode import encode as encode
from dedup.model import Document

MAX_NEIGHBOURS = 2000
"""How many names of a folder are compared with a mistyped one; a hint must not take seconds."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document and where it came from."""

    document: Document
    data: bytes
    """The bytes as read, mark and all."""
    path: str | None
    """The path it was read from, as given; none for a stream."""
    stat: os.stat_result | None
    """State of the regular file before its bytes were read; none for pipes and devices."""

    @property
    def has_other_links(self) -> bool:
        """Whether other names (hard links) will keep the old content when the file is replaced."""
        return self.stat is not None and self.stat.st_nlink > 1


def read_file(
    path: str, *, name: str | None = None, encoding: str = "utf-8", errors: str = "strict"
) -> Source:
    """The file at ``path``, whatever its kind: a FIFO or ``/dev/fd/63`` is read once, as a stream.

    The document is called ``name``, by default the path's base name.
    """
    with problems_named(path):
        try:
            with open(path, "rb", buffering=0) as file:
                state = _regular(file.fileno())
                data = file.readall()
        except FileNotFoundError:
            hint = _neighbour_hint(path)
            raise DedupError(path or "''", "no such file or directory", hint) from None
        except IsADirectoryError:
            shown = os.path.join(path, "")
            raise DedupError(shown, "is a directory", "this version takes one file") from None
    if name is None:
        name = os.path.basename(path)
    return Source(decode(data, name, encoding=encoding, errors=errors), data, path, state)


def read_stream(
    stream: BinaryIO, *, name: str, encoding: str = "utf-8", errors: str = "strict"
) -> Source:
    """Everything left in ``stream``, as a document called ``name``."""
    with problems_named(name):
        try:
            state = _regular(stream.fileno())
        except ValueError:  # a stream in memory has no descriptor
            state = None
        data = stream.read()
    return Source(decode(data, name, encoding=encoding, errors=errors), data, None, state)


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
