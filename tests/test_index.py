"""``dedup index`` from its arguments to the file it leaves and its exit status."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dedup.batch import folder as folder_run
from dedup.batch import scanning
from dedup.cli import main
from dedup.corpus.indexed import opened
from dedup.files import read
from tests.conftest import Run
from tests.prose import paragraphs

PROSE = paragraphs(40)
WORKERS = str(Path(__file__).parent / "workers.py")


def text(start: int, end: int) -> str:
    return "\n\n".join(PROSE[start:end]) + "\n"


def records(*texts: str) -> str:
    return "".join(json.dumps({"text": one}) + "\n" for one in texts)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``c/`` with texts in two folders and a file of records, one of which says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".git").mkdir()  # the search for a config file ends here
    (tmp_path / "c/sub").mkdir(parents=True)
    (tmp_path / "c/a.txt").write_text(text(0, 4) + "\n" + text(0, 4))  # what repeats in it stays
    (tmp_path / "c/sub/b.md").write_text("# Head\n\n" + text(4, 9))
    (tmp_path / "c/sub/empty.txt").write_text("")
    (tmp_path / "c/r.jsonl").write_text(records(text(9, 12), "", text(12, 14), text(9, 12)))
    (tmp_path / "c/z.txt.gz").write_bytes(gzip.compress(text(14, 20).encode(), mtime=0))
    return tmp_path


def said(run: subprocess.CompletedProcess[bytes], status: int = 0) -> list[str]:
    """The lines on standard error; nothing else was written."""
    assert (run.returncode, run.stdout) == (status, b""), run.stderr.decode()
    return run.stderr.decode().splitlines()


def named(path: str | Path = "x.index") -> list[str]:
    with opened(str(path)) as index:
        return [entry.name for entry in index.entries()]


def texts(path: str | Path = "x.index") -> dict[str, str]:
    with opened(str(path)) as index:
        return {entry.name: entry.sheet.texts.decode() for entry in index.entries()}


NAMES = [
    "c/a.txt",
    "c/r.jsonl#1",
    "c/r.jsonl#3",
    "c/r.jsonl#4",
    "c/sub/b.md",
    "c/sub/empty.txt",
    "c/z.txt.gz",
]


# build


def test_build_holds_every_document_as_it_is(folder: Path, run_dedup: Run) -> None:
    made = said(run_dedup("index", "build", "x.index", "c"))
    assert made == ["x.index holds 8 documents of 5 files with 28 paragraphs."]
    assert [name for name in named() if name != "c/r.jsonl#2"] == NAMES
    assert texts()["c/a.txt"] == "".join(PROSE[:4] * 2)
    assert texts()["c/z.txt.gz"] == "".join(PROSE[14:20])
    with opened("x.index") as index:
        groups = {entry.name: entry.group for entry in index.entries()}
        assert groups["c/a.txt"] == "c" and groups["c/r.jsonl#3"] == "c/r.jsonl"
        assert index.files["c/a.txt"] == read_print("c/a.txt")


def read_print(path: str) -> object:
    from dedup.files.fingerprints import fingerprint

    return fingerprint(Path(path).read_bytes())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_hash_seeds_and_the_order_of_arguments_change_nothing(
    folder: Path, run_dedup: Run, method: str
) -> None:
    for number in range(60):
        (folder / "c" / f"{number}.txt").write_text(text(number % 20, number % 20 + 5))
    said(run_dedup("index", "build", "one.index", "c", "-j", "1"))
    one = Path("one.index").read_bytes()
    order = ["c/sub", "c/r.jsonl", "./c", "c//a.txt"]
    for seed in ("0", "7"):
        run = subprocess.run(
            [sys.executable, WORKERS, method, "index", "build", "many.index", *order, "-j", "2"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            timeout=120,
        )
        said(run)
        assert Path("many.index").read_bytes() == one


def test_an_index_among_the_texts_is_not_read(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "c/x.txt", "c"))
    first = Path("c/x.txt").read_bytes()
    said(run_dedup("index", "build", "c/x.txt", "c"))
    assert Path("c/x.txt").read_bytes() == first
    shutil.move("c/x.txt", "c/other.txt")
    told = said(run_dedup("index", "build", "x.index", "c"))
    assert told[1] == "Skipped 1: 1 written by dedup."


def test_lists_globs_and_fields_choose_what_is_read(folder: Path, run_dedup: Run) -> None:
    Path("list").write_text("c/sub/b.md\nc/r.jsonl\n")
    said(run_dedup("index", "build", "x.index", "--files-from", "list"))
    assert named() == ["c/r.jsonl#1", "c/r.jsonl#2", "c/r.jsonl#3", "c/r.jsonl#4", "c/sub/b.md"]
    said(run_dedup("index", "build", "x.index", "c", "--include", "*.md"))
    assert named() == ["c/sub/b.md"]
    Path("f.jsonl").write_text('{"text": "no", "body": "The body."}\n')
    said(run_dedup("index", "build", "x.index", "f.jsonl", "--field", "body"))
    assert texts() == {"f.jsonl#1": "The body."}


def test_what_is_no_index_is_not_replaced(folder: Path, run_dedup: Run) -> None:
    before = Path("c/a.txt").read_bytes()
    told = said(run_dedup("index", "build", "c/a.txt", "c/sub"), 2)
    assert told == [
        "dedup: error: c/a.txt: is there already, and is no index",
        f"{SWAPPED}; --force replaces it",
    ]
    assert Path("c/a.txt").read_bytes() == before
    said(run_dedup("index", "build", "c/a.txt", "c/sub", "--force"))
    assert named("c/a.txt") == ["c/sub/b.md", "c/sub/empty.txt"]
    said(run_dedup("index", "build", "c/a.txt", "c/sub/b.md"))  # its own kind
    assert named("c/a.txt") == ["c/sub/b.md"]
    Path("x.index").touch()
    said(run_dedup("index", "build", "x.index", "c"))  # as mktemp leaves it


SWAPPED = "hint: the index comes first, then what is to be in it"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["build"], "missing argument 'INDEX'"),
        (["build", "x.index"], "an index is made of files"),
        (["build", "x.index", "-"], "an index is made of files"),
        (["build", "c", "x.index"], "c: is a folder, and no place for an index"),
        (["build", "c/a.txt", "x.index"], "c/a.txt: is there already, and is no index"),
        (["build", "c", "c/a.txt"], "c: is a folder"),
        (["build", "c/a.txt", "c/a.txt"], "c/a.txt: is there already, and is no index"),
        (["build", "c/a.txt", "c/a.txt", "--force"], "c/a.txt would overwrite the input c/a.txt"),
        (["build", "x.index", "missing"], "missing: no such file or directory"),
        (["build", "", "c"], "INDEX names no file: its path is empty"),
        (["build", "-", "c"], "INDEX -: standard output is for the text"),
        (["build", "no/x.index", "c"], "no/x.index: its folder does not exist"),
        (["build", "x.index", "c", "-0"], "-0 is for the list of --files-from"),
        (["build", "x.index", "c", "--threshold", "1"], "no such option: --threshold"),
        (["build", "x.index", "pipe"], "pipe: is no regular file, and for an index it is read twice"),
        (["update", "x.index", "c"], "x.index: no such file or directory"),
        (["update", "c/a.txt", "c/sub"], "c/a.txt: is no index"),
        (["update", "c", "c/sub"], "c: is a folder, and no place for an index"),
        (["info", "c/a.txt"], "c/a.txt: is no index"),
        (["info"], "missing argument 'INDEX'"),
        (["info", "x.index", "--output-format", "xml"], "--output-format: 'xml' is not one of text, json"),
        (["bild"], "no such command: bild"),
        ([], "missing command"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    folder: Path, run_dedup: Run, arguments: list[str], error: str
) -> None:
    os.mkfifo("pipe")
    before = sorted(map(str, folder.rglob("*")))
    told = said(run_dedup("index", *arguments), 2)
    assert told[0].removeprefix("dedup: error: ") == error or told[0].startswith(
        f"dedup: error: {error}"
    )
    assert sorted(map(str, folder.rglob("*"))) == before


def test_files_that_would_have_one_name_are_refused(folder: Path, run_dedup: Run) -> None:
    (folder / "deep").mkdir()
    (folder / "deep/a.txt").write_text("Other.\n")
    shutil.copy("c/a.txt", "a.txt")
    told = said(
        run_dedup("index", "build", "../x.index", "a.txt", "../a.txt", cwd=folder / "deep"), 2
    )
    assert told[0] == "dedup: error: ../a.txt and a.txt would both be a.txt in the index"


def test_what_cannot_be_read_is_told_and_the_rest_is_in_the_index(
    folder: Path, run_dedup: Run
) -> None:
    Path("c/bad.txt").write_bytes(b"\xff\xfe\xff")
    with open("c/r.jsonl", "a") as file:
        file.write("no record\n")
    told = said(run_dedup("index", "build", "x.index", "c"), 2)
    assert told[0].startswith("dedup: error: c/bad.txt: byte")
    assert told[-1] == "1 file could not be read."
    assert [name for name in named() if name != "c/r.jsonl#2"] == NAMES


def test_an_index_of_nothing_is_not_written(folder: Path, run_dedup: Run) -> None:
    Path("n.jsonl").write_text('{"x": 1}\n')
    Path("bad.txt").write_bytes(b"\xff\xfe\xff")
    for name in ("n.jsonl", "bad.txt"):
        told = said(run_dedup("index", "build", "x.index", name), 2)
        assert "dedup: error: x.index: is not written: there is no document to put into it" in told
    assert not Path("x.index").exists()


def test_settings_for_what_repeats_do_not_matter(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    first = Path("x.index").read_bytes()
    Path("dedup.toml").write_text('level = "careful"\nscope = "corpus"\nfix-text = true\n')
    said(run_dedup("index", "build", "x.index", "c"))
    assert Path("x.index").read_bytes() == first


# update


def test_an_update_comes_to_what_a_build_would(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    Path("c/sub/b.md").write_text("# Head\n\n" + text(4, 8))
    Path("c/sub/a new.txt").write_text(text(20, 22))
    Path("c/r.jsonl").write_text(records(text(9, 12), text(12, 13)))
    (folder / "more").mkdir()
    Path("more/m.txt").write_text(text(22, 30))
    told = said(run_dedup("index", "update", "x.index", "c", "more"))
    assert told == [
        "Added 2 files, replaced 2; 3 unchanged. x.index holds 8 documents of 7 files with 33 paragraphs."
    ]
    said(run_dedup("index", "build", "fresh.index", "c", "more"))
    assert Path("x.index").read_bytes() == Path("fresh.index").read_bytes()


def test_what_is_not_among_the_paths_stays(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    before = texts()
    shutil.rmtree("c/sub")
    (folder / "b").mkdir()
    Path("b/new.txt").write_text(text(30, 33))
    said(run_dedup("index", "update", "x.index", "b"))
    assert texts() == before | {"b/new.txt": "".join(PROSE[30:33])}
    said(
        run_dedup("index", "update", "x.index", "c", "b")
    )  # gone from the folder, but not from here
    assert texts() == before | {"b/new.txt": "".join(PROSE[30:33])}


def test_nothing_is_written_if_nothing_changed(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    before = read.marks(os.stat("x.index"))
    os.utime("c/a.txt")  # another time, the same bytes
    told = said(run_dedup("index", "update", "x.index", "c"))
    assert told[0].startswith("Added 0 files, replaced 0; 5 unchanged.")
    assert read.marks(os.stat("x.index")) == before


def test_a_file_of_the_same_bytes_is_not_read_again(folder: Path, run_dedup: Run) -> None:
    """What the index says of it is believed, and not what it would come to now."""
    from dedup.corpus.index import Entry, write_index

    said(run_dedup("index", "build", "x.index", "c"))
    with opened("x.index") as index:
        items = []
        for item in index:
            if isinstance(item, Entry) and item.name == "c/a.txt":
                item = item._replace(sheet=item.sheet._replace(weights=item.sheet.weights + 1))
            items.append(item)
        write_index("x.index", items, index.about.options)
        weights = next(item for item in items if isinstance(item, Entry)).sheet.weights.tolist()
    Path("c/new.txt").write_text(text(30, 33))
    said(run_dedup("index", "update", "x.index", "c"))
    with opened("x.index") as index:
        assert next(index.entries()).sheet.weights.tolist() == weights


def test_what_can_no_longer_be_read_stays_as_it_was(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    before = texts()
    Path("c/a.txt").write_bytes(b"\xff\xfe\xff")
    Path("c/z.txt.gz").write_bytes(b"\x1f\x8b\x08 cut off")
    Path("c/new.txt").write_text(text(30, 31))
    told = said(run_dedup("index", "update", "x.index", "c"), 2)
    assert told[-2].startswith("Added 1 file, replaced 0; 3 unchanged.")
    assert told[-1] == "2 files could not be read."
    assert texts() == before | {"c/new.txt": PROSE[30]}


def test_what_is_no_text_any_more_goes(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c"))
    Path("c/a.txt").write_bytes(b"\0binary")
    told = said(run_dedup("index", "update", "x.index", "c"))
    assert told[0].startswith("Added 0 files, replaced 0, dropped 1 file; 4 unchanged.")
    said(run_dedup("index", "build", "fresh.index", "c"))
    assert Path("x.index").read_bytes() == Path("fresh.index").read_bytes()


def test_an_update_with_other_options_is_refused(folder: Path, run_dedup: Run) -> None:
    said(run_dedup("index", "build", "x.index", "c", "--field", "body"), 2)
    said(run_dedup("index", "build", "x.index", "c", "--html-input", "text"))
    before = Path("x.index").read_bytes()
    Path("c/new.txt").write_text("New.\n")
    told = said(run_dedup("index", "update", "x.index", "c"), 2)
    assert told == [
        'dedup: error: x.index: was made with html-input = "text", and now it is html-input = "in-place"',
        "hint: give the same options, or make it anew",
    ]
    assert Path("x.index").read_bytes() == before
    said(run_dedup("index", "update", "x.index", "c", "--html-input", "text"))


@pytest.mark.parametrize("command", ["update", "info"])
def test_a_damaged_index_is_refused_and_left(folder: Path, run_dedup: Run, command: str) -> None:
    """R60"""
    said(run_dedup("index", "build", "x.index", "c"))
    data = bytearray(Path("x.index").read_bytes())
    data[-5] ^= 1
    Path("x.index").write_bytes(data)
    Path("c/new.txt").write_text("New.\n")
    told = said(run_dedup("index", command, "x.index", *["c"] * (command == "update")), 2)
    assert told == [
        "dedup: error: x.index: is damaged: 'text_ends' is not what its digest is of",
        "hint: make it anew with dedup index build",
    ]
    assert Path("x.index").read_bytes() == data
    said(run_dedup("index", "build", "x.index", "c"))


def test_an_interrupted_update_leaves_the_old_index(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["index", "build", "x.index", "c"]) == 0
    before = Path("x.index").read_bytes()
    Path("c/a.txt").write_text("Changed.\n")
    Path("c/new.txt").write_text("New.\n")

    def stopped(run: folder_run.Run) -> Iterator[scanning.Scanned]:
        yield next(scanned(run))
        raise KeyboardInterrupt

    scanned = scanning.scanned
    monkeypatch.setattr(scanning, "scanned", stopped)
    capsys.readouterr()
    assert main(["index", "update", "x.index", "c"]) == 130
    assert capsys.readouterr().err == "interrupted; 1 of 2 files done, and nothing is written\n"
    assert Path("x.index").read_bytes() == before
    assert not list(folder.glob(".dedup-*"))


def test_an_index_that_somebody_else_made_in_the_meantime_is_not_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["index", "build", "x.index", "c"]) == 0
    Path("c/a.txt").write_text("Changed.\n")
    scanned = scanning.scanned

    def slow(run: folder_run.Run) -> Iterator[scanning.Scanned]:
        yield from scanned(run)
        shutil.copy("x.index", "y.index")
        os.replace("y.index", "x.index")

    monkeypatch.setattr(scanning, "scanned", slow)
    capsys.readouterr()
    assert main(["index", "update", "x.index", "c"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "dedup: error: x.index: changed while it was being read",
        "hint: run it again",
    ]
    assert "Changed." not in texts().values()
    assert not list(folder.glob(".dedup-*"))


# info


def test_info_says_what_is_in_it(folder: Path, run_dedup: Run) -> None:
    from dedup import __version__

    said(run_dedup("index", "build", "x.index", "c", "--html-input", "text"))
    run = run_dedup("index", "info", "x.index")
    assert (run.returncode, run.stderr) == (0, b"")
    size = os.path.getsize("x.index")
    assert run.stdout.decode().splitlines() == [
        f"x.index: index, format 1, written by dedup {__version__}",
        "  files                     5",
        "  documents                 8",
        "  groups                    3",
        "  paragraphs               28",
        f"  characters  {sum(map(len, texts().values())):>15,}",
        f"  bytes       {size:>15,}",
        '  html-input = "text"',
    ]
    values = json.loads(run_dedup("index", "info", "x.index", "--output-format", "json").stdout)
    assert values["path"] == "x.index" and values["bytes"] == size
    assert (values["format"], values["version"]) == ("dedup-index", 1)
    assert values["options"]["html-input"] == "text" and values["documents"] == 8


def test_an_index_reads_as_no_text(folder: Path, run_dedup: Run) -> None:
    """Its first line is known as ours, so that a walk over a folder leaves it out."""
    said(run_dedup("index", "build", "c/x.txt", "c"))
    assert read.load("c/x.txt").data.startswith(b'{"format":"dedup-index"')
    run = run_dedup("check", "c", "--show-files", "--extend-exclude", "[!x]*.txt")
    assert b"c/x.txt" not in run.stdout and b"skipped c/x.txt: written by dedup" in run.stderr


# What it is for


def test_texts_compared_with_an_index_are_those_compared_with_what_it_was_made_of(
    folder: Path, run_dedup: Run
) -> None:
    """Equal and edited copies, and one that differs in a number and stays."""
    Path("c/sub/b.md").write_text(
        text(4, 9) + "\nThe 14 boats brought 230 crates of herring ashore on Monday.\n"
    )
    (folder / "new").mkdir()
    edited = PROSE[5].replace(" a ", " one ")
    assert edited != PROSE[5]
    numbers = "The 14 boats brought 260 crates of herring ashore on Monday."
    Path("new/n.txt").write_text(
        "\n\n".join([PROSE[30], PROSE[1], edited, numbers, PROSE[10]]) + "\n"
    )
    said(run_dedup("index", "build", "c.index", "c"))
    one, other = found_against(run_dedup, "c"), found_against(run_dedup, "c.index")
    assert other == one
    paths = [place["path"] for found in other["findings"] for place in found["related"]]
    assert len(paths) >= 2 and all(path.startswith("c/") for path in paths)
    shutil.rmtree("c")  # it is not needed any more
    assert found_against(run_dedup, "c.index") == one


def found_against(run_dedup: Run, reference: str) -> dict[str, Any]:
    """All that a check says, but for what it was told."""
    run = run_dedup("check", "new", "--output-format", "json", "--against", reference)
    assert run.returncode == 1, run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    assert said.pop("options")["against"].endswith(reference)
    return said
