"""A folder of thousands of files: files and bytes per second, memory, workers, growth, the cache.

    python benchmarks/folders.py                # 4,000 files of the labelled documents, some minutes
    python benchmarks/folders.py --files 800    # smaller

The files are the labelled documents where DEDUP_EVAL_DATA names them, each with a line of its own at the
end so that none equals another, and made-up ones elsewhere. Everything is measured from outside, on
processes of their own; the parts of the CPU are those of a run under a profiler.
"""

from __future__ import annotations

import argparse
import cProfile
import math
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import madeup  # type: ignore[import-not-found]
from quality import rows_of  # type: ignore[import-not-found]

import dedup
from dedup.cli import main as dedup_main

SETS = ("within", "hard_negatives", "folder")
PER_FOLDER = 200
MAX_BYTES = 64_000
"""A few labelled documents are longer; a folder of scraped articles has none of that size."""
PROFILED = 400
"""Files of the run under the profiler, which is several times slower."""
PARTS = 8
CACHED_BYTES = 5700
EVERY = 0.02
"""Seconds between two looks at the memory."""

PLAIN = """
import os, re, sys
paragraph = re.compile(r"\\S(?:.*\\S)?(?:\\n[ \\t]*\\S.*)*")
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            for _ in paragraph.finditer(file.readall().decode("utf-8")):
                pass
"""
HASHED = """
import hashlib, os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            hashlib.blake2b(file.readall(), digest_size=32).digest()
"""


@dataclass(frozen=True)
class Cost:
    """What a command took. Memory is the highest sum over its processes, shared pages counted once."""

    wall: float
    cpu: float
    peak: int


def texts() -> list[str]:
    """The documents to make files of."""
    data = os.environ.get("DEDUP_EVAL_DATA")
    if not data:
        return [madeup.document(number, 6000) for number in range(500)]
    rows = (row for name in SETS for row in rows_of(Path(data) / f"{name}_docs.jsonl.gz"))
    return [row["text"] for row in rows if len(row["text"]) <= MAX_BYTES]


def make(folder: Path, documents: Sequence[str], files: int) -> int:
    """Write ``files`` files below ``folder``; how many bytes they have."""
    size = 0
    for number, text in enumerate(islice(cycle(documents), files)):
        path = folder / f"{number // PER_FOLDER:04}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(f"{text.rstrip()}\n\n{number:06}\n".encode())
    return size


