"""One path becomes a document, its plan and files: read, analyze, prove on the bytes, write.

Nothing is written before everything is known; files are written before the caller prints anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from dedup.errors import DedupError
from dedup.files import read, views, write
from dedup.files.decode import to_text
from dedup.files.fingerprints import fingerprint
from dedup.files.formats import Kind, kind_of, looks_like, unpacked
from dedup.files.read import Raw, Source
from dedup.files.views import RawEdit, View
from dedup.model import Document, DocumentResult, Failure, Span, Sums
from dedup.options import Options, deciding

if TYPE_CHECKING:
    from dedup.batch.targets import Targets
    from dedup.files.content import Stored
    from dedup.files.plans import Plan
    from dedup.files.selection import Found

STDIN_NAME = "stdin"
MAX_ROUNDS = 8
"""Times a document is looked at anew because its source cannot do without something that would go."""
UNSETTLED = "left whole: what its markup allows to be removed did not settle"
ANOTHER_PLAN = "holds the plan of another run"
NO_PLAN = "is there already, and is no plan"
ANOTHER_NAME = "give another name to keep it, or --force to replace it"
OTHER_LINKS = "its other hard links still hold the old text"
NO_TEXT = {".warc": "a web archive", ".parquet": "a Parquet file"}
"""What is not cleaned as a text, though nothing but its first bytes says what it is."""
CONVERTED = (
    "with --html-input extract a page becomes its main text: restore gives that, not the page"
)


@dataclass(frozen=True)
class Outcome:
    """One document's answer and the bytes it comes to."""

    source: Source
    options: Options
    """What it was decided by."""
    result: DocumentResult
    data: bytes
    """The cleaned bytes; the input's own if ``broken``."""
    raw_edits: tuple[RawEdit, ...] = ()
    """What changes in what the bytes say."""
    broken: str = ""
    """The promise that would have been broken: then nothing was removed. Normally empty."""


def read_input(path: str | None, stdin: BinaryIO | None, name: str | None, o: Options) -> Source:
    """The document at ``path``, or on ``stdin`` without one, called by the base name of ``name``."""
    if path is not None:
        shown = os.path.basename(path)
        raw = read.load(path, o.max_size)
    else:
        shown = os.path.basename(name) if name else STDIN_NAME
        raw = read.load_stream(given(stdin), shown, o.max_size)
        if not name and (suffix := looks_like(raw.data)) in NO_TEXT:
            hint = f"--stdin-filename NAME{suffix} says so"
            raise DedupError(shown, f"is {NO_TEXT[suffix]}", hint)
    return decoded(raw, name_of(shown, o), o, kind_of(shown), shown)


def given(stdin: BinaryIO | None) -> BinaryIO:
    """Standard input; ``DedupError`` if it is closed."""
    if stdin is None:
        raise DedupError("standard input", "it is closed")
    return stdin


def name_of(name: str, options: Options) -> str:
    """What the document in the file ``name`` is called: of a page, its main text is a text of its own.

    >>> name_of("a/b.html", Options(html_input="extract")), name_of("a/b.html", Options())
    ('a/b.txt', 'a/b.html')
    """
    if options.html_input != "extract" or kind_of(name) != "html":
        return name
    inner = unpacked(name)
    return os.path.splitext(inner)[0] + ".txt" + name[len(inner) :]


def decoded(raw: Raw, name: str, o: Options, kind: Kind, called: str = "") -> Source:
    """The document in ``raw``, called ``name``; what is wrong with it names the path, if it has one.

    ``called``: what bytes without a path go by, where the document's name is another.
    """
    try:
        return read.decoded(
            raw,
            name,
            kind=kind,
            encoding=o.encoding,
            errors=o.errors,
            html_input=o.html_input,
        )
    except DedupError as error:
        raise error.moved(name, raw.path or called or name) from None


