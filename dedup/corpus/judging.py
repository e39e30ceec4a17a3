"""Rows that stand in an earlier document as well -> those that go, and look-alikes that stay, with the reason.

What many documents of a group carry by design is boilerplate and nothing else. The rest goes where ``weighing`` finds
it a copy, and hangs on a row that stays: none on one that goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import blocks
from dedup.corpus.boilerplate import Boilerplate, boilerplate
from dedup.corpus.filed import filed, taken
from dedup.corpus.weighing import MIN_PROSE, weigh
from dedup.engine import verify
from dedup.model import BOILERPLATE, NEAR_DUPLICATE, REPEATED_BLOCK

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

FINDINGS = (BOILERPLATE, REPEATED_BLOCK, NEAR_DUPLICATE)
"""What a row may be; columns name it by its index here."""
KINDS = ("exact", "near")
MIN_SCORE = 0.5
"""Similarity below which a passage of the same masked key is none of the same boilerplate."""


class Repeats(NamedTuple):
    """What is known of the rows of a corpus when they are judged."""

    first: np.ndarray
    """int64, N: the first row with the same key, itself where none stands before it."""
    masked: np.ndarray
    """int64, N: the first row with the same masked key; as ``first`` where it has none."""
    copies: np.ndarray
    """int64, M, ascending: rows that are near copies; none is the first row with a key of another near copy."""
    kept: np.ndarray
    """int64, M: the row each is a near copy of: the first with its key, and no near copy itself."""
    scores: np.ndarray
    """float, M: how alike the two are, 0-1."""


class Judged(NamedTuple):
    """Rows that repeat an earlier document, ascending. Each is compared with ``kept`` itself, which stays."""

    row: np.ndarray
    """int64."""
    kept: np.ndarray
    """int64."""
    score: np.ndarray
    """float64: 1 where the keys are equal, otherwise the similarity to the row in ``kept``."""
    kind: np.ndarray
    """uint8: index in ``KINDS``."""
    confidence: np.ndarray
    """float64, 0.5-1: letters that speak for it against those that were needed."""
    finding: np.ndarray
    """uint8: index in ``FINDINGS``."""
    block: np.ndarray
    """int64: rows with one number follow each other in both documents."""
    carriers: np.ndarray
    """int32: of boilerplate, how many documents of the group carry it; otherwise 0."""
    documents: np.ndarray
    """int32: of boilerplate, how many documents the group has; otherwise 0."""


class Lookalikes(NamedTuple):
    """Rows that stand in an earlier document as well, and stay."""

    row: np.ndarray
    """int64, ascending."""
    twin: np.ndarray
    """int64."""
    reason: np.ndarray
    """uint8: index in ``weighing.REASONS``."""


def judge(
    corpus: Corpus,
    repeats: Repeats,
    *,
    min_chars: int = 30,
    reference: int = 0,
    cluster: np.ndarray | None = None,
) -> tuple[Judged, Lookalikes]:
    """What of a corpus goes, boilerplate included, and what looked repeated and stays.

    ``min_chars``: weighted letters of the shortest lone passage that goes. The first ``reference`` documents are
    only compared with: nothing of them goes, and what repeats among the others is left alone. ``cluster``: the
    number of the near copies a document belongs to, or -1; they carry boilerplate together.
    """
    import numpy as np

    leading = int(corpus.first[reference])
    family = _families(repeats)
    carried = boilerplate(corpus, repeats.first, repeats.masked, family, cluster)
    if reference:
        carried = Boilerplate(*(column[:0] for column in carried))
    proposed, scores = _proposed(corpus, repeats, carried, leading)
    is_open = np.ones(len(proposed), bool)
    is_open[carried.row] = False
    limit = leading if reference else None
    found = blocks.partners(corpus, repeats.first, proposed, is_open, limit)
    weighed = weigh(corpus, repeats.first, found, is_open, max(min_chars, MIN_PROSE))
    found, goes = _standing(found, weighed.goes, proposed)
    row, stays = np.flatnonzero(goes), np.flatnonzero((found >= 0) & ~goes)
    judged = _repeated(repeats, row, found, scores, weighed.confidence)
    judged = _joined(corpus, judged, _removed(corpus, repeats, carried))
    return judged, Lookalikes(stays, found[stays], weighed.reason[stays])


def _families(repeats: Repeats) -> np.ndarray:
    """int64, N: the first row of those that may be the same passage, by masked key or near copies."""
    import numpy as np

    to = np.arange(len(repeats.first))
    np.minimum.at(to, repeats.masked[repeats.copies], repeats.masked[repeats.kept])
    while True:
        further = to[to]
        if np.array_equal(further, to):
            break
        to = further
    return taken(to, repeats.masked)


def _proposed(
    corpus: Corpus, repeats: Repeats, carried: Boilerplate, leading: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each row the earlier one that it repeats, -1 for none, and how alike they are."""
    import numpy as np

    near = np.full(len(repeats.first), -1, np.int64)
    score = np.ones(len(near))
    near[repeats.copies] = repeats.kept
    score[repeats.copies] = repeats.scores
    score = score[repeats.first]  # rows with equal keys are as much like a third
    near = near[repeats.first]
    other = np.where(near >= 0, near, repeats.first)
    is_one = (corpus.document[other] < corpus.document) & (np.arange(len(other)) >= leading)
    is_one[carried.row] = False
    found = np.where(is_one, other, -1)
    is_gone = np.zeros(len(found), bool)
    is_gone[carried.row[carried.row != carried.kept]] = True
    found[is_gone[other]] = -1
    return filed(found), filed(score)


