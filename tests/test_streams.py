"""The installed command as a shell runs it: pipes, full disks, closed streams, signals, locales."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Trace
from tests.prose import paragraphs
from tests.texts import CLEAN, DOUBLED

DEDUP = Path(sys.executable).with_name("dedup")
LARGE = "\n\n".join(paragraphs(260, seed=3)) + "\n"  # more than a pipe holds
SUMMARY = b"Removed 4 of 9 paragraphs (49%) from a.txt; 1 repeated block.\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``a.txt`` (doubled) and ``large.txt`` (nothing to remove, beyond 64 KiB)."""
    monkeypatch.chdir(tmp_path)
    Path(".git").mkdir()
    Path("a.txt").write_text(DOUBLED)
    Path("large.txt").write_text(LARGE)
    assert len(LARGE) > 1 << 16
    return tmp_path


def shell(script: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``script``; ``dedup`` in it is the installed command. Standard input is the null device."""
    script = f'dedup() {{ {shlex.quote(str(DEDUP))} "$@"; }}\n{script}'
    return subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, **environ},
        timeout=60,
    )


def test_a_pipe_is_cleaned_and_nothing_but_the_text_is_on_stdout() -> None:
    run = shell("cat a.txt | dedup clean")
    assert (run.returncode, run.stdout) == (0, CLEAN.encode())
    assert run.stderr == SUMMARY.replace(b"a.txt", b"stdin")


def test_no_arguments_clean_a_pipe_a_file_or_a_socket() -> None:
    assert shell("cat a.txt | dedup -").returncode == 2  # a path is no command
    assert shell("cat a.txt | dedup").stdout == CLEAN.encode()
    assert shell("dedup < a.txt").stdout == CLEAN.encode()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(DOUBLED.encode())
        ours.shutdown(socket.SHUT_WR)
        run = subprocess.run([DEDUP], stdin=theirs.fileno(), capture_output=True, timeout=60)
    assert run.stdout == CLEAN.encode()


@pytest.mark.parametrize("command", ["", "clean", "report", "restore --plan p"])
@pytest.mark.parametrize("stdin", ["", "<&-"])
def test_without_a_text_there_is_short_help_and_no_waiting(command: str, stdin: str) -> None:
    run = shell(f"dedup {command} {stdin}")
    assert (run.returncode, run.stdout) == (2, b"")
    lines = run.stderr.decode().splitlines()
    assert lines[0].startswith(f"Usage: dedup {(command or 'clean').split()[0]} ")
    assert 3 <= len(lines) <= 6 and "--help" in lines[-1] and "dedup --help" in lines[-1]


def test_a_terminal_gets_short_help_and_no_waiting() -> None:
    ours, theirs = os.openpty()
    try:
        run = subprocess.run([DEDUP, "clean"], stdin=theirs, capture_output=True, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert run.returncode == 2 and run.stderr.startswith(b"Usage: dedup clean ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    ["clean a.txt", "clean large.txt", "clean a.txt --diff", "report a.txt", "config",
     "check a.txt", "check a.txt --output-format json", "restore a.txt --plan p", "--help",
     "clean --help", "--version"],
)  # fmt: skip
def test_a_full_disk_is_one_line_and_status_2(command: str, unbuffered: str) -> None:
    """R04"""
    shell("dedup clean large.txt --plan p -o a.txt") if "restore" in command else None
    run = shell(f"dedup {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert run.returncode == 2
    assert run.stderr == b"dedup: error: standard output: No space left on device\n"


def test_a_full_disk_costs_none_of_the_files() -> None:
    """R04"""
    run = shell("dedup clean a.txt --plan p --report r.json > /dev/full")
    assert run.returncode == 2
    assert shell("dedup clean a.txt --plan p2 --report r2.json").returncode == 0
    assert Path("p").read_bytes() == Path("p2").read_bytes()
    assert Path("r.json").read_bytes() == Path("r2.json").read_bytes()


@pytest.mark.parametrize(
    "command", ["clean a.txt", "check a.txt", "report a.txt", "--help", "--version"]
)
def test_a_closed_stdout_is_an_error(command: str) -> None:
    """R05"""
    run = shell(f"dedup {command} >&-")
    assert run.returncode == 2
    assert run.stderr == b"dedup: error: standard output: it is closed\n"


def test_a_closed_stderr_alone_is_none() -> None:
    """R05"""
    run = shell("dedup clean a.txt 2>&-")
    assert (run.returncode, run.stdout) == (0, CLEAN.encode())
    assert shell("dedup clean missing 2>&-").returncode == 2
    assert shell("dedup clean a.txt 2>/dev/full").returncode == 0


def test_a_file_to_write_never_becomes_a_standard_stream() -> None:
    """R05: with all three closed, the first file opened would be descriptor 0, and the next 1."""
    run = shell("dedup clean a.txt -o out.txt --plan p --report r.md <&- >&- 2>&-")
    assert run.returncode == 0
    assert Path("out.txt").read_text() == CLEAN
    assert shell("dedup clean a.txt --plan q --report q.md").returncode == 0
    assert Path("p").read_bytes() == Path("q").read_bytes()
    assert Path("r.md").read_bytes() == Path("q.md").read_bytes()
    assert Path("a.txt").read_text() == DOUBLED


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    [
        "clean a.txt",
        "clean large.txt",
        "clean a.txt --diff",
        "check a.txt",
        "report a.txt",
        "--help",
    ],
)
def test_a_reader_who_leaves_costs_nothing_but_the_status(command: str, unbuffered: str) -> None:
    """R06"""
    run = shell(f"dedup {command} | true; exit ${{PIPESTATUS[0]}}", PYTHONUNBUFFERED=unbuffered)
    # A text smaller than the pipe may be written before its reader is gone.
    done = 1 if "check" in command else 0
    assert run.returncode == 141 or (run.returncode == done and "large" not in command)
    if run.returncode == 141:
        assert run.stderr == b""


def test_a_reader_who_leaves_costs_a_check_none_of_its_files() -> None:
    """R06"""
    files = "--report r.json --output-format jsonl"
    assert shell(f"dedup check a.txt large.txt {files} --output-file whole.jsonl").returncode == 1
    expected = Path("r.json").read_bytes()
    Path("r.json").unlink()
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [str(DEDUP), "check", "a.txt", "large.txt", *files.split()]
        run = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writer)
    assert (run.returncode, run.stderr) == (141, b"")
    assert Path("r.json").read_bytes() == expected


def test_a_pipe_closed_from_the_start_is_141_also_for_a_small_text() -> None:
    """R06"""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        run = subprocess.run(
            [DEDUP, "clean", "a.txt"], stdout=writer, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(writer)
    assert (run.returncode, run.stderr) == (141, b"")


def test_an_output_that_is_a_closed_pipe_is_141() -> None:
    """R06"""
    run = shell("dedup clean large.txt -o /dev/stdout | head -c 5; exit ${PIPESTATUS[0]}")
    assert (run.returncode, run.stdout, run.stderr) == (141, LARGE[:5].encode(), b"")


def test_files_are_complete_when_the_reader_leaves() -> None:
    """R06"""
    command = "dedup clean large.txt --plan {0}.jsonl --report {0}.json"
    run = shell(command.format("p") + " | head -c 10; exit ${PIPESTATUS[0]}")
    assert (run.returncode, run.stdout, run.stderr) == (141, LARGE[:10].encode(), b"")
    shell(command.format("q"))
    for suffix in ("jsonl", "json"):
        assert Path(f"p.{suffix}").read_bytes() == Path(f"q.{suffix}").read_bytes() != b""


def test_a_pipe_that_does_not_block_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with subprocess.Popen([DEDUP, "clean", "large.txt"], stdout=writer) as process:
        os.close(writer)
        with open(reader, "rb") as file:
            time.sleep(0.5)
            assert file.read() == LARGE.encode()
    assert process.returncode == 0


def test_redirecting_to_the_input_is_refused_while_there_is_something_to_lose() -> None:
    """R07: with ``>`` the shell has emptied the file before we start; with ``>>`` it has not."""
    run = shell("dedup clean a.txt >> a.txt")
    assert run.returncode == 2
    assert run.stderr == b"dedup: error: standard output: is the input\nhint: use --in-place\n"
    assert shell("dedup clean < a.txt >> a.txt").returncode == 2
    assert Path("a.txt").read_text() == DOUBLED
    run = shell("dedup clean a.txt > a.txt")
    assert (run.returncode, run.stderr) == (0, b"")


def test_process_substitution_is_read() -> None:
    """R21"""
    assert shell("dedup clean <(cat a.txt)").stdout == CLEAN.encode()


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def wait_until_it_waits(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process sleeps: for a text that does not come, or a reader who does not read."""
    asleep = 0
    for _ in range(2000):
        state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        if asleep == 10:
            return
        time.sleep(0.01)
    raise AssertionError("the process never waited")


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
@pytest.mark.parametrize(("number", "status"), SIGNALS)
@pytest.mark.parametrize("phase", ["reading", "writing"])
def test_a_signal_ends_the_run_with_its_status(
    number: signal.Signals, status: int, phase: str
) -> None:
    """R13 for one file"""
    path = ["large.txt"] if phase == "writing" else []
    with subprocess.Popen(
        [DEDUP, "clean", *path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until_it_waits(process)
        process.send_signal(number)
        process.wait(timeout=20)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == status
    assert said == (b"interrupted\n" if number == signal.SIGINT else b"")


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_signal_while_files_are_written_leaves_no_temporary_file(
    number: signal.Signals, status: int, strace: Trace
) -> None:
    """R13 for one file: the signal arrives with the sync of the half-written replacement."""
    name = number.name.removeprefix("SIG")
    path = Path("a.txt").absolute()
    run = strace("-e", f"inject=fsync:signal={name}:when=1", dedup=["clean", "-i", str(path)])
    assert run.returncode == status
    assert run.stderr == (b"interrupted\n" if number == signal.SIGINT else b"")
    assert path.read_text() == DOUBLED
    assert not list(path.parent.glob(".dedup-*"))


def test_a_signal_that_our_parent_ignores_stays_ignored() -> None:
    script = "trap '' HUP; (sleep 1; cat a.txt) | dedup clean & sleep 0.5; kill -HUP $!; wait $!"
    assert shell(script).stdout == CLEAN.encode()


@pytest.mark.parametrize(
    "command",
    ["clean accents.txt", "check accents.txt", "report accents.txt", "clean accents.txt --diff"],
)
def test_the_locale_changes_no_byte_of_stdout(command: str) -> None:
    """R67, I6"""
    Path("accents.txt").write_text(
        DOUBLED.replace("The ferry", "Thé 温かい ferry"), encoding="utf-8"
    )
    plain = shell(f"dedup {command}", LC_ALL="C.UTF-8")
    poor = shell(
        f"dedup {command}", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONHASHSEED="7"
    )
    assert "温かい".encode() in plain.stdout
    assert (poor.returncode, poor.stdout) == (plain.returncode, plain.stdout)


def test_the_locale_breaks_no_message() -> None:
    """R67"""
    run = shell("dedup clean 'fehlt-ü'", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert run.returncode == 2 and run.stderr.startswith(b"dedup: error: fehlt-")


@pytest.mark.faults
@pytest.mark.parametrize("command", ["clean", "check", "report", "clean --diff", "clean --check"])
def test_without_being_told_to_nothing_is_opened_for_writing(command: str, strace: Trace) -> None:
    """I14: not even a file that is gone again at the end."""
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    arguments = [*command.split(), str(Path("a.txt").absolute())]
    calls = "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink"
    run = strace("-e", calls, dedup=arguments)
    assert run.returncode == (1 if "check" in command or "--" in command else 0)
    assert any("a.txt" in line for line in run.args)
    writing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|link|creat")
    assert [line for line in run.args if writing.search(line) and "= -1" not in line] == []
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before


def test_r53_a_diff_in_a_build_log_gives_no_commands_and_one_in_a_file_is_for_patch() -> None:
    copied = (
        "::stop-commands::x ##[error]y is what the first line of every second chapter says here.\n"
    )
    Path("log.txt").write_text(f"{copied}\n  ::error::z\n\n{copied}\n##vso[a]\n")
    logged = shell("dedup clean log.txt --diff | cat", GITHUB_ACTIONS="true")
    assert shell("dedup clean log.txt --diff > d.patch", GITHUB_ACTIONS="true").returncode == 1
    assert b"-" + copied.encode() in Path("d.patch").read_bytes()
    assert b"##" not in logged.stdout
    lines = logged.stdout.decode().splitlines()
    assert not [line for line in lines if line.strip().startswith("::")]
