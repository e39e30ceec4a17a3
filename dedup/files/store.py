"""Values by key in one SQLite file that several processes share; nothing in it is trusted.

Each value carries a digest of itself and its key, so what comes back is what was put, or nothing.
The file is a cache: whatever goes wrong with it is noted, never raised, and what is damaged is
thrown away. In WAL mode readers and a writer do not wait for each other.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from hashlib import blake2b

NAME = "dedup.sqlite"
NAMES = frozenset({NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"})
"""The files of a store: the last three come and go."""

APPLICATION = 0x64647570
"""SQLite's application id of our files: ``ddup``."""
VERSION = 1
"""Of the table below and of the values in it."""

TABLE = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    value BLOB NOT NULL
)"""
# Identifiers grow with each put, and an old entry that is used gets a new one: the lowest are those to
# drop, and they stand side by side, so that dropping them frees whole pages.
SELECT = "SELECT id, digest, value FROM entries WHERE key = ?"
INSERT = "INSERT OR REPLACE INTO entries (key, digest, value) VALUES (?, ?, ?)"
RENEW = "UPDATE entries SET id = (SELECT max(id) FROM entries) + 1 WHERE id = ?"
DROP = "DELETE FROM entries WHERE id < ?"
IDS = "SELECT (SELECT min(id) FROM entries), (SELECT max(id) FROM entries)"

MAX_BYTES = 1 << 30
"""Size beyond which the least recently used entries are dropped."""
MAX_WAIT = 1.0
"""Seconds to wait for another process's lock; it is held for milliseconds."""
MAX_PENDING = 100
"""Puts held back for one transaction: each costs 1/20 of a transaction of its own."""
MAX_PENDING_BYTES = 1 << 20
MAX_PENDING_SECONDS = 2.0
"""Work that may be lost when the process is killed."""
DROPPED_PARTS = 64
"""Entries are dropped in so many steps, each short enough that no one waits for it for long."""

DAMAGE = (MemoryError, OverflowError, UnicodeDecodeError)
"""What absurd sizes in a damaged file come to, and a complaint of SQLite's that quotes it."""
DAMAGE_CODES = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    # Our few fixed statements meet these only in a table that is not, or no longer, as we made it.
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    # Files that may not be written are opened for reading: this one says of itself that it is newer.
    sqlite3.SQLITE_READONLY,
)
Problem = (sqlite3.Error, *DAMAGE)
"""What a damaged file makes of a query."""


