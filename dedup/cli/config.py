"""``dedup config``: every setting, as a config file that says where each value comes from."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import click

from dedup.cli import streams
from dedup.cli.commands import Command
from dedup.cli.flags import setting_flags, talk_flags
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.config.keeps import HASH, MATCH, Keep
from dedup.config.overrides import INCLUDE, OVERRIDE, Table
from dedup.config.values import KNOBS, spelled
from dedup.options import FILE, PATH
from dedup.reports.escape import escape_line

EXAMPLES = """
dedup config                  # in the current folder
dedup config articles/a.txt   # for this file
dedup config --isolated       # the defaults
"""


@click.command("config", cls=Command, examples=EXAMPLES)
@click.argument("path", metavar="[FILE]", required=False)
@setting_flags("result", "text", "selection", "speed", "gate")
@talk_flags
def command(path: str | None, settings: Settings, talk: Talk) -> int:
    """Show every setting for FILE, or for the current folder, and where it comes from.

    Order: flag, DEDUP_* variable, config file (an [[override]] that fits FILE first), default. The output is a
    config file itself.
    """
    if path is not None and not os.path.isdir(path):
        settings = settings.at(path)
    rows = [(_spelled(key, _value(settings, key)), settings.origins[key]) for key in KNOBS]
    width = max(len(setting) for setting, _ in rows)
    lines = [f"{setting:<{width}}  # {escape_line(origin)}\n" for setting, origin in rows]
    lines += map(_kept, settings.keeps)
    lines += map(_overridden, settings.tables)
    streams.write("".join(lines).encode("utf-8", "backslashreplace"))
    return 0


def _kept(keep: Keep) -> str:
    key = HASH if keep.is_hash else MATCH
    origin = escape_line(keep.origin)
    return f"\n[[keep]]  # {origin}\n{key} = {spelled(keep.text)}\n"


def _overridden(table: Table) -> str:
    override, origin = table.override, escape_line(table.origin)
    lines = [f"\n[[{OVERRIDE}]]  # {origin}\n", f"{INCLUDE} = {spelled(override.include)}\n"]
    values = (value for _, value in override.values)
    lines += (f"{_spelled(key, value)}\n" for key, value in zip(table.keys, values, strict=True))
    return "".join(lines)


def _value(settings: Settings, key: str) -> Any:
    """What an option is set to; a path as a config file in the current folder has to name it."""
    value = settings.value(key)
    if value and KNOBS[key].metadata["unit"] in (FILE, PATH):
        with suppress(ValueError, OSError):  # another drive; a folder that is gone
            return os.path.relpath(value)
    return value


def _spelled(key: str, value: Any) -> str:
    """The line of a config file; a comment for what is not set, as TOML has no word for that."""
    return f"# {key} is not set" if value in (None, "") else f"{key} = {spelled(value)}"
