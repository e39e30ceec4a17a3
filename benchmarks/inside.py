"""One tool on a file of documents: what it calls a repeat inside a document goes, the rest is written.

    python inside.py TOOL SETTING PROGRAM DOCUMENTS CLEANED

Run by ``compare.py`` with the Python of an environment that holds this tool; PROGRAM is the tool itself where that
is no library. DOCUMENTS and CLEANED are JSON Lines with ``id`` and ``text``. The first of what is alike stays.
What a tool needs done around it is done here in its favour: a tool that reports lines gets a word per line, so that
what goes are words and not whole lines; paragraphs are those between blank lines, or lines where there are none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path

Span = tuple[int, int]
BLANK = re.compile(r"\n[ \t\r]*\n\s*")
LINE = re.compile(r"\n\s*")
WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]|[^\W\u3040-\u9fff\uac00-\ud7af]+")
"""A word; of scripts without blanks, a character."""
LETTERS = re.compile(r"\w")


class Setting(dict[str, str]):
    """``name=value`` with blanks between."""

    def __init__(self, text: str) -> None:
        super().__init__(part.split("=") for part in text.split())

    def number(self, name: str) -> float:
        return float(self[name])


def paragraphs(text: str, unit: str = "paragraphs") -> list[Span]:
    """The paragraphs of a text with the white space after them, or its lines if it has no blank ones."""
    border = BLANK if unit == "paragraphs" and BLANK.search(text.strip()) else LINE
    cuts = [0, *(found.end() for found in border.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if start < end]


def key(text: str) -> str:
    """Its letters and digits, in lower case."""
    return "".join(LETTERS.findall(text)).lower()


def equal(text: str, setting: Setting, _: str) -> Iterator[Span]:
    """Lines or paragraphs that are equal to an earlier one, as they stand or by their letters."""
    seen: set[str] = set()
    for start, end in paragraphs(text, setting["of"]):
        made = key(text[start:end]) if setting["by"] == "letters" else text[start:end].strip()
        if made and made in seen:
            yield start, end
        seen.add(made)


def fuzz(text: str, setting: Setting, _: str) -> Iterator[Span]:
    """Each paragraph of enough letters against all earlier ones that stay; ``partial`` finds shorter in longer."""
    library = import_module("rapidfuzz.fuzz")
    nearest = import_module("rapidfuzz.process").extractOne
    kept: list[str] = []
    for start, end in paragraphs(text):
        made = key(text[start:end])
        if len(made) < setting.number("letters"):
            continue
        longer = [one for one in kept if len(one) > len(made)]
        if nearest(made, kept, scorer=library.ratio, score_cutoff=setting.number("ratio")) or (
            "partial" in setting
            and nearest(
                made, longer, scorer=library.partial_ratio, score_cutoff=setting.number("partial")
            )
        ):
            yield start, end
        else:
            kept.append(made)


def datasketch(text: str, setting: Setting, _: str) -> Iterator[Span]:
    """MinHash LSH of the words of paragraphs."""
    library = import_module("datasketch")
    index = library.MinHashLSH(threshold=setting.number("jaccard"), num_perm=128)
    for number, (start, end) in enumerate(paragraphs(text)):
        words = text[start:end].lower().split()
        size = min(int(setting["words"]), len(words))
        if not size:
            continue
        made = library.MinHash(num_perm=128)
        windows = {" ".join(words[at : at + size]).encode() for at in range(len(words) - size + 1)}
        made.update_batch([*windows])
        if index.query(made):
            yield start, end
        else:
            index.insert(number, made)


def pyonion(text: str, setting: Setting, _: str) -> Iterator[Span]:
    """A paragraph goes if more than a share of its n-grams stood before in the document, as in ``onion``."""
    library = import_module("pyonion.remover")
    marked = paragraphs(text)
    size = int(setting["words"])
    tokens = import_module("pyonion.utils").simple_tokenizer
    blocks = [text[start:end] for start, end in marked]
    corpus = library.ListCorpusProvider([text], blockizer=lambda _: blocks)
    remover = library.DuplicateRemover(n_gram=size)
    known = remover.find_duplicated_ngrams(corpus)
    seen: set[str] = set()
    made_of = import_module("pyonion.utils").get_n_grams
    for span, block in zip(marked, blocks, strict=True):
        made = set(made_of(tokens(block), size, False, "_"))
        if made and len(made & seen) / len(made) >= setting.number("share"):
            yield span
        seen |= made & known


def sim_text(text: str, setting: Setting, program: str) -> Iterator[Span]:
    """Equal runs of words, exact to the word: it reads a word per line, and reports lines."""
    words = [found.span() for found in WORD.finditer(text)]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("".join(f"{text[start:end]}\n" for start, end in words))
        file.flush()
        command = [program, "-n", "-T", "-r", setting["r"], file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for first, last in re.findall(r"\|[^|\n]*: line (\d+)-(\d+)\s*\[", said):
        yield words[int(first) - 1][0], words[min(int(last), len(words)) - 1][1]


def jscpd(text: str, setting: Setting, program: str) -> Iterator[Span]:
    """Equal runs of tokens; the places in its report are bytes."""
    raw = text.encode()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text.txt").write_bytes(raw)
        options = [f"--{name}={value}" for name, value in setting.items()]
        command = [program, "--silent", "--reporters=json", f"--output={folder}", *options]
        subprocess.run([*command, f"{folder}/text.txt"], capture_output=True, check=True)
        report = Path(folder) / "jscpd-report.json"
        clones = json.loads(report.read_text("utf-8"))["duplicates"] if report.exists() else []
    for clone in clones:
        sides = [clone[side] for side in ("firstFile", "secondFile")]
        later = max(sides, key=lambda side: side["startLoc"]["position"])
        start, end = (later[place]["position"] for place in ("startLoc", "endLoc"))
        yield len(raw[:start].decode("utf-8", "ignore")), len(raw[:end].decode("utf-8", "ignore"))


def dedup(text: str, setting: Setting, _: str) -> Iterator[Span]:
    """This project."""
    found = import_module("dedup").clean(text, **setting)
    return ((edit.span.start, edit.span.end) for edit in found.edits)


Tool = Callable[[str, Setting, str], Iterable[Span]]
TOOLS: dict[str, Tool] = {
    "dedup": dedup,
    "equal": equal,
    "fuzz": fuzz,
    "datasketch": datasketch,
    "pyonion": pyonion,
    "sim_text": sim_text,
    "jscpd": jscpd,
}


def without(text: str, spans: Iterable[Span]) -> str:
    """The text without these spans, which may overlap."""
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    return "".join(kept) + text[at:]


def main(arguments: Sequence[str]) -> None:
    """Read, find, write."""
    name, setting, program, documents, cleaned = arguments
    tool, chosen = TOOLS[name], Setting(setting)
    with (
        open(documents, encoding="utf-8") as source,
        open(cleaned, "w", encoding="utf-8") as target,
    ):
        for line in source:
            row = json.loads(line)
            left = without(row["text"], tool(row["text"], chosen, program))
            target.write(json.dumps({"id": row["id"], "text": left}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
