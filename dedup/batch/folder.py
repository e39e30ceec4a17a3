"""Many files cleaned in one run: checked before anything is written, done in order, one bad file never
stops the rest.

Without a plan each file is written as soon as it is decided. With one, everything is decided first, then
the plan is put on the disk, then the files are written by it: so an interrupted run can be
gone on with, and what was removed can always be put back.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from heapq import heappush, heappushpop
from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.batch import single, work
from dedup.batch.spool import Spool
from dedup.batch.targets import Targets, check_paths
from dedup.batch.work import Done, Job, Part, Task
from dedup.errors import DedupError
from dedup.files import read, write
from dedup.files.fingerprints import Fingerprint
from dedup.files.walk import Found, Selection
from dedup.model import Failure, Sums, Tally, Totals
from dedup.options import Options, deciding
from dedup.reports.parts import HEADS

if TYPE_CHECKING:
    from dedup.batch.pool import Pool
    from dedup.files.plans import Plan

GROUP_BYTES = 1 << 18
GROUP_FILES = 256
"""What a worker is given at a time is at least one of these: enough that handing it over is nothing."""

MIN_POOL_BYTES = 2 << 20
"""Input from which starting workers pays."""

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
    ) -> None:
        self.files = selection.files
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
        self._heap: list[tuple[int, int, Tally]] = []
        self._cache = cache
        self._salt = b""
        self._wrote = False
        self._parts = tuple(parts)
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

    def _job(self) -> Job:
        targets = self.targets
        parts = [*self._parts]
        for kind in dict.fromkeys(kind for kind, _ in targets.reports):
            parts.append(Part(kind, partial(work.report_parts, kind)))
        if targets.plan is not None:
            parts.append(Part(work.PLAN, work.plan_line, when="changed"))
        return Job(
            self.options,
            output=targets.output,
            in_place=targets.in_place,
            backup=targets.backup,
            force=targets.force,
            parts=tuple(parts),
            cache=self._cache,
            salt=self._salt,
        )

    # Before anything is read

    def _check(self) -> None:
        targets = self.targets
        written = [("--plan", targets.plan), *(("--report", path) for _, path in targets.reports)]
        named = [(flag, path) for flag, path in written if path is not None]
        output = [] if targets.output is None else [("-o", targets.output)]
        check_paths(None, named + output)
        paths = [path for _, path in named]
        self._refuse_inputs(paths)
        self._refuse_backups(paths)
        if targets.output is not None:
            from dedup.files import tree

            names = [found.name for found in self.files]
            sources = [found.path for found in self.files]
            self._refuse_inputs(os.path.join(targets.output, *name.split("/")) for name in names)
            self._owned = tree.check(targets.output, names, force=targets.force, sources=sources)
            _refuse_outputs(paths, targets.output, names)
            self._note_stale(set(names))
        elif targets.plan is not None:
            _refuse_equal_names(self.files)
        for kind, path in targets.reports:
            self._refuse_foreign_report(kind, path)
        if targets.plan is not None:
            self._plan = self._earlier_plan(targets.plan)
        if targets.output is not None:
            tree.prepare(targets.output)
        if self._cache is not None:
            from dedup.files.cache import open_cache

            if targets.output is not None and _is_inside(self._cache, targets.output):
                raise DedupError(f"--cache {self._cache}", "is part of the output folder", RENAME)
            with open_cache(self._cache, self.options) as cache:
                self._salt = cache.salt
                self.notes += [f"{self._cache}: {cache.note}"] if cache.note else []

    def _refuse_inputs(self, paths: Iterable[str]) -> None:
        """``DedupError`` if one of ``paths`` is an input, by whatever name."""
        there = {}
        for path in paths:
            state = _stat(path)
            if state is not None and os.path.isfile(path):
                there[state.st_dev, state.st_ino] = path
        for found in self.files if there else ():
            state = _stat(found.path)
            if state is not None and (state.st_dev, state.st_ino) in there:
                path = there[state.st_dev, state.st_ino]
                raise DedupError("", f"{path} would overwrite the input {found.path}", IN_PLACE)

    def _refuse_backups(self, paths: Sequence[str]) -> None:
        """``DedupError`` if a plan or report would take the place of a backup of this run."""
        suffix = self.targets.backup or ""
        for path in paths if suffix else ():
            real = os.path.realpath(path)
            if not real.endswith(suffix):
                continue
            state = _stat(real.removesuffix(suffix))
            for found in self.files if state else ():
                other = _stat(found.path)
                if state and other and os.path.samestat(state, other):
                    raise DedupError(path, f"is the place of the backup of {found.path}", RENAME)

    def _note_stale(self, names: set[str]) -> None:
        """Tell of texts in the output folder that an earlier run wrote and this one has no input for."""
        root = self.targets.output
        assert root is not None
        stale = [
            name
            for name in self._owned
            if name not in names and os.path.isfile(os.path.join(root, *name.split("/")))
        ]
        if stale:
            more = f" and {len(stale) - 1:,} more" if len(stale) > 1 else ""
            what = "from an earlier run: there is no input for it now"
            self.notes.append(f"{root}: {stale[0]}{more} stays, {what}")

    def _refuse_foreign_report(self, kind: str, path: str) -> None:
        """``DedupError`` if a file that is no report would be replaced: it may be a text to clean."""
        head = HEADS[kind]
        if self.targets.force or not os.path.isfile(path):
            return
        with read.problems_named(path), open(path, "rb") as file:
            found = file.read(len(head))
        if found and found != head:
            raise DedupError(path, "is there already, and is no report", "--force replaces it")

    def _earlier_plan(self, path: str) -> Plan | None:
        """The plan that stands at ``path``, to go on with it; None if there is none, or it does not count."""
        from dedup.files import plans

        if not os.path.lexists(path) or not os.path.isfile(path):
            return None
        try:
            plan = plans.load(read.load(path).data, path)
        except DedupError:
            if self.targets.force:
                return None
            raise
        if plan.options == deciding(self.options):
            return plan
        if self.targets.force:
            return None
        raise DedupError(path, single.ANOTHER_PLAN, single.ANOTHER_NAME)

    # Deciding, and writing what can be written at once

    def _decided(self, job: Job, stack: ExitStack) -> Iterator[Done]:
        if self.targets.plan is not None:
            job = replace(job, output=None, in_place=False)
        pool = self._pool(job)
        if pool is not None:
            # In place one at a time: a file that was replaced cannot be judged again if its worker dies.
            files = 1 if job.in_place else GROUP_FILES
            return stack.enter_context(pool).map(_groups(self._tasks(), files))
        worker = stack.enter_context(work.Worker(job))
        return map(worker.run, self._tasks())

    def _tasks(self) -> Iterator[Task]:
        planned = self._plan.sides if self._plan is not None else {}
        for found in self.files:
            _, output = planned.get(found.name, (None, None))
            yield Task(found, self._owned.get(found.name, frozenset()), output)

    def _pool(self, job: Job) -> Pool[Task, Done] | None:
        """Workers, if they pay and can be had."""
        is_small = sum(found.size for found in self.files) < MIN_POOL_BYTES
        if is_small or len(self.files) < 2 or self.options.jobs == 1:
            return None
        from dedup.batch.pool import CannotStart, Pool, cores

        jobs = min(self.options.jobs or cores(), len(self.files))
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
        for done in decided:
            if done.sides is not None:
                sides[done.found.name] = done.sides
            # Our own bytes, which nobody else can write to: no other process sees this file.
            spool.add(pickle.dumps(done))
        self._write_plan(spool, sides)
        for done, task in zip(map(pickle.loads, spool), self._tasks(), strict=True):
            yield work.carried_out(job, task, done) if done.tally is not None else done

    def _write_plan(self, spool: Spool, sides: dict[str, tuple[Fingerprint, Fingerprint]]) -> None:
        from dedup.files import plans

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
        lines = filter(None, (self._line(done) for done in map(pickle.loads, spool)))
        write.write_file(self.targets.plan, plans.whole(lines, self.options))

    def _line(self, done: Done) -> bytes:
        """The plan's line on a file; nothing for one that is not changed."""
        if done.carried and self._plan is not None:
            return self._plan.lines[done.found.name].data + b"\n"
        return b"".join(done.parts.get(work.PLAN, ()))

    # What is known along the way, and what is written at the end

    def _count(self, done: Done) -> None:
        self._wrote |= done.wrote
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


