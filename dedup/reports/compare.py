"""What differs between a copy and what stays, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

MAX_WORDS = 400
"""Words a side that are compared; difflib may need the square of it, and nobody reads more marks."""

_CONTEXT = 5
"""Words shown on each side of a difference when the equal words between are left out."""

_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
"""Scripts without spaces between words, as far as a character of them can stand for a word."""

_WORD = re.compile(rf" ?(?:[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+|[^\w ]+| )")
"""A word, or a row of signs, with the space before it."""


def is_inside_word(before: str, after: str) -> bool:
    """Whether two neighbouring characters belong to one word of a script that writes spaces."""
    return all(_LETTER.match(char) for char in (before, after))


_LETTER = re.compile(rf"(?![{_UNSPACED}])\w")

Mark = Literal["", "own", "shared", "gap"]
"""Equal on both sides; on this side only; inside a longer passage; or words left out."""


class Piece(NamedTuple):
    """Words in a row with the same mark. The text of a gap is empty."""

    text: str
    mark: Mark


class Comparison(NamedTuple):
    """Both sides of a pair, cut into pieces."""

    kept: tuple[Piece, ...]
    removed: tuple[Piece, ...]
    is_identical: bool = False
    """Equal word by word and sign by sign; only white space may differ."""
    is_cut: bool = False
    """Whether words beyond ``MAX_WORDS`` were not compared."""


def tight(text: str) -> str:
    """``text`` with one space for each stretch of white space, and none around it."""
    return " ".join(text.split())


def compare(kept: str, removed: str) -> Comparison:
    """The differences of a copy, with a few words around each.

    >>> compare("the old pier stays", "the old peer stays").removed
    (Piece(text='the old', mark=''), Piece(text=' peer', mark='own'), Piece(text=' stays', mark=''))
    """
    one, two = _words(kept), _words(removed)
    if one == two:
        whole = (Piece("".join(one), ""),)
        return Comparison(whole, whole, is_identical=True)
    left, right, is_cut = _marked(one, two)
    return Comparison(_excerpt(left), _excerpt(right), is_cut=is_cut)


def compare_contained(before: str, kept: str, after: str, removed: str) -> Comparison:
    """As ``compare``, but the words of ``kept`` that the copy repeats are marked in their context.

    >>> compare_contained("Then ", "it rained for days", " and stopped.", "It rained.").kept[:2]
    (Piece(text='Then it', mark=''), Piece(text=' rained', mark='shared'))
    """
    one, two = _words(kept), _words(removed)
    left, right, is_cut = _marked(one, two)
    marks: dict[Mark, Mark] = {"": "shared", "own": "", "gap": "gap", "shared": "shared"}
    inside = [Piece(piece.text, marks[piece.mark]) for piece in left]
    around = [Piece(_inner(before, 0), ""), *inside, Piece(_inner(after, 1), "")]
    # The teaser ends its sentence where the passage goes on: a full stop is no difference.
    right = _joined([piece if _has_word(piece) else Piece(piece.text, "") for piece in right])
    same = not any(piece.mark for piece in right)
    return Comparison(_excerpt(_joined(around)), _excerpt(right), same, is_cut)


Side = Literal["kept", "removed"]

_BRACKETS = {("own", "kept"): "{++}", ("own", "removed"): "[--]"}
_SHARED = "[==]"
_BEFORE_BRACKET = ("##", "##vso", "##teamcity")


def plain(pieces: Sequence[Piece], side: Side, dots: str = "...") -> str:
    """The pieces with brackets for their marks, as wdiff writes them.

    >>> plain(compare("the old pier stays", "the old peer stays").removed, "removed")
    'the old [-peer-] stays'
    """
    shown = ""
    for piece in pieces:
        if piece.mark == "gap":
            shown += dots
        elif not piece.mark:
            shown += piece.text
        else:
            brackets = _BRACKETS.get((piece.mark, side), _SHARED)
            words = piece.text.removeprefix(" ")
            shown += " " * (len(piece.text) - len(words))
            # After ``##`` an opening bracket would make a build server's command of the two.
            is_command = brackets[0] == "[" and shown.lower().endswith(_BEFORE_BRACKET)
            shown += "\\" * is_command + brackets[:2] + words + brackets[2:]
    return shown


def _inner(text: str, side: int) -> str:
    """``text`` tight, but with its space on the side where the passage is: 0 behind it, 1 before."""
    space = " " if (text[:1] if side else text[-1:]).isspace() else ""
    return space + tight(text) if side else tight(text) + space


def _words(text: str) -> list[str]:
    return _WORD.findall(tight(text))


def _marked(one: list[str], two: list[str]) -> tuple[list[Piece], list[Piece], bool]:
    """Both sides in full; ``difflib`` sees only what is between the equal ends."""
    head = _common(one, two)
    tail = _common(one[head:][::-1], two[head:][::-1])
    left, right = one[head : len(one) - tail], two[head : len(two) - tail]
    is_cut = max(len(left), len(right)) > MAX_WORDS
    sides = tuple(
        _joined([Piece("".join(words[:head]), ""), *middle, *rest, Piece(end, "")])
        for words, middle, rest, end in zip(
            (one, two),
            _differing(left[:MAX_WORDS], right[:MAX_WORDS]),
            ([Piece("", "gap")] * is_cut,) * 2,
            ("".join(words[len(words) - tail :]) for words in (one, two)),
            strict=True,
        )
    )
    return sides[0], sides[1], is_cut


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """How many words are equal from the start on."""
    length = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        length += 1
    return length


def _differing(one: list[str], two: list[str]) -> tuple[list[Piece], list[Piece]]:
    from difflib import SequenceMatcher

    sides: tuple[list[Piece], list[Piece]] = ([], [])
    # A word is the same word with and without the space before it: behind a quotation mark it has none.
    left, right = ([word.lstrip(" ") or word for word in words] for words in (one, two))
    for tag, low, high, start, end in SequenceMatcher(None, left, right).get_opcodes():
        mark: Mark = "" if tag == "equal" else "own"
        sides[0].append(Piece("".join(one[low:high]), mark))
        sides[1].append(Piece("".join(two[start:end]), mark))
    return sides


def _has_word(piece: Piece) -> bool:
    return piece.mark == "gap" or any(map(str.isalnum, piece.text))


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without empty ones; neighbours with the same mark are one."""
    joined: list[Piece] = []
    for piece in pieces:
        if not piece.text and piece.mark != "gap":
            continue
        if joined and joined[-1].mark == piece.mark:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.mark)
        else:
            joined.append(piece)
    return joined


def _excerpt(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces with long equal ones reduced to the words next to a difference."""
    shown: list[Piece] = []
    for index, piece in enumerate(pieces):
        if piece.mark or len(pieces) == 1:
            shown.append(piece)
        else:
            shown += _ends(piece.text, is_last=index == len(pieces) - 1)
    return tuple(shown)


def _ends(text: str, *, is_last: bool) -> Iterator[Piece]:
    """The first words, for orientation or after a difference, and the last ones before the next."""
    words = _WORD.findall(text)
    if len(words) <= 2 * _CONTEXT + 2:
        yield Piece(text, "")
        return
    yield Piece("".join(words[:_CONTEXT]), "")
    yield Piece("", "gap")
    if not is_last:
        yield Piece("".join(words[-_CONTEXT:]), "")
