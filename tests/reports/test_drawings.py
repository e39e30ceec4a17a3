"""Pictures: what is drawn is where it should be, and as little as can be seen."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import NEAR_DUPLICATE, REPEATED_BLOCK, DocumentResult, Span
from dedup.reports import trees
from dedup.reports.drawings import arcs, clusters, dots, strip, treemap
from dedup.reports.drawings.clusters import Member
from dedup.reports.drawings.pairs import Pair, pairs_of, ribbons
from dedup.reports.drawings.treemap import Box, Leaf, squarified
from dedup.reports.markup import Markup
from dedup.reports.pictures import dot_plot
from tests.conftest import Run
from tests.prose import paragraphs
from tests.reports.build import Builder

TEXT = "".join(f"Line number {number} says something.\n" for number in range(10)) * 2


def copied() -> Builder:
    builder = Builder(TEXT)
    pairs = []
    for number in range(10):
        said = f"Line number {number} says something."
        pairs.append((builder.find(said), builder.find(said, 1)))
    return builder.removes(REPEATED_BLOCK, pairs)


def drawn(picture: Markup) -> Xml.Element:
    """The picture as XML, which it has to be."""
    return Xml.fromstring(picture)


def classes(picture: Markup) -> list[str]:
    return [name for each in drawn(picture).iter() if (name := each.get("class"))]


# The dot plot


def test_a_copied_article_is_one_line_beside_the_diagonal_on_either_side() -> None:
    pairs = list(pairs_of(copied().result()))
    assert len(pairs) == 10
    (path,) = [each for each in drawn(dots.draw(len(TEXT), pairs, "")) if "exact" in each.get("class", "")]  # fmt: skip
    lines = re.findall(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", path.get("d", ""))
    below, above = sorted(tuple(map(float, line)) for line in lines)
    assert below == pytest.approx((0, 200, 200, 400), abs=1)
    assert above == pytest.approx((200, 0, 400, 200), abs=1)


def test_kinds_are_told_apart_and_twins_in_other_documents_are_not_drawn() -> None:
    builder = Builder("one two three\none two four\nfive six\n")
    pair = (builder.find("one two three"), builder.find("one two four"))
    builder.removes(NEAR_DUPLICATE, [pair], kind="near", score=0.9)
    builder.keeps([builder.find("one two three"), builder.find("five six")], "differs")
    result = builder.result()
    assert [each.kind for each in pairs_of(result)] == ["near", "alike"]
    elsewhere = Builder("one two three\none two four\nfive six\n", "b.txt").result().document
    assert not list(pairs_of(DocumentResult(elsewhere, (), result.edits, "", 1, 1)))


def test_a_dot_plot_draws_what_falls_on_the_same_place_once() -> None:
    many = [Pair(Span(at, at + 1), Span(at + 50_000, at + 50_001), "exact", at) for at in range(50_000)]  # fmt: skip
    picture = dots.draw(100_000, many, "")
    assert len(picture) < 120_000


def test_ribbons_join_neighbours_of_one_finding_only() -> None:
    one = Pair(Span(0, 10), Span(50, 60), "exact", 0)
    two = Pair(Span(11, 20), Span(61, 70), "exact", 0)
    assert ribbons([one, two], 1) == [Pair(Span(0, 20), Span(50, 70), "exact", 0)]
    assert ribbons([one, two._replace(number=1)], 1) == [one, two._replace(number=1)]
    assert ribbons([one, two], 0) == [one, two]
    near = two._replace(kind="near")
    assert ribbons([one, near], 1) == [one, near]
    assert ribbons([one, near], 1, any_kind=True)[0].kind == "near"
    back = two._replace(kept=Span(0, 9))
    assert ribbons([one, back], 9) == [one, back]


def test_dots_in_the_terminal_are_those_of_the_pairs() -> None:
    rows = dot_plot(100, [(Span(0, 50), Span(50, 100))], 10, 10)
    roles = ["".join("#" if cell.role == "removed" else "." for cell in row) for row in rows]
    assert roles[0] == ".....#...." and roles[9] == "....#....."
    assert {cell.character for cell in rows[0][6:]} == {"\u2800"}
    assert ord(rows[0][0].character) & 0x11  # the diagonal's


@given(st.integers(0, 60), st.integers(1, 12), st.integers(1, 12), st.data())
def test_a_dot_plot_has_a_mark_for_each_pair_however_short(
    length: int, columns: int, rows: int, data: st.DataObject
) -> None:
    spans = st.tuples(st.integers(0, length), st.integers(0, length)).map(lambda at: Span(*sorted(at)))  # fmt: skip
    pairs = data.draw(st.lists(st.tuples(spans, spans), max_size=4))
    plot = dot_plot(length, pairs, columns, rows)
    assert [len(row) for row in plot] == [columns] * rows
    marks = sum(cell.role == "removed" for row in plot for cell in row)
    assert bool(marks) == bool(pairs and length)


# Arcs and strips


def test_an_arc_spans_all_of_what_stays_and_all_of_the_copy() -> None:
    pairs = list(pairs_of(copied().result()))
    picture = arcs.draw(len(TEXT), pairs, "." * strip.CELLS, lambda pair: str(pair.number), "x")
    (arc,) = [each for each in drawn(picture) if (each.get("class") or "").startswith("arc ")]
    numbers = [float(each) for each in re.findall(r"[\d.]+", arc.get("d", ""))]
    assert numbers[0] == 0 and numbers[7] == pytest.approx(arcs.WIDTH, abs=2)
    assert [title.text for title in arc] == ["0"]


def test_of_many_arcs_the_widest_are_drawn() -> None:
    pairs = [Pair(Span(at * 20, at * 20 + 1), Span(9000 + at, 9001 + at), "near", at) for at in range(300)]  # fmt: skip
    picture = arcs.draw(10_000, pairs, "." * strip.CELLS, lambda pair: "", "x")
    assert sum(name.startswith("arc ") for name in classes(picture)) == arcs.MAX_ARCS


def test_a_strip_shows_what_goes_where_it_stands() -> None:
    shown = strip.cells(240, [Span(120, 240)], [Span(0, 60)])
    assert shown == ":" * 60 + "." * 60 + "#" * 120
    picture = strip.draw(shown, "half of it")
    assert classes(picture) == ["strip", "once", "source", "removed"]
    assert drawn(picture).get("aria-label") == "half of it"


# The treemap


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40))
def test_squarified_rectangles_have_their_share_and_fill_the_box(sizes: list[int]) -> None:
    sizes.sort(reverse=True)
    box = Box(3, 5, 90, 40)
    boxes = list(squarified([float(size) for size in sizes], box))
    unit = box.area / sum(sizes)
    for size, one in zip(sizes, boxes, strict=True):
        assert one.area == pytest.approx(size * unit, rel=1e-6)
        assert one.x >= 3 - 1e-6 and one.y >= 5 - 1e-6
        assert one.x + one.width <= 93 + 1e-6 and one.y + one.height <= 45 + 1e-6


def test_squarified_rectangles_are_no_slivers() -> None:
    boxes = list(squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4)))
    worst = max(max(b.width / b.height, b.height / b.width) for b in boxes)
    assert worst < 3


@pytest.mark.parametrize("sheet", [treemap.WIDE, treemap.NARROW])
def test_many_documents_are_drawn_together_and_none_is_lost(sheet: treemap.Sheet) -> None:
    leaves = [Leaf(f"{'abc'[n % 3]}/{n}.txt", 10 + n % 900, n % 10) for n in range(10_000)]
    picture = treemap.draw(leaves, "map", sheet)
    titles = [each.text or "" for each in drawn(picture).iter("title")]
    assert len(titles) < 1.25 * sheet.rectangles
    assert len(picture) < 500 * sheet.rectangles
    told = sum(int(m[1].replace(",", "")) for t in titles if (m := re.search(r"\(([\d,]+) smaller\)", t)))  # fmt: skip
    plain = sum("smaller" not in title for title in titles)
    assert told + plain == 10_000


def test_a_treemap_is_as_dark_as_a_document_repeats() -> None:
    picture = treemap.draw([Leaf("a", 100, 0), Leaf("b", 100, 100), Leaf("c", 0, 0)], "map")
    shades = [name for name in classes(picture) if name.startswith("shade")]
    assert shades == ["shade0", "shade5"]


# Groups of documents

MEMBERS = [
    Member("b.txt", "a.txt", 0.91),
    Member("c.txt", "a.txt", 0.97),
    Member("x\x1b.txt", "<b>.txt", 1.0),
]


def test_groups_are_ordered_by_size_and_nearness_whatever_order_they_come_in() -> None:
    groups = clusters.grouped(MEMBERS)
    assert [[one.name for one in group] for group in groups] == [
        ["a.txt", "c.txt", "b.txt"],
        ["<b>.txt", "x\x1b.txt"],
    ]
    assert clusters.grouped(reversed(MEMBERS)) == groups


def test_the_matrix_has_a_block_for_each_group() -> None:
    picture = clusters.matrix(MEMBERS, "groups")
    found = drawn(picture)
    blocks = [each for each in found if each.get("class") == "block"]
    sides = [(float(b.get("x", "0")), float(b.get("width", "0"))) for b in blocks]
    assert sides == [(0, 360), (360, 240)]
    titles = {each.text for each in found.iter("title")}
    assert "c.txt and a.txt: 0.97" in titles
    many = [Member(f"{n}", "first", 0.9) for n in range(1000)]
    assert len(clusters.matrix(many, "")) < 200_000


def test_the_shades_that_are_explained_are_those_of_the_matrix() -> None:
    for members in (MEMBERS, MEMBERS[:1], [Member("b", "a", 0.3), Member("d", "c", 0.59)]):
        picture = clusters.matrix(members, "groups")
        listed = dict(clusters.shades(members))
        seen = {name for name in classes(picture) if name.startswith("step")}
        # The pale ground of a group is seen where two copies meet that were not compared.
        pale = any(len(group) > 2 for group in clusters.grouped(members))
        assert {*listed} == seen | {*["block"] * pale}
    assert dict(clusters.shades(MEMBERS))["step5"] == "0.90-1.00"


def test_trees_name_what_stays_first_and_escape_all_names() -> None:
    listed = clusters.trees(MEMBERS)
    assert listed.index("a.txt") < listed.index("c.txt") < listed.index("b.txt")
    assert "&lt;b&gt;.txt" in listed and "<b>" not in listed and "\x1b" not in listed
    shown = trees.render(MEMBERS, width=60, color=False, unicode=False)
    head, *lines = shown.splitlines()
    assert head == "Copied as a whole, with scores:"
    assert lines == [
        "a.txt", "+-- 0.97 c.txt", "`-- 0.91 b.txt", "<b>.txt", "`-- 1.00 x\\x1b.txt",
    ]  # fmt: skip
    assert "├── 0.97 c.txt" in trees.render(MEMBERS, width=60, color=False, unicode=True)
    narrow = trees.render([Member("n" * 90, "k", 1.0)], width=20, color=False, unicode=True)
    assert max(map(len, narrow.splitlines())) <= 20
    long = Member("archive/" * 9 + "new.txt", "archive/" * 9 + "old.txt", 1.0)
    for unicode, cut in ((True, "…"), (False, "...")):
        _, first, second = trees.render([long], width=20, color=False, unicode=unicode).splitlines()
        assert first.startswith(cut) and first.endswith("/old.txt") and len(first) == 20
        assert f" {cut}" in second and second.endswith("new.txt") and len(second) == 20


def test_long_lists_of_groups_are_cut_and_counted() -> None:
    many = [Member(f"copy{n}", f"first{n:03}", 0.9) for n in range(120)]
    assert "and 20 more groups" in clusters.trees(many)
    assert "20 more groups" in trees.render(many, width=80, color=True, unicode=True)


def test_a_report_on_several_files_ends_with_which_are_copies(
    tmp_path: Path, run_dedup: Run
) -> None:
    text = "\n\n".join(paragraphs(6, seed=1)) + "\n"
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(text)
    (tmp_path / "c.txt").write_text("\n\n".join(paragraphs(6, seed=2)) + "\n")
    run = run_dedup("report", ".", "--scope", "corpus", "-j", "2", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "with scores:\na.txt\n└── 1.00 b.txt\n" in run.stdout.decode()
    assert "1.00" not in run_dedup("report", ".", cwd=tmp_path).stdout.decode()


def test_what_is_small_in_a_folder_is_one_box_even_if_some_of_it_came_summed_up() -> None:
    leaves = [Leaf("a/big.txt", 900_000, 0)]
    leaves += [Leaf(f"a/{number}.txt", 20, 10) for number in range(50)]
    leaves.append(Leaf("a/(70 smaller)", 1400, 700, 70))
    drawn = treemap.draw(leaves, "map")
    assert drawn.count(" smaller): ") == 1
    assert "(120 smaller): 50% of 2,400 characters removed" in drawn
