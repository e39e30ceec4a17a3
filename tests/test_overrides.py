"""``[[override]]`` tables: other options for some paths, whoever reads them and however."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dedup import Options
from dedup.batch import single
from dedup.cli import main
from dedup.config import resolve
from dedup.config.overrides import ALLOWED
from dedup.config.schema import schema
from dedup.errors import DedupError
from dedup.files import plans
from dedup.files.overrides import options_at
from dedup.options import Override
from tests.conftest import Run
from tests.prose import paragraphs

FIRST, SECOND, THIRD = paragraphs(3, seed=77)
NEAR = FIRST.replace(" the ", " that ", 1)
"""Nearly the first, so that ``exact`` leaves it alone."""
TEXT = f"{FIRST}\n\n{SECOND}\n\n{NEAR}\n\n{THIRD}\n"
EXACT = '[[override]]\ninclude = ["notes/"]\nexact = true\n'

assert NEAR != FIRST


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the same text in two folders; we are in it."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()
    for folder in ("docs/notes", "docs/pages"):
        Path(folder).mkdir(parents=True)
        Path(folder, "a.txt").write_text(TEXT)
    Path("docs/dedup.toml").write_text(EXACT)
    return tmp_path


Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return run


def findings(cli: Cli, *arguments: str) -> list[str]:
    """The paths with findings."""
    status, out, err = cli("check", *arguments, "--output-format", "concise")
    assert status in (0, 1), err
    return sorted({line.partition(":")[0] for line in out.splitlines() if ": " in line})


def test_an_override_holds_for_its_paths_in_folders_and_alone(cli: Cli) -> None:
    assert findings(cli, "docs") == ["docs/pages/a.txt"]
    assert findings(cli, "docs/notes/a.txt") == []
    assert findings(cli, "docs/pages/a.txt") == ["docs/pages/a.txt"]
    assert findings(cli, "docs", "-j", "2") == ["docs/pages/a.txt"]
    for asked in ("--diff", "--check"):
        assert cli("clean", "docs/notes/a.txt", asked)[0] == 0
        assert cli("clean", "docs/pages/a.txt", asked)[0] == 1
    assert "1 of 4" not in cli("report", "docs/notes/a.txt")[1]
    assert "1 of 4" in cli("report", "docs/pages/a.txt")[1]


def test_a_pipe_is_what_it_is_called(run_dedup: Run, here: Path) -> None:
    def removed(*arguments: str) -> bool:
        ran = run_dedup("clean", *arguments, input=TEXT.encode(), cwd=here)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout != TEXT.encode()

    assert not removed("--stdin-filename", "docs/notes/b.txt")
    assert removed("--stdin-filename", "docs/pages/b.txt")
    Path("dedup.toml").write_text('[[override]]\ninclude = ["*"]\nexact = true\n')
    assert removed()  # it has no path that a glob could fit
    checked = ("check", "--stdin-filename", "docs/notes/b.txt")
    assert run_dedup(*checked, input=TEXT.encode(), cwd=here).returncode == 0
    assert run_dedup("check", input=TEXT.encode(), cwd=here).returncode == 1


def test_flags_variables_and_pairs_win(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    both = ["docs/notes/a.txt", "docs/pages/a.txt"]
    assert findings(cli, "docs", "--no-exact") == both
    assert findings(cli, "docs", "--config", "exact=no") == both
    assert findings(cli, "docs", "--isolated") == both
    monkeypatch.setenv("DEDUP_EXACT", "no")
    assert findings(cli, "docs") == both


def test_later_tables_win_and_globs_are_those_of_gitignore(here: Path) -> None:
    Path("docs/dedup.toml").write_text(
        """min-chars = 10
        [[override]]
        include = ["*.txt", "!keep.txt"]
        min-chars = 20
        threshold = 0.7
        [[override]]
        include = ["/notes/*.txt"]
        min-chars = 30
        """
    )
    options = resolve({}, "docs", environ={}).options
    seen = {
        path: (options_at(options, path).min_chars, options_at(options, path).threshold)
        for path in ("docs/a.md", "docs/b.txt", "docs/keep.txt", "docs/notes/c.txt", "other/d.txt")
    }
    assert seen == {
        "docs/a.md": (10, 0.6),
        "docs/b.txt": (20, 0.7),
        "docs/keep.txt": (10, 0.6),
        "docs/notes/c.txt": (30, 0.7),
        "other/d.txt": (10, 0.6),  # not below the config file
    }


def test_tables_of_an_extended_file_come_first_and_are_seen_from_there(here: Path) -> None:
    Path("base.toml").write_text(
        '[[override]]\ninclude = ["docs/notes/*"]\nexact = true\nmin-chars = 50\n'
    )
    Path("docs/dedup.toml").write_text(
        'extend = "../base.toml"\nexact = false\n[[override]]\ninclude = ["notes/*"]\nmin-chars = 60\n'
    )
    options = resolve({}, "docs", environ={}).options
    here_only = options_at(options, "docs/notes/a.txt")
    assert (here_only.exact, here_only.min_chars) == (True, 60)
    assert options_at(options, "docs/pages/a.txt") == Options()


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("include = ['*']\ntreshold = 1", "treshold: unknown option / did you mean threshold?"),
        ("inclde = ['*']\nexact = true", "inclde: unknown option / did you mean include?"),
        ("include = ['*']\nscope = 'corpus'", "scope: is for the whole run"),
        ("include = ['*']\njobs = 2", "jobs: is for the whole run, not for some paths / set it"),
        ("include = ['*']\nmax-size = 2", "max-size: is for the whole run"),
        ("include = ['*']\nbaseline = 'b'", "baseline: is for the whole run"),
        ("include = ['*']\nexclude = ['b']", "exclude: is for the whole run"),
        ("include = ['*']\nkeep-file = 'b'", "keep-file: is for the whole run"),
        ("include = ['*']\nthreshold = 2", "threshold: 2 is out of range"),
        ("exact = true", "does not say for which paths: include is missing"),
        ("include = ['*']", "sets nothing / it may set threshold, min-chars, exact"),
        ("include = '*'\nexact = true", "include: is not a list of globs"),
        ("include = []\nexact = true", "include: is not a list of globs"),
        ("include = ['']\nexact = true", "include: holds something other than a glob"),
        ("include = ['a\\']\nexact = true", "include: a\\: not a pattern in gitignore syntax"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(table: str, expected: str) -> None:
    Path("dedup.toml").write_text(EXACT + "[[override]]\n" + table)
    with pytest.raises(DedupError) as caught:
        resolve({}, "", environ={})
    said = f"{caught.value} / {caught.value.hint}"
    assert said.startswith(f"dedup.toml: override 2: {expected}")


def test_a_table_without_its_brackets_is_refused() -> None:
    Path("dedup.toml").write_text("[override]\nexact = true")
    with pytest.raises(DedupError, match=r"^dedup.toml: override: is not a list of tables$"):
        resolve({}, "", environ={})


def test_only_what_decides_on_a_document_alone_may_differ() -> None:
    assert set(ALLOWED) == {
        *("threshold", "min-chars", "exact", "level", "keep-copy"),
        *("fix-text", "normalize-space", "strip-links", "strip-share-cards"),
        *("encoding", "errors", "field", "html-input"),
    }
    with pytest.raises(DedupError, match="overrides: jobs: cannot differ from path to path"):
        Options(overrides=(Override(("*",), (("jobs", 2),), "/"),))


def test_the_schema_knows_the_tables() -> None:
    import tomllib

    jsonschema.validate(tomllib.loads(EXACT), schema())
    for wrong in ("exact = true", "include = ['*']", "include = ['*']\njobs = 1"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(f"[[override]]\n{wrong}"), schema())


def test_config_shows_the_tables_or_what_comes_of_them_for_a_file(cli: Cli) -> None:
    _, out, _ = cli("config", "docs")
    assert out.endswith(
        f"\n[[override]]  # {os.path.join('docs', 'dedup.toml')}: override 1\n"
        'include = ["notes/"]\nexact = true\n'
    )
    assert re.search(r"^exact = false +# default$", out, re.M)
    _, out, _ = cli("config", "docs/notes/a.txt")
    assert re.search(r"^exact = true +# docs.dedup.toml: override 1$", out, re.M)
    assert "[[override]]" not in out
    _, out, _ = cli("config", "docs/notes/a.txt", "--no-exact")
    assert re.search(r"^exact = false +# --exact$", out, re.M)


# What is written


def test_a_plan_names_the_overrides_restores_and_goes_on_only_with_the_same(cli: Cli) -> None:
    near = {path: Path(path, "a.txt").read_bytes() for path in ("docs/notes", "docs/pages")}
    assert cli("clean", "docs", "-i", "--plan", "p.jsonl")[0] == 0
    plan = Path("p.jsonl").read_bytes()
    header = plans.load(plan, "p.jsonl").options
    assert header["overrides"] == [{"include": ["notes/"], "exact": True}]
    assert Path("docs/notes/a.txt").read_text() == TEXT != Path("docs/pages/a.txt").read_text()
    assert cli("clean", "docs", "-i", "--plan", "p.jsonl")[0] == 0
    assert Path("p.jsonl").read_bytes() == plan
    Path("docs/dedup.toml").write_text(EXACT.replace("notes/", "pages/"))
    status, _, err = cli("clean", "docs", "-i", "--plan", "p.jsonl")
    assert (status, "holds the plan of another run" in err) == (2, True)
    assert cli("restore", "docs", "-i", "--plan", "p.jsonl")[0] == 0
    assert {path: Path(path, "a.txt").read_bytes() for path in near} == near


def test_a_plan_of_one_file_has_what_held_for_it(cli: Cli) -> None:
    Path("docs/dedup.toml").write_text(EXACT.replace("exact = true", "threshold = 0.5"))
    assert cli("clean", "docs/notes/a.txt", "-o", "out.txt", "--plan", "p.jsonl")[0] == 0
    header = plans.load(Path("p.jsonl").read_bytes(), "p.jsonl").options
    assert header["threshold"] == 0.5 and "overrides" not in header


def test_nothing_of_the_machine_is_in_a_plan_or_report(cli: Cli, here: Path) -> None:
    files = ("--plan", "p.jsonl", "--report", "r.json", "--report", "r.md")
    assert cli("clean", "docs", "-o", "out", *files)[0] == 0
    for name in files[1::2]:
        assert str(here) not in Path(name).read_text()
    report = json.loads(Path("r.json").read_bytes())
    assert report["options"]["overrides"] == [{"include": ["notes/"], "exact": True}]
    folder = Path(single.__file__).parents[1] / "reports" / "report.schema.json"
    jsonschema.validate(report, json.loads(folder.read_text()))


def test_each_document_is_cached_under_its_own_options(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = single.process
    names: list[str] = []

    def counted(source: Any, options: Any, **how: Any) -> Any:
        names.append(f"{source.document.name} {options.exact}")
        return process(source, options, **how)

    monkeypatch.setattr(single, "process", counted)
    run = ("clean", "docs", "--check", "--cache", "c")
    assert cli(*run)[0] == 1
    assert names == ["notes/a.txt True", "pages/a.txt False"]  # equal bytes, and not one answer
    assert cli(*run)[0] == 1
    assert len(names) == 2
    Path("docs/dedup.toml").write_text(EXACT + '[[override]]\ninclude=["pages/"]\nexact = true\n')
    assert cli(*run)[0] == 0
    assert len(names) == 2  # the same text was seen with these options
    Path("docs/dedup.toml").write_text("exact = true\n")
    assert cli(*run)[0] == 0
    assert len(names) == 2  # whoever says so


def test_how_a_file_is_read_may_differ(cli: Cli) -> None:
    Path("docs/pages/old.txt").write_bytes(f"Übrigens.\n\n{TEXT}".encode("cp1252"))
    record = json.dumps({"text": "none", "body": TEXT})
    Path("docs/pages/b.jsonl").write_text(f"{record}\n")
    Path("docs/dedup.toml").write_text(
        '[[override]]\ninclude = ["old.txt"]\nencoding = "cp1252"\n'
        '[[override]]\ninclude = ["*.jsonl"]\nfield = "body"\n'
    )
    before = {path: path.read_bytes() for path in Path("docs").rglob("*") if path.is_file()}
    assert cli("clean", "docs", "-i", "--plan", "p.jsonl")[0] == 0
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert changed == {"a.txt", "old.txt", "b.jsonl"}
    assert cli("restore", "docs", "-i", "--plan", "p.jsonl")[0] == 0
    assert {path: path.read_bytes() for path in before} == before
    status, out, _ = cli("clean", "docs/pages/b.jsonl")
    assert status == 0 and NEAR not in out


def test_a_page_may_become_its_text_where_others_stay_pages(cli: Cli) -> None:
    pytest.importorskip("trafilatura")
    page = f"<html><body><main><p>{FIRST}</p><p>{SECOND}</p></main></body></html>"
    for folder in ("notes", "pages"):
        Path("docs", folder, "p.html").write_text(page)
    Path("docs/dedup.toml").write_text(
        '[[override]]\ninclude = ["notes/*.html"]\nhtml-input = "extract"\n'
    )
    status, _, err = cli("clean", "docs", "-i")
    assert (status, "--html-input extract cannot go with --in-place" in err) == (2, True)
    assert cli("clean", "docs", "-o", "out")[0] == 0
    assert Path("out/pages/p.html").read_text() == page
    assert Path("out/notes/p.txt").read_text().startswith(FIRST[:40])


def test_comments_of_no_use_are_those_of_the_documents_own_options(cli: Cli) -> None:
    kept = TEXT.replace(NEAR, f"<!-- dedup: keep -->\n\n{NEAR}")
    for folder in ("notes", "pages"):
        Path("docs", folder, "a.txt").unlink()
        Path("docs", folder, "m.md").write_text(kept)
    _, _, err = cli("check", "docs")
    said = re.findall(r"^(docs\S+?):\d+: this keep has no effect", err, re.M)
    assert said == ["docs/notes/m.md"]
