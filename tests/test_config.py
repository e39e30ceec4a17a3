"""Where settings come from, which file counts, and what a hostile config file can do: nothing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from dedup.cli import check, clean
from dedup.config import resolve
from dedup.config.files import MAX_FILE_BYTES, search
from dedup.config.keeps import KEEP, KEEP_FILE
from dedup.config.overrides import OVERRIDE
from dedup.config.schema import render, schema
from dedup.config.values import KNOBS, spelled
from dedup.errors import DedupError
from dedup.options import Gates, Options

SCHEMA = Path(__file__).parent.parent / "dedup" / "dedup.schema.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, and we are in it."""
    monkeypatch.chdir(tmp_path)
    Path(".git").mkdir()
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def message(folder: str = "") -> str:
    """The error of a run in ``folder``, with its hint."""
    with pytest.raises(DedupError) as caught:
        resolve({}, folder, environ={})
    return f"{caught.value} / {caught.value.hint}" if caught.value.hint else str(caught.value)


def test_flag_over_pair_over_variable_over_file_over_default() -> None:
    write("dedup.toml", "threshold = 0.9\nmin-chars = 91\nexact = true\nkeep-copy = 'last'\n")
    environ = {"DEDUP_THRESHOLD": "0.8", "DEDUP_MIN_CHARS": "81", "DEDUP_EXACT": "no"}
    pairs = ["threshold=0.7", "min-chars=71"]
    settings = resolve({"threshold": 0.6}, "", config=pairs, environ=environ)
    assert settings.options == Options(threshold=0.6, min_chars=71, exact=False, keep_copy="last")
    assert settings.origins == dict.fromkeys(KNOBS, "default") | {
        "threshold": "--threshold",
        "min-chars": "--config min-chars=71",
        "exact": "DEDUP_EXACT",
        "keep-copy": "dedup.toml",
    }


def test_an_empty_variable_and_a_foreign_one_set_nothing() -> None:
    environ = {"DEDUP_THRESHOLD": "", "DEDUP_TRESHOLD": "0.1", "DEDUP_DEBUG": "1"}
    assert resolve({}, "", environ=environ).options == Options()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DEDUP_THRESHOLD": "high"}, "DEDUP_THRESHOLD: 'high' is not a number"),
        ({"DEDUP_EXACT": "maybe"}, "DEDUP_EXACT: 'maybe' is not a truth value (true or false)"),
        ({"DEDUP_MIN_CHARS": "0"}, "DEDUP_MIN_CHARS: 0 is out of range: it must be at least 1"),
    ],
)
def test_a_wrong_variable_is_named(environ: dict[str, str], expected: str) -> None:
    with pytest.raises(DedupError, match=f"^{re.escape(expected)}$"):
        resolve({}, "", environ=environ)


def test_the_nearest_folder_counts_and_in_it_the_first_name() -> None:
    write("dedup.toml", "min-chars = 1")
    write("a/pyproject.toml", "[tool.dedup]\nmin-chars = 2")
    write("a/b/c.txt", "")
    assert search("a/b") == {"min-chars": (2, os.path.join("a", "pyproject.toml"))}
    write("a/dedup.toml", "min-chars = 3")
    assert search("a/b")["min-chars"][0] == 3
    write("a/.dedup.toml", "min-chars = 4")
    assert search("a/b")["min-chars"][0] == 4
    assert search("")["min-chars"][0] == 1


def test_one_file_counts_files_are_not_merged() -> None:
    write("dedup.toml", "min-chars = 1")
    write("a/dedup.toml", "exact = true")
    assert search("a") == {"exact": (True, os.path.join("a", "dedup.toml"))}


@pytest.mark.parametrize("table", ["", "[tool.other]\nname = 'dedup'", "[project]\nname = 'x'"])
def test_a_pyproject_without_the_table_is_passed_by(table: str) -> None:
    write("dedup.toml", "min-chars = 1")
    write("a/pyproject.toml", table)
    assert search("a")["min-chars"][0] == 1


