"""Speed on one core: CPU as ratios to a plain loop, how it grows with the input, and single large documents.

    python benchmarks/speed.py                              # all of it, some minutes
    python benchmarks/speed.py --many-mb 4 --single-mb 1    # smaller

The plain loop reads and decodes the same files and finds their paragraphs by a regular expression. The
made-up documents are always the same; the labelled ones are measured where DEDUP_EVAL_DATA names them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import madeup  # type: ignore[import-not-found]
import numpy as np
from quality import (  # type: ignore[import-not-found]
    SETS,
    clean_file,
    data_folder,
    plain_loop,
    rows_of,
    unpack,
)

from dedup.engine.analyze import analyze_document
from dedup.model import Document
from dedup.options import Options

LATIN_ENDS = 0x0250
"""Code points up to here, and those of ``LATIN_MORE``, are Latin script."""
LATIN_MORE = range(0x1E00, 0x1F00)
MANY = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
"""Where the CPU of many documents is read, as shares of all of them."""
SINGLE = (1 / 20, 1 / 10, 1 / 4, 1 / 2, 1)
"""Sizes of single documents, as shares of the largest."""
COPIED = 0.05
"""Share of a single large document that stands in it once more."""


def is_latin(text: str) -> bool:
    """Whether most letters are of the Latin script."""
    letters = [ord(char) for char in text if char.isalpha()]
    latin = sum(code < LATIN_ENDS or code in LATIN_MORE for code in letters)
    return 2 * latin > len(letters)


def print_ratio(name: str, texts: Sequence[str], wanted: int | None = None) -> None:
    """One row: the engine's CPU over the plain loop's, on files."""
    if not texts:
        print(f"{name:38}  none")
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [{"id": f"{number:06}", "text": text} for number, text in enumerate(texts)]
        paths = unpack(rows, Path(folder) / "texts")
        clean_file(paths[0], False)  # what is imported on first use is not the engine's speed
        engine = sum(clean_file(path, False).seconds for path in paths)
        plain = plain_loop(paths)
        size = sum(path.stat().st_size for path in paths) / 1e6
    target = f"   (wanted: {wanted})" if wanted else ""
    print(
        f"{name:38}{len(texts):7,}{size:8.2f}{size / plain:9.0f}{size / engine:9.2f}"
        f"{engine / plain:9.1f}{target}"
    )


def made_up(size: int) -> Iterator[tuple[str, list[str], int]]:
    """Documents without repeats: what they are, texts, wanted ratio."""
    yield "made up, Latin, no repeats", list(madeup.documents(size, "Latin")), 12
    for script in madeup.SCRIPTS:
        if script != "Latin":
            yield f"made up, {script}, no repeats", list(madeup.documents(size, script)), 25


def labelled(data: Path) -> Iterator[tuple[str, list[str], int]]:
    """The labelled documents: what they are, texts, wanted ratio."""
    all_texts: list[str] = []
    plain: list[str] = []
    for name in SETS:
        labels = {label["id"]: label for label in rows_of(data / f"{name}_labels.jsonl.gz")}
        for row in rows_of(data / f"{name}_docs.jsonl.gz"):
            label = labels[row["id"]]
            if name == "within":
                all_texts.append(row["text"])
            if label["type"] == "neg_plain" and label["repeats"] == "none":
                plain.append(row["text"])
    yield "labelled, Latin, no repeats", [text for text in plain if is_latin(text)], 12
    others = [text for text in plain if not is_latin(text)]
    yield "labelled, other scripts, no repeats", others, 25
    yield "labelled, all", all_texts, 250


def report_ratios(size: int) -> None:
    print(f"{'':38}{'files':>7}{'MB':>8}{'plain':>9}{'engine':>9}{'ratio':>9}   (MB/s of CPU)")
    for name, texts, wanted in made_up(size):
        print_ratio(name, texts, wanted)
    if os.environ.get("DEDUP_EVAL_DATA"):
        for name, texts, wanted in labelled(data_folder()):
            print_ratio(name, texts, wanted)
    else:
        print("skipped: the labelled documents, DEDUP_EVAL_DATA is not set")


def cpu_of(text: bytes) -> float:
    """CPU seconds of decoding and cleaning a document."""
    start = time.process_time()
    analyze_document(Document("text", text.decode()), Options())
    return time.process_time() - start


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size that the time grows with: least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-9)), 1)[0])


def print_growth(sizes: Sequence[float], seconds: Sequence[float]) -> None:
    for size, spent in zip(sizes, seconds, strict=True):
        print(f"{size:8.2f} MB{spent:10.2f} s{size / max(spent, 1e-9):9.2f} MB/s")
    print(f"CPU exponent {exponent(sizes, seconds):.3f}")


def report_many(largest: float) -> None:
    """CPU of the first documents of many, one of ten with repeats, up to sizes that double."""
    print(f"\nmany documents, one of {madeup.COPIED_ONE_IN} with repeats")
    marks = [share * largest for share in MANY]
    sizes: list[float] = []
    times: list[float] = []
    done = spent = 0.0
    for text in madeup.documents(int(largest * 1e6), with_copies=True):
        raw = text.encode()
        spent += cpu_of(raw)
        done += len(raw) / 1e6
        if done >= marks[0]:
            marks = [mark for mark in marks if mark > done]
            sizes.append(done)
            times.append(spent)
    print_growth(sizes, times)


def report_single(largest: float) -> None:
    """CPU of single documents up to a size."""
    print(f"\nsingle documents, {COPIED:.0%} repeated")
    sizes = [share * largest for share in SINGLE]
    texts = (madeup.document(1, int(size * 1e6), copied=COPIED) for size in sizes)
    print_growth(sizes, [cpu_of(text.encode()) for text in texts])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plain-mb", type=float, default=2, help="of each made-up row (2)")
    parser.add_argument("--many-mb", type=float, default=64, help="of many documents (64)")
    parser.add_argument("--single-mb", type=float, default=20, help="largest single document (20)")
    arguments = parser.parse_args()
    report_ratios(int(arguments.plain_mb * 1e6))
    report_many(arguments.many_mb)
    report_single(arguments.single_mb)


if __name__ == "__main__":
    main()
