"""The table of documents: the largest loss first, bounded, readable without colour and in ASCII."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from dedup.model import NEAR_DUPLICATE, DocumentResult
from dedup.reports import table
from tests.reports.build import Builder


def document(size: int, name: str) -> DocumentResult:
    """A document of ten times ``size`` characters, whose last tenth repeats the first."""
    said = "x" * (size - 1) + "\n"
    builder = Builder(said + "once here\n".ljust(8 * size, "o") + said, name)
    builder.removes(NEAR_DUPLICATE, [(builder.find(said), builder.find(said, 1))])
    return builder.result()


def rendered(
    *results: DocumentResult,
    width: int = 80,
    unicode: bool = True,
    color: bool = False,
    most: int | None = 40,
) -> str:
    made = table.Table(width=width, color=color, unicode=unicode, most=most)
    for result in results:
        made.add(result.tally, table.strip(result, width))
    return made.render("file")


def names(shown: str) -> list[str]:
    return [line.split()[-1] for line in shown.splitlines()[1:] if line.endswith(".txt")]


def test_what_loses_most_comes_first_and_ties_keep_their_order() -> None:
    results = [document(size, f"{at}.txt") for at, size in enumerate((20, 50, 20, 90))]
    assert names(rendered(*results)) == ["3.txt", "1.txt", "0.txt", "2.txt"]


def test_the_strip_shows_where_without_colour_and_in_ascii() -> None:
    (row,) = [
        line
        for line in rendered(document(50, "a.txt"), unicode=False).splitlines()
        if "a.txt" in line
    ]
    removed, share, strip, found, name = row.split()
    assert (removed, share, found, name) == ("50", "10%", "1", "a.txt")
    assert strip == "::" + "." * 20 + "##"
    drawn = rendered(document(50, "a.txt"))
    assert "▄▄" + "▁" * 20 + "██" in drawn
    shown = rendered(document(50, "a.txt"), unicode=False)
    assert shown.isascii() and "\x1b" not in drawn
    assert "\x1b[" in rendered(document(50, "a.txt"), color=True)


def test_rows_beyond_the_cap_are_counted_with_what_they_lose() -> None:
    results = [document(20 + at, f"{at}.txt") for at in range(10)]
    shown = rendered(*results, most=3)
    assert names(shown) == ["9.txt", "8.txt", "7.txt"]
    assert f"and 7 more files, {sum(range(20, 27))} characters: -v lists all" in shown
    every = rendered(*results, most=None)
    assert len(names(every)) == 10 and "more file" not in every


@pytest.mark.parametrize("width", [20, 40, 59, 60, 80, 120, 300])
@pytest.mark.parametrize(
    "name",
    ["a/very/long/path/to/some/folder/of/stories/that/repeat/a-file-of-text.txt", "見出し" * 40],
)
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    for unicode in (True, False):
        shown = rendered(document(90, name), width=width, unicode=unicode)
        assert max(map(cell_len, shown.splitlines())) <= max(width, table.MIN_WIDTH)


def test_of_a_long_name_the_end_is_shown() -> None:
    name = "archive/of/all/the/years/of/the/paper/2019/story.txt"
    shown = rendered(document(90, name))
    assert "…/" in shown and shown.count("2019/story.txt") == 1


def test_a_name_does_nothing_to_the_terminal() -> None:
    shown = rendered(document(30, "a\x1b[2J\u202e[bold]b.txt"))
    assert "\x1b" not in shown and "\u202e" not in shown and "[bold]b.txt" in shown


def test_nothing_found_makes_no_table() -> None:
    assert rendered() == ""


def test_the_order_of_arrival_decides_only_among_equals() -> None:
    results = [document(20 + 3 * (at % 7), f"{at}.txt") for at in range(30)]
    one = names(rendered(*results, most=5))
    sizes = {f"{at}.txt": 20 + 3 * (at % 7) for at in range(30)}
    assert [sizes[name] for name in one] == sorted(sizes.values(), reverse=True)[:5]
    assert one == names(rendered(*results, most=None))[:5]
