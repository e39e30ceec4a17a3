"""What documents of one kind are filled into: labelled lines, headings over other text each time, what they head.

``Status: Final`` beside ``Status: Draft``, ``Abstract`` over a different abstract in each paper, and the same
sentence under the same heading of many reference pages are the form, or an entry of it, and no copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.corpus.counting import classes, following, share
from dedup.corpus.sheets import ROLES
from dedup.engine import split

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

MAX_FIELD = 40
"""Weighted letters of a labelled line; what is longer is a sentence with a colon."""
MAX_LABEL = 30
"""Bytes before the colon, as in front matter."""
SAME_BELOW = 0.8
"""Share of a heading's places below which the same paragraph comes first; with less, it heads other text."""
_BATCH = 1 << 12
"""Rows whose texts are looked at together."""
HEADING = ROLES.index(split.HEADING)


def are_labelled(corpus: Corpus, first: np.ndarray) -> np.ndarray:
    """bool, N: short lines with a label that stands before something else as well in their group.

    ``first`` is the first row with the same key, for each row.
    """
    import numpy as np

    found = np.zeros(len(corpus.document), bool)
    labels = _labels(corpus)
    rows = np.flatnonzero(labels)
    if not len(rows):
        return found
    document = corpus.document[rows]
    group = corpus.groups[document].astype(np.uint64)
    label = classes(labels[rows] * np.uint64(0x9E3779B97F4A7C15) + group, document)
    said = classes(label.of * np.int64(len(first)) + first[rows], document)
    values = np.bincount(label.of[said.first], minlength=len(label.first))
    found[rows] = values[label.of] > 1
    return found


def _labels(corpus: Corpus) -> np.ndarray:
    """uint64, N: a hash of what stands before the colon of a short row, 0 where there is none."""
    import numpy as np

    found = np.zeros(len(corpus.document), np.uint64)
    column = np.arange(MAX_LABEL + 1)
    powers = np.uint64(0x100000001B3) ** column.astype(np.uint64)  # wraps: FNV's prime
    for low in range(0, len(found), _BATCH):
        rows, place = _before_colons(corpus, low, min(low + _BATCH, len(found)))
        offsets = np.minimum(corpus.text_start[rows][:, None] + column, len(corpus.texts) - 1)
        head = corpus.texts[offsets].astype(np.uint64) + np.uint64(1)
        hashes = (head * powers * (column < place[:, None])).sum(axis=1)
        found[rows] = hashes | np.uint64(1)
    return found


def _before_colons(corpus: Corpus, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """The short rows from ``low`` up to ``high`` that begin with a label, and how long each label is, in bytes."""
    import numpy as np

    starts, texts = corpus.text_start, corpus.texts
    short = low + np.flatnonzero(corpus.weight[low:high] <= MAX_FIELD)
    colons = np.flatnonzero(texts[starts[low] : starts[high]] == ord(":")) + starts[low]
    if not len(colons):
        return short[:0], short[:0]
    at = np.searchsorted(colons, starts[short])
    colon = colons[np.minimum(at, len(colons) - 1)]  # behind the last one: before the row
    place = colon - starts[short]
    after = texts[np.minimum(colon + 1, len(texts) - 1)]
    is_label = (place > 0) & (place <= MAX_LABEL) & (colon < starts[short + 1])
    is_label &= (after != ord(":")) & (after != ord("/"))
    return short[is_label], place[is_label]


def are_structure(corpus: Corpus, first: np.ndarray, group: np.ndarray) -> np.ndarray:
    """bool, N: headings that stand in several documents of their group, over different text.

    ``group`` is the number of each row's group.
    """
    import numpy as np

    found = np.zeros(len(first), bool)
    rows = np.flatnonzero(corpus.role == HEADING)
    if not len(rows):
        return found
    document = corpus.document[rows]
    known = classes(group[rows].astype(np.int64) * len(first) + first[rows], document)
    below = np.where(following(corpus.document)[rows], rows + 1, -1)
    said = np.where(below >= 0, first[below], -1 - rows)
    said = np.where(corpus.role[below] == HEADING, -1 - rows, said)
    pairs = classes(known.of * np.int64(2 * len(first) + 1) + said + len(first), document)
    most = np.zeros(len(known.first), np.int64)
    np.maximum.at(most, known.of[pairs.first], pairs.rows)
    is_one = (known.documents > 1) & (most < SAME_BELOW * known.rows)
    found[rows] = is_one[known.of]
    return found


def are_entries(corpus: Corpus, shared: np.ndarray, structure: np.ndarray) -> np.ndarray:
    """bool, N: rows that follow a heading of the form with nothing but ``shared`` rows in between."""
    import numpy as np

    number = np.arange(len(shared))
    breaks = ~shared | (corpus.role == HEADING)
    breaks[corpus.first[:-1][corpus.first[:-1] < len(shared)]] = True
    last = np.maximum.accumulate(np.where(breaks, number, -1))
    found: np.ndarray = structure[np.maximum(last, 0)] & ~breaks & (last >= 0)
    return found


def mostly(holds: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """bool, one a class: whether it holds for half of its rows or more."""
    found: np.ndarray = share(holds, of, count) >= 0.5
    return found
