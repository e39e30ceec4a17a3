"""What several formats say of an alert, on one line and safe to show."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.alerts import Alert, Trouble
from dedup.checks.paths import Paths
from dedup.reports import wording
from dedup.reports.escape import escape_line

UNREADABLE = "unreadable"
"""What a file or record that could not be looked at is called, where something has to have a name."""

MOST = 1000
"""Characters of a message; what programs take is bounded, and nobody reads more."""

_CUT = "..."


def headline(alert: Alert, paths: Paths) -> str:
    """Where something stands, what it is called and what it repeats."""
    path = paths.shown(alert.spot.path)
    return escape_line(f"{alert.spot.at(path)}: {alert.name}: {alert.message(paths.shown)}")


def told(alert: Alert, paths: Paths) -> str:
    """What repeats what, how surely, and how much it is."""
    facts = ", ".join(_facts(alert))
    return shortened(escape_line(alert.message(paths.shown)) + (f" ({facts})" if facts else ""))


def begins(alert: Alert) -> str:
    """How the passage begins; empty if nothing is to be seen."""
    return next((escape_line(line).strip() for line in alert.spot.quoted if line.strip()), "")


def unread(trouble: Trouble) -> str:
    """Why something could not be looked at; a record without a line is named."""
    record = f"record {trouble.place}: " if trouble.place and not trouble.line else ""
    return shortened(escape_line(record + trouble.reason))


def shortened(text: str, most: int = MOST) -> str:
    """As much of ``text`` as goes into ``most`` characters.

    >>> shortened("on the quay", 9)
    'on the...'
    """
    return text if len(text) <= most else text[: most - len(_CUT)].rstrip() + _CUT


def _facts(alert: Alert) -> Iterator[str]:
    if alert.related:
        yield f"score {wording.score(alert.score)}"
    if alert.characters:
        yield wording.count(alert.characters, "character")
