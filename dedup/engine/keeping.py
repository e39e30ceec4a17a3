"""What has to stay: where comments in the document say so, and what ``keep`` and ``keep_hash`` name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from dedup.engine import directives, normalize, plan, split
from dedup.engine.directives import KEEP, OFF, Directive, Shown
from dedup.engine.split import Block
from dedup.model import REPAIRS, Document, DocumentResult, Edit, Span, merged
from dedup.options import Options

MAX_ROUNDS = 8
"""Times that what would go in the place of something kept is looked at."""
TOUCHED = "left whole: what has to stay of it could not be told from the rest"
UNSETTLED = "left whole: what repeats in it did not settle around what has to stay"
MAX_PROBLEMS = 3
"""Comments that are not understood a note names; all are counted."""

Find = Callable[[Document, Options, Sequence[Span]], DocumentResult]
"""What goes from a document, and what has to stay of it."""


def result(
    document: Document, options: Options, find: Find, frozen: Sequence[Span]
) -> DocumentResult:
    """What goes from a document of which something has to stay."""
    shown = directives.shown(document)
    found, stays = _found(document, shown, options, find, frozen)
    # Of a page only its source tells what has to stay of the cleaned one: whoever has that looks again.
    is_sure = not (found.changed and stays) or bool(document.lines)
    if not is_sure and not _lasts(found, shown, stays, options, find):
        found = _left_whole(document, UNSETTLED, found.keeps)
    return _with_problems(found, shown)


def problems(document: Document) -> tuple[directives.Problem, ...]:
    """The comments to dedup that are not understood, or have nothing to hold for, by line."""
    return directives.shown(document).problems


def unused(
    document: Document, options: Options, find: Find, done: DocumentResult
) -> tuple[Directive, ...]:
    """The comments without which nothing else would happen; ``done``: what happens with all of them.

    Looks at the document once more, if there are any.
    """
    shown = directives.shown(document)
    asked = [each for each in shown.directives if each.said in (OFF, KEEP) and len(each.holds)]
    if not asked:
        return ()
    bare = directives.shown(document, is_off=False)
    without = find(replace(document, text=bare.text, markers=()), options, ())
    wanted = _wanted(without.edits, done.edits, [each.holds for each in asked])
    return tuple(each for each in asked if not _is_any_in(each.holds, wanted))


# -- finding around what stays ---------------------------------------------------------------------------------


def _found(
    document: Document, shown: Shown, options: Options, find: Find, frozen: Sequence[Span]
) -> tuple[DocumentResult, list[Span]]:
    """What goes, in the document's own text, and what stayed; whether it lasts is another question.

    Most documents have nothing that goes and is named by ``keep``; so that is looked for only where something
    goes.
    """
    view = replace(document, text=shown.text, markers=())
    stays = merged([*frozen, *shown.frozen])
    found = first = find(view, options, stays)
    if not first.changed or not (options.keep or options.keep_hash):
        return _in_full(document, found, ()), stays
    named = _named(view, shown.blocks, options)
    for _ in range(MAX_ROUNDS):
        caught = list(_caught(found, options))
        if not caught and (found is not first or not named):
            keeps = _used(first, found, named)
            return _in_full(document, found, keeps), stays
        named += caught
        stays = merged([*stays, *(span for each in named for span in each.spans)])
        found = find(view, options, stays)
    return _left_whole(document, UNSETTLED, _used(first, found, named)), stays


def _in_full(document: Document, found: DocumentResult, keeps: tuple[int, ...]) -> DocumentResult:
    """The result for what was looked at as one for the document itself."""
    if found.document.text == document.text:
        return replace(found, document=document, keeps=keeps)
    if any(edit.span.cut(document.text) != edit.removed for edit in found.edits):
        return _left_whole(document, TOUCHED, keeps)
    cleaned = plan.apply(document.text, found.edits)
    return replace(found, document=document, cleaned=cleaned, keeps=keeps)


def _left_whole(document: Document, note: str, keeps: tuple[int, ...]) -> DocumentResult:
    text = document.text
    return DocumentResult(document, (), (), text, split.count(text), 0, note, keeps)


def _with_problems(found: DocumentResult, shown: Shown) -> DocumentResult:
    """The result with a note on comments that are not understood."""
    if not shown.problems:
        return found
    said = [str(problem) for problem in shown.problems[:MAX_PROBLEMS]]
    if more := len(shown.problems) - MAX_PROBLEMS:
        said += [f"and {more:,} more like that"] * (more > 0)
    return replace(found, note="; ".join(filter(None, [found.note, *said])))


def _lasts(
    found: DocumentResult, shown: Shown, stays: Sequence[Span], options: Options, find: Find
) -> bool:
    """Whether the cleaned text is one of which nothing more goes.

    It is if the same has to stay of it; where that cannot be seen at once, it is looked at again.
    """
    after = replace(found.document, text=found.cleaned)
    again = directives.shown(after)
    if again.text == plan.apply(shown.text, found.edits):
        named = _named(replace(after, text=again.text), again.blocks, options)
        frozen = merged([*again.frozen, *(span for each in named for span in each.spans)])
        if all(_is_inside(span, frozen) for span in _moved(stays, found.edits)):
            return True
    return not _found(after, again, options, find, ())[0].changed


def _moved(spans: Sequence[Span], edits: Sequence[Edit]) -> Iterator[Span]:
    """Where spans, of which no edit takes anything, stand after the edits."""
    at = shift = 0
    for span in spans:
        while at < len(edits) and edits[at].span.end <= span.start:
            shift += len(edits[at].inserted) - len(edits[at].removed)
            at += 1
        yield Span(span.start + shift, span.end + shift)


def _is_inside(span: Span, frozen: Sequence[Span]) -> bool:
    at = bisect_right(frozen, span.start, key=lambda each: each.start) - 1
    return at >= 0 and span.end <= frozen[at].end


# -- what keep and keep_hash name ------------------------------------------------------------------------------


class _Named(NamedTuple):
    """What one entry names."""

    entry: int
    """In ``keep`` and, counted on, in ``keep_hash``."""
    spans: list[Span]


def _named(view: Document, blocks: Sequence[Block], options: Options) -> list[_Named]:
    """The paragraphs that hold a text of ``keep``, or have a hash of ``keep_hash``."""
    if not options.keep and not options.keep_hash:
        return []
    blocks = blocks or split.split(view.text)
    found = _holding(view.text, blocks, options.keep) if options.keep else []
    if options.keep_hash:
        entries = {hash: at for at, hash in enumerate(options.keep_hash, len(options.keep))}
        for block in blocks:
            entry = entries.get(normalize.fingerprint(block.span.cut(view.text)))
            if entry is not None:
                found.append(_Named(entry, [block.span]))
    return found


def _holding(text: str, blocks: Sequence[Block], literals: Sequence[str]) -> list[_Named]:
    """The paragraphs in which one of the texts stands, in whole or in part, compared like copies are."""
    stream = normalize.stream(text)
    keys = [normalize.key(literal) for literal in literals]
    places: dict[int, set[Span]] = {}
    for entry, start in _places(stream.letters, keys):
        place = stream.span(start, start + len(keys[entry]))
        at = bisect_right(blocks, place.start, key=lambda block: block.span.end)
        while at < len(blocks) and blocks[at].span.start < place.end:
            places.setdefault(entry, set()).add(blocks[at].span)
            at += 1
    return [_Named(entry, sorted(spans)) for entry, spans in sorted(places.items())]


_HEAD = 8
"""Letters by which a text is looked for: with thousands of them one pass over the document does for all."""


def _places(letters: str, keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where one of ``keys``, given by its index, stands in ``letters``."""
    heads: dict[str, list[int]] = {}
    for entry, key in enumerate(keys):
        if len(key) >= _HEAD:
            heads.setdefault(key[:_HEAD], []).append(entry)
        else:
            at = letters.find(key) if key else -1
            while at >= 0:
                yield entry, at
                at = letters.find(key, at + 1)
    for at in range(len(letters) - _HEAD + 1) if heads else ():
        for entry in heads.get(letters[at : at + _HEAD], ()):
            if letters.startswith(keys[entry], at):
                yield entry, at


