"""Every call that touches the files fails once: they are old or new, never half.

The command runs once undisturbed under strace; each of its calls on the folder is then made to fail,
or to be the last one, in a run of its own.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Run, Trace
from tests.prose import doubled, paragraphs

pytestmark = pytest.mark.faults

CALLS = "openat,read,write,fsync,fchmod,?rename,?renameat,?renameat2,?link,?linkat,?unlink"
FILE, OUT, BACKUP, PLAN = "f.txt", "out.txt", "f.txt.orig", "plan.jsonl"
OLD = doubled(6, seed=1).encode()
NEW = ("\n\n".join(paragraphs(6, seed=1)) + "\n").encode()


@dataclass(frozen=True)
class Call:
    """The ``number``-th call of its name, from 1, and what strace shows of it."""

    name: str
    number: int
    shown: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the file to clean and an older output."""
    return fresh(tmp_path / "texts")


def fresh(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / FILE).write_bytes(OLD)
    (folder / OUT).write_bytes(b"an older output\n")
    return folder


def arguments(folder: Path, *options: str) -> list[str]:
    """``dedup clean`` of the file; options that name files mean files of the folder."""
    named = [str(folder / option) if "." in option else option for option in options]
    return ["clean", "--isolated", str(folder / FILE), *named]


def calls_in(folder: Path, strace: Trace, *options: str) -> list[Call]:
    """The calls of an undisturbed run that touch the folder, from the opening of the file on."""
    for warm in (True, False):
        run = strace("-e", f"trace={CALLS}", dedup=arguments(fresh(folder), *options), warm=warm)
        assert run.returncode == 0, run.stderr
    calls = [call for call in numbered(run.args) if str(folder) in call.shown]
    assert f'"{folder / FILE}"' in calls[0].shown
    assert {call.name for call in calls} >= {"openat", "read", "write", "fsync", "fchmod"}
    assert any(call.name.startswith("rename") for call in calls)
    return calls


def numbered(lines: list[str]) -> Iterator[Call]:
    counts: dict[str, int] = {}
    for line in lines:
        found = re.match(r"\d+ +(\w+)\(", line)
        if found:
            name = found[1]
            counts[name] = counts.get(name, 0) + 1
            yield Call(name, counts[name], line)


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("-i",), "ENOSPC"),
        (("-i",), "EIO"),
        (("-i",), "EDQUOT"),
        (("-i", "--backup", "--plan", PLAN), "EIO"),
        (("-o", OUT), "ENOSPC"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_a_failing_call_leaves_every_file_old_or_new(
    folder: Path, strace: Trace, options: tuple[str, ...], error: str
) -> None:
    """R01"""
    calls = calls_in(folder, strace, *options)
    allowed = {FILE: {OLD, NEW}, OUT: {b"an older output\n", NEW}, BACKUP: {OLD}}
    if PLAN in options:
        allowed[PLAN] = {(folder / PLAN).read_bytes()}
    for call in calls:
        if call.name == "unlink":
            continue  # a name that is no longer needed may stay if it cannot be removed
        inject = f"inject={call.name}:error={error}:when={call.number}"
        run = strace(
            "-e", f"trace={call.name}", "-e", inject, dedup=arguments(fresh(folder), *options)
        )
        assert [line for line in run.args if "(INJECTED)" in line and str(folder) in line], call
        assert run.returncode == 2, (call, run.stderr)
        assert str(folder).encode() in run.stderr and b"Traceback" not in run.stderr, (
            call,
            run.stderr,
        )
        files = left(folder)
        assert files.keys() <= allowed.keys(), call
        for name, data in files.items():
            assert data in allowed[name], (call, name)
        if files[FILE] == NEW:
            assert set(options) & {BACKUP, PLAN} <= files.keys(), call


@pytest.mark.parametrize(
    "options", [("-i",), ("-i", "--backup", "--plan", PLAN), ("-o", OUT)], ids=" ".join
)
def test_a_kill_leaves_every_file_old_or_new(
    folder: Path, strace: Trace, run_dedup: Run, options: tuple[str, ...]
) -> None:
    """R02"""
    calls = calls_in(folder, strace, *options)
    plan = (folder / PLAN).read_bytes() if PLAN in options else b""
    for call in calls:
        inject = f"inject={call.name}:signal=KILL:when={call.number}"
        run = strace(
            "-e", f"trace={call.name}", "-e", inject, dedup=arguments(fresh(folder), *options)
        )
        assert run.returncode in {-9, 137}, call
        files = {
            name: data for name, data in left(folder).items() if not name.startswith(".dedup-")
        }
        assert files[FILE] in {OLD, NEW} and files.get(BACKUP, OLD) == OLD, call
        assert files[OUT] in {b"an older output\n", NEW} and files.get(PLAN, plan) == plan, call
        if files[FILE] == NEW and "--backup" in options:
            assert {BACKUP, PLAN} <= files.keys(), call
        again = run_dedup(*arguments(folder, *options[:2]), cwd="/")
        assert again.returncode == 0, (call, again.stderr)
        assert (folder / (FILE if "-i" in options else OUT)).read_bytes() == NEW, call


def test_a_file_size_limit_leaves_the_old_file(folder: Path, run_dedup: Run) -> None:
    """R03"""
    data = doubled(70, seed=2).encode()
    assert len(data) >= 63_000
    (folder / FILE).write_bytes(data)
    run = run_dedup(
        *arguments(folder, "-i"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384)),
    )
    assert run.returncode == 2
    assert run.stderr.decode().startswith(f"dedup: error: {folder / FILE}: File too large")
    assert left(folder) == {FILE: data, OUT: b"an older output\n"}


def test_an_edit_during_the_run_survives(folder: Path, strace: Trace) -> None:
    """R10: the file is edited while its replacement is being written."""
    path = folder / FILE
    command = ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync"]
    command += ["-e", "inject=fsync:delay_enter=1s:when=1", sys.executable, "-m", "dedup"]
    with subprocess.Popen(
        [*command, *arguments(folder, "-i")], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as run:
        deadline = time.monotonic() + 30
        while not any(entry.stat().st_size for entry in folder.glob(".dedup-*")):
            assert run.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        path.write_bytes(b"edited meanwhile\n")
        _, stderr = run.communicate(timeout=60)
    assert run.returncode == 2
    assert stderr.decode().startswith(f"dedup: error: {path}: changed while it was being read\n")
    assert left(folder) == {FILE: b"edited meanwhile\n", OUT: b"an older output\n"}


def test_without_a_named_target_nothing_is_opened_for_writing(folder: Path, strace: Trace) -> None:
    """I14"""
    for options in ((), ("--diff",), ("--check",)):
        run = strace(
            "-e", "trace=openat,?open,?creat,?mkdir,?rename", dedup=arguments(folder, *options)
        )
        assert run.returncode in {0, 1}
        opened = [
            line for line in run.args if re.search(r"O_(WRONLY|RDWR|CREAT)|creat\(|mkdir", line)
        ]
        assert [line for line in opened if "/dev/null" not in line] == []
    assert left(folder) == {FILE: OLD, OUT: b"an older output\n"}
