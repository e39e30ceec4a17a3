"""What has to stay: where comments in the document say so, and what ``keep`` and ``keep_hash`` name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
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
    """What goes from a document of which something has to stay.

    Nothing goes because something else has to stay; unless the text would not settle otherwise, because of two
    copies of which one is kept now this one and now that one is the better to go.
    """
    shown = directives.shown(document)
    found, is_all = _found(document, shown, options, find, frozen)
    # Of a page only its source tells what has to stay of the cleaned one: whoever has that looks again.
    is_sure = not found.changed or bool(document.lines)
    if not is_sure and not _lasts(found, shown, options, find, is_all=is_all):
        found, _ = _found(document, shown, options, find, frozen, may_swap=True)
        if not _lasts(found, shown, options, find, is_all=False):
            found = _left_whole(document, UNSETTLED, found.keeps)
    return replace(_with_problems(found, shown), directives=len(shown.directives))


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
    wanted = {KEEP: merged(edit.span for edit in first.edits)}
    if any(each.said == OFF for each in asked):
        bare = find(_view(document, directives.shown(document, is_off=False)), options, frozen)
        wanted[OFF] = _needed(bare.edits, first.edits)
    return tuple(each for each in asked if not _is_any_in(each.holds, wanted[each.said]))


def _needed(without: Sequence[Edit], done: Sequence[Edit]) -> list[Span]:
    """What would change if nothing were off, and what those of these changes that are not done rest on."""
    mine = merged(edit.span for edit in done)
    needed = [edit.span for edit in without]
    needed += [
        twin.span for edit in without for twin in edit.twins if not _is_any_in(edit.span, mine)
    ]
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
    *,
    may_swap: bool = False,
) -> tuple[DocumentResult, bool]:
    """What goes, in the document's own text, and whether that is all that could.

    What could go is found first: in most documents nothing of it has to stay, and in most nothing goes. Only
    that may go in the end: where a copy has to stay, the other one would often be the next choice, unless it
    ``may_swap``.
    """
    view = _view(document, shown)
    found = first = find(view, options, frozen)
    if not first.changed:
        return _in_full(document, first, ()), True
    named = [*_named(view, shown.blocks, options), *_caught(first, options)]
    kept = merged([*shown.frozen, *(span for each in named for span in each.spans)])
    going = merged(edit.span for edit in first.edits)
    keeps = {each.entry for each in named if any(_is_any_in(at, going) for at in each.spans)}
    stays = merged([*frozen, *kept, *([] if may_swap else _twins(first.edits, kept))])
    is_all = True
    for _ in range(MAX_ROUNDS):
        wrong = [edit.span for edit in found.edits if _is_any_in(edit.span, kept)]
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
    stopped = (edit for edit in edits if _is_any_in(edit.span, kept))
    return [twin.span for edit in stopped for twin in edit.twins]


def _is_inside(edit: Edit, spans: Sequence[Span]) -> bool:
    """Whether what is said in an edit lies in one of ``spans``; its blanks may stand around them."""
    start = edit.span.start + len(edit.removed) - len(edit.removed.lstrip())
    end = max(start, edit.span.end - len(edit.removed) + len(edit.removed.rstrip()))
    at = bisect_right(spans, start, key=lambda each: each.start) - 1
    return at >= 0 and end <= spans[at].end


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
    return not _found(after, again, options, find, _programs(after))[0].changed


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
    """Findings whose copy has one of the hashes, with that copy."""
    if not options.keep_hash:
        return
    for copy in found.copies():
        said = normalize.fingerprint(copy.said)
        if said in options.keep_hash and copy.finding.name not in REPAIRS:
            entry = len(options.keep) + options.keep_hash.index(said)
            yield _Named(entry, [edit.span for edit in copy.edits])


def _is_any_in(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of ``spans``, sorted and apart, overlaps ``span``."""
    at = bisect_right(spans, span.start, key=lambda each: each.end)
    return at < len(spans) and spans[at].start < span.end
