"""What ``dedup clean`` does with several files: choose them, clean them, say what happened."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial

from dedup.batch import folder
from dedup.batch.selecting import select
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets
from dedup.batch.work import Done, Part
from dedup.cli import FAILED, FOUND, INTERRUPTED, streams
from dedup.cli.cleaning import Differ, differ
from dedup.cli.inputs import Inputs, refuse_many
from dedup.cli.progress import Progress
from dedup.cli.signals import Terminated
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.files import read, walk
from dedup.options import Options

DIFF = "diff"
FINDINGS = "findings"


def run(
    inputs: Inputs,
    targets: Targets,
    options: Options,
    talk: Talk,
    *,
    diff: bool = False,
    check: bool = False,
    cache: str | None = None,
    progress: bool | None = None,
) -> int:
    """Clean all files, and say what went; the exit status."""
    refuse_many(inputs.paths, targets.output, in_place=targets.in_place, looks=diff or check)
    own = ["/dev/stdout", *filter(None, [cache])]
    chosen = select(inputs.paths, targets, options, listed=_listed(inputs), own=own)
    parts = [Part(FINDINGS, finding_lines, when="found")] * (talk.level > 1)
    if diff:
        parts.append(Part(DIFF, partial(diff_part, differ(talk.color)), when="changed"))
    work = folder.Run(chosen, targets, options, parts=parts, cache=cache)
    noted = _tell_notes(work, talk)
    for path, reason in chosen.problems:
        talk.error(DedupError(path, reason))
    told = Teller(talk, would=diff or check)
    try:
        with closing(iter(work)) as results, Progress(progress, talk, chosen) as bar:
            for done in results:
                told.tell(done)
                bar.advance(done)
    except Terminated:
        talk.interrupted(f"{told.count:,} of {len(chosen.files):,} files done")
        raise
    except KeyboardInterrupt:
        talk.interrupted(f"{told.count:,} of {len(chosen.files):,} files done")
        return INTERRUPTED
    _tell_notes(work, talk, noted)
    if not told.selected and not work.failures:
        raise walk.nothing_selected(inputs.paths, replace(chosen, files=(), skipped=work.skipped))
    told.summarize(work)
    if work.failures:
        return FAILED
    return FOUND if work.totals.changed and (diff or check) else 0


def _tell_notes(work: folder.Run, talk: Talk, already: int = 0) -> int:
    """Say what there is to know of the run but for the first, told ``already``; how many there are."""
    for note in work.notes[already:]:
        talk.note(f"dedup: note: {_escaped(note)}")
    return len(work.notes)


def _listed(inputs: Inputs) -> list[str]:
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
    """The diff, under the path the document was read from."""
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

    def tell(self, done: Done) -> None:
        """Say what there is to say of one file."""
        from dedup.reports import summary

        self.count += 1
        self.selected += not done.skipped
        if done.failure is not None:
            self.talk.error(done.failure)
        for note in done.notes:
            self.talk.about(done.found.path, note)
        if done.tally is not None and self.talk.level > 0:
            self.talk.detail(self._worded(summary.line(done.tally)))
        for line in done.parts.get(FINDINGS, ()):
            self.talk.detail(f"  {line.decode()}")
        for piece in done.parts.get(DIFF, ()):
            streams.write(piece)

    def summarize(self, work: folder.Run) -> None:
        """Say what became of all."""
        from dedup.reports import summary

        for line in summary.lines(work.totals, work.worst, work.skipped, len(work.failures)):
            self.talk.note(self._worded(line))

    def _worded(self, line: str) -> str:
        from dedup.reports import summary

        return summary.as_would(line) if self.would else line


def _escaped(text: str) -> str:
    from dedup.reports.escape import escape_line

    return escape_line(text)
