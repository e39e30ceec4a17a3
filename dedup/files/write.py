"""Files are old or new, never half: written beside their place and moved there whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from dedup.errors import DedupError
from dedup.files.read import Raw, marks, problems_named

if TYPE_CHECKING:
    from dedup.files.content import Stored

MAX_WRITE = 1 << 30
"""Bytes per system call; some systems refuse 2 GiB and more."""

Data = bytes | Iterable[bytes]
"""What a file is to hold, whole or in pieces."""

OWN = ".dedup-"
"""How the names of our own files begin: they are never input, and no document is called so."""

NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
NEW_FILE |= getattr(os, "O_BINARY", 0)

UNSUPPORTED = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.ENODATA, errno.ENOSYS}
"""Answers of a file system that cannot keep an owner or attribute, or does not let us."""


def write_file(path: str, data: Data, *, source: Raw | None = None, sync: bool = True) -> None:
    """Make ``data`` the content of ``path``; on any failure the old file stands untouched.

    With a ``source``, that file must still be what it was at reading. ``sync``: return only when
    the disk has it. Pipes and devices are written as a stream; ``BrokenPipeError`` passes through.
    """
    with problems_named(path):
        state = _state(path)
        if _is_stream(path, state):
            if source is not None and source.path == path:
                raise DedupError(path, "is not a regular file", "give -o FILE")
            _write_stream(path, data)
            return
        target = _replaceable(path, state)
        attributes = partial(copy_attributes, target) if state else partial(set_mode, 0o666)
        with temporary(target, data, attributes, sync=sync) as made:
            if source is not None:
                _check_unchanged(source)
            os.replace(made, target)
        if sync:
            sync_folder(target)


def remove_file(source: Raw) -> None:
    """Delete the file that ``source`` was read from, if it is still what it was then."""
    assert source.path is not None
    with problems_named(source.path):
        _check_unchanged(source)
        os.unlink(source.path)
        sync_folder(source.path)


def back_up(source: Raw, suffix: str = ".orig") -> str:
    """Keep the bytes of ``source`` as its path + ``suffix``, and return that path.

    Nothing is ever overwritten; a backup that already holds exactly these bytes will do.
    """
    if source.path is None or not suffix or os.path.basename(suffix) != suffix:
        raise DedupError(source.path or "standard input", f"no backup can be called *{suffix}")
    backup = source.path + suffix
    with problems_named(backup):
        if not _holds(backup, source.stored):
            attributes = partial(copy_attributes, source.path)
            with temporary(backup, source.stored, attributes, sync=True) as made:
                _check_unchanged(source)
                _move_without_overwriting(made, backup)
            sync_folder(backup)
    return backup


def same_file(path: str, source: Raw) -> bool:
    """Whether writing to ``path`` would replace the file that ``source`` was read from."""
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return False
    if source.stat is None:
        return False
    if os.path.samestat(state, source.stat):
        return True
    return source.path is not None and os.path.realpath(path) == os.path.realpath(source.path)


def _state(path: str) -> os.stat_result | None:
    """What stands at ``path`` behind any links; none if nothing does."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_stream(path: str, state: os.stat_result | None) -> bool:
    """Whether ``path`` is written to and not replaced: a device, a pipe, a descriptor's name."""
    if state is None or stat.S_ISDIR(state.st_mode):
        return False
    is_regular = stat.S_ISREG(state.st_mode)
    return not is_regular or os.path.abspath(path).startswith(("/dev/fd/", "/dev/std", "/proc/"))


def _write_stream(path: str, data: Data) -> None:
    # Appending: a descriptor's name may stand for a file that the shell opened with >>.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _replaceable(path: str, state: os.stat_result | None) -> str:
    """The real place to put the file: behind symbolic links, so that a link stays a link."""
    if (state is None and path.endswith("/")) or (state and stat.S_ISDIR(state.st_mode)):
        raise DedupError(path, "is a directory", "give the name of a file")
    target = os.path.realpath(path)
    if state is not None and not os.access(target, os.W_OK):
        raise DedupError(path, "is read-only", "make it writable, or give -o FILE")
    if not os.path.isdir(os.path.dirname(target)):
        raise DedupError(path, "its folder does not exist", "make the folder first")
    return target


