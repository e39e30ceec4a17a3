"""Fit the weights of the judge's score on labelled documents, and look at them on sources left out.

    python benchmarks/fit.py                 # fit on all documents and print the scores of the three levels
    python benchmarks/fit.py --write         # and put them into dedup/engine/judge.py
    python benchmarks/fit.py --by-source     # fit without each fold, clean that fold, pool and print the tables

The signs are not fitted: a term may only move the score the way its description says. The objective is the
log-likelihood of "this claim is a copy", by letters, a lost letter weighing some copied ones. What else is proven
in a document is part of the evidence, and is taken as the present scores decide it: fit twice after a change.
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

from dedup.engine import claims, judge, normalize, split, units
from dedup.engine.analyze import analyze_document
from dedup.engine.search import aligned_in, chains_in, repeats_in
from dedup.engine.settle import Bench
from dedup.model import Document
from dedup.options import Options

SETS = ("within", "hard_negatives")
NAMES = judge.Evidence._fields
FOR = "amount noise adjacent foreign phrases ends excerpt furniture support".split()
SIGNS = np.array([1 if name in FOR else -1 for name in NAMES])
CLAIM_CAP, DOCUMENT_CAP, BASE = 2000.0, 6000.0, 500.0
"""Letters: no claim and no document counts for more; each claim counts for ``BASE`` beside its letters."""
STEPS, DECAY = 30, 0.005
LEVELS = {"careful": (12.0, 1.25), "balanced": (6.0, 0.35), "thorough": (3.0, -0.25)}
"""By level: how many letters of copies one lost letter outweighs, and what is taken off the bias for doubt."""


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
    found = aligned_in(stream, chains_in(stream, Options()), Options())
    repeats = repeats_in(stream, columns, found)
    bench = Bench(stream, columns, repeats, Options())
    classes, kinds = label_letters(stream, labels)
    rows = []
    known = bytearray(len(stream.letters))
    for case in sorted(bench.cases, key=lambda case: -case.claim.matched):
        evidence = bench.surroundings.evidence(case.claim)
        if not bench.stays(case, evidence):
            rows.append(Row(name, tuple(evidence), *counted(case.claim, classes, kinds, known)))
    return rows


def label_letters(stream: normalize.Stream, labels: list[list[Any]]) -> tuple[list[int], list[str]]:
    """Class and kind of each letter; class 0 and kind ``u`` for text that stands once."""
    classes, kinds = [0] * len(stream.letters), ["u"] * len(stream.letters)
    for start, end, class_, kind in labels:
        first, last = (bisect_left(stream.positions, at) for at in (start, end))
        classes[first:last] = [class_] * (last - first)
        kinds[first:last] = [kind] * (last - first)
    return classes, kinds


def counted(
    claim: claims.Claim, classes: Sequence[int], kinds: Sequence[str], known: bytearray
) -> tuple[int, int]:
    """Letters of a claim whose class also stands opposite, and letters that would be lost.

    Copies in ``known`` do not count: a larger claim has them, and what repeats inside it teaches nothing.
    """
    copies = unique = total = 0
    found = bytearray(known)
    for part in claim.parts:
        opposite = set(classes[part.twin : part.twin_end])
        for at in range(part.start, part.end):
            if kinds[at] in "bB" or (kinds[at] in "oc" and classes[at] in opposite):
                total += 1
                copies += not known[at]
                found[at] = 1
            elif kinds[at] not in "xn":
                unique += 1
    if total < 9 * unique:
        return copies, unique
    known[:] = found
    return copies, 0


def fit(rows: Sequence[Row], cost: float) -> tuple[np.ndarray, float]:
    """Weights and bias: logistic regression with fixed signs, by Newton's method on the terms that may move."""
    rows = [row for row in rows if row.copies + row.unique]
    values = np.array([row.evidence for row in rows])
    scale = values.std(0) + 1e-9
    values = np.c_[values / scale, np.ones(len(rows))]
    good, bad = weights_of(rows, cost)
    good, bad = good / (good + bad).sum() * 100, bad / (good + bad).sum() * 100
    decay = np.r_[np.full(len(scale), DECAY), 0.0]
    signs = np.r_[SIGNS, 0]
    theta = np.zeros(len(decay))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(values @ theta)))
        gradient = values.T @ (chance * (good + bad) - good) + decay * theta
        free = (theta != 0) | (gradient * signs <= 0)
        curvature = (values * ((good + bad) * chance * (1 - chance))[:, None]).T @ values
        curvature += np.diag(decay + 1e-6)
        step = np.zeros_like(theta)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        theta = _shorter(values, good, bad, decay, signs, theta, step)
    return theta[:-1] / scale, float(theta[-1])


