"""Which rows read like verse: several short lines, or code, lists of names, addresses. Prose fills its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

MIN_BREAKS = 2
"""Line ends in a paragraph of which something can be said."""
MAX_LINE = 45
"""Weighted letters a line of verse has on average; wrapped prose has fifty and more."""
_BATCH = 1 << 10
"""Rows whose texts are read at once."""
_MAX_BYTES = 1 << 12
"""Bytes of a text that are read; a longer one has few line ends for its weight then, and counts as prose."""


def are_verse(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    """bool, one for each of ``rows``: three lines or more, and short ones."""
    import numpy as np

    breaks = np.zeros(len(rows), np.int64)
    starts = corpus.text_start
    for at in range(0, len(rows), _BATCH):
        some = rows[at : at + _BATCH]
        sizes = np.minimum(starts[some + 1] - starts[some], _MAX_BYTES)
        ends = np.cumsum(sizes)
        offsets = np.arange(int(ends[-1])) + np.repeat(starts[some] - ends + sizes, sizes)
        is_end = corpus.texts[offsets] == ord("\n")
        breaks[at : at + _BATCH] = np.add.reduceat(is_end, ends - sizes, dtype=np.int64)
    are_short: np.ndarray = corpus.weight[rows] < MAX_LINE * (breaks + 0.5)
    return are_short & (breaks >= MIN_BREAKS)
