"""Two texts -> how alike their letters are. All exact comparison is rapidfuzz's."""

from __future__ import annotations

from rapidfuzz.distance import Indel, LCSseq


def score(kind: str, kept: str, copy: str) -> float:
    """Similarity of two keys, 0.0-1.0.

    ``exact`` is 1.0 for equal keys and 0.0 otherwise; ``near`` the normalised Indel similarity;
    ``contained`` the share of the copy's letters that stand, in order, in the kept key.
    """
    if kind == "exact":
        return float(kept == copy)
    if kind == "contained":
        return LCSseq.similarity(kept, copy) / len(copy) if copy else 0.0
    return Indel.normalized_similarity(kept, copy)
