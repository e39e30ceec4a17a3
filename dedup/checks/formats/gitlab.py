"""GitLab's Code Quality: an array of issues, which a merge request shows where they are new."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from dedup.checks.alerts import Alert, Checked, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.messages import UNREADABLE, begins, shortened, told, unread
from dedup.checks.gate import End
from dedup.engine.normalize import FINGERPRINT_BYTES
from dedup.reports.escape import escape_line
from dedup.reports.json import dumped

_SEVERITIES = {"error": "major", "note": "info"}


class Writer:
    """Findings as they become known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._latest: dict[bytes, bytes] = {}
        self._opening = "[\n"

    def begin(self) -> Iterator[str]:
        """Nothing: an array that is cut off is none."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """An object for what could not be read, and for each alert."""
        path = escape_line(self._setting.paths.shown(checked.path))
        for trouble in checked.troubles:
            yield from self._entry(self._unread(path, trouble))
        for alert in checked.alerts:
            yield from self._entry(self._issue(path, alert))

    def end(self, end: End) -> Iterator[str]:
        """The end of the array."""
        yield "[]\n" if self._opening == "[\n" else "\n]\n"

    def _entry(self, issue: dict[str, Any]) -> Iterator[str]:
        yield self._opening + dumped(issue)
        self._opening = ",\n"

    def _issue(self, path: str, alert: Alert) -> dict[str, Any]:
        # The name is not shown anywhere else.
        said = ": ".join(
            filter(None, (alert.name, told(alert, self._setting.paths), begins(alert)))
        )
        lines = {"begin": alert.spot.line or 1}
        if alert.spot.end_line:
            lines["end"] = alert.spot.end_line
        return {
            "description": shortened(said),
            "check_name": alert.name,
            "fingerprint": self._unique(path, alert.name, alert.fingerprint),
            "severity": _SEVERITIES[alert.level],
            "location": {"path": path, "lines": lines},
        }

    def _unread(self, path: str, trouble: Trouble) -> dict[str, Any]:
        return {
            "description": shortened(f"{UNREADABLE}: {unread(trouble)}"),
            "check_name": UNREADABLE,
            "fingerprint": self._unique(path, UNREADABLE, trouble.reason),
            "severity": "critical",
            "location": {"path": path, "lines": {"begin": trouble.line or 1}},
        }

    def _unique(self, *parts: str) -> str:
        """A hash of what stays when lines move; of equal ones each is made of the one before."""
        first = _digest("\0".join(parts).encode("utf-8", "surrogatepass"))
        found = first
        if first in self._latest:
            found = _digest(self._latest[first] + first)
        self._latest[first] = found
        return found.hex()


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=2 * FINGERPRINT_BYTES).digest()
