"""Pairs with evidence -> groups of documents that are one text.

First those that resemble each other, by the mean over all pairs of two groups: a chain of neighbours is no
group, because pairs that share nothing count too. Then the ones that stand whole in another: they join it
if there is one such group; what several different texts contain is their building block, and a copy of none.
So is what has several near copies of its own extent: a text cut short is cut elsewhere each time.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedup.corpus.resemblance import Evidence

if TYPE_CHECKING:
    import numpy as np


CUT_ALIKE = 2
"""Documents that may be cut at the same place by chance, or by one who copied the other."""


def groups(
    ends: np.ndarray, found: Evidence, sizes: np.ndarray, threshold: float
) -> list[list[int]]:
    """Groups of two documents and more, each in order, by their first ones.

    ``ends`` is int64, P x 2: the pairs. ``sizes`` says how much text each document has.
    """
    pairs, found = _that_matter(ends, found, threshold)
    labels = _averaged(pairs, found.resemblance.tolist(), threshold)
    labels = _joined(labels, pairs, found.own.tolist(), sizes, threshold)
    members: dict[int, list[int]] = {}
    for document, label in sorted(labels.items()):
        members.setdefault(label, []).append(document)
    return [documents for documents in members.values() if len(documents) > 1]


def _that_matter(
    ends: np.ndarray, found: Evidence, threshold: float
) -> tuple[Sequence[tuple[int, int]], Evidence]:
    """The pairs of two documents that each resemble one, and those of which one may hold the other: no mean with
    a document that resembles none reaches the threshold."""
    import numpy as np

    resembling = np.unique(ends[found.resemblance >= threshold])
    matter = np.isin(ends, resembling).all(axis=1) | (found.own >= threshold).any(axis=1)
    left = Evidence(found.share[matter], found.own[matter], found.foreign[matter])
    return [(one, two) for one, two in ends[matter].tolist()], left


def _averaged(
    pairs: Sequence[tuple[int, int]], scores: list[float], threshold: float
) -> dict[int, int]:
    """Average linkage: of each document with a pair the group it is in."""
    near: dict[int, dict[int, float]] = {}
    for (one, two), score in zip(pairs, scores, strict=True):
        near.setdefault(one, {})[two] = score
        near.setdefault(two, {})[one] = score
    members = {document: [document] for document in near}
    heap = [
        (-score, *pair) for pair, score in zip(pairs, scores, strict=True) if score >= threshold
    ]
    heapq.heapify(heap)
    while heap:
        score, one, two = heapq.heappop(heap)
        if one not in members or two not in members or near[one].get(two) != -score:
            continue
        for other, mean in _merged(near, members, one, two):
            if mean >= threshold:
                heapq.heappush(heap, (-mean, min(one, other), max(one, other)))
    return {document: label for label, group in members.items() for document in group}


def _merged(
    near: dict[int, dict[int, float]], members: dict[int, list[int]], one: int, two: int
) -> list[tuple[int, float]]:
    """Make the second group part of the first; the first one's neighbours with their new means."""
    left, right = near[one], near.pop(two)
    weight = len(members[one]) / (len(members[one]) + len(members[two]))
    members[one] += members.pop(two)
    del left[two], right[one]
    for other in left:
        left[other] *= weight
    for other, score in right.items():
        left[other] = left.get(other, 0.0) + score * (1 - weight)
        del near[other][two]
    for other, mean in left.items():
        near[other][one] = mean
    return list(left.items())


def _joined(
    labels: dict[int, int],
    pairs: Sequence[tuple[int, int]],
    own: list[list[float]],
    sizes: np.ndarray,
    threshold: float,
) -> dict[int, int]:
    """The labels where groups whose fullest document stands in one other group are part of it."""
    fullest: dict[int, int] = {}
    for document, label in sorted(labels.items()):
        if label not in fullest or sizes[document] > sizes[fullest[label]]:
            fullest[label] = document
    holders: dict[int, set[int]] = {}
    for pair, shares in zip(pairs, own, strict=True):
        for document, other, share in zip(pair, pair[::-1], shares, strict=True):
            label = labels[document]
            if share >= threshold and fullest[label] == document and labels[other] != label:
                holders.setdefault(label, set()).add(labels[other])
    up: dict[int, int] = {}

    def top(label: int) -> int:
        while label in up:
            label = up[label]
        return label

    counts = Counter(labels.values())
    for label in sorted(holders, key=lambda label: (-sizes[fullest[label]], label)):
        tops = {top(other) for other in holders[label]} - {top(label)}
        if len(tops) == 1 and counts[label] <= CUT_ALIKE:
            up[top(label)] = tops.pop()
    return {document: top(label) for document, label in labels.items()}
