"""Passages that stand in two documents, whatever the paragraph borders: a story quoted, glued, re-wrapped, edited.

What of a later document stands in an earlier one goes, unit by unit, if it is a story said again and no
citation; a teaser goes whichever comes first. Every removed unit names its own twins: text that stays.
Decided from the originals in canonical order, so the answer does not depend on the order things come in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import evidence, pairs
from dedup.corpus.evidence import Texts
from dedup.corpus.opposite import Side, Unit, sides
from dedup.corpus.shared import shared
from dedup.corpus.sheets import ROLES
from dedup.corpus.windows import Rows
from dedup.engine import scores
from dedup.engine.cuts import UNIT_SCORE
from dedup.engine.split import CODE, MATTER, TABLE
from dedup.model import CONTAINED, REPEATED_BLOCK

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

KINDS = ("exact", "near", "contained")
"""How a passage relates to its twins; rows name it by its index here."""
MEMORY = 1 << 28
"""Bytes that sorting may take before it goes on in files."""
_NEVER = (TABLE, CODE, MATTER)


class Passages(NamedTuple):
    """Units that go, by document and place; a row each. Spans are code points of the document's text."""

    document: np.ndarray
    """int32: number of the document that the unit goes from."""
    start: np.ndarray
    """int64: the unit alone, without the separator around it."""
    end: np.ndarray
    score: np.ndarray
    """float64: as ``scores.between`` gives it for the unit and its twins joined."""
    kind: np.ndarray
    """uint8: index in ``KINDS``."""
    confidence: np.ndarray
    """float64, 0-1: that of the block."""
    block: np.ndarray
    """int32: equal for units that go together, in a row; from 0."""
    twin_document: np.ndarray
    """int32: the document in which all its twins stand."""
    twins: np.ndarray
    """int64, rows + 1: which rows of ``twin_start`` and ``twin_end`` are its twins: one a paragraph they stand in."""
    twin_start: np.ndarray
    """int64."""
    twin_end: np.ndarray


class Found(NamedTuple):
    """What goes, and what limits cut off."""

    passages: Passages
    partners: int
    """Pairs of documents that were not looked at because both had better ones."""


def find(
    corpus: Corpus,
    *,
    gone: np.ndarray | None = None,
    held: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    rank: np.ndarray | None = None,
    reference: int = 0,
    threshold: float = 0.6,
    min_chars: int = 30,
    memory: int = MEMORY,
) -> Found:
    """The passages of ``corpus`` that stand in another of its documents and go.

    ``gone``: bool a row, paragraphs removed already: neither copies nor twins. ``held``: bool a row, paragraphs
    that have to stay, as twins of what went. ``cluster``: a number a document, -1 for none; what documents of one
    cluster share is left alone. The text in the document of the lowest ``rank``, a number a document, stays, on a
    tie that in the earlier one. The first ``reference`` documents come before all others and lose nothing.
    ``threshold``: least score of a block. ``memory``: bytes that sorting may take; it changes nothing else.
    """
    search = _Search(corpus, gone, held, cluster, rank, reference)
    claims, teasers, cut = search.candidates(memory)
    return (
        _Settling(search, threshold, min_chars)
        .settle(claims, teasers)
        ._replace(partners=cut.partners)
    )


class _Search:
    """The arguments of ``find`` as full columns."""

    def __init__(
        self,
        corpus: Corpus,
        gone: np.ndarray | None,
        held: np.ndarray | None,
        cluster: np.ndarray | None,
        rank: np.ndarray | None,
        reference: int,
    ) -> None:
        import numpy as np

        self.corpus, self.reference = corpus, reference
        documents, rows = len(corpus.groups), len(corpus.start)
        never = np.isin(corpus.role, [ROLES.index(role) for role in _NEVER])
        self.is_out = never if gone is None else never | gone
        self.held = np.zeros(rows, bool) if held is None else held
        numbers = np.arange(documents)
        own = np.full(documents, -1) if cluster is None else cluster.astype(np.int64)
        self.owner = np.where(own < 0, numbers + own.max(initial=-1) + 1, own)
        ranks = np.zeros(documents, np.int64) if rank is None else rank
        self.documents = np.lexsort((numbers, ranks, numbers >= reference))
        """Numbers of documents in canonical order."""
        self.order = np.empty(documents, np.int64)
        self.order[self.documents] = numbers
        self.rows = Rows(corpus)

    def candidates(self, memory: int) -> tuple[list[Side], list[Side], pairs.Cut]:
        """Sides that may be blocks, and those that may be teasers."""
        corpus = self.corpus
        cut = pairs.Cut()
        common = shared(corpus, self.is_out, self.order, self.owner, memory)
        texts = Texts(self.rows, self.is_out)
        blocks, teasers = [], []
        for pair in pairs.pairs(corpus, common, self.documents, self.owner, self.reference, cut):
            for side in sides(self.rows, pair, self.is_out):
                if side.is_later:
                    blocks.append(side)
                if len(side.units) == 1 and evidence.is_inside(texts, side.units[0]):
                    teasers.append(side)
        return blocks, teasers, cut


