"""Comments that speak to dedup: where they stand in a text, what they hold for, and what is wrong with them.

``off`` and ``on`` enclose what is not looked at; ``keep`` stands before a paragraph that has to stay. In
plain text, and in records, nothing is a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from dedup.engine import split
from dedup.engine.split import CODE, MATTER, Block, LineIndex
from dedup.model import Document, Marker, Span, is_inside, merged, overlapping
from dedup.options import nearest

OFF, ON, KEEP = "off", "on", "keep"
WORDS = (OFF, ON, KEEP)

_NAMED = r"(?i:dedup)(?![^\W_])"
_COMMENT = rf"(?<!\\)<!--[ \t]*(?P<said>{_NAMED}(?:(?!-->)[^\r\n]){{0,300}})(?P<closed>-->)?"
_COMMAND = rf"^=for[ \t]+(?P<said>{_NAMED}[^\r\n]*)"
_FORMATS = {
    "markdown": _COMMENT,
    "html": _COMMENT,
    "rst": rf"^\.\.[ \t]+(?P<said>{_NAMED}[^\r\n]*)",
    "asciidoc": rf"^//(?!/)[ \t]*(?P<said>{_NAMED}[^\r\n]*)",
    "pod": _COMMAND,
    "perl": _COMMAND,
}
"""What may be meant for a comment to dedup, by ``Document.format``. Those that are no HTML begin their line."""
_LEADING = {"pod": "dedup", "perl": "dedup"}
"""How it has to begin, where that is not with ``dedup:``."""


class Directive(NamedTuple):
    """One comment that is understood."""

    said: str
    """``off``, ``on`` or ``keep``."""
    line: int
    marker: Span
    """The whole line, if nothing else stands on it."""
    holds: Span
    """From ``off`` to its ``on``, both included, or to the end; the paragraph after ``keep``; nothing for ``on``."""


class Problem(NamedTuple):
    """A comment to dedup that is not understood, or has nothing to hold for."""

    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class Shown(NamedTuple):
    """A document as it is looked at."""

    text: str
    """Of the same length and lines, without letters in markers and where it is ``off``."""
    blocks: Sequence[Block]
    """The paragraphs of that text; none where there are no directives."""
    directives: tuple[Directive, ...]
    problems: tuple[Problem, ...]
    frozen: Sequence[Span]
    """What has to stay for the directives, markers included; sorted and apart."""


def shown(document: Document, *, is_off: bool = True) -> Shown:
    """The document as it is looked at; unless ``is_off`` only markers are hidden, and nothing has to stay."""
    markers = find(document)
    if not markers:
        return Shown(document.text, (), (), (), ())
    problems: list[Problem] = []
    known = list(_known(markers, document.format, problems))
    text = document.text
    is_page = bool(document.lines)
    regions = _regions(known, len(text), problems, is_page=is_page)
    marks = [] if is_page else [each.span for each in known]
    hidden = merged(marks + ([region for region, _ in regions] if is_off else []))
    masked = _masked(text, document.format, marks, hidden)
    blocks = split.split(masked, document.format)
    held = {marker: region for region, marker in regions}
    offs = [region for region, _ in regions]
    directives = []
    for marker in known:
        holds = held.get(marker, Span(marker.span.end, marker.span.end))
        if marker.said == KEEP and is_inside(marker.span, offs):
            problems.append(Problem(marker.line, "keep, but it is off here anyway"))
        elif marker.said == KEEP:
            holds = _paragraph(masked, blocks, marker.span, hidden) or holds
            if not len(holds):
                problems.append(Problem(marker.line, "keep, but no paragraph follows"))
        directives.append(Directive(marker.said, marker.line, marker.span, holds))
    frozen = hidden + _blocks_at(blocks, hidden) + [each.holds for each in directives]
    stays = merged(span for span in frozen if len(span)) if is_off else []
    return Shown(masked, blocks, tuple(directives), tuple(sorted(problems)), stays)


# -- finding markers -------------------------------------------------------------------------------------------


def find(document: Document) -> Sequence[Marker]:
    """All comments to dedup in their order, understood or not."""
    if document.lines:  # what readers see of a page: its comments were found in the source
        return document.markers
    text, format = document.text, document.format
    if format not in _FORMATS:
        return ()
    found = list(_pattern(format).finditer(text))
    if not found:
        return ()
    if format in ("markdown", "asciidoc"):
        found = _outside_code(text, format, found)
    programs = split.programs(text, format)
    if programs:
        found = [match for match in found if not _is_program(match, programs)]
    lines = LineIndex(text)
    return [_marker(text, match, lines, _leading(format)) for match in found]


def _leading(format: str) -> str:
    return _LEADING.get(format, "dedup:")


@cache
def _pattern(format: str) -> re.Pattern[str]:
    return re.compile(_FORMATS[format], re.MULTILINE)


def _marker(text: str, match: re.Match[str], lines: LineIndex, leading: str) -> Marker:
    """A comment with its place: the whole line, blanks included, if it has one to itself."""
    start, end = match.span()
    line = lines.number(start)
    before, after = start, end
    while before and text[before - 1] in " \t":
        before -= 1
    while after < len(text) and text[after] in " \t":
        after += 1
    if (before == 0 or text[before - 1] in "\r\n") and (
        after == len(text) or text[after] in "\r\n"
    ):
        start, end = before, after
    is_closed = match.groupdict().get("closed", "-->") is not None
    said = match["said"].removeprefix(leading).strip()
    return Marker(Span(start, end), said, line, is_closed)


def _is_program(match: re.Match[str], programs: Sequence[Span]) -> bool:
    """Whether a line only looks like POD; the command that begins POD is counted to the program before it."""
    at = bisect_right(programs, match.start(), key=lambda span: span.start) - 1
    return at >= 0 and match.end() < programs[at].end


def _outside_code(text: str, format: str, found: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Those that stand neither in what is shown as it is, nor in front matter, nor between backticks."""
    blocks = split.split(text, format)
    starts = [block.span.start for block in blocks]
    outside = []
    spans: dict[int, list[Span]] = {}
    for match in found:
        at = bisect_right(starts, match.start()) - 1
        block = blocks[at] if at >= 0 else None
        if block and block.span.end > match.start():
            if block.kind == MATTER or (block.kind == CODE and _is_fenced(text, block)):
                continue
            if at not in spans and format == "markdown":
                spans[at] = list(_code_spans(text, block.span))
            if overlapping(Span(match.start(), match.start() + 1), spans.get(at, ())):
                continue
        outside.append(match)
    return outside


