"""A corpus -> what goes from which document, and what is only reported: the steps in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.columns import Corpus
from dedup.corpus.copies import FINDINGS, Copies, merged
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
        if (
            first != row
            and not corpus.fixed[row]
            and corpus.document[row] >= reference
            and not (reference and corpus.document[first] >= reference)
        ):
            rows.append(row)
            kept.append(first)
    copies = of_rows(corpus, np.array(rows, np.int64), np.array(kept, np.int64))
    docs: dict[bytes, int] = {}
    members, canon = [], []
    for d in range(len(corpus.groups)):
        k = corpus.keys[
            corpus.key_start[corpus.first[d]] : corpus.key_start[corpus.first[d + 1]]
        ].tobytes()
        f = docs.setdefault(k, d)
        if f != d and k and not reference:
            members.append(d)
            canon.append(f)
    m, c = np.array(members, np.int32), np.array(canon, np.int32)
    n = len(m)
    np.array(
        [
            corpus.end[corpus.first[d + 1] - 1]
            for d in range(len(corpus.groups))
            if corpus.first[d + 1] > corpus.first[d]
        ]
    )
    e = {d: corpus.end[corpus.first[d + 1] - 1] for d in [*members, *canon]}
    whole = Copies(
        m,
        np.zeros(n, np.int64),
        np.array([e[d] for d in members], np.int64),
        c,
        np.zeros(n, np.int64),
        np.array([e[d] for d in canon], np.int64),
        np.ones(n),
        np.ones(n),
        np.full(n, FINDINGS.index("duplicate-document"), np.uint8),
        np.arange(n),
        np.full(n, options.documents == "drop"),
        np.zeros(n, np.int32),
    )
    return Decided(merged([copies, whole]), ("",))


def of_rows(corpus: Corpus, rows: np.ndarray, kept: np.ndarray) -> Copies:
    import numpy as np

    n = len(rows)
    return Copies(
        corpus.document[rows],
        corpus.start[rows],
        corpus.end[rows],
        corpus.document[kept],
        corpus.start[kept],
        corpus.end[kept],
        np.ones(n),
        np.ones(n),
        np.full(n, FINDINGS.index(NEAR_DUPLICATE), np.uint8),
        np.arange(n),
        np.ones(n, bool),
        np.zeros(n, np.int32),
    )
