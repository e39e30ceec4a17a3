"""``--strip-share-cards``: a card that repeats the head goes; sources, signatures and other articles stay."""

from __future__ import annotations

import pytest

from dedup.engine.scores import rescore
from dedup.model import SHARE_CARD, Span
from tests.engine.cleaned import cleaned, result_of

CARDS = "strip_share_cards"

HEADLINE = "Islanders cross the sound once more"
LEDE = (
    "VELM — The ferry to the outer islands will sail again from Monday, the harbour office said on Friday, after "
    "the winter storms had kept it in the inner basin for 31 days."
)
BODY = (
    "Passengers slept in the old customs house, and the baker brought them rolls every morning.",
    "The captain has spent the month with painting the railings and teaching the cook to play the accordion.",
    "Nobody has counted the goats on board, but there are more than when the ship was moored.",
)
TEASER = (
    "The ferry to the outer islands will sail again from Monday, the harbour office said on Friday."
)
CARD = ("Island ferry sails again after storms", TEASER, "www.harbour.example")


def text_of(*lines: str, separator: str = "\n") -> str:
    return separator.join(lines) + "\n"


def check(text: str, left: str) -> None:
    """The card goes, and nothing else."""
    result = result_of(text, CARDS)
    assert result.cleaned == left
    (edit,) = [edit for edit in result.edits if edit.finding == SHARE_CARD]
    assert (edit.kind, edit.inserted) == ("cleanup", "")
    assert edit.twins and all(twin.span.cut(text) in LEDE for twin in edit.twins)
    finding = result.findings[edit.number]
    assert [place.role for place in finding.places] == ["kept", "removed"]
    assert (finding.name, finding.action, finding.score) == (SHARE_CARD, "removed", edit.score)


@pytest.mark.parametrize("separator", ["\n", "\n\n", "\r\n", "\n \n"])
def test_a_card_at_the_end_goes(separator: str) -> None:
    article = (HEADLINE, LEDE, *BODY)
    check(text_of(*article, *CARD, separator=separator), text_of(*article, separator=separator))


def test_without_a_line_end_the_text_ends_as_before() -> None:
    check(text_of(LEDE, *BODY, *CARD).rstrip(), text_of(LEDE, *BODY).rstrip())


def test_a_card_in_the_middle_goes() -> None:
    check(text_of(LEDE, *BODY[:2], *CARD, BODY[2]), text_of(LEDE, *BODY))


def test_a_card_without_a_title_goes() -> None:
    check(text_of(LEDE, *BODY, *CARD[1:]), text_of(LEDE, *BODY))


def test_a_title_that_is_the_headline_goes_with_the_card() -> None:
    article = (HEADLINE, LEDE, *BODY)
    check(text_of(*article, HEADLINE, *CARD[1:]), text_of(*article))


def test_a_card_above_the_article_goes_but_for_a_title_that_is_said_nowhere_else() -> None:
    check(text_of(*CARD, LEDE, *BODY), text_of(CARD[0], LEDE, *BODY))
    check(text_of(HEADLINE, *CARD[1:], HEADLINE, LEDE, *BODY), text_of(HEADLINE, LEDE, *BODY))


