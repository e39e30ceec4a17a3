"""What goes, as edits: apply them, undo them, and prove them before anything is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dedup.model import CLEANUP, Edit, Passage, Span


class UnsafePlan(Exception):
    """A promise would break: the message says which one."""


def apply(text: str, edits: Sequence[Edit]) -> str:
    """``text`` with the edits made. They are disjoint and sorted by position."""
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


class Compared(NamedTuple):
    """The texts whose score an edit has."""

    removed: str
    """What went, as it was when it went."""
    kept: tuple[str, ...]
    """What each twin said. It has to stand, maybe with more around it, where the twins of the edit are."""


def check(
    text: str,
    edits: Sequence[Edit],
    cleaned: str,
    rescore: Callable[[str, Sequence[str], str], float],
    least: float = 0.0,
    compared: Mapping[int, Compared] | None = None,
    elsewhere: Mapping[Passage, str] | None = None,
    proven: int = 0,
) -> None:
    """Raise ``UnsafePlan`` unless the plan only deletes, restores, and every removal keeps its twin.

    Only cleanup may put something in, and only it may have no twin. ``rescore(kind, twin texts, removed text)``
    computes a score anew, from the twins as they stand in ``cleaned``: it must be the stated one, and at least
    ``least``. What the run it belongs to must reach was decided when the edits were made. ``compared``: where
    cleanup changed a text, what was compared, by the index of the edit. ``elsewhere``: what the twins in other
    documents say in the end. Edits of findings up to number ``proven`` had their scores checked before.
    """
    _check_spans(text, edits)
    if apply(text, edits) != cleaned or restore(cleaned, edits) != text:
        raise UnsafePlan("kept and removed text do not give the input")
    standing = _Standing(text, edits)
    for at, edit in enumerate(edits):
        if edit.kind == "cleanup":
            _check_cleanup(edit, standing)
            continue
        if edit.inserted:
            raise UnsafePlan("a removal puts something in")
        if not edit.twins:
            raise UnsafePlan("a removal has no twin")
        said = [
            standing.said(twin.span) if twin.document == edit.document else _quoted(twin, elsewhere)
            for twin in edit.twins
        ]
        if edit.number < proven:
            continue
        removed, kept = (compared or {}).get(at) or Compared(edit.removed, tuple(said))
        if any(text not in "".join(said) for text in kept):
            raise UnsafePlan("a removal's twin does not stay")
        score = rescore(edit.kind, kept, removed)
        if abs(score - edit.score) > 1e-9:
            raise UnsafePlan("a removal's score is not the stated one")
        if score < least:
            raise UnsafePlan("a removal is less like its twin than anything removed may be")


def _quoted(twin: Passage, elsewhere: Mapping[Passage, str] | None) -> str:
    """What a passage of another document says."""
    said = (elsewhere or {}).get(twin)
    if said is None:
        raise UnsafePlan("a removal's twin is not known")
    return said


def _check_cleanup(edit: Edit, standing: _Standing) -> None:
    if edit.finding not in CLEANUP:
        raise UnsafePlan("cleanup goes by the name of a repeat")
    if edit.inserted and not edit.is_repair:
        raise UnsafePlan("a removal puts something in")
    for twin in edit.twins:
        standing.said(twin.span)


class _Standing:
    """What the edits leave of a text, and where."""

    def __init__(self, text: str, edits: Sequence[Edit]) -> None:
        self._text = text
        self._removals = [edit.span for edit in edits if not edit.is_repair]
        self._removal_ends = [span.end for span in self._removals]
        self._repairs = [edit for edit in edits if edit.is_repair]
        self._repair_ends = [edit.span.end for edit in self._repairs]

    def said(self, span: Span) -> str:
        """The text of a twin, mended; ``UnsafePlan`` if something is removed there."""
        at = bisect_right(self._removal_ends, span.start)
        is_cut = at < len(self._removals) and self._removals[at].start < span.end
        if is_cut or not 0 <= span.start < span.end <= len(self._text):
            raise UnsafePlan("a removal's twin does not stay")
        parts: list[str] = []
        position = span.start
        at = bisect_right(self._repair_ends, span.start)
        while at < len(self._repairs) and self._repairs[at].span.start < span.end:
            edit = self._repairs[at]
            at += 1
            parts += (self._text[position : max(position, edit.span.start)], edit.inserted)
            position = edit.span.end
        parts.append(self._text[position : max(position, span.end)])
        return "".join(parts)


def _check_spans(text: str, edits: Sequence[Edit]) -> None:
    position = 0
    for edit in edits:
        if not position <= edit.span.start < edit.span.end <= len(text):
            raise UnsafePlan("spans overlap or leave the text")
        if edit.span.cut(text) != edit.removed:
            raise UnsafePlan("an edit's text is not what stands at its span")
        position = edit.span.end
