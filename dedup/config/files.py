"""Config files: which one counts for a folder, what it extends, and what may stand in it."""

from __future__ import annotations

import os
from typing import Any

from dedup.config import keeps, overrides
from dedup.config.values import KNOBS, Layer, known, valid
from dedup.errors import DedupError
from dedup.options import FILE, PATH

FILE_NAMES = (".dedup.toml", "dedup.toml", "pyproject.toml")
MAX_FILE_BYTES = 1 << 20  # a config is a screenful; more is a mistake or an attack


def search(folder: str) -> Layer:
    """What the nearest config file at or above ``folder`` sets; the search ends at a repository."""
    place = os.path.abspath(folder)
    while True:
        for name in FILE_NAMES:
            path = os.path.join(place, name)
            if os.path.isfile(path) and (name != "pyproject.toml" or _has_table(path)):
                return load(path)
        above = os.path.dirname(place)
        repository = any(os.path.exists(os.path.join(place, name)) for name in (".git", ".hg"))
        if repository or above == place:
            return {}
        place = above


def load(path: str, chain: tuple[str, ...] = ()) -> Layer:
    """What the file at ``path`` sets, and below it the file it extends. ``chain``: who extends it.

    What is to be kept stands under ``keep``, what differs at some paths under ``override``.
    """
    shown = _shown(path)
    table = _table(path)
    if table is None:
        raise DedupError(shown, "no [tool.dedup] table in it")
    identity = os.path.realpath(path)
    if identity in chain:
        raise DedupError(f"{shown}: extend", "this file extends itself")
    layer: Layer = {}
    if "extend" in table:
        layer = load(_extended(path, table.pop("extend")), (*chain, identity))
    if isinstance(table.get("tool"), dict):
        hint = "[tool.dedup] is for pyproject.toml; here the options stand without a table"
        raise DedupError(f"{shown}: tool", "unknown option", hint)
    if keeps.KEEP in table or keeps.KEEP_FILE in table:
        mine = _kept(path, table.pop(keeps.KEEP, []), table.pop(keeps.KEEP_FILE, []))
        layer[keeps.KEEP] = (*layer.get(keeps.KEEP, ((), ""))[0], *mine), shown
    if overrides.OVERRIDE in table:
        base = os.path.dirname(os.path.abspath(path))
        tables = overrides.from_table(table.pop(overrides.OVERRIDE), base, shown)
        layer[overrides.OVERRIDE] = (*layer.get(overrides.OVERRIDE, ((), ""))[0], *tables), shown
    for key, value in table.items():
        known(key, f"{shown}: {key}", also=(keeps.KEEP, keeps.KEEP_FILE, overrides.OVERRIDE))
        value = valid(key, value, f"{shown}: {key}")
        if KNOBS[key].metadata["unit"] in (FILE, PATH) and value:
            value = os.path.join(os.path.dirname(path), value)
        layer[key] = value, shown
    return layer


def _kept(path: str, tables: object, names: object) -> list[keeps.Keep]:
    """What the file at ``path`` wants to be kept. It adds to what the file it extends does."""
    shown, folder = _shown(path), os.path.dirname(_shown(path))
    found = keeps.from_table(tables, shown)
    return found + keeps.from_list(names, folder, f"{shown}: {keeps.KEEP_FILE}")


def _extended(path: str, target: object) -> str:
    """The path ``extend`` names, seen from the file at ``path``."""
    where = f"{_shown(path)}: extend"
    if not isinstance(target, str) or "\0" in target:
        raise DedupError(where, "is not the path of a config file")
    other = os.path.join(os.path.dirname(path), target)
    if not os.path.isfile(other):  # a device or a pipe would never end
        raise DedupError(where, f"{_shown(other)} is not a file")
    return other


def _has_table(path: str) -> bool:
    """Whether a ``pyproject.toml`` has our table. Most have not, and need no parser to say so."""
    data = _read(path)
    if b"dedup" not in data and b"\\" not in data:  # an escape could spell the name as well
        return False
    return _table(path) is not None


def _table(path: str) -> dict[str, Any] | None:
    """The file's options; for a ``pyproject.toml`` those of ``[tool.dedup]``, None without it."""
    table = _parsed(path)
    if os.path.basename(path) != "pyproject.toml":
        return table
    tools = table.get("tool")
    found = tools.get("dedup") if isinstance(tools, dict) else None
    if found is not None and not isinstance(found, dict):
        raise DedupError(f"{_shown(path)}: tool.dedup", "is not a table")
    return found


def _parsed(path: str) -> dict[str, Any]:
    import tomllib  # most runs meet no config file, and pay nothing for it

    try:
        return tomllib.loads(_read(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DedupError(_shown(path), f"byte {error.start} is not valid UTF-8") from None
    except RecursionError:
        raise DedupError(_shown(path), "nested too deeply") from None
    except tomllib.TOMLDecodeError as error:  # it ends with (at line 3, column 7)
        what = str(error).splitlines()[0]
        raise DedupError(_shown(path), what[:1].lower() + what[1:]) from None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DedupError(_shown(path), _reason(error)) from None
    if len(data) > MAX_FILE_BYTES:
        raise DedupError(_shown(path), f"larger than {MAX_FILE_BYTES:,} bytes: not a config file")
    return data


def _reason(error: OSError | ValueError) -> str:
    what = getattr(error, "strerror", None) or str(error)
    return what[:1].lower() + what[1:]


def _shown(path: str) -> str:
    """The path as people look it up: relative to the current directory where that is possible."""
    try:
        return os.path.relpath(path)
    except (ValueError, OSError):  # another drive; a directory that is gone
        return path
