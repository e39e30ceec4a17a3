"""Runs over many files that are stopped, killed or disturbed: each file is old or new, nobody is left.

R13-R16. A run is a process group of its own, as a shell starts it, and is told to end at moments drawn
from a seed: from when it listens until an undisturbed run would be over.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from tests import many
from tests.conftest import Run, Trace
from tests.many import WORKERS, living, temporaries, tree
from tests.test_faults import numbered

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")

TEXTS = many.texts(80)
OLD = {name: old.encode() for name, (old, _) in TEXTS.items()}
NEW = {name: new.encode() for name, (_, new) in TEXTS.items()}
ENOUGH = 40
"""Seconds within which a run that is to end must have: many times what it needs."""
STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
IN_PLACE, OUTPUT, PLANNED = ["in", "-i"], ["in", "-o", "out"], ["in", "-i", "--plan", "p.jsonl"]

OWN_FILE = re.compile(r'"\.dedup-[0-9a-f]{16}"')


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of texts; not to be changed."""
    return many.write(tmp_path_factory.mktemp("originals"), TEXTS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, originals: Path) -> Path:
    """A folder with the texts in ``in``."""
    monkeypatch.chdir(tmp_path)
    fresh(originals)
    return tmp_path


def fresh(originals: Path) -> None:
    """All as it was before a run."""
    for name in ("in", "out"):
        shutil.rmtree(name, ignore_errors=True)
    Path("p.jsonl").unlink(missing_ok=True)
    shutil.copytree(originals, "in")


def command(jobs: int, arguments: list[str], method: str = "") -> list[str]:
    return [sys.executable, WORKERS, method, "clean", "--isolated", "-j", str(jobs), *arguments]


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process group of its own, from the moment at which it listens to signals."""
    with subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as run:
        try:
            while not listens(run.pid):
                assert run.poll() is None
                time.sleep(0.001)
            yield run
        finally:
            for process in living(run.pid):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def listens(process: int) -> bool:
    """Whether the process has said what it does on SIGTERM."""
    status = Path(f"/proc/{process}/status").read_text()
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def assert_nobody_is_left(group: int) -> None:
    deadline = time.monotonic() + ENOUGH
    while living(group):
        assert time.monotonic() < deadline, "a process was left"
        time.sleep(0.01)


def assert_old_or_new(arguments: list[str]) -> None:
    if "-o" in arguments:
        assert tree(Path("in")) == OLD
        found = tree(Path("out")) if Path("out").exists() else {}
        assert all(NEW[name] == data for name, data in found.items())
    else:
        found = tree(Path("in"))
        assert found.keys() == OLD.keys()
        assert all(data in (OLD[name], NEW[name]) for name, data in found.items())


def assert_ends_as_undisturbed(run_dedup: Run, arguments: list[str]) -> None:
    """R14"""
    again = run_dedup("clean", "--isolated", *arguments)
    assert again.returncode == 0, again.stderr
    assert tree(Path("out" if "-o" in arguments else "in")) == NEW


def duration(arguments: list[str]) -> float:
    begin = time.monotonic()
    run = subprocess.run(arguments, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return time.monotonic() - begin


CASES = [
    (signal.SIGINT, "one", 1, "", IN_PLACE),
    (signal.SIGINT, "all", 2, "", IN_PLACE),
    (signal.SIGINT, "all", 4, "", OUTPUT),
    (signal.SIGINT, "twice", 2, "", IN_PLACE),
    (signal.SIGINT, "all", 2, "spawn", OUTPUT),
    (signal.SIGINT, "all", 2, "forkserver", IN_PLACE),
    (signal.SIGINT, "one", 2, "", PLANNED),
    (signal.SIGTERM, "one", 2, "", OUTPUT),
    (signal.SIGTERM, "all", 4, "", OUTPUT),
    (signal.SIGHUP, "all", 1, "", IN_PLACE),
    (signal.SIGHUP, "all", 2, "", OUTPUT),
]


@pytest.mark.parametrize(
    ("number", "whom", "jobs", "method", "arguments"),
    CASES,
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
@pytest.mark.usefixtures("here")
def test_a_signal_at_any_moment_ends_the_run_and_leaves_each_file_old_or_new(
    number: signal.Signals,
    whom: str,
    jobs: int,
    method: str,
    arguments: list[str],
    originals: Path,
    run_dedup: Run,
) -> None:
    """R13, R14"""
    random = Random(f"{number} {whom} {jobs} {method}")
    whole = command(jobs, arguments, method)
    length = duration(whole)
    stopped = 0
    for moment in (0.0, 0.4):
        fresh(originals)
        with started(whole) as run:
            time.sleep(length * random.uniform(moment, moment + 0.4))
            for again in range(2 if whom == "twice" else 1):
                time.sleep(random.uniform(0, 0.05) if again else 0)
                with suppress(ProcessLookupError):
                    (os.kill if whom == "one" else os.killpg)(run.pid, number)
            _, said = run.communicate(timeout=ENOUGH)
            assert_nobody_is_left(run.pid)
        if run.returncode != 0:  # else it was quicker than the first time
            stopped += 1
            assert run.returncode == STATUSES[number], said
            wanted = rb"interrupted(; \d+ of 80 files done)?\n"
            is_early = not said and number != signal.SIGINT  # before there were any files
            if whom == "twice" and said.startswith(b"Removed "):  # the first came when all was done
                assert said.endswith(b"interrupted\n"), said
                assert tree(Path("out" if "-o" in arguments else "in")) == NEW
            else:
                assert is_early or re.fullmatch(wanted, said), said
        assert temporaries(Path()) == []
        assert_old_or_new(arguments)
    assert stopped
    assert_ends_as_undisturbed(run_dedup, arguments)


SIGNALLED_AT_ITS_LAST_WORDS = """
import os, sys
from dedup.cli import main
from dedup.cli.talk import Talk

