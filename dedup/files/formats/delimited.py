"""Comma- and tab-separated values: each row below the header a record, of which one cell is a document."""

from __future__ import annotations

import csv
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from dedup.errors import DedupError, NoField
from dedup.files.containers import ByteSink, Container, Piece, Sink
from dedup.files.formats import Kind, literals
from dedup.files.formats.lines import Coding, Lines
from dedup.files.views import Plain, RawEdit, apply
from dedup.model import Edit, Marker, Span
from dedup.options import Options, nearest, shown_size

DELIMITERS = {"csv": ",;|\t", "tsv": "\t"}
"""What may stand between cells: the first with which the header has the column."""

MAX_ROW = 1 << 27
"""Bytes of the longest row. Where a quote is never closed, all that follows would be one, and the
csv module holds a cell in four bytes per character."""

MAX_NAMES = 20
"""Columns that are named to who asks for one that is not there."""

MAX_NAME = 40
"""Characters shown of a column's name."""

EXCEL_DELIMITER = re.compile(r"sep=(.)[\r\n]*")
"""A first line by which spreadsheets are told the delimiter."""

CELL = r'(?:"(?:[^"]++|"")*+"|(?!")[^{}\r\n]*+)'
"""A cell in quotes, or one without, in front of the delimiter."""

QUOTES = re.compile('""')
"""What stands for one character of a quoted cell."""


def container(file: BinaryIO, name: str, options: Options, kind: Kind) -> Container:
    """The records of a file, whose rows are read one by one."""
    return Delimited(file, name, options, DELIMITERS[kind])


