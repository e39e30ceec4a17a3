"""Equal paragraphs across documents: the CPU of the command as a ratio to a plain loop that does the least.

    python benchmarks/exact.py FOLDER                       # 10 and 100 MB of the real texts below FOLDER
    python benchmarks/exact.py FOLDER --megabytes 1 10 30

FOLDER is any folder of real text, also .gz. Its documents are cleaned as they are, as records of one file, and cut
into many small files. The loop reads each, splits it, makes the same keys and keeps a set; it removes and writes
nothing, and proves nothing. Both run in a process of their own, with one worker; the CPU is user and system time,
start-up included, and the least of the rounds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

SMALL = 2000
"""Characters of a small file."""
LOOP = """
import json, os, sys
from dedup.engine import normalize, split
def texts(path):
    if os.path.isfile(path):
        with open(path, "rb") as lines:
            for line in lines:
                yield json.loads(line)["text"]
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                yield file.read().decode()
seen, repeated = set(), 0
for text in texts(sys.argv[1]):
    for start, end, _, _ in split.paragraphs(text):
        key = normalize.key(text[start:end])
        repeated += key in seen
        seen.add(key)
print(repeated)
"""
COMMANDS = ("clean", "check")


def documents(folder: Path, size: int) -> Iterator[str]:
    """The texts below ``folder``, in order of names, up to ``size`` characters in all."""
    for path in sorted(folder.rglob("*")):
        if size <= 0:
            return
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            text = data.decode("utf-8", "ignore").replace("\x00", "")[:size]
            size -= len(text)
            yield text


def as_files(texts: list[str], place: Path) -> Path:
    """A file for each text."""
    for number, text in enumerate(texts):
        path = place / f"{number // 100:04}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return place


def as_records(texts: list[str], place: Path) -> Path:
    """One file of records."""
    place.mkdir()
    path = place / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


def as_small(texts: list[str], place: Path) -> Path:
    """Files of ``SMALL`` characters."""
    return as_files([t[at : at + SMALL] for t in texts for at in range(0, len(t), SMALL)], place)


LAYOUTS: dict[str, Callable[[list[str], Path], Path]] = {
    "files": as_files,
    "records": as_records,
    "small files": as_small,
}


def seconds(*command: str) -> float:
    """The CPU of a process; exit status 1 is that something was found."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])}: status {process.returncode}")
    return used.ru_utime + used.ru_stime


def run(name: str, source: Path, output: Path) -> float:
    """The CPU of one of ``COMMANDS`` on a file or folder."""
    how = ["--isolated", "--scope", "corpus", "--exact", "-j", "1", "-qq"]
    if name == "clean":
        how += ["-o", str(output)]
    return seconds("-m", "dedup", name, str(source), *how)


def compare(folder: Path, size: float, rounds: int = 3) -> None:
    """A line for each layout of ``size`` MB of what is below ``folder``."""
    texts = list(documents(folder, int(size * 1e6)))
    for name, write in LAYOUTS.items():
        with tempfile.TemporaryDirectory() as place:
            source = write(texts, Path(place) / "in")
            loop = min(seconds("-c", LOOP, str(source)) for _ in range(rounds))
            ratios = []
            for command in COMMANDS:
                outputs = (Path(place) / f"{command}{at}{source.suffix}" for at in range(rounds))
                ratios.append(min(run(command, source, output) for output in outputs) / loop)
            said = "".join(
                f"  {command} {ratio:5.2f}" for command, ratio in zip(COMMANDS, ratios, strict=True)
            )
            print(f"--exact, {size:g} MB as {name:12} loop {loop:6.2f} s = 1{said}", flush=True)


def main() -> None:
    """Compare at each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", nargs="+", type=float, default=[10.0, 100.0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for size in arguments.megabytes:
        compare(arguments.folder, size, arguments.rounds)


if __name__ == "__main__":
    main()
