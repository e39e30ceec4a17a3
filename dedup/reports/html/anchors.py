"""Names of places on the page. Documents are numbered once all are known: till then ``DOCUMENT`` stands in."""

from __future__ import annotations

import re

from dedup.reports.markup import Markup, element, own

DOCUMENT = "\0"
"""In the place of a document's number. No text can hold it: what is shown of one spells it out."""


def numbered(part: bytes, number: int) -> bytes:
    """What was made of a document, which is now the one with this number."""
    return part.replace(DOCUMENT.encode(), str(number).encode())


def finding_id(number: int) -> Markup:
    """Of the finding with this index."""
    return Markup(f"d{DOCUMENT}f{number}")


def place_id(number: int, place: int) -> Markup:
    """Of a place of that finding in the text of its document."""
    return Markup(f"d{DOCUMENT}f{number}p{place}")


def view_id() -> Markup:
    """Of the document's text and pictures."""
    return Markup(f"d{DOCUMENT}")


def to(name: str) -> Markup:
    """What a link to the place of this name says."""
    return Markup(f"#{name}")


def rule_id(name: str) -> str:
    """Of what a kind of finding means."""
    return f"rule-{name}"


PLACE_LINK = re.compile(rb'<a class="place" href="#[^"]*">([^<]*)</a>')
"""A link to a place in the text, in what was made of a document; its words are in the group."""

FINDING_LINK = re.compile(rb'<a href="#d\0f([0-9]+)">([^<]*)</a>')
"""A link to a finding of the document: its index, and the words."""

OTHER_PLACE = re.compile(rb'<span class="other">([^<]*)<bdi>([^<]*)</bdi></span>')
"""A place in another document, in what was made of this one: where, and the document's name, escaped."""


def other_place(where: str, name: str) -> Markup:
    """A place in the document with this name: a link, once it is known whether that one is on the page."""
    return element("span", f"{where} of ", own(name), class_="other")
