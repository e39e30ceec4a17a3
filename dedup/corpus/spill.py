"""Numbers put away by partition: in memory up to a limit, beyond it in files, with the same content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


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
