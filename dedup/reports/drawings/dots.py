"""The dot plot (Church and Helfman, 1993): a text against itself; a copy is a line beside the diagonal."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.model import Span
from dedup.reports.drawings.pairs import Pair, PairKind, ribbons
from dedup.reports.markup import Markup, element

SIZE = 400
"""Units along a side; what falls on the same tenth of a unit is drawn once."""
_LEAST = 1.5
"""Units a short passage gets, or it could not be seen."""
_KINDS: tuple[PairKind, ...] = ("alike", "contained", "near", "exact")

Segment = tuple[float, float, float, float]
"""Across from and to, down from and to."""


def draw(length: int, pairs: Sequence[Pair], label: str) -> Markup:
    """A square: what goes is below the diagonal at its own place, across from what it repeats."""
    by_kind: dict[str, dict[Segment, None]] = {kind: {} for kind in _KINDS}
    for pair in ribbons(pairs, gap=length / SIZE + 4):
        lines = by_kind[pair.kind]
        lines[_segment(length, pair.kept, pair.copy)] = None
        lines[_segment(length, pair.copy, pair.kept)] = None
    paths = [
        element("path", class_=f"dots {kind}", d=_path(sorted(by_kind[kind])))
        for kind in _KINDS
        if by_kind[kind]
    ]
    return element(
        "svg",
        element("rect", class_="frame", width=SIZE, height=SIZE),
        element("path", class_="diagonal", d=f"M0 0L{SIZE} {SIZE}"),
        *paths,
        class_="plot",
        viewBox=f"-4 -4 {SIZE + 8} {SIZE + 8}",
        role="img",
        aria_label=label,
    )


def _segment(length: int, across: Span, down: Span) -> Segment:
    x, right = _placed(length, across)
    y, bottom = _placed(length, down)
    return x, right, y, bottom


def _placed(length: int, span: Span) -> tuple[float, float]:
    """Where a span begins and ends along a side, in tenths of units."""
    start = round(span.start * SIZE / length, 1)
    end = round(span.end * SIZE / length, 1)
    return (start, end) if end - start >= _LEAST else (start, start + _LEAST)


def _path(segments: Sequence[Segment]) -> str:
    return "".join(f"M{x:g} {y:g}L{right:g} {bottom:g}" for x, right, y, bottom in segments)
