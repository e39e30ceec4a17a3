"""Hard cases of our own that have no test elsewhere; what is answered wrongly would be marked so, with
the reason."""

from __future__ import annotations

from pathlib import Path

import dedup

CASES = Path(__file__).parent / "cases"


def test_an_exact_copy_goes_where_all_paragraphs_begin_with_one_formula() -> None:
    text = (CASES / "formula-openings" / "input.txt").read_text("utf-8")
    result = dedup.clean(text)
    assert [edit.score for edit in result.edits] == [1.0]
    assert result.cleaned == text[: text.rindex("\n\nEvery")] + "\n"
