"""The stream of letters: what vanishes, what stays, and where each letter stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import normalize
from dedup.engine.normalize import key, stream


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("“Naïve” – she said.", '"naive" -- she said'),
        ("re-\nestablish the reading room", "reestablish the reading room"),
        ("ﬁne ﬂour", "fine flour"),
        ("ＡＢＣ１２３", "abc123"),
        ("caf&eacute; &amp; bar", "café bar"),
        ("<p>The <b>old</b> pier</p>", "The old pier"),
        ("see [the map](https://example.org/map?x=1) here", "see the map here"),
        ("Straße", "STRASSE"),
        ("zero\u200bwidth so\u00adft", "zerowidth soft"),
        ("كتابٌ", "كتاب"),
    ],
)
def test_what_a_reader_does_not_see_as_a_difference_vanishes(one: str, two: str) -> None:
    assert key(one) == key(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [("a < b", "a > c"), ("<name> here", "here"), ("हिन्दी", "हन्दा"), ("ก่อน", "กิน"), ("3.5", "3.6")],
)
def test_what_makes_a_difference_stays(one: str, two: str) -> None:
    assert key(one) != key(two)


markup = st.lists(
    st.sampled_from(
        ["](", "(", ")", "[", "<b>", "<a href=", '"', "<p", ">", "&amp;", "&", "x", " ", "a<i>b"]
    ),
    max_size=24,
).map("".join)


@given(markup)
def test_markup_found_kind_by_kind_is_what_is_found_at_once(text: str) -> None:
    at_once = normalize._markup().sub(normalize._blank, text)
    assert normalize._without_markup(text) == at_once


@given(st.text(alphabet="aé£Ã©â€™ï»¿Âб\x81", max_size=12), st.sampled_from([1, 4, 1 << 18]))
def test_nothing_garbled_escapes_the_look_at_code_points(text: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalize, "_BLOCK", block)
        may_be = normalize._may_be_garbled(text)
    assert may_be or not normalize._hint_of_garbling().search(text)


@given(st.text(max_size=60))
def test_the_letters_of_the_stream_are_the_key_and_each_knows_its_place(text: str) -> None:
    found = stream(text)
    assert found.letters == key(text)
    assert len(found.positions) == len(found.letters)
    places = list(found.positions)
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


odd = st.text(alphabet="aB1 .ﬁßéİ한ﷺ漢か\u0301\u200d\ud800", max_size=40)


@given(st.one_of(st.text(max_size=60), odd))
def test_the_plain_and_the_array_path_give_the_same(text: str) -> None:
    one, two = normalize._plain_stream(text, text, text), normalize._array_stream(text, text, text)
    assert (one.letters, one.weights, one.positions) == (two.letters, two.weights, two.positions)


def test_an_expansion_repeats_its_place_and_an_entity_is_one_place() -> None:
    found = stream("ﬁ &ouml;")
    assert found.letters == "fio"
    assert list(found.positions) == [0, 0, 2]
    assert found.span(2, 3).cut("ﬁ &ouml;") == "&ouml;"


def test_a_span_takes_the_marks_that_belong_to_its_last_letter() -> None:
    text = "cafe\u0301 bar"
    found = stream(text)
    assert found.span(0, 4).cut(text) == "cafe\u0301"


def test_han_weighs_three_and_kana_two() -> None:
    found = stream("漢字かな ab")
    assert found.weight(0, len(found.letters)) == 3 + 3 + 2 + 2 + 1 + 1
    assert stream("plain").weight(0, 5) == 5
