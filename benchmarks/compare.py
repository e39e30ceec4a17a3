"""Other tools beside this one, on equal inputs in one run: the tables of docs/comparison.md.

    python benchmarks/compare.py                        # repeats inside documents, and copies of whole documents
    python benchmarks/compare.py --texts FOLDER         # and copies of paragraphs, injected into real text below FOLDER
    python benchmarks/compare.py --only inside --all    # one table, every setting that was tried
    python benchmarks/compare.py --texts FOLDER --write # and put the tables into the page

The labelled documents are found through DEDUP_EVAL_DATA. Each tool comes from the package index or from Debian into a
place of its own below --cache; one that cannot be had is skipped with a line. Each runs with its defaults and with a
few other settings, of which the best by the table's own measure is shown: chosen on the very documents it is judged
on. CPU is that of all processes of a tool, reading and starting included, in multiples of this project's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from clusters import APART  # type: ignore[import-not-found]
from corpus import quality  # type: ignore[import-not-found]
from injected import Injected, injected  # type: ignore[import-not-found]
from installs import Missing, from_debian, from_index  # type: ignore[import-not-found]
from quality import data_folder, rows_of, write_jsonl  # type: ignore[import-not-found]

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "comparison.md"
END = "<!-- end of table -->"


class Peer(NamedTuple):
    """A tool with the settings to try; the first is its default, or what its guide shows."""

    name: str
    tool: str
    """Its name in inside.py or across.py."""
    settings: tuple[str, ...]
    package: str = ""
    """What holds it in the package index, or in Debian; nothing: the environment this runs in."""
    program: str = ""
    """The program to run, where it is no library."""
    debian: bool = False


OURS = "dedup"
PLAIN = ("", "rapidfuzz")
"""Rules everybody writes, which have no defaults."""
INSIDE = (
    Peer(OURS, "dedup", ("",), "dedup-text"),
    Peer(
        "equal lines or paragraphs",
        "equal",
        (
            "of=lines by=text",
            "of=lines by=letters",
            "of=paragraphs by=text",
            "of=paragraphs by=letters",
        ),
    ),
    Peer(
        "all pairs, rapidfuzz",
        "fuzz",
        (
            "ratio=90 letters=40",
            "ratio=80 letters=40",
            "ratio=90 partial=92 letters=40",
            "ratio=85 partial=92 letters=40",
            "ratio=85 partial=92 letters=15",
        ),
        "rapidfuzz",
    ),
    Peer(
        "datasketch",
        "datasketch",
        (
            "words=1 jaccard=.5",
            "words=2 jaccard=.5",
            "words=3 jaccard=.5",
            "words=3 jaccard=.8",
        ),
        "datasketch",
    ),
    Peer(
        "pyonion",
        "pyonion",
        (
            "words=5 share=.2",
            "words=10 share=.5",
            "words=7 share=.5",
            "words=4 share=.5",
        ),
        "pyonion",
    ),
    Peer(
        "sim_text",
        "sim_text",
        ("r=8", "r=12", "r=16", "r=24"),
        "similarity-tester",
        "sim_text",
        True,
    ),
    Peer(
        "jscpd",
        "jscpd",
        (
            "min-tokens=50 min-lines=5",
            "min-tokens=30 min-lines=0",
            "min-tokens=20 min-lines=0",
            "min-tokens=15 min-lines=0",
            "min-tokens=20 min-lines=0 max-gap-lines=2",
        ),
        "jscpd",
        "jscpd",
    ),
)
ACROSS = (
    Peer("equal letters", "equal", ("",)),
    Peer(
        "gaoya",
        "gaoya",
        (
            "of=word n=1 jaccard=.75 bands=20 rows=5 lower=0 against=all",
            "of=word n=3 jaccard=.6 bands=20 rows=5 lower=1 against=all",
            "of=char n=3 jaccard=.6 bands=20 rows=5 lower=1 against=kept",
            "of=char n=4 jaccard=.5 bands=42 rows=3 lower=1 against=kept",
            "of=word n=3 jaccard=.8 bands=20 rows=5 lower=1 against=kept",
        ),
        "gaoya",
    ),
    Peer(
        "rensa",
        "rensa",
        (
            "of=word n=1 jaccard=.8 lower=0",
            "of=word n=1 jaccard=.6 lower=1",
            "of=word n=2 jaccard=.5 lower=1",
            "of=char n=4 jaccard=.6 lower=1",
            "of=word n=3 jaccard=.7 lower=1",
        ),
        "rensa",
    ),
    Peer(
        "datasketch",
        "datasketch",
        (
            "of=word n=1 jaccard=.5 verified=0 against=all",
            "of=word n=2 jaccard=.5 verified=1 against=kept",
            "of=char n=4 jaccard=.5 verified=1 against=kept",
            "of=word n=3 jaccard=.7 verified=1 against=kept",
        ),
        "datasketch",
    ),
    Peer(
        "text-dedup",
        "text-dedup",
        (
            "n=5 jaccard=.7 hash=sha1",
            "n=3 jaccard=.5 hash=xxh3",
            "n=2 jaccard=.5 hash=xxh3",
        ),
        "text-dedup",
    ),
)


class Row(NamedTuple):
    """What a tool did with one setting."""

    merit: float
    """By this the best setting is chosen."""
    cells: tuple[str, ...]
    seconds: float
    harm: float = 0
    """By this the most careful one, if all are told apart by it."""


class Ready(NamedTuple):
    """How to run a tool."""

    title: str
    command: tuple[str, ...]
    program: str


def ready(peer: Peer, arguments: argparse.Namespace) -> Ready:
    """Install the tool if need be; Missing if that cannot be."""
    if peer.debian:
        place = from_debian(peer.package, peer.program, arguments.cache, arguments.install)
        return Ready(f"{peer.name} {place.version}", (sys.executable,), str(place.program))
    if not peer.package:
        return Ready(peer.name, (sys.executable,), "-")
    if peer.package in ("dedup-text", "rapidfuzz"):
        return Ready(f"{peer.name} {version(peer.package)}", (sys.executable,), "-")
    place = from_index(peer.package, arguments.cache, arguments.install)
    title = f"{peer.name} {place.version}"
    if peer.program:
        return Ready(title, (sys.executable,), str(place.program.parent / peer.program))
    return Ready(title, (str(place.program),), "-")


def cpu_of(command: Sequence[str]) -> float:
    """CPU seconds, user and system, of all processes of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


