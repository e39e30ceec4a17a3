"""A file of many documents: its records go out as tasks, come back as answers, and a copy is made of them.

Nothing but what is under way is in memory: the copy and what is reported of each record wait on the disk
until the file as a whole is known to be good.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from dedup.batch.faults import failure_of
from dedup.batch.spool import Spool
from dedup.errors import DedupError
from dedup.files.containers import Container, Piece, Sink
from dedup.files.content import Content, Digest, full_disk_named, temporary_file
from dedup.files.fingerprints import Fingerprint
from dedup.files.opening import Opening
from dedup.files.packing import Writer
from dedup.files.read import Source
from dedup.files.selection import Found
from dedup.files.unpacking import Kind as Packing
from dedup.model import Sums, Tally

if TYPE_CHECKING:
    from dedup.files.formats import Kind
    from dedup.files.plans import PlannedDocument
    from dedup.options import Options

PLAN = "plan"
"""Name of the part that is the plan's line."""

NAME_FIELD = "--field NAME says where the text is"

MAX_PROBLEMS = 20
"""Bad records of one file that are told one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class RecordTask:
    """One record to be looked at, or a part of the file with nothing to look at."""

    source: Source | None
    size: int
    """Bytes that are held while it is under way."""
    path: str
    """Of its file."""
    given: bytes = b""
    """What was decided of it beforehand, if it is not to be decided now."""


@dataclass(frozen=True, slots=True)
class RecordDone:
    """What became of it."""

    tally: Tally | None = None
    data: bytes | None = None
    """What the record comes to, if it changes."""
    parts: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    failure: DedupError | None = None
    """Why it stays as it is though it could be read."""
    dropped: bool = False
    """Whether it goes as a whole."""

    @property
    def says(self) -> bool:
        """Whether there is more to it than its numbers."""
        return bool(self.parts or self.failure or (self.tally and self.tally.note))


class Problem(NamedTuple):
    """What is wrong with a record, which passes through."""

    place: str
    """Of the piece, to stand behind the name of the file."""
    error: DedupError


class Copy:
    """A container's copy in the making, on the disk, and the fingerprints of both sides.

    The fingerprints are of what the files say, and not of how that is compressed.
    """

    def __init__(self, container: Container, packing: Packing, *, writes: bool) -> None:
        self._before, self._after = Digest(), Digest()
        self._file = temporary_file() if writes else None
        self._writer: Writer | None = None
        self._sink: Sink | None = None
        if self._file is not None:
            self._writer = Writer(self._file, packing)
            with full_disk_named():
                self._sink = container.sink(cast(BinaryIO, self._writer))

    def add(self, piece: Piece, data: bytes | None) -> None:
        """The next piece, with ``data`` in the place of what it holds if that is given."""
        self._before.add(piece.raw)
        self._after.add(piece.raw if data is None else data)
        if self._sink is not None:
            with full_disk_named():
                self._sink.add(piece, data)

    def insert(self, raw: bytes) -> None:
        """A piece that is not in the container any more."""
        self._after.add(raw)
        if self._sink is not None:
            with full_disk_named():
                self._sink.add(Piece(raw))

    def finish(self) -> Content:
        """The copy, which is to be written: it can be read until this is closed."""
        assert self._file is not None
        assert self._sink is not None
        assert self._writer is not None
        with full_disk_named():
            self._sink.finish()
            self._writer.close()
        return Content(self._file)

    def close(self) -> None:
        """Give the disk back; what was not written yet is not wanted any more."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    @property
    def sides(self) -> tuple[Fingerprint, Fingerprint]:
        """What went in, and what came out."""
        return self._before.fingerprint, self._after.fingerprint


