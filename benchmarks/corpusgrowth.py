"""How CPU and memory of ``dedup clean --scope corpus`` grow with the corpus, the whole process measured.

    python benchmarks/corpusgrowth.py FOLDER                           # 10,000 and 40,000 records, and files
    python benchmarks/corpusgrowth.py FOLDER --records 100000 1000000  # of one to three paragraphs each
    python benchmarks/corpusgrowth.py FOLDER --files 250 1000          # of forty paragraphs each

The text is that of ``corpus.py``: real paragraphs below FOLDER with injected copies. Printed are CPU seconds and their
exponent from the first size to the last, the peak of anonymous memory (what is mapped from files is no part of it), and
its slope: bytes for each paragraph more. What one batch takes (``--memory``) is the same for all sizes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from injected import Injected, injected  # type: ignore[import-not-found]

BYTES = 420
"""Of a paragraph, with some to spare."""
IN_A_RECORD = (1, 1, 2, 3, 3)
IN_A_FILE = (40,)
IN_A_FOLDER = 1000
"""Files."""


class Run(NamedTuple):
    """What one run took."""

    paragraphs: int
    seconds: float
    peak: float
    """Bytes."""


def sampled(made: Injected, share: float, seed: int) -> list[str]:
    """About this share of the texts, each original with all copies of it: a smaller corpus has as large a share of
    copies as a larger one. The first texts alone have hardly any, since what they are copied to comes later."""
    random = Random(seed)
    taken = [random.random() < share for _ in made.origins]
    pairs = zip(made.texts, made.origins, strict=True)
    return [text for text, origin in pairs if taken[origin]]


def documents(texts: Sequence[str], sizes: Sequence[int], count: int) -> Iterator[list[str]]:
    """``count`` documents of so many paragraphs, as long as there are any."""
    random = Random(5)
    at = 0
    for _ in range(count):
        size = random.choice(sizes)
        yield list(texts[at : at + size])
        at += size


def as_records(made: Iterator[list[str]], place: Path) -> tuple[Path, int]:
    """One file of records, and how many paragraphs it has."""
    path, total = place / "in.jsonl", 0
    with path.open("w", encoding="utf-8") as file:
        for paragraphs in made:
            file.write(json.dumps({"text": "\n\n".join(paragraphs)}) + "\n")
            total += len(paragraphs)
    return path, total


def as_files(made: Iterator[list[str]], place: Path) -> tuple[Path, int]:
    """A folder of files, and how many paragraphs they have."""
    total = 0
    for number, paragraphs in enumerate(made):
        folder = place / "in" / f"{number // IN_A_FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n\n".join(paragraphs) + "\n"
        (folder / f"{number % IN_A_FOLDER:04}.txt").write_text(text, "utf-8")
        total += len(paragraphs)
    return place / "in", total


def run(path: Path, paragraphs: int, memory: str) -> Run:
    """Clean ``path`` in a process of its own."""
    out = path.with_name("out.jsonl" if path.suffix else "out")
    command = [sys.executable, "-m", "dedup", "clean", str(path), "-o", str(out), "--isolated"]
    command += ["--quiet", "--scope", "corpus", "-j", "1", "--memory", memory]
    before = os.times()
    process = subprocess.Popen(command)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, anonymous(process.pid))
        time.sleep(0.05)
    after = os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    seconds = after.children_user + after.children_system
    return Run(paragraphs, seconds - before.children_user - before.children_system, peak)


def anonymous(process: int) -> float:
    """Bytes of a process's anonymous memory; 0 once it is over."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return 1024.0 * int(status.split("RssAnon:")[1].split()[0]) if "RssAnon:" in status else 0.0


def grown(
    name: str,
    counts: Sequence[int],
    folder: Path,
    sizes: Sequence[int],
    put: Callable[[Iterator[list[str]], Path], tuple[Path, int]],
    arguments: argparse.Namespace,
) -> None:
    """A line for each size, then how it grew."""
    runs = []
    mean = sum(sizes) / len(sizes)
    made = injected(folder, int(max(counts) * mean * BYTES), arguments.seed)
    for count in counts:
        texts = sampled(made, count / max(counts), arguments.seed)
        with tempfile.TemporaryDirectory() as place:
            path, paragraphs = put(documents(texts, sizes, count), Path(place))
            runs.append(run(path, paragraphs, arguments.memory))
        print(
            f"{count:>10,} {name:8}{paragraphs:>11,} paragraphs{runs[-1].seconds:10.1f} CPU s"
            f"{runs[-1].peak / 1e6:8.0f} MB",
            flush=True,
        )
    first, last = runs[0], runs[-1]
    more = last.paragraphs - first.paragraphs
    if more:
        times = math.log(last.paragraphs / first.paragraphs)
        print(
            f"{name}: exponent {math.log(last.seconds / first.seconds) / times:.2f},"
            f" {(last.peak - first.peak) / more:.0f} bytes for each paragraph more"
        )


def main() -> None:
    """Records, then files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", nargs="*", type=int, default=[10_000, 40_000])
    parser.add_argument("--files", nargs="*", type=int, default=[500, 2_000])
    parser.add_argument("--memory", default="64MiB", help="what one batch may take")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.records:
        grown("records", arguments.records, arguments.folder, IN_A_RECORD, as_records, arguments)
    if arguments.files:
        grown("files", arguments.files, arguments.folder, IN_A_FILE, as_files, arguments)


if __name__ == "__main__":
    main()
