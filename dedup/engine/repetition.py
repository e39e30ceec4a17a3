"""How much of a text says the same again, word by word: the figures by which corpora are filtered.

The table is A1 of Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher"
(arXiv 2112.11446). What it leaves open is counted as datatrove 0.10 does, the filter most corpora are made with:
of lines, paragraphs and long n-grams only the further copies count, an n-gram is looked for behind the last one that
counted, and shares are of all characters. The differences: words are what stands between blanks, empty lines are no
lines, and what occurs once is no most common n-gram.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

TOP = (2, 3, 4)
"""Words of the n-grams of which the most common is looked at."""
DUPLICATE = (5, 6, 7, 8, 9, 10)
"""Words of those of which all further copies are."""

THRESHOLDS = {
    "duplicate_line_fraction": 0.30,
    "duplicate_paragraph_fraction": 0.30,
    "duplicate_line_character_fraction": 0.20,
    "duplicate_paragraph_character_fraction": 0.20,
    "top_2_gram_character_fraction": 0.20,
    "top_3_gram_character_fraction": 0.18,
    "top_4_gram_character_fraction": 0.16,
    "duplicate_5_gram_character_fraction": 0.15,
    "duplicate_6_gram_character_fraction": 0.14,
    "duplicate_7_gram_character_fraction": 0.13,
    "duplicate_8_gram_character_fraction": 0.12,
    "duplicate_9_gram_character_fraction": 0.11,
    "duplicate_10_gram_character_fraction": 0.10,
}
"""The figures by name, and above what Gopher's filters drop a document. Nothing here does."""

# An atom each, so that CR LF is never taken for two ends.
_LINE_ENDS = re.compile(r"(?>\r\n|\n|\r)+")
_PARAGRAPH_ENDS = re.compile(r"(?>\r\n|\n|\r){2,}")
_EMPTY_LINES = re.compile(r"\n{2,}")
"""The same where there is no CR, several times as fast."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, Burmese, Khmer, kana and Han: no blanks between words, so that each character counts as one."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(rf"(?!\s)[{UNSPACED}]|[^\s{UNSPACED}]+")


class Words(NamedTuple):
    """The words of a text."""

    texts: list[str]
    apart: list[bool] | None
    """Of each, whether a blank stands before it; None if one stands before all."""


def words(text: str) -> Words:
    """What stands between blanks; where a script has none, its characters.

    >>> words("the mill"), words("2 匹の猫")
    (Words(texts=['the', 'mill'], apart=None), Words(texts=['2', '匹', 'の', '猫'], apart=[True, True, False, False]))
    """
    if text.isascii() or not _UNSPACED.search(text):
        return Words(text.split(), None)
    found: list[str] = []
    apart: list[bool] = []
    end = -1
    for match in _WORD.finditer(text):
        found.append(match[0])
        apart.append(match.start() != end)
        end = match.end()
    return Words(found, apart)


def figures(text: str) -> dict[str, float]:
    """The figures by name, in the order of ``THRESHOLDS``; all 0.0 for a text without words.

    That of a most common n-gram passes 1.0 where it overlaps itself. Time grows as sorting the words does.
    """
    found = dict.fromkeys(THRESHOLDS, 0.0)
    size = len(text)
    said = words(text)
    if not said.texts:
        return found
    for name, parts in (("line", _lines(text)), ("paragraph", _paragraphs(text.strip()))):
        number, characters = _further(parts)
        found[f"duplicate_{name}_fraction"] = number / len(parts)
        found[f"duplicate_{name}_character_fraction"] = characters / size
    for n, characters in _repeated(said):
        kind = "top" if n in TOP else "duplicate"
        found[f"{kind}_{n}_gram_character_fraction"] = characters / size
    return found


def _lines(text: str) -> list[str]:
    parts = _LINE_ENDS.split(text) if "\r" in text else text.split("\n")
    return [line for line in parts if line]


def _paragraphs(text: str) -> list[str]:
    return (_PARAGRAPH_ENDS if "\r" in text else _EMPTY_LINES).split(text)


def _further(parts: Iterable[str]) -> tuple[int, int]:
    """How many of them stood before, and their characters."""
    seen: set[str] = set()
    number = characters = 0
    for part in parts:
        if part in seen:
            number += 1
            characters += len(part)
        seen.add(part)
    return number, characters


def _repeated(said: Words) -> Iterator[tuple[int, int]]:
    """For each number of words, the characters of the most common n-gram or of those that come again.

    What occurs again occurs again without its last word: so each turn looks only at what the one before has left.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    word = np.array([numbers.setdefault(each, len(numbers)) for each in said.texts], np.int64)
    lengths = np.fromiter(map(len, said.texts), np.int64, len(word))
    ends = np.concatenate(([0], np.cumsum(lengths)))
    at = np.flatnonzero(np.bincount(word)[word] > 1)
    gram = word[at]
    for n in range(2, max(DUPLICATE) + 1):
        fits = at + n <= len(word)
        at, gram = at[fits], gram[fits]
        if not len(at):
            return
        key = gram * len(numbers) + word[at + n - 1]
        _, first, gram, count = np.unique(
            key, return_index=True, return_inverse=True, return_counts=True
        )
        if n in TOP:
            yield n, _most_common(n, at[first], count, ends, said.apart)
        repeats = count[gram] > 1
        at, gram = at[repeats], gram[repeats]
        if n in DUPLICATE:
            yield n, _coming_again(n, at, gram, ends)


def _most_common(
    n: int, first: Numbers, count: Numbers, ends: Numbers, apart: list[bool] | None
) -> int:
    """Characters of all that is said by the n-gram which occurs most often, of several the first.

    ``first``: the word with which each begins where it first occurs; ``ends``: characters of all words before each.
    """
    most = int(count.max())
    if most < 2:
        return 0
    start = int(first[count == most].min())
    blanks = n - 1 if apart is None else sum(apart[start + 1 : start + n])
    return most * (int(ends[start + n] - ends[start]) + blanks)


def _coming_again(n: int, at: Numbers, gram: Numbers, ends: Numbers) -> int:
    """Characters of the n-grams that stood before; none is counted twice, nor are blanks."""
    seen: set[int] = set()
    free = characters = 0
    for start, number in zip(at.tolist(), gram.tolist(), strict=True):
        if start < free:
            continue
        if number in seen:
            free = start + n
            characters += int(ends[free] - ends[start])
        seen.add(number)
    return characters
