"""The heat strip: where in a text the copies stand, and what they repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from dedup.model import Span, merged
from dedup.reports.markup import Markup, element
from dedup.reports.pictures import heat_strip

CELLS = 240
"""Places along a strip that can be told apart."""
_HEIGHT = 12
_TALL = {"removed": (0, _HEIGHT), "source": (4, 8)}
"""Top and height, so that the strip reads without colour too."""


def cells(length: int, removed: Sequence[Span], sources: Sequence[Span]) -> str:
    """A strip as letters, to be drawn later: ``.`` other text, ``:`` kept and has a copy, ``#`` removed.

    >>> cells(4, [Span(2, 4)], [Span(0, 1)])[::60]
    ':.##'
    """
    strip = heat_strip(length, merged(removed), merged(sources), CELLS, ascii_only=True)
    return "".join(cell.character for cell in strip)


def draw(strip: str, label: str) -> Markup:
    """The strip as a picture; ``label`` says what it shows."""
    return element(
        "svg",
        element("rect", class_="once", width=len(strip), height=2, y=_HEIGHT - 2),
        *bars(strip, _HEIGHT),
        class_="strip",
        viewBox=f"0 0 {len(strip) or 1} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
    )


def bars(strip: str, height: float) -> Iterator[Markup]:
    """A path for what is said again and one for what goes, ``height`` high."""
    for role, sign in (("source", ":"), ("removed", "#")):
        top, tall = (part * height / _HEIGHT for part in _TALL[role])
        drawn = "".join(
            f"M{start} {top:g}h{end - start}v{tall:g}h{start - end}z"
            for start, end in _runs(strip, sign)
        )
        if drawn:
            yield element("path", class_=role, d=drawn)


def _runs(strip: str, sign: str) -> Iterator[tuple[int, int]]:
    """Where equal cells with this sign begin and end."""
    at = 0
    for found, group in groupby(strip):
        length = sum(1 for _ in group)
        if found == sign:
            yield at, at + length
        at += length
