"""Write docs/findings.md, the page about findings, from the texts that `dedup explain` shows.

python docs/findings.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dedup.reports.explanations import EXAMPLE, EXPLANATIONS, Advice, Block, Explanation, sections

PAGE = Path(__file__).parent / "findings.md"
HEAD = """\
# Findings

What `dedup` calls what it finds, what each name means, and what it gets wrong. `dedup explain NAME` shows the same.
This page is made by `python docs/findings.py`; its examples are run by the tests.
"""


def page() -> str:
    """The whole page."""
    rows = [f"| [{name}](#{name}) | {one.summary} |" for name, one in EXPLANATIONS.items()]
    table = ["| name | |", "|---|---|", *rows]
    parts = [HEAD, "\n".join(table) + "\n", *map(_explained, EXPLANATIONS.values())]
    return "\n".join(parts)


def _explained(one: Explanation) -> str:
    return "\n".join([f"## {one.name}\n", *_sections(one)])


def _sections(one: Explanation) -> Iterator[str]:
    for heading, block in sections(one):
        yield f"### {heading}\n"
        if heading == EXAMPLE:
            yield "```diff\n" + "\n".join(line.rstrip() for line in one.diff) + "\n```\n"
        yield "".join(f"{line}\n" for line in _block(block))


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, str):
        yield block
        return
    for item in block:
        yield f"- `{item.flags}` {item.what}." if isinstance(item, Advice) else f"- {item}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="")
    print(PAGE)
