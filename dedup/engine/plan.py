"""What goes, as edits: apply them, undo them, and prove them before anything is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from dedup.model import Edit, Span


class UnsafePlan(Exception):
    """A promise would break: the message says which one."""


def apply(text: str, edits: Sequence[Edit]) -> str:
    """``text`` without the edits' spans. The edits are disjoint and sorted by position."""
    kept: list[str] = []
    position = 0
    for edit in edits:
        kept += (text[position : edit.span.start], edit.inserted)
        position = edit.span.end
    kept.append(text[position:])
    return "".join(kept)


def restore(cleaned: str, edits: Sequence[Edit]) -> str:
    """The text that ``apply`` was given; ``UnsafePlan`` if the edits cannot belong to ``cleaned``."""
    parts: list[str] = []
    position = length = 0
    for edit in edits:
        gap = edit.span.start - length
        end = position + gap
        inserted = cleaned[end : end + len(edit.inserted)]
        if gap < 0 or end > len(cleaned) or inserted != edit.inserted:
            raise UnsafePlan("the edits do not fit the cleaned text")
        if len(edit.removed) != len(edit.span):
            raise UnsafePlan("an edit's text is not as long as its span")
        parts += (cleaned[position:end], edit.removed)
        position = end + len(edit.inserted)
        length = edit.span.end
    parts.append(cleaned[position:])
    return "".join(parts)


def kept_spans(length: int, edits: Sequence[Edit]) -> list[Span]:
    """The parts of a text of ``length`` code points that the edits leave, in order, none empty."""
    kept, position = [], 0
    for edit in edits:
        if edit.span.start > position:
            kept.append(Span(position, edit.span.start))
        position = edit.span.end
    if length > position:
        kept.append(Span(position, length))
    return kept


def check(
    text: str,
    edits: Sequence[Edit],
    cleaned: str,
    rescore: Callable[[str, Sequence[str], str], float],
    least: float = 0.0,
) -> None:
    """Raise ``UnsafePlan`` unless the plan only deletes, restores, and every removal keeps its twin.

    ``rescore(kind, twin texts, removed text)`` computes a score anew: it must be the stated one, and at
    least ``least``. What the run it belongs to must reach was decided when the edits were made.
    """
    _check_spans(text, edits)
    if apply(text, edits) != cleaned or restore(cleaned, edits) != text:
        raise UnsafePlan("kept and removed text do not give the input")
    kept = kept_spans(len(text), edits)
    starts = [span.start for span in kept]
    for edit in edits:
        if not edit.twins:
            raise UnsafePlan("a removal has no twin")
        for twin in edit.twins:
            home = bisect_right(starts, twin.span.start) - 1
            if home < 0 or twin.span.end > kept[home].end or not len(twin.span):
                raise UnsafePlan("a removal's twin does not stay")
        score = rescore(edit.kind, [twin.span.cut(text) for twin in edit.twins], edit.removed)
        if abs(score - edit.score) > 1e-9:
            raise UnsafePlan("a removal's score is not the stated one")
        if score < least:
            raise UnsafePlan("a removal is less like its twin than anything removed may be")


def _check_spans(text: str, edits: Sequence[Edit]) -> None:
    position = 0
    for edit in edits:
        if not position <= edit.span.start < edit.span.end <= len(text):
            raise UnsafePlan("spans overlap or leave the text")
        if edit.span.cut(text) != edit.removed:
            raise UnsafePlan("an edit's text is not what stands at its span")
        position = edit.span.end