class _Taken:
    """Stretches of letters of rows."""

    def __init__(self) -> None:
        self._rows: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, row: int, start: int, end: int) -> None:
        self._rows[row].append((start, end))

    def touches(self, row: int, start: int, end: int) -> bool:
        """Whether any of them overlaps these letters."""
        return any(low < end and start < high for low, high in self._rows.get(row, ()))


class _Removal(NamedTuple):
    side: Side
    units: tuple[Unit, ...]
    scores: tuple[tuple[str, float], ...]
    confidence: float


class _Settling:
    """What goes, decided document by document."""

    def __init__(self, search: _Search, threshold: float, min_chars: int) -> None:
        self.search, self.threshold, self.min_chars = search, threshold, min_chars
        self.corpus = search.corpus
        self.texts = Texts(search.rows, search.is_out)
        self.removed, self.locked = _Taken(), _Taken()
        self.removals: list[_Removal] = []
        self.proven: dict[tuple[int, int], list[tuple[Unit, ...]]] = defaultdict(list)

    def settle(self, claims: Sequence[Side], teasers: Sequence[Side]) -> Found:
        """Blocks first, in canonical order, then teasers, the longest first."""
        shares = self._shares(claims)
        order = self.search.order
        for side in sorted(
            claims, key=lambda side: (order[side.document], *_size(side), order[side.twin])
        ):
            self._settle_block(side, shares[side.document, side.twin])
        lists = _lists(teasers)
        for side in sorted(
            teasers, key=lambda side: (*_size(side), order[side.document], order[side.twin])
        ):
            rows = int(self.corpus.first[side.document + 1] - self.corpus.first[side.document])
            inside = len(lists[side.document]) if _is_list(lists[side.document]) else 1
            self._settle_teaser(side, (inside - 1) / max(1, rows - 1))
        return _found(self.removals, self.texts)

    def _shares(self, claims: Iterable[Side]) -> dict[tuple[int, int], float]:
        """For each pair of documents the larger share of one of them that stands in the other."""
        matched: Counter[tuple[int, int]] = Counter()
        for side in claims:
            matched[side.document, side.twin] += sum(unit.matched for unit in side.units)
        starts, first = self.corpus.key_start, self.corpus.first
        found = {}
        for both, letters in matched.items():
            sizes = [int(starts[first[one + 1]] - starts[first[one]]) for one in both]
            found[both] = min(1.0, letters / max(1, min(sizes)))
        return found

    def _settle_block(self, side: Side, whole: float) -> None:
        units = [unit for unit in side.units if self._may_go(unit)]
        for block in evidence.blocks(self.texts, units):
            is_beside = self._is_beside(side, block)
            if not evidence.may_be_block(self.texts, block, self.min_chars, is_beside):
                continue
            clear = evidence.without_guarded(self.texts, block)
            scored = [(unit, self._score(unit, REPEATED_BLOCK)) for unit in clear]
            scored = [(unit, score) for unit, score in scored if score[1] >= UNIT_SCORE]
            left = [unit for unit, _ in scored]
            if _letters(left) < (1 - evidence.MAX_GUARDED) * _letters(block):
                continue
            if evidence.may_be_block(self.texts, left, self.min_chars, is_beside):
                confidence = evidence.block_confidence(
                    self.texts, block, left, side.rarity, whole, is_beside
                )
                self._remove(side, scored, confidence)

    def _is_beside(self, side: Side, units: Sequence[Unit]) -> bool:
        """Whether a proven block of the same two documents stands near ``units``, and its twins near theirs."""
        for block in self.proven[side.document, side.twin]:
            for one, two in ((block[-1], units[0]), (units[-1], block[0])):
                gap = self.texts.between(one, two)
                twins = self.texts.between_twins(one, two)
                if 0 <= gap <= pairs.MAX_GAP and 0 <= twins <= pairs.MAX_GAP:
                    return True
        return False

    def _settle_teaser(self, side: Side, whole: float) -> None:
        unit = side.units[0]
        if not self._may_go(unit) or evidence.is_guarded(self.texts, unit):
            return
        confidence = evidence.teaser_confidence(self.texts, side, whole, self.min_chars)
        self._remove(side, [(unit, self._score(unit, CONTAINED))], confidence)

    def _may_go(self, unit: Unit) -> bool:
        """Whether a unit may go as things stand, and its twins stay."""
        document = self.corpus.document[unit.row]
        if self.search.held[unit.row] or document < self.search.reference:
            return False
        if self.removed.touches(*_place(unit)) or self.locked.touches(*_place(unit)):
            return False
        if any(self.removed.touches(*twin) for twin in unit.twins) or not unit.twins:
            return False
        return not self.texts.is_block_quote(unit.row)

    def _score(self, unit: Unit, name: str) -> tuple[str, float]:
        twin = "".join(self.texts.twin(unit))
        return scores.between(self.texts.copy(unit), twin, False, name)

    def _remove(
        self, side: Side, scored: Sequence[tuple[Unit, tuple[str, float]]], confidence: float
    ) -> None:
        units = tuple(unit for unit, _ in scored)
        total = sum(unit.size * score for unit, (_, score) in scored)
        if confidence < evidence.MIN_CONFIDENCE or total < self.threshold * _letters(units):
            return
        self.removals.append(_Removal(side, units, tuple(score for _, score in scored), confidence))
        self.proven[side.document, side.twin].append(units)
        for unit in units:
            self.removed.add(*_place(unit))
            for twin in unit.twins:
                self.locked.add(*twin)


