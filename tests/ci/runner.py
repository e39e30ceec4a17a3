"""As much of a runner of GitHub's as a composite action needs: variables, a script, a file of outputs."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
HEREDOC = re.compile(r"([\w-]+)<<(.+)\n")


@dataclass
class Ran:
    """What became of a step."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """Runs the only step of the action in ``checkout`` on the repository in ``workspace``."""

    def __init__(self, checkout: Path, folder: Path, environment: dict[str, str]) -> None:
        self.workspace = folder / "workspace"
        self.temporary = folder / "temporary"
        for one in (self.workspace, self.temporary):
            one.mkdir()
        (self.workspace / ".git").mkdir()
        self._action = yaml.safe_load((checkout / "action.yml").read_text("utf-8"))
        self._environment = environment | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(checkout),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
        }

    def run(self, **inputs: str) -> Ran:
        """Run it with these inputs, ``-`` in their names written ``_``."""
        (step,) = self._action["runs"]["steps"]
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= self._action["inputs"].keys()
        files = {f"GITHUB_{one}": self.temporary / one for one in ("OUTPUT", "STEP_SUMMARY")}
        for file in files.values():
            file.write_bytes(b"")
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=self._environment
            | self._variables(step, given)
            | {n: str(p) for n, p in files.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        return Ran(
            run.returncode,
            run.stdout.decode(),
            parsed(files["GITHUB_OUTPUT"].read_text("utf-8")),
            files["GITHUB_STEP_SUMMARY"].read_text("utf-8"),
        )

    def _variables(self, step: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
        """The step's variables, each of which takes one input as it is."""
        variables = {}
        for name, value in step["env"].items():
            expression = EXPRESSION.fullmatch(value)
            assert expression, value
            default = self._action["inputs"][expression[1]]["default"]
            variables[name] = given.get(expression[1], default)
        return variables


def parsed(text: str) -> dict[str, str]:
    """A file of outputs, read as the runner does: ``name=value``, or lines between two marks.

    >>> parsed("a=1\\nb<<--\\nx\\ny=2\\n--\\n")
    {'a': '1', 'b': 'x\\ny=2'}
    """
    values = {}
    while text:
        line, _, rest = text.partition("\n")
        if opening := HEREDOC.match(text):
            name, mark = opening.groups()
            value, end, text = rest.partition(f"\n{mark}\n")
            assert end, f"{name} does not end"
            values[name] = value
        else:
            name, equals, value = line.partition("=")
            assert equals, line
            values[name], text = value, rest
    return values
