"""Tasks done by several processes, in order and with bounded memory.

``concurrent.futures`` does the work; what is added is that a process that dies costs the file it was
at and nothing else, that the workers end when they are no longer wanted, and that a machine
which cannot start processes does the work itself. Nothing relies on how processes are started.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Generic, TypeVar

from dedup.batch.signals import SIGNALS, held_back

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8
"""Groups per worker that may be under way or wait for their turn: enough that one slow file does
not leave the others idle, and a bound on what is held."""

PATIENCE = 0.05
"""Seconds between two requests to a worker to end, of which there are ten before it is killed."""

WATCH = 1.0
"""Seconds between two looks at whether the workers are alive, while waiting for an answer."""


FAILURES = (BrokenProcessPool, OSError, ImportError, NotImplementedError, RuntimeError)
"""What starting processes comes to where that is not possible."""


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
        self._workers: set[BaseProcess] = set()
        self._can_start = True
        self._start(jobs)

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
            results = self._answer(future)
        except BrokenProcessPool:
            self._recover(waiting)
            return self._next(waiting)
        waiting.popleft()
        return iter(results)

    def _answer(self, future: Future[list[R]]) -> list[R]:
        """What a group came to; ``BrokenProcessPool`` if that will never be known.

        The executor waits for ever for the rest of an answer whose process died while sending it.
        """
        while True:
            try:
                return future.result(WATCH)
            except TimeoutError:
                if future.done():  # it is the work's own
                    raise
            if any(worker.exitcode is not None for worker in self._workers):
                raise BrokenProcessPool

    def _submit(self, group: Sequence[T]) -> Future[list[R]]:
        if not self._can_start:
            return _known(self._work(group))
        try:
            with held_back():  # this may start another worker
                future = self._executor.submit(_work_on, self._work, group)
        except BrokenProcessPool as broken:  # found out when its turn comes
            future = Future()
            future.set_exception(broken)
        self._workers |= self._children()
        return future

    def _children(self) -> set[BaseProcess]:
        """Our processes that are alive."""
        return set(multiprocessing.active_children()) - self._before

    def _recover(self, waiting: deque[tuple[Sequence[T], Future[list[R]]]]) -> None:
        """Do again, one task at a time, whatever was under way when a process died."""
        groups = list(waiting)
        waiting.clear()
        self._restart(1)
        for group, future in groups:
            if future.done() and not future.exception():
                waiting.append((group, future))
                continue
            waiting.append((group, _known([self._alone(task) for task in group])))
        self._restart(self._jobs)

    def _alone(self, task: T) -> R:
        if not self._can_start:  # it may be what killed the worker: not to be tried in this process
            return self._lost(task)
        try:
            return self._answer(self._submit([task]))[0]
        except BrokenProcessPool:
            self._restart(1)
            return self._lost(task)

    def _restart(self, jobs: int) -> None:
        """Start workers anew; if that is no longer possible, this process does what is left."""
        self._end()
        try:
            if self._can_start:
                self._start(jobs)
        except CannotStart:
            self._can_start = False

    def _start(self, jobs: int) -> None:
        """Start workers, of which one has answered; ``CannotStart`` if none does."""
        try:
            self._executor = ProcessPoolExecutor(jobs, mp_context=context(), initializer=_prepare)
        except FAILURES as error:
            raise CannotStart(str(error)) from error
        try:
            with held_back():
                answer = self._executor.submit(os.getpid)
            answer.result()
        except FAILURES as error:
            self._end()
            raise CannotStart(str(error)) from error

    def _end(self) -> None:
        """End the workers now; what they are writing is finished or undone."""
        with held_back():  # a second Ctrl-C must not leave half of them
            answers = getattr(self._executor, "_result_queue", None)
            manager = getattr(self._executor, "_executor_manager_thread", None)
            self._executor.shutdown(wait=False, cancel_futures=True)
            ours = self._children()
            for _ in range(10):
                for child in ours:
                    child.terminate()
                for child in ours:
                    child.join(PATIENCE)
                ours = {child for child in ours if child.is_alive()}
            for child in ours:
                child.kill()
                child.join()
            self._workers.clear()
            # The executor may be reading an answer that broke off: with our end of the pipe open, it
            # would wait for the rest for ever, and the end of the program for the executor.
            if writer := getattr(answers, "_writer", None):
                writer.close()
            # Its thread is not to be there when workers are started anew.
            if manager is not None:
                manager.join(WATCH)


def _known(results: list[R]) -> Future[list[R]]:
    future: Future[list[R]] = Future()
    future.set_result(results)
    return future


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


def _prepare() -> None:
    """Make a worker leave Ctrl-C to its parent, end when told to, and not outlive it."""
    sys.unraisablehook = _unraisable
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _when_told_to_end(_exit)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work_on(work: Callable[[Sequence[T]], list[R]], group: Sequence[T]) -> list[R]:
    """What the group comes to; when told to end, what was begun is undone first."""
    _when_told_to_end(_unwind)
    try:
        return work(group)
    except _Told as told:
        number = told.number
    finally:
        _when_told_to_end(_exit)
    # Here the exception is gone, and with it all that its frames had open. Raised any further, the
    # executor would make it an answer, and go on.
    os._exit(128 + number)


class _Told(BaseException):
    """This worker is to end. Not an ``Exception``: no handler of errors may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _when_told_to_end(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        if number != signal.SIGINT:
            signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _go_on(number: int, frame: FrameType | None) -> None:
    """Nothing; and unlike ``SIG_IGN`` nothing is said of a signal that came before."""


def _unwind(number: int, frame: FrameType | None) -> None:
    _when_told_to_end(_go_on)  # the next request must not break into the cleaning up
    raise _Told(number)


def _unraisable(about: sys.UnraisableHookArgs) -> None:
    """A request to end that came where Python ignores exceptions is waited for again."""
    if isinstance(about.exc_value, _Told):
        _when_told_to_end(_unwind)
    else:
        sys.__unraisablehook__(about)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
