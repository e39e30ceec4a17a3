"""``--normalize-space``: blanks that mean nothing go, blanks that lay something out stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Span
from tests.engine.cleaned import cleaned, markdown, result_of

SPACE = "normalize_space"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The ferry  sails.   It waits.\n", "The ferry sails. It waits.\n"),
        ("At the end \t\u00a0\u3000\nNext\n", "At the end\nNext\n"),
        ("word\u00a0 word \u00a0word\u00a0\u00a0word\n", "word word word\u00a0word\n"),
        ("One.\n\n\n\n\nTwo.\n", "One.\n\n\nTwo.\n"),
        ("One.\n \n\t\n  \n\nTwo.\n", "One.\n\n\nTwo.\n"),
        ("\n\n\n\nOne.\n\n\n\n", "\n\nOne.\n\n\n"),
        ("no line end  ", "no line end"),
        ("One.\r\n\r\n\r\n\r\nTwo  three. \r\n", "One.\r\n\r\n\r\nTwo three.\r\n"),
    ],
)
def test_what_goes(text: str, left: str) -> None:
    assert cleaned(text, SPACE) == left


STAYING = {
    "indentation": "  The first line of verse\n    and its second,\n\tand a third.\n",
    "columns": "name      age   town\nMona       34   Velm\nOle         7   Tarn\n",
    "columns of two": "salt    3\nflour  12\n",
    "leaders of a list": "1.  one\n2.  two\n-   three\n",
    "tabs": "name\tage\n one\t\ttwo\n",
    "a table of pipes": "| a  | b  |\n|----|----|\n| c  | d  |\n",
    "code": "Run this:\n\n    if a:  # why\n        go( a,  b )\n\nThen wait.\n",
    "code between fences": "```\na  b  \n\n\n\nc\n```\n",
    "an indented fence": "- item\n\n   ~~~\n   a  b\n   ~~~\n",
    "pre": "<pre>\na  b\n\n\n\n\nc </pre>\n",
    "typographic spaces": "a\u2003\u2003b 東京\u3000\u3000京都\n",
    "how the text ends": "One.\n   ",
    "two blank lines": "One.\n\n\nTwo.\n",
    "no more than blanks": "   ",
    "blank lines in code": "    one\n\n\n\n\n    two\n",
}


@pytest.mark.parametrize("what", STAYING)
def test_what_stays(what: str) -> None:
    assert cleaned(STAYING[what], SPACE) == STAYING[what]


MARKDOWN = {
    "a hard break": "One line,  \nanother one.\n",
    "code in a line": "Write `a  b` here.\n",
    "a fence that is never closed": "Text.\n\n```\na  b\n\n\n\n\nc \n",
    "front matter": "---\ntitle:  A  \nkey:   b\n---\n\nText.\n",
    "a table": "| a  | b   |\n|----|-----|\n| c  | d   |\n",
    "indented code": "Text.\n\n    a  b \n\n\n\n    c  d\n",
}


@pytest.mark.parametrize("what", MARKDOWN)
def test_what_stays_in_markdown(what: str) -> None:
    assert markdown(MARKDOWN[what], SPACE) == MARKDOWN[what]


def test_what_means_nothing_in_markdown_goes() -> None:
    text = "# The  heading \n\nOne  line, \nanother.  Third\n\n\n\n\nEnd\n"
    assert markdown(text, SPACE) == "# The heading\n\nOne line,\nanother. Third\n\n\nEnd\n"


def test_two_blanks_after_sentences_are_no_columns() -> None:
    text = "One day.  It rained.\nTwo days.  It did.\n"
    assert cleaned(text, SPACE) == "One day. It rained.\nTwo days. It did.\n"


def test_frozen_blanks_stay() -> None:
    assert cleaned("a  b  c\n", SPACE, frozen=[Span(1, 3)]) == "a  b c\n"


@given(st.text(" \t\u00a0\u3000ab.|`\n\r-", max_size=60), st.sampled_from(["text", "markdown"]))
def test_only_blanks_go_and_the_last_line_ends_as_it_did(text: str, format: str) -> None:
    left = result_of(text, SPACE, format=format).cleaned
    assert "".join(left.split()) == "".join(text.split())
    assert left.endswith(("\n", "\r")) == text.endswith(("\n", "\r"))
    assert left.count("\r\n") <= text.count("\r\n")
