"""What is said to people: how much, and how an error looks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TextIO

from dedup.cli import streams
from dedup.errors import DedupError, fault


class Talk:
    """How a run talks on standard error; made before the flags are read, set by them."""

    def __init__(self) -> None:
        self.level = 0
        """1 with ``-v``, 2 with ``-vv``, -1 with ``-q`` (errors only), -2 with ``-qq`` (nothing)."""
        self.color = "auto"
        """``auto``, ``always`` or ``never``."""

    def note(self, line: str) -> None:
        """Say a line that is already safe to show, unless ``-q`` was given."""
        if self.level >= 0:
            streams.say(line)

    def detail(self, line: str) -> None:
        """Say a line that is already safe to show, if ``-v`` was given."""
        if self.level >= 1:
            streams.say(line)

    def about(self, name: str, what: str) -> None:
        """Say what a reader should know of a document; both may hold any text."""
        if self.level >= 0:
            from dedup.reports.escape import escape_line

            streams.say(f"{escape_line(name)}: {escape_line(what)}")

    def doubt(self, names: Iterable[tuple[str, str]]) -> None:
        """Say of variables that they set nothing, each with its hint."""
        for name, hint in names:
            self.about("dedup: note", f"{name} sets nothing; {hint}")

    def error(self, error: DedupError) -> None:
        """Say what is wrong, where, and what to do: one line, or two with a hint."""
        if self.level < -1:
            return
        from dedup.reports.escape import escape_line

        streams.say(f"dedup: error: {escape_line(str(error))}")
        if error.hint:
            streams.say(f"hint: {escape_line(error.hint)}")

    def interrupted(self, progress: str = "") -> None:
        """Say that Ctrl-C was heard, and how far the run had come."""
        if self.level >= -1:
            streams.say(f"interrupted; {progress}" if progress else "interrupted")

    def crash(self, error: Exception) -> None:
        """Say that the fault is ours; with ``-v`` or ``DEDUP_DEBUG`` also where."""
        if self.level >= 1 or os.environ.get("DEDUP_DEBUG"):
            import traceback

            from dedup.reports.escape import escape

            streams.say(escape("".join(traceback.format_exception(error)).rstrip("\n")))
        self.error(fault(error))


def wants_color(choice: str, stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to ``stream``, decided once and for every library.

    ``--color``, then ``NO_COLOR``, ``FORCE_COLOR``, ``CLICOLOR_FORCE``, then the terminal itself.
    Empty variables, and those that force but say ``0``, say nothing.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def is_build_log(environ: Mapping[str, str]) -> bool:
    """Whether a build server reads along, and would obey what it takes for its commands."""
    return any(map(environ.get, ("CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    return stream is not None and stream.isatty()


def width(stream: TextIO | None) -> int:
    """Columns of the terminal ``stream`` goes to; 80 when it is none."""
    if stream is None or not is_terminal(stream):
        return 80
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def shows_unicode(stream: TextIO | None) -> bool:
    """Whether more than ASCII may be drawn: not on a terminal that cannot show it.

    A pipe or file gets UTF-8 whatever the locale, so that its bytes are the same everywhere.
    """
    if stream is None or not is_terminal(stream):
        return True
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")
