"""Pairs with evidence -> groups of documents that are one text.

First those that resemble each other, by the mean over all pairs of two groups: a chain of neighbours is no
group, because pairs that share nothing count too. Then the ones that stand whole in another: they join it
if there is one such group; what several different texts contain is their building block, and a copy of none,
unless it is nearly all of one of them. So is what has several near copies of its own extent: a text cut short is
cut elsewhere each time.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from dedup.corpus.resemblance import Evidence

if TYPE_CHECKING:
    import numpy as np


WHOLE = 48
"""Documents of a group up to which all pairs of it are looked at."""
MOSTLY = 2 / 3
"""Share of a text from which what stands in it is no building block of it but nearly all."""
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
    labels = _joined(labels, pairs, found, sizes, threshold)
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
    left = Evidence(*(column[matter] for column in found))
    return [(one, two) for one, two in ends[matter].tolist()], left


def unknown(ends: np.ndarray, found: Evidence, threshold: float) -> list[tuple[int, int]]:
    """Pairs of which nothing is known and that could keep a group together, or apart: in order.

    ``ends`` is int64, P x 2: the pairs, in order. Those named are of groups as they would be if these were like the
    known ones; of a group of more than ``WHOLE`` documents none are named, so that there are only some for each.
    """
    pairs, found = _that_matter(ends, found, threshold)
    labels = _averaged(pairs, found.resemblance.tolist(), threshold, is_hopeful=True)
    members: dict[int, list[int]] = {}
    for document, label in sorted(labels.items()):
        members.setdefault(label, []).append(document)
    asked = sorted(
        pair for group in members.values() if len(group) <= WHOLE for pair in combinations(group, 2)
    )
    return _others(asked, ends)


def _others(asked: list[tuple[int, int]], ends: np.ndarray) -> list[tuple[int, int]]:
    """Those of the pairs asked for that are not in ``ends``, which is in order: so only one of both is ever a list."""
    import numpy as np

    if not len(ends) or not asked:
        return asked
    known = (ends[:, 0] << 32) | ends[:, 1]
    packed = np.array([(one << 32) | two for one, two in asked], np.int64)
    is_known = known[np.minimum(np.searchsorted(known, packed), len(known) - 1)] == packed
    return [pair for pair, there in zip(asked, is_known.tolist(), strict=True) if not there]


_Near = dict[int, dict[int, tuple[float, int]]]
"""Of each group its neighbours, with the sum of the scores of their known pairs and how many those are."""


def _averaged(
    pairs: Sequence[tuple[int, int]],
    scores: list[float],
    threshold: float,
    *,
    is_hopeful: bool = False,
) -> dict[int, int]:
    """Average linkage: of each document with a pair the group it is in.

    What is not known of two groups counts as nothing; ``is_hopeful``, as much as what is known. Documents that no
    chain of pairs connects are never of one group, so some are looked at after the other.
    """
    labels: dict[int, int] = {}
    for some in _connected(pairs):
        mine = [pairs[at] for at in some]
        labels.update(_linked(mine, [scores[at] for at in some], threshold, is_hopeful))
    return labels


def _connected(pairs: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Numbers of pairs, in order, about ``_AT_ONCE`` at a time, so that connected ones are together."""
    import numpy as np

    if len(pairs) <= _AT_ONCE:
        yield list(range(len(pairs)))
        return
    documents, ends = np.unique(np.array(pairs, np.int64), return_inverse=True)
    one, two = ends.reshape(-1, 2).T
    least = np.arange(len(documents))
    while True:  # the least document of each, which is that of all that are connected in the end
        before = least
        least = before.copy()
        np.minimum.at(least, before[one], before[two])
        np.minimum.at(least, before[two], before[one])
        least = least[least]
        if np.array_equal(least, before):
            break
    component = least[one]
    order = np.argsort(component, kind="stable")
    last = np.flatnonzero(np.diff(component[order], append=-1)) + 1
    low = 0
    while low < len(order):
        high = int(last[np.searchsorted(last, min(low + _AT_ONCE, len(order)))])
        yield order[low:high].tolist()
        low = high


_AT_ONCE = 1 << 12


def _linked(
    pairs: Sequence[tuple[int, int]], scores: list[float], threshold: float, is_hopeful: bool
) -> dict[int, int]:
    """``_averaged`` of connected documents."""
    near: _Near = {}
    for (one, two), score in zip(pairs, scores, strict=True):
        near.setdefault(one, {})[two] = near.setdefault(two, {})[one] = (score, 1)
    members = {document: [document] for document in near}

    def mean(one: int, two: int) -> float:
        total, count = near[one][two]
        return total / (count if is_hopeful else len(members[one]) * len(members[two]))

    heap = [
        (-score, *pair) for pair, score in zip(pairs, scores, strict=True) if score >= threshold
    ]
    heapq.heapify(heap)
    while heap:
        score, one, two = heapq.heappop(heap)
        if one not in members or two not in members or two not in near[one]:
            continue
        if mean(one, two) != -score:
            continue
        _merge(near, members, one, two)
        for other in near[one]:
            said = mean(one, other)
            if said >= threshold:
                heapq.heappush(heap, (-said, min(one, other), max(one, other)))
    return {document: label for label, group in members.items() for document in group}


def _merge(near: _Near, members: dict[int, list[int]], one: int, two: int) -> None:
    """Make the second group part of the first."""
    left, right = near[one], near.pop(two)
    members[one] += members.pop(two)
    del left[two], right[one]
    for other, (total, count) in right.items():
        before = left.get(other, (0.0, 0))
        left[other] = near[other][one] = (before[0] + total, before[1] + count)
        del near[other][two]


def _joined(
    labels: dict[int, int],
    pairs: Sequence[tuple[int, int]],
    found: Evidence,
    sizes: np.ndarray,
    threshold: float,
) -> dict[int, int]:
    """The labels where groups whose fullest document stands in one other group are part of it."""
    fullest: dict[int, int] = {}
    for document, label in sorted(labels.items()):
        if label not in fullest or sizes[document] > sizes[fullest[label]]:
            fullest[label] = document
    holders = _holders(labels, pairs, found, fullest, threshold)
    up: dict[int, int] = {}

    def top(label: int) -> int:
        while label in up:
            label = up[label]
        return label

    counts = Counter(labels.values())
    for label in sorted(holders, key=lambda label: (-sizes[fullest[label]], label)):
        tops = {top(other) for other in holders[label]} - {top(label)}
        if len(tops) > 1:
            mostly = (other for other, part in holders[label].items() if part >= MOSTLY)
            tops = {top(other) for other in mostly} - {top(label)}
        if len(tops) == 1 and counts[label] <= CUT_ALIKE:
            up[top(label)] = tops.pop()
    return {document: top(label) for document, label in labels.items()}


def _holders(
    labels: dict[int, int],
    pairs: Sequence[tuple[int, int]],
    found: Evidence,
    fullest: dict[int, int],
    threshold: float,
) -> dict[int, dict[int, float]]:
    """Of each group the others in which its fullest document stands, with the most it is of a document there."""
    holders: dict[int, dict[int, float]] = {}
    for pair, own, share in zip(pairs, found.own.tolist(), found.share.tolist(), strict=True):
        for document, other, held, part in zip(pair, pair[::-1], own, share[::-1], strict=True):
            label, home = labels[document], labels[other]
            if held >= threshold and fullest[label] == document and home != label:
                known = holders.setdefault(label, {})
                known[home] = max(part, known.get(home, 0.0))
    return holders