def test_a_table_whose_name_is_spelled_with_escapes_counts() -> None:
    write("pyproject.toml", '[tool."\\u0064edup"]\nmin-chars = 5')
    assert search("")["min-chars"][0] == 5


@pytest.mark.parametrize("mark", [".git", ".hg"])
def test_the_search_ends_at_a_repository(mark: str) -> None:
    write("dedup.toml", "min-chars = 1")
    Path("a", mark).mkdir(parents=True)
    assert search("a") == {}
    write("a/dedup.toml", "min-chars = 2")
    assert search("a")["min-chars"][0] == 2


def test_a_worktree_whose_mark_is_a_file_ends_the_search() -> None:
    write("dedup.toml", "min-chars = 1")
    write("a/.git", "gitdir: elsewhere")
    assert search("a") == {}


def test_a_folder_or_pipe_of_a_config_files_name_is_passed_by() -> None:
    Path(".dedup.toml").mkdir()
    os.mkfifo("dedup.toml")
    assert search("") == {}


def test_isolated_reads_no_file() -> None:
    write("dedup.toml", "nonsense")
    assert resolve({}, "", isolated=True, environ={}).options == Options()


def test_a_named_file_counts_instead_of_a_found_one() -> None:
    write("dedup.toml", "min-chars = 1")
    write("other/any.toml", "exact = true")
    settings = resolve({}, "", config=["other/any.toml", "min-chars=3"], environ={})
    assert settings.options == Options(exact=True, min_chars=3)


def test_a_path_with_an_equals_sign_can_be_named() -> None:
    write("a=b.toml", "min-chars = 7")
    assert resolve({}, "", config=["./a=b.toml"], environ={}).options.min_chars == 7


@pytest.mark.parametrize(
    ("config", "isolated", "expected"),
    [
        (["a.toml", "b.toml"], False, "--config a.toml: cannot go with --config b.toml"),
        (["a.toml"], True, "--config a.toml: cannot go with --isolated"),
        (["a.toml"], False, "a.toml: no such file or directory"),
        (["treshold=1"], False, "--config treshold: unknown option"),
        (["threshold=2"], False, "--config threshold: 2.0 is out of range"),
        (["pyproject.toml"], False, "pyproject.toml: no [tool.dedup] table in it"),
        (["."], False, ".: is a directory"),
        (["a\0b"], False, "a\0b: "),
    ],
)
def test_what_is_wrong_with_config_is_said(
    config: list[str], isolated: bool, expected: str
) -> None:
    write("pyproject.toml", "[tool.other]")
    with pytest.raises(DedupError) as caught:
        resolve({}, "", config=config, isolated=isolated, environ={})
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("treshold = 1", "dedup.toml: treshold: unknown option / did you mean threshold?"),
        ("min_chars = 1", "dedup.toml: min_chars: unknown option / did you mean min-chars?"),
        (
            "[tool.dedup]\nexact = true",
            "dedup.toml: tool: unknown option / [tool.dedup] is for pyproject.toml; "
            "here the options stand without a table",
        ),
        (
            "encoding = 'utf-99'",
            "dedup.toml: encoding: 'utf-99' is not a known encoding / did you mean utf?",
        ),
        ("threshold = '1'", "dedup.toml: threshold: '1' is not a number"),
        ("threshold = true", "dedup.toml: threshold: True is not a number"),
        ("threshold = inf", "dedup.toml: threshold: inf is out of range: it must be from 0 to 1"),
        ("exact = 1", "dedup.toml: exact: 1 is not a truth value (true or false)"),
        (
            "keep-copy = 'frst'",
            "dedup.toml: keep-copy: 'frst' is not one of fullest, first, last, longest"
            " / did you mean first?",
        ),
        ("keep-copy = ['first']", "dedup.toml: keep-copy: ['first'] is not a string"),
    ],
)
def test_wrong_keys_and_values_are_named(text: str, expected: str) -> None:
    write("dedup.toml", text)
    assert message() == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"exact = true\n<<<<<<< ours\n", r"invalid statement \(at line 2, column 1\)"),
        (b"exact = true\nexact = false\n", r"cannot overwrite a value \(at line 2"),
        (b"exact = tr", r"invalid value \(at line 1"),
        (b"keep-copy = 'fir", r"expected .* \(at end of document\)"),
        (b"exact = true\0", r".* \(at line 1"),
        (b"x = " + b"[" * 100_000, r".*(nested too deeply|nest)"),
        (b"keep-copy = '\xff'", r"byte 13 is not valid UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), r"larger than 1,048,576 bytes: not a config file"),
    ],
    ids=["merge", "twice", "cut", "cut string", "nul", "deep", "bytes", "large"],
)
@pytest.mark.parametrize("name", ["dedup.toml", "pyproject.toml"])
def test_broken_files_are_named_with_the_line(name: str, data: bytes, expected: str) -> None:
    """R60"""
    head = b"" if name == "dedup.toml" else b"[tool.dedup]\n"
    Path(name).write_bytes(head + data)
    if head:
        expected = expected.replace("line 2", "line 3").replace("line 1", "line 2")
        expected = expected.replace("byte 13", "byte 26")
    assert re.fullmatch(f"{re.escape(name)}: {expected}.*", message())


