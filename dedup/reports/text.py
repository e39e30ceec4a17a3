"""What repeats where, for a terminal or a pipe: how much, where, whether to trust it, then each finding.

The only report that uses rich. Document text reaches it escaped and as ``Text``, never as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from dedup.model import CONTAINED, FIXED_TEXT, KEPT_LOOKALIKE, REPAIRS, DocumentResult, Finding
from dedup.reports import wording
from dedup.reports.compare import MAX_WORDS, Mark, Piece, Side, plain
from dedup.reports.drawings.pairs import pairs_of, ribbons
from dedup.reports.escape import escape_line
from dedup.reports.pictures import CellRole, dot_plot, glyph, heat_strip
from dedup.reports.rows import Row, Rows

MAX_FINDINGS = 100
MAX_LINES = 20
"""Quoted lines per finding."""
MAX_WIDTH = 120
"""Columns used at most: longer lines are hard to read."""
MIN_WIDTH = 24
STACKED_BELOW = 70
"""Columns under which the two sides stand one below the other."""

PLOTTED_FROM = 3
"""Pairs from which there is a plot: fewer are said faster than drawn."""

_PLOT = (24, 12)
"""Columns and rows of the plot, which is a square where a character is twice as high as wide."""
_EQUAL_LINES = 3
_DIFFERING_LINES = 6
_LOOKALIKE_LINES = 8
_EQUAL_ROWS = 3
_TRIED_ROWS = 20
"""Rows that are looked at to fill the lines of a finding."""

# Blue stays, red goes. The marks bring their own background, so they read on light and dark.
STYLES = {
    "plain": "",
    "title": "bold",
    "dim": "bright_black",
    "kept": "cyan",
    "removed": "red",
    "once": "bright_black",
    "source": "cyan",
    "kept own": "underline color(195) on color(24)",
    "removed own": "underline color(224) on color(88)",
    "shared": "underline color(195) on color(24)",
}


def render(
    result: DocumentResult, *, width: int, color: bool, unicode: bool, is_one: bool = True
) -> str:
    """The report, each line at most ``width`` columns (at least 24) and ended by LF.

    Without ``color`` there is no escape sequence in it and words are marked by brackets; without
    ``unicode`` the report's own signs are ASCII.
    """
    page = _Page(Rows(result), max(MIN_WIDTH, min(width, MAX_WIDTH)), color, unicode, is_one)
    file = StringIO()
    console = console_on(file, page.width, color=color)
    for line in page.lines():
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return file.getvalue()


def console_on(file: TextIO, width: int, *, color: bool) -> Console:
    """What prints onto ``file`` as it is told, whatever the environment says; no text is markup."""
    return Console(
        file=file,
        width=width,
        color_system="256" if color else None,
        force_terminal=color,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )


LEGEND: tuple[tuple[CellRole, str], ...] = (
    ("once", "other text"),
    ("source", "kept, has a copy"),
    ("removed", "copy, removed"),
)
"""What the signs of a heat strip say."""
NOTHING_GOES: tuple[tuple[CellRole, str], ...] = (("once", "stays"),)
"""What they say of a text without copies: what only looks alike, or is reported, is not said once."""


def legend(names: Sequence[tuple[CellRole, str]], *, unicode: bool) -> Text:
    """The signs of a heat strip with what they say."""
    line = Text("  ")
    for role, words in names:
        line.append(glyph(role, ascii_only=not unicode), STYLES[role])
        line.append(f" {words}   ", STYLES["dim"])
    return line


@dataclass(slots=True)
class _Block:
    """A row as lines, with its index among the finding's rows."""

    index: int
    lines: list[Text]


