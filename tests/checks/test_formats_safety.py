"""R50-R58: in no format do texts or names act on a terminal, a build server, a browser or a reader of markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dedup.checks import alerts
from dedup.checks.alerts import Checked
from dedup.checks.formats import FORMATS
from dedup.cli import main
from dedup.model import REPEATED_BLOCK
from dedup.reports.escape import unsafe_codes
from tests.checks import hostile, runner
from tests.checks.schemas import check_schema, sarif_schema
from tests.checks.written import written
from tests.reports.build import Builder

Said = tuple[int, str, str]
CI = {"GITHUB_ACTIONS": "true", "CI": "true"}
ALL = (*FORMATS, "statistics")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Said]:
    """Status and both outputs of a check of the hostile folder, each run once."""
    place = tmp_path_factory.mktemp("hostile")
    hostile.write(place / "texts")
    known: dict[tuple[str, str, str], Said] = {}

    def run(name: str, errors: str = "strict", variable: str = "") -> Said:
        key = (name, errors, variable)
        if key not in known:
            known[key] = _run(place, *key)
        return known[key]

    return run


def _run(place: Path, name: str, errors: str, variable: str) -> Said:
    arguments = ["check", "texts", "-v", "--errors", errors, "-j", "1", "--color", "never"]
    arguments += ["--cache", str(place / "cache")]
    arguments += ["--statistics"] if name == "statistics" else ["--output-format", name]
    out, err = place / "out", place / "err"
    with pytest.MonkeyPatch.context() as patch, out.open("w") as one, err.open("w") as two:
        for other in (*CI, "TF_BUILD", "TEAMCITY_VERSION", "GITHUB_STEP_SUMMARY"):
            patch.delenv(other, raising=False)
        if variable:
            patch.setenv(variable, "true")
        patch.chdir(place)
        patch.setattr("sys.stdout", one)
        patch.setattr("sys.stderr", two)
        status = main(arguments)
    said = status, out.read_bytes().decode(), err.read_bytes().decode()
    assert "internal error" not in said[2]
    return said


@pytest.mark.parametrize("errors", ["strict", "preserve"])
@pytest.mark.parametrize("name", ALL)
def test_r51_nothing_acts_on_a_terminal(name: str, errors: str, said: Callable[..., Said]) -> None:
    status, out, err = said(name, errors)
    assert status == 2
    unsafe = {chr(code) for code in unsafe_codes()}
    assert set(out + err) & unsafe == set()
    assert "\t" not in err


@pytest.mark.parametrize("variable", ["", "GITHUB_ACTIONS", "TF_BUILD"])
@pytest.mark.parametrize("errors", ["strict", "preserve"])
@pytest.mark.parametrize("name", ALL)
def test_r53_build_servers_find_no_command_but_ours(
    name: str, errors: str, variable: str, said: Callable[..., Said]
) -> None:
    _, out, err = said(name, errors, variable)
    assert runner.commands(err) == []
    assert list(runner.foreign(out + err)) == []
    found = runner.commands(out)
    if name != "github":
        assert found == []
        return
    assert [one.name for one in found] == ["error"] * 10 + ["notice"] * (len(found) - 10)
    assert len(found) == len(out.splitlines())
    for one in found[:-1]:
        assert {"file", "title"} <= set(one.properties) <= {
            "file", "title", "line", "endLine", "col", "endColumn"
        }  # fmt: skip
        assert one.properties["file"].startswith("texts/")
        assert one.properties["title"].startswith("dedup: ")
        assert len(one.data) <= 1000
    assert found[-1].properties == {"title": "dedup"}


@pytest.mark.parametrize("errors", ["strict", "preserve"])
def test_r57_json_parses_and_fits_its_schema(errors: str, said: Callable[..., Said]) -> None:
    whole = json.loads(said("json", errors)[1])
    check_schema().validate(whole)
    lines = [json.loads(line) for line in said("jsonl", errors)[1].splitlines()]
    for line in lines:
        check_schema().validate(line)
    assert [line["type"] for line in (lines[0], lines[-1])] == ["header", "summary"]
    assert [{"type": "finding", **one} for one in whole["findings"]] == lines[1:-1]
    assert whole["summary"]["findings"] >= len(hostile.PAYLOADS)
    shown = {line for one in whole["findings"] for line in one["excerpt"]}
    assert "##[error]y" in shown and "::error file=x::y" in shown


@pytest.mark.parametrize("errors", ["strict", "preserve"])
def test_r57_sarif_fits_the_schema_of_oasis(errors: str, said: Callable[..., Said]) -> None:
    log = json.loads(said("sarif", errors)[1])
    sarif_schema().validate(log)
    (run,) = log["runs"]
    assert len(run["results"]) >= len(hostile.PAYLOADS)
    for result in run["results"]:
        assert len(result["message"]["text"]) <= 1000
        (place,) = result["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"texts/([A-Za-z0-9._~-]|%[0-9A-F]{2})+", uri)


@pytest.mark.parametrize("name", ["gitlab", "rdjson"])
def test_other_json_parses(name: str, said: Callable[..., Said]) -> None:
    found = json.loads(said(name, "preserve")[1])
    entries = found if name == "gitlab" else found["diagnostics"]
    assert len(entries) >= len(hostile.PAYLOADS)


@pytest.mark.parametrize("errors", ["strict", "preserve"])
@pytest.mark.parametrize("name", ["junit", "checkstyle"])
def test_r56_xml_parses_and_has_no_element_of_a_text(
    name: str, errors: str, said: Callable[..., Said]
) -> None:
    root = ElementTree.fromstring(said(name, errors)[1])
    tags = {"junit": {"testsuites", "testsuite", "testcase", "failure", "error"},
            "checkstyle": {"checkstyle", "file", "error"}}  # fmt: skip
    assert {element.tag for element in root.iter()} == tags[name]
    names = [element.get("name") or "" for element in root]
    assert any("\\x1b[2J" in one for one in names) and any("##[error]y" not in one for one in names)
    # The second rendering of a name that XML cannot hold.
    assert any("\\ufffe\\uffff" in one for one in names)


def tokens(text: str) -> list[Token]:
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        found += [token, *(token.children or ())]
    return found


@pytest.mark.parametrize("errors", ["strict", "preserve"])
def test_r54_markdown_has_no_image_element_mention_or_link_of_a_text(
    errors: str, said: Callable[..., Said]
) -> None:
    found = tokens(said("markdown", errors)[1])
    types = {token.type for token in found}
    assert {"fence", "code_inline", "table_open", "heading_open"} <= types
    assert not types & {"image", "html_inline", "html_block", "link_open", "code_block"}
    plain = " ".join(token.content for token in found if token.type == "text")
    assert not re.search(r"[@|`<>\\]|#\d|://|www\.|GH-|evil|error::", plain)
    rows = [token for token in found if token.type == "tr_open"]
    cells = [token for token in found if token.type in ("td_open", "th_open")]
    assert len(cells) == 5 * len(rows)


def test_r58_excerpts_of_long_lines_are_cut() -> None:
    """A line of 5 MB, twice; 200 columns and 20 lines at most for people, and few bytes for programs."""
    line = "The ferry crossed the harbour, and nobody had asked the goats. " * 80_000
    assert len(line) > 5_000_000
    builder = Builder(f"{line}\n{line}\n")
    builder.removes(REPEATED_BLOCK, [(builder.find(line), builder.find(line, 1))])
    result = builder.result()
    found = alerts.located(alerts.of(result), "a.txt")
    checked = Checked("a.txt", "a.txt", result.tally, found)
    for name in FORMATS:
        out = written(name, checked, width=400)
        assert "lines 1-2" not in out and len(out) < (100_000 if name == "sarif" else 6_000)
        if name in ("text", "concise", "markdown"):
            assert max(map(len, out.splitlines())) <= 200
            assert len(out.splitlines()) <= (20 if name == "text" else 40)
