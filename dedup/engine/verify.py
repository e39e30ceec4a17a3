"""Two texts -> how alike their letters are. All exact comparison is rapidfuzz's."""

from __future__ import annotations

from collections.abc import Sequence


def score(kind: str, kept: str, copy: str) -> float:
    """Similarity of two keys, 0.0-1.0.

    ``exact`` is 1.0 if the copy is the kept key, once or a whole number of times, and 0.0 otherwise; ``near``
    the normalised Indel similarity; ``contained`` and ``drop`` the share of the copy's letters that stand, in
    order, in the kept key.
    """
    if kept == copy:
        return 1.0
    if kind == "exact":
        times, rest = divmod(len(copy), max(1, len(kept)))
        return float(times > 0 and not rest and copy == kept * times)
    from rapidfuzz.distance import Indel, LCSseq  # not paid for where all copies are exact

    if kind in ("contained", "drop"):
        return LCSseq.similarity(kept, copy) / len(copy) if copy else 0.0
    return Indel.normalized_similarity(kept, copy)


def aligned_words(one: Sequence[str], two: Sequence[str]) -> tuple[int, list[tuple[str, str]]]:
    """How many words are equal in order, and the pairs of words that stand for each other."""
    from rapidfuzz.distance import Levenshtein

    equal, pairs = 0, []
    for code in Levenshtein.opcodes(one, two):
        if code.tag == "equal":
            equal += code.src_end - code.src_start
        elif code.tag == "replace":
            pairs += list(
                zip(
                    one[code.src_start : code.src_end],
                    two[code.dest_start : code.dest_end],
                    strict=True,
                )
            )
    return equal, pairs


def common_ends(one: Sequence[str], two: Sequence[str]) -> tuple[int, int]:
    """How much both begin with, and how much of the rest both end with.

    >>> common_ends("harbour", "harbor"), common_ends("aa", "aaa")
    ((5, 1), (2, 0))
    """
    size = min(len(one), len(two))
    head = 0
    while head < size and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < size - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    return head, tail
