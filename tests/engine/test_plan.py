"""The safety check refuses every plan that would break a promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dedup
from dedup.engine import plan
from dedup.engine.scores import rescore
from dedup.model import Edit, Passage, Span
from tests import prose

TEXT = prose.doubled(4, seed=5)
RESULT = dedup.clean(TEXT)
EDITS = list(RESULT.edits)


def refused(edits: list[Edit], cleaned: str | None = None) -> str:
    with pytest.raises(plan.UnsafePlan) as caught:
        plan.check(TEXT, edits, plan.apply(TEXT, edits) if cleaned is None else cleaned, rescore)
    return str(caught.value)


def changed(**values: object) -> list[Edit]:
    return [replace(EDITS[0], **values), *EDITS[1:]]  # type: ignore[arg-type]


def test_the_plan_itself_is_accepted() -> None:
    assert len(EDITS) == 4
    plan.check(TEXT, EDITS, RESULT.cleaned, rescore)


def test_overlapping_or_outlying_spans() -> None:
    assert "overlap" in refused([EDITS[0], EDITS[0]])
    beyond = Span(len(TEXT) - 1, len(TEXT) + 4)
    assert "leave the text" in refused([replace(EDITS[0], span=beyond)])


def test_text_that_does_not_stand_there() -> None:
    assert "not what stands" in refused(changed(removed=EDITS[0].removed[::-1]))


def test_a_cleaned_text_that_is_not_the_rest() -> None:
    assert "do not give the input" in refused(EDITS, RESULT.cleaned + "x")


def test_a_twin_that_is_missing_removed_or_another_text() -> None:
    assert "no twin" in refused(changed(twins=()))
    assert "does not stay" in refused(changed(twins=(Passage("text", EDITS[1].span),)))
    assert "not the stated one" in refused(changed(twins=(Passage("text", Span(0, 30)),)))


def test_a_score_that_is_not_true() -> None:
    assert "not the stated one" in refused(changed(score=0.5))


def test_restore_refuses_what_does_not_fit() -> None:
    with pytest.raises(plan.UnsafePlan):
        plan.restore("short", EDITS)
    with pytest.raises(plan.UnsafePlan):
        plan.restore(RESULT.cleaned, changed(removed="x"))
    with pytest.raises(plan.UnsafePlan):
        plan.restore(RESULT.cleaned, EDITS[::-1])
