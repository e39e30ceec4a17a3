"""Grams -> pairs of a member and one of the reference: what the other members share does not count, nor cost.

As in ``candidates``, each member spends a budget of pairs, on the grams first that are rarest in the reference; in a
large group it meets the members of the reference whose length is nearest, and the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.candidates import Groups


class Opposed(NamedTuple):
    """The entries of a partition: those of the reference by group and length, and for each other one where they are."""

    reference: np.ndarray
    """int64: entries of the reference, by group and length."""
    others: np.ndarray
    """int64: the entries of other members."""
    begin: np.ndarray
    """int64, for each of these: the first of its group in ``reference``, and with ``end`` the one after the last."""
    end: np.ndarray
    at: np.ndarray
    """int64, for each of these: how many of the reference, and of its group are not longer; counted from the first."""


def are_mixed(groups: Groups, reference: int) -> np.ndarray:
    """bool, an entry: whether its group has members of the reference, the first ``reference`` ones, and others."""
    import numpy as np

    before = np.concatenate([[0], np.cumsum(groups.member < reference)])
    count = before[groups.end] - before[groups.begin]
    mixed: np.ndarray = (count > 0) & (count < groups.end - groups.begin)
    return mixed


def opposed(groups: Groups, lengths: np.ndarray, reference: int) -> Opposed:
    """The entries of the reference set against the others."""
    import numpy as np

    is_ours = groups.member < reference
    order = np.lexsort((groups.member, lengths[groups.member], groups.begin))
    counts = np.concatenate([[0], np.cumsum(is_ours[order])])
    others = order[~is_ours[order]]
    before = np.concatenate([[0], np.cumsum(is_ours)])
    return Opposed(
        order[is_ours[order]],
        others,
        before[groups.begin[others]],
        before[groups.end[others]],
        counts[:-1][~is_ours[order]],
    )


def neighbours(found: Opposed, step: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows of ``found`` with the entries of the reference that are ``step`` places away, to either side."""
    import numpy as np

    pairs = []
    for at in (found.at - step, found.at + step - 1):
        there = np.flatnonzero((at >= found.begin) & (at < found.end))
        pairs.append((there, found.reference[at[there]]))
    return pairs
