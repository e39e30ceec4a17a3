"""``--normalize-space``: blanks at the end of lines, doubled blanks inside them, more than two blank lines.

Indentation stays, and so do blanks that lay something out: code, tables, columns, list marks, and Markdown's two
blanks that break a line. Doubled are ordinary and no-break spaces; wider and narrower ones and tabs inside a
line are layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.engine.layout import BLANKS, Page

MAX_BLANK = 2
"""Blank lines in a row that are left."""
MAX_COLUMN = 120
"""Columns further right are no columns of a table: there blanks meet by chance."""

_DOUBLED = re.compile("[ \u00a0]{2,}")
_MARKS = re.compile(
    f"[{BLANKS}]*(?:(?:[-*+>•‣◦–—|:]|#{{1,6}}|\\(?(?:[0-9]{{1,3}}|[a-zA-Z])[.)])[{BLANKS}]+){{0,9}}"
)
"""Indentation and the marks of items, headings and quotations, with the blanks behind them."""
_AFTER_SENTENCE = re.compile(r"[.!?:;][\"'”’»)\]]?  (?=\S)")
"""Two blanks between sentences, as typewriters set them."""
_NUMBER = re.compile(r"[-+(]?[0-9][0-9.,:/]*[%)]?(?=\s|$)")
_INDENTED = (" " * 4, "\t")


def changes(page: Page) -> Iterator[tuple[int, int]]:
    """The blanks to take out, in order."""
    rows = _rows(page)
    for at, line in enumerate(page.lines):
        if page.is_blank(at) and _is_surplus(page, at):
            yield line.start, line.stop
        elif not page.guarded[at]:
            yield from _in_line(page, at, has_columns=bool(rows[at]))


def _in_line(page: Page, at: int, *, has_columns: bool) -> Iterator[tuple[int, int]]:
    """Doubled blanks, and those at the end of the line."""
    line, said = page.lines[at], page.said(at)
    if page.is_blank(at) and line.stop == line.end:
        return  # this is how the text ends
    end = line.start + len(said.rstrip(BLANKS))
    if not has_columns and not page.shows_code(said) and "\t" not in said.strip():
        marks = _MARKS.match(said)
        first = line.start + (marks.end() if marks else 0)
        for run in _DOUBLED.finditer(page.text, first, max(first, end)):
            yield from _all_but_one(run[0], run.start())
    if end < line.end and not (page.is_markdown and page.text.endswith("  ", end, line.end)):
        yield end, line.end


def _all_but_one(run: str, start: int) -> Iterator[tuple[int, int]]:
    """The run without the space that is left: an ordinary one, if there is any."""
    kept = max(run.find(" "), 0)
    if kept:
        yield start, start + kept
    if kept + 1 < len(run):
        yield start + kept + 1, start + len(run)


def _is_surplus(page: Page, at: int) -> bool:
    """Whether a line is blank and as many blank ones as may stand in a row stand before it."""
    if at < MAX_BLANK or page.guarded[at] or page.lines[at].stop == page.lines[at].end:
        return False
    if not all(page.is_blank(each) for each in range(at - MAX_BLANK, at + 1)):
        return False
    return not _is_between_code(page, at)


def _is_between_code(page: Page, at: int) -> bool:
    """Whether the lines around a row of blank ones are indented like code."""
    low, high = page.blank_row(at)
    if low == 0 or high == len(page.lines):
        return False
    return all(page.said(each).startswith(_INDENTED) for each in (low - 1, high))


def _rows(page: Page) -> bytearray:
    """For each line whether it stands in columns with the line before or after it."""
    rows = bytearray(len(page.lines))
    before: tuple[int, set[int], bool] | None = None
    for at in range(len(page.lines)):
        said = page.said(at).rstrip()
        if not said:
            continue
        columns, is_wide = _columns(said)
        if before is not None and ((columns & before[1]) or (is_wide and before[2])):
            rows[at] = rows[before[0]] = 1
        before = at, columns, is_wide
    return rows


def _columns(said: str) -> tuple[set[int], bool]:
    """Where runs of blanks end that no end of a sentence explains, and negative where numbers behind them end;
    and whether a run is of three or more."""
    if "  " not in said and "\u00a0" not in said:
        return set(), False
    marks = _MARKS.match(said)
    first = marks.end() if marks else 0
    explained = {match.end() for match in _AFTER_SENTENCE.finditer(said)}
    runs = [run for run in _DOUBLED.finditer(said, first) if run.end() not in explained]
    columns = {run.end() for run in runs if run.end() <= MAX_COLUMN}
    # Numbers stand below each other with their last digits.
    numbers = (_NUMBER.match(said, run.end()) for run in runs)
    columns |= {-number.end() for number in numbers if number and number.end() <= MAX_COLUMN}
    return columns, any(len(run[0]) > 2 for run in runs)
