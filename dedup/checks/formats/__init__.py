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

FORMATS = (
    "text", "concise", "json", "jsonl", "github", "sarif", "gitlab", "junit", "checkstyle", "rdjson",
    "markdown",
)  # fmt: skip
"""What ``--output-format`` can be: the modules of this package."""

REPORTS = {
    **{name: name for name in FORMATS if name not in ("json", "markdown")},
    "xml": "junit",
}
"""What ``--report`` can be beside the reports on documents: prefix or suffix, and the format."""

COMMENT = 60_000
"""Bytes that a comment on a pull request may have; GitHub takes 65,536 characters."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a format has to know of the run and of where its output goes."""

    options: Options
    paths: Paths
    """How the paths of files are written."""
    color: bool = False
    width: int = 100
    """Columns a line of text may take."""
    has_summary: bool = False
    """Whether the same is written to a page that shows more of it."""
    has_baseline: bool = False
    """Whether what was accepted earlier is not among the findings."""
    room: int = COMMENT
    """Bytes that a page may have."""


class Format(Protocol):
    """Writes what was found as it becomes known, safe to show: what is invisible or acts is spelled out.

    Lone surrogates are spelled out by the caller. In no format can text of a document, or the name of a file,
    be taken for a command by whoever reads the output along, be it a terminal, a build server or a browser.
    """

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
