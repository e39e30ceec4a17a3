"""HTML: what a reader sees of a page, and the way back to its source; or its main text alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dedup.errors import DedupError
from dedup.extras import library
from dedup.files.formats.blocks import Layout, lay_out, line_starts
from dedup.files.formats.elements import Page, parse
from dedup.files.formats.markup import MARKER, marker
from dedup.files.formats.removal import Source
from dedup.files.views import RawEdit
from dedup.model import Edit, Marker, Span


@dataclass(frozen=True)
class Html:
    """A page as the blocks of text that readers see, in the manner of Markdown."""

    raw: str
    text: str
    lines: tuple[int, ...]
    markers: tuple[Marker, ...] = ()

    @cached_property
    def _source(self) -> Source:
        """Made again when a removal has to be found: few pages have one, and it is larger than they."""
        return Source(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        return Html, (self.raw, self.text, self.lines, self.markers)

    def again(self, raw: str) -> Html:
        """What readers see of another page."""
        return view(raw)

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """Spans of the text that have to stay because the source cannot do without what is around them."""
        return self._source.refused(edits) if edits else []

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits, of which none is refused, in the source: sorted, disjoint, not empty."""
        return self._source.raw_edits(edits) if edits else []


def view(source: str) -> Html:
    """What readers see of the page; any text is one.

    >>> page = view("<h1>News</h1>\\n<p>It  rained.<p>It <b>snowed</b>.")
    >>> page.text
    '# News\\n\\nIt rained.\\n\\nIt snowed.\\n'
    >>> page.lines
    (0, 8)
    """
    page = parse(source)
    layout = lay_out(page)
    return Html(source, layout.text, layout.lines(source), tuple(_markers(source, page, layout)))


def _markers(source: str, page: Page, layout: Layout) -> Iterator[Marker]:
    """The comments to dedup, in their order."""
    found = [content for content in page.contents if content.name == MARKER]
    starts = line_starts(source) if found else []
    for comment in sorted(found, key=lambda content: content.start):
        said = marker(source[comment.start : comment.end]) or ""
        line = bisect_right(starts, comment.start) + 1
        is_closed = source.endswith("-->", comment.start, comment.end)
        yield Marker(layout.gap(comment.start), said, line, is_closed)


def extracted(text: str, name: str) -> str:
    """The main text of a page, without navigation, comments and the like; tables are kept.

    ``DedupError`` if there is none: an empty file among a thousand would be found by nobody.
    """
    trafilatura = library("trafilatura", "--html-input extract", name)
    try:
        found = trafilatura.extract(
            text,
            output_format="txt",
            include_comments=False,
            include_tables=True,
            deduplicate=False,
        )
    except Exception as problem:
        raise DedupError(name, f"its main text cannot be found: {problem}") from problem
    if not found or not found.strip():
        raise DedupError(name, "has no main text", "--html-input in-place takes the whole page")
    return str(found).rstrip("\n") + "\n"
