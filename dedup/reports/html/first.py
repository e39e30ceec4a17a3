"""The first screen: how much repeats, whether to trust that, and of what kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dedup.model import KEPT_LOOKALIKE, REPAIRS
from dedup.reports import wording
from dedup.reports.drawings import strip
from dedup.reports.explanations import EXPLANATIONS
from dedup.reports.html.anchors import rule_id, to
from dedup.reports.html.entry import MAX_NAME
from dedup.reports.html.facts import (
    JSON_HAS_ALL,
    Facts,
    legend,
    on_lines,
    strip_key,
    strip_label,
)
from dedup.reports.markup import EMPTY, Markup, element, joined, own, text

MAX_FAILURES = 100


def header(facts: Facts) -> Markup:
    return element(
        "header",
        element("a", "Skip to the findings", class_="skip", href="#findings"),
        element("p", "dedup report", class_="kicker"),
        element("h1", facts.title),
        element("div", *on_lines(amount(facts), trust(facts), kinds(facts)), class_="answer"),
        bar(facts) if facts.is_single else EMPTY,
        *notes(facts),
    )


def amount(facts: Facts) -> Markup:
    """How much goes."""
    totals = facts.totals
    share = element("strong", wording.percent(totals.redundancy), class_="share")
    gone = f"{totals.removed_characters:,} of {wording.count(totals.characters, 'character')}"
    said = [
        element("li", f"{gone} repeat what is said elsewhere"),
        element(
            "li",
            f"{totals.removed_paragraphs:,} of "
            f"{wording.count(totals.paragraphs, 'paragraph')} go whole",
        ),
    ]
    if not facts.is_single:
        files = f"{totals.changed:,} of {wording.count(totals.documents, facts.noun)} change"
        said.append(element("li", files))
    if totals.repairs:
        said.append(element("li", f"{wording.count(totals.repairs, 'place')} repaired"))
    return element(
        "section",
        element("h2", "How much"),
        element("p", share, " repeated", class_="figure"),
        element("ul", *said),
        class_="amount",
    )


def trust(facts: Facts) -> Markup:
    """Why what goes may go."""
    chosen = facts.chosen
    said: list[str] = []
    if chosen.score is not None and chosen.confidence is not None:
        others = (
            f", {chosen.elsewhere:,} of them in another {facts.noun}" if chosen.elsewhere else ""
        )
        said += [
            f"Every copy is still said in text that stays, and was compared with it{others}.",
            f"Lowest score {wording.score(chosen.score)}, "
            f"lowest confidence {wording.score(chosen.confidence)}.",
        ]
    else:
        said.append("No copy was found that is proved to be one.")
    if chosen.alike:
        alike = wording.count(chosen.alike, "look-alike")
        was = "was" if chosen.alike == 1 else "were"
        said.append(f"{alike} {was} kept: what differs matters.")
    failed = len(facts.failures)
    if failed:
        said.append(f"{wording.count(failed, 'input')} could not be processed, see below.")
    return element(
        "section",
        element("h2", "Whether to trust it"),
        element("ul", *(element("li", fact) for fact in said)),
        class_="trust",
    )


def kinds(facts: Facts) -> Markup:
    """How many findings of which kind."""
    found = facts.totals.findings
    order = [name for name in EXPLANATIONS if name in found]
    order += sorted(set(found) - set(order))
    most = max(found.values(), default=1)
    rows = [
        element(
            "tr",
            element(
                "th",
                _kind(name, found[name]),
                scope="row",
            ),
            element("td", f"{found[name]:,}", class_="number"),
            element("td", _gauge(_parts(facts, name), most), class_="gauge"),
        )
        for name in order
    ]
    caption = element("caption", "Findings by kind", class_="unseen")
    heads = ("kind", "findings", "share")
    head = element("tr", *(element("th", each, scope="col") for each in heads), class_="unseen")
    table = element("table", caption, element("thead", head), element("tbody", *rows))
    return element(
        "section",
        element("h2", "What was found"),
        table if rows else element("p", "Nothing that repeats."),
        _gauge_key(facts),
        class_="kinds",
    )


def bar(facts: Facts) -> Markup:
    """Of a single document where the copies stand."""
    entry = facts.chosen.entries.get(0)
    if entry is None or not entry.strip:
        return EMPTY
    return element(
        "figure",
        strip.draw(entry.strip, strip_label(entry)),
        element("figcaption", strip_key(entry.strip)),
        class_="whole-strip",
    )


def notes(facts: Facts) -> Iterator[Markup]:
    if facts.is_single and (entry := facts.chosen.entries.get(0)) and entry.note:
        yield element("p", "Note: ", own(entry.note), class_="note")
    if facts.failures:
        items = [
            element("li", own(failure.name[-MAX_NAME:]), ": ", own(failure.reason[:MAX_NAME]))
            for failure in facts.failures[:MAX_FAILURES]
        ]
        more = len(facts.failures) - len(items)
        if more:
            items.append(element("li", f"and {more:,} more; {JSON_HAS_ALL}."))
        yield element(
            "details",
            element("summary", f"{wording.count(len(facts.failures), 'input')} not processed"),
            element("ul", *items),
            class_="failures",
        )


def _kind(name: str, number: int) -> Markup:
    """The name of a kind, with a link to what it means."""
    words = wording.finding_name(name, number)
    return element("a", words, href=to(rule_id(name))) if name in EXPLANATIONS else text(words)


_BARS = (
    ("removed", 0, 8, "removed"),
    ("mended", 0, 8, "mended"),
    ("reported", 3, 5, "reported, stays"),
    ("alike", 6, 2, "alike, stays"),
)
"""What becomes of findings: name, top and height of their bar, and what the key says of it.

The heights tell without colour, as those of a strip do.
"""


def _parts(facts: Facts, name: str) -> dict[str, int]:
    """How many findings of a kind there are of what becomes of them."""
    found = facts.totals.findings[name]
    if name == KEPT_LOOKALIKE:
        return {"alike": found}
    if name in REPAIRS:
        return {"mended": found}
    reported = facts.totals.reported.get(name, 0)
    return {"removed": found - reported, "reported": reported}


def _gauge(parts: Mapping[str, int], most: int) -> Markup:
    bars = []
    start = 0.0
    for name, top, tall, _ in _BARS:
        if number := parts.get(name, 0):
            wide = max(1.0, number / most * 100)
            bars.append(element("rect", x=start, y=top, width=wide, height=tall, class_=name))
            start += wide
    return element(
        "svg", *bars, viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true"
    )


def _gauge_key(facts: Facts) -> Markup:
    """What the bars say, as far as there are any."""
    every = [_parts(facts, name) for name in facts.totals.findings]
    samples = [
        legend(element("rect", y=top, width=18, height=tall, class_=name), (18, 8), words)
        for name, top, tall, words in _BARS
        if any(parts.get(name) for parts in every)
    ]
    return element("p", joined(samples, " "), class_="more") if samples else EMPTY
