"""Tasks done by several processes: in order, bounded, and none the worse for a process that dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dedup.batch import pool
from dedup.batch.pool import AHEAD, CannotStart, Pool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills processes by signals")

METHODS = multiprocessing.get_all_start_methods()


class Stopped(Exception):
    """The run is not gone on with."""


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A way to start processes, in use for the test."""
    monkeypatch.setattr(pool, "context", lambda: multiprocessing.get_context(request.param))
    return str(request.param)


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def squares(numbers: Sequence[int]) -> list[int]:
    return [number * number for number in numbers]


def inverses(numbers: Sequence[int]) -> list[int]:
    return [1 // number for number in numbers]


def squares_and_deaths(numbers: Sequence[int]) -> list[int]:
    """Squares, but 13 kills its process each time, and 21 when it is not alone."""
    if 13 in numbers or (21 in numbers and len(numbers) > 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(numbers)


def slow_first(numbers: Sequence[int]) -> list[int]:
    """Squares; those of the first group come last of all."""
    if 0 in numbers:
        time.sleep(0.3)
    return squares(numbers)


def process_of(numbers: Sequence[int]) -> list[int]:
    time.sleep(0.05)
    return [os.getpid()] * len(numbers)


def lengthy(numbers: Sequence[int]) -> list[bytes]:
    """Answers that no pipe can hold."""
    return [bytes(1 << 18)] * len(numbers)


def lasting(folder: str, numbers: Sequence[int]) -> list[int]:
    """Work that but for the first group only ends when it is told to, and then cleans up."""
    if 0 in numbers:
        return [*numbers]
    begun = Path(folder, f"{numbers[0]}.begun")
    begun.touch()
    try:
        time.sleep(60)
    finally:
        time.sleep(0.2)  # longer than between two requests to end
        begun.unlink()
    return [*numbers]


def broken_off(numbers: Sequence[int]) -> list[int]:
    """Squares, but the process that knows that of 13 dies while it is sending it."""
    if 13 in numbers:
        Connection._send = _send_half  # type: ignore[attr-defined]
    return squares(numbers)


def _send_half(self: Connection, data: bytes, write: object = None) -> None:
    os.write(self.fileno(), data[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def lost(number: int) -> int:
    return -number


def groups(count: int, size: int = 5) -> Iterator[list[int]]:
    for first in range(0, count, size):
        yield [*range(first, min(first + size, count))]


def test_results_come_in_order_however_processes_are_started(method: str) -> None:
    with Pool(slow_first, lost, 3) as workers:
        assert [*workers.map(groups(43))] == squares(range(43))


def test_several_processes_do_the_work() -> None:
    with Pool(process_of, lost, 3) as workers:
        processes = set(workers.map(groups(60)))
    assert 2 <= len(processes) <= 3
    assert os.getpid() not in processes


def test_what_is_under_way_is_bounded() -> None:
    taken = 0

    def counted() -> Iterator[list[int]]:
        nonlocal taken
        for group in groups(1000):
            taken += 1
            yield group

    with Pool(squares, lost, 2) as workers:
        results = workers.map(counted())
        for done in range(1, 1001):
            next(results)
            assert taken <= (done - 1) // 5 + 2 * AHEAD + 1


def test_a_task_that_kills_its_process_is_lost_alone(method: str) -> None:
    """R16"""
    with Pool(squares_and_deaths, lost, 3) as workers:
        expected = squares(range(40))
        expected[13] = -13
        assert [*workers.map(groups(40))] == expected


def test_where_none_can_be_started_again_this_process_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    groups = [
        [number] for number in range(60)
    ]  # 13 is under way with others, 59 waits for its turn
    with Pool(squares_and_deaths, lambda task: -task, 2) as workers:

        def refuse(self: Pool[int, int], jobs: int) -> None:
            raise CannotStart

        monkeypatch.setattr(Pool, "_start", refuse)
        results = list(workers.map(groups))
    assert len(results) == 60 and results[13] == -13
    assert all(result in (number * number, -number) for number, result in enumerate(results))
    assert results[-20:] == squares(range(40, 60))


def test_an_answer_that_breaks_off_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """R16"""
    monkeypatch.setattr(pool, "WATCH", 0.05)
    with Pool(broken_off, lost, 2) as workers:
        expected = squares(range(40))
        expected[13] = -13
        assert [*workers.map(groups(40))] == expected


def test_where_no_process_can_be_started_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """R63"""

    def broken(*_: object, **__: object) -> None:
        raise OSError("Function not implemented")

    monkeypatch.setattr(pool, "ProcessPoolExecutor", broken)
    with pytest.raises(CannotStart, match="Function not implemented"):
        Pool(squares, lost, 2)


def test_workers_that_die_at_once_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """R63"""
    monkeypatch.setattr(pool, "_prepare", partial(os._exit, 3))
    monkeypatch.setattr(pool, "context", lambda: multiprocessing.get_context("fork"))
    with pytest.raises(CannotStart):
        Pool(squares, lost, 2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [("max 100000\n", 0), ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1),
     ("", 0), ("nonsense", 0)],
)  # fmt: skip
def test_a_quota_is_rounded_up(tmp_path: Path, content: str, expected: int) -> None:
    """R63"""
    (tmp_path / "cpu.max").write_text(content)
    assert pool._quota(str(tmp_path / "cpu.max")) == expected
    assert pool._quota(str(tmp_path / "missing")) == 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_affinity_and_quota_bound_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """R63"""
    allowed = os.sched_getaffinity(0)
    monkeypatch.setattr(pool, "_quota", lambda: 0)
    assert pool.cores() == len(allowed)
    monkeypatch.setattr(pool, "_quota", lambda: 1)
    assert pool.cores() == 1
    monkeypatch.setattr(pool, "_quota", lambda: 10_000)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert pool.cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_process_that_is_killed_while_it_waits_costs_nothing() -> None:
    """R16"""
    with Pool(process_of, lost, 2) as workers:
        results = workers.map(groups(15))
        os.kill(next(results), signal.SIGKILL)
        assert all(process > 0 for process in results)


def test_an_error_of_the_work_is_raised() -> None:
    with Pool(inverses, lost, 2) as workers, pytest.raises(ZeroDivisionError):
        [*workers.map(groups(10))]


def test_leaving_early_ends_work_that_lasts_and_lets_it_clean_up(
    method: str, tmp_path: Path
) -> None:
    with suppress(Stopped), Pool(partial(lasting, str(tmp_path)), lost, 2) as workers:
        assert next(workers.map(groups(1000))) == 0
        deadline = time.monotonic() + 30
        while len([*tmp_path.iterdir()]) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        raise Stopped
    assert [*tmp_path.iterdir()] == []


def test_leaving_early_does_not_wait_for_large_answers() -> None:
    """An answer that its process was just sending when it ended is never waited for."""
    script = (
        "from tests.batch.test_pool import *\n"
        "if __name__ == '__main__':\n"
        "    for _ in range(10):\n"
        "        with suppress(Stopped), Pool(lengthy, lost, 3) as workers:\n"
        "            results = workers.map(groups(1000))\n"
        "            next(results)\n"
        "            raise Stopped\n"
        "    print('ended')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b"ended\n", b"")
