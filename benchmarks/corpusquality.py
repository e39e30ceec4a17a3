"""Quality of corpus scope on labelled folders, each on its own: the command cleans them, the scorer judges.

python benchmarks/corpusquality.py                        # with --boilerplate
python benchmarks/corpusquality.py --without-boilerplate  # what goes by default
python benchmarks/corpusquality.py --findings             # and what goes as what, folder by folder
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import groupby
from pathlib import Path

from quality import data_folder, rows_of  # type: ignore[import-not-found]


def unpack(data: Path, target: Path) -> list[Path]:
    """A folder of files for each labelled one."""
    rows = rows_of(data / "folder_docs.jsonl.gz")
    folders = []
    for name, members in groupby(rows, key=lambda row: row["folder"]):
        (folder := target / name).mkdir(parents=True)
        folders.append(folder)
        for row in members:
            (folder / f"{row['id']}.txt").write_text(row["text"], "utf-8", newline="")
    return folders


def clean(folder: Path, target: Path, plan: Path, *flags: str) -> Counter[str]:
    """Clean all files of a folder into ``target``; the characters that go, by finding."""
    command = [sys.executable, "-m", "dedup", "clean", "--isolated", "-qq", "--force"]
    command += ["--scope", "corpus", *flags, "--plan", str(plan), "-o", str(target), str(folder)]
    subprocess.run(command, check=True)
    gone: Counter[str] = Counter()
    for line in plan.read_text("utf-8").splitlines():
        for edit in json.loads(line).get("edits", ()):
            gone[edit["finding"]] += len(edit["removed"])
    return gone


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--without-boilerplate", action="store_true")
    parser.add_argument("--findings", action="store_true", help="characters that go, by finding")
    parser.add_argument("--by", default="type", help="handed to the scorer")
    parser.add_argument("--json", help="handed to the scorer")
    arguments = parser.parse_args()
    data = data_folder()
    flags = () if arguments.without_boilerplate else ("--boilerplate",)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for folder in unpack(data, place / "folders"):
            target = place / "cleaned" / folder.name
            gone = clean(folder, target, place / f"{folder.name}.jsonl", *flags)
            if arguments.findings:
                print(folder.name, *(f"{finding} {gone[finding]}" for finding in sorted(gone)))
            for file in target.glob("*.txt"):
                file.rename(place / file.name)
        return score(data, place, arguments)


def score(data: Path, cleaned: Path, arguments: argparse.Namespace) -> int:
    command = [sys.executable, str(data / "score_clean.py"), "--pred", str(cleaned)]
    command += ["--docs", str(data / "folder_docs.jsonl.gz"), "--by", arguments.by]
    command += ["--labels", str(data / "folder_labels.jsonl.gz")]
    if arguments.json:
        command += ["--json", arguments.json]
    sys.stdout.flush()
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
