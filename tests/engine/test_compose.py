"""Rounds of changes, one after the other, come to one list of edits of the input."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.compose import Change, Composed
from dedup.model import Span

Rounds = tuple[str, list[list[Change]], str]


def changed(text: str, changes: list[Change]) -> str:
    """The slow, obvious way."""
    for change in reversed(changes):
        text = text[: change.start] + change.inserted + text[change.end :]
    return text


@st.composite
def rounds(draw: st.DrawFn) -> Rounds:
    """A text, rounds of changes each with an owner of its own, and what is left in the end."""
    text = current = draw(st.text("abc \n", max_size=30))
    every: list[list[Change]] = []
    owner = 0
    for _ in range(draw(st.integers(1, 4))):
        changes: list[Change] = []
        position = 0
        while position < len(current) and draw(st.booleans()):
            start = draw(st.integers(position, len(current) - 1))
            position = draw(st.integers(start + 1, len(current)))
            inserted = draw(st.sampled_from(["", "", "x", "yz", "long one"]))
            changes.append(Change(start, position, inserted, owner))
            owner += 1
        current = changed(current, changes)
        every.append(changes)
    return text, every, current


def composed(made: Rounds, lasting: set[int]) -> Composed:
    text, every, _ = made
    whole = Composed(text, lasting)
    for changes in every:
        whole.apply(changes)
    return whole


lasting = st.sets(st.integers(0, 9))


@settings(max_examples=500)
@given(rounds(), lasting)
def test_one_list_of_edits_does_what_the_rounds_did(made: Rounds, lasting: set[int]) -> None:
    text, _, current = made
    whole = composed(made, lasting)
    assert whole.text == current
    edits = whole.edits()
    assert changed(text, edits) == current
    position = 0
    for edit in edits:
        assert position <= edit.start < edit.end <= len(text)
        position = edit.end


@settings(max_examples=500)
@given(rounds(), lasting)
def test_each_character_of_the_input_is_accounted_for(made: Rounds, lasting: set[int]) -> None:
    text, _, current = made
    whole = composed(made, lasting)
    assert whole.standing(Span(0, len(text))) == current
    for at in range(len(current)):
        homes = whole.back(Span(at, at + 1))
        assert len(homes) == 1 and 0 <= homes[0].start < homes[0].end <= len(text)
        assert current[at] in whole.standing(homes[0])


@given(rounds(), lasting)
def test_what_nobody_changed_is_found_where_it_now_stands(made: Rounds, lasting: set[int]) -> None:
    text, _, current = made
    whole = composed(made, lasting)
    changes = whole.edits()
    for start in range(len(text)):
        span = Span(start, start + 1)
        if not any(each.start <= start < each.end for each in changes):
            (moved,) = whole.forward([span])
            assert moved.cut(current) == span.cut(text)
            assert whole.back(moved) == [span]


def test_a_larger_removal_takes_over_what_was_mended_in_it() -> None:
    whole = Composed("one caf\u00c3\u00a9 two")
    whole.apply([Change(7, 9, "\u00e9", 0)])
    whole.apply([Change(4, 9, "", 1)])
    assert whole.edits() == [Change(4, 10, "", 1)]


def test_a_removal_that_lasts_keeps_its_name_in_a_larger_one() -> None:
    whole = Composed("a link b c", {0})
    whole.apply([Change(2, 7, "", 0)])
    whole.apply([Change(0, 4, "", 1)])
    assert whole.text == "c"
    assert whole.edits() == [Change(0, 2, "", 1), Change(2, 7, "", 0), Change(7, 9, "", 1)]
    assert [change.owner for change in whole.gone(Span(0, 10))] == [0]


def test_text_that_came_for_one_character_and_goes_in_part_keeps_that_character() -> None:
    whole = Composed("o\ufb03ce")
    whole.apply([Change(1, 2, "ffi", 0)])
    whole.apply([Change(0, 2, "", 1)])
    assert whole.text == "fice"
    assert whole.edits() == [Change(0, 1, "", 1), Change(1, 2, "fi", 0)]
