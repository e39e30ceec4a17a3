"""What is said of a corpus: formats, hostile names of other documents, what is kept, cleanup, usage."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dedup.checks.formats import FORMATS
from dedup.cli import main
from tests.checks.hostile import PAYLOADS, name
from tests.checks.schemas import sarif_schema
from tests.crowd import (
    CORPUS,
    DROP,
    MIXED,
    PARAGRAPHS,
    SINGLE,
    STORIES,
    check,
    clean,
    text,
    written,
)
from tests.many import tree

Out = pytest.CaptureFixture[bytes]
PAIR = {
    "a.txt": text(SINGLE[0], *PARAGRAPHS[:3]),
    "b.txt": text(SINGLE[1], *PARAGRAPHS[:3], SINGLE[2], SINGLE[3]),
}
OURS = ("::error file=", "::notice file=", "::warning file=", "::notice title=dedup::and ")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in (
        "CI",
        "GITHUB_ACTIONS",
        "GITHUB_WORKSPACE",
        "CI_PROJECT_DIR",
        "GITHUB_STEP_SUMMARY",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    written("in", PAIR)
    return tmp_path


def test_every_format_says_where_the_twin_stands(here: Path, capfdbinary: Out) -> None:
    for each in FORMATS:
        assert check("in", "--output-format", each) == 1
        out = capfdbinary.readouterr().out
        assert b"b.txt" in out, each
        if each not in ("junit", "checkstyle"):
            assert b"a.txt" in out, each
    check("in", "--output-format", "sarif")
    log = json.loads(capfdbinary.readouterr().out)
    sarif_schema().validate(log)
    (result,) = log["runs"][0]["results"]
    (there,) = result["relatedLocations"]
    assert there["physicalLocation"]["artifactLocation"]["uri"].endswith("in/a.txt")
    assert there["physicalLocation"]["region"] == {"startLine": 3, "endLine": 7}
    assert there["logicalLocations"] == [{"fullyQualifiedName": "a.txt"}]


def test_what_is_only_reported_fails_nothing(here: Path, capfdbinary: Out) -> None:
    written("in", {"a.txt": text(STORIES[0]), "b.txt": text(STORIES[0])})
    for each in FORMATS:
        assert check("in", "--output-format", each) == 0, each
    capfdbinary.readouterr()
    check("in", "--output-format", "json")
    (found,) = json.loads(capfdbinary.readouterr().out)["findings"]
    assert (found["name"], found["level"]) == ("duplicate-document", "note")
    assert check("in", *DROP) == 1


def test_names_of_other_documents_give_no_commands(
    here: Path, capfdbinary: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    written("in", {})
    for number, payload in enumerate(PAYLOADS):
        said = text(SINGLE[number % 20], *PARAGRAPHS[5:8], f"{number} {SINGLE[(number + 7) % 20]}")
        Path("in").joinpath(name(payload, number).decode("utf-8", "surrogateescape")).write_text(
            said
        )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for each in ("text", "concise", "github", "markdown"):
        assert check("in", "--boilerplate", "--include", "*", "--output-format", each) == 1
    assert clean("in", "--include", "*", "-o", "out", "-vv", "--clusters", "c.csv") == 0
    captured = capfdbinary.readouterr()
    for stream in (captured.out, captured.err):
        assert not [sign for sign in b"\x00\x07\x08\x0d\x1b\x7f" if sign in stream]
        starts = [line.strip() for line in stream.decode("utf-8", "replace").splitlines()]
        assert not [one for one in starts if one.startswith("::") and not one.startswith(OURS)]
        assert not [one for one in starts if "##[" in one or "##vso[" in one]


def test_what_is_to_stay_stays_across_documents(here: Path, capfdbinary: Out) -> None:
    alone = tree(Path("in"))
    assert clean("in", "-o", "out") == 0
    assert tree(Path("out")) != alone
    Path("kept.txt").write_text("\n".join([*PARAGRAPHS[:3], "What nobody says."]))
    capfdbinary.readouterr()
    for more in ((), ("--exact",)):
        assert check("in", "--keep-file", "kept.txt", *more) == 0
        told = capfdbinary.readouterr().err
        assert b"kept.txt:4: matches nothing that repeats" in told
        assert told.count(b"matches nothing") == 1
    rules = "".join(f"[[keep]]\nmatch = {json.dumps(one)}\n" for one in PARAGRAPHS[:3])
    Path("dedup.toml").write_text(rules)
    assert main(["check", "--scope", "corpus", "--config", "dedup.toml", "in"]) == 0
    written("in", {n[:2] + "md": said for n, said in PAIR.items()})
    assert check("in") == 1
    said = PAIR["b.txt"]
    Path("in/b.md").write_text(f"<!-- dedup: off -->\n\n{said}\n<!-- dedup: on -->\n")
    assert check("in") == 0


def test_a_hash_that_check_shows_keeps_what_another_document_says(
    here: Path, capfdbinary: Out
) -> None:
    check("in", "--output-format", "json")
    (found,) = json.loads(capfdbinary.readouterr().out)["findings"]
    Path("dedup.toml").write_text(f'[[keep]]\nhash = "{found["fingerprint"]}"\n')
    for more in ((), ("--exact",)):
        said = ["check", "--scope", "corpus", "--config", "dedup.toml", *more, "in"]
        assert main(said) == 0
        assert b"matches nothing" not in capfdbinary.readouterr().err
    Path("dedup.toml").write_text('[[keep]]\nhash = "0123456789abcdef"\n')
    assert main(["check", "--scope", "corpus", "--config", "dedup.toml", "in"]) == 1
    assert b"keep 1 matches nothing" in capfdbinary.readouterr().err


def test_a_hash_keeps_a_document_from_being_dropped(here: Path, capfdbinary: Out) -> None:
    written("in", {"a.txt": text(STORIES[0]), "b.txt": text(STORIES[0])})
    check("in", *DROP, "--output-format", "json")
    (found,) = json.loads(capfdbinary.readouterr().out)["findings"]
    assert found["name"] == "duplicate-document"
    Path("dedup.toml").write_text(f'[[keep]]\nhash = "{found["fingerprint"]}"\n')
    assert main(["check", "--scope", "corpus", *DROP, "--config", "dedup.toml", "in"]) == 0


@pytest.mark.parametrize("scope", [(), ("--exact",)])
def test_a_block_has_to_be_long_enough(here: Path, scope: tuple[str, ...]) -> None:
    letters = sum(map(str.isalnum, "".join(PARAGRAPHS[:3])))
    assert check("in", *scope, "--min-chars", str(3 * letters)) == 1  # equal: a third will do
    assert check("in", *scope, "--min-chars", str(3 * letters + 3)) == 0


def test_what_goes_may_differ_from_path_to_path(here: Path, capfdbinary: Out) -> None:
    said = PAIR["b.txt"].replace("sober", "earnest")
    other = text(SINGLE[5], said.split("\n\n")[1], *PARAGRAPHS[1:3], SINGLE[6], SINGLE[7])
    written("in", {**PAIR, "b.txt": said, "more/c.md": other})
    asked = ["clean", "--scope", "corpus", "--config", "dedup.toml", "in", "-o", "out"]
    near = "two sacks of flour"
    for rule in ("exact = true", "min-chars = 100000", "threshold = 1.0"):
        Path("dedup.toml").write_text(f'[[override]]\ninclude = ["in/*.txt"]\n{rule}\n')
        assert main([*asked, "--force"]) == 0
        assert near in Path("out/b.txt").read_text()
        assert near not in Path("out/more/c.md").read_text()


def test_a_change_is_told_from_its_own_side(here: Path, capfdbinary: Out) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", "in")
    git("commit", "-qm", "first")
    assert check("in", "--since", "HEAD") == 0
    Path("in/a.txt").write_text(PAIR["a.txt"].replace("sober", "earnest"))
    capfdbinary.readouterr()
    assert check("in", "--since", "HEAD", "--output-format", "concise") == 1
    line = capfdbinary.readouterr().out.decode()
    assert line.startswith("in/a.txt:3: ")
    assert "are repeated by lines 3-7 of in/b.txt" in line
    Path("in/a.txt").write_text(PAIR["a.txt"])
    Path("in/b.txt").write_text(PAIR["b.txt"].replace("sober", "earnest"))
    assert check("in", "--since", "HEAD", "--output-format", "concise") == 1
    assert capfdbinary.readouterr().out.startswith(b"in/b.txt:3:1: ")


def test_what_is_mended_is_compared_mended(here: Path) -> None:
    said = PAIR["b.txt"].replace("sober", "sobér")
    mojibake = said.encode().decode("cp1252").encode()
    files: dict[str, str | bytes] = {
        "a.txt": PAIR["a.txt"].replace("sober", "sobér"),
        "b.txt": mojibake,
    }
    written("in", files)
    assert clean("in", "-o", "out", "--plan", "p", "--fix-text", "--exact") == 0
    assert Path("out/b.txt").read_text() == text(SINGLE[1], SINGLE[2], SINGLE[3])
    assert main(["restore", "out", "--plan", "p", "-o", "back"]) == 0
    assert Path("back/b.txt").read_bytes() == mojibake


def test_other_files_are_called_as_the_reader_sees_them(
    here: Path, capfdbinary: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".git").mkdir()
    monkeypatch.chdir("in")
    for form in ("github", "gitlab", "sarif", "rdjson", "junit", "checkstyle", "markdown", "json"):
        assert check(".", "--output-format", form) == 1
        said = capfdbinary.readouterr().out.decode()
        assert "lines 3-7 of in/a.txt" in said or "[lines 3-7 of in/a.txt](1)" in said, form
    assert check(".", "--output-format", "concise") == 1
    assert b"lines 3-7 of a.txt" in capfdbinary.readouterr().out


def test_a_baseline_sets_aside_what_another_file_says(here: Path, capfdbinary: Out) -> None:
    assert check("in", "--baseline", "base", "--update-baseline") == 0
    assert check("in", "--baseline", "base") == 0
    Path("in/c.txt").write_text(text(SINGLE[4], *PARAGRAPHS[1:3], SINGLE[5]))
    assert check("in", "--baseline", "base") == 1


def test_cleanup_goes_with_it(here: Path) -> None:
    files = {
        "a.txt": text(SINGLE[0], *PARAGRAPHS[:3]),
        "b.txt": text(f"{SINGLE[1]}  ", SINGLE[2], *PARAGRAPHS[:3], SINGLE[3]),
    }
    written("in", files)
    more = ["--normalize-space"]
    assert clean("in", "-o", "out", "--plan", "p", *more) == 0
    assert Path("out/b.txt").read_text() == text(*SINGLE[1:4])
    assert main(["restore", "out", "--plan", "p", "-o", "back"]) == 0
    assert tree(Path("back")) == {n: one.encode() for n, one in files.items()}


@pytest.mark.parametrize(
    "arguments",
    [
        ["clean", "in", "--boilerplate", "-o", "out"],
        ["clean", "in", "--documents", "drop", "-o", "out"],
        ["clean", "in", "--memory", "1GiB", "-o", "out"],
        ["clean", "in", "--clusters", "c.csv", "-o", "out"],
        ["clean", *CORPUS, "in"],
        ["clean", *CORPUS, "in", "-i"],
        ["clean", *CORPUS, "in", "-o", "out", "--clusters", "c.txt"],
        ["clean", *CORPUS, "in", "-o", "out", "--clusters", "c.csv", "--exact"],
        ["clean", *CORPUS, "in", "-o", "out", "--clusters", "in/a.txt"],
        ["clean", *CORPUS, "in", "-o", "out", "--memory", "1"],
        ["clean", *CORPUS, "in", "-o", "out", "--documents", "keep"],
        ["check", *CORPUS, "nowhere"],
        ["clean", "--scope", "all", "in"],
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_line(
    here: Path, capfdbinary: Out, arguments: list[str]
) -> None:
    before = tree(here)
    assert main(arguments) == 2
    captured = capfdbinary.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == b""
    assert lines[0].startswith(b"dedup: error: ")
    assert len(lines) <= 2
    assert tree(here) == before


def test_reports_are_written(here: Path, capfdbinary: Out) -> None:
    written("in", MIXED)
    reports = ["--report", "r.json", "--report", "r.md"]
    assert clean("in", "-o", "out", *reports, *DROP) == 0
    found = json.loads(Path("r.json").read_text())
    names = json.dumps(found)
    assert "duplicate-document" in names
    assert "b/copy.txt" in Path("r.md").read_text()


def test_clusters_are_listed(here: Path, capfdbinary: Out) -> None:
    written("in", MIXED)
    assert check("in", "--clusters", "c.jsonl") == 1
    rows = [json.loads(line) for line in Path("c.jsonl").read_text().splitlines()]
    found: dict[Any, set[str]] = {}
    for row in rows:
        found.setdefault(row["cluster"], set()).add(row["id"])
    assert {"a.txt", "b/copy.txt"} <= next(ids for ids in found.values() if "a.txt" in ids)
    assert all(len(ids) > 1 for ids in found.values())
