"""The heat strip shows where the copies sit, and misses none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Span
from dedup.reports.pictures import heat_strip

ORDER = ("once", "source", "removed")


def roles(length: int, removed: list[Span], sources: list[Span], width: int) -> list[str]:
    return [cell.role for cell in heat_strip(length, removed, sources, width)]


def test_each_cell_shows_what_stands_at_its_middle() -> None:
    found = roles(100, [Span(50, 100)], [Span(0, 40)], 10)
    assert found == ["source"] * 4 + ["once"] + ["removed"] * 5


def test_a_tiny_removal_in_a_long_text_is_not_lost() -> None:
    assert roles(1_000_000, [Span(500_001, 500_002)], [], 9).count("removed") == 1


def test_roles_differ_without_colour_and_in_ascii() -> None:
    for ascii_only in (False, True):
        cells = heat_strip(30, [Span(20, 30)], [Span(0, 10)], 3, ascii_only=ascii_only)
        assert [cell.role for cell in cells] == ["source", "once", "removed"]
        assert len({cell.character for cell in cells}) == 3
        assert all(cell.character.isascii() == ascii_only for cell in cells)


def test_empty_text_and_no_width() -> None:
    assert roles(0, [], [], 4) == ["once"] * 4
    assert roles(10, [Span(0, 10)], [], 0) == []


spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda at: Span(at[0], at[0] + at[1]))


@given(st.lists(spans, max_size=4), st.lists(spans, max_size=4), st.integers(1, 40))
def test_against_a_slow_reference(removed: list[Span], sources: list[Span], width: int) -> None:
    length, found = 90, roles(90, removed, sources, width)
    expected = [0] * width
    for rank, group in ((1, sources), (2, removed)):
        for span in group:
            middles = [
                cell
                for cell in range(width)
                if span.start * 2 * width <= (2 * cell + 1) * length < span.end * 2 * width
            ]
            for cell in middles or [min(width - 1, span.start * width // length)]:
                expected[cell] = rank
    assert found == [ORDER[rank] for rank in expected]
