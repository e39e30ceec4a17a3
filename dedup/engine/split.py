"""Text -> paragraphs and the sentences inside them, with exact spans.

Layout is detected, not asked for: paragraphs between blank lines, one paragraph a line, hard-wrapped lines,
Markdown blocks (fences, tables, lists, front matter and headings are kept whole), a single long line. Formats
that say where their paragraphs begin and end have readers of their own.
Only LF, CRLF and CR end a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, partial
from itertools import accumulate, pairwise
from operator import and_
from typing import NamedTuple

from dedup.model import Span

PROSE, HEADING, LIST, TABLE, CODE, MATTER = "prose", "heading", "list", "table", "code", "matter"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:={3,}|-{3,}|~{3,}|\^{3,})[ \t]*$")
_UNDERLINES = tuple(" =-~^")
"""What an underline begins with."""
_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+•‣◦–—]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]+\S")
_ROW = re.compile(r"[ \t]*(?:\|.*\||[^|\t]*(?:\s\|\s[^|]*){2,}|[^\t]*(?:\t[^\t]+){2,})[ \t]*$")
_MARKUP = re.compile(
    r"[ \t]*(?:</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>|:::.*|///.*|\{%.*%\}|\{\{[<%].*[%>]\}\})$"
)
"""A line that is nothing but a tag, or begins or ends what a generator of pages sets apart: tabs, notes."""
_RAW = re.compile(r"[ \t]{0,3}<(?:(pre|script|style)\b|!--$)")
"""Begins what is shown as it is, or not at all."""
_RAW_ANYWHERE = re.compile(rf"(?m:^){_RAW.pattern}", re.M)
_START = re.compile("|".join(each.pattern for each in (_FENCE, _HEADING, _ITEM, _MARKUP, _RAW)))
_LINK = re.compile(r"\[[^\[\]]*\]\([^()\s]*\)\S*")
"""What an editor that wraps lines takes for one word."""
_END_MARK = re.compile(r"[.!?:;…。！？：；؟۔।။։።][\"'”’»)\]*_」』）]*\s*$")

_MATTER = {"---": (":", " -#\t"), "+++": ("=", " #\t[]{}\"'")}
"""What encloses front matter: what stands in its lines, and what other ones begin with."""

_MAX_WRAP = 110
"""Longest line taken for a hard-wrapped one; e-mail, RFCs and man pages wrap at 66 to 80, a few at 100."""
_MIN_WRAP = 36
"""Verse and captions are narrower than any hard-wrapped prose."""


class Block(NamedTuple):
    """A paragraph: its span from the start of its first line, its kind, and its sentences' spans."""

    span: Span
    kind: str
    line: int
    """Number of its first line, from 1."""
    sentences: tuple[Span, ...]
    """They lie in ``span`` in order; only blanks stand between them."""


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    number: int
    starts: bool
    """Whether it begins a block, whatever stands before it."""


class LineIndex:
    """Which line, from 1, an offset is on. The lines are looked up when first asked for.

    ``lines`` says where they begin if they are not those of ``text``.
    """

    def __init__(self, text: str, lines: Sequence[int] = ()) -> None:
        self._text = text
        self._lines = lines

    def number(self, offset: int) -> int:
        """Number of the line that holds the character at ``offset``."""
        return bisect_right(self._starts, offset)

    @cached_property
    def _starts(self) -> Sequence[int]:
        if self._lines:
            return self._lines
        text = self._text
        if "\r" in text:
            return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
        return [0, *accumulate([len(line) + 1 for line in text.split("\n")])]


def count(text: str, format: str = "text") -> int:
    """How many paragraphs ``split`` finds.

    >>> count("One.\\n\\nTwo. Three.\\n")
    2
    """
    said = _paragraph_lines(text) if format == "text" else 0
    return said or len(_grouped(_lines(text, format), format))


