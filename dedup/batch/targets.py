"""Where a run writes, and what about that is refused before anything is read or written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dedup.errors import DedupError
from dedup.files import write
from dedup.files.read import Raw
from dedup.options import Options, nearest

REPORT_FORMATS = {
    "html": "html",
    "json": "json",
    "md": "markdown",
    "markdown": "markdown",
    "csv": "csv",
    "diff": "diff",
}
"""What ``--report`` can write: suffix or prefix, and the module in ``dedup.reports``."""

NO_MORE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Targets:
    """Which files a run writes. Without ``output`` and ``in_place`` the caller prints the text."""

    output: str | None = None
    in_place: bool = False
    backup: str | None = None
    """Suffix under which the old file is kept before it is replaced."""
    plan: str | None = None
    reports: tuple[tuple[str, str], ...] = ()
    """Format (a value of ``REPORT_FORMATS``) and path of each report."""
    clusters: str | None = None
    """Where near copies of whole documents are listed: CSV, or JSON Lines by its suffix."""
    force: bool = False
    """Whether a plan of another run may be replaced."""


def report_target(value: str, more: Mapping[str, str] = NO_MORE) -> tuple[str, str]:
    """Format and path of a ``--report [FORMAT:]FILE``; ``DedupError`` if the format is not known.

    ``more``: formats beside ``REPORT_FORMATS``, by suffix or prefix.
    """
    formats = {**more, **REPORT_FORMATS}
    where = f"--report {value}"
    prefix, colon, rest = value.partition(":")
    kind, path = (prefix, rest) if colon and prefix in formats else ("", value)
    if not kind:
        kind = os.path.splitext(value)[1].lstrip(".").lower()
    if kind not in formats:
        known = ", ".join([*REPORT_FORMATS, *more])
        hint = nearest(prefix if colon else kind, tuple(formats))
        raise DedupError(where, "unknown format", hint or f"known formats: {known}")
    return formats[kind], path


def refuse_conversion(options: Options, *, in_place: bool) -> None:
    """``DedupError`` if text would take the place of the pages it was taken from."""
    if in_place and options.html_input == "extract":
        what = "--html-input extract cannot go with --in-place: a page is not its text"
        raise DedupError("", what, "give -o")


def check_targets(source: Raw, targets: Targets) -> None:
    """``DedupError`` if a file to write is the input, or is named twice."""
    output = None if targets.output == "-" else targets.output
    named = [("-o", output), ("--plan", targets.plan)]
    named += [("--report", path) for _, path in targets.reports]
    backup = []
    if targets.backup is not None and source.path is not None:
        backup.append(("--backup", source.path + targets.backup))
    check_paths(source, [(flag, path) for flag, path in named if path is not None], backup)


Named = tuple[str, str]
"""A flag and the path it names, as given."""


def check_paths(source: Raw | None, named: Sequence[Named], taken: Sequence[Named] = ()) -> None:
    """``DedupError`` if a path to write is the input, or one of ``taken``, or is named twice."""
    taken = list(taken)
    for flag, path in named:
        if not path:  # a variable in a script that was never set
            raise DedupError("", f"{flag} names no file: its path is empty")
        if os.path.basename(path).startswith(write.OWN):
            raise DedupError(f"{flag} {path}", f"names beginning with {write.OWN} are dedup's own")
        if path == "-":
            raise DedupError(f"{flag} -", "standard output is for the text", "give a FILE")
        if source is not None and write.same_file(path, source):
            hint = "use --in-place" if flag == "-o" else ""
            raise DedupError("", f"{flag} {path} would overwrite the input", hint)
        for other, used in taken:
            if _same_path(path, used):
                raise DedupError("", f"{flag} {path} would overwrite {other} {used}")
        taken.append((flag, path))


def _same_path(one: str, other: str) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return not _is_device(one)
    try:
        return os.path.samefile(one, other) and not _is_device(one)
    except OSError:  # one of them is not there yet
        return False


def _is_device(path: str) -> bool:
    """Whether it is no file, so that two things can be written to it: ``/dev/null``, a pipe."""
    return os.path.exists(path) and not os.path.isfile(path)
