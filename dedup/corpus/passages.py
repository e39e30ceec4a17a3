"""Passages that stand in two documents, whatever the paragraph borders: a story quoted, glued, re-wrapped, edited.

What of a later document stands in an earlier one goes, unit by unit, if it is a story said again and no
citation; a teaser goes whichever comes first. Every removed unit names its own twins: text that stays.
Decided from the originals in canonical order, so the answer does not depend on the order things come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import evidence, partners
from dedup.corpus.evidence import Texts
from dedup.corpus.filed import filed, of_zeros
from dedup.corpus.opposite import sides
from dedup.corpus.settling import Removal, Settling
from dedup.corpus.shared import shared
from dedup.corpus.sheets import ROLES
from dedup.corpus.windows import Rows
from dedup.engine.split import CODE, MATTER, TABLE

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

KINDS = ("exact", "near", "contained")
"""How a passage relates to its twins; rows name it by its index here."""
MEMORY = 1 << 26
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
    settling = Settling(
        search.texts,
        search.held,
        search.order,
        reference,
        threshold,
        min_chars,
    )
    partners = search.settle(settling, memory)
    return Found(_columns(settling.removals), partners)


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
        owner = np.where(own < 0, numbers + own.max(initial=-1) + 1, own)
        if reference:  # what the others share does not matter, nor how many of them say it
            owner[reference:] = owner.max() + 1
        self.owner = filed(owner)
        ranks = np.zeros(documents, np.int64) if rank is None else rank
        self.documents = filed(np.lexsort((numbers, ranks, numbers >= reference)))
        """Numbers of documents in canonical order."""
        self.order = of_zeros("i8", documents)
        self.order[self.documents] = numbers
        self.rows = Rows(corpus)
        self.texts = Texts(self.rows, self.is_out)

    def settle(self, settling: Settling, memory: int) -> int:
        """Find and decide document by document. How many pairs of documents were left out."""
        cut = partners.Cut()
        grams = shared(self.corpus, self.is_out, self.order, self.owner, memory)
        found = partners.pairs(
            self.corpus, grams, self.documents, self.owner, self.reference, cut, memory
        )
        teasers = []
        for _, several in groupby(found, key=attrgetter("later")):
            best_first = sorted(several, key=lambda pair: (-pair.weight, self.order[pair.earlier]))
            for pair in filter(None, map(settling.left, best_first)):
                both = sides(self.rows, pair, self.is_out)
                settling.settle_blocks([side for side in both if side.is_later])
                teasers += [
                    side
                    for side in both
                    if len(side.units) == 1 and evidence.is_inside(self.texts, side.units[0])
                ]
        settling.settle_teasers(teasers)
        return cut.partners


def _columns(removals: Sequence[Removal]) -> Passages:
    """The removals as columns, by document and place."""
    import numpy as np

    ordered = sorted(removals, key=lambda removal: removal[:3])
    blocks: dict[int, int] = {}
    numbers = [blocks.setdefault(removal.block, len(blocks)) for removal in ordered]
    flat = [twin for removal in ordered for twin in removal.twins]
    return Passages(
        np.array([removal.document for removal in ordered], np.int32),
        np.array([removal.start for removal in ordered], np.int64),
        np.array([removal.end for removal in ordered], np.int64),
        np.array([removal.score for removal in ordered], np.float64),
        np.array([KINDS.index(removal.kind) for removal in ordered], np.uint8),
        np.array([removal.confidence for removal in ordered], np.float64),
        np.array(numbers, np.int32),
        np.array([removal.twin_document for removal in ordered], np.int32),
        np.cumsum([0, *(len(removal.twins) for removal in ordered)], dtype=np.int64),
        np.array([start for start, _ in flat], np.int64),
        np.array([end for _, end in flat], np.int64),
    )