Judge = Callable[[Ready, Peer, str], Row]


def table(
    head: Sequence[str],
    peers: Sequence[Peer],
    judge: Judge,
    arguments: argparse.Namespace,
    sets: int = 0,
) -> str:
    """The rows of all tools that can be had: of each its default and the best of the others.

    The first ``sets`` columns are of one set each: a row says what the best setting for each would give.
    """
    lines = [_line([*head, "CPU"]), _line(["---", *["---:"] * len(head)])]
    skipped: list[str] = []
    base = 0.0
    for peer in peers:
        try:
            tool = ready(peer, arguments)
        except Missing as why:
            print(f"skipped: {why}", flush=True)
            skipped.append(peer.name)
            continue
        rows = [judge(tool, peer, setting) for setting in peer.settings]
        base = base or rows[0].seconds
        before = len(lines)
        for number, said in shown(peer, rows, arguments.all):
            cpu = f"{rows[number].seconds / base:.2g}"
            lines.append(_line([f"{tool.title}{said}", *rows[number].cells, cpu]))
        if sets and len(rows) > 1:
            cells = ceiling(rows, sets)
            lines.append(_line([f"{tool.title}, another of {len(rows)} for each set", *cells, ""]))
        print(*lines[before:], sep="\n", flush=True)
    if skipped:
        lines += ["", f"Not run: {', '.join(skipped)}."]
    return "\n".join(lines)


def shown(peer: Peer, rows: Sequence[Row], everything: bool) -> list[tuple[int, str]]:
    """Which settings are shown, and what is said of each."""
    if len(rows) == 1:
        return [(0, "")]
    numbers, count = range(len(rows)), len(rows)
    said: dict[int, list[str]] = {number: [] for number in numbers} if everything else {}
    said.setdefault(0, []).append("usual" if peer.package in PLAIN else "default")
    best = max(numbers, key=lambda number: rows[number].merit)
    said.setdefault(best, []).append(f"best of {count}")
    if any(row.harm for row in rows):
        mildest = min(numbers, key=lambda number: rows[number].harm)
        said.setdefault(mildest, []).append(f"mildest of {count}")
    return [
        (number, f", `{peer.settings[number]}`" + f" ({', '.join(what)})" * bool(what))
        for number, what in said.items()
    ]


