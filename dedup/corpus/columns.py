"""The sheets of many documents as one set of flat columns; letters and texts lie in mapped files.

Documents stand in canonical order: by name, records by number. So a lower row is an earlier place, and
comparing row numbers breaks ties as names and positions would, whatever order documents came in.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import Column, Numbers, filed, starts_of, taken
from dedup.corpus.sheets import KINDS, Sheet

if TYPE_CHECKING:
    import numpy as np


class Corpus(NamedTuple):
    """D documents with N paragraphs, in mapped files."""

    first: np.ndarray
    """int64, D + 1: the row of each document's first paragraph; the last is N."""
    groups: np.ndarray
    """int32, D: the folder or record file that the document belongs to, by number."""
    document: np.ndarray
    """int32, N: number of the paragraph's document."""
    start: np.ndarray
    """int64, N: where it begins in the text that is left of its document, in code points."""
    end: np.ndarray
    """int64, N."""
    role: np.ndarray
    """uint8, N: index in ``sheets.ROLES``."""
    weight: np.ndarray
    """int32, N: weighted letters."""
    line: np.ndarray
    """int32, N: number of its first line in the file, from 1."""
    fixed: np.ndarray
    """uint8, N: 1 where it may not go, whatever it repeats."""
    key_start: np.ndarray
    """int64, N + 1: where its letters begin in ``keys``."""
    keys: np.ndarray
    """uint8: the letters of all paragraphs in UTF-8, end to end."""
    text_start: np.ndarray
    """int64, N + 1: where its text begins in ``texts``."""
    texts: np.ndarray
    """uint8: the texts of all paragraphs in UTF-8, end to end."""

    def key(self, row: int) -> bytes:
        """The letters of a paragraph in UTF-8."""
        return self.keys[self.key_start[row] : self.key_start[row + 1]].tobytes()

    def text(self, row: int) -> str:
        """A paragraph as it stands in its document."""
        data = self.texts[self.text_start[row] : self.text_start[row + 1]].tobytes()
        return data.decode("utf-8", "surrogatepass")


NUMBERS = tuple((name, kind) for name, kind in zip(Sheet._fields, KINDS, strict=True) if kind)
"""The columns of a sheet that are numbers, with their type."""
ENDS = ("key_ends", "text_ends")
"""Those that count from the beginning of the sheet; of many sheets their sizes are kept."""


class Writer:
    """Takes sheets in canonical order, and makes the columns. Its two files are put in ``folder``."""

    def __init__(self, folder: str) -> None:
        self._paths = [os.path.join(folder, name) for name in ("keys", "texts")]
        self._files = [open(path, "wb") for path in self._paths]  # noqa: SIM115  closed by finish
        self._columns = {name: Column(kind) for name, kind in NUMBERS}
        self._counts = Numbers("q")
        self._groups = Numbers("i")

    def add(self, sheet: Sheet, group: int) -> None:
        """One more document, of the group with this number."""
        self._files[0].write(sheet.keys)
        self._files[1].write(sheet.texts)
        self._counts.append(len(sheet.starts))
        self._groups.append(group)
        for name, column in self._columns.items():
            numbers = getattr(sheet, name)
            column.add(_sizes(numbers) if name in ENDS else numbers)

    def close(self) -> None:
        """Let go of the files, also of those that are not finished."""
        for file in self._files:
            file.close()
        for column in self._columns.values():
            column.close()
        for numbers in (self._counts, self._groups):
            numbers.close()

    def finish(self) -> Corpus:
        """The columns of all documents."""
        for file in self._files:
            file.close()
        counts = self._counts.finish()
        columns = {name: column.finish() for name, column in self._columns.items()}
        return Corpus(
            first=starts_of(counts),
            groups=self._groups.finish(),
            document=_owners(counts),
            start=columns["starts"],
            end=columns["ends"],
            role=columns["roles"],
            weight=columns["weights"],
            line=columns["lines"],
            fixed=columns["fixed"],
            key_start=starts_of(columns["key_ends"]),
            keys=_mapped(self._paths[0]),
            text_start=starts_of(columns["text_ends"]),
            texts=_mapped(self._paths[1]),
        )


