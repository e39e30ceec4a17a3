"""Pairs of documents -> the evidence that they are copies of each other.

How much of each stands in the other, and what kind of text that is: what few documents carry says more than
what many do, and a passage that only one of the two has says more against them where other documents have
it too than where it is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.alignment import Letters, Stretches, align, covered
from dedup.corpus.anchors import anchors, picked, runs
from dedup.corpus.likely import GRAM, Samples

if TYPE_CHECKING:
    import numpy as np

_MISSING = 0.3
"""Share of the letters around a gram below which it is missing on the other side."""
_OWN = 0.05
"""The quantile of the carriers of what two documents share up to which text is their own: however many copies
they have, the rarest text in common has no more carriers than there are copies."""
_FOREIGN = 2.25
"""How much more than other missing text that counts which further documents have: half of it or a third more gives the
same clusters but for families of licences."""
_ANY = 0.4
"""Share of one of two documents up to which what they have in common is not looked at more closely."""
_FEW = 128
"""Documents with fewer different grams than one in so many bytes repeat themselves: grams say little about them."""
_BATCH = 1 << 24
"""About how many bytes are worked with at a time."""
_HALF = 32


class Evidence(NamedTuple):
    """What speaks for P pairs, 0.0-1.0."""

    share: np.ndarray
    """P x 2: how much of each document's letters stands in the other, in order."""
    own: np.ndarray
    """P x 2: the same where text counts the less the more other documents carry it."""
    foreign: np.ndarray
    """P: how much of both is missing in the other while further documents have it."""
    aligned: np.ndarray
    """bool, P: compared letter by letter. Where they cannot have much in common, ``share`` and ``own`` are the most
    that they could."""

    @property
    def resemblance(self) -> np.ndarray:
        """P: how much both have in common.

        What one lacks counts several times where other documents have it too: that is no edit, it is what tells
        one kind of text from another.
        """
        import numpy as np

        common: np.ndarray = self.share.mean(axis=1) * np.maximum(0, 1 - _FOREIGN * self.foreign)
        return common


def evidence(
    starts: np.ndarray, keys: np.ndarray, grams: Samples, one: np.ndarray, two: np.ndarray
) -> Evidence:
    """The evidence for each two documents, by number; best in order of the first ones.

    Document d's letters are ``keys[starts[d]:starts[d + 1]]``, and ``grams`` are sampled of them.
    """
    import numpy as np

    parts = [np.empty((0, len(Evidence._fields) + 2))]
    sizes = np.diff(grams.first)
    work = np.cumsum(np.diff(starts)[one] + np.diff(starts)[two] + 64 * (sizes[one] + sizes[two]))
    low = 0
    while low < len(one):
        before = int(work[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(work, before + _BATCH, side="right")))
        parts.append(_of_batch(starts, keys, grams, one[low:high], two[low:high]))
        low = high
    rows = np.concatenate(parts)
    return Evidence(rows[:, :2], rows[:, 2:4], rows[:, 4], rows[:, 5] > 0)


def _of_batch(
    starts: np.ndarray, keys: np.ndarray, grams: Samples, one: np.ndarray, two: np.ndarray
) -> np.ndarray:
    """P x 6: rows of evidence."""
    import numpy as np

    both = np.column_stack([one, two])
    lengths = np.diff(starts)[both]
    found = anchors(grams, one, two)
    most = covered(found, lengths)
    is_open = (most >= _ANY).any(axis=1)
    is_open |= (np.diff(grams.first)[both] < lengths // _FEW).all(axis=1)
    rows = np.zeros((len(one), 6))
    rows[:, :2] = rows[:, 2:4] = most
    index = np.flatnonzero(is_open)
    if len(index):
        documents, local = np.unique(both[index], return_inverse=True)
        letters = Letters(starts, keys, documents)
        bases = letters.begins[local.reshape(-1, 2)]
        said = align(letters, picked(found, is_open), bases, lengths[index])
        rows[index, :5] = _weighed(grams, both[index], lengths[index], said)
        rows[index, 5] = 1
    return rows


def _weighed(grams: Samples, both: np.ndarray, lengths: np.ndarray, said: Stretches) -> np.ndarray:
    """P x 5: two shares, two own shares, and what is foreign."""
    import numpy as np

    count = len(both)
    equal = (said.ends - said.starts) * said.share[:, None]
    shares = np.column_stack(
        [np.bincount(said.pair, equal[:, side], minlength=count) for side in (0, 1)]
    )
    shares = np.minimum(shares, lengths) / np.maximum(lengths, 1)
    sides = [_sampled(grams, both[:, side], said, side) for side in (0, 1)]
    limit = _limits(sides, count)
    own, foreign = np.zeros((count, 2)), np.zeros(count)
    for side, (pair, carriers, found) in enumerate(sides):
        weights = np.minimum(1.0, limit[pair] / carriers)
        total = np.bincount(pair, weights, minlength=count)
        own[:, side] = np.bincount(pair, weights * found, minlength=count) / np.maximum(total, 1e-9)
        missing = np.bincount(pair, (found < _MISSING) & (carriers > 1), minlength=count)
        number = np.maximum(1, np.bincount(pair, minlength=count))
        foreign += missing / number * lengths[:, side] / np.maximum(lengths.sum(axis=1), 1)
    return np.column_stack([shares, own, foreign])


def _sampled(
    grams: Samples, numbers: np.ndarray, said: Stretches, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair and carriers of the sampled grams of documents, and how much of each stands on the other side."""
    import numpy as np

    sizes = np.diff(grams.first)[numbers]
    entry = runs(grams.first[numbers], sizes)
    pair = np.repeat(np.arange(len(numbers)), sizes)
    middle = pair << _HALF | (grams.place[entry] + GRAM // 2)
    at = np.searchsorted(said.pair << _HALF | said.starts[:, side], middle, side="right") - 1
    is_inside = middle < (said.pair[at] << _HALF | said.ends[at, side])
    return pair, grams.carriers[entry], np.where(is_inside, said.share[at], 0.0)


def _limits(sides: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], count: int) -> np.ndarray:
    """float64, P: up to how many carriers a gram counts in full."""
    import numpy as np

    packed = np.concatenate(
        [(pair << _HALF | carriers)[found == 1] for pair, carriers, found in sides]
    )
    packed.sort()
    begins = np.searchsorted(packed, np.arange(count + 1) << _HALF)
    sizes = np.diff(begins)
    at = begins[:-1] + (sizes * _OWN).astype(np.int64)
    limits = np.full(count, 2.0)
    some = np.flatnonzero(sizes)
    limits[some] = np.maximum(2.0, packed[at[some]] & 0xFFFFFFFF)
    return limits
