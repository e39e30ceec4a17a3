"""What was found, as one page to look at: no network, no other file, readable without its script.

The same result makes the same bytes. No text of a document, name or note becomes an element: all of it
goes through ``markup``. The page is put together in one pass over small entries of the documents and one
over what of them is shown; it stays below 5 MB whatever was found, and counts what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.model import DocumentResult, Failure, Result, Totals
from dedup.options import Options
from dedup.reports.html.choice import FINDINGS_BYTES, MAX_FINDINGS, choose
from dedup.reports.html.entry import entry
from dedup.reports.html.facts import Facts
from dedup.reports.html.page import page
from dedup.reports.html.sides import Hashed, findings
from dedup.reports.html.view import pictures, reading
from dedup.reports.parts import Lists, Parts, rendered

WIDTH = 4
"""How many lists ``parts`` belong to: entries, findings, pictures, texts."""


def render(result: Result, hashed: Hashed) -> bytes:
    """The page in UTF-8. ``hashed`` gives the fingerprint of a text, as ``check`` shows it."""
    return rendered(result, lambda document: parts(document, hashed), whole, WIDTH)


def parts(result: DocumentResult, hashed: Hashed) -> Parts:
    """What the page says of one document, for ``whole``."""
    shown: list[tuple[bool, int, int]] = []
    bodies: list[bytes] = []
    room = FINDINGS_BYTES
    for finding in findings(result, hashed):
        body = finding.body.encode() + b"\n"
        room -= len(body)
        if room < 0 or len(bodies) == MAX_FINDINGS:
            break
        bodies.append(body)
        shown.append((finding.is_alike, finding.removed, len(body)))
    drawn, read = pictures(result).encode(), reading(result).encode()
    left_out = len(result.findings) - len(shown)
    head = entry(result, shown, left_out, len(drawn) + len(read))
    return head, b"".join(bodies), drawn, read


def whole(
    options: Options, totals: Totals, failures: Iterable[Failure], lists: Lists
) -> Iterator[bytes]:
    """The page in pieces, from the parts of its documents in order."""
    entries, bodies, drawn, texts = lists
    facts = Facts(options, totals, tuple(failures), choose(entries))
    yield from page(facts, bodies, drawn, texts)
