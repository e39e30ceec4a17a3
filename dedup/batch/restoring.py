"""Put back what a run took out: a cleaned text, or a folder of them, and the plan give the original."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dedup.errors import DedupError
from dedup.files import read
from dedup.files.content import Content, Stored, fingerprint_of
from dedup.files.formats import PACKED, kind_of
from dedup.files.opening import ANY_SIZE, Opening
from dedup.options import Options, with_values

if TYPE_CHECKING:
    from dedup.batch.work import Done, Job, Task
    from dedup.files.fingerprints import Fingerprint
    from dedup.files.plans import Plan, PlannedRecords
    from dedup.files.walk import Found


def load_plan(path: str) -> Plan:
    """The plan at ``path``."""
    from dedup.files import plans

    return plans.load(read.load(path).data, path)


def restore(opening: Opening, name: str, plan: Plan, plan_path: str) -> Stored:
    """What the cleaned file to be read, called ``name``, was made from, by the plan from ``plan_path``.

    What it gives can be read until ``opening`` is closed.
    """
    if not plan.sides:  # nothing was removed from any document of that run
        return opening.content
    name = _name_in(plan, plan_path, opening, name)
    if name in plan.containers:
        return restored_records(opening, plan.containers[name])
    from dedup.files import plans

    raw = opening.raw()
    return raw.stored_as(plans.restored(raw.data, plan.document(name), opening.path))


def _name_in(plan: Plan, plan_path: str, opening: Opening, name: str) -> str:
    """The plan's document with this content; if there is none, the one called ``name`` or the only one."""
    found = opening.fingerprint()
    candidates = [name for name, (_, output) in plan.sides.items() if output == found]
    candidates = candidates or [known for known in plan.sides if known == name]
    if not candidates and len(plan.sides) == 1:
        (only,) = plan.sides
        planned = plan.containers.get(only)
        if planned is None or name in ("", "-") or planned.kind == kind_of(name):
            candidates = [only]
    if not candidates:
        raise unknown(opening.path, plan_path)
    return candidates[0]


def unknown(path: str, plan_path: str) -> DedupError:
    """That a file was named which the plan does not know: it may be unchanged, or another plan's."""
    hint = "nothing was taken out of it then, or the plan is of another run"
    return DedupError(path, f"{plan_path} says nothing about it", hint)


def restored_records(opening: Opening, planned: PlannedRecords) -> Content:
    """The container as it was, made of the cleaned one that is to be read."""
    from dedup.batch.records import copied
    from dedup.files import plans

    entries = (plans.planned(line) for line in planned.lines.values())
    where = opening.path
    reading = _reading(planned)
    try:
        copy = copied(
            planned.name, planned.kind, opening, reading, entries, plans.restored, restores=True
        )
    except DedupError as error:
        raise error.moved(planned.name, where) from None
    before, after = copy.sides
    if before != planned.output:
        hint = "it was changed since, or the plan belongs to another text"
        raise DedupError(where, f"is not what this plan made of {planned.name}", hint)
    if after != planned.input:
        raise DedupError(where, "the plan does not give the original back", "the plan is damaged")
    return copy.finish()


def _reading(planned: PlannedRecords) -> Options:
    """How the records of the file were found when it was cleaned."""
    return with_values(Options(max_size=ANY_SIZE), planned.options)


