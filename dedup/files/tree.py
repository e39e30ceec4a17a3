"""A folder of outputs, mirrored: checked before anything is written, then written file by file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, cast
from unicodedata import normalize

from dedup.errors import DedupError
from dedup.files import manifest
from dedup.files.content import CHUNK, Content, Stored
from dedup.files.fingerprints import Fingerprint, fingerprint
from dedup.files.inside import (
    IS_LINK,
    READ,
    REMOVE_LINK,
    check_inside,
    components,
    folder,
    opened,
    read,
)
from dedup.files.read import problems_named
from dedup.files.write import NEW_FILE, OWN, copy_attributes, set_mode, sync_folder, temporary

WRITTEN, UNCHANGED = "written", "unchanged"
RENAME = "rename one of them, or clean them into two folders"


def check(
    root: str, names: Sequence[str], *, force: bool, sources: Sequence[str]
) -> dict[str, frozenset[Fingerprint]]:
    """What stands in ``root`` and is ours, once it is sure that ``names`` can be written there.

    ``DedupError`` if a name leads elsewhere, two of them collide, or something is in their way: a
    link, a special file, or without ``force`` a file that is not ours. ``sources`` are the inputs
    that the names are for, in the same order. With ``force`` nothing needs to be ours: empty.
    """
    for name, source in zip(names, sources, strict=True):
        components(name, source)
    _check_collisions(root, names, sources)
    if os.path.lexists(root) and not os.path.isdir(root):
        raise DedupError(root, "is not a folder", "give another one for several inputs")
    owned = {} if force else manifest.load(root)
    foreign = [
        path for name, path in _standing(root, names, sources) if not force and name not in owned
    ]
    if foreign:
        what = "is there already, and was not written by dedup"
        if len(foreign) == 1:
            raise DedupError(foreign[0], what, "--force replaces it")
        what += f"; {len(foreign)} such files in all"
        raise DedupError(foreign[0], what, "--force replaces them")
    return owned


def prepare(root: str) -> None:
    """Make the root, so that one message tells that it cannot be made or written to."""
    with problems_named(root):
        os.makedirs(root, exist_ok=True)
    if not os.access(root, os.W_OK | os.X_OK):
        raise DedupError(root, "is a folder that cannot be written to")


def write(
    root: str,
    name: str,
    data: Stored,
    *,
    model: str | None,
    owned: frozenset[Fingerprint],
    force: bool,
) -> str:
    """Make ``data`` the file ``name`` below ``root`` and list it as ours; from any process.

    A new file gets the mode of the file ``model``, less the process's mask; one that is replaced
    keeps its own attributes, and must be one of ``owned`` unless ``force``. Returns ``written``, or
    ``unchanged`` if exactly these bytes stood there. Durable only after ``finish``.
    """
    *folders, base = components(name, name)
    path = os.path.join(root, *folders, base)
    with problems_named(path), folder(root, folders) as (before, dir_fd):
        place = os.path.join(before, base)
        old = _content(place, dir_fd, path)
        new = data if isinstance(data, bytes) else data.fingerprint
        if old is not None and _are_same(old, new):
            if _fingerprint(new) not in owned:
                manifest.append(root, name, _fingerprint(new))
            return UNCHANGED
        if old is not None and not force and _fingerprint(old) not in owned:
            what = "was changed since it was written, or is not ours"
            raise DedupError(path, what, "--force replaces it")
        attributes = _mode_like(model) if old is None else partial(_copy_from, place, dir_fd, path)
        with (
            temporary(place, data, attributes, sync=False, dir_fd=dir_fd) as made,
            manifest.listed(root, name, _fingerprint(new)),
        ):
            if dir_fd is None:
                check_inside(root, folders)
            os.replace(made, place, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)
    return WRITTEN


def remove(root: str, name: str, *, owned: frozenset[Fingerprint], force: bool) -> None:
    """Let there be no file ``name`` below ``root``; one that stands there must be one of ``owned`` unless ``force``."""
    *folders, base = components(name, name)
    path = os.path.join(root, *folders, base)
    if not os.path.lexists(path):
        return
    with problems_named(path), folder(root, folders) as (before, dir_fd):
        old = _content(os.path.join(before, base), dir_fd, path)
        if old is not None and not force and _fingerprint(old) not in owned:
            what = "was changed since it was written, or is not ours"
            raise DedupError(path, what, "--force removes it")
        if old is not None:
            os.unlink(os.path.join(before, base), dir_fd=dir_fd)


def holds(root: str, name: str, wanted: Fingerprint) -> bool:
    """Whether the file ``name``, which was checked, is there below ``root`` and has this very content."""
    path = os.path.join(root, name)
    try:
        content = _content(path, None, path)
    except (OSError, DedupError):
        return False  # the writing will say what is wrong
    return content is not None and _fingerprint(content) == wanted


def finish(root: str) -> None:
    """Return when the disk has all that was written: once for the run, as once per file is slow."""
    with problems_named(root):
        if hasattr(os, "sync"):
            os.sync()
        if os.path.isdir(root):
            sync_folder(os.path.join(root, manifest.MANIFEST))


def _check_collisions(root: str, names: Sequence[str], sources: Sequence[str]) -> None:
    keys = names
    clash = _clash(keys)
    if clash is None and _clash([_folded(name, True, True) for name in names]) is not None:
        # Only now it matters what this disk takes for one name.
        cases, forms = _equal_names(root)
        keys = [_folded(name, cases, forms) for name in names]
        clash = _clash(keys)
    if clash is None:
        return
    one, other = clash
    paths = [os.path.join(root, *names[index].split("/")) for index in clash]
    if keys[one] != keys[other]:
        what = f"needs a folder where {sources[one]} needs the file {paths[0]}"
    elif names[one] != names[other]:
        what = f"and {sources[one]} are the same on this disk: {paths[1]} and {paths[0]}"
    else:
        what = f"and {sources[one]} would both be written to {paths[0]}"
    raise DedupError(sources[other], what, RENAME)


def _clash(keys: Sequence[str]) -> tuple[int, int] | None:
    """Two keys of which only one can be a file: equal ones, or one that is a folder of the other."""
    files: dict[str, int] = {}
    for index, key in enumerate(keys):
        first = files.setdefault(key, index)
        if first != index:
            return first, index
    seen: set[str] = set()
    for index, key in enumerate(keys):
        outer = key.rpartition("/")[0]
        while outer and outer not in seen:
            if outer in files:
                return files[outer], index
            seen.add(outer)
            outer = outer.rpartition("/")[0]
    return None


def _folded(name: str, cases: bool, forms: bool) -> str:
    """What the names have in common that differ in case, or in how their letters are composed."""
    if name.isascii():
        return name.lower() if cases else name
    if forms:
        name = normalize("NFC", name)
    if cases:
        name = name.casefold()
    return normalize("NFC", name) if forms else name


def _equal_names(root: str) -> tuple[bool, bool]:
    """Whether the disk of ``root`` takes names for one that differ in case, and in composition."""
    outer = os.path.abspath(root)
    while not os.path.isdir(outer):
        outer = os.path.dirname(outer)
    composed, decomposed = (os.fsdecode(text.encode()) for text in ("\u00e9", "e\u0301"))
    name = OWN + os.urandom(8).hex()
    probe = os.path.join(outer, name + composed)
    with problems_named(outer):
        os.close(os.open(probe, NEW_FILE, 0o600))
        try:
            cases = os.path.lexists(os.path.join(outer, name.upper() + composed))
            forms = os.path.lexists(os.path.join(outer, name + decomposed))
        finally:
            os.unlink(probe)
    return cases, forms


def _standing(root: str, names: Sequence[str], sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names for which a file stands in ``root``, with their paths; each is looked at once.

    ``DedupError`` for whatever could be no file or folder of ours.
    """
    there = _folders_there(root, names, sources)
    for name, source in zip(names, sources, strict=True):
        if name.rpartition("/")[0] not in there:
            continue
        path = os.path.join(root, *name.split("/"))
        mode = _mode(path)
        if mode is None:
            continue
        if stat.S_ISLNK(mode):
            raise DedupError(path, IS_LINK, REMOVE_LINK)
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise DedupError(path, f"is {kind}, and {source} needs a file there")
        yield name, path


