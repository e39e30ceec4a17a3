"""What a format writes of documents that are made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dedup.checks import alerts
from dedup.checks.alerts import Alert, Checked, Spot, Trouble
from dedup.checks.formats import Setting, writer
from dedup.checks.gate import End, Gate, Limits
from dedup.checks.paths import Paths
from dedup.model import NEAR_DUPLICATE, Failure, Sums, Tally
from dedup.options import Options


def written(
    name: str, *documents: Checked, end: End | None = None, base: str = "", **setting: object
) -> str:
    """The whole output of the format ``name``."""
    made = writer(name, Setting(Options(), Paths(base), **setting))  # type: ignore[arg-type]
    pieces = list(made.begin())
    for document in documents:
        pieces += made.document(document)
    pieces += made.end(end or ended(documents))
    return "".join(pieces)


def ended(documents: Sequence[Checked]) -> End:
    """The end of a run over these documents without limits."""
    gate, sums, failures = Gate((), Limits()), Sums(), []
    for document in documents:
        gate.passed(document)
        if document.tally is not None and not document.record:
            sums.add(document.tally)
        failures += [Failure(document.name, trouble.reason) for trouble in document.troubles]
    end = gate.end(sums.totals, failures)
    return replace(end, status=2 if failures else int(end.count > 0))


def alert(characters: int = 40, path: str = "a.txt", line: int = 3, **fields: object) -> Alert:
    """A copy on one line of what stands on the first; ``fields`` as in ``Alert``."""
    text = f"Words of number {characters}."
    kept = Spot(1, 1, 1, 41, 1, 41, "line 1", 0, 40, (text,), 0, path)
    spot = Spot(line, line, 1, 41, 1, 42, f"line {line}", 80, 120, (text,), 0, path)
    given: dict[str, object] = {
        "name": NEAR_DUPLICATE, "level": "error", "document": path, "spot": spot, "related": (kept,),
        "verb": "repeats", "score": 0.98765, "confidence": 0.9, "characters": characters,
        "fingerprint": alerts.fingerprint(text),
    }  # fmt: skip
    return Alert(**(given | fields))  # type: ignore[arg-type]


def checked(*found: Alert, path: str = "a.txt", record: int = 0, **fields: object) -> Checked:
    """A document of 200 characters with these alerts; ``fields`` as in ``Tally``."""
    gone = sum(one.characters for one in found)
    given: dict[str, object] = {
        "name": path, "characters": 200, "removed_characters": gone, "paragraphs": 5,
        "removed_paragraphs": 1, "removed_units": 1, "findings": {}, "removed_findings": {},
    }  # fmt: skip
    tally = Tally(**(given | fields))  # type: ignore[arg-type]
    return Checked(f"{path}#{record}" if record else path, path, tally, found, record)


def unread(reason: str, place: str = "", path: str = "bad.txt") -> Checked:
    """A file that could not be read, or one of its records."""
    return Checked(path, path, None, troubles=(Trouble(reason, place),))
