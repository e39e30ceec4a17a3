"""The XML of JUnit: a suite for each file, a failed test for each finding, a passed one for a clean file.

Look-alikes are no failures, and not part of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Alert, Checked, Trouble
from dedup.checks.formats import Setting
from dedup.checks.formats.excerpts import excerpt
from dedup.checks.formats.markup import DECLARATION, escaped, opened
from dedup.checks.formats.messages import UNREADABLE, told, unread
from dedup.checks.gate import End
from dedup.checks.paths import Paths
from dedup.reports import wording
from dedup.reports.escape import escape_line

CASES = 10_000
"""Tests of one file, a file of many records; the others are one."""


class Writer:
    """The suite of a file once all of the file is known."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._path: str | None = None
        self._suite = _Suite("", setting.paths)

    def begin(self) -> Iterator[str]:
        """The root."""
        yield DECLARATION + opened("testsuites", {"name": "dedup"}) + "\n"

    def document(self, checked: Checked) -> Iterator[str]:
        """The file before, if this is the first of another one."""
        if checked.path != self._path:
            yield from self._finished()
            self._path = checked.path
            paths = self._setting.paths
            self._suite = _Suite(escape_line(paths.shown(checked.path)), paths)
        for trouble in checked.troubles:
            self._suite.add_trouble(trouble)
        for alert in checked.alerts:
            if alert.level == "error":
                self._suite.add(alert)

    def end(self, end: End) -> Iterator[str]:
        """The last file, and the end of the root."""
        yield from self._finished()
        yield "</testsuites>\n"

    def _finished(self) -> Iterator[str]:
        if self._path is not None:
            yield from self._suite.written()


class _Suite:
    """One file."""

    def __init__(self, path: str, paths: Paths) -> None:
        self._path = path
        self._paths = paths
        self._cases: list[str] = []
        self._failures = self._errors = 0

    def add(self, alert: Alert) -> None:
        """A finding."""
        self._failures += 1
        if self._failures > CASES:
            return
        lines = "\n".join(line for _, line in excerpt(alert))
        said = told(alert, self._paths)
        attributes = {"type": alert.name, "message": said}
        body = escaped(f"{said}\n{lines}")
        inside = f"{opened('failure', attributes)}{body}</failure>"
        self._case(f"{alert.name}: {alert.spot.where}", alert.spot.line, inside)

    def add_trouble(self, trouble: Trouble) -> None:
        """Something that could not be read: a test that could not be run."""
        self._errors += 1
        attributes = {"type": UNREADABLE, "message": unread(trouble)}
        name = escape_line(f"{UNREADABLE} {trouble.place}".rstrip())
        self._case(name, trouble.line, opened("error", attributes, is_empty=True))

    def written(self) -> Iterator[str]:
        """The suite."""
        more = self._failures - CASES
        if more > 0:
            said = opened(
                "failure", {"message": f"and {wording.count(more, 'more finding')}"}, is_empty=True
            )
            self._case("more", 0, said)
        if not self._cases:
            self._case("nothing repeats", 0, "")
        failed = min(self._failures, CASES + 1)
        numbers = {"tests": len(self._cases), "failures": failed, "errors": self._errors}
        shown = {name: str(number) for name, number in numbers.items()}  # also those that are 0
        tag = opened("testsuite", {"name": self._path, **shown})
        yield f"  {tag}\n"
        yield from self._cases
        yield "  </testsuite>\n"

    def _case(self, name: str, line: int, inside: str) -> None:
        attributes = {"name": name, "classname": self._path, "file": self._path, "line": line}
        tag = opened("testcase", attributes, is_empty=not inside)
        self._cases.append(f"    {tag}{inside}{'</testcase>' if inside else ''}\n")
