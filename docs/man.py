"""Write the manual page, docs/dedup.1, from the commands, their flags, the options and the findings.

    python docs/man.py && man -l docs/dedup.1

One page for all commands: most flags belong to several, and a reader searches one page.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import dedup
from dedup.cli.commands import Command, root
from dedup.cli.flags import SECTIONS
from dedup.config.files import FILE_NAMES
from dedup.reports.explanations import EXPLANATIONS
from docs import reference
from docs.reference import Row

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


def page() -> str:
    """The whole page, in the macros of man(7)."""
    commands = dict(reference.commands())
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
        *_section("EXIT STATUS", _items(reference.EXITS)),
        *_section("ENVIRONMENT", _items(reference.environment())),
        *_section("FILES", _files()),
        *_section("EXAMPLES", _examples(commands)),
        *_section("SEE ALSO", [".BR uniq (1),", ".BR diff (1),", ".BR patch (1)"]),
    ]
    return "".join(f"{line}\n" for line in lines)


def _released() -> str:
    """The date the changelog gives this version; empty before its release."""
    heading = rf"^## {re.escape(dedup.__version__)} \((\d{{4}}-\d\d-\d\d)\)"
    found = re.search(heading, CHANGELOG.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else ""


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield f".SH {heading}"
    yield from lines


def _synopsis(commands: dict[str, Command]) -> Iterator[str]:
    for number, (name, command) in enumerate(commands.items()):
        if number:
            yield ".br"
        yield f"{_bold(f'dedup {name}')} {_usage(command)}"


def _usage(command: Command) -> str:
    pieces = reference.usage(command)
    return " ".join(re.sub(r"[A-Z]+", lambda word: f"\\fI{word[0]}\\fR", _text(p)) for p in pieces)


def _shared(commands: Iterable[Command]) -> list[Row]:
    """Flags that two commands or more have, by section."""
    found = [row for command in commands for row in reference.rows(command)]
    return reference.by_section(row for row in found if found.count(row) > 1)


def _commands(commands: dict[str, Command], shared: list[Row]) -> Iterator[str]:
    for name, command in commands.items():
        yield f".SS dedup {name}"
        yield from _paragraphs((command.help or "").split("\n\n"))
        yield from _flags(row for row in reference.rows(command) if row not in shared)


def _common(commands: dict[str, Command], shared: list[Row]) -> Iterator[str]:
    yield from _prose("Behind each stand the commands that take it, unless all do.")
    for section in SECTIONS:
        rows = [row for row in shared if row.section == section]
        if rows:
            yield f".SS {_text(section)}"
        for row in rows:
            takers = [name for name, command in commands.items() if row in reference.rows(command)]
            known = "" if len(takers) == len(commands) else f" ({', '.join(takers)})"
            yield from _flags([replace(row, about=row.about + known)])


def _flags(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield from (".TP", _flag(row.written), *_prose(row.about))


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


def _files() -> Iterator[str]:
    yield from _prose(reference.FILES)
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
