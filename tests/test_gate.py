"""The quality gate: judges, lifts floors freely, lowers one only when asked; on data made up here."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import prose

GATE = Path(__file__).parent.parent / "benchmarks" / "gate.py"
SETS = ("within", "hard_negatives")
LANGUAGES = {"en": 2, "de": 20, "fr": 19}
"""How many documents of the made-up set; only one of them has enough to be compared with English."""

SCORER = '''
"""Counts characters: copies are spans of kind c, everything else is unique. French and German do badly."""

def score_doc(text, spans, cleaned):
    redundant = sum(end - start for start, end, _, kind in spans if kind == "c")
    gone = len(text) - len(cleaned)
    return {
        "redundant": redundant,
        "removed": min(gone, redundant) if text.isascii() else redundant // 2,
        "damage": max(0, gone - redundant - 4),
        "total": len(text),
    }

def fold(rows):
    redundant, removed, damage, total = (
        sum(row[key] for row in rows) for key in ("redundant", "removed", "damage", "total")
    )
    recall = removed / redundant if redundant else 1.0
    return {
        "positives": sum(row["redundant"] > 0 for row in rows),
        "precision": removed / (removed + damage) if removed + damage else 1.0,
        "recall": recall,
        "f1": recall,
        "perfect": sum(row["removed"] == row["redundant"] and not row["damage"] for row in rows) / len(rows),
        "hurt_docs": sum(row["damage"] > 0 for row in rows),
        "damage_pct": 100 * damage / total,
    }
'''

Gate = Callable[..., subprocess.CompletedProcess[str]]


def doubled(seed: int, tail: str) -> tuple[str, list[Any]]:
    """A text that stands twice, and the label of its copy."""
    once = "\n\n".join(prose.paragraphs(4, seed))
    copy = len(once) + 2
    return f"{once}\n\n{once}{tail}\n", [[copy, copy + len(once), 1, "c"]]


def write_set(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    for part, fields in (("docs", ["id", "text"]), ("labels", ["id", "type", "lang", "spans"])):
        lines = [json.dumps({field: row[field] for field in fields}) + "\n" for row in rows]
        with gzip.open(folder / f"{name}_{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(lines)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets: doubled documents in three languages with a look-alike, and look-alikes only."""
    folder = tmp_path_factory.mktemp("labelled")
    rows: list[dict[str, Any]] = []
    for language, count in LANGUAGES.items():
        for number in range(count):
            text, spans = doubled(len(rows), "" if language == "en" else "¡")
            name = f"{language}{number}"
            rows.append(
                {
                    "id": name,
                    "type": "doubled_exact",
                    "lang": language,
                    "text": text,
                    "spans": spans,
                }
            )
    plain = {"id": "plain", "type": "neg_plain", "lang": "en", "spans": []}
    plain["text"] = "\n\n".join(prose.paragraphs(4, 99)) + "\n"
    write_set(folder, "within", [*rows, plain])
    write_set(folder, "hard_negatives", [plain])
    (folder / "score_clean.py").write_text(SCORER, "utf-8")
    return folder


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    return tmp_path / "floors.json"


@pytest.fixture
def gate(data: Path, floors: Path) -> Gate:
    """Run the gate on the made-up data, or on the folder given."""

    def run(*arguments: str, data: Path = data) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(GATE), "--floors", str(floors), "-j", "1", *arguments],
            capture_output=True,
            text=True,
            env=os.environ | {"DEDUP_EVAL_DATA": str(data)},
        )

    return run


