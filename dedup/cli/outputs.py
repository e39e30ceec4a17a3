"""Where what a check found goes: each format to standard output or a file, on a build server a summary too."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from dedup.batch.spool import Spool
from dedup.checks import paths
from dedup.checks.alerts import Checked
from dedup.checks.formats import STATISTICS, Format, Setting, writer
from dedup.checks.gate import End
from dedup.cli import step, streams
from dedup.cli.talk import Talk, is_terminal, wants_color, width
from dedup.files import write
from dedup.options import Options

FOR_PEOPLE = ("text", "concise", STATISTICS)
"""Formats that show paths as they were given; in the others they are relative to the repository."""

PIPED_WIDTH = 100
"""Columns of a line of text when no terminal says how many there are."""

SILENT = -1
"""Below this level of talk only the exit status tells."""

Wanted = tuple[str, str | None]
"""A format and the file for it; None: standard output."""


class Outputs:
    """All formats that were asked for, each going to its place."""

    def __init__(
        self,
        writers: Sequence[tuple[Format, Spool | None]],
        *,
        writes_files: bool,
        is_silent: bool,
    ) -> None:
        """``is_silent``: nothing goes to standard output."""
        self._writers = writers
        self._writes_files = writes_files
        self._is_silent = is_silent
        self.closed: streams.ClosedPipe | None = None
        """That nobody reads standard output any more, if the run goes on for its files."""

    def begin(self) -> None:
        """What stands before the first document."""
        for made, spool in self._writers:
            self._put(made.begin(), spool)

    def document(self, checked: Checked) -> None:
        """One more document."""
        for made, spool in self._writers:
            self._put(made.document(checked), spool)

    def end(self, end: End) -> None:
        """What stands behind the last."""
        for made, spool in self._writers:
            self._put(made.end(end), spool)

    def _put(self, pieces: Iterable[str], spool: Spool | None) -> None:
        data = "".join(pieces).encode("utf-8", "backslashreplace")
        if spool is not None:
            spool.add(data)
        elif data and self.closed is None and not self._is_silent:
            try:
                streams.write(data)
            except streams.ClosedPipe as closed:
                if not self._writes_files:
                    raise
                self.closed = closed


@contextmanager
def opened(
    wanted: Sequence[Wanted],
    options: Options,
    talk: Talk,
    *,
    writes_files: bool,
    has_baseline: bool = False,
) -> Iterator[Outputs]:
    """Where the formats go. Files are written once all is known; standard output as it becomes known.

    ``writes_files``: the run writes files, these or others, which are to be complete even if who reads standard
    output leaves early. ``has_baseline``: what was accepted earlier is not among the findings.
    """
    page = step.summary(os.environ) if "github" in (name for name, _ in wanted) else None
    spools = [None if path is None else Spool() for _, path in wanted]
    made = []
    for (name, path), spool in zip(wanted, spools, strict=True):
        setting = _setting(name, path, page, options, talk)
        made.append((writer(name, replace(setting, has_baseline=has_baseline)), spool))
    summary_spool = Spool()
    if page is not None:
        setting = replace(_setting("markdown", page, page, options, talk), room=step.room(page))
        made.append((writer("markdown", setting), summary_spool))
    try:
        outputs = Outputs(made, writes_files=writes_files, is_silent=talk.level < SILENT)
        outputs.begin()
        yield outputs
        for (_, path), spool in zip(wanted, spools, strict=True):
            if path is not None and spool is not None:
                write.write_file(path, iter(spool))
        if page is not None:
            step.append(page, iter(summary_spool), talk)
        if outputs.closed is not None:
            raise outputs.closed
    finally:
        for spool in filter(None, (*spools, summary_spool)):
            spool.close()


def _setting(
    name: str, path: str | None, page: str | None, options: Options, talk: Talk
) -> Setting:
    to_stdout = path is None
    base = "" if name in FOR_PEOPLE else paths.root(os.environ)
    return Setting(
        options,
        paths.Paths(base),
        color=to_stdout and wants_color(talk.color, sys.stdout, os.environ),
        width=width(sys.stdout) if to_stdout and is_terminal(sys.stdout) else PIPED_WIDTH,
        has_summary=page is not None,
    )
