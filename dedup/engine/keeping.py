"""What has to stay: where comments in the document say so, and what ``keep`` and ``keep_hash`` name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from dedup.engine import directives, normalize, plan, split
from dedup.engine.directives import KEEP, OFF, Directive, Shown
from dedup.engine.split import Block
from dedup.model import (
    REPAIRS,
    Document,
    DocumentResult,
    Edit,
    Span,
    is_inside,
    merged,
    overlapping,
)
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
    """What goes from a document of which something has to stay.

    Nothing goes because something else has to stay; unless the text would not settle otherwise, because of two
    copies of which one is kept now this one and now that one is the better to go.
    """
    shown = directives.shown(document)
    first = find(_view(document, shown), options, frozen)
    found, is_all = _found(document, shown, options, find, frozen, first)
    # Of a page only its source tells what has to stay of the cleaned one: whoever has that looks again.
    is_sure = not found.changed or bool(document.lines)
    if not is_sure and not _lasts(found, shown, options, find, is_all=is_all):
        found, _ = _found(document, shown, options, find, frozen, first, may_swap=True)
        if not _lasts(found, shown, options, find, is_all=False):
            found = _left_whole(document, UNSETTLED, found.keeps)
    return replace(_with_problems(found, shown), directives=len(shown.directives))


def held(document: Document, options: Options) -> tuple[list[Span], list[Span], tuple[int, ...]]:
    """What of a document is not to be looked at, and what has to stay: markers, what they hold, what is named;
    and which of ``keep`` and, counted on, ``keep_hash`` name something in it."""
    shown = directives.shown(document)
    named = _named(_view(document, shown), shown.blocks, options)
    hidden = merged(each.holds for each in shown.directives if each.said == OFF)
    kept = merged([*shown.frozen, *(span for each in named for span in each.spans)])
    return hidden, kept, tuple(each.entry for each in named)


def problems(document: Document) -> tuple[directives.Problem, ...]:
    """The comments to dedup that are not understood, or have nothing to hold for, by line."""
    return directives.shown(document).problems


def unused(document: Document, options: Options, find: Find) -> tuple[Directive, ...]:
    """The comments without any one of which the same would go.

    Looks at the document once more, if there are any; if some say ``off``, twice.
    """
    shown = directives.shown(document)
    asked = [each for each in shown.directives if each.said in (OFF, KEEP) and len(each.holds)]
    if not asked:
        return ()
    frozen = _programs(document)
    first = find(_view(document, shown), options, frozen)
    wanted: dict[str, Sequence[Span]] = {KEEP: merged(edit.span for edit in first.edits)}
    if offs := [each.holds for each in asked if each.said == OFF]:
        bare = find(_view(document, directives.shown(document, is_off=False)), options, frozen)
        wanted[OFF] = _needed(bare.edits, first.edits, offs)
    return tuple(each for each in asked if not overlapping(each.holds, wanted[each.said]))


def _needed(without: Sequence[Edit], done: Sequence[Edit], offs: Sequence[Span]) -> Sequence[Span]:
    """What would change if nothing were off, and what those of these changes that are not done rest on.

    A change elsewhere, which rests on nothing that is off, comes of what stands around it: all of ``offs`` may
    have to do with that.
    """
    mine = merged(edit.span for edit in done)
    needed = [edit.span for edit in without]
    for edit in without:
        twins = [twin.span for twin in edit.twins]
        if not overlapping(edit.span, mine):
            if not any(overlapping(span, offs) for span in (edit.span, *twins)):
                return offs
            needed += twins
    return merged(needed)


# -- finding around what stays ---------------------------------------------------------------------------------


def _programs(document: Document) -> list[Span]:
    return split.programs(document.text, document.format)


def _view(document: Document, shown: Shown) -> Document:
    return replace(document, text=shown.text, markers=())


def _found(
    document: Document,
    shown: Shown,
    options: Options,
    find: Find,
    frozen: Sequence[Span],
    first: DocumentResult,
    *,
    may_swap: bool = False,
) -> tuple[DocumentResult, bool]:
    """What goes, in the document's own text, and whether that is all that could.

    What could go, ``first``, is found beforehand: in most documents nothing of it has to stay, and in most
    nothing goes. Only that may go in the end: where a copy has to stay, the other one would often be the next
    choice, unless it ``may_swap``.
    """
    view, found = first.document, first
    if not first.changed:
        return _in_full(document, first, ()), True
    named = [*_named(view, shown.blocks, options), *_caught(first, options)]
    kept = merged([*shown.frozen, *(span for each in named for span in each.spans)])
    going = merged(edit.span for edit in first.edits)
    keeps = {each.entry for each in named if any(overlapping(span, going) for span in each.spans)}
    stays = merged([*frozen, *kept, *([] if may_swap else _twins(first.edits, kept))])
    is_all = True
    for _ in range(MAX_ROUNDS):
        wrong = [edit.span for edit in found.edits if overlapping(edit.span, kept)]
        wrong += [edit.span for edit in found.edits if not (may_swap or _is_inside(edit, going))]
        caught = list(_caught(found, options))
        if not wrong and not caught:
            return _in_full(document, found, tuple(sorted(keeps))), is_all
        is_all = False
        if found is not first:
            keeps.update(each.entry for each in caught)
            more = [span for each in caught for span in each.spans]
            stays = merged([*stays, *more, *wrong])
        found = find(view, options, stays)
    return _left_whole(document, UNSETTLED, tuple(sorted(keeps))), False


def _twins(edits: Sequence[Edit], kept: Sequence[Span]) -> list[Span]:
    """What the edits rest on that take something which has to stay: it would go in their place."""
    stopped = (edit for edit in edits if overlapping(edit.span, kept))
    return [twin.span for edit in stopped for twin in edit.twins]


def _is_inside(edit: Edit, spans: Sequence[Span]) -> bool:
    """Whether what is said in an edit lies in one of ``spans``; its blanks may stand around them."""
    start = edit.span.start + len(edit.removed) - len(edit.removed.lstrip())
    end = max(start, edit.span.end - len(edit.removed) + len(edit.removed.rstrip()))
    return is_inside(Span(start, end), spans)


def _in_full(document: Document, found: DocumentResult, keeps: tuple[int, ...]) -> DocumentResult:
    """The result for what was looked at as one for the document itself."""
    if found.document.text == document.text:
        return replace(found, document=document, keeps=keeps)
    if any(edit.span.cut(document.text) != edit.removed for edit in found.edits):
        return _left_whole(document, TOUCHED, keeps)
    cleaned = plan.apply(document.text, found.edits)
    return replace(found, document=document, cleaned=cleaned, keeps=keeps)


def _left_whole(document: Document, note: str, keeps: tuple[int, ...]) -> DocumentResult:
    text, count = document.text, split.count(document.text, document.format)
    return DocumentResult(document, (), (), text, count, 0, note, keeps)


def _with_problems(found: DocumentResult, shown: Shown) -> DocumentResult:
    """The result with a note on comments that are not understood."""
    if not shown.problems:
        return found
    said = [str(problem) for problem in shown.problems[:MAX_PROBLEMS]]
    if more := len(shown.problems) - MAX_PROBLEMS:
        said += [f"and {more:,} more like that"] * (more > 0)
    return replace(found, note="; ".join(filter(None, [found.note, *said])))


def _lasts(
    found: DocumentResult, shown: Shown, options: Options, find: Find, *, is_all: bool
) -> bool:
    """Whether the cleaned text is one of which nothing more goes.

    The engine says so where nothing had to stay; unless without what went the rest reads differently. Else it is
    looked at again.
    """
    after = replace(found.document, text=found.cleaned)
    again = directives.shown(after)
    if is_all and again.text == plan.apply(shown.text, found.edits):
        return True
    frozen = _programs(after)
    first = find(_view(after, again), options, frozen)
    return not _found(after, again, options, find, frozen, first)[0].changed


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
    blocks = blocks or split.split(view.text, view.format)
    found = _holding(view.text, blocks, options.keep) if options.keep else []
    if options.keep_hash:
        numbers = entries(options)
        for block in blocks:
            entry = numbers.get(normalize.fingerprint(block.span.cut(view.text)))
            if entry is not None:
                found.append(_Named(entry, [block.span]))
    return found


def _holding(text: str, blocks: Sequence[Block], literals: Sequence[str]) -> list[_Named]:
    """The paragraphs in which one of the texts stands, in whole or in part, compared like copies are."""
    stream = normalize.stream(text)
    keys = [normalize.key(literal) for literal in literals]
    spans = [block.span for block in blocks]
    places: dict[int, set[Span]] = {}
    for entry, start in found_at(stream.letters, keys):
        place = stream.span(start, start + len(keys[entry]))
        places.setdefault(entry, set()).update(spans[at] for at in overlapping(place, spans))
    return [_Named(entry, sorted(spans)) for entry, spans in sorted(places.items())]


MAX_SOUGHT = 64
"""Texts that are each looked for on their own, which takes a thousandth of the time of a pass over the letters."""
_HEAD = 8
"""Letters by which more of them are: with thousands one pass over the document does for all."""


def found_at(letters: str, keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where one of ``keys``, given by its index, stands in ``letters``."""
    heads: dict[str, list[int]] = {}
    for entry, key in enumerate(keys):
        if len(keys) > MAX_SOUGHT and len(key) >= _HEAD:
            heads.setdefault(key[:_HEAD], []).append(entry)
            continue
        at = letters.find(key) if key else -1
        while at >= 0:
            yield entry, at
            at = letters.find(key, at + 1)
    for at in range(len(letters) - _HEAD + 1) if heads else ():
        for entry in heads.get(letters[at : at + _HEAD], ()):
            if letters.startswith(keys[entry], at):
                yield entry, at


def _caught(found: DocumentResult, options: Options) -> Iterator[_Named]:
    """Findings whose copy has one of the hashes, with that copy."""
    if not options.keep_hash:
        return
    numbers = entries(options)
    for copy in found.copies():
        entry = numbers.get(normalize.fingerprint(copy.said))
        if entry is not None and copy.finding.name not in REPAIRS:
            yield _Named(entry, [edit.span for edit in copy.edits])


def entries(options: Options) -> dict[str, int]:
    """The number of the entry that names a hash, counted on from those of ``keep``."""
    hashes = enumerate(options.keep_hash, len(options.keep))
    return {hash: entry for entry, hash in reversed([*hashes])}
