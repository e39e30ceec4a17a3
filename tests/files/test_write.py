"""Files are old or new, never half, and what is not a plain file is never replaced."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dedup.errors import DedupError
from dedup.files.read import Source
from dedup.files.write import back_up, same_file, write_file
from tests.files.sources import read_file, read_stream

OLD, NEW = b"old\n" * 100, b"new\n" * 50


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file with the old content, alone in its folder."""
    path = tmp_path / "a.txt"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_replaced(old: Path) -> None:
    write_file(str(old), NEW)
    assert old.read_bytes() == NEW
    assert names(old.parent) == ["a.txt"]


def test_an_input_is_replaced_in_place(old: Path) -> None:
    before = old.stat().st_ino
    write_file(str(old), NEW, source=read_file(str(old)))
    assert old.read_bytes() == NEW
    assert old.stat().st_ino != before


def test_a_new_file_gets_the_mode_any_new_file_gets(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_file(str(tmp_path / "new.txt"), NEW, sync=False)
    finally:
        os.umask(mask)
    assert (tmp_path / "new.txt").read_bytes() == NEW
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640


def test_a_path_in_the_working_folder_needs_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_file("new.txt", NEW)
    assert (tmp_path / "new.txt").read_bytes() == NEW


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o755])
def test_the_mode_stays(old: Path, mode: int) -> None:
    """R09"""
    old.chmod(mode)
    write_file(str(old), NEW)
    assert stat.S_IMODE(old.stat().st_mode) == mode


def test_the_owner_stays(old: Path) -> None:
    """R09"""
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    os.chown(old, 12345, 23456)
    write_file(str(old), NEW)
    assert (old.stat().st_uid, old.stat().st_gid) == (12345, 23456)


def test_extended_attributes_stay(old: Path) -> None:
    try:
        os.setxattr(old, "user.note", b"kept")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")
    write_file(str(old), NEW)
    assert os.getxattr(old, "user.note") == b"kept"


def test_an_owner_that_may_not_be_kept_does_not_stop_the_writing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    os.chown(old, 12345, 23456)
    monkeypatch.setattr(os, "fchown", failing(errno.EPERM))
    write_file(str(old), NEW)
    assert old.read_bytes() == NEW


def test_a_link_stays_a_link(old: Path, tmp_path: Path) -> None:
    """R09"""
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.txt"
    link.symlink_to(Path("..") / "a.txt")
    write_file(str(link), NEW, source=read_file(str(link)))
    assert link.is_symlink()
    assert old.read_bytes() == NEW
    assert names(link.parent) == ["link.txt"]


