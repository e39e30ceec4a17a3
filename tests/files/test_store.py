"""The store gives back what was put, or nothing, whatever happens to its file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from random import Random

import pytest

from dedup.files import store
from dedup.files.store import NAME, Store

KEYS = [bytes([number]) * 32 for number in range(60)]


def value(number: int) -> bytes:
    return f"value {number} ".encode() * (1 + number * (number % 7))


def filled(folder: Path, count: int = 60) -> Path:
    """The path of a store with ``count`` values."""
    path = folder / NAME
    with opened(path) as values:
        for number in range(count):
            values.put(KEYS[number], value(number))
    return path


@contextmanager
def opened(path: Path, max_bytes: int = store.MAX_BYTES) -> Iterator[Store]:
    with closing(Store(str(path), max_bytes)) as values:
        yield values


def found(path: Path) -> tuple[list[int], str]:
    """Which values are there, all of them right; and the note."""
    with opened(path) as values:
        got = [(number, values.get(key)) for number, key in enumerate(KEYS)]
    assert all(data is None or data == value(number) for number, data in got)
    return [number for number, data in got if data is not None], values.note


def test_what_is_put_is_there_the_next_time_and_one_file_is_left(tmp_path: Path) -> None:
    path = filled(tmp_path, 50)
    assert os.listdir(tmp_path) == [NAME]
    assert path.stat().st_mode & 0o777 == 0o600
    assert found(path) == (list(range(50)), "")


def test_a_later_value_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with opened(path) as values:
        values.put(KEYS[3], b"new")
    with opened(path) as values:
        assert values.get(KEYS[3]) == b"new"


def test_a_key_that_shares_its_first_bytes_finds_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with opened(path) as values:
        assert values.get(KEYS[3][:-1] + b"x") is None
        assert values.get(KEYS[3]) == value(3)


def test_many_puts_are_written_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with opened(path) as values, opened(path) as others:
        for number in range(store.MAX_PENDING):
            assert others.get(bytes([number]) * 32) is None
            values.put(bytes([number]) * 32, b"x")
        assert others.get(b"\0" * 32) == b"x"


def test_after_it_is_closed_nothing_is_found_nor_raised(tmp_path: Path) -> None:
    values = Store(str(tmp_path / NAME))
    values.close()
    values.close()
    values.put(KEYS[0], b"x")
    assert values.get(KEYS[0]) is None
    assert found(tmp_path / NAME) == ([], "")


def flips(size: int) -> list[tuple[int, int]]:
    """Position and bit of the flips to try: the whole header, and a sample of the rest."""
    random = Random(1)
    places = [*range(110), *(random.randrange(size) for _ in range(600))]
    return [(place, random.randrange(8)) for place in places]


def test_flipped_bits_never_give_another_value(tmp_path: Path) -> None:
    path = filled(tmp_path)
    sound = path.read_bytes()
    seen = set()
    for place, bit in flips(len(sound)):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        numbers, note = found(path)
        seen.add(note)
        assert note or len(numbers) >= 59, "values were lost without a word"
        for beside in ("-wal", "-shm", "-journal"):
            assert not Path(f"{path}{beside}").exists()
        if place < 100 and not note.startswith("is not used: a newer"):
            for _ in range(2):  # what only writing brings to light costs one more run
                filled(tmp_path)
            assert found(path) == (list(range(60)), ""), (place, bit)
    assert {
        "",
        "was damaged: it is started anew",
        "was damaged in part: that is computed anew",
    } <= seen


@pytest.mark.parametrize("beside", ["-wal", "-shm"])
def test_flipped_bits_beside_the_file_never_give_another_value(tmp_path: Path, beside: str) -> None:
    parts = left_by_a_kill(tmp_path)
    for place, bit in flips(len(parts[beside]))[::5]:
        for suffix, data in parts.items():
            changed = bytearray(data)
            if suffix == beside:
                changed[place] ^= 1 << bit
            (tmp_path / f"{NAME}{suffix}").write_bytes(changed)
        found(tmp_path / NAME)


def left_by_a_kill(folder: Path) -> dict[str, bytes]:
    """What stands in the folder of a process that ended without closing its store."""
    program = f"""
import os
from dedup.files.store import Store
store = Store({str(folder / NAME)!r})
for number in range(60):
    store.put(bytes([number]) * 32, f"value {{number}} ".encode() * (1 + number * (number % 7)))
store._flush()
store.put(b"x" * 32, b"not written yet")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    return {suffix: (folder / f"{NAME}{suffix}").read_bytes() for suffix in ("", "-wal", "-shm")}


def test_what_was_written_before_a_kill_is_there(tmp_path: Path) -> None:
    left_by_a_kill(tmp_path)
    assert found(tmp_path / NAME) == (list(range(60)), "")


def test_a_file_cut_short_is_started_anew_or_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    path = filled(tmp_path)
    sound = path.read_bytes()
    for length in [0, 1, 15, 16, 99, 100, 4095, 4096, *range(5000, len(sound), 1777)]:
        path.write_bytes(sound[:length])
        _, note = found(path)
        # A single byte counts as an empty file; if only the last page is short, the rest is sound.
        assert note.startswith("was damaged") == (length > 1)
        filled(tmp_path)
        assert found(path) == (list(range(60)), "")


