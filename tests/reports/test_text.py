"""The terminal report: says all, never wider than asked, and nothing in the text acts."""

from __future__ import annotations

import dataclasses
import re

import pytest
from rich.cells import cell_len
from rich.text import Text

import dedup
from dedup.model import CONTAINED, NEAR_DUPLICATE, REPEATED_BLOCK, Document, DocumentResult
from dedup.options import Options
from dedup.reports import text
from tests.reports.build import Builder, cut
from tests.reports.test_machine import NASTY, UNTIDY, findings

WIDTHS = (24, 40, 69, 70, 80, 120)


def shown(
    result: DocumentResult, width: int = 80, color: bool = False, unicode: bool = True
) -> str:
    return text.render(result, width=width, color=color, unicode=unicode)


def block(parts: int = 9, changed: int = -1) -> DocumentResult:
    names = "red blue long old new fast slow big small".split()
    lines = [
        f"The {name} boat leaves the harbour at noon with nine crates." for name in names[:parts]
    ]
    copies = [*lines]
    if changed >= 0:
        copies[changed] = copies[changed].replace("noon", "dusk")
    builder = Builder("\n".join([*lines, "An advertisement.", *copies, ""]))
    starts = [builder.find(line, 0) for line in lines]
    pairs = [
        (start, builder.find(copy, 1 if copy in lines else 0))
        for start, copy in zip(starts, copies, strict=True)
    ]
    score = 1.0 if changed < 0 else 0.98
    return builder.removes(REPEATED_BLOCK, pairs, score=score, kind="near").result()


def cjk() -> DocumentResult:
    line = "青葉町図書館からのお知らせです。空調設備の入れ替え工事のため、休館いたします。"
    builder = Builder(f"{line}\n{line}\n")
    return builder.removes(REPEATED_BLOCK, [(builder.find(line), builder.find(line, 1))]).result()


def test_the_head_says_how_much_where_and_whether_to_trust_it() -> None:
    head = shown(block())[:900]
    for words in ("49% repeated", "9 of 19 paragraphs", "1 repeated block", "lowest score 1.00",
                  "lowest confidence 0.97", "▄" * 20, "█" * 20,
                  "▁ other text   ▄ kept, has a copy   █ copy, removed"):  # fmt: skip
        assert words in head


def test_identical_parts_are_named_and_long_blocks_shortened() -> None:
    page = shown(block())
    assert page.count("= identical") == 3
    assert "… 6 more parts, all identical" in page
    assert "lines 11-19 repeat lines 1-9" in page


def test_the_part_that_differs_is_shown_with_word_marks() -> None:
    page = shown(block(changed=6))
    assert "{+noon+}" in page and "[-dusk-]" in page
    assert "8 of 9 parts are the same" in page


def test_text_between_copies_is_shown_as_staying() -> None:
    builder = Builder(
        "One boat is red.\nTwo is blue.\nOne boat is red.\nAn advert.\nTwo is blue.\n"
    )
    pairs = [
        (builder.find(line), builder.find(line, 1)) for line in ("One boat is red.", "Two is blue.")
    ]
    page = shown(builder.removes(REPEATED_BLOCK, pairs).result(), width=120)
    assert "An advert. (no copy, stays)" in page and "1 part between is no copy" in page


def test_a_teaser_is_marked_in_its_context() -> None:
    builder = Builder("PORT ― The boat sails at noon, said the mayor.\nThe boat sails at noon.\n")
    twin = builder.find("The boat sails at noon")
    builder.removes(CONTAINED, [(twin, builder.find("The boat sails at noon."))])
    page = " ".join(shown(builder.result(), width=60).split())
    assert "PORT ― [=The boat sails at noon=], said the mayor." in page.replace(" = ", " ")


def test_a_look_alike_says_why_it_was_kept() -> None:
    builder = Builder("Clause one costs 12 crowns.\nClause two costs 14 crowns.\n")
    lines = [builder.find(line) for line in builder.document.text.splitlines()]
    page = shown(builder.keeps(lines, "numbers differ").result())
    assert "kept: numbers differ" in page and "{+one+}" in page and "{+two+}" in page
    assert "1 look-alike kept" in page and "none in" in page
    assert "▁ stays\n" in page and "other text" not in page
    assert "[-" not in page and "removed" not in page.partition("1  look-alike")[2]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("unicode", [False, True])
def test_no_line_is_wider_than_asked(width: int, color: bool, unicode: bool) -> None:
    for result in (
        block(changed=2),
        cjk(),
        findings().documents[0],
        cut("", []),
        cut("x", [(0, 1)]),
    ):
        page = shown(result, width, color, unicode)
        for line in Text.from_ansi(page).plain.splitlines():
            assert cell_len(line) <= width, line


