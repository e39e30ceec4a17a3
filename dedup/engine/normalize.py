"""Text -> one stream of letters with a map back. For comparing only: it is never written out.

Case, width, accents, quotes, dashes, white space, wrapping, line-end hyphens, entities and markup vanish
at once, because only letters and digits are left and each remembers where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, compress
from typing import NamedTuple

from dedup.model import Span

# Names of elements, not any <word>: "<name>" in documentation is text.
_TAGS = (
    "a abbr address article aside audio b base blockquote body br button caption center cite code col "
    "dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 "
    "head header hr html i iframe img input ins kbd label legend li link main mark meta nav object ol "
    "option p param picture pre q s samp script section select small source span strike strong style sub "
    "summary sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var video wbr"
)
_ATTRIBUTE = (
    r"\s+[\w:-]{1,40}\s*=\s*(?:\"[^\"<>]{0,999}\"|'[^'<>]{0,999}'|[^\s\"'<>=]{1,400})"
    r"|\s+(?:async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|open|readonly|required|selected)"
)
"""What may stand in a tag: ``a <b then c> d`` is none."""


@cache
def _markup() -> re.Pattern[str]:
    """Tags, link targets and entities; compiled when a text first holds something like them."""
    names = "|".join(_TAGS.split())
    return re.compile(
        rf"</?(?:{names})(?:{_ATTRIBUTE}){{0,30}}\s*/?>"
        r"|(?<=\])\([^()\s]{1,400}(?:\s\"[^\"\n]{0,200}\")?\)"
        r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    )


def _has_markup(text: str) -> bool:
    return "<" in text or "&" in text or "](" in text


_OPTIONAL_MARKS = (
    ("\u0300", "\u036f"),
    ("\u0591", "\u05c7"),
    ("\u064b", "\u065f"),
    ("\u0670", "\u0670"),
    ("\u06d6", "\u06ed"),
    ("\u20d0", "\u20ff"),
    ("\ufe20", "\ufe2f"),
)
"""Marks written or left out at will. Others (Indic vowel signs, Thai vowels) are part of their words."""

_ASCII_FOLD = bytes(
    (code | 32 if 65 <= code <= 90 else code) if chr(code).isalnum() and code < 128 else 0
    for code in range(256)
)
_ASCII_DROP = bytes(code for code in range(256) if not _ASCII_FOLD[code])


class Stream(NamedTuple):
    """The letters of a text in order, and where each stands."""

    text: str
    readable: str
    """``text`` with garbled characters mended, every other one in its place."""
    letters: str
    positions: Sequence[int]
    """Offset in ``text`` of each letter, ascending; an expansion such as a ligature repeats it."""
    weights: Sequence[int] | None
    """Cumulative weight before each letter and after the last; None when every letter weighs 1."""

    def weight(self, start: int, end: int) -> int:
        """Weight of the letters from ``start`` up to ``end``: how much a reader would take them for."""
        return end - start if self.weights is None else self.weights[end] - self.weights[start]

    def span(self, start: int, end: int) -> Span:
        """Where the letters from ``start`` up to ``end`` stand in the text, no character cut in two."""
        stop = self.positions[end - 1] + 1
        text = self.text
        if text[stop - 1] == "&":
            entity = _markup().match(text, stop - 1)
            stop = entity.end() if entity else stop
        while stop < len(text) and (
            text[stop] in _JOINERS or unicodedata.category(text[stop])[0] == "M"
        ):
            stop += 1
        return Span(self.positions[start], stop)

    def passage(self, start: int, end: int) -> Span:
        """``span`` with the marks that open and close it: quotes, brackets, end marks, emphasis."""
        text, span = self.text, self.span(start, end)
        first, last = span.start, span.end
        while first > 0 and text[first - 1] in _OPENING:
            first -= 1
        while last < len(text) and text[last] in _CLOSING:
            last += 1
        return Span(first, last)


_OPENING = "\"'“‘„«‹([{*_`¿¡「『（《"
_CLOSING = "\"'”’»›)]}*_`.,;:!?…。，！？；：、」』）》।؟۔"
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


def stream(text: str) -> Stream:
    """The letters of ``text`` with their positions.

    >>> stream("“Naïve\u2011ly”, he said").letters
    'naivelyhesaid'
    """
    readable = _readable(text)
    visible = _without_markup(readable) if _has_markup(readable) else readable
    if visible.isascii():
        return _ascii_stream(text, readable, visible)
    return _unicode_stream(text, readable, visible)


def key(text: str) -> str:
    """The letters of ``text`` alone: two texts say the same exactly when their keys are equal."""
    visible = _readable(text)
    if _has_markup(visible):
        visible = _without_markup(visible)
    if visible.isascii():
        return visible.encode().translate(_ASCII_FOLD, _ASCII_DROP).decode()
    return visible.translate(_folding(visible))


def _readable(text: str) -> str:
    return text if text.isascii() else _garbled().sub(_mended, text)


def _ascii_stream(text: str, readable: str, visible: str) -> Stream:
    raw = visible.encode()
    letters = raw.translate(_ASCII_FOLD, _ASCII_DROP).decode()
    positions = array("I", compress(range(len(raw)), raw.translate(_ASCII_FOLD)))
    return Stream(text, readable, letters, positions, None)


def _unicode_stream(text: str, readable: str, visible: str) -> Stream:
    folding = _folding(visible)
    letters = visible.translate(folding)
    lengths = {code: len(fold) for code, fold in folding.items()}
    plain = visible.translate({code: "\1" * min(size, 1) or "\0" for code, size in lengths.items()})
    positions = array("I", compress(range(len(visible)), plain.encode()))
    if max(lengths.values()) > 1:
        widths = [lengths[ord(visible[position])] for position in positions]
        positions = array(
            "I", (at for at, width in zip(positions, widths, strict=True) for _ in range(width))
        )
    return Stream(text, readable, letters, positions, _weights(letters))


def _weights(letters: str) -> Sequence[int] | None:
    heavy = {ord(char): weight for char in set(letters) if (weight := _letter_weight(char)) > 1}
    if not heavy:
        return None
    return array("Q", accumulate((heavy.get(ord(char), 1) for char in letters), initial=0))


def _letter_weight(char: str) -> int:
    """Han 3, kana 2, else 1: about how many Latin letters say the same."""
    if (
        "\u3400" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003ffff"
    ):
        return 3
    return 2 if "\u3041" <= char <= "\u30ff" else 1


_folds: dict[int, str] = {}


def _folding(text: str) -> dict[int, str]:
    """What each character of ``text`` folds to. The table only caches a pure function of a character."""
    return {
        code: _folds.get(code) if code in _folds else _folds.setdefault(code, _fold(char))  # type: ignore[misc]
        for char in set(text)
        for code in (ord(char),)
    }


def _fold(char: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(
        part
        for part in folded
        if part.isalnum() or (unicodedata.category(part) in ("Mn", "Mc") and not _is_optional(part))
    )


def _is_optional(mark: str) -> bool:
    return any(first <= mark <= last for first, last in _OPTIONAL_MARKS)


def _without_markup(text: str) -> str:
    """``text`` with tags and link targets blanked and entities resolved, every other character in its place."""
    return _markup().sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] != "&":
        return " " * len(found)
    import html

    resolved = html.unescape(found)
    return (
        resolved.ljust(len(found)) if len(resolved) <= len(found) and resolved != found else found
    )


@cache
def _garbled() -> re.Pattern[str]:
    """UTF-8 that was read as Windows-1252: ``Ã©`` for ``é``. One such letter alone is only believed where
    other readings are rare, several in a row always."""
    tail = "[" + re.escape("".join(_BYTES)) + "]"
    letter = rf"(?:[\u00c2-\u00df]{tail}|[\u00e0-\u00ef]{tail}{{2}}|[\u00f0-\u00f4]{tail}{{3}})"
    return re.compile(rf"{letter}{{2,}}|[\u00c2\u00c3]{tail}|\u00e2{tail}{{2}}")


def _mended(match: re.Match[str]) -> str:
    raw = bytes(_BYTES.get(char) or ord(char) for char in match[0])
    try:
        mended = raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return "".join(char + " " * (len(char.encode()) - 1) for char in mended)


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_BYTES = {_windows_1252(byte): byte for byte in range(0x80, 0xC0)}
"""The characters that a byte inside a letter of UTF-8 looks like in Windows-1252."""