def test_a_file_that_is_no_database_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"Not what it should be.\n" * 100)
    with opened(path) as values:
        values.put(KEYS[0], value(0))
        assert values.note == "was damaged: it is started anew"
    assert found(path) == ([0], "")


def test_another_database_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE entries (key, value)")
        other.commit()
    filled(tmp_path)
    assert found(path) == (list(range(60)), "")


def test_the_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {store.VERSION + 1}")
    before = path.read_bytes()
    with opened(path) as values:
        values.put(KEYS[0], b"x")
        assert values.get(KEYS[1]) is None
    assert values.note == "is not used: a newer dedup made it"
    assert path.read_bytes() == before


def test_the_file_of_an_older_version_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path)
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    assert found(path)[0] == []
    filled(tmp_path)
    assert found(path) == (list(range(60)), "")


def test_a_lock_that_stays_costs_the_puts_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_WAIT", 0.01)
    monkeypatch.setattr(store, "MAX_PENDING", 1)
    path = filled(tmp_path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, opened(path) as values:
        other.execute("BEGIN IMMEDIATE")
        assert values.get(KEYS[0]) == value(0)
        values.put(KEYS[1], value(1))
        assert values.note == "cannot be written: database is locked"
        other.execute("ROLLBACK")
        values.put(KEYS[2], value(2))  # not tried again: each put would wait as long
        assert values.get(KEYS[0]) == value(0)
    assert found(path) == ([0], "")


def test_a_lock_on_all_of_it_costs_the_store_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_WAIT", 0.01)
    path = filled(tmp_path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert found(path) == ([], "is not used: database is locked")
    assert found(path) == ([0], "")


def test_a_full_disk_costs_the_puts_and_not_the_run(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    with opened(path) as values:
        assert values._connection is not None
        values._connection.execute("PRAGMA max_page_count = 5")  # what SQLite calls full
        values.put(KEYS[1], b"x" * 100_000)
        assert values.get(KEYS[0]) == value(0)
    assert values.note == "cannot be written: database or disk is full"
    assert found(path) == ([0], "")


def test_a_folder_in_its_place_is_noted(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert found(tmp_path / NAME) == ([], "is not used: unable to open database file")


def test_the_file_vanishing_while_it_is_used_harms_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with opened(path) as values:
        path.unlink()
        values.put(KEYS[0], b"new")
    filled(tmp_path)
    assert found(path) == (list(range(60)), "")


def numbered(number: int) -> bytes:
    """A key like a digest: spread over all values, as those are."""
    return blake2b(b"%d" % number, digest_size=32).digest()


def test_it_stays_below_its_size_and_what_is_used_stays_longest(tmp_path: Path) -> None:
    """R62: runs of 500 entries each, of which the first 50 are asked for in each run."""
    path, limit = tmp_path / NAME, 1 << 20
    for run in range(12):
        with opened(path, limit) as values:
            for number in range(50):
                if values.get(numbered(number)) is None:
                    assert run == 0
                    values.put(numbered(number), b"x" * 500)
            for number in range(500):
                values.put(numbered(1000 * (run + 1) + number), b"x" * 500)
        assert values.note == ""
        assert path.stat().st_size < 1.3 * limit
    with opened(path, limit) as values:
        early, late = (
            [values.get(numbered(1000 * run + number)) is not None for number in range(500)]
            for run in (1, 12)
        )
    assert not any(early) and all(late)


def test_what_is_only_looked_up_counts_as_used_once_dropping_is_near(tmp_path: Path) -> None:
    path, limit, number = tmp_path / NAME, 1 << 20, 1500
    with opened(path, limit) as values:
        for each in range(number):
            values.put(numbered(each), b"x" * 500)
    with opened(path, limit) as values:
        assert all(values.get(numbered(each)) for each in range(300))
    with opened(path, limit) as values:
        for each in range(number, number + 600):
            values.put(numbered(each), b"x" * 500)
    with opened(path, limit) as values:
        early = [values.get(numbered(each)) is not None for each in range(600)]
    assert (sum(early[:300]), sum(early[300:])) == (300, 0)


def test_looking_up_writes_nothing_while_there_is_room(tmp_path: Path) -> None:
    path = filled(tmp_path)
    before = path.read_bytes()
    found(path)
    assert path.read_bytes() == before


def test_writers_side_by_side_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / NAME
    program = """
import sys
from dedup.files import store
from dedup.files.store import Store, blake2b
store.MAX_WAIT = 60  # however slow the machine
store, first = Store(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + 1000):
    key = blake2b(b"%d" % number, digest_size=32).digest()
    assert store.get(key) in (None, b"%d" % number)
    store.put(key, b"%d" % number)
store.close()
sys.exit(store.note or None)
"""
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(path), str(first)])
        for first in (0, 0, 500, 1000)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4
    with opened(path) as values:
        for number in range(2000):
            assert values.get(numbered(number)) == b"%d" % number
