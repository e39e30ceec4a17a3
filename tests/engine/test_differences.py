"""What differs between two passages, and what it says."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import normalize
from dedup.engine.differences import (
    Wording,
    _apart,
    are_of_others,
    is_number,
    is_translation,
    lead_elsewhere,
    tokens,
    words_of,
)

ITEM = "[Questions and answers](https://bakery.example/questions)"


@pytest.mark.parametrize(
    ("twin", "elsewhere"),
    [
        ("[Questions and answers](https://hives.example/questions)", True),
        ("[Questions and answers](https://bakery.example/questions/)", False),
        ("Questions and answers", False),
        (f"{ITEM} and [more](https://hives.example/)", False),
    ],
)
def test_links_with_the_same_words_lead_elsewhere_if_no_target_is_shared(
    twin: str, elsewhere: bool
) -> None:
    assert lead_elsewhere(ITEM, twin) is elsewhere


def test_a_sentence_with_a_link_in_it_is_told_by_its_words() -> None:
    sentence = "The opening hours for the whole of next winter are given in full [here]({})."
    one, two = (sentence.format(f"https://{name}.example/") for name in ("a", "b"))
    assert not lead_elsewhere(one, two)


@pytest.mark.parametrize(
    ("copy", "others"),
    [
        ("the council of Velm met on Monday", True),
        ("the council of Tarn met on Sunday", True),
        ("the council of Tarn met on Monday", False),  # nothing differs
        ("the council of Tarn met on Monday in Velm", False),  # a name is added
        ("the council of Velm sat on Monday", False),  # edited as well
        ("the council of Tarm met on Mondav", False),  # misread
        ("the council of 12 met on Monday", False),
    ],
)
def test_others_are_told_by_a_name_in_the_place_of_a_name(copy: str, others: bool) -> None:
    twin = "the council of Tarn met on Monday"
    assert are_of_others(words_of(copy), words_of(twin)) is others


def test_tokens_of_scripts_without_blanks_are_pairs_of_letters() -> None:
    assert tokens("It is the Harbour, 1912.") == ["the", "harbour"]
    assert tokens("港の夜") == ["港の", "の夜"]


DANISH = (
    "bogen ligger ikke på bordet og hunden sover ikke ved døren for den gamle mand er ikke hjemme "
)
NORWEGIAN = (
    "boka ligger ikkje på bordet og hunden søv ikkje ved døra for den gamle mannen er ikkje heime "
)


def test_words_replaced_the_same_way_again_and_again_are_another_language() -> None:
    assert is_translation([DANISH * 3], [NORWEGIAN * 3], is_respelt=True)
    assert not is_translation([DANISH * 3], [DANISH * 3], is_respelt=True)


def test_a_few_words_never_are() -> None:
    assert not is_translation([DANISH], [NORWEGIAN], is_respelt=True)


marked = st.text(alphabet="abZé'’ .-\"ß_1²ẞµ中か“\n", max_size=40)


@given(marked)
def test_tokens_are_what_the_pattern_of_a_word_finds(text: str) -> None:
    words = re.findall(r"[^\W\d_]{2,}", text.casefold())
    if not any(char in "中か" for char in text):
        assert tokens(text) == [word for word in words if len(word) > 2]


@given(marked)
def test_a_word_keeps_its_case_unless_it_opens_a_sentence_or_is_all_capitals(text: str) -> None:
    expected = []
    for match in re.finditer(r"[^\W_]+(?:[’'][^\W_]+)?", text):
        word = match[0].replace("’", "'")
        before = text[: match.start()]
        lead = before.rstrip(" \t\r\n\"'“‘”’«»(*_")
        opens = not before or lead[-1:] in tuple(".!?:-–—>")
        keeps = not opens and not word.isupper()
        expected.append(word if keeps else word.casefold())
    assert words_of(text) == expected


words = st.lists(st.sampled_from("mill Mill mist Velm 12 13 win32 not river rivers".split()))


@given(words, words)
def test_words_apart_are_those_beyond_what_both_have_in_the_order_they_first_stand(
    one: list[str], two: list[str]
) -> None:
    def beyond(mine: list[str], others: list[str]) -> list[str]:
        return list((Counter(mine) - Counter(others)).elements())

    assert _apart(one, two) == (beyond(one, two), beyond(two, one))


@given(st.lists(st.sampled_from("mill Not 12 ² Velm ohne it's x2 «NE»".split())))
def test_no_number_or_negation_is_overlooked(words: list[str]) -> None:
    text = " ".join(words)
    stream = normalize.stream(text)
    if stream.letters:
        wording = Wording(stream)
        expected = sorted(filter(is_number, words_of(wording.text(0, len(stream.letters)))))
        assert wording.numbers(0, len(stream.letters)) == expected
