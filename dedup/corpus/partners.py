"""Shared grams -> pairs of documents worth a closer look, and where they share what.

Each gram is linked to a few places, however many hold it, so the number of links grows with the text alone:
to its first owners, where the text that stays is, and to the nearest documents before. Links on neighbouring
diagonals make a stretch. A pair goes on if its stretches are long and rare enough for a block, or if one covers
much of a paragraph, on either side, as a teaser does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.shared import GRAM, HUBS, Shared
from dedup.corpus.sheets import ROLES
from dedup.corpus.spill import Places
from dedup.engine.split import PROSE

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

NEAREST = 2
"""Documents before it that a gram is linked to, beside its first owners."""
RARE = 8
"""Owners up to which a gram counts in full; beyond, as the square root of their share: what many say is
common, and has to be longer to say something."""
COMMON = 0.15
"""What it counts in a block at least: a long story is one in a thousand documents too. A teaser is short."""
MAX_SHIFT = 600
"""Bytes by which neighbouring links may lie on other diagonals."""
MAX_GAP = 1500
"""Bytes between neighbouring links."""
MIN_LINKS = 3
"""Links of a stretch: fewer are a phrase."""
BLOCK_WEIGHT = 12.0
"""Rare links of the stretches of a pair from which they may be a block: about 160 letters misread in places,
or twice that at 5 %."""
TEASER_LINKS, TEASER_WEIGHT = 4, 3.0
TEASER_COVER = 0.5
"""Share of a paragraph from the first to the last link of a stretch from which it may be contained."""
MIN_TEASER = 60
"""Bytes of its letters, at least."""
INSIDE = 0.8
"""Share of a paragraph that is less than all of it: otherwise two paragraphs are near copies."""
MAX_PARTNERS = 16
"""Earlier documents that one document is aligned with, and one more for each of its paragraphs or as many bytes of
letters as ``_PARAGRAPH``; the best."""
_PARAGRAPH = 500
_ROWS = 1 << 18
"""Rows that are put in order in one go."""
_LINKS = 1 << 14
"""Grams whose links are looked at together, so that memory does not grow with their number."""


class Pair(NamedTuple):
    """Two documents and the places of the grams that they share."""

    later: int
    earlier: int
    later_at: np.ndarray
    """int64: first bytes in ``Corpus.keys``, ascending."""
    earlier_at: np.ndarray
    """int64: where the same stands in the earlier document."""
    rarity: float
    """Weight of the links / their number, 0-1."""

    @property
    def weight(self) -> float:
        """That of all links."""
        return self.rarity * len(self.later_at)

    def only(self, is_left: np.ndarray) -> Pair:
        """The same with some of the links."""
        return self._replace(later_at=self.later_at[is_left], earlier_at=self.earlier_at[is_left])


@dataclass
class Cut:
    """What limits cut off."""

    partners: int = 0
    """Pairs of documents beyond ``MAX_PARTNERS``."""


class _Links(NamedTuple):
    """One row for each gram of a later document and each place it is linked to; by pair, then place."""

    later: np.ndarray
    """Order of the later document, and so on."""
    earlier: np.ndarray
    later_at: np.ndarray
    earlier_at: np.ndarray
    weight: np.ndarray


def pairs(
    corpus: Corpus,
    shared: Shared,
    documents: np.ndarray,
    owner: np.ndarray,
    reference: int,
    cut: Cut,
    memory: int,
) -> Iterator[Pair]:
    """Pairs that may hold a passage, by the order of the later document, then of the earlier one.

    ``documents``: their numbers in canonical order. ``owner`` as for ``shared``. Of the first ``reference``
    documents none is compared with another. What limits cut off is added to ``cut``. ``memory``: bytes that sorting
    may take; it changes nothing else.
    """
    import numpy as np

    count = len(documents)
    last = _last_leading(shared, reference) if reference else None
    placed = Places.of_parts(_by_order(shared), len(shared.at), count, memory)
    low = reference
    while low < count:
        high = max(low + 1, int(placed.first.searchsorted(placed.first[low] + _LINKS)))
        high = min(high, count)
        rows = placed.of(low, high)
        rows = rows[np.lexsort((shared.at[rows], shared.order[rows]))]
        links = _links(shared, rows, owner[documents], last)
        yield from _worth_it(corpus, links, documents, cut)
        low = high


def _by_order(shared: Shared) -> Iterator[np.ndarray]:
    """Order of the document and number of each row, packed."""
    import numpy as np

    for begin in range(0, len(shared.order), _ROWS):
        order = shared.order[begin : begin + _ROWS].astype(np.uint64)
        yield (order << np.uint64(32)) | np.arange(begin, begin + len(order), dtype=np.uint64)


def _last_leading(shared: Shared, reference: int) -> np.ndarray:
    """int64, a gram: the row after its last one in the first ``reference`` documents."""
    import numpy as np

    if not len(shared.begin):
        return np.empty(0, np.int64)
    leading = np.add.reduceat(shared.order < reference, shared.begin, dtype=np.int64)
    last: np.ndarray = shared.begin + leading
    return last


def _links(shared: Shared, rows: np.ndarray, owner: np.ndarray, last: np.ndarray | None) -> _Links:
    """The links of some rows, which are sorted by order and place. ``owner`` here by order. ``last``: for each gram
    the row from which on none is linked to, if that is not the row itself."""
    import numpy as np

    gram = shared.gram[rows]
    begin = shared.begin[gram]
    nearest = rows if last is None else np.minimum(rows, last[gram])
    places, targets = [], []
    for step in range(1, NEAREST + 1):
        has = np.flatnonzero(nearest - step >= begin)
        places.append(has)
        targets.append(nearest[has] - step)
    for hub in range(HUBS):
        target = shared.hubs[gram, hub]
        has = np.flatnonzero((target >= 0) & (target < nearest - NEAREST))
        places.append(has)
        targets.append(target[has])
    place, target = np.concatenate(places), np.concatenate(targets)
    mine = rows[place]
    others = owner[shared.order[mine]] != owner[shared.order[target]]
    place, target, mine = place[others], target[others], mine[others]
    later, earlier = shared.order[mine], shared.order[target]
    by_pair = np.lexsort((place, (later.astype(np.int64) << 32) | earlier))
    mine, target = mine[by_pair], target[by_pair]
    weight = np.minimum(1.0, np.sqrt(RARE / shared.owners[shared.gram[mine]]))
    return _Links(later[by_pair], earlier[by_pair], shared.at[mine], shared.at[target], weight)


def _worth_it(corpus: Corpus, links: _Links, documents: np.ndarray, cut: Cut) -> Iterator[Pair]:
    """The pairs of these links that may hold a passage."""
    import numpy as np

    if not len(links.later):
        return
    is_new = np.ones(len(links.later), bool)
    is_new[1:] = (np.diff(links.later) != 0) | (np.diff(links.earlier) != 0)
    begins = np.flatnonzero(is_new)
    weight, is_teaser = _stretches(corpus, links, is_new)
    weight = np.maximum.reduceat(_of_region(links, weight, is_new), begins)
    passed = np.flatnonzero((weight >= BLOCK_WEIGHT) | np.logical_or.reduceat(is_teaser, begins))
    passed = _best(links.later[begins[passed]], weight[passed], passed, corpus, documents, cut)
    ends = np.append(begins[1:], len(is_new))
    for at in passed.tolist():
        part = slice(begins[at], ends[at])
        yield Pair(
            int(documents[links.later[begins[at]]]),
            int(documents[links.earlier[begins[at]]]),
            links.later_at[part],
            links.earlier_at[part],
            max(COMMON, float(links.weight[part].mean())),
        )


def _of_region(links: _Links, weight: np.ndarray, is_new: np.ndarray) -> np.ndarray:
    """For each link the weight of all links of its pair that follow each other without a long gap."""
    import numpy as np

    breaks = is_new.copy()
    breaks[1:] |= np.diff(links.later_at) > MAX_GAP
    begins = np.flatnonzero(breaks)
    sizes = np.diff(np.append(begins, len(breaks)))
    regions: np.ndarray = np.repeat(np.add.reduceat(weight, begins), sizes)
    return regions


def _stretches(corpus: Corpus, links: _Links, is_new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each link its weight, if its stretch has enough of them; and whether one begins there that may be a
    teaser, on either side."""
    import numpy as np

    shift = links.later_at - links.earlier_at
    breaks = is_new.copy()
    breaks[1:] |= np.abs(np.diff(shift)) > MAX_SHIFT
    breaks[1:] |= np.diff(links.later_at) > MAX_GAP
    begins = np.flatnonzero(breaks)
    sizes = np.diff(np.append(begins, len(breaks)))
    weights = np.add.reduceat(links.weight, begins)
    weight = np.maximum(COMMON, links.weight)
    counted = np.where(np.repeat(sizes >= MIN_LINKS, sizes), weight, 0.0)
    is_teaser = np.zeros(len(breaks), bool)
    long = np.flatnonzero((sizes >= TEASER_LINKS) & (weights >= TEASER_WEIGHT))
    first, last = begins[long], begins[long] + sizes[long] - 1
    is_teaser[first] = _are_teasers(corpus, links.later_at, links.earlier_at, first, last)
    is_teaser[first] |= _are_teasers(corpus, links.earlier_at, links.later_at, first, last)
    return counted, is_teaser


