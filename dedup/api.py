"""What programs call: clean a text, documents or folders, iterate over many, put back what was removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dedup.engine import plan as edits_of
from dedup.engine.analyze import analyze as _analyze
from dedup.engine.analyze import results_of
from dedup.errors import DedupError
from dedup.model import Document, DocumentResult, Edit, Failure, FilesResult, Result, Sums, Tally
from dedup.options import Options, needs_corpus, with_values

if TYPE_CHECKING:
    from dedup.files.formats import Kind
    from dedup.files.selection import Found

Path = str | os.PathLike[str]
Paths = Path | Iterable[Path]
"""Files and folders; a single one need not be in a list."""


def clean(text: str, options: Options | None = None, **values: Any) -> Result:
    """Find what ``text`` says twice; ``.cleaned`` is the text without it, ``.findings`` says why.

    ``values`` are fields of ``Options`` by name. Raises ``DedupError`` for an unknown or unfit one and
    ``UnsafePlan`` if a promise would break (a defect: nothing has been removed then).

    >>> news = "The ferry did not sail on Monday because of the storm, the harbour office said. It is "
    >>> news += "waiting in the inner basin with all its cargo until the wind turns.\\n"
    >>> result = clean(news + "Passengers sleep in the old customs house.\\n" + news, threshold=0.9)
    >>> result.cleaned == news + "Passengers sleep in the old customs house.\\n"
    True
    >>> round(result.redundancy, 2)
    0.44
    >>> result.edits[0].score, result.edits[0].twins[0].span.start
    (1.0, 0)
    """
    if not isinstance(text, (str, Document)):
        raise DedupError("text", *_no_text(text))
    return analyze([text], options, **values)


def analyze(
    documents: Iterable[Document | str] | Document,
    /,
    options: Options | None = None,
    **values: Any,
) -> Result:
    """The same for several documents; a string becomes a document named ``text``.

    Each is looked at on its own, or, with ``scope="corpus"``, compared with all others as well; then each needs a
    name of its own, and strings are ``text#1``, ``text#2`` ...

    >>> result = analyze([Document("a.txt", "One line."), Document("b.txt", "Another line.")])
    >>> [(document.document.name, document.changed) for document in result]
    [('a.txt', False), ('b.txt', False)]
    """
    options = _options(options, values)
    given = _given(documents)
    if options.scope == "document" and not options.against:
        return _analyze(given, options)
    sums = Sums()
    found = _across(given, options)
    for result in found:
        sums.add(result.tally)
    return Result(options, tuple(found), sums.totals)


def _options(options: Options | None, values: Mapping[str, Any]) -> Options:
    """What a call was given; ``DedupError`` for what would be silently ignored."""
    if options is not None and not isinstance(options, Options):
        what = f"{type(options).__name__} is no Options"
        raise DedupError("options", what, "name what is set: clean(text, threshold=0.8)")
    whole = with_values(options or Options(), values)
    usual = Options()
    changed = [
        knob.name
        for knob in fields(whole)
        if getattr(whole, knob.name) != getattr(usual, knob.name)
    ]
    if name := needs_corpus(whole, [*values, *changed]):
        raise DedupError(name, 'needs scope="corpus"')
    return whole


def _given(documents: Iterable[Document | str] | Document) -> Iterator[Document | str]:
    """The documents one by one; a single one need not be in a list. ``DedupError`` at the first that is none."""
    if isinstance(documents, (str, Document)):
        documents = [documents]
    for number, one in enumerate(documents, 1):
        if not isinstance(one, (str, Document)):
            raise DedupError(f"document {number}", *_no_text(one))
        yield one


def _no_text(value: object) -> tuple[str, str]:
    """What to say of something that ought to be a text, and what to do about it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return (
            "is bytes, not a string",
            'decode it: data.decode("utf-8"), or read files with documents()',
        )
    return f"is {type(value).__name__}, not a string", "give a str or a Document"


def _across(documents: Iterable[Document | str], options: Options) -> list[DocumentResult]:
    """One result per document, in which they are compared with each other."""
    from dedup.corpus.across import across

    if options.against:
        raise DedupError("against", "is for files", "use clean_files, or one corpus of both")
    numbered = enumerate(documents, 1)
    return across(
        [Document(f"text#{at}", one) if isinstance(one, str) else one for at, one in numbered],
        options,
    )


def results(
    documents: Iterable[Document | str] | Document,
    /,
    options: Options | None = None,
    **values: Any,
) -> Iterator[DocumentResult]:
    """One result per document, made when it is asked for: no more than one is held, but in corpus scope.

    >>> for result in results(iter(["One line.", "Another line."])):
    ...     print(result.cleaned)
    One line.
    Another line.
    """
    options = _options(options, values)
    given = _given(documents)
    if options.scope == "document" and not options.against:
        return results_of(given, options)
    return iter(_across(given, options))


