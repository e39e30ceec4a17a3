"""A report over many documents, put together from parts made of one document each.

A format's module has ``parts(result)``, what it says of one document in each of its ``WIDTH``
lists, and ``whole(options, totals, failures, lists)``, the pieces of the report. Parts can be made where the
document is, in any process, and kept on the disk until the totals are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from dedup.model import DocumentResult, Failure, Result, Totals
from dedup.options import Options

HEADS = {
    "json": b'{\n  "format": "dedup-report"',
    "markdown": b"# What repeats\n\n| document | repeated | removed characters | removed paragraphs |",
    "csv": b"document,finding,name,action,role,place,line,end_line,start,end,",
    "diff": b"# What dedup takes out, for patch -p0\n",
    "html": b'<!doctype html>\n<html lang="en" data-report="dedup">\n',
    "check-json": b'{\n  "format": "dedup-check"',
    "check-markdown": b"## What dedup check found\n\n| documents | with findings | findings | characters |",
}
"""How the reports of each format begin: so that they are known again, and nothing else is taken for one."""

Parts = tuple[bytes, ...]
"""What a report says of one document, an entry for each of its lists."""

Lists = Sequence[Iterable[bytes]]
"""The parts of all documents, list by list, in order of the documents."""

MakeParts = Callable[[DocumentResult], Parts]
MakeWhole = Callable[[Options, Totals, Iterable[Failure], Lists], Iterator[bytes]]


def rendered(result: Result, parts: MakeParts, whole: MakeWhole, width: int) -> bytes:
    """The report on a result that is at hand as a whole; ``width``: how many lists the format has."""
    made = [parts(document) for document in result.documents]
    lists = [[each[at] for each in made] for at in range(width)]
    return b"".join(whole(result.options, result.totals, result.failures, lists))
