"""Runs that only look: what ``check`` and ``report`` do with a pipe, a file or folders, and tell on the way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Protocol

from dedup.batch import beforehand, folder, running, single
from dedup.batch.selecting import select
from dedup.batch.targets import Targets
from dedup.batch.work import Done, Part
from dedup.cli import cleaning, streams
from dedup.cli import inputs as inputs_of
from dedup.cli.folders import Teller, tell_notes
from dedup.cli.inputs import Inputs, refuse_many
from dedup.cli.progress import Progress
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.files import walk
from dedup.files.selection import Found
from dedup.model import Failure, Sums, Totals
from dedup.options import Options

ELSEWHERE = "give another name, or leave that file out with --exclude"


class Work(Protocol):
    """The documents as they are done, and what is known of all of them at the end."""

    skipped: dict[str, int]
    failures: list[Failure]
    failed: int
    """How many files could not be processed."""
    bad_records: int
    """How many records could not be read, in files that could."""

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
        self.failed = self.bad_records = 0
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


def opened(
    inputs: Inputs,
    listed: Sequence[str],
    stdin_filename: str | None,
    targets: Targets,
    options: Options,
    talk: Talk,
    *,
    parts: Sequence[Part],
    cache: str | None,
    own: Sequence[str],
    made: Sequence[str],
    run: Callable[..., folder.Run] = running.run,
) -> tuple[walk.Selection, Work]:
    """The files, those of the list ``listed`` among them, and the run over them.

    What the run writes is at the paths ``made``; what is at the paths ``own`` is no text.
    """
    is_piped = inputs.is_piped
    if is_piped and not inputs.has_records(stdin_filename):
        piped = Piped(inputs.first, stdin_filename, options, targets, cache, talk, parts=parts)
        return walk.Selection((), {}), piped
    stream = None
    if is_piped:
        found, stream = inputs_of.found(inputs.first, stdin_filename)
        chosen = walk.Selection((found,), {})
    else:
        refuse_many(inputs.paths, None, in_place=False, looks=True)
        chosen = select(inputs.paths, targets, options, listed=listed, own=own, made=made)
        beforehand.refuse_inputs(chosen.files, made, ELSEWHERE)
    work = run(
        chosen,
        targets,
        options,
        parts=parts,
        cache=cache,
        alone=is_piped,
        looks=True,
        alike=False,
        stream=stream,
    )
    return chosen, work


def done(
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
            work.on_read, work.on_stage, work.on_scanned = bar.read, bar.begin, bar.advance
        for each in results:
            path = (stdin or each.found.path) + (f"#{each.record}" if each.record else "")
            told.tell_trouble(each, path)
            heard(each, path)
            yield each
            if not each.record:
                bar.advance(each)
    if isinstance(work, folder.Run):
        tell_notes(work, talk, noted)


def nothing_analysed(inputs: Inputs, chosen: walk.Selection, empty: Sequence[str]) -> DedupError:
    """That no text was looked at: of a file of records there may be none in it, or none that is a text."""
    if not empty:
        return walk.nothing_selected(inputs.paths, chosen)
    if len(empty) == 1:
        return DedupError(empty[0], "holds no records with text")
    return DedupError("", f"{empty[0]} and {len(empty) - 1:,} more hold no records with text")