def _paragraph_lines(text: str) -> int:
    """How many lines are not blank, if each of them is a paragraph for certain: with blank ones around it, and none
    that could begin something of several. Otherwise 0."""
    if "\r" in text or "\n\n" not in text or text.startswith(tuple(_MATTER)):
        return 0
    if (
        ("`" in text and "```" in text)
        or "~~~" in text
        or ("<" in text and _RAW_ANYWHERE.search(text))
    ):
        return 0
    lines = text.split("\n")
    said = [bool(line) and not line.isspace() for line in lines]
    count = sum(said)
    return 0 if any(map(and_, said, said[1:])) else count


def programs(text: str, format: str) -> list[Span]:
    """What is no part of a text that stands in a program: of any other text, nothing."""
    if format not in ("pod", "perl"):
        return []
    from dedup.engine import pod

    lines = _lines(text)
    found = pod.programs([line.text for line in lines], is_program=format == "perl")
    # The command that begins the next POD stays with it: without, what follows would be read as a program.
    whole = [(start, min(end + 1, len(lines))) for start, end in found if start < end]
    return [Span(lines[start].start, lines[end - 1].end) for start, end in whole]


def split(text: str, format: str = "text") -> list[Block]:
    """The paragraphs of ``text`` in order: they are disjoint, and only white space stands between them.

    ``format``: that of the document, as in ``Document.format``.

    >>> [block.span.cut("One.\\n\\nTwo. Three.\\n") for block in split("One.\\n\\nTwo. Three.\\n")]
    ['One.', 'Two. Three.']
    """
    blocks = []
    has_unmarked = not text.isascii() and any(map(is_breaking, set(text)))
    for lines, kind in _grouped(_lines(text, format), format):
        start, end = lines[0].start, lines[-1].end
        span = Span(start, end)
        if kind in (PROSE, LIST):
            first = start + len(lines[0].text) - len(lines[0].text.lstrip())
            sentences = _sentences(text, first, end, has_unmarked)
        else:
            sentences = (span,)
        blocks.append(Block(span, kind, lines[0].number, sentences))
    return blocks


def paragraphs(text: str, format: str = "text") -> Iterator[tuple[int, int, str, int]]:
    """Start, end, kind and line of each paragraph that ``split`` finds, without looking for sentences.

    >>> list(paragraphs("One.\\n\\nTwo. Three.\\n"))
    [(0, 4, 'prose', 1), (6, 17, 'prose', 3)]
    """
    for lines, kind in _grouped(_lines(text, format), format):
        yield lines[0].start, lines[-1].end, kind, lines[0].number


def _lines(text: str, format: str = "text") -> list[_Line]:
    """The lines of ``text`` without their ends and trailing blanks; blank ones are empty."""
    lines = []
    start = 0
    ended = text.split("\n") if "\r" not in text else _LINE.findall(text)
    one = int("\r" not in text)
    has_rows = "|" in text or "\t" in text
    hides = format == "markdown"
    new = partial(tuple.__new__, _Line)
    for number, line in enumerate(ended, 1):
        content = line.rstrip()
        starts = bool(content) and (
            _starts_block(content, has_rows) or (hides and _hidden().match(content) is not None)
        )
        lines.append(new((start, start + len(content), content, number, starts)))
        start += len(line) + one
    return lines


def _grouped(lines: list[_Line], format: str) -> list[tuple[list[_Line], str]]:
    groups: list[tuple[list[_Line], str]] = []
    if read := _reader(format):
        found = read([line.text for line in lines])
        return [(lines[start:end], kind) for start, end, kind in found]
    widths, indented = _wrap_widths(lines), _sets_code_apart(lines)
    at = _front_matter(lines, groups)
    unclosed: set[str] = set()
    while at < len(lines):
        line = lines[at]
        if not line.text:
            at += 1
            continue
        end, kind = _block_end(lines, at, widths, indented, unclosed, format == "markdown")
        groups.append((lines[at:end], kind))
        at = end
    return groups


