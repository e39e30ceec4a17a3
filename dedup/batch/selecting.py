"""Which files a run over many reads, by its options and by what it writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dedup.batch.targets import Targets
from dedup.errors import DedupError
from dedup.files import walk
from dedup.options import Options


def select(
    paths: Sequence[str],
    targets: Targets,
    options: Options,
    *,
    listed: Sequence[str] = (),
    own: Sequence[str] = (),
) -> walk.Selection:
    """The files to read; ``DedupError`` if there is none, or one that ``targets`` cannot mirror.

    ``listed`` are paths that came from a list. What the run writes is never read, nor is what is at
    the paths ``own``.
    """
    written = [targets.output, targets.plan, *(path for _, path in targets.reports)]
    chosen = walk.select(paths, listed, _rules(options, [*filter(None, written), *own], targets))
    if not chosen.files and not chosen.problems:
        raise walk.nothing_selected([*paths, *listed], chosen)
    if targets.output is not None and chosen.outside:
        what = "leads out of the folder that -o mirrors"
        raise DedupError(chosen.outside[0], what, "list relative paths, or use --in-place")
    return chosen


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
