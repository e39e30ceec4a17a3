"""The treemap: each document a rectangle as large as its text, as dark as it repeats; folders hold theirs.

Rectangles are laid out as squarified treemaps are (Bruls, Huizing and van Wijk, 2000).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dedup.reports import wording
from dedup.reports.markup import EMPTY, Markup, element


class Sheet(NamedTuple):
    """What a map is drawn on."""

    width: int
    height: int
    rectangles: int
    """Documents drawn, and a few more where many folders have a few."""


WIDE, NARROW = Sheet(960, 420, 400), Sheet(360, 480, 60)
"""For a screen, and for a telephone, where the names on the wide one could not be read."""
_FEW = 4
MAX_NAME = 200
_LEAST = 60.0
"""Square units below which documents of a folder are drawn as one."""
_MARGIN, _HEAD = 2.0, 15.0
SHADES = 6
_LETTER = 6.4
_ENOUGH = 9
"""Letters of a name without which it tells nothing: those of a folder often begin alike."""
"""Units a letter of a label is wide, about."""


class Leaf(NamedTuple):
    """A document, or several that are shown as one."""

    name: str
    characters: int
    removed: int
    documents: int = 1


@dataclass(slots=True)
class Folder:
    """What stands below a folder."""

    name: str
    leaves: list[Leaf] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)
    characters: int = 0


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square units."""
        return self.width * self.height


def draw(leaves: Iterable[Leaf], label: str, sheet: Sheet = WIDE) -> Markup:
    """All documents as a picture; those too small to be seen are drawn together."""
    root = _folders(leaves)
    share = sheet.rectangles / max(1, root.characters)
    drawn = _drawn(root, Box(0, 0, sheet.width, sheet.height), share)
    return element(
        "svg",
        *drawn,
        class_="treemap wide" if sheet.width > NARROW.width else "treemap narrow",
        viewBox=f"0 0 {sheet.width} {sheet.height}",
        role="img",
        aria_label=label,
    )


