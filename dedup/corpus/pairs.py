"""Pairs of members, found any number of times -> the candidates of each member, the most alike first.

Kept in buckets by member: they are counted and thinned out bucket by bucket, whenever as many are new as were kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.grams import overlap

if TYPE_CHECKING:
    import numpy as np

KEPT = 24
"""Candidates that are kept of each member, the most alike."""
_PENDING = 1 << 18
"""Pairs that are collected before they are counted, at least."""
_BUCKET = 14
"""Members in a bucket, as a power of two."""
_COUNT_BITS = 8
"""Of a packed pair, for the number of shared grams; the rest is for the two members."""
_MEMBER_BITS = (64 - _COUNT_BITS) // 2
_MOST = (1 << _COUNT_BITS) - 1


class Candidates(NamedTuple):
    """Pairs, sorted by the later member, then by how alike they seem."""

    later: np.ndarray
    """int32: the member that would go."""
    earlier: np.ndarray
    """int32: the member that would stay."""


class Pairs:
    """Pairs with the number of grams that brought them together; the best of each later member are kept."""

    def __init__(self, bitmaps: np.ndarray, sure: float) -> None:
        """``sure``: the overlap of bitmaps from which a pair with one shared gram is a candidate."""
        import numpy as np

        self.cut_off = 0
        """How many were thinned out."""
        self._bitmaps = bitmaps
        self._sure = sure
        buckets = (len(bitmaps) >> _BUCKET) + 1
        self._borders = np.arange(1, buckets, dtype=np.uint64) << np.uint64(_BUCKET + 32)
        self._counted = [np.empty(0, np.uint64)] * buckets
        self._kept = 0
        self._new: list[np.ndarray] = []
        self._size = 0

    def add(self, pairs: np.ndarray) -> None:
        """Later and earlier member in the halves of a uint64, any number of times."""
        self._new.append(pairs)
        self._size += len(pairs)
        if self._size > max(_PENDING, self._kept):
            self._count()

    def best(self) -> Candidates:
        """All that is left, sorted; nothing is kept."""
        import numpy as np

        self._count()
        later, earlier = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
        while self._counted:
            one, two = self._likely(self._counted.pop(0))
            later.append(one)
            earlier.append(two)
        return Candidates(np.concatenate(later), np.concatenate(earlier))

    def _likely(self, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        later, earlier, count = _split(packed)
        likeness = overlap(self._bitmaps, later, earlier)
        good = np.flatnonzero((count > 1) | (likeness >= self._sure))
        order = good[np.lexsort((earlier[good], -likeness[good], later[good]))]
        return later[order], earlier[order]

    def _count(self) -> None:
        """Make one of equal pairs, with their number, and thin out."""
        import numpy as np

        new = np.concatenate([np.empty(0, np.uint64), *self._new])
        self._new, self._size, self._kept = [], 0, 0
        new.sort()
        cuts = [0, *np.searchsorted(new, self._borders).tolist(), len(new)]
        for bucket, counted in enumerate(self._counted):
            some = new[cuts[bucket] : cuts[bucket + 1]]
            if len(some):
                self._counted[bucket] = self._thinned(_merged(counted, some))
            self._kept += len(self._counted[bucket])

    def _thinned(self, packed: np.ndarray) -> np.ndarray:
        """The best pairs of each later member, in the same order."""
        import numpy as np

        later, earlier, count = _split(packed)
        begins = np.flatnonzero(np.diff(later, prepend=-1))
        sizes = np.diff(begins, append=len(later))
        many = np.flatnonzero(np.repeat(sizes, sizes) > KEPT)
        if not len(many):
            return packed
        likeness = overlap(self._bitmaps, later[many], earlier[many])
        order = np.lexsort((earlier[many], -count[many], -likeness, later[many]))
        ranked = later[many][order]
        begins = np.flatnonzero(np.diff(ranked, prepend=-1))
        sizes = np.diff(begins, append=len(ranked))
        place = np.arange(len(ranked)) - np.repeat(begins, sizes)
        cut = many[order[place >= KEPT]]
        self.cut_off += len(cut)
        kept = np.ones(len(packed), bool)
        kept[cut] = False
        return packed[kept]


def _merged(counted: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Counted pairs, sorted, and new ones -> all, each once, counted and sorted."""
    import numpy as np

    bits, one = np.uint64(_COUNT_BITS), np.uint64(1)
    later, earlier = new >> np.uint64(32), new & np.uint64(0xFFFFFFFF)
    packed = (((later << np.uint64(_MEMBER_BITS)) | earlier) << bits) | one
    packed = np.concatenate([counted, packed])
    packed.sort()
    begins = np.flatnonzero(np.diff(packed >> bits, prepend=~packed[:1]))
    counts = np.add.reduceat(packed & np.uint64(_MOST), begins)
    merged: np.ndarray = (packed[begins] >> bits << bits) | np.minimum(counts, np.uint64(_MOST))
    return merged


def _split(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Later, earlier member and count, int32."""
    import numpy as np

    pair = packed >> np.uint64(_COUNT_BITS)
    earlier = pair & np.uint64((1 << _MEMBER_BITS) - 1)
    later = pair >> np.uint64(_MEMBER_BITS)
    count = packed & np.uint64(_MOST)
    return later.astype(np.int32), earlier.astype(np.int32), count.astype(np.int32)
