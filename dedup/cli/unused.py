"""What ``check`` says of comments and entries that keep nothing: they may be forgotten, or never have worked."""

from __future__ import annotations

import os
from functools import partial
from typing import Protocol

from dedup.batch.single import Outcome
from dedup.batch.work import Done, Part
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.model import Failure, Totals
from dedup.options import Options

UNUSED = "unused"
"""Name of the part that is a document's comments of no use."""
MAX_NAMED = 5
"""Entries that are named; all are counted."""


def part(options: Options) -> Part:
    """What is wanted of each document with comments to dedup."""
    return Part(UNUSED, partial(lines, options=options), when="directives")


def lines(outcome: Outcome, *, options: Options) -> tuple[bytes, ...]:
    """A line on each comment of no use. It may be made in another process."""
    from dedup.engine.analyze import unused_directives

    found = unused_directives(outcome.source.document, options)
    said = (
        f"line {each.line}: {each.said} is of no use: without it the same stays" for each in found
    )
    return tuple(line.encode() for line in said)


class Work(Protocol):
    """A run over documents that is done."""

    failures: list[Failure]

    @property
    def totals(self) -> Totals:
        """The sums over all documents."""


class Unused:
    """Tells them as they become known, and remembers what it told."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.warnings: list[str] = []

    def tell(self, done: Done, path: str) -> None:
        """Say which comments of the document at ``path`` are of no use."""
        for line in done.parts.get(UNUSED, ()):
            self.talk.about(path, line.decode())
            self.warnings.append(f"{path}: {line.decode()}")

    def tell_keeps(self, settings: Settings, inputs: Inputs, work: Work) -> None:
        """Say which entries nothing stayed for, now that all documents are done.

        What could not be read may have needed them. Single files are often a part of what a config is for: of
        them it is only said with ``-v``.
        """
        found = settings.unused_keeps(work.totals.keeps)
        if not found or work.failures:
            return
        named = ", ".join(keep.origin for keep in found[:MAX_NAMED])
        more = f" and {len(found) - MAX_NAMED:,} more" if len(found) > MAX_NAMED else ""
        what = f"nothing stays for {named}{more}"
        if any(map(os.path.isdir, inputs.paths)):
            self.talk.about("keep", what)
            self.warnings.append(f"keep: {what}")
        elif self.talk.level > 0:
            self.talk.about("keep", what)
