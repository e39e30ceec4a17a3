"""What differs from path to path: ``[[override]]`` tables of config files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, NamedTuple

from dedup.config.values import KNOBS, valid
from dedup.errors import DedupError
from dedup.options import Override, key_of, nearest

OVERRIDE = "override"
"""The key of a config file."""
INCLUDE = "include"
"""The key of a table that says for which paths it is."""

ALLOWED = {key: knob for key, knob in KNOBS.items() if knob.metadata["per_path"]}
"""The options that decide on a document alone, by config key."""

FIELDS = {knob.name: key_of(knob) for knob in ALLOWED.values()}
"""Their keys by the names of their fields."""


class Table(NamedTuple):
    """One table, and where it stands."""

    override: Override
    origin: str
    """``dedup.toml: override 2`` for the second table of a file."""

    @property
    def keys(self) -> list[str]:
        """What it sets."""
        return [FIELDS[name] for name, _ in self.override.values]

    def without(self, keys: Collection[str]) -> Table:
        """The table without what was set by somebody who has the last word."""
        values = tuple(each for each in self.override.values if FIELDS[each[0]] not in keys)
        return self._replace(override=replace(self.override, values=values))


def from_table(value: object, base: str, shown: str) -> list[Table]:
    """What the key ``override`` of the config file ``shown`` says, which is in the folder ``base``."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        hint = (
            f'write [[{OVERRIDE}]], and below it {INCLUDE} = ["docs/*.md"] and what differs there'
        )
        raise DedupError(f"{shown}: {OVERRIDE}", "is not a list of tables", hint)
    return [
        _table(table, base, f"{shown}: {OVERRIDE} {number}")
        for number, table in enumerate(value, 1)
    ]


def _table(table: dict[str, Any], base: str, where: str) -> Table:
    values = []
    for key, value in table.items():
        if key != INCLUDE:
            _check(key, f"{where}: {key}")
            values.append((ALLOWED[key].name, valid(key, value, f"{where}: {key}")))
    if INCLUDE not in table:
        what = f"does not say for which paths: {INCLUDE} is missing"
        raise DedupError(where, what, f'for example {INCLUDE} = ["docs/*.md"]')
    if not values:
        raise DedupError(where, "sets nothing", f"it may set {', '.join(ALLOWED)}")
    globs = _globs(table[INCLUDE], f"{where}: {INCLUDE}")
    return Table(Override(globs, tuple(values), base), where)


def _check(key: str, where: str) -> None:
    """``DedupError`` unless the option may differ from path to path."""
    if key in ALLOWED:
        return
    if key in (*KNOBS, "keep", "keep-file", "extend"):
        hint = f"set it outside of [[{OVERRIDE}]]; what may differ is {', '.join(ALLOWED)}"
        raise DedupError(where, "is for the whole run, not for some paths", hint)
    raise DedupError(where, "unknown option", nearest(key, (INCLUDE, *ALLOWED)))


def _globs(value: object, where: str) -> tuple[str, ...]:
    from dedup.files.ignores import compile_globs

    if not isinstance(value, list) or not value:
        raise DedupError(where, "is not a list of globs", 'for example ["docs/*.md"]')
    if not all(isinstance(glob, str) and glob.strip() for glob in value):
        raise DedupError(where, "holds something other than a glob, or an empty one")
    try:
        compile_globs(value)
    except DedupError as error:
        raise DedupError(f"{where}: {error.where}", error.what) from None
    return tuple(value)
