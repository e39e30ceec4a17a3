"""How often each name occurs and how much text it stands for, in the place of the findings."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Checked
from dedup.checks.formats import Setting
from dedup.checks.gate import End


class Writer:
    """A line per name, the most frequent one first."""

    def __init__(self, setting: Setting) -> None:
        self._counts: dict[str, list[int]] = {}

    def begin(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """Nothing: it is counted."""
        for alert in checked.alerts:
            counted = self._counts.setdefault(alert.name, [0, 0, 0])
            counted[0] += 1
            counted[1] += alert.characters
        for name in {alert.name for alert in checked.alerts}:
            self._counts[name][2] += 1
        return iter(())

    def end(self, end: End) -> Iterator[str]:
        """The numbers."""
        rows = sorted(self._counts.items(), key=lambda row: (-row[1][0], row[0]))
        table = [("findings", "characters", "documents", "name")]
        table += [(f"{n:,}", f"{size:,}", f"{files:,}", name) for name, (n, size, files) in rows]
        widths = [max(len(row[at]) for row in table) for at in range(3)]
        for *numbers, name in table if rows else ():
            shown = "  ".join(f"{one:>{wide}}" for one, wide in zip(numbers, widths, strict=True))
            yield f"{shown}  {name}\n"
