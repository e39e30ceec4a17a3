"""What ``dedup check`` does once its arguments are known: plan as ``clean`` does, and say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Protocol

from dedup.batch import beforehand, folder, running, single
from dedup.batch.selecting import select
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_paths
from dedup.batch.work import Done, Part
from dedup.checks import alerts, summary
from dedup.checks.alerts import Checked, Trouble
from dedup.checks.gate import End, Gate, Limits
from dedup.cli import FAILED, FOUND, cleaning, outputs, streams
from dedup.cli import inputs as inputs_of
from dedup.cli import unused as unused_of
from dedup.cli.folders import Teller, listed, tell_notes
from dedup.cli.inputs import Inputs, refuse_many
from dedup.cli.progress import Progress
from dedup.cli.sieving import Accepting, Sieves
from dedup.cli.signals import finish
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError
from dedup.files import walk
from dedup.files.selection import Found
from dedup.model import KEPT_LOOKALIKE, Failure, Sums, Totals
from dedup.options import Options

ALERTS = "alerts"
"""Name of the part that is a document's alerts."""

ELSEWHERE = "give another name, or leave that file out with --exclude"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a check is to be done, beside its options."""

    format: str = "text"
    output: str | None = None
    """The file for what otherwise goes to standard output."""
    also: tuple[tuple[str, str], ...] = ()
    """More formats, each with its file."""
    limits: Limits = Limits()  # noqa: RUF009  it is frozen
    accepting: Accepting = Accepting()  # noqa: RUF009
    exit_zero: bool = False
    cache: str | None = None
    progress: bool | None = None

    @property
    def formats(self) -> list[outputs.Wanted]:
        """What is to be written, with its file."""
        return [(self.format, self.output), *self.also]

    @property
    def own(self) -> list[str]:
        """Paths that are never read as texts."""
        return [*self.accepting.own, "/dev/stdout", *filter(None, [self.cache])]

    @property
    def made(self) -> list[str]:
        """Paths of what is written."""
        return [path for _, path in self.files]

    @property
    def files(self) -> list[tuple[str, str]]:
        """The files to write, each with its flag."""
        named = [] if self.output is None else [("--output-file", self.output)]
        return named + [("--report", path) for _, path in self.also] + self.accepting.written


class Work(Protocol):
    """The documents as they are done, and what is known of all of them at the end."""

    skipped: dict[str, int]
    failures: list[Failure]

    @property
    def totals(self) -> Totals:
        """The sums over all documents done so far."""

    def __iter__(self) -> Generator[Done]:
        """What became of each."""


class Piped:
    """The one text on standard input, as a run over files would have it."""

    def __init__(
        self,
        path: str | None,
        name: str | None,
        options: Options,
        targets: Targets,
        cache: str | None,
        talk: Talk,
        parts: Sequence[Part] = (),
    ) -> None:
        """``path``: ``-`` if standard input was asked for by name, else None."""
        self.skipped: dict[str, int] = {}
        self.failures: list[Failure] = []
        self._sums = Sums()
        self._source = inputs_of.source(path, name, options)
        self._made = (options, targets, cache, talk)
        self._is_unnamed = name is None
        self.parts = parts

    @property
    def totals(self) -> Totals:
        """The sums, once it is done."""
        return self._sums.totals

    def __iter__(self) -> Generator[Done]:
        options, targets, cache, talk = self._made
        if self._is_unnamed:
            cleaning.note_likeness(self._source.data, talk)
        alike = bool(targets.reports) or any(part.names_alike for part in self.parts)
        outcome = cleaning.processed(self._source, options, cache, talk, alike=alike)
        if outcome.broken:
            raise single.unsafe(outcome)
        tally = outcome.result.tally
        self._sums.add(tally)
        single.write_reports(outcome, targets.reports, options)
        found = Found(streams.STDIN, tally.name, len(self._source.data), explicit=True)
        parts = {part.name: part.make(outcome) for part in self.parts if part.applies(tally)}
        yield Done(found, tally, parts=parts, notes=(tally.note,) if tally.note else ())


def run(
    inputs: Inputs,
    stdin_filename: str | None,
    targets: Targets,
    settings: Settings,
    talk: Talk,
    asked: Asked,
) -> int:
    """Check all documents, and write what is wrong with them; the exit status."""
    is_piped = inputs.is_piped
    if is_piped:
        settings = settings.at(stdin_filename)
    options = settings.options
    check_paths(None, [*asked.files, *(("--report", path) for _, path in targets.reports)])
    if is_piped and asked.accepting.since is not None:
        what = f"--since {asked.accepting.since} compares files, and the input is standard input"
        raise DedupError("", what, "name the file or folder")
    more = listed(inputs)
    sieves = Sieves(asked.accepting, inputs, more)
    if is_piped and not inputs.has_records(stdin_filename):
        work: Work = Piped(
            inputs.first, stdin_filename, options, targets, asked.cache, talk, parts=_parts(talk)
        )
        chosen = walk.Selection((), {})
    else:
        chosen, work = _run(inputs, more, stdin_filename, targets, options, talk, asked)
    gate = Gate(sieves.all, asked.limits)
    unused = unused_of.Unused(talk)
    name = (stdin_filename or single.STDIN_NAME) if is_piped else None
    writes_files = bool(asked.files or targets.reports)
    with outputs.opened(asked.formats, options, talk, writes_files=writes_files) as out:
        notes: list[str] = []
        empty: list[str] = []

        def heard(done: Done, path: str) -> None:
            unused.tell(done, path)
            notes.extend(f"{path}: {note}" for note in done.notes)

        done = _done(work, chosen, talk, asked.progress, heard, name)
        for checked in map(gate.passed, chain(_unread(chosen), _checked(done, name, chosen))):
            out.document(checked)
            if checked.tally and checked.tally.documents == 0:
                empty.append(checked.path)
        if not work.totals.documents and not work.failures and not chosen.is_spared:
            raise _nothing_analysed(inputs, replace(chosen, skipped=work.skipped), empty)
        warnings = sieves.warnings(failed=bool(work.failures))
        unused.tell_keeps(settings, inputs, work)
        every = [*warnings, *unused.warnings, *notes]
        end = gate.end(work.totals, work.failures, work.skipped, every)
        end = replace(end, status=_status(end, asked))
        out.end(end)
    lines = list(sieves.update(end) if asked.accepting.update else summary.lines(end))
    finish()
    for line in lines:
        talk.note(line)
    for line in warnings:
        talk.note(f"dedup: note: {line}")
        talk.note(f"hint: {sieves.hint()}")
    return end.status


def _nothing_analysed(inputs: Inputs, chosen: walk.Selection, empty: Sequence[str]) -> DedupError:
    """That no text was looked at: of a file of records there may be none in it, or none that is a text."""
    if not empty:
        return walk.nothing_selected(inputs.paths, chosen)
    if len(empty) == 1:
        return DedupError(empty[0], "holds no records with text")
    return DedupError("", f"{empty[0]} and {len(empty) - 1:,} more hold no records with text")


def _status(end: End, asked: Asked) -> int:
    if end.failures:
        return FAILED
    return FOUND if end.exceeded and not asked.exit_zero else 0


def _run(
    inputs: Inputs,
    more: Sequence[str],
    stdin_filename: str | None,
    targets: Targets,
    options: Options,
    talk: Talk,
    asked: Asked,
) -> tuple[walk.Selection, folder.Run]:
    """The files, those of the list ``more`` among them, and the run over them."""
    is_piped = inputs.is_piped
    stream = None
    if is_piped:
        found, stream = inputs_of.found(inputs.first, stdin_filename)
        chosen = walk.Selection((found,), {})
    else:
        refuse_many(inputs.paths, None, in_place=False, looks=True)
        chosen = select(inputs.paths, targets, options, listed=more, own=asked.own, made=asked.made)
        beforehand.refuse_inputs(chosen.files, asked.made, ELSEWHERE)
    work = running.run(
        chosen,
        targets,
        options,
        parts=_parts(talk),
        cache=asked.cache,
        alone=is_piped,
        looks=True,
        alike=False,
        stream=stream,
    )
    return chosen, work


def _parts(talk: Talk) -> list[Part]:
    """The alerts of a document, with ``-v`` notes among them; and which of its comments are of no use."""
    is_wordy = talk.level > 0
    make = partial(alert_part, notes=is_wordy)
    return [Part(ALERTS, make, when="found" if is_wordy else "told"), unused_of.PART]


def alert_part(outcome: Outcome, *, notes: bool) -> tuple[bytes, ...]:
    """A document's alerts, to be sent to another process."""
    source = outcome.source
    lines = (0, 0)
    if source.line:
        lines = (source.line, source.line + source.data.rstrip(b"\r\n").count(b"\n"))
    found = alerts.of(outcome.result, source.record, lines)
    return alerts.pickled(tuple(one for one in found if notes or one.name != KEPT_LOOKALIKE))


