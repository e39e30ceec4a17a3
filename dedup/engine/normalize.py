"""Text -> one stream of letters with a map back. For comparing only: it is never written out.

Case, width, accents, quotes, dashes, white space, wrapping, line-end hyphens, entities and markup vanish
at once, because only letters and digits are left and each remembers where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from itertools import accumulate, compress, pairwise
from typing import TYPE_CHECKING

from dedup.engine.speed import keep_memory, prefers_arrays
from dedup.model import Span

if TYPE_CHECKING:
    import numpy as np

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
    return re.compile("|".join(kind.pattern for _, kind in _markup_by_kind()))


@cache
def _markup_by_kind() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The same one by one, with what a text must hold: each begins with a character that is found at once."""
    names = "|".join(_TAGS.split())
    return (
        ("<", re.compile(rf"</?(?:{names})(?:{_ATTRIBUTE}){{0,30}}\s*/?>")),
        # Components of pages written as Markdown, where one is a line of its own.
        (
            "<",
            re.compile(
                rf"(?m:^)[ \t]{{0,12}}</?[A-Z]\w{{1,40}}(?:{_ATTRIBUTE}){{0,30}}\s*/?>(?m:(?=[ \t]*$))"
            ),
        ),
        ("](", re.compile(r"\((?<=\]\()[^()\s]{1,400}(?:\s\"[^\"\n]{0,200}\")?\)")),
        ("&", re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")),
    )


def _has_markup(text: str) -> bool:
    return "<" in text or "&" in text or ("]" in text and "](" in text)


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
_ASCII_FOLD_LINES = _ASCII_FOLD[:10] + b"\n" + _ASCII_FOLD[11:]
_ASCII_KEPT = bytes(map(bool, _ASCII_FOLD))
_ASCII_DROP = bytes(code for code in range(256) if not _ASCII_FOLD[code])
_MARK = "\x1e"
"""What stands between texts that are looked up together: hardly any text has one."""
_ASCII_FOLD_MARK = bytes(
    ord(_MARK) if chr(code) == _MARK else _ASCII_FOLD[code] for code in range(256)
)
_DROP_BUT_MARK = _ASCII_DROP.replace(_MARK.encode(), b"")
_ASCII_DROP_BUT_ENDS = _ASCII_DROP.replace(b"\n", b"")


class Stream:
    """The letters of a text in order, and where each stands."""

    def __init__(
        self,
        text: str,
        readable: str,
        letters: str,
        weights: Sequence[int] | None,
        positions: Callable[[], array[int]],
        per_line: Sequence[int] | None = None,
    ) -> None:
        self.text = text
        self.readable = readable
        """``text`` with garbled characters mended, every other one in its place."""
        self.letters = letters
        self.weights = weights
        """Cumulative weight before each letter and after the last; None when every letter weighs 1."""
        self.per_line = per_line
        """How many letters each line has, where that was told by the way; lines without any are left out."""
        self._positions = positions

    @cached_property
    def positions(self) -> array[int]:
        """Offset in ``text`` of each letter, ascending; an expansion such as a ligature repeats it.

        Made when first asked for: in memory they are four times the text.
        """
        return self._positions()

    def weight(self, start: int, end: int) -> int:
        """Weight of the letters from ``start`` up to ``end``: how much a reader would take them for."""
        return end - start if self.weights is None else self.weights[end] - self.weights[start]

    def span(self, start: int, end: int) -> Span:
        """Where the letters from ``start`` up to ``end`` stand in the text, no character cut in two."""
        return Span(self.positions[start], self._stop(end))

    def _stop(self, end: int) -> int:
        """The offset after the letter before ``end`` and all that belongs to its character."""
        stop = self.positions[end - 1] + 1
        text = self.text
        if text[stop - 1] == "&":
            entity = _markup().match(text, stop - 1)
            stop = entity.end() if entity else stop
        while stop < len(text) and (
            text[stop] in _JOINERS or unicodedata.category(text[stop])[0] == "M"
        ):
            stop += 1
        return stop

    def passage(self, start: int, end: int) -> Span:
        """``span`` with the marks that open and close it: quotes, brackets, end marks, emphasis."""
        text = self.text
        first, last = self.positions[start], self._stop(end)
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
    if prefers_arrays(len(text)):
        return _array_stream(text, readable, visible)
    return _plain_stream(text, readable, visible)


def key(text: str) -> str:
    """The letters of ``text`` alone: two texts say the same exactly when their keys are equal."""
    readable = _readable(text)
    return _letters(_without_markup(readable) if _has_markup(readable) else readable)


def keys(texts: Sequence[str]) -> list[str]:
    """The key of each text; of many short ones this takes half the time.

    >>> keys(["One,", "TWO & <b>three</b>", "--"])
    ['one', 'twothree', '']
    """
    joined = _MARK.join(texts)
    if not joined.isascii() or joined.count(_MARK) != len(texts) - 1:
        return [key(text) for text in texts]
    if _has_markup(joined):
        texts = [_without_markup(text) if _has_markup(text) else text for text in texts]
        joined = _MARK.join(texts)
        if not joined.isascii() or joined.count(_MARK) != len(texts) - 1:  # an entity stood for it
            return [_letters(text) for text in texts]
    return joined.encode().translate(_ASCII_FOLD_MARK, _DROP_BUT_MARK).decode().split(_MARK)


def weight(letters: str) -> int:
    """How much letters, as ``key`` gives them, weigh.

    >>> weight("abc"), weight("\u6c34")
    (3, 3)
    """
    if letters.isascii() or max(letters) < chr(_FIRST_HEAVY):
        return len(letters)
    return len(letters) + sum(more * len(found.findall(letters)) for found, more in _heavy())


@cache
def _heavy() -> tuple[tuple[re.Pattern[str], int], ...]:
    """What finds the letters that weigh more than 1, and how much more."""
    return tuple(
        (re.compile(f"[{chr(first)}-{chr(last)}]"), weight - 1) for first, last, weight in _HEAVY
    )


def fingerprint(text: str) -> str:
    """16 hex digits that are equal for texts that say the same, and nearly never for others.

    They are those of findings that ``check`` shows, ``[[keep]] hash`` names and a baseline lists. Of a text without
    letters it is that of its characters.

    >>> fingerprint("The quay,\\nat night.") == fingerprint("the quay at **night**")
    True
    """
    from hashlib import blake2b

    said = (key(text) or text).encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=FINGERPRINT_BYTES).hexdigest()


