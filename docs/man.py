"""Write the manual page, docs/dedup.1, from the commands, their flags, the options and the findings.

    python docs/man.py && man -l docs/dedup.1

One page for all commands: most flags belong to several, and a reader searches one page.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

import dedup
from dedup.cli import CLOSED_PIPE, FAILED, FOUND, INTERRUPTED, SIGNALLED
from dedup.cli.commands import COMMANDS, Command, Family, root
from dedup.cli.flags import SECTIONS, Flag
from dedup.config.files import FILE_NAMES
from dedup.config.values import KNOBS
from dedup.reports.explanations import EXPLANATIONS

HERE = Path(__file__).parent
WIDTH = 78
"""Columns of the source; how wide the page is shown is for its reader to say."""

PAGE = HERE / "dedup.1"
CHANGELOG = HERE.parent / "CHANGELOG.md"

DESCRIPTION = (
    "dedup reads a text, compares all of its passages with each other, and takes out those that stand there a second "
    "time, word for word or nearly. Nothing goes unless its twin stays, and what only looks like a copy "
    "stays. The text goes to standard output, all talk to standard error.",
    "Without a command dedup cleans standard input, if that is a file or a pipe. Without FILE, or with -, "
    "clean, check, report and restore read standard input.",
)

MORE = {
    "--min-chars": "A Chinese character counts 3, a kana 2. A whole line that stands again letter by letter may have a "
    "third.",
    "--scope": "With document each document stands on its own; with corpus what another one says counts as well, and "
    "stays in one of them.",
    "--boilerplate": "Without it that is only told.",
    "--documents": "With list they are told, and what they share stays; with drop all but one of them go whole.",
    "--against": "PATH is a file, a folder, or an index that dedup index build made; corpus scope is not needed. What "
    "the documents repeat of themselves and of each other stays.",
    "--memory": "What does not fit lies in temporary files (TMPDIR); the result is the same.",
    "--clusters": "A line for each document that has a near copy: id, cluster, canonical, score, overlap.",
}
"""What has no room in the help of a flag."""

EXITS = {
    "0": "Done, whether or not something was removed.",
    str(
        FOUND
    ): "check found something, or more than its limits allow; with --check or --diff, something "
    "would be removed.",
    str(
        FAILED
    ): "Could not do it: usage, configuration, unreadable input, failed write, or a promise would "
    "have been broken.",
    str(INTERRUPTED): "Stopped by Ctrl-C.",
    str(CLOSED_PIPE): "Nobody reads the output any more.",
    f"{SIGNALLED}+n": "Stopped by signal n (SIGTERM, SIGHUP).",
}

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


def page() -> str:
    """The whole page, in the macros of man(7)."""
    commands = dict(_loaded())
    shared = _shared(commands.values())
    lines = [
        '.\\" Made by docs/man.py; do not edit.',
        f'.TH DEDUP 1 "{_released()}" "dedup {dedup.__version__}" "User Commands"',
        *_section("NAME", _prose(f"dedup - {_lowered(root.help or '')}")),
        *_section("SYNOPSIS", _synopsis(commands)),
        *_section("DESCRIPTION", _paragraphs(DESCRIPTION)),
        *_section("COMMANDS", _commands(commands, shared)),
        *_section("OPTIONS OF SEVERAL COMMANDS", _common(commands, shared)),
        *_section("FINDINGS", _findings()),
        *_section("EXIT STATUS", _items(EXITS)),
        *_section("ENVIRONMENT", _items(_environment())),
        *_section("FILES", _files()),
        *_section("EXAMPLES", _examples(commands)),
        *_section("SEE ALSO", [".BR uniq (1),", ".BR diff (1),", ".BR patch (1)"]),
    ]
    return "".join(f"{line}\n" for line in lines)


def _loaded() -> Iterator[tuple[str, Command]]:
    """All commands with their names; those of a family behind it."""
    context = click.Context(root, info_name="dedup")
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert isinstance(command, Command)
        yield name, command
        for inner in command.commands if isinstance(command, Family) else ():
            below = command.commands[inner]
            assert isinstance(below, Command)
            yield f"{name} {inner}", below


def _released() -> str:
    """The date the changelog gives this version; empty before its release."""
    heading = rf"^## {re.escape(dedup.__version__)} \((\d{{4}}-\d\d-\d\d)\)"
    found = re.search(heading, CHANGELOG.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else ""


Row = tuple[str, str, str]
"""The section of a flag, how it is written, and its help."""


def _rows(command: Command) -> list[Row]:
    context = click.Context(command, info_name=command.name)
    flags = [param for param in command.params if isinstance(param, Flag)]
    records = [(flag.section, _record(flag, context)) for flag in flags]
    return [(section, record[0], _in_full(*record)) for section, record in records if record]


def _in_full(written: str, about: str) -> str:
    """The help of a flag, and what has no room there."""
    more = (text for name, text in MORE.items() if name in re.split(r"[ ,]+", written))
    return " ".join([about, *more])


def _record(flag: Flag, context: click.Context) -> tuple[str, str] | None:
    """The columns of the help, with both forms of a flag that can be switched off."""
    if flag.secondary_opts:
        return click.Option.get_help_record(flag, context)
    return flag.get_help_record(context)


def _shared(commands: Iterable[Command]) -> list[Row]:
    """Flags that two commands or more have, by section."""
    rows = [row for command in commands for row in _rows(command)]
    return sorted(
        {row: None for row in rows if rows.count(row) > 1}, key=lambda row: SECTIONS.index(row[0])
    )


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield f".SH {heading}"
    yield from lines


def _synopsis(commands: dict[str, Command]) -> Iterator[str]:
    for number, (name, command) in enumerate(commands.items()):
        if number:
            yield ".br"
        yield f"{_bold(f'dedup {name}')} {_usage(command)}"


def _usage(command: Command) -> str:
    pieces = command.collect_usage_pieces(click.Context(command, info_name=command.name))
    return " ".join(re.sub(r"[A-Z]+", lambda word: f"\\fI{word[0]}\\fR", _text(p)) for p in pieces)


def _commands(commands: dict[str, Command], shared: list[Row]) -> Iterator[str]:
    for name, command in commands.items():
        yield f".SS dedup {name}"
        yield from _paragraphs((command.help or "").split("\n\n"))
        yield from _flags(row for row in _rows(command) if row not in shared)


def _common(commands: dict[str, Command], shared: list[Row]) -> Iterator[str]:
    yield from _prose("Behind each stand the commands that take it, unless all do.")
    for section in SECTIONS:
        rows = [row for row in shared if row[0] == section]
        if rows:
            yield f".SS {_text(section)}"
        for row in rows:
            takers = [name for name, command in commands.items() if row in _rows(command)]
            known = "" if len(takers) == len(commands) else f" ({', '.join(takers)})"
            yield from _flags([(row[0], row[1], row[2] + known)])


def _flags(rows: Iterable[Row]) -> Iterator[str]:
    for _, written, about in rows:
        yield from (".TP", _flag(written), *_prose(about))


def _flag(written: str) -> str:
    """``-o, --output FILE`` with the flags bold and the value in italics."""
    names = r"(?<![\w-])--?[a-z][a-z-]*"
    parts = re.split(f"({names})", written)
    shown = (
        _bold(part) if number % 2 else re.sub(r"[^\s,\[\]=/]+", _italic, _text(part))
        for number, part in enumerate(parts)
    )
    return "".join(shown)


def _italic(found: re.Match[str]) -> str:
    return f"\\fI{found[0]}\\fR"


def _findings() -> Iterator[str]:
    yield from _prose("dedup explain NAME tells more of each.")
    yield from _items({name: one.summary for name, one in EXPLANATIONS.items()})


def _environment() -> dict[str, str]:
    """The variables of the options, and the others."""
    own = {f"DEDUP_{knob.name.upper()}": f"As --{key}." for key, knob in KNOBS.items()}
    return own | VARIABLES


def _files() -> Iterator[str]:
    yield from _prose(FILES)
    for name in FILE_NAMES:
        yield from (".TP", f"\\fI{_text(name)}\\fR")


def _examples(commands: dict[str, Command]) -> Iterator[str]:
    for number, command in enumerate(commands.values()):
        yield from (".PP", ".nf") if number else (".nf",)
        yield from (_text(line.strip()) for line in command.examples.strip().splitlines())
        yield ".fi"


def _items(items: dict[str, str]) -> Iterator[str]:
    for term, about in items.items():
        yield from (".TP", _bold(term), *_prose(about))


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield from _prose(text)


def _prose(text: str) -> Iterator[str]:
    """Each sentence on a line of its own, as manual pages are written, flags in bold."""
    for sentence in re.split(r"(?<=[.:;]) (?=[A-Z\[(])", " ".join(text.split())):
        parts = re.split(r"(?<![\w-])(--?[a-z][a-z-]+|-[a-z])(?![\w-])", sentence)
        line = "".join(_bold(part) if n % 2 else _text(part) for n, part in enumerate(parts))
        for piece in textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False):
            yield f"\\&{piece}" if piece.startswith(".") else piece


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


_ESCAPES = {
    "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "~": "\\(ti", "^": "\\(ha", '"': "\\(dq",
}  # fmt: skip


def _text(text: str) -> str:
    """``text`` as roff shows it: nothing is an escape, a hyphen is the one that is typed."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def _lowered(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="")
    print(PAGE)