def _unread(chosen: walk.Selection) -> Iterator[Checked]:
    """What could not even be looked for."""
    for path, reason in chosen.problems:
        yield Checked(path, path, None, troubles=(Trouble(reason),))


def _checked(
    results: Iterable[Done], stdin: str | None, chosen: walk.Selection
) -> Iterator[Checked]:
    """What there is to say of each document that was looked at, or ought to have been."""
    paths = {found.name: found.path for found in chosen.files}

    def path_of(name: str) -> str:
        file = name if name in paths else name.rpartition("#")[0]
        return stdin or paths.get(file, name)

    for done in results:
        if done.skipped:
            continue
        path = stdin or done.found.path
        name = done.found.name + (f"#{done.record}" if done.record else "")
        found = alerts.located(alerts.unpickled(done.parts.get(ALERTS, ())), path, path_of)
        yield Checked(name, path, done.tally, found, done.record, tuple(_troubles(done)))


def _troubles(done: Done) -> Iterator[Trouble]:
    if done.failure is not None:
        yield Trouble(single.failed(done.found, done.failure).reason)
    for place, error in done.problems:
        yield Trouble(error.what, place)
    if done.bad > len(done.problems):
        yield Trouble(f"{done.bad - len(done.problems):,} more records could not be read")


def _done(
    work: Work,
    chosen: walk.Selection,
    talk: Talk,
    progress: bool | None,
    heard: Callable[[Done, str], None],
    stdin: str | None,
) -> Iterator[Done]:
    """What became of each file, while errors and progress are told; ``heard`` hears of it first, with its path."""
    told = Teller(talk, would=True)
    noted = tell_notes(work, talk) if isinstance(work, folder.Run) else 0
    with Progress(progress, talk, chosen) as bar, closing(iter(work)) as results:
        if isinstance(work, folder.Run):
            work.on_read = bar.read
        for done in results:
            path = (stdin or done.found.path) + (f"#{done.record}" if done.record else "")
            told.tell_trouble(done, path)
            heard(done, path)
            yield done
            if not done.record:
                bar.advance(done)
    if isinstance(work, folder.Run):
        tell_notes(work, talk, noted)
