"""Which units the sides of repeats cover: for all repeats at once as for each on its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import claims, normalize, sides, split, units
from dedup.engine.passages import Repeat
from dedup.engine.search import aligned_in, chains_in, repeats_in
from dedup.engine.seeds import Match
from dedup.engine.units import Units
from dedup.options import Options
from tests import prose


def found_in(text: str) -> tuple[normalize.Stream, Units, list[Repeat]]:
    stream = normalize.stream(text)
    columns = units.units(stream, split.split(text))
    found = aligned_in(stream, chains_in(stream, Options()), Options())
    return stream, columns, repeats_in(stream, columns, found)


Told = list[tuple[Repeat, int, tuple[claims.Part, ...]]]


def told(found: Sequence[claims.Claim]) -> Told:
    return [(claim.repeat, claim.side, claim.parts) for claim in found]


def both(repeats: Sequence[Repeat], columns: Units) -> tuple[Told, Told]:
    plain = list(claims._plain_claims(repeats, columns))
    return told(plain), told(list(claims._array_claims(repeats, columns)))


BODY = prose.paragraphs(4, seed=3)
TEXTS = (
    "\n\n".join([*BODY, *BODY]),
    "\n\n".join([*BODY, " ".join(BODY)]),  # glued: sentences of one paragraph
    "\n\n".join([*BODY, "\n\n".join(BODY).replace("the", "teh", 9)]),
    "\n\n".join([*BODY, *(one.replace(". ", ". And nobody asked them why. ", 1) for one in BODY)]),
    "\n\n".join(["Share this page", *BODY, "Share this page", "---", *BODY[:2], "Share this page"]),
)


@pytest.mark.parametrize("text", TEXTS)
def test_all_repeats_at_once_cover_what_each_covers_on_its_own(text: str) -> None:
    _, columns, repeats = found_in(text)
    plain, arrays = both(repeats, columns)
    assert plain
    assert arrays == plain


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[Repeat], Units]:
    """Units of any sizes, and repeats with runs anywhere between them."""
    starts, ends, sentences, at = [], [], [], 0
    for sizes in draw(st.lists(st.lists(st.integers(1, 40), max_size=4), min_size=2, max_size=9)):
        spans = []
        for size in sizes:
            spans.append((at, at + size))
            at += size
        starts.append(spans[0][0] if spans else at)
        ends.append(at)
        sentences.append(spans if len(spans) > 1 else [(starts[-1], at)])
    repeats = []
    for _ in range(draw(st.integers(1, 4))):
        first, second = draw(st.integers(0, at // 2)), draw(st.integers(at // 2, at))
        runs = []
        for _ in range(draw(st.integers(1, 4))):
            length = draw(st.integers(1, 30))
            if first + length <= at // 2 and second + length <= at:
                runs.append(Match(first, second, length))
            first += length + draw(st.integers(0, 12))
            second += length + draw(st.integers(0, 12))
        if runs:
            repeats.append(Repeat.of(runs))
    return repeats, Units((), starts, ends, sentences)


@given(layouts())
def test_wherever_units_and_runs_lie_both_ways_agree(layout: tuple[list[Repeat], Units]) -> None:
    repeats, columns = layout
    if repeats:
        plain, arrays = both(repeats, columns)
        assert arrays == plain


def test_many_repeats_are_looked_at_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _, columns, repeats = found_in(TEXTS[-1])
    plain, _ = both(repeats, columns)
    monkeypatch.setattr(claims, "_AT_ONCE", 2)
    asked = []
    honest = sides.covered

    def covered(some: Sequence[Repeat], *given: object) -> sides.Covered:
        asked.append(len(some))
        return honest(some, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(sides, "covered", covered)
    assert told(list(claims._array_claims(repeats, columns))) == plain
    assert len(asked) > 1
    assert max(asked) <= 2


def test_a_light_claim_is_one_only_as_a_whole_paragraph_letter_by_letter() -> None:
    stream, columns, repeats = found_in(TEXTS[-1])
    weights = [
        (sum(stream.weight(part.start, part.end) for part in claim.parts), claim.parts)
        for claim in claims.find(repeats, columns, stream.weight, 30)
    ]
    light = [parts for weight, parts in weights if weight < 30]
    assert light
    assert all(part.is_exact and part.sentence < 0 for parts in light for part in parts)
    heavier = claims.find(repeats, columns, stream.weight, 60)
    assert len(heavier) < len(weights)
