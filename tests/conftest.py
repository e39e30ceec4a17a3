"""What holds for every test, and how tests run the command: installed, with bytes in and out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import settings

settings.register_profile("dedup", deadline=None, derandomize=not os.environ.get("DEDUP_FUZZ"))
settings.load_profile("dedup")

Run = Callable[..., subprocess.CompletedProcess[bytes]]
"""How a test may annotate the fixture ``run_dedup``."""


@pytest.fixture(scope="session")
def run_dedup() -> Run:
    """Run ``dedup ARGUMENTS`` as a process of its own; ``input`` and both outputs are bytes.

    ``env`` is added to the environment; whatever else is given goes to ``subprocess.run``.
    """

    def run(
        *arguments: str,
        input: bytes | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 60,
        **others: Any,
    ) -> subprocess.CompletedProcess[bytes]:
        if input is None and "stdin" not in others:
            others["stdin"] = subprocess.DEVNULL
        if "stdout" not in others and "stderr" not in others:
            others["capture_output"] = True
        return subprocess.run(
            [sys.executable, "-m", "dedup", *arguments],
            input=input,
            env={**os.environ, **(env or {})},
            timeout=timeout,
            **others,
        )

    return run


Trace = Callable[..., subprocess.CompletedProcess[bytes]]
"""How a test may annotate the fixture ``strace``."""


@pytest.fixture(scope="session")
def strace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Run ``dedup ARGUMENTS`` under strace with the given options; skip where that does not work.

    ``args`` of the result are the lines of the trace, each with the paths behind descriptors.
    Another ``program`` than the command gets the same arguments.
    """
    folder = tmp_path_factory.mktemp("strace")
    log = folder / "log"
    command = ["strace", "-f", "-y", "-o", str(log)]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("strace is not there or may not trace")

    def trace(
        *options: str,
        dedup: list[str],
        warm: bool = False,
        program: tuple[str, ...] = ("-m", "dedup"),
    ) -> subprocess.CompletedProcess[bytes]:
        # Stopping only at the traced calls is twice as fast, but then no signal can be injected.
        quick = [] if any("signal=" in option for option in options) else ["--seccomp-bpf"]
        run = subprocess.run(
            [*command, *quick, *options, sys.executable, *program, *dedup],
            # Compiled modules of its own, written in a warm run only: so equal runs make equal calls.
            env={
                **os.environ,
                "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
                "PYTHONDONTWRITEBYTECODE": "" if warm else "1",
                "PYTHONHASHSEED": "0",
            },
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        run.args = log.read_text("utf-8", "replace").splitlines()
        return run

    return trace


def _refuse(*_: object) -> NoReturn:
    raise AssertionError("a test tried to open a network connection")


def _only_local(connect: Callable[..., Any]) -> Callable[..., Any]:
    """``connect``, but only to other processes of this machine, as worker processes are reached."""

    def connect_locally(self: socket.socket, address: Any) -> Any:
        local = getattr(socket, "AF_UNIX", None)
        return connect(self, address) if self.family == local else _refuse()

    return connect_locally


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """R49: the whole suite runs with sockets blocked, but for local ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _only_local(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _only_local(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", _refuse)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``CI`` set, a test skipped for want of a tool counts as failed, as does one for want of a
    package index: the tests themselves were just installed from it."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if any(tool in reason for tool in ("strace", "patch", "chromium", "package index")):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: not to be skipped in CI: {reason}"
    return report