def test_columns_stand_below_each_other_when_narrow_and_line_up_when_wide() -> None:
    assert " │ " not in shown(cjk(), 69)
    bars = {
        cell_len(line.partition("│")[0]) for line in shown(cjk(), 80).splitlines() if "│" in line
    }
    assert len(bars) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_r51_r52_nothing_in_text_names_or_notes_acts(width: int) -> None:
    (result,) = findings().documents
    page = shown(result, width)
    assert "\x1b" not in page
    assert all(char == "\n" or char.isprintable() for char in page)
    for line in page.splitlines():
        assert not line.strip().startswith("::") and "##[" not in line


def test_r52_markup_emoji_codes_and_links_are_literal() -> None:
    line = "[bold] [/x] [link=file:///etc/passwd]l :smile: http://h.example"
    builder = Builder(f"{line}\n{line}\n", name="[red]:smile:[/red].txt")
    builder.removes(REPEATED_BLOCK, [(builder.find(line), builder.find(line, 1))])
    for color in (False, True):
        page = Text.from_ansi(shown(builder.result(), 120, color)).plain
        assert "[red]:smile:[/red].txt" in page
        assert "[bold] [/x] [link=file:///etc/passwd]l" in page and ":smile:" in page
    assert "\x1b]" not in shown(builder.result(), 120, color=True)


def test_r51_in_colour_only_colours_are_sent() -> None:
    (result,) = findings().documents
    page = shown(result, color=True)
    assert "\x1b[" in page
    assert re.sub(r"\x1b\[[0-9;]*m", "", page).count("\x1b") == 0


def test_colour_is_never_the_only_sign() -> None:
    page = shown(block(changed=0), color=True)
    marked = re.findall(r"\x1b\[4;[0-9;]*m([^\x1b]*)", page)
    assert "noon" in marked and "dusk" in marked


def test_without_unicode_our_own_signs_are_ascii() -> None:
    assert shown(block(changed=1), unicode=False).isascii()


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown(block())
    for name, value in (
        ("FORCE_COLOR", "1"),
        ("COLUMNS", "33"),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
    ):
        monkeypatch.setenv(name, value)
    assert shown(block()) == before
    assert "\x1b" in shown(block(), color=True)


@pytest.mark.parametrize("line", ["word " * 1_000_000, "x" * 5_000_000])
def test_r58_a_line_of_five_megabytes_is_cut(line: str) -> None:
    builder = Builder(f"{line}\n{line}y\n")
    kept, removed = builder.find(line), builder.find(f"{line}y")
    page = shown(
        builder.removes(NEAR_DUPLICATE, [(kept, removed)], score=0.9, kind="near").result()
    )
    quoted = page.partition("\n1  ")[2].splitlines()
    assert len(quoted) <= text.MAX_LINES + 8


def test_findings_beyond_the_cap_are_counted() -> None:
    result = block()
    many = dataclasses.replace(result, findings=result.findings * 250)
    assert "150 more findings, not shown here" in shown(many)


def cleaned_up(text: str) -> DocumentResult:
    options = Options(fix_text=True, normalize_space=True, strip_links=True, strip_share_cards=True)
    return dedup.analyze([Document("a.txt", text)], options).documents[0]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("color", [False, True])
def test_cleanup_is_shown_and_fits(width: int, color: bool) -> None:
    lines = shown(cleaned_up(UNTIDY), width, color).splitlines()
    assert all(cell_len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= width for line in lines)
    said = " ".join(" ".join(lines).split())
    if width >= 80 and not color:
        assert "1 share card, 1 bare link, 3 repairs" in said
        assert "bare link: line 5" in said and "removed: nothing but an address" in said
        assert "fixed text: lines 1-3" in said and "cleaned: 2 places" in said
        assert "mended" in said and "before" in said


def test_a_text_that_is_only_repaired_has_no_copies() -> None:
    said = " ".join(shown(cleaned_up("The oﬃce  is open.\n")).split())
    assert "removed none in 19 characters" in said and "found 2 repairs" in said
    assert "trust" not in said and "dedup clean writes the cleaned text" in said


def test_real_runs_render(tmp_path: object) -> None:
    body = f"The red boat leaves the harbour at noon with nine crates of fish. {NASTY[:0]}\n" * 2
    for result in dedup.analyze([Document("a.txt", body), Document("b.txt", "")]):
        assert shown(result).startswith(result.document.name)
