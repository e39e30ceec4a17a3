"""Clusters of near copies among documents: how right they are, and what they cost.

    python benchmarks/clusters.py                            # the labelled sets, each on its own
    python benchmarks/clusters.py --thresholds .8 .85 .9     # and what other thresholds would give
    python benchmarks/clusters.py --speed FOLDER             # CPU side by side with gaoya, injected copies

ARI is the adjusted Rand index; false is the share of predicted pairs that are none, for all sets but licences
too; the folds are whole sources. For --speed, FOLDER is any folder of real text, also .gz (Debian's doc-rfc
packages); its files are cut to documents at blank lines, and by seed one in ten gets a copy: equal, edited,
misread or cut short. gaoya comes from the package index into an environment of its own below --cache, and gets
the setting at which it finds most: single words, Jaccard .5. Both read one file, a document a line, and neither looks
at paragraphs; the CPU is that of their whole process.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from quality import data_folder, rows_of  # type: ignore[import-not-found]

from dedup.corpus import sheets
from dedup.corpus.columns import Corpus, Writer
from dedup.corpus.documents import THRESHOLD, Clusters, clusters
from dedup.corpus.sheets import Sheet, sheet_of
from dedup.engine.normalize import key
from dedup.model import Document

APART = "licences"
"""The set whose families share most of their words: no false pairs are counted over it and others together."""
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000)
"""Characters of the documents that files are cut to."""
KINDS = ("equal", "edited", "misread", "cut")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--thresholds", nargs="+", type=float, default=[THRESHOLD])
    parser.add_argument("--speed", metavar="FOLDER", type=Path)
    parser.add_argument("--megabytes", nargs="+", type=float, default=[10.0, 100.0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dedup-peers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run", nargs=2, metavar=("FILE", "REMOVED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        ours(*map(Path, arguments.run))
    elif arguments.speed:
        for size in arguments.megabytes:
            compare(arguments.speed, size, arguments.cache, arguments.seed)
    else:
        judge(arguments.thresholds)


def corpus_of(texts: Sequence[str], folder: str) -> Corpus:
    writer = Writer(folder)
    for number, text in enumerate(texts):
        writer.add(sheet_of(Document(str(number), text)), 0)
    return writer.finish()


def judge(thresholds: Sequence[float]) -> None:
    """One table of the labelled sets for each threshold."""
    data = data_folder()
    evaluate = _scorer(data).evaluate
    truth: dict[str, dict[str, str]] = {}
    for row in rows_of(data / "xdoc_clusters.jsonl.gz"):
        truth.setdefault(row["set"], {})[row["id"]] = row["cluster"]
    texts = {row["id"]: row["text"] for row in rows_of(data / "xdoc_docs.jsonl.gz")}
    for threshold in thresholds:
        print(f"threshold {threshold:g}")
        print(f"{'':22}{'ARI':>8}{'pairs':>8}{'recall':>8}{'false':>8}{'false %':>9}{'CPU s':>8}")
        false = predicted = 0
        for name, labels in sorted(truth.items()):
            start = time.process_time()
            found = _predicted(sorted(labels), texts, threshold)
            seconds = time.process_time() - start
            said = _line(name, evaluate, labels, found, f"{seconds:8.1f}")
            if name != APART:
                false, predicted = false + said[0], predicted + said[1]
            for fold, ids in sorted(_folds(data, labels).items()):
                if 20 < len(ids) < len(labels):
                    _line(f"  sources {fold}", evaluate, {at: labels[at] for at in ids}, found)
        print(f"false pairs outside {APART}: {100 * false / max(1, predicted):.2f} %\n")


def _predicted(ids: Sequence[str], texts: dict[str, str], threshold: float) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        found = clusters(corpus_of([texts[at] for at in ids], folder), threshold=threshold)
    home = dict(zip(found.member.tolist(), found.canonical.tolist(), strict=True))
    return {at: str(home.get(number, number)) for number, at in enumerate(ids)}


def _line(
    name: str, evaluate: Any, labels: dict[str, str], found: dict[str, str], more: str = ""
) -> tuple[int, int]:
    """Print a row of the table; returns the false pairs and all predicted ones."""
    said = evaluate(labels, {at: found[at] for at in labels})
    sizes = Counter(found[at] for at in labels).values()
    pairs = sum(size * (size - 1) // 2 for size in sizes)
    print(
        f"{name:22}{said['ARI']:8.4f}{pairs:8}{said['R']:8.3f}{said['false_pairs']:8}"
        f"{100 * said['false_pairs'] / max(1, pairs):9.2f}{more}",
        flush=True,
    )
    return said["false_pairs"], pairs


def _scorer(data: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score_clusters", data / "score_clusters.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _folds(data: Path, labels: dict[str, str]) -> dict[str, list[str]]:
    """The documents of a set by fold."""
    folds: dict[str, list[str]] = {}
    with gzip.open(data / "folds.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["set"] == "xdoc" and row["id"] in labels:
                folds.setdefault(row["fold"], []).append(row["id"])
    return folds


def compare(folder: Path, megabytes: float, cache: Path, seed: int) -> None:
    """Both tools on one file of documents: CPU, and how many of the injected copies they find."""
    texts, copies = injected(folder, int(megabytes * 1e6), seed)
    size = sum(map(len, texts)) / 1e6
    print(f"{size:.0f} M characters, {len(texts):,} documents, {len(copies):,} copies injected")
    with tempfile.TemporaryDirectory() as place:
        file, removed = Path(place) / "documents", Path(place) / "removed"
        file.write_text("".join(json.dumps(text) + "\n" for text in texts), "ascii")
        theirs = [str(_python(cache)), "-c", GAOYA, str(file), str(removed)]
        mine = [sys.executable, __file__, "--run", str(file), str(removed)]
        seconds: dict[str, float] = {}
        for name, command in (("gaoya", theirs), ("dedup", mine)):
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            head, *more = run.stdout.splitlines()
            seconds[name] = float(head)
            gone = set(map(int, removed.read_text().split()))
            print(
                f"{name:8}{seconds[name]:8.2f} s{size / seconds[name]:8.1f} M/s  {_recall(gone, copies)}"
            )
            print("".join(f"          {line}\n" for line in more), end="")
    print(f"dedup / gaoya: {seconds['dedup'] / seconds['gaoya']:.2f}\n", flush=True)


def _recall(gone: set[int], copies: dict[int, tuple[int, str]]) -> str:
    """A copy is found if it goes, or what it was made of."""
    said = []
    for kind in ("all", *KINDS):
        wanted = [(at, origin) for at, (origin, made) in copies.items() if kind in ("all", made)]
        found = sum(at in gone or origin in gone for at, origin in wanted)
        said.append(f"{kind} {found / max(1, len(wanted)):.4f}")
    return f"recall: {', '.join(said)}; others {len(gone) - sum(at in gone for at in copies)}"


def injected(folder: Path, size: int, seed: int) -> tuple[list[str], dict[int, tuple[int, str]]]:
    """Documents of about ``size`` characters, and for each injected copy its original and its kind."""
    dice = Random(seed)
    texts: list[str] = []
    taken = 0
    for text in _documents(folder, dice):
        texts.append(text)
        taken += len(text)
        if taken >= size / 1.1:
            break
    count = len(texts)
    copies = {}
    for origin in sorted(dice.sample(range(count), count // 10)):
        kind = dice.choice(KINDS)
        copies[len(texts)] = origin, kind
        texts.append(_copy(texts[origin], kind, dice))
    return texts, copies


def _documents(folder: Path, dice: Random) -> Iterator[str]:
    """The text of the files below a folder, cut at blank lines."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        held, wanted = "", dice.choice(SIZES)
        for block in data.decode("utf-8", "replace").split("\n\n"):
            held += block + "\n\n"
            if len(held) >= wanted:
                yield held
                held, wanted = "", dice.choice(SIZES)


