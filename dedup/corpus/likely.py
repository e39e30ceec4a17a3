"""Documents -> pairs of them that may be near copies, by the rare grams of letters they share.

Cheap and sometimes wrong: what comes out is worth an alignment, no more. Grams are 12 bytes of letters: short
enough that a text read with one error in ten letters keeps some, long enough that two unrelated documents
share few that are rare. None is dropped because it is common; the work per document is bounded instead, and
what is rare is looked at first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import Column, filed, of_zeros, starts_of
from dedup.corpus.spill import Places, in_parts

if TYPE_CHECKING:
    import numpy as np

GRAM = 12
"""Bytes of a gram; 16 where it begins with a character of several bytes."""
_WIDE = 16
SAMPLES = 256
"""Grams looked at in a document: half as many to as many as this, as rates are powers of two."""
RATES = (1, 5)
"""Least and greatest thinning, as powers of two: half of the grams are taken of a short text, one in 32 of a
long one, so that a short text still shares some with a long one that holds it."""
FEWEST = 16
"""A long text with fewer different ones is the same few lines again and again: it is sampled like a short one."""
BUDGET = 1024
"""Pairs that a document may begin, its rarest grams first."""
NEIGHBOURS = 32
"""Partners that a common gram gives a document: those next to it in order; and the gram's first document."""
PARTNERS = 32
"""Candidates kept of a document, those that share most; more are kept for the sake of their other side."""
LEAST_SHARED = 3
"""Grams that a pair must share."""
LEAST_SHARE = 0.06
"""Share, by rarity, of one side's grams that a pair must share: of two readings of a text, each with one error in
ten letters, this much is left."""
MEMORY = 1 << 27
"""Bytes that pairs may take while what they share is summed up."""
PAIR_BYTES = 48
"""What a pair takes at most while it is sorted."""
_BLOCK = 1 << 18
"""Bytes of letters looked at in one go: what fits the processor's cache."""
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_HALF = 32
_LOW = (1 << _HALF) - 1
_CHUNK = 1 << 18
"""Numbers that are put into parts in one go."""
_WHOLE = 1 << 20
"""Bits are summed as whole parts of this many, so that no order of adding changes a sum."""


class Samples(NamedTuple):
    """E sampled grams of D documents, each gram once per document, in order of document and hash."""

    first: np.ndarray
    """int64, D + 1: where each document's grams begin; of a document that was not taken none."""
    hash: np.ndarray
    """uint32, E."""
    place: np.ndarray
    """int32, E: where it begins in the document's letters, in bytes."""
    carriers: np.ndarray
    """int32, E: in how many documents it was sampled."""
    rate: np.ndarray
    """uint8, D: one of how many grams was sampled, as a power of two."""


class Candidates(NamedTuple):
    """P pairs, each once, the lower number first, in order."""

    one: np.ndarray
    """int64, P."""
    two: np.ndarray
    """int64, P."""
    bits: np.ndarray
    """float64, P: what is known to be shared, by its rarity."""
    begun: int
    """Pairs of a shared gram that were looked at: the work done."""
    cut: int
    """Candidates that were left out because both of their documents have many better ones."""


def samples(
    starts: np.ndarray, keys: np.ndarray, taken: np.ndarray, memory: int = MEMORY
) -> Samples:
    """Sampled grams of the ``taken`` documents (numbers, ascending).

    Document d's letters are ``keys[starts[d]:starts[d + 1]]``. ``memory``: bytes that sorting may take.
    """
    import numpy as np

    sizes = starts[taken + 1] - starts[taken]
    rates = np.clip(np.ceil(np.log2(np.maximum(sizes, 1) / SAMPLES)), *RATES).astype(np.uint8)
    ends = filed(np.cumsum(sizes))
    counts = of_zeros("i8", len(starts) - 1)
    columns = Column("u4"), Column("i4")
    low = 0
    while low < len(taken):
        reach = ends[low] - sizes[low] + _BLOCK
        high = max(low + 1, int(np.searchsorted(ends, reach, side="right")))
        thinned = rates[low:high].astype(np.uint64)
        batch = _of_batch(starts, keys, taken[low:high], thinned)
        if len(batch[1]) < FEWEST * (high - low) and high == low + 1:
            batch = _of_batch(starts, keys, taken[low:high], thinned * 0 + RATES[0])
        first, last = int(taken[low]), int(taken[high - 1]) + 1
        counts[first:last] += np.bincount(batch[0] - first, minlength=last - first)
        for column, numbers in zip(columns, batch[1:], strict=True):
            column.add(numbers)
        low = high
    hashes, places = (column.finish() for column in columns)
    rate = np.full(len(starts) - 1, RATES[0], np.uint8)
    rate[taken] = rates
    return Samples(starts_of(counts), hashes, places, _carriers(hashes, memory), filed(rate))


