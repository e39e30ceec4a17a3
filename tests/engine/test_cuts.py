"""Seams: what is left reads as if the copy had never been there."""

from __future__ import annotations

import textwrap

import pytest

import dedup
from tests import prose


def sentences(count: int, seed: int) -> list[str]:
    """Different sentences, each long enough to be looked at."""
    found: list[str] = []
    for text in prose.paragraphs(40, seed):
        found += [part.rstrip(".") + "." for part in text.split(". ") if len(part) > 90]
    return found[:count]


ONE, THREE, FOUR, FIVE = sentences(4, 21)
TWO = (
    "Meteorologists expect thunderstorms, hailstones and occasional tornadoes throughout Wednesday, "
    "whereas Thursday promises cloudless skies everywhere."
)
BODY = "\n\n".join(prose.paragraphs(4, 22))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("gap", [1, 2, 3])
def test_a_paragraph_takes_the_blank_lines_after_it(newline: str, gap: int) -> None:
    first, other, last = prose.paragraphs(3, 23)
    separator = newline * gap
    text = separator.join([first, other, first, last]) + newline
    assert dedup.clean(text).cleaned == separator.join([first, other, last]) + newline


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "  \n"])
def test_at_the_end_of_the_text_it_takes_those_before_it(end: str) -> None:
    first, other = prose.paragraphs(2, 24)
    text = f"{first}\n\n{other}\n\n{first}{end}"
    assert dedup.clean(text).cleaned == f"{first}\n\n{other}{end}"


def test_a_sentence_in_the_middle_of_a_paragraph_takes_one_blank() -> None:
    text = f"{BODY}\n\n{ONE} {TWO} {THREE}\n\nSomething else is said here.\n\n{FOUR} {TWO} {FIVE}\n"
    expected = f"{BODY}\n\n{ONE} {TWO} {THREE}\n\nSomething else is said here.\n\n{FOUR} {FIVE}\n"
    assert dedup.clean(text).cleaned == expected


def test_the_last_sentence_of_a_paragraph_takes_the_blank_before_it() -> None:
    text = f"{BODY}\n\n{ONE} {TWO} {THREE}\n\nSomething else is said here.\n\n{FOUR} {FIVE} {TWO}\n"
    expected = f"{BODY}\n\n{ONE} {TWO} {THREE}\n\nSomething else is said here.\n\n{FOUR} {FIVE}\n"
    assert dedup.clean(text).cleaned == expected


def test_words_never_run_together_in_wrapped_text() -> None:
    wrapped = textwrap.fill(f"{FOUR} {TWO} {FIVE}", 72)
    text = f"{textwrap.fill(f'{ONE} {TWO} {THREE}', 72)}\n\nSomething else is said here.\n\n{wrapped}\n"
    cleaned = dedup.clean(text).cleaned
    assert (
        cleaned.split() == f"{ONE} {TWO} {THREE} Something else is said here. {FOUR} {FIVE}".split()
    )


def test_a_cut_leaves_no_half_of_a_pair_behind() -> None:
    for opening, closing in ("()", "[]", ("<p>", "</p>")):
        last = f"{opening}{FOUR} {TWO} {FIVE} {ONE}{closing}"
        text = f"{BODY}\n\n{ONE} {TWO} {THREE}\n\nSomething else is said here.\n\n{last}\n"
        cleaned = dedup.clean(text).cleaned
        assert cleaned.count(opening) == cleaned.count(closing) == 1
