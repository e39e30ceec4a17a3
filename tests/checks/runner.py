"""What the runner of GitHub Actions takes for its commands, by its source: actions/runner, ActionCommand.cs.

It compares as the language of the machine does, where that is set up: then characters that take no room are
passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dedup.reports.escape import IGNORED, unsafe_codes

REGISTERED = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group",
    "internal-set-repo-path", "notice", "remove-matcher", "save-state", "set-env", "set-output",
    "stop-commands", "warning",
}  # fmt: skip

_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTIES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_OLD = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))
_INVISIBLE = re.compile(
    f"[{IGNORED}{''.join(chr(code) for code in unsafe_codes() if code not in (0x0A, 0x0D))}]"
)


class Command(NamedTuple):
    """A command with what it is given."""

    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Every command in the output of a step, however the runner compares."""
    lines = re.split(r"\r\n|\r|\n", log)
    found = [list(filter(None, map(_parsed, read))) for read in (lines, list(map(_seen, lines)))]
    return found[1] if len(found[1]) > len(found[0]) else found[0]


def foreign(log: str) -> Iterator[str]:
    """Lines in which another build server finds a command: Azure Pipelines, TeamCity."""
    for line in re.split(r"\r\n|\r|\n", log):
        if re.search(r"##(vso|teamcity)?\[", _seen(line), re.IGNORECASE):
            yield line


def _seen(line: str) -> str:
    return _INVISIBLE.sub("", line)


def _parsed(line: str) -> Command | None:
    return _new(line) or _old(line)


def _new(line: str) -> Command | None:
    """``TryParseV2``."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    return _command(line[2:end], ",", line[end + 2 :], _PROPERTIES, _DATA)


def _old(line: str) -> Command | None:
    """``TryParse``."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    return _command(line[start + 3 : end], ";", line[end + 1 :], _OLD, _OLD)


Mapping = tuple[tuple[str, str], ...]


def _command(
    info: str, separator: str, data: str, of_properties: Mapping, of_data: Mapping
) -> Command | None:
    name, _, given = info.partition(" ")
    if name not in REGISTERED:
        return None
    pairs = (one.split("=", 1) for one in given.strip().split(separator) if one)
    properties = {pair[0]: _said(pair[1], of_properties) for pair in pairs if len(pair) == 2}
    return Command(name, properties, _said(data, of_data))


def _said(text: str, escapes: Mapping) -> str:
    for written, char in escapes:
        text = text.replace(written, char)
    return text
