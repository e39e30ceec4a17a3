"""One string inside a record, as its format writes it: from places in the text to places in the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from dedup.files.formats.lines import Coding
from dedup.files.views import RawEdit, View, apply
from dedup.model import Edit, Span


def raw_edits(
    raw: str,
    inside: Span,
    escapes: re.Pattern[str],
    edits: Sequence[Edit],
    written: Callable[[str], str],
) -> list[RawEdit]:
    """The edits of a text that stands in ``raw`` at ``inside``, each ``escapes`` being one character of it.

    What stays keeps the way it is written; what is inserted is ``written`` anew.
    """
    wanted = [place for edit in edits for place in (edit.span.start, edit.span.end)]
    found = places(raw, inside, escapes, wanted)
    result = []
    for edit, start, end in zip(edits, found[::2], found[1::2], strict=True):
        if edit.removed or edit.inserted:
            result.append(RawEdit(start, raw[start:end], written(edit.inserted)))
    return result


def places(raw: str, inside: Span, escapes: re.Pattern[str], wanted: Iterable[int]) -> list[int]:
    r"""Where in ``raw`` the characters of the text begin that have these numbers, in ascending order.

    >>> places('"a\\nb"', Span(1, 5), re.compile(r"\\."), [0, 1, 2, 3])
    [1, 2, 4, 5]
    """
    found = []
    matches = escapes.finditer(raw, inside.start, inside.end)
    match = next(matches, None)
    shift = inside.start  # between a character of the text and its place, behind the last escape
    for number in wanted:
        while match is not None and match.start() - shift < number:
            shift += len(match[0]) - 1
            match = next(matches, None)
        found.append(number + shift)
    return found


def refused(view: View, coding: Coding, edits: Sequence[Edit]) -> list[Span]:
    """Spans whose edits would make bytes or characters meet that are read as something else together.

    Those are surrogates without their other half, and bytes that were preserved though not valid.
    """
    wrong: list[Span] = []
    rest: list[Edit] = []
    for group in _neighbours(edits):
        if _is_joined(view.text, group):
            wrong += [edit.span for edit in group]
        else:
            rest += group
    if coding.errors == "strict" or not rest:
        return wrong
    new = apply(view.raw, view.raw_edits(rest))
    data = coding.written(new)
    is_readable = data is not None and coding.read(data, "record") == (new, "")
    return wrong if is_readable else [edit.span for edit in edits]


def _neighbours(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """The edits, those together between which nothing stays."""
    group: list[Edit] = []
    for edit in edits:
        if group and group[-1].span.end != edit.span.start:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _is_joined(text: str, group: Sequence[Edit]) -> bool:
    """Whether two halves of a character come to stand side by side where these edits are."""
    start, end = group[0].span.start, group[-1].span.end
    new = "".join(edit.inserted for edit in group)
    beside = pairwise(text[max(start - 1, 0) : start] + new + text[end : end + 1])
    return any(_is_half(one) and _is_half(other) for one, other in beside)


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
