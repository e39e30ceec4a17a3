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
from typing import NamedTuple

from dedup.files.formats import tags
from dedup.files.formats.markup import MARKER, Token, attributes, marker, token
from dedup.files.formats.runs import Run, RunKind, Runs

_UNSEEN = re.compile(r"\shidden|display\s*:\s*none", re.IGNORECASE)
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NEWLINE = re.compile(r"\r?\n|\r")


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
        self._runs = Runs(source)
        self._push("", 0, 0, "")

    # -- tokens ------------------------------------------------------------------------------------------------

    def take(self, found: Token) -> int:
        """Take in one token; where the next one begins."""
        if found.kind == "text":
            if not self._top.is_hidden:
                index = self._stack[-1]
                self._runs.text(found.start, found.end, index, self._is_code, self._new_run)
        elif found.kind == "start":
            return self._start(found)
        elif found.kind == "end":
            self._end(found)
        elif found.kind == "raw":
            self._content(found)
        elif marker(self.source[found.start : found.end]) is not None:
            self._content(found._replace(name=MARKER))
        return found.end

    def finish(self) -> None:
        """End what is open."""
        self._pop(0, len(self.source), len(self.source), "")
        self.page.runs = self._runs.finished

    def _start(self, found: Token) -> int:
        name = found.name
        if self.is_foreign and name in tags.BREAKOUT:
            self._leave_foreign(found)
        if self.is_foreign or (
            name not in tags.LEVELS and name not in tags.VOID and name not in tags.OUTLINE
        ):
            return self._open(found)
        if name in tags.OUTLINE:
            self._boundary(found)
        elif name in tags.LEVELS:
            return self._part(found)
        else:
            self._void(found)
        return found.end

    def _open(self, found: Token) -> int:
        name, end = found.name, found.end
        if (self.is_foreign or name in ("svg", "math")) and self.source[end - 2] == "/":
            return end
        closes = "" if self.is_foreign else self._make_room(found)
        if name in tags.BLOCKS:
            self._flush()
        if name == "a" and self._last("a") >= 0:
            self._pin()
        if name == "table" and self._row >= 0:
            self.page.layout_rows.add(self._row)
        self._push(name, found.start, end, closes)
        if name in ("pre", "listing"):
            newline = _NEWLINE.match(self.source, end)
            return newline.end() if newline else end
        return end

    def _part(self, found: Token) -> int:
        """A cell, a row, a section of a table; its tag alone, outside of one, is none."""
        table = self._last("table")
        if table < 0 or table < self._last("template"):
            return found.end
        inner = [
            self._last(name)
            for name, level in tags.LEVELS.items()
            if level >= tags.LEVELS[found.name]
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
        elif name not in tags.PLAIN_VOID:
            self._content(found)

    def _boundary(self, found: Token) -> None:
        self._flush()
        self._content(found)

    def _end(self, found: Token) -> None:
        name = found.name
        if name in tags.OUTLINE:
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
        elif name in tags.FORMATTING:
            self._pin()

    def _partner(self, name: str) -> int:
        """Where on the stack the element stands that an end tag ends; -1 if there is none."""
        names: Iterable[str] = tags.HEADINGS if name in tags.HEADINGS else (name,)
        place = max(self._last(each) for each in names)
        if name == "table" or name == "template":
            limit = self._last("template") - (name == "template")
        elif name in tags.LEVELS:
            limit = self._last("table")
        elif name == "li":
            limit = max(self._last("#scope"), self._last("ul"), self._last("ol"))
        elif name == "p":
            limit = self._paragraph_scope
        elif name in tags.SPECIAL or self._is_foreign_at(place):
            limit = self._last("#scope") - (name in tags.SCOPES)
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
        is_block = above is None or name in tags.BLOCKS
        container = index if is_block or above is None else above.container
        is_hidden = above is not None and (
            above.is_hidden or name in tags.OPAQUE or self._is_unseen(start, opened)
        )
        was_foreign = above is not None and above.is_foreign
        is_foreign = name in ("svg", "math") or (was_foreign and name not in tags.INTEGRATION)
        elements.append(
            Element(name, parent, container, start, opened, is_hidden, is_foreign, closes)
        )
        for group in tags.groups(name):
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
            if element.name in tags.BLOCKS or not index:
                self._flush()
            is_last = len(self._stack) == place + 1
            element.is_explicit = is_last and end > close
            element.end = end if is_last else close
            element.ended_by = by
            if element.name in tags.FORMATTING and not element.is_explicit:
                self.page.pins += [index, element.parent]
            self._stack.pop()
            for group in tags.groups(element.name):
                self._places[group].pop()
            if element.is_hidden and not self.page.elements[element.parent].is_hidden:
                held = Content(element.name, element.start, element.end, element.parent)
                self.page.contents.append(held)
        self.is_foreign = bool(self._stack) and self._top.is_foreign

    def _make_room(self, found: Token) -> str:
        """End what a start tag ends; the name of that, or empty."""
        name = found.name
        if name in tags.HEADINGS and self._top.name in tags.HEADINGS:
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
        if place < 0 and name in tags.CLOSING and self._last("p") > self._paragraph_scope:
            place = self._last("p")
        if place < 0:
            return ""
        closes = self._at(place).name
        self._pop(place, found.start, found.start, name)
        if name in tags.CLOSING and self._last("p") > self._paragraph_scope:
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

    def _break(self, found: Token) -> None:
        if not self._top.is_hidden:
            self._runs.line_break(found.start, found.end, self._stack[-1])

    def _flush(self) -> None:
        """What follows is another block; but nothing in what is hidden is one."""
        if not self._top.is_hidden:
            self._runs.finish()

    @property
    def _is_code(self) -> bool:
        return self._last("pre") > 0 or self._last("listing") > 0

    def _new_run(self) -> Run:
        container = self._top.container
        element = self.page.elements[container]
        heading = max(self._last(name) for name in tags.HEADINGS)
        row = self._row
        kind: RunKind = "prose"
        level = 0
        if self._is_code:
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


def _is_item(element: Element, parent: Element) -> bool:
    return element.name == "li" or (element.name == "p" and parent.name == "li")
