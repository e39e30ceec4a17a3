"""--against: only what the other texts say goes, and nothing of them is touched."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dedup.cli import main
from tests.crowd import PARAGRAPHS, SINGLE, STORIES, Files, jsonl, restored, text, written
from tests.many import tree
from tests.prose import paragraphs

Out = pytest.CaptureFixture[bytes]

MINE = {
    "a.txt": text(SINGLE[0], STORIES[0], SINGLE[1]),
    "b/same.txt": text(SINGLE[2], STORIES[1], SINGLE[3], SINGLE[4]),
    "c.txt": text(SINGLE[5], STORIES[1], SINGLE[6]),
    "r.jsonl": jsonl([f"{SINGLE[7]}\n\n{PARAGRAPHS[1]}", SINGLE[8]]),
    "twice.txt": text(SINGLE[9], SINGLE[9]),
}
"""Stories 0 and its second paragraph stand in what they are compared with; what is said twice here does not matter."""
LEFT = {
    **MINE,
    "a.txt": text(SINGLE[0], SINGLE[1]),
    "r.jsonl": jsonl([SINGLE[7], SINGLE[8]]),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written("mine", MINE)
    written(
        "ref", {"old.txt": text(STORIES[0]), "deep/more.jsonl": jsonl([SINGLE[15], SINGLE[16]])}
    )
    Path("ref.txt").write_text(text(SINGLE[14], STORIES[0]))
    Path("ref.jsonl").write_text(jsonl([SINGLE[14], STORIES[0]]))
    assert main(["index", "build", "-qq", "ref.index", "ref"]) == 0
    return tmp_path


def against(ref: str, *arguments: str, command: str = "clean") -> int:
    return main([command, "--isolated", "mine", "--against", ref, *arguments])


@pytest.mark.parametrize("scope", [(), ("--scope", "corpus")])
@pytest.mark.parametrize("ref", ["ref", "ref.txt", "ref.jsonl", "ref.index"])
def test_what_it_says_goes_and_nothing_else(here: Path, ref: str, scope: tuple[str, ...]) -> None:
    before = tree(here)
    stamps = {path: path.stat().st_mtime_ns for path in here.rglob("ref*")}
    assert against(ref, *scope, command="check") == 1
    assert against(ref, *scope, "-o", "out", "--plan", "p") == 0
    assert {name: one.decode() for name, one in tree(Path("out")).items()} == LEFT
    assert restored("out") == {name: one.encode() for name, one in MINE.items()}
    now = tree(here)
    assert {name: one for name, one in now.items() if name in before} == before
    assert {path: path.stat().st_mtime_ns for path in here.rglob("ref*")} == stamps
    assert against(ref, *scope, "-i", "--plan", "q") == 0
    assert tree(Path("mine")) == tree(Path("out"))
    assert against(ref, *scope, command="check") == 0


@pytest.mark.parametrize("ref", ["ref.txt", "ref.index"])
def test_one_text_alone_and_a_pipe(here: Path, run_dedup: Any, ref: str) -> None:
    run = run_dedup("clean", "--isolated", "--against", ref, input=MINE["a.txt"].encode())
    assert (run.returncode, run.stdout.decode()) == (0, LEFT["a.txt"])
    run = run_dedup("clean", "--isolated", "--against", ref, "mine/a.txt")
    assert (run.returncode, run.stdout.decode()) == (0, LEFT["a.txt"])
    run = run_dedup(
        "clean", "--isolated", "--against", ref, "--stdin-filename", "r.jsonl",
        input=MINE["r.jsonl"].encode(),
    )  # fmt: skip
    assert (run.returncode, run.stdout.decode()) == (0, LEFT["r.jsonl"])


def test_what_cannot_be_compared_with_is_refused_in_a_line(here: Path, capfdbinary: Out) -> None:
    Path("bad.txt").write_bytes(b"caf\xe9\n")
    Path("cut.index").write_bytes(Path("ref.index").read_bytes()[:-40])
    Path("closed").mkdir()
    capfdbinary.readouterr()
    before = tree(here)
    for ref in ("missing", "mine", "mine/a.txt", "bad.txt", "cut.index", "."):
        for command, more in (
            ("check", []),
            ("clean", ["-o", "out"]),
            ("clean", ["-i", "--plan", "p"]),
        ):
            assert against(ref, *more, command=command) == 2, ref
            said = capfdbinary.readouterr()
            lines = said.err.splitlines()
            assert lines[0].startswith(b"dedup: error: ")
            assert len(lines) <= 2
            assert b"internal" not in said.err
    assert {name: one for name, one in tree(here).items() if name in before} == before
    assert not Path("out").exists() or not tree(Path("out"))


@pytest.mark.parametrize("ref", ["empty.txt", "empty.jsonl"])
def test_nothing_is_a_copy_of_what_says_nothing(here: Path, ref: str) -> None:
    Path(ref).write_bytes(b"")
    assert against(ref, command="check") == 0
    assert against(ref, "--exact", command="check") == 0
    assert against(ref, "-o", "out") == 0
    assert tree(Path("out")) == tree(Path("mine"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_may_not_be_read_is_refused(here: Path, capfdbinary: Out) -> None:
    Path("ref.txt").chmod(0)
    assert against("ref.txt", command="check") == 2


def test_a_link_to_an_input_is_that_input(here: Path, capfdbinary: Out) -> None:
    os.symlink("mine/a.txt", "link.txt")
    assert against("link.txt", command="check") == 2
    assert b"holds the input" in capfdbinary.readouterr().err


def edited(paragraph: str, share: float, dice: Random) -> str:
    """About so many of its words are other ones."""
    other = ["willow", "copper", "ferns", "cabin", "meter", "sand", "boat"]
    words = paragraph.split()
    return " ".join(dice.choice(other) if dice.random() < share else word for word in words)


def like_each_other(seed: int) -> tuple[str, Files]:
    """A text, and others that say some of it in words that are nearly theirs alone."""
    dice = Random(seed)
    found = paragraphs(80, seed)
    dice.shuffle(found)
    said = found[:6]
    ref = text(*found[20:22], *said[:3], *found[22:24], *said[3:], found[24])
    said = [edited(one, dice.choice([0.02, 0.06, 0.1, 0.15]), dice) for one in said]
    files = {}
    for at in range(30, 54, 6):
        mine = [edited(one, dice.choice([0, 0.01, 0.03]), dice) for one in said]
        last = [" ".join([found[at + 4], *mine[3:], found[at + 5]])]
        parts = [*found[at : at + 2], *mine[:3], *found[at + 2 : at + 4]]
        files[f"{at}.txt"] = text(*parts, *(last if dice.random() < 0.5 else mine[3:]))
    return ref, files


@pytest.mark.parametrize("seed", [0, 10, 22, 32])
def test_what_is_a_copy_does_not_rest_on_what_else_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.chdir(tmp_path)
    ref, files = like_each_other(seed)
    Path("ref.txt").write_text(ref)
    written("mine", files)

    def found(*paths: str) -> set[str]:
        arguments = ("--isolated", "--against", "ref.txt", "--output-format", "concise")
        assert main(["check", *paths, *arguments, "--output-file", "found"]) == 1
        return set(Path("found").read_text().splitlines())

    alone = set().union(*(found(f"mine/{name}") for name in files))
    assert len(alone) >= len(files)
    assert found("mine") == alone
