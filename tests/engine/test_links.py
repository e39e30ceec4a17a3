"""``--strip-links``: a line that is nothing but an address goes, whatever else has an address in it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.links import is_link
from dedup.model import BARE_LINK, Span
from tests.engine.cleaned import cleaned, markdown, result_of

LINKS = "strip_links"

ADDRESSES = (
    "https://harbour.example/ferry?day=1#top",
    "http://localhost:8000/",
    "ftp://files.harbour.example/a.zip",
    "<https://harbour.example>",
    "www.harbour.example",
    "WWW.HARBOUR.EXAMPLE",
    "harbour-news.com",
    "news.harbour.co.uk/2024/05/ferry",
    "harbour.de/",
    "www.archiv.pl",
    "museum.org.rs",
    "hafen-größe.de",
    "Harbour.com",
)
NONE = (
    "README.md", "main.py", "notes.txt", "lib.rs", "run.sh", "index.pl", "jquery.min.js", "a.tar.gz",
    "1.2.3", "3.14", "12.30", "e.g.", "i.e", "p.m.", "U.S", "St.Louis", "mayor@harbour.example",
    "Node.js", "ASP.NET", "harbour", "...", "", "a.b", "10.com",
    "see www.harbour.example", "https://harbour.example and more", "[1]: https://harbour.example",
    "[the ferry](https://harbour.example)", "https://", "<www.harbour.example", "- https://harbour.example",
)  # fmt: skip


@pytest.mark.parametrize("line", ADDRESSES)
def test_addresses(line: str) -> None:
    assert is_link(line) and is_link(f" {line} ")


@pytest.mark.parametrize("line", NONE)
def test_what_is_no_address_alone(line: str) -> None:
    assert not is_link(line)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("One.\nwww.harbour.example\nTwo.\n", "One.\nTwo.\n"),
        ("One.\n\nhttps://harbour.example\n\nTwo.\n", "One.\n\nTwo.\n"),
        ("www.harbour.example\n\nOne.\n", "One.\n"),
        ("One.\n\nwww.harbour.example\n", "One.\n"),
        ("One.\nwww.harbour.example", "One."),
        ("One.\r\nwww.harbour.example\r\n\r\nhttps://a.example\r\n", "One.\r\n"),
        ("One.\n\nhttps://a.example\nhttps://b.example\n\nTwo.\n", "One.\n\nTwo.\n"),
    ],
)
def test_the_line_goes_with_one_line_end(text: str, left: str) -> None:
    result = result_of(text, LINKS)
    assert result.cleaned == left
    assert {(edit.finding, edit.kind, edit.inserted) for edit in result.edits} == {
        (BARE_LINK, "cleanup", "")
    }


STAYING = {
    "a sentence that leads up to it": "You can read all of it at:\nhttps://harbour.example\nThank you.\n",
    "sources": "Sources:\n\nhttps://a.example\nhttps://b.example\n\nhttps://c.example\n",
    "items": "- https://a.example\n- https://b.example\n1. www.c.example\n",
    "a bibliography": "[4] The ferry, a history (2012)\n    https://a.example/ferry\n\n[5] Ropes\n    www.b.example\n",
    "a sentence around it": "The ferry has a page of its own, which is found\nwww.harbour.example\nand read by many.\n",
    "a title it may belong to": "For the ferry and its timetable and more see\nwww.harbour.example\n",
    "code": "Run\n\n    https://harbour.example\n\nand wait.\n",
    "code between fences": "```\nwww.harbour.example\n```\n",
    "a list of addresses": "https://a.example\n\nhttps://b.example\nwww.c.example\n",
    "a mail address": "Write to\n\nmayor@harbour.example\n\nfor more.\n",
}


@pytest.mark.parametrize("what", STAYING)
def test_what_stays(what: str) -> None:
    assert cleaned(STAYING[what], LINKS) == STAYING[what]


def test_definitions_of_links_stay_in_markdown() -> None:
    text = "See [it][1].\n\n[1]: https://harbour.example\n\nText.\n\n---\nurl: x\n---\n"
    assert markdown(text, LINKS) == text
    assert markdown("Text.\n\n<https://harbour.example>\n", LINKS) == "Text.\n"


def test_a_frozen_link_stays() -> None:
    text = "One.\nwww.a.example\nTwo.\nwww.b.example\n"
    assert cleaned(text, LINKS, frozen=[Span(5, 8)]) == "One.\nwww.a.example\nTwo.\n"


@given(
    st.lists(
        st.sampled_from([*ADDRESSES, *NONE, "One line.", "\n", "\r\n", "\r", " ", "See:", "```"])
    )
)
def test_what_goes_is_addresses_and_blanks(pieces: list[str]) -> None:
    for edit in result_of("".join(pieces), LINKS).edits:
        assert all(map(is_link, edit.removed.split()))
