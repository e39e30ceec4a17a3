"""HTML source -> its elements and the lines of text that readers see, each with its place in the source.

Not a whole tree builder: end tags that may be left out are filled in as the HTML standard says (13.2.6), but
misnested formatting is not rebuilt. What depends on tags that have no partner is pinned: it stays.
No step looks at more than the end of a few stacks, so that a million open elements cost what a million cost.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Literal, NamedTuple

from dedup.files.formats.markup import SPACE, Token, attributes, token

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CLOSING = frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul".split()
) | {*HEADINGS}
"""They end an open paragraph."""
_LEVELS = {
    "caption": 1,
    "colgroup": 1,
    "thead": 1,
    "tbody": 1,
    "tfoot": 1,
    "tr": 2,
    "td": 3,
    "th": 3,
}
"""Parts of a table; one ends those of its level and deeper."""
_BLOCKS = _CLOSING | {*_LEVELS, "legend", "optgroup", "option"}
_SCOPES = frozenset("caption foreignobject marquee object table td template th".split())
"""End tags do not reach beyond them."""
_SPECIAL = (_BLOCKS | _SCOPES | {"button", "math", "select", "svg"}) - {
    "legend",
    "optgroup",
    "option",
}
"""End tags of elements that are not, such as ``span``, do not reach beyond these."""
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Left open, they go on behind the end of what they stand in."""
_VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img image input keygen link meta param source track wbr".split()
)
_PLAIN_VOID = frozenset("basefont bgsound br col hr param wbr".split())
"""Nothing is lost when they go with what is around them."""
_OPAQUE = frozenset(
    "annotation annotation-xml audio button canvas datalist label legend object select svg template video".split()
)
"""Elements with no text of the page in them."""
_OUTLINE = frozenset("body form frameset head html".split())
"""Their tags stay and hold nothing."""
_INTEGRATION = frozenset("foreignobject desc title mi mo mn ms mtext".split())
"""Elements of SVG and MathML that hold HTML."""
_BREAKOUT = frozenset(
    "b big blockquote body br center code dd div dl dt em embed head hr i img li listing menu meta nobr ol p pre ruby "
    "s small span strong strike sub sup table tt u ul var".split()
) | {*HEADINGS}
"""HTML elements that end SVG and MathML."""

_UNSEEN = re.compile(r"\shidden|display\s*:\s*none", re.IGNORECASE)
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
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


@dataclass(slots=True)
class Element:
    """An element of the source; the first of a page is the page, and holds the others."""

    name: str
    parent: int
    container: int
    """The innermost block around it, or itself."""
    start: int
    opened: int
    """Where its start tag ends."""
    is_hidden: bool
    is_foreign: bool
    closes: str
    """The element without an end tag that its start tag ended; empty if there was none."""
    end: int = -1
    is_explicit: bool = False
    """Whether it has an end tag."""
    ended_by: str = ""
    """The start tag that ended it; empty for any end tag."""


class Content(NamedTuple):
    """Something other than text that a reader may miss: a picture, a form, a script."""

    name: str
    start: int
    end: int
    element: int


@dataclass(slots=True)
class Page:
    """A source taken apart."""

    elements: list[Element] = field(default_factory=list)
    """In the order of their start tags."""
    runs: list[Run] = field(default_factory=list)
    """In the order of the source."""
    contents: list[Content] = field(default_factory=list)
    pins: list[int] = field(default_factory=list)
    """Elements with a tag in them whose partner stands elsewhere or nowhere."""
    layout_rows: set[int] = field(default_factory=set)
    """Table rows that hold more than lines of text."""


