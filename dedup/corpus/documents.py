"""Many documents -> clusters of near copies, each member proved against the canonical one.

Of those with equal letters one is looked at. Those that share rare grams are aligned,
grouped by what the alignments say, and in each group the canonical copy is chosen; what it does not stand
for, another one of the group may. Where there were more copies than candidates are kept of a document, the
canonical ones are compared again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import equals
from dedup.corpus.choosing import preference, totals
from dedup.corpus.columns import Corpus
from dedup.corpus.filed import filed, of_zeros, taken
from dedup.corpus.grouping import groups, unknown
from dedup.corpus.likely import (
    MEMORY,
    PARTNERS,
    Candidates,
    Samples,
    bounds,
    candidates,
    cuts,
    samples,
)
from dedup.corpus.resemblance import Evidence, evidence

if TYPE_CHECKING:
    import numpy as np

THRESHOLD = 0.82
"""Least confidence: two documents have so much in common, or so much of one stands in the other."""
_ROUNDS = 6
"""How often canonical copies are compared with each other: each time groups grow about thirtyfold."""
TRIED = 2
"""Candidates of a document that are aligned before it shows whether more are worth it."""
_HOPE = 0.65
"""Confidence from which a candidate says that more may be alike."""
_CHOICES = 4
"""How many canonical copies a group may have, one after the other, for what the ones before do not stand for."""

_ALIGNED = 1 << 16
"""Pairs that are aligned before what was learnt is put away in a file."""

Pair = tuple[int, int]


class Clusters(NamedTuple):
    """M documents that are near copies of a canonical one, by canonical one and number."""

    member: np.ndarray
    """int64, M: number of the document."""
    canonical: np.ndarray
    """int64, M: the one that stays; never a member itself."""
    score: np.ndarray
    """float64, M: how much of the letters of both is equal, in order, 0.0-1.0."""
    overlap: np.ndarray
    """float64, M: how much of the member's letters stands in the canonical copy."""
    confidence: np.ndarray
    """float64, M: what was compared with the threshold; it weighs what text is equal, and what is not."""
    begun: int
    """Pairs looked at for a gram they share: the work done."""
    aligned: int
    """Pairs that were aligned."""
    cut: int
    """Pairs that share a gram and were not looked at, because of a budget, or of many better ones."""


class Sweep(NamedTuple):
    """What each threshold would do, and where to look."""

    rows: list[tuple[float, int, int, int]]
    """Threshold, clusters, members, characters of the members' paragraphs."""
    accepted: list[tuple[int, int, float]]
    """The members least like their canonical copy at the threshold in force: member, canonical, confidence."""
    rejected: list[tuple[int, int, float]]
    """The pairs most alike that are no cluster: two documents, the lower number first, and the confidence."""


def clusters(
    corpus: Corpus,
    *,
    threshold: float = THRESHOLD,
    keep: str = "fullest",
    reference: int = 0,
    memory: int = MEMORY,
) -> Clusters:
    """The clusters of near copies; the ``reference`` leading documents are never members. ``memory``: bytes that
    sorting may take at a time; it changes nothing else."""
    return _Search(corpus, keep, reference, memory).at(threshold)


def sweep(
    corpus: Corpus,
    thresholds: Sequence[float],
    *,
    threshold: float = THRESHOLD,
    keep: str = "fullest",
    reference: int = 0,
    shown: int = 10,
) -> Sweep:
    """What each of ``thresholds`` would do; ``shown`` pairs next to the one in force on either side."""
    import numpy as np

    search = _Search(corpus, keep, reference)
    characters = totals(corpus, corpus.end - corpus.start)
    rows = []
    for level in thresholds:
        found = search.at(level)
        gone = int(characters[found.member].sum())
        rows.append((level, len(np.unique(found.canonical)), len(found.member), gone))
    found = search.at(threshold)
    order = np.lexsort((found.member, found.confidence))[:shown]
    accepted = [
        (int(found.member[at]), int(found.canonical[at]), float(found.confidence[at]))
        for at in order
    ]
    return Sweep(rows, accepted, search.apart(found, shown))


