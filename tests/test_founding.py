"""The founding example and its variants: a body doubled back to back, a title, a teaser, a bare domain.

All of it runs on ``samples/doubled-article.txt``; where ``$DEDUP_EVAL_DATA`` is set, on the founding text too.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup
from tests.conftest import Run

SAMPLE = Path(__file__).parent.parent / "samples" / "doubled-article.txt"
ADVERTISEMENT = (
    "ADVERTISEMENT: Warm socks for cold piers, three pairs for the price of two, this week only!"
)


def texts() -> Iterator[object]:
    """The sample, and the founding example if it is there."""
    yield pytest.param(SAMPLE.read_bytes().decode(), id="sample")
    data = os.environ.get("DEDUP_EVAL_DATA")
    founding = Path(data or "/nonexistent") / "founding-example.txt"
    missing = pytest.mark.skipif(not founding.is_file(), reason="DEDUP_EVAL_DATA is not set")
    text = founding.read_bytes().decode() if founding.is_file() else ""
    yield pytest.param(text, id="founding", marks=missing)


class Article:
    """The parts of a text of the founding shape."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        self.text = text
        self.lede, self.body = lines[0], lines[1:18]
        self.title, self.teaser, self.domain = lines[35:]
        assert lines[18:35] == self.body, "the body stands twice"
        assert len(lines) == 38

    def with_second(self, second: list[str], separator: str = "\n") -> str:
        """The article with another second copy."""
        tail = [self.title, self.teaser, self.domain]
        return separator.join([self.lede, *self.body, *second, *tail])

    def clean(self, *kept: str, separator: str = "\n") -> str:
        """What should be left, with ``kept`` between body and title."""
        return separator.join([self.lede, *self.body, *kept, self.title, self.domain])


@pytest.fixture(params=texts())
def article(request: pytest.FixtureRequest) -> Article:
    return Article(request.param)


def in_straight_quotes(text: str) -> str:
    return text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x2014: "-"})


def wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 72))


def check(text: str, expected: str) -> None:
    """``text`` comes out as ``expected``, a second run finds nothing, and it can be put back."""
    result = dedup.clean(text)
    assert result.cleaned == expected
    assert dedup.clean(expected).cleaned == expected
    assert dedup.restore(result.cleaned, result) == text


def test_one_repeated_block_and_one_contained_teaser_go(article: Article) -> None:
    check(article.text, article.clean())
    result = dedup.clean(article.text)
    block, teaser = (finding for finding in result.findings if finding.action == "removed")
    assert (block.name, block.score) == ("repeated-block", 1.0)
    assert [(place.line, place.end_line, place.role) for place in block.places] == [
        (2, 18, "kept"),
        (19, 35, "removed"),
    ]
    assert block.places[1].paragraphs == 17
    assert (teaser.name, teaser.score) == ("contained", 1.0)
    assert [place.line for place in teaser.places] == [1, 37]
    assert len(result.cleaned.split("\n")) == 20


def test_without_its_share_card_the_title_and_the_domain_go_too(article: Article) -> None:
    result = dedup.clean(article.text, strip_share_cards=True)
    assert result.cleaned == "\n".join([article.lede, *article.body])
    assert len(result.cleaned.split("\n")) == 18
    assert dedup.clean(result.cleaned, strip_share_cards=True).cleaned == result.cleaned
    assert dedup.restore(result.cleaned, result) == article.text
    assert [finding.name for finding in result.findings] == ["repeated-block", "share-card"]
    kept, card = result.findings[1].places
    assert (kept.line, card.line, card.end_line) == (1, 36, 38)


def test_the_command_writes_the_same_bytes_from_a_pipe_and_a_file(
    article: Article, run_dedup: Run, tmp_path: Path
) -> None:
    data, expected = article.text.encode(), article.clean().encode()
    piped = run_dedup("clean", input=data, cwd=tmp_path)
    assert (piped.returncode, piped.stdout) == (0, expected)
    (tmp_path / "a.txt").write_bytes(data)
    named = run_dedup("clean", "a.txt", "-o", "out.txt", cwd=tmp_path)
    assert (named.returncode, named.stdout) == (0, b"")
    assert (tmp_path / "out.txt").read_bytes() == expected
    assert (tmp_path / "a.txt").read_bytes() == data


