"""Rows -> near copies: which rows are so like another one, that stays, that they may go.

Of rows with equal keys one takes part. Grams that few keys share give candidates; every copy is compared with what
it is called a copy of, and that one stays: there are no chains.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import candidates, equals, settle, verify
from dedup.corpus import grams as sampling
from dedup.corpus.filed import filed, of_zeros

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

    Accepts = Callable[[Corpus, np.ndarray, np.ndarray], np.ndarray]

MIN_WEIGHT = 30
"""Weighted letters below which a row takes no part."""
LONGEST = 50_000
"""Bytes of a key above which a row takes no part: two such keys take a tenth of a second to compare. What is as long
is a text of its own, and compared as passages and documents are."""
MEMORY = 32 << 20
"""Bytes of grams that are held before they go to files."""


class Matches(NamedTuple):
    """Near copies, by row. No kept row is a copy, and no row stands twice among the copies."""

    copy: np.ndarray
    """int64, ascending."""
    kept: np.ndarray
    """int64: the row that the copy was compared with."""
    score: np.ndarray
    """float64: normalised Indel similarity of the two keys, at least the threshold."""
    compared: int
    """Pairs whose keys were compared."""
    given_up: int
    """Rows that stay though they had more candidates: so many of them had failed."""
    cut_off: int
    """Candidates that were not compared because a row had more of them than are kept."""
    crowded: int
    """Rows that share even their rarest gram with more others than one row is paired with."""
    missed: int
    """Pairs of these with a row that shares it which were never begun, counted by gram."""
    too_long: int
    """Rows that took no part because their keys are longer than ``LONGEST``."""


def find(
    corpus: Corpus,
    *,
    threshold: float,
    first: np.ndarray | None = None,
    reference: int = 0,
    rank: np.ndarray | None = None,
    min_weight: int = MIN_WEIGHT,
    accepts: Accepts | None = None,
    memory: int = MEMORY,
) -> Matches:
    """Near copies at ``threshold`` (0.0-1.0) and above.

    ``first`` is what ``equals.first_rows`` gives, made here if not given: of equal rows the one to prefer takes part.
    ``reference``: so many leading rows are never copies, and are preferred to all others. ``rank``: int64, N, the lower
    the rather a row stays; by default, and where it is equal, the lower row. ``accepts`` is asked about pairs that
    reach the threshold, given the rows of copies and of what stays: where it says False the two are no match.
    ``memory``: so many bytes of grams are held at a time; the answer does not depend on it.
    """
    import numpy as np

    members = _members(corpus, first, reference, rank, min_weight)
    count = len(members.rows)
    bounds = candidates.Bounds(threshold, int((members.rows < reference).sum()))

    def compare(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
        copies, kept = members.rows[later], members.rows[earlier]
        score = verify.scores(corpus.keys, corpus.key_start, copies, kept, threshold)
        if accepts is not None:
            at = np.flatnonzero(score)
            score[at[~accepts(corpus, copies[at], kept[at])]] = 0.0
        return score

    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        grams = sampling.sample(
            corpus.keys, corpus.key_start, members, sampling.share_for(threshold), folder, memory
        )
        offered = candidates.find(grams, members, bounds)
        del grams
    settled = settle.settle(offered.candidates, members.lengths, compare)
    copies = np.flatnonzero(settled.kept != np.arange(count))
    order = np.argsort(members.rows[copies])
    copies = copies[order]
    return Matches(
        members.rows[copies],
        members.rows[settled.kept[copies]],
        settled.score[copies],
        settled.compared,
        settled.given_up,
        offered.cut_off,
        offered.crowded,
        offered.missed,
        int(((np.diff(corpus.key_start) > LONGEST) & (corpus.weight >= min_weight)).sum()),
    )


def _members(
    corpus: Corpus,
    first: np.ndarray | None,
    reference: int,
    rank: np.ndarray | None,
    min_weight: int,
) -> sampling.Members:
    """One row of each key that weighs enough, in order of preference."""
    import numpy as np

    if first is None:
        first = equals.first_rows(corpus.keys, corpus.key_start)
    rows = np.flatnonzero((corpus.weight >= min_weight) & (np.diff(corpus.key_start) <= LONGEST))
    if rank is not None:
        rows = rows[np.lexsort((rows, rank[rows], rows >= reference))]
        _, chosen = np.unique(first[rows], return_index=True)
        rows = rows[np.sort(chosen)]
    else:
        rows = rows[first[rows] == rows]
    numbers = of_zeros("i4", len(first))
    numbers[:] = -1
    numbers[rows] = np.arange(len(rows), dtype=np.int32)
    lengths = (corpus.key_start[rows + 1] - corpus.key_start[rows]).astype(np.float32)
    return sampling.Members(filed(rows), numbers, filed(lengths))