def _lists(teasers: Iterable[Side]) -> dict[int, dict[int, set[int]]]:
    """For each document the paragraphs that may be teasers, and in which documents each stands."""
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for side in teasers:
        found[side.document][side.units[0].row].add(side.twin)
    return found


def _is_list(teasers: dict[int, set[int]]) -> bool:
    """Whether no document holds all of them: one that does cites this one, or is a fuller version of it."""
    return not set.intersection(*teasers.values())


def _place(unit: Unit) -> tuple[int, int, int]:
    return unit.row, unit.start, unit.end


def _size(side: Side) -> tuple[int, int, int]:
    """What sides are sorted by: those with most letters opposite first, then by place."""
    first = side.units[0]
    return -sum(unit.matched for unit in side.units), first.row, first.start


def _letters(units: Iterable[Unit]) -> int:
    return sum(unit.size for unit in units)


def _found(removals: Sequence[_Removal], texts: Texts) -> Found:
    """The removals as columns, by document and place."""
    import numpy as np

    corpus = texts.corpus
    rows = []
    for removal in removals:
        for unit, (kind, score) in zip(removal.units, removal.scores, strict=True):
            start, end = _span(texts, unit)
            twins = [_twin(texts, twin) for twin in unit.twins]
            rows.append(
                (
                    removal.side.document,
                    start,
                    end,
                    score,
                    KINDS.index(kind),
                    removal.confidence,
                    removal.side.twin,
                    twins,
                    removal,
                )
            )
    rows.sort(key=lambda row: row[:2])
    blocks: dict[int, int] = {}
    numbers = [blocks.setdefault(id(row[-1]), len(blocks)) for row in rows]
    flat = [twin for row in rows for twin in row[7]]
    columns = list(zip(*rows, strict=True)) or [()] * 9
    del corpus
    return Found(
        Passages(
            np.array(columns[0], np.int32),
            np.array(columns[1], np.int64),
            np.array(columns[2], np.int64),
            np.array(columns[3], np.float64),
            np.array(columns[4], np.uint8),
            np.array(columns[5], np.float64),
            np.array(numbers, np.int32),
            np.array(columns[6], np.int32),
            np.cumsum([0, *(len(row[7]) for row in rows)], dtype=np.int64),
            np.array([start for start, _ in flat], np.int64),
            np.array([end for _, end in flat], np.int64),
        ),
        0,
    )


def _span(texts: Texts, unit: Unit) -> tuple[int, int]:
    origin = int(texts.corpus.start[unit.row])
    if unit.sentence < 0:
        return origin, int(texts.corpus.end[unit.row])
    span = texts.rows[unit.row].spans[unit.sentence]
    return origin + span.start, origin + span.end


def _twin(texts: Texts, twin: tuple[int, int, int]) -> tuple[int, int]:
    row, start, end = twin
    span = texts.rows[row].stream.passage(start, end)
    origin = int(texts.corpus.start[row])
    return origin + span.start, origin + span.end
