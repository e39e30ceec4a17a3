"""What the typography and the place of a paragraph say about its role: an excerpt of another, or furniture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from dedup.engine.claims import Part
from dedup.engine.normalize import Stream
from dedup.engine.split import PROSE
from dedup.engine.units import MIN_LINE, Units

LONGEST = 80
"""Weight from which a line is text rather than furniture."""
_MIN_FOREIGN = 0.5
"""Share of its words that stand nowhere else from which a line has nothing to do with the text."""
_MAX_SHORT = 0.35
"""Share of short lines around it up to which a line stands alone between paragraphs."""


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r"\s*(?:>|[\"“”„«‘'「『].*[\"”“»’'」』][.,]?\s*$)", re.DOTALL)


@cache
def _broken_off() -> re.Pattern[str]:
    return re.compile(r"(?:\.\.\.|…|\[\.\.\.\]|\[…\])\W{0,2}$")


def is_excerpt(copy: str, before_twin: str) -> bool:
    """Whether a paragraph presents itself as part of another: set in quotation marks that the other does not have, or
    broken off by an ellipsis. ``before_twin`` are the two characters in front of what it repeats.

    >>> is_excerpt("“So it ended.”", "n "), is_excerpt("So it...", "n "), is_excerpt("So it ended.", "n ")
    (True, True, False)
    """
    if _broken_off().search(copy.rstrip()):
        return True
    return bool(_quoted().match(copy)) and not re.search("[\"“”„«‘'>「『]", before_twin)


class Furniture:
    """Short lines that stand again between paragraphs and share no words with them: buttons, notices, credits."""

    def __init__(
        self,
        stream: Stream,
        units: Units,
        equal: Counter[str],
        short_around: Callable[[int], float],
        foreign: Callable[[tuple[Part, ...]], float],
    ) -> None:
        """``short_around``: share of short lines around a paragraph; ``foreign``: share of the words of parts that
        stand nowhere else."""
        self._stream = stream
        self._sizes: dict[str, int] = {}
        for at, (start, end) in enumerate(zip(units.starts, units.ends, strict=True)):
            line = stream.letters[start:end]
            if line in self._sizes or units.blocks[at].kind != PROSE or equal[line] < 2:
                continue
            if not MIN_LINE <= stream.weight(start, end) < LONGEST:
                continue
            part = Part(start, end, start, end, end - start, at, -1)
            if short_around(at) < _MAX_SHORT and foreign((part,)) >= _MIN_FOREIGN:
                self._sizes[line] = end - start
        self._total = sum(self._sizes.values())

    def beside(self, parts: Sequence[Part]) -> float:
        """Share of the document, in per cent, that is furniture, each line once, but for these ``parts``."""
        letters = self._stream.letters
        lines = {letters[part.start : part.end] for part in parts}
        own = sum(self._sizes.get(line, 0) for line in lines)
        return 100 * (self._total - own) / len(letters)
