"""Fit the weights of the judge's score on labelled documents, and look at them on sources left out.

    python benchmarks/fit.py                 # fit on all documents, print TERMS and BIAS for dedup/engine/judge.py
    python benchmarks/fit.py --by-source     # fit without each fold, clean that fold, pool and print the tables

The signs are not fitted: a term may only move the score the way its description says. The objective is the
log-likelihood of "every letter of this claim is a copy", a wrongly removed letter weighing ``--cost`` times a
rightly removed one, each document capped; ``--margin`` is then taken off the bias, so that doubt keeps.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import multiprocessing
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from quality import data_folder  # type: ignore[import-not-found]

from dedup.engine import choose, judge, normalize, passages, seeds, split, units
from dedup.engine.analyze import analyze_document
from dedup.engine.search import MIN_MATCHED
from dedup.engine.surroundings import Surroundings
from dedup.model import Document
from dedup.options import Options

SETS = ("within", "hard_negatives")
NAMES = judge.Evidence._fields
SIGNS = np.array([1 if name in ("amount", "noise", "adjacent") else -1 for name in NAMES])
CLAIM_CAP, DOCUMENT_CAP, BASE = 500.0, 2000.0, 25.0
STEPS, RATE, DECAY = 1500, 0.03, 0.0005


class Row(NamedTuple):
    """One claim of a document: its evidence, and how many of its letters are copies and how many are not."""

    document: str
    evidence: tuple[float, ...]
    copies: int
    unique: int


def rows_of(job: tuple[str, str, list[list[Any]]]) -> list[Row]:
    """The claims of one labelled document that are long enough to go."""
    name, text, labels = job
    stream = normalize.stream(text)
    columns = units.units(stream, split.split(text))
    found = passages.repeats(
        stream.letters, seeds.matches(stream.letters, stream.weights), MIN_MATCHED
    )
    repeats = sorted({*found, *units.neighbours(stream, columns)})
    claims = choose.claims(repeats, columns)
    surroundings = Surroundings(stream, columns, repeats, claims)
    classes, kinds = label_letters(stream, labels)
    rows = []
    for claim in claims:
        evidence = surroundings.evidence(claim)
        if claim.letters < Options().min_chars and not evidence.adjacent:
            continue
        rows.append(Row(name, tuple(evidence), *counted(claim, classes, kinds)))
    return rows


def label_letters(stream: normalize.Stream, labels: list[list[Any]]) -> tuple[list[int], list[str]]:
    """Class and kind of each letter; class 0 and kind ``u`` for text that stands once."""
    classes, kinds = [0] * len(stream.letters), ["u"] * len(stream.letters)
    for start, end, class_, kind in labels:
        first, last = (bisect_left(stream.positions, at) for at in (start, end))
        classes[first:last] = [class_] * (last - first)
        kinds[first:last] = [kind] * (last - first)
    return classes, kinds


def counted(claim: choose.Claim, classes: Sequence[int], kinds: Sequence[str]) -> tuple[int, int]:
    """Letters of a claim whose class also stands opposite, and letters that would be lost."""
    copies = unique = 0
    for part in claim.parts:
        opposite = set(classes[part.twin : part.twin_end])
        for at in range(part.start, part.end):
            if kinds[at] in "bB" or (kinds[at] in "oc" and classes[at] in opposite):
                copies += 1
            elif kinds[at] not in "xn":
                unique += 1
    return copies, unique


def fit(rows: Sequence[Row], cost: float) -> tuple[np.ndarray, float]:
    """Weights and bias: logistic regression with fixed signs, by Adam with projection."""
    values = np.array([row.evidence for row in rows])
    scale = values.std(0) + 1e-9
    values = values / scale
    good, bad = weights_of(rows, cost)
    total = (good + bad).sum()
    theta = np.zeros(values.shape[1] + 1)
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, STEPS + 1):
        chance = 1 / (1 + np.exp(-(values @ theta[:-1] + theta[-1])))
        error = (chance * (good + bad) - good) / total * 100
        gradient = np.r_[values.T @ error + DECAY * theta[:-1], error.sum()]
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        theta -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        theta[:-1] = np.where(theta[:-1] * SIGNS < 0, 0, theta[:-1])
    return theta[:-1] / scale, float(theta[-1])


def weights_of(rows: Sequence[Row], cost: float) -> tuple[np.ndarray, np.ndarray]:
    """What each row's copies and unique letters weigh; no document more than ``DOCUMENT_CAP``."""
    copies = np.array([row.copies for row in rows], float)
    unique = np.array([row.unique for row in rows], float)
    share = copies / np.maximum(copies + unique, 1)
    counts = (copies + unique) > 0
    good = np.minimum(copies, CLAIM_CAP) + BASE * share * counts
    bad = cost * (np.minimum(unique, CLAIM_CAP) + BASE * (1 - share) * counts)
    totals: dict[str, float] = defaultdict(float)
    for row, weight in zip(rows, good + bad, strict=True):
        totals[row.document] += weight
    cap = np.array([min(1.0, DOCUMENT_CAP / max(totals[row.document], 1e-9)) for row in rows])
    return good * cap, bad * cap