def read(path: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads(path.read_text("utf-8"))["floors"]
    return found


def change(path: Path, **figures: float) -> None:
    """Set floors of the type ``doubled_exact``."""
    content = json.loads(path.read_text("utf-8"))
    for figure, value in figures.items():
        content["floors"][f"within/type/doubled_exact/{figure}"] = value
    path.write_text(json.dumps(content), "utf-8")


def test_without_floors_nothing_is_judged(gate: Gate, floors: Path) -> None:
    result = gate()
    assert result.returncode == 2
    assert (
        result.stderr == "gate: floors.json has no floors: --raise sets them to what is measured\n"
    )
    assert not floors.exists()


def test_raising_sets_a_floor_for_every_figure_of_each_set_type_and_language(
    gate: Gate, floors: Path
) -> None:
    gate("--raise")
    found = read(floors)
    for group in ("within/all", "within/positives", "within/type/doubled_exact"):
        for figure in ("precision", "recall", "perfect", "hurt", "damage"):
            assert f"{group}/{figure}" in found
    for group in ("within/negatives", "hard_negatives/all", "hard_negatives/type/neg_plain"):
        assert {name.rpartition("/")[2] for name in found if name.startswith(f"{group}/")} == {
            "perfect",
            "hurt",
            "damage",
        }
    for language in LANGUAGES:
        assert f"within/language/{language}/f1" in found
    assert found["within/language/en/f1"] == 1.0
    assert found["within/language/de/f1"] < 0.97
    assert list(found) == sorted(found)


def test_only_a_language_with_enough_documents_is_compared_with_english(gate: Gate) -> None:
    result = gate("--raise")
    assert result.returncode == 1
    behind = [line for line in result.stdout.splitlines() if "below English" in line]
    assert [line.split(":")[0] for line in behind] == ["within/language/de/f1"]


def test_a_figure_below_its_floor_or_above_its_ceiling_fails_by_name(
    gate: Gate, floors: Path
) -> None:
    gate("--raise")
    held = read(floors)["within/type/doubled_exact/recall"]
    change(floors, recall=0.99, precision=0.5, hurt=-1, damage=0.2)
    result = gate()
    assert result.returncode == 1
    assert [line for line in result.stdout.splitlines() if "/type/" in line] == [
        "within/type/doubled_exact/hurt: 0, ceiling -1",
        f"within/type/doubled_exact/recall: {held}, floor 0.99",
    ]
    assert result.stdout.endswith(" 3 failures\n")


def test_raising_lifts_and_never_lowers(gate: Gate, floors: Path) -> None:
    gate("--raise")
    measured = read(floors)
    change(floors, recall=0.999, precision=0.5, hurt=7)
    result = gate("--raise")
    expected = measured | {"within/type/doubled_exact/recall": 0.999}
    assert read(floors) == expected
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "within/type/doubled_exact/hurt: 7 -> 0",
        f"within/type/doubled_exact/precision: 0.5 -> {measured['within/type/doubled_exact/precision']}",
    ]
    assert "within/type/doubled_exact/recall" in lines[2] and result.returncode == 1


def test_lowering_touches_what_is_named_and_no_other(gate: Gate, floors: Path) -> None:
    gate("--raise")
    measured = read(floors)
    change(floors, recall=0.999, hurt=-1, gone=1.0)
    result = gate("--lower", "within/type/*/recall", "*/gone")
    left = read(floors)
    assert left == measured | {"within/type/doubled_exact/hurt": -1}
    assert result.stdout.splitlines()[:2] == [
        "within/type/doubled_exact/gone: 1.0 -> none",
        f"within/type/doubled_exact/recall: 0.999 -> {measured['within/type/doubled_exact/recall']}",
    ]


def test_a_floor_that_holds_is_not_lowered(gate: Gate, floors: Path) -> None:
    gate("--raise")
    change(floors, precision=0.5)
    before = floors.read_bytes()
    result = gate("--lower", "within/type/doubled_exact/precision")
    assert result.returncode == 2 and floors.read_bytes() == before
    assert result.stderr.splitlines() == [
        "gate: --lower within/type/doubled_exact/precision: no floor of that name has to be lowered"
    ]


def test_lowering_and_raising_are_told_apart(gate: Gate, floors: Path) -> None:
    result = gate("--raise", "--lower", "within/all/recall")
    assert result.returncode == 2 and "not allowed with" in result.stderr
    assert not floors.exists()


@pytest.mark.parametrize("changed", ["score_clean.py", "within_labels.jsonl.gz"])
def test_floors_do_not_apply_to_other_data(
    changed: str, gate: Gate, floors: Path, data: Path, tmp_path: Path
) -> None:
    gate("--raise")
    before = floors.read_bytes()
    other = tmp_path / "other"
    other.mkdir()
    for path in data.iterdir():
        if path.is_file():
            (other / path.name).write_bytes(path.read_bytes())
    with (other / changed).open("ab") as file:
        file.write(b"\n")
    for arguments in ([], ["--raise"], ["--lower", "*"]):
        result = gate(*arguments, data=other)
        assert result.returncode == 2 and result.stdout == ""
        assert result.stderr.startswith("gate: floors.json is for other data (")
        assert result.stderr.endswith("): its floors do not apply\n")
        assert result.stderr.count("\n") == 1
    assert floors.read_bytes() == before


@pytest.mark.parametrize(("one_in", "number"), [("1", "43"), ("1000000", "0")])
def test_the_sample_that_is_cleaned_twice_is_as_large_as_asked_for(
    one_in: str, number: str, gate: Gate
) -> None:
    assert (
        f"43 documents, {number} of them cleaned twice;"
        in gate("--raise", "--twice", one_in).stdout
    )


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set")
def test_no_figure_on_the_labelled_documents_lies_below_its_floor() -> None:
    result = subprocess.run([sys.executable, str(GATE)], capture_output=True, text=True)
    if result.returncode == 2 and "other data" in result.stderr:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, result.stdout + result.stderr
