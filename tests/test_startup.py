"""What a small pipe does not load; start-up is a feature, and a list of modules is exact."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dedup.cli.commands import COMMANDS
from tests.conftest import Run
from tests.prose import doubled

HEAVY = (
    "asyncio", "click.shell_completion", "difflib", "importlib.metadata", "multiprocessing", "numpy", "pathlib",
    "pathspec", "rich", "shutil", "subprocess", "tempfile", "tomllib",
)  # fmt: skip
SMALL = doubled(6).encode()

LOADED = """
import sys
before = set(sys.modules)  # what an editable install or a .pth file has loaded is not ours
from dedup.cli import main
status = main({arguments})
print(*sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr)
sys.exit(status)
"""


def loaded(*arguments: str, stdin: bytes = b"") -> set[str]:
    """The modules that a run loads in a process of its own."""
    program = LOADED.format(arguments=list(arguments))
    run = subprocess.run(
        [sys.executable, "-c", program], cwd="/", input=stdin, capture_output=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return set(run.stderr.decode().splitlines())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in HEAVY if name in modules}


def test_a_small_pipe_loads_nothing_heavy() -> None:
    assert len(SMALL) < 6000
    modules = loaded("clean", "--quiet", "--isolated", stdin=SMALL)
    assert "dedup.engine.analyze" in modules
    assert heavy(modules) == set()
    assert not {name for name in modules if name.startswith(("dedup.reports", "dedup.files.plans"))}


def test_a_small_pipe_with_its_summary_loads_nothing_heavy() -> None:
    assert heavy(loaded("clean", stdin=SMALL)) == set()


def test_the_version_loads_nothing_of_the_engine_nor_click() -> None:
    modules = loaded("--version")
    assert "click" not in modules and not {name for name in modules if "engine" in name}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["clean", "--help"], ["config", "--isolated"], ["explain", "contained"],
     ["completion", "bash"]],
)  # fmt: skip
def test_help_and_config_load_nothing_of_the_engine(arguments: list[str]) -> None:
    modules = loaded(*arguments)
    assert not {name for name in modules if name.startswith(("dedup.engine", "rapidfuzz", "numpy"))}


def test_a_command_does_not_load_the_others() -> None:
    modules = loaded("clean", "--quiet", "--isolated", stdin=SMALL)
    others = {f"dedup.cli.{name}" for name in COMMANDS if name != "clean"}
    assert "dedup.cli.clean" in modules and not others & modules


def test_cleanup_is_loaded_only_where_it_is_asked_for() -> None:
    cleanup = {f"dedup.engine.{name}" for name in ("combined", "cleanup", "cards", "mending")}
    assert not cleanup & loaded("clean", "--quiet", "--isolated", stdin=SMALL)
    spaced = loaded("clean", "--quiet", "--isolated", "--normalize-space", stdin=SMALL)
    assert cleanup <= spaced and "ftfy" not in spaced and heavy(spaced) == set()
    assert "ftfy" in loaded("clean", "--quiet", "--isolated", "--fix-text", stdin=SMALL)


def test_the_check_would_notice_a_heavy_module() -> None:
    assert "tomllib" in heavy(loaded("clean", "--quiet", "--config", "/dev/null", stdin=SMALL))


def test_a_plain_pipe_needs_no_click_and_a_text_without_repeats_no_rapidfuzz() -> None:
    once = b"".join(b"%x\n" % (number * 2654435761 % 2**61) for number in range(1, 200))
    program = LOADED.format(arguments=["clean"])
    run = subprocess.run([sys.executable, "-c", program], cwd="/", input=once, capture_output=True)
    assert run.stdout == once
    modules = set(run.stderr.decode().splitlines())
    assert "dedup.engine.seeds" in modules
    assert not {"click", "rapidfuzz", "dedup.engine.judge"} & modules


@pytest.mark.parametrize(
    "environ",
    [{}, {"DEDUP_EXACT": "true"}, {"DEDUP_THRESHOLD": "2"}, {"DEDUP_KEEP_COPY": "newest"}],
)
def test_the_short_way_of_a_plain_pipe_gives_what_the_long_one_gives(
    environ: dict[str, str], run_dedup: Run
) -> None:
    short = run_dedup("clean", input=SMALL, env=environ)
    long = run_dedup("clean", "-", input=SMALL, env=environ)
    assert (short.returncode, short.stdout, short.stderr) == (
        long.returncode,
        long.stdout,
        long.stderr,
    )
