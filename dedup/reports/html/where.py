"""Of several documents where what repeats stands: the worst ones, all of them, a map, and copies of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.reports import wording
from dedup.reports.drawings import clusters, graph, strip, treemap
from dedup.reports.html.choice import TABLE_BYTES
from dedup.reports.html.entry import Entry
from dedup.reports.html.facts import JSON_HAS_ALL, Facts, legend, on_lines, strip_key, strip_label
from dedup.reports.markup import EMPTY, Markup, element, joined, own, text

WORST = 10


def overview(facts: Facts) -> Markup:
    """Of several documents the worst ones, the map, those that are copies of each other, and all of them."""
    if facts.is_single or not facts.chosen.documents:
        return EMPTY
    listed = [*rows(facts)]
    worst = [row for number, row in listed[:WORST] if facts.chosen.entries[number].removed]
    parts: list[Markup] = []
    if worst:
        parts.append(worst_of(facts, worst))
    if facts.chosen.leaves and facts.totals.characters:
        parts.append(map_of(facts))
    if facts.chosen.members:
        parts.append(copies(facts))
    if facts.chosen.edges:
        parts.append(joined_by(facts))
    if len(listed) > len(worst):
        parts.append(all_of(facts, [row for _, row in listed]))
    return joined([*parts, EMPTY], "\n")


def worst_of(facts: Facts, rows: Sequence[Markup]) -> Markup:
    """The documents that lose most."""
    name = f"Worst {facts.noun}s" if len(rows) > 1 else f"Worst {facts.noun}"
    return element(
        "section",
        element("h2", name),
        table_of(rows, "worst", f"The {facts.noun}s that lose most"),
        element("p", strip_key(), class_="more"),
        class_="worst",
    )


def all_of(facts: Facts, rows: Sequence[Markup]) -> Markup:
    """All documents in which something was found, folded away."""
    more = facts.chosen.found - len(rows)
    left = f"{wording.count(more, f'more {facts.noun}')} with findings; {JSON_HAS_ALL}."
    listed = wording.count(facts.chosen.found, facts.noun)
    listed = f"{len(rows):,} of {listed}" if more else f"All {listed}"
    return element(
        "details",
        element("summary", f"{listed} with findings"),
        table_of(rows, "files", f"All {facts.noun}s with findings"),
        element("p", left, class_="more") if more else None,
        class_="all-files",
    )


def rows(facts: Facts) -> Iterator[tuple[int, Markup]]:
    """Rows of the table with the numbers of their documents, as many as there is room for."""
    room = TABLE_BYTES
    for number in facts.chosen.rows:
        made = row_of(facts, number, facts.chosen.entries[number])
        room -= len(made.encode())
        if room < 0:
            return
        yield number, made


def table_of(rows: Sequence[Markup], id_: str, caption: str) -> Markup:
    """Documents with what is known of them, a row each."""
    heads = (("name", ""), ("where", "plain"), ("removed", "number"), ("share", "number"),
             ("findings", "number"))  # fmt: skip
    head = element(
        "tr", *(element("th", name, scope="col", class_=kind or None) for name, kind in heads)
    )
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="unseen"),
            element("thead", head),
            element("tbody", *on_lines(*rows)),
            class_="sortable",
            id=id_,
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def row_of(facts: Facts, number: int, entry: Entry) -> Markup:
    if number in facts.chosen.views or number in facts.chosen.pieces:
        name = element("a", own(entry.name), href=f"#d{number}")
    else:
        name = own(entry.name)
    drawn = strip.draw(entry.strip, strip_label(entry)) if entry.strip else EMPTY
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", drawn, class_="strip-cell"),
        element("td", f"{entry.removed:,}", class_="number", data_value=entry.removed),
        element(
            "td",
            wording.percent(entry.redundancy),
            class_="number",
            data_value=f"{entry.redundancy:.6f}",
        ),
        element("td", f"{entry.found:,}", class_="number", data_value=entry.found),
    )


def map_of(facts: Facts) -> Markup:
    """The treemap with its key."""
    label = (
        f"Map of {wording.count(facts.chosen.documents, facts.noun)}: area is size, "
        "shade is how much of it repeats"
    )
    steps = ("nothing", "up to 20%", "40%", "60%", "80%", "100%")
    key = [
        legend(element("rect", class_=f"shade{step}", width=14, height=14), (14, 14), words)
        for step, words in enumerate(steps)
    ]
    return element(
        "section",
        element("h2", "Map"),
        element(
            "figure",
            treemap.draw(facts.chosen.leaves, label),
            treemap.draw(facts.chosen.leaves, label, treemap.NARROW),
            element("figcaption", "Area is size, shade is what repeats: ", joined(key, " ")),
        ),
        class_="map",
    )


def copies(facts: Facts) -> Markup:
    """Documents that are nearly copies of others: as a matrix, and as trees."""
    members = facts.chosen.members
    near = wording.count(facts.chosen.near, facts.noun)
    label = f"Matrix of {facts.noun}s that are near copies: groups are blocks, shade is the score"
    more = facts.chosen.near - len(members)
    rest = f"{wording.count(more, f'more {facts.noun}')} like others; {JSON_HAS_ALL}."
    are = "is" if facts.chosen.near == 1 else "are"
    return element(
        "section",
        element("h2", f"Copied {facts.noun}s"),
        element("p", f"{near} {are} nearly the same as others.", class_="more"),
        element(
            "div",
            element(
                "figure",
                clusters.matrix(members, label),
                element("figcaption", *matrix_key(members)),
            ),
            clusters.trees(members),
            class_="clusters",
        ),
        element("p", rest, class_="more") if more else None,
        class_="copied",
    )


def matrix_key(members: Sequence[clusters.Member]) -> Iterator[Markup]:
    """What the shades of the matrix are, as far as they are in it."""
    yield text("Rows and columns are in the order of the list; shade is the score: ")
    samples = [
        legend(element("rect", class_=class_, width=14, height=14), (14, 14), words)
        for class_, words in clusters.shades(members)
    ]
    yield joined(samples, " ")


def joined_by(facts: Facts) -> Markup:
    """Which of them repeat which, as dots and lines."""
    number = len({name for edge in facts.chosen.edges for name in (edge.name, edge.source)})
    label = f"Graph of {number} {facts.noun}s: a line joins one to another that it repeats"
    key = [("removed", "repeats another, and loses that"), ("source", "stays as it is")]
    shown = [
        legend(element("circle", class_=class_, cx=6, cy=6, r=5), (12, 12), words, "dot")
        for class_, words in key
    ]
    dashed = "A dashed line joins near copies, of which nothing goes."
    has_near = any(not edge.characters for edge in facts.chosen.edges)
    return element(
        "section",
        element("h2", "Who repeats whom"),
        element(
            "figure",
            graph.draw(facts.chosen.edges, label),
            element("figcaption", joined(shown, " "), f" {dashed}" if has_near else None),
        ),
        class_="who",
    )
