"""Many files cleaned in one run, across all of them: scanned, decided together, then done one by one.

The first reading makes a sheet of each document, and writes nothing. Once all are known it is decided what goes;
the second reading takes it out. So what a document loses depends on what the others said to begin with, not on
the order in which they are done.
"""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Generator

from dedup.batch import beforehand, folder, given, scanning
from dedup.batch.targets import Targets
from dedup.batch.work import Done
from dedup.corpus.columns import Writer
from dedup.corpus.copies import Sayings
from dedup.corpus.deciding import decided
from dedup.corpus.standing import Standing
from dedup.errors import DedupError
from dedup.files.content import full_disk_named
from dedup.files.fingerprints import Fingerprint
from dedup.files.opening import Opening
from dedup.model import Span
from dedup.options import Options


class CorpusRun(folder.Run):
    """A run over the selected files that also looks for what several of them say."""

    def __iter__(self) -> Generator[Done]:
        path = tempfile.mkdtemp(prefix="dedup-")
        known = _Known(path, self.options)
        try:
            for scanned in self._scan():
                known.add(scanned)
            known.decide()
            self._given = known.given
            yield from super().__iter__()
        finally:
            known.close()
            shutil.rmtree(path, ignore_errors=True)

    def _scan(self) -> Generator[scanning.Scanned]:
        """The documents as document scope leaves them. What is wrong with one is told when it is done."""
        run = _Scan(
            self.selection,
            Targets(),
            self.options,
            parts=scanning.parts(self.options),
            cache=self._cache,
            alone=self._alone,
            looks=True,
            alike=self._alike,
            stream=self._stream,
        )
        if self._stream is not None:  # it can be had only once
            run.share(self._opening(self.files[0]))
        run.on_read = self.on_read
        yield from scanning.scanned(run)

    def _check(self) -> None:
        if self.targets.in_place and self.targets.plan is None:
            what = "--in-place with --scope corpus needs --plan: what goes rests on other files"
            raise DedupError("", what, "give --plan FILE")
        beforehand.refuse_equal_names(self.files)
        if self._stream is None:
            beforehand.refuse_pipes(self.files)
        super()._check()


class _Scan(folder.Run):
    """A run that leaves what it reads open for the one after it."""

    def share(self, opening: Opening) -> None:
        """Read the only file from ``opening``, which somebody else closes."""
        self._opened = opening

    def _close(self) -> None:
        pass


class _Known:
    """All documents, as numbers; their answers and texts wait on the disk."""

    def __init__(self, path: str, options: Options) -> None:
        self._options = options
        self._writer = Writer(path)
        self._answers = open(f"{path}/answers", "w+b")  # noqa: SIM115  gone with the folder
        self._places: list[int] = [0]
        self._prints: list[bytes] = []
        self._files: list[str] = []
        self._numbers: dict[str, int] = {}
        """Number of each file by its name."""
        self._firsts: list[int] = []
        """The first document of each file."""
        self._file: list[int] = []
        self._record: list[int] = []
        self._groups: dict[str, int] = {}
        self._left: dict[int, bytes] = {}
        self._sayings: Sayings | None = None

    def add(self, scanned: scanning.Scanned) -> None:
        """One more document, later in order than all before."""
        if scanned.sheet is None or scanned.fingerprint is None:
            return
        name = scanned.done.found.name
        if name not in self._numbers:
            self._numbers[name] = len(self._firsts)
            self._firsts.append(len(self._record))
            self._files.append(name)
        with full_disk_named():
            self._answers.write(scanned.answer)
        self._places.append(self._places[-1] + len(scanned.answer))
        known = scanned.fingerprint
        self._prints.append(known.size.to_bytes(8, "big") + bytes.fromhex(known.blake2b))
        if scanned.left:
            self._left[len(self._file)] = scanned.left
        self._file.append(len(self._files) - 1)
        self._record.append(scanned.done.record)
        group = self._groups.setdefault(scanned.group, len(self._groups))
        with full_disk_named():
            self._writer.add(scanned.sheet, group)

    def decide(self) -> None:
        """Look at all of them together."""
        corpus = self._writer.finish()
        found = decided(corpus, self._options)
        self._sayings = Sayings(corpus, found.copies, self._name, self._origin, found.notes)

    def _name(self, document: int) -> str:
        record = self._record[document]
        return self._files[self._file[document]] + (f"#{record}" if record else "")

    def _origin(self, document: int, span: Span) -> tuple[Span, ...]:
        left = self._left.get(document)
        return (span,) if left is None else _standing(left).pieces(span)

    def _number(self, name: str, record: int) -> int | None:
        """The document's number; None if it was not among those that were looked at."""
        file = self._numbers.get(name)
        if file is None:
            return None
        last = self._firsts[file + 1] if file + 1 < len(self._firsts) else len(self._record)
        at = bisect_left(self._record, record, self._firsts[file], last)
        return at if at < last and self._record[at] == record else None

    def given(self, name: str, record: int) -> bytes:
        """What was decided of a document, for its task; empty if it was not among those that were looked at."""
        document = self._number(name, record)
        if document is None or self._sayings is None:
            return b""
        self._answers.seek(self._places[document])
        answer = self._answers.read(self._places[document + 1] - self._places[document])
        data = self._prints[document]
        known = Fingerprint(int.from_bytes(data[:8], "big"), data[8:].hex())
        return given.packed(answer, known, self._sayings.of(document))

    def close(self) -> None:
        """Let go of the files."""
        self._answers.close()


def _standing(left: bytes) -> Standing:
    import numpy as np

    return Standing.of(np.frombuffer(left, np.int64).reshape(-1, 5))
