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
    BY_REPORT,
    GATE,
    SELECTING,
    WRITING,
    OneOf,
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
from dedup.cli.sieving import Accepting
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError

BASELINE = "--baseline"

EXAMPLES = """
dedup check docs/
dedup check docs/ --output-format github --report findings.sarif
"""


@click.command("check", cls=Command, examples=EXAMPLES)
@sources_arguments
@flag(
    "--show-files",
    is_flag=True,
    section=SELECTING,
    help="Check nothing; list the files to read.",
)
@flag(
    "--output-format",
    type=OneOf(*FORMATS, otherwise=BY_REPORT),
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
@partial(report_flag, what="Any format, html, json, md, csv, diff.")
@setting_flags("result", "text", "selection", "speed", "gate")
@clusters_flag
@flag(
    "--update-baseline",
    is_flag=True,
    section=GATE,
    help="Write all findings to the baseline; exit 0.",
)
@flag("--baseline-slim", is_flag=True, section=GATE, help="Write it without excerpts of the texts.")
@flag(
    "--since",
    metavar="REF",
    section=GATE,
    help="Only in lines changed since REF.",
)
@flag("--exit-zero", is_flag=True, section=GATE, help="Findings never fail it; errors do.")
@run_flags
@talk_flags
def command(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    files_from: str | None,
    null: bool,
    settings: Settings,
    talk: Talk,
    update_baseline: bool,
    baseline_slim: bool,
    since: str | None,
    exit_zero: bool,
    show_files: bool,
    output_format: str,
    output_file: str | None,
    statistics: bool,
    reports: tuple[str, ...],
    clusters: str | None,
    cache: str | None,
    progress: bool | None,
) -> int:
    """Find what clean would remove from PATHs or standard input; change no text, exit 1 if there is any."""
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
        limits=Limits(settings.gates.max_findings, settings.gates.max_redundancy),
        accepting=_accepting(settings, update_baseline, baseline_slim, since),
        exit_zero=exit_zero,
        cache=cache,
        progress=progress,
    )
    refuse_clusters(settings, clusters)
    targets = Targets(
        reports=tuple(one for one in named if one not in asked.also), clusters=clusters
    )
    if show_files:
        from dedup.cli import listing

        given = {
            "--since": since is not None,
            "--update-baseline": update_baseline,
            "--report": bool(reports),
            "--output-file": output_file is not None,
            "--statistics": statistics,
        }
        for flag_name in filter(given.get, given):
            raise DedupError("", f"--show-files checks nothing, so {flag_name} cannot go with it")
        return listing.run(inputs, targets, settings.options, talk, asked)
    return checking.run(inputs, stdin_filename, targets, settings, talk, asked)


def _accepting(settings: Settings, update: bool, slim: bool, since: str | None) -> Accepting:
    """What sets findings aside, if the flags for it go together."""
    path, origin = settings.gates.baseline, settings.origins["baseline"]
    is_given = origin == BASELINE
    if is_given and not path:
        raise DedupError("", f"{BASELINE} names no file: its path is empty")
    if update and not is_given:  # what is found in a folder must not choose where we write
        at = f": the one that {origin} names is only read" if path else ""
        raise DedupError("", f"--update-baseline needs {BASELINE} FILE on the command line{at}")
    if update and since is not None:
        what = "--update-baseline writes down all findings, so --since cannot go with it"
        raise DedupError("", what)
    if slim and not update:
        raise DedupError("", "--baseline-slim needs --update-baseline")
    return Accepting(path, update, slim, since)
