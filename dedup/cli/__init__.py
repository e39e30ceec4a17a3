"""The command line. ``main`` turns whatever happens into an exit status and, if need be, one line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedup.cli import streams
from dedup.errors import DedupError

if TYPE_CHECKING:
    from dedup.cli.talk import Talk

FOUND = 1  # --check or --diff found something
FAILED = 2  # could not do the job
CLOSED_PIPE = 141
SIGNALLED = 128  # plus the number of the signal
INTERRUPTED = 130

COMPLETE = "_DEDUP_COMPLETE"
"""The variable with which a shell asks what the line it shows could go on with."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``dedup`` with ``argv``, by default the process's own arguments; the exit status."""
    if argv is not None:
        return _status(list(argv), is_all=False)
    # A short process makes little garbage and many lasting objects: looking through them at start
    # and once more at exit is a tenth of the time a small text takes (measured).
    gc.set_threshold(100_000)
    # Nothing here multiplies matrices, and numpy starts threads for that which cost it half of its import.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return _status(sys.argv[1:], is_all=True)
    finally:
        gc.freeze()


def _status(args: list[str], *, is_all: bool) -> int:
    """The exit status for whatever happens; what is to be said about it is said.

    ``is_all``: this is all the process does.
    """
    streams.reserve()
    from dedup.cli.talk import Talk

    talk = Talk()
    try:
        return _run(args, talk, is_all=is_all)
    except DedupError as error:
        talk.error(error)
    except (streams.ClosedPipe, BrokenPipeError):  # the latter from -o to a pipe
        return CLOSED_PIPE
    except KeyboardInterrupt:
        talk.interrupted()
        return INTERRUPTED
    except MemoryError:
        talk.error(DedupError("", "out of memory"))
    except Exception as error:  # noqa: BLE001  whatever it is, it ends in one line
        talk.crash(error)
    return FAILED


def _run(args: list[str], talk: Talk, *, is_all: bool) -> int:
    if args == ["--version"]:  # asked often, by scripts: it needs none of the rest
        write_version()
        return 0
    if not args and os.environ.get(COMPLETE):
        from dedup.cli import completion

        return completion.answer(os.environ[COMPLETE])
    from dedup.cli.signals import AsExceptions, Terminated

    try:
        with AsExceptions(is_all=is_all):
            return _run_command(args or ["clean"], talk)  # no arguments: a pipe is cleaned
    except Terminated as end:
        return SIGNALLED + end.number


def _run_command(args: list[str], talk: Talk) -> int:
    if args == ["clean"] and streams.is_readable_stdin():
        from dedup.cli import cleaning

        return cleaning.pipe(
            talk
        )  # nothing to parse: click would be a third of a small pipe's time
    from dedup.cli.commands import run

    return run(args, talk)


def write_version() -> None:
    """Write name and version to standard output."""
    from dedup import __version__

    streams.write(f"dedup {__version__}\n".encode())