note = Talk.note
number, word, times = int(sys.argv.pop(1)), sys.argv.pop(1), int(sys.argv.pop(1))

def noted(self, line):
    global times
    note(self, line)
    while line.startswith(word) and times:
        times -= 1
        os.kill(os.getpid(), number)

Talk.note = noted
sys.exit(main())
"""
"""The command, which is told to end so often when it has said a line that begins so."""


def told_at_the_end(
    number: int, word: str, *arguments: str, times: int = 1
) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-c", SIGNALLED_AT_ITS_LAST_WORDS, str(int(number)), word, str(times)]
    return subprocess.run([*line, *arguments], capture_output=True, timeout=60)


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.parametrize(
    ("word", "status", "arguments"),
    [
        ("Removed", 0, ["clean", "in", "-o", "out", "-j", "1"]),
        ("Most text", 0, ["clean", "in", "-i", "-j", "1"]),
        ("Removed", 0, ["clean", "one.txt", "-i"]),
        ("Removed", 0, ["clean", "one.jsonl", "-o", "out.jsonl"]),
        ("Restored", 0, ["restore", "in", "--plan", "empty.jsonl", "-o", "back"]),
        ("Found", 1, ["check", "in", "-j", "1"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
@pytest.mark.usefixtures("here")
def test_a_signal_that_comes_when_all_is_done_and_told_changes_nothing(
    number: signal.Signals, word: str, status: int, arguments: list[str], run_dedup: Run
) -> None:
    text = next(old for old, new in TEXTS.values() if old != new)
    Path("one.txt").write_text(text)
    Path("one.jsonl").write_text(json.dumps({"text": text}) + "\n")
    assert run_dedup("clean", "-o", "x", "--plan", "empty.jsonl", input=b"").returncode == 0
    run = told_at_the_end(number, word, *arguments)
    assert word.encode() in run.stderr  # so it was told to end
    assert b"interrupted" not in run.stderr
    assert run.returncode == status


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.usefixtures("here")
def test_a_second_signal_is_heard_even_then(number: signal.Signals) -> None:
    """Who reads the last words may never read on. What was done is done all the same."""
    run = told_at_the_end(number, "Removed", "clean", "in", "-o", "out", times=2)
    assert run.returncode == STATUSES[number]
    said = run.stderr.decode().splitlines()
    assert said[0].startswith("Removed ")
    assert said[1:] == ["interrupted"] * (number == signal.SIGINT)
    assert tree(Path("out")) == NEW


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.usefixtures("here")
def test_workers_do_not_outlive_a_killed_parent(method: str, run_dedup: Run) -> None:
    """R13"""
    with started(command(2, IN_PLACE, method)) as run:
        deadline = time.monotonic() + ENOUGH
        while tree(Path("in")) == OLD:
            assert time.monotonic() < deadline
        os.kill(run.pid, signal.SIGKILL)
        run.wait(timeout=ENOUGH)
        assert_nobody_is_left(run.pid)
    assert_old_or_new(IN_PLACE)
    assert_ends_as_undisturbed(run_dedup, IN_PLACE)


@pytest.mark.usefixtures("here")
def test_a_worker_that_is_killed_costs_nothing_that_can_be_done_again(run_dedup: Run) -> None:
    """R16"""
    with started(command(2, OUTPUT)) as run:
        deadline = time.monotonic() + ENOUGH
        while not Path("out").exists() or not tree(Path("out")):
            assert time.monotonic() < deadline
        workers = [process for process in living(run.pid) if process != run.pid]
        os.kill(workers[0], signal.SIGKILL)
        _, said = run.communicate(timeout=60)
        assert_nobody_is_left(run.pid)
    assert run.returncode == 0, said
    assert tree(Path("out")) == NEW


def test_a_file_that_kills_its_worker_each_time_fails_alone(here: Path) -> None:
    """R16"""
    script = here / "deadly.py"
    script.write_text(
        "import os, signal, sys\n"
        "from dedup.batch import folder, work\n"
        "from dedup.cli import main\n"
        "class Deadly(work.Worker):\n"
        "    def run(self, task):\n"
        "        if 'text042' in task.found.name:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return super().run(task)\n"
        "work.Worker = Deadly\n"
        "folder.MIN_POOL_BYTES, folder.GROUP_BYTES = 0, 1 << 13\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(main(['clean', 'in', '-o', 'out', '--isolated', '-j', '3']))\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, timeout=60)
    assert run.returncode == 2
    (name,) = (name for name in NEW if "text042" in name)
    said = run.stderr.decode().splitlines()
    assert said[0].startswith(f"dedup: error: in/{name}: its worker process was killed")
    assert said[-1] == "1 file could not be processed."
    assert tree(Path("out")) == {other: data for other, data in NEW.items() if other != name}


@pytest.mark.parametrize("arguments", [IN_PLACE, OUTPUT], ids=" ".join)
@pytest.mark.usefixtures("here")
def test_two_runs_at_once_disturb_each_other_at_most_by_a_message(
    arguments: list[str], run_dedup: Run
) -> None:
    """R15"""
    with started(command(2, arguments)) as one, started(command(2, arguments)) as other:
        for run in (one, other):
            _, said = run.communicate(timeout=60)
            assert run.returncode in (0, 2), said
            assert b"Traceback" not in said and b"internal" not in said
            if run.returncode == 2:
                assert said.count(b"changed while") + said.count(b"written by dedup") >= 1, said
    assert temporaries(Path()) == []
    assert_old_or_new(arguments)
    assert_ends_as_undisturbed(run_dedup, arguments)


@pytest.mark.usefixtures("here")
def test_a_plan_is_complete_before_the_first_file_is_replaced(strace: Trace) -> None:
    here = Path().absolute()
    arguments = ["clean", "--isolated", "-i", str(here / "in"), "--plan", str(here / "p.jsonl")]
    run = strace("-e", "trace=rename,renameat,renameat2,fsync", dedup=arguments)
    assert run.returncode == 0, run.stderr
    moved = [line for line in run.args if "rename" in line and str(here) in line]
    assert f'{here / "p.jsonl"}"' in moved[0]
    assert len(moved) == 1 + sum(OLD[name] != NEW[name] for name in OLD)
    synced = [line for line in run.args[: run.args.index(moved[0])] if "fsync" in line]
    assert any(str(here / ".dedup-") in line for line in synced)


@pytest.mark.usefixtures("here")
def test_a_run_with_a_plan_that_was_killed_is_gone_on_with(strace: Trace, run_dedup: Run) -> None:
    """In the phase that writes: the plan is whole, so what was removed can always be put back."""
    here = Path().absolute()
    arguments = ["clean", "--isolated", "-i", str(here / "in"), "--plan", str(here / "p.jsonl")]
    inject = "inject=rename,renameat,renameat2:signal=KILL:when=20"
    run = strace("-e", "trace=rename,renameat,renameat2", "-e", inject, dedup=arguments)
    assert run.returncode in (-9, 137)
    plan = Path("p.jsonl").read_bytes()
    between = tree(Path("in"))
    assert between not in (OLD, NEW)
    assert_old_or_new(IN_PLACE)
    back = run_dedup("restore", "in", "-o", "out", "--plan", "p.jsonl")
    assert (back.returncode, tree(Path("out"))) == (0, OLD), back.stderr
    again = run_dedup(*arguments)
    assert again.returncode == 0, again.stderr
    assert tree(Path("in")) == NEW
    assert Path("p.jsonl").read_bytes() == plan
    back = run_dedup("restore", "in", "-i", "--plan", "p.jsonl")
    assert (back.returncode, tree(Path("in"))) == (0, OLD), back.stderr


@pytest.mark.usefixtures("here")
def test_a_signal_that_arrives_as_a_temporary_file_is_made_leaves_none(strace: Trace) -> None:
    """R13: the file is there, and its descriptor is not known yet."""
    here = Path().absolute()
    arguments = ["clean", "--isolated", str(here / "in"), "-o", str(here / "out")]
    for warm in (True, False):
        run = strace("-e", "trace=openat", dedup=arguments, warm=warm)
        assert run.returncode == 0, run.stderr
        shutil.rmtree("out")
    calls = [call for call in numbered(run.args) if OWN_FILE.search(call.shown)]
    assert len(calls) >= len(OLD)
    for call in calls[1 : len(calls) : len(calls) // 4]:
        inject = f"inject=openat:signal=TERM:when={call.number}"
        run = strace("-e", "trace=openat", "-e", inject, dedup=arguments)
        assert run.returncode == 143
        assert temporaries(Path()) == []
        assert_old_or_new(OUTPUT)


def test_a_signal_in_a_callback_is_not_lost(here: Path) -> None:
    """Python ignores exceptions there, and would go on as if nothing had been said."""
    script = here / "callback.py"
    script.write_text(
        "import os, signal, sys, time\n"
        "from dedup.cli.signals import AsExceptions, Terminated\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), getattr(signal, sys.argv[1]))\n"
        "        time.sleep(0)\n"
        "try:\n"
        "    with AsExceptions(is_all=True):\n"
        "        Last()\n"
        "        time.sleep(20)\n"
        "    print('went on')\n"
        "except (KeyboardInterrupt, Terminated) as end:\n"
        "    print(type(end).__name__)\n"
    )
    for name, raised in (("SIGINT", b"KeyboardInterrupt\n"), ("SIGTERM", b"Terminated\n")):
        run = subprocess.run([sys.executable, script, name], capture_output=True, timeout=15)
        assert (run.stdout, run.stderr, run.returncode) == (raised, b"", 0)
