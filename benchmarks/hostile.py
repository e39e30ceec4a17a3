"""Hostile volume: texts made to be slow. Prints, for each, how CPU grows, how it compares with ordinary text of
the same volume, and the peak of memory against its bound of 8 times the decoded text and 64 MiB.

Every figure is taken in a process of its own, which loads what it needs before its clock starts, and is handed
the text, so that making it up takes none of its memory. Some 35 MB of the peak are Python, numpy and rapidfuzz.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import dedup
from dedup.engine.analyze import analyze_document
from dedup.model import Document
from dedup.options import Options

MAX_GROWTH, MAX_RATIO = 2.5, 20.0
"""CPU of twice the volume; and CPU against ordinary text."""
GRANTED = 64 << 20
"""Bytes of memory beside 8 times the decoded text."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def ordinary(size: int) -> str:
    """Sentences and paragraphs of made-up words, some frequent and most rare; nothing repeats."""
    random = Random(1)
    words = ["".join(random.choices(LETTERS, k=random.randrange(2, 10))) for _ in range(20_000)]
    chances = [1 / (rank + 10) for rank in range(len(words))]
    parts: list[str] = []
    length = 0
    while length < size:
        drawn = random.choices(words, chances, k=90)
        sentences = [" ".join(drawn[at : at + 15]).capitalize() + "." for at in range(0, 90, 15)]
        parts.append(" ".join(sentences) + "\n\n")
        length += len(parts[-1])
    return "".join(parts)[:size]


def equal_lines(size: int) -> str:
    return "This line is here.\n" * (size // 19)


def equal_paragraphs(size: int) -> str:
    paragraph = ordinary(300).strip().replace("\n", " ") + "\n\n"
    return paragraph * (size // len(paragraph))


def alternating_lines(size: int) -> str:
    return "The first of two lines.\nAnd here is the other.\n" * (size // 47)


def short_lines(size: int) -> str:
    return "Yes.\n" * (size // 5)


def empty_lines(size: int) -> str:
    return "\n" * size


def blanks(size: int) -> str:
    return " " * size


def one_letter(size: int) -> str:
    return "a" * size


def fibonacci(size: int) -> str:
    one, two = "a", "ab"
    while len(two) < size:
        one, two = two, two + one
    return two[:size]


def de_bruijn(size: int) -> str:
    """A sequence over twenty letters in which every five letters in a row come once; over again from 3.2 MB."""
    order, letters = 5, LETTERS[:20]
    sequence: list[int] = []
    word = [0]
    while word:
        if order % len(word) == 0:
            sequence += word
        word = (word * order)[:order]
        while word and word[-1] == len(letters) - 1:
            word.pop()
        if word:
            word[-1] += 1
    once = "".join(letters[at] for at in sequence)
    return (once * (size // len(once) + 1))[:size]


def full_stops(size: int) -> str:
    return "." * size


def one_shingle(size: int) -> str:
    """Paragraphs that share a phrase and nothing else."""
    random = Random(2)
    parts: list[str] = []
    length = 0
    while length < size:
        own = ["".join(random.choices(LETTERS, k=7)) for _ in range(12)]
        parts.append(" ".join([*own[:6], "as everybody knows by now", *own[6:]]) + ".\n\n")
        length += len(parts[-1])
    return "".join(parts)


def template(size: int) -> str:
    """Records that differ in a number."""
    rows = (f"The reading of station {at} was taken at noon by the keeper.\n" for at in range(size))
    parts: list[str] = []
    length = 0
    for row in rows:
        if length >= size:
            break
        parts.append(row)
        length += len(row)
    return "".join(parts)


def unspaced_line(size: int) -> str:
    return "".join(Random(3).choices(LETTERS, k=size))


def spaced_line(size: int) -> str:
    return ordinary(size).replace("\n", " ").replace(".", "").lower()


def tokens(size: int) -> str:
    """One paragraph of few different words."""
    return " ".join(Random(4).choices(["one", "two", "three", "four"], k=size // 5))


def doubled(size: int) -> str:
    return ordinary(size // 2) * 2


TEXTS: dict[str, Callable[[int], str]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        equal_lines, equal_paragraphs, alternating_lines, short_lines, empty_lines, blanks, one_letter,
        fibonacci, de_bruijn, full_stops, one_shingle, template, unspaced_line, spaced_line, tokens,
        doubled, ordinary,
    )
}  # fmt: skip


def measure(name: str, size: int) -> tuple[float, int, int, str]:
    """CPU seconds, peak of memory in bytes, decoded size in bytes and the note, from a process of its own."""
    same = [str(Path(dedup.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, same))}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text")
        for step in ("--make", "--one"):
            command = [sys.executable, __file__, step, name, "--size", str(size), "--out", path]
            run = subprocess.run(
                command, capture_output=True, text=True, check=True, env=environment
            )
    seconds, peak, decoded, *note = run.stdout.rstrip("\n").split("\t")
    return float(seconds), int(peak), int(decoded), "".join(note)


def one(name: str, path: Path) -> None:
    """What ``measure`` runs: one text, analysed once."""
    import numpy as np
    from rapidfuzz.distance import Levenshtein

    assert np and Levenshtein
    decoded = path.stat().st_size
    document = Document(name, path.read_bytes().decode())
    start = time.process_time()
    result = analyze_document(document, Options())
    seconds = time.process_time() - start
    note = f"{100 * result.redundancy:.1f} % goes; {result.note}"
    print(seconds, peak_memory(), decoded, note, sep="\t")


def peak_memory() -> int:
    """The most bytes that this process has had in memory.

    ``ru_maxrss`` would be the parent's peak, if that was higher: it is handed on with the fork.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, default=2_000_000, help="bytes of the larger text (2 MB)"
    )
    parser.add_argument("--texts", default=",".join(TEXTS), help="which, comma separated")
    for hidden in ("--make", "--one", "--out"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    if arguments.make:
        text = TEXTS[arguments.make](arguments.size)
        Path(arguments.out).write_bytes(text.encode())
        return 0
    if arguments.one:
        one(arguments.one, Path(arguments.out))
        return 0
    size, is_bad = arguments.size, False
    usual, *_ = measure("ordinary", size)
    print(f"{'text':18s}{'CPU s':>9s}{'2n / n':>8s}{'ratio':>8s}{'peak MB':>9s}{'bound':>8s}")
    for name in arguments.texts.split(","):
        half, *_ = measure(name, size // 2)
        seconds, peak, decoded, note = measure(name, size)
        bound = 8 * decoded + GRANTED
        growth, ratio = seconds / max(half, 0.001), seconds / usual
        bad = (growth > MAX_GROWTH and seconds > 0.5) or ratio > MAX_RATIO or peak > bound
        is_bad |= bad
        print(
            f"{name:18s}{seconds:9.3f}{growth:8.2f}{ratio:8.2f}{peak / 1e6:9.0f}{bound / 1e6:8.0f}"
            f"  {'over' if bad else ''} {note}"
        )
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
