"""The bound that saves the split: it never changes an answer, and it saves something."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import claims, passages, prospects, seeds, settle, sides, speed, split, units
from dedup.engine.normalize import Stream, stream
from dedup.engine.search import MIN_MATCHED, look
from dedup.options import Options
from tests import prose
from tests.test_properties import all_options, any_text


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """With numpy loaded every document takes the array path."""
    import numpy as np

    assert np and speed.prefers_arrays(0)


def is_promising(text: Stream) -> bool:
    found = passages.chains(
        seeds.matches(text.letters, text.weights), MIN_MATCHED, len(text.letters)
    )
    return prospects.have_equal_lines(text, 30) or prospects.are_hopeful(
        text, found, MIN_MATCHED, 30
    )


@given(any_text, all_options)
def test_what_is_found_without_a_bound_is_found_with_it(text: str, options: Options) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = look(text, options)
        patch.setattr(prospects, "are_hopeful", lambda *_: True)
        again = look(text, options)
        assert again.removals == found.removals
        assert list(again.lookalikes()) == list(found.lookalikes())


@given(any_text)
def test_paragraphs_are_counted_as_they_are_split(text: str) -> None:
    assert split.count(text) == len(split.split(text))


_LINES = (
    "One.|Two goes on|and on.|- item|# head|---|+++||  |\x0b|    code|```|~~~|<pre>|</pre>|<!--|-->|"
    "\ttabs\tof\tit|===|[a]: b"
)
lines = st.sampled_from([*_LINES.split("|"), "a | b | c"])


@given(st.lists(lines, max_size=12), st.sampled_from(["\n\n", "\n", "\n\n\n", "\r\n\r\n"]))
def test_paragraphs_with_blank_lines_around_them_are_counted_as_they_are_split(
    said: list[str], between: str
) -> None:
    text = between.join(said)
    assert split.count(text) == len(split.split(text))


@given(st.lists(st.sampled_from(["One, two.", "", " - ", "3rd\tline", "x" * 40]), max_size=9))
def test_the_letters_of_lines_are_counted_as_they_are_found(said: list[str]) -> None:
    found = stream("\n".join(said))
    borders = [*prospects._line_starts(found).tolist(), len(found.letters)]
    assert found.per_line == [end - start for start, end in pairwise(borders) if end > start]


def test_a_phrase_that_comes_again_inside_sentences_is_not_worth_a_split() -> None:
    phrase = "the master of the northern island"
    text = (
        f"Nobody knew why he came. When it rained, {phrase} sang old songs until his neighbours woke.\n\n"
        f"Later that year, and to the surprise of the whole council, a letter from {phrase} was found."
    )
    found = stream(text)
    assert len(seeds.matches(found.letters, found.weights))
    assert not is_promising(found)


def test_a_sentence_that_comes_again_is() -> None:
    one, two, three = prose.paragraphs(3, 5)
    sentence = one.split(". ")[0] + "."
    assert is_promising(stream(f"{one}\n\n{two} {sentence} {three}"))


@pytest.mark.parametrize(
    "text",
    [
        "All notices\nA line.\nAll notices",
        "漢字かです\n\n漢字かです\n",
        "a brides\nczk\na brides\nczk",
    ],
)
def test_short_equal_lines_are_seen_before_the_split(text: str) -> None:
    assert prospects.have_equal_lines(stream(text), 30)


def test_the_bounds_are_not_narrower_than_what_they_bound() -> None:
    assert prospects.COVERAGE <= sides.UNIT_COVERAGE
    assert prospects.STRONG_COVERAGE <= claims._END_COVERAGE
    assert prospects.NOVEL_SHARE >= sides.NOVEL_SHARE
    assert prospects.NOVEL_LETTERS >= sides.NOVEL_LETTERS
    assert prospects.MIN_LINE <= units.MIN_LINE
    assert prospects.LINE_SHARE >= settle.LINE_SHARE
