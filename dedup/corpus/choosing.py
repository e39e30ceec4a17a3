"""A group of copies -> the canonical one, and those that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus


def preference(corpus: Corpus, keep: str, reference: int = 0) -> np.ndarray:
    """Each document's place in the order in which they are preferred as canonical copies, int64.

    ``keep``: ``fullest`` the most letters (weighted: what has no counterpart in a copy makes the difference),
    ``longest`` the most characters of paragraphs, ``first``, ``last``; equal ones by number. The ``reference``
    leading documents come before all others.
    """
    import numpy as np

    count = len(corpus.first) - 1
    numbers = np.arange(count)
    wanted = numbers
    if keep == "fullest":
        wanted = -totals(corpus, corpus.weight)
    elif keep == "longest":
        wanted = -totals(corpus, corpus.end - corpus.start)
    elif keep == "last":
        wanted = -numbers
    order = np.lexsort((numbers, wanted, numbers >= reference))
    place = np.empty(count, np.int64)
    place[order] = numbers
    return place


def totals(corpus: Corpus, column: np.ndarray) -> np.ndarray:
    """The sum of a column of paragraphs for each document, int64."""
    import numpy as np

    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(column, dtype=np.int64)])
    per_document: np.ndarray = sums[corpus.first[1:]] - sums[corpus.first[:-1]]
    return per_document
