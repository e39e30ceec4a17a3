"""``dedup restore``: a cleaned text and its plan in, the original out."""

from __future__ import annotations

import os

import click

from dedup.batch import single
from dedup.batch.restoring import Restoration, load_plan, restore
from dedup.batch.targets import check_paths
from dedup.batch.work import Job
from dedup.cli import FAILED, inputs, streams
from dedup.cli.cleaning import pieces_of
from dedup.cli.commands import Command
from dedup.cli.flags import WRITING, flag, talk_flags
from dedup.cli.inputs import Inputs
from dedup.cli.signals import finish
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.files import write
from dedup.options import Options
from dedup.reports import wording

EXAMPLES = """
dedup clean a.txt -o out.txt --plan p.jsonl
dedup restore out.txt --plan p.jsonl > a-again.txt
dedup restore out.txt --plan p.jsonl --in-place
dedup restore cleaned/ -o back/ --plan p.jsonl
"""


@click.command("restore", cls=Command, examples=EXAMPLES)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@flag("--plan", metavar="PLAN", required=True, section=WRITING, help="What clean --plan wrote.")
@flag("-o", "--output", metavar="PATH", section=WRITING, help="Write here; a folder for many.")
@flag("-i", "--in-place", is_flag=True, section=WRITING, help="Replace the cleaned files.")
@flag("--force", is_flag=True, section=WRITING, help="Replace what stands in the output folder.")
@talk_flags
def command(
    paths: tuple[str, ...], plan: str, output: str | None, in_place: bool, force: bool, talk: Talk
) -> int:
    """Put back what clean removed from PATHs, or from standard input.

    The result is the original, byte for byte, or an error; of compressed files and Parquet, what they
    say. A folder comes back whole: what clean did not change is copied.
    """
    path = paths[0] if paths else None
    inputs.refuse(path, None, output=output, in_place=in_place)
    if Inputs(paths).are_many:
        job = Job(Options(), output, in_place=in_place, force=force)
        return _restore_many(paths, plan, job, talk)
    output = None if output == "-" else output
    with inputs.opening(path) as opening:
        source = opening.source
        if output is not None:
            check_paths(source, [("-o", output)], taken=[("--plan", plan)])
        name = os.path.basename(path or "")
        stored = restore(opening, name, load_plan(plan), plan)
        if in_place:
            single.replace_input(source, stored, None)
        elif output is not None:
            write.write_file(output, stored)
        else:
            inputs.refuse_appending(source)
            for piece in pieces_of(stored):
                streams.write(piece)
    return 0


def _restore_many(paths: tuple[str, ...], plan: str, job: Job, talk: Talk) -> int:
    inputs.refuse_many(paths, job.output, in_place=job.in_place)
    work = Restoration(paths, plan, job)
    done = restored = failed = 0
    for each in work:
        done += 1
        restored += each.restored
        if each.failure is not None:
            failed += 1
            talk.error(each.failure)
        for note in each.notes:
            talk.about(each.found.path, note)
    for name in work.missing:
        talk.error(DedupError(name, f"is in {plan}, but not in {' or '.join(paths)}"))
    finish()
    talk.note(f"Restored {restored:,} of {wording.count(done, 'file')}.")
    return FAILED if failed or work.missing else 0
