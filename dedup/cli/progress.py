"""How far a long run has come: a bar on a terminal, a line now and then in a log that asks for it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from dedup.batch.signals import held_back
from dedup.batch.work import Done
from dedup.cli import streams
from dedup.cli.talk import Talk, is_terminal
from dedup.files.walk import Selection

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

MIN_BYTES = 1 << 19
"""Input that is expected to take about a second; less needs no bar."""

EVERY = 10.0
"""Seconds between two lines in a log."""


class Progress:
    """Shows files done, bytes per second and the time left. ``wanted``: None leaves it to the terminal.

    It is never part of the result, so it may look at the clock.
    """

    def __init__(self, wanted: bool | None, talk: Talk, selection: Selection) -> None:
        self._files = len(selection.files)
        self._bytes = sum(found.size for found in selection.files)
        self._stage = ""
        self._done = self._done_bytes = 0
        self._begin = self._said = time.monotonic()
        on_terminal = is_terminal(sys.stderr)
        is_long = self._bytes >= MIN_BYTES
        is_quiet = talk.level < 0 or wanted is False
        self._bar = self._made_bar() if on_terminal and is_long and not is_quiet else None
        self._says_lines = wanted is True and not on_terminal and not is_quiet

    def __enter__(self) -> Progress:
        if self._bar is not None:
            try:
                with held_back():
                    self._bar.start()
            except BaseException:  # what was held back: the bar is there, and has to go
                self._stop()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            with held_back():
                self._bar.stop()

    def begin(self, stage: str) -> None:
        """Another stage begins, which goes over all files anew."""
        self._stage = f"{stage}: "
        self._done = self._done_bytes = 0
        self._begin = time.monotonic()
        if self._bar is not None:
            self._bar.reset(self._bar.task_ids[0], files=0, stage=self._stage)
        elif self._says_lines:
            streams.say(stage)

    def advance(self, done: Done) -> None:
        """One more file is done."""
        self._done += 1
        self._done_bytes += done.found.size
        self._tell()

    def read(self, size: int) -> None:
        """So many bytes of the file at hand are read."""
        before = self._done_bytes
        self._done_bytes = min(before + size, self._bytes)
        self._tell()
        self._done_bytes = before

    def _tell(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done_bytes, files=self._done)
        elif self._says_lines and time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            streams.say(self._line())

    def _line(self) -> str:
        seconds = max(time.monotonic() - self._begin, 1e-9)
        rate = self._done_bytes / seconds
        left = round((self._bytes - self._done_bytes) / rate) if rate else 0
        speed = f"{rate / 1e6:.1f} MB/s"
        files = f"{self._done:,} of {self._files:,} files"
        share = f"{100 * self._done_bytes // max(1, self._bytes)} %"
        return f"{self._stage}{files}, {share}, {speed}, {left} s left"

    def _made_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        bar = Progress(
            TextColumn(
                "{task.fields[stage]}{task.fields[files]} of {task.fields[all_files]} files",
                markup=False,
            ),
            BarColumn(bar_width=None),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, markup=False, highlight=False, emoji=False),
            transient=True,
        )
        bar.add_task("", total=self._bytes, files=0, all_files=f"{self._files:,}", stage="")
        return bar
