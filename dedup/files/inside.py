"""Paths inside an output folder: nothing that was planted there leads a write out of it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dedup.errors import DedupError
from dedup.files.records import check_name
from dedup.files.write import OWN

HAS_DIR_FD = {os.open, os.mkdir, os.rename, os.stat, os.unlink} <= os.supports_dir_fd
"""Whether files can be named relative to an open folder, so that no link can get between."""

UNFOLLOWED = getattr(os, "O_NOFOLLOW", 0)
ENTER = os.O_RDONLY | UNFOLLOWED | getattr(os, "O_DIRECTORY", 0)
READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
NOT_WAITING = getattr(os, "O_NONBLOCK", 0)
"""Opening a named pipe that was planted must not wait for its other end."""

IS_LINK = "is a symbolic link, and is not followed"
REMOVE_LINK = "remove it, or give another folder"
LINKED = {errno.ELOOP, errno.EMLINK}
"""Answers of the systems to a link that may not be followed."""


def components(name: str, where: str) -> list[str]:
    """The folders and the file that make up ``name``, which comes from outside.

    ``DedupError`` for ``where`` if it could lead out of the folder, or is a name of our own files.
    """
    parts = name.split("/")
    try:
        check_name(name, where)
        os.fsencode(name)
        is_wrong = (
            "" in parts or "." in parts or (os.name == "nt" and ("\\" in name or ":" in name))
        )
    except (DedupError, UnicodeEncodeError):
        is_wrong = True
    if is_wrong:
        raise DedupError(where, f"{name!r} cannot be the name of an output file")
    # Whatever the case of its letters: on some disks that is the same name.
    if any(part[: len(OWN)].lower() == OWN for part in parts):
        raise DedupError(where, f"{name!r} is a name for our own files ({OWN}*)", "rename it")
    return parts


@contextmanager
def folder(root: str, parts: list[str]) -> Iterator[tuple[str, int | None]]:
    """The folder ``parts`` below ``root``, made where missing, entered without following links.

    Gives what to put before the name of a file in it, and the open folder that such a path is
    relative to: none where the system has no such paths (then call ``check_inside`` before using
    what was written). The root itself may be a link.
    """
    if not HAS_DIR_FD:
        yield _walked(root, parts), None
        return
    descriptor = _opened_root(root)
    try:
        for depth, part in enumerate(parts, 1):
            inner = _entered(descriptor, part, os.path.join(root, *parts[:depth]))
            os.close(descriptor)
            descriptor = inner
        yield "", descriptor
    finally:
        os.close(descriptor)


def check_inside(root: str, parts: list[str]) -> None:
    """``DedupError`` if the folder ``parts`` below ``root`` is, by a link, somewhere else."""
    path = os.path.join(root, *parts)
    expected = os.path.join(os.path.realpath(root), *parts)
    if os.path.normcase(os.path.realpath(path)) != os.path.normcase(expected):
        raise DedupError(path, IS_LINK, REMOVE_LINK)


def opened(place: str, flags: int, shown: str, dir_fd: int | None = None) -> int:
    """A descriptor of the regular file at ``place``; ``DedupError`` for ``shown`` if it is another.

    With ``O_CREAT`` in ``flags`` it gets the mode any new file gets.
    """
    try:
        flags |= UNFOLLOWED | NOT_WAITING
        descriptor = os.open(place, flags, 0o666, dir_fd=dir_fd)
    except OSError as problem:
        if problem.errno in LINKED:
            raise DedupError(shown, IS_LINK, REMOVE_LINK) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DedupError(shown, "is not a regular file")
    return descriptor


def read(descriptor: int) -> bytes:
    """Everything in the file, which is then closed."""
    with open(descriptor, "rb", buffering=0) as file:
        return file.readall()


def _opened_root(root: str) -> int:
    flags = ENTER & ~UNFOLLOWED
    try:
        return os.open(root, flags)
    except FileNotFoundError:
        os.makedirs(root, exist_ok=True)
        return os.open(root, flags)


def _entered(outer: int, part: str, path: str) -> int:
    """The open folder ``part`` of the open folder ``outer``, made if it is missing."""
    try:
        try:
            return os.open(part, ENTER, dir_fd=outer)
        except FileNotFoundError:
            with suppress(FileExistsError):  # another worker was faster
                os.mkdir(part, dir_fd=outer)
            return os.open(part, ENTER, dir_fd=outer)
    except OSError as problem:
        if problem.errno not in LINKED | {errno.ENOTDIR}:
            raise
        is_link = stat.S_ISLNK(os.stat(part, dir_fd=outer, follow_symlinks=False).st_mode)
        raise _no_folder(path, is_link) from None


def _walked(root: str, parts: list[str]) -> str:
    """The same by paths: the folder's path, each part looked at before it is entered."""
    os.makedirs(root, exist_ok=True)
    path = root
    for part in parts:
        path = os.path.join(path, part)
        with suppress(FileExistsError):
            os.mkdir(path)
        mode = os.lstat(path).st_mode
        if not stat.S_ISDIR(mode):
            raise _no_folder(path, stat.S_ISLNK(mode))
    return path


def _no_folder(path: str, is_link: bool) -> DedupError:
    if is_link:
        return DedupError(path, IS_LINK, REMOVE_LINK)
    return DedupError(path, "is not a folder", "move it away, or give another folder")
