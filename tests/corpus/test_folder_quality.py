"""The floors of corpus scope on labelled folders, where there are any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "corpusquality.py"
PRECISION, RECALL, DAMAGE = 0.995, 0.975, 0.03
"""Of all folders together; damage in per cent of the unique text."""
OF_A_TYPE = (0.975, 0.97, 0.03)
"""The same of each kind of folder."""


@pytest.mark.skipif(not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set")
def test_floors_hold(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--json", str(tmp_path / "figures.json")]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    found = {"all": figures["all"]["all"]} | figures["type"]
    below = [
        (name, figure, row[figure])
        for name, row in found.items()
        for figure, floor in zip(
            ("precision", "recall"),
            (PRECISION, RECALL) if name == "all" else OF_A_TYPE,
            strict=False,
        )
        if row[figure] < floor
    ]
    assert below == []
    assert all(row["damage_pct"] <= DAMAGE for row in found.values())


def test_without_data_the_script_says_so() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        env=os.environ | {"DEDUP_EVAL_DATA": ""},
    )
    assert run.returncode == 1 and "DEDUP_EVAL_DATA is not set" in run.stderr