def ceiling(rows: Sequence[Row], columns: int) -> list[str]:
    """For each of the first columns the best that any setting reaches; nothing in the others."""
    best = [max((row.cells[at] for row in rows), key=float) for at in range(columns)]
    return best + [""] * (len(rows[0].cells) - columns)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def inside(arguments: argparse.Namespace) -> str:
    """Repeats inside documents, judged by the scorer of the labelled ones."""
    data = data_folder()
    scorer = _module(data / "score_clean.py")
    rows = sampled([*rows_of(data / "within_docs.jsonl.gz")], arguments.limit)
    labels = {row["id"]: row["spans"] for row in rows_of(data / "within_labels.jsonl.gz")}
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "documents", Path(name) / "cleaned"
        write_jsonl(source, rows)

        def judge(tool: Ready, peer: Peer, setting: str) -> Row:
            command = [*tool.command, str(HERE / "inside.py"), peer.tool, setting, tool.program]
            seconds = cpu_of([*command, str(source), str(target)])
            cleaned = [json.loads(line)["text"] for line in target.open(encoding="utf-8")]
            scores = [
                scorer.score_doc(row["text"], labels[row["id"]], text)
                for row, text in zip(rows, cleaned, strict=True)
            ]
            whole, cells = _cleaning(scorer.fold, scores)
            return Row(whole["f1"], cells, seconds, whole["damage_pct"])

        size = sum(len(row["text"].encode()) for row in rows) / 1e6
        head = ["tool and setting", "recall", "precision", "perfect", "hurt", "lost"]
        made = table(head, INSIDE, judge, arguments)
    return f"{len(rows):,} documents, {size:.1f} MB.\n\n{made}"


