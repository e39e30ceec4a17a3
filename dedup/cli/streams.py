"""The three standard streams: the product to stdout as bytes, talk to stderr, nothing lost unseen."""

from __future__ import annotations

import os
import stat
import sys
from typing import BinaryIO, TextIO

from dedup.errors import DedupError

STDOUT = "standard output"
STDIN = "standard input"


class ClosedPipe(Exception):
    """Whoever read our standard output has stopped; not an error, and nothing to talk about."""


def reserve() -> None:
    """Put the null device on closed descriptors 0-2, so that no file we open becomes a stream.

    What was closed stays known: Python has set ``sys.stdin`` and its like to None.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


def write(data: bytes) -> None:
    """Write all of ``data`` to standard output now, or raise ``DedupError`` or ``ClosedPipe``."""
    if sys.stdout is None:
        raise DedupError(STDOUT, "it is closed")
    try:
        _write_all(sys.stdout.buffer, data)
    except BrokenPipeError:
        _abandon(sys.stdout)
        raise ClosedPipe from None
    except OSError as error:
        _abandon(sys.stdout)
        raise DedupError(STDOUT, error.strerror or str(error)) from None
    except BaseException:  # interrupted while the reader was slow: do not wait for it again
        _abandon(sys.stdout)
        raise


def _write_all(out: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[_write_some(out, rest) :]
    while True:
        try:
            return out.flush()
        except BlockingIOError:
            _wait(out)


def _write_some(out: BinaryIO, data: memoryview) -> int:
    """How many bytes were taken: all, unless nothing is buffered or the pipe does not block."""
    taken: int | None
    try:
        taken = out.write(data)
    except BlockingIOError as full:
        taken = full.characters_written
    if not taken:
        _wait(out)
    return taken or 0


def _wait(out: BinaryIO) -> None:
    import select

    select.select([], [out], [])


def _abandon(stream: TextIO) -> None:
    """Let what is still in the buffer go nowhere: writing it again at exit would fail again."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a stand-in without a descriptor
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)


def say(line: str) -> None:
    """Write a line to standard error, if there is one; a failure has nobody to be told."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def is_readable_stdin() -> bool:
    """Whether a text is waiting on standard input: it is a file, a pipe or a socket.

    A terminal is not, nor is the null device that services and schedulers start programs with.
    """
    if sys.stdin is None:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # a stand-in without a descriptor
        return False
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def is_file_stdout() -> bool:
    """Whether standard output is a regular file: nobody reads along."""
    if sys.stdout is None:
        return False
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False
