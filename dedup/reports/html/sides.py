"""A finding as HTML: what was found and why, then what stays and what goes side by side, word by word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from dedup.model import (
    DUPLICATE_DOCUMENT,
    KEPT_LOOKALIKE,
    REPAIRS,
    Copy,
    DocumentResult,
    Finding,
    Place,
)
from dedup.reports import wording
from dedup.reports.compare import Comparison, Piece
from dedup.reports.explanations import EXPLANATIONS
from dedup.reports.html.anchors import finding_id, other_place, place_id, rule_id, to
from dedup.reports.html.entry import MAX_NAME
from dedup.reports.markup import Markup, element, joined, own, text
from dedup.reports.rows import Row, Rows

MAX_ROWS = 8
"""Pairs shown of a finding; the text itself, further down, shows all."""
MAX_PLACES = 20
MAX_EQUAL = 900
"""Characters shown of a side where both are equal."""
MAX_PIECE = 2400
"""Characters shown of a side that differs."""

Hashed = Callable[[str], str]
"""The fingerprint of a text, by which ``[[keep]]`` and ``check`` know it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding of one document, made into HTML."""

    is_alike: bool
    removed: int
    """Characters that go."""
    body: Markup


def findings(result: DocumentResult, hashed: Hashed) -> Iterator[Shown]:
    """Each finding of the document, in order."""
    rows = Rows(result)
    copies: dict[int, list[Copy]] = {}
    numbers = {id(finding): number for number, finding in enumerate(result.findings)}
    for copy in result.copies():
        copies.setdefault(numbers[id(copy.finding)], []).append(copy)
    for number, finding in enumerate(result.findings):
        yield _Finding(rows, number, finding, copies.get(number, []), hashed).shown()


class _Finding:
    """One finding, and what is needed to show it."""

    def __init__(
        self,
        rows: Rows,
        number: int,
        finding: Finding,
        copies: Sequence[Copy],
        hashed: Hashed,
    ) -> None:
        self.rows = rows
        self.number = number
        self.finding = finding
        self.copies = copies
        self.hashed = hashed
        self.document = rows.result.document.name
        self.is_alike = finding.name == KEPT_LOOKALIKE

    def shown(self) -> Shown:
        edits = self.rows.edits(self.number)
        removed = sum(len(edit.removed) for edit in edits if not edit.is_repair)
        finding = self.finding
        body = element(
            "details",
            self.summary(removed),
            element("div", *self.inside(), class_="inside"),
            class_="finding alike" if self.is_alike else "finding",
            id=finding_id(self.number),
            data_name=finding.name,
            data_score=f"{finding.score:.4f}",
            data_confidence=f"{finding.confidence:.4f}",
            data_removed=removed,
        )
        return Shown(self.is_alike, removed, body)

    def summary(self, removed: int) -> Markup:
        """What is seen before the finding is opened: kind, where, how sure, how much."""
        facts = [element("span", fact, class_="fact") for fact in wording.scores(self.finding)]
        if removed:
            size = wording.count(removed, "character")
            facts.append(element("span", f"\u2212{size}", class_="fact size"))
        return element(
            "summary",
            element("span", wording.finding_name(self.finding.name), class_="kind"),
            " ",
            element("span", self.where(), class_="where"),
            " ",
            own(self.document[-MAX_NAME:], class_="file"),
            " ",
            joined(facts, " "),
        )

    def where(self) -> Markup:
        """What repeats what, in a line."""
        finding = self.finding
        first, *copies = finding.places
        if self.is_alike or not copies or first.passage.document == self.document:
            return text(wording.relation(finding))
        other = own(first.passage.document[-MAX_NAME:])
        if finding.name == DUPLICATE_DOCUMENT:
            return joined(["is a copy of ", other])
        verb = wording.verb(finding, copies)
        return joined([f"{wording.lines(copies)} {verb} {wording.lines([first])} of ", other])

    def inside(self) -> Iterator[Markup]:
        finding = self.finding
        pairs = self.rows.of(self.number)
        yield element("p", self.why(pairs), " ", self.rule(), class_="why")
        yield self.places()
        yield from self.sides(pairs)
        if keeps := list(self.keeps()):
            yield element("div", *keeps, class_="keeps")
        if finding.note and finding.action == "removed":
            yield element("p", finding.note, class_="note", dir="auto")

    def why(self, pairs: Sequence[Row]) -> Markup:
        """What was done and why, in a sentence."""
        finding = self.finding
        if finding.action == "kept":
            note = f": {finding.note}" if finding.note else ""
            return text(f"Kept{note}.")
        copies = [row for row in pairs if row.has_twin]
        equal = sum(row.is_equal for row in copies)
        said = wording.reason(finding, equal, len(copies), len(pairs) - len(copies))
        if finding.action == "reported":
            said = "reported, nothing of it is removed"
        if finding.note and finding.action != "removed":
            said += f": {finding.note}"
        return text(f"{said[:1].upper()}{said[1:]}.")

    def rule(self) -> Markup:
        """The kind of finding, in the words of ``dedup explain``."""
        name = self.finding.name
        known = EXPLANATIONS.get(name)
        link = element("a", name, href=to(rule_id(name))) if known else text(name)
        summary = f": {known.summary}" if known else ""
        return element("span", "Rule ", link, summary, class_="rule")

    def places(self) -> Markup:
        """Where both sides stand in the text further down, as links."""
        links = []
        for at, place in enumerate(self.finding.places[:MAX_PLACES]):
            links.append(element("li", self.place(at, place)))
        more = len(self.finding.places) - MAX_PLACES
        if more > 0:
            links.append(element("li", f"and {wording.count(more, 'more place')}"))
        return element("ul", *links, class_="places")

    def place(self, at: int, place: Place) -> Markup:
        """A link to the place; of another document its name."""
        role = element("span", place.role, class_=f"role {place.role}")
        lines = wording.lines([place])
        if place.passage.document != self.document:
            name = place.passage.document[-MAX_NAME:]
            return joined([role, " ", other_place(lines, name, place.line)])
        anchor = element("a", lines, class_="place", href=to(place_id(self.number, at)))
        units = wording.count(place.paragraphs, "part") if place.paragraphs > 1 else ""
        return joined([role, " ", anchor, f", {units}" if units else ""])

    # The two sides

    def sides(self, pairs: Sequence[Row]) -> Iterator[Markup]:
        if not pairs:
            return
        is_removed = bool(self.rows.edits(self.number))
        second = "removed" if is_removed else "kept"
        if self.finding.name in REPAIRS:
            titles = ("+ mended", "\u2212 before")
        elif is_removed:
            titles = ("+ kept", "\u2212 removed")
        else:
            titles = ("kept", "kept")
        source = next((row.source for row in pairs if row.source), "")
        where = joined([" in ", own(source[-MAX_NAME:])]) if source else None
        head = element(
            "div",
            element("span", titles[0], where, class_="head kept"),
            element("span", titles[1], class_=f"head {second}"),
            class_="pair heads",
            aria_hidden="true",
        )
        telling = sorted(
            range(len(pairs)), key=lambda at: (pairs[at].is_equal, pairs[at].score, at)
        )
        chosen = sorted(telling[:MAX_ROWS])
        compared = {at: self.rows.compared(pairs[at]) for at in chosen}
        yield from _mark_key(compared.values(), second, is_repair=self.finding.name in REPAIRS)
        yield head
        position = 0
        for at in [*chosen, len(pairs)]:
            if skipped := pairs[position:at]:
                differing = sum(not row.is_equal for row in skipped)
                yield element("p", f"… {wording.left_out(len(skipped), differing)}", class_="more")
            if at < len(pairs):
                yield self.pair(pairs[at], compared[at], is_removed=is_removed)
            position = at + 1

    def pair(self, row: Row, compared: Comparison, *, is_removed: bool) -> Markup:
        below = self.rows.lines.at(row.removed.start)
        gone: str = "removed" if is_removed else "kept"
        if row.becomes is not None:
            left = _side(compared, "kept", below) if row.becomes else _nothing("nothing")
            right = _side(compared, gone, below, is_second=True)
        elif not row.has_twin:
            # It stands among the copies: on their side, as neither what stays for them nor what goes.
            left = _nothing("nothing like it here")
            right = _side(compared, "only", below, is_second=True)
        else:
            left = _side(compared, "kept", self.rows.kept_line(row))
            right = _side(compared, gone, below, is_second=True)
        notes = []
        if compared.is_cut or (self.rows.is_long(row) and not compared.is_identical):
            notes.append(element("p", "… long: only the beginning was compared", class_="more"))
        return element("div", left, right, *notes, class_="pair")

    # To keep it

    def keeps(self) -> Iterator[Markup]:
        """What a config file has to say so that a copy stays."""
        if self.finding.name in REPAIRS:
            return
        for copy in self.copies[:MAX_PLACES]:
            if not copy.edits:
                continue
            entry = f'[[keep]]\nhash = "{self.hashed(copy.said)}"'
            where = f"To keep {wording.lines([copy.place])}:"
            yield element(
                "div",
                element("span", where, class_="keep-where"),
                element("pre", element("code", entry)),
                class_="keep",
            )


def _side(compared: Comparison, role: str, line: int, *, is_second: bool = False) -> Markup:
    """One side of a pair: line number, sign, and the words with their marks."""
    pieces = compared.removed if is_second else compared.kept
    limit = MAX_EQUAL if compared.is_identical else MAX_PIECE
    words = joined(_marked(_cut(pieces, limit), role))
    sign = "\u2212" if role == "removed" else "+" if not is_second else "\u00a0"
    said = element("del", words) if role == "removed" else words
    note = element("span", " no copy of it, stays", class_="only-note") if role == "only" else None
    return element(
        "div",
        element("span", str(line), class_="line"),
        element("span", sign, class_="sign", aria_hidden="true"),
        element("p", said, note, dir="auto"),
        class_=f"side {role}",
    )


def _mark_key(shown: Collection[Comparison], second: str, *, is_repair: bool) -> Iterator[Markup]:
    """What marked words are, as far as there are any; ``second``: what the right side is."""
    kept = {piece.mark for each in shown for piece in each.kept}
    other = {piece.mark for each in shown for piece in each.removed}
    samples: list[tuple[str, str]] = []
    if second == "kept":
        samples += [("differs", "own kept")] * ("own" in kept | other)
    else:
        words = ("after", "before") if is_repair else ("only in what stays", "only in the copy")
        samples += [(words[0], "own kept")] * ("own" in kept)
        samples += [(words[1], "own removed")] * ("own" in other)
    samples += [("words of the teaser", "shared kept")] * ("shared" in kept)
    if samples:
        marks = (element("mark", words, class_=class_) for words, class_ in samples)
        yield element("p", "Marked: ", joined(marks, " "), class_="more marks")


def _nothing(words: str) -> Markup:
    return element(
        "div",
        element("span", "", class_="line"),
        element("span", "", class_="sign", aria_hidden="true"),
        element("p", words),
        class_="side nothing",
    )


def _marked(pieces: Sequence[Piece], role: str) -> Iterator[Markup]:
    for piece in pieces:
        if piece.mark == "gap":
            yield element("span", " … ", class_="gap")
        elif not piece.mark:
            yield text(piece.text)
        else:
            words = piece.text.removeprefix(" ")
            lead = " " * (len(piece.text) - len(words))
            yield joined([lead, element("mark", words, class_=f"{piece.mark} {role}")])


def _cut(pieces: Sequence[Piece], limit: int) -> list[Piece]:
    """The pieces up to ``limit`` characters."""
    found: list[Piece] = []
    for piece in pieces:
        if len(piece.text) > limit:
            return [*found, Piece(piece.text[:limit], piece.mark), Piece("", "gap")]
        found.append(piece)
        limit -= len(piece.text)
    return found
