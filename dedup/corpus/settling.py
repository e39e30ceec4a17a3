"""What stands in two documents -> what goes: decided document by document, in canonical order, then teasers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import evidence, partners
from dedup.corpus.evidence import Texts
from dedup.corpus.opposite import Side, Unit
from dedup.corpus.partners import Pair
from dedup.engine import scores
from dedup.engine.cuts import UNIT_SCORE
from dedup.model import CONTAINED, REPEATED_BLOCK, Kind

if TYPE_CHECKING:
    import numpy as np


_LAST = 8
"""Proven blocks of two documents that others are looked for beside: they come in order of place."""


class Removal(NamedTuple):
    """A unit that goes, and its twins, in code points of the documents' texts."""

    document: int
    start: int
    end: int
    score: float
    kind: Kind
    confidence: float
    block: int
    twin_document: int
    twins: tuple[tuple[int, int], ...]


class _Taken:
    """Stretches of letters of rows, or of bytes of documents, merged where they touch."""

    def __init__(self) -> None:
        self._rows: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, row: int, start: int, end: int) -> None:
        """Take the letters from ``start`` up to ``end``."""
        taken = self._rows[row]
        low = high = bisect_right(taken, (start, start))
        if low and taken[low - 1][1] >= start:
            low -= 1
            start = taken[low][0]
        while high < len(taken) and taken[high][0] <= end:
            high += 1
        if high > low:
            end = max(end, taken[high - 1][1])
        taken[low:high] = [(start, end)]

    def of(self, row: int) -> Sequence[tuple[int, int]]:
        """What is taken of a row, in order."""
        return self._rows.get(row, ())

    def touches(self, row: int, start: int, end: int) -> bool:
        """Whether any of these letters is taken."""
        taken = self.of(row)
        at = bisect_right(taken, (start, start))
        return _holds(taken, start) or (at < len(taken) and taken[at][0] < end)


