"""Grams -> pairs of members worth comparing. The work is bounded for each member, never by dropping common grams.

Each member spends a budget of pairs, on its rarest grams first. In a large group it meets its neighbours in order of
length, and the members that would stay before others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import against
from dedup.corpus.filed import of_zeros
from dedup.corpus.grams import PLACE_BITS, Grams, Members, overlap
from dedup.corpus.pairs import Candidates, Pairs

if TYPE_CHECKING:
    import numpy as np

BUDGET = 96
"""Pairs a member is good for in one pass."""
WINDOW = 32
"""Neighbours to each side that a member meets in a group, at most."""
SIZES = 16
"""Groups are told apart by the logarithm of their size, up to this."""
USUAL = 0.85
"""The threshold that the two figures below are for."""
OVERLAP = 0.2
"""Share of the smaller bitmap that both must have: unrelated keys have .1 in common, copies of which every tenth
letter differs .3, give or take .1."""
SURE = 0.5
"""Overlap from which one shared gram is enough."""
_HUBBED = 16
"""Groups larger than this also pair with their first members."""


class Groups(NamedTuple):
    """The entries of one partition whose gram more than one member has, and each member once."""

    member: np.ndarray
    """int32."""
    place: np.ndarray
    """float32: where in its key the gram stands, 0.0-1.0."""
    begin: np.ndarray
    """int64: for each entry the first entry of its group."""
    end: np.ndarray
    """int64: for each entry the end of its group."""


class Found(NamedTuple):
    """The candidates of all members, and what the caps cut off."""

    candidates: Candidates
    cut_off: int
    """Candidates beyond those that are kept of one member."""
    crowded: int
    """Members even whose rarest gram more members have than their budget pays for: they met some of them."""
    missed: int
    """Members with that gram whom these did not meet."""


def find(grams: Grams, members: Members, bounds: Bounds) -> Found:
    """The candidates of all members."""
    import numpy as np

    count = len(members.rows)
    histogram = of_zeros("u1", count * SIZES)
    for partition in range(grams.entries.count):
        entries = shared_only(grams, partition)
        groups = groups_of(grams, entries)
        if bounds.reference:
            entries = entries[against.are_mixed(groups, bounds.reference)]
            groups = groups_of(grams, entries)
            found = against.opposed(groups, members.lengths, bounds.reference)
            member, sizes = groups.member[found.others], sizes_of(found.begin, found.end + 1)
        else:
            member, sizes = groups.member, sizes_of(groups.begin, groups.end)
        grams.entries.add(partition, entries)
        np.add.at(histogram, member * np.int64(SIZES) + sizes, np.uint8(1))
    spending = spend(histogram.reshape(count, SIZES), BUDGET)
    del histogram
    pairs = Pairs(grams.bitmaps, bounds.sure)
    missed = 0
    for partition in range(grams.entries.count):
        groups = groups_of(grams, grams.entries.take(partition))
        pairs_in = pairs_against if bounds.reference else pairs_of
        offered, unmet = pairs_in(groups, spending, members, grams.bitmaps, bounds)
        pairs.add(offered)
        missed += unmet
    crowded = int(np.count_nonzero(spending.is_crowded))
    return Found(pairs.best(), pairs.cut_off, crowded, missed)


def shared_only(grams: Grams, partition: int) -> np.ndarray:
    """The entries of a partition, sorted, without grams that one member has alone, each member once in each."""
    import numpy as np

    entries = np.sort(grams.entries.take(partition))
    hashes = entries >> np.uint64(grams.member_bits + PLACE_BITS)
    owner = entries >> np.uint64(PLACE_BITS)
    once = np.ones(len(entries), bool)
    once[1:] = owner[1:] != owner[:-1]
    entries, hashes = entries[once], hashes[once]
    same = hashes[1:] == hashes[:-1]
    shared = np.zeros(len(entries), bool)
    shared[1:] = same
    shared[:-1] |= same
    return entries[shared]


def groups_of(grams: Grams, entries: np.ndarray) -> Groups:
    """What ``shared_only`` gave, read."""
    import numpy as np

    low = np.uint64((1 << PLACE_BITS) - 1)
    rest = entries >> np.uint64(PLACE_BITS)
    member = (rest & np.uint64((1 << grams.member_bits) - 1)).astype(np.int32)
    place = ((entries & low).astype(np.float32) + np.float32(0.5)) / np.float32(1 << PLACE_BITS)
    hashes = rest >> np.uint64(grams.member_bits)
    begins = np.flatnonzero(np.diff(hashes, prepend=~hashes[:1]))
    sizes = np.diff(begins, append=len(hashes))
    return Groups(member, place, np.repeat(begins, sizes), np.repeat(begins + sizes, sizes))


def sizes_of(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """uint8: the size class of groups: how often they can be halved."""
    import numpy as np

    classes = np.frexp((end - begin).astype(np.float32))[1] - 1
    capped: np.ndarray = np.minimum(classes, SIZES - 1).astype(np.uint8)
    return capped


class Spending(NamedTuple):
    """What each member spends its budget on: all of its groups below a size class, and part of those in it."""

    upto: np.ndarray
    """uint8, M: the class where the budget ends."""
    window: np.ndarray
    """uint8, M: how many neighbours to each side it pays for in groups of that class."""
    is_crowded: np.ndarray
    """bool, M: whether the budget ends in the first class it has groups of."""


def spend(histogram: np.ndarray, budget: int) -> Spending:
    """Rarest first. ``histogram`` is uint8, M x SIZES: of how many groups of each class a member is."""
    import numpy as np

    left = np.full(len(histogram), budget, np.int32)
    upto = np.full(len(histogram), SIZES, np.uint8)
    window = np.zeros(len(histogram), np.uint8)
    crowded = np.zeros(len(histogram), bool)
    for size in range(SIZES):
        count = histogram[:, size].astype(np.int32)
        cost = count * min(3 << size >> 1, 2 * WINDOW)
        ends = (upto == SIZES) & (cost > left)
        crowded |= ends & (left == budget)
        upto[ends] = size
        window[ends] = np.minimum(-(-left[ends] // (2 * count[ends])), WINDOW)
        left -= cost
    return Spending(upto, window, crowded)


class Bounds(NamedTuple):
    """What two keys must satisfy to be worth comparing."""

    threshold: float
    reference: int
    """The first so many members are never copies, and the others are copies of them alone; 0: each of any."""

    @property
    def overlap(self) -> float:
        """The least overlap of bitmaps. The lower the threshold, the less copies need to share."""
        return max(0.0, OVERLAP - 2 * self._below)

    @property
    def sure(self) -> float:
        """The overlap from which one shared gram is enough."""
        return max(0.0, SURE - 3 * self._below)

    @property
    def _below(self) -> float:
        return max(0.0, USUAL - self.threshold)


def pairs_of(
    groups: Groups, spending: Spending, members: Members, bitmaps: np.ndarray, bounds: Bounds
) -> tuple[np.ndarray, int]:
    """uint64: the later and the earlier member of pairs that pass the bounds, once for each gram they share; and
    how many the crowded members did not meet."""
    import numpy as np

    sizes = sizes_of(groups.begin, groups.end)
    windows = _windows(spending, groups.member, sizes)
    crowded = spending.is_crowded[groups.member] & (sizes == spending.upto[groups.member])
    others = int((groups.end - groups.begin - 1)[crowded].sum())
    crowded = crowded[windows > 0]
    groups, windows = _active(groups, windows)
    order = _by_length(groups, members.lengths)
    groups = groups._replace(member=groups.member[order], place=groups.place[order])
    windows = windows[order]
    found = [np.empty(0, np.uint64)]
    at = np.arange(len(groups.member))
    for step in range(1, WINDOW + 1):
        at = at[groups.end[at] - at > step]
        if not len(at):
            break
        paid = at[np.maximum(windows[at], windows[at + step]) >= step]
        found.append(_passing(groups, paid, paid + step, members, bitmaps, bounds))
    large = np.flatnonzero((groups.end - groups.begin > _HUBBED) & (windows > 0))
    hubs = _hubs(groups)[large]
    found.append(_passing(groups, large, hubs, members, bitmaps, bounds))
    met = _met(groups, windows, np.flatnonzero(crowded[order])) if others else 0
    return np.concatenate(found), others - met


def _windows(spending: Spending, member: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How many neighbours to each side members meet in groups of these sizes."""
    import numpy as np

    mine = spending.upto[member]
    windows: np.ndarray = np.where(
        sizes < mine, WINDOW, np.where(sizes == mine, spending.window[member], 0)
    )
    return windows