def _copy(text: str, kind: str, dice: Random) -> str:
    if kind == "edited":
        words = text.split(" ")
        return " ".join(dice.choice(words) if dice.random() < 0.03 else word for word in words)
    if kind == "misread":
        return "".join(dice.choice("etaoin") if dice.random() < 0.01 else char for char in text)
    if kind == "cut":
        return text[: int(len(text) * dice.uniform(0.7, 0.95))]
    return text


def ours(file: Path, removed: Path) -> None:
    """Find the copies in a file of documents; prints the CPU, and that of the steps."""
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(folder)
        with file.open("rb") as lines:
            for line in lines:
                writer.add(_whole(json.loads(line)), 0)
        corpus = writer.finish()
        read = time.process_time()
        found: Clusters = clusters(corpus)
        removed.write_text(" ".join(map(str, found.member.tolist())))
    end = time.process_time()
    print(end)
    print(f"reading and letters {read:.2f} s, clusters {end - read:.2f} s")
    print(f"pairs begun {found.begun:,}, aligned {found.aligned:,}, cut off {found.cut:,}")


def _whole(text: str) -> Sheet:
    """The sheet of a document as one paragraph: only its letters are compared."""
    letters = key(text).encode("utf-8", "surrogatepass")
    rows = 1 if letters else 0
    numbers = (np.zeros(rows, kind) for kind in sheets.KINDS[:6])
    starts, ends, roles, weights, lines, fixed = numbers
    size = np.full(rows, len(letters), np.int64)
    none = np.zeros(rows, np.int64)
    return Sheet(
        starts, ends, roles, weights + len(letters), lines, fixed, letters, size, b"", none
    )


GAOYA = """
import json, sys, time
from gaoya.minhash import MinHashStringIndex
index = MinHashStringIndex(32, .5, 20, 5, None, "word", True, (1, 1))
gone = []
for number, line in enumerate(open(sys.argv[1], "rb")):
    text = json.loads(line)
    if index.query(text):
        gone.append(number)
    index.insert_document(number, text)
open(sys.argv[2], "w").write(" ".join(map(str, gone)))
print(time.process_time())
"""


def _python(cache: Path) -> Path:
    """The Python of gaoya's environment, which is made when first asked for."""
    python = cache / "gaoya" / "bin" / "python"
    if not python.exists():
        venv.create(cache / "gaoya", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "gaoya"], check=True)
    return python


if __name__ == "__main__":
    main()