def use(weights: np.ndarray, bias: float) -> None:
    """Let the judge decide by these weights, rounded as they are printed."""
    judge.TERMS.update(zip(NAMES, (round(float(weight), 3) for weight in weights), strict=True))
    judge.BIAS = round(bias, 2)


def documents(data: Path, limit: int | None) -> Iterator[tuple[str, str, str, list[list[Any]]]]:
    """Set, id, text and labels of the labelled documents, at most ``limit`` of each set."""
    for name in SETS:
        with gzip.open(data / f"{name}_labels.jsonl.gz", "rt", encoding="utf-8") as lines:
            labels = {label["id"]: label["spans"] for label in map(json.loads, lines)}
        with gzip.open(data / f"{name}_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
            for document in map(json.loads, islice(lines, limit)):
                yield name, document["id"], document["text"], labels[document["id"]]


def cleaned(job: tuple[str, str, np.ndarray, float]) -> tuple[str, str]:
    """A document cleaned by the given weights."""
    name, text, weights, bias = job
    use(weights, bias)
    return name, analyze_document(Document(name, text), Options()).cleaned


def by_source(
    data: Path,
    found: Sequence[tuple[str, str, str, list[list[Any]]]],
    all_rows: Sequence[Row],
    pool: Any,
    cost: float,
    margin: float,
) -> None:
    """Fit without each fold, clean it, and let the scorer print the pooled tables of each set."""
    with gzip.open(data / "folds.csv.gz", "rt", encoding="utf-8") as lines:
        folds = {row["id"]: int(row["fold"]) for row in csv.DictReader(lines)}
    fitted = {}
    for fold in sorted(set(folds.values())):
        weights, bias = fit([row for row in all_rows if folds.get(row.document) != fold], cost)
        fitted[fold] = weights, bias - margin
        print(f"without fold {fold}: {shown(*fitted[fold])}")
    jobs = [(name, text, *fitted[folds[name]]) for _, name, text, _ in found]
    texts = dict(pool.imap_unordered(cleaned, jobs, chunksize=8))
    for name in SETS:
        print(f"\n{name}, by source", flush=True)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            for id_, text in sorted(texts.items()):
                file.write(json.dumps({"id": id_, "text": text}) + "\n")
            file.flush()
            files = (data / f"{name}_docs.jsonl.gz", data / f"{name}_labels.jsonl.gz")
            subprocess.run(
                [sys.executable, data / "score_clean.py", "--docs", files[0], "--labels", files[1],
                 "--pred", file.name, "--by", "type", "--worst", "10"],
                check=True,
            )  # fmt: skip


def shown(weights: np.ndarray, bias: float) -> str:
    """The weights on one line."""
    terms = (f"{name} {weight:.3g}" for name, weight in zip(NAMES, weights, strict=True))
    return f"bias {bias:.2f}, {', '.join(terms)}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cost", type=float, default=10.0, help="weight of a lost letter (10)")
    parser.add_argument("--margin", type=float, default=0.6, help="taken off the bias (0.6)")
    parser.add_argument("--by-source", action="store_true", help="judge each fold by the others")
    parser.add_argument("--limit", type=int, help="only the first N documents of each set")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="processes (2)")
    args = parser.parse_args()
    data = data_folder()
    with multiprocessing.Pool(args.jobs) as pool:
        found = list(documents(data, args.limit))
        jobs = [(name, text, labels) for _, name, text, labels in found]
        all_rows = [row for rows in pool.imap(rows_of, jobs, chunksize=8) for row in rows]
        if args.by_source:
            by_source(data, found, all_rows, pool, args.cost, args.margin)
            return
    weights, bias = fit(all_rows, args.cost)
    for name, weight in zip(NAMES, weights, strict=True):
        print(f'    "{name}": {weight:.3g},')
    print(f"BIAS = {bias - args.margin:.2f}")


if __name__ == "__main__":
    main()
