"""What is decided for the whole document once each claim has been judged by itself.

Two things no claim shows alone: that paragraphs directly follow themselves throughout, and that the same line goes at
half of the places where it stands or more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from dedup.engine.claims import Claim, Part
from dedup.engine.surroundings import Surroundings

MIN_PLACES = 3
"""Places at which paragraphs are proven to have been pasted twice, from which all were."""
MIN_DOUBLED = 0.25
"""Share of the paragraphs that these make up, copies and twins, at least. Measured on 1,616 documents: texts that
were pasted paragraph by paragraph have .25 to .74, others with so many places at most .15."""
DOUBLED_SHARE = 5
"""Whole paragraphs may go there from this part of the least weight on."""
LONGEST_LINE = 80
"""Letters below which a paragraph is a line: it has no order to keep, and one verdict wherever it stands."""


def are_doubled_throughout(accepted: Iterable[Claim], surroundings: Surroundings) -> bool:
    """Whether a document's paragraphs are proven to follow themselves, one by one."""
    twice = [claim for claim in accepted if surroundings.is_pasted_twice(claim)]
    if len({claim.repeat for claim in twice}) < MIN_PLACES:
        return False
    paragraphs = {part.paragraph for claim in twice for part in claim.parts}
    return len(paragraphs) >= MIN_DOUBLED * surroundings.paragraphs


class Lines:
    """Lines that stand again letter by letter, and at how many places each is proven to be a copy.

    Only claims that are nothing but lines count: what goes with a longer passage goes for its company.
    """

    def __init__(self, accepted: Iterable[Claim], surroundings: Surroundings) -> None:
        self._letters = surroundings.stream.letters
        self._equal = surroundings.equal
        self._origin: dict[int, int] = {}
        self._copies: Counter[str] = Counter()
        for claim in accepted:
            if claim.letters < LONGEST_LINE and all(map(_is_line, claim.parts)):
                for part in claim.parts:
                    self._copies[self._line(part)] += self._join(part)

    @property
    def are_any(self) -> bool:
        """Whether any line is proven to be a copy."""
        return bool(self._copies)

    def are_mostly_copies(self, parts: Sequence[Part]) -> bool:
        """Whether ``parts`` are one line of several places that goes at half of those or more at which it could."""
        if len(parts) != 1 or not _is_line(parts[0]):
            return False
        line = self._line(parts[0])
        copies, could = self._copies[line], self._equal[line] - 1
        return 1 < could <= 2 * copies

    def _line(self, part: Part) -> str:
        return self._letters[part.start : part.end]

    def _join(self, part: Part) -> bool:
        """Take a line and its twin for copies; False if that was known already."""
        one, two = self._first(part.start), self._first(part.twin)
        if one != two:
            self._origin[max(one, two)] = min(one, two)
        return one != two

    def _first(self, place: int) -> int:
        while place in self._origin:
            place = self._origin[place]
        return place


def _is_line(part: Part) -> bool:
    return part.is_exact and part.sentence < 0 and part.end - part.start < LONGEST_LINE
