"""A document's pictures and its text, to be unfolded below its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.model import DocumentResult
from dedup.reports import wording
from dedup.reports.compare import tight
from dedup.reports.drawings import arcs, dots, strip
from dedup.reports.drawings.pairs import Pair, pairs_of
from dedup.reports.html.facts import legend
from dedup.reports.html.reader import MAX_CHARACTERS, reader
from dedup.reports.markup import EMPTY, Markup, element, joined, text

_SAID = 90
"""Characters of each side that are shown where an arc is pointed at."""

_LEGEND = (
    ("exact", "same letters"),
    ("near", "nearly the same"),
    ("contained", "part of a longer passage"),
    ("alike", "alike, kept"),
)


def reading(result: DocumentResult) -> Markup:
    """The text of a document in which something was found."""
    if not result.findings:
        return EMPTY
    if len(result.document.text) <= MAX_CHARACTERS:
        return reader(result)
    size = wording.count(len(result.document.text), "character")
    return element("p", f"The text has {size}: too many to be shown.", class_="more")


def pictures(result: DocumentResult) -> Markup:
    """The dot plot and the arcs of a document; empty if nothing in it repeats."""
    pairs = list(pairs_of(result))
    return _pictures(result, pairs) if pairs else EMPTY


def _pictures(result: DocumentResult, pairs: Sequence[Pair]) -> Markup:
    length, name = len(result.document.text), result.document.name
    removed = [edit.span for edit in result.edits if not edit.is_repair]
    twins = [twin.span for edit in result.edits for twin in edit.twins if twin.document == name]
    said = wording.count(len(pairs), "pair")
    plot = dots.draw(length, pairs, f"Dot plot of the text against itself: {said} of passages")
    bow = arcs.draw(
        length,
        pairs,
        strip.cells(length, removed, twins),
        lambda pair: _said(result, pair),
        f"Arcs between passages that repeat each other: {said}",
    )
    kinds = [kind for kind, _ in _LEGEND if any(pair.kind == kind for pair in pairs)]
    shown = "The text against itself: a line beside the diagonal is a passage that stands twice."
    below = "Arcs join a copy to what it repeats. In the bar blue stays, red goes."
    return element(
        "div",
        _figure(plot, text(shown), joined(_legend(kinds), " "), class_="dotplot"),
        _figure(bow, text(below), joined(_arc_legend(kinds), " "), class_="arcplot"),
        class_="pictures",
    )


def _figure(picture: Markup, *caption: Markup, class_: str) -> Markup:
    return element("figure", picture, element("figcaption", joined(caption, " ")), class_=class_)


def _legend(kinds: Sequence[str]) -> Iterator[Markup]:
    for kind, words in _LEGEND:
        if kind in kinds:
            yield legend(element("path", class_=f"dots {kind}", d="M1 9L17 1"), (18, 10), words)


def _arc_legend(kinds: Sequence[str]) -> Iterator[Markup]:
    """What the colours of arcs are, if there are several; an edited copy has the colour of any copy."""
    arcs = {"exact" if kind == "near" else kind for kind in kinds}
    words = dict(_LEGEND) | {"exact": "copy"}
    for kind in words:
        if kind in arcs and len(arcs) > 1:
            sample = element(
                "path", class_=f"arc {kind}", d="M1 11A8 8 0 0 1 17 11H13A4 4 0 0 0 5 11z"
            )
            yield legend(sample, (18, 12), words[kind])


def _said(result: DocumentResult, pair: Pair) -> str:
    """Both sides of a pair, each by its first words."""
    sides = (
        tight(span.cut(result.document.text)[: 2 * _SAID])[:_SAID]
        for span in (pair.kept, pair.copy)
    )
    kept, copy = sides
    sign = "~" if pair.kind == "alike" else "\u2212"
    return f"{kept}\n{sign} {copy}"
