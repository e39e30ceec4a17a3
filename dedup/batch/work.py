"""What is done with one file of many, in whatever process: read, analyze or remember, prove, write.

Whatever goes wrong with a file is part of what is reported of it; only being told to stop ends a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from dedup.batch import single
from dedup.batch.faults import failure_of
from dedup.batch.records import PLAN as PLAN
from dedup.batch.records import Problem, RecordDone, RecordTask
from dedup.batch.single import Outcome
from dedup.errors import DedupError, NoField
from dedup.files import read, write
from dedup.files.fingerprints import Fingerprint, fingerprint
from dedup.files.formats import Kind, kind_of
from dedup.files.opening import Opening
from dedup.files.overrides import options_at
from dedup.files.read import Raw, Source
from dedup.files.selection import BASELINE_HEAD, BINARY, NO_FIELD, OWN, Found, is_binary
from dedup.model import KEPT_LOOKALIKE, DocumentResult, Tally
from dedup.options import FIELD, Options
from dedup.reports.parts import HEADS

if TYPE_CHECKING:
    from dedup.files.cache import Cache
    from dedup.files.content import Stored
    from dedup.files.remembered import Remembered

_LINE_ENDS = (b"\n", b"\r\n")
OURS = (*HEADS.values(), b'{"format":"dedup-', *(BASELINE_HEAD + b"1" + end for end in _LINE_ENDS))
"""How reports, plans, lists of files and baselines begin, which are no texts whatever they are called."""


class Part(NamedTuple):
    """Something that is wanted of each file beside its numbers: a report's part, a diff, a line."""

    name: str
    make: Callable[[Outcome], tuple[bytes, ...]]
    """Is sent to other processes: a function of a module, or a ``partial`` of one."""
    when: Literal["always", "changed", "told", "found", "directives"] = "always"
    """For which files: all, those that change, those with findings other than look-alikes, those with any, or with
    comments to dedup."""

    @property
    def names_alike(self) -> bool:
        """Whether it names look-alikes, which stay."""
        return self.when in ("always", "found")

    def applies(self, tally: Tally) -> bool:
        """Whether it is wanted of a file with these numbers."""
        if self.when == "always":
            return True
        if self.when == "directives":
            return tally.directives > 0
        if self.when == "told":
            return tally.changed or any(name != KEPT_LOOKALIKE for name in tally.findings)
        return tally.changed if self.when == "changed" else bool(tally.findings)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with every file. Plain values: it is sent to other processes."""

    options: Options
    output: str | None = None
    """Root of the folder to write to."""
    file: str | None = None
    """The file to write to if there is only one input; ``-`` if standard output waits for it."""
    in_place: bool = False
    backup: str | None = None
    force: bool = False
    parts: tuple[Part, ...] = ()
    """What else is wanted of each file."""
    cache: str | None = None
    """Folder that remembers results."""
    salt: bytes = b""
    """What the keys in it begin with, if that is known."""
    alike: bool = True
    """Whether look-alikes, which stay, are wanted among the findings; what is remembered has them anyway."""

    @property
    def writes(self) -> bool:
        """Whether files are written, and not only decided about."""
        return self.output is not None or self.file is not None or self.in_place


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and what its place in the output may hold now, as far as that is ours."""

    found: Found
    owned: frozenset[Fingerprint] = frozenset()
    planned: Fingerprint | None = None
    """What an earlier plan, now to be gone on with, made of it."""
    given: bytes = b""
    """What was decided of it beforehand, as ``given.packed``, if it is not to be decided now."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file."""

    found: Found
    tally: Tally | None = None
    """Its numbers; None if it failed or was skipped."""
    failure: DedupError | None = None
    skipped: str = ""
    """Why it was not read after all, though the walk had chosen it."""
    notes: tuple[str, ...] = ()
    """What a reader should know of it."""
    parts: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """Whatever the job wanted, by name; nothing for a file that is not part of it."""
    marks: tuple[int, ...] = ()
    """What the file was when it was read, to notice that it has changed since."""
    wrote: bool = False
    """Whether a file was written for it below the root of the output; else it stood there already."""
    restored: bool = False
    """Whether what was removed from it was put back."""
    carried: bool = False
    """Whether it is already what the earlier plan makes of it."""
    sides: tuple[Fingerprint, Fingerprint] | None = None
    """What it was and what it comes to; known if it changes and a plan is wanted."""
    record: int = 0
    """Number of the record that this is about; 0 for the file as a whole, which comes before them."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with some of its records."""
    bad: int = 0
    """How many records something is wrong with."""

    @property
    def changed(self) -> bool:
        """Whether text is removed."""
        return self.tally is not None and self.tally.changed


