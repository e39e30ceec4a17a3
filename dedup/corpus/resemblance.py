"""Pairs of documents -> the evidence that they are copies of each other.

How much of each stands in the other, and what kind of text that is: what few documents carry says more than
what many do, and a passage that only one of the two has says more against them where other documents have
it too than where it is its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.alignment import Alignment, Text, align
from dedup.corpus.likely import GRAM, Samples

if TYPE_CHECKING:
    import numpy as np

_MISSING = 0.3
"""Share of the letters around a gram below which it is missing on the other side."""
_OWN = 0.05
"""The quantile of the carriers of what two documents share up to which text is their own: however many copies
they have, the rarest text in common has no more carriers than there are copies."""
_HELD = 1 << 22
"""Bytes of documents kept ready."""


class Evidence(NamedTuple):
    """What speaks for P pairs, 0.0-1.0."""

    share: np.ndarray
    """P x 2: how much of each document's letters stands in the other, in order."""
    own: np.ndarray
    """P x 2: the same where text counts the less the more other documents carry it."""
    foreign: np.ndarray
    """P: how much of both is missing in the other while further documents have it."""

    @property
    def resemblance(self) -> np.ndarray:
        """P: how much both have in common.

        What one lacks counts double where other documents have it too: that is no edit, it is what tells one
        kind of text from another.
        """
        common: np.ndarray = self.share.mean(axis=1) * (1 - self.foreign)
        return common


def evidence(
    starts: np.ndarray, keys: np.ndarray, grams: Samples, pairs: Iterable[tuple[int, int]]
) -> Evidence:
    """The evidence for pairs of documents, quickest in order of their first ones.

    Document d's letters are ``keys[starts[d]:starts[d + 1]]``, and ``grams`` are sampled of them.
    """
    import numpy as np

    texts = _Texts(starts, keys)
    rows = [_weighed(grams, one, two, align(texts[one], texts[two]), starts) for one, two in pairs]
    columns = np.array(rows, np.float64).reshape(-1, 5)
    return Evidence(columns[:, :2], columns[:, 2:4], columns[:, 4])


class _Texts:
    """Documents made ready, the latest of them at hand."""

    def __init__(self, starts: np.ndarray, keys: np.ndarray) -> None:
        self._starts, self._keys = starts, keys
        self._held: dict[int, Text] = {}
        self._size = 0

    def __getitem__(self, document: int) -> Text:
        made = self._held.pop(document, None)
        if made is None:
            made = Text(self._keys[self._starts[document] : self._starts[document + 1]])
            self._size += len(made.letters)
        self._held[document] = made
        while self._size > _HELD and len(self._held) > 2:
            oldest = next(iter(self._held))
            self._size -= len(self._held.pop(oldest).letters)
        return made


def _weighed(
    grams: Samples, one: int, two: int, aligned: Alignment, starts: np.ndarray
) -> tuple[float, ...]:
    """A row of evidence: two shares, two own shares, and what is foreign."""
    import numpy as np

    lengths = [int(starts[number + 1] - starts[number]) for number in (one, two)]
    equal = ((aligned.ends - aligned.starts) * aligned.share[:, None]).sum(axis=0)
    sides = [_sampled(grams, number, aligned, side) for side, number in enumerate((one, two))]
    shared = np.concatenate([carriers[found == 1] for carriers, found in sides])
    limit = max(2.0, np.quantile(shared, _OWN)) if len(shared) else 2.0
    own, foreign = [], 0.0
    for (carriers, found), length in zip(sides, lengths, strict=True):
        weights = np.minimum(1.0, limit / carriers)
        own.append(float((weights * found).sum() / max(weights.sum(), 1e-9)))
        missing = ((found < _MISSING) & (carriers > 1)).sum()
        foreign += missing / max(1, len(carriers)) * length / sum(lengths)
    shares = [
        float(min(part, length)) / max(1, length)
        for part, length in zip(equal, lengths, strict=True)
    ]
    return (*shares, *own, foreign)


def _sampled(
    grams: Samples, number: int, aligned: Alignment, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Carriers of a document's sampled grams, and how much of each stands on the other side."""
    import numpy as np

    entries = slice(grams.first[number], grams.first[number + 1])
    middle = grams.place[entries] + GRAM // 2
    carriers = grams.carriers[entries]
    if not len(aligned.share):
        return carriers, np.zeros(len(carriers))
    at = np.searchsorted(aligned.starts[:, side], middle, side="right") - 1
    is_inside = (at >= 0) & (middle < aligned.ends[at, side])
    return carriers, np.where(is_inside, aligned.share[at], 0.0)
