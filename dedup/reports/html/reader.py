"""A document to be read on the page: what stays as it is, what goes folded away where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from dedup.model import REPAIRS, DocumentResult, Edit, Span, merged, overlapping
from dedup.reports import wording
from dedup.reports.html.anchors import finding_id, line_mark, other_place, place_id, to
from dedup.reports.html.entry import MAX_NAME
from dedup.reports.html.sides import MAX_PLACES
from dedup.reports.lines import LINE_END, LineNumbers
from dedup.reports.markup import Markup, element, joined, text

MAX_CHARACTERS = 400_000
"""Longer texts are not shown as a whole."""


def reader(result: DocumentResult) -> Markup:
    """The text of the document, its removed passages folded."""
    return element("div", *_Reader(result).parts(), class_="text")


class _Reader:
    """The text cut where something goes, is repeated or is pointed at."""

    def __init__(self, result: DocumentResult) -> None:
        self.result = result
        self.text = result.document.text
        self.lines = LineNumbers(self.text, result.document.lines)
        name = result.document.name
        self.sources = merged(
            twin.span for edit in result.edits for twin in edit.twins if twin.document == name
        )
        self.anchors = sorted(_anchors(result))
        self._next = 0

    def parts(self) -> Iterator[Markup]:
        position = 0
        for group in _grouped(self.result.edits):
            yield from self.stays(Span(position, group[0].span.start))
            yield from self.anchored(group[-1].span.end)
            is_repair = group[0].finding in REPAIRS
            yield self.repaired(group[0]) if is_repair else self.gone(group)
            position = group[-1].span.end
        yield from self.stays(Span(position, len(self.text)))
        yield from self.anchored(len(self.text) + 1)

    def stays(self, span: Span) -> Iterator[Markup]:
        """What is said once, and what is said again elsewhere with a mark; ids where links lead to."""
        position = span.start
        for source in self.overlapping(span):
            yield from self.plain(position, source.start)
            inner = joined(self.plain(source.start, source.end))
            yield element("span", inner, class_="source")
            position = source.end
        yield from self.plain(position, span.end)

    def overlapping(self, span: Span) -> Iterator[Span]:
        """The passages that are repeated elsewhere, as far as they are in ``span``."""
        for at in overlapping(span, self.sources):
            source = self.sources[at]
            yield Span(max(span.start, source.start), min(span.end, source.end))

    def plain(self, start: int, end: int) -> Iterator[Markup]:
        while self._next < len(self.anchors) and self.anchors[self._next][0] < end:
            at, name = self.anchors[self._next]
            at = max(start, at)
            yield from self.lined(start, at)
            yield element("a", id=name)
            start = at
            self._next += 1
        yield from self.lined(start, end)

    def lined(self, start: int, end: int) -> Iterator[Markup]:
        """The text with a mark where a line begins: findings of other documents may lead there."""
        while start < end:
            found = LINE_END.search(self.text, start, end)
            stop = found.end() if found else end
            if not start or self.text[start - 1] in "\r\n":
                yield line_mark(self.lines.at(start))
            yield _readable(self.text[start:stop])
            start = stop

    def anchored(self, end: int) -> Iterator[Markup]:
        """The ids of places that begin before ``end`` and are not out yet."""
        while self._next < len(self.anchors) and self.anchors[self._next][0] < end:
            yield element("a", id=self.anchors[self._next][1])
            self._next += 1

    def gone(self, edits: Sequence[Edit]) -> Markup:
        """What goes in one piece, folded, with links to what it repeats and to the finding."""
        span = Span(edits[0].span.start, edits[-1].span.end)
        said = span.cut(self.text)
        number = edits[0].number
        finding = self.result.findings[number]
        first, last = self.lines.of(span)
        is_inline = not self.is_whole(span)
        what = wording.from_to(first, last)
        links = [element("a", f"finding {number + 1}", href=to(finding_id(number)))]
        kept = finding.places[0]
        if kept.role == "kept" and len(finding.places) > 1:
            where = wording.lines([kept])
            if kept.passage.document == self.result.document.name:
                links.insert(0, element("a", where, href=to(place_id(number, 0))))
            else:
                links.insert(0, other_place(where, kept.passage.document[-MAX_NAME:], kept.line))
        repeats = " repeats " if len(links) > 1 else " "
        return element(
            "details",
            element("summary", f"\u2212 {what}", class_="fold"),
            element("span", repeats.lstrip(), joined(links, ", "), class_="about"),
            element("del", _readable(said), class_="said"),
            class_="gone inline" if is_inline else "gone",
        )

    def is_whole(self, span: Span) -> bool:
        """Whether only whole lines go."""
        before = self.text[max(0, span.start - 1) : span.start]
        after = self.text[span.end - 1 : span.end + 1]
        is_end = span.end == len(self.text) or any(end in after for end in "\r\n")
        return before in ("", "\n", "\r") and is_end

    def repaired(self, edit: Edit) -> Markup:
        return joined(
            [
                element("del", _readable(edit.removed), class_="mend"),
                element("ins", _readable(edit.inserted)) if edit.inserted else "",
            ]
        )


def _anchors(result: DocumentResult) -> Iterator[tuple[int, Markup]]:
    """Where each place of a finding begins, by its id."""
    name = result.document.name
    for number, finding in enumerate(result.findings):
        for at, place in islice(enumerate(finding.places), MAX_PLACES):
            if place.passage.document == name:
                yield place.passage.span.start, place_id(number, at)


def _grouped(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Removals of one finding without anything between as one."""
    group: list[Edit] = []
    for edit in edits:
        is_next = group and group[-1].span.end == edit.span.start
        if group and not (is_next and group[-1].number == edit.number and not edit.is_repair):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _readable(said: str) -> Markup:
    return text(LINE_END.sub("\n", said))
