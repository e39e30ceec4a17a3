"""Everything that was found as one object, for programs; described by ``check.schema.json``."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Checked
from dedup.checks.formats import Setting, records
from dedup.checks.gate import End
from dedup.reports.json import dumped


class Writer:
    """The findings in a list, a line of its own for each field."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._opening = "[\n"

    def begin(self) -> Iterator[str]:
        """What made the findings."""
        yield dumped(records.head(self._setting.options)).removesuffix("\n}")
        yield ',\n  "findings": '

    def document(self, checked: Checked) -> Iterator[str]:
        """An object for each alert."""
        for alert in checked.alerts:
            entry = dumped(records.finding(alert, self._setting.paths.shown))
            yield self._opening + _indented(entry, 4)
            self._opening = ",\n"

    def end(self, end: End) -> Iterator[str]:
        """The numbers."""
        yield "[]" if self._opening == "[\n" else "\n  ]"
        yield f',\n  "summary": {_indented(dumped(records.summary(end)), 2).lstrip()}\n}}\n'


def _indented(written: str, columns: int) -> str:
    margin = " " * columns
    return margin + written.replace("\n", f"\n{margin}")
