"""One line per finding, as compilers and editors have it: ``path:line:column: name: message``."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Checked
from dedup.checks.formats import Setting
from dedup.checks.formats.messages import headline
from dedup.checks.gate import End
from dedup.reports import wording


class Writer:
    """Findings as they become known."""

    def __init__(self, setting: Setting) -> None:
        self._paths = setting.paths

    def begin(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """A line for each alert."""
        for alert in checked.alerts:
            score = f" [{wording.score(alert.score)}]" if alert.related else ""
            yield f"{headline(alert, self._paths)}{score}\n"

    def end(self, end: End) -> Iterator[str]:
        """Nothing."""
        return iter(())
