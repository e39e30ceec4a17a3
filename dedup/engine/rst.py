"""reStructuredText: its lines -> blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.engine.stretches import Closers, Kind, Lines, Stretch, indent, reach, trimmed

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*$")
_EXPLICIT = re.compile(r"\s*(?:\.\.|__)(?:\s|$)")
_DIRECTIVE = re.compile(r"\s*\.\. (\|[^|]+\| )?(?:\w+:)?([\w.+-]+)::(?:\s+(\S.*))?$")
_GRID = re.compile(r"\s*\+[-=+]+\+$")
_BORDER = re.compile(r"\s*=+(?:\s+=+)+$")
_ITEM = re.compile(
    r"\s*(?:[-*+•‣⁃]|\(?(?:\w|#|\d{1,3}|[ivxIVX]{1,5})[.)])\s+\S"  # lists
    r"|\s*:[^:\s][^:]*:(?:\s|$)|\s*[-/]{1,2}\w.*? {2,}\S"  # fields; options, with what they do
)
_SPEAKING = frozenset(
    "attention caution danger deprecated error hint important note seealso tip todo versionadded versionchanged "
    "versionremoved warning".split()
)
"""Directives whose text can begin right behind their names."""
_TABLES = frozenset(("csv-table", "list-table"))
_SILENT = frozenset(
    "autosummary code code-block command-output console contents digraph doctest graph graphviz highlight image "
    "include index ipython literalinclude math mermaid meta parsed-literal plot productionlist prompt program-output "
    "raw sourcecode tabularcolumns testcleanup testcode testoutput testsetup toctree uml".split()
)
"""Directives without any text. All others are followed by some, indented."""
_WORDS = 3
"""Words behind the name of a directive from which they are text rather than a version."""


def blocks(lines: Lines) -> Iterator[Stretch]:
    """The paragraphs in order; all lines between them are blank.

    >>> list(blocks(["Title", "=====", "", "Text::", "", "  code", "", "- item", "  of two lines"]))
    [(0, 2, 'heading'), (3, 4, 'prose'), (5, 6, 'code'), (7, 9, 'list')]
    """
    closers = Closers(
        lines, lambda at: _BORDER.match(lines[at]) and not "".join(lines[at + 1 : at + 2])
    )
    at = 0
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        end, kind = _block(lines, at, closers)
        yield at, end, kind
        if kind in ("prose", "list") and lines[end - 1].endswith("::"):
            start = reach(lines, end, lambda line: not line)
            stop = _literal(lines, start, indent(lines[at])) if start > end else start
            if stop > start:
                yield start, stop, "code"
                end = stop
        at = end


def _block(lines: Lines, at: int, closers: Closers) -> tuple[int, Kind]:
    """Index after the block that begins at line ``at``, and its kind."""
    line = lines[at]
    if end := _title_end(lines, at):
        return end, "heading"
    if _EXPLICIT.match(line):
        return _explicit(lines, at)
    if line.lstrip().startswith(">>> "):
        return reach(lines, at, bool), "code"
    if _GRID.match(line):
        return reach(lines, at, lambda row: row.lstrip()[:1] in ("+", "|")), "table"
    if _BORDER.match(line):
        return closers.after(at, line.strip()), "table"
    depth = indent(line)
    if _ITEM.match(line):
        return _item_end(lines, at, depth), "list"
    if at + 1 < len(lines) and lines[at + 1] and indent(lines[at + 1]) > depth:
        return at + 1, "heading"  # the term of a definition
    return reach(lines, at + 1, lambda each: each and indent(each) == depth), "prose"


def _item_end(lines: Lines, at: int, depth: int) -> int:
    def goes_on(line: str) -> bool:
        return bool(line) and indent(line) > depth and not _ITEM.match(line)

    return reach(lines, at + 1, goes_on)


def _title_end(lines: Lines, at: int) -> int:
    """Index after a section title with the line below it, and the one above it if there is one; 0 if it is none."""
    line, below = lines[at], "".join(lines[at + 1 : at + 2])
    if _ADORNMENT.match(line):
        is_title = len(line) > 1 and below.strip() and lines[at + 2 : at + 3] == [line]
        return at + 3 if is_title and len(below.strip()) <= len(line) else 0
    if line[0] in " \t" or len(below) < max(2, len(line)):
        return 0
    return at + 2 if _ADORNMENT.match(below) else 0


def _explicit(lines: Lines, at: int) -> tuple[int, Kind]:
    """A directive, comment, target or definition: all of it, or, where text belongs to it, what stands before that."""
    directive = _DIRECTIVE.match(lines[at])
    depth = indent(lines[at])
    body = trimmed(
        lines, at + 1, reach(lines, at + 1, lambda line: not line or indent(line) > depth)
    )
    if directive is None or directive[1] or directive[2] in _SILENT:
        return body, "code"
    if directive[2] in _TABLES:
        return body, "table"
    end = reach(lines, at + 1, lambda line: line.lstrip()[:1] == ":" and indent(line) > depth)
    said = " ".join([directive[3] or "", *lines[at + 1 : min(body, at + 2)]])
    if end == at + 1 and directive[2] in _SPEAKING and directive[3] and len(said.split()) >= _WORDS:
        return reach(lines, at + 1, lambda line: line and indent(line) > depth), "prose"
    return end, "code"


def _literal(lines: Lines, at: int, depth: int) -> int:
    """Index after what is shown as it is: indented further, or with the same mark in front of each line."""
    end = reach(lines, at, lambda line: not line or indent(line) > depth)
    if end == at and at < len(lines) and (mark := lines[at][0]) in ">$%|#":
        return reach(lines, at, lambda line: line[:1] == mark)
    return trimmed(lines, at, end)
