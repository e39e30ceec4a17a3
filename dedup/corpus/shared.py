"""Letters of all documents -> the grams that several documents share: cheap, complete for what is long enough.

A gram is ``GRAM`` bytes of letters, paragraph borders ignored. One in ``RATE`` is looked at, chosen by what it
says, so the same ones on both sides of a copy. Grams that one document alone has, nearly all of them, are gone
after one sort; beyond a limit on memory they are sorted part by part, in files, with the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple

from dedup.corpus.filed import Column

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

GRAM = 16
"""Bytes: sixteen Latin letters, eight Cyrillic ones, five Han characters."""
RATE = 8
"""One gram in so many: a story of 400 letters has fifty, 27 of them where one letter in 25 is misread."""
_ENTRY = 40
"""Bytes of memory that sorting takes for each gram looked at."""
_BLOCK = 1 << 17
"""Bytes hashed at once: what stays in the cache of a core."""
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


class Shared(NamedTuple):
    """Places of grams that documents of at least two owners hold: one row a gram and document, its first place
    there. Rows of one gram stand together, by the order of documents; grams are numbered."""

    at: np.ndarray
    """int64, a row: the gram's first byte in ``Corpus.keys``."""
    order: np.ndarray
    """int32, a row: place of the document in the canonical order."""
    gram: np.ndarray
    """int32, a row: number of its gram."""
    begin: np.ndarray
    """int64, a gram: its first row."""
    owners: np.ndarray
    """int32, a gram: how many owners have it, in paragraphs that are passed over as well: what many say is common,
    also where most of it is gone. Documents of one cluster are one owner."""
    hubs: np.ndarray
    """int64, ``HUBS`` columns a gram: rows of its first owners, -1 where it has no more."""


HUBS = 3


