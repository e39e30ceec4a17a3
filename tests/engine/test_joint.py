"""What a document as a whole shows about its claims: pasted twice throughout, or one line in many places."""

from __future__ import annotations

import pytest

import dedup
from dedup.engine import joint
from dedup.engine.claims import Claim, Part
from dedup.engine.passages import Repeat
from dedup.engine.seeds import Match
from dedup.engine.surroundings import Surroundings
from tests import prose
from tests.engine.test_surroundings import bench_of

BODY = [text for text in prose.paragraphs(30, 77) if len(text) > 200][:8]
SHORT = ["Abala kejì.", "“Not yet?” said Ann.", "“Not yet.”", "1886.", "* * *", "Then he left."]


def pasted(paragraphs: list[str]) -> str:
    """Each paragraph right behind itself."""
    return "".join(f"{paragraph}\n\n" * 2 for paragraph in paragraphs)


def test_where_each_paragraph_was_pasted_twice_short_lines_go_with_the_rest() -> None:
    mixed = [one for pair in zip(BODY, [*SHORT, "", ""], strict=True) for one in pair if one]
    cleaned = dedup.clean(pasted(mixed)).cleaned
    kept = cleaned.split("\n\n")
    assert kept.count("“Not yet?” said Ann.") == kept.count("Abala kejì.") == 1
    assert kept.count("“Not yet.”") == 1
    assert kept.count("1886.") == 2, "four digits say too little whatever stands around them"


def test_a_few_paragraphs_pasted_twice_say_nothing_of_dialogue() -> None:
    text = "\n\n".join([*BODY, BODY[-1], "“Not yet.”", "“Not yet.”"])
    assert dedup.clean(text).cleaned.count("“Not yet.”") == 2


def test_what_goes_below_the_least_length_follows_from_the_option() -> None:
    mixed = [one for pair in zip(BODY, [*SHORT, "", ""], strict=True) for one in pair if one]
    cleaned = dedup.clean(pasted(mixed), min_chars=150).cleaned
    assert cleaned.count("Then he left.") == cleaned.count("Abala kejì.") == 2
    assert all(cleaned.count(paragraph) == 1 for paragraph in BODY)


LINE = "Follow the harbour"


def spread(times: int) -> tuple[Surroundings, list[Part]]:
    """A text with a line in so many places, and the line's parts, each with the first place opposite."""
    text = "\n\n".join(f"{BODY[at]}\n\n{LINE}" for at in range(times))
    surroundings = bench_of(text).surroundings
    line = "".join(filter(str.isalnum, LINE.casefold()))
    units = surroundings.units
    at = [n for n, start in enumerate(units.starts) if units.ends[n] - start == len(line)]
    first = units.starts[at[0]]
    size = len(line)
    return surroundings, [
        Part(units.starts[n], units.ends[n], first, first + size, size, n, -1) for n in at[1:]
    ]


def claim(part: Part, *others: Part) -> Claim:
    repeat = Repeat.of([Match(part.twin, part.start, part.matched)])
    return Claim.of(repeat, 1, (part, *others))


@pytest.mark.parametrize(
    ("times", "proven", "expected"), [(5, 2, True), (5, 1, False), (2, 1, False)]
)
def test_a_line_goes_wherever_it_stands_if_it_goes_at_half_of_its_places(
    times: int, proven: int, expected: bool
) -> None:
    surroundings, parts = spread(times)
    lines = joint.Lines(map(claim, parts[:proven]), surroundings)
    assert lines.are_mostly_copies(parts[-1:]) is expected


def test_the_same_two_places_are_counted_once() -> None:
    surroundings, parts = spread(5)
    lines = joint.Lines([claim(parts[0]), claim(parts[0])], surroundings)
    assert not lines.are_mostly_copies(parts[-1:])


def test_a_line_that_goes_with_a_passage_says_nothing_of_itself() -> None:
    surroundings, parts = spread(3)
    long = Part(0, 200, 300, 500, 200, 0, -1)
    assert not joint.Lines([claim(long, parts[0])], surroundings).are_mostly_copies(parts[1:])
    assert joint.Lines([claim(parts[0])], surroundings).are_mostly_copies(parts[1:])
