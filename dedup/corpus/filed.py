"""Columns too long for memory: written to a file without a name as they are made, then mapped, read page by page."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class Column:
    """Numbers of one type; they are added, and read once all are there. The file goes with the last array on it."""

    def __init__(self, kind: str) -> None:
        """``kind``: what numpy calls the type."""
        self._kind = kind
        self._file = TemporaryFile()  # noqa: SIM115  closed once it is mapped
        self._size = 0

    def add(self, numbers: np.ndarray) -> None:
        """Append, as numbers of the column's type."""
        self._file.write(numbers.astype(self._kind, copy=False).tobytes())
        self._size += len(numbers)

    def close(self) -> None:
        """Let go of the file, if it is not read."""
        self._file.close()

    def finish(self) -> np.ndarray:
        """All of them; what is written into the array is read from it again. Nothing can be added then."""
        import numpy as np

        with self._file:
            if not self._size:
                return np.empty(0, self._kind)
            self._file.flush()
            return np.memmap(self._file, self._kind, "r+", shape=(self._size,)).view(np.ndarray)


def of_zeros(kind: str, size: int) -> np.ndarray:
    """So many zeros, in a file, to be written to."""
    import numpy as np

    with TemporaryFile() as file:
        if not size:
            return np.empty(0, kind)
        file.truncate(size * np.dtype(kind).itemsize)
        return np.memmap(file, kind, "r+", shape=(size,)).view(np.ndarray)
