"""Corpus scope in place: by a plan, gone on with after whatever stopped it, and refused for other files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.batch import corpuswide
from dedup.cli import main
from dedup.errors import DedupError
from dedup.files import read, write
from tests.crowd import (
    DROP,
    MIXED,
    PARAGRAPHS,
    SINGLE,
    STORIES,
    check,
    clean,
    data,
    jsonl,
    text,
    written,
)
from tests.many import temporaries, tree

Out = pytest.CaptureFixture[bytes]
IN_PLACE = ["x", "-i", "--plan", "p"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with texts of all kinds in ``x``."""
    monkeypatch.chdir(tmp_path)
    written("x", MIXED)
    return tmp_path


class Nth:
    """A function that fails when it is called for the n-th time."""

    def __init__(self, real: Callable[..., Any], number: int, failure: BaseException) -> None:
        self.real, self.left, self.failure = real, number, failure

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise self.failure
        return self.real(*arguments, **named)


def again() -> None:
    """All as before a run."""
    written("x", MIXED)
    Path("p").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt(), OSError(5, "no such luck")], ids=["stop", "disk"]
)
@pytest.mark.parametrize("more", [(), DROP], ids=["", "drop"])
def test_what_was_stopped_anywhere_is_gone_on_with(
    here: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], failure: BaseException
) -> None:
    assert clean(*IN_PLACE, *more) == 0
    new, plan = tree(Path("x")), Path("p").read_bytes()
    for name in ("write_file", "remove_file"):
        for number in range(1, 20):
            again()
            with monkeypatch.context() as patch:
                hook = Nth(getattr(write, name), number, failure)
                patch.setattr(write, name, hook)
                status = clean(*IN_PLACE, *more)
            if hook.left > 0:  # it was not called so often
                assert status == 0
                break
            assert status in (2, 130)
            half = tree(Path("x"))
            assert all(half.get(n) in (old, new.get(n)) for n, old in data(MIXED).items())
            assert clean(*IN_PLACE, *more) == 0
            assert tree(Path("x")) == new
            assert Path("p").read_bytes() == plan
            assert clean(*IN_PLACE, *more) == 0  # nothing is left to do
            assert tree(Path("x")) == new
            assert main(["restore", "x", "--plan", "p", "-i"]) == 0
            assert tree(Path("x")) == data(MIXED)
            assert not temporaries(here)
        assert number > 1 or name == "remove_file"


def test_in_place_needs_a_plan(here: Path, capfdbinary: Out) -> None:
    assert clean("x", "-i") == 2
    said = capfdbinary.readouterr().err.splitlines()
    assert said[0].startswith(b"dedup: error: --in-place with --scope corpus needs --plan")
    assert tree(Path("x")) == data(MIXED)


def test_a_plan_of_other_files_is_refused(here: Path, capfdbinary: Out) -> None:
    assert clean(*IN_PLACE) == 0
    new, plan = tree(Path("x")), Path("p").read_bytes()
    Path("x/more.txt").write_text(text(STORIES[8]))
    assert clean(*IN_PLACE) == 2
    assert b"holds a plan for other files" in capfdbinary.readouterr().err
    Path("x/more.txt").unlink()
    assert clean(*IN_PLACE, *DROP) == 2
    assert b"holds the plan of another run" in capfdbinary.readouterr().err
    os.rename("x/a.txt", "x/aa.txt")
    assert clean(*IN_PLACE) == 2
    os.rename("x/aa.txt", "x/a.txt")
    assert (tree(Path("x")), Path("p").read_bytes()) == (new, plan)


def test_a_file_that_was_changed_since_the_plan_stays_as_it_is(
    here: Path, capfdbinary: Out
) -> None:
    assert clean(*IN_PLACE, *DROP) == 0
    new = tree(Path("x"))
    Path("x/b/late.txt").write_text("somebody wrote this\n")
    assert clean(*IN_PLACE, *DROP) == 2
    assert b"was changed since the plan was made" in capfdbinary.readouterr().err
    assert tree(Path("x")) == new | {"b/late.txt": b"somebody wrote this\n"}


@pytest.mark.parametrize(
    "target", [["-o", "out"], ["-i", "--plan", "p"], ["-o", "out", "--plan", "p"]]
)
@pytest.mark.parametrize("does", ["changes", "vanishes"])
def test_a_file_that_changes_between_the_readings_is_left_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Out, does: str, target: list[str]
) -> None:
    """Both a file and one of records."""
    decide = corpuswide.Known.decide

    def meanwhile(known: corpuswide.Known, **how: Any) -> Any:
        for name in ("b/late.txt", "r.jsonl"):
            Path("x", name).unlink()
            if does == "changes":
                Path("x", name).write_text(jsonl([SINGLE[15]]) if "json" in name else SINGLE[15])
        return decide(known, **how)

    with monkeypatch.context() as patch:
        patch.setattr(corpuswide.Known, "decide", meanwhile)
        assert clean("x", *target) == 2
    said = capfdbinary.readouterr().err.decode()
    assert said.count("late.txt") >= 1
    assert said.count("r.jsonl") >= 1
    assert "internal error" not in said
    now = tree(Path("x"))
    if does == "changes":
        assert now["b/late.txt"] == SINGLE[15].encode()
        assert now["r.jsonl"] == jsonl([SINGLE[15]]).encode()
    written_to = tree(Path("out")) if "out" in target else now
    assert written_to["c.md"].decode() == text(STORIES[1])  # the others go on
    if "out" in target:
        assert "b/late.txt" not in written_to


