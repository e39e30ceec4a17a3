"""Which files of an output folder are ours: each with the digest it was written with.

``.dedup-manifest.jsonl`` starts with a header (format, version, tool); each further line is a file's
name, size and digest. A file is listed before it is moved into place, so that a run can end at any
moment and all it wrote is known; until the list is settled, a name may have several lines.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dedup.errors import DedupError
from dedup.files.fingerprints import Fingerprint, fingerprint
from dedup.files.inside import READ, components, opened, read
from dedup.files.read import problems_named
from dedup.files.records import Record, record
from dedup.files.write import OWN, write_file

try:
    import fcntl
except ImportError:  # Windows: there an addition is a single write, and must do without a lock
    fcntl = None  # type: ignore[assignment]

MANIFEST = OWN + "manifest.jsonl"
FORMAT = "dedup-manifest"
VERSION = 1

ADD = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
LOCKLESS = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
"""Answers of a file system without locks."""

PLAIN = re.compile(
    rb'\{"name":"([ !#-\[\]-~]+)","bytes":(\d{1,15}),"blake2b":"([0-9a-f]{64})"\}', re.ASCII
)
"""A line as we write it for a name without anything to escape: a third of the time of any JSON."""

PART_LINES = 500
"""Lines written at a time."""

Entries = dict[str, dict[Fingerprint, None]]
"""What each name was written with, in the order of writing, the newest last."""


def load(root: str) -> dict[str, frozenset[Fingerprint]]:
    """What the files of ``root`` that are ours may hold; empty if there is no manifest."""
    path = os.path.join(root, MANIFEST)
    with problems_named(path):
        try:
            data = read(opened(path, READ, path))
        except FileNotFoundError:
            return {}
    return {name: frozenset(found) for name, found in _entries(data, path).items()}


def append(root: str, name: str, found: Fingerprint) -> None:
    """List ``name`` with the digest of what it holds, from any process."""
    with listed(root, name, found):
        pass


@contextmanager
def listed(root: str, name: str, found: Fingerprint) -> Iterator[None]:
    """List ``name`` with the digest of what is to be moved into its place within the block.

    Until its end no other process adds to the list or settles it: so nobody finds the file not
    yet there and drops it.
    """
    components(name, name)
    path = os.path.join(root, MANIFEST)
    line = _line(name, found)
    with _locked(path) as descriptor:
        with problems_named(path):
            _add(descriptor, line)
        yield


def settle(root: str, names: Iterable[str]) -> None:
    """Leave one line per file, sorted: with the digest of what stands there, if it is listed.

    ``names`` are the files that this run wrote or found right: they stand there, and are only
    looked at if several digests are listed. Others stay listed while their file exists. Lines
    that make no sense are dropped; a run that was not told to force has refused them before.
    """
    path = os.path.join(root, MANIFEST)
    if not os.path.lexists(path):
        return
    sure = frozenset(names)
    with _locked(path) as descriptor, problems_named(path):
        old = read(os.dup(descriptor))
        new = list(_settled(root, old, path, sure))
        if not _is(new, old):
            write_file(path, new, sync=False)


def _settled(root: str, old: bytes, path: str, sure: frozenset[str]) -> Iterator[bytes]:
    """What the list says once it is settled, in pieces. Only places in ``old`` are held for its files."""
    places, several = _places(old, path)
    part = [_header()]
    for name in sorted(places, key=os.fsencode):
        written = [*several.get(name, ())]
        if not written:
            entry = _entry_at(old, places[name], path)
            written = [entry[1]] if entry else []
        part += [_line(name, found) for found in _standing(root, name, written, name in sure)]
        if len(part) >= PART_LINES:
            yield b"".join(part)
            part.clear()
    yield b"".join(part)


def _places(data: bytes, path: str) -> tuple[dict[str, int], Entries]:
    """Where the newest line of each name begins; and those that were written with several digests.

    Lines that make no sense are left out.
    """
    places: dict[str, int] = {}
    several: Entries = {}
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        entry = _entry_at(data, start, path)
        if entry is not None:
            name, found = entry
            before = _entry_at(data, places[name], path) if name in places else None
            if before is not None and (name in several or before != entry):
                written = several.setdefault(name, {before[1]: None})
                written.pop(found, None)
                written[found] = None
            places[name] = start
        start = end + 1
    return places, several


def _entry_at(data: bytes, start: int, path: str) -> tuple[str, Fingerprint] | None:
    """What the line that begins there says; None if that is nothing."""
    try:
        return _entry(data[start : data.find(b"\n", start)], path, is_first=start == 0)
    except DedupError:
        return None


def _is(pieces: Iterable[bytes], whole: bytes) -> bool:
    """Whether the pieces together are ``whole``."""
    position = 0
    for piece in pieces:
        if not whole.startswith(piece, position):
            return False
        position += len(piece)
    return position == len(whole)


def _standing(root: str, name: str, written: list[Fingerprint], is_sure: bool) -> list[Fingerprint]:
    """Which of the digests to keep for ``name``: that of what stands there; none if nothing does.

    If somebody else has changed it, the newest: it fits nothing, so the file is never taken for
    ours. If it cannot be read now, all.
    """
    newest = written[-1:]
    if is_sure and len(written) == 1:
        return newest
    path = os.path.join(root, *name.split("/"))
    try:
        if len(written) == 1:
            return newest if stat.S_ISREG(os.lstat(path).st_mode) else []
        found = fingerprint(read(opened(path, READ, path)))
    except (FileNotFoundError, NotADirectoryError, DedupError):  # gone, or no file of ours
        return []
    except OSError:
        return written
    return [found] if found in written else newest


def remove(root: str) -> None:
    """Forget which files of ``root`` are ours, for one that is nobody's output any more."""
    path = os.path.join(root, MANIFEST)
    with problems_named(path), suppress(FileNotFoundError):
        os.unlink(path)


