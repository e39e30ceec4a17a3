"""Near-duplicate paragraphs across documents: CPU, memory, recall and precision, side by side with other tools.

    python benchmarks/corpus.py FOLDER                                # 10 and 100 MB of the real texts below FOLDER
    python benchmarks/corpus.py FOLDER --megabytes 10 30 100 400      # the growth from the first size to the last
    python benchmarks/corpus.py FOLDER --tools gaoya rensa --slow 10  # some tools; slow ones up to 10 MB
    python benchmarks/corpus.py --skewed 20000 80000                  # only corpora made to be slow

FOLDER is any folder of real text, also .gz (Debian's doc-rfc packages, /usr/share/doc). Copies are injected by seed,
so the truth is known (injected.py); what FOLDER lacks is made up of its words. Each tool comes from the package index
into an environment of its own below --cache, and reads the same file of paragraphs, a line each; the CPU is that of its
whole process. Recall is the share of injected copies that go, precision that of right removals among those whose truth
is known. "exact" compares finding equal paragraphs to a loop that makes the same key and keeps a set; "--exact" the
command on the texts as they are to one that reads and splits them as well (exact.py).
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import exact  # type: ignore[import-not-found]
from injected import Injected, injected  # type: ignore[import-not-found]

HERE = Path(__file__).parent
OURS = ("near", "unguarded", "equal", "loop")
PEERS = ("rensa", "gaoya", "datasketch", "text-dedup")
SLOW = ("datasketch", "text-dedup")


class Run(NamedTuple):
    """What one tool did with one file."""

    seconds: float
    megabytes: float
    compared: int
    gone: list[int]


def run(tool: str, paragraphs: Path, cache: Path) -> Run:
    """Run a tool in a process of its own."""
    removed = paragraphs.with_name("removed")
    command = [_python(tool, cache), str(HERE / "peers.py"), tool, str(paragraphs), str(removed)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    compared = int(output[-3]) if len(output) > 2 else 0
    return Run(
        float(output[-2]), float(output[-1]), compared, [*map(int, removed.read_text().split())]
    )


def _python(tool: str, cache: Path) -> str:
    """The Python of the tool's environment, which is made when first asked for."""
    if tool in OURS:
        return sys.executable
    python = cache / tool / "bin" / "python"
    if not python.exists():
        venv.create(cache / tool, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", tool], check=True)
    return str(python)


def quality(truth: Injected, gone: Sequence[int]) -> tuple[float, float, float]:
    """Recall, recall of edited and noisy copies, precision: of what is injected, or the original of it.

    A group is an original and its copies: all but one may go.
    """
    sizes = Counter(truth.origins)
    judged = {origin for origin, size in sizes.items() if size > 1}
    judged |= {
        origin
        for origin, kind in zip(truth.origins, truth.kinds, strict=True)
        if kind == "lookalike"
    }
    removed = Counter(truth.origins[row] for row in gone)
    right = sum(min(count, sizes[origin] - 1) for origin, count in removed.items())
    wrong = sum(
        removed[origin] - sizes[origin] + 1 for origin in judged if removed[origin] >= sizes[origin]
    )
    there = set(gone)
    changed = [row for row, kind in enumerate(truth.kinds) if kind in ("edited", "noisy")]
    return (
        right / max(1, sum(size - 1 for size in sizes.values())),
        sum(row in there for row in changed) / max(1, len(changed)),
        right / max(1, right + wrong),
    )


def compare(folder: Path, arguments: argparse.Namespace) -> None:
    """One table for each size, then how ours grew."""
    seconds: dict[int, float] = {}
    for size in arguments.megabytes:
        truth = injected(folder, int(size * 1e6), arguments.seed)
        with tempfile.TemporaryDirectory() as place:
            paragraphs = Path(place) / "paragraphs"
            paragraphs.write_text("".join(f"{text}\n" for text in truth.texts), "utf-8")
            kinds = Counter(truth.kinds)
            print(f"\n{size:g} MB, {len(truth.texts):,} paragraphs: {dict(sorted(kinds.items()))}")
            if truth.made_up:
                print(f"{truth.made_up:.0%} of the base is made up of the words of the rest")
            seconds[size] = table(truth, paragraphs, size, arguments)
        exact.compare(folder, size, arguments.rounds)
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        growth = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        print(f"\ngrowth of near from {first:g} to {last:g} MB: exponent {growth:.2f}")


def table(truth: Injected, paragraphs: Path, size: float, arguments: argparse.Namespace) -> float:
    """All tools on one file; the CPU seconds of ours."""
    print(
        f"{'':12}{'CPU s':>8}{'MB/s':>7}{'near=1':>8}{'peak MB':>9}{'recall':>8}{'changed':>9}{'precision':>11}"
    )
    ours = 0.0
    done = {}
    for tool in (*OURS, *arguments.tools):
        if tool in SLOW and size > arguments.slow:
            continue
        done[tool] = found = run(tool, paragraphs, arguments.cache)
        ours = ours or found.seconds
        figures = "".join(f"{value:9.4f}" for value in quality(truth, found.gone))
        print(
            f"{tool:12}{found.seconds:8.2f}{size / found.seconds:7.1f}"
            f"{found.seconds / ours:8.2f}{found.megabytes:9.0f}{figures}",
            flush=True,
        )
    print(f"exact: {done['equal'].seconds / done['loop'].seconds:.2f} times the plain loop")
    same = done["equal"].gone == done["loop"].gone
    print("exact: the same paragraphs" if same else "exact: OTHER PARAGRAPHS THAN THE LOOP'S")
    return ours


def skewed(counts: Sequence[int], cache: Path) -> None:
    """Corpora made to be slow, at several sizes: CPU, pairs compared, exponents from the first size to the last."""
    for name, make in (
        ("unlike", unlike),
        ("opening", opening),
        ("template", template),
        ("shared", shared),
    ):
        runs = []
        for count in counts:
            with tempfile.TemporaryDirectory() as place:
                paragraphs = Path(place) / "paragraphs"
                paragraphs.write_text("".join(f"{text}\n" for text in make(count)), "utf-8")
                runs.append(run("near", paragraphs, cache))
        times = math.log(counts[-1] / counts[0])
        figures = " ".join(f"{one.seconds:6.2f} s {one.compared:9,} pairs" for one in runs)
        grown = math.log(runs[-1].seconds / runs[0].seconds) / times if times else 1.0
        print(f"{name:10}{figures}   exponent {grown:.2f}", flush=True)


def unlike(count: int) -> Iterator[str]:
    """Paragraphs of random words."""
    random = Random(1)
    return (" ".join(_words(random, 40)) for _ in range(count))


def opening(count: int) -> Iterator[str]:
    """All begin with the same fifteen words."""
    random = Random(2)
    same = _words(random, 15)
    return (" ".join([*same, *_words(random, 25)]) for _ in range(count))


def template(count: int) -> Iterator[str]:
    """One form, four of its forty words filled in."""
    random = Random(3)
    form = _words(random, 36)
    for _ in range(count):
        filled = list(form)
        for at in (5, 13, 21, 29):
            filled[at] = _words(random, 1)[0]
        yield " ".join(filled)


def shared(count: int) -> Iterator[str]:
    """Each shares sixty per cent with all others, too little for a copy."""
    random = Random(4)
    same = _words(random, 24)
    for _ in range(count):
        own = _words(random, 16)
        yield " ".join(
            own[at // 5 * 2 + at % 5 - 3] if at % 5 > 2 else same[at // 5 * 3 + at % 5]
            for at in range(40)
        )


def _words(random: Random, count: int) -> list[str]:
    return [
        "".join(random.choices("abcdefghiklmnoprstuvw", k=random.randint(3, 9)))
        for _ in range(count)
    ]


def main() -> None:
    """Compare, or run what is skewed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--megabytes", nargs="+", type=float, default=[10.0, 100.0])
    parser.add_argument("--tools", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--slow", type=float, default=10.0, help="MB up to which slow tools run")
    parser.add_argument(
        "--skewed",
        nargs="*",
        type=int,
        default=[20_000, 80_000],
        help="numbers of paragraphs; none leaves them out",
    )
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "dedup-benchmarks")
    parser.add_argument("--rounds", type=int, default=1, help="of the command with --exact")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.folder is None and not arguments.skewed:
        parser.error("FOLDER or --skewed")
    if arguments.folder is not None:
        compare(arguments.folder, arguments)
    if arguments.skewed:
        skewed(arguments.skewed, arguments.cache)


if __name__ == "__main__":
    main()
