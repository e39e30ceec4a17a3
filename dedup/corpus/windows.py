"""Stretches of documents as strings of letters, and paragraphs as they are asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.engine import normalize, split
from dedup.model import Span

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

LONG_ROW = 1 << 14
"""Bytes of letters from which a paragraph is not read as a whole."""
_REMEMBERED = 1 << 21
"""Characters of paragraphs that are remembered, of which each takes some bytes; the last one is, whatever its size."""


class Row:
    """The text of a paragraph, and where its letters and sentences stand."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def stream(self) -> normalize.Stream:
        """Its letters: those of the corpus."""
        return normalize.stream(self.text)

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Letters of each sentence: the first, and the one after the last."""
        positions = self.stream.positions
        return [
            (bisect_left(positions, span.start), bisect_left(positions, span.end))
            for span in self.spans
        ]

    @cached_property
    def spans(self) -> Sequence[Span]:
        """The sentences that have letters, in offsets of the text."""
        positions = self.stream.positions
        return [
            span
            for block in split.split(self.text)
            for span in block.sentences
            if bisect_left(positions, span.start) < bisect_left(positions, span.end)
        ]


class Rows:
    """Paragraphs of a corpus; the last ones asked for are remembered."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._size = 0

    def __getitem__(self, row: int) -> Row:
        found = self._rows.get(row)
        if found is not None:
            self._rows.move_to_end(row)
            return found
        found = self._rows[row] = Row(self.corpus.text(row))
        self._size += len(found.text)
        while self._size > _REMEMBERED and len(self._rows) > 1:
            self._size -= len(self._rows.popitem(last=False)[1].text)
        return found


class Window:
    """A stretch of a document's letters as a string, and the paragraphs in it.

    It is grown to whole paragraphs, unless one is longer than ``LONG_ROW``: of such a one only a part is read.
    """

    def __init__(
        self, rows: Rows, document: int, low: int, high: int, out: str, is_out: np.ndarray
    ) -> None:
        """``low`` and ``high``: bytes in ``Corpus.keys``. ``out`` stands for each letter of rows in ``is_out``."""
        import numpy as np

        corpus = rows.corpus
        starts = corpus.key_start
        first, stop = corpus.first[document], corpus.first[document + 1]
        low, high = max(low, int(starts[first])), min(high, int(starts[stop]))
        self.first = int(starts.searchsorted(low, "right")) - 1
        borders = starts[self.first : int(starts.searchsorted(high)) + 1]
        begin, end = int(borders[0]), int(borders[-1])
        low = begin if low - begin <= LONG_ROW else low
        high = end if end - high <= LONG_ROW else high
        data = np.asarray(corpus.keys[low:high])
        heads = (data & 0xC0) != 0x80  # the first bytes of letters
        skipped = int(heads.argmax())
        data, heads, low = data[skipped:], heads[skipped:], low + skipped
        self._counts = None if heads.all() else np.concatenate([[0], np.cumsum(heads)])
        self._rows, self._low, self._begin = rows, low, begin
        self._is_cut = low > begin, high < end
        self.borders = self.indexes(np.clip(borders, low, high).tolist(), 0)
        """Letters at which its rows begin; the last one's end."""
        self.is_out: list[bool] = is_out[self.first : self.first + len(borders) - 1].tolist()
        self.letters = self._with_out(_decoded(data), out)

    def _with_out(self, letters: str, out: str) -> str:
        if not any(self.is_out):
            return letters
        return "".join(
            out * (end - start) if is_out else letters[start:end]
            for is_out, (start, end) in zip(self.is_out, pairwise(self.borders), strict=True)
        )

    def indexes(self, places: Sequence[int], shift: int) -> list[int]:
        """The letters that hold the bytes at ``places``, moved on by ``shift``."""
        if self._counts is None:
            return [at - self._low + shift for at in places]
        return [int(self._counts[at - self._low]) + shift for at in places]

    def between(self, start: int, end: int) -> range:
        """Which of its rows hold the letters from ``start`` up to ``end``, by number."""
        return range(
            max(0, bisect_left(self.borders, start + 1) - 1),
            min(len(self.is_out), bisect_left(self.borders, end)),
        )

    def is_cut(self, at: int) -> bool:
        """Whether only a part of its row number ``at`` is in it."""
        return (at == 0 and self._is_cut[0]) or (at + 1 == len(self.is_out) and self._is_cut[1])

    def origin(self, at: int) -> int:
        """The letter at which its row number ``at`` begins, or would."""
        return self.borders[at] - (self._skipped if at == 0 else 0)

    @cached_property
    def _skipped(self) -> int:
        """Letters of its first row before it."""
        if not self._is_cut[0]:
            return 0
        corpus = self._rows.corpus
        size = int(corpus.key_start[self.first + 1]) - self._begin
        if size == len(self._rows[self.first].stream.letters):  # a byte a letter
            return self._low - self._begin
        return int(((corpus.keys[self._begin : self._low] & 0xC0) != 0x80).sum())


def _decoded(data: np.ndarray) -> str:
    """Letters in UTF-8, the last of which may be cut in two, without that one."""
    raw = data.tobytes()
    last = len(raw) - 1
    while last > 0 and raw[last] & 0xC0 == 0x80:
        last -= 1
    size = 1 if raw[last] < 0x80 else 2 if raw[last] < 0xE0 else 3 if raw[last] < 0xF0 else 4
    whole = raw if last + size <= len(raw) else raw[:last]
    return whole.decode("utf-8", "surrogatepass")
