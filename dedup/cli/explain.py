"""``dedup explain``: what a finding means, what it gets wrong, and what to do about it."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import click

from dedup.cli import streams
from dedup.cli.commands import Command
from dedup.cli.flags import OneOf, color_flag
from dedup.cli.talk import wants_color, width
from dedup.errors import DedupError
from dedup.reports.explanations import (
    EXAMPLE,
    EXPLANATIONS,
    GOES,
    NAME,
    Advice,
    Block,
    Explanation,
    sections,
)
from dedup.reports.wording import finding_name

EXAMPLES = """
dedup explain                  # all names
dedup explain near-duplicate
"""

MAX_WIDTH = 80
INDENT = "  "


class FindingName(OneOf):
    """The name of a finding, or what summaries call it, or words of either that no other one has."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as reports have it."""
        asked = _words(str(value))
        meant = [name for name in self.words if asked and asked <= _words(name, finding_name(name))]
        exact = [name for name in meant if asked in (_words(name), _words(finding_name(name)))]
        meant = exact or meant
        if len(meant) > 1:
            raise DedupError("", f"{value!r} may be {' or '.join(meant)}")
        return super().convert(meant[0] if meant else value, param, ctx)


def _words(*names: str) -> set[str]:
    """The words of names, whatever their case and number."""
    split = " ".join(names).lower().replace("-", " ").split()
    return {word.removesuffix("s") for word in split}


@click.command("explain", cls=Command, examples=EXAMPLES)
@click.argument("name", metavar="[NAME]", required=False, type=FindingName(*EXPLANATIONS))
@color_flag
def command(name: str | None, color: str) -> int:
    """Explain a finding: what it means, what clean does with it, what it gets wrong.

    NAME is what reports or summaries call it, or a word of that; without NAME all of them are listed.
    """
    bold = wants_color(color, sys.stdout, os.environ)
    columns = min(MAX_WIDTH, width(sys.stdout))
    lines = _listed() if name is None else _explained(EXPLANATIONS[name], columns)
    shown = (_bold(line) if bold and _is_heading(line) else line for line in lines)
    streams.write("".join(f"{line}\n" for line in shown).encode())
    return 0


def _listed() -> Iterator[str]:
    """All names, each with its line."""
    longest = max(map(len, EXPLANATIONS))
    for name, one in EXPLANATIONS.items():
        yield f"{name:<{longest}}  {one.summary}"


def _explained(one: Explanation, columns: int) -> Iterator[str]:
    """Lines of at most ``columns``; headings alone begin in the first one."""
    yield one.name
    yield from _wrapped(one.summary, columns)
    for heading, block in sections(one):
        yield from ("", heading)
        if heading == EXAMPLE:
            yield from (*_example(one, columns), "")
        yield from _block(block, columns)


def _example(one: Explanation, columns: int) -> Iterator[str]:
    """The text as a diff of its lines, each wrapped behind its mark; names of documents stand as they are."""
    for line in one.diff:
        if line[0] == NAME:
            yield f"{INDENT}{line}"
            continue
        mark = f"{INDENT}{line[0]} "
        wrapped = textwrap.wrap(line[1:], columns, initial_indent=mark, subsequent_indent=mark)
        yield from wrapped or [mark.rstrip() if line[0] == GOES else ""]


def _block(block: Block, columns: int) -> Iterator[str]:
    if isinstance(block, str):
        yield from _wrapped(block, columns)
        return
    for item in block:
        if isinstance(item, Advice):
            yield INDENT + item.flags
            yield from _wrapped(f"{item.what}.", columns, INDENT * 3)
        else:
            yield from _wrapped(item, columns, f"{INDENT}* ", INDENT * 2)


def _wrapped(text: str, columns: int, first: str = INDENT, others: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        columns,
        initial_indent=first,
        subsequent_indent=others or first,
        break_on_hyphens=False,
    )


def _is_heading(line: str) -> bool:
    return bool(line) and not line.startswith(" ")


def _bold(line: str) -> str:
    return f"\x1b[1m{line}\x1b[0m"
