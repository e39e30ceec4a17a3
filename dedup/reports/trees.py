"""Groups of documents that are near copies of each other, as trees for a terminal: what stays, below it the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

from rich.text import Text
from rich.tree import Tree

from dedup.reports import wording
from dedup.reports.drawings.clusters import MAX_LISTED, Member, grouped
from dedup.reports.escape import escape_line
from dedup.reports.text import console_on


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
        console.print(_tree(group), no_wrap=True, overflow="crop", crop=True)
    if len(groups) > MAX_LISTED:
        more = wording.count(len(groups) - MAX_LISTED, "more group")
        console.print(Text(f"{more}; a JSON report has all."), no_wrap=True, overflow="crop")
    return file.getvalue()


def _tree(group: Sequence[Member]) -> Tree:
    first, *others = group
    tree = Tree(Text(escape_line(first.name), "bold"), guide_style="bright_black")
    for member in others[:MAX_LISTED]:
        line = Text(wording.score(member.score), "bright_black")
        tree.add(line.append(f" {escape_line(member.name)}", "default"))
    if len(others) > MAX_LISTED:
        tree.add(Text(f"and {len(others) - MAX_LISTED:,} more"))
    return tree
