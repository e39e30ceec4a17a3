"""What ``dedup index`` does once its arguments are known: choose files, read them, say what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from dedup.batch import indexing
from dedup.batch.folder import Run
from dedup.batch.indexing import AsTheyAre, Heard, Update
from dedup.batch.work import Done
from dedup.cli import FAILED, INTERRUPTED, streams
from dedup.cli.folders import Teller, listed, tell_notes
from dedup.cli.inputs import Inputs
from dedup.cli.progress import Progress
from dedup.cli.signals import Terminated
from dedup.cli.talk import Talk
from dedup.config.values import spelled
from dedup.corpus.index import FORMAT, VERSION, Counts, settings
from dedup.corpus.indexed import About, opened
from dedup.errors import DedupError
from dedup.files.selection import Selection
from dedup.options import Options
from dedup.reports.escape import escape_line
from dedup.reports.wording import count

T = TypeVar("T")


class Asked:
    """What goes into an index, and how."""

    def __init__(self, path: str, inputs: Inputs, options: Options, progress: bool | None) -> None:
        if inputs.is_piped or "-" in inputs.paths:
            raise DedupError("", "an index is made of files", "name them behind the index")
        indexing.refuse_folder(path)
        self.path = path
        self.inputs = inputs
        self.options = options
        self.progress = progress

    @cached_property
    def selection(self) -> Selection:
        """The files, looked for once it is known that the index may be where it is to be."""
        return indexing.chosen(self.path, self.inputs.paths, listed(self.inputs), self.options)


def build(asked: Asked, talk: Talk, *, force: bool) -> int:
    """Make an index of all files; the exit status."""
    if not force:
        indexing.refuse_foreign(asked.path)
    run = AsTheyAre(asked.selection, asked.options)
    prints = indexing.digests(asked.selection)

    def work(heard: Heard) -> Counts:
        return indexing.build(asked.path, run, prints, asked.options, heard)

    counts = _watched(work, run, asked, talk)
    if counts is None:
        return INTERRUPTED
    return _ended(run, talk, f"{escape_line(asked.path)} holds {_extent(counts)}.")


def update(asked: Asked, talk: Talk) -> int:
    """Bring an index up to date with all files; the exit status."""
    with opened(asked.path) as old:
        indexing.refuse_other(old, asked.options)
        prints = indexing.digests(asked.selection)
        run = AsTheyAre(indexing.changed(old, asked.selection, prints), asked.options)

        def work(heard: Heard) -> Update:
            return indexing.update(old, asked.selection, run, prints, heard)

        did = _watched(work, run, asked, talk)
    if did is None:
        return INTERRUPTED
    dropped = f", dropped {count(did.dropped, 'file')}" if did.dropped else ""
    what = f"Added {count(did.added, 'file')}, replaced {did.replaced:,}{dropped}; {did.same:,} unchanged."
    return _ended(run, talk, f"{what} {escape_line(asked.path)} holds {_extent(did.counts)}.")


def _watched(work: Callable[[Heard], T], run: Run, asked: Asked, talk: Talk) -> T | None:
    """What ``work`` comes to, with all that happens told as it happens; None if it was interrupted."""
    for path, reason in asked.selection.problems:
        talk.error(DedupError(path, reason))
    told = Teller(talk, would=False)
    noted = tell_notes(run, talk)
    files = 0
    with Progress(asked.progress, talk, replace(asked.selection, files=run.files)) as bar:
        run.on_read = bar.read

        def heard(done: Done) -> None:
            nonlocal files
            path = done.found.path
            told.tell_trouble(done, f"{path}#{done.record}" if done.record else path)
            if not done.record:
                files += 1
                bar.advance(done)

        try:
            made = work(heard)
        except (KeyboardInterrupt, Terminated) as stop:
            talk.interrupted(f"{files:,} of {len(run.files):,} files done, and nothing is written")
            if isinstance(stop, Terminated):
                raise
            return None
    tell_notes(run, talk, noted)
    return made


def _ended(run: Run, talk: Talk, line: str) -> int:
    """Say what came of it; the exit status."""
    talk.note(line)
    if run.skipped:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in run.skipped.items())
        talk.note(f"Skipped {sum(run.skipped.values()):,}: {reasons}.")
    if run.failed:
        talk.note(f"{count(run.failed, 'file')} could not be read.")
    return FAILED if run.failures else 0


def _extent(counts: Counts) -> str:
    documents = count(counts.documents, "document")
    if counts.files != counts.documents:
        documents += f" of {count(counts.files, 'file')}"
    return f"{documents} with {count(counts.paragraphs, 'paragraph')}"


def info(path: str, format: str) -> int:
    """Say on standard output what an index holds, once every byte of it was looked at; the exit status."""
    with opened(path) as index:
        about = index.about
    made = _json(path, about) if format == "json" else "".join(_lines(path, about))
    streams.write(made.encode("utf-8", "backslashreplace"))
    return 0


def _json(path: str, about: About) -> str:
    values = {"format": FORMAT, "version": VERSION, "tool": about.tool, "path": path}
    values |= about.counts._asdict() | {"bytes": about.size, "options": about.options}
    return json.dumps(values, indent=2) + "\n"


def _lines(path: str, about: About) -> Iterator[str]:
    usual = settings(Options())
    yield f"{escape_line(path)}: index, format {VERSION}, written by dedup {escape_line(about.tool)}\n"
    rows = {**about.counts._asdict(), "bytes": about.size}
    for name, number in rows.items():
        yield f"  {name:<10}  {number:>15,}\n"
    for key, value in about.options.items():
        if usual.get(key) != value:
            yield f"  {escape_line(key)} = {spelled(value)}\n"
