"""A folder of many small texts, two in three of which say everything twice, and how it is looked at."""

from __future__ import annotations

import os
from pathlib import Path

from tests.prose import paragraphs

OWN = ".dedup-"
WORKERS = str(Path(__file__).with_name("workers.py"))
"""The command with worker processes for any input; see there."""


def texts(count: int, size: int = 2) -> dict[str, tuple[str, str]]:
    """By name what ``count`` texts of ``size`` or one more paragraphs say, and ought to say."""
    found = {}
    for number in range(count):
        once = "\n\n".join(paragraphs(size + number % 2, seed=1000 + number)) + "\n"
        name = f"{'abc'[number % 3]}/{number % 7}/text{number:03}.{'md' if number % 5 else 'txt'}"
        found[name] = (once if number % 3 == 0 else f"{once}\n{once}", once)
    return found


def write(folder: Path, files: dict[str, tuple[str, str]]) -> Path:
    """Make ``folder`` with the texts in it."""
    for name, (text, _) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """What every file below ``folder`` holds, by name, but for our own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(OWN)
    }


def temporaries(folder: Path) -> list[Path]:
    """Temporary files of ours that were left below ``folder``."""
    return [path for path in folder.rglob(f"{OWN}*") if path.suffix != ".jsonl"]


def living(group: int) -> list[int]:
    """Processes of this process group that have not ended."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            state = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[2]) == group and state[0] not in "ZX":
            found.append(int(entry))
    return found
