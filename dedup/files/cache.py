"""Results of earlier runs by content, options and version: ``--cache DIR``.

What a lookup gives is what computing would give, or nothing. The folder is the user's own: it is
made for nobody else, and one that others could have written to is not used.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from dedup.errors import DedupError
from dedup.files.read import problems_named
from dedup.files.remembered import Remembered, loaded
from dedup.files.remembered import remember as remember
from dedup.options import Options, alone, recorded

if TYPE_CHECKING:
    from dedup.files.store import Store

TAG = "CACHEDIR.TAG"
SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
"""How the tag begins by which backup programs know a cache: https://bford.info/cachedir/"""
ABOUT = b"""
# Results of dedup --cache. It can be removed at any time: then they are computed again.
"""
IGNORE = ".gitignore"

DECIDING = ("batch", "engine", "files", "files/formats")
"""Folders of the program whose modules, beside those at its root, decide what a result is."""

STATE = struct.Struct("=QQqqq")
SETTLED_NS = 3_000_000_000
"""Nanoseconds after which a file's times would tell that it was changed once more: the coarsest clock
of a file system ticks every two seconds."""


class Cache:
    """Results by key. No problem with it is ever raised: it is noted, and nothing is found."""

    def __init__(self, store: Store | None, salt: bytes, options: Options, note: str = "") -> None:
        self._store = store
        self.salt = salt
        """What keys begin with: all that decides a result besides the document and the options."""
        self._options = options
        self._salts: dict[str, bytes] = {}
        self._others: dict[Options, Cache] = {}
        self._note = note

    def under(self, options: Options) -> Cache:
        """The same cache for documents with these options; it is this one that is to be closed."""
        if options is self._options:
            return self
        if options not in self._others:
            self._others[options] = Cache(self._store, self.salt, options)
        return self._others[options]

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
            salt = blake2b(self.salt + _said(self._options) + format.encode()).digest()
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

    def glance(self, state: os.stat_result, format: str, name: str) -> Remembered | None:
        """The numbers of a file that is in the very ``state`` it was once read in, without reading it.

        Its details are left out: with them comes the content, and ``get``.
        """
        key = self._state_key(state, format)
        value = self._store.get(key) if self._store and key else None
        return None if value is None else loaded(value, name)

    def note_state(self, state: os.stat_result, format: str, remembered: Remembered) -> None:
        """Remember that a file in this ``state`` came to this.

        Unless it was changed a moment ago: within one tick of the file system's clock it could be
        changed again and show the same state (the rule by which Git trusts its index).
        """
        key = self._state_key(state, format)
        if self._store and key and time.time_ns() - state.st_ctime_ns > SETTLED_NS:
            self._store.put(key, replace(remembered, details=b"").dumped())

    def _state_key(self, state: os.stat_result, format: str) -> bytes:
        """What a file in this state is found by; empty where states say too little.

        The time of the last change of the file's data or attributes (ctime) is among them, and no
        program can set that. On Windows it is the time the file was made.
        """
        if os.name == "nt" or not state.st_ino:
            return b""
        about = STATE.pack(
            state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
        )
        return self.key(about, f"state of {format}")

    def close(self) -> None:
        """Write what is not written yet. The note is complete after this."""
        if self._store:
            self._store.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_cache(directory: str, options: Options, salt: bytes = b"") -> Cache:
    """The cache in ``directory``, made if it is not there, for runs with ``options``.

    ``DedupError`` for what only the user can put right: it is a file, cannot be made, or holds other
    things. To be opened in the process that uses it, and closed before that one forks: two processes
    that share an open SQLite file by a fork lose its locks. ``salt``: that of the same cache opened
    before, which is not cheap to find out.
    """
    with problems_named(directory):
        state = _made(directory)
    note = _distrust(state)
    if note:
        return Cache(None, b"", options, f"is not used: {note}")
    try:
        from dedup.files import store
    except ImportError:
        return Cache(None, b"", options, "is not used: this Python was built without SQLite")
    _mark(directory)
    return Cache(store.Store(os.path.join(directory, store.NAME)), salt or _salt(), options)


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


def _said(options: Options) -> bytes:
    """The options that decide a result, and the versions of what they ask for."""
    about = [recorded(alone(options), "result", "text"), *_libraries(options)]
    return blake2b(json.dumps(about).encode(), digest_size=32).digest()


def _salt() -> bytes:
    """A digest of all that decides a result besides the document and the options."""
    from dedup import __version__
    from dedup.files.store import VERSION

    # Python's version decides what is a letter: it brings the Unicode tables.
    about = [VERSION, __version__, sys.version]
    digest = blake2b(json.dumps(about).encode(), digest_size=32)
    for source in _sources():
        digest.update(blake2b(source).digest())
    return digest.digest()


def _libraries(options: Options) -> Iterator[str]:
    """Versions of the libraries that decide something with these options."""
    asked = {
        "ftfy": options.fix_text,
        "trafilatura": options.html_input == "extract",
        "charset-normalizer": options.encoding == "auto",
    }
    for name in [name for name, is_asked in asked.items() if is_asked]:
        from importlib.metadata import PackageNotFoundError, version

        with suppress(PackageNotFoundError):  # then it is missed where it is needed
            yield version(name)


def _sources() -> Iterator[bytes]:
    """The program itself: a working copy changes without a new version. 2 ms; none from an archive."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with suppress(OSError):
        for folder in (root, *(os.path.join(root, *room.split("/")) for room in DECIDING)):
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    with open(os.path.join(folder, name), "rb") as file:
                        yield name.encode() + b"\0" + file.read()