IN_PLACE = "use --in-place"
RENAME = "give it another name"


def _refuse_equal_names(files: Sequence[Found]) -> None:
    """``DedupError`` if two files have one name: a plan could not tell them apart."""
    for one, other in pairwise(files):  # they are sorted by name
        if one.name == other.name:
            what = f"{one.path} and {other.path} would both be {one.name} in the plan"
            raise DedupError("", what, "clean them one by one, or the folder they are in")


def _refuse_outputs(paths: Sequence[str], root: str, names: Iterable[str]) -> None:
    """``DedupError`` if a plan or report would take the place of a text below ``root``."""
    taken = set(names) if paths else set()
    for path in paths:
        inner = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        if inner.replace(os.sep, "/") in taken:
            raise DedupError(path, "is also the place of a cleaned text", RENAME)


def _is_inside(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or below it."""
    inner, outer = os.path.realpath(path), os.path.realpath(root)
    return inner == outer or inner.startswith(os.path.join(outer, ""))


def _groups(tasks: Iterable[Task], files: int) -> Iterator[list[Task]]:
    """The tasks in groups that are worth handing over."""
    group: list[Task] = []
    size = 0
    for task in tasks:
        group.append(task)
        size += task.found.size
        if size >= GROUP_BYTES or len(group) >= files:
            yield group
            group, size = [], 0
    if group:
        yield group


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
