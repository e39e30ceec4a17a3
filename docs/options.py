"""Write docs/options.md, the reference of commands and options, from the commands and ``Options`` themselves.

python docs/options.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dedup.cli.commands import Command
from dedup.cli.flags import SECTIONS
from dedup.config.files import FILE_NAMES
from dedup.config.keeps import KEEP_FILE
from dedup.config.values import KNOBS
from docs import reference
from docs.reference import Row

PAGE = Path(__file__).parent / "options.md"

HEAD = """\
# Commands and options

Every command, and every flag with what it means; a flag means the same in every command that takes it.
`dedup COMMAND --help` shows the same in short, `man dedup` as a manual page. This page is made by
`python docs/options.py`.
"""

KEYS = """\
An option that has a key may also stand in a config file, in `pyproject.toml` under `[tool.dedup]`, and in a variable:

```toml
[tool.dedup]
threshold = 0.8
keep-copy = "last"
```

In the others it stands at the top, without a table. [Settings](settings.md) shows both. Some keys have no flag:
"""

KEEP_FLAG = f"--{KEEP_FILE}"

ROOT = re.compile(r"(?<![\w`-])(--[a-z][a-z-]+|-[a-z]{1,2}(?![\w-]))")


def page() -> str:
    """The whole page."""
    commands = dict(reference.commands())
    parts = [HEAD, *_commands(commands), *_sections(commands), *_rest()]
    return "\n".join(parts)


def _commands(commands: dict[str, Command]) -> Iterator[str]:
    yield "## Commands\n"
    for name, command in commands.items():
        yield f"### dedup {name}\n"
        yield _prose(command.help or "")
        used = " ".join([f"dedup {name}", *reference.usage(command)])
        examples = [line.strip() for line in command.examples.strip().splitlines()]
        yield "\n".join(["```text", used, "", *examples, "```\n"])


def _sections(commands: dict[str, Command]) -> Iterator[str]:
    takers: dict[Row, list[str]] = {}
    for name, command in commands.items():
        for row in reference.rows(command):
            takers.setdefault(row, []).append(name)
    for section in SECTIONS:
        yield f"## {section.split(' (')[0].split(', off')[0]}\n"
        if section in ABOUT:
            yield f"{ABOUT[section]}\n"
        for row in reference.by_section(takers):
            if row.section == section:
                yield from _flag(row, takers[row], len(commands))


ABOUT = {
    section: note
    for section in SECTIONS
    for start, note in {
        "Cleanup": "All of it is off by default. What it changes is listed, and put back, like removals.",
        "Which files": "Globs are written as in `.gitignore`, and may be given several times.",
    }.items()
    if section.startswith(start)
}


def _flag(row: Row, takers: list[str], of: int) -> Iterator[str]:
    yield f"### `{row.written}`\n"
    yield _prose(row.about)
    facts = [f"In {'all commands' if len(takers) == of else _listed(takers)}."]
    key = next((name[2:] for name in reference.names(row.written) if name[2:] in KNOBS), None)
    if key is not None:
        facts += _setting(key)
    elif KEEP_FLAG in reference.names(row.written):
        facts.append(f"Key `{KEEP_FILE}`, a path or a list of paths; no variable.")
    yield " ".join(facts) + "\n"


def _setting(key: str) -> Iterator[str]:
    knob = KNOBS[key]
    if isinstance(knob.default, bool):
        yield f"{'On' if knob.default else 'Off'} by default."
    if choices := knob.metadata["choices"]:
        yield f"One of {', '.join(f'`{choice}`' for choice in choices)}."
    yield f"Key `{key}`, variable `DEDUP_{knob.name.upper()}`."


def _rest() -> Iterator[str]:
    yield "## Exit status\n"
    yield _table(("status", ""), reference.EXITS)
    yield "## Environment\n"
    yield _table(
        ("variable", ""),
        reference.VARIABLES | {"DEDUP_*": "Each option that has a key, as said there."},
    )
    yield "## Config files\n"
    yield f"{', '.join(f'`{name}`' for name in FILE_NAMES)}\n"
    yield _prose(reference.FILES)
    yield KEYS
    yield _table(("key", ""), reference.KEYS)


def _table(head: tuple[str, str], rows: dict[str, str]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---|---|"]
    lines += [f"| `{name}` | {_code(about)} |" for name, about in rows.items()]
    return "\n".join(lines) + "\n"


def _listed(takers: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in takers)


def _prose(text: str) -> str:
    return "\n\n".join(_code(" ".join(part.split())) for part in text.split("\n\n")) + "\n"


def _code(text: str) -> str:
    """With flags, and defaults in brackets, as code."""
    text = text.replace(" [required]", " Required.")
    text = re.sub(r" \[([^\]\s]+)\](?=$| [A-Z])", r" Default: `\1`.", text)
    return ROOT.sub(r"`\1`", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="")
    print(PAGE)
