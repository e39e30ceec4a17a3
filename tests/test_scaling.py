"""R40, R41: hostile volume. Work is counted, not timed; memory is that of a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import hostile
from dedup.engine import claims, normalize, passages, plan, search, seeds, surplus, windows
from dedup.engine.analyze import UNWEIGHED, analyze
from dedup.engine.scores import rescore
from dedup.model import DocumentResult
from dedup.options import Options
from tests import prose
from tests.test_properties import all_options, texts

ROWS = {
    "equal-lines": 19,
    "equal-paragraphs": 300,
    "alternating-lines": 47,
    "short-lines": 5,
    "empty-lines": 1,
}
"""Texts that are one row, with about the characters of a copy."""
LINEAR = ("blanks", "one-letter", "fibonacci", "full-stops", "one-shingle", "tokens", "spaced-line")


def only(text: str, options: Options | None = None) -> DocumentResult:
    return analyze([text], options).documents[0]


class Work:
    """What was counted: letters looked at, matches, pairs that could be chained, cells aligned, claims."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("letters", "matches", "pairs", "cells", "claims"), 0)

    def of(self, text: str) -> dict[str, int]:
        self.counts = dict.fromkeys(self.counts, 0)
        only(text)
        return dict(self.counts)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    counter = Work()
    honest = (seeds.rows, passages._array_pairs, passages._blocks, claims.find)

    def rows(letters: str, weights: object) -> object:
        counter.counts["letters"] += len(letters)
        found = honest[0](letters, weights)  # type: ignore[arg-type]
        counter.counts["matches"] += len(found)
        return found

    def pairs(matches: object, most: int) -> Iterator[tuple[object, object, object]]:
        for columns in honest[1](matches, most):  # type: ignore[arg-type]
            counter.counts["pairs"] += len(columns[0])
            yield columns

    def blocks(one: str, two: str) -> object:
        counter.counts["cells"] += len(one) * len(two)
        return honest[2](one, two)

    def find(*given: object) -> object:
        found = honest[3](*given)  # type: ignore[arg-type]
        counter.counts["claims"] += len(found)
        return found

    monkeypatch.setattr(seeds, "rows", rows)
    monkeypatch.setattr(passages, "_array_pairs", pairs)
    monkeypatch.setattr(passages, "_blocks", blocks)
    monkeypatch.setattr(claims, "find", find)
    return counter


@pytest.mark.parametrize("name", ROWS)
def test_a_longer_row_of_equal_lines_is_no_more_work(name: str, work: Work) -> None:
    once, *more = (work.of(hostile.TEXTS[name](ROWS[name] * copies)) for copies in (60, 120, 2400))
    assert all(counts == once for counts in more)


@pytest.mark.parametrize("name", LINEAR)
def test_work_grows_with_the_text_and_not_with_its_square(name: str, work: Work) -> None:
    one, two, four = (work.of(hostile.TEXTS[name](size)) for size in (15_000, 30_000, 60_000))
    for kind, count in one.items():
        slack = 400 if kind != "cells" else 400 * passages.MAX_ALIGNED
        assert two[kind] <= 2.5 * count + slack, kind
        assert four[kind] <= 2.5 * two[kind] + slack, kind


def test_a_phrase_in_every_paragraph_links_each_to_a_few(work: Work) -> None:
    counts = work.of(hostile.one_shingle(60_000))
    paragraphs = 60_000 // 120
    assert paragraphs <= counts["matches"] <= 16 * paragraphs


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak is that of the parent too")
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("equal-lines", 6_000_000),
        ("empty-lines", 6_000_000),
        ("one-letter", 6_000_000),
        ("unspaced-line", 6_000_000),
        ("de-bruijn", 1_000_000),
        ("fibonacci", 1_000_000),
        ("one-shingle", 1_000_000),
        ("tokens", 1_000_000),
        ("ordinary", 1_000_000),
    ],
)
def test_peak_memory_stays_within_eight_times_the_text(name: str, size: int) -> None:
    _, peak, decoded, _ = hostile.measure(name, size)
    assert decoded > 0.94 * size and peak <= 8 * decoded + hostile.GRANTED


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak is that of the parent too")
def test_a_line_too_long_to_be_searched_takes_little_memory_and_says_so() -> None:
    _, peak, decoded, note = hostile.measure("unspaced-line", 40_000_000)
    assert decoded > search.MAX_LETTERS and peak <= 8 * decoded + hostile.GRANTED
    assert search.TOO_LONG in note


