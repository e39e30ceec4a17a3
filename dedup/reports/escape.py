"""Text of documents and names of files made safe to show: nothing invisible, nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

_UNSAFE = (
    (0x00, 0x08),  # C0 but TAB and LF
    (0x0B, 0x1F),
    (0x7F, 0x9F),  # DEL and C1
    (0xAD, 0xAD),  # soft hyphen
    (0x061C, 0x061C),  # Arabic letter mark
    (0x180E, 0x180E),  # Mongolian vowel separator
    (0x200B, 0x200F),  # zero-width characters, left-to-right and right-to-left mark
    (0x2028, 0x202E),  # line and paragraph separator, bidirectional embeddings
    (0x2060, 0x206F),  # word joiner, invisible operators, bidirectional isolates
    (0xD800, 0xDFFF),  # lone surrogates: bytes that were not valid, and not printable as UTF-8
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0xE0000, 0xE007F),  # tags: a second, invisible alphabet
)
"""What a terminal obeys, what reorders text and what cannot be seen, as inclusive ranges."""

_SHORT = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def escape(text: str, *, ci: bool = False) -> str:
    r"""``text`` with control, direction and invisible characters spelled out; LF and TAB stay.

    With ``ci``, words that a build server takes for commands are broken up as well.

    >>> escape("a\x1b[2Jb")
    'a\\x1b[2Jb'
    >>> escape("##[error]x", ci=True)
    '#\\#[error]x'
    """
    shown = text.translate(_table())
    return break_commands(shown) if ci else shown


def escape_line(text: str) -> str:
    r"""``text`` on one line: also LF and TAB are spelled out. For names and messages.

    Commands of build servers are always broken up: a message may be the first thing on its line.

    >>> escape_line("a\n::error::b")
    'a\\n::error::b'
    """
    return break_commands(text.translate(_line_table()))


def break_commands(text: str) -> str:
    r"""``text`` in which no build server finds a command: ``::`` at a line's start, ``##[``, ``##vso[``.

    >>> break_commands("  ::stop-commands::x")
    '  :\\:stop-commands::x'
    """
    if "#" in text:
        text = _commands()[0].sub(r"#\\#\1[", text)
    return _commands()[1].sub(r"\1\2:\\:", text) if ":" in text else text


IGNORED = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e0fff"
)
"""What takes no room and is not spelled out, because scripts and emoji need it, as ranges of a pattern."""


@cache
def _commands() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Those with ``##`` and those with ``::``; compiled when a text first holds something like them.

    The runners look for ``##[`` and ``##vso[`` anywhere in a line, for ``::`` after leading space, and a
    line ends for them with CR too. Some compare as a language does, and pass over what takes no room.
    """
    words = rf"[{IGNORED}]*(?:vso|teamcity)?[{IGNORED}]*"
    return (
        re.compile(rf"#[{IGNORED}]*#({words})\[", re.IGNORECASE),
        re.compile(rf"(^|\r)((?:[^\S\r\n]|[{IGNORED}])*):[{IGNORED}]*:", re.MULTILINE),
    )


def unsafe_codes() -> Iterator[int]:
    """Every code point that ``escape`` spells out, in order."""
    for first, last in _UNSAFE:
        yield from range(first, last + 1)


def table_of(spell: Callable[[int], str]) -> dict[int, str]:
    """A table for ``str.translate`` that spells each unsafe code point with ``spell``."""
    return {code: spell(code) for code in unsafe_codes()}


def _spelled(code: int) -> str:
    if code in _SHORT:
        return _SHORT[code]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@cache
def _table() -> dict[int, str]:
    return table_of(_spelled)


@cache
def _line_table() -> dict[int, str]:
    return _table() | {0x09: _SHORT[0x09], 0x0A: _SHORT[0x0A]}
