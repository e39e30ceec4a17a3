"""Groups of documents that are near copies of each other, as trees for a terminal: what stays, below it the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

from rich.cells import cell_len
from rich.text import Text
from rich.tree import Tree

from dedup.reports import wording
from dedup.reports.drawings.clusters import MAX_LISTED, Member, grouped
from dedup.reports.escape import escape_line
from dedup.reports.text import console_on

_BRANCH = 4
"""Columns before what hangs on a tree."""


class _Ascii(StringIO):
    """Tells rich to draw branches in ASCII."""

    encoding = "ascii"


def render(members: Iterable[Member], *, width: int, color: bool, unicode: bool) -> str:
    """A tree for each group, large ones first, each line at most ``width`` columns and ended by LF."""
    file = StringIO() if unicode else _Ascii()
    console = console_on(file, width, color=color)
    groups = grouped(members)
    if groups:
        head = Text("Copied as a whole, with scores:", "bright_black")
        console.print(head, no_wrap=True, overflow="crop")
    for group in groups[:MAX_LISTED]:
        console.print(
            _tree(group, width, "…" if unicode else "..."), no_wrap=True, overflow="crop", crop=True
        )
    if len(groups) > MAX_LISTED:
        more = wording.count(len(groups) - MAX_LISTED, "more group")
        console.print(Text(f"{more}; a JSON report has all."), no_wrap=True, overflow="crop")
    return file.getvalue()


def _tree(group: Sequence[Member], width: int, dots: str) -> Tree:
    first, *others = group
    tree = Tree(Text(_end(first.name, width, dots), "bold"), guide_style="bright_black")
    for member in others[:MAX_LISTED]:
        line = Text(wording.score(member.score), "bright_black")
        name = _end(member.name, width - _BRANCH - len(line) - 1, dots)
        tree.add(line.append(f" {name}", "default"))
    if len(others) > MAX_LISTED:
        tree.add(Text(f"and {len(others) - MAX_LISTED:,} more"))
    return tree


def _end(name: str, width: int, dots: str) -> str:
    """A name as it is shown, or its end, which tells it from others in its folder."""
    shown = escape_line(name)
    if cell_len(shown) <= width:
        return shown
    while shown and cell_len(shown) + len(dots) > width:
        shown = shown[1:]
    return f"{dots}{shown}"
