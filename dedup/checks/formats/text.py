"""For people: each finding with both places, its score, and how the two passages begin."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Alert, Checked
from dedup.checks.formats import Setting
from dedup.checks.formats.excerpts import COLUMNS, excerpt
from dedup.checks.formats.messages import headline
from dedup.checks.gate import End
from dedup.reports import wording

_STYLES = {"head": "1", "removed": "31", "kept": "36", "between": ""}
_INDENT = "  "


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
        yield self._styled(headline(alert, self._setting.paths), "head")
        yield f"{_INDENT}{'; '.join(_facts(alert))}"
        for side, line in excerpt(alert, min(self._setting.width, COLUMNS) - len(_INDENT)):
            yield self._styled(f"{_INDENT}{line}", side)

    def _styled(self, line: str, style: str) -> str:
        code = _STYLES[style]
        return f"\x1b[{code}m{line}\x1b[0m" if code and self._setting.color else line


def _facts(alert: Alert) -> Iterator[str]:
    if alert.related:
        score, confidence = wording.score(alert.score), wording.score(alert.confidence)
        yield f"score {score}, confidence {confidence}"
    if alert.characters:
        yield wording.count(alert.characters, "character")
    if len(alert.related) > 1:
        yield f"{wording.count(len(alert.related) - 1, 'more passage')} like it"
    yield f"hash {alert.fingerprint}"
