"""Keys -> a sample of their grams: eight bytes in a row, chosen by what they are, so that copies choose the same.

The longer a key, the fewer of its grams are taken, so that each has about as many: what a long key takes a shorter one
takes too where it has it, because both keep the grams with the smallest hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import words
from dedup.corpus.filed import of_zeros
from dedup.corpus.spill import Partitions

if TYPE_CHECKING:
    import numpy as np

SAMPLE = 18
"""Grams taken of each key, about, for thresholds of ``USUAL`` and more: more find hardly more, and cost more."""
USUAL = 0.85
PLACE_BITS = 8
"""Where in its key a gram stands, in 256ths of it."""
_BLOCK = 1 << 17
"""Bytes of keys at a time: what is made of them stays in the processor's cache."""
_PARTITION = 1 << 14
"""There is a partition for so many members: about 2 MB of entries each."""
_BUFFER = 1 << 18
"""Entries that are collected before they are parted."""


class Members(NamedTuple):
    """The keys that take part, M of N rows. They are numbered in order of preference: the first stays."""

    rows: np.ndarray
    """int64, M: the row of each."""
    numbers: np.ndarray
    """int32, N: the number of each row, -1 where it takes no part."""
    lengths: np.ndarray
    """float32, M: bytes of each key."""


class Grams(NamedTuple):
    """Who has which gram. An entry is hash, member and place in one number, in this order of its bits."""

    entries: Partitions
    member_bits: int
    bitmaps: np.ndarray
    """uint64, M x 2: a bit for each gram taken, chosen by its hash."""


def share_for(threshold: float) -> int:
    """How many grams of each key are taken: the less alike copies may be, the fewer grams they share.

    >>> share_for(0.9), share_for(0.7)
    (18, 28)
    """
    return int(SAMPLE * (1 + 4 * max(0.0, USUAL - threshold)))


def sample(
    keys: np.ndarray, starts: np.ndarray, members: Members, share: int, folder: str, memory: int
) -> Grams:
    """About ``share`` grams of each member; ``memory`` and ``folder`` as for ``Partitions``."""
    import numpy as np

    count = len(members.rows)
    bits = max(1, (count - 1).bit_length())
    parts = (max(1, count // _PARTITION) - 1).bit_length()
    grams = Grams(
        Partitions(1 << parts, folder, memory), bits, of_zeros("u8", 2 * count).reshape(-1, 2)
    )
    held: list[tuple[np.ndarray, np.ndarray]] = []
    size = 0
    for member, place, hashes in _sampled(keys, starts, members, share):
        _mark(grams.bitmaps, member, hashes)
        low = (member.astype(np.uint64) << np.uint64(PLACE_BITS)) | place
        held.append((hashes, low))
        size += len(low)
        if size >= _BUFFER:
            _part(grams, parts, held)
            held, size = [], 0
    if held:
        _part(grams, parts, held)
    return grams


def _part(grams: Grams, parts: int, held: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Make entries, and put each where its hash belongs: by the first bits of it, which are left out then."""
    import numpy as np

    hashes, low = (np.concatenate(columns) for columns in zip(*held, strict=True))
    used = np.uint64(grams.member_bits + PLACE_BITS)
    entries = (((hashes << np.uint64(parts)) >> used) << used) | low
    if not parts:
        grams.entries.add(0, entries)
        return
    partition = (hashes >> np.uint64(64 - parts)).astype(np.uint16)
    order = np.argsort(partition, kind="stable")
    cuts = np.cumsum(np.bincount(partition, minlength=1 << parts))
    for number, part in enumerate(np.split(entries[order], cuts[:-1])):
        if len(part):
            grams.entries.add(number, part)


def _mark(bitmaps: np.ndarray, member: np.ndarray, hashes: np.ndarray) -> None:
    """Set the bits of grams; entries of a member stand together."""
    import numpy as np

    if not len(member):
        return
    begins = np.flatnonzero(np.diff(member, prepend=-1))
    bit = np.uint64(1) << ((hashes >> np.uint64(1)) & np.uint64(63))
    is_low = (hashes & np.uint64(1)).astype(bool)
    who = member[begins]
    for side, mine in enumerate((is_low, ~is_low)):
        bitmaps[who, side] |= np.bitwise_or.reduceat(np.where(mine, bit, np.uint64(0)), begins)


def _sampled(
    keys: np.ndarray, starts: np.ndarray, members: Members, share: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Member, place and hash of grams, block by block; the last is well mixed."""
    import numpy as np

    lengths = np.diff(starts)
    at_offset = words.at_every_offset(keys)
    for begin in range(0, len(at_offset), _BLOCK):
        end = min(begin + _BLOCK, len(at_offset))
        first = int(np.searchsorted(starts, begin, "right")) - 1
        last = int(np.searchsorted(starts, end, "left"))
        counts = np.diff(np.clip(starts[first : last + 1], begin, end))
        limits = _limits(lengths[first:last], members.numbers[first:last], share)
        product = at_offset[begin:end] * np.uint64(words.ODD)
        high = product.view(np.uint32)[1::2]
        taken = np.flatnonzero(high < np.repeat(limits, counts))
        offsets = taken + begin
        per_row = np.diff(np.searchsorted(offsets, np.append(starts[first:last], end)))
        rows = np.repeat(np.arange(first, last), per_row)
        whole = offsets + words.SIZE <= starts[rows + 1]
        rows, offsets, product = rows[whole], offsets[whole], product[taken[whole]]
        place = ((offsets - starts[rows]) << PLACE_BITS) // lengths[rows]
        yield members.numbers[rows], place.astype(np.uint64), words.mixed(product)


def _limits(lengths: np.ndarray, numbers: np.ndarray, share: int) -> np.ndarray:
    """uint32: below which hash the grams of each row are taken; 0, none of them, where it takes no part."""
    import numpy as np

    density = share / np.maximum(lengths - words.SIZE + 1, share)
    limits = np.minimum(density * 2.0**32, 2.0**32 - 1)
    return np.where(numbers >= 0, limits, 0).astype(np.uint32)


def overlap(bitmaps: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """float32: how much of the smaller bitmap of each two members both have."""
    import numpy as np

    a, b = bitmaps[one], bitmaps[two]
    both = words.bits_in(a & b).sum(1, dtype=np.uint8)
    ones = words.bits_in(a).sum(1, dtype=np.uint8)
    twos = words.bits_in(b).sum(1, dtype=np.uint8)
    share: np.ndarray = both / np.maximum(np.minimum(ones, twos), 1).astype(np.float32)
    return share
