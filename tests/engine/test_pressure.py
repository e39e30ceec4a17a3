"""Pressure counts the live letters that half-match live text, however they are taken away."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.passages import Repeat
from dedup.engine.pressure import Cover, Pressure
from dedup.engine.seeds import Match

SIZE = 240


@st.composite
def half_matches(draw: st.DrawFn) -> Repeat:
    """Three runs of equal letters with text between them that differs."""
    first = draw(st.integers(0, 60))
    second = draw(st.integers(first + 60, 160))
    runs = []
    for _ in range(3):
        length, gap = draw(st.integers(7, 12)), draw(st.integers(4, 8))
        runs.append(Match(first, second, length))
        first, second = first + length + gap, second + length + gap
    return Repeat.of(runs)


def counted(repeats: Sequence[Repeat], live: bytearray) -> float:
    """The same, letter by letter."""
    half: set[int] = set()
    for repeat in repeats:
        if repeat.matched < 20 or not 0.35 <= repeat.density < 0.93:
            continue
        for first, second, length in repeat.runs:
            if live[first + length // 2] and live[second + length // 2]:
                half.update(range(first, first + length), range(second, second + length))
    total = sum(live)
    return sum(live[at] for at in half) / total if total else 0.0


spans = st.tuples(st.integers(0, SIZE - 1), st.integers(1, 120)).map(
    lambda pair: (pair[0], min(SIZE, pair[0] + pair[1]))
)


@given(st.lists(half_matches(), max_size=6), st.lists(st.tuples(spans, st.booleans()), max_size=4))
def test_what_goes_presses_no_more(
    repeats: list[Repeat], steps: list[tuple[tuple[int, int], bool]]
) -> None:
    live = bytearray(b"\1" * SIZE)
    pressure = Pressure(repeats, bytearray(live))
    for (start, end), goes in steps:
        without = bytearray(live)
        without[start:end] = bytes(end - start)
        assert abs(pressure.without(start, end) - counted(repeats, without)) < 1e-9
        if goes:
            pressure.remove(start, end)
            live = without


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30))), st.integers(0, 60))
def test_cover_is_summed_as_place_by_place(pairs: list[tuple[int, int]], start: int) -> None:
    stretches = [(low, low + size) for low, size in pairs]
    cover = Cover(stretches)
    for end in (start, start + 1, start + 7, start + 40):
        places = range(start, end, 4)
        assert cover.at_every(4, start, end) == sum(
            low <= place < high for place in places for low, high in stretches
        )