def process(source: Source, options: Options, *, alike: bool = True) -> Outcome:
    """Find and take out what repeats, and prove on the bytes that it can be put back.

    Without ``alike`` look-alikes, which stay, are not among the findings.
    """
    from dedup.engine import plan

    try:
        return with_bytes(source, options, _settled(source.document, source.view, options, alike))
    except plan.UnsafePlan as error:
        return Outcome(source, options, untouched(source.document), source.data, broken=str(error))


def _settled(document: Document, view: View, options: Options, alike: bool) -> DocumentResult:
    """What goes from the document, without anything that its source cannot lose.

    Where something had to stay for that reason, or of a page because it says so or is asked to, the engine's
    word that nothing more goes does not hold, and it is looked once more.
    """
    result, had_to_stay = _possible(document, view, options, alike)
    had_to_stay |= bool(document.lines and (document.markers or result.keeps))
    if not had_to_stay or not result.changed:
        return result
    after = view.again(views.apply(view.raw, view.raw_edits(result.edits)))
    again = views.seen(document, after)
    if _possible(again, after, options, alike=False)[0].changed:
        return replace(untouched(document), note=UNSETTLED)
    return result


def _possible(
    document: Document, view: View, options: Options, alike: bool
) -> tuple[DocumentResult, bool]:
    """What can go, and whether anything had to stay because the source cannot lose it."""
    from dedup.engine.analyze import analyze_document

    frozen: list[Span] = []
    for _ in range(MAX_ROUNDS):
        result = analyze_document(document, options, frozen, alike=alike)
        refused = view.refused(result.edits)
        if not refused:
            return result, bool(frozen)
        frozen += refused
    return replace(untouched(document), note=UNSETTLED), True


def with_bytes(source: Source, options: Options, result: DocumentResult) -> Outcome:
    """The outcome of a result; ``UnsafePlan`` unless its bytes and its edits give the input's bytes again.

    The engine has proved its plan on the text; this is the same for what goes to the disk.
    """
    from dedup.engine import plan

    document = source.document
    if not result.changed:
        if result.cleaned != document.text:
            raise plan.UnsafePlan("nothing is removed, yet the text differs")
        return Outcome(source, options, result, source.data)
    if result.is_dropped:
        return _dropped(source, options, result)
    raw_edits = tuple(source.view.raw_edits(result.edits))
    raw = views.apply(source.view.raw, raw_edits)
    if source.view.again(raw).text != result.cleaned:
        raise plan.UnsafePlan("the cleaned bytes do not say the cleaned text")
    data = read.encode(document, raw)
    if read.encode(document, views.restore(raw, raw_edits)) != source.data:
        raise plan.UnsafePlan("the cleaned bytes and the plan do not give the input")
    # Read as this document is, mark and all: a removal may leave a text that begins like a mark.
    if to_text(data, document.name, document.encoding, document.errors, document.bom) != raw:
        raise plan.UnsafePlan("the cleaned bytes do not read as the cleaned text")
    return Outcome(source, options, result, data, raw_edits)


def _dropped(source: Source, options: Options, result: DocumentResult) -> Outcome:
    """The outcome for a document that goes with all that its bytes say."""
    from dedup.engine import plan

    raw = source.view.raw
    if read.encode(source.document, raw) != source.data:
        raise plan.UnsafePlan("the plan does not give the input")
    return Outcome(source, options, result, b"", (RawEdit(0, raw),))


def diff_encoder(document: Document) -> Callable[[str], bytes]:
    """What turns pieces of the document's text into bytes as they stand in its file."""

    def encode(piece: str) -> bytes:
        return read.encode(replace(document, text=piece, bom=b""), piece)

    return encode


def as_written(outcome: Outcome) -> DocumentResult:
    """The result in the file's own words: of a page, its markup changes, and not only its text.

    A record is shown as its text: its line in the file is for programs.
    """
    result, document = outcome.result, outcome.source.document
    if document.format != "html" or not result.edits:
        return result
    model = result.edits[0]
    edits = [
        replace(model, span=edit.span, removed=edit.removed, inserted=edit.inserted)
        for edit in outcome.raw_edits
    ]
    raw = outcome.source.view.raw
    written = replace(document, text=raw, lines=())
    return replace(result, document=written, edits=tuple(edits))


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
        write.write_file(targets.output, outcome.source.stored_as(outcome.data))
    elif targets.in_place and outcome.result.changed:
        replace_input(outcome.source, outcome.source.stored_as(outcome.data), targets.backup)