class _Search:
    """The documents of a corpus, and what has been learnt about pairs of them."""

    def __init__(self, corpus: Corpus, keep: str, reference: int, memory: int = MEMORY) -> None:
        import numpy as np

        self._starts = taken(corpus.key_start, corpus.first)
        self._keys = corpus.keys
        self._reference = reference
        self._place = filed(preference(corpus, keep, reference))
        self._sizes = filed(totals(corpus, corpus.weight))
        self._stands_for = _equal(self._starts, self._keys, self._place)
        numbers = np.arange(len(self._sizes))
        self._distinct = filed(
            np.flatnonzero((self._stands_for == numbers) & (np.diff(self._starts) > 0))
        )
        self._memory = memory
        self._grams: Samples = samples(self._starts, self._keys, self._distinct, memory)
        self._first = candidates(self._grams, self._distinct, memory)
        self._known = _Known()

    def at(self, threshold: float) -> Clusters:
        """The clusters at a threshold."""
        import numpy as np

        drawn = self._first
        crowded = set(np.flatnonzero(_partners(drawn) >= PARTNERS).tolist())
        canonical: dict[int, int] = {}
        begun, cut = drawn.begun, drawn.cut
        seen = np.empty(0, np.int64)
        for _ in range(_ROUNDS):
            pairs = self._promising(drawn)
            if canonical:
                pairs = self._unsettled(pairs, seen, canonical, threshold)
            pairs = self._completed(pairs, drawn, threshold)
            seen = np.union1d(seen, pairs)
            found = groups(
                np.column_stack(_both(pairs)), self._evidence(pairs), self._sizes, threshold
            )
            if not self._choose(found, canonical, threshold):
                break
            alone = crowded - canonical.keys()
            drawn = candidates(
                self._grams, np.array(sorted(alone.union(canonical.values()))), self._memory
            )
            begun, cut = begun + drawn.begun, cut + drawn.cut
        return self._result(canonical, threshold, begun, cut)

    def apart(self, found: Clusters, shown: int) -> list[tuple[int, int, float]]:
        """The aligned pairs most alike whose documents are not in one cluster."""
        import numpy as np

        home = np.arange(len(self._sizes))
        home[found.member] = found.canonical
        one, two = _both(self._known.packed)
        pairs = self._known.packed[home[one] != home[two]]
        scores = _likeness(self._evidence(pairs))
        best = np.lexsort((pairs, -scores))[:shown]
        ends = zip(*(column[best].tolist() for column in _both(pairs)), strict=True)
        return [(*pair, score) for pair, score in zip(ends, scores[best].tolist(), strict=True)]

    def _unsettled(
        self, pairs: np.ndarray, seen: np.ndarray, canonical: dict[int, int], threshold: float
    ) -> np.ndarray:
        """Pairs of canonical copies of which nothing was known, or only that what is known of them is alike.

        Where there are more copies than candidates, most pairs of two groups were never compared.
        """
        import numpy as np

        home = np.arange(len(self._sizes))
        home[list(canonical)] = list(canonical.values())
        one, two = (home[column] for column in _both(seen))
        ends = (np.minimum(one, two) << 32) | np.maximum(one, two)
        wanted = np.isin(ends, pairs) & (one != two)
        between: dict[int, list[float]] = {}
        scores = self._evidence(seen[wanted]).resemblance.tolist()
        for pair, said in zip(ends[wanted].tolist(), scores, strict=True):
            between.setdefault(pair, []).append(said)
        sizes = Counter(canonical.values())

        def is_open(pair: int) -> bool:
            known = between.get(pair, [])
            all_pairs = (1 + sizes[pair >> 32]) * (1 + sizes[pair & 0xFFFFFFFF])
            return 2 * len(known) < all_pairs and sum(known) >= threshold * len(known)

        return pairs[[is_open(pair) for pair in pairs.tolist()]]

    def _completed(self, pairs: np.ndarray, drawn: Candidates, threshold: float) -> np.ndarray:
        """The pairs with those that nothing is known of and groups hang on, ascending.

        What holds a document whole is asked of all its candidates: one that several texts hold is none of them.
        """
        import numpy as np

        said = self._evidence(pairs)
        is_held = np.zeros(len(self._sizes), bool)
        ends = np.column_stack(_both(pairs))
        is_held[ends[(said.own >= threshold) & (said.resemblance < threshold)[:, None]]] = True
        asked = (is_held[drawn.one] | is_held[drawn.two]) & (drawn.two >= self._reference)
        pairs = np.union1d(pairs, ((drawn.one << 32) | drawn.two)[asked])
        while True:
            missing = unknown(np.column_stack(_both(pairs)), self._evidence(pairs), threshold)
            if not missing:
                return pairs
            pairs = np.union1d(pairs, _packed(missing))

    def _promising(self, drawn: Candidates) -> np.ndarray:
        """The candidates that are worth an alignment, of which at least one may go.

        A document's best ones first, and then as many again for as long as they are at all alike: where all
        share one form, or one passage, there are many candidates and no copies.
        """
        import numpy as np

        is_left = drawn.two >= self._reference
        turn = _turns(drawn, len(self._sizes))
        packed = (drawn.one << 32) | drawn.two
        taken = np.zeros(len(packed), bool)
        hopeful = np.ones(len(self._sizes), bool)
        tried = TRIED
        while is_left.any():
            now = is_left & (turn < tried) & (hopeful[drawn.one] | hopeful[drawn.two])
            scores = _standing(self._evidence(packed[now])).max(axis=1, initial=0.0)
            hopeful[:] = False
            for column in (drawn.one, drawn.two):
                hopeful[column[now][scores >= _HOPE]] = True
            taken |= now
            is_left &= (turn >= tried) & (hopeful[drawn.one] | hopeful[drawn.two])
            tried *= 2
        return np.sort(packed[taken])

    def _evidence(self, packed: np.ndarray) -> Evidence:
        """What is known of pairs, the lower number in the higher half; what is not known yet is aligned."""
        import numpy as np

        missing = self._known.missing(packed)
        if len(missing):
            fresh = of_zeros("f8", len(missing) * 6).reshape(-1, 6)
            for begin in range(0, len(missing), _ALIGNED):
                some = missing[begin : begin + _ALIGNED]
                said = evidence(self._starts, self._keys, self._grams, *_both(some))
                fresh[begin : begin + len(some)] = np.column_stack(said)
            self._known.add(missing, fresh)
        columns = self._known.of(packed)
        return Evidence(columns[:, :2], columns[:, 2:4], columns[:, 4], columns[:, 5] > 0)

    def _choose(self, found: list[list[int]], canonical: dict[int, int], threshold: float) -> int:
        """Choose in each group; ``canonical`` gets its members. Returns how many there are."""
        members: dict[int, list[int]] = {}
        for member, kept in canonical.items():
            members.setdefault(kept, []).append(member)
        pending = []
        for group in found:
            everyone = [*group, *(member for kept in group for member in members.get(kept, ()))]
            for document in everyone:
                canonical.pop(document, None)
            pending.append(sorted(everyone, key=self._place.__getitem__))
        count = 0
        for _ in range(_CHOICES):
            pairs = [(group[0], other) for group in pending for other in group[1:]]
            pairs = [pair for pair in pairs if pair[1] >= self._reference]
            taken = self._stood_for(pairs, threshold)
            canonical.update((member, kept) for kept, member in taken)
            gone = {member for _, member in taken}
            count += len(taken)
            pending = [[other for other in group[1:] if other not in gone] for group in pending]
            pending = [group for group in pending if len(group) > 1]
        return count

    def _stood_for(self, pairs: list[Pair], threshold: float) -> list[Pair]:
        """Those pairs of a canonical copy and a member in which it can stand for the member."""
        said = self._evidence(_packed(pairs))
        scores = _standing(said)
        sides = [int(member > kept) for kept, member in pairs]
        return [pair for at, pair in enumerate(pairs) if scores[at, sides[at]] >= threshold]

    def _result(
        self, canonical: dict[int, int], threshold: float, begun: int, cut: int
    ) -> Clusters:
        """The clusters as columns, with the documents that are equal to one of them."""
        import numpy as np

        pairs = sorted((kept, member) for member, kept in canonical.items())
        said = self._evidence(_packed(pairs))
        side = np.array([int(member > kept) for kept, member in pairs], np.int64)
        at = np.arange(len(pairs))
        rows = {
            member: (kept, score, overlap, confidence)
            for (kept, member), score, overlap, confidence in zip(
                pairs,
                said.share.mean(axis=1).tolist(),
                said.share[at, side].tolist(),
                _standing(said)[at, side].tolist(),
                strict=True,
            )
        }
        alike = np.flatnonzero(self._stands_for != np.arange(len(self._stands_for)))
        for member in alike[alike >= self._reference].tolist():
            same = int(self._stands_for[member])
            rows[member] = rows.get(same, (same, 1.0, 1.0, 1.0))
        order = sorted(rows, key=lambda member: (rows[member][0], member))
        columns = np.array([rows[member] for member in order], np.float64).reshape(-1, 4)
        return Clusters(
            np.array(order, np.int64),
            columns[:, 0].astype(np.int64),
            columns[:, 1],
            columns[:, 2],
            columns[:, 3],
            begun,
            self._known.aligned,
            cut,
        )


