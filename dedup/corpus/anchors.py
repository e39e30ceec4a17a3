"""Pairs of documents -> the sampled grams they share, as anchors that follow each other on both sides.

Many pairs are looked at together. Where grams cross, as around a passage that was moved, the heaviest chain of them
is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.likely import GRAM, Samples, bounds

if TYPE_CHECKING:
    import numpy as np

_ROUNDS = 2
"""How often runs that lead astray are looked for: they may stand side by side."""
_HALF = 32


class Anchors(NamedTuple):
    """M shared grams of P pairs, by pair and place; both sides rise."""

    pair: np.ndarray
    """int64, M: index of the pair."""
    one: np.ndarray
    """int64, M: where it begins in the letters of the first document, in bytes."""
    two: np.ndarray
    """int64, M."""


def anchors(grams: Samples, one: np.ndarray, two: np.ndarray) -> Anchors:
    """Those of each two documents, by number."""
    import numpy as np

    sizes = np.diff(grams.first)
    turned = sizes[one] > sizes[two]
    seeks, holds = np.where(turned, two, one), np.where(turned, one, two)
    pair, entry, other = _shared(grams, sizes, seeks, holds)
    here, there = grams.place[entry], grams.place[other]
    swapped = turned[pair]
    left, right = np.where(swapped, there, here), np.where(swapped, here, there)
    order = np.argsort(pair << _HALF | left)
    pair, left, right = pair[order], left[order].astype(np.int64), right[order].astype(np.int64)
    kept = _chained(pair, left, right)
    return Anchors(pair[kept], left[kept], right[kept])


def picked(found: Anchors, taken: np.ndarray) -> Anchors:
    """Those of the pairs ``taken`` (bool, P), which are numbered anew."""
    import numpy as np

    mine = taken[found.pair]
    number = np.cumsum(taken) - 1
    return Anchors(number[found.pair[mine]], found.one[mine], found.two[mine])


def _shared(
    grams: Samples, sizes: np.ndarray, seeks: np.ndarray, holds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair, and entry of either side, of each gram that both have."""
    import numpy as np

    held, local = np.unique(holds, return_inverse=True)
    where = runs(grams.first[held], sizes[held])
    numbers = np.repeat(np.arange(len(held), dtype=np.uint64), sizes[held])
    table = numbers << np.uint64(_HALF) | grams.hash[where]
    entry = runs(grams.first[seeks], sizes[seeks])
    pair = np.repeat(np.arange(len(seeks)), sizes[seeks])
    sought = local.astype(np.uint64)[pair] << np.uint64(_HALF) | grams.hash[entry]
    at = np.searchsorted(table, sought)
    at[at == len(table)] = 0
    found = np.flatnonzero(table[at] == sought) if len(table) else at[:0]
    return pair[found], entry[found], where[at[found]]


def runs(begins: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """int64: the numbers from each begin on, so many of them, end to end."""
    import numpy as np

    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    numbers: np.ndarray = np.arange(total) + np.repeat(begins - ends + sizes, sizes)
    return numbers


def _chained(pair: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Which anchors, in order of pair and first side, follow each other on the second side too: indices."""
    import numpy as np

    is_new = np.ones(len(pair), bool)
    is_new[1:] = (pair[1:] != pair[:-1]) | (two[1:] - two[:-1] != one[1:] - one[:-1])
    begins = np.flatnonzero(is_new)
    sizes = np.diff(begins, append=len(pair))
    lasts = begins + sizes - 1
    taken = _rising(pair[begins], two[begins], two[lasts], sizes)
    for _ in range(_ROUNDS):
        some = np.flatnonzero(taken)
        lengths = one[lasts[some]] - one[begins[some]] + GRAM
        shifts = two[begins[some]] - one[begins[some]]
        taken[some] = ~_astray(pair[begins[some]], shifts, lengths)
    found: np.ndarray = np.flatnonzero(np.repeat(taken, sizes))
    return found


def _rising(
    pair: np.ndarray, begins: np.ndarray, ends: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """bool: which of the runs of anchors, each on one diagonal, follow each other on the second side.

    ``begins`` and ``ends`` are places there, and ``sizes`` numbers of anchors.
    """
    import numpy as np

    crosses = np.zeros(len(pair), bool)
    crosses[1:] = (pair[1:] == pair[:-1]) & (begins[1:] <= ends[:-1])
    taken = np.ones(len(pair), bool)
    low, high = bounds(pair)
    for at in np.unique(low[crosses]).tolist():
        mine = slice(at, int(high[at]))
        taken[mine] = False
        ranks = np.empty(mine.stop - at, np.int64)
        ranks[np.argsort(begins[mine], kind="stable")] = np.arange(1, mine.stop - at + 1)
        taken[np.array(_heaviest(ranks.tolist(), sizes[mine].tolist())) + at] = True
    some = np.flatnonzero(taken)
    taken[some[1:]] = (pair[some[1:]] != pair[some[:-1]]) | (begins[some[1:]] > ends[some[:-1]])
    return taken


def _astray(pair: np.ndarray, shifts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """bool: runs for which both neighbours have to make a longer detour than they are long, the longest one around.

    A few words that stand elsewhere as well, taken for those opposite, would part what is opposite around them.
    """
    import numpy as np

    found = np.zeros(len(pair), bool)
    steps = np.abs(np.diff(shifts))
    detour = np.zeros(len(pair), np.int64)
    detour[1:-1] = steps[:-1] + steps[1:] - np.abs(shifts[2:] - shifts[:-2])
    detour[1:-1] *= pair[2:] == pair[:-2]
    found[1:-1] = detour[1:-1] > np.maximum(lengths[1:-1], detour[:-2])
    found[1:-1] &= detour[1:-1] >= detour[2:]
    return found


def _heaviest(ranks: list[int], weights: list[int]) -> list[int]:
    """Indices of the heaviest subsequence whose ranks (1 and up, each once) rise.

    >>> _heaviest([3, 1, 2], [5, 2, 2])
    [0]
    """
    count = len(ranks)
    best, top = [0] * (count + 1), [-1] * (count + 1)  # a Fenwick tree of maxima by rank
    totals, before = [0] * count, [-1] * count
    for index, rank in enumerate(ranks):
        total, previous, at = 0, -1, rank
        while at > 0:
            if best[at] > total:
                total, previous = best[at], top[at]
            at -= at & -at
        totals[index] = total = total + weights[index]
        before[index] = previous
        at = rank
        while at <= count:
            if best[at] < total:
                best[at], top[at] = total, index
            at += at & -at
    index = max(range(count), key=totals.__getitem__)
    chosen = []
    while index >= 0:
        chosen.append(index)
        index = before[index]
    return chosen[::-1]
