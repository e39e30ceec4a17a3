"""Word marks: what differs is marked, all of it, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reports.compare import MAX_WORDS, compare, compare_contained, plain

words = st.lists(st.sampled_from(["a", "b", "the", "pier", ",", "東京"]), max_size=12).map(" ".join)


def own(text: str, other: str) -> tuple[str, str]:
    found = compare(text, other)
    return plain(found.kept, "kept"), plain(found.removed, "removed")


@given(words, words)
def test_identical_means_equal_but_for_white_space(one: str, two: str) -> None:
    assert compare(one, two).is_identical == (one.split() == two.split())
    assert compare(one, one.replace(" ", "\r\n  ")).is_identical


@given(words, words)
def test_what_is_not_marked_is_common_to_both(one: str, two: str) -> None:
    found = compare(one, two)
    both = [
        [piece.text for piece in side if not piece.mark] for side in (found.kept, found.removed)
    ]
    assert "".join(both[0]).split() == "".join(both[1]).split()


def test_one_changed_word_is_marked_with_a_few_words_around() -> None:
    text = (
        "so it was that in those days the old pier of the town, built of oak and iron by the guild "
        "of the salters, stood in the way of all the larger ships"
    )
    one, two = own(text, text.replace("oak", "elm"))
    assert one == "so it was that in... the town, built of {+oak+} and iron by the guild..."
    assert two == one.replace("{+oak+}", "[-elm-]")


def test_scripts_without_spaces_are_marked_by_character() -> None:
    assert own("東京は晴れです", "東京は雨です") == ("東京は{+晴れ+}です", "東京は[-雨-]です")


def test_a_teaser_is_marked_inside_the_passage_that_holds_it() -> None:
    found = compare_contained("He said ", "it rained for days", " and left.", "It rained for days.")
    assert plain(found.kept, "kept") == "He said it [=rained for days=] and left."
    whole = compare_contained("He said ", "it rained", " and left.", "it rained.")
    assert whole.is_identical
    assert plain(whole.kept, "kept") == "He said [=it rained=] and left."


def test_more_words_than_the_cap_are_cut_and_it_is_said() -> None:
    one = " ".join(f"a{number}" for number in range(MAX_WORDS * 3))
    two = " ".join(f"b{number}" for number in range(MAX_WORDS * 3))
    found = compare(one, two)
    assert found.is_cut
    assert len(plain(found.kept, "kept").split()) <= MAX_WORDS + 1
    assert not compare("x " + one, "y " + one).is_cut


@pytest.mark.parametrize("before", ["##", "##vso", "##TeamCity"])
def test_r53_a_mark_makes_no_command_of_the_text_before_it(before: str) -> None:
    shown = plain(compare(f"a {before} x", f"a {before}!! y").removed, "removed")
    assert f"{before}[" not in shown
    glued = plain((compare("a", "b").removed[0]._replace(text=before, mark=""),
                   compare("a", "b").removed[0]), "removed")  # fmt: skip
    assert glued == f"{before}\\[-b-]"


def test_a_word_behind_a_quotation_mark_is_the_same_word() -> None:
    found = compare("he stays and “they left early” again", "he stays or they left early again")
    assert "they" not in "".join(piece.text for piece in found.removed if piece.mark == "own")
