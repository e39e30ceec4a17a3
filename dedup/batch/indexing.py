"""Files -> an index of their documents, made or brought up to date.

What a file was is known by its digest, taken before it is read: a file that changes in between is found to
have changed by the next update, and never the other way round.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, replace
from itertools import groupby, pairwise
from typing import NamedTuple

from dedup.batch import beforehand, given, scanning
from dedup.batch.folder import Run
from dedup.batch.selecting import select
from dedup.batch.targets import Targets, check_paths
from dedup.batch.work import Done
from dedup.corpus import index, indexed
from dedup.corpus.index import Counts, Entry, File
from dedup.corpus.indexed import Index
from dedup.errors import DedupError
from dedup.files import content, read
from dedup.files.fingerprints import Fingerprint
from dedup.files.walk import Selection
from dedup.options import Options

Heard = Callable[[Done], None]
"""Is told what became of each file and record."""

Item = File | Entry


class Update(NamedTuple):
    """What an update did, in files."""

    added: int
    replaced: int
    dropped: int
    """Files in the index that are no texts any more."""
    same: int
    """Files that were not read again: they are as they were."""
    counts: Counts
    """What the index holds now."""


def chosen(path: str, paths: Sequence[str], listed: Sequence[str], options: Options) -> Selection:
    """The files for the index at ``path``. Their names are the paths they were given by.

    So the same file has one name, whatever else is named beside it, now or in a later update.
    """
    for one in paths:
        with read.problems_named(one):
            try:
                os.stat(one)
            except FileNotFoundError:
                raise read.missing(one) from None
    check_paths(None, [("INDEX", path)])
    own = [path, "/dev/stdout"]
    found = select((), Targets(), options, listed=[*paths, *listed], own=own, made=[path])
    for file in found.files:
        state = beforehand.state_of(file.path)
        if state is not None and not stat.S_ISREG(state.st_mode):
            what = "is no regular file, and for an index it is read twice"
            raise DedupError(file.path, what, "copy it to a file first")
    for here, there in pairwise(found.files):  # they are sorted by name
        if here.name == there.name:
            what = f"{here.path} and {there.path} would both be {here.name} in the index"
            raise DedupError("", what, "give them by paths that differ")
    beforehand.refuse_inputs(found.files, [path], "the index comes first, then what is to be in it")
    return found


FIRST = "the index comes first, then what is to be in it"


def refuse_folder(path: str) -> None:
    """``DedupError`` if a folder stands at ``path``: it is what was to be in the index."""
    if os.path.isdir(path):
        raise DedupError(path, "is a folder, and no place for an index", FIRST)


def refuse_foreign(path: str) -> None:
    """``DedupError`` if what stands at ``path`` is no index, nor empty."""
    if os.path.isfile(path) and os.path.getsize(path) and not indexed.is_index(path):
        hint = f"{FIRST}; --force replaces it"
        raise DedupError(path, "is there already, and is no index", hint)


def digests(selection: Selection) -> dict[str, Fingerprint]:
    """The digest of each file by its name; files that cannot be read are left to those who read them."""
    found = {}
    for one in selection.files:
        try:
            with open(one.path, "rb") as file:
                found[one.name] = content.fingerprint_of(content.pieces_of(file))
        except OSError:
            continue
    return found


class AsTheyAre(Run):
    """A run over files in which nothing is looked for, and nothing written: only their sheets are made.

    It begins when ``build`` or ``update`` does.
    """

    def __init__(self, selection: Selection, options: Options) -> None:
        options = reading(options)
        super().__init__(
            selection, Targets(), options, parts=scanning.parts(), looks=True, alike=False
        )
        self._given = given.as_it_is


def reading(options: Options) -> Options:
    """The options that say how files are read, and the defaults of those that say what repeats in them."""
    return Options(
        **{
            knob.name: getattr(options, knob.name)
            for knob in fields(Options)
            if knob.metadata["affects"] in ("text", "selection", "speed")
        }
    )


def build(
    path: str, run: Run, prints: Mapping[str, Fingerprint], options: Options, heard: Heard
) -> Counts:
    """Put all that the run reads into an index at ``path``, in the place of what stands there.

    ``prints``: the files' digests. ``DedupError`` if there is no document.
    """
    with closing(_items(run, prints, heard, set())) as items:
        return index.write_index(path, _some(items, path), index.settings(options))


def _some(items: Iterable[Item], path: str) -> Iterator[Item]:
    """The items; ``DedupError`` at the end if no document is among them."""
    has_any = False
    for item in items:
        has_any |= isinstance(item, Entry)
        yield item
    if not has_any:
        raise DedupError(path, "is not written: there is no document to put into it")


def refuse_other(old: Index, options: Options) -> None:
    """``DedupError`` if texts would be looked at otherwise than those in the index were."""
    there, here = old.about.options, index.settings(options)
    for key in sorted(there.keys() | here.keys()):
        if there.get(key) != here.get(key):
            what = f"was made with {_set_to(key, there)}, and now it is {_set_to(key, here)}"
            raise DedupError(old.path, what, "give the same options, or make it anew")


def _set_to(key: str, values: Mapping[str, object]) -> str:
    return f"{key} = {json.dumps(values.get(key))}"


def changed(old: Index, selection: Selection, prints: Mapping[str, Fingerprint]) -> Selection:
    """The selected files that the index does not hold as they are now."""
    known = old.files
    files = [
        one
        for one in selection.files
        if one.name not in prints or known.get(one.name) != prints[one.name]
    ]
    return replace(selection, files=tuple(files))


def update(
    old: Index, selection: Selection, run: Run, prints: Mapping[str, Fingerprint], heard: Heard
) -> Update:
    """Put what the ``run`` over the changed ones among the selected files reads into the index.

    What could not be read stays as the index has it. If nothing changed, nothing is written.
    """
    same = len(selection.files) - len(run.files)
    if not run.files:
        return Update(0, 0, 0, same, old.about.counts)
    failed: set[str] = set()
    known = old.files
    fresh = {one.name for one in run.files}
    seen: set[str] = set()

    def is_gone(name: str) -> bool:
        return name in fresh and name not in failed

    with closing(_items(run, prints, heard, failed)) as items:
        merged = _merged(old, _noted(items, seen), is_gone)
        counts = index.write_index(old.path, merged, old.about.options, source=old.source)
    gone = (fresh & known.keys()) - seen - failed
    return Update(len(seen - known.keys()), len(seen & known.keys()), len(gone), same, counts)


def _items(
    run: Run, prints: Mapping[str, Fingerprint], heard: Heard, failed: set[str]
) -> Generator[Item]:
    """The files and documents of a run, in order; the names of files that cannot be read go to ``failed``."""
    for one in scanning.scanned(run):
        done, name = one.done, one.done.found.name
        heard(done)
        if done.failure is not None or name not in prints:
            failed.add(name)
        if name in failed or done.skipped:
            continue
        if not done.record:
            yield File(name, prints[name])
        if one.sheet is not None and one.fingerprint is not None:
            yield Entry(name, done.record, one.group, one.fingerprint, one.sheet)


def items_of(run: Run, prints: Mapping[str, Fingerprint]) -> Iterator[Item]:
    """What a run over readable files would put into an index."""
    return _items(run, prints, lambda done: None, set())


def _noted(items: Iterable[Item], seen: set[str]) -> Iterator[Item]:
    """The items, with the names of their files added to ``seen``."""
    for item in items:
        if isinstance(item, File):
            seen.add(item.name)
        yield item


def _merged(
    old: Iterable[Item], new: Iterable[Item], is_gone: Callable[[str], bool]
) -> Iterator[Item]:
    """The files of both in order, with their documents: of a file in both, those of the new one.

    ``is_gone`` is asked for files that only the old one has, once the new one is past their place.
    """
    news = groupby(new, _file_of)
    ahead = next(news, None)
    for name, items in groupby(old, _file_of):
        while ahead is not None and index.encoded(ahead[0]) < index.encoded(name):
            yield from ahead[1]
            ahead = next(news, None)
        if ahead is not None and ahead[0] == name:
            yield from ahead[1]
            ahead = next(news, None)
        elif not is_gone(name):
            yield from items
    while ahead is not None:
        yield from ahead[1]
        ahead = next(news, None)


def _file_of(item: Item) -> str:
    return item.name if isinstance(item, File) else item.file
