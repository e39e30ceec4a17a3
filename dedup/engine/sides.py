"""Repeats, many at once by numpy -> the units that each of their sides covers.

What stands opposite a stretch of letters is a difference of sums over runs, so it takes the same few steps
however many runs lie in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.passages import Repeat
from dedup.engine.units import Units

if TYPE_CHECKING:
    import numpy as np

UNIT_COVERAGE = 0.5
"""Least share of a unit's letters that stands opposite; a proven run lends its units the rest."""
NEW_SENTENCE = 13
"""Letters from which a sentence without a counterpart is not lost with its paragraph."""
CHANCE = 0.33
"""Share of its letters that any sentence finds in any other."""
NOVEL_SHARE = 0.15
NOVEL_LETTERS = 10
"""Letters of a unit without any counterpart: more, and it is not a copy but new text."""


class Level(NamedTuple):
    """Units in order, disjoint: their letters, their paragraph, and their number in it or -1 for all of it."""

    starts: np.ndarray
    ends: np.ndarray
    paragraphs: np.ndarray
    numbers: np.ndarray


def levels(units: Units) -> tuple[Level, Level]:
    """The paragraphs, and the sentences of those that have several."""
    import numpy as np

    count = len(units.starts)
    several = [at for at, found in enumerate(units.sentences) if len(found) > 1]
    sizes = [len(units.sentences[at]) for at in several]
    letters = chain.from_iterable(chain.from_iterable(units.sentences[at] for at in several))
    spans = np.fromiter(letters, np.int64, 2 * sum(sizes)).reshape(-1, 2)
    paragraphs = np.array(several, np.int64).repeat(sizes)
    numbers = np.fromiter(chain.from_iterable(map(range, sizes)), np.int64, sum(sizes))
    return (
        Level(np.array(units.starts), np.array(units.ends), np.arange(count), np.full(count, -1)),
        Level(spans[:, 0], spans[:, 1], paragraphs, numbers),
    )


class Covered(NamedTuple):
    """Units with what stands opposite, each for the side of a repeat that covers it."""

    sides: np.ndarray
    """Twice the index of the repeat, and one more for its second side."""
    starts: np.ndarray
    ends: np.ndarray
    twins: np.ndarray
    twin_ends: np.ndarray
    matched: np.ndarray
    paragraphs: np.ndarray
    numbers: np.ndarray

    def of(self, at: np.ndarray) -> Covered:
        """Some of the rows."""
        return Covered(*(column[at] for column in self))


def covered(repeats: Sequence[Repeat], paragraphs: Level, sentences: Level, size: int) -> Covered:
    """The units of both levels that sides cover, by side and place; of a paragraph that is covered as a whole no
    sentences. ``size``: more than any letter or paragraph has as its number."""
    import numpy as np

    sides = _Sides(repeats, size)
    found = sides.covered((paragraphs, sentences))
    is_whole = found.numbers < 0
    doubtful = (is_whole & (found.ends - found.starts - found.matched >= NEW_SENTENCE)).nonzero()[0]
    if len(doubtful):
        is_whole[doubtful] = ~_have_new(sides, found.of(doubtful), sentences)
    places = found.sides * size + found.paragraphs
    whole = places[is_whole]
    is_left = found.numbers >= 0
    if len(whole):
        is_left &= whole[np.minimum(whole.searchsorted(places), len(whole) - 1)] != places
    left = (is_whole | is_left).nonzero()[0]
    return found.of(left[(found.sides[left] * size + found.starts[left]).argsort(kind="stable")])


def _have_new(sides: _Sides, whole: Covered, sentences: Level) -> np.ndarray:
    """For each covered paragraph whether one of its sentences has no counterpart: then it stays, and only the
    others may go."""
    import numpy as np

    low = sentences.paragraphs.searchsorted(whole.paragraphs)
    of, at = _expanded(low, sentences.paragraphs.searchsorted(whole.paragraphs, "right"))
    starts, ends = sentences.starts[at], sentences.ends[at]
    long = (ends - starts >= NEW_SENTENCE).nonzero()[0]
    of, starts, ends = of[long], starts[long], ends[long]
    matched, novel, _, _ = sides.opposite(whole.sides[of], starts, ends)
    size = ends - starts
    is_new = (matched < CHANCE * size) | (2 * novel > size)
    return np.bincount(of[is_new], minlength=len(whole.sides)) > 0


