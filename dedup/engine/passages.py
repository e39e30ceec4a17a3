"""Matches -> repeats: matches in the same order on both sides, chained, with the gaps between them aligned.

A repeat ignores paragraph borders, so a copy that is re-wrapped, glued together, cut short or noisy is one
repeat like any other. Its first side ends before its second begins: without that rule chains slide onto the
diagonal.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, overload

from dedup.engine.seeds import Crowded, Match
from dedup.engine.speed import prefers_arrays

if TYPE_CHECKING:
    import numpy as np
    from rapidfuzz.distance import Editops, MatchingBlock

LOOK_BACK = 60
"""How many earlier matches a match may be chained to."""
MAX_GAP = 420
"""Letters between two matches of one chain: an inserted paragraph, not a chapter."""
MAX_TRIMMED = 16
"""Letters by which a match may overlap the one before it in its chain: it loses them, and what is cut off may
be what it was found for."""
MAX_ALIGNED = 600
"""Longest gap, in letters, that is aligned letter by letter."""
MIN_EQUAL = 3
"""Shortest equal run counted in an aligned gap: unrelated text shares shorter ones by chance."""
MAX_EXTENSION = 240
"""Letters looked at beyond each end of a chain."""
_SHIFT_COST = 0.05
_LINK_COST = 3.0
_GAP_COST = 0.25
_DROP = 12
"""An extension ends once it has lost this many letters on its best point."""


Pair = tuple[int, int, float]
"""Indexes of a match and of one that it can follow, and what that costs."""


class Repeat(NamedTuple):
    """The letters from ``first`` to ``first_end`` stand again from ``second`` to ``second_end``."""

    first: int
    first_end: int
    second: int
    second_end: int
    runs: tuple[Match, ...]
    """Equal runs in order on both sides; what lies between them differs."""
    matched: int
    """Letters in equal runs."""

    @classmethod
    def of(cls, runs: Sequence[Match]) -> Repeat:
        """The repeat that begins with the first of ``runs`` and ends with the last."""
        first, second, length = runs[0]
        one, two, matched = first, second, length
        if len(runs) > 1:
            one, two, length = runs[-1]
            matched = sum([length for _, _, length in runs])
        return cls(first, one + length, second, two + length, tuple(runs), matched)

    @property
    def sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First letter and letter after the last, of the first and of the second side."""
        return (self.first, self.first_end), (self.second, self.second_end)

    @property
    def density(self) -> float:
        """Matched letters / the longer side's letters."""
        return self.matched / max(self.first_end - self.first, self.second_end - self.second)


def repeats(letters: str, matches: list[Match] | np.ndarray, min_matched: int) -> list[Repeat]:
    """Chains of ``matches``, each aligned, with at least ``min_matched`` letters; by position."""
    return aligned(letters, chains(matches, min_matched, len(letters)), min_matched)


def chains(
    matches: list[Match] | np.ndarray, min_matched: int, letters: int
) -> Sequence[list[Match]]:
    """Matches in the same order on both sides, with at least ``min_matched`` letters together.

    Raises ``Crowded`` if so many of them can follow each other that ``letters`` letters must be one rhythm.
    """
    most = max(MIN_PAIRS, MAX_PAIRS * letters)
    if not isinstance(matches, list):
        return _array_chains(_array_without_overlap(matches), min_matched, most)
    disjoint = _without_overlap(matches)
    found = _chains(disjoint, _no_more_than(most, _plain_pairs(disjoint)))
    return [chain for chain in found if sum([length for _, _, length in chain]) >= min_matched]


MAX_PAIRS = 5
"""Pairs of matches that can follow each other, per letter. Real documents have up to 3.3 (a litany), a few words
in ever new order ten: there every chain is as good as any other, and none says anything."""
MIN_PAIRS = 40_000
"""Pairs that are looked at in any text."""


def _no_more_than(most: int, pairs: Iterable[Pair]) -> Iterator[Pair]:
    for count, pair in enumerate(pairs, 1):
        if count > most:
            raise Crowded
        yield pair


