"""What ``dedup check`` does once its arguments are known: plan as ``clean`` does, and say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_paths
from dedup.batch.work import Done, Part
from dedup.checks import alerts, summary
from dedup.checks.alerts import Checked, Trouble
from dedup.checks.gate import End, Gate, Limits
from dedup.cli import FAILED, FOUND, looking, outputs
from dedup.cli import unused as unused_of
from dedup.cli.folders import listed
from dedup.cli.inputs import Inputs
from dedup.cli.sieving import Accepting, Sieves
from dedup.cli.signals import finish
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError
from dedup.files import walk
from dedup.model import KEPT_LOOKALIKE

ALERTS = "alerts"
"""Name of the part that is a document's alerts."""


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
    chosen, work = looking.opened(
        inputs,
        more,
        stdin_filename,
        targets,
        options,
        talk,
        parts=_parts(talk),
        cache=asked.cache,
        own=asked.own,
        made=asked.made,
    )
    gate = Gate(sieves.all, asked.limits)
    unused = unused_of.Unused(talk)
    name = (stdin_filename or single.STDIN_NAME) if is_piped else None
    writes_files = bool(asked.files or targets.reports)
    has_baseline = bool(asked.accepting.baseline)
    with outputs.opened(
        asked.formats, options, talk, writes_files=writes_files, has_baseline=has_baseline
    ) as out:
        notes: list[str] = []
        empty: list[str] = []

        def heard(done: Done, path: str) -> None:
            unused.tell(done, path)
            notes.extend(f"{path}: {note}" for note in done.notes)

        done = looking.done(work, chosen, talk, asked.progress, heard, name)
        for checked in map(gate.passed, chain(_unread(chosen), _checked(done, name, chosen))):
            out.document(checked)
            if checked.tally and checked.tally.documents == 0:
                empty.append(checked.path)
        if not work.totals.documents and not work.failures and not chosen.is_spared:
            raise looking.nothing_analysed(inputs, replace(chosen, skipped=work.skipped), empty)
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


def _status(end: End, asked: Asked) -> int:
    if end.failures:
        return FAILED
    return FOUND if end.exceeded and not asked.exit_zero else 0


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