def parse(source: str) -> Page:
    """The elements and runs of ``source``; any text is HTML.

    >>> [run.pieces[0].text for run in parse("<p>One &amp;<p>two").runs]
    ['One ', 'two']
    """
    parser = _Parser(source)
    at = 0
    while at < len(source):
        found = token(source, at, parser.is_foreign)
        at = parser.take(found)
    parser.finish()
    return parser.page


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.page = Page()
        self.is_foreign = False
        self._stack: list[int] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        """For each name, and each group of names, where on the stack such elements stand."""
        self._run: Run | None = None
        self._ends_blank = True
        self._push("", 0, 0, "")

    # -- tokens ------------------------------------------------------------------------------------------------

    def take(self, found: Token) -> int:
        """Take in one token; where the next one begins."""
        if found.kind == "text":
            if not self._top.is_hidden:
                self._text(found.start, found.end)
        elif found.kind == "start":
            return self._start(found)
        elif found.kind == "end":
            self._end(found)
        elif found.kind == "raw":
            self._content(found)
        return found.end

    def finish(self) -> None:
        """End what is open."""
        self._pop(0, len(self.source), len(self.source), "")

    def _start(self, found: Token) -> int:
        name = found.name
        if self.is_foreign and name in _BREAKOUT:
            self._leave_foreign(found)
        if self.is_foreign or (name not in _LEVELS and name not in _VOID and name not in _OUTLINE):
            return self._open(found)
        if name in _OUTLINE:
            self._boundary(found)
        elif name in _LEVELS:
            return self._part(found)
        else:
            self._void(found)
        return found.end

    def _open(self, found: Token) -> int:
        name, end = found.name, found.end
        if (self.is_foreign or name in ("svg", "math")) and self.source[end - 2] == "/":
            return end
        closes = "" if self.is_foreign else self._make_room(found)
        if name in _BLOCKS:
            self._flush()
        if name == "a" and self._last("a") >= 0:
            self._pin()
        if name == "table" and self._row >= 0:
            self.page.layout_rows.add(self._row)
        self._push(name, found.start, end, closes)
        if name in ("pre", "listing"):
            newline = re.compile(r"\r?\n|\r").match(self.source, end)
            return newline.end() if newline else end
        return end

    def _part(self, found: Token) -> int:
        """A cell, a row, a section of a table; its tag alone, outside of one, is none."""
        table = self._last("table")
        if table < 0 or table < self._last("template"):
            return found.end
        inner = [
            self._last(name) for name, level in _LEVELS.items() if level >= _LEVELS[found.name]
        ]
        inner = [place for place in inner if place > table]
        closes = self._at(min(inner)).name if inner else ""
        if inner:
            self._pop(min(inner), found.start, found.start, found.name)
        self._flush()
        self._push(found.name, found.start, found.end, closes)
        return found.end

    def _void(self, found: Token) -> None:
        name = found.name
        if name == "br":
            self._break(found)
        elif name == "hr":
            self._make_room(found)
            self._flush()
        elif name not in _PLAIN_VOID:
            self._content(found)

    def _boundary(self, found: Token) -> None:
        self._flush()
        self._content(found)

    def _end(self, found: Token) -> None:
        name = found.name
        if name in _OUTLINE:
            self._boundary(found)
            return
        if name == "br":
            self._break(found)
            return
        place = self._partner(name)
        if place > 0:
            self._pop(place, found.start, found.end, "")
        elif name == "p":
            self._flush()
        elif name in _FORMATTING:
            self._pin()

    def _partner(self, name: str) -> int:
        """Where on the stack the element stands that an end tag ends; -1 if there is none."""
        names: Iterable[str] = HEADINGS if name in HEADINGS else (name,)
        place = max(self._last(each) for each in names)
        if name == "table" or name == "template":
            limit = self._last("template") - (name == "template")
        elif name in _LEVELS:
            limit = self._last("table")
        elif name == "li":
            limit = max(self._last("#scope"), self._last("ul"), self._last("ol"))
        elif name == "p":
            limit = self._paragraph_scope
        elif name in _SPECIAL or self._is_foreign_at(place):
            limit = self._last("#scope") - (name in _SCOPES)
        else:
            limit = self._last("#special")
        return place if place > limit else -1

    def _is_foreign_at(self, place: int) -> bool:
        return place > 0 and (self._at(place).is_foreign or self._at(place).name in ("svg", "math"))

    # -- the stack ---------------------------------------------------------------------------------------------

    @property
    def _top(self) -> Element:
        return self.page.elements[self._stack[-1]]

    def _at(self, place: int) -> Element:
        return self.page.elements[self._stack[place]]

    def _last(self, name: str) -> int:
        places = self._places.get(name)
        return places[-1] if places else -1

    @property
    def _paragraph_scope(self) -> int:
        return max(self._last("#scope"), self._last("button"))

    @property
    def _row(self) -> int:
        """The innermost table row that is open."""
        place = self._last("tr")
        return self._stack[place] if place > self._last("table") else -1

    def _push(self, name: str, start: int, opened: int, closes: str) -> None:
        elements = self.page.elements
        index = len(elements)
        parent = self._stack[-1] if self._stack else 0
        above = elements[parent] if self._stack else None
        is_block = above is None or name in _BLOCKS
        container = index if is_block or above is None else above.container
        is_hidden = above is not None and (
            above.is_hidden or name in _OPAQUE or self._is_unseen(start, opened)
        )
        was_foreign = above is not None and above.is_foreign
        is_foreign = name in ("svg", "math") or (was_foreign and name not in _INTEGRATION)
        elements.append(
            Element(name, parent, container, start, opened, is_hidden, is_foreign, closes)
        )
        for group in _groups(name):
            self._places[group].append(len(self._stack))
        self._stack.append(index)
        self.is_foreign = is_foreign

    def _is_unseen(self, start: int, end: int) -> bool:
        """Whether a start tag itself says that its element is not shown."""
        if not _UNSEEN.search(self.source, start, end):
            return False
        said = attributes(self.source[start:end])
        return "hidden" in said or bool(_NO_DISPLAY.search(said.get("style", "")))

    def _pop(self, place: int, close: int, end: int, by: str) -> None:
        """End the element at ``place`` of the stack, by its end tag or a start tag, and all in it before."""
        while len(self._stack) > place:
            index = self._stack[-1]
            element = self.page.elements[index]
            if element.name in _BLOCKS or not index:
                self._flush()
            is_last = len(self._stack) == place + 1
            element.is_explicit = is_last and end > close
            element.end = end if is_last else close
            element.ended_by = by
            if element.name in _FORMATTING and not element.is_explicit:
                self.page.pins += [index, element.parent]
            self._stack.pop()
            for group in _groups(element.name):
                self._places[group].pop()
            if element.is_hidden and not self.page.elements[element.parent].is_hidden:
                held = Content(element.name, element.start, element.end, element.parent)
                self.page.contents.append(held)
        self.is_foreign = bool(self._stack) and self._top.is_foreign

    def _make_room(self, found: Token) -> str:
        """End what a start tag ends; the name of that, or empty."""
        name = found.name
        if name in HEADINGS and self._top.name in HEADINGS:
            place = len(self._stack) - 1
        elif name == "li":
            place = self._last("li") if self._last("li") == self._last("#wall") else -1
        elif name in ("dd", "dt"):
            place = max(self._last("dd"), self._last("dt"))
            place = place if place == self._last("#wall") else -1
        elif name == "button" and self._last("button") > self._last("#scope"):
            place = self._last("button")
        elif name in ("rp", "rt") and self._top.name in ("rp", "rt"):
            place = len(self._stack) - 1
        else:
            place = -1
        if place < 0 and name in _CLOSING and self._last("p") > self._paragraph_scope:
            place = self._last("p")
        if place < 0:
            return ""
        closes = self._at(place).name
        self._pop(place, found.start, found.start, name)
        if name in _CLOSING and self._last("p") > self._paragraph_scope:
            self._pop(self._last("p"), found.start, found.start, name)
        return closes

    def _leave_foreign(self, found: Token) -> None:
        while self.is_foreign:
            self._pop(len(self._stack) - 1, found.start, found.start, found.name)

    def _pin(self) -> None:
        self.page.pins.append(self._stack[-1])

    def _content(self, found: Token) -> None:
        if not self._top.is_hidden:
            held = Content(found.name, found.start, found.end, self._stack[-1])
            self.page.contents.append(held)

    # -- text --------------------------------------------------------------------------------------------------

    def _text(self, start: int, end: int) -> None:
        is_code = self._last("pre") > 0 or self._last("listing") > 0
        if self._ends_blank and not is_code and not self.source[start:end].strip(SPACE):
            return
        pattern = _LINES if is_code else _SPACING
        at = start
        for match in pattern.finditer(self.source, start, end):
            if match.start() > at:
                self._plain(at, match.start(), is_code)
            self._special(match.start(), match.end(), is_code)
            at = match.end()
        if at < end:
            self._plain(at, end, is_code)

    def _plain(self, start: int, end: int, is_code: bool) -> None:
        """Characters that stand in the text as they do in the source."""
        if self._ends_blank and not is_code and self.source[start] == " ":
            start += 1
        if start < end:
            self._add(self.source[start:end], start, end)

    def _special(self, start: int, end: int, is_code: bool) -> None:
        """White space, or a character reference."""
        mark = self.source[start]
        text = unescape(self.source[start:end]) if mark == "&" else mark
        if text and not text.strip(SPACE):
            text = ("\n" if mark == "\r" else text.replace("\r", " ")) if is_code else " "
            if self._ends_blank and not is_code:
                return
        if text:
            self._add(text, start, end)

    def _break(self, found: Token) -> None:
        """The end of a line: of code as it stands, of a heading as a blank, else any number as one blank line."""
        run = self._run
        if self._top.is_hidden or run is None:
            return
        if run.kind != "heading":
            run.has_break = True
        if run.kind == "code":
            self._add("\n", found.start, found.end)
            return
        if run.kind == "heading":
            if not self._ends_blank:
                self._add(" ", found.start, found.end)
            return
        _trim(run.pieces, " ")
        last = run.pieces[-1] if run.pieces else None
        if last is None or last.text != "\n\n":
            if last:
                self._add("\n\n", found.start, found.end)
        elif not self.source[last.end : found.start].strip(SPACE):
            run.pieces[-1] = last._replace(end=found.end)

    def _add(self, text: str, start: int, end: int) -> None:
        if self._run is None:
            self._run = self._new_run()
        self._run.pieces.append(Piece(text, start, end, self._stack[-1]))
        self._ends_blank = text[-1] in " \n"

    def _new_run(self) -> Run:
        container = self._top.container
        element = self.page.elements[container]
        heading = max(self._last(name) for name in HEADINGS)
        row = self._row
        kind: RunKind = "prose"
        level = 0
        if self._last("pre") > 0 or self._last("listing") > 0:
            kind = "code"
        elif heading > self._last("#scope"):
            kind, level = "heading", int(self._at(heading).name[1])
        elif _is_item(element, self.page.elements[element.parent]):
            kind = "item"
        elif element.name in ("td", "th"):
            kind = "cell"
        if row >= 0 and kind != "cell":
            self.page.layout_rows.add(row)
        table = self._last("table")
        return Run(kind, container, level, row, self._stack[table] if table > 0 else -1, [])

    def _flush(self) -> None:
        """End the run: what follows is another block."""
        run = self._run
        if run is None or self._top.is_hidden:
            return
        self._run, self._ends_blank = None, True
        if run.kind == "code":
            _trim_lines(run.pieces)
        _trim(run.pieces, " \n")
        if any(not piece.text.isspace() for piece in run.pieces):
            self.page.runs.append(run)


@lru_cache(maxsize=1000)
def _groups(name: str) -> tuple[str, ...]:
    """Under which names the places of such elements are noted."""
    groups = [name]
    if name in _SPECIAL:
        groups.append("#special")
        if name not in ("address", "div", "p"):
            groups.append("#wall")
    if name in _SCOPES:
        groups.append("#scope")
    return tuple(groups)


def _is_item(element: Element, parent: Element) -> bool:
    return element.name == "li" or (element.name == "p" and parent.name == "li")


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
