"""Pairs of texts as alike as copies are -> whether they are copies, or say the same of something else.

Look-alikes differ in numbers, dates, names, negations or link targets, and in little else; copies differ in wording, or
in how words were read. Most pairs are told by the sets of their words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dedup.engine import differences
from dedup.engine.verify import common_ends

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_ASCII_DIGITS = b"0123456789"
_NO_DIGITS = bytes(byte for byte in range(128) if not chr(byte).isdigit())
_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
"""Digits that are a word of their own: others may be misread letters."""
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")
"""A letter of a script without blanks between words."""
_NOT = re.compile("不|没|沒|未|非|無|无|ない|ません|ไม่")
"""Negation in such scripts."""
_LONG_WORD = 16
"""Characters a word has on average, from which a text is asked whether it has blanks between words."""
_NOISE = 3
"""Misspelt words from which a text is taken to have been misread, if they are more than what else differs."""
_REWRITTEN = 4
"""Other words that differ for each negation: in a text so much rewritten it is one more edit."""
_FEW = 6
"""Letters that differ in all, in a script without blanks: too few for a negation to be one edit of many."""


def accept(corpus: Corpus, copies: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """bool: whether what each two rows differ in lets one be a copy of the other."""
    import numpy as np

    texts = map(corpus.text, copies.tolist()), map(corpus.text, kept.tolist())
    return np.fromiter(map(is_copy, *texts), bool, len(copies))


def is_copy(copy: str, kept: str) -> bool:
    """Whether two texts, known to be much alike, say the same.

    >>> is_copy("Sales rose 5 % in May.", "Sales rose 6 % in May.")
    False
    >>> is_copy("Sales rose 5 % in May.", "In May, the sales rose 5 %!")
    True
    """
    if _leads_elsewhere(copy, kept):
        return False
    if _differ_in_digits_only(copy, kept):
        return False
    one, two = copy.split(), kept.split()
    if len(one) * _LONG_WORD < len(copy) and _UNSPACED.search(copy):
        return _says_the_same_unspaced(copy, kept)
    only, only_there = _apart(set(one), set(two))
    if not _have_like_numbers(copy, kept):
        return False
    if _may_have_facts(only + only_there):
        if _are_renumbered(only, only_there):
            return False
        if _facts(only) or _facts(only_there):
            return _is_more_than_facts(only, only_there)
    if only and only_there and all(map(differences.is_name, only + only_there)):
        return not _are_of_others(copy, kept)
    return True


def _leads_elsewhere(copy: str, kept: str) -> bool:
    """Whether both have links, and none of one leads where one of the other does."""
    if "](" not in copy and "=" not in copy:  # the commonest case, told at once
        return False
    if not differences.link_marks(copy) or not differences.link_marks(kept):
        return False
    here, there = differences.targets(copy), differences.targets(kept)
    return bool(here) and bool(there) and here.keys().isdisjoint(there)


def _differ_in_digits_only(copy: str, kept: str) -> bool:
    """The commonest look-alike, told at once."""
    if len(copy) - len(kept) not in range(-8, 9) or not copy.isascii() or not kept.isascii():
        return False
    one, two = copy.encode(), kept.encode()
    return one != two and one.translate(None, _ASCII_DIGITS) == two.translate(None, _ASCII_DIGITS)


def _says_the_same_unspaced(copy: str, kept: str) -> bool:
    """The same for scripts without blanks, where words are not told apart: numbers and negations are."""
    if sorted(_DIGITS.findall(copy)) != sorted(_DIGITS.findall(kept)):
        return False
    if len(_NOT.findall(copy)) == len(_NOT.findall(kept)):
        return True
    apart = Counter(copy)
    apart.subtract(kept)
    return sum(map(abs, apart.values())) > _FEW


def _apart(one: set[str], two: set[str]) -> tuple[list[str], list[str]]:
    """The words that stand on one side only, without marks, whatever their case; each sorted."""
    only, only_there = _bare(one - two) - two, _bare(two - one) - one
    if not only or not only_there:
        return sorted(only), sorted(only_there)
    folded = set(map(str.casefold, only)) & set(map(str.casefold, only_there))
    return (
        sorted(word for word in only if word.casefold() not in folded),
        sorted(word for word in only_there if word.casefold() not in folded),
    )


def _bare(words: set[str]) -> set[str]:
    return set(_WORD.findall(" ".join(words)))


def _are_renumbered(one: Iterable[str], two: Iterable[str]) -> bool:
    """Whether a word with digits stands where one stands that differs in nothing but the digits."""
    shapes = {_DIGIT.sub("0", word) for word in one if not word.isalpha()}
    return bool(shapes) and not shapes.isdisjoint(_DIGIT.sub("0", word) for word in two)


def _have_like_numbers(copy: str, kept: str) -> bool:
    """The same of numbers that both have, but one more often."""
    if copy.isascii() and kept.isascii() and _digits(copy) == _digits(kept):
        return True
    one, two = Counter(_NUMBER.findall(copy)), Counter(_NUMBER.findall(kept))
    return not _are_renumbered(one - two, two - one)


def _digits(text: str) -> bytes:
    return text.encode().translate(None, _NO_DIGITS)


def _may_have_facts(words: list[str]) -> bool:
    """Whether one may be a number or a negation: cheap, for most have none."""
    if not words or not "".join(words).isalpha():
        return bool(words)
    return not differences.NEGATION.isdisjoint(map(str.casefold, words))


def _facts(words: list[str]) -> list[str]:
    """Numbers and negations."""
    return [word for word in words if differences.is_number(word)]


def _are_of_others(copy: str, kept: str) -> bool:
    return differences.are_of_others(differences.words_of(copy), differences.words_of(kept))


def _is_more_than_facts(one: list[str], two: list[str]) -> bool:
    """Whether a text was so misread or rewritten that other numbers and negations come of that."""
    misspelt = differences.pair_misspelt(one, two)
    if misspelt:
        misspelt += _drop_misread(one, two, misspelt > 1)
    facts, facts_there = _facts(one), _facts(two)
    if misspelt >= _NOISE and misspelt > 2 * max(len(facts), len(facts_there)):
        return True
    words = max(len(one) - len(facts), len(two) - len(facts_there)) + misspelt
    negations = sum(map(str.isalpha, facts + facts_there))
    if negations:
        return words >= _REWRITTEN * negations
    return words > 0 and not (any(map(str.isdigit, facts)) and any(map(str.isdigit, facts_there)))


def _drop_misread(one: list[str], two: list[str], with_numbers: bool) -> int:
    """Take out negations, and numbers if so said, that stand opposite a word one letter apart; how many."""
    dropped = 0
    for side, other in ((one, two), (two, one)):
        for fact in _facts(side):
            if not with_numbers and not fact.isalpha():
                continue
            near = next((word for word in other if _is_a_letter_apart(fact, word)), None)
            if near is not None:
                side.remove(fact)
                other.remove(near)
                dropped += 1
    return dropped


def _is_a_letter_apart(one: str, two: str) -> bool:
    longer = max(len(one), len(two))
    return abs(len(one) - len(two)) < 2 and longer - sum(common_ends(one, two)) == 1
