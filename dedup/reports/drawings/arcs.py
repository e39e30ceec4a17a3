"""The arc diagram (Wattenberg, 2002): which passage repeats which, over the text as a bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dedup.reports.drawings.pairs import Pair, ribbons
from dedup.reports.drawings.strip import CELLS, bars
from dedup.reports.markup import Markup, element

WIDTH = 960
_BAR = 14
_FLAT = 0.62
"""Height of an arc, in half its width."""
MAX_ARCS = 200
"""Arcs drawn; the widest ones, more would be a blot."""


def draw(
    length: int, pairs: Sequence[Pair], strip: str, said: Callable[[Pair], str], label: str
) -> Markup:
    """Arcs over a strip. ``said``: what is shown of a pair when it is pointed at."""
    joined = ribbons(pairs, gap=length / 50 + 4, any_kind=True)
    widest = sorted(range(len(joined)), key=lambda at: (-len(joined[at].copy), at))[:MAX_ARCS]
    shown = [joined[at] for at in sorted(widest)]
    high = max((_height(length, pair) for pair in shown), default=0.0)
    arcs = [_arc(length, pair, high, said(pair)) for pair in shown]
    bar = element(
        "svg",
        element("rect", class_="once", width=len(strip), height=3, y=_BAR - 3),
        *bars(strip, _BAR),
        y=high,
        width=WIDTH,
        height=_BAR,
        viewBox=f"0 0 {CELLS} {_BAR}",
        preserveAspectRatio="none",
    )
    return element(
        "svg",
        *arcs,
        bar,
        class_="arcs",
        viewBox=f"0 0 {WIDTH} {high + _BAR:.0f}",
        role="img",
        aria_label=label,
    )


def _sides(length: int, pair: Pair) -> tuple[float, float, float, float]:
    """Where both sides begin and end along the bar, the left one first; each can be seen."""
    sides = []
    for span in sorted((pair.kept, pair.copy)):
        start, end = (at * WIDTH / length for at in (span.start, span.end))
        sides += [start, max(end, start + 1.5)]
    return sides[0], sides[1], sides[2], sides[3]


def _height(length: int, pair: Pair) -> float:
    left, *_, right = _sides(length, pair)
    return (right - left) / 2 * _FLAT


def _arc(length: int, pair: Pair, floor: float, said: str) -> Markup:
    """A ribbon from all of one side to all of the other, as high as they are apart."""
    left, inner_left, inner_right, right = _sides(length, pair)
    wide, narrow = (right - left) / 2, max(0.0, inner_right - inner_left) / 2
    return element(
        "path",
        element("title", said),
        class_=f"arc {pair.kind}",
        d=f"M{left:.1f} {floor:.1f}A{wide:.1f} {wide * _FLAT:.1f} 0 0 1 {right:.1f} {floor:.1f}"
        f"H{inner_right:.1f}A{narrow:.1f} {narrow * _FLAT:.1f} 0 0 0 {inner_left:.1f} {floor:.1f}z",
    )