def test_a_dangling_link_gets_its_target(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("new.txt")
    write_file(str(tmp_path / "link.txt"), NEW)
    assert (tmp_path / "new.txt").read_bytes() == NEW
    assert (tmp_path / "link.txt").is_symlink()


def test_a_link_loop_is_refused_and_stays(tmp_path: Path) -> None:
    loop = tmp_path / "loop.txt"
    loop.symlink_to("loop.txt")
    with pytest.raises(DedupError, match="Too many levels of symbolic links"):
        write_file(str(loop), NEW)
    assert loop.is_symlink()


def test_a_hard_link_is_told(old: Path, tmp_path: Path) -> None:
    assert not read_file(str(old)).has_other_links
    os.link(old, tmp_path / "other.txt")
    source = read_file(str(old))
    assert source.has_other_links
    write_file(str(old), NEW, source=source)
    assert (tmp_path / "other.txt").read_bytes() == OLD


def test_a_read_only_file_is_refused_with_a_hint(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09: asked of the system, because root may write everywhere."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(DedupError, match="is read-only") as caught:
        write_file(str(old), NEW, source=read_file(str(old)))
    assert caught.value.hint == "make it writable, or give -o FILE"
    assert old.read_bytes() == OLD


def test_a_read_only_file_is_refused_by_the_system(old: Path) -> None:
    """R09"""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    old.chmod(0o444)
    with pytest.raises(DedupError, match="is read-only"):
        write_file(str(old), NEW)
    assert old.read_bytes() == OLD


def test_a_read_only_folder_leaves_the_old_file(old: Path) -> None:
    """R09"""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    old.parent.chmod(0o555)
    try:
        with pytest.raises(DedupError, match="Permission denied"):
            write_file(str(old), NEW)
    finally:
        old.parent.chmod(0o755)
    assert old.read_bytes() == OLD


def test_the_longest_possible_name_can_be_written(tmp_path: Path) -> None:
    """R25: the temporary name does not grow with the target's."""
    path = tmp_path / ("n" * 255)
    write_file(str(path), OLD)
    write_file(str(path), NEW)
    assert path.read_bytes() == NEW


def test_temporary_names_are_random_and_private(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R23"""
    seen: list[str] = []
    sync = os.fsync

    def look(descriptor: int) -> None:
        for name in names(old.parent):
            if name.startswith(".dedup-"):
                seen.append(name)
                assert stat.S_IMODE((old.parent / name).stat().st_mode) == 0o600
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    old.chmod(0o666)
    write_file(str(old), NEW)
    write_file(str(old), OLD)
    assert len(seen) == len(set(seen)) == 2


def failing(code: int) -> Callable[..., Any]:
    """A system call that only ever answers with this error."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "fstat", "replace"])
def test_a_failing_call_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    """R01, for machines without strace."""
    monkeypatch.setattr(os, call, failing(code))
    with pytest.raises(DedupError) as caught:
        write_file(str(old), NEW)
    monkeypatch.undo()
    assert str(caught.value) == f"{old}: {os.strerror(code)}"
    assert old.read_bytes() == OLD
    assert names(old.parent) == ["a.txt"]


@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "replace"])
def test_an_interrupt_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, call, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(str(old), NEW)
    monkeypatch.undo()
    assert old.read_bytes() == OLD
    assert names(old.parent) == ["a.txt"]


def test_a_short_write_goes_on(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    write_file(str(old), NEW)
    assert old.read_bytes() == NEW


def test_a_lost_write_is_noticed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda descriptor, data: len(data))
    with pytest.raises(DedupError, match="could not be written completely"):
        write_file(str(old), NEW)
    assert old.read_bytes() == OLD


def _edited(path: Path) -> bytes:
    path.write_bytes(b"edited\n")
    return b"edited\n"


def _same_size(path: Path) -> bytes:
    path.write_bytes(OLD.upper())
    os.utime(path, ns=(1, 1))
    return OLD.upper()


def _replaced(path: Path) -> bytes:
    state = path.stat()
    path.with_suffix(".new").write_bytes(OLD.upper())
    os.replace(path.with_suffix(".new"), path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    return OLD.upper()


@pytest.mark.parametrize("change", [_edited, _same_size, _replaced])
def test_a_newer_input_survives(old: Path, change: Callable[[Path], bytes]) -> None:
    """R10"""
    source = read_file(str(old))
    newer = change(old)
    with pytest.raises(DedupError) as caught:
        write_file(str(old), NEW, source=source)
    assert str(caught.value) == f"{old}: changed while it was being read"
    assert old.read_bytes() == newer
    assert names(old.parent) == ["a.txt"]


def test_a_vanished_input_is_not_written_again(old: Path) -> None:
    """R10"""
    source = read_file(str(old))
    old.unlink()
    with pytest.raises(DedupError, match="changed while it was being read"):
        write_file(str(old), NEW, source=source)
    assert names(old.parent) == []


@pytest.mark.parametrize("path", ["folder", "folder/", "new/"])
def test_a_folder_is_no_target(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DedupError, match="is a directory"):
        write_file(os.path.join(tmp_path, path), NEW)
    assert names(tmp_path) == ["folder"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DedupError, match="its folder does not exist"):
        write_file(str(tmp_path / "out" / "a.txt"), NEW)


def test_a_full_device_is_named() -> None:
    """R04"""
    with pytest.raises(DedupError, match="/dev/full: No space left on device"):
        write_file("/dev/full", NEW)
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_fifo_is_written_and_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write_file(str(path), NEW)
    reader.join()
    assert got == [NEW]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_closed_pipe_passes_through() -> None:
    """R06: the command line has a status of its own for it."""
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_file(f"/dev/fd/{writer}", NEW)
    os.close(writer)


def test_a_descriptor_of_a_file_is_appended_to_and_not_replaced(old: Path) -> None:
    """What ``-o /dev/stdout >> a.txt`` means."""
    before = old.stat().st_ino
    descriptor = os.open(old, os.O_WRONLY | os.O_APPEND)
    write_file(f"/dev/fd/{descriptor}", NEW)
    os.close(descriptor)
    assert old.read_bytes() == OLD + NEW
    assert old.stat().st_ino == before


def test_a_pipe_cannot_be_replaced_in_place() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    path = f"/dev/fd/{reader}"
    source = read_file(path)
    with pytest.raises(DedupError, match="is not a regular file"):
        write_file(path, NEW, source=source)
    os.close(reader)


@pytest.fixture
def source(old: Path) -> Source:
    return read_file(str(old))


def test_a_backup_holds_the_old_bytes_and_mode(old: Path) -> None:
    """R11"""
    old.chmod(0o640)
    source = read_file(str(old))
    backup = Path(back_up(source))
    write_file(str(old), NEW, source=source)
    assert (backup, backup.read_bytes()) == (old.with_name("a.txt.orig"), OLD)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640
    assert backup.stat().st_nlink == 1
    assert names(old.parent) == ["a.txt", "a.txt.orig"]


def test_an_existing_backup_is_never_overwritten(old: Path, source: Source) -> None:
    """R11"""
    backup = old.with_name("a.txt.bak")
    backup.write_bytes(b"precious")
    with pytest.raises(DedupError, match=r"a\.txt\.bak: already exists") as caught:
        back_up(source, ".bak")
    assert "--backup" in caught.value.hint
    assert backup.read_bytes() == b"precious"
    assert names(old.parent) == ["a.txt", "a.txt.bak"]


def test_a_backup_with_the_same_bytes_will_do(old: Path, source: Source) -> None:
    """A run that was killed between backup and replacement can be started again."""
    first = back_up(source)
    before = os.stat(first).st_ino
    assert back_up(source) == first
    assert os.stat(first).st_ino == before


def test_a_link_to_the_input_is_no_backup(old: Path, source: Source) -> None:
    """R11"""
    old.with_name("a.txt.orig").symlink_to("a.txt")
    with pytest.raises(DedupError, match="already exists"):
        back_up(source)


def test_a_backup_needs_no_hard_links(
    old: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11: on file systems without them the name is reserved first."""
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    backup = Path(back_up(source))
    assert backup.read_bytes() == OLD
    backup.write_bytes(b"precious")
    with pytest.raises(DedupError, match="already exists"):
        back_up(source)
    assert backup.read_bytes() == b"precious"
    assert names(old.parent) == ["a.txt", "a.txt.orig"]


@pytest.mark.parametrize("suffix", ["", "/x", "/../x", "x/"])
def test_a_backup_stays_beside_the_file(old: Path, source: Source, suffix: str) -> None:
    with pytest.raises(DedupError, match="no backup can be called"):
        back_up(source, suffix)
    assert names(old.parent) == ["a.txt"]


def test_the_input_is_recognised_under_any_name(
    old: Path, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R07"""
    monkeypatch.chdir(tmp_path)
    os.link(old, tmp_path / "hard.txt")
    (tmp_path / "soft.txt").symlink_to("a.txt")
    for path in (str(old), "a.txt", "./a.txt", "hard.txt", "soft.txt"):
        assert same_file(path, source), path


def test_a_replaced_input_is_recognised_by_its_path(old: Path, source: Source) -> None:
    """R07"""
    _replaced(old)
    assert same_file(str(old), source)


def test_a_redirected_input_is_recognised(old: Path) -> None:
    """R07"""
    with old.open("rb") as stream:
        assert same_file(str(old), read_stream(stream, name="stdin"))


def test_other_files_are_not_the_input(old: Path, source: Source, tmp_path: Path) -> None:
    """R07"""
    (tmp_path / "copy.txt").write_bytes(OLD)
    for path in ("copy.txt", "missing.txt", "a.txt/x", "n" * 300):
        assert not same_file(str(tmp_path / path), source), path
    assert not same_file("a\0b", source)
    assert not same_file("/dev/null", read_file("/dev/null"))


def test_content_in_pieces_is_written_as_one_file(old: Path) -> None:
    write_file(str(old), iter([b"one ", b"", b"two"]))
    assert old.read_bytes() == b"one two"


def test_pieces_that_fail_to_come_leave_the_old_file(old: Path) -> None:
    before = old.read_bytes()

    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise DedupError("a.txt", "is gone")

    with pytest.raises(DedupError, match="is gone"):
        write_file(str(old), pieces())
    assert old.read_bytes() == before and names(old.parent) == ["a.txt"]