class _Known:
    """What was learnt about pairs, six figures each: by the pair as one number, in ascending order."""

    def __init__(self) -> None:
        import numpy as np

        self.packed = np.empty(0, np.int64)
        self._rows = np.empty((0, 6))

    def missing(self, packed: np.ndarray) -> np.ndarray:
        """Those of the pairs of which nothing is known, ascending, each once."""
        import numpy as np

        found = np.sort(packed)
        found = found[np.diff(found, prepend=-1) != 0]
        if len(self.packed):
            at = np.minimum(np.searchsorted(self.packed, found), len(self.packed) - 1)
            found = found[self.packed[at] != found]
        missing: np.ndarray = found
        return missing

    def add(self, packed: np.ndarray, rows: np.ndarray) -> None:
        """Of pairs of which nothing was known."""
        import numpy as np

        at = np.searchsorted(self.packed, packed)
        new = np.zeros(len(self.packed) + len(packed), bool)
        new[at + np.arange(len(at))] = True
        self.packed = _put_in(self.packed, packed, new)
        self._rows = _put_in(self._rows, rows, new)

    def of(self, packed: np.ndarray) -> np.ndarray:
        """P x 6: what is known of pairs, in a file if they are many."""
        import numpy as np

        if len(packed) == len(self.packed) and np.array_equal(packed, self.packed):
            return self._rows
        at = np.searchsorted(self.packed, packed)
        found: np.ndarray = self._rows[at] if len(at) < _ALIGNED else taken(self._rows, at)
        return found

    @property
    def aligned(self) -> int:
        """How many of them were compared letter by letter."""
        return int(self._rows[:, 5].sum())