class Records:
    """One container under way."""

    def __init__(
        self, found: Found, kind: Kind, opening: Opening, options: Options, *, writes: bool
    ) -> None:
        self.found = found
        self.kind: Kind = kind
        self.opening = opening
        self.options = options
        self.failure: DedupError | None = None
        """Why nothing can be made of the file as a whole."""
        self.problems: list[Problem] = []
        """Records that cannot be read, or could not be done, up to ``MAX_PROBLEMS``."""
        self.bad = 0
        """How many those are."""
        self.is_read = False
        self.said = Spool()
        """What is to be reported of single records, pickled; to be told once all is well."""
        self.codec = ""
        """What the records are written in, once one was read."""
        self.given: Callable[[int], bytes] | None = None
        """What was decided beforehand of the record with a number."""
        self.is_owner = True
        """Whether nobody else reads what is opened."""
        self._writes = writes
        self._waiting: deque[Piece] = deque()
        self._taken = 0
        """How many pieces are done."""
        self._sums = Sums()
        self._copy: Copy | None = None

    def tasks(self) -> Iterator[RecordTask]:
        """The tasks, one for each piece of the file."""
        try:
            container = self.opening.container(self.kind, self.found.name, self.options)
            self._copy = Copy(container, self.opening.packing, writes=self._writes)
            for piece in container.pieces():
                self._waiting.append(piece)
                if piece.source is not None and not self.codec:
                    self.codec = piece.source.document.encoding
                given = self.given(piece.number) if self.given and piece.source else b""
                yield RecordTask(_placed(piece), len(piece.raw), self.found.path, given)
        except Exception as error:  # noqa: BLE001  whatever it is, the other files go on
            self.failure = self._failure_of(error)
        finally:
            self.is_read = True
            self.opening.rest()

    def _failure_of(self, error: Exception) -> DedupError:
        return failure_of(error, self.found.path).moved(self.found.name, self.found.path)

    @property
    def is_complete(self) -> bool:
        """Whether no answer is missing any more."""
        return self.is_read and not self._waiting

    def take(self, done: RecordDone) -> None:
        """The answer to the oldest task that has none."""
        piece = self._waiting.popleft()
        if piece.problem:
            hint = NAME_FIELD if "field" in piece.problem and not self.bad else ""
            self._note_problem(piece, DedupError("", piece.problem, hint))
        if done.failure is not None:
            self._note_problem(piece, done.failure)
        if done.tally is not None:
            self._sums.add(done.tally)
        if done.says:
            parts = self._placed_parts(done)
            self.said.add(pickle.dumps((piece.number, done.tally, parts)))
        self._taken += 1
        if self.failure is None and self._copy is not None:
            try:
                self._copy.add(piece, done.data)
            except Exception as error:  # noqa: BLE001  as above
                self.failure = self._failure_of(error)

    def _placed_parts(self, done: RecordDone) -> Mapping[str, tuple[bytes, ...]]:
        """What is said of a record; the plan's line on one that goes says where it stood."""
        if not done.dropped or PLAN not in done.parts:
            return done.parts
        from dedup.files.plans import placed

        (line,) = done.parts[PLAN]
        return {**done.parts, PLAN: (placed(line, self._taken),)}

    def _note_problem(self, piece: Piece, error: DedupError) -> None:
        self.bad += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(piece.place, error))

    @property
    def tally(self) -> Tally:
        """The sums over the records."""
        return self._sums.tally(self.found.name)

    def copied(self) -> Content:
        """The copy, once the answers are complete, if the file is to be written."""
        assert self._copy is not None
        return self._copy.finish()

    @property
    def sides(self) -> tuple[Fingerprint, Fingerprint]:
        """Fingerprints of what the file says and of what it comes to."""
        assert self._copy is not None
        return self._copy.sides

    def close(self) -> None:
        """Give back what the disk holds for it."""
        if self._copy is not None:
            self._copy.close()
        self.said.close()
        if self.is_owner:
            self.opening.close()


def _placed(piece: Piece) -> Source | None:
    """The record's document, which knows where in the file it stands."""
    if piece.source is None:
        return None
    return replace(piece.source, record=piece.number, line=piece.line)


Change = Callable[[bytes, "PlannedDocument", str], bytes]
"""What becomes of a record by the plan's line on it; messages name the place given last."""


def copied(
    name: str,
    kind: Kind,
    opening: Opening,
    options: Options,
    entries: Iterator[PlannedDocument],
    change: Change,
    *,
    restores: bool = False,
) -> Copy:
    """A copy of a container in which the records of ``entries``, which are in order, are changed.

    It can be read until ``opening`` is closed. If it ``restores``, records that were dropped come in where they stood.
    """
    container = opening.container(kind, name, options)
    copy = Copy(container, opening.packing, writes=True)
    opening.keep(copy)
    entry = next(entries, None)
    dropped = 0
    for at, piece in enumerate(container.pieces()):
        while restores and entry is not None and entry.is_dropped and entry.place == at + dropped:
            copy.insert(change(b"", entry, f"{opening.path}#{_number(entry)}"))
            dropped += 1
            entry = next(entries, None)
        data = None
        number = piece.number + (dropped if restores else 0)
        if piece.number and entry is not None and entry.name == f"{name}#{number}":
            data = change(piece.raw, entry, f"{opening.path}#{number}")
            entry = next(entries, None)
        copy.add(piece, data)
    while restores and entry is not None and entry.is_dropped:
        copy.insert(change(b"", entry, f"{opening.path}#{_number(entry)}"))
        entry = next(entries, None)
    if entry is not None:
        raise DedupError(opening.path, f"has no record {_number(entry)}")
    return copy


def _number(entry: PlannedDocument) -> str:
    return entry.name.rpartition("#")[2]
