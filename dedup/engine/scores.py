"""How alike two texts are: the score of a removal, and the same computed anew."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.engine import normalize, verify
from dedup.model import CONTAINED, Edit, Kind


def between(removed: str, standing: str, is_part: bool, name: str) -> tuple[Kind, float]:
    """How what goes relates to what stays, and how alike they are; ``is_part``: one is a part of the other."""
    copy, kept = normalize.key(removed), normalize.key(standing)
    if copy == kept:
        return "exact", 1.0
    kind: Kind = "contained" if is_part or name == CONTAINED else "near"
    return kind, verify.score(kind, kept, copy)


def rescore(kind: str, twins: Sequence[str], removed: str) -> float:
    """The score of an edit, computed anew from the texts alone."""
    return verify.score(kind, normalize.key("".join(twins)), normalize.key(removed))


def of_run(edits: Sequence[Edit]) -> float:
    """The mean score of edits that go together, by their letters."""
    if all(edit.score == 1.0 for edit in edits) and normalize.key(edits[0].removed):
        return 1.0
    return mean([(edit.score, edit.removed) for edit in edits])


def mean(scored: Sequence[tuple[float, str]]) -> float:
    """The mean of the scores of texts, by their letters."""
    letters = [len(normalize.key(text)) for _, text in scored]
    total = sum(score * size for (score, _), size in zip(scored, letters, strict=True))
    return total / max(1, sum(letters))
