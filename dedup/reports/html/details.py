"""Everything in detail: the findings that are shown, and the documents they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dedup.reports import wording
from dedup.reports.html.anchors import FINDING_LINK, OTHER_PLACE, PLACE_LINK, numbered, with_lines
from dedup.reports.html.assets import asset
from dedup.reports.html.choice import Piece
from dedup.reports.html.entry import Entry
from dedup.reports.html.facts import JSON_HAS_ALL, Facts
from dedup.reports.markup import Markup, element, own


def findings(facts: Facts, bodies: Iterable[bytes]) -> Iterator[bytes]:
    """The findings that are shown, then look-alikes in a section of their own."""
    chosen = facts.chosen
    alike: list[bytes] = []
    opening = element("h2", "Findings", id="findings", tabindex=-1)
    yield b'<section class="findings">\n' + opening.encode() + b"\n"
    if chosen.shown(alike=False):
        yield asset("controls.html").encode()
    yield b'<div id="list">\n'
    for number, body in enumerate(bodies):
        for piece in chosen.pieces.get(number, ()):
            shown = cut(facts, body, number, piece)
            if piece.is_alike:
                alike.append(shown)
            else:
                yield shown
    yield b"</div>\n"
    yield rest(facts, chosen.findings - chosen.shown(alike=False), chosen.findings, "finding")
    yield b"</section>\n"
    if chosen.alike:
        yield b'<section class="lookalikes">\n'
        yield element("h2", "Look-alikes that stay").encode() + b"\n"
        words = "These passages look repeated, and a guard kept them. Nothing of them is removed."
        yield element("p", words).encode() + b"\n"
        yield from alike
        left = chosen.alike - chosen.shown(alike=True)
        yield rest(facts, left, chosen.alike, "look-alike")
        yield b"</section>\n"


def cut(facts: Facts, body: bytes, number: int, piece: Piece) -> bytes:
    """One finding out of those of its document; without links if the text is not on the page."""
    found = body[piece.start : piece.end]
    found = OTHER_PLACE.sub(lambda place: _link(facts, place, wants=True), found)
    if number not in facts.chosen.views:
        found = PLACE_LINK.sub(rb"<span>\1</span>", found)
    return numbered(found, number)


def rest(facts: Facts, left: int, total: int, noun: str) -> bytes:
    if not total:
        return element("p", f"No {noun}s.").encode() + b"\n"
    if not left:
        return b""
    more = f"{wording.count(left, f'more {noun}')}, not shown here; {JSON_HAS_ALL}."
    return element("p", more, class_="more").encode() + b"\n"


def documents(facts: Facts, pictures: Iterable[bytes], texts: Iterable[bytes]) -> Iterator[bytes]:
    """The texts, with their pictures unless those are above."""
    chosen = facts.chosen
    if not chosen.pieces:
        return
    title = "Text" if facts.is_single else f"{facts.noun.capitalize()}s"
    yield b'<section class="documents">\n' + element("h2", title).encode() + b"\n"
    words = "What goes is folded where it stood; what it repeats is underlined, on blue, and stays."
    if chosen.views:
        yield element("p", words, class_="more").encode() + b"\n"
    for number, (drawn, said) in enumerate(zip(pictures, texts, strict=True)):
        if number not in chosen.pieces:
            continue
        entry = chosen.entries[number]
        if facts.is_single:
            yield f'<div id="d{number}">\n'.encode()
            yield told(facts, said, number) if number in chosen.views else untold(facts, entry)
            yield b"\n</div>\n"
            continue
        yield f'<details class="document" id="d{number}">\n'.encode()
        yield document_line(facts, entry).encode() + b"\n"
        if number in chosen.views:
            yield numbered(drawn, number) + b"\n" + told(facts, said, number)
        else:
            yield untold(facts, entry)
        yield b"\n</details>\n"
    yield b"</section>\n"


def document_line(facts: Facts, entry: Entry) -> Markup:
    note = element("span", "note: ", own(entry.note), class_="fact") if entry.note else None
    return element(
        "summary",
        own(entry.name, class_="file"),
        " ",
        element("span", f"{wording.percent(entry.redundancy)} repeated", class_="fact"),
        " ",
        element("span", wording.counts(entry.findings, entry.repairs), class_="fact"),
        note,
    )


def told(facts: Facts, said: bytes, number: int) -> bytes:
    """The text of a document, without links to findings that are not on the page."""
    shown = {piece.number for piece in facts.chosen.pieces[number]}
    linked = FINDING_LINK.sub(
        lambda link: link[0] if int(link[1]) in shown else b"<span>%b</span>" % link[2], said
    )
    linked = OTHER_PLACE.sub(lambda place: _link(facts, place, wants=False), linked)
    return numbered(with_lines(linked, facts.chosen.wanted.get(number, ())), number)


def _link(facts: Facts, place: re.Match[bytes], *, wants: bool) -> bytes:
    """A place in another document as a link to it, if it is on the page.

    ``wants``: whether its line is to get an id; else it leads there only if that has one.
    """
    line, where, name = place.groups()
    number = facts.chosen.names.get(name)
    if number is None:
        return b'<span class="other">%b<bdi>%b</bdi></span>' % (where, name)
    lines = facts.chosen.wanted.setdefault(number, set())
    if wants and number in facts.chosen.views:
        lines.add(int(line))
    at = b"l%b" % line if int(line) in lines else b""
    return b'<a href="#d%d%b">%b<bdi>%b</bdi></a>' % (number, at, where, name)


def untold(facts: Facts, entry: Entry) -> bytes:
    words = f"Its text is not shown: the page would be too large. {JSON_HAS_ALL.capitalize()}."
    return element("p", words, class_="more").encode()
