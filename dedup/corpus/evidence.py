"""Units of one document that stand in another -> is that a story said again, or a citation that has to stay?

The same kind of score as within a document: few signed terms, each with a meaning, and a few hard exclusions
beside it. A citation is short, or marked as one; a story said again is long for what is shared, stands in a
row, and is much of one of both documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import starts_of
from dedup.corpus.opposite import MIN_BLOCK, Side, Unit
from dedup.corpus.partners import INSIDE
from dedup.corpus.sheets import ROLES
from dedup.corpus.windows import Rows
from dedup.engine.differences import Differences, are_of_others, is_translation, targets, words_of
from dedup.engine.split import PROSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from dedup.corpus.columns import Corpus

MIN_SENTENCES = 3
"""Sentences of a block: one or two are a citation."""
LONG = 250
"""Weight that counts as a sentence where there are fewer, but at least two: long ones are no citation."""
MIN_TEASER = 80
"""Weight of a paragraph that goes because its words stand inside another: a teaser, a standfirst."""
TEASER_DENSITY = 0.93
"""Share of its letters that stand opposite."""
MAX_HOLE = 300
"""Letters without a counterpart between two units of one block: an inserted sentence or paragraph."""
MAX_GUARDED = 0.35
"""Share of a block whose numbers or names differ from which the rest is the frame of a template."""
SHORT = 60
"""Weight of a line up to which it is short."""
MAX_CITED = 0.5
"""Share of a block that is marked as another's words from which it is a citation; a story has some of them."""
MAX_CITATION = 3000
"""Weight of a paragraph that is no citation any more, whatever marks stand around it."""
MIN_ALIKE = 0.4
"""Share of a document's paragraphs that stand inside others' from which it is a list of teasers."""
MIN_CONFIDENCE = 0.5
_QUOTE = re.compile(r"\s*(?:>|[\"“”„«‘'「『]).*", re.DOTALL)
_QUOTE_END = re.compile(r"[\"”“»’'」』][.,;:!?]?\s*$")
_OPENS = re.compile(r"[:：]\s*$")
_SOURCE = re.compile(r"\s*(?:—|–|―)\s*\S.{0,60}(?<![.,;:!?])$")
_REFERENCE = re.compile(r"\s*\[[^\]\s]{1,30}\]:?\s+\S|.{0,999}\bdoi[: ]\s*10\.", re.I | re.S)
_LEADER = re.compile(r"\.{5}|(?:\. ){5}")
_BROKEN_OFF = re.compile(r"(?:\.\.\.|…|\[\.\.\.\]|\[…\])\W{0,2}$")


_CONTEXT = 12
"""Paragraphs looked at on each side."""
_SAME_SIZE = 0.9
"""Shorter of two paragraphs' weights / the longer: they may be copies."""


class Weights(NamedTuple):
    """What each term weighs, in units of log-odds."""

    bias: float
    amount: float
    gaps: float
    holes: float
    numbers: float
    names: float
    words: float
    noise: float
    fragment: float
    short_lines: float
    whole: float


BLOCK = Weights(-5.2, 1.07, -9.0, -5.0, -2.0, -0.4, -1.0, 0.6, -0.6, -4.0, 1.6)
TEASER = Weights(-5.4, 1.07, -9.0, 0.0, -2.0, -0.8, -1.1, 0.5, 0.0, 0.0, 2.4)
_BESIDE = 2.0
"""What a proven block next to it speaks for a block."""
_OPENING, _BROKEN, _SEVERAL = 0.7, 1.5, 1.0
"""What speaks for a teaser: the other paragraph begins with it; it breaks off; it has several sentences."""