def _is_fenced(text: str, block: Block) -> bool:
    """Whether lines open and close it. Comments count as code in AsciiDoc, and so does what is indented."""
    return block.span.cut(text).lstrip(" ").startswith(_FENCES)


_FENCES = ("```", "~~~", "----", "....", "++++", "////")


def _code_spans(text: str, place: Span) -> Iterator[Span]:
    """What stands between equal rows of backticks (CommonMark 6.1), from left to right."""
    rows = [match.span() for match in re.finditer("`+", place.cut(text))]
    following: dict[int, list[int]] = {}
    for at in range(len(rows) - 1, -1, -1):
        following.setdefault(rows[at][1] - rows[at][0], []).append(at)
    at = 0
    while at < len(rows):
        same = following[rows[at][1] - rows[at][0]]
        while same and same[-1] <= at:
            same.pop()
        if same:
            yield Span(place.start + rows[at][0], place.start + rows[same[-1]][1])
            at = same[-1]
        at += 1


# -- what they say ---------------------------------------------------------------------------------------------


def _known(markers: Sequence[Marker], format: str, problems: list[Problem]) -> Iterator[Marker]:
    """The markers that say one of the words."""
    for marker in markers:
        is_named = _MISNAMED.match(marker.said) is None
        if marker.is_closed and marker.said in WORDS:
            yield marker
        elif marker.is_closed:
            what = "none of " + ", ".join(WORDS) if is_named else "no comment that is understood"
            what = f"{_shortened(marker.said)!r} is {what}"
            problems.append(Problem(marker.line, what, _meant(marker.said, format, is_named)))
        elif is_named:  # else it may be any remark on several lines
            what = "a comment to dedup that is not closed"
            problems.append(Problem(marker.line, what, "it has to end, with -->, on its line"))


_MISNAMED = re.compile(_NAMED)
"""What is said by a comment that begins with the name, but not as it has to."""


def _meant(said: str, format: str, is_named: bool) -> str:
    """How a comment is written that says something like ``said``."""
    word = (re.findall(r"[^\W_]+", _MISNAMED.sub("", said, count=1)) or [""])[0].lower()
    leading = _leading(format)
    if hint := nearest(word, WORDS):
        return hint.replace("did you mean ", f"did you mean {leading} ")
    return "" if is_named else f"did you mean {leading} and one of {', '.join(WORDS)}?"


def _shortened(said: str) -> str:
    return said if len(said) <= _MAX_QUOTED else said[: _MAX_QUOTED - 1] + "…"


