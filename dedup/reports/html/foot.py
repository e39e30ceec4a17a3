"""The foot of the page: what the kinds of findings mean, and what made the page."""

from __future__ import annotations

from typing import Any

from dedup import __version__
from dedup.options import deciding
from dedup.reports.explanations import EXPLANATIONS
from dedup.reports.html.anchors import rule_id
from dedup.reports.html.facts import Facts
from dedup.reports.markup import EMPTY, Markup, element, joined, own, text


def foot(facts: Facts) -> Markup:
    found = [name for name in EXPLANATIONS if name in facts.totals.findings]
    rules = [
        element(
            "div",
            element("dt", name, id=rule_id(name)),
            element("dd", EXPLANATIONS[name].meaning, " ", EXPLANATIONS[name].action),
        )
        for name in found
    ]
    parts = []
    if rules:
        parts.append(
            element(
                "section",
                element("h2", "What the kinds mean"),
                element("dl", *rules),
                class_="rules",
            )
        )
    parts.append(made(facts))
    return joined([*parts, EMPTY], "\n")


def made(facts: Facts) -> Markup:
    """What made the page: the version, and the options that decide."""
    options = [
        element("tr", element("th", key, scope="row"), element("td", _shown(value)))
        for key, value in deciding(facts.options).items()
        if value not in ([], "")
    ]
    return element(
        "section",
        element("h2", "How this was made"),
        element(
            "p",
            f"dedup {__version__}. The same input and options give the same page. "
            "What is removed can be put back with the plan: dedup restore.",
        ),
        element(
            "details",
            element("summary", "Options that decide"),
            element("table", element("caption", "Options", class_="unseen"), *options),
        ),
        class_="made",
    )


def _shown(value: Any) -> Markup:
    """An option's value."""
    if isinstance(value, bool):
        return text("yes" if value else "no")
    if isinstance(value, list):
        return joined((own(str(each)[:400]) for each in value[:50]), ", ")
    return own(str(value))
