"""The graph of documents: every document a dot, every repeat a line, nothing outside, the same every time."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from dedup.reports.drawings import graph
from dedup.reports.drawings.graph import Edge, draw
from dedup.reports.html import choice
from dedup.reports.html.entry import Entry

STAR = [Edge(f"{at}.txt", "hub.txt", 100 + at, 0.0) for at in range(12)]
PAIR = [Edge("near/two.txt", "near/one.txt", 0, 0.875)]


def dots(drawn: str) -> dict[str, tuple[float, float]]:
    found = re.findall(
        r'<circle class="\w+" cx="([-\d.]+)" cy="([-\d.]+)" r="6"><title>(.*?)</title>', drawn
    )
    return {name: (float(x), float(y)) for x, y, name in found}


def test_every_document_is_a_dot_and_every_repeat_a_line() -> None:
    drawn = draw([*STAR, *PAIR], "label")
    assert set(dots(drawn)) == {edge.name for edge in (*STAR, *PAIR)} | {"hub.txt", "near/one.txt"}
    assert drawn.count('class="edge"') == 12 and drawn.count('class="edge near"') == 1
    assert "3.txt repeats 103 characters of hub.txt" in drawn
    assert "near/two.txt is nearly near/one.txt: 0.87" in drawn
    assert re.findall(r'middle">(.*?)</text>', drawn) == ["hub.txt", "near/one.txt"]


def test_what_loses_text_is_told_from_what_does_not() -> None:
    drawn = draw([*STAR, *PAIR], "label")
    assert drawn.count('<circle class="removed"') == 12
    assert drawn.count('<circle class="source"') == 3


def test_dots_lie_apart_and_inside_whatever_the_graph() -> None:
    chain = [Edge(str(at + 1), str(at), 1, 0.0) for at in range(graph.MAX_NODES - 1)]
    every = [Edge(str(one), str(two), 1, 0.0) for one in range(20) for two in range(one)]
    pairs = [Edge(f"a{at}", f"b{at}", 1, 0.0) for at in range(30)]
    for edges in (
        chain,
        every,
        pairs,
        STAR,
        PAIR,
        [Edge("a", "b", 1, 0.0), Edge("b", "a", 1, 0.0)],
    ):
        drawn = draw(edges, "label")
        for group in drawn.split("</svg>")[:-1]:
            ((wide, high),) = re.findall(r'viewBox="0 0 (\d+) (\d+)"', group)
            places = list(dots(group).values())
            assert len({*places}) == len(places) > 1
            assert all(0 <= x <= float(wide) and 0 <= y <= float(high) for x, y in places)


def test_the_order_of_the_documents_decides_nothing_about_their_places() -> None:
    assert dots(draw([*STAR, *PAIR], "")) == dots(draw([*PAIR, *reversed(STAR)], ""))


def entry(number: int, **more: object) -> bytes:
    made = Entry(f"{number}.txt", 100, 10, 2, 1, 0, {}, "", None, None, "")
    return json.dumps(asdict(made) | more).encode()


def test_more_documents_than_can_be_drawn_make_no_graph() -> None:
    few = [entry(at, borrowed={"hub.txt": 10}) for at in range(graph.MAX_NODES - 1)]
    assert len(choice.choose(few).edges) == graph.MAX_NODES - 1
    many = [*few, entry(99, borrowed={"hub.txt": 10})]
    assert choice.choose(many).edges == []


def test_a_near_copy_that_loses_passages_is_joined_once() -> None:
    found = [entry(1, borrowed={"hub.txt": 10}, canonical="hub.txt", likeness=0.9)]
    assert choice.choose(found).edges == [Edge("1.txt", "hub.txt", 10, 0.0)]