AnyTask = Task | RecordTask
AnyDone = Done | RecordDone


class Worker:
    """Does the files of one job, one after the other."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.cache: Cache | None = None
        if job.cache is not None:
            from dedup.files.cache import open_cache

            self.cache = open_cache(job.cache, job.options, job.salt)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        if self.cache is not None:
            self.cache.close()

    def run(self, task: AnyTask) -> AnyDone:
        """What becomes of a file or record. Never raises anything that one could be the cause of."""
        return self.file(task) if isinstance(task, Task) else self.record(task)

    def record(self, task: RecordTask) -> RecordDone:
        """What becomes of a record."""
        source = task.source
        if source is None:
            return RecordDone()
        try:
            return self._record(source, task.path, task.given)
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return RecordDone(failure=failure_of(error, source.document.name))

    def _record(self, source: Source, path: str, given: bytes) -> RecordDone:
        options, cache = self._settings(path)
        if given:
            tally = self._given_tally(source.document.name, given)
            if tally is not None:
                return RecordDone(tally)
            return self._told(given_outcome(source, options, given))
        key = b""
        if cache is not None:
            key = record_key(cache, source)
            known = cache.get(key, source.document.name)
            if known is not None and not self._needs_result(known.tally):
                return RecordDone(known.tally)
        outcome, _ = recalled(source, options, cache, key, alike=self.job.alike)
        return self._told(outcome)

    def _told(self, outcome: Outcome) -> RecordDone:
        if outcome.broken:
            raise single.unsafe(outcome)
        tally = outcome.result.tally
        parts = {p.name: p.make(outcome) for p in self.job.parts if p.applies(tally)}
        data = outcome.data if tally.changed else None
        return RecordDone(tally, data, parts, dropped=outcome.result.is_dropped)

    def _given_tally(self, name: str, given: bytes) -> Tally | None:
        """The numbers of a document decided beforehand, if no more is needed of it."""
        from dedup.batch.given import tally_of

        tally = tally_of(name, given)
        return None if tally is None or self._needs_result(tally) else tally

    def _settings(self, path: str | None) -> tuple[Options, Cache | None]:
        """What holds for the document at ``path``, and the cache for what is decided so."""
        options = options_at(self.job.options, path)
        return options, self.cache and self.cache.under(options)

    def file(self, task: Task) -> Done:
        """What becomes of a file that is one document."""
        try:
            return self._run(task)
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return Done(task.found, failure=failure_of(error, task.found.path))

    def _run(self, task: Task) -> Done:
        found = task.found
        known = self._glanced(task)
        if known is not None:
            return known
        raw = read.load(found.path, self.job.options.max_size)
        if not found.explicit and (reason := skipped(raw.data, kind_of(found.path))):
            return Done(found, skipped=reason)
        tally, data, outcome = self._answer(raw, found, task.given)
        parts = {}
        if outcome is not None:
            parts = {p.name: p.make(outcome) for p in self.job.parts if p.applies(tally)}
        notes = [tally.note] if tally.note else []
        wrote = False
        if self.job.writes:
            if outcome is not None and outcome.result.is_dropped:
                drop(self.job, task, raw)
            else:
                stored = raw.stored_as(data)
                wrote, told = put(self.job, task, raw, stored, changed=tally.changed)
                notes += told
        return Done(
            found,
            tally,
            notes=tuple(notes),
            wrote=wrote,
            parts=parts,
            marks=read.marks(raw.stat) if raw.stat else (),
            carried=bool(task.planned) and task.planned == fingerprint(raw.data),
            sides=_sides(outcome.source.data, data) if outcome and PLAN in parts else None,
        )

    def _glanced(self, task: Task) -> Done | None:
        """What became of a file for which nothing is left to do, if that can be told without reading it."""
        found = task.found
        options, cache = self._settings(found.path)
        if task.given and not self.job.output and not self.job.file:
            return self._as_given(task)
        if cache is None or task.planned or task.given or _converts(found, options):
            return None
        try:
            state = os.stat(found.path)
        except OSError:
            return None  # the reader says what is wrong
        known = cache.glance(state, kind_of(found.path), found.name)
        if known is None or not self._is_done(task, known):
            return None
        notes = (known.tally.note,) if known.tally.note else ()
        return Done(found, known.tally, notes=notes, marks=read.marks(state))

    def _as_given(self, task: Task) -> Done | None:
        """What became of a file that stays as it is by what was decided beforehand."""
        found = task.found
        tally = None if task.planned else self._given_tally(found.name, task.given)
        if tally is None:
            return None
        try:
            marks = read.marks(os.stat(found.path))
        except OSError:
            return None
        notes = (tally.note,) if tally.note else ()
        return Done(found, tally, notes=notes, marks=marks)

    def _is_done(self, task: Task, known: Remembered) -> bool:
        """Whether a file whose numbers these are already stands where it is to be written."""
        job = self.job
        if any(part.applies(known.tally) for part in job.parts):
            return False
        if job.output is None:
            return not (job.in_place and known.tally.changed)
        if known.output is None or known.output not in task.owned:
            return False
        from dedup.files import tree

        return tree.holds(job.output, task.found.name, known.output)

    def _answer(self, raw: Raw, found: Found, given: bytes) -> tuple[Tally, bytes, Outcome | None]:
        """The numbers, the bytes it comes to, and unless nobody needs it, the answer in full."""
        options, cache = self._settings(found.path)
        if given:
            tally = self._unchanged(raw, found, given, options)
            if tally is not None:
                return tally, raw.data, None
            source = single.decoded(raw, found.name, options, kind_of(found.path))
            outcome = given_outcome(source, options, given)
            if outcome.broken:
                raise single.unsafe(outcome)
            return outcome.result.tally, outcome.data, outcome
        key, known = b"", None
        if cache is not None:
            key = cache.key(raw.data, kind_of(found.path))
            known = cache.get(key, found.name)
        converts = _converts(found, options) and self.job.writes
        if known is not None and not converts and not self._needs_result(known.tally):
            _note_state(cache, raw, known)
            return known.tally, raw.data, None
        source = single.decoded(raw, found.name, options, kind_of(found.path))
        outcome, known = recalled(source, options, cache, key, alike=self.job.alike)
        if outcome.broken:
            raise single.unsafe(outcome)
        _note_state(cache, raw, known)
        return outcome.result.tally, outcome.data, outcome

    def _unchanged(self, raw: Raw, found: Found, given: bytes, options: Options) -> Tally | None:
        """The numbers of a file decided beforehand that stays as it is, if that is all that is needed of it."""
        from dedup.batch.given import fingerprint_of

        tally = None if _converts(found, options) else self._given_tally(found.name, given)
        return tally if tally and fingerprint(raw.data) == fingerprint_of(given) else None

    def _needs_result(self, tally: Tally) -> bool:
        """Whether more than the numbers is needed of a document whose numbers are these."""
        to_write = tally.changed and self.job.writes
        return to_write or any(part.applies(tally) for part in self.job.parts)


def given_outcome(source: Source, options: Options, given: bytes) -> Outcome:
    """The outcome that was decided beforehand."""
    from dedup.batch.given import outcome_of

    return outcome_of(source, options, given)


def _note_state(cache: Cache | None, raw: Raw, known: Remembered | None) -> None:
    if cache is None or known is None or raw.stat is None or is_binary(raw.data):
        return
    if raw.packing:  # what its output is compressed to is not remembered
        return
    # The numbers of a file that stays as it is do not say what its output is: its own bytes.
    output = known.output or fingerprint(raw.data)
    cache.note_state(raw.stat, kind_of(raw.path or ""), replace(known, output=output))


def _converts(found: Found, options: Options) -> bool:
    """Whether what is written is another text even where nothing is removed."""
    return options.html_input == "extract" and kind_of(found.path) == "html"


def record_key(cache: Cache, source: Source) -> bytes:
    """What the record is found by in the cache.

    Its bytes alone do not tell what is looked at in them: that depends on the header of its file, and a
    file of text may hold the same.
    """
    text = source.document.text.encode("utf-8", "surrogatepass")
    return cache.key(len(text).to_bytes(8, "big") + text + source.data, "a record")


def recalled(
    source: Source,
    options: Options,
    cache: Cache | None,
    key: bytes = b"",
    *,
    alike: bool = True,
) -> tuple[Outcome, Remembered | None]:
    """The document's answer, from the cache if it is there, else computed; and what is remembered of it.

    ``key``: the document's in the cache, if that is known. Without ``alike`` an answer that is not remembered
    names no look-alikes.
    """
    if cache is None:
        return single.process(source, options, alike=alike), None
    key = key or cache.key(source.data, source.document.format)
    remembered = cache.get(key, source.document.name)
    if remembered is not None:
        known = known_result(source, options, remembered)
        if known is not None:
            return single.with_bytes(source, options, known), remembered
    outcome = single.process(source, options)
    if outcome.broken:
        return outcome, None
    from dedup.files.cache import remember

    to_keep = remember(outcome.result, outcome.data)
    if to_keep is not None:
        cache.put(key, to_keep)
    return outcome, to_keep


def known_result(source: Source, options: Options, remembered: Remembered) -> DocumentResult | None:
    """The result that was remembered of a document; None if it does not fit it."""
    from dedup.engine import plan

    known = remembered.result(source.document, plan.apply, partial(_bytes_of, source, options))
    return known and known[0]


def _bytes_of(source: Source, options: Options, result: DocumentResult) -> bytes:
    from dedup.engine.plan import UnsafePlan

    try:
        return single.with_bytes(source, options, result).data
    except UnsafePlan as error:
        raise ValueError(str(error)) from None


def skipped(head: bytes, kind: Kind) -> str:
    """Why a file of this kind that begins so is not read, if it was not named; empty if it is."""
    if head.startswith(OURS):
        return OWN
    return BINARY if kind not in ("parquet", "warc") and is_binary(head) else ""


def without_texts(found: Found, kind: Kind, options: Options) -> str:
    """Why a file of records is not read that was not named, and that holds something else than texts: none of its
    records has the field that is looked for unless one is named. Empty if it is read."""
    if found.explicit or kind not in ("jsonl", "csv", "tsv", "parquet") or options.field != FIELD:
        return ""
    try:
        with Opening(found.path) as opening:
            pieces = opening.container(kind, found.name, options).pieces()
            lacking = (piece.has_no_field for piece in pieces if piece.number)
            return NO_FIELD if next(lacking, False) and all(lacking) else ""
    except NoField:
        return NO_FIELD
    except Exception:  # noqa: BLE001  whatever it is, the reader says what is wrong
        return ""


def run_group(job: Job, tasks: Sequence[AnyTask]) -> list[AnyDone]:
    """What becomes of each task's file or record, in a process that may do other groups of the job as well."""
    with Worker(job) as worker:
        return [worker.run(task) for task in tasks]