def _are_teasers(
    corpus: Corpus, mine: np.ndarray, other: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Whether much of a paragraph lies between two links, and both opposite in a single longer one."""
    import numpy as np

    starts = corpus.key_start
    row = starts.searchsorted(mine[first], "right") - 1
    opposite = starts.searchsorted(other[first], "right") - 1
    size, longer = starts[row + 1] - starts[row], starts[opposite + 1] - starts[opposite]
    is_one: np.ndarray = (other[last] < starts[opposite + 1]) & (other[last] >= starts[opposite])
    is_one &= (size >= MIN_TEASER) & (size < INSIDE * longer)
    is_one &= np.abs(mine[last] - mine[first]) + GRAM >= TEASER_COVER * size
    prose = ROLES.index(PROSE)
    is_one &= (corpus.role[row] == prose) & (corpus.role[opposite] == prose)
    return is_one


def _best(
    later: np.ndarray,
    weight: np.ndarray,
    passed: np.ndarray,
    corpus: Corpus,
    documents: np.ndarray,
    cut: Cut,
) -> np.ndarray:
    """Of the pairs of each later document the heaviest, as many as it may have; in the order they came in."""
    import numpy as np

    by_weight = np.lexsort((passed, -weight, later))
    ordered = later[by_weight]
    rank = np.arange(len(ordered)) - ordered.searchsorted(ordered)
    number = documents[ordered]
    first, stop = corpus.first[number], corpus.first[number + 1]
    size = corpus.key_start[stop] - corpus.key_start[first]
    most = MAX_PARTNERS + np.maximum(stop - first, size // _PARAGRAPH)
    cut.partners += int((rank >= most).sum())
    best: np.ndarray = np.sort(passed[by_weight[rank < most]])
    return best
