"""``dedup check``: arguments in, findings out; the exit status says whether there are any."""

from __future__ import annotations

from functools import partial

import click

from dedup.batch.targets import Targets, report_target
from dedup.checks.formats import FORMATS, REPORTS, STATISTICS
from dedup.checks.gate import Limits
from dedup.cli import inputs as inputs_of
from dedup.cli.commands import Command
from dedup.cli.flags import (
    GATE,
    RUNNING,
    WRITING,
    OneOf,
    flag,
    report_flag,
    setting_flags,
    sources_arguments,
    talk_flags,
)
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError

EXAMPLES = """
dedup check docs/
dedup check docs/ --output-format github --report findings.sarif
"""


@click.command("check", cls=Command, examples=EXAMPLES)
@sources_arguments
@flag(
    "--max-redundancy",
    type=click.FloatRange(0, 100),
    metavar="PCT",
    section=GATE,
    help="Allow so much of the text to repeat.",
)
@flag(
    "--max-findings",
    type=click.IntRange(0),
    metavar="N",
    section=GATE,
    help="Allow so many findings.",
)
@flag(
    "--exit-zero", is_flag=True, section=GATE, help="Exit 0 whatever is found; errors are still 2."
)
@flag(
    "--output-format",
    type=OneOf(*FORMATS),
    default=FORMATS[0],
    metavar="FORMAT",
    section=WRITING,
    help=f"{', '.join(FORMATS)}.",
)
@flag(
    "--output-file",
    metavar="FILE",
    section=WRITING,
    help="Write findings here, not to standard output.",
)
@flag(
    "--statistics",
    is_flag=True,
    section=WRITING,
    help="Count findings by name, and show only that.",
)
@partial(report_flag, formats="sarif, gitlab, junit and so on, or json or md on each document")
@setting_flags("result", "text", "selection", "speed")
@flag("--cache", metavar="DIR", section=RUNNING, help="Keep results there, for the next run.")
@flag(
    "--progress/--no-progress",
    default=None,
    shown="--progress",
    section=RUNNING,
    help="Say how far it is, in a log too.",
)
@talk_flags
def command(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    files_from: str | None,
    null: bool,
    settings: Settings,
    talk: Talk,
    max_redundancy: float | None,
    max_findings: int | None,
    exit_zero: bool,
    output_format: str,
    output_file: str | None,
    statistics: bool,
    reports: tuple[str, ...],
    cache: str | None,
    progress: bool | None,
) -> int:
    """Find what clean would remove from PATHs or standard input; write nothing, exit 1 if there is any."""
    from dedup.cli import checking

    inputs = Inputs(paths, files_from, null)
    inputs_of.refuse(paths[0] if paths else files_from, stdin_filename, output=None, in_place=False)
    if null and files_from is None:
        raise DedupError("", "-0 is for the list of --files-from")
    if statistics and output_format != "text":
        raise DedupError("", f"--statistics cannot go with --output-format {output_format}")
    named = [report_target(value, REPORTS) for value in reports]
    asked = checking.Asked(
        format=STATISTICS if statistics else output_format,
        output=output_file,
        also=tuple(one for one in named if one[0] in REPORTS.values()),
        limits=Limits(max_findings, max_redundancy),
        exit_zero=exit_zero,
        cache=cache,
        progress=progress,
    )
    targets = Targets(reports=tuple(one for one in named if one not in asked.also))
    return checking.run(inputs, stdin_filename, targets, settings.options, talk, asked)
