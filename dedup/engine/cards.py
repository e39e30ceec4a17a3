"""``--strip-share-cards``: what sharing an article pasted into it: its title, a teaser, and the site.

A card is told by its teaser and the address below it: the teaser says what a paragraph of the article's head says.
Sources, bibliographies and signatures have addresses too, but nothing in them stands in the head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from dedup.engine import normalize, split, verify
from dedup.engine.layout import Page, without
from dedup.engine.links import RUNS_ON, is_link
from dedup.model import Span

HEAD = 5
"""Paragraphs of an article that a teaser is taken from: descriptions are its lede, or close to it."""
MIN_TEASER = 40
"""Weight of letters from which a paragraph can be a teaser: bylines and captions are shorter."""
MIN_PARAGRAPH = 60
"""Weight from which it can be of the head, or fewer if it ends like a sentence: a site's own lines do not."""
MAX_TEASER = 600
"""Weight of a teaser's letters. Search engines show some 160 characters, networks up to 300."""
NEAR = 0.85
"""Similarity of a teaser to the stretch of the head it is taken from: a word changed, a dateline left out."""
MAX_TITLE = 200
"""Characters of a title."""
SHARED = 1 / 3
"""Of a title's words, those that stand in the head or the teaser; what stands above a card by chance, such as a
byline or the last line of the text, shares fewer."""

_ANCHOR = 10
"""Letters that have to be equal somewhere for a stretch to be compared."""
_TAIL = re.compile(r"\s*(?:\[?(?:…|\.{3,})\]?|[\[(]\s*(?:…|\.{3,})\s*[\])])\s*$")
_TITLE_END = re.compile(r"[.,;:。，；：]$")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।።։][\"'”’»)\]」』）]*\s*$")
_NUMBER = re.compile(r"\d+")


class Card(NamedTuple):
    """A card and what it repeats, in offsets of the text."""

    span: Span
    """With the separator that goes with it."""
    teaser: Span
    twin: Span
    score: float


class _Unit(NamedTuple):
    """A paragraph, or what of one stands above or below an address that was taken for a part of it."""

    span: Span
    kind: str
    is_link: bool


class _Paragraph(NamedTuple):
    """One of the head."""

    at: int
    stream: normalize.Stream
    shift: int
    """Offset of the paragraph in the text."""


def cards(page: Page) -> list[Card]:
    """The cards in the text, in order."""
    return _Finder(page).cards() if "." in page.text else []