def test_a_large_file_is_not_read_whole() -> None:
    """R60: one gigabyte, most of it a hole."""
    with open("dedup.toml", "wb") as file:
        file.truncate(1 << 30)
    assert message() == "dedup.toml: larger than 1,048,576 bytes: not a config file"


def test_a_byte_order_mark_is_no_error() -> None:
    Path("dedup.toml").write_bytes(b"\xef\xbb\xbfexact = true\r\n")
    assert search("")["exact"][0] is True


def test_extend_sets_what_the_file_itself_does_not() -> None:
    write("base.toml", "exact = true\nmin-chars = 1")
    write("a/dedup.toml", "extend = '../base.toml'\nmin-chars = 2")
    assert search("a") == {
        "exact": (True, "base.toml"),
        "min-chars": (2, os.path.join("a", "dedup.toml")),
    }


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("'dedup.toml'", "dedup.toml: extend: this file extends itself"),
        ("'b.toml'", "dedup.toml: extend: this file extends itself"),
        ("'missing.toml'", "dedup.toml: extend: missing.toml is not a file"),
        ("'/dev/zero'", "dedup.toml: extend: "),
        ("'.'", "dedup.toml: extend: . is not a file"),
        ("'a\\u0000'", "dedup.toml: extend: "),
        ("[1]", "dedup.toml: extend: is not the path of a config file"),
    ],
)
def test_extend_ends(target: str, expected: str) -> None:
    write("dedup.toml", f"extend = {target}".replace("'", '"'))
    write("b.toml", "extend = 'dedup.toml'")
    assert message().startswith(expected)


FLAGS = {
    name.removeprefix("--")
    for command in (clean.command, check.command)
    for param in command.params
    for name in param.opts
}


@pytest.mark.parametrize("key", sorted(FLAGS - {*KNOBS, KEEP_FILE}))
def test_no_file_decides_where_we_write(key: str) -> None:
    """R29: only options are keys, and no option is a path that is written to."""
    write("dedup.toml", f'"{key}" = "x"')
    assert message().startswith(f"dedup.toml: {key}: unknown option")


def test_the_flags_that_write_are_among_those_refused() -> None:
    """R29"""
    written = {"output", "in-place", "backup", "plan", "report", "force", "cache"}
    written |= {"output-file", "update-baseline"}
    assert written <= FLAGS - set(KNOBS)


def test_every_option_is_a_flag() -> None:
    assert set(KNOBS) <= FLAGS
    assert {"baseline", "max-findings", "max-redundancy"} <= set(KNOBS)