def shared(
    corpus: Corpus,
    is_out: np.ndarray,
    order: np.ndarray,
    owner: np.ndarray,
    memory: int,
) -> Shared:
    """The grams that documents of several owners share.

    ``is_out``: for each row of the corpus whether its letters are to be passed over. ``order``: for each document
    its place in the canonical order. ``owner``: for each document a number that it shares with its cluster alone.
    ``memory``: bytes that sorting may take.
    """
    import numpy as np

    columns = [Column(kind) for kind in ("i8", "i4", "i4", "i8", "i4", "i8")]
    rows = grams = 0
    for part in _parts(corpus.keys, max(1, memory // _ENTRY)):
        one = _of_part(corpus, is_out, order, owner, *_again(*part))
        hubs = np.where(one.hubs < 0, -1, one.hubs + rows)
        moved = one._replace(gram=one.gram + grams, begin=one.begin + rows, hubs=hubs.ravel())
        for column, numbers in zip(columns, moved, strict=True):
            column.add(numbers)
        rows, grams = rows + len(one.at), grams + len(one.begin)
    found = Shared(*(column.finish() for column in columns))
    return found._replace(hubs=found.hubs.reshape(-1, HUBS))


def _of_part(
    corpus: Corpus,
    is_out: np.ndarray,
    order: np.ndarray,
    owner: np.ndarray,
    at: np.ndarray,
    hashes: np.ndarray,
) -> Shared:
    """The rows of grams of which all places are among ``at``."""
    import numpy as np

    row = corpus.key_start.searchsorted(at, "right") - 1
    last = corpus.key_start.searchsorted(at + GRAM - 1, "right") - 1
    document = corpus.document[row] if len(row) else np.empty(0, np.int32)
    fits = _is_inside(corpus, document, at)
    at, hashes, document = at[fits], hashes[fits], document[fits]
    is_live = ~_any_out(is_out, row[fits], last[fits])
    return _grouped(at, hashes, order[document].astype(np.int32), owner[document], is_live)


def _is_inside(corpus: Corpus, document: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether each gram ends in the document that it begins in."""
    is_inside: np.ndarray = at + GRAM <= corpus.key_start[corpus.first[document + 1]]
    return is_inside


def _any_out(is_out: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whether any row from ``first`` to ``last`` is out."""
    import numpy as np

    out = np.flatnonzero(is_out)
    has: np.ndarray = out.searchsorted(last + 1) > out.searchsorted(first)
    return has


def _parts(keys: np.ndarray, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places and hashes of the grams looked at, in parts of about ``most`` and less; equal ones are in one part."""
    import numpy as np

    parts = 1
    while len(keys) > parts * most * RATE and parts < _MAX_PARTS:
        parts *= 2
    if parts == 1:
        blocks = list(_sampled(keys)) or [(np.empty(0, np.int64), np.empty(0, np.uint64))]
        at, hashes = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
        yield at, hashes
        return
    files = [TemporaryFile() for _ in range(parts)]  # noqa: SIM115  closed one by one below
    for at, hashes in _sampled(keys):
        _spill(files, at, hashes)
    while files:
        with files.pop() as file:
            file.seek(0)
            rows = np.frombuffer(file.read(), np.uint64).reshape(-1, 2)
        yield rows[:, 0].astype(np.int64), rows[:, 1].copy()


_MAX_PARTS = 256


def _spill(files: Sequence[IO[bytes]], at: np.ndarray, hashes: np.ndarray) -> None:
    """Write each gram to the file of its part, which its hash tells."""
    import numpy as np

    part = (hashes & np.uint64(len(files) - 1)).astype(np.uint16)
    by_part = part.argsort(kind="stable")
    rows = np.stack((at.view(np.uint64), hashes), axis=1)[by_part]
    ends = part[by_part].searchsorted(np.arange(len(files) + 1))
    for number, file in enumerate(files):
        file.write(rows[ends[number] : ends[number + 1]].tobytes())


def _sampled(keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places and hashes of the grams looked at, block by block in ascending order."""
    import numpy as np

    one, two, three = map(np.uint64, _ODD)
    half = GRAM - 8
    for start in range(0, len(keys) - GRAM + 1, _BLOCK):
        block = np.ascontiguousarray(keys[start : start + _BLOCK + GRAM - 1])
        words = np.ndarray(len(block) - 7, "<u8", block, strides=(1,))
        mixed = words[: len(block) - GRAM + 1] * one
        places = np.flatnonzero(mixed < np.uint64(2**64 // RATE))
        hashes = mixed[places] ^ (words[places + half] * two)
        hashes ^= hashes >> np.uint64(31)
        hashes *= three
        hashes ^= hashes >> np.uint64(29)
        yield places + start, hashes


def _again(at: np.ndarray, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The grams that occur again, and a few others: told by half of the hash, packed with an index and sorted."""
    import numpy as np

    suspects = _suspects(hashes)
    at, hashes = at[suspects], hashes[suspects]
    packed = hashes & np.uint64(0xFFFFFFFF00000000)
    packed |= np.arange(len(hashes), dtype=np.uint64)
    packed.sort()
    is_equal = (packed[1:] ^ packed[:-1]) < np.uint64(1 << 32)
    again = np.zeros(len(packed), bool)
    again[1:] = is_equal
    again[:-1] |= is_equal
    found = (packed[again] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return at[found], hashes[found]


def _suspects(hashes: np.ndarray) -> np.ndarray:
    """Indexes of all hashes that occur again, and of one in five others: their place in a table is taken twice.

    Only these are sorted, which is what costs.
    """
    import numpy as np

    bits = max(8, (2 * len(hashes)).bit_length())
    places = (hashes >> np.uint64(64 - bits)).view(np.int64)
    indexes = np.arange(len(hashes), dtype=np.uint32)
    last = np.empty(1 << bits, np.uint32)
    last[places] = indexes
    is_taken = np.zeros(1 << bits, bool)
    is_taken[places[last[places] != indexes]] = True
    return np.flatnonzero(is_taken[places])


def _grouped(
    at: np.ndarray, hashes: np.ndarray, order: np.ndarray, owner: np.ndarray, is_live: np.ndarray
) -> Shared:
    """Rows by gram and order, one a document, of those that live, without grams that a single owner has left.

    ``at`` ascends among those with equal higher halves of their hashes.
    """
    import numpy as np

    # Places of one gram come in order.
    by_gram = np.lexsort((order.astype(np.int64) * 2 + ~is_live, hashes))
    columns = [column[by_gram] for column in (at, hashes, order, owner, is_live)]
    is_new = _changes(columns[1]) | _changes(columns[2])
    at, hashes, order, owner, is_live = (column[is_new] for column in columns)
    owners = _owners(np.cumsum(_changes(hashes)) - 1, owner)
    at, hashes, order, owner, owners = (
        column[is_live] for column in (at, hashes, order, owner, owners)
    )
    group = np.cumsum(_changes(hashes)) - 1
    several = np.flatnonzero(_owners(group, owner) > 1)
    at, order, group, owner, owners = (
        column[several] for column in (at, order, group, owner, owners)
    )
    changes = _changes(group)
    begins = np.flatnonzero(changes)
    number = np.cumsum(changes) - 1
    hubs = np.full((len(begins), HUBS), -1, np.int64)
    firsts = np.flatnonzero(_is_first_of_owner(number, owner))
    rank = np.arange(len(firsts)) - firsts.searchsorted(begins)[number[firsts]]
    for hub in range(HUBS):
        hubs[number[firsts[rank == hub]], hub] = firsts[rank == hub]
    return Shared(at, order, number.astype(np.int32), begins, owners[begins].astype(np.int32), hubs)


def _owners(group: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """For each row how many owners its group has."""
    import numpy as np

    counts = np.bincount(group[_is_first_of_owner(group, owner)], minlength=1)
    owners: np.ndarray = counts[group]
    return owners


def _is_first_of_owner(group: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Whether no earlier row of the same gram is of the same owner."""
    import numpy as np

    packed = group.astype(np.int64) * (int(owner.max(initial=0)) + 1) + owner
    if (packed[1:] > packed[:-1]).all():  # without clusters
        return np.ones(len(group), bool)
    by_owner = np.argsort(packed, kind="stable")
    is_first = np.empty(len(group), bool)
    is_first[by_owner] = _changes(packed[by_owner])
    return is_first


def _changes(values: np.ndarray) -> np.ndarray:
    """Whether each value differs from the one before it; the first does."""
    import numpy as np

    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes
