"""What ``check`` says of comments and entries that are unused: they may be forgotten, or never have worked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from dedup.batch.single import Outcome
from dedup.batch.work import Done, Part
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.config.keeps import KEEP, Keep
from dedup.model import DocumentResult, Failure, Span, Totals
from dedup.reports import wording

if TYPE_CHECKING:
    from dedup.engine.directives import Directive

UNUSED = "unused"
"""Name of the part that is a document's unused comments."""
MAX_NAMED = 5
"""Entries that are named; all are counted."""


def lines(outcome: Outcome) -> tuple[bytes, ...]:
    """Number and message of each unused comment, to be put behind a path. It may be made in another process."""
    from dedup.engine.analyze import unused_directives

    found = unused_directives(outcome.source.document, outcome.options)
    return tuple(
        f"{each.line}: this {each.said} has no effect{_advice(each, outcome.result)}".encode()
        for each in found
    )


PART = Part(UNUSED, lines, when="directives")
"""What is wanted of each document with comments to dedup."""


def _advice(unused: Directive, result: DocumentResult) -> str:
    """Where a ``keep`` belongs that stands before a passage which stays anyway."""
    for copy in result.copies() if unused.said == KEEP else ():
        if copy.finding.action == "removed" and any(
            place.role == "kept" and _overlap(place.passage.span, unused.holds)
            for place in copy.finding.places
        ):
            where = wording.lines([copy.place])
            return f"; put it before the copy that goes ({where})"
    return ""


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


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
        """Say which comments of the document at ``path`` are unused."""
        for said in done.parts.get(UNUSED, ()):
            number, _, what = said.decode().partition(": ")
            self._warn(f"{path}:{number}", what)

    def tell_keeps(self, settings: Settings, inputs: Inputs, work: Work) -> None:
        """Say which entries nothing stayed for, now that all documents are done.

        What could not be read may have needed them. Single files are often a part of what a config is for: of
        them it is only said with ``-v``.
        """
        found = settings.unused_keeps(work.totals.keeps)
        if not found or work.failures:
            return
        is_whole = any(map(os.path.isdir, inputs.paths))
        if is_whole or self.talk.level > 0:
            for name, what in _told(found):
                self._warn(name, what, is_counted=is_whole)

    def _warn(self, name: str, what: str, *, is_counted: bool = True) -> None:
        self.talk.about(name, what)
        if is_counted:
            self.warnings.append(f"{name}: {what}")


def _told(unused: Sequence[Keep]) -> Iterator[tuple[str, str]]:
    """Where the first ones stand, and what is to be said of them; then how many more there are."""
    for keep in unused[:MAX_NAMED]:
        path, table, number = keep.origin.rpartition(f": {KEEP} ")
        if table:
            yield path, f"{KEEP} {number} {_USELESS}"
        else:
            yield keep.origin, _USELESS
    if len(unused) > MAX_NAMED:
        yield KEEP, f"{len(unused) - MAX_NAMED:,} more match nothing that repeats"


_USELESS = "matches nothing that repeats"