def test_of_a_text_too_long_only_equal_paragraphs_go_and_the_note_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two, three = prose.paragraphs(3, seed=13)
    nearly = one.replace("the ", "that ", 1)
    text = "\n\n".join([one, two, nearly, three, two]) + "\n"
    assert only(text).note == ""
    monkeypatch.setattr(search, "MAX_LETTERS", 400)
    result = only(text)
    assert result.cleaned == "\n\n".join([one, two, nearly, three]) + "\n"
    assert result.note == search.TOO_LONG


@pytest.mark.parametrize("is_array", [False, True])
def test_records_that_differ_in_a_number_are_not_all_compared(
    is_array: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.engine.seeds.prefers_arrays", lambda size: is_array)
    monkeypatch.setattr(passages, "MIN_REPEATED", 100_000)
    one, two = prose.paragraphs(2, seed=14)
    result = only("\n\n".join([one, hostile.template(20_000), two, one]) + "\n")
    assert [edit.removed.strip() for edit in result.edits] == [one]
    assert result.note == search.CROWDED


@pytest.mark.parametrize("is_array", [False, True])
def test_beyond_a_share_of_the_text_phrases_are_left_out_and_the_note_says_so(
    is_array: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.engine.seeds.prefers_arrays", lambda size: is_array)
    one, two = prose.paragraphs(2, seed=15)
    nearly = one.replace("the ", "that ", 1)
    phrases = hostile.one_shingle(20_000)
    text = "\n\n".join([one, phrases.strip(), two, nearly]) + "\n"
    assert only(text).note == ""
    monkeypatch.setattr(passages, "MIN_REPEATED", 100)
    monkeypatch.setattr(passages, "MAX_CHAINED", 0.2)
    result = only(text)
    assert [edit.removed.strip() for edit in result.edits] == [nearly]
    assert result.note == search.PHRASES


@pytest.mark.parametrize("is_array", [False, True])
def test_the_best_chains_come_first_whatever_the_path(
    is_array: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.engine.seeds.prefers_arrays", lambda size: is_array)
    text = normalize.stream(hostile.ordinary(20_000) + hostile.template(5_000))
    found = search.chains_in(text, Options())
    assert found is not None
    monkeypatch.setattr("dedup.engine.seeds.prefers_arrays", lambda size: not is_array)
    other = search.chains_in(text, Options())
    assert other is not None and list(found) == list(other) == [*other[:7], *list(other)[7:]]


@pytest.mark.parametrize("copies", [31, 32, 33, 64, 5000])
@pytest.mark.parametrize("separator", ["\n", "\n\n", "\r\n"])
def test_a_row_comes_down_to_one_however_long_it_is(copies: int, separator: str) -> None:
    head, block, tail = prose.paragraphs(3, seed=7)
    text = separator.join([head, *[block] * copies, tail]) + separator
    result = only(text)
    assert result.cleaned == separator.join([head, block, tail]) + separator
    assert (result.paragraphs, result.removed_paragraphs) == (copies + 2, copies - 1)
    assert len(result.edits) <= 32
    assert [finding.name for finding in result.findings if finding.action == "kept"] == []
    places = [finding.places[1] for finding in result.findings]
    assert sum(place.paragraphs for place in places) == copies - 1
    assert max(place.end_line for place in places) <= text.count("\n")


@pytest.mark.parametrize("policy", ["first", "last", "longest"])
def test_the_surplus_rests_on_the_copy_that_the_policy_keeps(policy: str) -> None:
    block, tail = prose.paragraphs(2, seed=8)
    text = "\n".join([*[block] * 500, tail]) + "\n"
    result = only(text, Options(keep_copy=policy))
    assert result.cleaned == f"{block}\n{tail}\n"
    (twin,) = {edit.twins[0].span for edit in result.edits}
    assert twin.start == (499 * (len(block) + 1) if policy == "last" else 0)


def test_two_rows_of_the_same_come_down_to_one() -> None:
    block, other = prose.paragraphs(2, seed=9)
    row = f"{block}\n" * 400
    assert only(row + other + "\n" + row).cleaned == f"{block}\n{other}\n"


@pytest.mark.parametrize("line", ["- an item of a list", "This line is here."])
def test_a_row_of_one_line_comes_down_to_one(line: str) -> None:
    for copies in (5, 31, 40, 3000):
        assert only(f"{line}\n" * copies).cleaned == f"{line}\n"


@pytest.mark.parametrize("line", ["Yes.", "", "| a cell | another |"])
def test_a_row_of_what_stays_stays_to_the_last_line(line: str) -> None:
    text = f"{line}\n" * 3000
    result = only(text)
    assert (result.cleaned, result.edits, result.note) == (text, (), "")


@settings(max_examples=25, deadline=None)
@given(texts(), texts(), texts(), st.integers(30, 40), all_options)
def test_the_promises_hold_around_a_row(
    before: str, unit: str, after: str, copies: int, options: Options
) -> None:
    row = (unit.rstrip("\r\n") + "\n") * copies
    text = before + "\n" + row + after
    result = only(text, options)
    assert plan.restore(result.cleaned, result.edits) == text
    kept = plan.kept_spans(len(text), result.edits)
    for edit in result.edits:
        twins = [twin.span for twin in edit.twins]
        assert twins and all(
            any(k.start <= t.start and t.end <= k.end for k in kept) for t in twins
        )
        again = rescore(edit.kind, [twin.cut(text) for twin in twins], edit.removed)
        assert again == pytest.approx(edit.score)
    if not result.note:
        assert only(result.cleaned, options).cleaned == result.cleaned


def test_a_row_that_is_only_seen_in_part_is_found_where_it_stands() -> None:
    text = "head\n" + "one\ntwo\n" * 50 + "tail"
    (found,) = surplus.find(text)
    assert text[found.row_start : found.row_end] == "one\ntwo\n" * 50
    assert text[found.start : found.end] == "one\ntwo\n" * found.copies
    assert surplus.find("head\n" + "one\ntwo\n" * 31 + "tail") == []
    assert surplus.find("".join(f"line {number}\n" for number in range(500))) == []


def test_a_row_whose_neighbours_go_without_it_leaves_the_text_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block, tail = prose.paragraphs(2, seed=10)
    text = f"{block}\n" * 100 + tail
    monkeypatch.setattr("dedup.engine.analyze._following", lambda *_: None)
    result = only(text)
    assert (result.cleaned, result.note) == (text, UNWEIGHED)


def test_where_too_much_repeats_only_equal_paragraphs_go_and_the_note_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two, three = prose.paragraphs(3, seed=11)
    nearly = one.replace("the ", "that ", 1)
    text = "\n\n".join([one, two, nearly, three, two]) + "\n"
    assert {edit.kind for edit in only(text).edits} == {"exact", "near"}
    monkeypatch.setattr(windows, "MAX_AGAIN", 100)
    result = only(text)
    assert result.cleaned == "\n\n".join([one, two, nearly, three]) + "\n"
    assert result.note == search.CROWDED


@pytest.mark.parametrize("is_array", [False, True])
def test_a_few_words_in_ever_new_order_are_not_chained(
    is_array: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.engine.seeds.prefers_arrays", lambda size: is_array)
    one, two = prose.paragraphs(2, seed=12)
    result = only("\n\n".join([one, hostile.tokens(60_000), two, one]) + "\n")
    assert [edit.removed.strip() for edit in result.edits] == [one]
    assert result.note == search.CROWDED