def pairs_against(
    groups: Groups, spending: Spending, members: Members, bitmaps: np.ndarray, bounds: Bounds
) -> tuple[np.ndarray, int]:
    """The same where members are compared with those of the reference alone."""
    import numpy as np

    opposed = against.opposed(groups, members.lengths, bounds.reference)
    member, sizes = groups.member[opposed.others], sizes_of(opposed.begin, opposed.end + 1)
    windows = _windows(spending, member, sizes)
    crowded = spending.is_crowded[member] & (sizes == spending.upto[member])
    unmet = int((opposed.end - opposed.begin)[crowded].sum())
    found = [np.empty(0, np.uint64)]
    for step in range(1, WINDOW + 1):
        for rows, others in against.neighbours(opposed, step):
            paid = windows[rows] >= step
            rows, others = rows[paid], others[paid]
            found.append(_passing(groups, opposed.others[rows], others, members, bitmaps, bounds))
            unmet -= int(np.count_nonzero(crowded[rows]))
    large = opposed.others[(opposed.end - opposed.begin >= _HUBBED) & (windows > 0)]
    found.append(_passing(groups, large, _hubs(groups)[large], members, bitmaps, bounds))
    return np.concatenate(found), unmet


def _met(groups: Groups, windows: np.ndarray, entries: np.ndarray) -> int:
    """How many neighbours these entries meet; the first of a group, whom all of it meet, is not one of them."""
    import numpy as np

    met = 0
    for step in range(1, WINDOW + 1):
        for one, two in (
            (entries, entries + step),
            (entries, entries - step),
        ):
            there = (two < groups.end[one]) & (two >= groups.begin[one])
            one, two = one[there], two[there]
            met += int(np.count_nonzero(np.maximum(windows[one], windows[two]) >= step))
    return met


