"""The summary of a step of GitHub Actions: a page that the runner shows with the build."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from dedup.cli.talk import Talk
from dedup.errors import DedupError

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file to which a step appends its page."""

MOST = 900 << 10
"""Bytes: a page of more than 1 MiB is dropped as a whole, and other tools of the step may have a share."""

LEAST = 4 << 10
"""Bytes below which a page says nothing."""


def summary(environ: Mapping[str, str]) -> str | None:
    """The file for the summary, if there is to be one."""
    return environ.get(VARIABLE) or None


def room(path: str) -> int:
    """Bytes that may still be written to the file."""
    try:
        return MOST - os.stat(path).st_size
    except OSError:  # said when it is to be written
        return MOST


def append(path: str, data: Iterable[bytes], talk: Talk) -> None:
    """Put the page at the end of the file. What goes wrong is said, and is no reason to lose anything else."""
    try:
        _append(path, b"".join(data))
    except DedupError as error:
        talk.error(error)
    except OSError as error:
        talk.error(DedupError(f"{VARIABLE} {path}", error.strerror or str(error)))


def _append(path: str, data: bytes) -> None:
    where = f"{VARIABLE} {path}"
    if os.path.lexists(path) and not os.path.isfile(path):
        raise DedupError(where, "is not a regular file")
    if room(path) < LEAST:
        raise DedupError(where, f"holds {MOST >> 10} KiB already, and no more would be shown")
    with open(path, "ab") as file:
        file.write(data)
