"""Copies go, look-alikes stay, and the reason is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import dedup
from dedup.engine.judge import SCORES, Evidence
from tests import prose

NEUTRAL = Evidence(*([0.0] * len(Evidence._fields)))


@pytest.mark.parametrize("level", SCORES)
def test_every_term_moves_the_score_only_the_way_it_says(level: str) -> None:
    score = SCORES[level]
    assert tuple(score.terms) == Evidence._fields
    for_copies = set("amount noise adjacent foreign phrases ends excerpt furniture support".split())
    for name, weight in score.terms.items():
        assert weight >= 0 if name in for_copies else weight <= 0, name
        more = score.confidence(NEUTRAL._replace(**{name: 1.0}))
        less = score.confidence(NEUTRAL)
        assert more >= less if name in for_copies else more <= less


def test_the_reason_is_what_weighs_most_against() -> None:
    score = SCORES["balanced"]
    assert score.reason(NEUTRAL._replace(pressure=0.9)) == "much of this document looks alike"
    assert score.reason(NEUTRAL) == "it is too short to tell"


def clause(party: str, days: int, sum_: int) -> str:
    return (
        f"The {party} shall notify the other side in writing within {days} days of any delay, and shall pay "
        f"{sum_} crowns for every week after that, unless the delay is due to ice on the river."
    )


def record(number: int) -> str:
    return f"Record {number:03}: the sample was taken at the lower sluice, weighed, dried and stored on shelf B."


LOOKALIKES: dict[str, list[str]] = {
    "numbered records": [record(number) for number in range(100, 110)],
    "clauses": [clause("buyer", 14, 300), "Section break.", clause("buyer", 30, 450)],
    "negation": [
        "The committee has decided that the lower bridge will be closed to carts during the winter months.",
        "The committee has decided that the lower bridge will not be closed to carts during the winter months.",
    ],
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_lookalikes_stay(name: str) -> None:
    text = "\n\n".join(LOOKALIKES[name]) + "\n"
    result = dedup.clean(text)
    assert result.cleaned == text
    assert any(finding.action == "kept" and finding.note for finding in result.findings)


def in_capitals(text: str) -> str:
    return text.upper()


def misread(text: str) -> str:
    return text.replace("rn", "m").replace("tt", "ll").replace("ve", "vc").replace("li", "h")


def with_entities(text: str) -> str:
    return "<p>" + text.replace("and", "&#97;nd") + "</p>"


@pytest.mark.parametrize("changed", [in_capitals, misread, with_entities])
def test_a_changed_second_copy_goes(changed: Callable[[str], str]) -> None:
    head, *body, tail = prose.paragraphs(7, 11)
    again = [changed(text) for text in body]
    assert again != body
    text = "\n\n".join([head, *body, *again, tail]) + "\n"
    assert dedup.clean(text).cleaned == "\n\n".join([head, *body, tail]) + "\n"


def test_a_single_changed_number_in_a_repeated_body_keeps_its_paragraph() -> None:
    head, *body, tail = prose.paragraphs(7, 12)
    body[2] = (
        "The ferry carried 412 passengers in the first week of March, said the harbour office."
    )
    again = [*body[:2], body[2].replace("412", "514"), *body[3:]]
    text = "\n\n".join([head, *body, *again, tail]) + "\n"
    assert dedup.clean(text).cleaned == "\n\n".join([head, *body, again[2], tail]) + "\n"


def test_a_translation_into_a_close_language_stays() -> None:
    danish = (
        "Byrådet har besluttet at lukke den gamle bro for al trafik fra den første maj. Beboerne på den anden side "
        "af åen skal derfor bruge vejen over møllen, indtil arbejdet er færdigt. Kommunen siger, at arbejdet kan "
        "vare hele sommeren, hvis vandet bliver ved med at stige. Skolebussen kører en halv time før, og børnene "
        "skal vente ved kirken. Posten bliver bragt ud med båd, og lægen kommer kun om mandagen."
    )
    norwegian = (
        "Byrådet har besluttet å stenge den gamle broen for all trafikk fra den første mai. Beboerne på den andre "
        "siden av elven må derfor bruke veien over møllen, inntil arbeidet er ferdig. Kommunen sier at arbeidet kan "
        "vare hele sommeren, hvis vannet fortsetter å stige. Skolebussen kjører en halv time før, og barna "
        "må vente ved kirken. Posten blir brakt ut med båt, og legen kommer bare om mandagen."
    )
    text = f"{danish}\n\n{norwegian}\n"
    assert dedup.clean(text).cleaned == text


def test_a_headline_misread_beyond_recognition_goes_with_its_block_and_another_one_stays() -> None:
    head, *body, tail = [text for text in prose.paragraphs(20, 13) if len(text) > 300][:7]
    again = [misread(text) for text in body]
    for headline, other, goes in (
        ("SINGULAR CHARGE.", "SiNGlLAi CHAR6F.", True),
        ("A Quiet Week.", "LATEST PRICES", False),
    ):
        text = "\n\n".join([head, headline, *body, other, *again, tail]) + "\n"
        kept = [head, headline, *body, *([] if goes else [other]), tail]
        assert dedup.clean(text).cleaned == "\n\n".join(kept) + "\n", headline


def test_a_line_of_the_site_goes_and_a_line_of_the_song_stays() -> None:
    body = [text for text in prose.paragraphs(20, 31) if len(text) > 200][:6]
    plug = "Subscribe to our free newsletter"
    page = "\n\n".join(part for text in body for part in (text, plug)) + "\n"
    assert dedup.clean(page).cleaned.count(plug) == 1
    verses = [
        f"The {noun} came down to the water at dawn" for noun in prose.WORDS[prose.NOUNS][:12]
    ]
    song = (
        "\n".join(line for verse in verses for line in (verse, "Row, my brothers, row away")) + "\n"
    )
    assert dedup.clean(song).cleaned == song


def test_careful_removes_less_than_balanced_and_thorough_more() -> None:
    body = [text for text in prose.paragraphs(40, 32) if len(text) > 200][:12]
    sentences = (
        "Nobody expected the keeper.",
        "Nobody expected the keeper to answer.",
        "Nobody expected the keeper to say it.",
        "Nobody expected the lighthouse to answer.",
        "Nobody expected the lighthouse to answer at all.",
    )
    left = dict.fromkeys(SCORES, 0)
    for sentence in sentences:
        parts = [*body[:4], f"{body[4]} {sentence}", *body[5:9], sentence, *body[9:]]
        text = "\n\n".join(parts) + "\n"
        for level in SCORES:
            left[level] += len(dedup.clean(text, level=level).cleaned)
    assert left["careful"] > left["balanced"] > left["thorough"]


def test_utf8_read_as_windows_1252_is_a_copy() -> None:
    text = (
        "Über die Brücke führt seit gestern wieder ein schmaler Weg. Die Fähre fährt trotzdem täglich "
        "weiter, hieß es, weil größere Wagen noch nicht hinüberdürfen. Für Fußgänger öffnet sie früher."
    )
    garbled = text.encode().decode("cp1252", errors="replace")
    assert garbled != text
    result = dedup.clean(f"{text}\n\nEtwas anderes steht hier.\n\n{garbled}\n")
    assert result.cleaned == f"{text}\n\nEtwas anderes steht hier.\n"
