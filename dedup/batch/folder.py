"""Many files cleaned in one run: checked before anything is written, done in order, one bad file never
stops the rest.

Without a plan each file is written as soon as it is decided. With one, everything is decided first, then
the plan is put on the disk, then the files are written by it: so an interrupted run can be
gone on with, and what was removed can always be put back.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from heapq import heappush, heappushpop
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from dedup.batch import beforehand, single, work
from dedup.batch.faults import failure_of
from dedup.batch.flow import Flow
from dedup.batch.records import Records
from dedup.batch.spool import Spool
from dedup.batch.targets import Targets, check_paths, refuse_conversion
from dedup.batch.work import AnyDone, AnyTask, Done, Job, Part, Task
from dedup.errors import DedupError
from dedup.files import content, plans, read, write
from dedup.files.content import Content
from dedup.files.decode import AUTO
from dedup.files.fingerprints import Fingerprint
from dedup.files.formats import RECORDS, Kind, kind_of
from dedup.files.opening import Opening
from dedup.files.overrides import options_at
from dedup.files.read import Raw
from dedup.files.selection import HEAD
from dedup.files.walk import Found, Selection
from dedup.model import Failure, Sums, Tally, Totals
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.batch.pool import Pool
    from dedup.files.plans import Plan

GROUP_BYTES = 1 << 18
GROUP_FILES = 256
"""What a worker is given at a time is at least one of these: enough that handing it over is nothing."""

MIN_POOL_BYTES = 2 << 20
"""Input from which starting workers pays."""

MANY = 1 << 20
"""As many tasks as there may be workers for, and more: the records of a file are not counted beforehand."""

STDOUT = "-"

WORST = 5
"""How many of the files that lost most are remembered for the summary."""


class Run:
    """A run over the selected files. Iterating does it, and gives what became of each file in order.

    Raises ``DedupError`` before anything is read or written for what is wrong with the whole.
    """

    def __init__(
        self,
        selection: Selection,
        targets: Targets,
        options: Options,
        *,
        parts: Sequence[Part] = (),
        cache: str | None = None,
        alone: bool = False,
        looks: bool = False,
        alike: bool = True,
        stream: BinaryIO | None = None,
    ) -> None:
        """``alone``: the only file is one of records, and goes to the file ``targets.output`` or, without
        one, is left as ``content``, unless the run only ``looks``. It is read from ``stream`` if that is given.
        Without ``alike`` look-alikes, which stay, are counted only where some part or report names them."""
        self.selection = selection
        self.files = selection.files
        self.content: Content | None = None
        """What is to go to standard output, if the only file goes there."""
        self.on_read: Callable[[int], None] | None = None
        """Is told now and then how many bytes of the file at hand were read, if it is one of records."""
        self.on_stage: Callable[[str], None] | None = None
        """Is told when another stage begins, if there are several."""
        self.on_scanned: Callable[[Done], None] | None = None
        """Is told of each file that is read before anything is decided, if that is a stage of its own."""
        self._alone = alone
        self._looks = looks
        self._stream = stream
        self._opened: Opening | None = None
        self._file = targets.output or STDOUT if alone and not looks else None
        if targets.in_place:
            self._file = None
        self.targets = targets
        self.options = options
        self._sums = Sums()
        self.skipped = dict(selection.skipped)
        """How many files were not read, by reason."""
        self.failures = [Failure(path, reason) for path, reason in selection.problems]
        self.worst: list[Tally] = []
        """The files that lost most, the one that lost most first, once the run is over."""
        self.notes: list[str] = []
        """What a reader should know of the run as a whole."""
        self.failed = len(self.failures)
        """How many files could not be processed."""
        self.bad_records = 0
        """How many records could not be read, in files that could."""
        self._heap: list[tuple[int, int, Tally]] = []
        self._cache = cache
        self._salt = b""
        self._wrote = False
        self._parts = tuple(parts)
        self._alike = alike
        self._inputs = ""
        """Digest of the names of all files, if they are decided together."""
        self._given: Callable[[str, int], bytes] | None = None
        """What was decided beforehand of a file, or of a record with a number, by the file's name."""
        self._owned: Mapping[str, frozenset[Fingerprint]] = {}
        self._plan: Plan | None = None
        self._check()

    @property
    def totals(self) -> Totals:
        """The sums over all files done so far."""
        return self._sums.totals

    def __iter__(self) -> Generator[Done]:
        job = self._job()
        with ExitStack() as stack:
            reports = {
                kind: [
                    stack.enter_context(Spool()) for _ in range(single.report_module(kind).WIDTH)
                ]
                for kind, _ in self.targets.reports
            }
            stack.callback(self._close)
            decided = self._decided(job, stack)
            if self.targets.plan is not None:
                decided = self._by_plan(job, decided, stack.enter_context(Spool()))
            for done in decided:
                for kind, lists in reports.items():
                    for spool, part in zip(lists, done.parts.get(kind, ()), strict=False):
                        spool.add(part)
                self._count(done)
                yield done
            self._finish(job, reports)

    @property
    def source(self) -> Raw:
        """Where the only file, which is one of records, is read from; without what it holds."""
        found = self.files[0]
        if self._stream is not None:
            return Raw(b"", None, self._opening(found).state)
        return Raw(b"", found.path, beforehand.state_of(found.path))

    def _job(self) -> Job:
        targets = self.targets
        parts = [*self._parts]
        for kind in dict.fromkeys(kind for kind, _ in targets.reports):
            parts.append(Part(kind, partial(single.report_parts, kind)))
        if targets.plan is not None:
            parts.append(Part(work.PLAN, single.plan_lines, when="changed"))
        return Job(
            self.options,
            output=None if self._alone else targets.output,
            file=self._file,
            in_place=targets.in_place,
            backup=targets.backup,
            force=targets.force,
            parts=tuple(parts),
            cache=self._cache,
            salt=self._salt,
            alike=self._alike or any(part.names_alike for part in parts),
        )

    # Before anything is read

    def _check(self) -> None:
        targets = self.targets
        self._check_conversion()
        written = [("--plan", targets.plan), ("--clusters", targets.clusters)]
        written += [("--report", path) for _, path in targets.reports]
        named = [(flag, path) for flag, path in written if path is not None]
        output = [] if targets.output is None else [("-o", targets.output)]
        check_paths(None, named + output)
        paths = [path for _, path in named]
        beforehand.refuse_inputs(self.files, paths, beforehand.RENAME)
        beforehand.refuse_backups(self.files, paths, targets.backup or "")
        if targets.plan is not None and self._stream is None:
            beforehand.refuse_pipes(self.files)
        if self._alone:
            beforehand.refuse_inputs(self.files, [path for _, path in output])
        elif targets.output is not None:
            from dedup.files import tree

            names = [found.name for found in self.files]
            sources = [found.path for found in self.files]
            places = (os.path.join(targets.output, *name.split("/")) for name in names)
            beforehand.refuse_inputs(self.files, places)
            self._owned = tree.check(targets.output, names, force=targets.force, sources=sources)
            beforehand.refuse_outputs(paths, targets.output, names)
            self.notes += beforehand.stale(targets.output, self._owned, set(names))
        elif targets.plan is not None:
            beforehand.refuse_equal_names(self.files)
        for kind, path in targets.reports if not targets.force else ():
            beforehand.refuse_foreign_report(kind, path)
        if targets.plan is not None:
            self._plan = beforehand.earlier_plan(targets.plan, self.options, force=targets.force)
        if targets.output is not None and not self._alone:
            tree.prepare(targets.output)
        if self._cache is not None:
            from dedup.files.cache import open_cache

            if targets.output is not None:
                beforehand.refuse_inside(self._cache, targets.output)
            with open_cache(self._cache, self.options) as cache:
                self._salt = cache.salt
                self.notes += [f"{self._cache}: {cache.note}"] if cache.note else []

    def _check_conversion(self) -> None:
        """Refuse texts in the place of pages; say, if there are any, that pages do not come back from them."""
        refuse_conversion(self.options, in_place=self.targets.in_place)
        for found in self.files:
            options = options_at(self.options, found.path)
            if options.html_input == "extract" and kind_of(found.path) == "html":
                refuse_conversion(options, in_place=self.targets.in_place)
                self.notes.append(single.CONVERTED)
                return

    # Deciding, and writing what can be written at once

    def _decided(self, job: Job, stack: ExitStack) -> Iterator[Done]:
        if self.targets.plan is not None:
            job = replace(job, output=None, file=None, in_place=False)
        flow = Flow(partial(self._records, job), partial(self._finished, job), self.on_read)
        stack.callback(flow.close)
        tasks = flow.asked(self._tasks())
        pool = self._pool(job)
        if pool is not None:
            # In place one at a time: a file that was replaced cannot be judged again if its worker dies.
            files = 1 if job.in_place else GROUP_FILES
            return flow.answered(stack.enter_context(pool).map(_groups(tasks, files)))
        worker = stack.enter_context(work.Worker(job))
        return flow.answered(map(worker.run, tasks))

    # Files of records

    def _records(self, job: Job, task: Task) -> Records | Done | None:
        """The records of the task's file; what became of it if it is skipped; None for other files."""
        found = task.found
        kind = self._kind(found)
        if kind not in RECORDS:
            return None
        opening = self._opening(found)
        options = options_at(self.options, found.path)
        if not found.explicit:
            try:
                skipped = work.skipped(opening.head(HEAD), kind)
            except DedupError:
                skipped = ""  # the reader says what is wrong
            skipped = skipped or work.without_texts(found, kind, options)
            if skipped:
                opening.close()
                return Done(found, skipped=skipped)
        records = Records(found, kind, opening, options, writes=job.writes)
        records.is_owner = self._stream is None
        if self._given is not None:
            records.given = partial(self._given, found.name)
        return records

    def _kind(self, found: Found) -> Kind:
        """What the file is read as: by its path, whatever the document is called, if it has one."""
        return kind_of(found.path if self._stream is None else found.name)

    def _opening(self, found: Found) -> Opening:
        """The file, to be read; a stream can be had once, and is kept for the next time."""
        if self._stream is None:
            return Opening(found.path)
        self._opened = self._opened or Opening(found.path, self._stream)
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _finished(self, job: Job, task: Task, records: Records) -> Done:
        """What became of a file whose records are done: it is put in its place."""
        found = task.found
        if records.failure is not None:
            return Done(found, failure=records.failure)
        try:
            sides = records.sides
            tally = records.tally
            done = Done(
                found,
                tally,
                problems=tuple(records.problems),
                bad=records.bad,
                carried=task.planned is not None and task.planned == sides[0],
                marks=read.marks(records.opening.state) if records.opening.state else (),
            )
            if tally.changed and self.targets.plan is not None:
                reading = records.options
                if reading.encoding == AUTO:  # what it was read as, not what was asked for
                    reading = replace(reading, encoding=records.codec)
                line = plans.container_line(
                    found.name, sides, records.kind, reading, tally.changed_documents
                )
                done = replace(done, sides=sides, parts={work.PLAN: (line,)})
            if job.writes:
                copy = records.copied() if tally.changed else records.opening.content
                done = self._placed(job, task, done, records.opening, copy)
            return done
        except Exception as error:  # noqa: BLE001  whatever it is, the other files go on
            failure = failure_of(error, found.path).moved(found.name, found.path)
            return Done(found, failure=failure)

    def _placed(self, job: Job, task: Task, done: Done, opening: Opening, copy: Content) -> Done:
        """Put the copy of a container where the job says."""
        source = opening.source
        if job.in_place and done.changed and source.path is None:
            raise DedupError(task.found.path, "is not a regular file", "give -o FILE")
        if job.file == STDOUT:
            self.content = Content(content.whole(copy))  # which outlives the copy
            return done
        wrote, notes = work.put(job, task, source, copy, changed=done.changed)
        return replace(done, wrote=wrote, notes=(*done.notes, *notes))

    def _tasks(self) -> Iterator[Task]:
        planned = self._plan.sides if self._plan is not None else {}
        for found in self.files:
            _, output = planned.get(found.name, (None, None))
            given = self._given(found.name, 0) if self._given else b""
            yield Task(found, self._owned.get(found.name, frozenset()), output, given)

    def _pool(self, job: Job) -> Pool[AnyTask, AnyDone] | None:
        """Workers, if they pay and can be had."""
        is_small = sum(found.size for found in self.files) < MIN_POOL_BYTES
        has_records = any(kind_of(found.path) in RECORDS for found in self.files) or self._alone
        tasks = MANY if has_records else len(self.files)
        if (is_small and self._stream is None) or tasks < 2 or self.options.jobs == 1:
            return None
        from dedup.batch.pool import CannotStart, Pool, cores

        jobs = min(self.options.jobs or cores(), tasks)
        if jobs < 2:
            return None
        try:
            return Pool(partial(work.run_group, job), work.lost, jobs)
        except CannotStart as error:
            self.notes.append(f"worker processes cannot be started here ({error}): one does it all")
            return None

    # By a plan: decide everything, write the plan, then the files

    def _by_plan(self, job: Job, decided: Iterator[Done], spool: Spool) -> Iterator[Done]:
        sides = {}
        failed = False
        for done in decided:
            if done.sides is not None:
                sides[done.found.name] = done.sides
            # Our own bytes, which nobody else can write to: no other process sees this file.
            spool.add(pickle.dumps(done))
            failed = done.failure is not None
        if not (self._alone and failed):
            self._write_plan(spool, sides)
        lines = self._record_lines(spool)
        tasks = self._tasks()
        for done in map(pickle.loads, spool):
            if done.record:
                yield done
                continue
            task = next(tasks)
            if done.tally is None:
                yield done
            elif done.tally.documents is None:
                yield work.carried_out(job, task, done)
            else:
                mine = islice(lines, done.tally.changed_documents)
                yield self._carried_out(job, task, done, mine)
                deque(mine, maxlen=0)  # those that a failure has left

    def _record_lines(self, spool: Spool) -> Iterator[bytes]:
        """The plan's lines on records, in order."""
        for done in map(pickle.loads, spool):
            if done.record:
                yield from done.parts.get(work.PLAN, ())

    def _carried_out(self, job: Job, task: Task, done: Done, lines: Iterator[bytes]) -> Done:
        """Write the copy of a file of records that was decided earlier, if it is still what it was."""
        from dedup.batch.records import copied

        if job.in_place and not done.changed:
            return done
        found = task.found
        opening = self._opening(found)
        try:
            if not done.changed:
                return self._placed(job, task, done, opening, opening.content)
            entries = (plans.planned(plans.Line(line, found.path)) for line in lines)
            kind = self._kind(found)
            options = options_at(self.options, found.path)
            copy = copied(found.name, kind, opening, options, entries, plans.by_plan)
            if copy.sides != done.sides:
                raise DedupError(found.path, "changed while it was being read", "run it again")
            return self._placed(job, task, done, opening, copy.finish())
        except Exception as error:  # noqa: BLE001  whatever it is, it costs this file, not the others
            failure = failure_of(error, found.path)
            if failure.where.startswith(f"{found.path}#"):  # the file is what changed
                failure = DedupError(found.path, failure.what, failure.hint)
            return replace(done, tally=None, parts={}, failure=failure)
        finally:
            if self._stream is None:
                opening.close()

    def _write_plan(self, spool: Spool, sides: dict[str, tuple[Fingerprint, Fingerprint]]) -> None:
        assert self.targets.plan is not None
        old = self._plan
        if old is not None and not self.targets.force:
            carried = {
                done.found.name: old.sides[done.found.name]
                for done in map(pickle.loads, spool)
                if done.carried
            }
            if old.sides != sides | carried:
                raise DedupError(self.targets.plan, single.ANOTHER_PLAN, single.ANOTHER_NAME)
        lines = (line for done in map(pickle.loads, spool) for line in self._lines(done))
        write.write_file(self.targets.plan, plans.whole(lines, self.options, self._inputs))

    def _lines(self, done: Done) -> Iterator[bytes]:
        """The plan's lines on a file or record; none for one that is not changed."""
        name = done.found.name
        if not done.carried or self._plan is None:
            yield from done.parts.get(work.PLAN, ())
        elif name in self._plan.containers:
            entry = self._plan.containers[name]
            for line in (entry.line, *entry.lines.values()):
                yield line.data + b"\n"
        else:
            yield self._plan.lines[name].data + b"\n"

    # What is known along the way, and what is written at the end

    def _count(self, done: Done) -> None:
        if done.record:
            return
        self._wrote |= done.wrote
        for problem in done.problems:
            name = done.found.name + problem.place
            self.failures.append(Failure(name, problem.error.what))
        if done.bad > len(done.problems):
            what = f"{done.bad - len(done.problems):,} more records could not be read"
            self.failures.append(Failure(done.found.name, what))
        self.bad_records += done.bad
        self.failed += done.failure is not None
        if done.skipped:
            self.skipped[done.skipped] = self.skipped.get(done.skipped, 0) + 1
        if done.failure is not None:
            self.failures.append(single.failed(done.found, done.failure))
        if done.tally is None:
            return
        self._sums.add(done.tally)
        if done.changed:
            entry = (done.tally.removed_characters, -self._sums.changed, done.tally)
            push = heappush if len(self._heap) < WORST else heappushpop
            push(self._heap, entry)

    def _finish(self, job: Job, reports: Mapping[str, Sequence[Iterable[bytes]]]) -> None:
        self.worst = [tally for *_, tally in sorted(self._heap, reverse=True)]
        for kind, path in self.targets.reports:
            whole = single.report_module(kind).whole
            write.write_file(path, whole(self.options, self.totals, self.failures, reports[kind]))
        # What was written before, and is listed once, needs no settling.
        is_settled = not self._wrote and all(len(found) == 1 for found in self._owned.values())
        if job.output is not None and not is_settled:
            from dedup.files import manifest, tree

            manifest.settle(job.output, (found.name for found in self.files))
            tree.finish(job.output)


def _groups(tasks: Iterable[AnyTask], files: int) -> Iterator[list[AnyTask]]:
    """The tasks in groups that are worth handing over."""
    group: list[AnyTask] = []
    size = 0
    for task in tasks:
        group.append(task)
        is_file = isinstance(task, Task)
        size += task.found.size if isinstance(task, Task) else task.size
        if size >= GROUP_BYTES or len(group) >= (files if is_file else GROUP_FILES):
            yield group
            group, size = [], 0
    if group:
        yield group
