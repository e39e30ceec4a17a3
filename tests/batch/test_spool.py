"""Lists of byte strings that move to the disk when they grow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dedup.batch import spool
from dedup.batch.spool import Spool

ENTRIES = [b"", b"one\n", b"\x00" * 9, os.fsencode("\udc80 zwei"), b"x" * 300]


@pytest.mark.parametrize("memory", [1 << 20, 64, 1])
def test_entries_come_back_in_order_as_often_as_asked(
    memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MEMORY", memory)
    with Spool() as entries:
        assert [*entries] == []
        for entry in ENTRIES:
            entries.add(entry)
        assert [*entries] == ENTRIES
        assert [*entries] == ENTRIES


def test_two_readers_and_a_writer_do_not_disturb_each_other() -> None:
    with Spool() as entries:
        entries.add(b"one")
        first, second = iter(entries), iter(entries)
        assert next(first) == b"one"
        entries.add(b"two")
        assert [*second] == [b"one", b"two"]
        assert [*first] == [b"two"]


def test_what_outgrows_the_memory_is_on_the_disk_and_leaves_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Spool() as entries:
        for _ in range(3):
            entries.add(bytes(spool.MEMORY // 2))
        assert os.fstat(entries._file.fileno()).st_size > spool.MEMORY
        assert [*tmp_path.iterdir()] == []  # it has no name, so that it is gone with the process
        assert sum(map(len, entries)) == 3 * (spool.MEMORY // 2)
