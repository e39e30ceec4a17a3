"""Candidates -> who is a copy of whom: compared best first, in rounds, until nothing is left to compare.

A copy hangs on one that stays, and was compared with it; where the best candidate is a copy itself, what that is a
copy of is tried in its place. All that is found is decided anew after each round, first come first served.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import filed, starts_of

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.pairs import Candidates

    Compare = Callable[[np.ndarray, np.ndarray], np.ndarray]

TRIES = 24
"""Failures after which a member is given up, at most."""
LETTERS = 48_000
"""Letters of a member that are compared in vain, about: comparing two keys costs the product of their lengths."""
_ROUNDS = (1, 2, 4, 8, 16)
"""How many more candidates of a member are looked at in each round; the last goes on."""
_SWEEPS = 40
"""Chains of so many members are decided in numpy, what hangs on longer ones one by one."""


class Settled(NamedTuple):
    """What was found about M members, the pairs that were compared, and what the caps cut off."""

    kept: np.ndarray
    """int32, M: what each is a copy of, itself where it stays."""
    score: np.ndarray
    """float64, M: how alike both are, 1.0 where it stays."""
    compared: int
    given_up: int
    """Members that stay though they had more candidates: so many had failed."""


class _Pairs:
    """What was compared: pairs packed in one number, sorted, so that none is compared twice."""

    def __init__(self) -> None:
        import numpy as np

        self._tried = np.empty(0, np.int64)
        self.later = self.earlier = np.empty(0, np.int32)
        self.score = np.empty(0)

    def new(self, later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
        """Packed pairs that were not compared yet, ascending, each once."""
        import numpy as np

        packed: np.ndarray = np.sort((later << 32) | earlier)
        packed = packed[np.diff(packed, prepend=-1) != 0]
        if len(self._tried):
            at = np.minimum(np.searchsorted(self._tried, packed), len(self._tried) - 1)
            packed = packed[self._tried[at] != packed]
        return packed

    def add(self, packed: np.ndarray, score: np.ndarray) -> None:
        """The scores of new pairs; 0.0 is a failure."""
        import numpy as np

        self._tried = filed(np.sort(np.concatenate([self._tried, packed])))
        good = score > 0
        later = np.concatenate([self.later, (packed[good] >> 32).astype(np.int32)])
        earlier = np.concatenate([self.earlier, packed[good].astype(np.uint32).view(np.int32)])
        score = np.concatenate([self.score, score[good]])
        order = np.lexsort((earlier, -score, later))
        self.later, self.earlier, self.score = (
            filed(column[order]) for column in (later, earlier, score)
        )

    def __len__(self) -> int:
        return len(self._tried)


def settle(candidates: Candidates, lengths: np.ndarray, compare: Compare) -> Settled:
    """Decide about M members with keys of ``lengths``. ``compare`` scores pairs, 0.0 where they are no copies."""
    import numpy as np

    count = len(lengths)
    tries = np.clip(LETTERS / np.maximum(lengths, 1), 2, TRIES).astype(np.int16)
    begin = _begins(candidates.later, count)
    offered = np.diff(begin).astype(np.int32)
    seen = np.zeros(count, np.int32)
    failures = np.zeros(count, np.int16)
    own = np.arange(count, dtype=np.int32)
    kept = own
    pairs = _Pairs()
    turn = 0
    while True:
        waiting = np.flatnonzero((kept == own) & (offered > 0) & (failures < tries))
        was_all = bool((seen[waiting] == offered[waiting]).all())
        more = _ROUNDS[min(turn, len(_ROUNDS) - 1)]
        seen[waiting] = np.minimum(seen[waiting] + more, offered[waiting])
        packed = pairs.new(*_offered(candidates, waiting, begin[waiting], seen[waiting], kept))
        if not len(packed) and was_all:
            break
        turn += 1
        found = compare(packed >> 32, packed & 0xFFFFFFFF)
        np.add.at(failures, (packed >> 32)[found <= 0], np.int16(1))
        pairs.add(packed, found)
        kept, _ = _decided(pairs, count)
    left = (kept == own) & (failures >= tries) & (seen < offered)
    return Settled(*_decided(pairs, count), len(pairs), int(left.sum()))


def _begins(later: np.ndarray, count: int) -> np.ndarray:
    """int64, ``count`` + 1: where the candidates of each member begin."""
    import numpy as np

    return starts_of(np.bincount(later, minlength=count))


def _offered(
    candidates: Candidates,
    waiting: np.ndarray,
    begin: np.ndarray,
    counts: np.ndarray,
    kept: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Those that wait with each of the first ``counts`` of their candidates, or what that is a copy of."""
    import numpy as np

    ends = np.cumsum(counts)
    at = np.arange(int(counts.sum())) + np.repeat(begin - ends + counts, counts)
    return np.repeat(waiting, counts), kept[candidates.earlier[at]]


def _decided(pairs: _Pairs, count: int) -> tuple[np.ndarray, np.ndarray]:
    """What each member is a copy of, and its score: of its pairs the best whose other side stays."""
    import numpy as np

    stays = _staying(pairs, count)
    kept, score = np.arange(count, dtype=np.int32), np.ones(count)
    good = np.flatnonzero(stays[pairs.earlier] & ~stays[pairs.later])
    good = good[np.diff(pairs.later[good], prepend=-1) != 0]
    kept[pairs.later[good]], score[pairs.later[good]] = pairs.earlier[good], pairs.score[good]
    return kept, score


def _staying(pairs: _Pairs, count: int) -> np.ndarray:
    """bool, M: whether none of the members that it was found to be a copy of stays, asked of the first first."""
    import numpy as np

    goes, stays, unknown = np.int8(0), np.int8(1), np.int8(2)
    state = np.full(count, stays)
    state[pairs.later] = unknown
    later, earlier = pairs.later, pairs.earlier
    for _ in range(_SWEEPS):
        if not len(later):
            break
        said = state[earlier]
        may_stay = np.ones(count, bool)
        may_stay[later[said != goes]] = False
        state[later[may_stay[later]]] = stays
        state[later[said == stays]] = goes
        left = state[later] == unknown
        later, earlier = later[left], earlier[left]
    for one, two in zip(later.tolist(), earlier.tolist(), strict=True):
        if state[one] == unknown:
            state[one] = stays
        if state[two] == stays:
            state[one] = goes
    staying: np.ndarray = state == stays
    return staying
