"""How far a run has come: on a terminal a bar that leaves no trace, in a log lines if asked for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.batch.work import Done
from dedup.cli import main, progress
from dedup.cli.progress import Progress
from dedup.cli.talk import Talk
from dedup.files.walk import Found, Selection
from tests import many

TEXTS = many.texts(30)
SCRIPT = """
import sys
from dedup.cli import main, progress
progress.MIN_BYTES = int(sys.argv.pop(1))
if __name__ == "__main__":
    sys.exit(main())
"""
HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"
"""How the cursor goes and comes."""
BAR = re.compile(rb"\d+ of 30 files")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("script.py").write_text(SCRIPT)
    return many.write(tmp_path / "in", TEXTS)


def on_terminal(
    *arguments: str, least: int = 0, status: int = 0, interrupted: bool = False
) -> tuple[bytes, bytes]:
    """Standard output, a pipe, and what a terminal gets on standard error.

    ``interrupted``: Ctrl-C is pressed as soon as there is a bar.
    """
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "script.py", str(least), "clean", "in", "--isolated", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    ) as run:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 1 << 16):
                seen += piece
                if interrupted and HIDE in seen:
                    run.send_signal(signal.SIGINT)
                    interrupted = False
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
        assert run.stdout is not None
        out = run.stdout.read()
        assert run.wait(timeout=30) == status, seen
    return out, seen.replace(b"\r\n", b"\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a pty")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_terminal_shows_a_bar_that_is_gone_at_the_end(jobs: str) -> None:
    out, seen = on_terminal("--diff", "-j", jobs, status=1)
    assert BAR.search(seen[: seen.rindex(SHOW)])
    assert seen.rindex(SHOW) > seen.rindex(HIDE)  # the cursor is back
    assert re.search(rb"Would remove \d+ of ", seen[seen.rindex(SHOW) :])
    assert out.startswith(b"--- in/") and b"\x1b" not in out


@pytest.mark.skipif(os.name == "nt", reason="needs a pty")
@pytest.mark.parametrize(
    ("arguments", "least"),
    [(["-q"], 0), (["--no-progress"], 0), ([], 1 << 19)],
    ids=["quiet", "not wanted", "short"],
)
def test_a_terminal_shows_none_when_there_is_no_need(arguments: list[str], least: int) -> None:
    _, seen = on_terminal("-o", "out", *arguments, least=least)
    assert b"\x1b" not in seen


def test_a_pipe_gets_none_whatever_forces_colours() -> None:
    run = subprocess.run(
        [sys.executable, "script.py", "0", "clean", "in", "-o", "out", "--isolated"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"},
        timeout=60,
    )
    assert run.returncode == 0
    assert len(run.stderr.splitlines()) == 2 and b"\x1b" not in run.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a pty")
def test_the_cursor_is_back_after_an_interrupt() -> None:
    """R13"""
    _, seen = on_terminal("-o", "out", status=130, interrupted=True)
    after = seen[seen.rindex(SHOW) :]
    assert HIDE not in after
    assert re.search(rb"interrupted; \d+ of 30 files done\n\Z", after), seen


Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the time."""
    now = 100.0

    class Time:
        @staticmethod
        def monotonic() -> float:
            return now

    def at(seconds: float) -> None:
        nonlocal now
        now = 100 + seconds

    monkeypatch.setattr(progress, "time", Time)
    return at


@pytest.mark.parametrize("wanted", [True, None, False])
def test_a_log_gets_a_line_every_ten_seconds_if_asked_for(
    wanted: bool | None, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Found(f"in/{number}", str(number), 1_000_000, False) for number in range(1200)]
    with Progress(wanted, Talk(), Selection(tuple(found), {})) as shown:
        for second, each in enumerate(found[:25], 1):
            clock(second)
            shown.advance(Done(each))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "10 of 1,200 files, 0 %, 1.0 MB/s, 1190 s left",
        "20 of 1,200 files, 1 %, 1.0 MB/s, 1180 s left",
    ] * (wanted is True)


def test_quiet_is_quiet_in_a_log_too(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.level = -1
    with Progress(True, talk, Selection((Found("a", "a", 9, False),), {})) as shown:
        clock(60)
        shown.advance(Done(Found("a", "a", 9, False)))
    assert capsys.readouterr().err == ""


def test_inside_a_file_of_records_it_is_told_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0)
    line = '{"text": "One line of its own, number %d, and nothing else to be said about it."}\n'
    Path("a.jsonl").write_text("".join(line % number for number in range(4_000)))
    assert main(["clean", "a.jsonl", "-o", "b.jsonl", "--isolated", "--progress", "-j", "1"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert all(
        re.fullmatch(r"[01] of 1 files, \d+ %, \d+\.\d MB/s, \d+ s left", each) for each in told
    )
    assert len(told) > 100 and told[-1].startswith("1 of 1") and told[-2].startswith("0 of 1")


def test_in_corpus_scope_it_is_told_which_stage_begins(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in "ab":
        (pages / f"{name}.txt").write_text(f"A page called {name}.\n")
    args = ["check", str(pages), "--scope", "corpus", "--progress", "--isolated"]
    assert main(args) == 0
    assert capsys.readouterr().err.splitlines()[:3] == ["reading", "comparing", "checking"]
