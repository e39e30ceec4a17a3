"""XML 1.0 without a character that it cannot hold or that anything else obeys."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dedup.reports.escape import IGNORED, escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_MARKS = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    0xFFFE: "\\ufffe",
    0xFFFF: "\\uffff",
}

# Two of them begin what build servers take for a command; see ``escape.break_commands``.
_HASHES = re.compile(f"(#[{IGNORED}]*)#")


def escaped(text: str) -> str:
    r"""``text`` for an attribute or an element.

    >>> escaped("a<b>]]>\x00 ##[error]")
    'a&lt;b&gt;]]&gt;\\x00 #&#35;[error]'
    """
    shown = _HASHES.sub("\\1\0", escape(text))
    return shown.translate(_MARKS).replace("\0", "&#35;")


def opened(name: str, attributes: Mapping[str, object], *, is_empty: bool = False) -> str:
    """A tag; attributes that are empty or 0 are left out.

    >>> opened("file", {"name": "a", "line": 0})
    '<file name="a">'
    """
    given = (f' {key}="{escaped(str(value))}"' for key, value in attributes.items() if value)
    return f"<{name}{''.join(given)}{'/>' if is_empty else '>'}"
