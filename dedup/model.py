"""The nouns: small immutable values that the steps hand to each other and that people meet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, NamedTuple

from dedup.options import Options

Kind = Literal["exact", "near", "contained", "cleanup", "drop"]
Action = Literal["removed", "reported", "kept", "cleaned"]
Role = Literal["kept", "removed", "cleaned"]

REPEATED_BLOCK = "repeated-block"
NEAR_DUPLICATE = "near-duplicate"
CONTAINED = "contained"
BOILERPLATE = "boilerplate"
DUPLICATE_DOCUMENT = "duplicate-document"
KEPT_LOOKALIKE = "kept-lookalike"
FIXED_TEXT = "fixed-text"
NORMALIZED_SPACE = "normalized-space"
BARE_LINK = "bare-link"
SHARE_CARD = "share-card"

CLEANUP = (SHARE_CARD, BARE_LINK, FIXED_TEXT, NORMALIZED_SPACE)
"""What only cleanup finds, and only where it was asked for."""
REPAIRS = (FIXED_TEXT, NORMALIZED_SPACE)
"""Those that mend what stays; the others take text out."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points in a document's text.

    >>> Span(2, 5).cut("abcdefg")
    'cde'
    """

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def cut(self, text: str) -> str:
        """The part of ``text`` this span covers."""
        return text[self.start : self.end]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same places in text order, each once.

    >>> merged([Span(4, 6), Span(0, 2), Span(1, 4)])
    [Span(start=0, end=6)]
    """
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(span.end, found[-1].end))
        else:
            found.append(span)
    return found


def overlapping(span: Span, spans: Sequence[Span]) -> range:
    """Which of ``spans``, sorted and apart, overlap ``span``, by index.

    >>> overlapping(Span(3, 7), [Span(0, 3), Span(3, 4), Span(6, 9), Span(9, 10)])
    range(1, 3)
    """
    first = bisect_right(spans, span.start, key=_END)
    return range(first, bisect_left(spans, span.end, lo=first, key=_START))


