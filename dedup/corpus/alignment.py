"""Pairs of documents with anchors -> the stretches of them that stand opposite each other, in order.

Anchors grow as far as the letters on both sides are equal, and the short gaps left between them are compared letter
by letter, so that misread letters cost what they are and no more. Many pairs are aligned together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.anchors import Anchors
from dedup.corpus.likely import GRAM
from dedup.corpus.words import SIZE, at_every_offset

if TYPE_CHECKING:
    import numpy as np

GAP = 1024
"""Bytes up to which a gap on both sides is compared letter by letter."""
_CHANCE = 0.55
"""Share of the longer side of a gap that must be equal, or it is no misreading but other text: the letters of two
texts of one language are equal by half when only their order counts."""
_SHORT = 12
"""Letters of a gap that are too few to tell."""
_STEPS = 64
"""Words by which the equal ends of a gap are measured before longer pieces are compared."""


class Letters:
    """The letters of some documents, and the eight bytes at any place of them at once."""

    def __init__(self, starts: np.ndarray, keys: np.ndarray, documents: np.ndarray) -> None:
        import numpy as np

        ends = starts[documents + 1]
        around = np.zeros(SIZE, np.uint8)
        pieces = [around]
        for start, end in zip(starts[documents].tolist(), ends.tolist(), strict=True):
            pieces += [keys[start:end], around]
        letters = np.concatenate(pieces)
        sizes = ends - starts[documents] + SIZE
        self.begins: np.ndarray = np.cumsum(sizes) - sizes + SIZE
        """int64: where each of them begins; eight bytes or more are between."""
        self.bytes = letters.tobytes()
        self.is_ascii = self.bytes.isascii()
        self.words = at_every_offset(letters)


class Stretches(NamedTuple):
    """S stretches of P pairs, by pair and place; between them is what stands on one side only."""

    pair: np.ndarray
    """int64, S."""
    starts: np.ndarray
    """int64, S x 2: bytes of both documents' letters."""
    ends: np.ndarray
    """int64, S x 2."""
    share: np.ndarray
    """float64, S: how much of the longer side is equal."""


def covered(found: Anchors, lengths: np.ndarray) -> np.ndarray:
    """float64, P x 2: the share of each document that anchors cover, with gaps that could be equal by their sizes.

    ``lengths``: int64, P x 2, bytes of both documents. No alignment finds more.
    """
    import numpy as np

    nodes = _nodes(found, lengths)
    low, high = nodes.ends[:-1], nodes.starts[1:]
    sizes = high - low
    gaps = np.where(sizes.max(axis=1) <= GAP, sizes.min(axis=1), 0)[:, None]
    equal = nodes.ends - nodes.starts
    equal[:-1] += np.where((nodes.pair[1:] == nodes.pair[:-1])[:, None], gaps, 0)
    total = np.add.reduceat(equal, np.flatnonzero(nodes.is_first)) if len(lengths) else equal
    share: np.ndarray = np.minimum(total, lengths) / np.maximum(lengths, 1)
    return share


def align(letters: Letters, found: Anchors, bases: np.ndarray, lengths: np.ndarray) -> Stretches:
    """What of pairs of documents stands opposite each other.

    ``bases``: int64, P x 2, where the letters of each begin in ``letters``; ``lengths``: how many bytes.
    """
    import numpy as np

    nodes = _nodes(_proved(letters, found, bases), lengths)
    pair, starts, ends, _ = nodes
    base = bases[pair]
    low, high = ends + base, ends + base
    high[:-1] = np.where((pair[1:] == pair[:-1])[:, None], starts[1:] + base[1:], high[:-1])
    before = _equal_beginning(letters, low, high)
    low = low + before[:, None]
    after = _equal_end(letters, low, high)
    high = high - after[:, None]
    starts[1:] -= after[:-1, None]
    ends += before[:, None]
    count = 2 * len(pair)
    share = np.ones(count)
    share[1::2] = _shares(letters, low, high)
    return Stretches(
        np.repeat(pair, 2),
        np.stack([starts, ends], axis=1).reshape(count, 2),
        np.stack([ends, high - base], axis=1).reshape(count, 2),
        share,
    )


def _proved(letters: Letters, found: Anchors, bases: np.ndarray) -> Anchors:
    """The anchors whose letters are equal; their hashes are."""
    one, two = found.one + bases[found.pair, 0], found.two + bases[found.pair, 1]
    rest = GRAM - SIZE
    is_equal = letters.words[one] == letters.words[two]
    is_equal &= letters.words[one + rest] == letters.words[two + rest]
    return Anchors(*(column[is_equal] for column in found))