def lost(task: AnyTask) -> AnyDone:
    """What to say of a file or record during which the worker died."""
    if isinstance(task, RecordTask):
        return RecordDone(failure=DedupError("", LOST.format("record")))
    what = LOST.format("file")
    return Done(task.found, failure=DedupError(task.found.path, what))


LOST = "its worker process was killed; perhaps the memory is too small for this {}"


def carried_out(job: Job, task: Task, done: Done) -> Done:
    """Write what was decided earlier, if the file is still what it was then."""
    try:
        return _carried_out(job, task, done)
    except Exception as error:  # noqa: BLE001  whatever it is, it costs this file, not the others
        failure = failure_of(error, task.found.path)
        return replace(done, tally=None, parts={}, failure=failure)


def _carried_out(job: Job, task: Task, done: Done) -> Done:
    path = task.found.path
    if job.output is None and not done.changed:
        return done
    raw = read.load(path, job.options.max_size)
    if raw.stat is not None and read.marks(raw.stat) != done.marks:
        raise DedupError(path, "changed while it was being read", "run it again")
    source: Raw = raw
    options = options_at(job.options, path)
    if options.html_input == "extract":
        source = single.decoded(raw, done.found.name, options, kind_of(path))
    data = source.data
    if done.changed:
        from dedup.files import plans

        (line,) = done.parts[PLAN]
        entry = plans.planned(plans.Line(line, done.found.path))
        data = plans.by_plan(data, entry, path)
        if entry.is_dropped:
            drop(job, task, raw)
            return done
    stored = raw.stored_as(data)
    wrote, notes = put(job, task, raw, stored, changed=done.changed)
    return replace(done, notes=(*done.notes, *notes), wrote=wrote)


def _sides(before: bytes, after: bytes) -> tuple[Fingerprint, Fingerprint]:
    return fingerprint(before), fingerprint(after)


def put(
    job: Job, task: Task, source: Raw, data: Stored, *, changed: bool
) -> tuple[bool, list[str]]:
    """Write what a file is to hold where the job says.

    Whether that made a file below the root of the output, and what a reader should know about it.
    """
    if job.output is not None:
        from dedup.files import tree

        model = source.path if source.stat else None
        made = tree.write(
            job.output, task.found.name, data, model=model, owned=task.owned, force=job.force
        )
        return made == tree.WRITTEN, []
    if job.file is not None:
        write.write_file(job.file, data)
    elif changed:
        single.replace_input(source, data, job.backup)
        if source.has_other_links:
            return False, [single.OTHER_LINKS]
    return False, []


def drop(job: Job, task: Task, source: Raw) -> None:
    """Let a file that goes as a whole not be where the job writes."""
    if job.output is not None:
        from dedup.files import tree

        tree.remove(job.output, task.found.name, owned=task.owned, force=job.force)
    elif job.in_place:
        if job.backup is not None:
            write.back_up(source, job.backup)
        write.remove_file(source)
