"""The comparison with other tools: its page has all tables, and its command fills them without the tools too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests import prose

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
PAGE = ROOT / "docs" / "comparison.md"
EMPTY = "".join(
    f"Before {name}.\n<!-- table: {name} -->\nold\n<!-- end of table -->\nAfter {name}.\n"
    for name in ("inside", "documents", "paragraphs")
)
TEXT = "Zwei Boote lagen am Steg.\n\nDer Wind kam auf.\n\nZwei Boote lagen am Steg!\n\nNacht.\n"


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Benchmarks import each other by name."""
    monkeypatch.syspath_prepend(BENCHMARKS)


def module(name: str) -> Any:
    return import_module(name)


def compare(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "compare.py"), "--no-install", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | variables)


def rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.startswith("|")]


def test_the_page_has_every_table_with_ours_first_and_names_the_command() -> None:
    page = PAGE.read_text("utf-8")
    assert "python benchmarks/compare.py" in page
    for name in module("compare").TABLES:
        (made,) = re.findall(
            rf"<!-- table: {name} -->\n(.*?)<!-- end of table -->", page, flags=re.DOTALL
        )
        head, _, ours, *others = rows(made)
        assert head.startswith("| tool and setting | ") and head.endswith(" | CPU |")
        assert ours.startswith("| dedup ") and ours.endswith(" | 1 |")
        assert others and {row.count("|") for row in rows(made)} == {head.count("|")}


def test_scripts_that_the_page_names_exist() -> None:
    named = {*re.findall(r"python (benchmarks/\w+\.py)", PAGE.read_text("utf-8"))}
    assert "benchmarks/compare.py" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_without_peers_and_labelled_documents_what_can_be_measured_gets_into_the_page(
    tmp_path: Path,
) -> None:
    texts, page = tmp_path / "texts", tmp_path / "page.md"
    texts.mkdir()
    for number in range(4):
        made = "\n\n".join(prose.paragraphs(120, seed=number))
        (texts / f"{number}.txt").write_text(made, encoding="utf-8")
    page.write_text(EMPTY)
    options = ("--texts", str(texts), "--megabytes", "0.05", "--cache", str(tmp_path / "none"))
    result = compare(*options, "--write", "--page", str(page), DEDUP_EVAL_DATA="")
    assert result.returncode == 0, result.stderr
    skipped = [line for line in result.stdout.splitlines() if line.startswith("skipped: ")]
    assert skipped[:2] == [
        "skipped: inside, DEDUP_EVAL_DATA is not set",
        "skipped: documents, DEDUP_EVAL_DATA is not set",
    ]
    assert [line.split()[1] for line in skipped[2:]] == "gaoya rensa datasketch text-dedup".split()
    untouched, made = page.read_text("utf-8").split("<!-- table: paragraphs -->\n")
    assert untouched == EMPTY.split("<!-- table: paragraphs -->\n")[0]
    assert made.endswith("<!-- end of table -->\nAfter paragraphs.\n") and "old" not in made
    assert "Not run: gaoya, rensa, datasketch, text-dedup.\n" in made
    head, _, ours, equal = rows(made)
    assert head.split(" | ")[1:3] == ["recall", "of changed ones"]
    assert ours.startswith("| dedup ") and equal.startswith("| equal letters | ")
    assert float(ours.split(" | ")[1]) > 0.9 > float(equal.split(" | ")[1])