def test_what_a_check_lets_pass_comes_from_every_source() -> None:
    write("dedup.toml", "max-redundancy = 5\nmax-findings = 2\nbaseline = 'ci/known.txt'\n")
    Path("docs").mkdir()
    settings = resolve({"max-findings": 3}, "docs", environ={})
    assert settings.gates == Gates(5, 3, os.path.join(os.getcwd(), "ci", "known.txt"))
    assert settings.options == Options()
    settings = resolve({}, "docs", environ={"DEDUP_BASELINE": "x", "DEDUP_MAX_REDUNDANCY": "0.5"})
    assert settings.gates == Gates(0.5, 2, "x")
    assert settings.value("baseline") == "x" and settings.value("threshold") == 0.6


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("max-redundancy = 101", "max-redundancy: 101 is out of range: it must be from 0 to 100"),
        ("max-redundancy = nan", "max-redundancy: nan is out of range: it must be from 0 to 100"),
        ("max-findings = -1", "max-findings: -1 is out of range: it must be at least 0"),
        ("max-findings = 1.5", "max-findings: 1.5 is not a whole number"),
        ("max-findings = true", "max-findings: True is not a whole number"),
        ("baseline = 1", "baseline: 1 is not a string"),
    ],
)
def test_limits_are_validated(line: str, what: str) -> None:
    write("dedup.toml", line)
    assert message() == f"dedup.toml: {what}"


def test_an_extended_file_names_its_baseline_from_where_it_stands() -> None:
    write("shared/base.toml", "baseline = 'known.txt'")
    write("dedup.toml", "extend = 'shared/base.toml'")
    found = resolve({}, "", environ={}).gates.baseline
    assert os.path.relpath(found) == os.path.join("shared", "known.txt")


@pytest.mark.parametrize("value", [True, 3, 0.25, 'a"b\\c\n\x1b\u202e\U0001f600'])
def test_spelled_values_read_back(value: float | str) -> None:
    import tomllib

    text = spelled(value)
    assert text.isascii() and text.isprintable()
    assert tomllib.loads(f"x = {text}")["x"] == value


def test_the_schema_file_is_fresh() -> None:
    assert SCHEMA.read_text("utf-8") == render()


def test_the_schema_has_every_option() -> None:
    properties = json.loads(SCHEMA.read_text("utf-8"))["properties"]
    assert set(properties) == {"extend", *KNOBS, KEEP, KEEP_FILE, OVERRIDE}
    for key, knob in KNOBS.items():
        entry = properties[key]
        if knob.default is None:
            assert "default" not in entry and entry["type"] in ("integer", "number")
            continue
        assert entry["default"] == (list(knob.default) if knob.default == () else knob.default)
        assert entry.get("enum", []) == list(knob.metadata["choices"])
    assert schema()["additionalProperties"] is False


def test_sizes_and_lists_are_read_from_every_source() -> None:
    write("dedup.toml", "max-size = '2MiB'\nexclude = ['*.bak.txt', 'old/']\ninclude = ['*.txt']\n")
    options = resolve({}, "", environ={"DEDUP_INCLUDE": "*.md,*.rst"}).options
    assert options == Options(
        max_size=2 << 20, exclude=("*.bak.txt", "old/"), include=("*.md", "*.rst")
    )
    assert resolve({}, "", config=["max-size=1.5kB"], environ={}).options.max_size == 1500


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("max-size = '2 apples'", "'2 apples' is not a size / write bytes, or for example 64MiB"),
        ("max-size = 0", "0 is out of range: it must be at least 1"),
        ("exclude = 'a'", "'a' is not a list of strings"),
        ("exclude = ['a', '']", "holds something other than a string, or an empty one"),
        ("exclude = ['a', 1]", "holds something other than a string, or an empty one"),
        ("jobs = -1", "-1 is out of range: it must be at least 0"),
    ],
)
def test_sizes_lists_and_workers_are_validated(line: str, what: str) -> None:
    write("dedup.toml", line + "\n")
    assert message() == f"dedup.toml: {line.split(' ')[0]}: {what}"