def _reader(format: str) -> Callable[[Sequence[str]], Iterator[tuple[int, int, str]]] | None:
    """What finds the blocks of a format that marks them; loaded when there is such a text."""
    if format == "rst":
        from dedup.engine.rst import blocks
    elif format == "asciidoc":
        from dedup.engine.asciidoc import blocks
    elif format == "pod":
        from dedup.engine.pod import blocks
    elif format == "perl":
        from dedup.engine.pod import in_program as blocks
    else:
        return None
    return blocks


def _front_matter(lines: list[_Line], groups: list[tuple[list[_Line], str]]) -> int:
    """Take YAML between ``---`` or TOML between ``+++`` at the very start as one block; the index of the first line
    after it."""
    mark = lines[0].text if lines else ""
    if mark in _MATTER:
        sign, others = _MATTER[mark]
        for at in range(1, min(len(lines), 60)):
            text = lines[at].text
            if text == mark or (text == "..." and mark == "---"):
                groups.append((lines[: at + 1], MATTER))
                return at + 1
            if text and sign not in text and text[0] not in others:
                return 0
    return 0


def _block_end(
    lines: list[_Line], at: int, widths: list[int], indented: bool, unclosed: set[str], hides: bool
) -> tuple[int, str]:
    """Index after the last line of the block that starts at line ``at``, and its kind.

    ``hides``: the text may hold what no reader sees.
    ``unclosed``: fences that nothing closes from here on.
    """
    text, starts = lines[at].text, lines[at].starts
    if starts and hides and _hidden().match(text):
        is_comment = text.lstrip()[0] == "<"
        return _raw_end(lines, at, "-->", unclosed) if is_comment else at + 1, CODE
    if starts and (fence := _FENCE.match(text)):
        return _fence_end(lines, at, fence[1], unclosed), CODE
    if starts and _HEADING.match(text):
        return at + 1, HEADING
    if starts and _ROW.match(text):
        return _while(lines, at + 1, lambda line: bool(_ROW.match(line))), TABLE
    if indented and (end := _indented_end(lines, at)):
        return end, CODE
    if starts and (raw := _RAW.match(text)):
        return _raw_end(lines, at, f"</{raw[1]}" if raw[1] else "-->", unclosed), CODE
    if starts and _MARKUP.match(text):
        return at + 1, CODE
    following = lines[at + 1].text if at + 1 < len(lines) else ""
    if following[:1] in _UNDERLINES and _UNDERLINE.match(following) and not _UNDERLINE.match(text):
        return at + 2, HEADING
    kind = LIST if starts and _ITEM.match(text) else PROSE
    end = at + 1
    while end < len(lines) and _continues(lines[end - 1], lines[end], widths[end - 1], kind):
        end += 1
    return end, kind


def _fence_end(lines: list[_Line], at: int, mark: str, unclosed: set[str]) -> int:
    for end in range(at + 1, len(lines) if mark not in unclosed else 0):
        found = _FENCE.match(lines[end].text)
        if found and found[1].startswith(mark) and not lines[end].text.strip(f" {mark[0]}"):
            return end + 1
    unclosed.add(mark)
    return (
        at + 1
    )  # an unclosed fence is a line of its own, or one stray mark would swallow the rest


def _raw_end(lines: list[_Line], at: int, mark: str, unclosed: set[str]) -> int:
    for end in range(at, len(lines) if mark not in unclosed else 0):
        if mark in lines[end].text:
            return end + 1
    unclosed.add(mark)
    return at + 1


def _while(lines: list[_Line], at: int, fits: Callable[[str], bool]) -> int:
    while at < len(lines) and lines[at].text and fits(lines[at].text):
        at += 1
    return at


