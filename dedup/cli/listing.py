"""``--show-files``: which files a run would read, and why it would not read the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dedup.batch.selecting import select, unwanted
from dedup.batch.targets import Targets
from dedup.cli import FAILED, streams
from dedup.cli.checking import Asked
from dedup.cli.folders import listed
from dedup.cli.inputs import Inputs, refuse_many
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.files import walk
from dedup.options import Options
from dedup.reports.escape import escape_line


def run(inputs: Inputs, targets: Targets, options: Options, talk: Talk, asked: Asked) -> int:
    """Write the paths that would be read to standard output, and say why others would not; the exit status."""
    if inputs.is_piped:
        raise DedupError("", "--show-files lists files, and the input is standard input")
    refuse_many(inputs.paths, None, in_place=False, looks=True)

    def told(path: str, reason: str) -> None:
        talk.note(f"skipped {escape_line(path)}: {reason}")

    chosen = select(
        inputs.paths,
        targets,
        options,
        listed=listed(inputs),
        own=asked.own,
        made=asked.made,
        told=told,
    )
    for path, problem in chosen.problems:
        talk.error(DedupError(path, problem))
    failed = bool(chosen.problems)
    read = 0
    skipped = Counter(chosen.skipped)
    for found in chosen.files:
        try:
            reason = unwanted(found, options)
        except DedupError as error:
            talk.error(error)
            failed = True
            continue
        if reason:
            told(found.path, reason)
            skipped[reason] += 1
            continue
        read += 1
        streams.write(f"{escape_line(found.path)}\n".encode("utf-8", "backslashreplace"))
    if not read and not failed:
        raise walk.nothing_selected(inputs.paths, replace(chosen, files=(), skipped=skipped))
    return FAILED if failed else 0
