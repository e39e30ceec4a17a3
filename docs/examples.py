"""The console examples of the documentation: find them, run them, compare, or write them anew.

`python docs/examples.py` rewrites the outputs that no longer match; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^\$ ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A command and what it is said to print, standard output and standard error together."""

    command: str
    output: str
    start: int
    """Where the output stands in the document's text."""
    end: int


def documents() -> list[Path]:
    """The files whose examples are run."""
    return [
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        ROOT / "samples" / "README.md",
        ROOT / "benchmarks" / "README.md",
    ]


def examples(text: str) -> Iterator[Example]:
    """All commands in the console blocks of a document, in order."""
    for block in BLOCK.finditer(text):
        for found in EXAMPLE.finditer(block[1]):
            start, end = (block.start(1) + found.start(2), block.start(1) + found.end(2))
            yield Example(found[1], found[2], start, end)


def workplace(folder: Path) -> Path:
    """A folder as a reader of the documentation has it: the samples, and nothing else."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    return folder


def run(command: str, folder: Path) -> str:
    """What ``command`` prints in ``folder`` with the ``dedup`` of this environment."""
    environment = {name: value for name, value in os.environ.items() if name in ("HOME", "TMPDIR")}
    environment |= {"LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    return done.stdout.decode("utf-8")


def matches(expected: str, output: str) -> bool:
    """Whether an output is the expected one, in which ``...`` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def as_shown(output: str) -> str:
    """An output as a document shows it: it ends its last line."""
    return output if output.endswith("\n") or not output else output + "\n"


def updated(text: str, folder: Path) -> str:
    """The document with the outputs that did not match replaced by real ones."""
    parts, position = [], 0
    for example in examples(text):
        output = as_shown(run(example.command, folder))
        fits = matches(example.output, output)
        parts += [text[position : example.start], example.output if fits else output]
        position = example.end
    return "".join([*parts, text[position:]])


def main() -> None:
    for path in documents():
        before = path.read_text("utf-8")
        with tempfile.TemporaryDirectory() as name:
            after = updated(before, workplace(Path(name)))
        if after != before:
            path.write_text(after, "utf-8")
            print(f"rewrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