class _Nodes(NamedTuple):
    """The anchors of each pair, with an empty one at either end of the documents."""

    pair: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    is_first: np.ndarray


def _nodes(found: Anchors, lengths: np.ndarray) -> _Nodes:
    import numpy as np

    count = len(lengths)
    sizes = np.bincount(found.pair, minlength=count) + 2
    lasts = np.cumsum(sizes) - 1
    pair = np.repeat(np.arange(count), sizes)
    starts = np.zeros((len(pair), 2), np.int64)
    ends = np.zeros((len(pair), 2), np.int64)
    starts[lasts] = ends[lasts] = lengths
    is_first = np.zeros(len(pair), bool)
    is_first[lasts - sizes + 1] = True
    inner = ~is_first
    inner[lasts] = False
    starts[inner] = np.column_stack([found.one, found.two])
    ends[inner] = starts[inner] + GRAM
    over = np.maximum(0, ends[:-1] - starts[1:]).max(axis=1, initial=0)
    starts[1:] += np.where(is_first[1:], 0, over)[:, None]
    return _Nodes(pair, starts, np.maximum(ends, starts), is_first)


def _equal_beginning(letters: Letters, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """int64, G: with how many equal bytes both sides of each gap begin."""
    import numpy as np

    return _run(letters, low, (high - low).min(axis=1, initial=1 << 62), np.int64(0))


def _equal_end(letters: Letters, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """int64, G: with how many equal bytes both sides of each gap end."""
    import numpy as np

    return _run(letters, high - SIZE, (high - low).min(axis=1, initial=1 << 62), np.int64(1))


def _run(letters: Letters, at: np.ndarray, limit: np.ndarray, is_back: np.int64) -> np.ndarray:
    """How many bytes, at most ``limit``, are equal from both places ``at`` on, or backwards from there."""
    import numpy as np

    size = np.zeros(len(limit), np.int64)
    left = np.flatnonzero(limit > 0)
    for _ in range(_STEPS):
        if not len(left):
            break
        step = -size[left] if is_back else size[left]
        other = letters.words[at[left, 0] + step] ^ letters.words[at[left, 1] + step]
        size[left] += _equal_bytes(other.byteswap() if is_back else other)
        left = left[(other == 0) & (size[left] < limit[left])]
    for gap in left.tolist():
        size[gap] = _long_run(letters.bytes, at[gap].tolist(), int(limit[gap]), bool(is_back))
    return np.asarray(np.minimum(size, limit))


def _equal_bytes(other: np.ndarray) -> np.ndarray:
    """int64: of two words so many first bytes are equal, by the bits in which they are not."""
    import numpy as np

    lowest = other & (~other + np.uint64(1))
    bits = np.log2(np.maximum(lowest, np.uint64(1)).astype(np.float64)).astype(np.int64)
    return np.where(other == 0, SIZE, bits >> 3)


def _long_run(data: bytes, at: Sequence[int], limit: int, is_back: bool) -> int:
    """The same for one gap, by halves."""
    done, step = 0, limit
    while step:
        size = min(step, limit - done)
        one, two = (place + SIZE - done - size if is_back else place + done for place in at)
        if size and data[one : one + size] == data[two : two + size]:
            done += size
        else:
            step //= 2
    return done


def _shares(letters: Letters, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """float64, G: how much of the longer side of each gap is equal; 0.0 if no more than any two texts share."""
    import numpy as np
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cpdist

    share = np.zeros(len(low))
    sizes = high - low
    gaps = np.flatnonzero(
        (sizes.min(axis=1, initial=GAP) > 0) & (sizes.max(axis=1, initial=0) <= GAP)
    )
    spans = np.concatenate([low[gaps], high[gaps]], axis=1).tolist()
    data = letters.bytes
    ones = _readable([data[one:end] for one, _, end, _ in spans], letters.is_ascii)
    twos = _readable([data[two:end] for _, two, _, end in spans], letters.is_ascii)
    found = cpdist(ones, twos, scorer=LCSseq.normalized_similarity, dtype=np.float64)
    shorter = np.fromiter(map(min, map(len, ones), map(len, twos)), np.int64, len(gaps))
    share[gaps] = np.where((found >= _CHANCE) | (shorter <= _SHORT), found, 0.0)
    return share


def _readable(pieces: Sequence[bytes], is_ascii: bool) -> Sequence[bytes | str]:
    """Pieces as rapidfuzz compares them letter by letter."""
    if is_ascii:
        return pieces
    return [piece if piece.isascii() else piece.decode("utf-8", "ignore") for piece in pieces]
