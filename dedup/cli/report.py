"""``dedup report``: what repeats where, on the terminal, and in numbers for programs."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_paths, check_targets, report_target
from dedup.cli import inputs as inputs_of
from dedup.cli import reporting
from dedup.cli.commands import Command
from dedup.cli.flags import (
    ACROSS,
    BY_REPORT,
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
from dedup.cli.talk import Talk, shows_unicode, wants_color, width
from dedup.config import Settings
from dedup.errors import DedupError

EXAMPLES = """
dedup report a.txt
dedup report articles/ --output-format jsonl --output-file figures.jsonl
cat a.txt | dedup report --color always | less -R
"""


@click.command("report", cls=Command, examples=EXAMPLES)
@sources_arguments
@flag(
    "--output-format",
    type=OneOf(*reporting.FORMATS, otherwise=BY_REPORT),
    default=reporting.FORMATS[0],
    metavar="FORMAT",
    section=WRITING,
    help="text; json; jsonl: figures of each document.",
)
@flag(
    "--output-file",
    metavar="FILE",
    section=WRITING,
    help="Write it here, not to standard output.",
)
@flag(
    "--sweep",
    is_flag=True,
    section=ACROSS,
    help="Show what each threshold would do.",
)
@report_flag
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
    output_format: str,
    output_file: str | None,
    sweep: bool,
    reports: tuple[str, ...],
    clusters: str | None,
    cache: str | None,
    progress: bool | None,
) -> int:
    """Show what repeats in PATHs or standard input, and what clean would remove.

    Nothing is changed or written, except the files --report and --output-file name.
    """
    inputs = Inputs(paths, files_from, null)
    refuse_clusters(settings, clusters)
    targets = Targets(reports=tuple(report_target(value) for value in reports), clusters=clusters)
    inputs_of.refuse(paths[0] if paths else files_from, stdin_filename, output=None, in_place=False)
    if null and files_from is None:
        raise DedupError("", "-0 is for the list of --files-from")
    if sweep:
        return _sweep(inputs, stdin_filename, targets, settings, talk, output_format, output_file)
    stream = sys.stdout if output_file is None else None
    color = stream is not None and wants_color(talk.color, stream, os.environ)
    look: reporting.Look = {
        "width": width(stream),
        "color": color,
        "unicode": shows_unicode(stream),
    }
    shown = partial(show, **look)
    is_one = not inputs.are_many and not inputs.has_records(stdin_filename)
    one = partial(shown, is_one=is_one)
    asked = reporting.Asked(output_format, output_file, cache, progress, one, look)
    if is_one and output_format == "text":
        return _show_one(inputs.first, stdin_filename, targets, settings, talk, asked)
    return reporting.run(inputs, stdin_filename, targets, settings, talk, asked)


def _sweep(
    inputs: Inputs,
    stdin_filename: str | None,
    targets: Targets,
    settings: Settings,
    talk: Talk,
    output_format: str,
    output_file: str | None,
) -> int:
    """Show what thresholds would do to many documents."""
    if settings.options.scope != "corpus" or settings.options.against:
        raise DedupError("", "--sweep needs --scope corpus, without --against")
    if output_format == "jsonl":
        raise DedupError("", "--sweep writes text or json, not jsonl")
    if targets.reports or targets.clusters:
        other = "--report" if targets.reports else "--clusters"
        raise DedupError("", f"--sweep decides nothing, so {other} cannot go with it")
    if not inputs.are_many and not inputs.has_records(stdin_filename):
        raise DedupError("", "--sweep compares documents, and there is only one")
    return reporting.sweep(
        inputs, stdin_filename, settings.options, talk, output_format, output_file
    )


def _show_one(
    path: str | None,
    stdin_filename: str | None,
    targets: Targets,
    settings: Settings,
    talk: Talk,
    asked: reporting.Asked,
) -> int:
    """Show the only document, both sides of each copy."""
    from dedup.cli import cleaning

    options = settings.at(stdin_filename if path in (None, "-") else path).options
    source = inputs_of.source(path, stdin_filename, options)
    check_targets(source, targets)
    check_paths(source, asked.files, taken=[("--report", each) for _, each in targets.reports])
    outcome = cleaning.processed(source, options, asked.cache, talk, alike=True)
    single.write_outputs(outcome, targets, options)
    if outcome.broken:
        raise single.unsafe(outcome)
    reporting.put(asked.shown(outcome), asked.output)
    return 0


def show(
    outcome: Outcome, *, width: int, color: bool, unicode: bool, is_one: bool = True
) -> tuple[bytes, ...]:
    """What the terminal shows of a document. It may be made in other processes."""
    from dedup.reports import text

    shown = text.render(outcome.result, width=width, color=color, unicode=unicode, is_one=is_one)
    return (shown.encode("utf-8", "backslashreplace"),)
