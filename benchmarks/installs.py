"""Other tools in places of their own: one environment each for what the package index has, a folder for Debian's.

Nothing is installed into the system. A tool that cannot be had raises ``Missing`` with the reason in one line.
"""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Missing(Exception):
    """A tool that cannot be run here; says why."""


class Place(NamedTuple):
    """Where a tool is."""

    program: Path
    """The Python of its environment, or the program itself."""
    version: str


def from_index(package: str, cache: Path, install: bool = True) -> Place:
    """The Python of an environment that holds a package, newest version; made when first asked for."""
    folder = cache / package
    python = folder / "bin" / "python"
    if not python.exists():
        _allowed(install, package)
        venv.create(folder, with_pip=True)
        _run([python, "-m", "pip", "install", "-q", package])
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    return Place(python, _run([python, "-c", asked]).strip())


def from_debian(package: str, program: str, cache: Path, install: bool = True) -> Place:
    """A program of a Debian package, unpacked into a folder; ``apt-get`` is asked for it, needs no rights."""
    folder = cache / package
    if not [*folder.glob("*.deb")]:
        _allowed(install, package)
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", "-q", package], folder)
    (archive,) = folder.glob("*.deb")
    path = folder / "usr" / "bin" / program
    if not path.exists():
        _run(["dpkg-deb", "-x", archive, folder])
    return Place(path, _run(["dpkg-deb", "-f", archive, "Version"]).partition("-")[0].strip())


def _allowed(install: bool, package: str) -> None:
    if not install:
        raise Missing(f"{package} is not installed, and --no-install was given")


def _run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    except FileNotFoundError as error:
        raise Missing(f"{error.filename} is not there") from None
    except subprocess.CalledProcessError as error:
        said = [*error.stderr.splitlines(), "it failed"]
        raise Missing(
            f"{' '.join(map(str, command))}: {said[-2] if said[1:] else said[0]}"
        ) from None
    return done.stdout
