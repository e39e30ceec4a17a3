"""The figures by which corpora are filtered: by hand, against a plain reading of the definition, and at scale."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.repetition import DUPLICATE, THRESHOLDS, TOP, UNSPACED, figures, words
from dedup.engine.split import is_unspaced

SIX = "aa bb cc dd ee ff"
"""Six words, in 17 characters."""


def nonzero(text: str) -> dict[str, float]:
    return {name: value for name, value in figures(text).items() if value}


def test_lines_and_paragraphs_by_hand() -> None:
    text = "one\ntwo\none\n\none\ntwo\none\n\nsix"  # 29 characters
    found = figures(text)
    # Seven lines: "one" comes again three times, "two" once; three paragraphs, the second is the first.
    assert found["duplicate_line_fraction"] == 4 / 7
    assert found["duplicate_line_character_fraction"] == 4 * 3 / 29
    assert found["duplicate_paragraph_fraction"] == 1 / 3
    assert found["duplicate_paragraph_character_fraction"] == 11 / 29


def test_the_most_common_ngram_by_hand() -> None:
    text = "to be or not to be that is to be"  # 32 characters; "to be" three times
    assert nonzero(text) == {"top_2_gram_character_fraction": 3 * 5 / 32}
    text = "x y z x y z x y"  # "x y" three times; "x y z" and "y z x" and "z x y" twice; "x y z x", "y z x y" twice
    assert figures(text)["top_2_gram_character_fraction"] == 3 * 3 / 15
    assert figures(text)["top_3_gram_character_fraction"] == 2 * 5 / 15
    assert figures(text)["top_4_gram_character_fraction"] == 2 * 7 / 15


def test_long_ngrams_that_come_again_by_hand() -> None:
    text = f"{SIX} gg {SIX}"  # 38 characters
    found = figures(text)
    # The further copy has two 5-grams, of which the first counts and the second overlaps it; blanks do not count.
    assert found["duplicate_5_gram_character_fraction"] == 10 / 38
    assert found["duplicate_6_gram_character_fraction"] == 12 / 38
    assert found["duplicate_7_gram_character_fraction"] == 0
    # Of twelve equal words the first five stand; the 5-gram at the second word is the first again.
    assert figures(" ".join(["ab"] * 12))["duplicate_5_gram_character_fraction"] == 20 / 35


def test_what_occurs_once_is_no_repetition() -> None:
    assert nonzero("Three words, once.") == {}
    assert nonzero("") == nonzero(" \n\n ") == {}
    assert list(figures("")) == list(THRESHOLDS)


def test_an_ngram_that_overlaps_itself_passes_the_whole() -> None:
    assert figures("a a a a")["top_2_gram_character_fraction"] == 9 / 7


def test_line_ends_of_all_kinds_are_one_each() -> None:
    text = "a b\n\nc\n\na b\nd\n"
    for end in ("\r\n", "\r"):
        other = text.replace("\n", end)
        expected = {name: share * len(text) / len(other) for name, share in nonzero(text).items()}
        expected |= {
            name: share for name, share in nonzero(text).items() if "character" not in name
        }
        assert nonzero(other) == pytest.approx(expected)


def test_without_blanks_each_character_is_a_word() -> None:
    assert words("猫が好き。 cat").texts == ["猫", "が", "好", "き", "。", "cat"]
    assert words("แมว")[0] == ["แ", "ม", "ว"]
    found = figures("我爱北京。我爱北京。")  # ten characters, the second five are the first
    assert found["duplicate_5_gram_character_fraction"] == 5 / 10
    assert found["top_2_gram_character_fraction"] == 2 * 2 / 10  # no blanks between them
    assert found["top_4_gram_character_fraction"] == 2 * 4 / 10


def test_the_scripts_are_those_that_are_split_without_blanks() -> None:
    for code in range(0x10000):
        char = chr(code)
        if is_unspaced(char):
            assert re.match(f"[{UNSPACED}]", char), hex(code)


def plain(text: str) -> dict[str, float]:
    """The definition as it reads, one n-gram after the other."""
    said = text.split()
    found = dict.fromkeys(THRESHOLDS, 0.0)
    for n in TOP:
        grams = [" ".join(said[i : i + n]) for i in range(len(said) - n + 1)]
        for most, count in Counter(grams).most_common(1):
            if count > 1:
                found[f"top_{n}_gram_character_fraction"] = count * len(most) / len(text)
    for n in DUPLICATE:
        seen, at, size = set(), 0, 0
        while at + n <= len(said):
            gram = tuple(said[at : at + n])
            if gram in seen:
                size += len("".join(gram))
                at += n
            else:
                seen.add(gram)
                at += 1
        found[f"duplicate_{n}_gram_character_fraction"] = size / len(text) if text else 0.0
    for name, parts in (("line", text.split("\n")), ("paragraph", text.split("\n\n"))):
        further = [part for at, part in enumerate(parts) if part in parts[:at]]
        if text:
            found[f"duplicate_{name}_fraction"] = len(further) / len(parts)
            found[f"duplicate_{name}_character_fraction"] = sum(map(len, further)) / len(text)
    return found


LINES = st.lists(st.sampled_from(["a", "bb", "ccc", "a bb", "d e f g"]), min_size=1).map(" ".join)


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_the_figures_are_those_of_the_definition(text: str) -> None:
    assert figures(text) == plain(text)


@given(st.text(alphabet="ab \n\r猫が\u3000", max_size=60))
def test_shares_are_shares(text: str) -> None:
    for name, share in figures(text).items():
        assert share >= 0 and (share <= 1 or name.startswith("top"))


def test_a_row_of_one_word_is_counted_like_any_text() -> None:
    found = figures("so " * 200_000)
    assert found["duplicate_10_gram_character_fraction"] == pytest.approx(2 / 3, rel=1e-4)
    assert found["top_4_gram_character_fraction"] == pytest.approx(11 / 3, rel=1e-4)