def _expanded(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All numbers from each of ``low`` up to that of ``high``, and whose they are."""
    import numpy as np

    counts = np.maximum(high - low, 0)
    of = np.arange(len(low)).repeat(counts)
    return of, np.arange(len(of)) + (low - counts.cumsum() + counts)[of]


class _Sides:
    """Both sides of some repeats: their runs in columns, side by side, with sums over them."""

    def __init__(self, repeats: Sequence[Repeat], size: int) -> None:
        import numpy as np

        counts = np.array([len(repeat.runs) for repeat in repeats])
        flat = chain.from_iterable(chain.from_iterable(repeat.runs for repeat in repeats))
        runs = np.fromiter(flat, np.int64, 3 * counts.sum()).reshape(-1, 3)
        before = counts.cumsum() - counts
        ones = np.arange(len(runs)) + before.repeat(counts)
        twos = ones + counts.repeat(counts)
        self._first = np.stack((2 * before, 2 * before + counts), 1).ravel()
        """The first run of each side, and with ``_stop`` the one after its last."""
        self._stop = self._first + counts.repeat(2)
        self._starts, self._others, self._sizes = np.empty((3, 2 * len(runs)), np.int64)
        self._starts[ones] = self._others[twos] = runs[:, 0]
        self._starts[twos] = self._others[ones] = runs[:, 1]
        self._sizes[ones] = self._sizes[twos] = runs[:, 2]
        self._ends, self._other_ends = self._starts + self._sizes, self._others + self._sizes
        self._size = size
        self._keys = np.arange(2 * len(repeats)).repeat(counts.repeat(2)) * size + self._starts
        rooms = self._others[1:] - self._other_ends[:-1]
        excess = _excess(self._starts[1:] - self._ends[:-1], rooms)
        self._matched, self._novel = np.zeros((2, len(self._starts) + 1), np.int64)
        np.cumsum(self._sizes, out=self._matched[1:])
        np.cumsum(
            excess, out=self._novel[1:-1]
        )  # across two sides it means nothing and is not asked for
        self._side_starts, self._side_ends = self._starts[self._first], self._ends[self._stop - 1]
        self._side_matched = self._matched[self._stop] - self._matched[self._first]

    def covered(self, levels: Sequence[Level]) -> Covered:
        """The units with enough opposite and little that is new, level by level."""
        import numpy as np

        pairs = [self._likely(level) for level in levels]
        side, low, high, paragraphs, numbers = map(np.concatenate, zip(*pairs, strict=True))
        matched, novel, twins, twin_ends = self.opposite(side, low, high)
        size = high - low
        most = np.minimum(0.5 * size, np.maximum(NOVEL_LETTERS, NOVEL_SHARE * size))
        is_covered = (matched >= UNIT_COVERAGE * size) & (novel <= most)
        columns = Covered(side, low, high, twins, twin_ends, matched, paragraphs, numbers)
        return columns.of((is_covered).nonzero()[0])

    def _likely(self, level: Level) -> tuple[np.ndarray, ...]:
        """The units of a level that would be covered if all letters of a side had something opposite, or at best
        as many as there are: sides, letters, paragraphs and numbers."""
        import numpy as np

        starts, ends = self._side_starts, self._side_ends
        side, at = _expanded(
            level.ends.searchsorted(starts, "right"), level.starts.searchsorted(ends)
        )
        low, high = level.starts[at], level.ends[at]
        reach = np.minimum(high, ends[side]) - np.maximum(low, starts[side])
        reach = np.minimum(reach, self._side_matched[side])
        likely = ((reach > 0) & (reach >= UNIT_COVERAGE * (high - low))).nonzero()[0]
        at = at[likely]
        return side[likely], low[likely], high[likely], level.paragraphs[at], level.numbers[at]

    def opposite(
        self, side: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Of stretches of letters of a side: matched letters, letters without any counterpart, not even a rewording,
        and what stands opposite. Where nothing matches, only that means something."""
        import numpy as np

        keys, ends = self._keys, self._ends
        head_run, stop = self._first[side], self._stop[side]
        first = np.maximum(keys.searchsorted(side * self._size + low, "right") - 1, head_run)
        first += ends[first] <= low
        last = keys.searchsorted(side * self._size + high) - 1
        is_met = first <= last
        first = np.minimum(first, stop - 1)
        last = np.maximum(last, first)
        head, tail = self._starts[first] - low, high - ends[last]
        matched = self._matched[last + 1] - self._matched[first]
        matched += np.minimum(head, 0) + np.minimum(tail, 0)
        before = np.where(first > head_run, self._others[first] - self._other_ends[first - 1], 0)
        after = self._others[np.minimum(last + 1, len(ends) - 1)] - self._other_ends[last]
        after[last + 1 >= stop] = 0
        novel = self._novel[last] - self._novel[first]
        novel += _excess(head, before) + _excess(tail, after)
        twins = self._others[first] - np.minimum(head, before)
        return matched * is_met, novel, twins, self._other_ends[last] + np.minimum(tail, after)


def _excess(gaps: np.ndarray, opposite: np.ndarray) -> np.ndarray:
    """Letters of gaps beyond what could be a rewording of the gaps opposite."""
    import numpy as np

    excess: np.ndarray = np.maximum(gaps - 2 * opposite - 2, 0)
    return excess