def _standing(
    found: np.ndarray, goes: np.ndarray, proposed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Partners that stay, for all that goes: where a row's own goes, the one it was first proposed.

    That one has the same key as the row's own, or is what both are near copies of. It never goes itself.
    """
    import numpy as np

    found = np.where(found >= 0, found, -1)
    lost = goes & goes[np.maximum(found, 0)]
    found[lost] = proposed[lost]
    return found, goes & (found >= 0) & ~goes[np.maximum(found, 0)]


def _repeated(
    repeats: Repeats,
    row: np.ndarray,
    found: np.ndarray,
    scores: np.ndarray,
    confidence: np.ndarray,
) -> Judged:
    import numpy as np

    kept = found[row]
    equal = repeats.first[row] == repeats.first[kept]
    nothing = np.zeros(len(row), np.int32)
    return Judged(
        row,
        kept,
        np.where(equal, 1.0, scores[row]),
        np.where(equal, 0, 1).astype(np.uint8),
        confidence[row],
        np.where(equal, 1, 2).astype(np.uint8),
        nothing.astype(np.int64),
        nothing,
        nothing,
    )


def _removed(corpus: Corpus, repeats: Repeats, carried: Boilerplate) -> Judged:
    """The rows of boilerplate that go: all but those of its first document, and none that has to stay."""
    import numpy as np

    goes = (carried.row != carried.kept) & (corpus.fixed[carried.row] == 0)
    at = np.flatnonzero(goes & _are_known(repeats, carried))
    row, kept = carried.row[at], carried.kept[at]
    equal = repeats.first[row] == repeats.first[kept]
    score = np.ones(len(row))
    for place in np.flatnonzero(~equal).tolist():
        one, two = (
            corpus.key(number).decode("utf-8", "surrogatepass")
            for number in (kept[place], row[place])
        )
        score[place] = verify.score("near", one, two)
    same = score >= MIN_SCORE
    at, row, kept = at[same], row[same], kept[same]
    equal, score = equal[same], score[same]
    letters = carried.letters[at].astype(np.float64) * (carried.carriers[at] - 1)
    return Judged(
        row,
        kept,
        score,
        np.where(equal, 0, 1).astype(np.uint8),
        letters / (letters + MIN_PROSE),
        np.zeros(len(row), np.uint8),
        np.zeros(len(row), np.int64),
        carried.carriers[at],
        carried.documents[at],
    )


def _are_known(repeats: Repeats, carried: Boilerplate) -> np.ndarray:
    """bool: whether the row says what the kept one does but for a date or a counter, or is known as its near copy.

    Of one family are also near copies of near copies, which may differ in more.
    """
    import numpy as np

    near = np.full(len(repeats.first), -1, np.int64)
    near[repeats.copies] = repeats.kept
    one, two = repeats.first[carried.row], repeats.first[carried.kept]
    known: np.ndarray = repeats.masked[carried.row] == repeats.masked[carried.kept]
    known |= (one == two) | (near[one] == two) | (near[two] == one)
    return known


def _joined(corpus: Corpus, one: Judged, two: Judged) -> Judged:
    """Both, in order of rows, with their blocks numbered."""
    import numpy as np

    order = np.argsort(np.concatenate([one.row, two.row]), kind="stable")
    both = Judged(*(np.concatenate(columns)[order] for columns in zip(one, two, strict=True)))
    found = np.full(len(corpus.document), -1, np.int64)
    found[both.row] = both.kept
    block = blocks.numbered(corpus, found)[both.row]
    turns = np.zeros(len(block), bool)
    turns[1:] = (block[1:] != block[:-1]) | ((both.finding[1:] == 0) != (both.finding[:-1] == 0))
    return both._replace(block=np.cumsum(turns))
