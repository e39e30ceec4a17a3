"""Corpus scope from end to end: what goes is said elsewhere, comes back, and does not hang on how it is run."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.cli import main
from dedup.engine import normalize, scores
from dedup.files import plans
from tests.crowd import (
    CORPUS,
    DROP,
    MIXED,
    PARAGRAPHS,
    SINGLE,
    STORIES,
    Files,
    check,
    clean,
    data,
    delimited,
    jsonl,
    page,
    restored,
    said,
    text,
    wet,
    written,
)
from tests.many import WORKERS, temporaries, tree

Out = pytest.CaptureFixture[bytes]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which we are."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mixed(here: Path) -> Path:
    """The same, with texts of all kinds in ``in``."""
    written("in", MIXED)
    return here


# What goes


def test_what_another_document_says_goes_and_the_rest_stays(mixed: Path) -> None:
    assert clean("in", "-o", "out") == 0
    found = tree(Path("out"))
    assert found.keys() == data(MIXED).keys()
    assert found["b/late.txt"].decode() == text(SINGLE[0], *SINGLE[1:3])
    assert found["c.md"].decode() == text(STORIES[1])
    assert all(one not in found["d.html"].decode() for one in PARAGRAPHS[5:7])
    assert all(one in found["d.html"].decode() for one in SINGLE[3:7])
    for name in ("a.txt", "b/copy.txt", "empty.txt", "other.txt"):
        assert found[name] == data(MIXED)[name]


def test_copies_of_whole_documents_are_dropped_where_that_is_asked_for(mixed: Path) -> None:
    assert clean("in", "-o", "out", *DROP) == 0
    found = tree(Path("out"))
    assert data(MIXED).keys() - found.keys() == {"b/copy.txt"}
    assert said(found["r.jsonl"])[0] == STORIES[2]
    assert len(said(found["r.jsonl"])) == 2
    assert b"\n\n" in found["r.jsonl"]  # the empty line stays


@pytest.mark.parametrize("more", [(), DROP])
def test_all_comes_back(mixed: Path, more: tuple[str, ...]) -> None:
    assert clean("in", "-o", "out", "--plan", "p", *more) == 0
    assert tree(Path("in")) == data(MIXED)
    assert tree(Path("out")) != data(MIXED)
    assert restored("out") == data(MIXED)
    shutil.copytree("in", "again")
    assert clean("again", "-i", "--plan", "q", *more) == 0
    assert tree(Path("again")) == tree(Path("out"))
    assert main(["restore", "again", "--plan", "q", "-i"]) == 0
    assert tree(Path("again")) == data(MIXED)


A, B, C = STORIES[:3]
ORDERS: dict[str, list[str | None]] = {
    "first": [A, A, B],
    "last": [B, C, C],
    "neighbours": [A, A, A, A, B],
    "blank lines between": [None, A, None, None, A, None, B, None, A, None],
    "many": [A, B, A, C, B, A, C],
    "all but one": [A, A],
}


@pytest.mark.parametrize("keep", ["first", "last"])
@pytest.mark.parametrize("order", ORDERS)
def test_dropped_records_come_back_to_their_places(here: Path, order: str, keep: str) -> None:
    texts = ORDERS[order]
    there = [one for one in texts if one is not None]
    lines = jsonl(texts)
    files: Files = {
        "lines/r.jsonl": lines,
        "open/r.jsonl": lines.rstrip("\n"),
        "crlf/r.jsonl": lines.replace("\n", "\r\n"),
        "mark/r.jsonl": b"\xef\xbb\xbf" + lines.encode(),
        "comma/r.csv": delimited(texts, ","),
        "tab/r.tsv": delimited(texts, "\t").rstrip("\r\n"),
        "pages/r.wet": wet(there),
        "packed/r.jsonl.gz": gzip.compress(lines.encode(), mtime=0),
    }
    for name, was in data(files).items():
        folder = written("in", {name: was})
        for path in ("out", "p"):
            shutil.rmtree(path, ignore_errors=True)
        Path("p").unlink(missing_ok=True)
        assert clean(str(folder), "-o", "out", "--plan", "p", "--keep-copy", keep, *DROP) == 0
        left = tree(Path("out"))[name]
        back = restored("out")[name]
        if name.endswith(".gz"):
            left, back, was = map(gzip.decompress, (left, back, was))
        assert len(left) < len(was)
        assert back == was
        if "jsonl" in name:
            wanted = list(dict.fromkeys(there if keep == "first" else there[::-1]))
            left = left.removeprefix(b"\xef\xbb\xbf")
            assert said(left) == (wanted if keep == "first" else wanted[::-1])


def test_files_of_which_nothing_stays_are_left_empty_or_go(here: Path) -> None:
    files: Files = {
        "a.txt": text(A),
        "b.jsonl": jsonl([A]),
        "c.txt": text(B),
        "d.jsonl": jsonl([A, B]).rstrip("\n"),
        "e.txt.gz": gzip.compress(text(B).encode(), mtime=0),
        "f/g/h.txt": text(A),
    }
    written("in", files)
    assert clean("in", "-o", "out", "--plan", "p", *DROP) == 0
    found = tree(Path("out"))
    assert found == {
        "a.txt": text(A).encode(),
        "b.jsonl": b"",
        "c.txt": text(B).encode(),
        "d.jsonl": b"",
    }
    back, was = restored("out"), data(files)
    assert back.keys() == was.keys()
    packed = "e.txt.gz"
    assert gzip.decompress(back.pop(packed)) == gzip.decompress(was.pop(packed))
    assert back == was


def test_rows_of_a_table_never_go_whole(here: Path, capfdbinary: Out) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"n": [1, 2, 3, 4], "text": [A, B, A, f"{B}\n\n{SINGLE[0]}\n\n{SINGLE[0]}"]})
    written("in", {"t.txt": text(A)})
    pq.write_table(table, "in/a.parquet")
    assert check("in", *DROP, "--output-format", "json") == 1
    found = json.loads(capfdbinary.readouterr().out)
    (lone,) = [one for one in found["findings"] if one["path"].endswith(".txt")]
    assert lone["level"] == "error"  # of a file that is a copy of a row
    rows = [one for one in found["findings"] if one["document"] == "a.parquet#3"]
    assert [one["level"] for one in rows] == ["note"]
    assert "a row cannot be taken out of its table" in rows[0]["reason"]
    assert clean("in", "-o", "out", "--plan", "p", *DROP) == 0
    left = pq.read_table("out/a.parquet").to_pydict()
    assert left["n"] == [1, 2, 3, 4]
    assert left["text"][:3] == [A, B, A]
    restored("out")
    assert pq.read_table("back/a.parquet").equals(table)
    assert Path("back/t.txt").read_text() == text(A)


# Each removal rests on something that stays


def documents(folder: Path) -> dict[str, str]:
    """The texts below ``folder``: of files, and of records of JSONL."""
    found = {}
    for name, raw in tree(folder).items():
        if name.endswith(".jsonl"):
            texts = enumerate(said(raw), 1)
            found.update({f"{name}#{number}": one for number, one in texts})
        else:
            found[name] = raw.decode()
    return found


def assert_twins_stand(before: dict[str, str], plan: Path) -> int:
    """Promise 3, from the plan alone; how many removals there were."""
    edits = {one.name: one.edits for one in plans.load(plan.read_bytes(), "p").documents}
    gone = {
        (name, at)
        for name, made in edits.items()
        for e in made
        for at in range(e.span.start, e.span.end)
    }
    count = 0
    for name, made in edits.items():
        for edit in made:
            assert before[name][edit.span.start : edit.span.end] == edit.removed
            assert edit.twins
            for twin in edit.twins:
                letters = [
                    at
                    for at in range(twin.span.start, twin.span.end)
                    if before[twin.document][at].isalnum()
                ]
                assert not [at for at in letters if (twin.document, at) in gone]
            texts = [twin.span.cut(before[twin.document]) for twin in edit.twins]
            if edit.kind == "exact":
                said_there, gone_here = (
                    normalize.key(one) for one in ("".join(texts), edit.removed)
                )
                times = len(gone_here) // len(said_there)  # equal neighbours stand in one line
                assert gone_here == said_there * times
            elif edit.kind in ("near", "contained"):
                again = scores.rescore(edit.kind, texts, edit.removed)
                assert again == pytest.approx(edit.score, abs=1e-6)
                assert edit.score >= 0.6
            count += 1
    return count


piece = st.sampled_from([*PARAGRAPHS[:6], *SINGLE[:3]])
corpora = st.lists(st.lists(piece, max_size=6), min_size=2, max_size=5)


def as_files(texts: list[list[str]]) -> Files:
    """The odd ones files, in two folders, the even ones records."""
    files: dict[str, str | bytes] = {
        f"{'ab'[n % 3 == 0]}/{n}.txt": text(*parts) if parts else ""
        for n, parts in enumerate(texts[::2])
    }
    if texts[1::2]:
        files["r.jsonl"] = jsonl("\n\n".join(parts) for parts in texts[1::2])
    return files


FLAGS: list[tuple[str, ...]] = [
    (),
    DROP,
    ("--boilerplate",),
    ("--exact",),
    ("--keep-copy", "last"),
    ("--keep-copy", "longest", "--documents", "drop", "--boilerplate"),
]


@settings(max_examples=50)
@given(corpora, st.sampled_from(FLAGS))
def test_every_corpus_is_cleaned_checked_and_restored_alike(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], more: tuple[str, ...]
) -> None:
    """I1, I3, I11: check exits 1 exactly when clean would change something."""
    here = tmp_path_factory.getbasetemp() / "every"
    folder = written(here / "in", as_files(texts))
    out, plan, back = here / "out", here / "p", here / "back"
    for path in (out, back):
        shutil.rmtree(path, ignore_errors=True)
    plan.unlink(missing_ok=True)
    before = tree(folder)
    status = check(str(folder), "-qq", *more)
    assert clean(str(folder), "-qq", "-o", str(out), "--plan", str(plan), *more) == 0
    assert tree(folder) == before
    assert status == (1 if tree(out) != before else 0)
    assert clean(str(folder), "-qq", "--check", *more) == status
    count = assert_twins_stand(documents(folder), plan)
    assert bool(count) == (status == 1)
    assert main(["restore", "-qq", str(out), "--plan", str(plan), "-o", str(back)]) == 0
    assert tree(back) == before


def test_an_own_repeat_whose_twin_goes_rests_on_the_other_document(here: Path) -> None:
    own, other = "\n\n".join(PARAGRAPHS[:3]), PARAGRAPHS[:3]
    files = {
        "a.txt": text(*other, *SINGLE[:6]),
        "b.txt": text(SINGLE[6], own, *SINGLE[7:11], own, SINGLE[11]),
    }
    written("in", files)
    assert clean("in", "-o", "out", "--plan", "p") == 0
    assert Path("out/b.txt").read_text() == text(*SINGLE[6:12])
    assert assert_twins_stand(documents(Path("in")), Path("p")) >= 2
    planned = plans.load(Path("p").read_bytes(), "p").document("b.txt")
    assert {twin.document for edit in planned.edits for twin in edit.twins} == {"a.txt"}


# Same input, same output


RUNS: list[tuple[list[str], dict[str, str]]] = [
    (["-j", "1"], {"PYTHONHASHSEED": "1"}),
    (["-j", "2"], {"PYTHONHASHSEED": "2"}),
    (["-j", "5", "--memory", "1MiB"], {"LC_ALL": "C", "TZ": "Asia/Tokyo"}),
]


@pytest.mark.parametrize("more", [(), DROP])
def test_workers_seeds_and_memory_change_nothing(mixed: Path, more: tuple[str, ...]) -> None:
    found = []
    for number, (arguments, environ) in enumerate(RUNS):
        written_to = ["-o", f"out{number}", "--plan", f"p{number}", "--report", f"json:r{number}"]
        run = subprocess.run(
            [
                sys.executable,
                WORKERS,
                "",
                "clean",
                *CORPUS,
                "in",
                *written_to,
                "-vv",
                *more,
                *arguments,
            ],
            env={**os.environ, **environ},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        files = [Path(f"{kind}{number}").read_bytes() for kind in "pr"]
        found.append((tree(Path(f"out{number}")), files, run.stderr))
    assert found[0] == found[1] == found[2]


def test_the_order_of_files_and_arguments_changes_nothing(
    mixed: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Out
) -> None:
    scandir = os.scandir

    class Shuffled:
        def __init__(self, path: str) -> None:
            self._inner = scandir(path)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            entries = list(self._inner)
            random.shuffle(entries)
            return iter(entries)

        def __exit__(self, *_: object) -> None:
            self._inner.close()

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return self.__enter__()

    found = []
    names = ["in/a.txt", "in/b", "in/c.md", "in/r.jsonl", "in/z.txt"]
    for number in range(3):
        assert clean("in", "-o", f"o{number}", "--plan", f"p{number}", "-vv") == 0
        assert clean(*names, "-o", f"m{number}", "--plan", f"q{number}", *DROP) == 0
        trees = [tree(Path(f"{kind}{number}")) for kind in "om"]
        plan = [Path(f"{kind}{number}").read_bytes() for kind in "pq"]
        found.append((trees, plan, capfdbinary.readouterr()))
        monkeypatch.setattr(os, "scandir", Shuffled)
        random.shuffle(names)
    assert found[0] == found[1] == found[2]


def test_a_pipe_of_records_is_what_the_file_is(
    mixed: Path, run_dedup: Any, capfdbinary: Out
) -> None:
    assert clean("in/r.jsonl", "-o", "out.jsonl", "--plan", "p", *DROP) == 0
    run = run_dedup(
        "clean", *CORPUS, *DROP, "--stdin-filename", "r.jsonl", "--plan", "q",
        input=Path("in/r.jsonl").read_bytes(),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout == Path("out.jsonl").read_bytes()
    assert len(said(run.stdout)) == 3
    assert Path("p").read_bytes() == Path("q").read_bytes()
    run = run_dedup("clean", *CORPUS, input=text(A, SINGLE[0], A).encode())
    assert run.returncode == 0, run.stderr
    assert run.stdout.decode() == text(A, SINGLE[0])


@pytest.mark.parametrize("more", [(), DROP, ("--exact",), ("--fix-text", "--normalize-space")])
def test_a_cache_changes_nothing(mixed: Path, more: tuple[str, ...], capfdbinary: Out) -> None:
    found = []
    for number, cache in enumerate([[], ["--cache", "kept"], ["--cache", "kept"]]):
        assert clean("in", "-o", f"o{number}", "--plan", f"p{number}", *cache, *more) == 0
        found.append((tree(Path(f"o{number}")), Path(f"p{number}").read_bytes()))
        if not cache:  # that of document scope is another answer
            assert main(["clean", "--isolated", "in", "-o", "x", "--cache", "kept", *more[:0]]) == 0
            capfdbinary.readouterr()
    assert found[0] == found[1] == found[2]


def test_nothing_is_left_behind(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(mixed / "tmp"))
    assert clean("in", "-o", "out", "--clusters", "c.csv") == 0
    assert check("in") == 1
    Path("in/bad.txt").write_bytes(b"caf\xe9 in the morning\n")
    assert clean("in", "-o", "out", *DROP) == 2
    assert not list(Path("tmp").iterdir())
    assert not temporaries(mixed)


def test_three_copies_of_a_story_make_no_boilerplate_of_it(here: Path, capfdbinary: Out) -> None:
    plug = "Our pages are free because readers pay for them: become a friend of the paper at the kiosk."
    files: Files = {
        f"{at}.txt": text(SINGLE[at][:60], STORIES[0] if at < 3 else STORIES[at], plug)
        for at in range(8)
    }
    written("in", files)
    assert clean("in", "-o", "out", "--boilerplate", "-vv") == 0
    assert b"duplicate-document" in capfdbinary.readouterr().err
    without = {n: text(*said.rstrip().split("\n\n")[:-1]) for n, said in files.items()}  # type: ignore[arg-type]
    assert tree(Path("out")) == data(without | {"0.txt": files["0.txt"]})


def test_page_helper_makes_paragraphs() -> None:
    assert page("a\n\nb").count("<p>") == 2


def test_a_document_that_stands_in_a_longer_one_is_dropped(here: Path) -> None:
    files = {"long.txt": text(*PARAGRAPHS[:9]), "part.txt": text(PARAGRAPHS[4])}
    files["r.jsonl"] = jsonl([f"{PARAGRAPHS[1]}\n\n{PARAGRAPHS[2]}", STORIES[9]])
    written("in", files)
    assert check("in", *DROP, "-qq") == 1
    assert clean("in", "-o", "out", "--plan", "p", *DROP) == 0
    assert documents(Path("out")) == {"long.txt": files["long.txt"], "r.jsonl#1": STORIES[9]}
    assert restored("out") == data(files)
