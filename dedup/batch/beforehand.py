"""What is refused before a run over many files reads or writes anything, and what it finds already there."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

from dedup.batch import single
from dedup.errors import DedupError
from dedup.files import plans, read
from dedup.files.plans import Plan
from dedup.files.walk import Found
from dedup.options import Options, deciding
from dedup.reports.parts import HEADS

IN_PLACE = "use --in-place"
RENAME = "give it another name"


def refuse_pipes(files: Iterable[Found]) -> None:
    """``DedupError`` if a file can be read only once: with a plan it is read again once all is decided."""
    for found in files:
        state = state_of(found.path) if found.explicit else None
        if state is not None and not stat.S_ISREG(state.st_mode):
            what = "is no regular file, and with --plan it is read twice"
            raise DedupError(found.path, what, "copy it to a file first")


def refuse_inputs(files: Iterable[Found], paths: Iterable[str], hint: str = IN_PLACE) -> None:
    """``DedupError`` with ``hint`` if one of ``paths`` is an input, by whatever name."""
    there = {}
    for path in paths:
        state = state_of(path)
        if state is not None and os.path.isfile(path):
            there[state.st_dev, state.st_ino] = path
    for found in files if there else ():
        state = state_of(found.path)
        if state is not None and (state.st_dev, state.st_ino) in there:
            path = there[state.st_dev, state.st_ino]
            raise DedupError("", f"{path} would overwrite the input {found.path}", hint)


def refuse_backups(files: Sequence[Found], paths: Iterable[str], suffix: str) -> None:
    """``DedupError`` if a plan or report would take the place of a backup of this run."""
    for path in paths if suffix else ():
        real = os.path.realpath(path)
        if not real.endswith(suffix):
            continue
        state = state_of(real.removesuffix(suffix))
        for found in files if state else ():
            other = state_of(found.path)
            if state and other and os.path.samestat(state, other):
                raise DedupError(path, f"is the place of the backup of {found.path}", RENAME)


def refuse_equal_names(files: Sequence[Found]) -> None:
    """``DedupError`` if two files have one name: a plan could not tell them apart."""
    for one, other in pairwise(files):  # they are sorted by name
        if one.name == other.name:
            what = f"{one.path} and {other.path} would both be {one.name} in the plan"
            raise DedupError("", what, "clean them one by one, or the folder they are in")


def refuse_outputs(paths: Sequence[str], root: str, names: Iterable[str]) -> None:
    """``DedupError`` if a plan or report would take the place of a text below ``root``."""
    taken = set(names) if paths else set()
    for path in paths:
        inner = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        if inner.replace(os.sep, "/") in taken:
            raise DedupError(path, "is also the place of a cleaned text", RENAME)


def refuse_inside(cache: str, root: str) -> None:
    """``DedupError`` if the folder of the cache is ``root`` or below it."""
    inner, outer = os.path.realpath(cache), os.path.realpath(root)
    if inner == outer or inner.startswith(os.path.join(outer, "")):
        raise DedupError(f"--cache {cache}", "is part of the output folder", RENAME)


def refuse_foreign_report(kind: str, path: str) -> None:
    """``DedupError`` if a file that is no report would be replaced: it may be a text to clean."""
    head = HEADS[kind]
    if not os.path.isfile(path):
        return
    with read.problems_named(path), open(path, "rb") as file:
        found = file.read(len(head))
    if found and found != head:
        raise DedupError(path, "is there already, and is no report", "--force replaces it")


def stale(root: str, owned: Iterable[str], names: Container[str]) -> Iterator[str]:
    """A note on texts below ``root`` that an earlier run wrote and this one has no input for, if any."""
    found = [
        name
        for name in owned
        if name not in names and os.path.isfile(os.path.join(root, *name.split("/")))
    ]
    if found:
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        yield f"{root}: {found[0]}{more} stays, from an earlier run: there is no input for it now"


def earlier_plan(path: str, options: Options, *, force: bool) -> Plan | None:
    """The plan that stands at ``path``, to go on with it; None if there is none, or it does not count."""
    if not os.path.isfile(path) or os.path.getsize(path) == 0:
        return None
    if not force:
        single.refuse_foreign_plan(path)
    try:
        plan = plans.load(read.load(path).data, path)
    except DedupError:
        if force:
            return None
        raise
    if plan.options == deciding(options):
        return plan
    if force:
        return None
    raise DedupError(path, single.ANOTHER_PLAN, single.ANOTHER_NAME)


def state_of(path: str) -> os.stat_result | None:
    """What stands at ``path``; None if that cannot be told."""
    try:
        return os.stat(path)
    except OSError:
        return None
