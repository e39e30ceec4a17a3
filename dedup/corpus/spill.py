"""Numbers put away by partition: in memory up to a limit, beyond it in files, with the same content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import Column, of_zeros, starts_of

if TYPE_CHECKING:
    import numpy as np

_SORTED_BYTES = 48
"""Bytes that a number takes while its part is sorted and looked at, about."""
_MAX_BITS = 12
"""More parts than this as a power of two would be more files than a folder should have."""


def in_parts(
    numbers: Iterable[np.ndarray], count: int, bits: int, memory: int
) -> Iterator[np.ndarray]:
    """uint64 numbers of ``bits`` bits, ``count`` of them at most, sorted, part by part; ``memory`` is what sorting
    a part may take in bytes. Numbers with equal higher halves are in one part."""
    import numpy as np

    first = min(max(1, count * _SORTED_BYTES // memory).bit_length() - 1, _MAX_BITS, bits - 32)
    with TemporaryDirectory(prefix="dedup-") as folder:
        parts = Partitions(1 << first, folder, memory // 4)
        for some in numbers:
            _part(parts, some, some >> np.uint64(bits - first) if first else None)
        for part in range(parts.count):
            taken = parts.take(part)
            taken.sort()
            yield taken


def _part(parts: Partitions, numbers: np.ndarray, part: np.ndarray | None) -> None:
    """Put numbers where they belong; without ``part`` there is one partition."""
    import numpy as np

    if part is None:
        parts.add(0, numbers)
        return
    part = part.astype(np.uint16)
    order = np.argsort(part, kind="stable")
    cuts = np.cumsum(np.bincount(part, minlength=parts.count))
    for number, some in enumerate(np.split(numbers[order], cuts[:-1])):
        if len(some):
            parts.add(number, some)


class Partitions:
    """uint64 numbers in ``count`` partitions, each in the order in which they were added.

    Holds up to ``memory`` bytes; then all it holds is appended to one file for each partition in ``folder``.
    """

    def __init__(self, count: int, folder: str, memory: int) -> None:
        self.count = count
        self._folder = folder
        self._memory = memory
        self._held: list[list[np.ndarray]] = [[] for _ in range(count)]
        self._bytes = 0

    def add(self, partition: int, numbers: np.ndarray) -> None:
        """Append to a partition."""
        self._held[partition].append(numbers)
        self._bytes += numbers.nbytes
        if self._bytes > self._memory:
            self._write()

    def take(self, partition: int) -> np.ndarray:
        """All of a partition, which is empty after that."""
        import numpy as np

        parts = self._held[partition]
        self._held[partition] = []
        self._bytes -= sum(part.nbytes for part in parts)
        path = self._path(partition)
        if os.path.exists(path):
            parts.insert(0, np.fromfile(path, np.uint64))
            os.remove(path)
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def _write(self) -> None:
        for partition, parts in enumerate(self._held):
            if parts:
                with open(self._path(partition), "ab") as file:
                    for part in parts:
                        part.tofile(file)
                parts.clear()
        self._bytes = 0

    def _path(self, partition: int) -> str:
        return os.path.join(self._folder, f"grams-{partition:04}")


class Places(NamedTuple):
    """Places in a column, by the document of what stands there, ascending for each."""

    first: np.ndarray
    """int64, D + 1."""
    places: np.ndarray
    """uint32."""

    @classmethod
    def of_parts(cls, parts: Iterator[np.ndarray], size: int, count: int, memory: int) -> Places:
        """Of documents packed with places, ``size`` of them at most, in any order."""
        import numpy as np

        places, counts = Column("u4"), of_zeros("i8", count)
        for part in in_parts(parts, size, 32 + count.bit_length(), memory):
            documents = (part >> np.uint64(32)).astype(np.int64)
            low = int(documents[0]) if len(part) else 0
            found = np.bincount(documents - low)
            counts[low : low + len(found)] += found
            places.add(part & np.uint64(0xFFFFFFFF))
        return cls(starts_of(counts), places.finish())

    def of(self, low: int, high: int) -> np.ndarray:
        """int64: those of the documents from ``low`` up to ``high``."""
        import numpy as np

        return self.places[self.first[low] : self.first[high]].astype(np.int64)
