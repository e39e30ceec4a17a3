"""The steps in order: what is returned is the text in which the last look found nothing."""

from __future__ import annotations

import pytest

from dedup.engine import analyze, plan
from dedup.model import Document
from dedup.options import Options
from tests import prose

DOCUMENT = Document("a.txt", prose.doubled(4, seed=41))


def test_the_note_of_a_text_that_settles_is_empty() -> None:
    result = analyze.analyze_document(DOCUMENT, Options())
    assert result.changed and result.note == ""


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
