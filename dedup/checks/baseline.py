"""The baseline: findings that are accepted, in a file that people review and version control merges.

A line each, sorted, without positions or totals, so that changes elsewhere change no line and lines of two
branches can stand together. What cannot be read is an error: a damaged baseline must not look like a clean text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dedup.errors import DedupError
from dedup.files.read import problems_named
from dedup.files.selection import BASELINE_HEAD
from dedup.reports.escape import escape_line, unsafe_codes

VERSION = b"1"

MAX_BYTES = 64 << 20
"""Half a million findings; what is larger is no list that anybody reviews."""

EXCERPT = 40
"""Characters of a finding's text that are shown with it."""


class Key(NamedTuple):
    """What findings have in common that one line stands for."""

    name: str
    path: str
    """Relative to the folder of the baseline, with ``/``."""
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """How many such findings are accepted, and how their text begins, safe to show; empty if unknown."""

    count: int
    excerpt: str = ""


Entries = Mapping[Key, Entry]


@dataclass(frozen=True, slots=True)
class Stored:
    """A baseline as it stands in its file."""

    entries: Entries
    data: bytes = b""
    newline: bytes = b"\n"
    """What ends its lines: version control may have put CRLF."""


def load(path: str) -> Stored:
    """The baseline at ``path``; ``DedupError`` with the line if it is damaged.

    A line that is there twice counts once, and of two counts the larger one: where version control puts
    the lines of two branches together, it leaves both.
    """
    data = _read(path)
    newline = b"\r\n" if data[: data.find(b"\n") + 1].endswith(b"\r\n") else b"\n"
    entries: dict[Key, Entry] = {}
    for number, line in enumerate(_lines(data, path), start=2):
        key, entry = _entry(line, f"{path}:{number}")
        if key not in entries or entries[key].count < entry.count:
            entries[key] = entry
    return Stored(entries, data, newline)


def exists(path: str) -> bool:
    """Whether there is anything at ``path`` to be read as a baseline."""
    return os.path.lexists(path)


def rendered(entries: Entries, newline: bytes = b"\n") -> bytes:
    """The content of the file, its lines sorted by their bytes."""
    lines = sorted(_line(key, entry) for key, entry in entries.items())
    return newline.join([BASELINE_HEAD + VERSION, *lines, b""])


def excerpt(lines: tuple[str, ...]) -> str:
    r"""How a text begins, safe to show and without anything that would end a line or a column.

    >>> excerpt(("", "  On the quay,\tat night", "they waited for the last boat of the year."))
    'On the quay, at night they waited for th'
    """
    return escape_line(" ".join(" ".join(lines).split())[:EXCERPT].rstrip())


def _read(path: str) -> bytes:
    with problems_named(path):
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            hint = "--update-baseline makes it"
            raise DedupError(path, "there is no baseline yet", hint) from None
    if len(data) > MAX_BYTES:
        raise DedupError(path, f"larger than {MAX_BYTES >> 20} MiB: not a baseline")
    return data


def _lines(data: bytes, path: str) -> list[str]:
    """The lines below the first; whatever is wrong with the file as a whole is a ``DedupError``."""
    first, _, rest = data.partition(b"\n")
    first = first.removesuffix(b"\r")
    if not first.startswith((BASELINE_HEAD, *_CONFLICT)):
        hint = "name another file, or move it away and make one with --update-baseline"
        raise DedupError(f"{path}:1", "is not a baseline of dedup", hint)
    if first.startswith(BASELINE_HEAD) and first != BASELINE_HEAD + VERSION:
        version = first.removeprefix(BASELINE_HEAD)[:EXCERPT].decode("utf-8", "replace")
        what = f"is version {version!r} of the format, and this dedup reads {VERSION.decode()}"
        raise DedupError(f"{path}:1", what)
    if (at := data.find(b"\0")) >= 0:
        raise DedupError(f"{path}:{_line_of(data, at)}", "holds a NUL: the file is damaged", _AGAIN)
    if not data.endswith(b"\n"):
        where = f"{path}:{_line_of(data, len(data))}"
        raise DedupError(where, "ends within a line: the file was cut off", _AGAIN)
    if first.startswith(_CONFLICT):
        raise _conflict(f"{path}:1")
    try:
        lines = rest.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        where = f"{path}:{_line_of(data, len(data) - len(rest) + error.start)}"
        raise DedupError(where, "is not valid UTF-8: the file is damaged", _AGAIN) from None
    return lines[:-1]


def _line_of(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _entry(line: str, where: str) -> tuple[Key, Entry]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _complaint(line, where)
    name, path, fingerprint, count, shown = match.groups()
    return Key(name, _unescaped(path, where), fingerprint), Entry(int(count), shown or "")


_LINE = re.compile(
    r"([a-z][a-z0-9-]*)\t([^\0-\x1f\x7f]+)\t([0-9a-f]{16})\t([1-9][0-9]{0,8})"
    r"(?:\t([^\0-\x1f\x7f]*))?\r?"
)
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_AGAIN = "take it from version control again, or move it away and use --update-baseline"


def _complaint(line: str, where: str) -> DedupError:
    """What is wrong with a line that is no entry."""
    if line.encode().startswith(_CONFLICT):
        return _conflict(where)
    fields = line.split("\t")
    if len(fields) < 4:
        return DedupError(where, "has less than name, path, hash and count", _AGAIN)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", fields[3].rstrip("\r")):
        return DedupError(where, "its count is no number from 1 to 999999999", _AGAIN)
    return DedupError(where, "is not a line of a baseline", _AGAIN)


def _conflict(where: str) -> DedupError:
    what = "is part of a merge conflict that was not resolved"
    return DedupError(where, what, "keep the lines of both sides, without the marks")


def _line(key: Key, entry: Entry) -> bytes:
    fields = [key.name, _escaped(key.path), key.hash, str(entry.count)]
    return "\t".join(fields + [entry.excerpt] * bool(entry.excerpt)).encode()


# A path is spelled so that it can be read back. Doubled number signs are not left to build servers, which
# look for their commands behind them.
_SPELLED = {
    code: f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}" for code in unsafe_codes()
}
_SPELLED |= {ord("\t"): "\\u0009", ord("\n"): "\\u000a", ord("\\"): "\\\\"}


def _escaped(path: str) -> str:
    return path.translate(_SPELLED).replace("##", "#\\u0023")


def _unescaped(path: str, where: str) -> str:
    def plain(match: re.Match[str]) -> str:
        spelled = match[0]
        code = int(spelled[2:], 16) if len(spelled) > 2 else ord("\\")
        if (len(spelled) < 6 and spelled != "\\\\") or code > 0x10FFFF:
            raise DedupError(where, "its path holds a backslash that spells nothing", _AGAIN)
        return chr(code)

    return re.sub(r"\\(?:\\|u[0-9a-f]{4}|U[0-9a-f]{8}|)", plain, path) if "\\" in path else path
