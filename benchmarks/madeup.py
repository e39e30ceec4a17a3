"""Made-up text of any size for measuring: a language of its own per script, words as frequent as in real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

HANGUL = [
    chr(0xAC00 + (initial * 21 + vowel) * 28 + final)
    for initial in (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
    for vowel in (0, 1, 4, 5, 8, 13, 18, 20)
    for final in (0, 4, 8, 21)
]
"""Syllables, a character each, as many as make up most of Korean text: (initial, vowel, final) by the Unicode Standard,
section 3.12."""
SCRIPTS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "Latin": ("bcdfghklmnprstvwz", "aeiou"),
    "Cyrillic": ("бвгджзклмнпрстфхш", "аеиоуы"),
    "Arabic": ("بتجحدرزسشصطعفقكلمنه", "اوي"),
    "Hangul": (HANGUL, [""]),
    "Han": ("", ""),
}
"""What syllables are made of, of Hangul whole ones; Han has single characters instead."""
WORDS = 20_000
HAN = range(0x4E00, 0x4E00 + 3_000)
COPIED_ONE_IN = 10
"""Of so many documents one has a copy of a part of itself."""


class Language(NamedTuple):
    """Words with their cumulative frequency (Zipf), and what stands between words."""

    words: list[str]
    frequencies: list[float]
    space: str
    end: str


@cache
def language(script: str) -> Language:
    """The made-up language of a script; always the same."""
    random = Random(script)
    if script == "Han":
        found = [chr(code) for code in HAN]
        random.shuffle(found)
        return Language(found, _zipf(len(found)), "", "。")
    onsets, vowels = SCRIPTS[script]
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = random.choices((1, 2, 3, 4), (2, 5, 4, 1))[0]
        # The earlier a word is made up the more frequent it is, and frequent words are short.
        syllables = min(syllables, 1 + len(words) // 40)
        parts = (random.choice(onsets) + random.choice(vowels) for _ in range(syllables))
        words["".join(parts) + random.choice(["", "", random.choice(onsets)])] = None
    return Language(list(words), _zipf(WORDS), " ", ".")


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 3) for rank in range(count)))


def paragraph(random: Random, script: str) -> str:
    """Two to six sentences."""
    return language(script).space.join(
        _sentence(random, script) for _ in range(random.randrange(2, 7))
    )


def _sentence(random: Random, script: str) -> str:
    words, frequencies, space, end = language(script)
    chosen = random.choices(words, cum_weights=frequencies, k=random.randrange(6, 24))
    return space.join(chosen).capitalize() + end


def document(seed: int, size: int, script: str = "Latin", copied: float = 0.0) -> str:
    """About ``size`` bytes of paragraphs, ``copied`` of them once more in blocks of up to ten, in their order."""
    random = Random(f"{seed} {script}")
    paragraphs: list[str] = []
    written, wanted = 0, size * (1 - copied)
    while written < wanted:
        paragraphs.append(paragraph(random, script))
        written += len(paragraphs[-1].encode()) + 2
    while written < size:
        start = random.randrange(len(paragraphs))
        block = paragraphs[start : start + random.randrange(1, 11)]
        at = random.randrange(len(paragraphs) + 1)
        paragraphs[at:at] = block
        written += sum(len(one.encode()) + 2 for one in block)
    return "\n\n".join(paragraphs) + "\n"


def documents(size: int, script: str = "Latin", with_copies: bool = False) -> Iterator[str]:
    """Documents of 2 to 20 KB, together about ``size`` bytes; with copies in one of ten if wanted."""
    random = Random(f"{size} {script}")
    written = number = 0
    while written < size:
        share = 0.3 if with_copies and number % COPIED_ONE_IN == 0 else 0.0
        text = document(number, random.randrange(2_000, 20_000), script, share)
        yield text
        written += len(text.encode())
        number += 1
