"""Whether anything that repeats could come to something: a bound that needs no paragraphs and no sentences.

Most texts repeat a phrase here and there. A phrase is worth more only if it covers much of a unit, and units
begin and end at line ends and sentence marks alone. So the text between two such borders, an atom, or some
atoms in a row have to be covered; where none are, the text need not be split and nothing weighed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from dedup.engine.normalize import Stream
from dedup.engine.passages import Coverage, Repeat, align, with_open_ends
from dedup.engine.seeds import Match
from dedup.engine.split import is_breaking

if TYPE_CHECKING:
    import numpy as np

COVERAGE = 0.5
"""Share of a unit that has to stand opposite; never more than ``sides.UNIT_COVERAGE``."""
STRONG_COVERAGE = 0.65
"""The same of the first and the last unit of a side; never more than ``claims.END_COVERAGE``."""
NOVEL_SHARE = 0.15
NOVEL_LETTERS = 10
"""What a unit may reach beyond a repeat, as a share and in letters, when it is a little more: else it would be text
of its own. Never less than in ``sides``."""
_MANY = 24
"""Atoms of one repeat from which it is simply taken for a hopeful one."""
MIN_LINE = 6
"""Weight of a line on its own; never more than ``units.MIN_LINE``."""
LINE_SHARE = 3
"""Whole lines that stand again letter by letter may go from this part of ``--min-chars`` on; never less than
``settle.LINE_SHARE``."""


def are_hopeful(stream: Stream, chains: Sequence[list[Match]], least: int, min_chars: int) -> bool:
    """Whether a chain, once aligned of ``least`` letters or more, could cover units of the weight ``min_chars``, or
    whole lines of less."""
    if not chains:
        return False
    borders = [*_letters_after(stream, _marks(stream)).tolist(), len(stream.letters)]
    lines: list[int] = []  # made when they are first asked for
    return any(
        _is_hopeful(stream, repeat, side, borders, min_chars)
        or _has_whole_lines(stream, repeat, side, lines, min_chars)
        for chain, is_open in with_open_ends(stream.letters, chains)
        if any(is_open) or _can_be_covered(borders, chain)
        for repeat in (align(stream.letters, chain, is_open),)
        for side in (0, 1)
        if repeat.matched >= least
    )


def _can_be_covered(borders: Sequence[int], chain: list[Match]) -> bool:
    """Whether one side of a chain, as it is, could cover some atoms."""
    head, tail = chain[0], chain[-1]
    return _can_cover(borders, head.first, tail.first + tail.length) or _can_cover(
        borders, head.second, tail.second + tail.length
    )


def _can_cover(borders: Sequence[int], start: int, end: int) -> bool:
    """Whether some atoms in a row, which might be the first unit of a side, reach little beyond a stretch of letters,
    if all of it counts as covered."""
    low, high = bisect_right(borders, start) - 1, bisect_left(borders, end)
    for one, head in ((borders[low], start - borders[low]), (borders[low + 1], 0)):
        for two, tail in ((borders[high], borders[high] - end), (borders[high - 1], 0)):
            size = two - one
            if size - head - tail >= STRONG_COVERAGE * size and _is_reached(head, tail, size):
                return size > 0
    return False


def _is_reached(head: int, tail: int, size: int) -> bool:
    """Whether so few letters before and after a repeat are no text of their own in a unit of a size."""
    return max(head - 2, 0) + max(tail - 2, 0) <= max(NOVEL_LETTERS, NOVEL_SHARE * size)


def have_equal_lines(stream: Stream, min_chars: int) -> bool:
    """Whether stretches of some whole lines, short enough to escape the search by windows, stand again."""
    import numpy as np

    if stream.per_line is not None and min(stream.per_line, default=_SHORT) >= _SHORT:
        return False
    letters, least = stream.letters, max(MIN_LINE, min_chars // LINE_SHARE)
    starts = np.append(_line_starts(stream), len(letters))
    seen: set[str] = set()
    for lines in range(1, _SHORT):
        near = (starts[lines:] - starts[:-lines] < _SHORT).nonzero()[0]
        if not len(near):
            break
        for first, second in zip(starts[near].tolist(), starts[near + lines].tolist(), strict=True):
            if stream.weight(first, second) >= least:
                line = letters[first:second]
                if line in seen:
                    return True
                seen.add(line)
    return False


_SHORT = 30
"""Letters from which a window finds equal lines."""


def _is_hopeful(
    stream: Stream, repeat: Repeat, side: int, borders: Sequence[int], min_chars: int
) -> bool:
    """Whether all that a side could cover has the weight ``min_chars``."""
    start, end = repeat.sides[side]
    low, high = bisect_right(borders, start) - 1, bisect_left(borders, end)
    if high - low > _MANY:
        return True
    if not _can_cover(borders, start, end):
        return False
    coverage = Coverage(repeat.runs, side)
    matched = [0]
    for at in range(low, high):
        pieces = coverage.pieces(borders[at], borders[at + 1])
        matched.append(matched[-1] + sum(length for _, _, length in pieces))
    weight = reached = 0
    has_strong = False
    for first in range(low, high):
        one, is_first = borders[first], True
        head = max(0, start - one)
        for last in range(high, first, -1):
            two = borders[last]
            inside, size = matched[last - low] - matched[first - low], two - one
            if inside < COVERAGE * size or not _is_reached(head, max(0, two - end), size):
                continue
            if is_first and two > reached:
                weight += stream.weight(max(one, reached), two)
                reached, is_first = two, False
            has_strong = has_strong or inside >= STRONG_COVERAGE * size
            if weight >= min_chars and has_strong:
                return True
    return False


def _has_whole_lines(
    stream: Stream, repeat: Repeat, side: int, lines: list[int], min_chars: int
) -> bool:
    """Whether whole lines of a side stand opposite letter by letter, enough to go without more."""
    if not lines:
        lines += [*_line_starts(stream).tolist(), len(stream.letters)]
    start, end = repeat.sides[side]
    coverage = Coverage(repeat.runs, side)
    weight = 0
    for at in range(bisect_left(lines, start), bisect_right(lines, end) - 1):
        one, two = lines[at], lines[at + 1]
        if coverage.share(one, two) == 1:
            weight += stream.weight(one, two)
    return weight >= max(1, min_chars // LINE_SHARE)


_LINE_ENDS = "\n\r"


def _marks(stream: Stream) -> str:
    """The characters after which a unit can begin and before which it can end."""
    if stream.text.isascii() or not _has_unmarked(stream.text):
        return _MARKS
    return _MARKS + " \u200b"


_MARKS = "\n\r.!?…։።。！？।؟۔។"
"""Every character that ``split`` lets end a line or a sentence."""


def _has_unmarked(text: str) -> bool:
    """Whether the text holds letters of a script that ends sentences with a blank: Thai, Lao, Burmese, Khmer."""
    import numpy as np

    if len(text) <= _BLOCK:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        if codes.max(initial=0) < _FIRST_BREAKING:
            return False
    return any(map(is_breaking, set(text)))


_FIRST_BREAKING = 0x0E00
"""No letter before this one is of such a script."""


def _line_starts(stream: Stream) -> np.ndarray:
    """0, and the first letter of each line, ascending, each once."""
    import numpy as np

    text = stream.text
    if len(text) > _BLOCK or "\r" in text:
        return _letters_after(stream, _LINE_ENDS)
    ends = np.fromiter(accumulate([len(line) + 1 for line in text.split("\n")]), np.uint32)
    letters = np.frombuffer(stream.positions, np.uint32).searchsorted(ends[:-1])
    is_new = np.ones(len(letters), bool)
    is_new[:1] = letters[:1] > 0
    np.not_equal(letters[1:], letters[:-1], out=is_new[1:])
    return np.append(0, letters[is_new])


def _letters_after(stream: Stream, marks: str) -> np.ndarray:
    """0, and the first letter after each of the characters in ``marks``, ascending, each once."""
    import numpy as np

    positions = np.frombuffer(stream.positions, np.uint32)
    parts = [np.zeros(1, np.int64)]
    last = 0
    for start in range(0, len(stream.text), _BLOCK):
        offsets = _offsets(stream.text[start : start + _BLOCK], marks) + start
        letters = np.searchsorted(positions, offsets.astype(np.uint32))
        is_new = np.ones(len(letters), bool)
        np.not_equal(letters[1:], letters[:-1], out=is_new[1:])
        letters = letters[is_new]
        if len(letters):
            parts.append(letters[letters > last])
            last = int(letters[-1])
    return np.concatenate(parts)


_BLOCK = 1 << 16
"""Characters looked at at once: of a million empty lines only one border is left."""


def _offsets(text: str, marks: str) -> np.ndarray:
    """Where the characters in ``marks`` stand."""
    import numpy as np

    if text.isascii():
        raw = text.encode().translate(_bytes_table(marks))
        return np.frombuffer(raw, np.bool_).nonzero()[0]
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _table(marks)[np.minimum(codes, 0xFFFF)].nonzero()[0]


@cache
def _bytes_table(marks: str) -> bytes:
    return bytes(chr(code) in marks for code in range(256))


@cache
def _table(marks: str) -> np.ndarray:
    import numpy as np

    table = np.zeros(0x10000, bool)
    table[[ord(mark) for mark in marks]] = True
    return table
