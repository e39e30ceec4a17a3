"""Documents of a file or a stream in one step, as the tests of reading and writing want them."""

from __future__ import annotations

import os
from typing import BinaryIO

from dedup.files.read import Source, decoded, load, load_stream


def read_file(
    path: str, *, name: str | None = None, encoding: str = "utf-8", errors: str = "strict"
) -> Source:
    """The file at ``path``, whatever its kind: a FIFO or ``/dev/fd/63`` is read once, as a stream.

    The document is called ``name``, by default the path's base name.
    """
    name = os.path.basename(path) if name is None else name
    return decoded(load(path), name, encoding=encoding, errors=errors)


def read_stream(
    stream: BinaryIO, *, name: str, encoding: str = "utf-8", errors: str = "strict"
) -> Source:
    """Everything left in ``stream``, as a document called ``name``."""
    return decoded(load_stream(stream, name), name, encoding=encoding, errors=errors)