def _of_batch(
    starts: np.ndarray, keys: np.ndarray, batch: np.ndarray, rates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Documents, hashes and places of the grams of some documents in a row."""
    import numpy as np

    pieces = [keys[starts[number] : starts[number + 1]] for number in batch]
    begins = np.cumsum([0, *map(len, pieces)])
    letters = np.concatenate([*pieces, np.zeros(_WIDE, np.uint8)])
    words = np.ndarray((len(letters) - 7,), np.uint64, letters, strides=(1,))
    heads = words[: begins[-1]] * np.uint64(_ODD[0])
    limits = np.uint64(1) << (np.uint64(64) - rates)  # per letter: few are left to look at then
    at = np.flatnonzero(heads < np.repeat(limits, np.diff(begins)))
    owner = np.searchsorted(begins, at, side="right") - 1
    size = np.where(letters[at] < 0x80, GRAM, _WIDE)
    is_taken = (at + size <= begins[owner + 1]) & (letters[at] & 0xC0 != 0x80)
    at, owner, size = at[is_taken], owner[is_taken], size[is_taken]
    mixed = (heads[at] ^ words[at + size - 8]) * np.uint64(_ODD[1])
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(_ODD[0])
    hashes = (mixed >> np.uint64(_HALF)).astype(np.uint32)
    once = _once(owner, hashes)
    at, owner, hashes = at[once], owner[once], hashes[once]
    return batch[owner], hashes, (at - begins[owner]).astype(np.int32)


def _once(owner: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Where each gram of each owner stands for the first time, in order of owner and hash."""
    import numpy as np

    packed = owner.astype(np.uint64) << np.uint64(_HALF) | hashes
    order = np.argsort(packed, kind="stable")
    return np.asarray(order[edges(packed[order])])


def _carriers(hashes: np.ndarray, memory: int) -> np.ndarray:
    """For each gram how many there are of it."""
    import numpy as np

    carriers = of_zeros("i4", len(hashes))
    packed = (
        _packed_with(hashes[begin : begin + _CHUNK], np.arange(begin, begin + _CHUNK))
        for begin in range(0, len(hashes), _CHUNK)
    )
    for part in in_parts(packed, len(hashes), 64, memory):
        begins = edges(part >> np.uint64(_HALF))
        sizes = np.diff(begins, append=len(part))
        carriers[part & np.uint64(_LOW)] = np.repeat(sizes, sizes)
    return carriers


def _packed_with(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """uint64: two numbers of 32 bits in one; of the lower ones as many as there are higher ones."""
    import numpy as np

    packed: np.ndarray = high.astype(np.uint64) << np.uint64(_HALF)
    packed |= low[: len(high)].astype(np.uint64)
    return packed


def edges(values: np.ndarray) -> np.ndarray:
    """Where another value begins in a sorted column."""
    import numpy as np

    return np.flatnonzero(np.concatenate([values[:1] == values[:1], values[1:] != values[:-1]]))


def candidates(grams: Samples, taken: np.ndarray, memory: int = MEMORY) -> Candidates:
    """Pairs of the ``taken`` documents (numbers, ascending) that share some of their rarest grams.

    ``memory``: bytes that pairs may take at a time; it changes nothing else.
    """
    import numpy as np

    count = len(grams.first) - 1
    is_taken = np.zeros(count, bool)
    is_taken[taken] = True
    shared = _grouped(grams, is_taken, memory)
    totals = _totals(grams)
    begun, columns = 0, (Column("i8"), Column("i8"), Column("f8"))
    for part in _begun(shared, count, memory):  # by the lower document, so they come in order
        enough = np.flatnonzero(
            part.bits >= LEAST_SHARE * _comparable(grams, totals, part.one, part.two)
        )
        for column, numbers in zip(columns, part[:3], strict=True):
            column.add(numbers[enough])
        begun += part.begun
    one, two, bits = (column.finish() for column in columns)
    left_out = _beyond(one, two, bits, count)
    if len(left_out):
        one, two, bits = (filed(np.delete(column, left_out)) for column in (one, two, bits))
    return Candidates(one, two, bits, begun, len(left_out))


def _totals(grams: Samples) -> np.ndarray:
    """For each document the bits that all of its grams say."""
    import numpy as np

    count = len(grams.first) - 1
    totals = of_zeros("f8", count)
    for low, high in pairwise(cuts(np.diff(grams.first), _CHUNK)):
        said = np.log2(count / grams.carriers[grams.first[low] : grams.first[high]]) + 1
        sums = np.concatenate([np.zeros(1), np.cumsum(said)])
        at = grams.first[low : high + 1] - grams.first[low]
        totals[low:high] = sums[at[1:]] - sums[at[:-1]]
    return totals


def _comparable(grams: Samples, total: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """For each pair the bits that all grams of one side say, of those sampled at the rate of both.

    Of a very long document, which begins no more pairs than any other, those of as many as others have.
    """
    import numpy as np

    rate = np.maximum(grams.rate[one], grams.rate[two])
    thinner = [total[side] * 2.0 ** -(rate - grams.rate[side]).astype(float) for side in (one, two)]
    most = SAMPLES * (np.log2(max(1, len(total))) + 1)
    return np.asarray(np.minimum(np.minimum(*thinner), most))


class _Shared(NamedTuple):
    """Entries of grams that two documents and more have: those of one gram together, like documents beside."""

    document: np.ndarray
    """int32."""
    begin: np.ndarray
    """int64: where the entries of the same gram begin."""
    end: np.ndarray
    """int64."""


def _grouped(grams: Samples, is_taken: np.ndarray, memory: int) -> _Shared:
    """The entries in order: of two documents with the same least shared gram one stands beside the other."""
    import numpy as np

    least = np.full(len(is_taken), _LOW, np.uint32)
    kept, ends = Column("u8"), [0]
    for part in in_parts(_taken(grams, is_taken), len(grams.hash), 64, memory):
        begin, end = bounds(part >> np.uint64(_HALF))
        part = part[end - begin > 1]
        mixed = (part >> np.uint64(_HALF)).astype(np.uint32) * np.uint32(_ODD[0] & _LOW)
        np.minimum.at(least, part & np.uint64(_LOW), mixed)
        kept.add(part)
        ends.append(ends[-1] + len(part))
    rank = of_zeros("u4", len(least))
    rank[np.argsort(least, kind="stable")] = np.arange(len(least), dtype=np.uint32)
    entries = kept.finish()
    columns = Column("i4"), Column("i8"), Column("i8")
    for low, high in pairwise(ends):
        hashes = (entries[low:high] >> np.uint64(_HALF)).astype(np.uint32)
        documents = (entries[low:high] & np.uint64(_LOW)).astype(np.int32)
        order = np.argsort(_packed_with(hashes, rank[documents]))
        begin, end = bounds(hashes[order])
        for column, numbers in zip(
            columns, (documents[order], begin + low, end + low), strict=True
        ):
            column.add(numbers)
    return _Shared(*(column.finish() for column in columns))


def _taken(grams: Samples, is_taken: np.ndarray) -> Iterator[np.ndarray]:
    """Hash and document of the grams that others have too, of some documents."""
    import numpy as np

    for low, high in pairwise(cuts(np.diff(grams.first), _CHUNK)):
        entries = slice(grams.first[low], grams.first[high])
        document = np.repeat(np.arange(low, high), np.diff(grams.first[low : high + 1]))
        stays = is_taken[document] & (grams.carriers[entries] > 1)
        yield _packed_with(grams.hash[entries][stays], document[stays])


def bounds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each entry of a sorted column where the equal ones begin and end."""
    import numpy as np

    begins = edges(values)
    sizes = np.diff(begins, append=len(values))
    return np.repeat(begins, sizes), np.repeat(begins + sizes, sizes)


class _Begun(NamedTuple):
    """Pairs in order that share enough grams."""

    one: np.ndarray
    two: np.ndarray
    bits: np.ndarray
    """What the shared grams say."""
    begun: int
    """Pairs of a shared gram, each time they share one."""


def _begun(shared: _Shared, count: int, memory: int) -> Iterator[_Begun]:
    """Pairs in parts, each of as many as ``memory`` bytes hold, and how many were begun for each.

    A pair belongs to its lower document and is made with that alone: however many parts, the work is the same.
    """
    import numpy as np

    capacity = max(1, memory // PAIR_BYTES)
    entries = _by_document(shared, count, memory)
    is_active, costs = _active(shared, entries)
    far = _far(shared, is_active, count, memory)
    costs += np.diff(far.first)
    for low, high in pairwise(cuts(costs, capacity)):
        mine, its_far = entries.of(low, high), far.of(low, high)
        if high == low + 1 and len(its_far) > capacity:
            yield _of_hub(shared, is_active, low, mine, its_far, count, capacity)
            continue
        near, far_off = _near(shared, is_active, mine, count), _to_first(shared, its_far, count)
        yield _summed(*map(np.concatenate, zip(near, far_off, strict=True)))


def _by_document(shared: _Shared, count: int, memory: int) -> Places:
    import numpy as np

    size = len(shared.document)
    parts = (
        _packed_with(shared.document[begin : begin + _CHUNK], np.arange(begin, begin + _CHUNK))
        for begin in range(0, size, _CHUNK)
    )
    return Places.of_parts(parts, size, count, memory)


def _far(shared: _Shared, is_active: np.ndarray, count: int, memory: int) -> Places:
    """Active entries that are no neighbours of the first of their gram, by the lower document of these two."""

    def parts() -> Iterator[np.ndarray]:
        import numpy as np

        for begin in range(0, len(is_active), _CHUNK):
            far = np.flatnonzero(is_active[begin : begin + _CHUNK]) + begin
            far = far[far - shared.begin[far] > NEIGHBOURS // 2]
            lower = np.minimum(shared.document[far], shared.document[shared.begin[far]])
            yield _packed_with(lower, far)

    return Places.of_parts(parts(), len(is_active), count, memory)


def cuts(costs: np.ndarray, capacity: int) -> list[int]:
    """Numbers of documents at which parts begin, and their count; a part costs no more, or is one document."""
    import numpy as np

    total = np.cumsum(costs)
    cuts = [0]
    while cuts[-1] < len(costs):
        before = total[cuts[-1] - 1] if cuts[-1] else 0
        reach = int(np.searchsorted(total, before + capacity, side="right"))
        cuts.append(max(cuts[-1] + 1, reach))
    return cuts


def _near(
    shared: _Shared, is_active: np.ndarray, entries: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of some entries with their neighbours of higher documents, packed, and the bits that their gram
    says. Of the two one at least is active."""
    import numpy as np

    document = shared.document
    mine, active = document[entries], is_active[entries]
    ones, others = [entries[:0]], [entries[:0]]
    sides = (1, shared.end[entries] - 1 - entries), (-1, entries - shared.begin[entries])
    for way, room in sides:
        at = np.arange(len(entries))
        for step in range(1, NEIGHBOURS // 2 + 1):
            at = at[room[at] >= step]
            other = entries[at] + way * step
            fits = (document[other] > mine[at]) & (active[at] | is_active[other])
            ones.append(entries[at[fits]])
            others.append(other[fits])
    return _packed(shared, np.concatenate(ones), np.concatenate(others), count)


def _to_first(shared: _Shared, far: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of some entries with the first of their gram."""
    return _packed(shared, far, shared.begin[far], count)


def _packed(
    shared: _Shared, ones: np.ndarray, others: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of entries as pairs of documents in one number, the lower first; and the bits of their gram."""
    import numpy as np

    one, two = (shared.document[side].astype(np.int64) for side in (ones, others))
    bits = np.log2(count / (shared.end[ones] - shared.begin[ones])) + 1
    packed = (np.minimum(one, two) << _HALF) | np.maximum(one, two)
    return packed, (bits * _WHOLE).astype(np.int64)


def _summed(packed: np.ndarray, bits: np.ndarray) -> _Begun:
    """Each pair once that shares enough grams, with the sum of what they say."""
    import numpy as np

    order = np.argsort(packed, kind="stable")
    packed, bits = packed[order], bits[order]
    begins = edges(packed)
    enough = np.diff(begins, append=len(packed)) >= LEAST_SHARED
    total = np.add.reduceat(bits, begins) if len(begins) else bits
    pairs = packed[begins[enough]]
    return _Begun(pairs >> _HALF, pairs & 0xFFFFFFFF, total[enough] / _WHOLE, len(packed))


def _of_hub(
    shared: _Shared,
    is_active: np.ndarray,
    document: int,
    entries: np.ndarray,
    far: np.ndarray,
    count: int,
    capacity: int,
) -> _Begun:
    """The same for the pairs of one lower document that are too many to be sorted: they are counted."""
    import numpy as np

    times, total = np.zeros(count, np.int64), np.zeros(count, np.int64)
    begun = 0
    parts = [_near(shared, is_active, entries, count)]
    for begin in range(0, len(far), capacity):
        parts.append(_to_first(shared, far[begin : begin + capacity], count))
        while parts:
            packed, bits = parts.pop()
            np.add.at(times, packed & 0xFFFFFFFF, 1)
            np.add.at(total, packed & 0xFFFFFFFF, bits)
            begun += len(packed)
    two = np.flatnonzero(times >= LEAST_SHARED)
    return _Begun(np.full(len(two), document), two, total[two] / _WHOLE, begun)


def _active(shared: _Shared, entries: Places) -> tuple[np.ndarray, np.ndarray]:
    """bool, which entries begin pairs: a document's rarest first, until its budget is spent; and for each document
    how many neighbours all of its entries have."""
    import numpy as np

    is_active = of_zeros("?", len(shared.document))
    costs = of_zeros("i8", len(entries.first) - 1)
    for low, high in pairwise(cuts(np.diff(entries.first), _CHUNK)):
        places = entries.of(low, high)
        document = np.repeat(np.arange(high - low), np.diff(entries.first[low : high + 1]))
        carriers = shared.end[places] - shared.begin[places]
        order = np.argsort((document << _HALF) | carriers, kind="stable")
        cost = np.minimum(carriers - 1, NEIGHBOURS + 1)[order]
        spent = np.cumsum(cost) - cost
        begin, _ = bounds(document[order])
        is_active[places[order]] = spent - spent[begin] < BUDGET
        costs[low:high] = np.bincount(document, np.minimum(carriers - 1, NEIGHBOURS), high - low)
    return is_active, costs


def _beyond(one: np.ndarray, two: np.ndarray, bits: np.ndarray, count: int) -> np.ndarray:
    """Which pairs are not among the ``PARTNERS`` best of either of their documents, ascending.

    Only documents with more than that many are looked at, and there are few.
    """
    import numpy as np

    partners = np.bincount(one, minlength=count) + np.bincount(two, minlength=count)
    many = partners > PARTNERS
    doubtful = np.flatnonzero(many[one] & many[two])
    pair = np.flatnonzero(many[one] | many[two])
    both, pair = np.concatenate([one[pair], two[pair]]), np.tile(pair, 2)
    theirs = many[both]
    both, pair = both[theirs], pair[theirs]
    order = np.lexsort((pair, -bits[pair], both))
    begin, _ = bounds(both[order])
    best = np.zeros(len(one), bool)
    best[pair[order[np.arange(len(order)) - begin < PARTNERS]]] = True
    return doubtful[~best[doubtful]]
