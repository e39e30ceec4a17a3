"""Which findings and texts a page shows: those that take most out, as many as fit, in one pass over all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import NamedTuple

from dedup.model import KEPT_LOOKALIKE
from dedup.reports.drawings.clusters import Member
from dedup.reports.drawings.graph import MAX_NODES, Edge
from dedup.reports.drawings.treemap import Leaf
from dedup.reports.html.entry import Entry, loaded
from dedup.reports.markup import text

MAX_FINDINGS = 500
MAX_ALIKE = 100
"""Look-alikes shown."""
MAX_ROWS = 1000
"""Documents in the table."""
MAX_MEMBERS = 300
"""Documents that are named as near copies of others."""
MAX_LEAVES = 5000
"""Documents that the treemap gets one by one; what is smaller comes by the folder."""
FINDINGS_BYTES = 2_500_000
VIEW_BYTES = 1_200_000
TABLE_BYTES = 500_000
"""Sizes of the three large parts of a page, which together stay below 5 MB."""

_LINE = 400
"""Bytes of a document's line without what the document says."""


class Piece(NamedTuple):
    """A finding that is shown: where its HTML stands in what was made of its document."""

    start: int
    end: int
    number: int
    """Index of the finding in its document."""
    is_alike: bool
    removed: int


@dataclass(slots=True)
class Chosen:
    """What is known of all documents, and what of them is shown."""

    documents: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    """Of those that are named on the page, by their number."""
    rows: list[int] = field(default_factory=list)
    """The documents of the table, those that lose most first."""
    found: int = 0
    """How many documents something was found in."""
    pieces: dict[int, list[Piece]] = field(default_factory=dict)
    """The findings that are shown, by document, in order."""
    names: dict[bytes, int] = field(default_factory=dict)
    """Numbers of the documents that findings are shown of, by their names as the page writes them."""
    wanted: dict[int, set[int]] = field(default_factory=dict)
    """Lines of these documents that findings of others lead to, once those are on the page."""
    views: frozenset[int] = frozenset()
    """The documents whose texts are shown."""
    findings: int = 0
    """How many findings there are that are no look-alikes."""
    alike: int = 0
    score: float | None = None
    confidence: float | None = None
    """The lowest ones of all copies that go."""
    elsewhere: int = 0
    """How many copies are still said in another document only."""
    members: list[Member] = field(default_factory=list)
    """Documents that are nearly copies of others, as far as they are listed."""
    near: int = 0
    """How many documents are nearly copies of others."""
    leaves: list[Leaf] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    """Which document repeats which; nothing if those are more than can be drawn."""

    def shown(self, *, alike: bool) -> int:
        """How many findings, or look-alikes, are shown."""
        return sum(piece.is_alike == alike for each in self.pieces.values() for piece in each)


def choose(entries: Iterable[bytes]) -> Chosen:
    """What is shown of the documents with these entries."""
    chosen = Chosen()
    best: tuple[_Most, _Most] = (_Most(MAX_FINDINGS), _Most(MAX_ALIKE))
    rows, leaves, edges = _Most(MAX_ROWS), _Leaves(), _Edges()
    kept: dict[int, Entry] = {}
    for number, data in enumerate(entries):
        entry = loaded(data)
        _count(chosen, entry)
        leaves.add(entry)
        edges.add(entry)
        if not entry.findings and not entry.note:
            continue
        chosen.found += 1
        kept[number] = entry
        dropped = [rows.add((entry.removed, entry.found), number)]
        for piece in _pieces(entry):
            gone = best[piece.is_alike].add((piece.removed, 0), number, piece)
            dropped.append(gone)
        for other in {each for each in dropped if each is not None}:
            if not any(most.has(other) for most in (rows, *best)):
                kept.pop(other, None)
    chosen.documents = leaves.documents
    chosen.entries = kept
    chosen.rows = rows.numbers()
    _fit(chosen, [*best[0].items(), *best[1].items()])
    chosen.leaves = leaves.all()
    chosen.edges = edges.all()
    return chosen


def _count(chosen: Chosen, entry: Entry) -> None:
    chosen.findings += entry.found
    chosen.alike += entry.findings.get(KEPT_LOOKALIKE, 0)
    chosen.elsewhere += entry.elsewhere
    if entry.canonical:
        chosen.near += 1
        if len(chosen.members) < MAX_MEMBERS:
            chosen.members.append(Member(entry.name, entry.canonical, entry.likeness))
    for name in ("score", "confidence"):
        values = [getattr(each, name) for each in (chosen, entry)]
        known = [value for value in values if value is not None]
        setattr(chosen, name, min(known, default=None))