class _Page:
    """The report as lines of ``Text``."""

    def __init__(self, rows: Rows, width: int, color: bool, unicode: bool, is_one: bool) -> None:
        self.rows = rows
        self.result = rows.result
        self.width = width
        self.color = color
        self.unicode = unicode
        self.is_one = is_one
        """Whether this report is all there is to see; else another may follow."""
        self.dots = "…" if unicode else "..."
        self.bar = "│" if unicode else "|"
        self.digits = max(2, len(str(len(rows.lines))))

    @property
    def has_cleanup(self) -> bool:
        """Whether something changes that does not repeat."""
        return any(edit.kind == "cleanup" for edit in self.result.edits)

    def lines(self) -> Iterator[Text]:
        """Everything, first what answers the question."""
        yield from self.head()
        findings = list(enumerate(self.result.findings))
        order = [item for item in findings if item[1].name != KEPT_LOOKALIKE]
        order += [item for item in findings if item[1].name == KEPT_LOOKALIKE]
        for number, finding in order[:MAX_FINDINGS]:
            yield Text()
            yield from self.finding(number, finding)
        if len(order) > MAX_FINDINGS:
            yield Text()
            more = wording.count(len(order) - MAX_FINDINGS, "more finding")
            yield from self.wrapped(Text(f"{more}, not shown here; a JSON report has all."), 0)
        if not self.is_one:
            yield Text()
        elif self.result.changed:
            yield Text()
            written = "cleaned text" if self.has_cleanup else "text without the copies"
            hint = Text(f"This report changed nothing. dedup clean writes the {written}.")
            hint.stylize(STYLES["dim"])
            yield from self.wrapped(hint, 0)

    # The head

    def head(self) -> Iterator[Text]:
        result = self.result
        how = "removed" if self.has_cleanup else "repeated"
        share = f"{wording.percent(result.redundancy)} {how}" if result.removed_characters else ""
        yield self.spread(self.title(escape_line(result.document.name)), self.title(share))
        yield Text()
        for label, words in self.facts():
            yield from self.labelled(label, words)
        if result.document.text:
            yield Text()
            yield from self.strip()
            yield from self.plot()

    def facts(self) -> Iterator[tuple[str, str]]:
        """What is known about the whole, as label and words."""
        result = self.result
        length = len(result.document.text)
        label = "removed" if self.has_cleanup else "copies"
        if not result.removed_characters:
            paragraphs = wording.count(result.paragraphs, "paragraph")
            yield label, f"none in {length:,} characters, {paragraphs}"
        else:
            characters = f"{result.removed_characters:,} of {length:,} characters"
            yield label, f"{characters}, {wording.extent(result.tally)}"
        if result.findings:
            yield "found", self.found()
        copies = [edit for edit in result.edits if edit.twins]
        if copies:
            numbers = {edit.number for edit in copies}
            removals = [result.findings[number] for number in sorted(numbers)]
            lowest = wording.score(min(edit.score for edit in copies))
            doubt = wording.score(min(finding.confidence for finding in removals))
            yield (
                "trust",
                f"each copy is still said in the text that stays{self.elsewhere()}; "
                f"lowest score {lowest}, lowest confidence {doubt}",
            )
        if result.note:
            yield "note", _note(result.note)

    def elsewhere(self) -> str:
        """Where else than in this document."""
        others = {quote.passage.document for quote in self.result.quotes}
        return f", some in {wording.count(len(others), 'other document')}" if others else ""

    def found(self) -> str:
        """How many findings of which name; what only looks alike apart."""
        numbers = self.result.tally.findings
        alike = numbers.pop(KEPT_LOOKALIKE, 0)
        parts = [wording.counts(numbers, self.result.repairs)]
        parts += [f"{wording.count(alike, 'look-alike')} kept"] * bool(alike)
        return "; ".join(filter(None, parts))

    def strip(self) -> Iterator[Text]:
        """Where the copies stand, with line numbers below."""
        edits = [edit for edit in self.result.edits if not edit.is_repair]
        sources = [t.span for edit in edits for t in edit.twins if t.document == edit.document]
        length = len(self.result.document.text)
        cells = heat_strip(
            length,
            [edit.span for edit in edits],
            sources,
            self.width - 4,
            ascii_only=not self.unicode,
        )
        strip = Text("  ")
        for cell in cells:
            strip.append(cell.character, STYLES[cell.role])
        yield strip
        yield self.scale(length, len(cells))
        names = LEGEND if edits else NOTHING_GOES
        yield from self.wrapped(legend(names, unicode=self.unicode), 2)
        yield from self.wrapped(self.mark_legend(), 2)

    def mark_legend(self) -> Text:
        """What marked words are; nothing when no words will be marked."""
        findings = self.result.findings
        inexact = [finding.action for finding in findings if finding.score < 1]
        items: list[tuple[str, Mark, Side]] = []
        if "removed" in inexact:
            items += [("only in what stays", "own", "kept"), ("only in the copy", "own", "removed")]
        elif inexact:
            items.append(("differs", "own", "kept"))
        if any(finding.name == FIXED_TEXT for finding in findings):
            items += [("mended", "own", "kept"), ("before", "own", "removed")]
        if any(finding.name == CONTAINED for finding in findings):
            items.append(("words of the teaser", "shared", "kept"))
        legend = Text("  ")
        for words, mark, side in items:
            legend += self.marked([Piece(words, mark)], side)
            legend.append("   ")
        return legend

    def plot(self) -> Iterator[Text]:
        """The text against itself, where more repeats than a strip can tell apart."""
        found = [pair for pair in pairs_of(self.result) if pair.kind != "alike"]
        if len(found) < PLOTTED_FROM or self.width < STACKED_BELOW:
            return
        length = len(self.result.document.text)
        lines = ribbons(found, gap=length / _PLOT[0], any_kind=True)
        pairs = [(pair.kept, pair.copy) for pair in lines]
        rows = dot_plot(length, pairs, *_PLOT, ascii_only=not self.unicode)
        words = ["the text against itself,", "a copy is a line", "beside the diagonal"]
        yield Text()
        for number, row in enumerate(rows):
            line = Text("  ")
            for cell in row:
                line.append(cell.character, STYLES[cell.role])
            if number < len(words):
                line.append(f"   {words[number]}", STYLES["dim"])
            yield line

    def scale(self, length: int, width: int) -> Text:
        """Numbers of lines below the strip, each under the first character of its line."""
        numbers = [" "] * width
        free = 0
        for quarter in range(5):
            cell = min(width - 1, quarter * width // 4)
            line = str(self.rows.lines.at(min(length - 1, cell * length // width)))
            if quarter == 4:
                line = str(len(self.rows.lines))
                cell = width - len(line)
            if cell >= free and cell + len(line) <= width:
                numbers[cell : cell + len(line)] = line
                free = cell + len(line) + 2
        return Text("  " + "".join(numbers), STYLES["dim"])

    # A finding

    def finding(self, number: int, finding: Finding) -> Iterator[Text]:
        """Name and places, what was done and why, then the two sides."""
        label = f"{number + 1}  "
        is_alike = finding.name == KEPT_LOOKALIKE
        relation = wording.lines(finding.places) if is_alike else wording.relation(finding)
        title = self.title(f"{label}{wording.finding_name(finding.name)}: {relation}")
        yield from self.wrapped(title, len(label))
        rows = self.rows.of(number)
        scores = ", ".join(wording.scores(finding))
        scores += "; " if scores else ""
        about = Text(" " * len(label) + scores + self.reason(finding, rows), STYLES["dim"])
        yield from self.wrapped(about, len(label))
        if rows:
            yield Text()
            yield from self.sides(finding, rows)

    def reason(self, finding: Finding, rows: Sequence[Row]) -> str:
        """What was done and why, in a few words."""
        note = f": {_note(finding.note)}" if finding.note else ""
        copies = [row for row in rows if row.has_twin]
        equal = sum(row.is_equal for row in copies)
        return wording.reason(finding, equal, len(copies), len(rows) - len(copies)) + note

    def sides(self, finding: Finding, rows: Sequence[Row]) -> Iterator[Text]:
        """What stays and, beside or below it, what goes; for a look-alike both stay."""
        second: Side = "removed" if finding.action in ("removed", "cleaned") else "kept"
        if self.width >= STACKED_BELOW:
            source = next((row.source for row in rows if row.source), "")
            kept = f"kept in {escape_line(source)}" if source else "kept"
            words = ("mended", "before") if finding.name in REPAIRS else (kept, second)
            heading = self.heading("kept", words[0])
            heading.truncate((self.width - 5) // 2, overflow="ellipsis" if self.unicode else "crop")
            yield from self.beside([heading], [self.heading(second, words[1])])
        shown = self.chosen(rows, second)
        position = 0
        for block in [*shown, _Block(len(rows), [])]:
            yield from self.left_out(rows[position : block.index])
            yield from block.lines
            position = block.index + 1

    def heading(self, role: Side, words: str) -> Text:
        return Text(" " * (self.digits + 3) + words, STYLES[role])

    def chosen(self, rows: Sequence[Row], second: Side) -> list[_Block]:
        """The rows that say most, as many as fit: the first, what differs, then the next and last."""
        differing = [at for at, row in enumerate(rows) if not row.is_equal]
        differing.sort(key=lambda at: (rows[at].score, at))
        equal = [at for at, row in enumerate(rows) if row.is_equal]
        equal = sorted({*equal[: _EQUAL_ROWS - 1], *equal[-1:]})
        order = list(dict.fromkeys([*equal[:1], *differing, *equal]))[:_TRIED_ROWS]
        blocks: list[_Block] = []
        room = MAX_LINES if second == "removed" else _LOOKALIKE_LINES
        for at in order:
            lines = self.row(rows[at], second)
            # Each row may bring a line about what was left out before it.
            if len(lines) + 1 <= room or not blocks:
                blocks.append(_Block(at, lines))
                room -= len(lines) + 1
        return sorted(blocks, key=lambda block: block.index)

    def left_out(self, rows: Sequence[Row]) -> Iterator[Text]:
        if not rows:
            return
        differing = sum(not row.is_equal for row in rows)
        more = f"{self.dots} {wording.left_out(len(rows), differing)}"
        line = Text(" " * (self.digits + 5) + more, STYLES["dim"])
        yield from self.wrapped(line, self.digits + 5)

    # A row

    def row(self, row: Row, second: Side) -> list[Text]:
        compared = self.rows.compared(row)
        shows_equal = compared.is_identical and not row.is_contained
        limit = _EQUAL_LINES if shows_equal else _DIFFERING_LINES
        signs = "==" if compared.is_identical else "+-" if second == "removed" else "~~"
        kept_line = self.rows.kept_line(row)
        removed_line = self.rows.lines.at(row.removed.start)
        stacked = self.width < STACKED_BELOW
        column = self.width - 2 if stacked else (self.width - 5) // 2
        left: list[Text] = []
        if row.becomes is not None:
            if row.becomes:
                mended = self.marked(compared.kept, "kept")
                left = self.column(mended, removed_line, signs[0], "kept", column, limit)
            copy = self.marked(compared.removed, second)
            right = self.column(copy, removed_line, signs[1], second, column, limit)
        elif not row.has_twin:
            text = self.marked(compared.removed, "kept")
            text.append(" (no copy, stays)", STYLES["dim"])
            right = self.column(text, removed_line, " ", "kept", column, limit)
        else:
            left = self.column(
                self.marked(compared.kept, "kept"), kept_line, signs[0], "kept", column, limit
            )
            if compared.is_identical:
                copy = Text("identical", STYLES["dim"])
            else:
                copy = self.marked(compared.removed, second)
            right = self.column(copy, removed_line, signs[1], second, column, limit)
        if stacked:
            lines = [Text("  ") + line for line in left + right]
        else:
            lines = self.beside(left, right)
        if compared.is_cut or (self.rows.is_long(row) and not compared.is_identical):
            note = f"{self.dots} long: only the first {MAX_WORDS} words were compared"
            lines += self.wrapped(Text(" " * (self.digits + 5) + note, STYLES["dim"]), 7)
        return lines

    def column(
        self, text: Text, number: int, sign: str, role: Side, width: int, limit: int
    ) -> list[Text]:
        """A side as lines of at most ``width`` columns: line number, sign, text."""
        gutter = self.digits + 3
        lines = self.wrap(text, width - gutter, limit)
        column = []
        for index, line in enumerate(lines):
            label = Text()  # Its own style, not a part's: a line added to it would take that on.
            label.append(f"{number if index == 0 else '':>{self.digits}} ", STYLES["dim"])
            label.append(f"{sign} ", STYLES[role])
            column.append(label + line)
        return column

    def beside(self, left: Sequence[Text], right: Sequence[Text]) -> list[Text]:
        """Two columns with a bar between."""
        column = (self.width - 5) // 2
        lines = []
        for index in range(max(len(left), len(right))):
            one = left[index] if index < len(left) else Text()
            two = right[index] if index < len(right) else Text()
            line = Text("  ") + one
            line.append(" " * (2 + column - cell_len(line.plain)))
            line.append(f" {self.bar} ", STYLES["dim"])
            lines.append(line + two)
        return lines

    def marked(self, pieces: Sequence[Piece], side: Side) -> Text:
        """The pieces with their marks: colours, or brackets without."""
        if not self.color:
            return Text(plain(pieces, side, self.dots))
        text = Text()
        for piece in pieces:
            if piece.mark == "gap":
                text.append(self.dots, STYLES["dim"])
                continue
            words = piece.text.removeprefix(" ")
            text.append(" " * (len(piece.text) - len(words)))
            text.append(words, STYLES[_mark_style(piece.mark, side)])
        return text

    # Lines

    def wrap(self, text: Text, width: int, limit: int) -> list[Text]:
        """At most ``limit`` lines of at most ``width`` columns; what is cut off ends in dots."""
        # Wrapping costs as much as the text is long: cut what cannot be shown first.
        is_cut = len(text) > width * (limit + 1)
        if is_cut:
            text = text[: width * (limit + 1)]
        lines = list(text.wrap(_CONSOLE, width, overflow="fold"))
        for line in lines:
            line.rstrip()
        if len(lines) > limit:
            lines, is_cut = lines[:limit], True
        if is_cut and lines:
            last = lines[-1]
            last.truncate(width - len(self.dots), overflow="crop")
            # Not in the middle of a word, where words have spaces between.
            space = last.plain.rfind(" ")
            if 2 * space > len(last):
                last.right_crop(len(last) - space)
            last.append(self.dots, STYLES["dim"])
        return lines

    def wrapped(self, text: Text, indent: int) -> list[Text]:
        """A line of our own words over as many lines as it needs, the next ones indented."""
        if not text.plain.strip():
            return []
        lines = list(text.wrap(_CONSOLE, self.width - indent, overflow="fold"))
        return [
            line if index == 0 else Text(" " * indent) + line for index, line in enumerate(lines)
        ]

    def labelled(self, label: str, words: str) -> Iterator[Text]:
        indent = 10
        lines = Text(words).wrap(_CONSOLE, self.width - indent, overflow="fold")
        for index, line in enumerate(lines):
            name = Text()
            name.append(f"  {label if index == 0 else '':<{indent - 2}}", STYLES["dim"])
            yield name + line

    def spread(self, left: Text, right: Text) -> Text:
        """Left and right ends of a line; the left one gives way."""
        room = self.width - cell_len(right.plain) - 2
        if cell_len(left.plain) > room:
            left.truncate(room - len(self.dots), overflow="crop")
            left.append(self.dots)
        left.append(" " * (self.width - cell_len(left.plain) - cell_len(right.plain)))
        return left + right

    def title(self, words: str) -> Text:
        return Text(words, STYLES["title"])


_CONSOLE = Console(width=80, file=StringIO(), _environ={})
"""Only asked for its tab size and cell widths when text is wrapped."""


def _note(note: str) -> str:
    """A note, safe wherever it is wrapped: no line of it can begin with a command."""
    return escape_line(note).replace("::", ":\\:")


def _mark_style(mark: Mark, side: Side) -> str:
    if not mark:
        return "plain"
    return "shared" if mark == "shared" else f"{side} own"