FINGERPRINT_BYTES = 8


def _readable(text: str) -> str:
    if text.isascii() or (len(text) > _LONG and prefers_arrays(0) and not _may_be_garbled(text)):
        return text
    return _garbled().sub(_mended, text) if _hint_of_garbling().search(text) else text


_LONG = 1000
"""Characters from which a look by numpy for what something garbled begins with is cheaper."""


def _may_be_garbled(text: str) -> bool:
    """Whether one of the letters that garbled ones begin with stands before another that is not ASCII."""
    import numpy as np

    first, last = np.uint32(ord("\u00c2")), np.uint32(ord("\u00f4"))
    for start in range(0, len(text), _BLOCK):
        raw = text[start : start + _BLOCK + 1].encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(raw, np.uint32)
        at = (codes - first <= last - first).nonzero()[0]  # below the first: beyond all
        if len(at) and (codes[np.minimum(at + 1, len(codes) - 1)] > 0x7F).any():
            return True
    return False


def _letters(visible: str) -> str:
    if visible.isascii():
        return visible.encode().translate(_ASCII_FOLD, _ASCII_DROP).decode()
    return visible.translate(_folds)


def _plain_stream(text: str, readable: str, visible: str) -> Stream:
    letters = _letters(visible)
    if visible.isascii():
        return Stream(text, readable, letters, None, lambda: _plain_ascii_positions(visible))
    return Stream(
        text, readable, letters, _plain_weights(letters), lambda: _plain_positions(visible)
    )


