"""What the place and the typography of a passage, and the rarity of its words, say about it."""

from __future__ import annotations

import pytest

import dedup
from dedup.engine import choose, claims, judge
from dedup.engine.differences import targets
from dedup.engine.passages import Repeat
from dedup.engine.roles import is_excerpt
from dedup.engine.seeds import Match
from tests import prose
from tests.engine.test_surroundings import bench_of

BODY = [text for text in prose.paragraphs(30, 77) if len(text) > 200][:9]


def evidence_of(text: str, line: str) -> judge.Evidence:
    """What the judge knows of the claim that the last place of ``line`` could go."""
    bench = bench_of(text)
    stream = bench.stream
    start = stream.letters.rindex("".join(filter(str.isalnum, line.casefold())))
    return next(
        bench.surroundings.evidence(case.claim)
        for case in bench.cases
        if case.claim.parts[0].start == start and len(case.claim.parts) == 1
    )


def page(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"


def test_a_sentence_about_the_topic_is_rarer_than_its_words() -> None:
    line = "Small ferries from northern islands stay inside harbours."
    talk = (
        "Nobody inside his harbours spoke of islands. Northern winds stay away from ferries, he said, and "
        "small as those ferries were, from all his northern harbours he held that they would stay."
    )
    known = evidence_of(page(*BODY[:3], line, talk, *BODY[3:6], line, *BODY[6:]), line)
    assert known.foreign < 0.5 < known.phrases


def test_the_first_and_the_last_paragraph_are_the_ends_of_a_document() -> None:
    line = "Seventeen barrels of herring were never found again."
    assert evidence_of(page(line, *BODY, line), line).ends == 2
    assert evidence_of(page(line, *BODY[:5], line, *BODY[5:]), line).ends == 1
    assert evidence_of(page(*BODY[:3], line, *BODY[3:6], line, *BODY[6:]), line).ends == 0


@pytest.mark.parametrize(
    ("copy", "before", "expected"),
    [
        ("“It never came back.”", "n. ", True),
        ("> It never came back.", "n. ", True),
        ("It never came…", "n. ", True),
        ("It never came [...]", "n. ", True),
        ("“It never came back.”", " “", False),
        ("It never came back.", "n. ", False),
    ],
)
def test_an_excerpt_says_that_it_is_one(copy: str, before: str, expected: bool) -> None:
    assert is_excerpt(copy, before) is expected


def test_a_pull_quote_is_an_excerpt_and_a_heading_is_none() -> None:
    sentence = "Eleven lamps were lit that evening on the quay"
    long = f"{BODY[0]} {sentence}. {BODY[1]}"
    quoted = page(long, *BODY[2:6], f"“{sentence}.”", *BODY[6:])
    plain = page(long, *BODY[2:6], sentence, *BODY[6:])
    assert evidence_of(quoted, sentence).excerpt == 1
    assert evidence_of(plain, sentence).excerpt == 0


def test_lines_of_the_site_speak_for_each_other() -> None:
    one, two = "Subscribe to our free newsletter", "Share this on your favourite network"
    alone = page(*BODY[:3], one, *BODY[3:6], one, *BODY[6:])
    both = page(*BODY[:2], two, BODY[2], one, *BODY[3:6], one, BODY[6], two, *BODY[7:])
    assert evidence_of(alone, one).furniture == 0
    assert evidence_of(both, one).furniture > 0.5


def test_the_same_link_says_more_than_its_label() -> None:
    label = "The long way round the bay"
    link = f"[{label}](https://example.org/walks/the-long-way-round-the-northern-bay)"
    other = f"[{label}](https://example.org/walks/another-way-altogether-to-the-bay)"
    linked = evidence_of(page(*BODY[:3], link, *BODY[3:6], link, *BODY[6:]), label)
    plain = evidence_of(page(*BODY[:3], label, *BODY[3:6], label, *BODY[6:]), label)
    assert linked.amount > plain.amount + 1
    text = page(*BODY[:3], link, *BODY[3:6], other, *BODY[6:])
    assert dedup.clean(text).cleaned == text


def test_targets_are_found_in_markdown_and_html() -> None:
    found = targets("[a](https://x.org/A/) and <a class=\"k\" href='https://x.org/a'>b</a>")
    assert found == {"https://x.org/a": 2}


def test_a_heading_that_opens_its_paragraph_is_not_pasted_twice() -> None:
    anchored = "## Open questions of the keeper\n[open-questions-of-the-keeper]: #questions"
    twice = "## Open questions of the keeper\n\n## Open questions of the keeper"
    once = evidence_of(page(*BODY[:4], anchored, *BODY[4:]), "Open questions of the keeper")
    assert once.adjacent == 0
    assert (
        evidence_of(page(*BODY[:4], twice, *BODY[4:]), "Open questions of the keeper").adjacent > 0
    )


def part(start: int, twin: int, size: int = 20) -> claims.Part:
    return claims.Part(start, start + size, twin, twin + size, size, start, -1)


def test_of_many_equal_lines_one_stays_whatever_order_they_come_in() -> None:
    state = choose._State(400, bytearray(400))
    assert state.without([part(100, 200)])  # 200 stays for 100 ...
    assert state.without([part(300, 100)]) == (
        part(300, 200),
    )  # ... and for 300, since 100 is gone
    assert state.without([part(200, 0)]) == (part(200, 0),)  # 200 goes too: 0 stays for all three
    assert state.settled(part(100, 200)) == part(100, 0)
    assert state.without([part(0, 200)]) == ()


def test_what_stays_for_a_longer_unit_cannot_go() -> None:
    state = choose._State(900, bytearray(900))
    assert state.without([part(100, 300, 90)])
    assert state.without([part(300, 600, 90)]) == ()
    assert state.without([part(600, 100, 90)]) == ()


def test_a_new_sentence_stays_when_the_paragraph_around_it_goes() -> None:
    first = " ".join(prose.paragraphs(4, 78))
    new = "Only the cat had seen it all."
    middle = first.index(". ", len(first) // 2) + 2
    second = f"{first[:middle]}{new} {first[middle:]}"
    cleaned = dedup.clean(page(first, *BODY[:4], second, *BODY[4:])).cleaned
    assert new in cleaned
    assert len(cleaned) < len(page(first, *BODY)) + 60


def test_what_of_one_side_has_to_stay_goes_on_the_other() -> None:
    """Two repeats that overlap and go in opposite directions: what hangs on text that is gone goes opposite."""
    first, second = (Repeat.of([Match(*run)]) for run in ((0, 1000, 300), (200, 1200, 300)))
    claimed = [
        (claims.Claim.of(first, 1, [part(1000, 0, 100), part(1200, 200, 100)]), 0.9),
        (claims.Claim.of(second, 0, [part(200, 1200, 100), part(400, 1400, 90)]), 0.8),
        (claims.Claim.of(second, 1, [part(1200, 200, 100), part(1400, 400, 90)]), 0.8),
        (claims.Claim.of(first, 0, [part(0, 1000, 100), part(200, 1200, 100)]), 0.9),
    ]
    chosen = choose.choose(
        claimed,
        2000,
        lambda one, two: one.side == int(one.repeat == first),
        lambda claim, parts: len(parts) > 1,
        bytearray(2000),
        may_swap=True,
    )
    gone = sorted(part.start for removal in chosen for part in removal.parts)
    assert gone == [400, 1000, 1200]