@pytest.mark.parametrize(
    "teaser",
    [
        TEASER,
        TEASER[:-1] + "…",
        TEASER[: 2 * len(TEASER) // 3].rpartition(" ")[0] + " ...",
        TEASER[: 2 * len(TEASER) // 3] + " [...]",
        TEASER.upper(),
        TEASER.replace("outer", "far"),
        LEDE,
    ],
    ids=["as it is", "dots", "cut", "cut in a word", "upper case", "a word changed", "all of it"],
)
def test_teasers(teaser: str) -> None:
    check(text_of(LEDE, *BODY, CARD[0], teaser, CARD[2]), text_of(LEDE, *BODY))


def test_a_teaser_without_an_end_mark_right_above_the_domain() -> None:
    teaser = TEASER.removesuffix(" on Friday.")
    check(text_of(LEDE, *BODY, CARD[0], teaser, CARD[2]), text_of(LEDE, *BODY))


def test_two_cards_go() -> None:
    other = ("Painting railings", BODY[1], "https://news.example/ferry")
    text = text_of(LEDE, *BODY, *CARD, *other[1:])
    assert cleaned(text, CARDS) == text_of(LEDE, *BODY)


def test_in_a_script_without_blanks() -> None:
    lede = "港務局は金曜日、冬の嵐で一か月のあいだ内港に留まっていた離島行きの渡し船が、月曜日から出航すると発表した。"
    body = "乗客たちは古い税関の建物で眠り、毎朝パン屋が焼きたてのパンを運んできた。"
    card = ("離島行きの渡し船、月曜日に再出航", lede, "www.harbour.example")
    assert cleaned(text_of(lede, body, *card), CARDS) == text_of(lede, body)


STAYING = {
    "another article's": (
        "Bakery opens a second shop",
        "The bakery at the northern quay will open a second shop in the old customs house in May.",
        "www.bakery.example",
    ),
    "another number": (
        CARD[0],
        TEASER.replace("on Friday", "after the storms had kept it in the inner basin for 32 days"),
        CARD[2],
    ),
    "sources": (
        "Sources",
        "Harbour office, weekly report on the ferries and the weather in the basin, Friday.",
        "www.harbour.example",
        "The Islander, an essay about waiting and goats, printed in the spring of last year.",
        "https://islander.example/goats",
    ),
    "a signature": (
        "Mona Velm",
        "Reporter for the islands, harbour desk, third floor, ring the bell twice please",
        "www.harbour.example",
    ),
    "an address that the sentence leads up to": (
        TEASER[:-1] + ", as it says here:",
        "www.harbour.example",
    ),
    "a teaser without an address": (CARD[0], "The harbour office said on Friday."),
    "too short to tell": (CARD[0], "The ferry will sail.", CARD[2]),
}


@pytest.mark.parametrize("what", STAYING)
def test_what_stays(what: str) -> None:
    text = text_of(LEDE, *BODY, *STAYING[what])
    result = result_of(text, CARDS)
    assert not [edit for edit in result.edits if edit.finding == SHARE_CARD]


def test_the_head_itself_stays_with_the_domain_below_it() -> None:
    text = text_of(HEADLINE, LEDE, CARD[2], *BODY)
    assert cleaned(text, CARDS) == text


@pytest.mark.parametrize("above", ["By Mona Velm and Ole Tarn", "The goats were not asked."])
def test_a_line_above_that_is_no_title_stays(above: str) -> None:
    check(text_of(LEDE, *BODY, above, *CARD[1:]), text_of(LEDE, *BODY, above))


def test_a_card_in_code_stays() -> None:
    text = text_of(LEDE, *BODY, "```", *CARD, "```")
    assert SHARE_CARD not in {edit.finding for edit in result_of(text, CARDS).edits}


def test_a_frozen_card_stays() -> None:
    text = text_of(LEDE, *BODY, *CARD)
    at = text.index(CARD[0])
    result = result_of(text, CARDS, frozen=[Span(at, at + 4)])
    assert SHARE_CARD not in {edit.finding for edit in result.edits}


def test_the_score_is_the_teasers() -> None:
    teaser = TEASER.replace("outer", "far")
    text = text_of(LEDE, *BODY, CARD[0], teaser, CARD[2])
    (edit,) = result_of(text, CARDS).edits
    assert 0.85 <= edit.score < 1
    twins = [twin.span.cut(text) for twin in edit.twins]
    assert edit.score == pytest.approx(rescore("near", twins, teaser), abs=0.02)


def test_an_address_that_is_indented_below_a_text_is_its_source() -> None:
    text = text_of(LEDE, *BODY, TEASER, "  https://harbour.example/ferry")
    assert SHARE_CARD not in {edit.finding for edit in result_of(text, CARDS).edits}


def test_markup_is_no_title() -> None:
    above = "<!-- Monday storms, harbour ferry islands -->"
    check(text_of(LEDE, *BODY, above, *CARD[1:]), text_of(LEDE, *BODY, above))
