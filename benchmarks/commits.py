"""What a clean-up of documentation deleted: how much of it `check` finds, and what it finds after the fix.

    python benchmarks/commits.py

The documents of type `real_commit` are documentation files as they were right before a commit that deleted a
duplicate; their labels say which lines. What was deleted is told apart by what it is: a paragraph, a line that is
nothing but a link, a list item, a table row, a heading, code, front matter. Any member of a class may be the one
that is found, as for the scorer. The scorer's reference is the file after the fix: what is found there is left.
A line that is nothing but a link is an entry of a list of links, whether it has a mark in front or not: such lines
are counted apart from paragraphs, and once more together with them. Exit 1 if a floor below is not held.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from gate import load_scorer  # type: ignore[import-not-found]
from quality import data_folder, rows_of  # type: ignore[import-not-found]

from dedup.checks import alerts
from dedup.engine.analyze import analyze_document
from dedup.files.formats import kind_of
from dedup.model import Document, DocumentResult
from dedup.options import Options

TYPE = "real_commit"
PROSE = "paragraph"
LINES = 250
"""Lines to which there may be one finding after the fix."""
FOUND = 0.5
"""Share of a file's deleted text of one kind from which it counts as a case that was found."""
FLOORS = {"paragraph": 0.9, "all": 0.75}
"""Share of what was deleted that has to be found."""
MAX_AFTER = 1.0
"""Findings to so many lines after the fix from which there are too many."""

_FENCES = {
    "markdown": re.compile(r"\s*(?:[-*+>]\s+)*(```+|~~~+)"),
    "asciidoc": re.compile(r"(----+|\.\.\.\.+)$"),
    "text": re.compile(r"(```+)"),
}
_LINE_KINDS = (
    ("heading", re.compile(r"\s{0,3}(#{1,6}|={1,5})\s+\S|\s{0,3}([=~^\-]){3,}\s*$")),
    ("table row", re.compile(r"\s*\|.*\|?\s*$|\s*(?:==+|--+)(?:\s+(?:==+|--+))+\s*$")),
    (
        "list item",
        re.compile(r"[>\s]*(?:[-*+•]|\(?\d{1,3}[.)]|[^:`]*`[^`]+`:?[:;])\s+\S|.*::$|.*`;$"),
    ),
    ("link", re.compile(r"[>\s]*\[[^\]]*\]\([^)]*\)[\s\w]{0,12}$")),
)
"""Tried in this order; a line that is none of it belongs to a paragraph."""


class Case(NamedTuple):
    """One documentation file: what was deleted from it and what of that is found, letters by what they are."""

    name: str
    deleted: Counter[str]
    found: Counter[str]
    after: int
    """Findings in the file after the fix."""
    lines: int
    """Its lines after the fix."""


def cases(data: Path, ids: Sequence[str] = ()) -> Iterator[Case]:
    """Every labelled clean-up in the order of the labels; only those of ``ids`` if there are any."""
    scorer = load_scorer(data)
    labels = {row["id"]: row for row in rows_of(data / "within_labels.jsonl.gz")}
    for row in rows_of(data / "within_docs.jsonl.gz"):
        label = labels.get(row["id"])
        if label and label["type"] == TYPE and (not ids or row["id"].startswith(tuple(ids))):
            yield case(row["text"], label, scorer)


def case(text: str, label: Mapping[str, Any], scorer: ModuleType) -> Case:
    """What is found in one file before and after the fix."""
    name = f"{label['id']}-{label['source'].rpartition('/')[2].rpartition(' ')[2]}"
    deleted, found = counted(text, label["spans"], checked(name, text))
    fixed = scorer.ideal(text, label["spans"])
    after = sum(alert.level == "error" for alert in alerts.of(checked(name, fixed)))
    return Case(name, deleted, found, after, len(fixed.splitlines()))


def checked(name: str, text: str) -> DocumentResult:
    """The result for a text that is in the format its name says."""
    return analyze_document(Document(name, text, format=kind_of(name)), Options())