def _plain_ascii_positions(visible: str) -> array[int]:
    return array("I", compress(range(len(visible)), visible.encode().translate(_ASCII_FOLD)))


def _plain_positions(visible: str) -> array[int]:
    sizes = {ord(char): chr(len(_folds[ord(char)])) for char in set(visible)}
    numbers = enumerate(visible.translate(sizes))
    return array("I", (at for at, size in numbers for _ in range(ord(size))))


def _plain_weights(letters: str) -> Sequence[int] | None:
    heavy = {char: weight for char in set(letters) if (weight := _letter_weight(char)) > 1}
    if not heavy:
        return None
    return array("Q", accumulate((heavy.get(char, 1) for char in letters), initial=0))


def _array_stream(text: str, readable: str, visible: str) -> Stream:
    """The same by table look-ups in numpy."""
    keep_memory()
    if visible.isascii():
        per_line = None
        if visible is text and len(text) <= _SMALL_BLOCK and "\r" not in text:
            lines = visible.encode().translate(_ASCII_FOLD_LINES, _ASCII_DROP_BUT_ENDS)
            letters = lines.replace(b"\n", b"").decode()
            per_line = [size for size in map(len, lines.split(b"\n")) if size]
        else:
            letters = _letters(visible)
        return Stream(
            text, readable, letters, None, lambda: _array_ascii_positions(visible), per_line
        )
    positions = array("I")
    is_short = len(visible) <= _BLOCK
    letters = "".join(_folded(visible, positions if is_short else None))
    weights = _array_weights(letters)
    if is_short:
        return Stream(text, readable, letters, weights, lambda: positions)
    return Stream(text, readable, letters, weights, lambda: _array_positions(visible))


def _array_ascii_positions(visible: str) -> array[int]:
    import numpy as np

    positions = array("I")
    for start in range(0, len(visible), _SMALL_BLOCK):
        raw = visible[start : start + _SMALL_BLOCK].encode().translate(_ASCII_KEPT)
        _append(positions, np.frombuffer(raw, np.bool_).nonzero()[0] + start)
    return positions


def _array_positions(visible: str) -> array[int]:
    positions = array("I")
    for _ in _folded(visible, positions):
        pass
    return positions


def _folded(visible: str, positions: array[int] | None) -> Iterator[str]:
    """The letters, block by block; their positions are added to ``positions`` if there are any."""
    import numpy as np

    for start in range(0, len(visible), _BLOCK):
        raw = visible[start : start + _BLOCK].encode("utf-32-le", "surrogatepass")
        found, at = _table().folded(np.frombuffer(raw, np.uint32))
        if positions is not None:
            _append(positions, at + start)
        yield found.tobytes().decode("utf-32-le", "surrogatepass")


_BLOCK = 1 << 18
"""Characters that are looked up at once, so that memory stays with what is kept of them."""
_SMALL_BLOCK = 1 << 16
"""The same where it takes less than a look-up."""


def _append(column: array[int], values: np.ndarray) -> None:
    """Add whole numbers to an array of the standard library: what is read from it is a plain ``int``."""
    column.frombytes(values.astype(f"={column.typecode}").tobytes())


def _array_weights(letters: str) -> Sequence[int] | None:
    import numpy as np

    if letters.isascii():
        return None
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)
    if codes.max(initial=0) < _FIRST_HEAVY:
        return None
    heavy = np.ones(len(codes), np.uint64)
    for first, last, weight in _HEAVY:
        heavy[(codes >= first) & (codes <= last)] = weight
    if heavy.max() == 1:
        return None
    column = array("Q", [0])
    _append(column, np.cumsum(heavy))
    return column


_HEAVY = (
    (0x3041, 0x30FF, 2),
    (0x3400, 0x9FFF, 3),
    (0xF900, 0xFAFF, 3),
    (0x20000, 0x3FFFF, 3),
)
"""Kana 2, Han 3, all else 1: about how many Latin letters say the same. First and last code point, weight."""
_FIRST_HEAVY = _HEAVY[0][0]


