"""Where to cut: units that go become spans with one separator, so that the rest reads as before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from dedup.model import Span

if TYPE_CHECKING:
    from dedup.engine.claims import Part
    from dedup.engine.split import Block


UNIT_SCORE = 0.5
"""Lower bound of the score of a unit inside a run whose score as a whole passes the threshold."""


class Cut(NamedTuple):
    """A unit that goes: its span with the separator, and where the same stands, in offsets of one text."""

    span: Span
    twin: Span


class Find(NamedTuple):
    """Units of one claim that go together, or that look repeated and stay."""

    cuts: tuple[Cut, ...]
    confidence: float
    paragraphs: int
    """Paragraphs touched on the side that goes."""
    twin_paragraphs: int
    is_contained: bool
    reason: str
    """Why a look-alike stays; empty for a removal."""


class Look(NamedTuple):
    """What one look at a text found."""

    removals: tuple[Find, ...]
    lookalikes: Callable[[], Sequence[Find]]
    """Those that stay, to be called once: not all who look want to know, and it takes its time."""
    paragraphs: tuple[Span, ...]
    """Empty where nothing could come out: then they are only counted."""
    counted: int = 0
    note: str = ""
    """What was not looked for."""

    @property
    def paragraph_count(self) -> int:
        """How many paragraphs the text has."""
        return self.counted or len(self.paragraphs)


def none_alike() -> tuple[Find, ...]:
    """The look-alikes of a text in which nothing repeats."""
    return ()


def spans_of(text: str, blocks: Sequence[Block], parts: Sequence[Part]) -> dict[Part, Span]:
    """What to cut for each part: the unit and one separator, chosen so that the rest reads as before."""
    whole = {part.paragraph: part for part in parts if part.sentence < 0}
    inside: dict[int, dict[int, Part]] = {}
    for part in parts:
        if part.sentence >= 0:
            inside.setdefault(part.paragraph, {})[part.sentence] = part
    emptied = {at for at, gone in inside.items() if len(gone) == len(blocks[at].sentences)}
    trailing = len(blocks)
    while trailing and (trailing - 1 in whole or trailing - 1 in emptied):
        trailing -= 1
    spans = {}
    for at in {*whole, *inside}:
        span = blocks[at].span
        if at in whole or at in emptied:
            if at >= trailing:
                span = Span(blocks[at - 1].span.end, span.end)
            else:
                span = Span(span.start, blocks[at + 1].span.start)
        if at in whole:
            spans[whole[at]] = span
        elif at in emptied:
            spans.update(_tiled(span, blocks[at].sentences, inside[at]))
        else:
            spans.update(_sentence_cuts(text, blocks[at].sentences, inside[at]))
    return spans


def _tiled(span: Span, sentences: Sequence[Span], gone: dict[int, Part]) -> dict[Part, Span]:
    """A paragraph whose sentences all go, each for its own reason: together they cover its span."""
    starts = [span.start, *(sentence.start for sentence in sentences[1:]), span.end]
    return {gone[at]: Span(starts[at], starts[at + 1]) for at in gone}


def _sentence_cuts(text: str, sentences: Sequence[Span], gone: dict[int, Part]) -> dict[Part, Span]:
    """Sentences that go from a paragraph that stays: with the blank after them, or, at the end of the
    paragraph or of a line, with the one before."""
    trailing = len(sentences)
    while trailing - 1 in gone:
        trailing -= 1
    cuts = {}
    position = 0
    for at in sorted(gone):
        start, end = sentences[at].start, sentences[at].end
        before = text[sentences[at - 1].end : start] if at else "\n"
        after = text[end : sentences[at + 1].start] if at + 1 < len(sentences) else ""
        if at >= trailing or (_ends_line(after) and not _ends_line(before)):
            start = max(position, sentences[at - 1].end)
        else:
            end = sentences[at + 1].start
        cuts[gone[at]] = Span(start, end)
        position = end
    return cuts


def is_balanced(text: str) -> bool:
    """Whether ``text`` opens every bracket and tag that it closes, and the other way round.

    Sentences that are not would leave half a pair behind in the paragraph they are cut from.

    >>> is_balanced("A (small) one."), is_balanced("It ended there.)"), is_balanced("<p>One.</p><p>Two.")
    (True, False, False)
    """
    plain = re.sub(r"(?:^|\s)\w{1,2}\)", "", text) if ")" in text else text
    if any(plain.count(one) != plain.count(two) for one, two in ("()", "[]", "{}", "（）")):
        return False
    if "<" not in text:
        return True
    opened: list[str] = []
    for closes, name in _tag().findall(text.lower()):
        if name in ("br", "hr", "img", "input", "wbr"):
            continue
        if closes and (not opened or opened.pop() != name):
            return False
        if not closes:
            opened.append(name)
    return not opened


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(r"<(/?)([a-z][a-z0-9]*)[^<>]*>")


def _ends_line(blanks: str) -> bool:
    return "\n" in blanks or "\r" in blanks
