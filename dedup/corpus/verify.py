"""Pairs of rows -> how alike their keys are. All exact comparison is rapidfuzz's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_BATCH = 1 << 14
"""Pairs whose keys are read at a time."""


def scores(
    keys: np.ndarray, starts: np.ndarray, one: np.ndarray, two: np.ndarray, threshold: float
) -> np.ndarray:
    """float64: the normalised Indel similarity of the keys of each two rows; 0.0 where it is below ``threshold``."""
    import numpy as np
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cpdist

    found = np.zeros(len(one))
    for begin in range(0, len(one), _BATCH):
        batch = slice(begin, begin + _BATCH)
        found[batch] = cpdist(
            _keys(keys, starts, one[batch]),
            _keys(keys, starts, two[batch]),
            scorer=Indel.normalized_similarity,
            score_cutoff=threshold,
            dtype=np.float64,
        )
    return found


def _keys(keys: np.ndarray, starts: np.ndarray, rows: np.ndarray) -> list[bytes | str]:
    """The keys as rapidfuzz compares them: bytes where a letter is one, which saves decoding."""
    data = keys.data
    spans = zip(starts[rows].tolist(), starts[rows + 1].tolist(), strict=True)
    raw = [bytes(data[start:end]) for start, end in spans]
    return [key if key.isascii() else key.decode("utf-8", "surrogatepass") for key in raw]
