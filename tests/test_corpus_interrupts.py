"""A run across documents that is told to end at any moment: files are old or new, and nothing lies about."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.conftest import Run
from tests.crowd import PARAGRAPHS, SINGLE, text, written
from tests.many import temporaries, tree
from tests.test_interrupts import (
    ENOUGH,
    STATUSES,
    assert_nobody_is_left,
    command,
    duration,
    started,
)

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")

FILES = {
    f"{at % 7}/{at}.txt": text(
        f"{at}. {SINGLE[at % 20]}", *PARAGRAPHS[at : at + 2], f"{SINGLE[(at + 9) % 20]} {at}"
    )
    for at in range(90)
}
OLD = {name: said.encode() for name, said in FILES.items()}
CORPUS = ["in", "--scope", "corpus"]
OUTPUT, PLANNED = [*CORPUS, "-o", "out"], [*CORPUS, "-i", "--plan", "p.jsonl"]


def fresh() -> None:
    for folder in ("out", "tmp"):
        shutil.rmtree(folder, ignore_errors=True)
    Path("p.jsonl").unlink(missing_ok=True)
    Path("tmp").mkdir()
    written("in", FILES)


@pytest.mark.parametrize(
    ("number", "whom", "jobs", "arguments"),
    [
        (signal.SIGINT, "all", 2, OUTPUT),
        (signal.SIGINT, "one", 1, PLANNED),
        (signal.SIGTERM, "all", 2, PLANNED),
        (signal.SIGHUP, "one", 2, OUTPUT),
    ],
    ids=lambda value: value[3] if isinstance(value, list) else str(value),
)
def test_a_signal_leaves_each_file_old_or_new_and_the_same_command_goes_on(
    number: signal.Signals,
    whom: str,
    jobs: int,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_dedup: Run,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    target = Path("out" if arguments is OUTPUT else "in")
    whole = command(jobs, arguments)
    fresh()
    length = duration(whole)
    new = tree(target)
    assert new != OLD
    random = Random(f"{number} {whom} {jobs}")
    stopped = 0
    for moment in (0.0, 0.3, 0.6):
        fresh()
        with started(whole) as run:
            time.sleep(length * random.uniform(moment, moment + 0.3))
            with suppress(ProcessLookupError):
                (os.kill if whom == "one" else os.killpg)(run.pid, number)
            _, said = run.communicate(timeout=ENOUGH)
            assert_nobody_is_left(run.pid)
        stopped += run.returncode != 0
        assert run.returncode in (0, STATUSES[number]), said
        assert temporaries(Path()) == []
        assert not list(Path("tmp").iterdir())
        half = tree(target) if target.exists() else {}
        assert all(data in (OLD[name], new[name]) for name, data in half.items())
        assert target == Path("out") or half.keys() == OLD.keys()
    assert stopped
    again = run_dedup("clean", "--isolated", *arguments)
    assert again.returncode == 0, again.stderr
    assert tree(target) == new
