"""The XML of Checkstyle, which Jenkins, reviewdog and many others read."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Alert, Checked, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.markup import DECLARATION, opened
from dedup.checks.formats.messages import UNREADABLE, told, unread
from dedup.checks.gate import End
from dedup.checks.paths import Paths
from dedup.reports.escape import escape_line

_SEVERITIES = {"error": "error", "note": "info"}


class Writer:
    """Findings as they become known, by file."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._path: str | None = None

    def begin(self) -> Iterator[str]:
        """The root."""
        yield DECLARATION + '<checkstyle version="8.0">\n'

    def document(self, checked: Checked) -> Iterator[str]:
        """An element for what could not be read, and for each alert."""
        if not checked.alerts and not checked.troubles:
            return
        if checked.path != self._path:
            yield from self._closed()
            self._path = checked.path
            shown = escape_line(self._setting.paths.shown(checked.path))
            yield f"  {opened('file', {'name': shown})}\n"
        yield from map(_unread, checked.troubles)
        yield from (_error(alert, self._setting.paths) for alert in checked.alerts)

    def end(self, end: End) -> Iterator[str]:
        """The end of the root."""
        yield from self._closed()
        yield "</checkstyle>\n"

    def _closed(self) -> Iterator[str]:
        if self._path is not None:
            yield "  </file>\n"


def _error(alert: Alert, paths: Paths) -> str:
    attributes = {
        "line": alert.spot.line,
        "column": alert.spot.column,
        "severity": _SEVERITIES[alert.level],
        "message": told(alert, paths),
        "source": f"dedup.{alert.name}",
    }
    return f"    {opened('error', attributes, is_empty=True)}\n"


def _unread(trouble: Trouble) -> str:
    attributes = {
        "line": trouble.line,
        "severity": "error",
        "message": unread(trouble),
        "source": f"dedup.{UNREADABLE}",
    }
    return f"    {opened('error', attributes, is_empty=True)}\n"