@pytest.mark.skipif(not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set")
def test_labelled_documents_are_judged_without_peers_too(tmp_path: Path) -> None:
    options = ("--only", "inside", "--limit", "6", "--all", "--cache", str(tmp_path))
    result = compare(*options)
    assert result.returncode == 0, result.stderr
    *_, made = result.stdout.split("\n\n| tool and setting")
    assert "equal lines or paragraphs, `of=paragraphs by=text`" in made
    assert "Not run: datasketch, pyonion, sim_text, jscpd." in made


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table inside"):
        module("compare").written("# Page\n<!-- table: inside -->\n", "inside", "| a |")


def test_shown_are_the_default_the_best_and_the_mildest() -> None:
    compared = module("compare")
    peer = compared.Peer("tool", "tool", ("a=1", "a=2", "a=3"), "tool")
    runs = [compared.Row(merit, ("x",), 1.0) for merit in (0.4, 0.6, 0.5)]
    assert compared.shown(peer, runs, False) == [
        (0, ", `a=1` (default)"),
        (1, ", `a=2` (best of 3)"),
    ]
    assert compared.shown(peer, runs[1:], False) == [(0, ", `a=1` (default, best of 2)")]
    runs = [run._replace(harm=harm) for run, harm in zip(runs, (0.3, 0.2, 0.1), strict=True)]
    assert compared.shown(peer, runs, False)[2:] == [(2, ", `a=3` (mildest of 3)")]
    said = compared.shown(peer._replace(package=""), runs[:2], True)
    assert said == [(0, ", `a=1` (usual)"), (1, ", `a=2` (best of 2, mildest of 2)")]


def test_for_each_set_the_best_of_all_settings_is_told() -> None:
    compared = module("compare")
    runs = [compared.Row(0, cells, 1.0) for cells in ((".5", "1", ".9"), (".7", ".2", ".1"))]
    assert compared.ceiling(runs, 2) == [".7", "1", ""]


def test_a_look_alike_that_goes_is_told_apart_from_precision() -> None:
    truth = module("injected").Injected(
        list("abcd"), [0, 0, 2, 3], ["base", "exact", "base", "lookalike"], 0.0
    )
    _, cells = module("compare").found(truth, [0, 0, 2, 2])
    assert cells == ("1", ".000", "1", "100 %")
    _, cells = module("compare").found(truth, [0, 1, 2, 3])
    assert cells == (".000", ".000", ".000", "0 %")


def cleaned(tool: str, setting: str, program: str = "-") -> str:
    inside = module("inside")
    found = inside.TOOLS[tool](TEXT, inside.Setting(setting), program)
    return str(inside.without(TEXT, found))


def test_plain_rules_keep_the_first_of_what_is_alike() -> None:
    left = TEXT.replace("Zwei Boote lagen am Steg!\n\n", "")
    assert cleaned("equal", "of=lines by=letters") == left
    assert cleaned("equal", "of=paragraphs by=text") == TEXT
    assert cleaned("fuzz", "ratio=90 letters=15") == left
    assert cleaned("fuzz", "ratio=90 letters=40") == TEXT


def test_places_of_programs_that_report_lines_or_bytes_become_places_in_the_text(
    tmp_path: Path,
) -> None:
    sim = script(tmp_path / "sim", "print('a: line 1-5    |a: line 10-14    [5]')")
    assert cleaned("sim_text", "r=5", sim) == TEXT.replace("Zwei Boote lagen am Steg!", "!")
    start = len(TEXT[: TEXT.index("Zwei", 5)].encode())
    sides = [{"startLoc": {"position": at}, "endLoc": {"position": at + 25}} for at in (start, 0)]
    clone = dict(zip(("firstFile", "secondFile"), sides, strict=True))
    report = json.dumps({"duplicates": [clone]})
    place = "next(one[9:] for one in sys.argv if one.startswith('--output='))"
    jscpd = script(
        tmp_path / "jscpd",
        f"import sys\nopen({place} + '/jscpd-report.json', 'w').write({report!r})",
    )
    assert cleaned("jscpd", "min-tokens=5", jscpd) == TEXT.replace("Zwei Boote lagen am Steg!", "")


def script(path: Path, code: str) -> str:
    path.write_text(f"#!{sys.executable}\n{code}\n")
    path.chmod(0o700)
    return str(path)


def test_pairs_become_groups_with_the_first_as_home() -> None:
    groups = module("across").Groups(6)
    groups.join(4, [2])
    groups.join(5, [4, 1])
    assert groups.homes() == [0, 1, 1, 3, 1, 1]


def test_a_tool_that_cannot_be_had_is_named_with_the_reason(tmp_path: Path) -> None:
    installs = module("installs")
    with pytest.raises(installs.Missing, match=r"^gaoya is not installed"):
        installs.from_index("gaoya", tmp_path, install=False)
    with pytest.raises(installs.Missing, match=r"^similarity-tester is not installed"):
        installs.from_debian("similarity-tester", "sim_text", tmp_path, install=False)
    assert [*tmp_path.iterdir()] == []