def is_inside(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of ``spans``, sorted and apart, holds all of ``span``.

    >>> is_inside(Span(2, 3), [Span(0, 3)]), is_inside(Span(2, 4), [Span(0, 3), Span(3, 4)])
    (True, False)
    """
    at = bisect_right(spans, span.start, key=_START) - 1
    return at >= 0 and span.end <= spans[at].end


_START, _END = attrgetter("start"), attrgetter("end")


class Marker(NamedTuple):
    """A comment that tells dedup what to leave alone."""

    span: Span
    """Where it stands in the text; of a page, whose text has no comments, the gap it stands in."""
    said: str
    """What follows ``dedup:``, without the blanks around it."""
    line: int
    """Number of the line it begins on, from 1."""
    is_closed: bool = True
    """Whether the comment ends on that line."""


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded text with a name; decoded once and never changed."""

    name: str
    """Path relative to the argument's root, or what a pipe was called."""
    text: str
    """The decoded text, without the byte order mark."""
    encoding: str = "utf-8"
    """Codec that turns ``text`` into the file's bytes and back."""
    errors: str = "strict"
    """``strict``, or ``preserve``: undecodable bytes stand in ``text`` as lone surrogates."""
    bom: bytes = b""
    """The byte order mark the file began with."""
    newline: str = ""
    """``\\n``, ``\\r\\n``, ``\\r``, ``mixed``, or empty when the text has one line."""
    format: str = "text"
    """``text``, ``markdown``, ``rst``, ``asciidoc``, ``pod``, ``perl`` (POD in a program) or ``html``: what the file
    holds; of a record, what its text is."""
    lines: tuple[int, ...] = ()
    """Offset at which each line of the file begins, where those are not the lines of ``text``."""
    markers: tuple[Marker, ...] = ()
    """What comments of the file say to dedup, where comments are no part of ``text``."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Any stretch of one document's text."""

    document: str
    span: Span


@dataclass(frozen=True, slots=True)
class Place:
    """One side of a finding, as people look it up."""

    passage: Passage
    line: int
    """Number of its first line, from 1; only LF, CRLF and CR end a line."""
    end_line: int
    """Number of its last line, from 1, inclusive."""
    paragraphs: int
    """How many paragraphs, or parts of one, stand here."""
    role: Role


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of the plan. A removal inserts nothing."""

    document: str
    span: Span
    """What goes, in code points of the input text: one or more units and the separator after them."""
    removed: str
    """The text of ``span``."""
    inserted: str
    """What takes its place: empty for a removal. Only ``fixed-text`` puts something in."""
    finding: str
    """Name of the finding this edit belongs to."""
    number: int
    """Index of that finding in ``DocumentResult.findings``."""
    kind: Kind
    """How it relates to its twins: equal keys, alike, or its words stand inside them; ``cleanup``; or ``drop``:
    the whole document goes."""
    score: float
    """Similarity to the twins, 0.0-1.0; recomputed by the safety check. With cleanup, of the texts as they are
    after it: what went as it was then, the twins as they stand in the end; of a removal that something older lies
    in, for the whole. Of a share card, of its teaser; 1.0 for other cleanup."""
    confidence: float
    """Evidence that this is a copy and not a look-alike, 0.0-1.0."""
    twins: tuple[Passage, ...]
    """Where the same is still said, here or in another document: spans of the input text of which nothing is
    removed, though it may be mended. Only cleanup has none; a share card has the passage that says what its
    teaser says."""

    @property
    def is_repair(self) -> bool:
        """Whether it mends a text that stays, and is no removal."""
        return self.finding in REPAIRS


@dataclass(frozen=True, slots=True)
class Finding:
    """What people read: what repeats where, how sure we are, and what was done about it."""

    name: str
    places: tuple[Place, ...]
    """The place that stays first, then the copies, in text order. Cleanup has one place, before it what a share
    card repeats."""
    score: float
    """Similarity of the copies to what stays, 0.0-1.0, over all their letters."""
    confidence: float
    action: Action
    note: str = ""
    """For a look-alike: why it was kept; for a repair: in how many places."""


class Quote(NamedTuple):
    """What a passage of another document says, whose text is not at hand where this is looked at."""

    passage: Passage
    text: str
    """The passage as it stands in the end, repairs included."""
    line: int
    """Number of its first line there, from 1."""


class Copy(NamedTuple):
    """One passage of a finding that goes or is repaired, and what of it is edited."""

    finding: Finding
    place: Place
    edits: tuple[Edit, ...]
    """In text order; between them may stand what is no copy, and stays."""

    @property
    def said(self) -> str:
        """What its edits take: the text whose fingerprint names this copy."""
        return "\n".join(edit.removed for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be processed."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """The answer for one document."""

    document: Document
    findings: tuple[Finding, ...]
    edits: tuple[Edit, ...]
    """Sorted by position, disjoint."""
    cleaned: str
    """The text without the edits' spans, and with what was put in their place."""
    paragraphs: int
    """Paragraphs in the input."""
    removed_paragraphs: int
    """Paragraphs of which nothing is left."""
    note: str = ""
    """What a reader should know: the text did not settle, or a cap was hit."""
    keeps: tuple[int, ...] = ()
    """Which of ``Options.keep`` and, counted on, ``Options.keep_hash`` something here stays for."""
    directives: int = 0
    """How many of its comments tell dedup what to leave alone."""
    quotes: tuple[Quote, ...] = ()
    """The passages of other documents that findings and edits name."""

    @property
    def changed(self) -> bool:
        """Whether anything is removed or repaired."""
        return bool(self.edits)

    @property
    def is_dropped(self) -> bool:
        """Whether the document goes as a whole, so that not even an empty one stays."""
        return bool(self.edits) and self.edits[0].kind == "drop"

    @property
    def removed_characters(self) -> int:
        """How many code points removals take out; repairs are none."""
        return sum(len(edit.removed) for edit in self.edits if not edit.is_repair)

    @property
    def repairs(self) -> int:
        """In how many places text that stays is repaired."""
        return sum(edit.is_repair for edit in self.edits)

    @property
    def redundancy(self) -> float:
        """Removed characters / all characters; 0.0 for an empty text."""
        length = len(self.document.text)
        return self.removed_characters / length if length else 0.0

    def copies(self) -> Iterator[Copy]:
        """Each passage of which something is removed or repaired, finding by finding in text order."""
        mine: dict[int, list[Edit]] = {}
        for edit in self.edits:
            mine.setdefault(edit.number, []).append(edit)
        for number, finding in enumerate(self.findings):
            edits = mine.get(number, [])
            at = 0
            for place in finding.places if edits else ():
                first = at
                if place.role != "kept":
                    while at < len(edits) and edits[at].span.start < place.passage.span.end:
                        at += 1
                    yield Copy(finding, place, tuple(edits[first:at]))

    @property
    def tally(self) -> Tally:
        """The numbers of this answer, for when its text and its findings are no longer held."""
        gone = [finding for finding in self.findings if finding.action == "removed"]
        return Tally(
            name=self.document.name,
            characters=len(self.document.text),
            removed_characters=self.removed_characters,
            paragraphs=self.paragraphs,
            removed_paragraphs=self.removed_paragraphs,
            removed_units=sum(
                place.paragraphs
                for finding in gone
                for place in finding.places
                if place.role == "removed"
            ),
            findings=_counted(self.findings),
            removed_findings=_counted(gone),
            note=self.note,
            repairs=self.repairs,
            keeps=self.keeps,
            directives=self.directives,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """One document's numbers, without its text: what a run over many keeps of each."""

    name: str
    characters: int
    removed_characters: int
    paragraphs: int
    removed_paragraphs: int
    removed_units: int
    """Paragraphs, and parts of paragraphs, that were removed."""
    findings: dict[str, int]
    """Number of findings by name, ``kept-lookalike`` among them, in order of the names."""
    removed_findings: dict[str, int]
    """Number of findings whose copies went, by name."""
    note: str = ""
    repairs: int = 0
    """Places where text that stays is repaired."""
    keeps: tuple[int, ...] = ()
    """As in ``DocumentResult``."""
    directives: int = 0
    """How many comments tell dedup what to leave alone."""
    documents: int | None = None
    """How many documents these are the sums of; None for one that is a file."""
    changed_documents: int = 0
    """How many of those are changed."""

    @property
    def changed(self) -> bool:
        """Whether anything is removed or repaired."""
        return self.removed_characters > 0 or self.repairs > 0

    @property
    def redundancy(self) -> float:
        """Removed characters / all characters; 0.0 for an empty text."""
        return self.removed_characters / self.characters if self.characters else 0.0


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings have each name, in order of the names."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.name] = counts.get(finding.name, 0) + 1
    return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over documents, and the number of findings by name and action."""

    documents: int = 0
    changed: int = 0
    characters: int = 0
    removed_characters: int = 0
    paragraphs: int = 0
    removed_paragraphs: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    """Number of findings by name, ``kept-lookalike`` among them, in order of the names."""
    removed_findings: dict[str, int] = field(default_factory=dict)
    """Number of those whose copies went, by name."""
    repairs: int = 0
    """Places where text that stays is repaired."""
    has_records: bool = False
    """Whether some documents are records, several to a file."""
    keeps: tuple[int, ...] = ()
    """Which of ``Options.keep`` and, counted on, ``Options.keep_hash`` were of use in some document."""

    @property
    def reported(self) -> dict[str, int]:
        """Number of findings by name of what stays, and is no look-alike."""
        left = {
            name: number - self.removed_findings.get(name, 0)
            for name, number in self.findings.items()
            if name in (BOILERPLATE, DUPLICATE_DOCUMENT)
        }
        return {name: number for name, number in left.items() if number > 0}

    @property
    def redundancy(self) -> float:
        """Removed characters / all characters; 0.0 for no text."""
        return self.removed_characters / self.characters if self.characters else 0.0


@dataclass(slots=True)
class Sums:
    """Totals in the making."""

    documents: int = 0
    changed: int = 0
    characters: int = 0
    removed_characters: int = 0
    paragraphs: int = 0
    removed_paragraphs: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    repairs: int = 0
    has_records: bool = False
    removed_units: int = 0
    removed_findings: dict[str, int] = field(default_factory=dict)
    keeps: set[int] = field(default_factory=set)

    def add(self, tally: Tally) -> None:
        """One more document."""
        self.documents += 1 if tally.documents is None else tally.documents
        self.changed += tally.changed if tally.documents is None else tally.changed_documents
        self.has_records |= tally.documents is not None
        self.characters += tally.characters
        self.removed_characters += tally.removed_characters
        self.paragraphs += tally.paragraphs
        self.removed_paragraphs += tally.removed_paragraphs
        self.repairs += tally.repairs
        self.removed_units += tally.removed_units
        self.keeps.update(tally.keeps)
        for name, number in tally.removed_findings.items():
            self.removed_findings[name] = self.removed_findings.get(name, 0) + number
        for name, number in tally.findings.items():
            self.findings[name] = self.findings.get(name, 0) + number

    def tally(self, name: str) -> Tally:
        """The sums so far, as those of the file ``name`` whose records were added."""
        return Tally(
            name=name,
            characters=self.characters,
            removed_characters=self.removed_characters,
            paragraphs=self.paragraphs,
            removed_paragraphs=self.removed_paragraphs,
            removed_units=self.removed_units,
            findings=dict(sorted(self.findings.items())),
            removed_findings=dict(sorted(self.removed_findings.items())),
            repairs=self.repairs,
            keeps=tuple(sorted(self.keeps)),
            documents=self.documents,
            changed_documents=self.changed,
        )

    @property
    def totals(self) -> Totals:
        """The sums so far."""
        return Totals(
            self.documents,
            self.changed,
            self.characters,
            self.removed_characters,
            self.paragraphs,
            self.removed_paragraphs,
            dict(sorted(self.findings.items())),
            dict(sorted(self.removed_findings.items())),
            self.repairs,
            self.has_records,
            tuple(sorted(self.keeps)),
        )


@dataclass(frozen=True, slots=True)
class FilesResult:
    """What a run over many files did. The texts are where it wrote them."""

    totals: Totals
    failures: tuple[Failure, ...]
    """Files that could not be read, cleaned or written; the others were."""
    skipped: Mapping[str, int]
    """How many files were not read, by reason."""
    worst: tuple[Tally, ...]
    """The files that lost most characters, the one that lost most first."""


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer for one text or a few; long runs stream ``DocumentResult`` instead."""

    options: Options
    documents: tuple[DocumentResult, ...]
    totals: Totals
    failures: tuple[Failure, ...] = ()

    def __iter__(self) -> Iterator[DocumentResult]:
        return iter(self.documents)

    @property
    def cleaned(self) -> str:
        """The cleaned text of the only document; ``ValueError`` unless there is exactly one."""
        if len(self.documents) != 1:
            raise ValueError(f"{len(self.documents)} documents: use .documents")
        return self.documents[0].cleaned

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, document by document."""
        return tuple(finding for result in self.documents for finding in result.findings)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits, document by document, by position."""
        return tuple(edit for result in self.documents for edit in result.edits)

    @property
    def redundancy(self) -> float:
        """Removed characters / all characters of all documents."""
        return self.totals.redundancy
