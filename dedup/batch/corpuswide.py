"""Many files cleaned in one run, across all of them: scanned, decided together, then done one by one.

The first reading makes a sheet of each document, and writes nothing. Once all are known it is decided what goes;
the second reading takes it out. So what a document loses depends on what the others said to begin with, not on
the order in which they are done.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.batch import beforehand, folder, given, scanning, selecting, single, work
from dedup.batch.faults import failure_of
from dedup.batch.records import Records
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets
from dedup.batch.work import PLAN, Done, Job, Task
from dedup.corpus import indexed
from dedup.corpus.columns import Corpus, Writer
from dedup.corpus.copies import Sayings
from dedup.corpus.deciding import decided
from dedup.corpus.documents import Clusters
from dedup.corpus.filed import Numbers
from dedup.corpus.sheets import Sheet, sheet_of
from dedup.corpus.standing import Standing
from dedup.errors import DedupError
from dedup.files import plans, read, write
from dedup.files.content import fingerprint_of, full_disk_named
from dedup.files.fingerprints import DIGEST_BYTES, Fingerprint, fingerprint
from dedup.files.formats import RECORDS, kind_of
from dedup.files.opening import Opening
from dedup.files.read import Source
from dedup.files.selection import Found
from dedup.model import Document, Span, Tally
from dedup.options import Options, cleans_up
from dedup.reports import clusters
from dedup.reports.clusters import Row

if TYPE_CHECKING:
    import numpy as np

    from dedup.files.plans import Plan


class CorpusRun(folder.Run):
    """A run over the selected files that also looks for what several of them say."""

    def __iter__(self) -> Generator[Done]:
        if self._plan is not None and self.targets.in_place and not self.targets.force:
            yield from self._resumed()
            return
        path = tempfile.mkdtemp(prefix="dedup-")
        known = Known(path, self.options)
        try:
            if self.options.against:
                self._begin("reading what to compare with")
                known.refer(self.options.against, self.files)
            self._begin("reading")
            for scanned in self._scan():
                known.add(scanned)
                if self.on_scanned is not None and not scanned.done.record:
                    self.on_scanned(scanned.done)
            self._begin("comparing")
            self.notes += known.decide(alike=self._job().alike)
            self._given = known.given
            self._begin("checking" if self._looks else "writing")
            yield from super().__iter__()
            if self.targets.clusters is not None:
                write.write_file(self.targets.clusters, known.clusters(self.targets.clusters))
        finally:
            known.close()
            shutil.rmtree(path, ignore_errors=True)

    def _begin(self, stage: str) -> None:
        if self.on_stage is not None:
            self.on_stage(stage)

    def _resumed(self) -> Generator[Done]:
        """Go on by the plan: what a file was decided to lose does not depend on how far the last run came."""
        plan, job = self._plan, self._job()
        assert plan is not None
        gone = {name for name in plan.lines if plan.document(name).is_dropped}
        names = gone.union(found.name for found in self.files)
        if plan.inputs != plans.digest_of(sorted(names, key=os.fsencode)):
            what = "holds a plan for other files"
            raise DedupError(str(self.targets.plan), what, single.ANOTHER_NAME)
        before = len(names) - len(self.files)
        for task in self._tasks():
            done = self._by_line(job, task, plan)
            before += done.carried
            self._count(done)
            yield done
        left = len(plan.sides) - before - self.failed
        self.notes.append(f"went on with {self.targets.plan}: {left:,} done now, {before:,} before")

    def _by_line(self, job: Job, task: Task, plan: Plan) -> Done:
        """Do what the plan says of a file, if it is not done yet."""
        found = task.found
        if found.name not in plan.sides:
            return Done(found)
        opening = self._opening(found)
        try:
            before, after = plan.sides[found.name]
            records = plan.containers.get(found.name)
            known = self._fingerprint(found, opening)
            if known == after:
                return Done(found, carried=True)
            if known != before:
                what = "was changed since the plan was made"
                raise DedupError(found.path, what, "restore it, or make a new plan")
            marks = read.marks(opening.state) if opening.state else ()
            done = Done(found, _changed(found.name), marks=marks, sides=(before, after))
            if records is not None:
                lines = [line.data for line in records.lines.values()]
                return replace(self._carried_out(job, task, done, iter(lines)), tally=None)
            parts = {PLAN: (plan.lines[found.name].data,)}
            return replace(work.carried_out(job, task, replace(done, parts=parts)), tally=None)
        except Exception as error:  # noqa: BLE001  whatever it is, the other files go on
            return Done(found, failure=failure_of(error, found.path))
        finally:
            opening.close()

    def _fingerprint(self, found: Found, opening: Opening) -> Fingerprint:
        """Of what the file holds, as a plan has it."""
        kind = self._kind(found)
        if kind not in RECORDS:
            return opening.fingerprint()
        container = opening.container(kind, found.name, self.options)
        known = fingerprint_of(piece.raw for piece in container.pieces())
        opening.rest()
        return known

    def _scan(self) -> Generator[scanning.Scanned]:
        """The documents as document scope leaves them. What is wrong with one is told when it is done."""
        run = _Scan(
            self.selection,
            Targets(),
            self.options,
            parts=scanning.parts(),
            cache=self._cache,
            alone=self._alone,
            looks=True,
            alike=self._alike,
            stream=self._stream,
        )
        if self._stream is not None:  # it can be had only once
            run.share(self._opening(self.files[0]))
        if self.options.against or (self.options.exact and not cleans_up(self.options)):
            run.leave()
        run.on_read = self.on_read
        self._wholes = run.wholes
        yield from scanning.scanned(run)

    def _finished(self, job: Job, task: Task, records: Records) -> Done:
        """As ever, unless the file does not say what it said when all was decided: records may be gone, or new."""
        found = task.found
        before = self._wholes.get(found.name)
        if before is not None and records.failure is None and records.sides[0] != before:
            records.failure = DedupError(found.path, given.CHANGED, "run it again")
        return super()._finished(job, task, records)

    def _check(self) -> None:
        if self.targets.in_place and self.targets.plan is None:
            what = "--in-place with --scope corpus needs --plan: what goes rests on other files"
            raise DedupError("", what, "give --plan FILE")
        if self.targets.clusters is not None:
            if self.options.against or self.options.exact:
                other = "--against" if self.options.against else "--exact"
                raise DedupError(
                    "", f"--clusters cannot go with {other}: no whole documents are compared"
                )
            clusters_writer(self.targets.clusters)
        beforehand.refuse_equal_names(self.files)
        if self._stream is None:
            beforehand.refuse_pipes(self.files)
        super()._check()
        self._inputs = plans.digest_of(found.name for found in self.files)


def clusters_writer(path: str) -> Callable[[Iterable[Row]], Iterator[bytes]]:
    """What writes clusters in the format that the suffix of ``path`` names."""
    kinds = {".csv": clusters.as_csv, ".jsonl": clusters.as_jsonl}
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in kinds:
        raise DedupError(f"--clusters {path}", "unknown format", "known formats: .csv, .jsonl")
    return kinds[suffix]


def _identity(path: str) -> tuple[int, int] | None:
    state = beforehand.state_of(path)
    return state and (state.st_dev, state.st_ino)


def _changed(name: str) -> Tally:
    """The numbers of a file of which it is only known that something goes."""
    return Tally(name, 1, 1, 0, 0, 0, {}, {})


class _Scan(folder.Run):
    """A run that leaves what it reads open for the one after it."""

    def __init__(self, *arguments: Any, **how: Any) -> None:
        super().__init__(*arguments, **how)
        self.wholes: dict[str, Fingerprint] = {}
        """Of each file of records what it said."""

    def share(self, opening: Opening) -> None:
        """Read the only file from ``opening``, which somebody else closes."""
        self._opened = opening

    def leave(self) -> None:
        """Look for nothing inside the documents."""
        self._given = given.as_it_is

    def _finished(self, job: Job, task: Task, records: Records) -> Done:
        if records.failure is None:
            self.wholes[task.found.name] = records.sides[0]
        return super()._finished(job, task, records)

    def _close(self) -> None:
        pass


def outcome_against(source: Source, options: Options) -> Outcome:
    """The outcome for the only document, compared with the texts of ``--against``."""
    with tempfile.TemporaryDirectory(prefix="dedup-") as path:
        known = Known(path, options)
        try:
            known.refer(options.against, ())
            name = source.document.name
            done = given.outcome_of(source, options, given.as_it_is(name, 0))
            found = Found(name, name, len(source.data), explicit=True)
            parts = {scanning.SHEET: scanning.sheet_parts(done)}
            for scanned in scanning.scanned([Done(found, parts=parts)]):
                known.add(scanned)
            known.decide(alike=True)
            return given.outcome_of(source, options, known.given(name, 0))
        finally:
            known.close()


PRINT = 8 + DIGEST_BYTES
"""Bytes of a fingerprint, in front of what is remembered of a document."""


class _Document(NamedTuple):
    """What is known of a document beside its sheet."""

    file: str
    record: int
    group: str
    fingerprint: Fingerprint


class _Columns(NamedTuple):
    """What is known of the documents by number, in mapped files."""

    places: np.ndarray
    """int64, D + 1: where what waits of each begins: its answer, and behind it the columns of ``Standing``."""
    left: np.ndarray
    """int64, D: bytes of the latter; none where nothing of it goes."""
    file: np.ndarray
    """int32, D: number of its file."""
    record: np.ndarray
    """int64, D: number of the record in it, or 0."""


class Known:
    """All documents, as numbers; their answers and texts wait on the disk."""

    def __init__(self, path: str, options: Options) -> None:
        self.options = options
        self._writer = Writer(path)
        self._answers = open(f"{path}/answers", "w+b")  # noqa: SIM115  gone with the folder
        self._places = Numbers("q")
        self._files: list[str] = []
        self._is_bound: list[bool] = []
        """Whether records cannot be taken out of a file: of a table other columns would go with them."""
        self._numbers: dict[str, int] = {}
        """Number of each file by its name."""
        self._firsts: list[int] = []
        """The first document of each file."""
        self._file = Numbers("i")
        self._record = Numbers("q")
        self._columns: _Columns | None = None
        self._groups: dict[str, int] = {}
        self._left = Numbers("q")
        self._reference = 0
        """How many documents, the first ones, are only compared with."""
        self._sayings: Sayings | None = None
        self._clusters: Clusters | None = None

    def refer(self, path: str, inputs: Sequence[Found]) -> None:
        """Take in the documents at ``path``, or of the index there, first: they are only compared with."""
        if indexed.is_index(path):
            with indexed.opened(path) as index:
                for one in index.entries():
                    document = _Document(one.file, one.record, one.group, one.fingerprint)
                    self._take(document, one.sheet)
        else:
            self._read(path, inputs)
        if not self._record:  # nothing is a copy of what says nothing
            nobody = _Document(path, 0, "", fingerprint(b""))
            self._take(nobody, sheet_of(Document(path, "")))
        self._reference = len(self._record)
        self._numbers.clear()  # what is to be done has names of its own

    def _read(self, path: str, inputs: Sequence[Found]) -> None:
        reading = replace(self.options, include=(), exclude=(), extend_exclude=())
        chosen = selecting.select([path], Targets(), reading)
        for one, reason in chosen.problems:
            raise DedupError(one, reason)
        there = {_identity(found.path) for found in chosen.files}
        for found in inputs:
            if _identity(found.path) in there:
                what = f"holds the input {found.path}"
                raise DedupError(f"--against {path}", what, "compare with other texts")
        is_folder = os.path.isdir(path)
        run = _Scan(chosen, Targets(), reading, parts=scanning.parts(), looks=True)
        run.leave()
        for scanned in scanning.scanned(run):
            if scanned.done.failure is not None:
                raise scanned.done.failure
            inner = scanned.done.found.name
            self._add(scanned, "/".join([path.rstrip("/"), inner]) if is_folder else path)

    def add(self, scanned: scanning.Scanned) -> None:
        """One more document, later in order than all before."""
        self._add(scanned, scanned.done.found.name)

    def _add(self, scanned: scanning.Scanned, name: str) -> None:
        if scanned.sheet is None or scanned.fingerprint is None:
            return
        document = _Document(name, scanned.done.record, scanned.group, scanned.fingerprint)
        self._take(document, scanned.sheet, scanned.answer, scanned.left)

    def _take(
        self, document: _Document, sheet: Sheet, answer: bytes = b"", left: bytes = b""
    ) -> None:
        file, record, group, known = document
        if file not in self._numbers:
            self._numbers[file] = len(self._firsts)
            self._firsts.append(len(self._record))
            self._files.append(file)
            self._is_bound.append(kind_of(file) == "parquet")
        said = known.size.to_bytes(8, "big") + bytes.fromhex(known.blake2b) + answer
        number = self._groups.setdefault(group, len(self._groups))
        with full_disk_named():
            self._places.append(self._answers.tell())
            self._left.append(len(left))
            self._file.append(len(self._files) - 1)
            self._record.append(record)
            self._answers.write(said + left)
            self._writer.add(sheet, number)

    def corpus(self) -> Corpus:
        """All sheets as columns, once the last is in."""
        self._places.append(self._answers.tell())
        self._columns = _Columns(
            self._places.finish(),
            self._left.finish(),
            self._file.finish(),
            self._record.finish(),
        )
        return self._writer.finish()

    def decide(self, *, alike: bool) -> Sequence[str]:
        """Look at all of them together; what limits kept from being looked at."""
        corpus = self.corpus()
        bound = self._bound()
        found = decided(corpus, self.options, self._reference, bound, alike=alike)
        self._sayings = Sayings(corpus, found.copies, self.name, self._origin, found.notes)
        self._clusters = found.clusters
        return found.cut_off

    def _bound(self) -> Sequence[int]:
        """The documents that cannot be taken out of their file."""
        import numpy as np

        assert self._columns is not None
        if not any(self._is_bound):
            return ()
        found: list[int] = np.flatnonzero(np.array(self._is_bound)[self._columns.file]).tolist()
        return found

    def clusters(self, path: str) -> Iterator[bytes]:
        """The clusters of near copies, as they are to stand at ``path``."""
        return clusters_writer(path)(self._cluster_rows())

    def _cluster_rows(self) -> Iterator[Row]:
        found = self._clusters
        assert found is not None
        last = -1
        members = zip(
            found.canonical.tolist(),
            found.member.tolist(),
            found.score.tolist(),
            found.overlap.tolist(),
            strict=True,
        )
        count = 0
        for canonical, member, score, overlap in members:
            name = self.name(canonical)
            if canonical != last:
                count, last = count + 1, canonical
                yield Row(name, count, name, 1.0, 1.0)
            yield Row(self.name(member), count, name, score, overlap)

    def name(self, document: int) -> str:
        """What the document with this number is called."""
        assert self._columns is not None
        record = int(self._columns.record[document])
        return self._files[int(self._columns.file[document])] + (f"#{record}" if record else "")

    def _origin(self, document: int, span: Span) -> tuple[Span, ...]:
        assert self._columns is not None
        size = int(self._columns.left[document])
        if not size:
            return (span,)
        self._answers.seek(int(self._columns.places[document + 1]) - size)
        return _standing(self._answers.read(size)).pieces(span)

    def _number(self, name: str, record: int) -> int | None:
        """The document's number; None if it was not among those that were looked at."""
        file = self._numbers.get(name)
        if file is None:
            return None
        assert self._columns is not None
        records = self._columns.record
        last = self._firsts[file + 1] if file + 1 < len(self._firsts) else len(records)
        at = bisect_left(records, record, self._firsts[file], last)
        return at if at < last and records[at] == record else None

    def given(self, name: str, record: int) -> bytes:
        """What was decided of a document, for its task; empty if it was not among those that were looked at."""
        if self._sayings is None or self._columns is None:
            return b""
        document = self._number(name, record)
        if document is None:
            return b""
        begin, end = self._columns.places[document : document + 2].tolist()
        self._answers.seek(begin)
        data = self._answers.read(end - begin - int(self._columns.left[document]))
        known = Fingerprint(int.from_bytes(data[:8], "big"), data[8:PRINT].hex())
        return given.packed(data[PRINT:], known, self._sayings.of(document))

    def close(self) -> None:
        """Let go of the files."""
        waiting = self._places, self._left, self._file, self._record
        for file in (self._writer, self._answers, *waiting):
            file.close()


def _standing(left: bytes) -> Standing:
    import numpy as np

    return Standing.of(np.frombuffer(left, np.int64).reshape(-1, 5))
