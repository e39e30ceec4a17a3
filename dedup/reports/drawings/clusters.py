"""Groups of documents that are near copies of each other: as a sorted matrix, and as lines of trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dedup.model import DUPLICATE_DOCUMENT, DocumentResult
from dedup.reports import wording
from dedup.reports.markup import Markup, element, joined, own

MAX_MEMBERS = 300
"""Documents along a side of the matrix."""
MAX_LISTED = 100
SIZE = 600
_WIDE, _LEAST = 24, 96
"""Pixels that a document gets on the page if there are few, and that a matrix has at least."""
_FEW = 40
"""Documents up to which lines between the cells leave something of them."""
_STEPS = 5


class Member(NamedTuple):
    """A document of a group."""

    name: str
    canonical: str
    """The document that the group is compared with, and that would stay."""
    score: float
    """Similarity to it; 1.0 for itself."""


def member_of(result: DocumentResult) -> Member | None:
    """The document as one of a group, if it is nearly a copy of another."""
    for finding in result.findings:
        if finding.name == DUPLICATE_DOCUMENT:
            kept = finding.places[0].passage.document
            return Member(result.document.name, kept, finding.score)
    return None


def grouped(members: Iterable[Member]) -> list[list[Member]]:
    """Groups, large ones first; in each what stays, then the others, the nearest first."""
    groups: dict[str, dict[str, Member]] = {}
    for member in members:
        group = groups.setdefault(member.canonical, {})
        group.setdefault(member.canonical, Member(member.canonical, member.canonical, 1.0))
        group[member.name] = member
    found = [
        sorted(group.values(), key=lambda one: (one.name != one.canonical, -one.score, one.name))
        for group in groups.values()
    ]
    return sorted(found, key=lambda group: (-len(group), group[0].name))


def matrix(members: Iterable[Member], label: str) -> Markup:
    """Documents against documents, groups as blocks along the diagonal.

    Only scores against what stays are known; what the others of a group have in common is left pale.
    """
    groups, size = [], 0
    for group in grouped(members):
        room = MAX_MEMBERS - size
        if room > 0:
            groups.append(group[:room])
            size += len(groups[-1])
    side = SIZE / max(1, size)
    drawn: list[Markup] = []
    first = 0
    for group in groups:
        drawn += _block(group, first, side)
        first += len(group)
    return element(
        "svg",
        element("rect", class_="frame", width=SIZE, height=SIZE),
        *drawn,
        class_="matrix few" if size <= _FEW else "matrix",
        width=min(SIZE, max(_LEAST, _WIDE * size)),
        viewBox=f"-2 -2 {SIZE + 4} {SIZE + 4}",
        role="img",
        aria_label=label,
    )


def _block(group: Sequence[Member], first: int, side: float) -> list[Markup]:
    corner, wide = first * side, len(group) * side
    drawn = [element("rect", class_="block", x=corner, y=corner, width=wide, height=wide)]
    for at, member in enumerate(group):
        score = wording.score(member.score)
        said = element("title", f"{member.name} and {member.canonical}: {score}")
        place = corner + at * side
        step = f"step{_step(member.score)}"
        drawn.append(_cell(said, step, place, corner, side))
        if at:
            drawn.append(_cell(said, step, corner, place, side))
            drawn.append(_cell(None, f"step{_STEPS}", place, place, side))
    return drawn


def _cell(said: Markup | None, step: str, x: float, y: float, side: float) -> Markup:
    return element("rect", said, class_=step, x=x, y=y, width=side, height=side)


def shades(members: Iterable[Member]) -> Iterator[tuple[str, str]]:
    """The shades that the matrix of these has, pale ones first, each with the scores it is for.

    >>> list(shades([Member("b.txt", "a.txt", 0.75)]))
    [('step3', '0.70-0.79'), ('step5', '0.90-1.00')]
    """
    groups = grouped(members)
    if any(len(group) > 2 for group in groups):
        yield "block", "not compared"
    steps = {_step(member.score) for group in groups for member in group}
    for step in sorted(steps):
        low = 0.4 + step / 10
        high = 1.0 if step == _STEPS else low + 0.09
        yield f"step{step}", f"{low:.2f}-{high:.2f}" if step > 1 else f"below {high + 0.01:.2f}"


def _step(score: float) -> int:
    """Five steps from 0.5 to 1.0: below that documents are no near copies.

    >>> _step(0.2), _step(0.75), _step(1.0)
    (1, 3, 5)
    """
    return min(_STEPS, max(1, 1 + int((score - 0.5) * 2 * _STEPS)))


def trees(members: Iterable[Member]) -> Markup:
    """Each group as a list: what stays, below it the others with their scores."""
    groups = grouped(members)
    shown = [
        element("li", own(group[0].name), element("ul", *_branches(group[1:])))
        for group in groups[:MAX_LISTED]
    ]
    more = len(groups) - len(shown)
    rest = [element("li", f"and {wording.count(more, 'more group')}")] if more else []
    return element("ul", joined(shown), *rest, class_="trees")


def _branches(members: Sequence[Member]) -> Iterator[Markup]:
    for member in members[:MAX_LISTED]:
        score = element("span", wording.score(member.score), class_="score")
        yield element("li", score, " ", own(member.name))
    if len(members) > MAX_LISTED:
        yield element("li", f"and {len(members) - MAX_LISTED:,} more")
