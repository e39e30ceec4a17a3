"""A pair of documents -> what of one stands in the other: its places chained, aligned, and snapped to units.

Only the neighbourhood of shared grams is read. What could neither be a block nor a teaser is not split into
sentences, and most is neither.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice, pairwise
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.partners import MAX_GAP, MIN_LINKS, Pair
from dedup.corpus.shared import GRAM
from dedup.corpus.windows import Rows, Window
from dedup.engine import claims, normalize, passages
from dedup.engine.matching import Match, common_length, common_length_back
from dedup.engine.units import Units

if TYPE_CHECKING:
    import numpy as np

AROUND = 300
"""Bytes read beyond each end of what grams cover: as far as alignment extends."""
_ROUNDS = 4
"""Chains are looked for in what earlier ones left: moved paragraphs."""
MIN_BLOCK = 200
"""Weight of a block's prose that stands opposite."""
_COVERS = 0.85
"""Share of a paragraph that a repeat has to reach to cover it."""
_OUT = ("\x01", "\x02")
"""Stand for letters that are passed over, in the earlier and the later document; equal to nothing."""
_BORDER = "\x03"
_STRAY, _JUMP = 12, 30
"""Letters of a run, and by how many its diagonal lies off the next one's."""


class Unit(NamedTuple):
    """A paragraph or a sentence that could go, and what stands opposite; letters are those of the rows."""

    row: int
    sentence: int
    """-1 for the whole paragraph."""
    start: int
    end: int
    matched: int
    twins: tuple[tuple[int, int, int], ...]
    """Row, first letter, and letter after the last; in order."""
    parts: tuple[Unit, ...] = ()
    """Of a paragraph that is not the same letter by letter, its sentences."""

    @property
    def size(self) -> int:
        """Its letters."""
        return self.end - self.start


class Side(NamedTuple):
    """Units of one document that stand in another: one side of one repeat."""

    document: int
    twin: int
    is_later: bool
    units: tuple[Unit, ...]
    rarity: float
    """As that of the pair."""


def sides(rows: Rows, pair: Pair, is_out: np.ndarray) -> list[Side]:
    """What of each document of ``pair`` stands in the other, repeat by repeat."""
    views = []
    for chain in _chains(pair.later_at.tolist(), pair.earlier_at.tolist()):
        view = _View.of(rows, pair, chain, is_out)
        if view:
            views.append(view)
    if not any(view.may_matter() for view in views):
        return []
    return [side for view in views for side in view.sides(pair)]


def _chains(later: list[int], earlier: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Links in the same order on both sides, without long gaps: earlier and later place of each."""
    left = list(zip(earlier, later, strict=True))
    for _ in range(_ROUNDS):
        if len(left) < MIN_LINKS:
            return
        order = [one for one, _ in left]
        if all(map(lt, order, islice(order, 1, None))):
            best, left = left, []
        else:
            taken = _longest(order)
            best = [left[at] for at in taken]
            rest = bytearray(b"\1") * len(left)
            for at in taken:
                rest[at] = 0
            left = list(compress(left, rest))
        yield from _without_gaps(_in_company(best))


def _in_company(links: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The links that lie on one diagonal, or nearly, with those before or after them: a phrase that stands elsewhere
    as well would take the place of what belongs there."""
    shifts = [two - one for one, two in links]
    kept: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(links) + 1):
        if at == len(links) or abs(shifts[at] - shifts[at - 1]) > _JUMP:
            if at - start >= MIN_LINKS:
                kept += links[start:at]
            start = at
    return kept


