"""The steps in order: what is returned is the text in which the last look found nothing."""

from __future__ import annotations

import pytest

from dedup.engine import analyze, plan
from dedup.model import Document, Span
from dedup.options import Options
from tests import prose

DOCUMENT = Document("a.txt", prose.doubled(4, seed=41))


def test_the_note_of_a_text_that_settles_is_empty() -> None:
    result = analyze.analyze_document(DOCUMENT, Options())
    assert result.changed and result.note == ""


ONE, TWO, THREE = prose.paragraphs(3, seed=17)
TEXT = "\n\n".join([ONE, TWO, THREE, ONE, TWO, THREE]) + "\n"


def cleaned(text: str, frozen: list[Span]) -> str:
    """What is left; nothing of what has to stay is touched."""
    result = analyze.analyze_document(Document("a.txt", text), Options(), frozen)
    for edit in result.edits:
        assert all(edit.span.end <= s.start or edit.span.start >= s.end for s in frozen)
    return result.cleaned


def test_of_two_copies_the_other_goes_where_one_has_to_stay() -> None:
    at = TEXT.rindex(ONE)
    left = "\n\n".join([ONE, TWO, THREE]) + "\n"
    assert analyze.analyze_document(Document("a.txt", TEXT), Options()).edits[0].span.end > at
    result = analyze.analyze_document(Document("a.txt", TEXT), Options(), [Span(at, len(TEXT))])
    assert result.cleaned == left and {edit.span.end <= at for edit in result.edits} == {True}


def test_copies_that_all_have_to_stay_stay_for_good() -> None:
    firsts = [Span(TEXT.index(each), TEXT.index(each) + len(each)) for each in (ONE, TWO)]
    seconds = [Span(TEXT.rindex(each), TEXT.rindex(each) + len(each)) for each in (ONE, TWO)]
    left = "\n\n".join([ONE, TWO, THREE, ONE, TWO]) + "\n"
    assert cleaned(TEXT, [*firsts, *seconds]) == left
    assert cleaned(TEXT, [Span(0, len(TEXT))]) == TEXT
    assert cleaned(TEXT, [Span(0, 1), Span(0, len(TEXT)), Span(5, 9)]) == TEXT


def test_blanks_that_have_to_stay_keep_the_paragraph_they_would_go_with() -> None:
    firsts = TEXT.index(TWO) - 1, TEXT.index(THREE) - 1
    seconds = TEXT.rindex(ONE) - 1, TEXT.rindex(TWO) - 1, TEXT.rindex(THREE) - 1
    frozen = [Span(at, at + 1) for at in (*firsts, *seconds)]
    assert cleaned(TEXT, frozen) == TEXT


@pytest.mark.parametrize("at", [0, 500, 999])
def test_a_row_of_equal_lines_of_which_some_has_to_stay_stays_whole(at: int) -> None:
    line = "the same line of words again\n"
    text = f"{ONE}\n\n{line * 1000}\n{TWO}\n\n{ONE}\n"
    start = text.index(line) + at * len(line)
    left = cleaned(text, [Span(start, start + 5)])
    assert left == f"{ONE}\n\n{line * 1000}\n{TWO}\n"
    assert cleaned(line * 1000, []) == line
    assert cleaned(line * 1000, [Span(at * len(line), at * len(line) + 5)]) == line * 1000


def test_a_plan_that_leaves_another_text_than_the_last_look_saw_is_unsafe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = analyze._to_fixed_point

    def other(*arguments: object) -> analyze._Course:
        course = honest(*arguments)  # type: ignore[arg-type]
        return course._replace(remaining=course.remaining + "x")

    monkeypatch.setattr(analyze, "_to_fixed_point", other)
    with pytest.raises(plan.UnsafePlan, match="nothing more was found"):
        analyze.analyze_document(DOCUMENT, Options())


def test_a_text_that_never_settles_is_left_whole_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = analyze._to_fixed_point

    def restless(*arguments: object) -> analyze._Course:
        return honest(*arguments)._replace(is_settled=False)  # type: ignore[arg-type]

    monkeypatch.setattr(analyze, "_to_fixed_point", restless)
    result = analyze.analyze_document(DOCUMENT, Options())
    assert (result.cleaned, result.edits, result.note) == (DOCUMENT.text, (), analyze.UNSETTLED)
