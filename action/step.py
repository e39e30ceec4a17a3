"""What the step of ``action.yml`` does: install dedup, run ``dedup check``, hand on what it found.

The Python of the runner calls it with ``-I``, so that no file of the repository that is checked is
taken for a module. dedup comes from the checkout of the action itself: the version is the one that a
workflow names behind ``uses:``. The inputs are variables ``INPUT_*``; no shell reads them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

OLDEST = (3, 11)
"""The oldest Python that dedup runs on."""

FOUND, FAILED = 1, 2
"""Exit statuses of ``dedup check``."""

EXTRAS = re.compile(r"(?:[a-z]+(?:,[a-z]+)*)?")


class Refused(Exception):
    """The step cannot be done; says why, on one line."""


def main(environ: Mapping[str, str]) -> int:
    """Do the step; its exit status."""
    try:
        return step(environ)
    except Refused as refused:
        print(f"::error title=dedup::{escaped(str(refused))}", flush=True)
        write_outputs(environ, {"exit-code": str(FAILED)})
        return FAILED


def step(environ: Mapping[str, str]) -> int:
    """Install, check, write the outputs; the exit status."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        raise Refused(
            f"dedup needs Python 3.11 or later, and python3 is {version}: "
            "put a step with actions/setup-python in front"
        )
    inputs = Inputs(environ)
    folder = Path(tempfile.mkdtemp(prefix="dedup-", dir=environ.get("RUNNER_TEMP") or None))
    report = inputs["report-file"] or str(folder / "report.jsonl")
    sarif = inputs["sarif-file"] or str(folder / "results.sarif")
    arguments = check_arguments(inputs, report, sarif)
    fails = is_true(inputs, "fail-on-findings")
    before = stamp(report), stamp(sarif)
    python = installed(folder / "environment", target(environ, inputs))
    command = [python, "-I", "-m", "dedup", *arguments]
    status = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    report, sarif = written(report, before[0]), written(sarif, before[1])
    write_outputs(environ, outputs(report, sarif, status))
    return 0 if status == FOUND and not fails else status


def written(path: str, before: tuple[int, int] | None) -> str:
    """``path``, or nothing if what is there is still the file of another run, or none."""
    return path if stamp(path) != before else ""


def stamp(path: str) -> tuple[int, int] | None:
    """What is another once a file is written; None where there is none."""
    if not os.path.isfile(path):
        return None
    state = os.stat(path)
    return state.st_ino, state.st_mtime_ns


class Inputs:
    """The inputs of the action by name, without white space around them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return self._environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()


def is_true(inputs: Inputs, name: str) -> bool:
    """Whether an input is ``true``; ``Refused`` if it is neither that nor ``false``."""
    value = inputs[name].lower()
    if value not in ("true", "false"):
        raise Refused(f"{name}: {inputs[name]!r} is not true or false")
    return value == "true"


def check_arguments(inputs: Inputs, report: str, sarif: str) -> list[str]:
    """What ``dedup`` is called with."""
    try:
        more = shlex.split(inputs["args"])
    except ValueError as error:
        raise Refused(f"args: {str(error).lower()}") from None
    if "--" in more:
        raise Refused("args: paths go into the input paths, not behind --")
    own = [f"--output-format={inputs['output-format']}", f"--report=sarif:{sarif}"]
    own += [f"--report=jsonl:{report}"]
    own += [f"--{name}={inputs[name]}" for name in ("baseline", "since") if inputs[name]]
    paths = [line.strip() for line in inputs["paths"].split("\n")]
    return ["check", *more, *own, "--", *filter(None, paths)]


def target(environ: Mapping[str, str], inputs: Inputs) -> str:
    """What pip is to install: the checkout of the action, with extras."""
    extras = re.sub(r"\s", "", inputs["extras"])
    if not EXTRAS.fullmatch(extras):
        raise Refused(f"extras: {inputs['extras']!r} is no list of names with commas between them")
    return environ["GITHUB_ACTION_PATH"] + (f"[{extras}]" if extras else "")


def installed(folder: Path, package: str) -> str:
    """The Python of a new environment with ``package`` in it."""
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    done("make an environment", [sys.executable, "-I", "-m", "venv", str(folder)])
    pip = [
        python,
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    done("install dedup", [*pip, package])
    return python


def done(what: str, command: list[str]) -> None:
    """Run a command; ``Refused`` if it fails. What it said stands in the log."""
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
        raise Refused(f"could not {what}; the lines above say why")


def outputs(report: str, sarif: str, status: int) -> dict[str, str]:
    """The outputs of the action; a file that was not written is empty."""
    values = {"report-path": report, "sarif-path": sarif, "exit-code": str(status)}
    if report:
        *_, last, _ = Path(report).read_bytes().split(b"\n")
        values |= numbers(json.loads(last))
    return values


def numbers(summary: Mapping[str, Any]) -> dict[str, str]:
    """What a check came to, from the last line of its report."""
    new = int(summary["findings"])
    return {
        "findings": str(new + sum(map(int, summary["set_aside"].values()))),
        "new-findings": str(new),
        "redundancy": f"{100 * float(summary['redundancy']):.2f}",
    }


def write_outputs(environ: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Hand the outputs to the runner, each behind a delimiter that nobody can have foreseen."""
    path = environ.get("GITHUB_OUTPUT")
    if path:
        with open(path, "a", encoding="utf-8", newline="\n") as file:
            file.writelines(delimited(values.items()))


def delimited(values: Iterable[tuple[str, str]]) -> Iterable[str]:
    """The outputs as the runner reads them."""
    for name, value in values:
        mark = f"dedup-{secrets.token_hex(16)}"
        yield f"{name}<<{mark}\n{value}\n{mark}\n"


def escaped(message: str) -> str:
    """A message as the runner's commands have it.

    >>> escaped("100 %\\nof it")
    '100 %25%0Aof it'
    """
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main(os.environ))