def _folders_there(root: str, names: Sequence[str], sources: Sequence[str]) -> set[str]:
    """Those of the folders the names need that exist; the root is called by an empty name."""
    there = {""} if os.path.isdir(root) else set()
    for inner, index in _folders(names).items():
        if inner.rpartition("/")[0] not in there:
            continue
        path = os.path.join(root, *inner.split("/"))
        mode = _mode(path)
        if mode is None:
            continue
        if stat.S_ISLNK(mode):
            raise DedupError(path, IS_LINK, REMOVE_LINK)
        if not stat.S_ISDIR(mode):
            raise DedupError(path, f"is not a folder, and {sources[index]} needs one there")
        there.add(inner)
    return there


def _folders(names: Sequence[str]) -> dict[str, int]:
    """Each folder that the names need, outer ones first, with the place of a name that needs it."""
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        last = name.rpartition("/")[0]
        if last and last not in found:
            parts = last.split("/")
            for depth in range(1, len(parts) + 1):
                found.setdefault("/".join(parts[:depth]), index)
    return found


def _mode(path: str) -> int | None:
    """What stands at ``path``; none if nothing does, or if only the writing can tell."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return None


def _content(place: str, dir_fd: int | None, path: str) -> bytes | Fingerprint | None:
    """What the file at ``place`` holds, or if that is long, its fingerprint; none if there is none."""
    try:
        descriptor = opened(place, READ, path, dir_fd)
    except FileNotFoundError:
        return None
    if os.fstat(descriptor).st_size <= CHUNK:
        return read(descriptor)
    with open(descriptor, "rb", buffering=0) as file:
        return Content(cast(BinaryIO, file)).fingerprint


def _are_same(one: bytes | Fingerprint, other: bytes | Fingerprint) -> bool:
    if isinstance(one, bytes) and isinstance(other, bytes):
        return one == other
    return _fingerprint(one) == _fingerprint(other)


def _fingerprint(content: bytes | Fingerprint) -> Fingerprint:
    return content if isinstance(content, Fingerprint) else fingerprint(content)


def _mode_like(model: str | None) -> Callable[[int], None]:
    if model is None:
        return partial(set_mode, 0o666)
    with problems_named(model):
        return partial(set_mode, os.stat(model).st_mode)


def _copy_from(place: str, dir_fd: int | None, path: str, descriptor: int) -> None:
    """Give the new file the attributes of the one it replaces."""
    old = opened(place, READ, path, dir_fd)
    try:
        copy_attributes(old, descriptor)
    finally:
        os.close(old)
