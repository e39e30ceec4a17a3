"""Files that hold many documents: read piece by piece, and written back with some of them changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from dedup.files.read import Source


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a container: a record, or what stands between records."""

    raw: bytes
    """As it stands in the file, its end included; of Parquet, the text as UTF-8. All in order are the file."""
    number: int = 0
    """Of the record, from 1, counting every record whether it can be read or not; 0 for anything else."""
    line: int = 0
    """Number of its first line in the file, from 1; 0 where a format has no lines."""
    source: Source | None = None
    """The record's document, called ``NAME#number``; None for what passes through as it is."""
    problem: str = ""
    """What is wrong with a record that cannot be read; it passes through."""
    has_no_field: bool = False
    """Whether that is that it lacks the field where its text should be."""
    ends: bool = True
    """Whether a record, or what stands between two, ends with this piece: very long ones come in parts."""

    @property
    def place(self) -> str:
        """To stand behind the name of the file: ``:12`` for a line, ``#3`` in a format without lines."""
        return f":{self.line}" if self.line else f"#{self.number}"


class Sink(Protocol):
    """Writes the pieces of one container, in order, to where its cleaned copy is to stand."""

    def add(self, piece: Piece, data: bytes | None = None) -> None:
        """Write the piece, with ``data`` in the place of its ``raw`` if that is given."""

    def finish(self) -> None:
        """Write what is held back. The target stays open."""


class Container(Protocol):
    """A file of records, as one of the formats reads it."""

    def pieces(self) -> Iterator[Piece]:
        """All of it, in order; ``DedupError`` for what makes the whole unreadable."""

    def sink(self, target: BinaryIO) -> Sink:
        """What writes a copy of this container to ``target``."""


class ByteSink:
    """Writes the bytes of the pieces one after the other."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def add(self, piece: Piece, data: bytes | None = None) -> None:
        """Write the piece, with ``data`` in the place of its ``raw`` if that is given."""
        self._target.write(piece.raw if data is None else data)

    def finish(self) -> None:
        """Nothing is held back."""