def aligned(letters: str, chains: Iterable[list[Match]], min_matched: int) -> list[Repeat]:
    """Chains as repeats: what lies in and around them aligned, those too short left out; by position.

    Raises ``Crowded`` if they have more letters than ``MAX_REPEATED`` allows.
    """
    left = max(MIN_REPEATED, MAX_REPEATED * len(letters))
    found = []
    for chain, is_open in with_open_ends(letters, chains):
        repeat = align(letters, chain, is_open)
        left -= repeat.second_end - repeat.second
        if left < 0:
            raise Crowded
        if repeat.matched >= min_matched:
            found.append(repeat)
    return each_once(found)


def each_once(repeats: list[Repeat]) -> list[Repeat]:
    """``repeats``, which are put in order, without those that come again; nothing of them has to be hashed."""
    repeats.sort()
    return [one for one, before in zip(repeats, [None, *repeats], strict=False) if one != before]


def with_open_ends(
    letters: str, chains: Iterable[list[Match]]
) -> Iterator[tuple[list[Match], tuple[bool, bool]]]:
    """Each chain, and whether it may go on before its first match, and whether after its last."""
    rest, codes = iter(chains), None
    while some := list(islice(rest, _ROWS)):
        heads = [(chain[0].first, chain[0].second) for chain in some]
        tails = [(last.first + last.length, last.second + last.length) for *_, last in some]
        if len(some) >= _MANY_CHAINS and prefers_arrays(0):
            codes = _codes(letters) if codes is None else codes
            backwards, onwards = _are_open(codes, heads, -1), _are_open(codes, tails, 1)
        else:
            backwards = [_can_extend_back(letters, *head) for head in heads]
            onwards = [_can_extend(letters, *tail) for tail in tails]
        yield from zip(some, zip(backwards, onwards, strict=True), strict=True)


_MANY_CHAINS = 8
"""Chains from which looking at the ends of all of them together is cheaper."""


def _codes(letters: str) -> np.ndarray:
    """A number for each letter, and around them as many as are looked at that are equal to none."""
    import numpy as np

    around = ("\x7f" if letters.isascii() else "\uffff") * _AROUND
    text = around + letters + around
    if letters.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


_AROUND = 32


def _are_open(codes: np.ndarray, ends: Sequence[tuple[int, int]], step: int) -> list[bool]:
    """For many chains at once whether an extension could add anything after their ends or, with ``step`` -1, before
    their beginnings: a sharper ``_can_extend`` or ``_can_extend_back``, of which fewer come to nothing."""
    import numpy as np

    ones, twos = np.array(ends).T
    grams = (_grams(codes, side, step, _DROP + 1) for side in (ones, twos))
    likely = np.flatnonzero(_equal_grams(*grams).reshape(-1, len(ends)).any(axis=0))
    are_open = np.zeros(len(ends), bool)
    if len(likely):
        grams = (_grams(codes, side[likely], step, _FORESEEN) for side in (ones, twos))
        are_open[likely] = _can_gain(_equal_grams(*grams))
    return are_open.tolist()


_FORESEEN = 28
"""Letters of an extension that are foreseen: of those that come to nothing two in three are seen to by then."""


def _equal_grams(ones: np.ndarray, twos: np.ndarray) -> np.ndarray:
    are_equal: np.ndarray = ones[:, None] == twos
    return are_equal


