"""How alerts are written, one module per format, each with a class ``Writer`` like ``Format``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from dedup.checks.alerts import Checked
from dedup.checks.gate import End
from dedup.checks.paths import Paths
from dedup.options import Options

FORMATS = ("text", "concise", "json", "jsonl")
"""What ``--output-format`` can be: the modules of this package."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a format has to know of the run and of where its output goes."""

    options: Options
    paths: Paths
    """How the paths of files are written."""
    color: bool = False
    width: int = 100
    """Columns a line of text may take."""
    is_build_log: bool = False
    """Whether a build server reads along, and would obey what it takes for its commands."""


class Format(Protocol):
    """Writes what was found as it becomes known; lone surrogates are spelled out by the caller."""

    def begin(self) -> Iterator[str]:
        """What stands before the first document."""

    def document(self, checked: Checked) -> Iterator[str]:
        """What there is to say of one document: each comes, also one without alerts, in order."""

    def end(self, end: End) -> Iterator[str]:
        """What stands behind the last, once all is known."""


STATISTICS = "statistics"
"""The module that writes numbers in the place of findings."""


def writer(name: str, setting: Setting) -> Format:
    """The writer of the format ``name``, one of ``FORMATS`` or ``STATISTICS``."""
    made: Format = import_module(f"dedup.checks.formats.{name}").Writer(setting)
    return made