class Restoration:
    """Many files restored by one plan. Iterating does it, and gives what became of each in order.

    ``roots`` are the folders, or files, that were cleaned or written. What of a folder the plan does not name was
    not changed and is copied; a file that was named itself, and is none of the plan's, is a failure.
    ``DedupError`` before anything is written for what is wrong with the whole.
    """

    def __init__(self, roots: Sequence[str], plan_path: str, job: Job) -> None:
        from dedup.files import manifest

        self.job = job
        self.plan = load_plan(plan_path)
        files = _cleaned(roots, self.plan, [plan_path])
        self._names = _planned_names(files, self.plan)
        self.files = tuple(found for found in files if self._is_ours(found))
        self._unknown = [found for found in files if not self._is_ours(found)]
        there = set(self._names.values())
        missing = [name for name in self.plan.sides if name not in there]
        self._dropped = [name for name in missing if self._is_dropped(name)]
        self.missing = [name for name in missing if name not in set(self._dropped)]
        if self.missing and not there:
            hint = "the plan is of another run, or other paths were given to clean"
            raise DedupError(plan_path, f"says nothing about {' and '.join(roots)}", hint)
        if not any(map(os.path.isdir, roots)):
            self.missing = []  # whoever names files has chosen
        self._plan_path = plan_path
        self._root = roots[0] if len(roots) == 1 else ""
        self._tasks = self._checked()
        self._leaves_list = job.output is None or bool(manifest.load(job.output))

    def _is_ours(self, found: Found) -> bool:
        """Whether the run of the plan had this file, as far as can be known, or changed no file at all."""
        return found.path in self._names or not found.explicit or not self.plan.sides

    def __iter__(self) -> Iterator[Done]:
        from dedup.batch.work import Done

        for found in self._unknown:
            yield Done(found, failure=unknown(found.path, self._plan_path))
        for task in self._tasks:
            try:
                yield self._restored(task)
            except DedupError as error:
                yield Done(task.found, failure=error)
        for name in self._dropped:
            yield self._put_back(name)
        if self.job.output is not None:
            from dedup.files import manifest, tree

            names = [*(found.name for found in self.files), *self._dropped]
            manifest.settle(self.job.output, names)
            if not self._leaves_list:  # it was for a run that is interrupted
                manifest.remove(self.job.output)
            tree.finish(self.job.output)

    def _is_dropped(self, name: str) -> bool:
        return name in self.plan.lines and self.plan.document(name).is_dropped

    def _put_back(self, name: str) -> Done:
        """Write a file that was dropped anew, beside those that were not."""
        from dedup.batch import work
        from dedup.files import plans, tree, write
        from dedup.files.packing import packed
        from dedup.files.walk import Found

        root = self.job.output or self._root
        path = os.path.join(root, *name.split("/"))
        found = Found(path, name, 0, explicit=False)
        try:
            data = plans.restored(b"", self.plan.document(name), path)
            if name.endswith(PACKED):
                data = packed(data, "gz" if name.endswith(".gz") else "zst")
            if self.job.output is not None:
                tree.write(root, name, data, model=None, owned=frozenset(), force=self.job.force)
            else:
                _check_place(root, path)
                write.write_file(path, data)
        except DedupError as error:
            return work.Done(found, failure=error)
        return work.Done(found, restored=True)

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

        found = task.found
        with Opening(found.path) as opening:
            stored: Stored = opening.content
            name = self._names.get(found.path)
            changed = name is not None and not self._is_original(name, opening)
            if name is not None and changed:
                stored = self._original(name, opening)
            _, notes = work.put(self.job, task, opening.source, stored, changed=changed)
        return work.Done(found, notes=tuple(notes), restored=changed)

    def _is_original(self, name: str, opening: Opening) -> bool:
        before, _ = self.plan.sides[name]
        if name not in self.plan.containers:
            return opening.fingerprint() == before
        planned = self.plan.containers[name]
        container = opening.container(planned.kind, name, _reading(planned))
        return fingerprint_of(piece.raw for piece in container.pieces()) == before

    def _original(self, name: str, opening: Opening) -> Stored:
        from dedup.files import plans

        planned = self.plan.containers.get(name)
        if planned is not None:
            return restored_records(opening, planned)
        raw = opening.raw()
        return raw.stored_as(plans.restored(raw.data, self.plan.document(name), opening.path))


def _check_place(root: str, path: str) -> None:
    """Make the folder of ``path`` below ``root``; ``DedupError`` if that is none, or something stands there."""
    if not os.path.isdir(root):
        hint = "name the folder that was cleaned, or give -o DIR"
        raise DedupError(path, "was dropped, and there is no folder to put it in", hint)
    inner = os.path.realpath(os.path.dirname(path))
    if os.path.commonpath([inner, os.path.realpath(root)]) != os.path.realpath(root):
        raise DedupError(path, "leads out of the folder to restore")
    if os.path.lexists(path):
        raise DedupError(path, "stands where a dropped file is to be put back", "move it away")
    os.makedirs(inner, exist_ok=True)


def _planned_names(files: Sequence[Found], plan: Plan) -> dict[str, str]:
    """What the plan calls each of the files, by its path, if it knows the file at all.

    One that was named itself has lost the folder in front of its name: it is known by its content too.
    """
    names = {found.path: found.name for found in files if found.name in plan.sides}
    others = [found for found in files if found.explicit and found.path not in names]
    taken = set(names.values())
    known: dict[Fingerprint, list[str]] = {}
    for name in plan.sides if others else ():
        if name not in taken:
            for side in plan.sides[name]:
                known.setdefault(side, []).append(name)
    for found in others:
        with Opening(found.path) as opening:
            candidates = known.get(opening.fingerprint(), [])
        if candidates:
            alike = [name for name in candidates if os.path.basename(name) == found.name]
            names[found.path] = (alike or candidates)[0]
    return names


def _cleaned(roots: Sequence[str], plan: Plan, own: Sequence[str]) -> tuple[Found, ...]:
    """The files that a run wrote, or cleaned in place.

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
    return files
