"""Signals as exceptions, so that what was begun is undone on the way out."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived. Not an ``Exception``: no handler of errors may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class AsExceptions:
    """Within ``with``, SIGTERM and SIGHUP raise ``Terminated`` in the main thread.

    A signal that our parent told us to ignore (nohup) stays ignored.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                try:
                    self._before[number] = signal.signal(number, _raise)
                except ValueError:  # called from another thread: its signals are not ours
                    return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)