@dataclass(frozen=True, slots=True)
class Delimited:
    """A stream of bytes that is a file of rows, and what is looked at in it."""

    file: BinaryIO
    name: str
    options: Options
    delimiters: str

    def pieces(self) -> Iterator[Piece]:
        """The mark, the header, then each row; ``DedupError`` if there is no such column."""
        lines = Lines(self.file, self.name, self.options, cr=True)
        if lines.mark:
            yield Piece(lines.mark, line=1)
        rows = Rows(lines)
        before: re.Pattern[str] | None = None
        column = 0
        number = 0
        with _long_cells():
            while rows.next():
                if not rows.cells and not rows.problem:
                    yield Piece(rows.data, line=rows.line)
                elif before is None and rows.line == 1 and EXCEL_DELIMITER.fullmatch(rows.raw):
                    yield Piece(rows.data, line=1)
                elif before is None:
                    if rows.line == 1:
                        lines.refuse(lines.mark + rows.data)
                    column = self._column(rows)
                    before = cells_before(rows.delimiter, column)
                    yield Piece(rows.data, line=rows.line)
                else:
                    number += 1
                    yield self._record(rows, column, before, number)

    def _column(self, rows: Rows) -> int:
        """Which cell of a row the field is: of equal names the last, as when rows are read to dicts."""
        wanted = self.options.field
        known: list[str] = []
        for delimiter in self.delimiters:
            rows.again(delimiter)
            if wanted in rows.cells and not rows.problem:
                return len(rows.cells) - 1 - rows.cells[::-1].index(wanted)
            known = max(known, rows.cells, key=len)
        if not known:
            reason = rows.problem.removeprefix("is ")
            raise DedupError(self.name, f"its header cannot be read: {reason}")
        names = [name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..." for name in known]
        shown = ", ".join(names[:MAX_NAMES]) + (", ..." if len(known) > MAX_NAMES else "")
        hint = nearest(wanted, tuple(known)) or "--field names the column"
        raise NoField(self.name, f"has no column {wanted!r}, only {shown}", hint)

    def _record(self, rows: Rows, column: int, before: re.Pattern[str], number: int) -> Piece:
        problem = rows.problem
        if not problem and column >= len(rows.cells):
            problem = f"has no cell {column + 1}, where the field is"
        if not problem:
            raw, text, delimiter = rows.raw, rows.cells[column], rows.delimiter
            found = before.match(raw)
            if found is not None and is_cell(raw, found.end(), text, delimiter):
                is_alone = len(rows.cells) == 1
                view = Cell(raw, text, found.end(), delimiter, is_alone, rows.coding)
                source = rows.coding.source(f"{self.name}#{number}", rows.data, view)
                return Piece(rows.data, number, rows.line, source)
            problem = f"cell {column + 1} cannot be told from its neighbours"
        return Piece(rows.data, number, rows.line, problem=problem)

    def sink(self, target: BinaryIO) -> Sink:
        """Writes the bytes of the rows to ``target``."""
        return ByteSink(target)


class Rows:
    """The rows of a file, one at a time, as the csv module reads them, and the bytes of each."""

    def __init__(self, lines: Lines) -> None:
        self.coding = lines.coding
        self._tee = _Tee(lines)
        self._split_at(",")
        self.line = 1
        """Number of the row's first line, from 1."""
        self.data = b""
        self.raw = ""
        """What ``data`` says."""
        self.cells: list[str] = []
        """None for a blank line, and for a row that cannot be read."""
        self.problem = ""
        """Why it cannot be read."""

    def _split_at(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self._reader = csv.reader(self._tee, delimiter=delimiter, strict=True)

    def again(self, delimiter: str) -> None:
        """Read the same row with another delimiter; it may end on another line."""
        self._tee.put_back()
        self._split_at(delimiter)
        self.next()

    def next(self) -> bool:
        """Read a row; False if there is none left."""
        self.line += len(self._tee.taken)
        self._tee.clear()
        self.cells, self.problem = [], ""
        try:
            self.cells = next(self._reader)
        except StopIteration:
            return False
        except csv.Error as problem:
            self.problem = f"is not valid CSV: {problem}"
        self._join()
        return True

    def _join(self) -> None:
        """Make one of the row's lines; each was decoded alone, and their bytes have to say the same."""
        tee = self._tee
        if len(tee.taken) == 1:
            self.data, self.raw, wrong = tee.taken[0], tee.texts[0], tee.problem
        else:
            self.data, self.raw = b"".join(tee.taken), "".join(tee.texts)
            together, wrong = self.coding.read(self.data, "row")
            if not wrong and together != self.raw:
                wrong = tee.problem or "its lines cannot be decoded one by one"
        if wrong:
            self.cells, self.problem = [], wrong


class _Tee:
    """Hands lines to the csv module and remembers those of the row it is at."""

    def __init__(self, lines: Lines) -> None:
        self._lines = iter(lines)
        self._coding = lines.coding
        self._again: deque[bytes] = deque()
        self.clear()

    def clear(self) -> None:
        """A row begins."""
        self.taken: list[bytes] = []
        self.texts: list[str] = []
        self.problem = ""
        self._size = 0

    def put_back(self) -> None:
        """The lines of this row are read once more."""
        self._again.extendleft(reversed(self.taken))
        self.clear()

    def __iter__(self) -> _Tee:
        return self

    def __next__(self) -> str:
        if self._size > MAX_ROW:
            raise csv.Error(f"a row is longer than {shown_size(MAX_ROW)}")
        data = self._again.popleft() if self._again else next(self._lines)
        text, problem = self._coding.read(data, "row")
        if problem:  # its row passes through, but where that ends has to be known
            self.problem = self.problem or problem
            text = _roughly(data, self._coding)
        self.taken.append(data)
        self.texts.append(text)
        self._size += len(data)
        return text


def _roughly(data: bytes, coding: Coding) -> str:
    """What can be read of ``data``: the quotes and delimiters in it."""
    try:
        return data.decode(coding.codec, "replace")
    except ValueError:
        return data.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of which one cell is looked at."""

    raw: str
    text: str
    start: int
    """Where the cell begins, a quote included."""
    delimiter: str
    is_alone: bool
    """Whether it is the only cell of its row."""
    coding: Coding

    @property
    def lines(self) -> tuple[int, ...]:
        """The text's own."""
        return ()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """None: a record has no comments."""
        return ()

    def again(self, raw: str) -> Cell:
        """The cell in another row, in which it begins at the same place."""
        found = re.compile(CELL.format(re.escape(self.delimiter))).match(raw, self.start)
        if found is None:
            raise ValueError("no cell begins there")
        return replace(self, raw=raw, text=undoubled(found[0]))

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """Spans that hold two halves of a character apart, or get what the encoding has not."""
        possible: list[Edit] = []
        spans = []
        for edit in edits:
            if self.coding.written(edit.inserted) is None:
                spans.append(edit.span)
            else:
                possible.append(edit)
        return sorted([*spans, *literals.refused(self, self.coding, possible)])

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits in the row; a cell that cannot do without quotes then is written anew, in quotes."""
        start = self.start
        if self.raw.startswith('"', start):
            end = start + 1 + len(doubled(self.text))
            return literals.raw_edits(self.raw, Span(start + 1, end), QUOTES, edits, doubled)
        plain = [
            edit for edit in Plain(self.text).raw_edits(edits) if edit.removed or edit.inserted
        ]
        text = apply(self.text, plain)
        if plain and self._needs_quotes(text):
            return [RawEdit(start, self.text, f'"{doubled(text)}"')]
        return [edit._replace(start=start + edit.start) for edit in plain]

    def _needs_quotes(self, text: str) -> bool:
        """Whether a reader would take the text for something else; a row of nothing is no row."""
        is_ended = any(mark in text for mark in (self.delimiter, "\r", "\n"))
        return is_ended or text.startswith('"') or (self.is_alone and not text)


def cells_before(delimiter: str, column: int) -> re.Pattern[str]:
    """What matches the cells of a row in front of the one of this number, from 0.

    >>> cells_before(",", 1).match('"a, b",c')[0]
    '"a, b",'
    """
    mark = re.escape(delimiter)
    return re.compile(f"(?:{CELL.format(mark)}{mark}){{{column}}}+")


def is_cell(raw: str, start: int, text: str, delimiter: str) -> bool:
    """Whether a cell that says ``text`` stands at ``start`` in a valid row.

    >>> is_cell('"a, b",c', 7, "c", ","), is_cell("cd", 0, "c", ",")
    (True, False)
    """
    cell = f'"{doubled(text)}"' if raw.startswith('"', start) else text
    end = start + len(cell)
    return raw.startswith(cell, start) and raw[end : end + 1] in ("", delimiter, "\r", "\n")


def undoubled(cell: str) -> str:
    """What a cell says."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def doubled(text: str) -> str:
    """How the text is written between quotes."""
    return text.replace('"', '""')


_lock = threading.Lock()
_raised: list[int] = []
"""The bound of the csv module as it was before, once for each file that is being read."""


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the csv module read cells up to our own bound. Its bound is one for the whole process."""
    with _lock:
        _raised.append(_raised[0] if _raised else csv.field_size_limit(MAX_ROW))
    try:
        yield
    finally:
        with _lock:
            before = _raised.pop()
            if not _raised:
                csv.field_size_limit(before)
