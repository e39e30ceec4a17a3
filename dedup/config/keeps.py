"""What is to be kept: ``[[keep]]`` tables of config files, and files with a text on each line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from dedup.errors import DedupError
from dedup.options import check_kept_hash, check_kept_text, nearest

KEEP, KEEP_FILE = "keep", "keep-file"
"""The keys of a config file."""
MATCH, HASH = "match", "hash"
"""The keys of a ``[[keep]]`` table, of which it has one."""
MAX_FILE_BYTES = 1 << 24
"""A text on each line: more than a hundred thousand of them are a corpus, and want ``--against``."""


class Keep(NamedTuple):
    """One thing to be kept, and where that was said."""

    text: str
    """Of ``match`` the text, of ``hash`` its digits."""
    origin: str
    """``dedup.toml: keep 2`` for the second table of a file, ``names.txt:7`` for a line."""
    is_hash: bool = False


def values_of(keeps: Iterable[Keep]) -> dict[str, tuple[str, ...]]:
    """The fields of ``Options`` that hold them, each text once."""
    every = tuple(keeps)
    return {
        "keep": tuple(dict.fromkeys(one.text for one in every if not one.is_hash)),
        "keep_hash": tuple(dict.fromkeys(one.text for one in every if one.is_hash)),
    }


def from_table(value: object, shown: str) -> list[Keep]:
    """What the key ``keep`` of the config file ``shown`` says."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        hint = 'write [[keep]], and below it match = "..." or hash = "..."'
        raise DedupError(f"{shown}: {KEEP}", "is not a list of tables", hint)
    return [_entry(table, f"{shown}: {KEEP} {number}") for number, table in enumerate(value, 1)]


def _entry(table: dict[str, Any], where: str) -> Keep:
    for key in table:
        if key not in (MATCH, HASH):
            raise DedupError(f"{where}: {key}", "unknown key", nearest(key, (MATCH, HASH)))
    if len(table) != 1:
        both = "match and hash" if table else "neither match nor hash"
        raise DedupError(where, f"has {both}", "a table names one thing; write another [[keep]]")
    ((key, text),) = table.items()
    if not isinstance(text, str):
        raise DedupError(f"{where}: {key}", f"{text!r} is not a string")
    if key == HASH:
        check_kept_hash(text, f"{where}: {key}")
        return Keep(text, where, is_hash=True)
    _check_text(text, f"{where}: {key}")
    return Keep(text, where)


def from_list(value: object, folder: str, where: str) -> list[Keep]:
    """What the files say that the key ``keep-file`` names, seen from ``folder``."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise DedupError(where, "is not the path of a file, nor a list of them")
    found: list[Keep] = []
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):  # a device or a pipe would never end
            raise DedupError(where, f"{name} is not a file")
        found += from_file(path)
    return found


def from_file(path: str) -> list[Keep]:
    """The texts in a file, one a line; empty lines say nothing."""
    from dedup.files import read

    data = read.load(path, MAX_FILE_BYTES).data
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise DedupError(path, f"byte {error.start} is not valid UTF-8") from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text:
            _check_text(text, f"{path}:{number}")
            found.append(Keep(text, f"{path}:{number}"))
    return found


def _check_text(text: str, where: str) -> None:
    from dedup.engine.normalize import key

    check_kept_text(text, where)
    if not key(text):
        what = f"{text!r} is nothing but markup, and that is not compared"
        raise DedupError(where, what)
