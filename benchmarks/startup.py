"""Start-up: CPU of `dedup --version` and of a small pipe, as multiples of a bare interpreter.

The commands take turns, so that a busy machine slows all of them alike; the minimum is what counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ARTICLE = Path(__file__).parent.parent / "samples" / "doubled-article.txt"
PIPE_BYTES = 5_000
Command = tuple[list[str], bytes]


def small_pipe() -> bytes:
    """About 5 KB of ordinary prose, whole lines."""
    return ARTICLE.read_bytes()[:PIPE_BYTES].rpartition(b"\n")[0] + b"\n"


def doubled_pipe() -> bytes:
    """About 5 KB half of which repeats: what a pipe with something to do costs."""
    half = ARTICLE.read_bytes()[: PIPE_BYTES // 2].rpartition(b"\n")[0] + b"\n"
    return half * 2


def commands() -> dict[str, Command]:
    """What is measured, by name; the bare interpreter is the first."""
    script = Path(sys.executable).with_name("dedup")
    if not script.exists():
        sys.exit(f"{script} is missing: run this with the Python of the environment dedup is in")
    return {
        "python3 -c pass": ([sys.executable, "-c", "pass"], b""),
        "dedup --version": ([str(script), "--version"], b""),
        "dedup clean, 5 KB pipe": ([str(script), "clean"], small_pipe()),
        "dedup clean, doubled": ([str(script), "clean"], doubled_pipe()),
    }


def cpu_of(command: Command) -> float:
    """CPU seconds, user and system, of one run."""
    arguments, given = command
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, input=given, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="runs of each command (25)")
    rounds = parser.parse_args().rounds
    measured = commands()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # installed modules are compiled once
    for command in measured.values():
        cpu_of(command)  # the first run reads the files from disk and writes byte code
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, command in measured.items():
            seconds[name].append(cpu_of(command))
    print(f"CPU, {rounds} rounds{'minimum':>19}{'median':>12}{'x bare, min':>14}{'median':>9}")
    bare = next(iter(seconds.values()))
    for name, runs in seconds.items():
        low, middle = min(runs), statistics.median(runs)
        print(
            f"{name:24}{low * 1e3:10.1f} ms{middle * 1e3:9.1f} ms"
            f"{low / min(bare):14.2f}{middle / statistics.median(bare):9.2f}"
        )


if __name__ == "__main__":
    main()
