"""Numbers of rows -> classes of them and in how many documents each stands. By sorting: linear but for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Classes(NamedTuple):
    """What rows have in common, as consecutive numbers."""

    of: np.ndarray
    """int64, one a row: its class."""
    first: np.ndarray
    """int64, one a class: its first row, as an index in ``of``."""
    rows: np.ndarray
    """int64: how many rows it has."""
    documents: np.ndarray
    """int64: in how many documents it stands."""


def classes(values: np.ndarray, document: np.ndarray) -> Classes:
    """The classes of equal ``values``; ``document`` ascends with the rows."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    if not len(order):
        return Classes(*(np.empty(0, np.int64) for _ in range(4)))
    ordered, places = values[order], document[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    number = np.cumsum(is_new) - 1
    of = np.empty(len(order), np.int64)
    of[order] = number
    begins = np.flatnonzero(is_new)
    is_new[1:] |= places[1:] != places[:-1]
    return Classes(
        of,
        order[begins],
        np.diff(begins, append=len(order)),
        np.bincount(number[is_new], minlength=len(begins)),
    )


def most_alike(known: Classes, values: np.ndarray, document: np.ndarray) -> np.ndarray:
    """float64, one a class: the share of its rows with the value that most of them have."""
    import numpy as np

    most = np.zeros(len(known.first), np.int64)
    if len(values):
        said = classes(known.of * (values.max() + np.int64(1)) + values, document)
        np.maximum.at(most, known.of[said.first], said.rows)
    found: np.ndarray = most / np.maximum(known.rows, 1)
    return found


def following(document: np.ndarray) -> np.ndarray:
    """bool, N: whether a row has another one of its document after it."""
    import numpy as np

    found = np.zeros(len(document), bool)
    found[:-1] = document[1:] == document[:-1]
    return found


def share(holds: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """float64, one a class: the share of its rows for which ``holds``."""
    import numpy as np

    rows = np.bincount(of, minlength=count)
    return np.bincount(of, weights=holds, minlength=count) / np.maximum(rows, 1)
