"""What a check came to, in a few lines for stderr."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.checks.gate import ANYTHING, End
from dedup.model import REPAIRS
from dedup.reports import wording


def lines(end: End) -> Iterator[str]:
    """How much was found and where, what was ignored, what was not read; without line ends."""
    totals = end.totals
    yield from _found(end)
    for name, number in end.set_aside.items():
        yield f"Ignored {wording.count(number, 'finding')}: {name}."
    for one in end.exceeded:
        if one != ANYTHING:
            yield f"Over the limit: {one}."
    if end.within:
        yield f"Within the {'limits' if len(end.within) > 1 else 'limit'} of {' and '.join(end.within)}."
    reported = totals.reported
    if reported:
        yield f"Also reported, but not counted: {wording.counts(reported)}."
    if end.notes > sum(reported.values()):
        yield f"{wording.count(end.notes - sum(reported.values()), 'look-alike')} noted."
    if end.skipped:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in end.skipped.items())
        yield f"Skipped {sum(end.skipped.values()):,}: {reasons}."
    if end.failures:
        yield f"{_bad(len(end.failures))} could not be checked."


def _found(end: End) -> Iterator[str]:
    """How much was found and where; nothing if nothing was looked at."""
    totals = end.totals
    kind = "document" if totals.has_records else "file"
    files = wording.count(totals.documents, kind)
    if end.count:
        where = f"{end.documents:,} of {files}" if totals.documents > 1 else files
        repairs = sum(end.findings.get(name, 0) for name in REPAIRS)
        share = f" ({wording.percent(end.redundancy)} of the text)" if end.count > repairs else ""
        found = wording.count(end.count, "finding")
        yield f"Found {found} in {where}{share}: {wording.counts(end.findings, repairs)}."
    elif totals.documents:
        new = "new" if end.set_aside else "that repeats"
        yield f"Found nothing {new} in {files}."


def _bad(number: int) -> str:
    return "1 file or record" if number == 1 else f"{number:,} files or records"
