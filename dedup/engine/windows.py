"""Letters -> windows that occur again, by numpy: equal ones together, each group in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.matching import PERIODS, WINDOW, Crowded

if TYPE_CHECKING:
    import numpy as np

MAX_AGAIN = 1 << 25
"""Windows that occur again, in one text: a passage of 16 million letters that stands twice is still found."""


class Windows(NamedTuple):
    """The windows that occur again, equal ones next to each other and each group by position."""

    codes: np.ndarray
    """A number for each letter of the text; equal numbers, equal letters."""
    places: np.ndarray
    begins: np.ndarray
    """Index in ``places`` of the first window of each group."""
    ends: np.ndarray | None
    """The letter after each window of the text, by position; None: all are ``WINDOW`` letters long."""


def windows_again(letters: str, weights: Sequence[int] | None) -> Windows | None:
    """None if no window occurs again."""
    import numpy as np

    codes = _codes(letters, weights)
    ends, parts = None, 1
    if weights is not None:
        sums = np.asarray(weights, np.int64)
        ends = np.searchsorted(sums, sums[:-1] + WINDOW)
        ends = ends[: np.searchsorted(ends, len(codes), side="right")]
    else:
        while len(codes) > parts * _PART and parts < _MAX_PARTS:
            parts *= 2
    places, values = [], []
    for part in range(parts):
        if ends is None:
            some, of_some = _part(codes, part, parts)
        else:
            some, of_some = np.arange(len(ends)), _weighted(codes.astype(np.uint64), ends)
        again = _equal_ones(of_some)
        places.append(some[again])
        values.append(of_some[again])
        if sum(map(len, places)) > MAX_AGAIN:
            raise Crowded
    if sum(map(len, places)) < 2:
        return None
    return Windows(codes, np.concatenate(places), begins_of(np.concatenate(values)), ends)


_PART = 1 << 20
_MAX_PARTS = 32
"""Windows that are compared at once: of a long text those whose numbers fall into one part of many, and then
the next part, so that memory does not grow with eight times the letters and more."""
_BLOCK = 1 << 18


def _codes(letters: str, weights: Sequence[int] | None) -> np.ndarray:
    """A number for each letter: in six bits, if they are ASCII."""
    import numpy as np

    if weights is None and letters.isascii():
        small = letters.encode().translate(_SIX_BITS)
        if _OTHER not in small:
            return np.frombuffer(small, np.uint8)
    return np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)


def _part(codes: np.ndarray, part: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and numbers of the windows of one part; monotonous ones are in none."""
    import numpy as np

    base = 64 if codes.dtype == np.uint8 else _ODD
    places, values = [], []
    for start in range(0, max(1, len(codes) - WINDOW + 1), _BLOCK):
        block = codes[start : start + _BLOCK + WINDOW - 1]
        numbers = _packed(block.astype(np.uint64), base)
        wanted = ~_monotonous(block)
        if parts > 1:
            wanted &= (numbers * np.uint64(_ODD) >> np.uint64(32)) & np.uint64(parts - 1) == part
        at = np.flatnonzero(wanted)
        places.append(at + start)
        values.append(numbers[at])
    return np.concatenate(places), np.concatenate(values)


_OTHER = 63
_SIX_BITS = bytes(
    code - 48 if 48 <= code <= 57 else code - 87 if 97 <= code <= 122 else _OTHER
    for code in range(256)
)
"""ASCII letters and digits in six bits: ten of them fit into one number, which then is the window itself."""
_ODD = 0x9E3779B97F4A7C15


def _packed(codes: np.ndarray, base: int) -> np.ndarray:
    """For each window of ``WINDOW`` letters the number they write to ``base``, modulo 2**64."""
    import numpy as np

    if len(codes) < WINDOW:
        return np.zeros(0, np.uint64)
    once, twice, fourfold = (np.uint64(pow(base, power, 2**64)) for power in (1, 2, 4))
    two = codes[:-1] * once + codes[1:]
    four = two[:-2] * twice + two[2:]
    eight = four[:-4] * fourfold + four[4:]
    ten: np.ndarray = eight[:-2] * twice + two[8:]
    return ten


def _weighted(codes: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The same for windows that end where ``ends`` says; windows of different lengths differ."""
    import numpy as np

    lengths = ends - np.arange(len(ends))
    values = np.zeros(len(ends), np.uint64)
    for offset in range(int(lengths.max(initial=0))):
        inside = np.flatnonzero(lengths > offset)
        values[inside] = (values[inside] + codes[inside + offset] + np.uint64(1)) * np.uint64(_ODD)
    return values


def _equal_ones(values: np.ndarray) -> np.ndarray:
    """Indexes of the values that occur again: equal ones next to each other, in each group ascending."""
    import numpy as np

    found = _suspects(values)
    if len(found) < 2:
        return np.zeros(0, np.int64)
    found = found[values[found].argsort(kind="stable")]
    ordered = values[found]
    again: np.ndarray = found[_either(ordered[1:] == ordered[:-1])]
    return again


def _suspects(values: np.ndarray) -> np.ndarray:
    """Indexes of all values that occur again and of a few others: those whose place in a table is taken twice.

    Of unrelated text one window in sixteen is left, and only these are sorted.
    """
    import numpy as np

    count = len(values)
    bits = max(8, ((_ROOM if count < 2**16 else 1) * count).bit_length())
    places = ((values * np.uint64(_ODD)) >> np.uint64(64 - bits)).view(np.int64)
    indexes = np.arange(count, dtype=np.uint16 if count < 2**16 else np.uint32)
    last = np.empty(2**bits, indexes.dtype)
    last[places] = indexes
    taken = places[last[places] != indexes]
    if not len(taken):
        return np.zeros(0, np.int64)
    is_taken = np.zeros(2**bits, bool)
    is_taken[taken] = True
    return np.flatnonzero(is_taken[places])


_ROOM = 8
"""Places of that table for each value, at least, while it is small."""


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
    return np.flatnonzero(changes)


def _monotonous(codes: np.ndarray) -> np.ndarray:
    """For each window whether a few letters come over and over in it."""
    import numpy as np

    count = max(0, len(codes) - WINDOW + 1)
    found = np.zeros(count, bool)
    for period in PERIODS:
        if not count or 2 * period in PERIODS:
            continue  # what begins again after two letters does so after four
        equal = codes[period:] == codes[:-period]
        all_equal = equal[:count].copy()
        for offset in range(1, WINDOW - period):
            all_equal &= equal[offset : offset + count]
        found |= all_equal
    return found
