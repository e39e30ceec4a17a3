"""How the two passages of an alert begin, in a few lines that are safe to show.

Quoted lines stand behind a gutter, so that no line of a document begins a line of ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

from dedup.checks.alerts import QUOTED_CHARACTERS, QUOTED_LINES, Alert, Range, Spot
from dedup.reports import wording
from dedup.reports.escape import escape_line

LINES = 3
"""Quoted of each passage."""

COLUMNS = 200
"""The longest line, however wide the terminal is."""

NARROWEST = 8
"""Columns of quoted text, however narrow the terminal is."""

Side = Literal["removed", "kept", "between"]
"""What would go, what that repeats, and what stands inside the former and stays."""

_SIGNS: dict[Side, str] = {"removed": "-", "kept": "=", "between": " "}
_CUT = "…"


def excerpt(alert: Alert, width: int = COLUMNS) -> Iterator[tuple[Side, str]]:
    """The lines, each with the side it is of; no more than eight, of at most ``width`` columns."""
    goes: Side = "removed" if alert.level == "error" else "kept"
    here: Side
    there: Side
    here, there = ("kept", goes) if alert.is_turned else (goes, "kept")
    quoted: list[tuple[Side, Spot, tuple[Range, ...]]] = [
        (here, alert.spot, alert.cuts),
        *((there, spot, ()) for spot in alert.related[:1]),
    ]
    digits = max(len(str(spot.line + QUOTED_LINES)) for _, spot, _ in quoted)
    for side, spot, cuts in quoted:
        yield from _quoted(spot, cuts, side, digits, min(width, COLUMNS))


def _quoted(
    spot: Spot, cuts: Sequence[Range], side: Side, digits: int, width: int
) -> Iterator[tuple[Side, str]]:
    counts = spot.line > 0 and (spot.column > 0 or bool(spot.document))
    shown = [(at, line) for at, line in enumerate(spot.quoted) if line.strip()][:LINES]
    last = max((at for at, _ in shown), default=-1)
    for at, line in shown:
        number = str(spot.line + at) if counts else ""
        stays = cuts and not any(_reaches(cut, spot.line + at, line) for cut in cuts)
        its: Side = "between" if stays else side
        gutter = f"{_SIGNS[its]} {number:>{digits}} | "
        said = fitted(escape_line(line), max(width - len(gutter), NARROWEST))
        yield its, f"{gutter}{said}".rstrip()
    more = spot.more + len(spot.quoted) - last - 1
    if more:
        yield side, f"{_SIGNS[side]} {'':>{digits}} | ({wording.count(more, 'more line')})"


def _reaches(cut: Range, number: int, line: str) -> bool:
    """Whether something of the line goes, and not only what ends it."""
    if not cut.line <= number <= cut.end_line:
        return False
    if number == cut.end_line and cut.end_column == 1:
        return False
    return number > cut.line or len(line) == QUOTED_CHARACTERS or cut.column <= len(line)


def fitted(line: str, columns: int) -> str:
    """As much of ``line`` as ``columns`` of a terminal hold.

    >>> fitted("on the quay", 7), fitted("波止場", 5)
    ('on the…', '波止…')
    """
    used = end = 0
    for at, char in enumerate(line):
        if used < columns:
            end = at
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > columns:
            return line[:end].rstrip() + _CUT
    return line
