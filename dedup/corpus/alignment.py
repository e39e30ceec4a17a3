"""Two documents' letters -> the stretches of them that stand opposite each other, in order.

Equal stretches anchor the alignment, the heaviest chain of them is taken, and the short gaps between them
are compared letter by letter, so that misread letters cost what they are and no more. The cost is a sort of
the letters: anchors of long documents are thinned, and a long gap stays a gap.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.likely import edges

if TYPE_CHECKING:
    import numpy as np

ANCHOR = 8
"""Bytes of an anchor, twice as many where it begins with a character of several bytes."""
LONG = 1 << 16
"""Bytes from which a document is long."""
THINNING = 16
"""Of how many anchors of a long document one is taken: that leaves dozens in the longest gap compared."""
GAP = 400
"""Bytes up to which a gap on both sides is compared letter by letter."""
_CHANCE = 0.5
"""Share of the longer side of a gap that must be equal, or it is no misreading but other text."""
_SHORT = 12
"""Letters of a gap that are too few to tell."""
_STEP = 1 << 18
"""Bytes of a long document looked at in one go."""
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


class Anchors(NamedTuple):
    """Short stretches of a document's letters, each numbered by its occurrence, in order of their hashes."""

    hashes: np.ndarray
    """uint64, each once."""
    places: np.ndarray
    """int64: where they begin."""
    sizes: np.ndarray
    """int64: how many bytes they have."""


class Text:
    """A document's letters made ready for alignments."""

    def __init__(self, letters: np.ndarray) -> None:
        self.letters = letters.tobytes()
        self.is_ascii = self.letters.isascii()
        self.is_long = len(letters) > LONG

    @cached_property
    def short_anchors(self) -> Anchors:
        """Those of ``ANCHOR`` bytes, everywhere."""
        return _anchors(self.letters, ANCHOR, 1)

    @cached_property
    def long_anchors(self) -> Anchors:
        """Twice as long ones: few stand twice in a long document. Thinned, unless that leaves too few."""
        anchors = _anchors(self.letters, 2 * ANCHOR, THINNING if self.is_long else 1)
        if len(anchors.hashes) < len(self.letters) // (8 * THINNING):
            return _anchors(self.letters, 2 * ANCHOR, 1)
        return anchors


class Alignment(NamedTuple):
    """S stretches in order, on both sides; what lies between them stands on one side only."""

    starts: np.ndarray
    """int64, S x 2: bytes."""
    ends: np.ndarray
    """int64, S x 2."""
    share: np.ndarray
    """float64, S: how much of the longer side is equal."""


