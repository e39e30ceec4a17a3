"""Signals held back for a moment that must not be broken into."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
"""What tells a run to end."""


@contextmanager
def held_back() -> Iterator[None]:
    """Let no signal through while something starts or ends that could be left half done.

    A worker that is not prepared yet would die with a traceback; in the midst of a fork Python ignores
    an exception, and Ctrl-C would be forgotten; a bar could stay without its cursor.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