def test_second_copy_in_straight_quotes(article: Article) -> None:
    second = [in_straight_quotes(line) for line in article.body]
    assert second != article.body
    check(article.with_second(second), article.clean())


def test_second_copy_in_upper_case(article: Article) -> None:
    check(article.with_second([line.upper() for line in article.body]), article.clean())


def test_second_copy_hard_wrapped_at_72_columns(article: Article) -> None:
    check(article.with_second([wrapped(line) for line in article.body]), article.clean())


def test_second_copy_hard_wrapped_between_blank_lines(article: Article) -> None:
    second = ["", *(line for text in article.body for line in (wrapped(text), ""))]
    cleaned = dedup.clean(article.with_second(second)).cleaned
    assert [line for line in cleaned.split("\n") if line] == article.clean().split("\n")


def test_second_copy_glued_into_one_long_line(article: Article) -> None:
    check(article.with_second([" ".join(article.body)]), article.clean())


def test_second_copy_cut_off_half_way(article: Article) -> None:
    check(article.with_second(article.body[:9]), article.clean())
    inside = article.body[8][: len(article.body[8]) // 2].rpartition(" ")[0]
    check(article.with_second([*article.body[:8], inside]), article.clean())


def test_second_copy_with_a_sentence_dropped_and_two_words_changed(article: Article) -> None:
    second = list(article.body)
    number, _ = next((at, line) for at, line in enumerate(second) if line.count(". ") == 1)
    second[number] = second[number].partition(". ")[0] + "."
    for at in (number - 1, number + 1):
        words = second[at].split(" ")
        words[len(words) // 2] = "somewhat"
        second[at] = " ".join(words)
    check(article.with_second(second), article.clean())


def test_an_advertisement_inside_the_second_copy_stays(article: Article) -> None:
    second = [*article.body[:6], ADVERTISEMENT, *article.body[6:]]
    cleaned = dedup.clean(article.with_second(second)).cleaned
    lines = cleaned.split("\n")
    assert lines.count(ADVERTISEMENT) == 1
    assert [line for line in lines if line != ADVERTISEMENT] == article.clean().split("\n")
    first = dedup.clean(article.with_second(second), keep_copy="first").cleaned
    assert first == article.clean(ADVERTISEMENT)


def test_blank_lines_between_paragraphs(article: Article) -> None:
    check(article.text.replace("\n", "\n\n"), article.clean(separator="\n\n"))


def test_body_tripled(article: Article) -> None:
    check(article.with_second(article.body * 2), article.clean())


def test_crlf(article: Article) -> None:
    check(article.text.replace("\n", "\r\n"), article.clean(separator="\r\n"))


def test_byte_order_mark(article: Article, run_dedup: Run, tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + article.text.encode()
    out = run_dedup("clean", input=data, cwd=tmp_path).stdout
    assert out == b"\xef\xbb\xbf" + article.clean().encode()


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_with_and_without_a_final_newline(article: Article, end: str) -> None:
    check(article.text + end, article.clean() + end)


def test_teaser_before_the_body_goes_and_the_body_stays(article: Article) -> None:
    rest = [article.lede, *article.body]
    text = "\n".join([article.title, article.teaser, *rest, *article.body, article.domain])
    check(text, "\n".join([article.title, *rest, article.domain]))


@pytest.mark.parametrize("policy", ["fullest", "first", "longest"])
def test_equal_copies_leave_the_first_one(article: Article, policy: str) -> None:
    result = dedup.clean(article.text, keep_copy=policy)
    assert result.cleaned == article.clean()


def test_the_last_copy_stays_when_asked_for(article: Article) -> None:
    second = [line.upper() for line in article.body]
    result = dedup.clean(article.with_second(second), keep_copy="last")
    assert result.cleaned == "\n".join([article.lede, *second, article.title, article.domain])


def test_the_fullest_copy_stays_even_if_it_comes_second(article: Article) -> None:
    short = [line for at, line in enumerate(article.body) if at not in (4, 5, 11)]
    text = "\n".join([article.lede, *short, *article.body, article.title, article.domain])
    assert dedup.clean(text).cleaned == article.clean()
