"""What the page has to know of one document, small enough to be kept for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from dedup.model import KEPT_LOOKALIKE, REPAIRS, DocumentResult, Edit
from dedup.reports.drawings import strip
from dedup.reports.drawings.clusters import member_of

MAX_NAME = 400
"""Characters of a name or note that are shown; of a longer name its end."""
MAX_BORROWED = 5
"""Other documents of which it is remembered that a document repeats them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The numbers of a document, and what there is to show of it."""

    name: str
    characters: int
    removed: int
    """Characters that go."""
    paragraphs: int
    removed_paragraphs: int
    repairs: int
    findings: dict[str, int]
    """Number of findings by name."""
    note: str
    score: float | None
    """The lowest one of a copy that goes; None if none does."""
    confidence: float | None
    """As ``score``."""
    strip: str
    """As ``drawings.strip`` draws it; empty if nothing was found."""
    elsewhere: int = 0
    """How many copies go that are still said in another document only."""
    borrowed: dict[str, int] = field(default_factory=dict)
    """The documents that most of what goes is still said in, not counting this one, with how many characters."""
    canonical: str = ""
    """The document that this one is nearly a copy of; empty if it is of none."""
    likeness: float = 0.0
    """How much it is like that one, 0.0-1.0."""
    shown: tuple[tuple[bool, int, int], ...] = ()
    """Of each finding that was made into HTML whether it is a look-alike, the characters that go, its bytes."""
    left_out: int = 0
    """How many findings were not made into HTML."""
    view: int = 0
    """Bytes of the text and pictures."""

    @property
    def redundancy(self) -> float:
        """Removed characters / all characters; 0.0 for an empty text."""
        return self.removed / self.characters if self.characters else 0.0

    @property
    def found(self) -> int:
        """How many findings it has that are no look-alikes."""
        return sum(n for name, n in self.findings.items() if name != KEPT_LOOKALIKE)


def entry(
    result: DocumentResult, shown: Sequence[tuple[bool, int, int]], left_out: int, view: int
) -> bytes:
    """The entry of a document, as bytes that ``loaded`` reads."""
    copies = [edit for edit in result.edits if edit.twins]
    numbers = {edit.number for edit in copies}
    member = member_of(result)
    made = Entry(
        name=result.document.name[-MAX_NAME:],
        characters=len(result.document.text),
        removed=result.removed_characters,
        paragraphs=result.paragraphs,
        removed_paragraphs=result.removed_paragraphs,
        repairs=result.repairs,
        findings=result.tally.findings,
        note=result.note[:MAX_NAME],
        score=min((edit.score for edit in copies), default=None),
        confidence=min((result.findings[number].confidence for number in numbers), default=None),
        strip=_strip(result) if result.findings else "",
        elsewhere=sum(_is_elsewhere(edit) for edit in copies),
        borrowed=_borrowed(copies),
        canonical=member.canonical[-MAX_NAME:] if member else "",
        likeness=member.score if member else 0.0,
        shown=tuple(shown),
        left_out=left_out,
        view=view,
    )
    return json.dumps(asdict(made), separators=(",", ":")).encode()


def loaded(data: bytes) -> Entry:
    """The entry that ``entry`` wrote."""
    values = json.loads(data)
    values["shown"] = tuple(tuple(each) for each in values["shown"])
    return Entry(**values)


def _borrowed(copies: Sequence[Edit]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for edit in copies:
        if _is_elsewhere(edit):
            name = edit.twins[0].document[-MAX_NAME:]
            sizes[name] = sizes.get(name, 0) + len(edit.removed)
    most = sorted(sizes, key=lambda name: (-sizes[name], name))[:MAX_BORROWED]
    return {name: sizes[name] for name in most}


def _is_elsewhere(edit: Edit) -> bool:
    return all(twin.document != edit.document for twin in edit.twins)


def _strip(result: DocumentResult) -> str:
    name = result.document.name
    edits = [edit for edit in result.edits if edit.finding not in REPAIRS]
    twins = [twin.span for edit in edits for twin in edit.twins if twin.document == name]
    return strip.cells(len(result.document.text), [edit.span for edit in edits], twins)
