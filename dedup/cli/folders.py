"""What ``dedup clean`` does with several files: choose them, clean them, say what happened."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from dedup.batch import folder, running
from dedup.batch.selecting import select
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_targets
from dedup.batch.work import Done, Part
from dedup.cli import FAILED, FOUND, INTERRUPTED, streams
from dedup.cli import inputs as inputs_of
from dedup.cli.cleaning import Differ, differ
from dedup.cli.inputs import Inputs, refuse_many
from dedup.cli.progress import Progress
from dedup.cli.signals import Terminated, finish
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.files import read, walk
from dedup.model import Tally
from dedup.options import Options

DIFF = "diff"
FINDINGS = "findings"


class Asked(NamedTuple):
    """How a run is to be done, beside its options."""

    diff: bool
    check: bool
    cache: str | None
    progress: bool | None

    @property
    def looks(self) -> bool:
        """Whether nothing is to be written."""
        return self.diff or self.check


def run(
    inputs: Inputs,
    targets: Targets,
    options: Options,
    talk: Talk,
    asked: Asked,
) -> int:
    """Clean all files, and say what went; the exit status."""
    refuse_many(inputs.paths, targets.output, in_place=targets.in_place, looks=asked.looks)
    own = ["/dev/stdout", *filter(None, [asked.cache])]
    chosen = select(inputs.paths, targets, options, listed=listed(inputs), own=own)
    work = running.run(
        chosen,
        targets,
        options,
        parts=_parts(talk, diff=asked.diff),
        cache=asked.cache,
        alike=False,
    )
    for path, reason in chosen.problems:
        talk.error(DedupError(path, reason))
    told = Teller(talk, would=asked.looks)
    status = _done(work, chosen, told, asked.progress)
    if status is not None:
        return status
    if not told.selected and not work.failures and not chosen.is_spared:
        raise walk.nothing_selected(inputs.paths, replace(chosen, files=(), skipped=work.skipped))
    finish()
    told.summarize(work)
    return _status(work, looks=asked.looks)


def run_alone(
    path: str | None,
    stdin_filename: str | None,
    targets: Targets,
    options: Options,
    talk: Talk,
    asked: Asked,
) -> int:
    """Clean one file of records, onto standard output unless it is to go elsewhere; the exit status."""
    found, stream = inputs_of.found(path, stdin_filename)
    if targets.output == "-":
        targets = replace(targets, output=None)
    to_stdout = targets.output is None and not targets.in_place and not asked.looks
    chosen = walk.Selection((found,), {})
    work = running.run(
        chosen,
        targets,
        options,
        parts=_parts(talk, diff=asked.diff, is_alone=True),
        cache=asked.cache,
        alone=True,
        looks=asked.looks,
        alike=False,
        stream=stream,
    )
    check_targets(work.source, targets)
    if to_stdout:
        inputs_of.refuse_appending(work.source)
    told = Teller(talk, would=asked.looks)
    status = _done(work, chosen, told, asked.progress)
    if status is not None:
        return status
    if work.content is not None:
        with closing(work.content) as content:
            for piece in content:
                streams.write(piece)
    finish()
    told.summarize_one(work)
    return _status(work, looks=asked.looks)


def _parts(talk: Talk, *, diff: bool, is_alone: bool = False) -> list[Part]:
    """What is to be told of each document: findings with ``-v``, of several files with ``-vv``."""
    wanted = talk.level > (0 if is_alone else 1)
    parts = [Part(FINDINGS, finding_lines, when="found")] * wanted
    if diff:
        parts.append(Part(DIFF, partial(diff_part, differ(talk.color)), when="changed"))
    return parts


def _done(
    work: folder.Run, chosen: walk.Selection, told: Teller, progress: bool | None
) -> int | None:
    """Do it all, and tell; the exit status if it was interrupted."""
    talk = told.talk
    noted = tell_notes(work, talk)
    try:
        with Progress(progress, talk, chosen) as bar, closing(iter(work)) as results:
            work.on_read, work.on_stage, work.on_scanned = bar.read, bar.begin, bar.advance
            for done in results:
                told.tell(done)
                if not done.record:
                    bar.advance(done)
    except Terminated:
        talk.interrupted(f"{told.count:,} of {len(chosen.files):,} files done")
        raise
    except KeyboardInterrupt:
        talk.interrupted(f"{told.count:,} of {len(chosen.files):,} files done")
        return INTERRUPTED
    tell_notes(work, talk, noted)
    return None


def _status(work: folder.Run, *, looks: bool) -> int:
    if work.failures:
        return FAILED
    return FOUND if work.totals.changed and looks else 0


def tell_notes(work: folder.Run, talk: Talk, already: int = 0) -> int:
    """Say what there is to know of the run but for the first, told ``already``; how many there are."""
    for note in work.notes[already:]:
        talk.note(f"dedup: note: {_escaped(note)}")
    return len(work.notes)


def listed(inputs: Inputs) -> list[str]:
    """The paths of ``--files-from``."""
    if inputs.files_from is None:
        return []
    if inputs.files_from != "-":
        data = read.load(inputs.files_from).data
    elif sys.stdin is None:
        raise DedupError(streams.STDIN, "it is closed")
    else:
        data = read.load_stream(sys.stdin.buffer, streams.STDIN).data
    if b"\0" in data and not inputs.null:
        where = f"--files-from {inputs.files_from}"
        raise DedupError(where, "holds NULs", "-0 is for a list whose paths end with NUL")
    return walk.read_list(data, null=inputs.null)


def finding_lines(outcome: Outcome) -> tuple[bytes, ...]:
    """A line on each finding."""
    from dedup.reports import summary

    lines = map(summary.finding_line, outcome.result.findings)
    return tuple(line.encode("utf-8", "backslashreplace") for line in lines)


def diff_part(make: Differ, outcome: Outcome) -> tuple[bytes, ...]:
    """The diff, under the path the document was read from; of a record, under its name."""
    return (make(outcome, outcome.source.path or outcome.source.document.name),)


class Teller:
    """Says what became of each file, and at the end of all."""

    def __init__(self, talk: Talk, *, would: bool) -> None:
        self.talk = talk
        self.would = would
        self.count = 0
        """Files done."""
        self.selected = 0
        """Files of them that were texts, whether or not they could be read."""
        self.tally: Tally | None = None
        """The numbers of the last file."""

    def tell(self, done: Done) -> None:
        """Say what there is to say of one file."""
        from dedup.reports import summary

        path = done.found.path
        if done.record:
            path = f"{path}#{done.record}"
        else:
            self.count += 1
            self.selected += not done.skipped
            self.tally = done.tally
        self.tell_trouble(done, path)
        is_told = FINDINGS in done.parts if done.record else self.talk.level > 0
        if done.tally is not None and is_told:
            self.talk.detail(self._worded(summary.line(done.tally)))
        for line in done.parts.get(FINDINGS, ()):
            self.talk.detail(f"  {line.decode()}")
        for piece in done.parts.get(DIFF, ()):
            streams.write(piece)

    def tell_trouble(self, done: Done, path: str) -> None:
        """Say what is wrong with a file or record at ``path``, or what a reader should know of it."""
        if done.failure is not None:
            self.talk.error(done.failure)
        self._tell_problems(done)
        for note in done.notes:
            self.talk.about(path, note)

    def _tell_problems(self, done: Done) -> None:
        """Say which of its records are bad; they stay as they are."""
        path = done.found.path
        for place, error in done.problems:
            what = f"{error.what}; the record stays as it is"
            self.talk.error(DedupError(path + place, what, error.hint))
        if done.bad > len(done.problems):
            more = done.bad - len(done.problems)
            self.talk.error(DedupError(path, f"{more:,} more records could not be read"))

    def summarize_one(self, work: folder.Run) -> None:
        """Say what became of the only file, which is one of records."""
        from dedup.reports import summary

        if self.tally is not None and self.talk.level < 1:  # else it was said already
            say = self.talk.note if self.tally.changed else self.talk.detail
            say(self._worded(summary.line(self.tally)))
        if work.bad_records:
            self.talk.note(summary.bad_records_line(work.bad_records))

    def summarize(self, work: folder.Run) -> None:
        """Say what became of all."""
        from dedup.reports import summary

        for line in summary.lines(
            work.totals, work.worst, work.skipped, work.failed, work.bad_records
        ):
            self.talk.note(self._worded(line))

    def _worded(self, line: str) -> str:
        from dedup.reports import summary

        return summary.as_would(line) if self.would else line


def _escaped(text: str) -> str:
    from dedup.reports.escape import escape_line

    return escape_line(text)