@contextmanager
def temporary(
    target: str,
    data: Data,
    attributes: Callable[[int], None],
    *,
    sync: bool,
    dir_fd: int | None = None,
) -> Iterator[str]:
    """A complete file beside ``target`` with ``data``; ``attributes`` are set on its descriptor.

    The name is short and random, never made from the target's: it fits wherever that fits, and
    nobody can plant it. It is gone after any failure, an interrupt included. Both paths are
    relative to the open folder ``dir_fd``, if there is one.
    """
    made = os.path.join(os.path.dirname(target), OWN + os.urandom(8).hex())
    try:
        # Inside: an interrupt may arrive as soon as the file is there, before its descriptor is known.
        descriptor = os.open(made, NEW_FILE, 0o600, dir_fd=dir_fd)
        try:
            size = _write_all(descriptor, data)
            if sync:
                os.fsync(descriptor)
            attributes(descriptor)
            if os.fstat(descriptor).st_size != size:
                raise OSError(errno.EIO, "could not be written completely")
        finally:
            os.close(descriptor)
        yield made
    except BaseException:
        with suppress(OSError):
            os.unlink(made, dir_fd=dir_fd)
        raise


def _write_all(descriptor: int, data: Data) -> int:
    """Write all of ``data``; how many bytes that were."""
    size = 0
    for piece in [data] if isinstance(data, bytes) else data:
        rest = memoryview(piece)
        size += len(rest)
        while rest:
            rest = rest[os.write(descriptor, rest[:MAX_WRITE]) :]
    return size


def set_mode(mode: int, descriptor: int) -> None:
    """Give the new file the permissions ``mode`` less what the process's mask takes away."""
    mask = os.umask(0o077)
    os.umask(mask)
    os.fchmod(descriptor, mode & 0o777 & ~mask)


def copy_attributes(model: str | int, descriptor: int) -> None:
    """Give the new file the mode of ``model``, and its owner and attributes where that is allowed."""
    mine, theirs = os.fstat(descriptor), os.stat(model)
    if mine.st_gid != theirs.st_gid:
        with _if_supported():
            os.fchown(descriptor, -1, theirs.st_gid)
    if mine.st_uid != theirs.st_uid:
        with _if_supported():
            os.fchown(descriptor, theirs.st_uid, -1)
    _copy_extended(descriptor, model)
    os.fchmod(descriptor, stat.S_IMODE(theirs.st_mode) & 0o777)


def _copy_extended(descriptor: int, model: str | int) -> None:
    """Copy the extended attributes, access control lists among them, where the system has them."""
    if not hasattr(os, "listxattr"):
        return
    names: list[str] = []
    with _if_supported():
        names = os.listxattr(model)
    for name in names:
        with _if_supported():
            os.setxattr(descriptor, name, os.getxattr(model, name))


@contextmanager
def _if_supported() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno not in UNSUPPORTED:
            raise


def _check_unchanged(source: Raw) -> None:
    """``DedupError`` unless the file is what it was at reading: the newer content must survive."""
    if source.path is None or source.stat is None:
        return
    state = _state(source.path)
    if state is None or marks(state) != marks(source.stat):
        raise DedupError(source.path, "changed while it was being read", "run it again")


def sync_folder(target: str) -> None:
    """Make the new name ``target`` durable, where folders can be synced."""
    if os.name == "nt":
        return
    descriptor = os.open(os.path.dirname(target) or ".", os.O_RDONLY)
    try:
        with _if_supported():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _holds(backup: str, data: Stored) -> bool:
    """Whether a file of its own with exactly ``data`` stands at ``backup``; a link is not one."""
    state = _lstat(backup)
    if state is None or not stat.S_ISREG(state.st_mode):
        return False
    with open(backup, "rb") as file:
        if isinstance(data, bytes):
            return state.st_size == len(data) and file.read() == data
        return type(data)(file).fingerprint == data.fingerprint


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _move_without_overwriting(made: str, backup: str) -> None:
    """Appear whole or not at all, and never over an existing file: a link does both in one step."""
    try:
        with _if_supported():
            os.link(made, backup)
            os.unlink(made)
            return
        # No links on this file system: reserve the name, then replace what is surely ours.
        os.close(os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(made, backup)
    except FileExistsError:
        hint = "move it away, or choose another --backup suffix"
        raise DedupError(backup, "already exists", hint) from None
