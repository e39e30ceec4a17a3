"""What each threshold would do to a corpus, and the pairs next to the one in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import documents, equals, guards, near
from dedup.corpus.columns import Corpus
from dedup.corpus.documents import Sweep
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.corpus.near import Matches

OF_DOCUMENTS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
"""Confidences at which whole documents are tried; the one in force is added."""
OF_PARAGRAPHS = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Similarities at which paragraphs are tried."""
SHOWN = 10


class Paragraphs(NamedTuple):
    """What a threshold would do to paragraphs, whatever else decides about them."""

    threshold: float
    copies: int
    characters: int


class Alike(NamedTuple):
    """Two paragraphs that are near copies."""

    score: float
    copy: int
    """Row."""
    kept: int


class Swept(NamedTuple):
    """All of it; documents by number, paragraphs by row."""

    documents: Sweep
    paragraphs: tuple[Paragraphs, ...]
    least: tuple[Alike, ...]
    """The paragraphs least like what they are near copies of."""


def sweep(corpus: Corpus, options: Options) -> Swept:
    """What thresholds would do; guards against look-alikes hold at each."""
    levels = sorted({*OF_DOCUMENTS, documents.THRESHOLD}, reverse=True)
    whole = documents.sweep(corpus, levels, keep=options.keep_copy, shown=SHOWN)
    first = equals.first_rows(corpus.keys, corpus.key_start)
    rows: list[Paragraphs] = []
    least: tuple[Alike, ...] = ()
    for threshold in OF_PARAGRAPHS:
        found = near.find(
            corpus,
            threshold=threshold,
            first=first,
            min_weight=options.min_chars,
            accepts=guards.accept,
            memory=options.memory // 4,
        )
        rows.append(_paragraphs(corpus, first.tolist(), found, threshold, options.min_chars))
        least = tuple(_least(found))
    return Swept(whole, tuple(rows), least)


def _paragraphs(
    corpus: Corpus, first: Sequence[int], found: Matches, threshold: float, min_chars: int
) -> Paragraphs:
    import numpy as np

    to = np.array(first)
    near_copy = np.zeros(len(to), bool)
    near_copy[found.copy] = True
    goes = (near_copy[to] | (to != np.arange(len(to)))) & (corpus.weight >= min_chars)
    sizes = corpus.end - corpus.start
    return Paragraphs(threshold, int(goes.sum()), int(sizes[goes].sum()))


def _least(found: Matches) -> list[Alike]:
    import numpy as np

    order = np.lexsort((found.copy, found.score))[:SHOWN]
    return [
        Alike(float(found.score[at]), int(found.copy[at]), int(found.kept[at]))
        for at in order.tolist()
    ]
