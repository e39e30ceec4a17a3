"""A corpus -> what goes from which document, and what is only reported: the steps in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.columns import Corpus
from dedup.corpus.copies import FINDINGS, Copies, merged, of_rows
from dedup.model import NEAR_DUPLICATE
from dedup.options import Options

if TYPE_CHECKING:
    import numpy as np


class Decided(NamedTuple):
    """What corpus scope comes to."""

    copies: Copies
    notes: tuple[str, ...]
    """What copies refer to by number."""


def decided(corpus: Corpus, options: Options, reference: int = 0) -> Decided:
    """What repeats across the documents. The first ``reference`` of them are only compared with: nothing of
    them goes, and what repeats among the others is left alone."""
    import numpy as np

    seen: dict[bytes, int] = {}
    rows, kept = [], []
    for row in range(len(corpus.start)):
        if corpus.weight[row] < options.min_chars or corpus.role[row]:
            continue
        first = seen.setdefault(corpus.key(row), row)
        is_new = first == row or corpus.document[row] < reference or bool(corpus.fixed[row])
        if not is_new and not (reference and corpus.document[first] >= reference):
            rows.append(row)
            kept.append(first)
    return Decided(merged([_near(corpus, np.array(rows, int), np.array(kept, int))]), ("",))


def _near(corpus: Corpus, rows: np.ndarray, kept: np.ndarray) -> Copies:
    import numpy as np

    n = len(rows)
    return of_rows(
        corpus,
        rows,
        kept,
        score=np.ones(n),
        confidence=np.ones(n),
        finding=np.full(n, FINDINGS.index(NEAR_DUPLICATE), np.uint8),
        block=np.arange(n),
        goes=np.ones(n, bool),
        note=np.zeros(n, np.int32),
    )
