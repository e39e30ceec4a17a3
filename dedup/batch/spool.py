"""Lists of byte strings that may outgrow the memory: written once, in order, then read again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress

from dedup.files.content import full_disk_named

MEMORY = 1 << 20
"""Bytes a list may hold before it moves to the disk."""

LENGTH = 8
"""Bytes of the number in front of each entry."""


class Spool:
    """A list that is added to, then read from the front as often as needed. Gone with the process."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the disk back; what was not written yet is not wanted any more."""
        with suppress(OSError):
            self._file.close()

    def add(self, entry: bytes) -> None:
        """Put ``entry`` at the end."""
        with full_disk_named():
            self._file.seek(0, 2)
            self._file.write(len(entry).to_bytes(LENGTH, "big") + entry)

    def __iter__(self) -> Iterator[bytes]:
        position = 0
        while True:
            self._file.seek(position)
            length = self._file.read(LENGTH)
            if not length:
                return
            entry = self._file.read(int.from_bytes(length, "big"))
            yield entry
            position += LENGTH + len(entry)