def _without_gaps(links: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    start = 0
    for at, (one, two) in enumerate(pairwise(links), 1):
        if max(two[0] - one[0], two[1] - one[1]) > MAX_GAP:
            if at - start >= MIN_LINKS:
                yield links[start:at]
            start = at
    if len(links) - start >= MIN_LINKS:
        yield links[start:]


def _longest(values: Sequence[int]) -> list[int]:
    """Indexes of a longest ascending subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(values)
    for at, value in enumerate(values):
        rank = bisect_left(tails, value)
        before[at] = ends[rank - 1] if rank else -1
        tails[rank : rank + 1] = [value]
        ends[rank : rank + 1] = [at]
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


class _Place(NamedTuple):
    """What a unit of the joined letters is."""

    row: int
    sentence: int
    """-1: a paragraph, whose sentences are in order; else its number in the paragraph."""
    origin: int
    """Joined letter at which the row begins, or would."""


class _View:
    """Two windows, joined, and one repeat between them."""

    def __init__(
        self, rows: Rows, windows: tuple[Window, Window], shift: int, repeat: passages.Repeat
    ) -> None:
        self._rows, self._windows, self._shift, self._repeat = rows, windows, shift, repeat
        self._coverages = [passages.Coverage(repeat.runs, side) for side in (0, 1)]

    @classmethod
    def of(
        cls, rows: Rows, pair: Pair, chain: list[tuple[int, int]], is_out: np.ndarray
    ) -> _View | None:
        """The windows around a chain and what comes of it; None if that is nothing."""
        windows = []
        for side, document in enumerate((pair.earlier, pair.later)):
            low, high = chain[0][side] - AROUND, chain[-1][side] + GRAM + AROUND
            windows.append(Window(rows, document, low, high, _OUT[side], is_out))
        one, two = windows
        letters, shift = one.letters + _BORDER + two.letters, len(one.letters) + 1
        links = zip(
            one.indexes([at for at, _ in chain], 0),
            two.indexes([at for _, at in chain], shift),
            strict=True,
        )
        matches = _matches(letters, links)
        if not matches:
            return None
        runs = passages.align(letters, matches, (True, True)).runs
        inside = [run for run in runs if run.first + run.length < shift <= run.second]
        kept = _without_strays(inside)
        return cls(rows, (one, two), shift, passages.Repeat.of(kept)) if kept else None

    @property
    def _heaviest(self) -> int:
        """How much a letter may weigh; paragraphs that are gone speak for those beside them."""
        is_light = self._windows[1].letters.isascii() and not any(self._windows[1].is_out)
        return 1 if is_light else normalize.HEAVIEST

    def may_matter(self) -> bool:
        """Whether enough stands opposite for a block, or a paragraph is covered."""
        if self._repeat.matched * self._heaviest >= MIN_BLOCK:
            return True
        for window, (start, end) in zip(self._windows, self._ranges(), strict=True):
            for at in window.between(start, end):
                low, high = window.borders[at : at + 2]
                if min(high, end) - max(low, start) >= _COVERS * (high - low):
                    return True
        return False

    def sides(self, pair: Pair) -> Iterator[Side]:
        """The units that each document has in the repeat."""
        columns, places = self._units()
        for claim in claims.find([self._repeat], columns, _count, 1):
            if claim.side == 0:
                units = [self._unit(part, places, 1) for part in claim.parts]
                yield Side(pair.earlier, pair.later, False, tuple(units), pair.rarity)
                continue
            units = []
            for part in claim.parts:
                found = self._parts(part, columns, places)
                units.append(self._unit(part, places, 0)._replace(parts=found))
            yield Side(pair.later, pair.earlier, True, tuple(units), pair.rarity)

    def _ranges(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Letters of each window that the repeat reaches."""
        one, (start, end) = self._repeat.sides
        return one, (start - self._shift, end - self._shift)

    def _units(self) -> tuple[Units, list[_Place]]:
        """The paragraphs of both windows that the repeat reaches as units of the joined letters, and what each is.

        Of the earlier document only whole paragraphs may go, so they are not split.
        """
        sentences: list[list[tuple[int, int]]] = []
        places: list[_Place] = []
        coverage = self._coverages[1]
        one, two = self._windows
        ranges = self._ranges()
        for at in one.between(*ranges[0]):
            if not one.is_out[at] and not one.is_cut(at):
                sentences.append([(one.borders[at], one.borders[at + 1])])
                places.append(_Place(one.first + at, -1, one.borders[at]))
        for at in two.between(*ranges[1]):
            low, high = two.borders[at] + self._shift, two.borders[at + 1] + self._shift
            if two.is_out[at] or low == high:
                continue
            row, origin = two.first + at, two.origin(at) + self._shift
            if two.is_cut(at):
                # Only a part of a long paragraph is read: each whole sentence of it stands for itself.
                for number, (start, end) in self._sentences(row, low - origin, high - origin):
                    sentences.append([(start + origin, end + origin)])
                    places.append(_Place(row, number, origin))
                continue
            places.append(_Place(row, -1, origin))
            pieces = coverage.pieces(low, high)
            if len(pieces) == 1 and pieces[0][2] == high - low:
                sentences.append([(low, high)])  # it goes as a whole or not at all
            else:
                inside = self._rows[row].sentences
                sentences.append([(start + origin, end + origin) for start, end in inside])
        starts = [inside[0][0] for inside in sentences]
        ends = [inside[-1][1] for inside in sentences]
        return Units((), starts, ends, sentences), places

    def _sentences(self, row: int, low: int, high: int) -> list[tuple[int, tuple[int, int]]]:
        """The sentences of a paragraph between two of its letters, with their numbers."""
        sentences = self._rows[row].sentences
        number = bisect_left(sentences, (low, 0))
        found = []
        while number < len(sentences) and sentences[number][1] <= high:
            found.append((number, sentences[number]))
            number += 1
        return found

    def _parts(
        self, part: claims.Part, columns: Units, places: Sequence[_Place]
    ) -> tuple[Unit, ...]:
        """Of a paragraph that is not the same letter by letter, the sentences that stand opposite."""
        sentences = columns.sentences[part.paragraph]
        if part.sentence >= 0 or part.is_exact or len(sentences) < 2:
            return ()
        place = places[part.paragraph]
        mine = [place._replace(sentence=number) for number in range(len(sentences))]
        starts, ends = [start for start, _ in sentences], [end for _, end in sentences]
        single = Units((), starts, ends, [[letters] for letters in sentences])
        return tuple(
            self._unit(found, mine, 0)
            for claim in claims.find([self._repeat], single, _count, 1)
            for found in claim.parts
        )

    def _unit(self, part: claims.Part, places: Sequence[_Place], side: int) -> Unit:
        """A part as a unit of its row; its twins stand on ``side``, in paragraphs that share something with it."""
        place, opposite = places[part.paragraph], self._windows[side]
        shift = side * self._shift
        twins = []
        start, end = part.twin - shift, part.twin_end - shift
        for at in opposite.between(start, end):
            low, high = max(opposite.borders[at], start), min(opposite.borders[at + 1], end)
            shares = low < high and self._coverages[side].share(low + shift, high + shift)
            if shares and not opposite.is_out[at]:
                origin = opposite.origin(at)
                twins.append((opposite.first + at, low - origin, high - origin))
        return Unit(
            place.row,
            max(place.sentence, part.sentence),
            part.start - place.origin,
            part.end - place.origin,
            part.matched,
            tuple(twins),
        )


def _count(start: int, end: int) -> int:
    return end - start


def _matches(letters: str, links: Iterable[tuple[int, int]]) -> list[Match]:
    """The maximal match around each link, each once."""
    found: list[Match] = []
    for first, second in links:
        if found:
            last = found[-1]
            if second - first == last.second - last.first and second < last.second + last.length:
                continue
        ahead = common_length(letters, first, second)
        behind = common_length_back(letters, first, second)
        if ahead + behind:
            found.append(Match(first - behind, second - behind, ahead + behind))
    return found


def _without_strays(runs: Sequence[Match]) -> list[Match]:
    """Without short runs next to which one side goes on far away: chance, and it would move the border of a twin."""
    shifts = [run.second - run.first for run in runs]
    kept = []
    for at, run in enumerate(runs):
        beside = [shifts[other] for other in (at - 1, at + 1) if 0 <= other < len(runs)]
        jump = max((abs(shift - shifts[at]) for shift in beside), default=0)
        if run.length >= _STRAY or jump <= _JUMP:
            kept.append(run)
    return kept