def _anchors(letters: bytes, size: int, thinning: int) -> Anchors:
    """About one in ``thinning`` of the anchors of a document."""
    import numpy as np

    padded = np.frombuffer(letters + bytes(4 * ANCHOR), np.uint8)
    words = np.ndarray((len(padded) - 7,), np.uint64, padded, strides=(1,))
    limit = np.uint64(0xFFFFFFFFFFFFFFFF // thinning)
    parts = [
        _sparse(padded, words, range(low, min(low + _STEP, len(letters))), size, limit)
        for low in range(0, len(letters) or 1, _STEP)
    ]
    hashes, places, sizes = (np.concatenate([part[at] for part in parts]) for at in range(3))
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    begins = edges(hashes)
    counts = np.diff(begins, append=len(hashes))
    occurrence = (np.arange(len(hashes)) - np.repeat(begins, counts)).astype(np.uint64)
    if occurrence.any():
        hashes = hashes + occurrence * np.uint64(_ODD[0])
        again = np.argsort(hashes, kind="stable")
        hashes, order = hashes[again], order[again]
    return Anchors(hashes, places[order], sizes[order])


def _sparse(
    padded: np.ndarray, words: np.ndarray, span: range, size: int, limit: np.uint64
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hashes up to ``limit``, places and sizes of the anchors that begin in ``span``."""
    import numpy as np

    low, high = span.start, span.stop
    begins = padded[low:high]
    hashes = words[low:high] * np.uint64(_ODD[0])
    sizes = np.full(len(begins), size)
    is_wide = begins >= 0x80
    if size > ANCHOR:
        hashes ^= words[low + ANCHOR : high + ANCHOR] * np.uint64(_ODD[1])
    if is_wide.any():
        tails = words[low + 2 * size - 8 : high + 2 * size - 8]
        hashes[is_wide] ^= tails[is_wide] * np.uint64(_ODD[2])
        sizes[is_wide] *= 2
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(_ODD[0])
    places = np.arange(low, high)
    ends = places + sizes
    is_taken = (hashes <= limit) & (ends <= len(padded) - 4 * ANCHOR) & (begins & 0xC0 != 0x80)
    return hashes[is_taken], places[is_taken], sizes[is_taken]


def align(one: Text, two: Text) -> Alignment:
    """What of two documents stands opposite each other."""
    import numpy as np

    if one.is_long or two.is_long:
        equal = _equal(one.long_anchors, two.long_anchors)
    else:
        equal = _equal(one.short_anchors, two.short_anchors)
    rows: list[tuple[int, int, int, int, float]] = []
    done = (0, 0)
    for start, other, size in _chain(*equal):
        covered = max(0, done[0] - start, done[1] - other)
        if covered >= size:
            continue
        here = (start + covered, other + covered)
        share = _gap(one, two, done, here)
        if share:
            rows.append((*done, *here, share))
        done = (start + size, other + size)
        rows.append((*here, *done, 1.0))
    columns = np.array(rows, np.float64).reshape(-1, 5)
    places = columns[:, :4].astype(np.int64)
    return Alignment(places[:, :2], places[:, 2:], columns[:, 4])


def _equal(one: Anchors, two: Anchors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Equal stretches, in order of the first side: where they begin on both, and bytes."""
    import numpy as np

    at = np.searchsorted(two.hashes, one.hashes)
    at[at == len(two.hashes)] = 0
    found = np.flatnonzero(two.hashes[at] == one.hashes) if len(two.hashes) else at[:0]
    order = found[np.argsort(one.places[found], kind="stable")]
    here, there, sizes = one.places[order], two.places[at[order]], one.sizes[order]
    shift = there - here
    is_new = np.ones(len(here), bool)
    is_new[1:] = (shift[1:] != shift[:-1]) | (here[1:] > here[:-1] + sizes[:-1])
    begins = np.flatnonzero(is_new)
    last = np.append(begins, len(here))[1:] - 1
    return here[begins], there[begins], here[last] + sizes[last] - here[begins]


def _chain(here: np.ndarray, there: np.ndarray, sizes: np.ndarray) -> list[tuple[int, int, int]]:
    """The heaviest stretches that follow each other on both sides; they may overlap at their ends."""
    import numpy as np

    if not len(here):
        return []
    rank = np.empty(len(there), np.int64)
    rank[np.argsort(there, kind="stable")] = np.arange(1, len(there) + 1)
    if (rank[1:] > rank[:-1]).all():
        return list(zip(here.tolist(), there.tolist(), sizes.tolist(), strict=True))
    chosen = _heaviest(rank.tolist(), sizes.tolist())
    return list(
        zip(here[chosen].tolist(), there[chosen].tolist(), sizes[chosen].tolist(), strict=True)
    )


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


def _gap(one: Text, two: Text, start: tuple[int, int], end: tuple[int, int]) -> float:
    """How much of the longer side of a gap is equal; 0.0 if no more than any two texts share."""
    from rapidfuzz.distance import LCSseq

    sizes = end[0] - start[0], end[1] - start[1]
    if not min(sizes) or max(sizes) > GAP:
        return 0.0
    here, there = one.letters[start[0] : end[0]], two.letters[start[1] : end[1]]
    if here == there:
        return 1.0
    if one.is_ascii and two.is_ascii:
        share = LCSseq.normalized_similarity(here, there)
        shorter = min(sizes)
    else:
        left, right = here.decode("utf-8", "ignore"), there.decode("utf-8", "ignore")
        share = LCSseq.normalized_similarity(left, right)
        shorter = min(len(left), len(right))
    return share if share >= _CHANCE or shorter <= _SHORT else 0.0
