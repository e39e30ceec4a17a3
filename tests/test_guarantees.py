"""What docs/guarantees.md calls certain: its table, tried with changes placed as badly as possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from dedup.engine import normalize, passages, search, seeds
from dedup.options import Options

PAGE = Path(__file__).parent.parent / "docs" / "guarantees.md"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
Find = Callable[[str, Sequence[int] | None], list[seeds.Match]]


def row(title: str) -> list[int]:
    """The numbers of a row of the table."""
    found = re.search(rf"^\| {title} \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found
    return [int(cell) for cell in found[1].split("|")]


LETTERS = row("letters of the copy")
MATCHED = list(zip(LETTERS, row("changed places up to which it is matched"), strict=True))
LOOKED_AT = list(zip(LETTERS, row("changed places up to which it is looked at"), strict=True))


def random_letters(count: int, seed: int) -> str:
    return "".join(Random(seed).choices(ALPHABET, k=count))


def evenly_changed(letters: str, places: int) -> str:
    """The letters with ``places`` of them replaced so that no untouched stretch is longer than it must be."""
    changed = list(letters)
    for place in range(places):
        at = (place + 1) * (len(letters) + 1) // (places + 1) - 1
        changed[at] = "0"
    return "".join(changed)


def longest_stretch(one: str, two: str) -> int:
    return max(
        len(part)
        for part in "".join(a if a == b else " " for a, b in zip(one, two, strict=True)).split(" ")
    )


def document(letters: str, places: int) -> str:
    """A passage, text between, and its changed copy."""
    return letters + random_letters(200, 1) + evenly_changed(letters, places)


@pytest.mark.parametrize("find", [seeds.plain_matches, seeds.array_matches])
@pytest.mark.parametrize(("count", "places"), MATCHED)
def test_a_copy_with_so_many_changes_is_matched_and_one_more_may_not_be(
    count: int, places: int, find: Find
) -> None:
    letters = random_letters(count, count)
    assert longest_stretch(letters, evenly_changed(letters, places)) >= seeds.WINDOW
    assert find(document(letters, places), None)
    assert not find(document(letters, places + 1), None)


@pytest.mark.parametrize(("count", "places"), LOOKED_AT)
def test_a_copy_with_so_many_changes_is_looked_at(count: int, places: int) -> None:
    letters = random_letters(count, count)
    assert longest_stretch(letters, evenly_changed(letters, places)) >= search.MIN_MATCHED
    assert longest_stretch(letters, evenly_changed(letters, places + 1)) < search.MIN_MATCHED
    text = document(letters, places)
    assert passages.repeats(text, seeds.matches(text, None), search.MIN_MATCHED)


def is_matched_in_full(text: str, count: int, find: Find) -> bool:
    """Whether one match holds the last ``count`` letters."""
    start = len(text) - count
    return any(
        match.second <= start and match.second + match.length == len(text)
        for match in find(text, None)
    )


def in_company(stretch: str, places: int, seed: int) -> str:
    """The stretch several times, each time with other letters after it."""
    return "".join(f"{stretch}0{random_letters(20, 100 * seed + at)}" for at in range(places))


@pytest.mark.parametrize("find", [seeds.plain_matches, seeds.array_matches])
@pytest.mark.parametrize("count", [11, 30, 300])
@pytest.mark.parametrize(("after", "is_certain"), [(2, True), (3, False)])
def test_a_stretch_is_matched_in_full_if_a_window_of_it_has_stood_five_times_at_most(
    count: int, after: int, is_certain: bool, find: Find
) -> None:
    """All windows but the first are commonplaces; that one also stands twice before the other copy, and after it."""
    letters = random_letters(count, 7)
    common, rare = letters[1:], letters[: seeds.WINDOW]
    text = "".join(
        [
            in_company(common, 9, 1),
            in_company(rare, 2, 2),
            letters + random_letters(40, 3),
            in_company(rare, after, 4),
            in_company(common, 9, 5),
            letters,
        ]
    )
    assert is_matched_in_full(text, count, find) == is_certain


@pytest.mark.parametrize("find", [seeds.plain_matches, seeds.array_matches])
def test_every_copy_of_many_is_matched_to_an_earlier_one(find: Find) -> None:
    letters = random_letters(30, 7)
    for copies in range(2, 12):
        text = in_company(letters, copies, 1)[:-21]
        assert is_matched_in_full(text, 30, find)


def test_a_short_chinese_paragraph_that_stands_twice_is_looked_at() -> None:
    stream = normalize.stream(
        f"退票请到三号窗口办理手续\n{random_letters(200, 1)}\n退票请到三号窗口办理手续"
    )
    assert stream.weight(0, 12) >= Options().min_chars
    found = seeds.plain_matches(stream.letters, stream.weights)
    assert [match.length for match in found] == [12]
    assert passages.repeats(stream.letters, found, search.least_matched(stream, Options()))