class _Finder:
    """Looks for cards in one text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.units = list(_units(page))

    def cards(self) -> list[Card]:
        """The cards, in order and apart."""
        matches = [
            (at, match)
            for at, unit in enumerate(self.units)
            if unit.is_link and at and self._is_teaser(at - 1) and (match := self._match(at - 1))
        ]
        sources = {match[0] for _, match in matches}
        going = []
        taken = -1
        for at, match in matches:
            going.append((self._first(at - 1, match[0], taken, sources), at + 1))
            taken = at
        spans = without([unit.span for unit in self.units], going)
        return [
            Card(span, self.units[at - 1].span, twin, score)
            for span, (at, (_, twin, score)) in zip(spans, matches, strict=True)
        ]

    def _is_teaser(self, at: int) -> bool:
        unit = self.units[at]
        if unit.kind != split.PROSE or unit.is_link or len(unit.span) > 4 * MAX_TEASER:
            return False
        if RUNS_ON.search(unit.span.cut(self.page.text)):
            return False  # it says where to find something
        return MIN_TEASER <= _weight(unit.span.cut(self.page.text)) <= MAX_TEASER

    @cached_property
    def head(self) -> list[_Paragraph]:
        """The first paragraphs that are no teasers themselves."""
        head: list[_Paragraph] = []
        for at, unit in enumerate(self.units):
            said = unit.span.cut(self.page.text)
            is_above_link = at + 1 < len(self.units) and self.units[at + 1].is_link
            if unit.kind != split.PROSE or unit.is_link or is_above_link:
                continue
            stream = normalize.stream(said)
            least = MIN_TEASER if _SENTENCE_END.search(said) else MIN_PARAGRAPH
            if stream.weight(0, len(stream.letters)) >= least:
                head.append(_Paragraph(at, stream, unit.span.start))
                if len(head) == HEAD:
                    break
        return head

    def _match(self, at: int) -> tuple[int, Span, float] | None:
        """The paragraph of the head that says what the unit says, where, and how alike that is."""
        said = _TAIL.sub("", self.units[at].span.cut(self.page.text))
        key = normalize.key(said)
        best: tuple[int, Span, float] | None = None
        for paragraph in self.head:
            letters = paragraph.stream.letters
            for start in _starts(key, letters):
                window = letters[start : start + len(key)]
                score = verify.score("near", window, key) if window != key else 1.0
                if score >= NEAR and (best is None or score > best[2]):
                    span = paragraph.stream.passage(start, start + len(window))
                    place = Span(span.start + paragraph.shift, span.end + paragraph.shift)
                    if _has_numbers(place.cut(self.page.text), said):
                        best = paragraph.at, place, score
            if best is not None and best[2] == 1.0:
                break
        return best

    def _first(self, teaser: int, source: int, taken: int, sources: set[int]) -> int:
        """The first unit of the card: its title, or else its teaser.

        A title above the article is its headline, and stays unless it is said again.
        """
        at = teaser - 1
        if at <= taken or at in sources or not self._can_be_title(at):
            return teaser
        if self._is_said_elsewhere(at):
            return at
        return at if source < at and self._is_about(at, teaser) else teaser

    def _can_be_title(self, at: int) -> bool:
        unit = self.units[at]
        said = unit.span.cut(self.page.text).strip()
        if unit.is_link or unit.kind not in (split.PROSE, split.HEADING) or len(said) > MAX_TITLE:
            return False
        return not re.search(r"[\r\n]|^<", said) and not _TITLE_END.search(said)

    def _is_said_elsewhere(self, at: int) -> bool:
        key = self._keys[at]
        return bool(key) and self._short_keys.count(key) > 1

    @cached_property
    def _keys(self) -> list[str]:
        """The letters of each unit that is short enough for a title."""
        return [
            normalize.key(unit.span.cut(self.page.text)) if len(unit.span) <= MAX_TITLE else ""
            for unit in self.units
        ]

    @cached_property
    def _short_keys(self) -> list[str]:
        return [key for key in self._keys if key]

    def _is_about(self, title: int, teaser: int) -> bool:
        """Whether a title speaks of what the head speaks of."""
        texts = [self.units[paragraph.at].span.cut(self.page.text) for paragraph in self.head]
        known = _words("\n".join([*texts, self.units[teaser].span.cut(self.page.text)]))
        words = _words(self.units[title].span.cut(self.page.text))
        return len(words & known) >= max(2, SHARED * len(words))


def _units(page: Page) -> Iterator[_Unit]:
    """The paragraphs outside of code; an address that stands under or above a text is one of its own."""
    for block in page.blocks:
        if page.is_guarded(block.span):
            yield _Unit(block.span, split.CODE, False)
            continue
        pieces = _divided(page, block.span) if block.kind == split.PROSE else [block.span]
        for span in pieces:
            said = span.cut(page.text)
            # What is indented under a text is its example or its source.
            bare = (
                block.kind == split.PROSE
                and not re.search(r"[\r\n]|^[ \t]", said.rstrip())
                and is_link(said)
            )
            yield _Unit(span, block.kind, bare)


def _divided(page: Page, span: Span) -> Sequence[Span]:
    """A paragraph without its last line, and that line, if it is an address."""
    last = page.lines[page.line_at(span.end - 1)]
    if last.start <= span.start or not is_link(page.text[last.start : span.end]):
        return [span]
    above = page.text[span.start : last.start].rstrip()
    return [Span(span.start, span.start + len(above)), Span(last.start, span.end)]


def _starts(key: str, letters: str) -> Iterator[int]:
    """Where in ``letters`` a stretch like ``key`` may begin: as it is, or where one of its parts stands."""
    found = letters.find(key)
    if found >= 0:
        yield found
        return
    tried = set()
    for offset in (0, len(key) // 3, len(key) // 2, 2 * len(key) // 3, len(key) - _ANCHOR):
        place = letters.find(key[offset : offset + _ANCHOR])
        start = max(0, place - offset)
        if place >= 0 and start not in tried:
            tried.add(start)
            yield start


def _weight(text: str) -> int:
    stream = normalize.stream(text)
    return stream.weight(0, len(stream.letters))


def _has_numbers(passage: str, said: str) -> bool:
    """Whether all numbers of a teaser stand in the passage: another number is another fact."""
    return set(_NUMBER.findall(said)) <= set(_NUMBER.findall(passage))


def _words(text: str) -> set[str]:
    """Words of four letters and more; of scripts without blanks between words, pairs of letters."""
    words = set()
    for word in re.findall(r"[^\W\d_]+", text.casefold()):
        if any(split.is_unspaced(char) for char in word):
            words |= {word[at : at + 2] for at in range(len(word) - 1)}
        elif len(word) > 3:
            words.add(word)
    return words