class Texts:
    """What units and their twins say."""

    def __init__(self, rows: Rows, is_out: np.ndarray) -> None:
        """``is_out``: for each row whether it is passed over."""
        import numpy as np

        self.rows = rows
        self.corpus: Corpus = rows.corpus
        self.is_out = is_out
        sizes = np.diff(rows.corpus.key_start)
        sizes[is_out] = 0
        self._live = starts_of(sizes)

    def between(self, one: Unit, two: Unit) -> int:
        """Bytes of letters between two units of one document, without those that are passed over; negative if
        ``two`` does not follow."""
        return self._apart((one.row, one.start, one.end), (two.row, two.start, two.end))

    def between_twins(self, one: Unit, two: Unit) -> int:
        """The same between the twins of two units."""
        return self._apart(one.twins[-1], two.twins[0])

    def _apart(self, one: tuple[int, int, int], two: tuple[int, int, int]) -> int:
        if one[0] >= two[0]:
            return two[1] - one[2] if one[0] == two[0] else -1
        size = len(self.rows[one[0]].stream.letters)
        return size - one[2] + int(self._live[two[0]] - self._live[one[0] + 1]) + two[1]

    def copy(self, unit: Unit) -> str:
        """A unit as it stands in its document."""
        row = self.rows[unit.row]
        if unit.sentence < 0:
            return row.text
        return row.spans[unit.sentence].cut(row.text)

    def twin(self, unit: Unit) -> list[str]:
        """What stands opposite, paragraph by paragraph."""
        found = []
        for at, start, end in unit.twins:
            row = self.rows[at]
            found.append(row.stream.passage(start, end).cut(row.text))
        return found

    def place(self, unit: Unit) -> tuple[int, int]:
        """Where a unit stands in its document's text, in code points."""
        origin = int(self.corpus.start[unit.row])
        if unit.sentence < 0:
            return origin, int(self.corpus.end[unit.row])
        span = self.rows[unit.row].spans[unit.sentence]
        return origin + span.start, origin + span.end

    def twin_places(self, unit: Unit) -> tuple[tuple[int, int], ...]:
        """Where its twins stand in theirs."""
        found = []
        for row, start, end in unit.twins:
            span = self.rows[row].stream.passage(start, end)
            origin = int(self.corpus.start[row])
            found.append((origin + span.start, origin + span.end))
        return tuple(found)

    def context(self, units: Sequence[Unit]) -> set[int]:
        """Paragraphs next to ``units`` that are gone while one of that size stands next to the twins: most likely
        what they are copies of, so they speak for the rest."""
        found: set[int] = set()
        for unit in units:
            found.update(self._beside(unit.row, unit.twins[0][0], -1))
            found.update(self._beside(unit.row, unit.twins[-1][0], 1))
        return found

    def _beside(self, row: int, twin: int, step: int) -> Iterator[int]:
        corpus = self.corpus
        mine, other = corpus.document[row], corpus.document[twin]
        for _ in range(_CONTEXT):
            row, twin = row + step, twin + step
            if not 0 <= min(row, twin) <= max(row, twin) < len(self.is_out):
                return
            if corpus.document[row] != mine or corpus.document[twin] != other:
                return
            sizes = sorted((int(corpus.weight[row]), int(corpus.weight[twin])))
            if not self.is_out[row] or sizes[0] < _SAME_SIZE * sizes[1]:
                return
            yield row

    def weight(self, unit: Unit) -> int:
        """Weighted letters."""
        return self.rows[unit.row].stream.weight(unit.start, unit.end)

    def is_prose(self, row: int) -> bool:
        """Whether a paragraph is prose."""
        return ROLES[self.corpus.role[row]] == PROSE

    def is_short(self, row: int) -> bool:
        """Whether a paragraph is a short line, as in verse, captions and cells."""
        return int(self.corpus.weight[row]) < SHORT

    def is_block_quote(self, row: int) -> bool:
        """Whether a paragraph is marked as a quote as a whole."""
        return self.rows[row].text[:99].lstrip().startswith(">")

    def is_citation(self, row: int) -> bool:
        """Whether a paragraph is marked as another's words: by quotation marks around all of it, a colon before it
        or a source after it; or is a reference, or a line of a table of contents."""
        if int(self.corpus.weight[row]) > MAX_CITATION:
            return False
        text = self.rows[row].text
        if _REFERENCE.match(text) or _LEADER.search(text):
            return True
        if _QUOTE.match(text) and _QUOTE_END.search(text):
            return True
        document = self.corpus.document[row]
        first, stop = self.corpus.first[document], self.corpus.first[document + 1]
        if row > first and _OPENS.search(self._end(row - 1)):
            return True
        return row + 1 < stop and bool(_SOURCE.match(self._begin(row + 1)))

    def _end(self, row: int) -> str:
        starts = self.corpus.text_start
        low = max(int(starts[row]), int(starts[row + 1]) - 8)
        return self.corpus.texts[low : starts[row + 1]].tobytes().decode("utf-8", "ignore")

    def _begin(self, row: int) -> str:
        starts = self.corpus.text_start
        if int(starts[row + 1]) - int(starts[row]) > 100:
            return ""
        return self.corpus.text(row)


