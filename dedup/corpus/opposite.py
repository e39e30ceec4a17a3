"""A pair of documents -> what of one stands in the other: its places chained, aligned, and snapped to units.

Only the neighbourhood of shared grams is read. Letters are those of the corpus; a paragraph's text is split into
sentences when first asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.pairs import MAX_GAP, MIN_LINKS, Pair
from dedup.corpus.shared import GRAM
from dedup.engine import claims, normalize, passages, split
from dedup.engine.matching import Match, common_length, common_length_back
from dedup.engine.units import Units
from dedup.model import Span

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

AROUND = 300
"""Bytes read beyond each end of what grams cover: as far as alignment extends."""
LONG_ROW = 1 << 14
"""Bytes of letters from which a paragraph is not read as a whole."""
_ROUNDS = 4
"""Chains are looked for in what earlier ones left: moved paragraphs."""
_OUT = ("\x01", "\x02")
"""Stand for letters that are passed over, in the earlier and the later document; equal to nothing."""
_BORDER = "\x03"


class Row:
    """The text of a paragraph and where its letters and sentences stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stream = normalize.stream(text)

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Letters of each sentence: the first, and the one after the last."""
        positions = self.stream.positions
        spans = [span for block in split.split(self.text) for span in block.sentences]
        found = [
            (bisect_left(positions, span.start), bisect_left(positions, span.end)) for span in spans
        ]
        return [(start, end) for start, end in found if start < end]

    @cached_property
    def spans(self) -> Sequence[Span]:
        """The sentences' spans, those with letters."""
        positions = self.stream.positions
        spans = [span for block in split.split(self.text) for span in block.sentences]
        return [
            span
            for span in spans
            if bisect_left(positions, span.start) < bisect_left(positions, span.end)
        ]


class Rows:
    """Paragraphs as they are asked for; the last ones are remembered, up to ``_REMEMBERED`` characters."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._size = 0

    def __getitem__(self, row: int) -> Row:
        found = self._rows.get(row)
        if found is not None:
            self._rows.move_to_end(row)
            return found
        found = self._rows[row] = Row(self.corpus.text(row))
        self._size += len(found.text)
        while self._size > _REMEMBERED and len(self._rows) > 1:
            self._size -= len(self._rows.popitem(last=False)[1].text)
        return found


_REMEMBERED = 1 << 22


class _Window:
    """A stretch of a document's letters, as a string, and the paragraphs in it."""

    def __init__(
        self, corpus: Corpus, document: int, low: int, high: int, out: str, is_out: np.ndarray
    ) -> None:
        """``low`` and ``high``: bytes in ``Corpus.keys``. Letters of rows in ``is_out`` are put as ``out``."""
        import numpy as np

        starts = corpus.key_start
        first, last = int(corpus.first[document]), int(corpus.first[document + 1]) - 1
        low, high = max(low, int(starts[first])), min(high, int(starts[last + 1]))
        self.first = int(starts.searchsorted(low, "right")) - 1
        self.stop = int(starts.searchsorted(high - 1, "right"))
        low = self._grown(int(starts[self.first]), low)
        high = int(starts[self.stop]) if int(starts[self.stop]) - high <= LONG_ROW else high
        data = corpus.keys[low:high]
        heads = (data & 0xC0) != 0x80  # first bytes of letters
        skipped = int(heads.argmax()) if len(heads) else 0
        data, heads, low = data[skipped:], heads[skipped:], low + skipped
        self._counts = None if heads.all() else np.concatenate([[0], np.cumsum(heads)])
        letters = data.tobytes().decode("utf-8", "ignore") if self._counts is None else _text(data)
        self.low, self.high = low, high
        borders = np.clip(starts[self.first : self.stop + 1], low, high)
        self.borders = [self.index(int(at)) for at in borders]
        """Letters at which its rows begin, and end."""
        self._begin = int(starts[self.first])
        self._is_cut = low > self._begin, high < int(starts[self.stop])
        self.is_out = is_out[self.first : self.stop].tolist()
        for at, skip in enumerate(self.is_out):
            if skip:
                start, end = self.borders[at], self.borders[at + 1]
                letters = letters[:start] + out * (end - start) + letters[end:]
        self.letters = letters

    @staticmethod
    def _grown(start: int, low: int) -> int:
        return start if low - start <= LONG_ROW else low

    def is_clipped(self, at: int) -> bool:
        """Whether only a part of its row number ``at`` is in it."""
        return (at == 0 and self._is_cut[0]) or (at == len(self.is_out) - 1 and self._is_cut[1])

    def skipped(self, rows: Rows) -> int:
        """Letters of its first row before it."""
        if not self._is_cut[0]:
            return 0
        size = int(rows.corpus.key_start[self.first + 1]) - self._begin
        if size == len(rows[self.first].stream.letters):  # a byte a letter
            return self.low - self._begin
        data = rows.corpus.keys[self._begin : self.low]
        return int(((data & 0xC0) != 0x80).sum())

    def index(self, at: int) -> int:
        """The letter that holds the byte at ``at``."""
        if self._counts is None:
            return at - self.low
        return int(self._counts[at - self.low])