def sampled(rows: Sequence[Any], limit: int | None) -> list[Any]:
    """At most so many, from all over."""
    return [*rows[:: -(-len(rows) // limit) if limit else 1]]


def _cleaning(
    fold: Callable[[list[Any]], dict[str, Any]], scores: list[Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """All figures, and the cells: recall, precision, perfect ones, look-alikes hurt, unique text lost."""
    whole = fold(scores)
    held = [score["perfect"] for score in scores if score["redundant"]]
    hurt = [score["hurt"] for score in scores if not score["redundant"]]
    return whole, (
        _share(whole["recall"]),
        _share(whole["precision"]),
        f"{100 * sum(held) / max(1, len(held)):.0f} %",
        f"{sum(hurt)} of {len(hurt)}",
        f"{whole['damage_pct']:.2f} %",
    )


def paragraphs(arguments: argparse.Namespace) -> str:
    """Copies of paragraphs, injected into real text."""
    truth = injected(arguments.texts, int(arguments.megabytes * 1e6), arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "texts", Path(name) / "homes"
        write_jsonl(source, ({"text": text} for text in truth.texts))

        def judge(tool: Ready, peer: Peer, setting: str) -> Row:
            homes, seconds = _homes(tool, peer, setting, source, target)
            merit, cells = found(truth, homes)
            return Row(merit, cells, seconds)

        head = ["tool and setting", "recall", "of changed ones", "precision", "look-alikes taken"]
        made = table(
            head, (Peer(OURS, "paragraphs", ("",), "dedup-text"), *ACROSS), judge, arguments
        )
    copies = sum(kind not in ("base", "lookalike") for kind in truth.kinds)
    return (
        f"{len(truth.texts):,} paragraphs, {arguments.megabytes:g} MB; {copies:,} copies and "
        f"{truth.kinds.count('lookalike'):,} look-alikes are injected.\n\n{made}"
    )


def found(truth: Injected, homes: Sequence[int]) -> tuple[float, tuple[str, ...]]:
    """F1, and the cells; look-alikes count in the last one alone."""
    gone = [row for row, home in enumerate(homes) if home != row]
    hidden = truth._replace(kinds=[kind.replace("lookalike", "base") for kind in truth.kinds])
    recall, changed, precision = quality(hidden, gone)
    alike = {row for row, kind in enumerate(truth.kinds) if kind == "lookalike"}
    taken = len(alike.intersection(gone)) / max(1, len(alike))
    merit = 2 * recall * precision / max(1e-9, recall + precision)
    return merit, (_share(recall), _share(changed), _share(precision), f"{100 * taken:.0f} %")


def documents(arguments: argparse.Namespace) -> str:
    """Groups of near copies among whole documents, each set on its own."""
    data = data_folder()
    evaluate = _module(data / "score_clusters.py").evaluate
    texts = {row["id"]: row["text"] for row in rows_of(data / "xdoc_docs.jsonl.gz")}
    truth: dict[str, dict[str, str]] = {}
    for row in rows_of(data / "xdoc_clusters.jsonl.gz"):
        truth.setdefault(row["set"], {})[row["id"]] = row["cluster"]
    sets = {
        name: sampled(sorted(labels), arguments.limit) for name, labels in sorted(truth.items())
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, ids in sets.items():
            write_jsonl(Path(folder) / name, ({"text": texts[at]} for at in ids))

        def judge(tool: Ready, peer: Peer, setting: str) -> Row:
            said, total, pairs = [], 0.0, Counter[str]()
            for name, ids in sets.items():
                source, target = Path(folder) / name, Path(folder) / "homes"
                homes, seconds = _homes(tool, peer, setting, source, target)
                total += seconds
                wanted = {at: truth[name][at] for at in ids}
                figures = evaluate(wanted, dict(zip(ids, map(str, homes), strict=True)))
                said.append(figures["ARI"])
                if name != APART:
                    pairs["found"] += sum(map(math.comb, Counter(homes).values(), repeat(2)))
                    pairs["wrong"] += figures["false_pairs"]
                    pairs["missed"] += figures["missed_pairs"]
            right = pairs["found"] - pairs["wrong"]
            recall = right / max(1, right + pairs["missed"])
            precision = right / max(1, pairs["found"])
            return Row(sum(said), tuple(map(_share, [*said, recall, precision])), total)

        head = ["tool and setting", *(name.replace("_", " ") for name in sets)]
        head += ["recall", "precision"]
        peers = (Peer(OURS, "documents", ("",), "dedup-text"), *ACROSS)
        made = table(head, peers, judge, arguments, len(sets))
    count = sum(map(len, sets.values()))
    size = sum(len(texts[at].encode()) for ids in sets.values() for at in ids) / 1e6
    return f"{count:,} documents, {size:.0f} MB.\n\n{made}"


def _homes(
    tool: Ready, peer: Peer, setting: str, source: Path, target: Path
) -> tuple[list[int], float]:
    command = [*tool.command, str(HERE / "across.py"), peer.tool, setting, str(source), str(target)]
    seconds = cpu_of(command)
    return [*map(int, target.read_text().split())], seconds


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else "1"


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(page: str, name: str, made: str) -> str:
    """The page with this table in its place; ValueError if it has no place for it."""
    before, mark, rest = page.partition(f"<!-- table: {name} -->\n")
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"no place for the table {name}")
    return f"{before}{mark}\n{made}\n\n{end}{after}"


TABLES = {"inside": inside, "documents": documents, "paragraphs": paragraphs}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=TABLES, default=[*TABLES])
    parser.add_argument("--texts", metavar="FOLDER", type=Path, help="real text, also .gz")
    parser.add_argument("--megabytes", type=float, default=10, help="so much of it (10)")
    parser.add_argument("--limit", type=int, help="only some N documents, of each set")
    parser.add_argument("--all", action="store_true", help="show every setting")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "dedup-benchmarks")
    parser.add_argument("--no-install", dest="install", action="store_false")
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page (docs/comparison.md)")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    os.environ.setdefault("HF_HOME", tempfile.gettempdir())  # text-dedup's libraries look for it
    for name in arguments.only:
        if name == "paragraphs" and arguments.texts is None:
            print("skipped: paragraphs, no --texts FOLDER", flush=True)
        elif name != "paragraphs" and not os.environ.get("DEDUP_EVAL_DATA"):
            print(f"skipped: {name}, DEDUP_EVAL_DATA is not set", flush=True)
        else:
            print(f"{name}:", flush=True)
            made = TABLES[name](arguments)
            print(f"\n{made}\n", flush=True)
            if arguments.write:
                page = arguments.page.read_text("utf-8")
                arguments.page.write_text(written(page, name, made), "utf-8")


if __name__ == "__main__":
    main()