def is_guarded(texts: Texts, unit: Unit) -> bool:
    """Whether a unit says something else than its twin: other numbers, other names alone, links to elsewhere."""
    if unit.matched == unit.end - unit.start == sum(end - start for _, start, end in unit.twins):
        return targets(texts.copy(unit)) != targets(" ".join(texts.twin(unit)))
    copy, twin = texts.copy(unit), " ".join(texts.twin(unit))
    ones, twos = words_of(copy), words_of(twin)
    found = Differences.between(ones, twos)
    if found.numbers and found.misspelt < max(3, 2 * found.numbers):
        return True
    if are_of_others(ones, twos):
        return True
    links, others = targets(copy), targets(twin)
    return bool(links) and bool(others) and not set(links) & set(others)


def without_guarded(texts: Texts, units: Sequence[Unit]) -> list[Unit]:
    """The units that say what their twins say; of a paragraph that does not, the sentences that do."""
    found = []
    for unit in units:
        if not is_guarded(texts, unit):
            found.append(unit)
        else:
            found += [part for part in unit.parts if not is_guarded(texts, part)]
    return found


def blocks(texts: Texts, units: Sequence[Unit]) -> list[list[Unit]]:
    """Units in rows without long holes between them."""
    found: list[list[Unit]] = []
    for unit in units:
        if found and texts.between(found[-1][-1], unit) <= MAX_HOLE:
            found[-1].append(unit)
        else:
            found.append([unit])
    return found


def may_be_block(texts: Texts, units: Sequence[Unit], min_chars: int, is_beside: bool) -> bool:
    """Whether units that follow each other are enough for a block: no citation of a sentence or two, and not just a
    paragraph that is like another, which has been decided on by itself."""
    if len(units) == 1 and not is_beside and _is_pair(texts, units[0]):
        return False
    amount = _amount(texts, units)
    if amount < (min_chars if is_beside else max(MIN_BLOCK, min_chars)):
        return False
    sentences = len(texts.context(units))
    for unit in units:
        if texts.is_prose(unit.row):
            sentences += 1 if unit.sentence >= 0 else len(texts.rows[unit.row].sentences)
        if is_beside or sentences >= MIN_SENTENCES:
            return True
    return sentences > 1 and amount >= MIN_SENTENCES * LONG


def _is_pair(texts: Texts, unit: Unit) -> bool:
    """Whether a whole paragraph stands opposite most of a single one."""
    if unit.sentence >= 0 or len(unit.twins) != 1:
        return False
    at, start, end = unit.twins[0]
    return end - start >= INSIDE * len(texts.rows[at].stream.letters)


def _amount(texts: Texts, units: Sequence[Unit]) -> float:
    """Weight of the prose that stands opposite, with what is gone beside it."""
    amount = float(sum(int(texts.corpus.weight[row]) for row in texts.context(units)))
    for unit in units:
        if texts.is_prose(unit.row):
            amount += texts.weight(unit) * unit.matched / max(1, unit.size)
    return amount