def _can_gain(are_equal: np.ndarray) -> np.ndarray:
    """For each chain whether equal runs could outweigh what differs before they have dropped out.

    ``are_equal`` says of each two places behind an end, one on each side, whether the same letters, as many as
    count, follow. What differs weighs what the longer gaps have: so once equal runs outweigh it they have more than
    half of the letters up to there, on the side where these are more, and as long as they have not dropped out half
    of them but for ``_DROP``. No letter can be in a run before the nearest place from which a run reaches it is
    passed on both sides; so many letters at most are in one, and no order or alignment is asked for.
    """
    import numpy as np

    size, _, count = are_equal.shape
    one, two = np.divmod(np.flatnonzero(are_equal), size * count)
    two, chain = np.divmod(two, count)
    nearest = np.full((size, count), _NEVER, np.uint8)
    np.minimum.at(nearest, (one, chain), np.maximum(one, two).astype(np.uint8))
    passed = nearest + np.uint8(1)
    for offset in range(1, MIN_EQUAL):
        np.minimum(passed[offset:], nearest[:-offset] + np.uint8(offset + 1), out=passed[offset:])
    passed.sort(axis=0)
    is_foreseen = passed <= size
    twice = np.arange(2, 2 * size + 2, 2, dtype=np.uint8)[:, None]
    gains = (is_foreseen & (twice > passed)).any(axis=0)
    can: np.ndarray = gains | (2 * is_foreseen.sum(axis=0) + _DROP >= size)
    return can


_NEVER = 200


def _grams(codes: np.ndarray, ends: np.ndarray, step: int, size: int) -> np.ndarray:
    """For each of ``ends`` a column of numbers: the three letters from there on, from the next letter on ... or, with
    ``step`` -1, those before it backwards."""
    import numpy as np

    places = ends + (step * np.arange(size + MIN_EQUAL - 1) + (_AROUND - (step < 0)))[:, None]
    is_small = codes.itemsize == 1
    near: np.ndarray = codes[places].astype(np.uint32 if is_small else np.int64)
    bits = 8 if is_small else 21
    grams: np.ndarray = near[:-2] | near[1:-1] << bits | near[2:] << 2 * bits
    return grams


MAX_REPEATED = 5
"""Letters of all repeats together, per letter of the text: records that differ in a number have forty, because each
is like its neighbours and like those with some of its digits."""
MIN_REPEATED = 2_000_000
"""Letters of repeats that are looked at in any text: no labelled document has a tenth of that."""
MAX_CHAINED = 3
"""Letters of chains, per letter of the text, beyond which phrases are left out. In one megabyte of different
documents chains have two and a half, in three megabytes eight: in the end every phrase has stood before."""
PHRASE = 32
"""Matched letters of a chain from which it is more than a phrase."""


def without_phrases(
    chains: Sequence[list[Match]], letters: int
) -> tuple[Sequence[list[Match]], bool]:
    """The best of ``chains``, which come best first, and whether phrases beyond ``MAX_CHAINED`` were left out."""
    most = max(MIN_REPEATED, MAX_CHAINED * letters)
    if isinstance(chains, Chains) and chains.extent <= most:
        return chains, False
    extent = 0
    for at, chain in enumerate(chains):
        head, tail = chain[0], chain[-1]
        extent += tail.second + tail.length - head.second
        if extent > most and sum([length for _, _, length in chain]) < PHRASE:
            return chains[:at], True
    return chains, False


