"""Quality and speed on labelled documents: cleans each, with the default options or at another level, and scores it.

The documents, their labels and the scorer are found through DEDUP_EVAL_DATA. Besides the scorer's
tables it prints the CPU of the engine against a plain loop that reads, decodes and finds paragraphs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dedup.engine import judge
from dedup.engine.analyze import analyze_document
from dedup.model import Document
from dedup.options import Options

SETS = ("within", "hard_negatives")
PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One document's outcome."""

    id: str
    text: str
    seconds: float
    """CPU of decoding and analysing, once."""
    stable: bool
    """Whether a second cleaning changed nothing; true when it was not asked for."""
    note: str


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def data_folder() -> Path:
    """Where the labelled documents are; leaves with one line if nobody said so."""
    given = os.environ.get("DEDUP_EVAL_DATA")
    if not given:
        sys.exit("DEDUP_EVAL_DATA is not set: name the folder with the labelled documents")
    return Path(given)


def chosen(data: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The documents asked for, in the order of the file."""
    rows: Iterable[dict[str, Any]] = rows_of(data / f"{arguments.set}_docs.jsonl.gz")
    if arguments.fold is not None:
        inside = ids_of_fold(data / "folds.csv.gz", arguments.set, arguments.fold)
        rows = (row for row in rows if row["id"] in inside)
    if arguments.ids:
        rows = (row for row in rows if row["id"].startswith(tuple(arguments.ids.split(","))))
    return list(rows)[: arguments.limit]


def ids_of_fold(path: Path, name: str, fold: int) -> set[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {
            row["id"]
            for row in csv.DictReader(lines)
            if row["set"] == name and int(row["fold"]) == fold
        }


def unpack(rows: list[dict[str, Any]], folder: Path) -> list[Path]:
    """One file per document, so that reading is part of both measurements."""
    folder.mkdir()
    paths = [folder / f"{row['id']}.txt" for row in rows]
    for row, path in zip(rows, paths, strict=True):
        path.write_bytes(row["text"].encode("utf-8"))
    return paths


def clean_file(path: Path, twice: bool, level: str = "balanced") -> Cleaned:
    """Clean one file with the options' defaults; ``twice`` asks whether that is a fixed point."""
    options = Options(level=level)
    start = time.process_time()
    document = Document(path.name, path.read_bytes().decode("utf-8"))
    try:
        result = analyze_document(document, options)
        seconds = time.process_time() - start
        again = Document(path.name, result.cleaned)
        stable = not twice or not analyze_document(again, options).edits
    except Exception as error:
        error.add_note(f"while cleaning {path.stem}")
        raise
    return Cleaned(path.stem, result.cleaned, seconds, stable, result.note)


def clean_all(paths: list[Path], jobs: int, twice: bool, level: str = "balanced") -> list[Cleaned]:
    work = partial(clean_file, twice=twice, level=level)
    if jobs == 1:
        return list(map(work, paths))
    with multiprocessing.Pool(jobs) as pool:
        return pool.map(work, paths, chunksize=8)


def plain_loop(paths: list[Path], rounds: int = 5) -> float:
    """CPU seconds to read and decode all files and to find their paragraphs; the best of some."""
    return min(plain_round(paths) for _ in range(rounds))


def plain_round(paths: list[Path]) -> float:
    start = time.process_time()
    for path in paths:
        for _ in PARAGRAPH.finditer(path.read_bytes().decode("utf-8")):
            pass
    return time.process_time() - start


def score(data: Path, arguments: argparse.Namespace, documents: Path, predictions: Path) -> None:
    """Print the scorer's tables."""
    labels = data / f"{arguments.set}_labels.jsonl.gz"
    command = [sys.executable, str(data / "score_clean.py")]
    command += ["--docs", str(documents), "--labels", str(labels), "--pred", str(predictions)]
    command += ["--by", arguments.by, "--worst", str(arguments.worst)]
    if arguments.json:
        command += ["--json", arguments.json]
    subprocess.run(command, check=True)


def report_speed(paths: list[Path], cleaned: list[Cleaned]) -> None:
    size = sum(path.stat().st_size for path in paths) / 1e6
    engine, loop = sum(one.seconds for one in cleaned), plain_loop(paths)
    print(f"documents {len(paths)}, {size:.2f} MB")
    print(f"engine     {engine:9.3f} CPU s {size / engine:9.2f} MB/s")
    print(f"plain loop {loop:9.3f} CPU s {size / loop:9.2f} MB/s")
    print(f"ratio      {engine / loop:9.1f}")


def report_doubts(cleaned: list[Cleaned], twice: bool) -> bool:
    """Documents with a note, and those that a second cleaning changes; true if there are any of these."""
    for one in cleaned:
        if one.note:
            print(f"note: {one.id}: {one.note}")
    moving = [one.id for one in cleaned if not one.stable]
    if twice:
        print(f"changed by a second cleaning: {len(moving)}", *moving[:20])
    return bool(moving)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, default="within", help="which documents (within)")
    parser.add_argument(
        "--level", choices=judge.SCORES, default="balanced", help="how sure to be (balanced)"
    )
    parser.add_argument("--fold", type=int, help="only the documents of this fold, 0-5")
    parser.add_argument("--ids", help="only ids that begin with one of these, comma separated")
    parser.add_argument("--limit", type=int, help="only the first N of them")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument("--by", default="type,lang,repeats", help="tables (type,lang,repeats)")
    parser.add_argument("--worst", type=int, default=20, help="list the N worst documents (20)")
    parser.add_argument("--json", help="write the scorer's figures to this file")
    parser.add_argument("--keep", type=Path, help="keep predictions in this folder (DIR/ID.txt)")
    parser.add_argument(
        "--idempotent", action="store_true", help="clean twice; exit 1 if it differs"
    )
    return parser.parse_args()


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def main() -> int:
    arguments, data = parse(), data_folder()
    rows = chosen(data, arguments)
    if not rows:
        sys.exit("no documents chosen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = unpack(rows, folder / "texts")
        cleaned = clean_all(paths, arguments.jobs, arguments.idempotent, arguments.level)
        write_jsonl(folder / "docs.jsonl", rows)
        write_jsonl(folder / "pred.jsonl", ({"id": one.id, "text": one.text} for one in cleaned))
        score(data, arguments, folder / "docs.jsonl", folder / "pred.jsonl")
        report_speed(paths, cleaned)
    if arguments.keep:
        keep(cleaned, arguments.keep)
    return int(report_doubts(cleaned, arguments.idempotent))


def keep(cleaned: list[Cleaned], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in cleaned:
        (folder / f"{one.id}.txt").write_bytes(one.text.encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