def shade(characters: int, removed: int) -> int:
    """0 for what repeats nothing, then five steps of a fifth each.

    >>> shade(10, 0), shade(1000, 1), shade(10, 10)
    (0, 1, 5)
    """
    if not removed or not characters:
        return 0
    return min(SHADES - 1, 1 + removed * (SHADES - 1) // characters)


def squarified(sizes: Sequence[float], box: Box) -> Iterator[Box]:
    """A rectangle for each size, in order, that fill ``box`` and are as near to squares as rows allow.

    ``sizes`` go down and are positive.

    >>> [(b.width, b.height) for b in squarified([2, 1, 1], Box(0, 0, 2, 2))]
    [(1.0, 2.0), (1.0, 1.0), (1.0, 1.0)]
    """
    total = sum(sizes)
    at = 0
    while at < len(sizes):
        scale = box.area / total
        end, used = _row(sizes, at, scale, min(box.width, box.height))
        is_wide = box.width >= box.height
        side = box.height if is_wide else box.width
        depth = used * scale / side if side else 0.0
        yield from _laid(sizes[at:end], used, box, depth, is_wide=is_wide)
        if is_wide:
            box = Box(box.x + depth, box.y, max(0.0, box.width - depth), box.height)
        else:
            box = Box(box.x, box.y + depth, box.width, max(0.0, box.height - depth))
        total -= used
        at = end


def _row(sizes: Sequence[float], at: int, scale: float, side: float) -> tuple[int, float]:
    """Where the next row ends, and the sum of its sizes: it grows while its rectangles get squarer."""
    used, worst = 0.0, float("inf")
    end = at
    while end < len(sizes):
        grown = used + sizes[end]
        thick = grown * scale / side if side else 1.0
        shapes = [sizes[place] * scale / thick / thick for place in (at, end)] if thick else [1.0]
        now = max(max(shape, 1 / shape) for shape in shapes if shape) if any(shapes) else 1.0
        if now > worst:
            break
        used, worst, end = grown, now, end + 1
    return end, used


def _laid(
    sizes: Sequence[float], used: float, box: Box, depth: float, *, is_wide: bool
) -> Iterator[Box]:
    """The rectangles of one row."""
    offset = 0.0
    for size in sizes:
        part = size / used * (box.height if is_wide else box.width)
        if is_wide:
            yield Box(box.x, box.y + offset, depth, part)
        else:
            yield Box(box.x + offset, box.y, part, depth)
        offset += part


def _folders(leaves: Iterable[Leaf]) -> Folder:
    root = Folder("")
    for leaf in leaves:
        if not leaf.characters:
            continue
        *parents, _ = leaf.name.split("/")
        here = root
        here.characters += leaf.characters
        for parent in parents:
            here = here.folders.setdefault(parent, Folder(parent))
            here.characters += leaf.characters
        here.leaves.append(leaf)
    return root


def _drawn(folder: Folder, box: Box, share: float) -> Iterator[Markup]:
    """What a folder holds; ``share``: the rectangles there may be for each character."""
    if not folder.characters:
        return
    unit = box.area / folder.characters
    leaves = _grouped(folder, unit, share)
    parts: list[Leaf | Folder] = sorted(
        [*leaves, *folder.folders.values()], key=lambda one: (-one.characters, one.name)
    )
    boxes = squarified([float(part.characters) for part in parts], box)
    for part, place in zip(parts, boxes, strict=True):
        if isinstance(part, Leaf):
            yield _rectangle(part, place)
            continue
        inner = _inside(place)
        if inner is None:
            yield _rectangle(_together(part), place)
        else:
            yield element("rect", class_="folder", **_sides(place))
            yield _label(f"{part.name}/", Box(place.x, place.y, place.width, _HEAD), "folder-name")
            yield from _drawn(part, inner, share)


def _grouped(folder: Folder, unit: float, share: float) -> list[Leaf]:
    """The documents of a folder, those that are too small to be seen as one."""
    leaves = sorted(folder.leaves, key=lambda leaf: (-leaf.characters, leaf.name))
    mine = sum(leaf.characters for leaf in leaves)
    most = max(_FEW, int(share * mine))
    singles = [leaf for leaf in leaves if leaf.documents == 1]
    large = [leaf for leaf in singles[:most] if leaf.characters * unit >= _LEAST]
    rest = [*singles[len(large) :], *(leaf for leaf in leaves if leaf.documents > 1)]
    if len(rest) < 2:
        return leaves
    return [*large, _sum(rest, rest[0].name.rpartition("/")[0])]


def _sum(leaves: Sequence[Leaf], where: str) -> Leaf:
    documents = sum(leaf.documents for leaf in leaves)
    name = f"{where}/" if where else ""
    return Leaf(
        f"{name}({documents:,} smaller)",
        sum(leaf.characters for leaf in leaves),
        sum(leaf.removed for leaf in leaves),
        documents,
    )


def _together(folder: Folder) -> Leaf:
    """A folder that is too small for its documents."""
    found: list[Leaf] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        found += here.leaves
        waiting += here.folders.values()
    summed = _sum(found, "")
    return summed._replace(name=f"{folder.name}/")


def _inside(box: Box) -> Box | None:
    """What is left of a folder's box for what it holds; None if that is next to nothing."""
    if box.width < 40 or box.height < 40:
        return None
    return Box(
        box.x + _MARGIN,
        box.y + _HEAD,
        box.width - 2 * _MARGIN,
        box.height - _HEAD - _MARGIN,
    )


def _sides(box: Box) -> dict[str, float]:
    return {
        "x": box.x + 0.5,
        "y": box.y + 0.5,
        "width": max(0.5, box.width - 1),
        "height": max(0.5, box.height - 1),
    }


def _rectangle(leaf: Leaf, box: Box) -> Markup:
    share = wording.percent(leaf.removed / leaf.characters) if leaf.characters else "0%"
    size = wording.count(leaf.characters, "character")
    step = shade(leaf.characters, leaf.removed)
    said = f"{leaf.name[-MAX_NAME:]}: {share} of {size} removed"
    name = _label(leaf.name.rpartition("/")[2] or leaf.name, box, f"on{step}")
    drop = 12 if name else 0
    below = Box(box.x, box.y + drop, box.width, box.height - drop)
    return element(
        "g",
        element("title", said),
        element("rect", class_=f"shade{step}", **_sides(box)),
        name,
        _label(share, below, f"on{step}") if leaf.removed else EMPTY,
    )


def _label(words: str, box: Box, class_: str) -> Markup:
    """The name, if there is room for enough of it."""
    room = int((box.width - 6) / _LETTER)
    if box.height < 15 or room < min(_ENOUGH, len(words)):
        return EMPTY
    shown = words if len(words) <= room else f"{words[: room - 1].rstrip('. ')}…"
    return element("text", shown, class_=class_, x=box.x + 5, y=box.y + 12.0)
