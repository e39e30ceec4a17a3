"""Cleanup and removal in turn: one plan, a point where neither finds more, and each copy's twin in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import dedup
from dedup.engine import cleanup, combined, plan
from dedup.engine.analyze import analyze_document, repeats_of
from dedup.engine.scores import rescore
from dedup.model import (
    CLEANUP,
    REPAIRS,
    Document,
    DocumentResult,
    Edit,
    Span,
)
from dedup.options import Options
from tests import prose
from tests.engine.cleaned import KINDS, result_of
from tests.engine.test_cards import BODY, CARD, HEADLINE, LEDE
from tests.test_properties import any_text, texts

ARTICLE = [HEADLINE, LEDE, *BODY]
PIECES = st.sampled_from(
    [
        *ARTICLE, *CARD, LEDE.upper(), "cafÃ© â€” ﬁne", "www.harbour.example", "https://a.example/b",
        "a  b  c ", "\x00", "See:", "    code  here", "```", "- item", "| a  | b |", " ", "\t", "ferry\u00a0 boat",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\n\n", "\n\n\n\n\n", "\r\n", "\r", " \n", "\n \n", ""])
untidy = st.lists(st.tuples(PIECES, ENDS), max_size=16).map(
    lambda pieces: "".join(piece + end for piece, end in pieces)
)
doubled = untidy.map(lambda text: text + text)
wanted = st.sets(st.sampled_from(KINDS), min_size=1).map(sorted)


@settings(max_examples=300)
@example("\x0b敋㖠䇤0000000000000\x0b。敋㖠䇤000", ["fix_text"], "fullest", "text", False)
@example("\x0b敭㗂䈆0000000000000。敭\x0b㗂䈆000", ["fix_text"], "fullest", "text", False)
@given(
    st.one_of(untidy, doubled, any_text, texts()),
    wanted,
    st.sampled_from(["fullest", "first", "last", "longest"]),
    st.sampled_from(["text", "markdown"]),
    st.booleans(),
)
def test_any_text_in_any_combination_keeps_the_promises(
    text: str, kinds: list[str], policy: str, format: str, exact: bool
) -> None:
    """Restored and cleaned twice inside ``result_of``."""
    options = {"keep_copy": policy, "exact": exact, "min_chars": 12}
    result = result_of(text, *kinds, format=format, options=options)
    position = 0
    for edit in result.edits:
        assert position <= edit.span.start < edit.span.end <= len(text)
        position = edit.span.end
        assert (edit.kind == "cleanup") == (edit.finding in CLEANUP)
        assert not edit.inserted or edit.finding == "fixed-text"
        assert result.findings[edit.number].name == edit.finding
    check_twins(result)


def check_twins(result: DocumentResult) -> None:
    """Each removal of a copy rests on text that is there in the end."""
    text = result.document.text
    copies: dict[tuple[Any, ...], list[str]] = {}
    for edit in result.edits:
        if edit.kind != "cleanup":
            of = edit.number, edit.kind, edit.score, edit.twins
            copies.setdefault(of, []).append(edit.removed)
    for (*_, twins), pieces in copies.items():
        said = [standing(text, result.edits, twin.span) for twin in twins]
        assert said and all(piece in result.cleaned for piece in said)
        # What was mended as one piece is a twin as one piece: it may say more than the copy.
        # Several pieces are parts of one copy, or, of many equal lines, each a copy.
        assert is_said("".join(pieces), said) or all(is_said(piece, said) for piece in pieces)


def is_said(removed: str, said: Sequence[str]) -> bool:
    return max(rescore(how, said, removed) for how in ("near", "contained")) >= 0.4


def standing(text: str, edits: Sequence[Edit], span: Span) -> str:
    """The text of a twin after the repairs in it, the slow way; no removal may reach into it."""
    inside = [edit for edit in edits if edit.span.start < span.end and edit.span.end > span.start]
    assert all(edit.finding in REPAIRS for edit in inside)
    start = min([span.start, *(edit.span.start for edit in inside)])
    end = max([span.end, *(edit.span.end for edit in inside)])
    moved = [
        replace(edit, span=Span(edit.span.start - start, edit.span.end - start)) for edit in inside
    ]
    return plan.apply(text[start:end], moved)


frozen_spans = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30)), max_size=4)


@settings(max_examples=200)
@given(
    st.one_of(untidy, doubled, texts().map(lambda text: text + text)),
    st.sets(st.sampled_from(KINDS)).map(sorted),
    frozen_spans,
)
def test_what_has_to_stay_stays(text: str, kinds: list[str], places: list[tuple[int, int]]) -> None:
    frozen = [
        Span(start, min(len(text), start + size))
        for start, size in sorted(places)
        if start < len(text)
    ]
    result = result_of(text, *kinds, frozen=frozen)
    for edit in result.edits:
        for span in frozen:
            assert edit.span.end <= span.start or edit.span.start >= span.end


def test_a_copy_in_another_garbling_goes_and_its_twin_is_mended() -> None:
    block = [f"{line} Façade, naïve, crème." for line in prose.paragraphs(4, seed=3)]
    garbled = [line.encode().decode("cp1252") for line in block]
    text = "\n\n".join([*garbled, *block]) + "\n"
    result = result_of(text, "fix_text")
    assert result.cleaned == "\n\n".join(block) + "\n"
    assert {edit.finding for edit in result.edits} == {"fixed-text", "repeated-block"}
    assert {edit.score for edit in result.edits} == {1.0}


def test_what_is_mended_in_a_copy_is_not_listed_apart_from_it() -> None:
    block = [f"{line} cafÃ©  ﬁne" for line in prose.paragraphs(4, seed=3)]
    text = "\n\n".join([*block, *block]) + "\n"
    result = result_of(text, "fix_text", "normalize_space")
    copies = [edit for edit in result.edits if edit.finding == "repeated-block"]
    assert "".join(edit.removed for edit in copies).strip() == "\n\n".join(block)
    assert result.tally.repairs == 3 * 4
    assert result.tally.findings == {"fixed-text": 1, "normalized-space": 1, "repeated-block": 1}


def test_each_kind_can_follow_from_what_another_did() -> None:
    card = f"{CARD[0]}\n{CARD[1]}\nwww.harbour\x00.example"
    text = "\n".join([*ARTICLE, *BODY, card]) + "\n\n\n\n\n"
    result = result_of(text, "fix_text", "normalize_space", "strip_share_cards", "strip_links")
    assert result.cleaned == "\n".join(ARTICLE) + "\n\n\n"


def test_numbers_of_a_repaired_document() -> None:
    tally = result_of("cafÃ© and  tea \nmore\n", "fix_text", "normalize_space").tally
    assert (tally.changed, tally.repairs, tally.removed_characters) == (True, 3, 0)
    assert (tally.removed_paragraphs, tally.redundancy) == (0, 0.0)


def test_numbers_of_a_document_without_its_links() -> None:
    tally = result_of("One line.\nwww.harbour.example\nAnother.\n", "strip_links").tally
    assert (tally.changed, tally.repairs, tally.removed_characters) == (True, 0, 20)
    assert (tally.paragraphs, tally.removed_paragraphs, tally.removed_units) == (3, 1, 1)


def test_totals_count_a_document_that_is_only_repaired() -> None:
    totals = dedup.analyze(
        ["ﬁne\n", "plain\n", "a  b\n"], fix_text=True, normalize_space=True
    ).totals
    assert (totals.documents, totals.changed, totals.repairs) == (3, 2, 2)


def test_a_twin_that_a_later_look_takes_out_is_replaced_by_what_that_one_rests_on() -> None:
    one, two = prose.paragraphs(2, seed=9)
    document = Document("a.txt", f"{one}\n\n{two}\n\n{one}\n\n{one}\n")
    found = repeats_of(document, Options(), [])
    middle = Span(document.text.index(one, 1), document.text.index(one, 1) + len(one))
    last = max(found.edits, key=lambda edit: edit.span)
    assert last.span.start >= middle.end
    # The first look takes out only the last copy, which rests on the one in the middle.
    edit = replace(last, number=0, twins=(replace(last.twins[0], span=middle),))
    finding = found.findings[last.number]
    work = combined._Work(document, Options(normalize_space=True), [])
    work._take_out(replace(found, edits=(edit,), findings=(finding,)))
    work._take_out(repeats_of(work.view, Options(), []))
    result = work.result().document
    assert result.cleaned == f"{one}\n\n{two}\n"
    assert len(result.edits) == 2
    for edit in result.edits:
        assert [twin.span for twin in edit.twins] == [Span(0, len(one))]
        assert edit.score == 1.0


def test_a_removal_that_rests_on_nothing_in_the_end_is_not_made() -> None:
    one, two = prose.paragraphs(2, seed=9)
    document = Document("a.txt", f"{one}\n\n{two}\n\n{one}\n")
    (edit,) = repeats_of(document, Options(), []).edits
    work = combined._Work(document, Options(strip_links=True), [])
    work._take_out(repeats_of(document, Options(), []))
    twin = edit.twins[0].span
    work._composed.apply([work._cleaned(cleanup.Cleaned(twin.start, twin.end, "", "bare-link"))])
    with pytest.raises(combined._Unproved):
        work.result()


def test_what_does_not_come_to_an_end_together_is_only_cleaned_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join([*ARTICLE, *ARTICLE, "www.harbour.example"]) + "\n"
    honest = combined._Work.find_repeats

    def unproved(self: combined._Work, find: Any) -> bool:
        honest(self, find)
        raise combined._Unproved

    monkeypatch.setattr(combined._Work, "find_repeats", unproved)
    result = analyze_document(Document("a.txt", text), Options(strip_links=True))
    assert result.note == combined.ONLY_CLEANED
    assert result.cleaned == "\n".join([*ARTICLE, *ARTICLE]) + "\n"
    assert [edit.finding for edit in result.edits] == ["bare-link"]


def test_what_cleanup_does_not_come_to_an_end_with_is_left_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(combined._Work, "clean_up", lambda self: False)
    text = "a  b\n\nwww.harbour.example\n"
    result = analyze_document(Document("a.txt", text), Options(strip_links=True))
    assert (result.cleaned, result.edits, result.note) == (text, (), combined.RESTLESS)
    assert result.paragraphs == 2


def test_without_cleanup_nothing_of_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("cleanup was not asked for")

    monkeypatch.setattr(combined, "result", refuse)
    text = "a  b \n\nwww.harbour.example\n\ncafÃ©\n"
    assert dedup.clean(text).cleaned == text