def _indented_end(lines: list[_Line], at: int) -> int:
    """Index after a stretch of lines that are all indented by four blanks or a tab, or 0.

    A first line that is indented on its own begins a paragraph of a book, not code.
    """
    if not lines[at].text.startswith(_INDENTED):
        return 0
    if (at and lines[at - 1].text) or _ITEM.match(lines[at].text):
        return 0
    end = _while(lines, at, _is_indented)
    return 0 if end < len(lines) and lines[end].text else end


def _sets_code_apart(lines: list[_Line]) -> bool:
    """Whether indentation means code: not in a text that is indented throughout."""
    indented = [line.text.startswith(_INDENTED) for line in lines if line.text]
    return sum(indented) < 0.8 * len(indented)


_INDENTED = ("    ", "\t")


def _is_indented(line: str) -> bool:
    return line.startswith(_INDENTED)


def _wrap_widths(lines: list[_Line]) -> list[int]:
    """For each line the width its neighbourhood is wrapped at, 0 where lines are paragraphs.

    A neighbourhood is a stretch of lines none of which is longer than ``_MAX_WRAP``. It is wrapped when
    for most lines the next line's first word would not have fitted any more. A line that stands twice in a row says
    nothing of that.
    """
    widths = [0] * len(lines)
    start = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or len(lines[at].text) > _MAX_WRAP:
            if at - start > 1:
                width = _wrap_width(lines[start:at])
                widths[start:at] = [width] * (at - start)
            start = at + 1
    return widths


