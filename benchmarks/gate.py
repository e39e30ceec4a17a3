"""The quality gate: no figure on the labelled documents falls below its floor in `floors.json`.

    python benchmarks/gate.py                   # judge: one line per figure below its floor, exit 1
    python benchmarks/gate.py --raise           # lift floors to what is measured now, add new ones
    python benchmarks/gate.py --lower NAME ...  # lower just these, which has to be asked for

A floor is named `SET/GROUP/FIGURE`, as the lines show it; `hurt` and `damage` are ceilings. Besides the
floors no language may lie far below English, and a second cleaning may change nothing. The floors hold for
one set of documents, labels and scorer, known by its digest; with another one it says so and exits 2.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import math
import multiprocessing
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from quality import SETS, clean_file, data_folder, rows_of, unpack  # type: ignore[import-not-found]

FLOORS = Path(__file__).with_name("floors.json")
FIGURES = {
    "precision": "precision",
    "recall": "recall",
    "perfect": "perfect",
    "hurt": "hurt_docs",
    "damage": "damage_pct",
}
"""What is judged, by the scorer's name of it; `perfect` is a share, `hurt` counts documents, `damage` is the
percentage of unique letters lost."""
CEILINGS = {"hurt", "damage"}
ONLY_WITH_COPIES = {"precision", "recall"}
CONSTRUCTED = (
    "doubled_",
    "tripled",
    "adjacent_repeat",
    "repeated_",
    "para_scatter",
    "truncated_copy",
    "teaser",
    "pullquote",
    "boilerplate",
)
"""How the names of the types begin that were made from ordinary text, so that languages can be compared."""
MIN_DOCUMENTS = 20
"""Documents from which on a language is compared with English."""
MAX_BEHIND = 0.03
"""F1 that a language may lie below English."""
TWICE_ONE_IN = 8
"""Of so many documents one is cleaned twice, chosen by the hash of its id."""


class Scored(NamedTuple):
    """One cleaned document with what the scorer counted."""

    set: str
    id: str
    type: str
    lang: str
    counts: Mapping[str, Any]
    is_stable: bool


class Job(NamedTuple):
    """A document to clean and score."""

    set: str
    path: Path
    label: Mapping[str, Any]
    is_cleaned_twice: bool


_scorer: ModuleType


def load_scorer(data: Path) -> ModuleType:
    """The data's own scorer, which is not part of this project."""
    spec = importlib.util.spec_from_file_location("score_clean", data / "score_clean.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _start(data: Path) -> None:
    global _scorer
    _scorer = load_scorer(data)


def scored(job: Job) -> Scored:
    """Clean one document with the default options and let the scorer count."""
    cleaned = clean_file(job.path, job.is_cleaned_twice)
    text = job.path.read_bytes().decode("utf-8")
    counts = _scorer.score_doc(text, job.label["spans"], cleaned.text)
    label = job.label
    return Scored(job.set, cleaned.id, label["type"], label["lang"], counts, cleaned.stable)


def is_sampled(name: str, one_in: int) -> bool:
    """Whether a document is one of the ``one_in``-th part; the same ones always and everywhere."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % one_in == 0


def jobs_of(data: Path, folder: Path, one_in: int) -> Iterator[Job]:
    """All labelled documents, unpacked below ``folder``."""
    for name in SETS:
        labels = {label["id"]: label for label in rows_of(data / f"{name}_labels.jsonl.gz")}
        rows = [row for row in rows_of(data / f"{name}_docs.jsonl.gz") if row["id"] in labels]
        for row, path in zip(rows, unpack(rows, folder / name), strict=True):
            yield Job(name, path, labels[row["id"]], is_sampled(row["id"], one_in))


def score_all(data: Path, processes: int, one_in: int) -> list[Scored]:
    """Every labelled document cleaned and scored, in the order of their names."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = list(jobs_of(data, Path(folder), one_in))
        with multiprocessing.Pool(processes, _start, (data,)) as pool:
            found = list(pool.imap_unordered(scored, jobs, chunksize=4))
    return sorted(found, key=lambda one: (one.set, one.id))


def measured(found: Sequence[Scored], scorer: ModuleType) -> dict[str, float]:
    """Every judged figure by its name, rounded so that the third digit does not decide against it."""
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in found:
        kind = "positives" if one.counts["redundant"] else "negatives"
        for group in ("all", kind, f"type/{one.type}"):
            groups[f"{one.set}/{group}"].append(one.counts)
    figures: dict[str, float] = {}
    for group, rows in sorted(groups.items()):
        folded = scorer.fold(rows)
        for figure, key in FIGURES.items():
            if folded["positives"] or figure not in ONLY_WITH_COPIES:
                figures[f"{group}/{figure}"] = rounded(figure, folded[key])
    for language, rows in sorted(constructed(found).items()):
        figures[f"within/language/{language}/f1"] = rounded("f1", scorer.fold(rows)["f1"])
    return figures


def rounded(figure: str, value: float) -> float:
    """Three digits, towards the worse side; counts as they are."""
    if isinstance(value, int):
        return value
    towards = math.ceil if figure in CEILINGS else math.floor
    return towards(round(value * 1000, 6)) / 1000


def constructed(found: Iterable[Scored]) -> dict[str, list[Mapping[str, Any]]]:
    """Counts of the documents with constructed repeats, by language."""
    languages: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in found:
        if one.set == "within" and one.type.startswith(CONSTRUCTED):
            languages[one.lang].append(one.counts)
    return languages


def is_worse(name: str, value: float, floor: float) -> bool:
    """Whether a figure lies on the wrong side of its floor, or of its ceiling."""
    return value > floor if name.rpartition("/")[2] in CEILINGS else value < floor


def below(figures: Mapping[str, float], floors: Mapping[str, float]) -> Iterator[str]:
    """One line for each floor that is not held."""
    for name, floor in floors.items():
        what = "ceiling" if name.rpartition("/")[2] in CEILINGS else "floor"
        if name not in figures:
            yield f"{name}: not measured any more, {what} {floor}"
        elif is_worse(name, figures[name], floor):
            yield f"{name}: {figures[name]}, {what} {floor}"


def far_behind(found: Sequence[Scored], figures: Mapping[str, float]) -> Iterator[str]:
    """One line for each language with enough documents that lies too far below English."""
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        counts[one.lang] += one.set == "within"
    english = figures.get("within/language/en/f1", 0.0)
    for language, count in sorted(counts.items()):
        name = f"within/language/{language}/f1"
        if count >= MIN_DOCUMENTS and figures.get(name, 1.0) < round(english - MAX_BEHIND, 3):
            yield f"{name}: {figures[name]}, more than {MAX_BEHIND} below English ({english})"


def moving(found: Iterable[Scored]) -> Iterator[str]:
    """One line for each document that a second cleaning changes."""
    for one in found:
        if not one.is_stable:
            yield f"{one.set}/{one.id}: a second cleaning changes it"


def raised(figures: Mapping[str, float], floors: Mapping[str, float]) -> dict[str, float]:
    """Floors lifted to what is measured, none lowered, missing ones added; by name."""
    lifted = dict(floors)
    for name, value in figures.items():
        if name not in floors or is_worse(name, floors[name], value):
            lifted[name] = value
    return dict(sorted(lifted.items()))


def lowered(
    figures: Mapping[str, float], floors: Mapping[str, float], patterns: Sequence[str]
) -> dict[str, float]:
    """Floors with those named lowered to what is measured; one that is not measured any more is dropped.

    Raises ValueError for a pattern that names no floor that is not held.
    """
    left = dict(floors)
    for pattern in patterns:
        names = [
            name
            for name, floor in floors.items()
            if fnmatchcase(name, pattern)
            and (name not in figures or is_worse(name, figures[name], floor))
        ]
        if not names:
            raise ValueError(f"--lower {pattern}: no floor of that name has to be lowered")
        for name in names:
            del left[name]
            if name in figures:
                left[name] = figures[name]
    return dict(sorted(left.items()))


def changes(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    """One line for each floor that is not what it was."""
    for name in sorted({*before, *after}):
        old, new = before.get(name, "none"), after.get(name, "none")
        if old != new:
            yield f"{name}: {old} -> {new}"


def digest_of(data: Path) -> str:
    """SHA-256 of the documents, the labels and the scorer."""
    files = [f"{name}_{part}.jsonl.gz" for name in SETS for part in ("docs", "labels")]
    found = hashlib.sha256()
    for file in [*files, "score_clean.py"]:
        found.update(hashlib.sha256((data / file).read_bytes()).digest())
    return found.hexdigest()


def read_floors(path: Path, digest: str) -> dict[str, float]:
    """The floors of a file, none if there is no file; leaves with 2 if they are for other data."""
    if not path.exists():
        return {}
    content = json.loads(path.read_text("utf-8"))
    if content["data"] != digest:
        refuse(
            f"{path.name} is for other data ({content['data'][:12]}, here {digest[:12]}):"
            " its floors do not apply"
        )
    floors: dict[str, float] = content["floors"]
    return floors


def refuse(message: str) -> NoReturn:
    """Leave because nothing can be judged."""
    print(f"gate: {message}", file=sys.stderr)
    raise SystemExit(2)


def write_floors(path: Path, digest: str, floors: Mapping[str, float]) -> None:
    content = {"data": digest, "floors": floors}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument(
        "--raise", action="store_true", dest="lift", help="lift floors, never lower one"
    )
    change.add_argument(
        "--lower", nargs="+", metavar="NAME", help="lower floors of these names; * stands for any"
    )
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file (floors.json)")
    parser.add_argument(
        "--twice", type=int, default=TWICE_ONE_IN, metavar="N",
        help=f"clean one document in N twice; 1 is all of them ({TWICE_ONE_IN})",
    )  # fmt: skip
    parser.add_argument("-j", "--jobs", type=int, default=2, help="processes (2)")
    return parser.parse_args()


def main() -> int:
    arguments, data = parse(), data_folder()
    digest = digest_of(data)
    floors = read_floors(arguments.floors, digest)
    if not floors and not arguments.lift:
        refuse(f"{arguments.floors.name} has no floors: --raise sets them to what is measured")
    found = score_all(data, arguments.jobs, arguments.twice)
    figures = measured(found, load_scorer(data))
    after = floors
    if arguments.lift:
        after = raised(figures, floors)
    elif arguments.lower:
        try:
            after = lowered(figures, floors, arguments.lower)
        except ValueError as error:
            refuse(str(error))
    if after != floors:
        print(*changes(floors, after), sep="\n")
        write_floors(arguments.floors, digest, after)
    failures = [*below(figures, after), *far_behind(found, figures), *moving(found)]
    for line in failures:
        print(line)
    twice = sum(is_sampled(one.id, arguments.twice) for one in found)
    print(
        f"{len(found)} documents, {twice} of them cleaned twice; {len(after)} floors;"
        f" {len(failures)} failures"
    )
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