HEAVIEST = 3
"""Weight of the heaviest letter."""


def _letter_weight(char: str) -> int:
    code = ord(char)
    return next((weight for first, last, weight in _HEAVY if first <= code <= last), 1)


class _Folds(dict[int, str]):
    """What each code point folds to. It only remembers a pure function of a character."""

    def __missing__(self, code: int) -> str:
        fold = self[code] = _fold(chr(code))
        return fold


_folds = _Folds()


class _Table:
    """``_folds`` as columns by code point, filled as characters are met."""

    def __init__(self) -> None:
        import numpy as np

        self._only = np.full(0x110000, _UNKNOWN, np.uint32)
        """The letter a code point folds to; 0 for none, ``_SEVERAL`` for more than one."""
        self._sizes = np.zeros(0x110000, np.uint8)
        self._starts = np.zeros(0x110000, np.uint32)
        self._letters = np.zeros(1 << 12, np.uint32)
        self._used = 0

    def folded(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The code points that a text's code points fold to, and the index of the one each comes from."""
        import numpy as np

        found = self._only[codes]
        largest = int(found.max(initial=0))
        if largest == _UNKNOWN:
            for code in set(codes[found == _UNKNOWN].tolist()):
                self._learn(code)
            found = self._only[codes]
            largest = int(found.max())
        if largest < _SEVERAL:
            places = (found != 0).nonzero()[0]
            return found[places], places
        sizes = self._sizes[codes]
        places = sizes.nonzero()[0]
        repeats = sizes[places].astype(np.int64)
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        places = np.repeat(places, repeats)
        return self._letters[self._starts[codes[places]] + within], places

    def _learn(self, code: int) -> None:
        import numpy as np

        fold = [ord(char) for char in _folds[code]]
        end = self._used + len(fold)
        if end > len(self._letters):
            self._letters = np.concatenate((self._letters, np.zeros_like(self._letters)))
        self._letters[self._used : end] = fold
        self._starts[code], self._sizes[code] = self._used, len(fold)
        self._only[code] = _SEVERAL if len(fold) > 1 else fold[0] if fold else 0
        self._used = end


_SEVERAL, _UNKNOWN = 0x110000, 0x110001
"""No code points: what folds to several letters, and what has not been looked up; the longest fold has 15."""


@cache
def _table() -> _Table:
    return _Table()


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
    if len(text) > _BLOCK:
        return _markup().sub(_blank, text)
    kinds = [kind for mark, kind in _markup_by_kind() if mark in text]
    found = [match for kind in kinds for match in kind.finditer(text)]
    found.sort(key=re.Match.start)
    if any(one.end() > two.start() for one, two in pairwise(found)):  # one hides the other
        return _markup().sub(_blank, text)
    pieces: list[str] = []
    at = 0
    for match in found:
        pieces += (text[at : match.start()], _blank(match))
        at = match.end()
    return "".join(pieces) + text[at:]


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
def _hint_of_garbling() -> re.Pattern[str]:
    """What everything garbled begins with: looked for on its own, because it is rare and found fast."""
    return re.compile(f"[\u00c2-\u00f4]{_tail()}")


@cache
def _garbled() -> re.Pattern[str]:
    """UTF-8 that was read as Windows-1252: ``Ã©`` for ``é``. One such letter alone is only believed where
    other readings are rare, several in a row always."""
    tail = _tail()
    letter = rf"(?:[\u00c2-\u00df]{tail}|[\u00e0-\u00ef]{tail}{{2}}|[\u00f0-\u00f4]{tail}{{3}})"
    return re.compile(rf"{letter}{{2,}}|[\u00c2\u00c3]{tail}|\u00e2{tail}{{2}}")


def _tail() -> str:
    return "[" + re.escape("".join(_BYTES)) + "]"


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
