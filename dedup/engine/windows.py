"""Letters -> windows that occur again, by numpy: for each position, where the same window stood before."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.matching import PERIODS, WINDOW, Crowded

if TYPE_CHECKING:
    import numpy as np

MAX_AGAIN = 1 << 25
"""Windows that occur again, in one text: a passage of 16 million letters that stands twice is still found."""


class Windows(NamedTuple):
    """Where the same window stood before, for each position: two numbers a letter, however often one recurs."""

    codes: np.ndarray
    """A number for each letter of the text; equal numbers, equal letters."""
    back: np.ndarray
    """How many letters before a window the same one last began; 0 where it is the first or the only one."""
    origin: np.ndarray
    """Where the first of its kind begins; for the first itself, where the second does."""
    weights: np.ndarray | None
    """Cumulative weight before each letter and after the last; None: all windows have ``WINDOW`` letters."""

    def stop(self, places: np.ndarray) -> np.ndarray:
        """The letter after the window at each of ``places``."""
        if self.weights is None:
            return places + WINDOW
        ends: np.ndarray = self.weights.searchsorted(self.weights[places] + WINDOW)
        return ends


def windows_again(
    letters: str, weights: Sequence[int] | None, few: int = 0
) -> Windows | list[tuple[int, int]]:
    """If no more than ``few`` windows occur again, where each of them begins and ends, in order.

    Raises ``Crowded`` beyond ``MAX_AGAIN``.
    """
    import numpy as np

    codes = _codes(letters, weights)
    sums = None if weights is None else np.asarray(weights)
    if len(codes) <= _SHORT:
        return _windows_of_short(codes, sums, few)
    # Zeros that nobody writes take no memory.
    back, origin = np.zeros(len(codes), np.int32), np.zeros(len(codes), np.int32)
    again = 0
    for places, values in _parts(codes, sums):
        found = _equal_ones(values)
        if len(found):
            again += len(found)
            if again > MAX_AGAIN:
                raise Crowded
            _remember(places[found], begins_of(values[found]), back, origin)
    return Windows(codes, back, origin, sums) if again else []


def _windows_of_short(
    codes: np.ndarray, sums: np.ndarray | None, few: int
) -> Windows | list[tuple[int, int]]:
    """The same for a text that is looked at at once, and of which only what occurs again is looked at closer."""
    import numpy as np

    if sums is None:
        values = _packed(codes)
        found = _again(values)
        if len(found):
            found = found[~_are_monotonous(codes, found, values[found])]
        places = found
    else:
        places, values = _weighted(codes, sums, 0, len(codes))
        found = _again(values)
        places = places[found]
    if len(found) <= few:
        stops = places + WINDOW if sums is None else sums.searchsorted(sums[places] + WINDOW)
        return list(zip(places.tolist(), stops.tolist(), strict=True))
    if len(found) > MAX_AGAIN:
        raise Crowded
    values = values[found]
    order = values.argsort(kind="stable")
    back, origin = np.zeros((2, len(codes)), np.int32)
    _remember(places[order], begins_of(values[order]), back, origin)
    return Windows(codes, back, origin, sums)


_SHORT = 1 << 16
"""Letters of a short text."""


def _are_monotonous(codes: np.ndarray, places: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Whether a few letters come over and over in the windows at ``places``, which have these numbers."""
    import numpy as np

    found = np.zeros(len(places), bool)
    if codes.dtype == np.uint8:
        for period in _PERIODS:
            rest = np.uint64((1 << _BITS * (WINDOW - period)) - 1)
            found |= (numbers ^ numbers >> np.uint64(_BITS * period)) & rest == 0
        return found
    letters = codes[places + np.arange(WINDOW)[:, None]]
    for period in _PERIODS:
        found |= (letters[period:] == letters[:-period]).all(axis=0)
    return found


def _remember(places: np.ndarray, begins: np.ndarray, back: np.ndarray, origin: np.ndarray) -> None:
    """Note the places of equal windows, which stand group by group, each of two and more in ascending order."""
    import numpy as np

    sizes = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=sizes[:-1])
    sizes[-1:] = len(places) - begins[-1:]
    first = places[begins]
    origin[places] = first.repeat(sizes)
    origin[first] = places[begins + 1]
    back[places[1:]] = places[1:] - places[:-1]
    back[first] = 0


