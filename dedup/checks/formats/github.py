"""Workflow commands of GitHub Actions, which become annotations of the changed files.

Only the first ten errors and notices of a step are shown: so the greatest are written, and how many
more there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dedup.checks.alerts import Alert, Checked, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.messages import UNREADABLE, begins, shortened, told, unread
from dedup.checks.formats.worst import Worst
from dedup.checks.gate import End
from dedup.reports import wording
from dedup.reports.escape import escape_line

SHOWN = 10
"""Annotations of each level that a step may have."""

_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


class Writer:
    """The greatest findings, once all are known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._troubles: list[tuple[str, Trouble]] = []
        self._number = 0
        self._worst = {"error": Worst[Alert](SHOWN), "note": Worst[Alert](SHOWN)}

    def begin(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """Nothing: the greatest are kept."""
        for trouble in checked.troubles:
            self._number += 1
            if self._number <= SHOWN:
                self._troubles.append((checked.path, trouble))
        for alert in checked.alerts:
            self._worst[alert.level].add(alert.characters, alert)
        return iter(())

    def end(self, end: End) -> Iterator[str]:
        """What could not be read, then the greatest findings, then look-alikes."""
        errors, notes = list(self._worst["error"]), list(self._worst["note"])
        troubles = self._troubles[: SHOWN - min(len(errors), SHOWN // 2)]
        errors = errors[: SHOWN - len(troubles)]
        more = [
            wording.count(number, f"more {name}")
            for number, name in (
                (self._number - len(troubles), "unreadable file"),
                (end.count - len(errors), "finding"),
                (end.notes - len(notes), "look-alike"),
            )
            if number
        ]
        if more and len(notes) == SHOWN:  # the last notice says how many more there are
            notes.pop()
            left = wording.count(end.notes - len(notes), "more look-alike")
            more = [*more[: -1 if end.notes > SHOWN else None], left]
        for path, trouble in troubles:
            yield self._unread(path, trouble)
        for alert in errors:
            yield self._annotation("error", alert)
        for alert in notes:
            yield self._annotation("notice", alert)
        if more:
            where = ": see the summary" if self._setting.has_summary else ""
            yield _command("notice", {"title": "dedup"}, f"and {wording.enumeration(more)}{where}")

    def _unread(self, path: str, trouble: Trouble) -> str:
        places = {"file": self._file(path), "line": str(trouble.line or "")}
        return _command("error", {**places, "title": f"dedup: {UNREADABLE}"}, unread(trouble))

    def _annotation(self, command: str, alert: Alert) -> str:
        spot = alert.spot
        places = {"file": self._file(spot.path), "line": spot.line, "endLine": spot.end_line}
        if spot.line == spot.end_line:  # columns of several lines would be refused
            places |= {"col": spot.column, "endColumn": spot.end_column}
        named = {name: str(value) for name, value in places.items() if value}
        message = "\n".join(filter(None, (told(alert, self._setting.paths), begins(alert))))
        return _command(command, {**named, "title": f"dedup: {alert.name}"}, shortened(message))

    def _file(self, path: str) -> str:
        return escape_line(self._setting.paths.shown(path))


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    """A line that the runner obeys.

    >>> _command("error", {"file": "a,b.txt", "line": ""}, "50%")
    '::error file=a%2Cb.txt::50%25\\n'
    """
    given = ",".join(
        f"{key}={value.translate(_table(_PROPERTY))}" for key, value in properties.items() if value
    )
    return f"::{name} {given}::{message.translate(_table(_MESSAGE))}\n"


def _table(escapes: Mapping[str, str]) -> dict[int, str]:
    return {ord(char): escape for char, escape in escapes.items()}
