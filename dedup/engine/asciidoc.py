"""AsciiDoc: its lines -> blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.engine.stretches import Closers, Kind, Lines, Stretch, reach

_SHOWN = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,})(\w*)$")
"""Opens and closes what is shown as it is, or not at all."""
_TABLE = re.compile(r"[|!,:]={3,}$")
_AROUND = re.compile(r"(?:={4,}|\*{4,}|_{4,}|~{4,}|--|'{3,}|<{3,}|\+)$")
"""Stands before, after or between paragraphs of text."""
_BELOW = re.compile(r"([=\-~^+])\1+$")
_HEADING = re.compile(r"(?:={1,6}|#{1,6})\s+\S|\.[^\s.]")
_ENTRY = re.compile(r":!?[\w-]+!?:(?:\s|$)")
_MARKUP = re.compile(r"\[.*\]$|//|\w+::\S*\[.*\]$")
"""Attributes of a block, comments, macros."""
_ITEM = re.compile(r"\s*(?:[-•]|\*{1,5}|\.{1,5}|\d{1,3}\.|[a-zA-Z]\.|<[\d.]{1,3}>)\s+\S")
_TERM = re.compile(r"\s*\S.*?(?::{2,4}|;;)(?:\s+(\S.*))?$")
_OFF = 1
"""Characters by which the line below a title may be longer or shorter than it."""


def blocks(lines: Lines) -> Iterator[Stretch]:
    """The paragraphs in order; all lines between them are blank.

    >>> list(blocks(["= Title", ":toc:", "", "Some text.", "----", "code", "----", "* item"]))
    [(0, 1, 'heading'), (1, 2, 'matter'), (3, 4, 'prose'), (4, 7, 'code'), (7, 8, 'list')]
    """
    closers = Closers(lines, lambda at: _SHOWN.match(lines[at]) or _TABLE.match(lines[at]))
    at, is_term = 0, False
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        end, kind = _delimited(lines, at, closers) or _block(lines, at, is_term)
        is_term = kind == "heading" and bool(_TERM.match(lines[at]))
        yield at, end, kind
        at = end


def _delimited(lines: Lines, at: int, closers: Closers) -> tuple[int, Kind] | None:
    if shown := _SHOWN.match(lines[at]):
        return closers.after(at, shown[1]), "code"
    if _TABLE.match(lines[at]):
        return closers.after(at, lines[at]), "table"
    return None


def _block(lines: Lines, at: int, is_term: bool) -> tuple[int, Kind]:
    """Index after the block that begins at line ``at``, and its kind; ``is_term``: a term stands before it."""
    line = lines[at]
    if _AROUND.match(line) or _MARKUP.match(line):
        return at + 1, "code"
    if _ENTRY.match(line):
        return at + 1, "matter"
    if _HEADING.match(line):
        return at + 1, "heading"
    if _is_title(lines, at):
        return at + 2, "heading"
    term = _TERM.match(line)
    if term and not term[1]:
        return at + 1, "heading"
    if term or is_term or _ITEM.match(line):
        kind: Kind = "prose" if is_term and not _is_item(line) else "list"
        return reach(lines, at + 1, lambda each: _goes_on(each) and not _is_item(each)), kind
    return reach(lines, at + 1, _goes_on), "code" if line[0] in " \t" else "prose"


def _is_title(lines: Lines, at: int) -> bool:
    """Whether a line is a title because of the one below it, which is about as long."""
    line, below = lines[at], "".join(lines[at + 1 : at + 2])
    is_alike = line[0] not in " \t" and abs(len(line) - len(below)) <= _OFF and len(below) > 2
    return bool(is_alike and _BELOW.match(below))


def _goes_on(line: str) -> bool:
    """Whether a line is of the paragraph above it."""
    marks = (_SHOWN, _TABLE, _AROUND, _MARKUP, _ENTRY)
    return bool(line) and not any(mark.match(line) for mark in marks)


def _is_item(line: str) -> bool:
    return bool(_ITEM.match(line) or _TERM.match(line))