def counted(
    text: str, spans: Iterable[Sequence[Any]], result: DocumentResult
) -> tuple[Counter[str], Counter[str]]:
    """Letters that the commit deleted, by what they are; and those of them that are found, there or opposite."""
    gone = bytearray(len(text))
    for edit in result.edits:
        gone[edit.span.start : edit.span.end] = b"\1" * len(edit.span)
    kinds = kinds_of(text, result.document.format)
    classes: dict[int, list[tuple[str, list[int]]]] = defaultdict(list)
    for start, end, group, kind in spans:
        if kind in "oc":
            letters = [at for at in range(start, end) if text[at].isalnum()]
            classes[group].append((kind, letters))
    deleted, found = Counter[str](), Counter[str]()
    for members in classes.values():
        for number, (kind, letters) in enumerate(members):
            others = [other for at, (_, other) in enumerate(members) if at != number and other]
            if kind == "c":
                deleted += Counter(kinds[at] for at in letters)
                found += Counter(
                    kinds[at]
                    for place, at in enumerate(letters)
                    if gone[at]
                    or any(gone[one[place * len(one) // len(letters)]] for one in others)
                )
    return deleted, found


def kinds_of(text: str, format: str) -> list[str]:
    """For each character what its line is; told by rules of its own, not by those of the engine."""
    kinds: list[str] = []
    pattern = _FENCES.get(format, _FENCES["text"])
    fence, before, is_matter = "", "", text.startswith("---\n")
    for number, line in enumerate(text.splitlines(keepends=True)):
        said = line.strip()
        mark = pattern.match(line)
        if is_matter:
            kind, is_matter = "front matter", number == 0 or said != "---"
        elif fence or mark:
            kind = "code"
            if mark and not fence:
                fence = mark[1]
            elif mark and said.startswith(fence) and not said.strip(fence[0]):
                fence = ""
        else:
            kind = _kind(line, before)
        kinds += [kind] * len(line)
        before = kind if said else before
    return kinds


def _kind(line: str, before: str) -> str:
    """What a line outside of code is; an indented one goes on with the item ``before`` it, or is code."""
    if not line.strip():
        return PROSE
    if before == "list item" and line[0] in " \t":
        return before
    if line.startswith(("    ", "\t")):
        return "code"
    return next((kind for kind, pattern in _LINE_KINDS if pattern.match(line)), PROSE)


def shares(found: Sequence[Case]) -> Iterator[str]:
    """One line for each kind of deleted text."""
    total = _sum(found, "deleted").total()
    yield f"{'what was deleted':18}{'letters':>8}{'of all':>8}{'found':>8}{'files':>7}{'found':>7}"
    for kind, _ in _sum(found, "deleted").most_common():
        yield _row(found, kind, [kind], total)
    yield _row(found, "paragraph or link", [PROSE, "link"], total)
    yield _row(found, "all", list(_sum(found, "deleted")), total)


def _sum(found: Iterable[Case], field: str) -> Counter[str]:
    return sum((getattr(one, field) for one in found), Counter[str]())


def share(found: Sequence[Case], kinds: Sequence[str]) -> float:
    """Share of the letters of these kinds that is found."""
    deleted, covered = (_sum(found, field) for field in ("deleted", "found"))
    return sum(covered[kind] for kind in kinds) / max(1, sum(deleted[kind] for kind in kinds))


def _row(found: Sequence[Case], name: str, kinds: Sequence[str], total: int) -> str:
    sums = [
        (sum(one.deleted[kind] for kind in kinds), sum(one.found[kind] for kind in kinds))
        for one in found
    ]
    letters = sum(deleted for deleted, _ in sums)
    files = sum(deleted > 0 for deleted, _ in sums)
    hit = sum(covered >= FOUND * deleted > 0 for deleted, covered in sums)
    part = f"{letters / max(1, total):8.1%}{share(found, kinds):8.1%}"
    return f"{name:18}{letters:8}{part}{files:7}{hit:7}"


def missed(found: Iterable[Case]) -> Iterator[str]:
    """One line for each file of which deleted text is not found."""
    for one in found:
        left = one.deleted - one.found
        if left.total():
            yield (
                one.name + ": " + ", ".join(f"{n} of {one.deleted[k]} {k}" for k, n in left.items())
            )


def after(found: Sequence[Case]) -> Iterator[str]:
    """What is found after the fix, to so many lines, in all and in each file that has any."""
    findings, lines = sum(one.after for one in found), sum(one.lines for one in found)
    yield f"after the fix: {findings} findings in {lines:,} lines, {rate(findings, lines):.2f} to {LINES}"
    for one in sorted(found, key=lambda one: (-one.after, one.name)):
        if one.after:
            yield f"  {one.name}: {one.after} in {one.lines}, {rate(one.after, one.lines):.2f} to {LINES}"


def rate(findings: int, lines: int) -> float:
    """Findings to so many lines as there may be one."""
    return findings * LINES / max(1, lines)


def below(found: Sequence[Case]) -> Iterator[str]:
    """One line for each floor that is not held."""
    for kind, floor in FLOORS.items():
        value = share(found, [kind] if kind != "all" else list(_sum(found, "deleted")))
        if value < floor:
            yield f"{kind}: {value:.1%} found, floor {floor:.0%}"
    left = rate(sum(one.after for one in found), sum(one.lines for one in found))
    if left >= MAX_AFTER:
        yield f"after the fix: {left:.2f} findings to {LINES} lines, ceiling {MAX_AFTER:g}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ids", default="", help="only ids that begin with one of these")
    parser.add_argument("--missed", action="store_true", help="name the files with text not found")
    arguments = parser.parse_args()
    found = list(cases(data_folder(), [one for one in arguments.ids.split(",") if one]))
    if not found:
        sys.exit("no documents chosen")
    failures = list(below(found))
    lines = [*shares(found), "", *after(found)]
    lines += ["", *missed(found)] if arguments.missed else []
    print(*lines, *failures, sep="\n")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