def _active(groups: Groups, windows: np.ndarray) -> tuple[Groups, np.ndarray]:
    """The entries that are paid for."""
    import numpy as np

    paid = windows > 0
    before = np.concatenate([[0], np.cumsum(paid)])
    begin, end = before[groups.begin[paid]], before[groups.end[paid]]
    return Groups(groups.member[paid], groups.place[paid], begin, end), windows[paid]


def _by_length(groups: Groups, lengths: np.ndarray) -> np.ndarray:
    """The order of entries: in groups too large for a window by length, else as they are, by member."""
    import numpy as np

    order = np.arange(len(groups.member))
    large = np.flatnonzero(groups.end - groups.begin > WINDOW)
    if len(large):
        member = groups.member[large]
        order[large] = large[np.lexsort((member, lengths[member], groups.begin[large]))]
    return order


def _hubs(groups: Groups) -> np.ndarray:
    """For each entry the entry of the first member of its group."""
    import numpy as np

    begins = np.flatnonzero(groups.begin == np.arange(len(groups.begin)))
    if not len(begins):
        return groups.begin
    packed = (groups.member.astype(np.int64) << 32) | np.arange(len(groups.member))
    least = np.minimum.reduceat(packed, begins) & ((1 << 32) - 1)
    return np.repeat(least, groups.end[begins] - begins)


def _passing(
    groups: Groups,
    one: np.ndarray,
    two: np.ndarray,
    members: Members,
    bitmaps: np.ndarray,
    bounds: Bounds,
) -> np.ndarray:
    """Pairs of entries -> pairs of members, those that length, place and bitmap allow."""
    import numpy as np

    a, b = groups.member[one], groups.member[two]
    x, y = members.lengths[a], members.lengths[b]
    before = groups.place[one] * x - groups.place[two] * y
    slack = np.float32(1 / (1 << PLACE_BITS))
    apart = np.abs(before) + np.abs(x - y - before)
    fits = apart <= np.float32(1 - bounds.threshold + slack) * (x + y) + 2
    fits &= a != b
    a, b = a[fits], b[fits]
    fits = overlap(bitmaps, a, b) >= bounds.overlap
    a, b = a[fits].astype(np.uint64), b[fits].astype(np.uint64)
    packed: np.ndarray = (np.maximum(a, b) << np.uint64(32)) | np.minimum(a, b)
    return packed
