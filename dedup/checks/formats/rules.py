"""What each kind of finding means, for viewers that show it beside a finding."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.formats.messages import shortened
from dedup.reports.explanations import EXAMPLE, Advice, Block, Explanation, sections

DESCRIPTION = 1024
"""Characters that GitHub takes of a description."""


def description(one: Explanation) -> str:
    """What it means, in a few sentences."""
    return shortened(one.meaning, DESCRIPTION)


def plain(one: Explanation) -> str:
    """All there is to say, as text."""
    parts = []
    for heading, block in sections(one):
        lines = [*one.diff, ""] if heading == EXAMPLE else []
        parts.append("\n".join([f"{heading}:", *lines, *_lines(block, "{}")]))
    return "\n\n".join(parts)


def markdown(one: Explanation) -> str:
    """The same as Markdown."""
    parts = []
    for heading, block in sections(one):
        lines = ["```diff", *one.diff, "```", ""] if heading == EXAMPLE else []
        parts.append("\n".join([f"## {heading}", "", *lines, *_lines(block, "`{}`")]))
    return "\n\n".join(parts)


def _lines(block: Block, flags: str) -> Iterator[str]:
    if isinstance(block, str):
        yield block
        return
    for item in block:
        said = f"{flags.format(item.flags)} {item.what}." if isinstance(item, Advice) else item
        yield f"- {said}"
