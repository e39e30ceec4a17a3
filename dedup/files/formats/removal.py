"""Edits of what readers see -> edits of the source, so that what stays is seen as before.

Of an element all of whose text goes the tags go too, unless something in it would be missed: a picture that
the rest does not show, a form, a script, a tag whose partner stands elsewhere. Then the text goes and they stay.
A removal is refused where that would not do: if it would cut a mark or a character reference in two, if a
link that stays leads to what goes, or if the rest would read otherwise than it did.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import pairwise
from urllib.parse import unquote

from dedup.files.formats.blocks import Layout, lay_out
from dedup.files.formats.elements import Element, Page, parse
from dedup.files.formats.markup import SPACE
from dedup.files.formats.runs import Piece
from dedup.files.views import RawEdit, apply
from dedup.model import Edit, Span, merged

MAX_ROUNDS = 8
"""Tries to find the edits that keep the rest from reading as before; then none is made."""
MAX_DEPTH = 32
"""Elements around an empty one in which the text is looked for that it goes with; then all that goes there."""
_STAYING = frozenset(
    "body caption colgroup form head html legend summary tbody td tfoot th thead".split()
) | {""}
"""Elements that stay, empty: without them others would mean something else."""
_PICTURES = frozenset("img noscript source svg".split())
"""Contents that can go where the rest of the page has the same, letter by letter."""
_LINK = re.compile(r"\shref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_ROLE = re.compile(r"\srole\s*=\s*[\"']?main[\"'\s>]", re.IGNORECASE)
_BESIDE = frozenset(("aside", "details", "footer", "nav"))
"""What may stand in a page's main part without being the text of it."""
_REFERS = re.compile(
    r"\s(?:aria-[a-z]{1,20}|for|headers|list)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
"""Attributes by which one element names others."""
_SLUG = re.compile(r"[^/]{12}")
_SLOT = re.compile(r"\s(?:id|data-[^\s=>]+)\s*=", re.IGNORECASE)
_ANCHOR = re.compile(r"\s(?:id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


class Source:
    """A source of HTML taken apart, to find edits of its text in it."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.page = parse(raw)
        self.layout = lay_out(self.page)

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """The spans that have to stay."""
        left = sorted(edits, key=lambda edit: edit.span)
        for _ in range(MAX_ROUNDS):
            if not left:
                break
            bad = self._unfit(left) or self._misplaced(left)
            bad = bad or self._wanted(left) or self._misread(left)
            if not bad:
                break
            left = [edit for edit in left if edit.span not in bad]
        else:
            left = []
        stays = {edit.span for edit in left}
        return [edit.span for edit in edits if edit.span not in stays]

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits in the source."""
        removals = [edit.span for edit in edits if not edit.inserted]
        ranges = _Plan(self, merged(removals)).ranges
        found = [RawEdit(span.start, span.cut(self.raw)) for span in ranges]
        for edit in edits:
            if edit.inserted:
                place = self._stretch(edit.span)
                if place is None:
                    raise ValueError("a refused edit has no place in the source")
                found.append(RawEdit(place.start, place.cut(self.raw), _escaped(edit.inserted)))
        return sorted(found)

    # -- what is refused ---------------------------------------------------------------------------------------

    def _unfit(self, edits: Sequence[Edit]) -> set[Span]:
        """Edits whose borders have no place in the source."""
        bad = {e.span for e in edits if e.inserted and self._stretch(e.span) is None}
        removals = [edit.span for edit in edits if not edit.inserted]
        for group in _groups(removals):
            fitting = next(filter(self._fit, (group, group[1:], group[:-1], group[1:-1])), [])
            bad.update(set(group) - set(fitting))
        return bad

    def _fit(self, group: Sequence[Span]) -> bool:
        """Whether these spans, which touch each other, can go together."""
        return bool(group) and self._fits(Span(group[0].start, group[-1].end))

    def _fits(self, span: Span) -> bool:
        """Whether the text without ``span`` has its marks and blank lines where they belong."""
        layout = self.layout
        one, before = layout.place(span.start)
        two, after = layout.place(span.end)
        if "mark" in (before, after) or "between" in (before, after) or not len(span):
            return False
        if not self._is_whole(span.start) or not self._is_whole(span.end):
            return False
        blocks = layout.blocks
        if before == "end":
            if after != "end":
                return False
            return two + 1 == len(blocks) or self._joins(one, two + 1, one)
        if before == "start" and one < two and after != "end":
            is_apart = after == "start" or blocks[two].first == blocks[two].start
            return is_apart and (one == 0 or self._joins(one - 1, two, one - 1))
        if one != two:
            return self._fits_lines(span, one, two, after)
        is_marked = blocks[one].first > blocks[one].start or blocks[one].last < blocks[one].end
        if is_marked and (before != "inside" or after not in ("inside", "end")):
            return False
        rest = (
            layout.text[blocks[one].first : span.start] + layout.text[span.end : blocks[one].last]
        )
        return bool(rest.strip())

    def _fits_lines(self, span: Span, one: int, two: int, after: str) -> bool:
        """Whether whole lines go: from inside of block ``one`` to a line of block ``two``, or to its start or end."""
        blocks, text = self.layout.blocks, self.layout.text
        if blocks[one].last < blocks[one].end:
            return False
        if after == "end":
            is_line = text.startswith("\n\n", span.start)
            is_last = two + 1 == len(blocks) or self._joins(one, two + 1, one)
            return is_line or (is_last and not text[span.start - 1].isspace())
        is_apart = after == "start" or blocks[two].first == blocks[two].start
        return is_apart and text.endswith("\n\n", 0, span.start)

    def _joins(self, before: int, after: int, one: int) -> bool:
        """Whether blocks that come to follow each other are set apart as block ``one`` is from its next."""
        layout = self.layout
        return layout.between(before, after) == layout.between(one, one + 1)

    def _is_whole(self, offset: int) -> bool:
        """Whether ``offset`` lies on a border of what the source can be cut at."""
        at = bisect_right(self.layout.starts, offset) - 1
        if at < 0:
            return True
        piece, inner = self.layout.pieces[at], offset - self.layout.starts[at]
        return piece.is_plain or inner == 0 or inner >= len(piece.text)

    def _misplaced(self, edits: Sequence[Edit]) -> set[Span]:
        """Edits that would leave text of the page's main part only beside it: the copy there is to go."""
        inside = self._main
        if not any(inside):
            return set()
        return {
            edit.span
            for edit in edits
            if edit.twins
            and self._is_main(edit.span, inside)
            and not any(self._is_main(twin.span, inside) for twin in edit.twins)
        }

    def _is_main(self, span: Span, inside: Sequence[bool]) -> bool:
        """Whether all text of ``span`` stands in the page's main part."""
        pieces = self.layout.pieces
        found = self.layout.pieces_in(span)
        return bool(found) and all(inside[pieces[at].element] for at in found)

    @cached_property
    def _main(self) -> list[bool]:
        """For each element whether it is in the page's main part, as far as the page says which that is."""
        elements = self.page.elements
        mains = {
            at
            for at, each in enumerate(elements)
            if each.name == "main" or _ROLE.search(self.raw, each.start, each.opened)
        }
        if not mains:
            articles = {at for at, each in enumerate(elements) if each.name == "article"}
            mains = articles if len(articles) == 1 else set()
        inside: list[bool] = []
        for at, each in enumerate(elements):
            is_inner = at > 0 and inside[each.parent] and each.name not in _BESIDE
            inside.append(at in mains or is_inner)
        return inside

    def _stretch(self, span: Span) -> Span | None:
        """Where ``span`` stands in the source, if it does so without tags or gaps."""
        found = self.layout.pieces_in(span)
        if not found or not self._is_whole(span.start) or not self._is_whole(span.end):
            return None
        parts = [_part(self.layout, at, span) for at in found]
        if sum(len(part.text) for part in parts) != len(span):
            return None
        if any(one.end != two.start for one, two in pairwise(parts)):
            return None
        return Span(parts[0].start, parts[-1].end)

    def _wanted(self, edits: Sequence[Edit]) -> set[Span]:
        """Edits that would take away what a link that stays leads to, or the only link that leads somewhere."""
        copies = [edit for edit in edits if not edit.inserted and edit.kind != "cleanup"]
        ranges = _Plan(self, merged([edit.span for edit in copies])).ranges
        starts = [span.start for span in ranges]
        going: list[tuple[Element, set[str]]] = []
        kept: set[str] = set()
        for link in self.page.elements:
            found = _LINK.search(self.raw, link.start, link.opened) if link.name == "a" else None
            if found:
                targets = _targets(unescape(found[1] or found[2] or found[3] or ""))
                if _covers(ranges, starts, link.start):
                    going.append((link, targets))
                else:
                    kept |= targets
        kept |= self._named(ranges, starts)
        bad: set[Span] = set()
        for link, targets in going:
            if targets and not targets & kept:
                bad.update(self._edits_around(link.start, ranges, edits))
        for span in ranges:
            for found in _ANCHOR.finditer(self.raw, span.start, span.end):
                if f"#{found[1] or found[2] or found[3]}" in kept:
                    bad.update(self._edits_around(found.start(), ranges, edits))
        return bad

    def _named(self, ranges: Sequence[Span], starts: Sequence[int]) -> set[str]:
        """What is named by elements that stay, as links would name it."""
        found: set[str] = set()
        for names in _REFERS.finditer(self.raw):
            if not _covers(ranges, starts, names.start()):
                found |= {f"#{name}" for name in (names[1] or names[2] or names[3] or "").split()}
        return found

    def _edits_around(
        self, place: int, ranges: Sequence[Span], edits: Sequence[Edit]
    ) -> list[Span]:
        """The edits that take the tag at ``place`` away: those of the text in its element, or around that."""
        elements = self.page.elements
        element = elements[bisect_right(elements, place, key=lambda each: each.start) - 1]
        around = ranges[bisect_right(ranges, place, key=lambda span: span.start) - 1]
        found: list[Span] = []
        for _ in range(MAX_DEPTH):
            inside = Span(element.start, min(element.end, around.end))
            if element.start < around.start or (found := self._edits_at(inside, edits)):
                break
            element = elements[element.parent]
        return found or self._edits_at(around, edits)

    def _edits_at(self, place: Span, edits: Sequence[Edit]) -> list[Span]:
        """The edits of whose text some stands in ``place`` of the source."""
        layout = self.layout
        low = bisect_left(layout.pieces, place.start, key=lambda piece: piece.start)
        high = bisect_left(layout.pieces, place.end, key=lambda piece: piece.start)
        if low == high:
            return []
        start, end = layout.starts[low], layout.starts[high - 1] + len(layout.pieces[high - 1].text)
        first = bisect_right(edits, start, key=lambda edit: edit.span.end)
        last = bisect_left(edits, end, key=lambda edit: edit.span.start)
        return [edit.span for edit in edits[first:last]]

    def _misread(self, edits: Sequence[Edit]) -> set[Span]:
        """Edits after which the rest would read otherwise than without them it should."""
        seen = lay_out(parse(apply(self.raw, self.raw_edits(edits)))).text
        wanted = apply(
            self.layout.text, [RawEdit(e.span.start, e.removed, e.inserted) for e in edits]
        )
        if seen == wanted:
            return set()
        fault = _first_difference(seen, wanted)
        shift, culprit = 0, edits[0].span
        for edit in edits:
            if edit.span.start - shift > fault:
                break
            culprit = edit.span
            shift += len(edit.removed) - len(edit.inserted)
        groups = _groups([edit.span for edit in edits])
        return set(next(group for group in groups if culprit in group))


@dataclass(slots=True)
class _Sums:
    """For each element how much of its text goes and stays, counted in pieces, and what else holds it."""

    goes: list[int]
    stays: list[int]
    holds: list[int]
    blocks: list[int]
    """How many of those in it are blocks, itself counted."""
    speaks: list[bool]
    """Whether text stays that stands in the element itself, and in no block in it."""


class _Plan:
    """Which ranges of the source go with spans of its text."""

    def __init__(self, source: Source, spans: Sequence[Span]) -> None:
        self._raw = source.raw
        self._elements = source.page.elements
        parts, sums = _divided(source, spans)
        for pin in source.page.pins:
            sums.holds[pin] += 1
        self._sums = sums
        self._add_up((sums.goes, sums.stays, sums.holds, sums.blocks))
        holds = [0] * len(self._elements)
        for element in [*self._kept_contents(source.page), *self._slots()]:
            holds[element] += 1
        self._add_up((holds,))
        sums.holds = [one + two for one, two in zip(sums.holds, holds, strict=True)]
        doomed = self._doomed()
        gone = [self._range(at) for at, by in enumerate(doomed) if by == at]
        gone += [Span(part.start, part.end) for part in parts if doomed[part.element] < 0]
        self.ranges = merged([span for span in gone if len(span)])

    def _add_up(self, columns: Sequence[list[int]]) -> None:
        """What is said of an element is said of those around it."""
        for at in range(len(self._elements) - 1, 0, -1):
            parent = self._elements[at].parent
            for column in columns:
                column[parent] += column[at]

    def _doomed(self) -> list[int]:
        """For each element the outermost around it, or itself, that goes; -1 if it stays."""
        doomed: list[int] = []
        for at, element in enumerate(self._elements):
            above = doomed[element.parent] if at else -1
            doomed.append(above if above >= 0 else at if self._can_go(at, element) else -1)
        return doomed

    def _can_go(self, at: int, element: Element) -> bool:
        sums = self._sums
        if not sums.goes[at] or sums.stays[at] or sums.holds[at] or element.name in _STAYING:
            return False
        is_block = element.container == at
        if sums.blocks[at] and sums.speaks[self._elements[element.parent].container]:
            return False  # the lines before and behind it would become one
        if not is_block:
            return element.is_explicit
        is_left_open = not element.is_explicit and element.ended_by in (element.name, "")
        return is_left_open or element.closes in ("", "p")  # another may be ended by it alone

    def _kept_contents(self, page: Page) -> list[int]:
        """The elements in which contents stand that have to stay: what the rest does not have."""
        doomed = self._doomed()
        rest = {self._raw[c.start : c.end] for c in page.contents if doomed[c.element] < 0}
        return [
            content.element
            for content in page.contents
            if content.name not in _PICTURES or self._raw[content.start : content.end] not in rest
        ]

    def _slots(self) -> list[int]:
        """Empty elements that scripts may fill: they have a name, or data, of their own."""
        doomed, sums = self._doomed(), self._sums
        return [
            at
            for at, element in enumerate(self._elements)
            if doomed[at] >= 0
            and not (sums.goes[at] or sums.stays[at])
            and _SLOT.search(self._raw, element.start, element.opened)
        ]

    def _range(self, at: int) -> Span:
        """An element and, if it is a block, the white space behind it."""
        element = self._elements[at]
        end = element.end
        if element.container == at:
            while end < len(self._raw) and self._raw[end] in SPACE:
                end += 1
        return Span(element.start, end)


def _divided(source: Source, spans: Sequence[Span]) -> tuple[list[Piece], _Sums]:
    """The pieces that go, and how many go and stay in each element."""
    size = len(source.page.elements)
    blocks = [int(each.container == at) for at, each in enumerate(source.page.elements)]
    sums = _Sums([0] * size, [0] * size, [0] * size, blocks, [False] * size)
    layout = source.layout
    gone: list[Piece] = []
    at = 0
    for piece, start in zip(layout.pieces, layout.starts, strict=True):
        end = start + len(piece.text)
        while at < len(spans) and spans[at].end <= start:
            at += 1
        left, position, number = "", start, at
        while number < len(spans) and spans[number].start < end:
            low, high = max(start, spans[number].start), min(end, spans[number].end)
            left += layout.text[position:low]
            gone.append(_cut(piece, low - start, high - start))
            position = high
            number += 1
        left += layout.text[position:end]
        sums.goes[piece.element] += position > start
        if left.strip():
            sums.stays[piece.element] += 1
            sums.speaks[source.page.elements[piece.element].container] = True
    return gone, sums


def _targets(link: str) -> set[str]:
    """What tells where a link leads: an anchor of the page, or an address; a title in it says enough without a query.

    Where there is no such title, the host counts.

    >>> sorted(_targets("https://a.org/a-long-title/?ref=1#top")), _targets("#n1"), _targets("mailto:a@b.org")
    (['/a-long-title', 'a.org/a-long-title/?ref=1'], {'#n1'}, set())
    >>> _targets("https://a.org/1") & _targets("/1")
    set()
    """
    if link.startswith("#"):
        return {f"#{unquote(link[1:])}"} if link[1:] else set()
    address, _, _ = link.strip().partition("#")
    scheme, mark, rest = address.partition("://")
    if mark or address.startswith("//"):
        address = rest if mark else address[2:]
    elif ":" in scheme:
        return set()
    path = address[max(address.find("/"), 0) :].partition("?")[0].rstrip("/")
    return {address, path} if _SLUG.search(path) else {address}


def _part(layout: Layout, at: int, span: Span) -> Piece:
    """The part of a piece that lies in ``span``."""
    start = layout.starts[at]
    piece = layout.pieces[at]
    return _cut(piece, max(0, span.start - start), min(len(piece.text), span.end - start))


def _cut(piece: Piece, low: int, high: int) -> Piece:
    if not piece.is_plain:
        return piece
    return Piece(piece.text[low:high], piece.start + low, piece.start + high, piece.element)


def _groups(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans that touch each other together; they are sorted."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span.start <= groups[-1][-1].end:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _covers(spans: Sequence[Span], starts: Sequence[int], place: int) -> bool:
    at = bisect_right(starts, place) - 1
    return at >= 0 and place < spans[at].end


def _first_difference(one: str, two: str) -> int:
    """How many characters two texts begin with together."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