def _wrap_width(lines: list[_Line]) -> int:
    lengths = sorted(len(line.text) for line in lines if line.text)
    if len(lengths) < 2:
        return 0
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.97))]
    if width < _MIN_WRAP:
        return 0
    pairs = [
        (one.text, two.text)
        for one, two in pairwise(lines)
        if one.text and two.text and not two.starts and not one.starts
    ]
    full = sum(one != two and _is_full(one, two, width) for one, two in pairs)
    return width if len(pairs) >= 2 and full >= 0.55 * len(pairs) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted behind ``line``."""
    said = following.lstrip()
    link = _LINK.match(said) if said[0] == "[" else None
    word = link[0] if link else said.split(maxsplit=1)[0]
    if is_unspaced(word[0]):
        return len(line) + 2 > width
    return len(line) + 1 + len(word) > width


def is_unspaced(char: str) -> bool:
    """Whether ``char`` is of a script written without blanks between words."""
    return "\u2e80" <= char <= "\u9fff" or is_breaking(char)


def is_breaking(char: str) -> bool:
    """Thai, Lao, Burmese or Khmer: a blank stands between sentences, not words."""
    return char >= "\u0e00" and (
        char <= "\u0eff" or "\u1000" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"
    )


_BEHIND_LETTER = (".", ")")
"""What stands behind the letter of a lettered item: no other line that begins with a letter begins a block."""


@cache
def _hidden() -> re.Pattern[str]:
    """In Markdown what no reader sees: comments, and where the links of one name lead. Elsewhere it is shown."""
    definition = r" {0,3}\[[^\]]+\]:[ \t]+\S+(?:[ \t]+[\"'(].*)?$"
    return re.compile(rf"[ \t]{{0,3}}<!--(?!.*-->.*\S)|{definition}")


def _starts_block(text: str, has_rows: bool) -> bool:
    """Whether a line is an item, a heading, a fence or a row, whatever stands before it; ``has_rows``: whether any
    line of the text can be one."""
    if (not text[0].isalpha() or text[1:2] in _BEHIND_LETTER) and _START.match(text):
        return True
    return has_rows and (text.count("|") > 1 or text.count("\t") > 1) and bool(_ROW.match(text))


def _continues(line: _Line, following: _Line, width: int, kind: str) -> bool:
    """Whether ``following`` goes on with the paragraph that ``line`` belongs to."""
    if not following.text or following.starts or following.text == line.text:
        return False
    size = len(line.text)
    if kind == LIST and following.text[0] in " \t" and size <= _MAX_WRAP:
        return True
    if width and _is_full(line.text, following.text, width):
        return True
    # A line without an end mark whose sentence goes on in lower case: a wrapped line in ragged text.
    return (
        30 <= size <= _MAX_WRAP
        and following.text.lstrip("\"'“‘(")[:1].islower()
        and not _END_MARK.search(line.text)
    )


_STOP = re.compile(
    # One class in front: the search skips all other letters at once. A row of marks is tried from its start
    # only, or a million full stops would take the square of that.
    r"[.!?…։።。！？।؟۔។](?:"
    r"(?<=[.!?…։።])(?<![.!?…։።]{2})[.!?…։።]*+[\"'”’»)\]*_]*+(?=\s)"
    r"|(?<=[。！？])[。！？]*[”’」』）〉》]*"
    r"|(?<=[।؟۔។])(?<![।؟۔។]{2})[।؟۔។]*+[\"'”’»)\]]*+(?=\s))"
)
_BLANK = re.compile(r"[ \u200b]+")
_MIN_UNMARKED = 40
"""Letters a Thai or Khmer sentence has at least: blanks also stand inside sentences."""
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr drs prof sr jr st mt ft vs no nos nr fig figs gen sen rep reps gov lt col capt sgt maj hon rev "
    "jan feb mar apr jun jul aug sept sep oct nov dec approx cf etc resp ca bzw usw evtl inkl bd hrsg abb str sra "
    "srta mme mlle pp ed eds art cap tel inc ltd co corp al".split()
)


def _sentences(text: str, start: int, end: int, has_unmarked: bool) -> tuple[Span, ...]:
    """The sentences between two offsets. A wrong border costs little: borders only limit what can go alone."""
    spans = []
    first = start
    for border, resume in _borders(text, start, end, has_unmarked):
        if border <= first:
            continue
        spans.append(Span(first, border))
        first = resume
    if first < end:
        spans.append(Span(first, end))
    return tuple(spans)


def _borders(text: str, start: int, end: int, has_unmarked: bool) -> list[tuple[int, int]]:
    """End of each sentence but the last, and the start of the next one.

    ``has_unmarked``: somewhere in the text, though maybe not here, blanks can end sentences.
    """
    borders = []
    for match in _STOP.finditer(text, start, end):
        stop = match.end()
        if stop >= end or not _is_border(text, match, end):
            continue
        resume = stop
        while resume < end and text[resume].isspace():
            resume += 1
        borders.append((stop, resume))
    if has_unmarked and any(map(is_breaking, set(text[start:end]))):
        borders = sorted({*borders, *_unmarked_borders(text, start, end)})
    return borders


def _is_border(text: str, match: re.Match[str], end: int) -> bool:
    mark = match[0][0]
    if mark not in ".!?…":
        return True
    after = text[match.end() : min(end, match.end() + 12)].lstrip().lstrip("\"'“‘«([*_¿¡—–- ")
    if not after or after[0].islower():
        return False
    return mark != "." or not _is_abbreviated(text[max(0, match.start() - 12) : match.start()])


def _is_abbreviated(before: str) -> bool:
    """Whether a full stop after ``before`` belongs to the word: a title, an initial, ``U.S``, ``3``."""
    words = before.split()
    word = words[-1].strip("([“\"'‘") if words and not before[-1].isspace() else ""
    if len(word) == 1 or (word.isdigit() and len(word) < 3):
        return True
    return word.lower() in _ABBREVIATIONS or (
        len(word) > 2 and word[-2] == "." and word[-1].isalpha()
    )


def _unmarked_borders(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Thai, Lao, Khmer and Burmese end sentences with a blank; very short ones are left together."""
    borders, last = [], start
    for match in _BLANK.finditer(text, start, end):
        is_after = is_breaking(text[match.start() - 1])
        if is_after and match.start() - last >= _MIN_UNMARKED and match.end() < end:
            borders.append((match.start(), match.end()))
            last = match.end()
    return borders
