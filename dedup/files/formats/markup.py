"""HTML source -> text, tags and what is neither, each with its place: the tokens that browsers find.

Our own, after the tokenizer of the HTML standard (13.2.5), because nothing else at hand gives offsets in
time that grows with the source. The standard library's parser takes the square of it (100 KB of ``<!--``:
4 s; of ``<a ``: over 10 s, Python 3.11) and fails with an ``AssertionError`` on ``<![<![``; that of
tree-sitter takes the square too (100 KB of ``<!--``: over 10 s) and finds errors in a third of all pages; lxml
and selectolax do not say where things stand. Here every unfinished tag, comment or script ends the source,
as the standard has it, so that nothing is read twice.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

SPACE = " \t\n\f\r"
"""What HTML takes for white space; a no-break space is a character."""

# No possessive group around it: before Python 3.11.5 those keep what their last, failed round took (gh-106052).
_TAG_LIKE = re.compile(r"<(?:[a-zA-Z!?]|/[\s\S])")
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^ \t\n\f\r/>]*+)"
    r"(?:[ \t\n\f\r/]++"
    r"|[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:"
    r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r\"'>][^ \t\n\f\r>]*+|(?=>)))?+"
    r")*+>"
)
_COMMENT = re.compile(r"<!--(?:-?>|[\s\S]*?(?:--!?>|\Z))")
_MARKER = re.compile(r"<!--[ \t]*((?i:dedup)(?![^\W_])[^\r\n]*?)(-->|\Z)")
_NAME = re.compile(r"<[^ \t\n\f\r/>]+")
_ATTRIBUTE = re.compile(
    r"([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(\"[^\"]*+\"?|'[^']*+'?|[^ \t\n\f\r\"'>][^ \t\n\f\r>]*+))?+"
)
_OPENING = re.compile(r"</?[a-zA-Z]")
_DECLARATION = re.compile(r"<[!?/][^>]*+>?")
_SECTION = re.compile(r"<!\[CDATA\[[\s\S]*?(?:\]\]>|\Z)")
_SCRIPT = re.compile(r"<!--|-->|<(/?)script(?=[ \t\n\f\r/>])", re.IGNORECASE)

RAW = frozenset("script style title textarea noscript iframe noembed noframes xmp".split())
"""Elements that hold no tags, whatever stands in them; ``noscript`` where scripts run, as they do for readers."""

Kind = Literal["text", "start", "end", "raw", "other"]


class Token(NamedTuple):
    """A stretch of the source. All in order are the source."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    """Of a tag or raw element, in lower case."""


def token(source: str, at: int, is_foreign: bool) -> Token:
    """What begins at ``at``; ``is_foreign``: inside SVG or MathML, where no element is raw.

    >>> token("<p class=a>b", 0, False), token("<p class=a>b", 11, False)
    (Token(kind='start', start=0, end=11, name='p'), Token(kind='text', start=11, end=12, name=''))
    """
    found = _TAG_LIKE.search(source, at)
    end = found.start() if found else len(source)
    if end > at:
        return Token("text", at, end)
    if tag := _TAG.match(source, at):
        name = tag[2].lower()
        if tag[1]:
            return Token("end", at, tag.end(), name)
        if name in RAW and not is_foreign:
            return Token("raw", at, _raw_end(source, tag.end(), name), name)
        return Token("start", at, tag.end(), name)
    if _OPENING.match(source, at):  # a tag that the source ends in: nothing of it is shown
        return Token("other", at, len(source))
    for pattern in (_COMMENT, _SECTION) if is_foreign else (_COMMENT,):
        if found := pattern.match(source, at):
            return Token("other", at, found.end())
    found = _DECLARATION.match(source, at)
    return Token("other", at, found.end() if found else len(source))


MARKER = "#dedup"
"""What a comment to dedup counts as: something that has to stay."""


def marker(comment: str) -> str | None:
    """What a comment says to dedup, without the blanks around it; None if it is any other comment.

    One that begins with the name alone may be meant for one: it says all that stands in it.

    >>> marker("<!-- dedup: off -->"), marker("<!-- Dedup off -->"), marker("<!-- off -->")
    ('off', 'Dedup off', None)
    """
    found = _MARKER.fullmatch(comment)
    return found[1].removeprefix("dedup:").strip() if found else None


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a start tag, as they are written there; of two with one name the first counts.

    >>> attributes("<a href='x' HREF=y hidden>")
    {'href': 'x', 'hidden': ''}
    """
    found: dict[str, str] = {}
    name = _NAME.match(tag)
    for match in _ATTRIBUTE.finditer(tag, name.end() if name else 0, len(tag) - 1):
        value = match[2] or ""
        if value[:1] in ("'", '"'):
            value = value[1:-1]
        found.setdefault(match[1].lower(), value)
    return found


def _raw_end(source: str, at: int, name: str) -> int:
    """Where a raw element ends whose content begins at ``at``: after its end tag, or with the source."""
    end = _script_end(source, at) if name == "script" else _first(_closing(name), source, at)
    tag = _TAG.match(source, end)
    return tag.end() if tag else len(source)


def _script_end(source: str, at: int) -> int:
    """Offset of the end tag of a script: not of one that a comment in it opens itself."""
    is_comment = is_inner = False
    for mark in _SCRIPT.finditer(source, at):
        if mark[0] == "<!--":
            is_comment = True
        elif mark[0] == "-->":
            is_comment = is_inner = False
        elif not mark[1]:
            is_inner = is_comment
        elif is_inner:
            is_inner = False
        else:
            return mark.start()
    return len(source)


def _first(pattern: re.Pattern[str], source: str, at: int) -> int:
    found = pattern.search(source, at)
    return found.start() if found else len(source)


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
