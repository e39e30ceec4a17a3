"""What a match is, and what bounds the search for one: shared by both implementations of the search."""

from __future__ import annotations

from typing import NamedTuple

WINDOW = 10
"""Weight of a window. Eight cost 27 % more and find nothing more; thirteen overlook half-matches."""
FIRST, LAST = 2, 3
"""Earlier occurrences a window is linked to: the first ones (a canonical copy) and the nearest ones."""


MIN_SHIFT = 16
"""Letters between two occurrences that can be two passages; what repeats faster is one word or sound."""
MAX_WORK = 12
"""Letters that extending may compare, per letter of the text. A text that is one period over and over would
need the square; beyond this only the nearest occurrences are linked."""
PERIODS = range(1, 6)
"""Letters after which a monotonous window begins again."""


class Match(NamedTuple):
    """The same ``length`` letters stand at ``first`` and at ``second``; ``first < second``."""

    first: int
    second: int
    length: int


class Crowded(Exception):
    """More of a text repeats than can be looked at in bounded time and memory."""


def common_length(letters: str, first: int, second: int) -> int:
    """How many letters are equal from two positions on; ``first < second``."""
    return _equal_letters(letters, first, second, len(letters) - second, 32)


def common_length_back(letters: str, first: int, second: int) -> int:
    """How many letters are equal right before two positions; ``first < second``."""
    return _equal_letters(letters, first, second, first, 1, is_back=True)


def _equal_letters(
    letters: str, first: int, second: int, limit: int, step: int, *, is_back: bool = False
) -> int:
    """How many letters, at most ``limit``, are equal; ``step`` are compared first, then more and more."""
    length = 0
    while length < limit:
        size = min(step, limit - length)
        shift = -length - size if is_back else length
        one, two = first + shift, second + shift
        if letters[one : one + size] == letters[two : two + size]:
            length += size
            step *= 2
        elif size == 1:
            break
        else:
            step = max(1, size // 4)
    return length