def _caught(found: DocumentResult, options: Options) -> Iterator[_Named]:
    """Findings whose copy has one of the hashes: the copy, and what it would rest on, stay.

    Both, or the other one would go in its place.
    """
    if not options.keep_hash:
        return
    for copy in found.copies():
        said = normalize.fingerprint(copy.said)
        if said in options.keep_hash and copy.finding.name not in REPAIRS:
            spans = [edit.span for edit in copy.edits]
            spans += [twin.span for edit in copy.edits for twin in edit.twins]
            yield _Named(len(options.keep) + options.keep_hash.index(said), merged(spans))


def _used(first: DocumentResult, found: DocumentResult, named: Iterable[_Named]) -> tuple[int, ...]:
    """The indexes of what something stays for."""
    named = list(named)
    wanted = _wanted(first.edits, found.edits, [span for each in named for span in each.spans])
    used = {each.entry for each in named if any(_is_any_in(span, wanted) for span in each.spans)}
    return tuple(sorted(used))


def _wanted(without: Sequence[Edit], done: Sequence[Edit], kept: Iterable[Span]) -> list[Span]:
    """What would change if nothing had to stay, and what the copies among that, which now stay, rest on."""
    standing = merged(kept)
    ends = [edit.span.end for edit in done]
    wanted = []
    for edit in without:
        wanted.append(edit.span)
        at = bisect_right(ends, edit.span.start)
        is_done = at < len(done) and done[at].span.start < edit.span.end
        if not is_done or _is_any_in(edit.span, standing):
            wanted += [twin.span for twin in edit.twins]
    return merged(wanted)


def _is_any_in(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of ``spans``, sorted and apart, overlaps ``span``."""
    at = bisect_right(spans, span.start, key=lambda each: each.end)
    return at < len(spans) and spans[at].start < span.end
