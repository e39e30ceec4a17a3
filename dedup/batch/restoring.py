"""Put back what a run took out: a cleaned text, or a folder of them, and the plan give the original."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dedup.batch.single import ANY_BYTES, read_input
from dedup.errors import DedupError
from dedup.files.fingerprints import fingerprint
from dedup.files.read import Source

if TYPE_CHECKING:
    from dedup.batch.work import Done, Job, Task
    from dedup.files.plans import Plan
    from dedup.files.walk import Found


def restore(source: Source, plan_path: str) -> bytes:
    """The bytes the cleaned ``source`` was made from, by the plan at ``plan_path``."""
    from dedup.engine import plan as edits
    from dedup.files import plans

    where = source.path or source.document.name
    plan = plans.load(read_input(plan_path, None, None, ANY_BYTES).data, plan_path)
    if not plan.sides:  # nothing was removed from any document of that run
        return source.data
    entry = plan.document(_name_of(plan, source, where, plan_path))
    return plans.restored(source.data, entry, where, edits.restore)


def _name_of(plan: Plan, source: Source, where: str, plan_path: str) -> str:
    """The plan's document with this content; if there is none, the only one or the one so named."""
    found = fingerprint(source.data)
    candidates = [name for name, (_, output) in plan.sides.items() if output == found]
    candidates = candidates or [name for name in plan.sides if name == source.document.name]
    candidates = candidates or [*plan.sides][: len(plan.sides) == 1]
    if not candidates:
        raise DedupError(where, f"{plan_path} says nothing about it", "is it the right plan?")
    return candidates[0]


class Restoration:
    """Many files restored by one plan. Iterating does it, and gives what became of each in order.

    ``roots`` are the folders, or files, that were cleaned or written; what the plan does not name was
    not changed and is copied. ``DedupError`` before anything is written for what is wrong with the
    whole.
    """

    def __init__(self, roots: Sequence[str], plan_path: str, job: Job) -> None:
        from dedup.files import manifest, plans

        self.job = job
        self.plan = plans.load(read_input(plan_path, None, None, ANY_BYTES).data, plan_path)
        self.files, self.missing = _cleaned(roots, self.plan, [plan_path])
        self._tasks = self._checked()
        self._leaves_list = job.output is None or bool(manifest.load(job.output))

    def __iter__(self) -> Iterator[Done]:
        from dedup.batch.work import Done

        for task in self._tasks:
            try:
                yield self._restored(task)
            except DedupError as error:
                yield Done(task.found, failure=error)
        if self.job.output is not None:
            from dedup.files import manifest, tree

            manifest.settle(self.job.output, (found.name for found in self.files))
            if not self._leaves_list:  # it was for a run that is interrupted
                manifest.remove(self.job.output)
            tree.finish(self.job.output)

    def _checked(self) -> list[Task]:
        from dedup.batch.work import Task
        from dedup.files import tree

        if self.job.output is None:
            return [Task(found) for found in self.files]
        names = [found.name for found in self.files]
        paths = [found.path for found in self.files]
        owned = tree.check(self.job.output, names, force=self.job.force, sources=paths)
        return [Task(found, owned.get(found.name, frozenset())) for found in self.files]

    def _restored(self, task: Task) -> Done:
        from dedup.batch import work
        from dedup.engine import plan as edits
        from dedup.files import plans, read

        found = task.found
        raw = read.load(found.path)
        data = raw.data
        sides = self.plan.sides.get(found.name)
        if sides is not None and fingerprint(data) != sides[0]:
            entry = self.plan.document(found.name)
            data = plans.restored(data, entry, found.path, edits.restore)
        changed = data != raw.data
        _, notes = work.put(self.job, task, raw, data, changed=changed)
        return work.Done(found, notes=tuple(notes), restored=changed)


def _cleaned(
    roots: Sequence[str], plan: Plan, own: Sequence[str]
) -> tuple[tuple[Found, ...], list[str]]:
    """The files that a run wrote, or cleaned in place; and which of the plan's are not there.

    The manifest says what a run wrote to a folder; where there is none, it is every file.
    """
    from dedup.files import manifest, walk

    rules = walk.Rules(include=("*",), ignore=False, hidden=True, backup_suffix="", own=(*own,))
    chosen = walk.select(roots, [], rules)
    if chosen.problems:
        raise DedupError(*chosen.problems[0])
    files = chosen.files
    if len(roots) == 1 and os.path.isdir(roots[0]) and (written := manifest.load(roots[0])):
        files = tuple(found for found in files if found.name in written or found.name in plan.sides)
    there = {found.name for found in files}
    return files, [name for name in plan.sides if name not in there]
