"""Seeds: two implementations, one meaning; nothing long enough is overlooked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import diagonals, seeds, windows
from dedup.engine.normalize import stream
from dedup.engine.seeds import (
    MIN_SHIFT,
    WINDOW,
    Match,
    array_matches,
    matches,
    plain_matches,
)
from dedup.engine.speed import PLAIN_LIMIT
from tests import prose

letters = st.one_of(
    st.text(alphabet="ab", max_size=120),
    st.text(alphabet="abcdefgh中文字かな", max_size=120),
).flatmap(lambda text: st.integers(0, len(text)).map(lambda cut: text + text[cut:] + text[:cut]))


@given(letters)
def test_the_plain_and_the_array_path_find_the_same(text: str) -> None:
    found = stream(text)
    plain = plain_matches(found.letters, found.weights)
    for few in (-1, 10, 10_000):  # windows that occur again up to which there are no arrays
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(seeds, "FEW", few)
            assert plain == array_matches(found.letters, found.weights)
            patch.setattr(windows, "_SHORT", 0)
            assert plain == array_matches(found.letters, found.weights)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 40)), max_size=12), st.integers(0, 9))
def test_they_do_where_the_text_is_one_period_over_and_over(
    parts: list[tuple[int, int]], seed: int
) -> None:
    """Here the cap on extending decides what is found."""
    units = [
        stream(text).letters[:size]
        for text, size in zip(prose.paragraphs(3, seed), (17, 31, 64), strict=True)
    ]
    text = "".join(units[unit] * times for unit, times in parts)
    found = plain_matches(text, None)
    assert found == array_matches(text, None)
    for many, steps in ((0, 256), (0, 5)):  # all extended together; and giving some of them up
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diagonals, "_MANY_OPEN", many)
            patch.setattr(diagonals, "_MAX_STEPS", steps)
            assert found == array_matches(text, None)


@given(letters)
def test_every_match_is_true_and_maximal(text: str) -> None:
    found = stream(text)
    for first, second, length in plain_matches(found.letters, found.weights):
        assert first < second
        assert found.letters[first : first + length] == found.letters[second : second + length]
        end = second + length
        assert end == len(found.letters) or found.letters[first + length] != found.letters[end]
        assert first == 0 or found.letters[first - 1] != found.letters[second - 1]


@given(st.integers(0, 10**6), st.integers(0, 40))
def test_a_passage_that_stands_twice_is_found_whole(seed: int, gap: int) -> None:
    passage, other = prose.paragraphs(2, seed)
    text = passage + other[: 40 + gap] + passage
    found = stream(text)
    size = len(stream(passage).letters)
    second = len(found.letters) - size
    covering = [
        match
        for match in plain_matches(found.letters, found.weights)
        if match.second <= second
        and match.second + match.length >= second + size
        and match.first <= 0
    ]
    assert covering


@pytest.mark.parametrize("few", [0, 2])
@given(st.lists(st.integers(0, 300), max_size=2000), st.integers(1, 9))
def test_numbers_that_come_again_are_found_whoever_takes_their_place(
    few: int, numbers: list[int], bits: int
) -> None:
    import numpy as np

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "_FEW", few)
        patch.setattr(windows, "_ROOM", 1)
        patch.setattr(windows, "_SMALL_TABLE", bits)
        found = windows._again(np.array(numbers, np.uint64)).tolist()
    assert found == [at for at, number in enumerate(numbers) if numbers.count(number) > 1]


def test_what_repeats_faster_than_a_passage_is_left_alone() -> None:
    assert plain_matches("ha" * 200, None) == [
        match
        for match in plain_matches("ha" * 200, None)
        if match.second - match.first >= MIN_SHIFT
    ]
    assert plain_matches("abcdefgh" * 1, None) == []
    assert WINDOW == 10


def test_the_path_changes_with_the_size_and_nothing_else_does() -> None:
    paragraph = "".join(stream(text).letters for text in prose.paragraphs(3, 9))
    other = "".join(f"{number * 2654435761 % 2**40:x}" for number in range(PLAIN_LIMIT // 8))
    text = paragraph + other + paragraph
    assert len(text) > PLAIN_LIMIT
    whole = Match(0, len(text) - len(paragraph), len(paragraph))
    found = [Match(*row) for row in matches(text, None)]
    assert whole in found
    assert found == plain_matches(text, None)