_PART = 1 << 20
"""Windows that are read at once: of a long text those whose numbers fall into one part of many, and then the
next part, so that memory does not grow with eight times the letters and more."""
_MAX_PARTS = 32
_PILES = 4
"""Of these one in so many is compared at once."""
_BLOCK = 1 << 16


def _parts(codes: np.ndarray, sums: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions, ascending, and numbers of all windows, in parts: equal numbers are in one."""
    import numpy as np

    parts, piles = 1, 1 if len(codes) * _PILES <= _PART else _PILES
    while len(codes) > parts * _PART and parts < _MAX_PARTS:
        parts *= 2
    if parts * piles == 1:
        yield _numbers(codes, sums, 0, len(codes))
        return
    for part in range(parts):
        columns = [(array("i"), array("Q")) for _ in range(piles)]
        for start in range(0, len(codes), _BLOCK):
            places, numbers = _numbers(codes, sums, start, start + _BLOCK)
            sorts = (numbers * np.uint64(_ODD) >> np.uint64(32)).astype(np.uint32)
            for pile, (some_places, some_numbers) in enumerate(columns):
                at = np.flatnonzero(sorts & np.uint32(parts * piles - 1) == part * piles + pile)
                some_places.frombytes(places[at].tobytes())
                some_numbers.frombytes(numbers[at].tobytes())
        while columns:
            some_places, some_numbers = columns.pop()
            yield np.frombuffer(some_places, np.int32), np.frombuffer(some_numbers, np.uint64)


def _numbers(
    codes: np.ndarray, sums: np.ndarray | None, start: int, stop: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions from ``start`` up to ``stop`` at which a window begins, and its number; without the monotonous
    ones, unless some letters are heavier than others."""
    import numpy as np

    if sums is not None:
        return _weighted(codes, sums, start, min(stop, len(codes)))
    block = codes[start : stop + WINDOW - 1]
    numbers = _packed(block)
    monotonous = _monotonous(block)
    if monotonous is None:
        return np.arange(start, start + len(numbers), dtype=np.int32), numbers
    at = np.flatnonzero(~monotonous)
    return (at + start).astype(np.int32), numbers[at]


def _codes(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """A number for each letter: in six bits, if they are ASCII."""
    import numpy as np

    if weights is None and letters.isascii():
        small = letters.encode().translate(_SIX_BITS)
        if _OTHER not in small:
            return np.frombuffer(small, np.uint8)
    return np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)


_OTHER = 63
_BITS = 6
_SIX_BITS = bytes(
    code - 48 if 48 <= code <= 57 else code - 87 if 97 <= code <= 122 else _OTHER
    for code in range(256)
)
"""ASCII letters and digits in six bits: ten of them fit into one number, which then is the window itself."""
_ODD = 0x9E3779B97F4A7C15
_ODDS = [pow(_ODD, power, 2**64) for power in range(1, 7)]


def _packed(codes: np.ndarray) -> np.ndarray:
    """For each window of ``WINDOW`` letters one number: the window itself, if they are in six bits."""
    import numpy as np

    if len(codes) < WINDOW:
        return np.zeros(0, np.uint64)
    if codes.dtype == np.uint8:
        two = _joined(codes.astype(np.uint16), 1)
        four = _joined(two.astype(np.uint32), 2)
        eight = _joined(four.astype(np.uint64), 4)
        ten: np.ndarray = eight[:-2] << np.uint64(2 * _BITS)
        ten |= two[8:]
        return ten
    codes = codes.astype(np.uint64)
    once, twice, fourfold = (np.uint64(pow(_ODD, power, 2**64)) for power in (1, 2, 4))
    two = codes[:-1] * once + codes[1:]
    four = two[:-2] * twice + two[2:]
    eight = four[:-4] * fourfold + four[4:]
    hashes: np.ndarray = eight[:-2] * twice
    hashes += two[8:]
    return hashes


def _joined(codes: np.ndarray, size: int) -> np.ndarray:
    """The numbers of windows of twice ``size`` letters, from those of windows of that size."""
    both: np.ndarray = codes[:-size] << codes.dtype.type(_BITS * size)
    both |= codes[size:]
    return both


def _weighted(
    codes: np.ndarray, sums: np.ndarray, start: int, stop: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and numbers of windows that end where their weight says; windows of different lengths differ."""
    import numpy as np

    ends = sums.searchsorted(sums[start:stop] + WINDOW)
    ends = ends[: ends.searchsorted(len(codes), side="right")]
    places = np.arange(start, start + len(ends))
    lengths = ends - places
    values = np.zeros(len(ends), np.uint64)
    for offset in range(int(lengths.max(initial=0))):
        inside = np.flatnonzero(lengths > offset)
        some = codes[places[inside] + offset]
        values[inside] = (values[inside] + some + np.uint64(1)) * np.uint64(_ODD)
    return places.astype(np.int32), values


def _equal_ones(values: np.ndarray) -> np.ndarray:
    """Indexes of the values that occur again: equal ones next to each other, in each group ascending."""
    found = _again(values)
    ordered: np.ndarray = found[values[found].argsort(kind="stable")] if len(found) else found
    return ordered


def _again(values: np.ndarray) -> np.ndarray:
    """Indexes of all values that occur again, ascending.

    Each value takes a place in a table, and the last one to come keeps it: who finds its equal there stands again.
    Of unrelated text one value in ten finds another one; these are tried anew with other places, and few are sorted.
    """
    import numpy as np

    is_again = np.zeros(len(values), bool)
    left = None
    for odd in _ODDS:
        if len(values) <= _FEW:
            break
        lost, keepers = _displaced(values, np.uint64(odd))
        losers = values[lost]
        is_equal = values[keepers] == losers
        if is_equal.any():
            for equal in (lost[is_equal], keepers[is_equal]):
                is_again[equal if left is None else left[equal]] = True
            lost, losers = lost[~is_equal], losers[~is_equal]
        left, values = lost if left is None else left[lost], losers
    ordered = np.sort(values)
    if (ordered[1:] == ordered[:-1]).any():
        order = values.argsort()
        ordered = values[order]
        order = order[_either(ordered[1:] == ordered[:-1])]
        is_again[order if left is None else left[order]] = True
    return is_again.nonzero()[0]


def _displaced(values: np.ndarray, odd: np.uint64) -> tuple[np.ndarray, np.ndarray]:
    """Indexes of the values that lost their place in a table, and for each that of the one that has it."""
    import numpy as np

    count = len(values)
    bits = min((_ROOM * count).bit_length(), max(_SMALL_TABLE, count.bit_length()))
    hashes = values * odd
    hashes >>= np.uint64(64 - bits)
    places = hashes.view(np.int64)
    indexes = np.arange(count, dtype=np.uint16 if count <= 2**16 else np.uint32)
    last = np.empty(2**bits, indexes.dtype)
    last[places] = indexes
    keepers = last.take(places)
    lost = (keepers != indexes).nonzero()[0]
    return lost, keepers[lost]


_ROOM = 8
"""Places of that table for each value, at least, while it is small."""
_SMALL_TABLE = 16
"""Bits up to which a table is small: it fits into the memory nearest to the processor."""
_FEW = 600
"""Values that are sorted at once."""


def _either(links: np.ndarray) -> np.ndarray:
    """For each of a row of things whether it is linked to the one before or the one after."""
    import numpy as np

    linked = np.zeros(len(links) + 1, bool)
    linked[1:] = links
    linked[:-1] |= links
    return linked


def begins_of(values: np.ndarray) -> np.ndarray:
    """Indexes at which a group of equal values begins."""
    import numpy as np

    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes.nonzero()[0]


_PERIODS = [period for period in PERIODS if 2 * period not in PERIODS]
"""What begins again after two letters does so after four."""


def _monotonous(codes: np.ndarray) -> np.ndarray | None:
    """For each window whether a few letters come over and over in it; None if that is so in none."""

    found = None
    for period in _PERIODS:
        equal = codes[period:] == codes[:-period]
        if equal.tobytes().find(b"\1" * (WINDOW - period)) < 0:
            continue
        count = len(codes) - WINDOW + 1
        all_equal = equal[:count].copy()
        for offset in range(1, WINDOW - period):
            all_equal &= equal[offset : offset + count]
        found = all_equal if found is None else found | all_equal
    return found
