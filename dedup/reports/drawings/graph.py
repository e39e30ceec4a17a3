"""Which document repeats which: documents as dots, joined where one says what stands in the other.

The dots are laid out by springs (Fruchterman and Reingold, 1991), group by group, from fixed places and
for a fixed number of steps: the same run, the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, hypot, sin, sqrt
from typing import NamedTuple

from dedup.reports import wording
from dedup.reports.drawings.treemap import MAX_NAME
from dedup.reports.markup import Markup, element

MAX_NODES = 60
"""Documents that are drawn; of more, a picture is a blot."""
_LENGTH = 44.0
"""Pixels that joined dots like to be apart."""
_HIGHEST = 300.0
"""Pixels that the dots of a group may be apart from its top to its bottom."""
_STEPS = 150
_MARGIN, _HEAD, _LEAST = 16.0, 18.0, 132.0
"""Pixels around a group, for its name, and that a group has at least across."""
_LETTER = 6.2
_TURN = 2.399963229728653
"""The golden angle: dots that start along it are never on each other."""


class Edge(NamedTuple):
    """That a document repeats another."""

    name: str
    source: str
    """The document whose text it repeats."""
    characters: int
    """How many go because of that; 0 if nothing goes, as they are nearly copies."""
    score: float
    """How much they are alike if they are nearly copies; else 0.0."""


Point = tuple[float, float]


def draw(edges: Sequence[Edge], label: str) -> Markup:
    """A picture of each group, large ones first: as many stand side by side as there is room for."""
    groups = sorted(_groups(edges), key=lambda group: (-len(group), group[0]))
    drawn = []
    for names in groups:
        mine = [edge for edge in edges if edge.name in names]
        places, wide, tall = _boxed(names, mine)
        label_below = _label(_hub(mine), wide / 2, tall - 6, wide)
        drawn.append(
            element(
                "svg",
                *_group(mine, places),
                label_below,
                width=f"{wide:.0f}",
                viewBox=f"0 0 {wide:.0f} {tall:.0f}",
            )
        )
    return element("div", *drawn, class_="graph", role="img", aria_label=label)


def _groups(edges: Iterable[Edge]) -> list[list[str]]:
    """The names of documents that are joined, over however many others, sorted."""
    group_of: dict[str, list[str]] = {}
    for edge in edges:
        one, other = (group_of.setdefault(name, [name]) for name in (edge.name, edge.source))
        if one is not other:
            small, large = sorted((one, other), key=len)
            large += small
            group_of.update(dict.fromkeys(small, large))
    return [sorted(group) for group in {id(group): group for group in group_of.values()}.values()]


def _hub(edges: Sequence[Edge]) -> str:
    """The document that most others repeat, after which the group is called."""
    counts: dict[str, int] = {}
    for edge in edges:
        counts[edge.source] = counts.get(edge.source, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name))


def _boxed(names: Sequence[str], edges: Sequence[Edge]) -> tuple[dict[str, Point], float, float]:
    """Where each dot is in the box of its group, and how wide and high that is."""
    at = {name: number for number, name in enumerate(names)}
    joined = sorted({(at[edge.name], at[edge.source]) for edge in edges})
    points = _settled(len(names), joined)
    lows, highs = ([side(axis) for axis in zip(*points, strict=True)] for side in (min, max))
    wide = max(_LEAST, highs[0] - lows[0] + 2 * _MARGIN)
    tall = highs[1] - lows[1] + 2 * _MARGIN + _HEAD
    shift = (wide - highs[0] - lows[0]) / 2, _MARGIN - lows[1]
    placed = ((x + shift[0], y + shift[1]) for x, y in points)
    return dict(zip(names, placed, strict=True)), wide, tall


def _settled(count: int, joined: Sequence[tuple[int, int]]) -> list[Point]:
    """Points that push each other off, and that springs hold together; at most ``MAX_NODES``."""
    radii = [_LENGTH * sqrt(number + 0.5) / 2 for number in range(count)]
    points = [(r * cos(n * _TURN), r * sin(n * _TURN)) for n, r in enumerate(radii)]
    for step in range(_STEPS):
        moves = [[0.0, 0.0] for _ in points]
        for one in range(count):
            for other in range(one):
                _move(moves, points, one, other, is_joined=False)
        for one, other in joined:
            if one != other:
                _move(moves, points, one, other, is_joined=True)
        most = _LENGTH / 2 * (1 - step / _STEPS)  # less with every step, so that they come to rest
        points = [_moved(point, move, most) for point, move in zip(points, moves, strict=True)]
    tall = max(y for _, y in points) - min(y for _, y in points)
    share = min(1.0, _HIGHEST / tall) if tall else 1.0
    return [(x * share, y * share) for x, y in points]


def _move(
    moves: Sequence[list[float]],
    points: Sequence[Point],
    one: int,
    other: int,
    *,
    is_joined: bool,
) -> None:
    across, down = (a - b for a, b in zip(points[one], points[other], strict=True))
    apart = max(0.01, hypot(across, down))
    force = -apart / _LENGTH if is_joined else (_LENGTH / apart) ** 2
    for axis, way in enumerate((across, down)):
        moves[one][axis] += way * force
        moves[other][axis] -= way * force


def _moved(point: Point, move: Sequence[float], most: float) -> Point:
    # Rounded, so that the last bit of a sine, which differs between machines, decides nothing.
    size = max(0.01, hypot(*move))
    share = min(size, most) / size
    return round(point[0] + move[0] * share, 3), round(point[1] + move[1] * share, 3)


def _group(edges: Sequence[Edge], places: Mapping[str, Point]) -> Iterator[Markup]:
    for edge in edges:
        (x, y), (to_x, to_y) = places[edge.name], places[edge.source]
        yield element(
            "path",
            element("title", _said(edge)),
            class_="edge" if edge.characters else "edge near",
            d=f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}",
        )
    losing = {edge.name for edge in edges if edge.characters}
    for name, (x, y) in places.items():
        class_ = "removed" if name in losing else "source"
        title = element("title", name[-MAX_NAME:])
        yield element("circle", title, class_=class_, cx=f"{x:.1f}", cy=f"{y:.1f}", r=6)


def _said(edge: Edge) -> str:
    name, source = (each[-MAX_NAME:] for each in (edge.name, edge.source))
    if not edge.characters:
        return f"{name} is nearly {source}: {wording.score(edge.score)}"
    return f"{name} repeats {wording.count(edge.characters, 'character')} of {source}"


def _label(name: str, x: float, y: float, wide: float) -> Markup:
    room = int((wide - 8) / _LETTER)
    shown = name if len(name) <= room else f"…{name[1 - room :]}"
    return element("text", shown, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor="middle")
