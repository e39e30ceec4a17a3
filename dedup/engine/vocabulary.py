"""How rare the words of a passage are in its document: do they, and pairs of them, stand outside the copies too?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from operator import le
from typing import TypeVar

from dedup.engine.claims import Part
from dedup.engine.differences import Wording, tokens
from dedup.engine.normalize import Stream

_Pair = tuple[str, str]
_T = TypeVar("_T", str, _Pair)


class Vocabulary:
    """The words of one text with their counts."""

    def __init__(self, stream: Stream, wording: Wording, equal: Counter[str]) -> None:
        """``equal``: how many paragraphs have the same letters."""
        self._stream, self._wording, self._equal = stream, wording, equal

    @cached_property
    def _text(self) -> list[str]:
        """The words of the text in order; let go once their pairs are counted."""
        return tokens(self._stream.readable)

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(self._text)

    @cached_property
    def _pairs(self) -> Counter[_Pair]:
        pairs = Counter(pairwise(self._text))
        del self._text
        return pairs

    def foreign(self, parts: Sequence[Part]) -> float:
        """Share of the words that stand nowhere in the document but in the copies."""
        return self._own(parts, self._words, list)

    def phrases(self, parts: Sequence[Part]) -> float:
        """The same of pairs of words that follow each other."""
        return self._own(parts, self._pairs, lambda words: list(pairwise(words)))

    def _own(
        self,
        parts: Sequence[Part],
        everywhere: Counter[_T],
        units_of: Callable[[list[str]], list[_T]],
    ) -> float:
        tokens_of, letters = self._wording.tokens, self._stream.letters
        mine: list[_T] = []
        inside: list[_T] = []
        for part in parts:
            found = units_of(tokens_of(part.start, part.end))
            mine += found
            if part.is_exact and part.sentence < 0:
                inside += found * max(2, self._equal[letters[part.start : part.end]])
            else:
                inside += found
                inside += units_of(tokens_of(part.twin, part.twin_end))
        return _share(mine, everywhere, Counter(inside))


def _share(mine: Sequence[_T], everywhere: Counter[_T], inside: Counter[_T]) -> float:
    """Share of ``mine`` that stands no more often everywhere than inside."""
    own = sum(map(le, map(everywhere.__getitem__, mine), map(inside.__getitem__, mine)))
    return own / len(mine) if mine else 0.0