def replace_input(source: Raw, data: Stored, backup: str | None) -> None:
    """Put ``data`` in the place of the file it was read from, its old bytes kept if so wished."""
    assert source.path is not None
    if backup is not None:
        write.back_up(source, backup)
    write.write_file(source.path, data, source=source)


def write_plan(path: str, outcome: Outcome, options: Options, *, force: bool) -> None:
    """Write the plan. One that stands there is replaced only if it says the same, or by ``force``."""
    from dedup.files import plans

    lines = plan_lines(outcome) if outcome.result.changed else ()
    data = b"".join(plans.whole(lines, options))
    if not force:
        refuse_foreign_plan(path)
        if not _may_replace(path, data):
            raise DedupError(path, ANOTHER_PLAN, ANOTHER_NAME)
    write.write_file(path, data)


def plan_lines(outcome: Outcome) -> tuple[bytes, ...]:
    """The plan's line on a changed document."""
    from dedup.files import plans

    is_plain = isinstance(outcome.source.view, views.Plain)
    raw_edits = None if is_plain else outcome.raw_edits
    return (plans.line(outcome.result, outcome.source.data, outcome.data, raw_edits),)


def write_reports(outcome: Outcome, reports: tuple[tuple[str, str], ...], options: Options) -> None:
    """Write each report in its format."""
    sums = Sums()
    sums.add(outcome.result.tally)
    for kind, path in reports:
        lists = [[part] for part in report_parts(kind, outcome)]
        whole = report_module(kind).whole(options, sums.totals, (), lists)
        write.write_file(path, b"".join(whole))


def report_module(kind: str) -> Any:
    """The module of ``dedup.reports`` that writes this format, a value of ``REPORT_FORMATS``."""
    from importlib import import_module

    return import_module(f"dedup.reports.{kind}")


NAME_TEXTS = ("html", "csv")
"""Reports that say by which fingerprint a copy is known, as ``check`` does."""


def report_parts(kind: str, outcome: Outcome) -> tuple[bytes, ...]:
    """What a report of this format says of a document."""
    made: tuple[bytes, ...]
    if kind == "diff":
        result = as_written(outcome)
        made = report_module(kind).parts(result, diff_encoder(result.document))
    elif kind in NAME_TEXTS:  # reports do not know the engine
        from dedup.engine import normalize

        made = report_module(kind).parts(outcome.result, normalize.fingerprint)
    else:
        made = report_module(kind).parts(outcome.result)
    return made


def _is_done(path: str, outcome: Outcome, options: Options) -> bool:
    """Whether the plan at ``path`` is the one by which this document was cleaned: it can put it back."""
    plan = _plan_at(path) if os.path.isfile(path) else None
    if plan is None:
        return False
    outputs = [output for _, output in plan.sides.values()]
    return plan.options == deciding(options) and outputs == [fingerprint(outcome.data)]


def _plan_at(path: str) -> Plan | None:
    """The plan in the file at ``path``; None if that is none."""
    from dedup.files import plans

    try:
        return plans.load(read.load(path).data, path)
    except DedupError:
        return None


def refuse_foreign_plan(path: str) -> None:
    """``DedupError`` if a file that is no plan would be replaced by one; an empty one may."""
    from dedup.files import plans

    if os.path.isfile(path) and plans.is_foreign(read.load(path).data):
        raise DedupError(path, NO_PLAN, ANOTHER_NAME)


def _may_replace(path: str, data: bytes) -> bool:
    """Whether what stands at ``path`` is nothing, empty, or a plan of the same options, input and output."""
    from dedup.files import plans

    if not os.path.isfile(path) or os.path.getsize(path) == 0:
        return True
    old, new = _plan_at(path), plans.load(data, path)
    return old is not None and (dict(old.options), old.sides) == (dict(new.options), new.sides)
