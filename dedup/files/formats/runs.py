"""Text of a source -> the runs that readers see: white space put together, character references read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Literal, NamedTuple

from dedup.files.formats.markup import SPACE

_SPACING = re.compile(
    r"[\t\n\f\r][ \t\n\f\r]*+| [ \t\n\f\r]++|&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]{0,31});?"
)
_LINES = re.compile(
    r"\r\n?|&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]{0,31});?",
)


class Piece(NamedTuple):
    """Text of a line, and the source it comes from: the same characters, or others that mean it."""

    text: str
    start: int
    end: int
    element: int

    @property
    def is_plain(self) -> bool:
        """Whether each character has one of its own in the source."""
        return self.end - self.start == len(self.text)


RunKind = Literal["prose", "heading", "item", "cell", "code"]


@dataclass(slots=True)
class Run:
    """Text that readers see as one block, or as the lines of one."""

    kind: RunKind
    container: int
    """The element whose text it is, the innermost that is a block."""
    level: int
    """Of a heading."""
    row: int
    """The table row it stands in, or -1."""
    table: int
    """The table it stands in, or -1."""
    pieces: list[Piece]
    has_break: bool = False


class Runs:
    """The runs of a source, in the making."""

    def __init__(self, source: str) -> None:
        self.finished: list[Run] = []
        """In the order of the source."""
        self._source = source
        self._run: Run | None = None
        self._ends_blank = True

    def text(
        self, start: int, end: int, element: int, is_code: bool, begin: Callable[[], Run]
    ) -> None:
        """Text that stands in ``element``; ``begin`` makes the run that it is the first of."""
        if self._ends_blank and not is_code and not self._source[start:end].strip(SPACE):
            return
        run = self._run = self._run or begin()
        pattern = _LINES if is_code else _SPACING
        at = start
        for match in pattern.finditer(self._source, start, end):
            if match.start() > at:
                self._plain(run, at, match.start(), element)
            self._special(run, match.start(), match.end(), element)
            at = match.end()
        if at < end:
            self._plain(run, at, end, element)

    def line_break(self, start: int, end: int, element: int) -> None:
        """The end of a line: of code as it stands, of a heading as a blank, else any number as one blank line."""
        run = self._run
        if run is None:
            return
        if run.kind == "heading":
            if not self._ends_blank:
                self._add(run, " ", start, end, element)
            return
        run.has_break = True
        if run.kind == "code":
            self._add(run, "\n", start, end, element)
            return
        _trim(run.pieces, " ")
        last = run.pieces[-1] if run.pieces else None
        if last and last.text != "\n\n":
            self._add(run, "\n\n", start, end, element)
        elif last and not self._source[last.end : start].strip(SPACE):
            run.pieces[-1] = last._replace(end=end)

    def finish(self) -> None:
        """End the run: what follows is another block."""
        run, self._run, self._ends_blank = self._run, None, True
        if run is None:
            return
        if run.kind == "code":
            _trim_lines(run.pieces)
        _trim(run.pieces, " \n")
        if any(not piece.text.isspace() for piece in run.pieces):
            self.finished.append(run)

    def _plain(self, run: Run, start: int, end: int, element: int) -> None:
        """Characters that stand in the text as they do in the source."""
        if self._ends_blank and run.kind != "code" and self._source[start] == " ":
            start += 1
        if start < end:
            self._add(run, self._source[start:end], start, end, element)

    def _special(self, run: Run, start: int, end: int, element: int) -> None:
        """White space, or a character reference."""
        is_code = run.kind == "code"
        mark = self._source[start]
        text = unescape(self._source[start:end]) if mark == "&" else mark
        if text and not text.strip(SPACE):
            text = ("\n" if mark == "\r" else text.replace("\r", " ")) if is_code else " "
            if self._ends_blank and not is_code:
                return
        if text:
            self._add(run, text, start, end, element)

    def _add(self, run: Run, text: str, start: int, end: int, element: int) -> None:
        run.pieces.append(Piece(text, start, end, element))
        self._ends_blank = text[-1] in " \n"


def _trim(pieces: list[Piece], blanks: str) -> None:
    """Take the ``blanks`` off the end."""
    while pieces:
        piece = pieces.pop()
        text = piece.text.rstrip(blanks)
        if text:
            gone = len(piece.text) - len(text)
            pieces.append(piece._replace(text=text, end=piece.end - gone) if gone else piece)
            return


def _trim_lines(pieces: list[Piece]) -> None:
    """Take the empty lines off the start."""
    first = next((at for at, piece in enumerate(pieces) if piece.text.strip(SPACE)), len(pieces))
    if first == len(pieces):
        pieces.clear()
        return
    while first and "\n" not in pieces[first - 1].text:
        first -= 1
    del pieces[:first]
    piece = pieces[0]
    blanks = piece.text[: len(piece.text) - len(piece.text.lstrip(SPACE))]
    gone = blanks.rfind("\n") + 1
    if gone:
        pieces[0] = piece._replace(text=piece.text[gone:], start=piece.start + gone)
