"""``dedup clean``: arguments in, cleaned text or a diff out."""

from __future__ import annotations

from typing import Any

import click

from dedup.batch.targets import Targets, report_target
from dedup.cli import cleaning
from dedup.cli.commands import Command
from dedup.cli.flags import (
    WRITING,
    clusters_flag,
    flag,
    refuse_clusters,
    report_flag,
    run_flags,
    setting_flags,
    sources_arguments,
    talk_flags,
)
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError

EXAMPLES = """
cat a.txt | dedup clean > out.txt
dedup clean a.txt --diff                           # what would go?
dedup clean articles/ -o cleaned/ --plan p.jsonl   # can be put back
"""

DEFAULT_SUFFIX = ".orig"


class CleanCommand(Command):
    """Takes ``--backup`` with and without a value; a path after it is never the value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As every command, with the default suffix filled in."""
        end = args.index("--") if "--" in args else len(args)
        given = [f"--backup={DEFAULT_SUFFIX}" if a == "--backup" else a for a in args[:end]]
        return super().parse_args(ctx, given + args[end:])


@click.command("clean", cls=CleanCommand, examples=EXAMPLES)
@sources_arguments
@flag("-o", "--output", metavar="PATH", section=WRITING, help="Write here; a folder for many.")
@flag("-i", "--in-place", is_flag=True, section=WRITING, help="Replace the input files.")
@flag(
    "--backup",
    shown="--backup[=SUFFIX]",
    section=WRITING,
    help="With -i: keep the old files too. [=.orig]",
)
@flag(
    "--diff",
    is_flag=True,
    section=WRITING,
    help="Show what would go, for patch; exit 1 if anything.",
)
@flag("--check", is_flag=True, section=WRITING, help="Write nothing; exit 1 if anything would go.")
@flag("--plan", metavar="FILE", section=WRITING, help="Write what restore needs.")
@report_flag
@flag("--force", is_flag=True, section=WRITING, help="Replace what is not from the same run.")
@setting_flags("result", "text", "selection", "speed")
@clusters_flag
@run_flags
@talk_flags
def command(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    files_from: str | None,
    null: bool,
    settings: Settings,
    talk: Talk,
    diff: bool,
    check: bool,
    reports: tuple[str, ...],
    cache: str | None,
    progress: bool | None,
    **places: Any,
) -> int:
    """Write PATHs or standard input without repeats; folders need -o or -i."""
    refuse_clusters(settings, places["clusters"])
    targets = Targets(reports=tuple(report_target(value) for value in reports), **places)
    path = paths[0] if paths else None
    if path is None and files_from is not None:
        path = f"--files-from {files_from}"
    cleaning.refuse(path, stdin_filename, targets, diff=diff, check=check)
    if null and files_from is None:
        raise DedupError("", "-0 is for the list of --files-from")
    inputs = Inputs(paths, files_from, null)
    is_one = not inputs.are_many and not inputs.go_into(targets.output)
    if is_one and not inputs.has_records(stdin_filename):
        return cleaning.run(
            path, stdin_filename, targets, settings, talk, diff=diff, check=check, cache=cache
        )
    from dedup.cli import folders

    asked = folders.Asked(diff, check, cache, progress)
    if is_one:
        options = settings.at(stdin_filename if path in (None, "-") else path).options
        return folders.run_alone(path, stdin_filename, targets, options, talk, asked)
    return folders.run(inputs, targets, settings.options, talk, asked)
