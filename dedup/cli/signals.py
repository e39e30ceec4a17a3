"""Signals as exceptions, so that what was begun is undone on the way out."""

from __future__ import annotations

import signal
import sys
from types import FrameType, TracebackType
from typing import Any

HANDLERS: dict[str, Any] = {
    "SIGINT": signal.default_int_handler,
    "SIGTERM": signal.SIG_DFL,
    "SIGHUP": signal.SIG_DFL,  # Windows has none
}
"""The signals that tell us to end, and what Python does about them."""

AGAIN = 0.01
"""Seconds after which a signal that was lost comes again: when the callback it came in is over."""


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived. Not an ``Exception``: no handler of errors may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class AsExceptions:
    """Within ``with``, SIGTERM and SIGHUP raise ``Terminated`` in the main thread, SIGINT as ever.

    From the first of them on, all are ignored: what was begun is being undone, and that is not to be
    broken into. A signal that our parent told us to ignore (nohup) stays ignored.

    ``is_all``: afterwards the process ends, with a status that no signal is to change.
    """

    def __init__(self, *, is_all: bool) -> None:
        self._is_all = is_all
        self._before: dict[int, Any] = {}
        self._hook = sys.unraisablehook

    def __enter__(self) -> None:
        for name, usual in HANDLERS.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == usual:
                try:
                    self._before[number] = signal.signal(number, self._raise)
                except ValueError:  # called from another thread: its signals are not ours
                    return
        if hasattr(signal, "pthread_kill"):  # Windows
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.unraisablehook = self._hook
        for number, handler in self._before.items():
            if self._is_all:
                handler = signal.SIG_IGN  # the only one that lasts while the interpreter shuts down
            signal.signal(number, handler)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        for each in self._before:
            signal.signal(each, _go_on)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated(number)

    def finish(self) -> None:
        """From here on the first signal comes too late: all is done but for saying so.

        The next one is heard: whoever reads what is said may never read on.
        """
        for each in self._before:
            signal.signal(each, self._too_late)

    def _too_late(self, number: int, frame: FrameType | None) -> None:
        for each in self._before:
            signal.signal(each, self._raise)

    def _unraisable(self, about: sys.UnraisableHookArgs) -> None:
        """A signal that came where Python ignores exceptions, in a callback say, comes again."""
        value = about.exc_value
        if not isinstance(value, (KeyboardInterrupt, Terminated)):
            self._hook(about)
            return
        from threading import Timer, get_ident

        for each in self._before:
            signal.signal(each, self._raise)
        number = value.number if isinstance(value, Terminated) else signal.SIGINT
        # To this thread, the main one: it may be about to wait for something.
        Timer(AGAIN, signal.pthread_kill, [get_ident(), number]).start()


def finish() -> None:
    """As ``AsExceptions.finish`` of whoever is in charge of signals now, if anybody."""
    for name in HANDLERS.keys() & vars(signal).keys():
        owner = getattr(signal.getsignal(getattr(signal, name)), "__self__", None)
        if isinstance(owner, AsExceptions):
            owner.finish()
            return


def _go_on(number: int, frame: FrameType | None) -> None:
    """Nothing; and unlike ``SIG_IGN`` nothing is said of a signal that came before."""