def _shorter(
    values: np.ndarray,
    good: np.ndarray,
    bad: np.ndarray,
    decay: np.ndarray,
    signs: np.ndarray,
    theta: np.ndarray,
    step: np.ndarray,
) -> np.ndarray:
    """``theta`` less as much of ``step`` as makes the loss smaller, no sign turned."""

    def loss(at: np.ndarray) -> float:
        odds = values @ at
        fitting = good * np.logaddexp(0, -odds) + bad * np.logaddexp(0, odds)
        return float(fitting.sum() + (decay * at * at).sum() / 2)

    now, size = loss(theta), 1.0
    while size > 1e-4:
        after = theta - size * step
        after = np.where(after * signs < 0, 0, after)
        if loss(after) < now:
            return after
        size /= 2
    return theta


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


def rounded(weights: np.ndarray, bias: float) -> judge.Score:
    """A score with its figures as they are printed."""
    terms = zip(NAMES, (round(float(weight), 2) for weight in weights), strict=True)
    return judge.Score(round(bias, 2), dict(terms))


def documents(data: Path, limit: int | None) -> Iterator[tuple[str, str, str, list[list[Any]]]]:
    """Set, id, text and labels of the labelled documents, at most ``limit`` of each set."""
    for name in SETS:
        with gzip.open(data / f"{name}_labels.jsonl.gz", "rt", encoding="utf-8") as lines:
            labels = {label["id"]: label["spans"] for label in map(json.loads, lines)}
        with gzip.open(data / f"{name}_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
            for document in map(json.loads, islice(lines, limit)):
                yield name, document["id"], document["text"], labels[document["id"]]


def cleaned(job: tuple[str, str, judge.Score]) -> tuple[str, str]:
    """A document cleaned by the given score."""
    name, text, score = job
    judge.SCORES["balanced"] = score
    return name, analyze_document(Document(name, text), Options()).cleaned


def by_source(
    data: Path,
    found: Sequence[tuple[str, str, str, list[list[Any]]]],
    all_rows: Sequence[Row],
    pool: Any,
    level: str,
) -> None:
    """Fit without each fold, clean it, and let the scorer print the pooled tables of each set."""
    with gzip.open(data / "folds.csv.gz", "rt", encoding="utf-8") as lines:
        folds = {row["id"]: int(row["fold"]) for row in csv.DictReader(lines)}
    fitted = {}
    for fold in sorted(set(folds.values())):
        score = fitted_score([row for row in all_rows if folds.get(row.document) != fold], level)
        fitted[fold] = score
        print(f"without fold {fold}: bias {score.bias}, {score.terms}")
    jobs = [(name, text, fitted[folds[name]]) for _, name, text, _ in found]
    texts = dict(pool.imap_unordered(cleaned, jobs, chunksize=8))
    for name in SETS:
        print(f"\n{name}, {level}, by source", flush=True)
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


def fitted_score(rows: Sequence[Row], level: str) -> judge.Score:
    """The score of one operating point."""
    cost, margin = LEVELS[level]
    weights, bias = fit(rows, cost)
    return rounded(weights, bias - margin)


def shown(scores: dict[str, judge.Score]) -> str:
    """The scores as they stand in ``dedup/engine/judge.py``."""
    lines = ["SCORES = {"]
    for level, score in scores.items():
        lines += [f'    "{level}": Score(', f"        bias={score.bias},", "        terms={"]
        lines += [f'            "{name}": {weight},' for name, weight in score.terms.items()]
        lines += ["        },", "    ),"]
    return "\n".join([*lines, "}\n"])


def write(scores: dict[str, judge.Score]) -> None:
    """Put the scores into ``dedup/engine/judge.py``."""
    path = Path(judge.__file__)
    text = path.read_text(encoding="utf-8")
    start = text.index("SCORES = {")
    end = text.index("\n}\n", start) + 3
    path.write_text(text[:start] + shown(scores) + text[end:], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--by-source", action="store_true", help="judge each fold by the others")
    parser.add_argument("--level", choices=LEVELS, default="balanced", help="with --by-source")
    parser.add_argument("--write", action="store_true", help="put the scores where they are used")
    parser.add_argument("--limit", type=int, help="only the first N documents of each set")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="processes (2)")
    args = parser.parse_args()
    data = data_folder()
    with multiprocessing.Pool(args.jobs) as pool:
        found = list(documents(data, args.limit))
        jobs = [(name, text, labels) for _, name, text, labels in found]
        all_rows = [row for rows in pool.imap(rows_of, jobs, chunksize=8) for row in rows]
        if args.by_source:
            by_source(data, found, all_rows, pool, args.level)
            return
    scores = {level: fitted_score(all_rows, level) for level in LEVELS}
    print(shown(scores), end="")
    if args.write:
        write(scores)


if __name__ == "__main__":
    main()
