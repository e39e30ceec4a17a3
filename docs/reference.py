"""What the references say of commands and flags: the manual page and the page about options are made from this."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from dedup.cli import CLOSED_PIPE, FAILED, FOUND, INTERRUPTED, SIGNALLED
from dedup.cli.commands import COMMANDS, Command, Family, root
from dedup.cli.flags import SECTIONS, Flag
from dedup.config.values import KNOBS

MORE = {
    "--threshold": "The score is the share of letters that the copy has in common with what stays.",
    "--min-chars": "A Chinese character counts 3, a kana 2. A whole line that stands again letter by letter may have a "
    "third, and a fifth where every paragraph was pasted twice.",
    "--exact": "Nothing that was edited, misread or cut short goes.",
    "--level": "The careful one keeps more, the thorough one removes more: three operating points of one score.",
    "--keep-copy": "The fullest has most words of its own, of equals it is the first; the longest has most characters.",
    "--keep-file": "Paragraphs are compared by their letters and digits. May be given several times.",
    "--scope": "With document each document stands on its own; with corpus what another one says counts as well, and "
    "stays in one of them.",
    "--boilerplate": "Without it that is only told.",
    "--documents": "With list they are told, and what they share stays; with drop all but one of them go whole.",
    "--against": "PATH is a file, a folder, or an index that dedup index build made; corpus scope is not needed. What "
    "the documents repeat of themselves and of each other stays.",
    "--memory": "What does not fit lies in temporary files (TMPDIR); the result is the same.",
    "--clusters": "A line for each document that has a near copy: id, cluster, canonical, score, overlap.",
    "--fix-text": "Needs the extra fix.",
    "--normalize-space": "Not in code, tables and columns.",
    "--encoding": "To guess it takes the extra encoding.",
    "--errors": "With preserve, bytes that are not valid are kept as they are.",
    "--field": "A key of JSON, a column, or a path with dots.",
    "--html-input": "In place, pages are cleaned in their markup; extract takes their main text (and needs "
    "the extra html); text takes the source as any text.",
    "--max-size": "Unpacked, if the file is packed. A number of bytes, or a size.",
    "--include": "What is named on the command line is read whatever it is called.",
    "--extend-exclude": "It adds to what a config file excludes.",
    "--force-exclude": "Hooks need that; where all that is named is left out, all is well.",
    "--max-findings": "With --max-redundancy too, above either.",
    "--baseline": "In a config file the path is relative to that.",
    "--backup": "Needs --in-place.",
    "--report": "May be given several times. With check also .sarif, .xml (JUnit), or FORMAT:FILE for every format.",
    "--force": "Without it, in an output folder only what dedup wrote is replaced.",
    "--cache": "By content, options and version.",
}
"""What has no room in the help of a flag."""

EXITS = {
    "0": "Done, whether or not something was removed.",
    str(FOUND): "check found something, or more than its limits allow; with --check or --diff, something "
    "would be removed.",
    str(FAILED): "Could not do it: usage, configuration, unreadable input, failed write, or a promise would "
    "have been broken.",
    str(INTERRUPTED): "Stopped by Ctrl-C.",
    str(CLOSED_PIPE): "Nobody reads the output any more.",
    f"{SIGNALLED}+n": "Stopped by signal n (SIGTERM, SIGHUP).",
}  # fmt: skip

VARIABLES = {
    "NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE": "If not empty: never colour; always (unless 0); the same. --color comes "
    "before them.",
    "DEDUP_DEBUG": "If not empty, an internal error shows where it happened.",
}

FILES = (
    "The nearest of these at or above the folder of the input, up to the root of its repository, is read; of the "
    "last only the table [tool.dedup]. Their keys are the long flags. --isolated reads none, --config another one. "
    "A flag comes before a variable, and a variable before a file; dedup config shows which one counts."
)

KEYS = {
    "extend": "The path of another config file, seen from this one's folder; what it says holds where this one says "
    "nothing.",
    "[[keep]]": "What has to stay: a table for each, with `match` (a piece of text) or `hash`. In pyproject.toml "
    "`[[tool.dedup.keep]]`.",
    "[[override]]": "Other values for some paths: `include` (globs) and what differs there. In pyproject.toml "
    "`[[tool.dedup.override]]`.",
}
"""What may stand in a config file and is no flag."""


@dataclass(frozen=True, slots=True)
class Row:
    """A flag as a reference shows it."""

    section: str
    written: str
    """With its forms and its value: ``-j, --jobs N``."""
    about: str


def commands() -> Iterator[tuple[str, Command]]:
    """All commands with their names; those of a family behind it."""
    context = click.Context(root, info_name="dedup")
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert isinstance(command, Command)
        yield name, command
        if isinstance(command, Family):
            for inner, below in command.commands.items():
                assert isinstance(below, Command)
                yield f"{name} {inner}", below


def rows(command: Command) -> list[Row]:
    """The flags of a command, in its order."""
    context = click.Context(command, info_name=command.name)
    flags = [param for param in command.params if isinstance(param, Flag)]
    records = [(flag.section, _record(flag, context)) for flag in flags]
    return [Row(section, record[0], _in_full(*record)) for section, record in records if record]


def _record(flag: Flag, context: click.Context) -> tuple[str, str] | None:
    """The columns of the help, with both forms of a flag that can be switched off."""
    if flag.secondary_opts:
        return click.Option.get_help_record(flag, context)
    return flag.get_help_record(context)


def _in_full(written: str, about: str) -> str:
    """The help of a flag, and what has no room there."""
    more = (text for name, text in MORE.items() if name in names(written))
    return " ".join([about, *more])


def names(written: str) -> list[str]:
    """The forms of a flag."""
    return [word for word in re.split(r"[ ,=\[]+", written) if word.startswith("-")]


def by_section(found: Iterable[Row]) -> list[Row]:
    """Each row once, in the order of the sections."""
    return sorted(dict.fromkeys(found), key=lambda row: SECTIONS.index(row.section))


def usage(command: Command) -> list[str]:
    """What stands behind the name of the command."""
    return command.collect_usage_pieces(click.Context(command, info_name=command.name))


def environment() -> dict[str, str]:
    """The variables of the options, and the others."""
    own = {f"DEDUP_{knob.name.upper()}": f"As --{key}." for key, knob in KNOBS.items()}
    return own | VARIABLES
