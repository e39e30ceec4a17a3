"""Results of earlier runs by content, options and version: ``--cache DIR``.

What a lookup gives is what computing would give, or nothing. The folder is the user's own: it is
made for nobody else, and one that others could have written to is not used.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from dedup.errors import DedupError
from dedup.files.read import problems_named
from dedup.files.remembered import Remembered, loaded
from dedup.files.remembered import remember as remember
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.files.store import Store

TAG = "CACHEDIR.TAG"
SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
"""How the tag begins by which backup programs know a cache: https://bford.info/cachedir/"""
ABOUT = b"""
# Results of dedup --cache. It can be removed at any time: then they are computed again.
"""
IGNORE = ".gitignore"


class Cache:
    """Results by key. No problem with it is ever raised: it is noted, and nothing is found."""

    def __init__(self, store: Store | None, salt: bytes, note: str = "") -> None:
        self._store = store
        self._salt = salt
        self._salts: dict[str, bytes] = {}
        self._note = note

    @property
    def note(self) -> str:
        """What to tell the user, to stand behind the folder's name; empty normally."""
        return self._note or (self._store.note if self._store else "")

    def key(self, data: bytes, format: str) -> bytes:
        """What a document with the bytes ``data``, read as ``format``, is found by: a digest.

        Empty if the cache is not used.
        """
        if self._store is None:
            return b""
        salt = self._salts.get(format)
        if salt is None:
            salt = blake2b(self._salt + format.encode()).digest()
            self._salts[format] = salt
        return blake2b(data, digest_size=32, key=salt).digest()

    def get(self, key: bytes, name: str) -> Remembered | None:
        """What is remembered of the document with this key, which is called ``name``."""
        value = self._store.get(key) if self._store else None
        return None if value is None else loaded(value, name)

    def put(self, key: bytes, remembered: Remembered) -> None:
        """Remember it; it is written with others, at the latest when the cache is closed."""
        if self._store:
            self._store.put(key, remembered.dumped())

    def close(self) -> None:
        """Write what is not written yet. The note is complete after this."""
        if self._store:
            self._store.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_cache(directory: str, options: Options) -> Cache:
    """The cache in ``directory``, made if it is not there, for runs with ``options``.

    ``DedupError`` for what only the user can put right: it is a file, cannot be made, or holds other
    things. To be opened in the process that uses it, and closed before that one forks: two processes
    that share an open SQLite file by a fork lose its locks.
    """
    with problems_named(directory):
        state = _made(directory)
    note = _distrust(state)
    if note:
        return Cache(None, b"", f"is not used: {note}")
    try:
        from dedup.files import store
    except ImportError:
        return Cache(None, b"", "is not used: this Python was built without SQLite")
    _mark(directory)
    return Cache(store.Store(os.path.join(directory, store.NAME)), _salt(options))


def _made(directory: str) -> os.stat_result:
    """State of the folder, made for its owner alone if it is not there."""
    if not directory:  # a variable in a script that was never set
        raise DedupError("", "--cache names no folder: its path is empty")
    with suppress(FileExistsError):
        os.makedirs(directory, 0o700)
    if not os.path.isdir(directory):
        raise DedupError(directory, "is not a folder", "--cache needs a folder of its own")
    return os.stat(directory)


def _distrust(state: os.stat_result) -> str:
    """Why a folder cannot be relied on, or nothing: who writes to it says what text goes."""
    if os.name == "nt":
        return ""  # owner and mode say nothing there
    if state.st_uid != os.geteuid():
        return "it belongs to another user"
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others may write to it (chmod go-w)"
    return ""


def _mark(directory: str) -> None:
    """Tell backup programs and Git to pass the folder by; ``DedupError`` if it holds other things."""
    from dedup.files.store import NAMES

    try:
        if _is_tagged(directory):
            return
        if set(os.listdir(directory)) - NAMES - {TAG, IGNORE}:
            hint = "name an empty folder, or one that is not there yet"
            raise DedupError(directory, "is not a cache: it holds other things", hint)
        # The tag comes last: with it the folder is complete.
        for name, content in ((IGNORE, b"*\n"), (TAG, SIGNATURE + ABOUT)):
            with open(os.path.join(directory, name), "wb") as file:
                file.write(content)
    except OSError:
        return  # read-only, or full: the store will say so


def _is_tagged(directory: str) -> bool:
    try:
        with open(os.path.join(directory, TAG), "rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except FileNotFoundError:
        return False


@lru_cache(maxsize=4)
def _salt(options: Options) -> bytes:
    """A digest of all that decides a result besides the document."""
    from dedup import __version__
    from dedup.files.store import VERSION

    without = ("selection", "speed")
    values = {
        knob.name: getattr(options, knob.name)
        for knob in fields(options)
        if knob.metadata["affects"] not in without
    }
    # Python's version decides what is a letter: it brings the Unicode tables.
    about = [VERSION, __version__, sys.version, values]
    digest = blake2b(json.dumps(about).encode(), digest_size=32)
    for source in _sources():
        digest.update(blake2b(source).digest())
    return digest.digest()


def _sources() -> Iterator[bytes]:
    """The program itself: a working copy changes without a new version. 1 ms; none from an archive."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with suppress(OSError):
        for folder in (root, os.path.join(root, "engine"), os.path.join(root, "files")):
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    with open(os.path.join(folder, name), "rb") as file:
                        yield name.encode() + b"\0" + file.read()
