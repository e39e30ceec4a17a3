"""Numbers, lines and names of findings in words, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dedup.model import (
    BARE_LINK,
    BOILERPLATE,
    CLEANUP,
    CONTAINED,
    DUPLICATE_DOCUMENT,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    REPAIRS,
    REPEATED_BLOCK,
    SHARE_CARD,
    Finding,
    Place,
    Tally,
)
from dedup.reports.escape import escape_line

_NAMES = {
    REPEATED_BLOCK: "repeated block",
    NEAR_DUPLICATE: "near-duplicate",
    CONTAINED: "contained teaser",
    BOILERPLATE: "boilerplate passage",
    DUPLICATE_DOCUMENT: "duplicate document",
    KEPT_LOOKALIKE: "look-alike",
    SHARE_CARD: "share card",
    BARE_LINK: "bare link",
}


def count(number: int, singular: str) -> str:
    """
    >>> count(1, "paragraph"), count(1200, "paragraph")
    ('1 paragraph', '1,200 paragraphs')
    """
    return f"{number:,} {singular}" if number == 1 else f"{number:,} {singular}s"


def percent(share: float) -> str:
    """A share of 0.0-1.0; what is not nothing is never 0%, what is not all never 100%.

    >>> percent(0.486), percent(0.001), percent(0.999)
    ('49%', '<1%', '>99%')
    """
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def score(value: float) -> str:
    """Two decimals, never rounded up: only a perfect score reads 1.00.

    >>> score(0.9999), score(1.0)
    ('0.99', '1.00')
    """
    # The small term undoes the binary fraction: 0.29 * 100 is 28.999...
    return f"{int(value * 100 + 1e-9) / 100:.2f}"


def finding_name(name: str, number: int = 1) -> str:
    """What people call findings of this name.

    >>> finding_name("repeated-block", 2)
    'repeated blocks'
    """
    singular = _NAMES.get(name, name.replace("-", " "))
    return singular if number == 1 else f"{singular}s"


def counts(numbers: Mapping[str, int], repairs: int = 0) -> str:
    """How many findings of which name; ``repairs`` by their places.

    >>> counts({"contained": 1, "repeated-block": 2, "fixed-text": 1}, 40)
    '2 repeated blocks, 1 contained teaser, 40 repairs'
    """
    order = [name for name in _NAMES if name in numbers]
    order += sorted(set(numbers) - set(order) - set(REPAIRS))
    words = [f"{numbers[name]:,} {finding_name(name, numbers[name])}" for name in order]
    return ", ".join(words + [count(repairs, "repair")] * bool(repairs))


def numbers(place: Place) -> str:
    """The place's line numbers: ``3-50``, or ``7`` for one line."""
    return f"{place.line}" if place.line == place.end_line else f"{place.line}-{place.end_line}"


def from_to(first: int, last: int) -> str:
    """
    >>> from_to(7, 7), from_to(3, 50)
    ('line 7', 'lines 3-50')
    """
    return f"line {first}" if first == last else f"lines {first}-{last}"


def lines(places: Sequence[Place], most: int = 5) -> str:
    """``line 7``, ``lines 3-50 and 52-99``; places after the first ``most`` are counted."""
    shown = [numbers(place) for place in places[:most]]
    if len(places) > most:
        shown.append(f"{len(places) - most:,} more places")
    single = len(places) == 1 and places[0].line == places[0].end_line
    return ("line " if single else "lines ") + enumeration(shown)


def enumeration(words: Sequence[str]) -> str:
    """
    >>> enumeration(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def extent(tally: Tally) -> str:
    """What went, in paragraphs: ``18 of 37 paragraphs``, ``parts of paragraphs``, or both."""
    whole, parts = tally.removed_paragraphs, tally.removed_units > tally.removed_paragraphs
    if parts and not whole:
        return "parts of paragraphs"
    paragraphs = f"{whole:,} of {count(tally.paragraphs, 'paragraph')}"
    return f"{paragraphs} and parts of others" if parts else paragraphs


def left_out(number: int, differing: int) -> str:
    """What rows that are not shown hold.

    >>> left_out(12, 0), left_out(1, 1), left_out(3, 2)
    ('12 more parts, all identical', '1 more part, with differences', '3 more parts, 2 with differences')
    """
    more = count(number, "more part")
    if differing in (0, number):
        how = "with differences" if differing else "identical"
        return f"{more}, {how}" if number == 1 else f"{more}, all {how}"
    return f"{more}, {differing:,} with differences"


def reason(finding: Finding, equal: int, copies: int, stays: int) -> str:
    """What was done and why: of ``copies`` parts ``equal`` are the same, ``stays`` between are none."""
    if finding.name == SHARE_CARD:
        return "removed: an address below a teaser that says what a paragraph at the head says"
    if finding.name == BARE_LINK:
        return "removed: nothing but an address"
    if finding.action != "removed":
        return finding.action
    if finding.name == CONTAINED:
        why = "its words stand in a longer passage that stays"
    elif equal == copies:
        why = (
            "the same word for word"
            if equal == 1
            else ("both parts" if equal == 2 else f"all {equal:,} parts") + " are the same"
        )
    elif equal:
        why = f"{equal:,} of {copies:,} parts are the same, the others differ a little"
    else:
        why = "nearly the same, the differences are marked"
    if stays:
        between = "1 part between is no copy and stays"
        why += f"; {between if stays == 1 else f'{stays:,} parts between are no copies and stay'}"
    return f"removed: {why}"


def scores(finding: Finding) -> list[str]:
    """Score and confidence; nothing for cleanup that rests on no other text."""
    if finding.name in CLEANUP and len(finding.places) == 1:
        return []
    return [f"score {score(finding.score)}", f"confidence {score(finding.confidence)}"]


def relation(finding: Finding) -> str:
    """Which lines repeat which: ``lines 52-99 repeat lines 3-50``."""
    first, *copies = finding.places
    if not copies:
        return lines(finding.places)
    if finding.name == KEPT_LOOKALIKE:
        return f"{lines(finding.places)} are alike"
    if finding.name == DUPLICATE_DOCUMENT:
        return f"is a copy of {escape_line(first.passage.document)}"
    return f"{lines(copies)} {verb(finding, copies)} {lines([first])}{of_other(first, copies)}"


def of_other(first: Place, copies: Sequence[Place]) -> str:
    """`` of b.txt``, if what stays stands in another document than the copies; safe to show."""
    other = first.passage.document
    return f" of {escape_line(other)}" if other != copies[0].passage.document else ""


def verb(finding: Finding, copies: Sequence[Place]) -> str:
    """What the copies do to what stays: ``lines 52-99`` *repeat* it."""
    alone = len(copies) == 1 and copies[0].line == copies[0].end_line
    if finding.name == KEPT_LOOKALIKE:
        return "is like" if alone else "are like"
    if finding.name == CONTAINED:
        return "stands in" if alone else "stand in"
    return "repeats" if alone else "repeat"


_TURNED = {"repeat": ("is repeated by", "are repeated by"), "stand": ("holds", "hold")}


def turned(verb: str, *, alone: bool) -> str:
    """What is done to the other side of what ``verb`` says; ``alone``: that is a single line.

    >>> turned("repeat", alone=True), turned("stands in", alone=False), turned("is like", alone=False)
    ('is repeated by', 'hold', 'are like')
    """
    stem = verb.split()[0].rstrip("s") if verb else ""
    single, several = _TURNED.get(stem, ("is like", "are like"))
    return single if alone else several
