"""Which files a run over many reads, by its options and by what it writes itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from dedup.batch.single import name_of
from dedup.batch.targets import Targets
from dedup.batch.work import OURS
from dedup.errors import DedupError
from dedup.files import read, walk
from dedup.files.overrides import options_at
from dedup.files.selection import HEAD as BINARY_HEAD
from dedup.files.selection import OWN
from dedup.options import Options

HEAD = max(map(len, OURS))
"""Bytes by which a file of ours is known."""


def select(
    paths: Sequence[str],
    targets: Targets,
    options: Options,
    *,
    listed: Sequence[str] = (),
    own: Sequence[str] = (),
    made: Sequence[str] = (),
    told: walk.Told | None = None,
) -> walk.Selection:
    """The files to read; ``DedupError`` if there is none, or one that ``targets`` cannot mirror.

    ``listed`` are paths that came from a list. What the run writes is never read, nor is what is at
    the paths ``own``. A text in the place of a plan, a report or one of ``made`` is an input, and will be
    protected as one.
    ``told`` hears of each entry that is left out and why.
    """
    own = [*own, *filter(None, [targets.output])]
    chosen = walk.select(paths, listed, _rules(options, own, targets), told)
    reports = [path for _, path in targets.reports]
    made = [*filter(None, [targets.plan]), *reports, *made]
    chosen = _without_ours(_named(chosen, options), made, told)
    if not chosen.files and not chosen.problems and not chosen.is_spared:
        raise walk.nothing_selected([*paths, *listed], chosen)
    if targets.output is not None and chosen.outside:
        what = "leads out of the folder that -o mirrors"
        raise DedupError(chosen.outside[0], what, "list relative paths, or use --in-place")
    return chosen


def unwanted(found: walk.Found, options: Options) -> str:
    """Why a file that the walk chose is not read once its first bytes are known; empty if it is."""
    if found.explicit:
        return ""
    from dedup.batch.work import skipped, without_texts
    from dedup.files.formats import kind_of
    from dedup.files.opening import Opening

    kind = kind_of(found.path)
    with Opening(found.path) as opening:
        reason = skipped(opening.head(BINARY_HEAD), kind)
    return reason or without_texts(found, kind, options_at(options, found.path))


def _named(chosen: walk.Selection, options: Options) -> walk.Selection:
    """The selection with the documents' names, which are not the files' where those are converted."""
    if options.html_input != "extract" and not options.overrides:
        return chosen
    files = [
        replace(found, name=name_of(found.name, options_at(options, found.path)))
        for found in chosen.files
    ]
    files.sort(key=lambda found: (os.fsencode(found.name), os.fsencode(found.path)))
    return replace(chosen, files=tuple(files))


def _without_ours(
    chosen: walk.Selection, made: Sequence[str], told: walk.Told | None
) -> walk.Selection:
    """The selection without those of ``made`` that an earlier run wrote and this one writes anew."""
    ours = set()
    for path in made:
        if not os.path.isfile(path):
            continue
        with read.problems_named(path), open(path, "rb") as file:
            head = file.read(HEAD)
            state = os.fstat(file.fileno())
        if not head or head.startswith(OURS):
            ours.add((state.st_dev, state.st_ino))
    if not ours:
        return chosen
    files = tuple(found for found in chosen.files if found.explicit or not _is_one(found, ours))
    gone = set(chosen.files).difference(files) if len(files) < len(chosen.files) else ()
    skipped = dict(chosen.skipped)
    if gone:
        skipped[OWN] = skipped.get(OWN, 0) + len(gone)
    if told is not None:
        for found in sorted(gone, key=attrgetter("path")):
            told(found.path, OWN)
    return replace(chosen, files=files, skipped=skipped)


def _is_one(found: walk.Found, ours: set[tuple[int, int]]) -> bool:
    try:
        state = os.stat(found.path)
    except OSError:
        return False
    return (state.st_dev, state.st_ino) in ours


def _rules(options: Options, own: Sequence[str], targets: Targets) -> walk.Rules:
    rules = walk.Rules(
        include=options.include,
        exclude=options.exclude,
        extend_exclude=options.extend_exclude,
        force_exclude=options.force_exclude,
        ignore=options.ignore,
        hidden=options.hidden,
        follow=options.follow,
        max_size=options.max_size,
        own=tuple(own),
    )
    return replace(rules, backup_suffix=targets.backup) if targets.backup else rules
