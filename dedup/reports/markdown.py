"""All that was found, for people, as Markdown; ``check`` has a shorter page for pull requests.

Nothing of a document takes effect: its text stands in code blocks and code spans only, so no image
is loaded, nobody is mentioned and no HTML is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dedup.model import DocumentResult, Failure, Finding, Result, Totals
from dedup.options import Options
from dedup.reports import wording
from dedup.reports.compare import plain
from dedup.reports.escape import escape_line
from dedup.reports.parts import HEADS, Lists, Parts, rendered
from dedup.reports.rows import Row, Rows

MAX_PLACES = 20
MAX_ROWS = 6
"""Pairs shown per finding, two lines each."""
MAX_COLUMNS = 200
WIDTH = 2
"""How many lists ``parts`` belong to."""


def render(result: Result) -> bytes:
    """The report in UTF-8, ended by LF: a table over all documents, then each finding."""
    return rendered(result, parts, whole, WIDTH)


def parts(result: DocumentResult) -> Parts:
    """What the report says of one document, for ``whole``: its row, and its section if it has one."""
    section = "\n".join(_document(result)) if result.findings or result.note else ""
    return _row(result).encode(), section.rstrip("\n").encode()


def whole(
    options: Options, totals: Totals, failures: Iterable[Failure], lists: Lists
) -> Iterator[bytes]:
    """The report in pieces, from the parts of its documents in order."""
    rows, sections = lists
    yield HEADS["markdown"] + b" findings |\n"
    yield b"|---|---:|---:|---:|---|\n"
    yield from (row + b"\n" for row in rows)
    if totals.documents != 1:
        yield _totals_row(totals).encode() + b"\n"
    for failure in failures:
        yield f"\n- not processed: {code(failure.name)}: {code(failure.reason)}\n".encode()
    yield from (b"\n" + section + b"\n" for section in sections if section)


def code(text: str) -> str:
    """``text`` as a code span on one line, whatever backquotes are in it.

    >>> code("a`b"), code("")
    ('``a`b``', '(empty)')
    """
    shown = escape_line(text)
    if not shown.strip():
        return "(empty)" if not shown else "(blank)"
    ticks = "`" * (_longest(shown) + 1)
    # A span that begins or ends with a backquote needs a blank, which is not shown.
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def cell(text: str) -> str:
    """``text`` as a code span that does not end a table's cell."""
    return code(text).replace("|", "\\|")


def fenced(lines: Sequence[str]) -> Iterator[str]:
    """Lines that are safe to show, in a code block that nothing in them can end."""
    fence = "`" * max(3, max(map(_longest, lines), default=0) + 1)
    yield from (f"{fence}diff", *lines, fence)


def _longest(text: str) -> int:
    """Length of the longest row of backquotes."""
    return max(map(len, re.findall("`+", text)), default=0)


def _row(result: DocumentResult) -> str:
    return _table_row(
        cell(result.document.name),
        result.redundancy,
        (result.removed_characters, len(result.document.text)),
        (result.removed_paragraphs, result.paragraphs),
        wording.counts(result.tally.findings, result.repairs),
    )


def _totals_row(totals: Totals) -> str:
    return _table_row(
        f"**{wording.count(totals.documents, 'document')}**",
        totals.redundancy,
        (totals.removed_characters, totals.characters),
        (totals.removed_paragraphs, totals.paragraphs),
        wording.counts(totals.findings, totals.repairs),
    )


def _table_row(
    name: str, share: float, characters: tuple[int, int], paragraphs: tuple[int, int], found: str
) -> str:
    percent = wording.percent(share).replace("<", "&lt;").replace(">", "&gt;")
    sizes = " | ".join(f"{gone:,} of {all_:,}" for gone, all_ in (characters, paragraphs))
    return f"| {name} | {percent} | {sizes} | {found or 'none'} |"


def _document(result: DocumentResult) -> Iterator[str]:
    yield f"## {code(result.document.name)}"
    yield ""
    if result.note:
        yield from (f"Note: {code(result.note)}", "")
    rows = Rows(result)
    for number, finding in enumerate(result.findings):
        yield from _finding(number, finding, rows)


def _finding(number: int, finding: Finding, rows: Rows) -> Iterator[str]:
    yield f"### {number + 1}. {finding.name}: {_relation(finding)}"
    yield ""
    yield "| place | lines | paragraphs |"
    yield "|---|---|---:|"
    for place in finding.places[:MAX_PLACES]:
        other = place.passage.document
        where = f" of {cell(other)}" if other != rows.result.document.name else ""
        yield f"| {place.role} | {wording.numbers(place)}{where} | {place.paragraphs:,} |"
    if len(finding.places) > MAX_PLACES:
        yield f"| {len(finding.places) - MAX_PLACES:,} more | | |"
    yield ""
    note = f": {code(finding.note)}" if finding.note else ""
    facts = ", ".join([*wording.scores(finding), finding.action])
    yield f"{facts[0].upper()}{facts[1:]}{note}."
    yield ""
    if excerpt := list(_excerpt(number, rows)):
        yield from fenced(excerpt)
        yield ""


def _relation(finding: Finding) -> str:
    """Which lines repeat which; names of documents in code spans."""
    other = finding.places[0].passage.document
    if len(finding.places) < 2 or other == finding.places[1].passage.document:
        return wording.relation(finding)
    return wording.relation(finding).replace(escape_line(other), code(other))


def _excerpt(number: int, rows: Rows) -> Iterator[str]:
    """The pairs that say most, what stays with ``+``, the copy with ``-``, in text order."""
    pairs = rows.of(number)
    telling = sorted(range(len(pairs)), key=lambda at: (pairs[at].is_equal, pairs[at].score, at))
    position = 0
    for at in [*sorted(telling[:MAX_ROWS]), len(pairs)]:
        if skipped := pairs[position:at]:
            differing = sum(not row.is_equal for row in skipped)
            yield f"  ... {wording.left_out(len(skipped), differing)}"
        yield from _pair(rows, pairs[at : at + 1], is_removed=bool(rows.edits(number)))
        position = at + 1


def _pair(rows: Rows, pair: Sequence[Row], *, is_removed: bool) -> Iterator[str]:
    """The lines of a pair: line number and text of each side. None for no pair."""
    for row in pair:
        compared = rows.compared(row)
        kept = plain(compared.kept, "kept")
        copy = plain(compared.removed, "removed" if is_removed else "kept")
        below = rows.lines.at(row.removed.start)
        if row.becomes is not None:
            yield _shortened(f"- {below}: {copy}")
            if row.becomes:
                yield _shortened(f"+ {below}: {kept}")
            continue
        if not row.has_twin:
            yield _shortened(f"  {below}: {copy} (no copy, stays)")
            continue
        above = rows.kept_line(row)
        if compared.is_identical:
            yield _shortened(f"  {above} = {below}: {kept}")
        else:
            yield _shortened(f"{'+' if is_removed else ' '} {above}: {kept}")
            yield _shortened(f"{'-' if is_removed else ' '} {below}: {copy}")


def _shortened(line: str) -> str:
    return line if len(line) <= MAX_COLUMNS else f"{line[: MAX_COLUMNS - 3]}..."