def block_confidence(
    texts: Texts,
    block: Sequence[Unit],
    units: Sequence[Unit],
    rarity: float,
    whole: float,
    is_beside: bool,
) -> float:
    """How sure it is that ``units``, those of ``block`` that may go, are a passage said again; 0.0: certainly not.

    ``rarity``: how rare what is shared is, 0-1. ``whole``: share of one of both documents that is shared.
    ``is_beside``: they stand next to a proven block, and their twins next to its twins.
    """
    amount = _amount(texts, units)
    letters = sum(unit.size for unit in units)
    cited = sum(unit.size for unit in units if texts.is_citation(unit.row))
    if cited > MAX_CITED * letters:
        return 0.0
    holes = sum(max(0, texts.between(one, two)) for one, two in pairwise(block))
    terms = _terms(texts, units, amount * rarity)
    if _is_other_language(texts, units, terms):
        return 0.0
    fragment = sum(unit.size for unit in units if unit.sentence >= 0) / letters
    short = sum(unit.size for unit in units if texts.is_short(unit.row)) / letters
    terms |= {"holes": holes / (letters + holes), "fragment": fragment, "short_lines": short}
    return _logistic(_log_odds(BLOCK, {**terms, "whole": whole}) + _BESIDE * is_beside)


def teaser_confidence(texts: Texts, side: Side, whole: float, min_chars: int) -> float:
    """How sure it is that a paragraph is a teaser: its words stand inside a longer paragraph elsewhere.

    ``whole``: share of its document's other paragraphs that look like that. A sentence alone is a citation, and an
    earlier document is rather what the later one cites: only among others like them are they teasers.
    """
    unit, rarity = side.units[0], side.rarity
    row = texts.rows[unit.row]
    weight = texts.weight(unit)
    is_broken = bool(_BROKEN_OFF.search(row.text[-12:]))
    is_alone = len(row.sentences) < 2 or not side.is_later
    is_alone &= whole < MIN_ALIKE
    if weight < max(MIN_TEASER, min_chars) or (is_alone and not is_broken):
        return 0.0
    if texts.is_citation(unit.row):
        return 0.0
    terms = _terms(texts, [unit], weight * rarity)
    score = _log_odds(TEASER, {**terms, "whole": whole})
    score += _OPENING * (unit.twins[0][1] == 0) + _SEVERAL * (len(row.sentences) > 1)
    score += _BROKEN * is_broken
    return _logistic(score)


def is_inside(texts: Texts, unit: Unit) -> bool:
    """Whether a whole paragraph stands, nearly letter by letter, in a longer one."""
    if unit.sentence >= 0 or len(unit.twins) != 1 or not texts.is_prose(unit.row):
        return False
    at, _, _ = unit.twins[0]
    starts = texts.corpus.key_start
    size, opposite = (int(starts[row + 1] - starts[row]) for row in (unit.row, at))
    if unit.matched < TEASER_DENSITY * unit.size or size >= INSIDE * opposite:
        return False
    return texts.is_prose(at)


def _terms(texts: Texts, units: Sequence[Unit], amount: float) -> dict[str, float]:
    letters = sum(unit.size for unit in units)
    matched = sum(unit.matched for unit in units)
    wording: list[list[str]] = [[], []]
    for unit in units:
        if unit.matched < unit.end - unit.start or unit.matched != _opposite(unit):
            wording[0] += words_of(texts.copy(unit))
            wording[1] += words_of(" ".join(texts.twin(unit)))
    found = Differences.between(*wording)
    return {
        "amount": math.log2(max(1.0, amount / 10)),
        "gaps": 1 - matched / letters,
        "numbers": _rate(found.numbers, letters),
        "names": _rate(found.names, letters),
        "words": _rate(found.words, letters),
        "noise": _rate(found.misspelt, letters),
    }


def _opposite(unit: Unit) -> int:
    return sum(end - start for _, start, end in unit.twins)


def _rate(count: int, letters: int) -> float:
    return math.sqrt(100 * count / letters)


def _is_other_language(texts: Texts, units: Sequence[Unit], terms: Mapping[str, float]) -> bool:
    differing = [unit for unit in units if unit.matched < unit.end - unit.start]
    if not differing or terms["gaps"] < 0.1:
        return False
    return is_translation(
        map(texts.copy, differing),
        (" ".join(texts.twin(unit)) for unit in differing),
        is_respelt=terms["noise"] >= 1.2,
    )


def _log_odds(weights: Weights, terms: Mapping[str, float]) -> float:
    total = weights.bias
    for name in weights._fields[1:]:
        total += getattr(weights, name) * terms.get(name, 0.0)
    return total


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
