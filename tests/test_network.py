"""R49: nothing here talks to a network, and the test suite would notice."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.conftest import Trace
from tests.prose import doubled


def test_a_connection_in_a_test_is_refused() -> None:
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.socket() as stream, pytest.raises(AssertionError, match="network"):
        stream.connect(("192.0.2.1", 80))


@pytest.mark.faults
def test_a_run_opens_no_socket(tmp_path: Path, strace: Trace) -> None:
    path = tmp_path / "a.txt"
    path.write_text(doubled(5))
    arguments = ["clean", "--isolated", str(path), "-o", str(tmp_path / "out.txt")]
    arguments += ["--plan", str(tmp_path / "p.jsonl"), "--report", str(tmp_path / "r.json")]
    run = strace("-e", "trace=network", dedup=arguments)
    assert run.returncode == 0, run.stderr
    calls = [line for line in run.args if "+++" not in line and "---" not in line]
    assert [line for line in calls if "AF_UNIX" not in line] == []
