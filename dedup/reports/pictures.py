"""Pictures made of characters: where in a document the copies stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from dedup.model import Span

CellRole = Literal["once", "source", "removed"]
"""Other text, or what stays and has a copy, or a copy that goes."""

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


def dot_plot(
    length: int,
    pairs: Sequence[tuple[Span, Span]],
    columns: int,
    rows: int,
    *,
    ascii_only: bool = False,
) -> list[list[Cell]]:
    """A text of ``length`` code points against itself, as rows of cells: a copy is a line beside the diagonal.

    ``pairs``: what stays and its copy. Braille has eight dots to a cell, two across; in ASCII a cell is one.

    >>> ["".join(c.character for c in row)
    ...  for row in dot_plot(8, [(Span(0, 4), Span(4, 8))], 4, 4, ascii_only=True)]
    ['. # ', ' . #', '# . ', ' # .']
    """
    wide, tall = (1, 1) if ascii_only else (2, 4)
    copies: set[tuple[int, int]] = set()
    for kept, copy in pairs:
        copies |= set(_dots(length, kept, copy, columns * wide, rows * tall))
        copies |= set(_dots(length, copy, kept, columns * wide, rows * tall))
    diagonal = set(_dots(length, Span(0, length), Span(0, length), columns * wide, rows * tall))
    drawn: list[list[Cell]] = []
    for row in range(rows):
        cells = []
        for column in range(columns):
            places = [(column * wide + x, row * tall + y) for y in range(tall) for x in range(wide)]
            role: CellRole = "removed" if any(each in copies for each in places) else "once"
            dots = [each in copies or each in diagonal for each in places]
            sign = "#" if role == "removed" else "."
            cells.append(Cell((sign if dots[0] else " ") if ascii_only else _braille(dots), role))
        drawn.append(cells)
    return drawn


_BRAILLE = 0x2800
_BITS = (0, 3, 1, 4, 2, 5, 6, 7)
"""Bit of each dot of a Braille character, row by row."""


def _braille(dots: Sequence[bool]) -> str:
    return chr(_BRAILLE + sum(1 << bit for bit, dot in zip(_BITS, dots, strict=True) if dot))


def _dots(length: int, across: Span, down: Span, wide: int, tall: int) -> Iterator[tuple[int, int]]:
    """The dots on the line through a pair, at least one."""
    if not length:
        return
    steps = max(1, -(-max(len(across) * wide, len(down) * tall) // length))
    for step in range(steps):
        share = (step + 0.5) / steps
        x = int((across.start + share * len(across)) * wide / length)
        y = int((down.start + share * len(down)) * tall / length)
        yield min(x, wide - 1), min(y, tall - 1)


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