@contextmanager
def _locked(path: str) -> Iterator[int]:
    """The open manifest, made if missing, which no other process has locked."""
    with problems_named(path):
        descriptor = _lock(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(path: str) -> int:
    while True:
        descriptor = opened(path, ADD, path)
        try:
            _wait_for_lock(descriptor)
            # Who had the lock may have put a settled list in the place of this one.
            if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _wait_for_lock(descriptor: int) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as problem:
        if problem.errno not in LOCKLESS:
            raise


def _add(descriptor: int, line: bytes) -> None:
    """Add the line, behind a header if the file has none, whole or not at all."""
    size = _cut_off_rest(descriptor)
    if size == 0:
        line = _header() + line
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except BaseException:
        os.ftruncate(descriptor, size)
        raise


def _cut_off_rest(descriptor: int) -> int:
    """Take away a line that a crash cut short, and give the size of the file, in bytes."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return 0
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    if os.read(descriptor, 1) != b"\n":
        os.lseek(descriptor, 0, os.SEEK_SET)
        size = read(os.dup(descriptor)).rfind(b"\n") + 1
        os.ftruncate(descriptor, size)
    return size


def _entries(data: bytes, path: str) -> Entries:
    """What the manifest says; what stands behind the last newline was cut off and means nothing."""
    entries: Entries = {}
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            entry = _entry(line, f"{path}:{number}", is_first=number == 1)
        except DedupError as problem:
            raise DedupError(problem.where, problem.what, "--force starts a new one") from None
        if entry is not None:
            written = entries.setdefault(entry[0], {})
            written.pop(entry[1], None)
            written[entry[1]] = None
    return entries


def _entry(line: bytes, where: str, *, is_first: bool) -> tuple[str, Fingerprint] | None:
    """A name and a digest; none for a header, of which two processes without locks may write two."""
    plain = None if is_first else PLAIN.fullmatch(line)
    if plain is None:
        return _parsed(record(line, where), is_first)
    name = plain[1].decode("ascii")
    components(name, where)
    return name, Fingerprint(int(plain[2]), plain[3].decode("ascii"))


def _parsed(record: Record, is_first: bool) -> tuple[str, Fingerprint] | None:
    if is_first or "format" in record.values:
        _check_header(record)
        return None
    name, found = record.text("name"), record.fingerprint()
    record.finish()
    components(name, record.where)
    return name, found


def _check_header(record: Record) -> None:
    if "format" not in record.values or record.text("format") != FORMAT:
        raise record.wrong("is not a manifest of dedup")
    version, _ = record.whole("version"), record.text("tool")
    if version != VERSION:
        raise record.wrong(f"manifest version {version} is not one this dedup reads ({VERSION})")
    record.finish()


def _header() -> bytes:
    from dedup import __version__

    return _json({"format": FORMAT, "version": VERSION, "tool": __version__})


def _line(name: str, found: Fingerprint) -> bytes:
    return _json({"name": name, "bytes": found.size, "blake2b": found.blake2b})


def _json(values: dict[str, Any]) -> bytes:
    # ASCII only: lone surrogates, which stand for bytes of a name, survive as escapes.
    return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"
