"""Worker processes change nothing but the time: same bytes however many, and however they are started."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.batch import folder, pool, work
from dedup.cli import main
from dedup.errors import DedupError
from dedup.files.walk import Found
from tests import many
from tests.many import WORKERS, tree

TEXTS = many.texts(30)
NEW = {name: new.encode() for name, (_, new) in TEXTS.items()}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the texts in ``in``, one of which is none."""
    path = tmp_path_factory.mktemp("jobs")
    many.write(path / "in", TEXTS)
    (path / "in/bad.txt").write_bytes(b"caf\xe9\n")
    return path


def ran(
    there: Path, jobs: int, method: str = "", cwd: str = "", **environ: str
) -> tuple[object, ...]:
    """All that comes of a run: status, talk, the output and the reports, the plan."""
    out = there / "out"
    shutil.rmtree(out, ignore_errors=True)
    for name in ("p.jsonl", "r.json", "r.md"):
        (there / name).unlink(missing_ok=True)
    base = Path(os.path.relpath(there, there / cwd))
    written: list[str | os.PathLike[str]] = [
        "-o",
        out,
        "--plan",
        base / "p.jsonl",
        "--report",
        base / "r.json",
    ]
    written += ["--report", base / "r.md", "-vv"]
    run = subprocess.run(
        [sys.executable, WORKERS, method, "clean", "--isolated", "-j", str(jobs), base / "in",
         *written],
        cwd=there / cwd,
        env={**os.environ, **environ},
        capture_output=True,
        timeout=60,
    )  # fmt: skip
    reports = [(there / name).read_bytes() for name in ("p.jsonl", "r.json", "r.md")]
    said = run.stderr.replace(os.fsencode(base / "in"), b"in")
    return run.returncode, run.stdout, said, tree(out), reports


@pytest.fixture(scope="module")
def expected(there: Path) -> tuple[object, ...]:
    """What one process comes to."""
    found = ran(there, 1)
    assert found[0] == 2 and found[3] == NEW
    said = found[2]
    assert isinstance(said, bytes) and b"in/bad.txt: byte 3 (0xe9) is not valid UTF-8" in said
    return found


@pytest.mark.skipif(os.name == "nt", reason="needs fork")
@pytest.mark.parametrize(
    ("jobs", "method", "environ"),
    [
        (2, "fork", {"PYTHONHASHSEED": "0"}),
        (5, "fork", {"PYTHONHASHSEED": "1"}),
        (2, "spawn", {"PYTHONHASHSEED": "random"}),
        (5, "forkserver", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (1, "", {"PYTHONHASHSEED": "7", "TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8"}),
    ],
)
def test_the_same_bytes_however_it_is_done(
    there: Path,
    expected: tuple[object, ...],
    jobs: int,
    method: str,
    environ: dict[str, str],
) -> None:
    """R63, I6"""
    assert ran(there, jobs, method, **environ) == expected


def test_the_same_bytes_from_another_folder(there: Path, expected: tuple[object, ...]) -> None:
    """I6"""
    assert ran(there, 2, cwd="in/a") == expected


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return many.write(tmp_path / "in", TEXTS)


def test_the_order_in_which_a_disk_lists_changes_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """R30, I6"""
    scandir = os.scandir
    shuffler = random.Random(3)

    class Shuffled:
        def __init__(self, path: Any) -> None:
            with scandir(path) as scan:
                self.entries = list(scan)
            shuffler.shuffle(self.entries)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None: ...

    results = []
    for number in range(3):
        arguments = ["-o", f"o{number}", "--plan", f"p{number}", "--report", f"json:r{number}"]
        assert main(["clean", "in", "--isolated", *arguments, "-vv"]) == 0
        files = [Path(f"{kind}{number}").read_bytes() for kind in "pr"]
        results.append((tree(Path(f"o{number}")), files, capfdbinary.readouterr()))
        monkeypatch.setattr(os, "scandir", Shuffled)
    assert results[0] == results[1] == results[2]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many workers each pool was asked for."""
    jobs: list[int] = []

    class Counted(pool.Pool[Any, Any]):
        def __init__(self, work: Any, lost: Any, count: int) -> None:
            jobs.append(count)
            super().__init__(work, lost, count)

    monkeypatch.setattr(pool, "Pool", Counted)
    return jobs


def test_workers_start_only_when_they_pay(
    here: Path, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "cores", lambda: 3)
    clean = ["clean", "--isolated", "--check"]
    assert main([*clean, "in"]) == 1
    assert counted == []  # too little text
    size = sum(path.stat().st_size for path in here.rglob("*") if path.is_file())
    monkeypatch.setattr(folder, "MIN_POOL_BYTES", size)
    assert main([*clean, "in"]) == 1
    assert main([*clean, "in", "-j", "2"]) == 1
    assert main([*clean, "in", "-j", "1"]) == 1
    assert counted == [3, 2]
    monkeypatch.setattr(pool, "cores", lambda: 1)
    assert main([*clean, "in"]) == 1
    (name, other, *_) = (str(path) for path in here.rglob("*.md"))
    monkeypatch.setattr(folder, "MIN_POOL_BYTES", 0)
    assert main([*clean, name, other, "-j", "8"]) in (0, 1)
    assert counted == [3, 2, 2]  # never more than files


def test_where_workers_cannot_be_started_one_process_does_it_all(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """R63"""

    def broken(*_: object, **__: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(folder, "MIN_POOL_BYTES", 0)
    monkeypatch.setattr(pool, "ProcessPoolExecutor", broken)
    assert main(["clean", "in", "-o", "out", "--isolated", "-j", "4"]) == 0
    assert tree(Path("out")) == NEW
    note = b"dedup: note: worker processes cannot be started here (no semaphores here)"
    assert note in capfdbinary.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda error: error,
        lambda error: DedupError(error.where, error.what),
        lambda error: DedupError("", "nothing but what"),
    ],
)
def test_what_workers_report_arrives_as_it_was(change: Callable[[DedupError], DedupError]) -> None:
    """An answer that cannot be received would look like the death of its worker."""
    found = Found("in/a\udce9.txt", "a\udce9.txt", 3, False)
    error = change(DedupError(found.path, "is not what it was", "run it again"))
    done = pickle.loads(pickle.dumps(work.Done(found, failure=error)))
    assert done.failure is not None
    assert (str(done.failure), vars(done.failure)) == (str(error), vars(error))
    assert work.lost(work.Task(found)).failure is not None
