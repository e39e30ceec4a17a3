"""Files that say the same in many places, for tests of corpus scope; and how the command is run on them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dedup.cli import main
from tests.many import tree
from tests.prose import paragraphs

PARAGRAPHS = paragraphs(120, seed=4711)
STORIES = ["\n\n".join(PARAGRAPHS[at : at + 5]) for at in range(0, 100, 5)]
"""Texts of five paragraphs, none of which is like another."""
SINGLE = PARAGRAPHS[100:]
CORPUS = ("--isolated", "--scope", "corpus")
DROP = ("--documents", "drop")

Files = Mapping[str, str | bytes]


def text(*parts: str) -> str:
    """Paragraphs with blank lines between, and a newline at the end."""
    return "\n\n".join(parts) + "\n"


def written(folder: Path | str, files: Files) -> Path:
    """The folder, anew, with these files in it and no others."""
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, said in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(said if isinstance(said, bytes) else said.encode())
    return folder


def data(files: Files) -> dict[str, bytes]:
    """What the files hold."""
    return {n: said if isinstance(said, bytes) else said.encode() for n, said in files.items()}


def clean(*arguments: str) -> int:
    """The exit status of ``dedup clean`` in corpus scope."""
    return main(["clean", *CORPUS, *arguments])


def check(*arguments: str) -> int:
    """The exit status of ``dedup check`` in corpus scope."""
    return main(["check", *CORPUS, *arguments])


def restored(root: str, plan: str = "p") -> dict[str, bytes]:
    """What comes back of the files below ``root``."""
    shutil.rmtree("back", ignore_errors=True)
    assert main(["restore", root, "--plan", plan, "-o", "back"]) == 0
    return tree(Path("back"))


def jsonl(texts: Iterable[str | None]) -> str:
    """A record for each text; an empty line for none."""
    return "".join("\n" if one is None else json.dumps({"text": one}) + "\n" for one in texts)


def said(lines: bytes) -> list[str]:
    """The texts of the records that are there."""
    return [json.loads(line)["text"] for line in lines.splitlines() if line.strip()]


def delimited(texts: Iterable[str | None], sign: str) -> str:
    """A table of two columns."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=sign)
    writer.writerows([["id", "text"], *([n, one] for n, one in enumerate(texts) if one)])
    return file.getvalue()


def wet(texts: Sequence[str]) -> bytes:
    """A web archive with a page of text for each."""
    return b"".join(_records(texts))


def _records(texts: Iterable[str]) -> Iterator[bytes]:
    for number, one in enumerate(texts):
        body = one.encode()
        head = [
            "WARC/1.0",
            "WARC-Type: conversion",
            f"WARC-Target-URI: http://example.org/{number}",
            "WARC-Date: 2020-01-01T00:00:00Z",
            f"WARC-Record-ID: <urn:uuid:{number:032d}>",
            "Content-Type: text/plain",
            f"Content-Length: {len(body)}",
        ]
        yield "\r\n".join(head).encode() + b"\r\n\r\n" + body + b"\r\n\r\n"


def page(said: str) -> str:
    """A page of HTML with a paragraph for each of the text."""
    body = "".join(f"<p>{one}</p>\n" for one in said.split("\n\n"))
    return f"<html><body>\n{body}</body></html>\n"


MIXED: Files = {
    "a.txt": text(STORIES[0]),
    "b/copy.txt": text(STORIES[0]),
    "b/late.txt": text(SINGLE[0], *PARAGRAPHS[2:5], SINGLE[1], SINGLE[2]),
    "c.md": text(STORIES[1], STORIES[1]),
    "d.html": page("\n\n".join([SINGLE[3], *PARAGRAPHS[5:7], SINGLE[4], SINGLE[5], SINGLE[6]])),
    "empty.txt": "",
    "other.txt": text(SINGLE[7], SINGLE[8]),
    "r.jsonl": jsonl(
        [None, STORIES[2], STORIES[0], None, STORIES[2], f"{SINGLE[9]}\n\n{PARAGRAPHS[16]}"]
    ),
    "s.csv": delimited([STORIES[3], STORIES[3], STORIES[4]], ","),
    "z.txt": text(SINGLE[10], STORIES[4], SINGLE[11], STORIES[5]),
}
"""A copy of a whole file and of records, stretches of others in files, pages and records, own repeats, and none."""