def _without_overlap(matches: Sequence[Match]) -> list[Match]:
    """Matches whose sides are disjoint: a text that repeats every ``shift`` letters is cut into its periods."""
    disjoint: list[Match] = []
    for match in matches:
        shift = match.second - match.first
        if match.length <= shift:
            disjoint.append(match)
            continue
        # The period may begin with the match or end with it.
        for start in sorted({0, match.length % shift}):
            for period in range(min((match.length - start) // shift, _MAX_PERIODS)):
                second = match.second + start + period * shift
                disjoint.append(Match(match.first + start, second, shift))
    disjoint.sort(key=lambda match: (match.second, match.first))
    return disjoint


def _array_without_overlap(rows: np.ndarray) -> np.ndarray:
    """The same for a match a row."""
    import numpy as np

    shifts = rows[:, 1] - rows[:, 0]
    is_overlapping = rows[:, 2] > shifts
    if not is_overlapping.any():
        return rows
    parts = [rows[~is_overlapping]]
    rows, shifts = rows[is_overlapping], shifts[is_overlapping]
    rest = rows[:, 2] % shifts
    for starts in (0 * rest, rest):
        times = np.minimum((rows[:, 2] - starts) // shifts, _MAX_PERIODS)
        if starts is rest:
            times[rest == 0] = 0
        of = np.arange(len(rows), dtype=np.int32).repeat(times)
        period = np.arange(len(of), dtype=np.int32) - (np.cumsum(times) - times)[of]
        first, second = rows[of, 0] + starts[of], rows[of, 1] + starts[of] + period * shifts[of]
        parts.append(np.stack((first, second, shifts[of]), axis=1).astype(rows.dtype))
    rows = np.concatenate(parts)
    keys = (rows[:, 1].astype(np.int64) << 32) | rows[:, 0]
    disjoint: np.ndarray = rows[keys.argsort(kind="stable")]
    return disjoint


_MAX_PERIODS = 1000
"""Copies in a row that are told apart in one look; the next look takes the rest."""


def _chains(matches: list[Match], pairs: Iterable[Pair]) -> list[list[Match]]:
    """Best-scoring chains first, each match in one chain at most (dynamic programming, Chao & Miller)."""
    scores, links = _best_links(matches, pairs)
    used = bytearray(len(matches))
    chains = []
    for last in sorted(range(len(matches)), key=scores.__getitem__, reverse=True):
        if used[last]:
            continue
        chain = []
        at = last
        while at >= 0 and not used[at]:
            used[at] = 1
            chain.append(matches[at])
            at = links[at]
        chain.reverse()
        chains.append(chain)
    return chains


def _best_links(matches: Sequence[Match], pairs: Iterable[Pair]) -> tuple[list[float], list[int]]:
    """For each match the score of the best chain that ends there, and the match before it."""
    scores = [float(match.length) for match in matches]
    links = [-1] * len(matches)
    starts = [match.second for match in matches]
    for at, before, cost in pairs:
        first, _, length = matches[at]
        if first + length > starts[before]:  # the first side must end before the second begins
            continue
        score = scores[before] + length - cost
        if score > scores[at]:
            scores[at] = score
            links[at] = before
            starts[at] = starts[before]
    return scores, links


def _plain_pairs(matches: Sequence[Match]) -> Iterator[Pair]:
    """Matches that can follow each other, the later first, nearest first; and what that costs."""
    for at, (first, second, length) in enumerate(matches):
        for before in range(at - 1, max(-1, at - 1 - LOOK_BACK), -1):
            b_first, b_second, b_length = matches[before]
            gap_one, gap_two = first - b_first - b_length, second - b_second - b_length
            if gap_one > MAX_GAP or gap_two > MAX_GAP or first <= b_first or second <= b_second:
                continue
            trimmed = max(0, -gap_one, -gap_two)
            if trimmed >= min(length, MAX_TRIMMED + 1):
                continue
            cost = _LINK_COST + _SHIFT_COST * abs(gap_one - gap_two) + trimmed
            yield at, before, cost + _GAP_COST * max(min(gap_one, gap_two), 0)


class Chains(Sequence[list[Match]]):
    """Chains as rows of an array: a long text has more of them than there is room for as objects."""

    def __init__(self, rows: np.ndarray, members: array[int], ends: array[int]) -> None:
        """``members`` are indexes of ``rows``, chain by chain; ``ends`` says where in it each chain ends."""
        self._rows, self._members, self._ends = rows, members, ends

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def extent(self) -> int:
        """Letters from the beginning to the end of the second side, of all chains together."""
        import numpy as np

        if not self._ends:
            return 0
        members, ends = np.frombuffer(self._members, np.int32), np.frombuffer(self._ends, np.int32)
        heads, tails = members[np.append(0, ends[:-1])], members[ends - 1]
        reached = self._rows[tails, 1] + self._rows[tails, 2]
        return int((reached - self._rows[heads, 1]).sum(dtype=np.int64))

    @overload
    def __getitem__(self, at: int) -> list[Match]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[list[Match]]: ...
    def __getitem__(self, at: int | slice) -> list[Match] | Sequence[list[Match]]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if start == 0 and step == 1:
                return Chains(self._rows, self._members, self._ends[:stop])
            return [self[one] for one in range(start, stop, step)]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        start = self._ends[at - 1] if at else 0
        return self._matches(start, self._ends[at])

    def __iter__(self) -> Iterator[list[Match]]:
        start = 0
        for first in range(0, len(self), _ROWS):
            ends = self._ends[first : first + _ROWS]
            found = self._matches(start, ends[-1])
            low = start
            for end in ends:
                yield found[low - start : end - start]
                low = end
            start = low

    def _matches(self, start: int, end: int) -> list[Match]:
        return [Match(*row) for row in self._rows[self._members[start:end]].tolist()]


def _array_chains(rows: np.ndarray, min_matched: int, most: int) -> Chains:
    """``_chains`` for a match a row, without those too short."""
    import numpy as np

    rows = rows.astype(np.int32, copy=False)
    scores, links = _array_best_links(rows, _array_pairs(rows, most))
    ranks, before = np.frombuffer(scores), np.frombuffer(links, np.int32)
    is_wanted = (rows[:, 2] >= min_matched) | (before >= 0)
    is_wanted[before[before >= 0]] = True  # where a chain ends too that others would go on from
    wanted = np.flatnonzero(is_wanted)
    wanted = wanted[(-ranks[wanted]).argsort(kind="stable")].astype(np.int32)
    lengths, used = array("i", rows[:, 2].tobytes()), bytearray(len(rows))
    members, ends = array("i"), array("i")
    for last in array("i", wanted.tobytes()):
        chain, matched, at = [], 0, last
        while at >= 0 and not used[at]:
            used[at] = 1
            chain.append(at)
            matched += lengths[at]
            at = links[at]
        if matched >= min_matched:
            members.extend(reversed(chain))
            ends.append(len(members))
    return Chains(rows, members, ends)


def _array_best_links(
    rows: np.ndarray, blocks: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> tuple[array[float], array[int]]:
    """``_best_links`` in columns: eight bytes a score and four a link, where a list would take four times that."""
    import numpy as np

    columns = (rows[:, 0] + rows[:, 2], rows[:, 1], rows[:, 2])
    first_ends, starts, lengths = (array("i", column.tobytes()) for column in columns)
    scores = array("d", rows[:, 2].astype(np.float64).tobytes())
    links = array("i", [-1]) * len(rows)
    for at, before, cost in blocks:
        if len(at):
            low, high = int(before.min()), int(at[-1]) + 1
            some = slice(low, high)
            best, begun = scores[some].tolist(), starts[some].tolist()
            pairs = zip((at - low).tolist(), (before - low).tolist(), cost.tolist(), strict=True)
            found = _linked(pairs, first_ends[some].tolist(), lengths[some].tolist(), best, begun)
            for mine, to in found.items():
                links[mine + low] = to + low
            scores[some], starts[some] = array("d", best), array("i", begun)
    return scores, links


def _linked(
    pairs: Iterable[Pair],
    first_ends: Sequence[int],
    lengths: Sequence[int],
    scores: list[float],
    starts: list[int],
) -> dict[int, int]:
    """The match before each match of a block that has one, as ``_best_links`` finds it; ``scores`` and ``starts``,
    of the chains that end there, are brought up to date."""
    links: dict[int, int] = {}
    last, end, length, best = -1, 0, 0, 0.0
    for at, before, cost in pairs:
        if at != last:
            last, end, length, best = at, first_ends[at], lengths[at], scores[at]
        if end <= starts[before]:
            score = scores[before] + length - cost
            if score > best:
                best = scores[at] = score
                links[at] = before
                starts[at] = starts[before]
    return links


def _array_pairs(
    rows: np.ndarray, most: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """``_plain_pairs`` by numpy, some rows at a time, without those that join both sides of a chain."""
    first_end, second, count = rows[:, 0] + rows[:, 2], rows[:, 1], 0
    for at, before, cost in _pair_columns(rows):
        count += len(at)
        if count > most:
            raise Crowded
        # A chain's second side begins no later than its last match does.
        is_apart = first_end[at] <= second[before]
        yield at[is_apart], before[is_apart], cost[is_apart]


def _pair_columns(rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    import numpy as np

    first, second, length = rows.T.astype(np.int32)
    first_end, second_end = first + length, second + length
    columns = [_with_none_before(column) for column in (first, first_end, second, second_end)]
    for begin in range(0, len(rows), _ROWS):
        stop = min(begin + _ROWS, len(rows))
        one, one_end, two, two_end = (_looked_back(column, begin, stop) for column in columns)
        mine, other = first[begin:stop], second[begin:stop]
        near = (one_end >= mine - MAX_GAP) & (one < mine)
        near &= two_end >= other - MAX_GAP
        near &= two < other
        at, before = np.divmod(np.flatnonzero(near.T[:, ::-1]), LOOK_BACK)
        at += begin
        before = at - 1 - before
        gap_one, gap_two = first[at] - first_end[before], second[at] - second_end[before]
        narrow = np.minimum(gap_one, gap_two)
        trimmed = np.maximum(-narrow, 0)
        cost = _LINK_COST + _SHIFT_COST * np.abs(gap_one - gap_two) + trimmed
        cost += _GAP_COST * np.maximum(narrow, 0)
        fits = trimmed < np.minimum(length[at], MAX_TRIMMED + 1)
        yield at[fits], before[fits], cost[fits]


def _with_none_before(column: np.ndarray) -> np.ndarray:
    """A column of letters behind those of as many matches as are looked back to, all far beyond any text."""
    import numpy as np

    return np.concatenate((np.full(LOOK_BACK, _BEYOND_ALL, np.int32), column))


_BEYOND_ALL = (1 << 31) - 1


def _looked_back(column: np.ndarray, begin: int, stop: int) -> np.ndarray:
    """For each match from ``begin`` up to ``stop`` a column: those before it, the farthest first."""
    import numpy as np

    size = column.itemsize
    return np.ndarray((LOOK_BACK, stop - begin), column.dtype, column, begin * size, (size, size))


_ROWS = 512
"""Matches looked back from at once, so that memory does not grow with their number."""


def align(letters: str, chain: list[Match], is_open: tuple[bool, bool]) -> Repeat:
    """One chain with overlaps trimmed, gaps aligned and both ends extended, as far as they are open."""
    head = tail = chain[0]
    runs = [head]
    one, two = head.first + head.length, head.second + head.length
    for match in chain[1:]:
        first, second, length = match
        gap_one, gap_two = first - one, second - two
        if gap_one < 0 or gap_two < 0:
            trimmed = -min(gap_one, gap_two)
            if trimmed >= length:
                continue
            first, second, length = first + trimmed, second + trimmed, length - trimmed
            match = Match(first, second, length)
            gap_one, gap_two = gap_one + trimmed, gap_two + trimmed
        if gap_one >= MIN_EQUAL and gap_two >= MIN_EQUAL:
            runs += _equal_runs(letters, one, first, two, second)
        runs.append(match)
        one, two, tail = first + length, second + length, match
    goes_back, goes_on = is_open
    if goes_on:
        runs += _extension(letters, one, two, head.second - one)
        tail = runs[-1]
    if goes_back:
        room = head.second - tail.first - tail.length
        runs = _extension_back(letters, head.first, head.second, room) + runs
    return Repeat.of(runs)


def _equal_runs(letters: str, one: int, one_end: int, two: int, two_end: int) -> list[Match]:
    """Equal runs of ``MIN_EQUAL`` letters and more in a gap between two matches."""
    if max(one_end - one, two_end - two) > MAX_ALIGNED:
        return []
    return [
        Match(one + block.a, two + block.b, block.size)
        for block in _blocks(letters[one:one_end], letters[two:two_end])
        if block.size >= MIN_EQUAL
    ]


def _blocks(one: str, two: str) -> list[MatchingBlock]:
    """Equal runs of any length, in order, of a shortest way from one string to the other. To be read by name: to
    unpack one takes longer than to find it."""
    return _edits()(one, two).as_matching_blocks()


@cache
def _edits() -> Callable[[str, str], Editops]:
    # Imported here: not needed, and not paid for, where nothing repeats.
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.editops


def _extension(letters: str, one: int, two: int, room: int) -> list[Match]:
    """Equal runs right after a chain, as far as they outweigh what differs between them."""
    first, second = _sizes(room, len(letters) - two)
    if min(first, second) < MIN_EQUAL:
        return []
    runs = _runs(letters[one : one + first], letters[two : two + second])
    return [Match(one + run.first, two + run.second, run.length) for run in runs]


def _sizes(first: int, second: int) -> tuple[int, int]:
    """How many letters are looked at on each side; where one side ends sooner, the other a little farther."""
    shorter = min(MAX_EXTENSION, first, second)
    return min(first, shorter + _DROP), min(second, shorter + _DROP)


def _runs(one: str, two: str) -> list[Match]:
    """Equal runs of two strings from their beginning on, until what differs outweighs them."""
    runs: list[Match] = []
    best, score, kept = 0, 0, 0
    first_end = second_end = 0
    for block in _blocks(one, two):
        first, second, length = block.a, block.b, block.size
        score -= max(first - first_end, second - second_end)
        first_end, second_end = first + length, second + length
        if length < MIN_EQUAL:
            score -= length
        if score < best - _DROP:
            break
        if length >= MIN_EQUAL:
            score += length
            runs.append(Match(first, second, length))
            if score > best:
                best, kept = score, len(runs)
    return runs[:kept]


def _can_extend(letters: str, one: int, two: int) -> bool:
    """Whether equal letters, as many as count, come before an extension would have dropped out."""
    starts = range(_DROP + 1)
    near = {letters[one + start : one + start + MIN_EQUAL] for start in starts}
    return not near.isdisjoint([letters[two + start : two + start + MIN_EQUAL] for start in starts])


def _can_extend_back(letters: str, one: int, two: int) -> bool:
    """The same right before a chain."""
    ends = range(_DROP + 1)
    near = {letters[max(0, one - end - MIN_EQUAL) : one - end] for end in ends if one > end}
    return not near.isdisjoint([letters[two - end - MIN_EQUAL : two - end] for end in ends])


def _extension_back(letters: str, one: int, two: int, room: int) -> list[Match]:
    """The same right before a chain."""
    first, second = _sizes(one, room)
    if min(first, second) < MIN_EQUAL:
        return []
    runs = _runs(letters[one - first : one][::-1], letters[two - second : two][::-1])
    return [
        Match(one - run.first - run.length, two - run.second - run.length, run.length)
        for run in reversed(runs)
    ]


class Coverage:
    """How much of a stretch of letters one side of a repeat covers, and what stands opposite."""

    def __init__(self, runs: Sequence[Match], side: int) -> None:
        self._starts = [run[side] for run in runs]
        self._others = [run[1 - side] for run in runs]
        self._lengths = [run.length for run in runs]
        self._asked = (0, 0)
        self._pieces: list[tuple[int, int, int]] = []

    def pieces(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """``(position, other position, length)`` of the matched pieces between two letters, in order."""
        if self._asked == (start, end):  # a unit is asked about several times in a row
            return self._pieces
        starts, others, lengths = self._starts, self._others, self._lengths
        found = []
        for run in range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, end)):
            low, high = starts[run], starts[run] + lengths[run]
            other = others[run]
            if low < start:
                low, other = start, other + start - low
            if high > end:
                high = end
            if high > low:
                found.append((low, other, high - low))
        self._asked, self._pieces = (start, end), found
        return found

    def share(self, start: int, end: int) -> float:
        """Matched letters / letters between two positions."""
        matched = sum(length for _, _, length in self.pieces(start, end))
        return matched / (end - start) if end > start else 0.0

    def room(self, first: int, last: int) -> tuple[int, int]:
        """Unmatched letters opposite, before the run that holds ``first`` and after the one that holds ``last``."""
        at = bisect_right(self._starts, first) - 1
        before = self._others[at] - self._others[at - 1] - self._lengths[at - 1] if at else 0
        at = bisect_right(self._starts, last) - 1
        after = 0
        if at + 1 < len(self._starts):
            after = self._others[at + 1] - self._others[at] - self._lengths[at]
        return before, after
