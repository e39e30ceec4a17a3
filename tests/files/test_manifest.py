"""The list of our own files: never half, never lost, never believed where it makes no sense."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dedup.errors import DedupError
from dedup.files.fingerprints import fingerprint
from dedup.files.manifest import MANIFEST, append, load, settle

DIGEST = fingerprint(b"one\n").blake2b
HEADER = b'{"format":"dedup-manifest","version":1,"tool":"0"}\n'
LINE = b'{"name":"a.txt","bytes":4,"blake2b":"%s"}\n' % DIGEST.encode()


def put(root: Path, name: str, data: bytes) -> None:
    """List and write a file, as a run does."""
    append(str(root), name, fingerprint(data))
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


def lines(root: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (root / MANIFEST).read_bytes().splitlines()]


def test_without_a_manifest_nothing_is_ours(tmp_path: Path) -> None:
    assert load(str(tmp_path)) == {}
    assert load(str(tmp_path / "missing")) == {}
    settle(str(tmp_path), [])
    assert os.listdir(tmp_path) == []


def test_what_is_listed_is_known_with_all_its_digests(tmp_path: Path) -> None:
    append(str(tmp_path), "b/c.txt", fingerprint(b"one\n"))
    append(str(tmp_path), "a.txt", fingerprint(b"two\n"))
    append(str(tmp_path), "b/c.txt", fingerprint(b"three\n"))
    assert load(str(tmp_path)) == {
        "b/c.txt": {fingerprint(b"one\n"), fingerprint(b"three\n")},
        "a.txt": {fingerprint(b"two\n")},
    }
    assert lines(tmp_path)[0]["format"] == "dedup-manifest"


def test_names_come_back_as_they_were(tmp_path: Path) -> None:
    names = [
        "\udcff.txt",
        "new\nline",
        '"quoted"',
        "-rf",
        "e\u0301",
        "\u00e9",
        "a" * 255,
        "\x1b[2J",
    ]
    for name in names:
        put(tmp_path, name, b"one\n")
    settle(str(tmp_path), names)
    assert load(str(tmp_path)).keys() == set(names)
    assert (tmp_path / MANIFEST).read_bytes().isascii()


def test_settled_there_is_one_line_for_each_file_sorted_by_bytes(tmp_path: Path) -> None:
    names = ["b.txt", "\U00010000.txt", "\ue000.txt", "\udcff.txt", "a/b.txt", "a.txt"]
    for name in names:
        put(tmp_path, name, b"old\n")
        put(tmp_path, name, b"new\n")
    settle(str(tmp_path), names)
    assert [line["name"] for line in lines(tmp_path)[1:]] == sorted(names, key=os.fsencode)
    assert set(load(str(tmp_path)).values()) == {frozenset({fingerprint(b"new\n")})}


def test_the_digest_that_stays_is_that_of_what_stands_there(tmp_path: Path) -> None:
    """A run was killed between listing a file and moving it into place."""
    put(tmp_path, "a.txt", b"old\n")
    append(str(tmp_path), "a.txt", fingerprint(b"new\n"))
    settle(str(tmp_path), ["a.txt"])
    assert load(str(tmp_path)) == {"a.txt": {fingerprint(b"old\n")}}


@pytest.mark.parametrize("written", [[b"old\n", b"new\n"], [b"new\n", b"old\n", b"new\n"]])
def test_a_file_that_somebody_changed_is_never_taken_for_ours(
    tmp_path: Path, written: list[bytes]
) -> None:
    for data in written:
        put(tmp_path, "a.txt", data)
    (tmp_path / "a.txt").write_bytes(b"edited\n")
    settle(str(tmp_path), ["a.txt"])
    assert load(str(tmp_path)) == {"a.txt": {fingerprint(b"new\n")}}


def test_a_file_that_cannot_be_read_now_loses_no_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.txt", b"old\n")
    put(tmp_path, "a.txt", b"new\n")
    before = load(str(tmp_path))
    open_file = os.open

    def fail(path: str, *others: int, dir_fd: int | None = None) -> int:
        if path.endswith("a.txt"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return open_file(path, *others, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", fail)
    settle(str(tmp_path), ["a.txt"])
    monkeypatch.undo()
    assert load(str(tmp_path)) == before


def test_files_of_earlier_runs_stay_listed_while_they_exist(tmp_path: Path) -> None:
    for name in ("kept.txt", "gone.txt", "folder.txt", "now.txt"):
        put(tmp_path, name, b"one\n")
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "folder.txt").unlink()
    (tmp_path / "folder.txt").mkdir()
    settle(str(tmp_path), ["now.txt"])
    assert sorted(load(str(tmp_path))) == ["kept.txt", "now.txt"]


def test_the_same_tree_gives_the_same_bytes_and_is_not_written_twice(tmp_path: Path) -> None:
    """I6"""
    for root, order in (("one", "abc"), ("two", "cbabc")):
        (tmp_path / root).mkdir()
        for name in order:
            put(tmp_path / root, name, name.encode())
        settle(str(tmp_path / root), order)
    first, second = (tmp_path / root / MANIFEST for root in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    before = first.stat()
    settle(str(tmp_path / "one"), "abc")
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("length", range(1, len(HEADER + LINE), 7))
def test_a_last_line_that_was_cut_off_is_ignored_and_replaced(tmp_path: Path, length: int) -> None:
    """R02: whatever moment the run was killed at."""
    (tmp_path / MANIFEST).write_bytes((HEADER + LINE)[:length])
    assert load(str(tmp_path)) == {}
    append(str(tmp_path), "b.txt", fingerprint(b"one\n"))
    assert load(str(tmp_path)) == {"b.txt": {fingerprint(b"one\n")}}


def test_whole_lines_before_the_cut_still_count(tmp_path: Path) -> None:
    """R02"""
    (tmp_path / MANIFEST).write_bytes(HEADER + LINE + LINE[:20])
    assert load(str(tmp_path)) == {"a.txt": {fingerprint(b"one\n")}}


DAMAGED = {
    "nonsense": (b"\0\xff\n", 1, "is not a JSON record"),
    "another file": (b'{"format":"dedup-plan","version":1,"tool":"0"}\n', 1, "is not a manifest"),
    "no header": (LINE, 1, "is not a manifest"),
    "another version": (HEADER.replace(b":1", b":2"), 1, "manifest version 2 is not one"),
    "cut inside": (HEADER + LINE[:20] + b"\n" + LINE, 2, "is not a JSON record"),
    "a conflict": (HEADER + b"<<<<<<< ours\n", 2, "a merge conflict marker"),
    "an empty line": (HEADER + b"\n" + LINE, 2, "is not a JSON record"),
    "no digest": (HEADER + b'{"name":"a.txt"}\n', 2, "'bytes' is missing"),
    "a short digest": (HEADER + LINE.replace(DIGEST.encode(), b"ff"), 2, "the digest is too short"),
    "more than we wrote": (HEADER + LINE.replace(b"{", b'{"x":1,'), 2, "unknown field 'x'"),
    "deep": (HEADER + b'{"name":' + b"[" * 100_000 + b"\n", 2, "nested too deeply|not a JSON"),
    **{
        repr(name): (HEADER + LINE.replace(b"a.txt", name), 2, "name")
        for name in (b"../a", b"/etc/passwd", b"a/../../b", b"a\\u0000", b"", b"a//b", b"\\ud800",
                     b".dedup-manifest.jsonl", b"a/.dedup-x", b".DEDUP-x", b"./a")
    },
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_r60_damage_is_named_with_its_line(tmp_path: Path, damage: str) -> None:
    data, number, what = DAMAGED[damage]
    (tmp_path / MANIFEST).write_bytes(data)
    with pytest.raises(DedupError, match=what) as caught:
        load(str(tmp_path))
    assert caught.value.where == f"{tmp_path / MANIFEST}:{number}"
    assert caught.value.hint == "--force starts a new one"


@pytest.mark.parametrize("damage", DAMAGED)
def test_r60_a_forced_run_leaves_a_good_one(tmp_path: Path, damage: str) -> None:
    (tmp_path / MANIFEST).write_bytes(DAMAGED[damage][0])
    put(tmp_path, "b.txt", b"two\n")
    settle(str(tmp_path), ["b.txt"])
    assert load(str(tmp_path)) == {"b.txt": {fingerprint(b"two\n")}}


@pytest.mark.parametrize("name", ["../a", "/a", "a\0b", "", ".dedup-x", "a/.dedup-x/b"])
def test_r27_a_name_that_leads_elsewhere_is_never_listed(tmp_path: Path, name: str) -> None:
    with pytest.raises(DedupError):
        append(str(tmp_path), name, fingerprint(b"one\n"))
    assert os.listdir(tmp_path) == []


def test_r22_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim, root = tmp_path / "victim", tmp_path / "out"
    victim.write_bytes(HEADER)
    root.mkdir()
    (root / MANIFEST).symlink_to(victim)
    for use in (
        lambda: load(str(root)),
        lambda: append(str(root), "a", fingerprint(b"")),
        lambda: settle(str(root), ["a"]),
    ):
        with pytest.raises(DedupError, match="is a symbolic link, and is not followed"):
            use()
    assert victim.read_bytes() == HEADER


def test_r20_a_planted_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / MANIFEST)
    with pytest.raises(DedupError, match="is not a regular file"):
        load(str(tmp_path))


def test_r01_a_full_disk_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(str(tmp_path), "a.txt", fingerprint(b"one\n"))
    before = (tmp_path / MANIFEST).read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:9]))
    with pytest.raises(DedupError, match=os.strerror(errno.ENOSPC)) as caught:
        append(str(tmp_path), "b.txt", fingerprint(b"one\n"))
    assert caught.value.where == str(tmp_path / MANIFEST)
    assert (tmp_path / MANIFEST).read_bytes() == before


def test_a_file_system_without_locks_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    append(str(tmp_path), "a.txt", fingerprint(b"one\n"))
    # Without a lock two processes may both find the file empty.
    with (tmp_path / MANIFEST).open("ab") as file:
        file.write(HEADER + LINE.replace(b"a.txt", b"b.txt"))
    assert sorted(load(str(tmp_path))) == ["a.txt", "b.txt"]


WRITER = """
import sys
from dedup.files.fingerprints import fingerprint
from dedup.files.manifest import append, load, settle
root, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
for number in range(count):
    name = f"{who}-{number}"
    open(f"{root}/{name}", "wb").close()
    append(root, name, fingerprint(b""))
    if number % 10 == 0:
        settle(root, [])
"""


def test_r15_processes_that_add_and_settle_at_once_lose_nothing(tmp_path: Path) -> None:
    """The first line of all is raced for, too."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), who, "100"], stdin=subprocess.PIPE
        )
        for who in "abcd"
    ]
    time.sleep(0.2)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(load(str(tmp_path))) == 400
    assert sum("format" in line for line in lines(tmp_path)) == 1
    assert not [
        name for name in os.listdir(tmp_path) if name.startswith(".dedup-") and name != MANIFEST
    ]
