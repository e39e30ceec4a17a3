"""Quality floors of clusters on the labelled sets, each on its own, all at the default setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "clusters.py"
FLOORS = {"ocr": 0.97, "news_variants": 0.98, "versions": 0.98, "licences": 0.6}
"""Least adjusted Rand index."""
FALSE = 0.5
"""Most false pairs outside licences, per cent."""

pytestmark = pytest.mark.skipif(
    not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set"
)


@pytest.mark.slow
def test_the_labelled_sets_reach_their_floors() -> None:
    run = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in run.stdout.splitlines()]
    found = {row[0]: float(row[1]) for row in rows if row and row[0] in FLOORS}
    assert found.keys() == FLOORS.keys()
    assert {name: index for name, index in found.items() if index < FLOORS[name]} == {}
    said = next(line for line in run.stdout.splitlines() if line.startswith("false pairs"))
    assert float(said.split()[-2]) < FALSE
