"""For people: each finding with both places, its score, and how the two passages begin.

Quoted lines stand behind a gutter, so that no line of a document begins a line of ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from dedup.checks.alerts import QUOTED_LINES, Alert, Checked, Spot
from dedup.checks.formats import Setting
from dedup.checks.formats.concise import headline
from dedup.checks.gate import End
from dedup.reports import wording
from dedup.reports.escape import escape_line

LINES = 3
"""Quoted of each passage."""

_STYLES = {"head": "1", "removed": "31", "kept": "36"}
_CUT = "…"


class Writer:
    """Findings as they become known, with a blank line between them."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._is_first = True

    def begin(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """A few lines for each alert."""
        for alert in checked.alerts:
            if not self._is_first:
                yield "\n"
            self._is_first = False
            yield from (f"{line}\n" for line in self._lines(alert))

    def end(self, end: End) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def _lines(self, alert: Alert) -> Iterator[str]:
        path = self._setting.paths.shown(alert.spot.path)
        yield self._styled(headline(alert, path), "head")
        yield f"  {'; '.join(_facts(alert))}"
        goes = alert.level == "error"
        quoted = [(alert.spot, "-" if goes else "=", "removed" if goes else "kept")]
        quoted += [(spot, "=", "kept") for spot in alert.related[:1]]
        digits = max(len(str(spot.line + QUOTED_LINES)) for spot, _, _ in quoted)
        for spot, sign, style in quoted:
            yield from self._quoted(spot, sign, style, digits)

    def _quoted(self, spot: Spot, sign: str, style: str, digits: int) -> Iterator[str]:
        counts = spot.line > 0 and spot.column > 0
        shown = [(at, line) for at, line in enumerate(spot.quoted) if line.strip()][:LINES]
        last = max((at for at, _ in shown), default=-1)
        for at, line in shown:
            number = str(spot.line + at) if counts else ""
            gutter = f"  {sign} {number:>{digits}} | "
            said = fitted(escape_line(line), self._setting.width - len(gutter))
            yield self._styled(f"{gutter}{said}".rstrip(), style)
        more = spot.more + len(spot.quoted) - last - 1
        if more:
            said = f"  {sign} {'':>{digits}} | ({wording.count(more, 'more line')})"
            yield self._styled(said, style)

    def _styled(self, line: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{line}\x1b[0m" if self._setting.color else line


def _facts(alert: Alert) -> Iterator[str]:
    if alert.related:
        score, confidence = wording.score(alert.score), wording.score(alert.confidence)
        yield f"score {score}, confidence {confidence}"
    if alert.characters:
        yield wording.count(alert.characters, "character")
    if len(alert.related) > 1:
        yield f"{wording.count(len(alert.related) - 1, 'more passage')} like it"
    yield f"hash {alert.fingerprint}"


def fitted(line: str, columns: int) -> str:
    """As much of ``line`` as ``columns`` of a terminal hold.

    >>> fitted("on the quay", 7), fitted("波止場", 5)
    ('on the…', '波止…')
    """
    columns = max(columns, 8)
    used = 0
    for at, char in enumerate(line):
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > columns:
            return line[: at - 1].rstrip() + _CUT
    return line
