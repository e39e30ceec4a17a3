"""One line per document and one per finding, for stderr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dedup.model import Finding, Tally, Totals
from dedup.reports import wording
from dedup.reports.escape import escape_line


def line(tally: Tally) -> str:
    """How much went from the document and what it was, as one sentence without a line end.

    The percentage is of characters. Look-alikes that stay are not counted.
    """
    name = escape_line(tally.name)
    if not tally.changed:
        return f"Removed nothing from {name}."
    if tally.documents is not None:
        records = wording.count(tally.documents, "record")
        name = f"{tally.changed_documents:,} of {records} of {name}"
    if not tally.removed_characters:
        return f"Repaired {wording.count(tally.repairs, 'place')} in {name}."
    found = wording.counts(tally.removed_findings, tally.repairs)
    share = wording.percent(tally.redundancy)
    return f"Removed {wording.extent(tally)} ({share}) from {name}; {found}."


def as_would(line: str) -> str:
    """A line on what was removed, for a run that only looks.

    >>> as_would("Removed nothing from a.txt."), as_would("Skipped 1: 1 hidden.")
    ('Would remove nothing from a.txt.', 'Skipped 1: 1 hidden.')
    """
    for done, would in (("Removed", "Would remove"), ("Repaired", "Would repair")):
        if line.startswith(done):
            return would + line.removeprefix(done)
    return line


def lines(
    totals: Totals,
    worst: Sequence[Tally],
    skipped: Mapping[str, int],
    failures: int,
    bad_records: int = 0,
) -> Iterator[str]:
    """What a run over many files did, in a few lines: what went, from where, what was left out."""
    files = wording.count(totals.documents, "document" if totals.has_records else "file")
    if totals.changed and not totals.removed_characters:
        repaired = wording.count(totals.repairs, "place")
        yield f"Repaired {repaired} in {totals.changed:,} of {files}."
    elif totals.changed:
        paragraphs = wording.count(totals.paragraphs, "paragraph")
        yield (
            f"Removed {totals.removed_paragraphs:,} of {paragraphs} "
            f"({wording.percent(totals.redundancy)}) from {totals.changed:,} of {files}; "
            f"{wording.counts(totals.removed_findings, totals.repairs)}."
        )
    elif totals.documents:
        yield f"Removed nothing from {files}."
    reported = totals.reported
    if reported:
        yield f"Reported, and stays: {wording.counts(reported)}."
    worst = [tally for tally in worst if tally.removed_characters]
    if len(worst) > 1:
        most = [f"{escape_line(each.name)} ({wording.percent(each.redundancy)}" for each in worst]
        yield f"Most text went from {most[0]} of it), {'), '.join(most[1:])})."
    if skipped:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in skipped.items())
        yield f"Skipped {sum(skipped.values()):,}: {reasons}."
    if failures:
        yield f"{wording.count(failures, 'file')} could not be processed."
    if bad_records:
        yield bad_records_line(bad_records)


def bad_records_line(number: int) -> str:
    """That so many records were passed through."""
    stayed = "stayed as it was" if number == 1 else "stayed as they were"
    return f"{wording.count(number, 'record')} could not be read, and {stayed}."


def finding_line(finding: Finding) -> str:
    """What repeats where, how sure that is and what was done, on one line without a line end."""
    facts = [
        *wording.scores(finding),
        f"{finding.action}: {escape_line(finding.note)}" if finding.note else finding.action,
    ]
    return f"{finding.name}: {wording.relation(finding)}; {', '.join(facts)}"
