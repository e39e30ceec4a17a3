"""Columns too long for memory: written to a file without a name as they are made, then mapped, read page by page."""

from __future__ import annotations

import math
from array import array
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
        self.size = 0
        """How many there are."""

    def add(self, numbers: np.ndarray) -> None:
        """Append, as numbers of the column's type."""
        import numpy as np

        self._file.write(np.ascontiguousarray(numbers, self._kind).data)  # copies nothing that fits
        self.size += len(numbers)

    def close(self) -> None:
        """Let go of the file, if it is not read."""
        self._file.close()

    def finish(self) -> np.ndarray:
        """All of them; what is written into the array is read from it again. Nothing can be added then."""
        import numpy as np

        with self._file:
            if not self.size:
                return np.empty(0, self._kind)
            self._file.flush()
            return np.memmap(self._file, self._kind, "r+", shape=(self.size,)).view(np.ndarray)


class Numbers:
    """A column that gets its numbers one by one; the last ones of them wait in memory."""

    def __init__(self, kind: str) -> None:
        """``kind``: what ``array`` calls the type."""
        self._column = Column(kind)
        self._last = array(kind)

    def append(self, number: int) -> None:
        """One more."""
        self._last.append(number)
        if len(self._last) == _WAITING:
            self._flush()

    def __len__(self) -> int:
        return self._column.size + len(self._last)

    def close(self) -> None:
        """Let go of the file, if it is not read."""
        self._column.close()

    def finish(self) -> np.ndarray:
        """All of them, as ``Column.finish`` gives them."""
        self._flush()
        return self._column.finish()

    def _flush(self) -> None:
        import numpy as np

        self._column.add(np.frombuffer(self._last, self._last.typecode))
        self._last = array(self._last.typecode)


_WAITING = 1 << 12


def filed(numbers: np.ndarray) -> np.ndarray:
    """The same numbers, of any shape, in a file: for what is there for long, and grows with the corpus."""
    column = Column(numbers.dtype.str)
    column.add(numbers.reshape(-1))
    return column.finish().reshape(numbers.shape)


def taken(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """``rows[at]`` in a file, made part by part."""
    found = of_zeros(rows.dtype.str, len(at) * math.prod(rows.shape[1:]))
    found = found.reshape(len(at), *rows.shape[1:])
    for begin in range(0, len(at), _AT_ONCE):
        found[begin : begin + _AT_ONCE] = rows[at[begin : begin + _AT_ONCE]]
    return found


_AT_ONCE = 1 << 16
"""Rows that are copied in one go."""


def of_zeros(kind: str, size: int) -> np.ndarray:
    """So many zeros, in a file, to be written to."""
    import numpy as np

    with TemporaryFile() as file:
        if not size:
            return np.empty(0, kind)
        file.truncate(size * np.dtype(kind).itemsize)
        return np.memmap(file, kind, "r+", shape=(size,)).view(np.ndarray)


def numbered(size: int) -> np.ndarray:
    """int64: so many numbers from 0, in a file, to be written to."""
    import numpy as np

    found = of_zeros("i8", size)
    for begin in range(0, size, _AT_ONCE):
        found[begin : begin + _AT_ONCE] = np.arange(begin, min(begin + _AT_ONCE, size))
    return found


def starts_of(sizes: np.ndarray) -> np.ndarray:
    """int64, in a file: where each begins that is so large, and where the last ends."""
    import numpy as np

    found = of_zeros("i8", len(sizes) + 1)
    np.cumsum(sizes, out=found[1:])
    return found