def _sizes(ends: np.ndarray) -> np.ndarray:
    sizes = ends.copy()
    sizes[1:] -= ends[:-1]  # np.diff takes several times as long for the few of one document
    return sizes


def _owners(counts: np.ndarray) -> np.ndarray:
    """int32, in a file: for each row the number of its document, which has so many."""
    import numpy as np

    found = Column("i4")
    for low in range(0, len(counts), _BATCH):
        some = counts[low : low + _BATCH]
        found.add(np.repeat(np.arange(low, low + len(some), dtype=np.int32), some))
    return found.finish()


_BATCH = 1 << 16
"""Documents whose rows are numbered in one go."""


def _mapped(path: str) -> np.ndarray:
    import numpy as np

    if not os.path.getsize(path):
        return np.empty(0, np.uint8)
    # As a plain array: each slice of a memmap costs several times as much.
    return np.memmap(path, np.uint8, mode="r").view(np.ndarray)


def columns(sheets: Sequence[Sheet], groups: Sequence[int], folder: str) -> Corpus:
    """The columns of a few sheets; for many, ``Writer`` needs them one at a time."""
    writer = Writer(folder)
    for sheet, group in zip(sheets, groups, strict=True):
        writer.add(sheet, group)
    return writer.finish()


def selected(corpus: Corpus, documents: np.ndarray, folder: str) -> Corpus:
    """The corpus of some of its documents, by number, in another order; its two files are put in ``folder``."""
    import numpy as np

    counts = np.diff(corpus.first)[documents]
    first = starts_of(counts)
    at = np.repeat(corpus.first[:-1][documents] - first[:-1], counts) + np.arange(first[-1])
    moved = {}
    for name in ("key", "text"):
        starts, data = getattr(corpus, f"{name}_start"), getattr(corpus, f"{name}s")
        path = os.path.join(folder, f"{name}s")
        with open(path, "wb") as file:
            for document in documents.tolist():
                low, high = starts[corpus.first[document]], starts[corpus.first[document + 1]]
                file.write(data[low:high].tobytes())
        moved[f"{name}_start"] = starts_of(starts[at + 1] - starts[at])
        moved[f"{name}s"] = _mapped(path)
    return Corpus(
        first=first,
        groups=filed(corpus.groups[documents]),
        document=_owners(counts),
        **{name: taken(getattr(corpus, name), at) for name in _ROWS if name != "document"},
        **moved,
    )


def without(corpus: Corpus, rows: np.ndarray, folder: str) -> Corpus:
    """The corpus without ``rows``, bool, N; its two files are put in ``folder``."""
    import numpy as np

    left = np.flatnonzero(~rows)
    borders = np.flatnonzero(
        np.diff(rows, prepend=True, append=True)
    )  # of what is left, begin and end in turn
    moved = {}
    for name in ("key", "text"):
        starts, data = getattr(corpus, f"{name}_start"), getattr(corpus, f"{name}s")
        path = os.path.join(folder, f"{name}s")
        places = starts[borders].tolist()
        with open(path, "wb") as file:
            for low, high in zip(places[::2], places[1::2], strict=True):
                file.write(data[low:high].data)
        moved[f"{name}_start"] = starts_of(starts[left + 1] - starts[left])
        moved[f"{name}s"] = _mapped(path)
    counts = np.bincount(corpus.document[left], minlength=len(corpus.groups))
    columns = {name: taken(getattr(corpus, name), left) for name in _ROWS}
    return Corpus(first=starts_of(counts), groups=corpus.groups, **columns, **moved)


_ROWS = ("document", "start", "end", "role", "weight", "line", "fixed")
"""Columns with a number a row."""
