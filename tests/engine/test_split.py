"""Paragraphs and sentences of every layout, with exact spans."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.split import LineIndex, split
from tests import prose

LAYOUTS = st.lists(
    st.sampled_from(
        ["A line of text that goes on for a while.", "# Head", "- item", "| a | b |", "```", "    code",
         "", "", "中文。句子。", "ไทย ข้อความ", "\t", "Title\n=====", "end", "lower goes on"]
    ),
    max_size=14,
)  # fmt: skip


def shown(text: str) -> list[str]:
    return [block.span.cut(text) for block in split(text)]


def kinds(text: str) -> list[str]:
    return [block.kind for block in split(text)]


@given(LAYOUTS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_blocks_and_sentences_tile_the_text_but_for_white_space(
    lines: list[str], newline: str, is_open: bool
) -> None:
    text = newline.join(lines) + ("" if is_open else newline)
    position = 0
    for block in split(text):
        assert not text[position : block.span.start].strip()
        inside = block.span.start
        for sentence in block.sentences:
            assert not text[inside : sentence.start].strip()
            assert sentence.end > sentence.start
            inside = sentence.end
        assert inside == block.span.end
        assert text[block.span.end - 1].strip()
        assert block.line == LineIndex(text).number(block.span.start)
        position = block.span.end
    assert not text[position:].strip()


@given(st.text(alphabet="ab. \n\r\u2028\x0b\x85", max_size=40))
def test_only_lf_crlf_and_cr_end_a_line(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert LineIndex(text).number(len(text)) == lines


def test_lines_may_be_those_of_what_the_text_was_read_from() -> None:
    lines = LineIndex("One.\n\nTwo.\n", (0, 0, 4, 6))
    assert [lines.number(offset) for offset in (0, 3, 4, 6, 9)] == [2, 2, 3, 4, 4]


def test_one_paragraph_a_line() -> None:
    lines = prose.paragraphs(5, 1)
    assert shown("\n".join(lines)) == lines


@pytest.mark.parametrize("width", [60, 72, 80])
def test_hard_wrapped_paragraphs_are_joined_with_and_without_blank_lines(width: int) -> None:
    wrapped = [textwrap.fill(text, width) for text in prose.paragraphs(6, 2)]
    assert shown("\n\n".join(wrapped)) == wrapped
    joined = shown("\n".join(wrapped))
    assert (
        sum(text in joined for text in wrapped) >= 2
    )  # a last line may happen to be full, and joins two


def test_a_wrapped_part_in_a_text_of_long_lines() -> None:
    first, second, third = prose.paragraphs(3, 3)
    wrapped = textwrap.fill(second, 72)
    assert shown("\n".join([first, wrapped, third])) == [first, wrapped, third]


def test_verse_stays_line_by_line() -> None:
    verse = "The wind has turned\nThe boats are in\nAnd none of us\nWill sail again"
    assert shown(verse) == verse.split("\n")


def test_markdown_blocks_stay_whole() -> None:
    text = (
        "---\ntitle: A\n---\n# Head\n\nSome text.\n\n```sh\necho one\n\necho two\n```\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- an item\n  that goes on\n- another\n\nName\n====\n"
    )
    assert kinds(text) == ["matter", "heading", "prose", "code", "table", "list", "list", "heading"]
    assert "echo one\n\necho two" in shown(text)[3]
    assert shown(text)[5] == "- an item\n  that goes on"


def test_an_unclosed_fence_does_not_swallow_the_rest() -> None:
    assert kinds("```\nOne.\n\nTwo.\n") == ["code", "prose", "prose"]


def test_code_is_indented_in_a_text_that_is_not() -> None:
    assert kinds("Run this:\n\n    make all\n    make test\n\nThen wait.\n") == [
        "prose",
        "code",
        "prose",
    ]
    novel = "    It was late.\n\n    Nobody came.\n\n    The lamp went out.\n"
    assert set(kinds(novel)) == {"prose"}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One here. Two there! Three?", ["One here.", "Two there!", "Three?"]),
        ("Dr. Gale met Mr. Orr. They sat.", ["Dr. Gale met Mr. Orr.", "They sat."]),
        ("The U.S. envoy left. Nobody saw.", ["The U.S. envoy left.", "Nobody saw."]),
        ("Am 3. Mai kam er. Sie nicht.", ["Am 3. Mai kam er.", "Sie nicht."]),
        ("“Stay.” She left.", ["“Stay.”", "She left."]),
        ("It cost 3.50 in all. No more.", ["It cost 3.50 in all.", "No more."]),
        ("第一句。第二句！第三句", ["第一句。", "第二句！", "第三句"]),
        ("यह एक है। वह दो है।", ["यह एक है।", "वह दो है।"]),
        ("هل هذا؟ نعم هذا.", ["هل هذا؟", "نعم هذا."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    (block,) = split(text)
    assert [sentence.cut(text) for sentence in block.sentences] == sentences


def test_thai_is_cut_at_blanks_between_long_stretches() -> None:
    one, two = "ฝนตกหนักตลอดทั้งคืนจนถนนในหมู่บ้านมีน้ำท่วมสูง", "ชาวบ้านช่วยกันขนของขึ้นที่สูงก่อนรุ่งเช้าจะมาถึง"
    text = f"{one} {two}"
    (block,) = split(text)
    assert [sentence.cut(text) for sentence in block.sentences] == [one, two]


def test_lines_of_markup_are_no_prose_and_join_none() -> None:
    text = (
        "<Note>\nThe ferry waits for nobody, not even for the\n</Note>\n\n:::tip\nAsk at the quay.\n:::\n\n"
        "{% tabs %}\n/// tab | North\n"
    )
    assert kinds(text) == ["code", "prose", "code", "code", "prose", "code", "code", "code"]
    assert kinds("<https://harbour.example>\n\n<quay@harbour.example>\n") == ["prose", "prose"]


def test_what_is_shown_as_it_is_and_comments_stay_whole() -> None:
    text = "<pre>\nOne line.\n\nAnother line.\n</pre>\n\n<!--\nSaid to nobody.\n\n-->\n\nText.\n\n<pre>\nopen\n"
    assert kinds(text) == ["code", "code", "prose", "code", "prose"]


def test_a_line_that_is_said_again_at_once_goes_on_with_nothing() -> None:
    headline = "The keeper of the northern lighthouse counts his ferries"
    lines = [headline, headline, "By a visitor to the harbour of the northern lighthouse"]
    assert shown("\n".join(lines)) == lines
    long = prose.paragraphs(2, 6)
    wrapped = textwrap.fill(long[0], 72)
    last = wrapped.rpartition("\n")[2]
    assert shown(f"{wrapped}\n{last}\n\n{long[1]}") == [wrapped, last, long[1]]