def measured(command: Sequence[str]) -> Cost:
    """Run the command and watch it."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    peaks = [0]
    watcher = threading.Thread(target=watch, args=(process, peaks))
    watcher.start()
    status = process.wait()
    watcher.join()
    if status not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - begin, cpu, peaks[0])


def watch(process: subprocess.Popen[bytes], peaks: list[int]) -> None:
    """Keep the highest memory of the session that ``process`` leads."""
    while process.poll() is None:
        peaks[0] = max(peaks[0], memory_of(process.pid))
        time.sleep(EVERY)


def memory_of(session: int) -> int:
    """Bytes of all processes of a session; 0 where there is no /proc."""
    total = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            if not name.isdigit() or os.getsid(int(name)) != session:
                continue
            lines = Path(f"/proc/{name}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except (OSError, ProcessLookupError):
            continue
    return total


def clean(source: Path, *options: str) -> Cost:
    """``dedup clean`` of a folder, quietly."""
    command = [sys.executable, "-m", "dedup", "clean", "--isolated", "-q", str(source), *options]
    return measured(command)


def python(program: str, folder: Path) -> Cost:
    return measured([sys.executable, "-c", program, str(folder)])


def report_workers(work: Path, small: Path, large: Path, files: int, size: int) -> Cost:
    """Rows for one and two workers, and for a quarter of the files; the cost with one worker."""
    print(f"{'':28}{'files/s':>9}{'MB/s per core':>15}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}")
    costs = {}
    for name, source, count, jobs in (
        (f"{files // 4:,} files, -j 1", small, files // 4, 1),
        (f"{files:,} files, -j 1", large, files, 1),
        (f"{files // 4:,} files, -j 2", small, files // 4, 2),
        (f"{files:,} files, -j 2", large, files, 2),
    ):
        cost = clean(source, "-o", str(work / f"out {name}"), "-j", str(jobs))
        costs[jobs, count] = cost
        megabytes = size * count / files / 1e6
        print(
            f"{name:28}{count / cost.wall:9.0f}{megabytes / cost.cpu:15.2f}"
            f"{cost.wall:9.2f}{cost.cpu:9.2f}{cost.peak / 1e6:9.1f}"
        )
    one, two = costs[1, files], costs[2, files]
    print(f"second worker: {one.wall / two.wall:.2f} times as fast in wall time")
    for jobs in (1, 2):
        few, many = costs[jobs, files // 4], costs[jobs, files]
        exponent = math.log(many.cpu / few.cpu) / math.log(4)
        growth = 100 * (many.peak / few.peak - 1) if few.peak else 0.0
        print(f"from 1x to 4x, -j {jobs}: peak {growth:+.1f} %, CPU exponent {exponent:.2f}")
    return one


def report_plain(work: Path, folder: Path, cost: Cost) -> None:
    """The CPU as a ratio to copying, reading, decoding and splitting."""
    copied = measured(["cp", "-r", str(folder), str(work / "copy")])
    split = python(PLAIN, folder)
    plain = copied.cpu + split.cpu
    print(
        f"cp -r {copied.cpu:.2f} s, reading, decoding and splitting {split.cpu:.2f} s: "
        f"ratio {cost.cpu / plain:.0f}"
    )


def report_cache(work: Path, files: int) -> None:
    """The second run over an unchanged folder of made-up files, as ratios to reading and hashing it."""
    folder = work / "unchanged"
    size = make(folder, [madeup.document(number, CACHED_BYTES) for number in range(200)], files)
    print(f"{files:,} files, {size / 1e6:.1f} MB, with a cache:")
    cache, out = str(work / "cache"), str(work / "cached")
    time.sleep(3.1)  # files changed a moment ago are read again
    clean(folder, "-o", out, "--cache", cache)
    rounds = range(3)
    hashed = min(python(HASHED, folder).cpu for _ in rounds)
    for name, options in (
        ("--check", ("--check",)),
        ("-o, the same folder", ("-o", out)),
    ):
        again = min(clean(folder, *options, "--cache", cache, "-j", "1").cpu for _ in rounds)
        ratio = f"ratio to reading and hashing ({hashed:.2f} s) {again / hashed:.2f}"
        print(f"second run, {name:20} {again:6.2f} s, {ratio}")


def report_parts(work: Path, documents: Sequence[str]) -> None:
    """Which modules take the CPU; what they call elsewhere counts as theirs."""
    folder = work / "profiled"
    make(folder, documents, PROFILED)
    profile = cProfile.Profile()
    arguments = ["clean", "--isolated", "-q", str(folder), "-o", str(work / "p"), "-j", "1"]
    profile.runcall(dedup_main, arguments)
    root = os.path.dirname(dedup.__file__)
    parts: Counter[str] = Counter()
    for (path, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if path.startswith(root):
            parts[module_of(path, root)] += own
        for (caller, _, _), (_, _, share, _) in callers.items():
            if not path.startswith(root):
                parts[module_of(caller, root)] += share
    total = sum(parts.values())
    print("largest parts of the CPU:", end=" ")
    print(
        ", ".join(f"{name} {100 * part / total:.0f} %" for name, part in parts.most_common(PARTS))
    )


def module_of(path: str, root: str) -> str:
    """``engine.seeds`` for its file; whatever is not ours is named so."""
    if not path.startswith(root):
        return "imports and the rest"
    return os.path.relpath(path, root).removesuffix(".py").replace(os.sep, ".")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000, help="how many (4000)")
    parser.add_argument("--cached", type=int, default=10_000, help="for the cache (10000)")
    files, cached = vars(parser.parse_args()).values()
    documents = texts()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        # Four times the same kind of documents, so that what grows is their number alone.
        some = documents[:: max(1, 4 * len(documents) // files)]
        size = make(work / "large", some, files)
        make(work / "small", some, files // 4)
        print(f"{files:,} files, {size / 1e6:.1f} MB")
        cost = report_workers(work, work / "small", work / "large", files, size)
        report_plain(work, work / "large", cost)
        report_parts(work, documents)
        report_cache(work, cached)


if __name__ == "__main__":
    main()
