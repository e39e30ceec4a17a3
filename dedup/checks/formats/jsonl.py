"""The same values as JSON has, an object a line: a header, each finding as it is found, a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dedup.checks.alerts import Checked
from dedup.checks.formats import Setting, records
from dedup.checks.gate import End
from dedup.reports.json import dumped


class Writer:
    """Findings as they become known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def begin(self) -> Iterator[str]:
        """What made the findings."""
        # The format first: that is how a later run knows the file as one of ours.
        yield dumped({**records.head(self._setting.options), "type": "header"}, indent=None) + "\n"

    def document(self, checked: Checked) -> Iterator[str]:
        """A line for each alert."""
        for alert in checked.alerts:
            yield _line("finding", records.finding(alert, self._setting.paths.shown))

    def end(self, end: End) -> Iterator[str]:
        """The numbers."""
        yield _line("summary", records.summary(end))


def _line(kind: str, values: dict[str, Any]) -> str:
    return dumped({"type": kind, **values}, indent=None) + "\n"
