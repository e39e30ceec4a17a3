"""The lines on stderr."""

from __future__ import annotations

import dataclasses

import pytest

import dedup
from dedup.model import (
    CONTAINED,
    KEPT_LOOKALIKE,
    REPEATED_BLOCK,
    Document,
    DocumentResult,
    Sums,
)
from dedup.options import Options
from dedup.reports import summary, wording
from tests.reports.build import Builder, cut

TEXT = "".join(f"Paragraph {word} of a text.\n" for word in ("one", "two", "one", "two", "three"))


def two_findings() -> DocumentResult:
    builder = Builder(TEXT, "article.txt")
    one, two = "Paragraph one of a text.", "Paragraph two of a text."
    builder.removes(REPEATED_BLOCK, [(builder.find(one), builder.find(one, 1))])
    builder.removes(CONTAINED, [(builder.find(two), builder.find(two, 1))], score=0.999)
    return builder.keeps([builder.find("one"), builder.find("three")], "numbers differ").result()


def test_the_line_counts_paragraphs_characters_and_findings_but_no_look_alikes() -> None:
    expected = (
        "Removed 2 of 5 paragraphs (39%) from article.txt; 1 repeated block, 1 contained teaser."
    )
    assert summary.line(two_findings().tally) == expected


def test_plurals_follow_the_numbers() -> None:
    result = two_findings()
    doubled = dataclasses.replace(result, findings=result.findings[:1] * 2, paragraphs=1)
    assert summary.line(doubled.tally).endswith(
        "of 1 paragraph (39%) from article.txt; 2 repeated blocks."
    )


def test_sentences_only_are_parts_of_paragraphs() -> None:
    result = dataclasses.replace(cut("one two\n", [(0, 4)]), removed_paragraphs=0)
    assert summary.line(result.tally).startswith("Removed parts of paragraphs (50%) from a.txt; ")


def test_whole_paragraphs_and_parts_are_both_named() -> None:
    result = dataclasses.replace(cut("one two\nsix\n", [(0, 4), (8, 12)]), removed_paragraphs=1)
    assert summary.line(result.tally).startswith(
        "Removed 1 of 3 paragraphs and parts of others (67%)"
    )


def cleaned(text: str) -> DocumentResult:
    """All cleanup, of a text called a.txt."""
    options = Options(fix_text=True, normalize_space=True, strip_links=True, strip_share_cards=True)
    return dedup.analyze([Document("a.txt", text)], options).documents[0]


def test_repairs_are_counted_by_their_places() -> None:
    line = summary.line(cleaned("oﬃce  hours\n\nwww.harbour.example\n\nﬁve to ten\n").tally)
    assert line == "Removed 1 of 3 paragraphs (47%) from a.txt; 1 bare link, 3 repairs."
    only = summary.line(cleaned("oﬃce  hours\n").tally)
    assert only == "Repaired 2 places in a.txt."
    assert summary.as_would(only) == "Would repair 2 places in a.txt."


def test_many_files_that_are_only_repaired() -> None:
    sums = Sums()
    tallies = [cleaned(text).tally for text in ("oﬃce  hours\n", "plain\n", "ﬁve\n")]
    for tally in tallies:
        sums.add(tally)
    lines = list(summary.lines(sums.totals, [tallies[0], tallies[2]], {}, 0))
    assert lines == ["Repaired 3 places in 2 of 3 files."]


def test_findings_of_cleanup_on_one_line() -> None:
    result = cleaned("oﬃce  hours\n\nwww.harbour.example\n\nﬁve to ten\n")
    assert [summary.finding_line(finding) for finding in result.findings] == [
        "bare-link: line 3; removed",
        "fixed-text: lines 1-5; cleaned: 2 places: lines 1, 5",
        "normalized-space: line 1; cleaned: 1 place",
    ]


def test_nothing_removed_says_so() -> None:
    assert summary.line(cut("text", []).tally) == "Removed nothing from a.txt."


def test_r51_names_and_notes_are_escaped() -> None:
    result = cut("one\n", [(0, 4)], name="a\x1b[2J\n::error::x\u202e")
    line = summary.line(result.tally)
    assert line.isprintable() and r"a\x1b[2J\n::error::x\u202e" in line
    alike = Builder("one two").keeps([], "\x9b\n").document
    assert alike.name == "a.txt"
    finding = dataclasses.replace(result.findings[0], note="\x1b\n##[error]")
    assert summary.finding_line(finding).endswith(r"removed: \x1b\n#\#[error]")


def test_a_finding_on_one_line() -> None:
    block, teaser, alike = map(summary.finding_line, two_findings().findings)
    assert block == "repeated-block: line 3 repeats line 1; score 1.00, confidence 0.97, removed"
    assert teaser == "contained: line 4 stands in line 2; score 0.99, confidence 0.97, removed"
    assert alike.startswith(f"{KEPT_LOOKALIKE}: lines 1 and 5 are alike; score 0.95")
    assert alike.endswith("kept: numbers differ")


@pytest.mark.parametrize("hundredths", range(101))
def test_scores_are_never_rounded_up(hundredths: int) -> None:
    assert wording.score(hundredths / 100) == f"{hundredths / 100:.2f}"
    below = hundredths / 100 - 1e-6
    if below >= 0:
        assert float(wording.score(below)) < hundredths / 100
