"""One path becomes a document, its plan and files: read, analyze, prove on the bytes, write.

Nothing is written before everything is known; files are written before the caller prints anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from dedup.errors import DedupError
from dedup.files import read, write
from dedup.files.decode import to_text
from dedup.files.read import Raw, Source
from dedup.model import Document, DocumentResult, Failure, Result, Sums
from dedup.options import Options, deciding

if TYPE_CHECKING:
    from dedup.batch.targets import Targets
    from dedup.files.selection import Found

STDIN_NAME = "stdin"
ANOTHER_PLAN = "holds the plan of another run"
ANOTHER_NAME = "give another name to keep it, or --force to replace it"
OTHER_LINKS = "its other hard links still hold the old text"
ANY_BYTES = Options(encoding="latin-1")
"""To read a file whose bytes alone matter: in Latin-1 none is refused."""


@dataclass(frozen=True)
class Outcome:
    """One document's answer and the bytes it comes to."""

    source: Source
    result: DocumentResult
    data: bytes
    """The cleaned bytes; the input's own if ``broken``."""
    broken: str = ""
    """The promise that would have been broken: then nothing was removed. Normally empty."""


def read_input(path: str | None, stdin: BinaryIO | None, name: str | None, o: Options) -> Source:
    """The document at ``path``, or on ``stdin`` without one, called by the base name of ``name``."""
    if path is not None:
        return decoded(read.load(path, o.max_size), os.path.basename(path), o)
    if stdin is None:
        raise DedupError("standard input", "it is closed")
    shown = os.path.basename(name) if name else STDIN_NAME
    return decoded(read.load_stream(stdin, shown, o.max_size), shown, o)


def decoded(raw: Raw, name: str, o: Options) -> Source:
    """The document in ``raw``, called ``name``; what is wrong with it names the path, if it has one."""
    try:
        return read.decoded(raw, name, encoding=o.encoding, errors=o.errors)
    except DedupError as error:
        if error.where != name or raw.path is None:
            raise
        raise DedupError(raw.path, error.what, error.hint) from None


def process(source: Source, options: Options) -> Outcome:
    """Find and take out what repeats, and prove on the bytes that it can be put back."""
    from dedup.engine import plan
    from dedup.engine.analyze import analyze_document

    try:
        result = analyze_document(source.document, options)
        data = read.encode(source.document, result.cleaned)
        prove(source, result, data)
    except plan.UnsafePlan as error:
        return Outcome(source, untouched(source.document), source.data, str(error))
    return Outcome(source, result, data)


def prove(source: Source, result: DocumentResult, data: bytes) -> None:
    """Raise ``UnsafePlan`` unless ``data`` and the edits give the input's bytes again.

    The engine has proved its plan on the text; this is the same for what goes to the disk.
    """
    from dedup.engine import plan

    document = source.document
    if not result.changed:
        if data != source.data:
            raise plan.UnsafePlan("nothing is removed, yet the bytes differ")
        return
    # Read as this document is, mark and all: a removal may leave a text that begins like a mark.
    again = to_text(data, document.name, document.encoding, document.errors, document.bom)
    if read.encode(document, plan.restore(result.cleaned, result.edits)) != source.data:
        raise plan.UnsafePlan("the cleaned bytes and the plan do not give the input")
    if again != result.cleaned:
        raise plan.UnsafePlan("the cleaned bytes do not read as the cleaned text")


def diff_encoder(document: Document) -> Callable[[str], bytes]:
    """What turns pieces of the document's text into bytes as they stand in its file."""

    def encode(piece: str) -> bytes:
        return read.encode(replace(document, text=piece, bom=b""), piece)

    return encode


def untouched(document: Document) -> DocumentResult:
    """The answer that removes nothing."""
    return DocumentResult(document, (), (), document.text, 0, 0)


def unsafe(outcome: Outcome) -> DedupError:
    """What to say when a promise would have been broken."""
    name = outcome.source.path or outcome.source.document.name
    hint = f"this is a fault in dedup, and the text is as it was: {outcome.broken}"
    return DedupError("", f"safety check failed, nothing was removed from {name}", hint)


def failed(found: Found, error: DedupError) -> Failure:
    """What a result says of a file that failed: the same, from wherever the file was reached."""
    return Failure(found.name, error.what if error.where == found.path else str(error))


def write_outputs(outcome: Outcome, targets: Targets, options: Options) -> None:
    """Write plan and reports, then the text; a plan is on the disk before any text is replaced."""
    if outcome.broken:
        targets = replace(targets, plan=None, reports=())
    is_again = targets.in_place and not outcome.result.changed
    if targets.plan is not None and not (is_again and _is_done(targets.plan, outcome, options)):
        write_plan(targets.plan, outcome, options, force=targets.force)
    write_reports(outcome, targets.reports, options)
    if targets.output is not None:
        write.write_file(targets.output, outcome.data)
    elif targets.in_place and outcome.result.changed:
        replace_input(outcome.source, outcome.data, targets.backup)


def replace_input(source: Raw, data: bytes, backup: str | None) -> None:
    """Put ``data`` in the place of the file it was read from, its old bytes kept if so wished."""
    assert source.path is not None
    if backup is not None:
        write.back_up(source, backup)
    write.write_file(source.path, data, source=source)


def write_plan(path: str, outcome: Outcome, options: Options, *, force: bool) -> None:
    """Write the plan. One that stands there is replaced only if it says the same, or by ``force``."""
    from dedup.files import plans

    entry = (outcome.result, outcome.source.data, outcome.data)
    data = b"".join(plans.dump([entry], options))
    if not force and not _may_replace(path, data):
        raise DedupError(path, ANOTHER_PLAN, ANOTHER_NAME)
    write.write_file(path, data)


def write_reports(outcome: Outcome, reports: tuple[tuple[str, str], ...], options: Options) -> None:
    """Write each report in its format."""
    sums = Sums()
    sums.add(outcome.result.tally)
    for kind, path in reports:
        data: bytes = report_module(kind).render(Result(options, (outcome.result,), sums.totals))
        write.write_file(path, data)


def report_module(kind: str) -> Any:
    """The module of ``dedup.reports`` that writes this format, a value of ``REPORT_FORMATS``."""
    from importlib import import_module

    return import_module(f"dedup.reports.{kind}")


def _is_done(path: str, outcome: Outcome, options: Options) -> bool:
    """Whether the plan at ``path`` is the one by which this document was cleaned: it can put it back."""
    from dedup.files import plans

    if not os.path.isfile(path):
        return False
    try:
        plan = plans.load(read.load(path).data, path)
    except DedupError:
        return False
    outputs = [output for _, output in plan.sides.values()]
    return plan.options == deciding(options) and outputs == [plans.fingerprint(outcome.data)]


def _may_replace(path: str, data: bytes) -> bool:
    """Whether what stands at ``path`` is nothing, or a plan of the same options, input and output."""
    from dedup.files import plans

    if not os.path.isfile(path):
        return True
    try:
        old = plans.load(read_input(path, None, None, ANY_BYTES).data, path)
    except DedupError:
        return False
    new = plans.load(data, path)
    return (dict(old.options), old.sides) == (dict(new.options), new.sides)
