"""The kinds of cleanup that were asked for, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from dedup.engine import cards, links, mending, spacing
from dedup.engine.layout import Page
from dedup.model import BARE_LINK, FIXED_TEXT, NORMALIZED_SPACE, SHARE_CARD, Span
from dedup.options import Options


class Cleaned(NamedTuple):
    """One thing that cleanup does, in offsets of the text that it is done to."""

    start: int
    end: int
    inserted: str
    name: str
    twin: Span | None = None
    """For a share card: what its teaser repeats."""
    said: str = ""
    """For a share card: its teaser."""
    score: float = 1.0


Kind = Callable[[Page], list[Cleaned]]
"""What it would do to a text, in order and apart, leaving alone what has to stay."""


def kinds(options: Options) -> list[Kind]:
    """Those that were asked for. What mends comes first: the others see the text as it ought to be. Cards come
    before bare links, which are a part of them."""
    every = (
        (options.fix_text, _mended),
        (options.normalize_space, _spaced),
        (options.strip_share_cards, _without_cards),
        (options.strip_links, _without_links),
    )
    return [kind for is_wanted, kind in every if is_wanted]


def _mended(page: Page) -> list[Cleaned]:
    return _free(page, (Cleaned(*each, FIXED_TEXT) for each in mending.changes(page)))


def _spaced(page: Page) -> list[Cleaned]:
    found = spacing.changes(page)
    return _free(page, (Cleaned(start, end, "", NORMALIZED_SPACE) for start, end in found))


def _without_cards(page: Page) -> list[Cleaned]:
    return _free(page, (_of_card(page, card) for card in cards.cards(page)))


def _of_card(page: Page, card: cards.Card) -> Cleaned:
    teaser = card.teaser.cut(page.text)
    return Cleaned(card.span.start, card.span.end, "", SHARE_CARD, card.twin, teaser, card.score)


def _without_links(page: Page) -> list[Cleaned]:
    return _free(page, (Cleaned(at.start, at.end, "", BARE_LINK) for at in links.changes(page)))


def _free(page: Page, changes: Iterable[Cleaned]) -> list[Cleaned]:
    return [
        each
        for each in changes
        if not page.is_frozen(each.start, each.end) and not _joins(page.text, each)
    ]


def _joins(text: str, change: Cleaned) -> bool:
    """Whether a CR and a LF, each a line end of its own, would become one."""
    before = text[change.start - 1] if change.start else ""
    return before == "\r" and not change.inserted and text[change.end : change.end + 1] == "\n"
