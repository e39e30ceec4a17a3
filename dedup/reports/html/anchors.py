"""Names of places on the page. Documents are numbered once all are known: till then ``DOCUMENT`` stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import count

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

OTHER_PLACE = re.compile(
    rb'<span class="other" data-line="([0-9]+)">([^<]*)<bdi>([^<]*)</bdi></span>'
)
"""A place in another document, in what was made of this one: its first line, where it is in words, and the
document's name, escaped."""

LINE = re.compile(b"\x01([0-9]+)\x02")
"""Where the line with this number begins, in the text of a document."""


def other_place(where: str, name: str, line: int) -> Markup:
    """A place in the document with this name: a link, once it is known whether that one is on the page."""
    return element("span", f"{where} of ", own(name), class_="other", data_line=line)


def line_mark(line: int) -> Markup:
    """Where a line begins, which a finding of another document may lead to. Texts cannot hold it either."""
    return Markup(f"\1{line}\2")


def with_lines(part: bytes, lines: Iterable[int]) -> bytes:
    """The text of a document without the marks of its lines, but with ids for these, or what holds them."""
    marks = [int(mark[1]) for mark in LINE.finditer(part)]
    ids: dict[int, bytes] = {}
    for line in sorted(lines):
        at = max(0, bisect_right(marks, line) - 1)
        ids[at] = ids.get(at, b"") + b'<a id="d%bl%d"></a>' % (DOCUMENT.encode(), line)
    number = count()
    put = LINE.sub(lambda _: ids.get(next(number), b""), part)
    return put if marks else b"".join(ids.values()) + put
