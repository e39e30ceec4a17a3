"""The floors of corpus scope on labelled folders, where there are any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "corpusquality.py"
FLOORS = {"precision": 0.995, "recall": 0.985}
"""Of all folders together."""
FLOORS_OF_A_TYPE = {"precision": 0.975, "recall": 0.98}
MAX_DAMAGE = {True: 0.03, False: 0.05}
"""Per cent of the unique text that may be lost: of all folders together, and of each type."""


@pytest.mark.skipif(not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set")
def test_floors_hold(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--json", str(tmp_path / "figures.json")]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    wrong = []
    for name, row in {"all": figures["all"]["all"], **figures["type"]}.items():
        floors = FLOORS if name == "all" else FLOORS_OF_A_TYPE
        wrong += [(name, key, row[key]) for key, floor in floors.items() if row[key] < floor]
        if row["damage_pct"] > MAX_DAMAGE[name == "all"]:
            wrong.append((name, "damage", row["damage_pct"]))
    assert wrong == [] and len(figures["type"]) > 1


def test_without_data_the_script_says_so() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        env=os.environ | {"DEDUP_EVAL_DATA": ""},
    )
    assert run.returncode == 1 and "DEDUP_EVAL_DATA is not set" in run.stderr
