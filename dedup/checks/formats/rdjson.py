"""The diagnostics that reviewdog reads; columns count bytes of UTF-8, and what follows ends a range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dedup.checks.alerts import Alert, Checked, Range, Spot, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.messages import UNREADABLE, begins, shortened, told, unread
from dedup.checks.gate import End
from dedup.reports.escape import escape_line
from dedup.reports.json import dumped

_SEVERITIES = {"error": "ERROR", "note": "INFO"}


class Writer:
    """Findings as they become known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._opening = ""

    def begin(self) -> Iterator[str]:
        """What made the findings."""
        yield '{"source":{"name":"dedup"},"diagnostics":['

    def document(self, checked: Checked) -> Iterator[str]:
        """A line for what could not be read, and for each alert."""
        for trouble in checked.troubles:
            yield from self._entry(self._unread(checked.path, trouble))
        for alert in checked.alerts:
            yield from self._entry(self._diagnostic(alert))

    def end(self, end: End) -> Iterator[str]:
        """The end of the list."""
        yield "\n]}\n"

    def _entry(self, diagnostic: dict[str, Any]) -> Iterator[str]:
        yield f"{self._opening}\n{dumped(diagnostic, indent=None)}"
        self._opening = ","

    def _diagnostic(self, alert: Alert) -> dict[str, Any]:
        found: dict[str, Any] = {
            "message": shortened(
                "\n".join(filter(None, (told(alert, self._setting.paths), begins(alert))))
            ),
            "location": self._location(alert.spot),
            "severity": _SEVERITIES[alert.level],
            "code": {"value": alert.name},
        }
        if alert.related:
            says = "would go" if alert.is_turned else "stays"
            found["related_locations"] = [
                {"message": says, "location": self._location(spot)} for spot in alert.related
            ]
        if len(alert.cuts) == 1:  # several would be a choice
            found["suggestions"] = [{"range": _range_of(alert.cuts[0]), "text": ""}]
        return found

    def _unread(self, path: str, trouble: Trouble) -> dict[str, Any]:
        location: dict[str, Any] = {"path": self._shown(path)}
        if trouble.line:
            location["range"] = {"start": {"line": trouble.line}}
        return {
            "message": unread(trouble),
            "location": location,
            "severity": "ERROR",
            "code": {"value": UNREADABLE},
        }

    def _location(self, spot: Spot) -> dict[str, Any]:
        found: dict[str, Any] = {"path": self._shown(spot.path)}
        if spot.line:
            found["range"] = {
                "start": _position(spot.line, spot.byte_column),
                "end": _position(spot.end_line, spot.end_byte_column),
            }
        return found

    def _shown(self, path: str) -> str:
        return escape_line(self._setting.paths.shown(path))


def _range_of(cut: Range) -> dict[str, Any]:
    return {
        "start": _position(cut.line, cut.byte_column),
        "end": _position(cut.end_line, cut.end_byte_column),
    }


def _position(line: int, column: int) -> dict[str, int]:
    return {"line": line, "column": column} if column else {"line": line}
