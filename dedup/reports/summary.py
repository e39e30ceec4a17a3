"""One line per document and one per finding, for stderr."""

from __future__ import annotations

from dedup.model import Finding, Tally
from dedup.reports import wording
from dedup.reports.escape import escape_line


def line(tally: Tally) -> str:
    """How much went from the document and what it was, as one sentence without a line end.

    The percentage is of characters. Look-alikes that stay are not counted.
    """
    name = escape_line(tally.name)
    if not tally.changed:
        return f"Removed nothing from {name}."
    found = wording.counts(tally.removed_findings)
    share = wording.percent(tally.redundancy)
    return f"Removed {wording.extent(tally)} ({share}) from {name}; {found}."


def finding_line(finding: Finding) -> str:
    """What repeats where, how sure that is and what was done, on one line without a line end."""
    facts = [
        f"score {wording.score(finding.score)}",
        f"confidence {wording.score(finding.confidence)}",
        f"{finding.action}: {escape_line(finding.note)}" if finding.note else finding.action,
    ]
    return f"{finding.name}: {wording.relation(finding)}; {', '.join(facts)}"