def _text(data: np.ndarray) -> str:
    raw = data.tobytes()
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # the end cuts a letter in two
        return raw[
            : max(at for at in range(len(raw) - 4, len(raw)) if raw[at] & 0xC0 != 0x80)
        ].decode("utf-8", "surrogatepass")


class Side(NamedTuple):
    """Units of one document that stand in another: one side of one repeat."""

    document: int
    twin: int
    is_later: bool
    units: tuple[Unit, ...]
    rarity: float


class Unit(NamedTuple):
    """A paragraph or a sentence that could go, and what stands opposite; letters are those of the rows."""

    row: int
    sentence: int
    """-1 for the whole paragraph."""
    start: int
    end: int
    matched: int
    twins: tuple[tuple[int, int, int], ...]
    """Row, first letter, and letter after the last; in order."""
    parts: tuple[Unit, ...] = ()
    """Of a paragraph that is not the same letter by letter, its sentences."""


def sides(rows: Rows, pair: Pair, is_out: np.ndarray) -> list[Side]:
    """What of each document of ``pair`` stands in the other, repeat by repeat."""
    found: list[Side] = []
    for chain in _chains(pair.later_at.tolist(), pair.earlier_at.tolist()):
        found += _aligned(rows, pair, chain, is_out)
    return found


def _chains(later: list[int], earlier: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Links in the same order on both sides, without long gaps: earlier and later place of each."""
    left = list(range(len(later)))
    for _ in range(_ROUNDS):
        if len(left) < MIN_LINKS:
            return
        best = _longest([earlier[at] for at in left])
        chain: list[tuple[int, int]] = []
        for at in [left[one] for one in best]:
            link = earlier[at], later[at]
            if chain and max(link[0] - chain[-1][0], link[1] - chain[-1][1]) > MAX_GAP:
                if len(chain) >= MIN_LINKS:
                    yield chain
                chain = []
            chain.append(link)
        if len(chain) >= MIN_LINKS:
            yield chain
        taken = set(best)
        left = [at for number, at in enumerate(left) if number not in taken]


def _longest(values: Sequence[int]) -> list[int]:
    """Indexes of a longest ascending subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(values)
    for at, value in enumerate(values):
        rank = bisect_left(tails, value)
        before[at] = ends[rank - 1] if rank else -1
        tails[rank : rank + 1] = [value]
        ends[rank : rank + 1] = [at]
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def _aligned(
    rows: Rows, pair: Pair, chain: list[tuple[int, int]], is_out: np.ndarray
) -> Iterator[Side]:
    corpus = rows.corpus
    one, two = (
        _Window(
            corpus,
            document,
            chain[0][side] - AROUND,
            chain[-1][side] + GRAM + AROUND,
            _OUT[side],
            is_out,
        )
        for side, document in enumerate((pair.earlier, pair.later))
    )
    letters = one.letters + _BORDER + two.letters
    shift = len(one.letters) + 1
    matches = _matches(letters, [(one.index(a), two.index(b) + shift) for a, b in chain])
    if not matches:
        return
    repeat = passages.align(letters, matches, (True, True))
    runs = [run for run in repeat.runs if run.first + run.length < shift <= run.second]
    runs = _without_strays(runs)
    if not runs:
        return
    repeat = passages.Repeat.of(runs)
    columns, places = _units(rows, (one, two), shift)
    for claim in claims.find([repeat], columns, _letters, 1):
        if claim.side == 0:
            units = tuple(_unit(rows, part, places, two, shift) for part in claim.parts)
            yield Side(pair.earlier, pair.later, False, units, pair.rarity)
            continue
        sentences = _by_sentence(rows, repeat, claim.parts, columns, places, one)
        units = tuple(_unit(rows, part, places, one, 0) for part in claim.parts)
        units = tuple(unit._replace(parts=sentences.get(unit.row, ())) for unit in units)
        yield Side(pair.later, pair.earlier, True, units, pair.rarity)


def _without_strays(runs: Sequence[Match]) -> list[Match]:
    """Without short runs next to which one side goes on far away: chance, and it would move the border of a twin."""
    shifts = [run.second - run.first for run in runs]
    kept = []
    for at, run in enumerate(runs):
        jumps = [
            abs(shifts[other] - shifts[at]) for other in (at - 1, at + 1) if 0 <= other < len(runs)
        ]
        if run.length >= _STRAY or max(jumps, default=0) <= _JUMP:
            kept.append(run)
    return kept


_STRAY, _JUMP = 12, 30
"""Letters of a run, and by how many its diagonal lies off the next one's."""


def _letters(start: int, end: int) -> int:
    return end - start


def _by_sentence(
    rows: Rows,
    repeat: passages.Repeat,
    parts: Sequence[claims.Part],
    columns: Units,
    places: Sequence[_Place],
    opposite: _Window,
) -> dict[int, tuple[Unit, ...]]:
    """For each row of which ``parts`` hold the whole, not letter by letter the same: its sentences that stand
    opposite."""
    starts, ends, mine = [], [], []
    for part in parts:
        inside = columns.sentences[part.paragraph]
        if part.sentence < 0 and not part.is_exact and len(inside) > 1:
            place = places[part.paragraph]
            for number, (start, end) in enumerate(inside):
                starts.append(start)
                ends.append(end)
                mine.append(place._replace(sentence=number))
    if not mine:
        return {}
    sentences = [[letters] for letters in zip(starts, ends, strict=True)]
    found: dict[int, tuple[Unit, ...]] = {}
    for claim in claims.find([repeat], Units((), starts, ends, sentences), _letters, 1):
        for part in claim.parts:
            unit = _unit(rows, part, mine, opposite, 0)
            found[unit.row] = (*found.get(unit.row, ()), unit)
    return found


def _matches(letters: str, links: Sequence[tuple[int, int]]) -> list[Match]:
    """The maximal match around each link, each once."""
    found: list[Match] = []
    for first, second in links:
        if found:
            last = found[-1]
            if second - first == last.second - last.first and second < last.second + last.length:
                continue
        ahead = common_length(letters, first, second)
        behind = common_length_back(letters, first, second)
        if ahead + behind:
            found.append(Match(first - behind, second - behind, ahead + behind))
    return found


class _Place(NamedTuple):
    """What a unit of the joined letters is."""

    window: _Window
    row: int
    sentence: int
    """-1: a paragraph, whose sentences are in order; else its number in the paragraph."""
    origin: int
    """Joined letter at which the row begins, or would."""


def _units(rows: Rows, windows: tuple[_Window, _Window], shift: int) -> tuple[Units, list[_Place]]:
    """The paragraphs of both windows as units of the joined letters, and what each is.

    Of the earlier document only whole paragraphs may go, so they are not split.
    """
    starts, ends, sentences = [], [], []
    places: list[_Place] = []
    for window, offset in zip(windows, (0, shift), strict=True):
        for at, (low, high) in enumerate(pairwise(window.borders)):
            row, origin = window.first + at, low + offset
            if window.is_out[at] or low == high:
                continue
            if not window.is_clipped(at):
                starts.append(origin)
                ends.append(high + offset)
                inside = rows[row].sentences if offset else ()
                sentences.append(
                    [(a + origin, b + origin) for a, b in inside] or [(origin, ends[-1])]
                )
                places.append(_Place(window, row, -1, origin))
            elif offset:
                # Only a part of a long paragraph is read: each whole sentence of it stands for itself.
                origin -= window.skipped(rows) if at == 0 else 0
                inside = rows[row].sentences
                first = bisect_left(inside, (low + offset - origin, 0))
                for number in range(first, len(inside)):
                    start, end = inside[number]
                    if end + origin > high + offset:
                        break
                    starts.append(start + origin)
                    ends.append(end + origin)
                    sentences.append([(starts[-1], ends[-1])])
                    places.append(_Place(window, row, number, origin))
    return Units((), starts, ends, sentences), places


def _unit(
    rows: Rows, part: claims.Part, places: Sequence[_Place], opposite: _Window, shift: int
) -> Unit:
    """A part as a unit of its row. ``shift``: joined letter at which the opposite window begins."""
    place = places[part.paragraph]
    twins = []
    skipped = opposite.skipped(rows)
    for at, (low, high) in enumerate(pairwise(opposite.borders)):
        start, end = max(low, part.twin - shift), min(high, part.twin_end - shift)
        if start < end and not opposite.is_out[at]:
            origin = low - (skipped if at == 0 else 0)
            twins.append((opposite.first + at, start - origin, end - origin))
    return Unit(
        place.row,
        max(place.sentence, part.sentence),
        part.start - place.origin,
        part.end - place.origin,
        part.matched,
        tuple(twins),
    )
