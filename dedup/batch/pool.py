"""Tasks done by several processes, in order and with bounded memory.

``concurrent.futures`` does the work; what is added is that a process that dies costs the file it was
at and nothing else, that the workers end when they are no longer wanted, and that a machine
which cannot start processes does the work itself. Nothing relies on how processes are started.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from types import FrameType
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8
"""Groups per worker that may be under way or wait for their turn: enough that one slow file does
not leave the others idle, and a bound on what is held."""

PATIENCE = 0.05
"""Seconds between two requests to a worker to end, of which there are ten before it is killed."""


class CannotStart(Exception):
    """No process could be started here."""


class Pool(Generic[T, R]):
    """Applies ``work`` to groups of tasks; ``lost`` says what a task comes to whose process died.

    ``work`` is called in other processes, so it and all it takes and gives must survive pickling.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], list[R]], lost: Callable[[T], R], jobs: int
    ) -> None:
        self._work = work
        self._lost = lost
        self._jobs = jobs
        self._before = set(multiprocessing.active_children())
        self._executor = self._started(jobs)

    def __enter__(self) -> Pool[T, R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._executor.shutdown()
        else:
            self._end()

    def map(self, groups: Iterable[Sequence[T]]) -> Iterator[R]:
        """What each task comes to, in order of the tasks."""
        waiting: deque[tuple[Sequence[T], Future[list[R]]]] = deque()
        for group in groups:
            waiting.append((group, self._submit(group)))
            if len(waiting) > AHEAD * self._jobs:
                yield from self._next(waiting)
        while waiting:
            yield from self._next(waiting)

    def _next(self, waiting: deque[tuple[Sequence[T], Future[list[R]]]]) -> Iterator[R]:
        _, future = waiting[0]
        try:
            results = future.result()
        except BrokenProcessPool:
            self._recover(waiting)
            return self._next(waiting)
        waiting.popleft()
        return iter(results)

    def _submit(self, group: Sequence[T]) -> Future[list[R]]:
        try:
            return self._executor.submit(_busily, self._work, group)
        except BrokenProcessPool as broken:  # found out when its turn comes
            future: Future[list[R]] = Future()
            future.set_exception(broken)
            return future

    def _recover(self, waiting: deque[tuple[Sequence[T], Future[list[R]]]]) -> None:
        """Do again, one task at a time, whatever was under way when a process died."""
        groups = list(waiting)
        waiting.clear()
        self._restart(1)
        for group, future in groups:
            if future.done() and not future.exception():
                waiting.append((group, future))
                continue
            again: Future[list[R]] = Future()
            again.set_result([self._alone(task) for task in group])
            waiting.append((group, again))
        self._restart(self._jobs)

    def _alone(self, task: T) -> R:
        try:
            return self._executor.submit(_busily, self._work, [task]).result()[0]
        except BrokenProcessPool:
            self._restart(1)
            return self._lost(task)

    def _restart(self, jobs: int) -> None:
        self._end()
        self._executor = self._started(jobs)

    def _started(self, jobs: int) -> ProcessPoolExecutor:
        """Workers that have answered once; ``CannotStart`` if they do not."""
        try:
            executor = ProcessPoolExecutor(jobs, mp_context=context(), initializer=_prepare)
            executor.submit(os.getpid).result()
        except (
            BrokenProcessPool,
            OSError,
            ImportError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise CannotStart(str(error)) from error
        return executor

    def _end(self) -> None:
        """End the workers now; what they are writing is finished or undone."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        ours = [child for child in multiprocessing.active_children() if child not in self._before]
        for _ in range(10):
            for child in ours:
                child.terminate()
            for child in ours:
                child.join(PATIENCE)
            ours = [child for child in ours if child.is_alive()]
        for child in ours:
            child.kill()
            child.join()


def cores() -> int:
    """How many processor cores this process may use, by its affinity and its group's quota."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        count = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min(count, _quota() or count))


def _quota(path: str = "/sys/fs/cgroup/cpu.max") -> int:
    """Cores that a container's quota comes to, rounded up; 0 without one."""
    try:
        with open(path, encoding="ascii") as file:
            quota, period = file.read().split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError):  # "max" is no number
        return 0


def context() -> BaseContext:
    """How processes are started: as the program or the system prefers, but threads are not forked."""
    chosen = multiprocessing.get_context()
    if chosen.get_start_method() == "fork" and threading.active_count() > 1:
        return multiprocessing.get_context("forkserver")
    return chosen


SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def _held_back() -> Iterator[None]:
    """Let no signal through while workers start: one that is not prepared would die with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare() -> None:
    """Make a worker leave Ctrl-C to its parent, clean up when told to end, and not outlive it."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else _leave)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


class _State:
    """What a worker is at. Nobody else uses it."""

    is_busy = False


def _busily(work: Callable[[Sequence[T]], list[R]], group: Sequence[T]) -> list[R]:
    _State.is_busy = True
    try:
        return work(group)
    finally:
        _State.is_busy = False


def _leave(number: int, frame: FrameType | None) -> None:
    """End: at once while waiting for work; while at work by an exception, so that it is cleaned up."""
    if not _State.is_busy:
        os._exit(128 + number)
    raise SystemExit(128 + number)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