class Store:
    """The values in the file at ``path``. Open it in the process that uses it: it must not be forked."""

    def __init__(self, path: str, max_bytes: int = MAX_BYTES) -> None:
        self.note = ""
        """What went wrong first; empty normally."""
        self._path = path
        self._max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._is_writable = False
        self._old_below = 0
        self._pending: list[tuple[int, bytes, bytes]] = []
        self._pending_bytes = 0
        self._pending_since = 0.0
        self._renewed: list[tuple[int]] = []
        try:
            self._connect()
        except (*Problem, OSError) as problem:
            self._give_up(problem)

    def get(self, key: bytes) -> bytes | None:
        """The value put under ``key``; None if there is none, or if it is not what was put."""
        if self._connection is None:
            return None
        try:
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN")  # one lock for all that is found in a row
            row = self._connection.execute(SELECT, (_place(key),)).fetchone()
            if row is None:  # what comes now takes long: do not keep the lock meanwhile
                self._connection.execute("COMMIT")
                return None
        except Problem as problem:
            self._give_up(problem)
            return None
        number, digest, value = row
        if type(value) is not bytes or _digest(key, value) != digest:
            self._note("was damaged in part: that is computed anew")
            return None
        if type(number) is int and number < self._old_below:
            self._renewed.append((number,))
            if len(self._renewed) >= MAX_PENDING:
                self._flush()
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Store ``value`` under ``key``, soon: at the latest when the store is closed."""
        if self._connection is None:
            return
        if not self._is_writable:
            self._note("cannot be written: new results are not kept")
            return
        if not self._pending:
            self._pending_since = time.monotonic()
        self._pending.append((_place(key), _digest(key, value), value))
        self._pending_bytes += len(value)
        if (
            len(self._pending) >= MAX_PENDING
            or self._pending_bytes >= MAX_PENDING_BYTES
            or time.monotonic() - self._pending_since >= MAX_PENDING_SECONDS
        ):
            self._flush()

    def close(self) -> None:
        """Write what is held back and let go of the file."""
        self._flush()
        self._disconnect()

    def _connect(self) -> None:
        """Open the file, made or made anew if need be."""
        for is_last in (False, True):
            try:
                self._open()
                return
            except Problem as problem:
                if is_last or not _is_damage(problem) or not self._remove():
                    raise
                self._note("was damaged: it is started anew")

    def _open(self) -> None:
        folder = os.path.dirname(self._path)
        self._is_writable = os.access(folder, os.W_OK | os.X_OK)
        if os.path.lexists(self._path):
            self._is_writable = self._is_writable and os.access(self._path, os.W_OK)
        elif self._is_writable:
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._inode = os.stat(self._path).st_ino
        self._connection = _connection(self._path, self._is_writable)
        if _check(self._connection, self._is_writable):
            self._find_old()
        else:
            self._note("is not used: a newer dedup made it")
            self._disconnect()

    def _find_old(self) -> None:
        """Which entries to renew when they are used: the older half, once dropping is near."""
        assert self._connection is not None
        if self._is_writable and _size(self._connection) > self._max_bytes // 2:
            low, high = _bounds(self._connection)
            self._old_below = (low + high) // 2

    def _flush(self) -> None:
        """Write what is held back; what cannot be written is forgotten."""
        pending, renewed = self._pending, self._renewed
        self._pending, self._renewed, self._pending_bytes = [], [], 0
        if self._connection is None or not self._is_writable or not (pending or renewed):
            return
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(RENEW, renewed)
            self._connection.executemany(INSERT, pending)
            self._connection.execute("COMMIT")
            _drop(self._connection, self._max_bytes)
        except Problem as problem:
            if _is_damage(problem):
                self._give_up(problem)
                return
            # Locked, or the disk is full: not tried again, or each time would wait as long.
            self._is_writable = False
            self._note(f"cannot be written: {_reason(problem)}")
            self._roll_back()

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _give_up(self, problem: BaseException) -> None:
        """Do without it from here on; a damaged file goes, and the next run starts a new one."""
        if _is_damage(problem) and self._is_writable:
            self._remove()
            self._note("was damaged: it is started anew")
        else:
            self._disconnect()
            self._note(f"is not used: {_reason(problem)}")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._roll_back()
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _remove(self) -> bool:
        """Remove the damaged file, unless another process was quicker; whether it is gone."""
        self._disconnect()
        if not self._is_writable:
            return False
        try:
            if os.stat(self._path).st_ino == self._inode:
                for suffix in ("", "-wal", "-shm", "-journal"):
                    with suppress(FileNotFoundError):
                        os.unlink(self._path + suffix)
        except OSError:
            return not os.path.lexists(self._path)
        return True

    def _note(self, note: str) -> None:
        self.note = self.note or note


def _place(key: bytes) -> int:
    """Where ``key`` stands: its first bytes. Should two keys share a place, the digest tells them apart."""
    return int.from_bytes(key[:8], "big", signed=True)


def _digest(key: bytes, value: bytes) -> bytes:
    return blake2b(value, digest_size=16, key=key).digest()


def _connection(path: str, is_writable: bool) -> sqlite3.Connection:
    if is_writable:
        connection = sqlite3.connect(path, timeout=MAX_WAIT, isolation_level=None)
    else:
        from pathlib import Path

        # Immutable: nothing beside it can be made, which even reading in WAL mode asks for. Should someone
        # else write after all, the digests tell.
        uri = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, timeout=MAX_WAIT, isolation_level=None)
    connection.text_factory = bytes  # a flipped bit can make text of a value
    return connection


def _check(connection: sqlite3.Connection, is_writable: bool) -> bool:
    """Make the table if there is none. False for a newer version; ``sqlite3.Error`` if it is not ours."""
    connection.execute("BEGIN")  # both at once: another process may just be making the table
    application, version = _identity(connection)
    connection.execute("COMMIT")
    if (application, version) == (0, 0) and is_writable:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if _identity(connection) == (0, 0):  # no other process was quicker
            connection.execute(TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        application, version = _identity(connection)
        connection.execute("COMMIT")
    if application == APPLICATION and version > VERSION:
        return False
    if (application, version) != (APPLICATION, VERSION):
        raise Foreign("is not a store of this dedup")
    if is_writable:
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last entries, or damage the file: then it is made anew.
        connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(SELECT, (0,)).fetchone()
    return True


class Foreign(sqlite3.DatabaseError):
    """The file is a sound database, but none of ours."""


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _size(connection: sqlite3.Connection) -> int:
    """Bytes in use."""
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((count - free) * size)


def _bounds(connection: sqlite3.Connection) -> tuple[int, int]:
    """The lowest and the highest identifier; zeros if there is no entry."""
    low, high = connection.execute(IDS).fetchone()
    return low or 0, high or 0


def _drop(connection: sqlite3.Connection, max_bytes: int) -> None:
    """If it is larger than ``max_bytes``, drop the entries not used for longest: a quarter."""
    if _size(connection) <= max_bytes:
        return
    low, high = _bounds(connection)
    for part in range(1, DROPPED_PARTS + 1):
        connection.execute(DROP, (low + (high - low) * part // DROPPED_PARTS,))
        if _size(connection) <= max_bytes * 3 // 4:
            return


def _is_damage(problem: BaseException) -> bool:
    """Whether the file itself is to blame, and not a lock, the disk or the caller."""
    if isinstance(problem, (Foreign, *DAMAGE)):
        return True
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF in DAMAGE_CODES


def _reason(problem: BaseException) -> str:
    strerror = getattr(problem, "strerror", None)
    return str(strerror or problem or type(problem).__name__).lower()
