"""Where a command reads from, and what about that is refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from dedup.batch import single
from dedup.cli import FAILED, streams
from dedup.errors import DedupError
from dedup.files.read import Raw, Source, missing, problems_named
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.files.opening import Opening
    from dedup.files.selection import Found


@dataclass(frozen=True)
class Inputs:
    """What a command is to read: paths, and lists of more paths."""

    paths: tuple[str, ...]
    files_from: str | None = None
    """A file of paths, one per line; ``-`` for standard input."""
    null: bool = False
    """Whether a NUL ends each path there, and not a newline."""

    @property
    def first(self) -> str | None:
        """The first path that was given."""
        return self.paths[0] if self.paths else None

    @property
    def is_piped(self) -> bool:
        """Whether the text is what comes through standard input."""
        return self.paths in ((), ("-",)) and self.files_from is None

    @property
    def are_many(self) -> bool:
        """Whether this is more than one file, or may be."""
        several = len(self.paths) > 1 or self.files_from is not None
        return several or any(os.path.isdir(path) for path in self.paths)

    def has_records(self, stdin_filename: str | None) -> bool:
        """Whether the only input is a file of many documents, by its name or what it is called."""
        from dedup.files.formats import RECORDS, kind_of

        path = self.paths[0] if self.paths else "-"
        return kind_of((stdin_filename or "") if path == "-" else path) in RECORDS

    def go_into(self, output: str | None) -> bool:
        """Whether ``output`` is a folder for the input to be put into, by its own name."""
        if output is None or not self.paths or self.paths[0] == "-":
            return False
        return os.path.isdir(output) or output.endswith("/")


def source(path: str | None, stdin_filename: str | None, options: Options) -> Source:
    """The document at ``path``; without one the one on standard input, or short help if there is none."""
    if path is None and not streams.is_readable_stdin():
        _help_instead()
    if path is not None and path != "-":
        return single.read_input(path, None, None, options)
    stdin = sys.stdin.buffer if sys.stdin is not None else None
    return single.read_input(None, stdin, stdin_filename, options)


def opening(path: str | None) -> Opening:
    """The same, to be read in pieces."""
    from dedup.files.opening import Opening

    if path is None and not streams.is_readable_stdin():
        _help_instead()
    if path is not None and path != "-":
        return Opening(path)
    stdin = sys.stdin.buffer if sys.stdin is not None else None
    return Opening(streams.STDIN, single.given(stdin))


def found(path: str | None, stdin_filename: str | None) -> tuple[Found, BinaryIO | None]:
    """The only input, a file of records, and the stream to read it from if it is standard input."""
    from dedup.files.selection import Found

    if path is None and not streams.is_readable_stdin():
        _help_instead()
    if path is not None and path != "-":
        with problems_named(path):
            try:
                size = os.stat(path).st_size
            except FileNotFoundError:
                raise missing(path) from None
        return Found(path, os.path.basename(path), size, explicit=True), None
    stream = single.given(sys.stdin.buffer if sys.stdin is not None else None)
    name = os.path.basename(stdin_filename or single.STDIN_NAME)
    return Found(streams.STDIN, name, 0, explicit=True), stream


def _help_instead() -> None:
    import click

    context = click.get_current_context()
    examples = getattr(context.command, "examples", "").strip().splitlines()
    streams.say(context.get_usage())
    for line in examples[:2]:
        streams.say(f"  {line}")
    streams.say(f"{context.command_path} --help shows more, and dedup --help all commands.")
    context.exit(FAILED)


def refuse(
    path: str | None, stdin_filename: str | None, *, output: str | None, in_place: bool
) -> None:
    """``DedupError`` for inputs and outputs that contradict each other."""
    if output is not None and in_place:
        raise DedupError("", "-o cannot go with --in-place")
    if in_place and path in (None, "-"):
        raise DedupError("", "--in-place needs a file: standard input cannot be replaced")
    if stdin_filename is not None and path not in (None, "-"):
        raise DedupError("", f"--stdin-filename is for standard input, and the input is {path}")


def refuse_many(
    paths: Sequence[str], output: str | None, *, in_place: bool, looks: bool = False
) -> None:
    """``DedupError`` for inputs and outputs that do not go together when there are many inputs.

    ``looks``: nothing is to be written, so there needs to be no place for it.
    """
    if "-" in paths:
        raise DedupError("-", "standard input cannot go together with files")
    if output == "-":
        raise DedupError("-o -", "several texts cannot go to standard output", "give -o DIR")
    if looks or output is not None or in_place:
        return
    for path in filter(os.path.isdir, paths):
        raise DedupError(os.path.join(path, ""), "is a directory", "give -o DIR or --in-place")
    hint = "give -o DIR or --in-place"
    if len(paths) == 2:  # as cp has it
        hint += f"; or -o {paths[1]}, if it is to go there"
    raise DedupError("", "several files need a place to go", hint)


def refuse_appending(source: Raw) -> None:
    """``DedupError`` if standard output would append to the very file that was read (``>>``)."""
    if source.stat is None or source.stat.st_size == 0:
        return
    try:
        state = os.fstat(sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or a stand-in without a descriptor
        return
    if os.path.samestat(state, source.stat):
        raise DedupError(streams.STDOUT, "is the input", "use --in-place")