def _holds(stretches: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether ``place`` is in one of ``stretches``, which are disjoint and in order."""
    at = bisect_right(stretches, place, key=itemgetter(0))
    return at > 0 and stretches[at - 1][1] > place


class Settling:
    """What goes so far, and what has to stay for it."""

    def __init__(
        self,
        texts: Texts,
        held: np.ndarray,
        order: np.ndarray,
        reference: int,
        threshold: float,
        min_chars: int,
    ) -> None:
        """``held``: for each row of the corpus whether it has to stay. The first ``reference`` documents lose
        nothing. ``order``: for each document its place in the canonical order."""
        self.removals: list[Removal] = []
        self._texts, self._corpus = texts, texts.corpus
        self._held, self._order, self._reference = held, order, reference
        self._threshold, self._min_chars = threshold, min_chars
        self._removed, self._locked = _Taken(), _Taken()
        self._proven: dict[int, list[tuple[Unit, ...]]] = {}
        self._bytes = _Taken()
        self._blocks = 0

    def left(self, pair: Pair) -> Pair | None:
        """``pair`` without links that lie in what goes, on either side; None if what is left says nothing."""
        import numpy as np

        later, earlier = self._bytes.of(pair.later), self._bytes.of(pair.earlier)
        if not later and not earlier:
            return pair
        places = zip(pair.later_at.tolist(), pair.earlier_at.tolist(), strict=True)
        is_left = [not (_holds(later, one) or _holds(earlier, two)) for one, two in places]
        some = pair.only(np.array(is_left))
        return some if some.weight >= partners.TEASER_WEIGHT else None

    def settle_blocks(self, sides: Sequence[Side]) -> None:
        """Decide on a document: ``sides`` are what of it stands in an earlier one, which was decided before."""
        shares = self._shares(sides)
        self._proven = defaultdict(list)
        for side in sorted(sides, key=_size):
            self._settle_block(side, shares[side.twin])

    def settle_teasers(self, sides: Sequence[Side]) -> None:
        """Decide on what stands inside paragraphs of other documents, after all blocks: the longest first."""
        lists = _lists(sides)
        order = self._order
        self._proven = defaultdict(list)
        for side in sorted(
            sides, key=lambda side: (*_size(side), order[side.document], order[side.twin])
        ):
            rows = int(self._corpus.first[side.document + 1] - self._corpus.first[side.document])
            inside = len(lists[side.document]) if _is_list(lists[side.document]) else 1
            self._settle_teaser(side, (inside - 1) / max(1, rows - 1))

    def _shares(self, sides: Iterable[Side]) -> dict[int, float]:
        """For each document opposite the larger share of one of both documents that stands in the other."""
        matched: Counter[tuple[int, int]] = Counter()
        for side in sides:
            matched[side.document, side.twin] += sum(unit.matched for unit in side.units)
        starts, first = self._corpus.key_start, self._corpus.first
        found = {}
        for both, letters in matched.items():
            sizes = [int(starts[first[one + 1]] - starts[first[one]]) for one in both]
            found[both[1]] = min(1.0, letters / max(1, min(sizes)))
        return found

    def _settle_block(self, side: Side, whole: float) -> None:
        units = [unit for unit in side.units if self._may_go(unit)]
        for block in evidence.blocks(self._texts, units):
            is_beside = self._is_beside(side.twin, block)
            if not evidence.may_be_block(self._texts, block, self._min_chars, is_beside):
                continue
            clear = evidence.without_guarded(self._texts, block)
            scored = [(unit, self._score(unit, REPEATED_BLOCK)) for unit in clear]
            scored = [(unit, score) for unit, score in scored if score[1] >= UNIT_SCORE]
            left = [unit for unit, _ in scored]
            if _letters(left) < (1 - evidence.MAX_GUARDED) * _letters(block):
                continue
            if evidence.may_be_block(self._texts, left, self._min_chars, is_beside):
                confidence = evidence.block_confidence(
                    self._texts, block, left, side.rarity, whole, is_beside
                )
                self._remove(side, scored, confidence)

    def _is_beside(self, twin: int, units: Sequence[Unit]) -> bool:
        """Whether a proven block of the same two documents stands near ``units``, and its twins near theirs."""
        for block in self._proven[twin][-_LAST:]:
            for one, two in ((block[-1], units[0]), (units[-1], block[0])):
                gap = self._texts.between(one, two)
                twins = self._texts.between_twins(one, two)
                if 0 <= gap <= partners.MAX_GAP and 0 <= twins <= partners.MAX_GAP:
                    return True
        return False

    def _settle_teaser(self, side: Side, whole: float) -> None:
        unit = side.units[0]
        if not self._may_go(unit) or evidence.is_guarded(self._texts, unit):
            return
        confidence = evidence.teaser_confidence(self._texts, side, whole, self._min_chars)
        self._remove(side, [(unit, self._score(unit, CONTAINED))], confidence)

    def _may_go(self, unit: Unit) -> bool:
        """Whether a unit may go as things stand, and its twins stay."""
        if self._held[unit.row] or self._corpus.document[unit.row] < self._reference:
            return False
        place = unit.row, unit.start, unit.end
        if self._removed.touches(*place) or self._locked.touches(*place):
            return False
        if any(self._removed.touches(*twin) for twin in unit.twins) or not unit.twins:
            return False
        return not self._texts.is_block_quote(unit.row)

    def _score(self, unit: Unit, name: str) -> tuple[Kind, float]:
        twin = "".join(self._texts.twin(unit))
        return scores.between(self._texts.copy(unit), twin, False, name)

    def _remove(
        self, side: Side, scored: Sequence[tuple[Unit, tuple[Kind, float]]], confidence: float
    ) -> None:
        units = tuple(unit for unit, _ in scored)
        total = sum(unit.size * score for unit, (_, score) in scored)
        if confidence < evidence.MIN_CONFIDENCE or total < self._threshold * _letters(units):
            return
        self._proven[side.twin].append(units)
        for unit, (kind, score) in scored:
            self._removed.add(unit.row, unit.start, unit.end)
            self._note(unit)
            for twin in unit.twins:
                self._locked.add(*twin)
            self.removals.append(
                Removal(
                    side.document,
                    *self._texts.place(unit),
                    score,
                    kind,
                    confidence,
                    self._blocks,
                    side.twin,
                    self._texts.twin_places(unit),
                )
            )
        self._blocks += 1

    def _note(self, unit: Unit) -> None:
        """Remember where a unit stands among the letters in UTF-8; sentences of other letters than ASCII are not."""
        starts, document = self._corpus.key_start, int(self._corpus.document[unit.row])
        low, high = int(starts[unit.row]), int(starts[unit.row + 1])
        if unit.sentence < 0:
            self._bytes.add(document, low, high)
        elif high - low == len(self._texts.rows[unit.row].stream.letters):
            self._bytes.add(document, low + unit.start, low + unit.end)


def _lists(teasers: Iterable[Side]) -> dict[int, dict[int, set[int]]]:
    """For each document the paragraphs that may be teasers, and in which documents each stands."""
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for side in teasers:
        found[side.document][side.units[0].row].add(side.twin)
    return found


def _is_list(teasers: dict[int, set[int]]) -> bool:
    """Whether no document holds all of them: one that does cites this one, or is a fuller version of it."""
    return not set.intersection(*teasers.values())


def _size(side: Side) -> tuple[int, int, int]:
    """What sides are sorted by: those with most letters opposite first, then by place."""
    first = side.units[0]
    return -sum(unit.matched for unit in side.units), first.row, first.start


def _letters(units: Iterable[Unit]) -> int:
    return sum(unit.size for unit in units)
