"""Texts -> keys in which a date and a counter look alike, whatever they say.

``Page 3 of 12`` and ``Page 4 of 12`` have one masked key, as have ``Updated 3 March 2024`` and ``Updated 17 April
2024``. Such a key proves nothing about two texts: it only groups what may be one passage of many documents.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.corpus.filed import Column, starts_of

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

MIN_LETTERS = 10
"""Bytes of letters left beside the numbers. With fewer, all rows of a table of figures would be one passage."""
_BATCH = 1 << 18
"""Bytes of text that are read at once."""
_MAX_ROW = 1 << 16
"""Bytes of a paragraph that may be one of many documents; a longer one has no masked key."""
_YEAR = 4
"""Digits of the last number of a date in words."""
_WITHIN = 16
"""Bytes between day and year: a month in words and what sets it apart."""
_DIGIT, _LETTER, _ELSE = 0, 1, 2


def masked_keys(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """uint8, the masked keys of all rows end to end, and int64, N + 1, where each begins.

    Letters of ASCII are small, other bytes as they are; a number is one ``0``, and so are day, month and year in
    words. Rows without a digit, and rows with little else, have an empty key.
    """
    import numpy as np

    masked, sizes = Column("u1"), Column("i8")
    starts = corpus.text_start
    is_long = np.diff(starts) > _MAX_ROW
    for one, two in pairwise(_borders(starts, np.flatnonzero(is_long))):
        if is_long[one]:
            sizes.add(np.zeros(1, np.int64))
            continue
        data = np.asarray(corpus.texts[starts[one] : starts[two]])
        kept, counts = _masked(data, starts[one : two + 1] - starts[one])
        masked.add(kept)
        sizes.add(counts)
    return masked.finish(), starts_of(sizes.finish())


def _borders(starts: np.ndarray, alone: np.ndarray) -> list[int]:
    """Rows at which batches begin; each of ``alone`` is one of its own."""
    import numpy as np

    batch = np.searchsorted(starts, np.arange(_BATCH, int(starts[-1]), _BATCH), "left")
    return sorted({0, len(starts) - 1, *batch.tolist(), *alone.tolist(), *(alone + 1).tolist()})


def _masked(data: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The masked keys of the rows that begin at ``starts``, and how long each is."""
    import numpy as np

    kinds = _kinds()[data]
    row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    begins = np.flatnonzero(_changes(kinds, row))
    ends = np.append(begins[1:], len(data))
    numbers = _numbers(kinds, row, begins, ends)
    letters = _small()[data]
    stays = (kinds == _LETTER) & ~_inside(numbers, len(data))
    count = len(starts) - 1
    plain = np.bincount(row[stays], minlength=count)
    has_number = np.bincount(row[numbers[0]], minlength=count) > 0
    letters[numbers[0]] = ord("0")
    stays[numbers[0]] = True
    stays &= (has_number & (plain >= MIN_LETTERS))[row]
    return letters[stays], np.bincount(row[stays], minlength=count)


def _changes(kinds: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Where a run of bytes of one kind begins; no run goes beyond its row."""
    import numpy as np

    found = np.ones(len(kinds), bool)
    found[1:] = (kinds[1:] != kinds[:-1]) | (row[1:] != row[:-1])
    return found


def _numbers(
    kinds: np.ndarray, row: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where numbers begin and end; a date in words is one, with the month before or after its day."""
    import numpy as np

    runs = np.flatnonzero(kinds[begins] == _DIGIT)
    start, end = begins[runs], ends[runs]
    if len(runs) < 2:
        return start, end
    words = np.cumsum(kinds[begins] == _LETTER)
    year = (end[1:] - start[1:] == _YEAR) & (start[1:] - end[:-1] <= _WITHIN)
    year &= (row[start[1:]] == row[start[:-1]]) & (end[:-1] - start[:-1] <= 2)
    between = words[runs[1:]] - words[runs[:-1]]
    in_words = np.append(year & (between == 1), False)
    month_first = np.append(year & (between == 0), False)
    before = np.maximum(runs - 2, 0)  # the word before the day, a blank in between
    has_month = month_first & (runs >= 2) & (kinds[begins[before]] == _LETTER)
    has_month &= (row[begins[before]] == row[start]) & (start - ends[before] == 1)
    start = np.where(has_month, begins[before], start)
    joined = in_words | has_month
    end = np.where(joined, np.append(end[1:], 0), end)
    is_tail = np.zeros(len(runs), bool)
    is_tail[1:] = joined[:-1]
    return start[~is_tail], end[~is_tail]


def _inside(spans: tuple[np.ndarray, np.ndarray], size: int) -> np.ndarray:
    import numpy as np

    steps = np.zeros(size + 1, np.int32)
    np.add.at(steps, spans[0], 1)
    np.subtract.at(steps, spans[1], 1)
    return np.cumsum(steps[:-1]) > 0


def _kinds() -> np.ndarray:
    """The kind of each byte; one of a letter beyond ASCII counts as a letter."""
    import numpy as np

    found = np.full(256, _LETTER, np.uint8)
    found[:128] = _ELSE
    for first, last, kind in (("0", "9", _DIGIT), ("a", "z", _LETTER), ("A", "Z", _LETTER)):
        found[ord(first) : ord(last) + 1] = kind
    return found


def _small() -> np.ndarray:
    import numpy as np

    found = np.arange(256, dtype=np.uint8)
    found[ord("A") : ord("Z") + 1] += 32
    return found