def documents(
    paths: Paths,
    options: Options | None = None,
    *,
    on_failure: Callable[[Failure], None] | None = None,
    **values: Any,
) -> Iterator[Document]:
    """The documents in files and folders, read one at a time, chosen and named as by ``dedup clean``.

    A file that cannot be read raises ``DedupError``, or is handed to ``on_failure`` and left out.
    """
    from dedup.batch import selecting, single
    from dedup.batch.targets import Targets
    from dedup.batch.work import skipped
    from dedup.files import read
    from dedup.files.formats import RECORDS, kind_of
    from dedup.files.overrides import options_at

    options = _options(options, values)
    chosen = selecting.select(_paths(paths), Targets(), options)
    for found in chosen.files:
        kind = kind_of(found.path)
        here = options_at(options, found.path)
        try:
            if kind in RECORDS:
                yield from _records(found, kind, here, on_failure)
                continue
            raw = read.load(found.path, here.max_size)
            if found.explicit or not skipped(raw.data, kind):
                yield single.decoded(raw, found.name, here, kind).document
        except DedupError as error:
            if on_failure is None:
                raise
            on_failure(single.failed(found, error))


def _records(
    found: Found, kind: Kind, options: Options, on_failure: Callable[[Failure], None] | None
) -> Iterator[Document]:
    """The documents in a file of records; one that cannot be read is a failure of its own."""
    from dedup.batch.work import skipped, without_texts
    from dedup.files.opening import Opening
    from dedup.files.selection import HEAD

    with Opening(found.path) as opening:
        if not found.explicit and skipped(opening.head(HEAD), kind):
            return
        if without_texts(found, kind, options):
            return
        for piece in opening.container(kind, found.name, options).pieces():
            if piece.source is not None:
                yield piece.source.document
            elif piece.problem:
                if on_failure is None:
                    raise DedupError(found.path + piece.place, piece.problem)
                on_failure(Failure(found.name + piece.place, piece.problem))


def clean_files(
    paths: Paths,
    options: Options | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    in_place: bool = False,
    backup: str | None = None,
    plan: str | os.PathLike[str] | None = None,
    reports: Iterable[str | os.PathLike[str]] = (),
    force: bool = False,
    cache: str | os.PathLike[str] | None = None,
    on_file: Callable[[Tally], None] | None = None,
    **values: Any,
) -> FilesResult:
    """Clean files and folders as ``dedup clean PATHS`` does: into the folder ``output``, or in place.

    One bad file never stops the rest: it is one of the ``failures``. ``backup`` is a suffix for the old
    files, ``reports`` are paths as ``--report`` takes them, ``cache`` a folder that remembers results,
    ``on_file`` is told the numbers of each file when it is done. Workers are as many as the option
    ``jobs`` says. ``DedupError`` before anything is read or written if the whole cannot be done.
    """
    from dedup.batch import running, selecting
    from dedup.batch.targets import Targets, report_target

    if (output is None) == (not in_place):
        raise DedupError("clean_files", "needs either output or in_place")
    targets = Targets(
        output=None if output is None else os.fspath(output),
        in_place=in_place,
        backup=backup,
        plan=None if plan is None else os.fspath(plan),
        reports=tuple(report_target(os.fspath(path)) for path in reports),
        force=force,
    )
    options = _options(options, values)
    remembered = None if cache is None else os.fspath(cache)
    own = [] if remembered is None else [remembered]
    chosen = selecting.select(_paths(paths), targets, options, own=own)
    run = running.run(chosen, targets, options, cache=remembered)
    for done in run:
        if on_file is not None and done.tally is not None:
            on_file(done.tally)
    return FilesResult(run.totals, tuple(run.failures), run.skipped, tuple(run.worst))


def _paths(paths: Paths) -> list[str]:
    """Several paths, or one of which nobody wants the letters."""
    if isinstance(paths, (str, bytes, os.PathLike)):
        return [os.fsdecode(paths)]
    return [os.fsdecode(path) for path in paths]


def restore(cleaned: str, edits: Result | DocumentResult | Iterable[Edit]) -> str:
    """The text that was cleaned, letter by letter; ``UnsafePlan`` if the edits do not fit ``cleaned``.

    >>> text = "The ferry did not sail on Monday because of the storm, the harbour office said.\\n" * 2
    >>> result = clean(text)
    >>> restore(result.cleaned, result) == text
    True
    """
    if not isinstance(cleaned, str):
        raise DedupError("cleaned", *_no_text(cleaned))
    found = edits.edits if isinstance(edits, (Result, DocumentResult)) else tuple(edits)
    return edits_of.restore(cleaned, found)