def _put_in(column: np.ndarray, more: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The column, in a file, with ``more`` rows where ``new`` says so."""
    found = of_zeros(column.dtype.str, len(new) * math.prod(column.shape[1:]))
    found = found.reshape(len(new), *column.shape[1:])
    found[new], found[~new] = more, column
    return found


def _both(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return packed >> 32, packed & 0xFFFFFFFF


def _packed(pairs: Iterable[Pair]) -> np.ndarray:
    """int64: pairs as one number each, the lower document in the higher half."""
    import numpy as np

    return np.array([(min(pair) << 32) | max(pair) for pair in pairs], np.int64)


def _turns(drawn: Candidates, count: int) -> np.ndarray:
    """int32, for each pair: how many better ones that of its ``count`` documents has that has fewer of them.

    Documents are looked at in parts: pairs are in order of the lower one, those of the higher one are looked up.
    """
    import numpy as np

    turn = np.full(len(drawn.one), np.iinfo(np.int32).max, np.int32)
    before = np.searchsorted(drawn.one, np.arange(count + 1))
    sizes = np.diff(before) + np.bincount(drawn.two, minlength=count)
    for low, high in pairwise(cuts(sizes, _ALIGNED * 4)):
        mine = np.arange(before[low], before[high])
        theirs = np.flatnonzero((drawn.two >= low) & (drawn.two < high))
        pair = np.concatenate([mine, theirs])
        document = np.concatenate([drawn.one[mine], drawn.two[theirs]])
        order = np.lexsort((pair, -drawn.bits[pair], document))
        begin, _ = bounds(document[order])
        np.minimum.at(turn, pair[order], (np.arange(len(order)) - begin).astype(np.int32))
    return turn


def _partners(drawn: Candidates) -> np.ndarray:
    """How many candidates each document has; documents after the last one that has any are left out."""
    import numpy as np

    return np.bincount(np.concatenate([drawn.one, drawn.two]))


def _likeness(said: Evidence) -> np.ndarray:
    """P: how much speaks for one group of both."""
    import numpy as np

    likeness: np.ndarray = np.maximum(said.resemblance, said.own.max(axis=1, initial=0.0))
    return likeness


def _standing(said: Evidence) -> np.ndarray:
    """P x 2: how well the other document, if it is of one group with it, can stand for each of a pair."""
    import numpy as np

    standing: np.ndarray = np.maximum(said.share.mean(axis=1)[:, None], said.own)
    return standing


def _equal(starts: np.ndarray, keys: np.ndarray, place: np.ndarray) -> np.ndarray:
    """For each document the preferred one of those with the same letters; without letters, itself."""
    import numpy as np

    first = equals.first_rows(keys, starts)
    preferred = np.empty(len(place), np.int64)
    last_first = np.argsort(place)[::-1]
    preferred[first[last_first]] = (
        last_first  # of those with the same letters the last one written stays
    )
    stands_for = taken(preferred, first)
    empty = np.flatnonzero(np.diff(starts) == 0)
    stands_for[empty] = empty
    return stands_for