def _pieces(entry: Entry) -> Iterator[Piece]:
    start = 0
    for number, (is_alike, removed, size) in enumerate(entry.shown):
        yield Piece(start, start + size, number, is_alike, removed)
        start += size


def _fit(chosen: Chosen, best: list[tuple[int, Piece]]) -> None:
    """Keep what fits: of the findings those that take most out, then the texts they stand in."""
    room = FINDINGS_BYTES
    for number, piece in best:
        size = piece.end - piece.start
        if number not in chosen.pieces:
            size += _line(chosen.entries[number])
        if size <= room:
            room -= size
            chosen.pieces.setdefault(number, []).append(piece)
    for pieces in chosen.pieces.values():
        pieces.sort()
    room, views = VIEW_BYTES + room, set()
    for number in chosen.pieces:  # those that lose most first
        size = chosen.entries[number].view
        if 0 < size <= room:
            room -= size
            views.add(number)
    chosen.views = frozenset(views)
    chosen.pieces = dict(sorted(chosen.pieces.items()))
    for number in chosen.pieces:
        chosen.names.setdefault(text(chosen.entries[number].name).encode(), number)


def _line(entry: Entry) -> int:
    """Bytes of the line that a document gets for itself once something of it is shown, about."""
    return _LINE + sum(len(text(said).encode()) for said in (entry.name, entry.note))


class _Most:
    """The largest few of many, in a heap; what came first wins."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[tuple[int, int], int, int, Piece | None]] = []
        self._count: dict[int, int] = {}

    def add(self, rank: tuple[int, int], number: int, piece: Piece | None = None) -> int | None:
        """One more; the number of the document of which one was given up for it."""
        item = (rank, -number, -(piece.start if piece else 0), piece)
        self._count[number] = self._count.get(number, 0) + 1
        if len(self._heap) < self._most:
            heappush(self._heap, item)
            return None
        dropped = -heappushpop(self._heap, item)[1]
        self._count[dropped] -= 1
        if not self._count[dropped]:
            del self._count[dropped]
        return dropped

    def has(self, number: int) -> bool:
        """Whether something of this document is among them."""
        return number in self._count

    def items(self) -> list[tuple[int, Piece]]:
        """Numbers and pieces, the largest first."""
        return [(-number, piece) for _, number, _, piece in self._sorted() if piece is not None]

    def numbers(self) -> list[int]:
        """Numbers, the largest first."""
        return [-number for _, number, *_ in self._sorted()]

    def _sorted(self) -> list[tuple[tuple[int, int], int, int, Piece | None]]:
        return sorted(self._heap, key=lambda item: item[:3], reverse=True)


class _Leaves:
    """Documents for the treemap: the large ones, and what the others of each folder come to."""

    def __init__(self) -> None:
        self.documents = 0
        self._large: list[tuple[int, int, Leaf]] = []
        self._rest: dict[str, Leaf] = {}

    def add(self, entry: Entry) -> None:
        """One more document."""
        self.documents += 1
        leaf = Leaf(entry.name, entry.characters, entry.removed)
        item = (entry.characters, -self.documents, leaf)
        if len(self._large) < MAX_LEAVES:
            heappush(self._large, item)
            return
        *_, small = heappushpop(self._large, item)
        folder, slash, _ = small.name.rpartition("/")
        old = self._rest.get(folder, Leaf("", 0, 0, 0))
        documents = old.documents + 1
        name = f"{folder}{slash}({documents:,} smaller)"
        sizes = (old.characters + small.characters, old.removed + small.removed)
        self._rest[folder] = Leaf(name, *sizes, documents)

    def all(self) -> list[Leaf]:
        """The documents in order, then the rest of each folder."""
        large = [leaf for _, _, leaf in sorted(self._large, key=lambda item: -item[1])]
        return [*large, *(self._rest[folder] for folder in sorted(self._rest))]


class _Edges:
    """Which document repeats which, as long as it can be drawn."""

    def __init__(self) -> None:
        self._edges: list[Edge] = []
        self._names: set[str] = set()

    def add(self, entry: Entry) -> None:
        """One more document."""
        if len(self._names) > MAX_NODES:
            return
        found = [Edge(entry.name, other, gone, 0.0) for other, gone in entry.borrowed.items()]
        if entry.canonical and entry.canonical not in entry.borrowed:
            found.append(Edge(entry.name, entry.canonical, 0, entry.likeness))
        self._edges += found
        self._names.update(name for edge in found for name in (edge.name, edge.source))

    def all(self) -> list[Edge]:
        """Those of all documents; none if they are too many."""
        return self._edges if len(self._names) <= MAX_NODES else []
