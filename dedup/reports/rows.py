"""A finding as rows of two sides, what stays and what goes, whatever shows them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dedup.model import (
    BARE_LINK,
    CONTAINED,
    DUPLICATE_DOCUMENT,
    FIXED_TEXT,
    NORMALIZED_SPACE,
    SHARE_CARD,
    DocumentResult,
    Edit,
    Finding,
    Passage,
    Quote,
    Span,
    is_inside,
)
from dedup.reports.compare import (
    Comparison,
    Piece,
    compare,
    compare_contained,
    is_inside_word,
    tight,
)
from dedup.reports.escape import escape_line
from dedup.reports.lines import LineNumbers, stripped

MAX_CHARS = 4000
"""Characters of a side that are looked at: more than 400 words, and than twenty lines hold."""

_AROUND = 60
"""Characters of context before and after the passage that holds a teaser."""

_MAX_WORD = 20
_MAX_SIGNS = 4
"""Letters and signs next to a passage that are shown with it: whole words, and the quotes around."""


@dataclass(frozen=True, slots=True)
class Row:
    """What stays and what goes."""

    kept: tuple[Span, ...]
    """Where in the document it stays. Empty if it stays elsewhere; for text between two copies that is none itself,
    and so stays; and for cleanup without a twin."""
    removed: Span
    is_equal: bool
    """Whether the two sides differ in white space at most."""
    is_contained: bool = False
    score: float = 1.0
    becomes: str | None = None
    """What cleanup makes of it: empty if it goes; None for all that is no cleanup."""
    quotes: tuple[Quote, ...] = ()
    """What stays of other documents."""

    @property
    def has_twin(self) -> bool:
        """Whether there is anything that says the same."""
        return bool(self.kept or self.quotes)

    @property
    def source(self) -> str:
        """The other document in which it stays; empty if that is this one."""
        return self.quotes[0].passage.document if self.quotes and not self.kept else ""


class Rows:
    """The rows of the findings of one document."""

    def __init__(self, result: DocumentResult) -> None:
        self.result = result
        self.lines = LineNumbers(result.document.text, result.document.lines)
        self._text = result.document.text
        self._quotes = {quote.passage: quote for quote in result.quotes}
        self._edits: dict[int, list[Edit]] = {}
        for edit in result.edits:
            self._edits.setdefault(edit.number, []).append(edit)

    def edits(self, number: int) -> Sequence[Edit]:
        """The edits of the finding with this index, by position."""
        return self._edits.get(number, ())

    def of(self, number: int) -> list[Row]:
        """The rows of the finding with this index, in the order of the text."""
        finding, edits = self.result.findings[number], self.edits(number)
        if not edits and finding.name == DUPLICATE_DOCUMENT:
            return []
        if not edits:
            return list(self._alike(finding))
        if finding.name == FIXED_TEXT:
            return list(self._repairs(edits))
        if finding.name == NORMALIZED_SPACE:
            return []  # blanks are not to be seen
        if finding.name == BARE_LINK:
            return [
                Row((), stripped(self._text, edit.span), is_equal=False, becomes="")
                for edit in edits
            ]
        rows = [self._removal(edit, finding) for edit in edits]
        rows += [Row((), span, is_equal=False, score=0.0) for span in self._stays(edits)]
        return sorted(rows, key=lambda row: row.removed)

    def compared(self, row: Row) -> Comparison:
        """The row's texts, safe to show and cut, with their differences marked."""
        removed = self._shown(row.removed)
        if row.becomes:
            return compare(_safe(row.becomes), removed)
        if not row.has_twin:
            whole = (Piece(tight(removed), ""),)
            return Comparison((), whole)
        quoted = (_safe(quote.text[:MAX_CHARS]) for quote in row.quotes)
        kept = " ".join([*map(self._shown, row.kept), *quoted])
        if not row.is_contained:
            return compare(kept, removed)
        before, after = self._around(row.kept) if row.kept else ("", "")
        return compare_contained(before, kept, after, removed)

    def is_long(self, row: Row) -> bool:
        """Whether a side is longer than what is shown and compared."""
        quoted = [len(quote.text) for quote in row.quotes]
        return max([*quoted, *map(len, row.kept), len(row.removed)]) > MAX_CHARS

    def kept_line(self, row: Row) -> int:
        """Number of the first line of what stays, in its document; 0 without any."""
        if row.kept:
            return self.lines.at(row.kept[0].start)
        return row.quotes[0].line if row.quotes else 0

    def _removal(self, edit: Edit, finding: Finding) -> Row:
        removed = stripped(self._text, edit.span)
        own = [twin.span for twin in edit.twins if twin.document == edit.document]
        kept = tuple(map(self._grown, own))
        quotes = tuple(self._quotes[twin] for twin in edit.twins if twin in self._quotes)
        contained = finding.name in (CONTAINED, SHARE_CARD) or edit.kind == "contained"
        is_equal = self._is_equal(kept, removed, quotes)
        return Row(kept, removed, is_equal, contained, edit.score, quotes=quotes)

    def _repairs(self, edits: Sequence[Edit]) -> Iterator[Row]:
        """What was mended, with some of its line around; places close to each other together."""
        group: list[Edit] = []
        for edit in edits:
            if group and self._on_line(group[-1].span.end, _AROUND) < edit.span.start:
                yield self._repair(group)
                group = []
            group.append(edit)
        if group:
            yield self._repair(group)

    def _repair(self, edits: Sequence[Edit]) -> Row:
        text, first = self._text, edits[0].span.start
        start = max(text.rfind(end, max(0, first - _AROUND), first) + 1 for end in "\n\r")
        start = max(start, first - _AROUND)
        end = self._on_line(edits[-1].span.end, _AROUND)
        parts: list[str] = []
        position = start
        for edit in edits:
            parts += (text[position : edit.span.start], edit.inserted)
            position = edit.span.end
        parts.append(text[position:end])
        return Row((), Span(start, end), is_equal=False, becomes="".join(parts))

    def _on_line(self, offset: int, most: int) -> int:
        """The end of the line, or what is ``most`` characters further on."""
        rest = self._text[offset : offset + most]
        return offset + len(rest.partition("\n")[0].partition("\r")[0])

    def _alike(self, finding: Finding) -> Iterator[Row]:
        """Rows of a finding that removes nothing: its first place against each other one."""
        home = self.result.document.name
        passage = finding.places[0].passage
        first, *others = (place.passage.span for place in finding.places)
        if passage.document != home:
            quotes = tuple(self._inside(passage))
            for other in others:
                is_equal = self._is_equal((), other, quotes)
                yield Row((), other, is_equal, score=finding.score, quotes=quotes)
            return
        for other in others:
            sides = [self._paragraphs(first), self._paragraphs(other)]
            if len(sides[0]) != len(sides[1]):
                sides = [[first], [other]]
            for kept, copy in zip(*sides, strict=True):
                one, two = self._grown(kept), self._grown(copy)
                yield Row((one,), two, self._is_equal((one,), two), score=finding.score)

    def _inside(self, passage: Passage) -> Iterator[Quote]:
        """What is known of a passage of another document."""
        for quote in self.result.quotes:
            of = quote.passage
            if of.document == passage.document and is_inside(of.span, [passage.span]):
                yield quote

    def _paragraphs(self, span: Span) -> list[Span]:
        """The lines of the span that are not blank."""
        found, start = [], span.start
        for line in span.cut(self._text).splitlines(keepends=True):
            visible = stripped(self._text, Span(start, start + len(line)))
            start += len(line)
            if not visible.cut(self._text).isspace():
                found.append(visible)
        return found

    def _is_equal(self, kept: Sequence[Span], removed: Span, quotes: Sequence[Quote] = ()) -> bool:
        said = [span.cut(self._text) for span in kept]
        sides = tight(" ".join([*said, *(quote.text for quote in quotes)]))
        return sides == tight(removed.cut(self._text))

    def _stays(self, edits: Sequence[Edit]) -> Iterator[Span]:
        """What stands between the edits of a finding and is not removed by another one either."""
        everything = self.result.edits
        for one, two in pairwise(edits):
            at = bisect_left(everything, one.span, key=lambda edit: edit.span)
            while everything[at].span < two.span:
                gap = Span(everything[at].span.end, everything[at + 1].span.start)
                if any(map(str.isalnum, gap.cut(self._text))):
                    yield stripped(self._text, gap)
                at += 1

    def _grown(self, span: Span) -> Span:
        """The span with the rest of its first and last word and the signs that touch them."""
        text, start, end = self._text, span.start, span.end
        first, last = max(0, start - _MAX_WORD), min(len(text), end + _MAX_WORD)
        while start > first and is_inside_word(text[start - 1], text[start]):
            start -= 1
        while end < last and is_inside_word(text[end - 1], text[end]):
            end += 1
        first, last = max(0, start - _MAX_SIGNS), min(len(text), end + _MAX_SIGNS)
        while start > first and _is_sign(text[start - 1]):
            start -= 1
        while end < last and _is_sign(text[end]):
            end += 1
        return Span(start, end)

    def _around(self, spans: Sequence[Span]) -> tuple[str, str]:
        """What stands on the same lines before the first and behind the last span."""
        start, end = spans[0].start, max(span.end for span in spans)
        before = self._text[max(0, start - _AROUND) : start]
        after = self._text[end : end + _AROUND]
        before = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
        after = after.partition("\n")[0].partition("\r")[0]
        if len(before) == _AROUND:
            before = "..." + before[before.find(" ") + 1 :]
        if len(after) == _AROUND and " " in after:
            after = after[: after.rfind(" ")] + " ..."
        return _safe(before), _safe(after)

    def _shown(self, span: Span) -> str:
        return _safe(self._text[span.start : min(span.end, span.start + MAX_CHARS)])


def _is_sign(char: str) -> bool:
    return not (char.isspace() or char.isalnum())


def _safe(text: str) -> str:
    """The text with blanks for white space, other controls spelled out."""
    spaced = "".join(" " if char.isspace() else char for char in text)
    return escape_line(spaced)
