"""One document's answer in document scope, and what other documents say of it -> its answer in corpus scope.

What corpus scope decided counts in the text that document scope leaves. Here it becomes edits of the document
itself, each with the passage of another document that it rests on, and is proved like all others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from dedup.corpus.standing import Standing
from dedup.engine import cuts, keeping, normalize, places, plan, scores, split
from dedup.engine.claims import LINE_SHARE, Part
from dedup.engine.compose import Change, Composed
from dedup.engine.differences import is_number, words_of
from dedup.engine.split import Block, LineIndex
from dedup.model import (
    BOILERPLATE,
    DUPLICATE_DOCUMENT,
    Action,
    DocumentResult,
    Edit,
    Finding,
    Passage,
    Place,
    Quote,
    Span,
    overlapping,
)
from dedup.options import Options

MAX_LOSS = 0.1
"""How much less like its new twin than its old one something may be that document scope removes."""
MAX_ROUNDS = 8
"""Times that what cannot go is put back before a document is left as document scope leaves it."""


class Said(NamedTuple):
    """A stretch of a document that is said elsewhere as well."""

    span: Span
    """In the text that document scope leaves: a paragraph, or sentences of one, without the separator."""
    finding: str
    confidence: float
    score: float
    """As it was decided; of what goes it is computed anew."""
    block: int
    """Equal for stretches that are one finding."""
    action: Action
    """``removed``, or ``reported`` or ``kept``: it stays."""
    quotes: tuple[Quote, ...]
    """The passages that say it, which stay."""
    note: str = ""
    is_paragraph: bool = False
    """Whether it is known to be a whole paragraph, as the splitter finds it."""


Alike = Callable[[str, Sequence[str], str], float]
"""The score of what goes, from its kind, the texts that stay and its own."""

Refused = Callable[[Sequence[Edit]], Sequence[Span]]
"""Which spans of a document its source cannot lose."""


class Asked(NamedTuple):
    """What the options ask of the document at hand."""

    threshold: float = 0.6
    min_chars: int = 30
    exact: bool = False
    named: Mapping[str, int] = MappingProxyType({})
    """Numbers of the entries of ``keep_hash``, by hash."""


def asked(options: Options) -> Asked:
    """What they ask."""
    return Asked(options.threshold, options.min_chars, options.exact, keeping.entries(options))


def joined(
    result: DocumentResult,
    said: Sequence[Said],
    asked: Asked = Asked(),  # noqa: B008  it cannot be changed
    refused: Refused = lambda edits: (),
    alike: Alike = scores.rescore,
) -> DocumentResult:
    """The document's answer with all of ``said`` that can go, in text order, or is to be reported.

    A stretch stays if it is less like its quotes than the threshold, if it is shorter than ``min_chars`` with
    its block, if something that document scope removed rests on it and not as well on the quotes, if its source
    cannot lose it, or if its block, or the whole of it, has a hash that is named. A document that is dropped goes
    whole; ``alike`` gives its score. One of which too little stands there is only reported.
    Raises ``plan.UnsafePlan`` if a promise would break.
    """
    for at, one in enumerate(said):
        if one.finding != DUPLICATE_DOCUMENT or one.action != "removed" or not result.document.text:
            continue
        entry = asked.named.get(normalize.fingerprint(result.document.text))
        if entry is not None:
            result = _kept(result, {entry})
        score = alike("drop", [quote.text for quote in one.quotes], result.cleaned)
        own = _own_numbers(result.cleaned, one.quotes)
        if entry is None and score >= max(asked.threshold, cuts.UNIT_SCORE) and not own:
            return _dropped(result, one, score, alike)
        said = [*said[:at], one._replace(action="reported", note=_why(one, own)), *said[at + 1 :]]
    going = [one for one in said if one.action == "removed"]
    view = _View(result, [one.span for one in going if one.is_paragraph])
    if any(not one.is_paragraph for one in going):
        view = _View(result)
    going = _long_enough(view.text, [one for one in going if view.has(one)], asked)
    entries: set[int] = set()
    for _ in range(MAX_ROUNDS):
        made = _made(view, going, asked.threshold)
        stuck = made.stuck | _hit(made, refused(made.edits)) | _named(made, asked.named, entries)
        if not stuck:
            break
        going = [one for at, one in enumerate(going) if at not in stuck]
    else:
        made = _made(view, [], asked.threshold)
    reported = [one for one in said if one.action != "removed"]
    return _kept(_result(view, made, reported), entries)


def _kept(result: DocumentResult, entries: set[int]) -> DocumentResult:
    """The answer for a document of which something stays because of these entries."""
    if not entries:
        return result
    return replace(result, keeps=tuple(sorted(entries.union(result.keeps))))


def _long_enough(text: str, going: Sequence[Said], asked: Asked) -> list[Said]:
    """Those of blocks long enough to go, and equal if they have to be; boilerplate is judged by who carries it."""
    weights: dict[int, int] = {}
    equal: dict[int, bool] = {}
    for one in going:
        if weights.setdefault(one.block, 0) < asked.min_chars:
            weights[one.block] += normalize.weight(normalize.key(one.span.cut(text)))
        equal[one.block] = equal.get(one.block, True) and one.score == 1.0
    return [
        one
        for one in going
        if one.finding == BOILERPLATE
        or (
            weights[one.block] >= asked.min_chars // (LINE_SHARE if equal[one.block] else 1)
            and (one.score == 1.0 or not asked.exact)
        )
    ]


def _named(made: _Made, named: Mapping[str, int], entries: set[int]) -> set[int]:
    """The stretches of blocks that have a hash in ``named``; ``entries`` takes the numbers of these."""
    removed: dict[int, list[str]] = {}
    for edit, owner in zip(made.edits, made.owners, strict=True):
        if owner >= 0 and named:
            removed.setdefault(made.going[owner].block, []).append(edit.removed)
    found = {
        block: named.get(normalize.fingerprint("\n".join(texts)))
        for block, texts in removed.items()
    }
    entries.update(entry for entry in found.values() if entry is not None)
    return {at for at, one in enumerate(made.going) if found.get(one.block) is not None}


def _own_numbers(text: str, quotes: Sequence[Quote]) -> list[str]:
    """Numbers of a document that the one which stays does not say: with them it is no mere copy, but another report."""
    there = {word for quote in quotes for word in words_of(quote.text)}
    mine = dict.fromkeys(word for word in words_of(text) if word not in there)
    return [word for word in mine if is_number(word)]


def _why(one: Said, own: Sequence[str]) -> str:
    """Why a document stays that was to be dropped."""
    if not own:
        return one.note
    said = f"{own[0]} is" if len(own) == 1 else f"{own[0]} and {len(own) - 1:,} more numbers are"
    return "; ".join(filter(None, [one.note, f"{said} said only here"]))


def _dropped(result: DocumentResult, one: Said, score: float, alike: Alike) -> DocumentResult:
    """The answer for a document of which nothing stays, proved against the one that does."""
    document = result.document
    whole = Span(0, len(document.text))
    texts = tuple(quote.text for quote in one.quotes)
    edit = Edit(
        document=document.name,
        span=whole,
        removed=document.text,
        inserted="",
        finding=one.finding,
        number=0,
        kind="drop",
        score=score,
        confidence=one.confidence,
        twins=tuple(quote.passage for quote in one.quotes),
    )
    lines = LineIndex(document.text, document.lines)
    place = places.place(document, [whole], result.paragraphs, "removed", lines)
    kept = _place(one.quotes, len(one.quotes))
    finding = Finding(one.finding, (kept, place), edit.score, one.confidence, "removed", one.note)
    plan.check(
        document.text,
        [edit],
        "",
        alike,
        cuts.UNIT_SCORE,
        {0: plan.Compared(result.cleaned, texts)},
        {quote.passage: quote.text for quote in one.quotes},
    )
    return replace(
        result,
        findings=(finding,),
        edits=(edit,),
        cleaned="",
        removed_paragraphs=result.paragraphs,
        quotes=one.quotes,
    )


class _View:
    """What document scope leaves of a document, paragraph by paragraph."""

    def __init__(self, result: DocumentResult, known: Sequence[Span] = ()) -> None:
        """``known``: paragraphs, if nothing else is to go; the text need not be split then."""
        self.result = result
        self.text = result.cleaned
        self._known = known

    @cached_property
    def blocks(self) -> list[Block]:
        """The paragraphs, looked up where something is to go."""
        if self._known:
            return around(self.text, self._known)
        return split.split(self.text, self.result.document.format)

    @cached_property
    def _starts(self) -> list[int]:
        return [block.span.start for block in self.blocks]

    def has(self, one: Said) -> bool:
        """Whether it is a paragraph, or sentences of one."""
        return bool(self.parts(one.span))

    def parts(self, span: Span) -> list[Part]:
        """The paragraph, or the sentences of one, that stand at ``span``."""
        at = bisect_right(self._starts, span.start) - 1
        # A paragraph begins with its line, what is compared with its first sign.
        if at < 0 or span.end > self.blocks[at].span.end:
            return []
        block = self.blocks[at]
        if not _letters(self.text[block.span.start : span.start]) and not _letters(
            self.text[span.end : block.span.end]
        ):
            return [_part(at, -1)]
        return [
            _part(at, number)
            for number, sentence in enumerate(block.sentences)
            if span.start <= sentence.start and sentence.end <= span.end
        ]


def around(text: str, paragraphs: Sequence[Span]) -> list[Block]:
    """Some paragraphs, in order, each from the start of its line; what stands between two of them is one block.

    >>> [one.span.cut("a\\n\\n  b\\nc\\n\\n d\\n") for one in around("a\\n\\n  b\\nc\\n\\n d\\n", [Span(11, 12)])]
    ['a\\n\\n  b\\nc', ' d']
    """
    found: list[Block] = []
    position = 0
    for span in paragraphs:
        start = _line_start(text, position, span.start)
        found += _between(text, position, start)
        found.append(Block(Span(start, span.end), split.PROSE, 0, (span,)))
        position = span.end
    return [*found, *_between(text, position, len(text))]


def _between(text: str, start: int, end: int) -> Iterator[Block]:
    """All that is said between two offsets, as one block; none if that is nothing."""
    said = text[start:end]
    first = start + len(said) - len(said.lstrip())
    if first < end:
        span = Span(_line_start(text, start, first), start + len(said.rstrip()))
        yield Block(span, split.PROSE, 0, (span,))


def _line_start(text: str, least: int, offset: int) -> int:
    """Where the line that holds ``offset`` begins, or ``least`` if that is later."""
    return max(text.rfind("\n", least, offset), text.rfind("\r", least, offset), least - 1) + 1


def _part(paragraph: int, sentence: int) -> Part:
    return Part(0, 0, 0, 0, 0, paragraph, sentence)


def _letters(text: str) -> bool:
    return any(map(str.isalnum, text))


class _Made(NamedTuple):
    """What comes of a try."""

    edits: list[Edit]
    """All of the document."""
    owners: list[int]
    """For each edit the index of the stretch it takes; -1 for those of document scope."""
    compared: dict[int, plan.Compared]
    cut: Sequence[tuple[Span, int]]
    """What goes of the text that document scope leaves, and for which stretch."""
    stuck: set[int]
    """Stretches that cannot go."""
    going: Sequence[Said]


def _made(view: _View, going: Sequence[Said], threshold: float) -> _Made:
    """The edits if all of ``going`` goes, and what of it cannot."""
    result = view.result
    own = result.edits
    if not going:
        return _Made(list(own), [-1] * len(own), {}, (), set(), going)
    owners = {part: at for at, one in enumerate(going) for part in view.parts(one.span)}
    spans = cuts.spans_of(view.text, view.blocks, list(owners))
    taken = sorted((span, owners[part]) for part, span in spans.items())
    composed = Composed(result.document.text, range(len(own)))
    composed.apply([Change(e.span.start, e.span.end, e.inserted, at) for at, e in enumerate(own)])
    composed.apply([Change(span.start, span.end, "", len(own) + at) for span, at in taken])
    made = _Made([], [], {}, taken, set(), going)
    for change in composed.edits():
        made.edits.append(_edit(view, going, change))
        made.owners.append(max(-1, change.owner - len(own)))
    for at, one in enumerate(going):
        mine = [number for number, owner in enumerate(made.owners) if owner == at]
        if len(mine) != 1:  # something else went in its midst
            made.stuck.add(at)
            continue
        cut = "".join(span.cut(view.text) for span, owner in taken if owner == at)
        edit, compared = _scored(made.edits[mine[0]], one, cut)
        made.edits[mine[0]] = edit
        made.compared[mine[0]] = compared
        if edit.score < threshold:
            made.stuck.add(at)
    _rest_anew(made, result, threshold)
    return made


def _edit(view: _View, going: Sequence[Said], change: Change) -> Edit:
    """A change as an edit; what it rests on and how well, if it is not one of document scope, is yet to be said."""
    document = view.result.document
    span = Span(change.start, change.end)
    removed = span.cut(document.text)
    own = view.result.edits
    if change.owner < len(own):
        return replace(own[change.owner], span=span, removed=removed, inserted=change.inserted)
    one = going[change.owner - len(own)]
    return Edit(
        document=document.name,
        span=span,
        removed=removed,
        inserted="",
        finding=one.finding,
        number=-1,
        kind="near",
        score=0.0,
        confidence=one.confidence,
        twins=tuple(quote.passage for quote in one.quotes),
    )


def _scored(edit: Edit, one: Said, cut: str) -> tuple[Edit, plan.Compared]:
    """The edit with the score of what it takes, and what that was compared with."""
    texts = tuple(quote.text for quote in one.quotes)
    kind, score = scores.between(cut, "".join(texts), False, one.finding)
    return replace(edit, kind=kind, score=score), plan.Compared(cut, texts)


def _rest_anew(made: _Made, result: DocumentResult, threshold: float) -> None:
    """Let what document scope removes rest on the quotes, where what it rested on goes; if it cannot, that stays."""
    gone = [at for at, owner in enumerate(made.owners) if owner >= 0]
    spans = [made.edits[at].span for at in gone]
    for at, owner in enumerate(made.owners):
        edit = made.edits[at]
        if owner >= 0 or edit.kind == "cleanup":
            continue
        hit = sorted({gone[n] for twin in edit.twins for n in overlapping(twin.span, spans)})
        if not hit:
            continue
        twins = _twins(edit, [made.edits[n] for n in hit])
        quoted = {q.passage: q.text for n in hit for q in made.going[made.owners[n]].quotes}
        text = result.document.text
        said = "".join(quoted.get(twin) or twin.span.cut(text) for twin in twins)
        kind, score = scores.between(edit.removed, said, edit.kind == "contained", edit.finding)
        if score < max(threshold, cuts.UNIT_SCORE) or score < edit.score - MAX_LOSS:
            made.stuck.update(made.owners[n] for n in hit)
        made.edits[at] = replace(edit, kind=kind, score=score, twins=twins)


def _twins(edit: Edit, gone: Sequence[Edit]) -> tuple[Passage, ...]:
    """What an edit rests on once what ``gone`` takes of it is said elsewhere."""
    spans = [one.span for one in gone]
    twins: list[Passage] = []
    for twin in edit.twins:
        position = twin.span.start
        for number in overlapping(twin.span, spans):
            if spans[number].start > position:
                twins.append(Passage(twin.document, Span(position, spans[number].start)))
            twins += gone[number].twins
            position = max(position, spans[number].end)
        if position < twin.span.end:
            twins.append(Passage(twin.document, Span(position, twin.span.end)))
    return tuple(dict.fromkeys(twins))


def _hit(made: _Made, spans: Sequence[Span]) -> set[int]:
    """The stretches whose edits overlap ``spans``."""
    apart = sorted(spans)
    return {
        owner
        for edit, owner in zip(made.edits, made.owners, strict=True)
        if owner >= 0
        and any(one.start < edit.span.end and edit.span.start < one.end for one in apart)
    }


def _result(view: _View, made: _Made, reported: Sequence[Said]) -> DocumentResult:
    """The proved answer, with a finding for each block."""
    result = view.result
    document = result.document
    findings = list(result.findings)
    numbers: dict[int, int] = {}
    mine: dict[int, list[int]] = {}
    for at, owner in enumerate(made.owners):
        if owner >= 0:
            block = made.going[owner].block
            numbers.setdefault(block, len(findings) + len(numbers))
            mine.setdefault(block, []).append(at)
    edits = [
        edit if owner < 0 else replace(edit, number=numbers[made.going[owner].block])
        for edit, owner in zip(made.edits, made.owners, strict=True)
    ]
    lines = LineIndex(document.text, document.lines)
    for ats in mine.values():
        ones = [made.going[made.owners[at]] for at in ats]
        findings.append(_finding(result, ones, [edits[at] for at in ats], lines))
    findings += _reported(view, reported, lines)
    quotes = {quote.passage: quote for one in (*made.going, *reported) for quote in one.quotes}
    _note_moves(findings, result.edits, edits, quotes)
    cleaned = plan.apply(document.text, edits)
    plan.check(
        document.text,
        edits,
        cleaned,
        scores.rescore,
        cuts.UNIT_SCORE,
        made.compared,
        {passage: quote.text for passage, quote in quotes.items()},
        len(result.findings),
    )
    gone = [_plain(document.name, span) for span, _ in made.cut]
    emptied = 0
    if gone:
        emptied = places.emptied(view.text, [block.span for block in view.blocks], gone)
    return replace(
        result,
        findings=tuple(findings),
        edits=tuple(edits),
        cleaned=cleaned,
        removed_paragraphs=result.removed_paragraphs + emptied,
        quotes=tuple(
            quotes[passage]
            for passage in sorted(quotes, key=_by_place)
            if passage.document != document.name
        ),
    )


def _note_moves(
    findings: list[Finding],
    before: Sequence[Edit],
    after: Sequence[Edit],
    quotes: Mapping[Passage, Quote],
) -> None:
    """Let findings of document scope name the place in another document that they now rest on."""
    old = {edit.span: edit.twins for edit in before}
    moved: dict[int, list[Quote]] = {}
    for edit in after:
        if old.get(edit.span, edit.twins) != edit.twins:
            found = [quotes[twin] for twin in edit.twins if twin in quotes]
            moved.setdefault(edit.number, []).extend(found)
    for number, found in moved.items():
        first, *others = findings[number].places
        if found and first.role == "kept":
            place = _place(found, first.paragraphs)
            findings[number] = replace(findings[number], places=(place, *others))


def _by_place(passage: Passage) -> tuple[str, Span]:
    return passage.document, passage.span


def _plain(name: str, span: Span) -> Edit:
    """An edit that is only a span, for who counts what spans empty."""
    return Edit(name, span, "", "", "", 0, "exact", 1.0, 1.0, ())


def _finding(
    result: DocumentResult, ones: Sequence[Said], edits: Sequence[Edit], lines: LineIndex
) -> Finding:
    place = places.place(
        result.document, [edit.span for edit in edits], len(ones), "removed", lines
    )
    quotes = [quote for one in ones for quote in one.quotes]
    score = scores.mean([(edit.score, edit.removed) for edit in edits])
    confidence = min(one.confidence for one in ones)
    sides = (_place(quotes, len(ones)), place)
    return Finding(ones[0].finding, sides, score, confidence, "removed", ones[0].note)


def _reported(view: _View, reported: Sequence[Said], lines: LineIndex) -> Iterator[Finding]:
    """What stays, and is said of it."""
    left = Standing(len(view.result.document.text), view.result.edits)
    blocks: dict[int, list[Said]] = {}
    for one in reported:
        blocks.setdefault(one.block, []).append(one)
    for ones in blocks.values():
        spans = [piece for one in ones for piece in left.pieces(one.span)]
        if not spans:  # a document without any text
            continue
        place = places.place(view.result.document, spans, len(ones), "kept", lines)
        quotes = [quote for one in ones for quote in one.quotes]
        score = sum(one.score for one in ones) / len(ones)
        confidence = min(one.confidence for one in ones)
        sides = (_place(quotes, len(ones)), place) if quotes else (place,)
        yield Finding(ones[0].finding, sides, score, confidence, ones[0].action, ones[0].note)


def _place(quotes: Sequence[Quote], paragraphs: int) -> Place:
    """Where in another document it stands, from the first to the last of what is quoted of that one."""
    name = quotes[0].passage.document
    mine = sorted(
        (quote for quote in quotes if quote.passage.document == name),
        key=lambda quote: quote.passage.span,
    )
    last = mine[-1]
    end = last.line + len(LINE_END.findall(last.text.rstrip()))
    span = Span(mine[0].passage.span.start, max(quote.passage.span.end for quote in mine))
    return Place(Passage(name, span), mine[0].line, end, paragraphs, "kept")


LINE_END = re.compile(r"\r\n|\n|\r")