def test_outputs_of_an_earlier_run_go_with_their_documents(here: Path, capfdbinary: Out) -> None:
    assert clean("x", "-o", "out") == 0
    assert Path("out/b/copy.txt").exists()
    assert clean("x", "-o", "out", *DROP) == 0
    assert not Path("out/b/copy.txt").exists()
    assert clean("x", "-o", "out") == 0
    assert Path("out/b/copy.txt").exists()
    Path("out/b/copy.txt").write_text("mine\n")  # not ours any more
    assert clean("x", "-o", "out", *DROP) == 2
    assert Path("out/b/copy.txt").read_text() == "mine\n"
    assert clean("x", "-o", "out", *DROP, "--force") == 0
    assert not Path("out/b/copy.txt").exists()


def test_a_backup_of_what_is_dropped_is_kept(here: Path) -> None:
    assert clean(*IN_PLACE, *DROP, "--backup=.orig") == 0
    left = tree(Path("x"))
    assert "b/copy.txt" not in left
    assert left["b/copy.txt.orig"] == data(MIXED)["b/copy.txt"]


def test_nothing_is_put_back_over_another_file(here: Path, capfdbinary: Out) -> None:
    assert clean(*IN_PLACE, *DROP) == 0
    Path("x/b/copy.txt").write_text("mine\n")
    assert main(["restore", "x", "--plan", "p", "-i"]) == 2
    assert Path("x/b/copy.txt").read_text() == "mine\n"


def test_looking_writes_nothing(here: Path, capfdbinary: Out) -> None:
    before = tree(here)
    for flag in ("--diff", "--check"):
        assert clean("x", flag) == 1
        assert clean("x", flag, *DROP) == 1
    assert check("x") == 1
    assert check("x", "--exit-zero") == 0
    assert tree(here) == before


def test_a_diff_makes_what_clean_writes(here: Path, capfdbinary: Out, run_dedup: Any) -> None:
    if shutil.which("patch") is None:
        pytest.skip("patch is not there")
    import subprocess

    for name in ("r.jsonl", "s.csv", "d.html"):  # of records texts are shown
        Path("x", name).unlink()
    assert clean("x", "-o", "out") == 0
    capfdbinary.readouterr()
    assert clean("x", "--diff") == 1
    shown = capfdbinary.readouterr().out
    subprocess.run(["patch", "-p0", "-s"], input=shown, check=True)
    assert tree(Path("x")) == tree(Path("out"))
    assert PARAGRAPHS[2].encode() not in Path("x/b/late.txt").read_bytes()


def test_two_files_of_one_name_are_refused(here: Path, capfdbinary: Out) -> None:
    written("one", {"a.txt": text(STORIES[0])})
    written("two", {"a.txt": text(STORIES[0])})
    assert clean("one/a.txt", "two/a.txt", "-o", "out") == 2
    assert len(capfdbinary.readouterr().err.splitlines()) <= 2
    assert check("one", "two") in (0, 1)
    assert clean("one", "two", "-o", "out", *DROP) == 0
    assert list(tree(Path("out"))) == ["one/a.txt"]


def test_one_bad_file_costs_no_other(here: Path, capfdbinary: Out) -> None:
    Path("x/bad.txt").write_bytes(b"caf\xe9 in the morning, and nothing else to be had\n")
    with Path("x/r.jsonl").open("a") as file:
        file.write("no record\n" + jsonl([STORIES[2]]))
    assert clean("x", "-o", "out", "--plan", "p", *DROP) == 2
    found = tree(Path("out"))
    assert "bad.txt" not in found
    assert b"no record\n" in found["r.jsonl"]
    assert found["r.jsonl"].count(b"\n") == 5
    assert read.load("x/bad.txt").data.startswith(b"caf\xe9")
    Path("x/bad.txt").unlink()
    assert main(["restore", "out", "--plan", "p", "-o", "back"]) == 0
    assert tree(Path("back")) == tree(Path("x"))
    assert b"Traceback" not in capfdbinary.readouterr().err


def test_errors_are_what_the_command_line_says_of_them() -> None:
    with pytest.raises(DedupError, match="unknown format"):
        corpuswide.clusters_writer("c.txt")
