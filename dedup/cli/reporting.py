"""What ``dedup report`` does once its arguments are known: look as ``check`` does, and show it in one of its ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypedDict

from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.batch.spool import Spool
from dedup.batch.targets import Targets, check_paths
from dedup.batch.work import Done, Part
from dedup.cli import FAILED, looking, streams
from dedup.cli.folders import listed
from dedup.cli.inputs import Inputs
from dedup.cli.looking import Work
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError
from dedup.files import write
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.reports.drawings.clusters import Member

FORMATS = ("text", "json", "jsonl")

ENTRY = "entry"
"""Name of the part that is shown of a document."""


class Look(TypedDict):
    """What a terminal can show."""

    width: int
    color: bool
    unicode: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """How a report is to be made, beside its options."""

    format: str
    output: str | None
    """The file for what otherwise goes to standard output."""
    cache: str | None
    progress: bool | None
    shown: Callable[[Outcome], tuple[bytes, ...]]
    """What the terminal shows of a record."""
    look: Look
    """How it shows several documents."""

    @property
    def files(self) -> list[tuple[str, str]]:
        """The file to write, with its flag."""
        return [] if self.output is None else [("--output-file", self.output)]


class View(Protocol):
    """A way to show a run."""

    parts: list[Part]
    """What is wanted of each document."""

    def begin(self) -> Iterator[bytes]:
        """What stands before the first document."""

    def document(self, done: Done) -> Iterator[bytes]:
        """What is said of one file or record."""

    def end(self, work: Work) -> Iterator[bytes]:
        """What stands behind the last."""


class Sides:
    """Of the records of a file, those with findings, both sides next to each other."""

    def __init__(self, asked: Asked) -> None:
        self.parts = [Part(ENTRY, asked.shown, when="found")]
        self._last: Done | None = None

    def begin(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def document(self, done: Done) -> Iterator[bytes]:
        """What repeats in it, and where."""
        if not done.record:
            self._last = done
        yield from done.parts.get(ENTRY, ())

    def end(self, work: Work) -> Iterator[bytes]:
        """What would go from the file."""
        from dedup.reports import summary

        if self._last is not None and self._last.tally is not None:
            yield _said([summary.line(self._last.tally)])


STRIP = "strip"
"""Name of the part that is where the copies of a document stand."""


class Sums:
    """A table of documents, which of them are nearly copies of others, and a line on all of them."""

    def __init__(self, asked: Asked, *, is_wordy: bool) -> None:
        from dedup.reports import table

        drawn = partial(strip, width=asked.look["width"])
        self.parts = [Part(ENTRY, member, when="told"), Part(STRIP, drawn, when="changed")]
        self._is_wordy = is_wordy
        self._look = asked.look
        self._table = table.Table(**asked.look, most=None if is_wordy else table.MAX_ROWS)
        self._members: list[Member] = []

    def begin(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def document(self, done: Done) -> Iterator[bytes]:
        """Nothing yet: what loses most comes first."""
        from dedup.reports.drawings.clusters import Member

        self._members += (Member(*json.loads(each)) for each in done.parts.get(ENTRY, ()))
        tally = done.tally
        # Of a file with records these have rows, and not what they come to.
        if tally is not None and tally.documents is None and (tally.changed or self._is_wordy):
            (drawn,) = done.parts.get(STRIP, (b"",))
            self._table.add(tally, drawn)
        return iter(())

    def end(self, work: Work) -> Iterator[bytes]:
        """The table, the groups of copies, and what would go from all."""
        from dedup.reports import summary, trees

        noun = "document" if work.totals.has_records else "file"
        shown = [self._table.render(noun)]
        if self._members:
            shown.append(trees.render(self._members, **self._look))
        for each in filter(None, shown):
            yield f"{each}\n".encode("utf-8", "backslashreplace")
        yield _said(summary.lines(work.totals, [], work.skipped, work.failed, work.bad_records))


class Whole:
    """The report that ``--report`` writes as JSON."""

    def __init__(self, options: Options) -> None:
        self.parts = [Part(ENTRY, partial(single.report_parts, "json"))]
        self._options = options
        self._entries = Spool()

    def begin(self) -> Iterator[bytes]:
        """Nothing: the sums come first."""
        return iter(())

    def document(self, done: Done) -> Iterator[bytes]:
        """Nothing yet."""
        for entry in done.parts.get(ENTRY, ()):
            self._entries.add(entry)
        return iter(())

    def end(self, work: Work) -> Iterator[bytes]:
        """All of it."""
        with closing(self._entries) as entries:
            made = single.report_module("json").whole
            yield from made(self._options, work.totals, work.failures, [entries])


class Lines:
    """A line of numbers on each document."""

    def __init__(self, options: Options) -> None:
        from dedup.batch import figures

        self.parts = [Part(ENTRY, figures.lines)]
        self._options = options

    def begin(self) -> Iterator[bytes]:
        """What made the lines."""
        from dedup.reports import figures

        yield figures.header(self._options)

    def document(self, done: Done) -> Iterator[bytes]:
        """Its line; the records of a file have their own."""
        yield from done.parts.get(ENTRY, ())

    def end(self, work: Work) -> Iterator[bytes]:
        """What there are no lines of, and the sums."""
        from dedup.reports import figures

        yield from map(figures.failure, work.failures)
        yield figures.summary(work.totals, len(work.failures), work.skipped)


def run(
    inputs: Inputs,
    stdin_filename: str | None,
    targets: Targets,
    settings: Settings,
    talk: Talk,
    asked: Asked,
) -> int:
    """Look at all documents and show what repeats; the exit status."""
    is_piped = inputs.is_piped
    if is_piped:
        settings = settings.at(stdin_filename)
    options = settings.options
    named = [*asked.files, *(("--report", path) for _, path in targets.reports)]
    check_paths(None, named)
    view = _view(asked, options, talk, is_one=not inputs.are_many)
    chosen, work = looking.opened(
        inputs,
        listed(inputs),
        stdin_filename,
        targets,
        options,
        talk,
        parts=view.parts,
        cache=asked.cache,
        own=["/dev/stdout", *filter(None, [asked.cache])],
        made=[path for _, path in asked.files],
    )
    for path, reason in chosen.problems:
        talk.error(DedupError(path, reason))
    name = (stdin_filename or single.STDIN_NAME) if is_piped else None
    results = looking.done(work, chosen, talk, asked.progress, lambda done, path: None, name)

    def pieces() -> Iterator[bytes]:
        yield from view.begin()
        empty = []
        for done in results:
            yield from view.document(done)
            if done.tally is not None and done.tally.documents == 0:
                empty.append(done.found.path)
        if not work.totals.documents and not work.failures and not chosen.is_spared:
            raise looking.nothing_analysed(inputs, replace(chosen, skipped=work.skipped), empty)
        yield from view.end(work)

    put(pieces(), asked.output)
    return FAILED if work.failures else 0


def put(pieces: Iterable[bytes], path: str | None) -> None:
    """Write what is shown: a file once all is known, standard output as it becomes known."""
    if path is None:
        for piece in pieces:
            streams.write(piece)
        return
    with closing(Spool()) as spool:
        for piece in pieces:
            spool.add(piece)
        write.write_file(path, iter(spool))


def _view(asked: Asked, options: Options, talk: Talk, *, is_one: bool) -> View:
    if asked.format == "json":
        return Whole(options)
    if asked.format == "jsonl":
        return Lines(options)
    return Sides(asked) if is_one else Sums(asked, is_wordy=talk.level > 0)


def member(outcome: Outcome) -> tuple[bytes, ...]:
    """Of what document this one is nearly a copy. It may be made in other processes."""
    from dedup.reports.drawings.clusters import member_of

    found = member_of(outcome.result)
    return () if found is None else (json.dumps(found).encode(),)


def strip(outcome: Outcome, *, width: int) -> tuple[bytes, ...]:
    """Where the copies of a document stand. It may be made in other processes."""
    from dedup.reports import table

    return (table.strip(outcome.result, width),)


def _said(lines: Iterable[str]) -> bytes:
    from dedup.reports import summary

    said = "".join(f"{summary.as_would(line)}\n" for line in lines)
    return said.encode("utf-8", "backslashreplace")


def sweep(
    inputs: Inputs,
    stdin_filename: str | None,
    options: Options,
    talk: Talk,
    output_format: str,
    output_file: str | None,
) -> int:
    """Read all documents, and show what thresholds would do to them; the exit status."""
    from dedup.batch.sweeping import SweepRun
    from dedup.reports import sweep as tables

    named = [] if output_file is None else [("--output-file", output_file)]
    check_paths(None, named)
    chosen, work = looking.opened(
        inputs,
        listed(inputs),
        stdin_filename,
        Targets(),
        options,
        talk,
        parts=[],
        cache=None,
        own=["/dev/stdout"],
        made=[path for _, path in named],
        run=SweepRun,
    )
    assert isinstance(work, SweepRun)
    for path, reason in chosen.problems:
        talk.error(DedupError(path, reason))
    for _ in looking.done(work, chosen, talk, None, lambda done, path: None, None):
        pass
    assert work.sweep is not None
    made = tables.as_json if output_format == "json" else tables.as_text
    put((made(work.sweep),), output_file)
    return FAILED if work.failures else 0