_MAX_QUOTED = 40
"""Characters of a comment that a message quotes."""


def _regions(
    markers: Sequence[Marker], size: int, problems: list[Problem], *, is_page: bool
) -> list[tuple[Span, Marker]]:
    """What is off, with the marker that says so: the text between markers, and they if they are part of it."""
    regions = []
    off: Marker | None = None
    for marker in markers:
        if marker.said == OFF:
            if off is None:
                off = marker
            else:
                what = f"it is off already, since line {off.line}"
                problems.append(Problem(marker.line, what, "the next on ends both"))
        elif marker.said == ON:
            if off is None:
                problems.append(Problem(marker.line, "on, but nothing was off"))
            else:
                end = marker.span.start if is_page else marker.span.end
                regions.append((off.span.end if is_page else off.span.start, end, off))
                off = None
    if off is not None:
        regions.append((off.span.end if is_page else off.span.start, size, off))
    return [(Span(start, end), each) for start, end, each in regions if start < end]


# -- hiding ----------------------------------------------------------------------------------------------------

_SIGN = "#"
"""It has no letters and is no blank."""
_LEADS = {"rst": ".. ", "asciidoc": "// "}
"""What a line of signs begins with, so that it joins no other line: like a comment, or else a heading."""


def _masked(text: str, format: str, markers: Sequence[Span], hidden: Sequence[Span]) -> str:
    """``text`` with signs for markers, and at both ends of what is hidden, and blanks for the rest of that.

    Blanks, because lines that are not looked at must not count where the layout is guessed by their width.
    """
    parts: list[str] = []
    position = at = 0
    for span in hidden:
        inner = []
        while at < len(markers) and markers[at].start < span.end:
            inner.append(markers[at])
            at += 1
        parts += (text[position : span.start], _hidden(text, format, span, inner))
        position = span.end
    return "".join([*parts, text[position:]])


def _hidden(text: str, format: str, span: Span, markers: Sequence[Span]) -> str:
    """The characters of ``span`` as they are looked at."""
    signs = {*markers}
    lines = [
        Span(span.start + line.start(), span.start + line.end())
        for line in re.finditer(r"[^\r\n]+", span.cut(text))
        if line[0].strip()
    ]
    signs |= {*lines[:1], *lines[-1:]}
    parts: list[str] = []
    position = span.start
    for sign in merged(signs):
        parts.append(re.sub(r"\S", " ", text[position : sign.start]))
        parts.append(_signs(text, format, sign))
        position = sign.end
    parts.append(re.sub(r"\S", " ", text[position : span.end]))
    return "".join(parts)


def _signs(text: str, format: str, span: Span) -> str:
    lead = _LEADS.get(format, _SIGN + " ")
    is_line = (span.start == 0 or text[span.start - 1] in "\r\n") and (
        span.end == len(text) or text[span.end] in "\r\n"
    )
    if not is_line or len(span) <= len(lead):
        return _SIGN * len(span)
    return lead + _SIGN * (len(span) - len(lead))


# -- what they hold for ----------------------------------------------------------------------------------------


def _paragraph(
    text: str, blocks: Sequence[Block], marker: Span, hidden: Sequence[Span]
) -> Span | None:
    """The paragraph that ``marker`` stands in, or else the one after it, to the next blank line.

    To the blank line, because lines that belong together may be paragraphs of their own for the search.
    """
    at = bisect_right(blocks, marker.start, key=lambda block: block.span.end)
    if at < len(blocks) and blocks[at].span == marker:
        at += 1
    if at == len(blocks) or _overlaps(blocks[at].span, hidden, but=marker):
        return None
    first = last = at
    while (
        last + 1 < len(blocks)
        and not _has_blank_line(text[blocks[last].span.end : blocks[last + 1].span.start])
        and not _overlaps(blocks[last + 1].span, hidden, but=marker)
    ):
        last += 1
    return Span(blocks[first].span.start, blocks[last].span.end)


def _has_blank_line(between: str) -> bool:
    return len(re.findall(r"\r\n|\n|\r", between)) != 1


def _overlaps(span: Span, hidden: Sequence[Span], *, but: Span) -> bool:
    found = overlapping(span, hidden)
    return bool(found) and hidden[found[0]] != but


def _blocks_at(blocks: Sequence[Block], hidden: Sequence[Span]) -> list[Span]:
    """The paragraphs of which something is hidden: what else they say stays as well."""
    spans = [block.span for block in blocks]
    return [spans[at] for span in hidden for at in overlapping(span, spans)]
