"""Checking Markdown: CPU of ours and of jscpd 5 on the same files in the same run, as a ratio.

    python benchmarks/checking.py docs/ other/docs/     # 1,000 files, 10 MB at most
    python benchmarks/checking.py docs/ --jscpd PATH    # another jscpd

Any folders of Markdown will do; from more files than asked for a sample is drawn, always the same. Both tools
run as people run them, with their defaults, the CPU of all their processes counts, and they take turns: the best
of some rounds is what counts. jscpd comes from the package index into a place of its own below --cache. It compares
all files with each other, this project looks inside each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from installs import Missing, from_index  # type: ignore[import-not-found]

SUFFIXES = (".md", ".markdown")
SEED = 7
FOUND = (0, 1)
"""Exit statuses of a tool that did its work."""


def sample(folders: Sequence[Path], files: int, size: int) -> list[Path]:
    """At most so many Markdown files below the folders, and so many bytes of them."""
    found = sorted(path for folder in folders for path in folder.rglob("*") if is_markdown(path))
    random.Random(SEED).shuffle(found)
    chosen: list[Path] = []
    for path in found:
        if len(chosen) < files and path.stat().st_size <= size:
            chosen.append(path)
            size -= path.stat().st_size
    return chosen


def is_markdown(path: Path) -> bool:
    """Whether both tools would read it."""
    return path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()


def unpack(paths: Sequence[Path], folder: Path) -> float:
    """Copy the files to where nothing else is; how many MB they are."""
    for number, path in enumerate(paths):
        target = folder / f"{number % 40:02}" / f"{number:05}{path.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return sum(path.stat().st_size for path in paths) / 1e6


def ours(folder: Path) -> list[str]:
    """The command that checks the folder."""
    return [sys.executable, "-m", "dedup", "check", "--isolated", str(folder)]


def theirs(jscpd: str, folder: Path) -> list[str]:
    return [jscpd, "--format", "markdown", str(folder)]


def cpu_of(command: Sequence[str]) -> float:
    """CPU seconds, user and system, of all processes of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in FOUND:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")


def findings_of_ours(folder: Path, work: Path) -> str:
    """How many findings there are that would go."""
    report = work / "ours.json"
    run([*ours(folder), "--output-format", "json", "--output-file", str(report)])
    return f"{json.loads(report.read_text())['summary']['findings']:,} findings"


def findings_of_theirs(jscpd: str, folder: Path, work: Path) -> str:
    """How many clones there are, and how many inside one file."""
    report = ["--silent", "--reporters", "json", "--output", str(work)]
    run([*theirs(jscpd, folder), *report])
    clones = json.loads((work / "jscpd-report.json").read_text())["duplicates"]
    inside = sum(one["firstFile"]["name"] == one["secondFile"]["name"] for one in clones)
    return f"{len(clones):,} findings, {inside:,} of them inside one file"


def report(jscpd: str, folder: Path, megabytes: float, rounds: int) -> None:
    """The rows of both tools, and the ratio of their CPU."""
    with tempfile.TemporaryDirectory() as name:
        found = {
            "jscpd": findings_of_theirs(jscpd, folder, Path(name)),
            "dedup": findings_of_ours(folder, Path(name)),
        }
    commands = {"jscpd": theirs(jscpd, folder), "dedup": ours(folder)}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds[name].append(cpu_of(command))
    for name, runs in seconds.items():
        print(f"{name:8}{min(runs):9.2f} CPU s{megabytes / min(runs):9.2f} MB/s   {found[name]}")
    print(f"{'ratio':8}{min(seconds['dedup']) / min(seconds['jscpd']):9.2f}   (wanted: 1)")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--files", type=int, default=1000, help="at most so many (1000)")
    parser.add_argument("--megabytes", type=float, default=10, help="at most so much (10)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each tool (3)")
    parser.add_argument("--jscpd", metavar="PATH", help="the other tool (from the package index)")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "dedup-benchmarks")
    arguments = parser.parse_args()
    own = shutil.which(arguments.jscpd) if arguments.jscpd else None
    if arguments.jscpd and not own:
        sys.exit(
            f"{arguments.jscpd} is no program; without --jscpd it comes from the package index"
        )
    try:
        jscpd = own or from_index("jscpd", arguments.cache).program.parent / "jscpd"
    except Missing as reason:
        sys.exit(f"jscpd cannot be had: {reason}")
    paths = sample(arguments.folders, arguments.files, round(arguments.megabytes * 1e6))
    if not paths:
        sys.exit("no Markdown files there")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # installed modules are compiled once
    with tempfile.TemporaryDirectory() as name:
        megabytes = unpack(paths, Path(name))
        print(f"{len(paths):,} Markdown files, {megabytes:.2f} MB")
        report(os.path.abspath(jscpd), Path(name), megabytes, arguments.rounds)


if __name__ == "__main__":
    main()
