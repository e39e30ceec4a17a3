"""Pictures made of characters: where in a document the copies stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from dedup.model import Span

CellRole = Literal["once", "source", "removed"]
"""Said once, or said again elsewhere and staying, or a copy that goes."""

# Three heights, so that the strip reads without colour.
_BLOCKS: dict[CellRole, str] = {"once": "▁", "source": "▄", "removed": "█"}
_ASCII: dict[CellRole, str] = {"once": ".", "source": ":", "removed": "#"}


class Cell(NamedTuple):
    """One character of a strip."""

    character: str
    role: CellRole


def glyph(role: CellRole, *, ascii_only: bool) -> str:
    """The character that stands for ``role``."""
    return (_ASCII if ascii_only else _BLOCKS)[role]


def heat_strip(
    length: int,
    removed: Sequence[Span],
    sources: Sequence[Span],
    width: int,
    *,
    ascii_only: bool = False,
) -> list[Cell]:
    """A text of ``length`` code points as ``width`` cells, from its start to its end.

    A cell shows what stands at its middle; a span too short to reach a middle gets the cell it is
    in, so that nothing removed is missing. What is removed hides what stays.

    >>> "".join(c.character for c in heat_strip(8, [Span(4, 8)], [Span(0, 4)], 8, ascii_only=True))
    '::::####'
    """
    roles: list[CellRole] = ["once"] * width
    for role, spans in (("source", sources), ("removed", removed)):
        for span in spans:
            for cell in _cells(length, span, width):
                roles[cell] = "source" if role == "source" else "removed"
    return [Cell(glyph(role, ascii_only=ascii_only), role) for role in roles]


def _cells(length: int, span: Span, width: int) -> range:
    """The cells whose middle, ``(cell + 1/2) * length / width``, is in the span; at least one."""
    if not length or not width:
        return range(0)
    first = _first_middle(span.start, length, width)
    end = _first_middle(span.end, length, width)
    if first < end:
        return range(first, end)
    cell = min(span.start * width // length, width - 1)
    return range(cell, cell + 1)


def _first_middle(offset: int, length: int, width: int) -> int:
    """The first cell whose middle is not before ``offset``: ceil(offset * width / length - 1/2)."""
    return max(0, -((length - 2 * offset * width) // (2 * length)))
