"""What is to be kept, from files and flags to exit statuses: clean, check and report agree."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from dedup import config
from dedup.cli import main
from dedup.config import resolve
from dedup.config.keeps import Keep, from_file
from dedup.errors import DedupError
from tests.texts import BODY, CLEAN, DOUBLED

PARAGRAPHS = BODY.split("\n\n")
SECOND = PARAGRAPHS[1]


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text.encode())


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()  # the search for a config file ends here


@pytest.fixture
def cli(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Cli:
    def run(*args: str, stdin: bytes | None = None) -> Ran:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(args)
        out, err = capsysbinary.readouterr()
        return Ran(status, out, err.decode())

    return run


def keeps(*files: str, **values: object) -> list[tuple[str, str, bool]]:
    """What settings want to be kept."""
    settings = resolve({}, "", environ={}, keep_files=files, **values)  # type: ignore[arg-type]
    return [(keep.text, keep.origin, keep.is_hash) for keep in settings.keeps]


def message(*files: str) -> str:
    with pytest.raises(DedupError) as caught:
        keeps(*files)
    return str(caught.value) + (f" / {caught.value.hint}" if caught.value.hint else "")


# -- clean, check, report --------------------------------------------------------------------------------------

MARKED = DOUBLED.replace(f"\n{BODY}\n{BODY}", f"\n{BODY}\n<!-- dedup: off -->\n\n{BODY}")


def test_clean_check_and_report_heed_the_same(cli: Cli) -> None:
    write("a.md", MARKED)
    write("b.txt", DOUBLED)
    assert cli("check", "a.md").status == 0
    assert cli("clean", "a.md").out == MARKED.encode()
    assert b"copies  none" in cli("report", "a.md").out
    assert cli("check", "b.txt").status == 1
    write("kept.txt", "".join(f"{part}\n" for part in PARAGRAPHS))
    for command in (["check"], ["clean", "--check"], ["clean", "--diff"]):
        assert cli(*command, "b.txt", "--keep-file", "kept.txt").status == 0
    assert b"copies  none" in cli("report", "b.txt", "--keep-file", "kept.txt").out
    write("dedup.toml", "".join(f"[[keep]]\nmatch = {json.dumps(part)}\n" for part in PARAGRAPHS))
    assert cli("check", "b.txt").status == 0
    assert cli("check", "b.txt", "--isolated").status == 1


def test_in_a_folder_with_workers_and_a_cache_it_is_the_same(cli: Cli) -> None:
    for number in range(6):
        write(f"in/{number}.md", MARKED)
        write(f"in/{number}.txt", DOUBLED)
    write("dedup.toml", f"[[keep]]\nmatch = {json.dumps(SECOND)}\n")
    outputs: list[list[bytes]] = []
    for flags in (["-j1"], ["-j2"], ["-j1", "--cache", "c"], ["-j1", "--cache", "c"]):
        assert cli("clean", "in", "-o", f"out{len(outputs)}", *flags).status == 0
        outputs.append(
            [path.read_bytes() for path in sorted(Path(f"out{len(outputs)}").glob("[0-9]*"))]
        )
    assert outputs[0] == outputs[1] == outputs[2] == outputs[3]
    assert outputs[0][0] == MARKED.encode()
    assert outputs[0][1].count(SECOND.encode()) == 2


def test_the_hash_that_check_shows_keeps_what_it_found(cli: Cli) -> None:
    write("a.txt", DOUBLED)
    found = json.loads(cli("check", "a.txt", "--output-format", "json").out)
    (hash,) = {finding["fingerprint"] for finding in found["findings"]}
    write("dedup.toml", f"[[keep]]\nhash = '{hash}'\n")
    assert cli("check", "a.txt").status == 0
    assert cli("clean", "a.txt").out == DOUBLED.encode()


def test_a_comment_that_is_not_understood_is_told(cli: Cli) -> None:
    write("a.md", MARKED.replace("off", "of"))
    expected = "a.md: line 11: 'of' is none of off, on, keep; did you mean dedup: off?"
    assert expected in cli("clean", "a.md").err
    assert expected in cli("check", "a.md").err
    assert expected.partition(": ")[2] in cli("report", "a.md").out.decode()
    write("b/a.md", MARKED.replace("off", "of"))
    assert expected in cli("clean", "b", "-o", "out").err


def test_a_plan_of_other_keeps_is_another_plan(cli: Cli) -> None:
    write("a.txt", DOUBLED)
    write("kept.txt", "harbour staff\n")
    assert (
        cli("clean", "a.txt", "-o", "out.txt", "--plan", "p", "--keep-file", "kept.txt").status == 0
    )
    assert json.loads(Path("p").read_bytes().split(b"\n")[0])["options"]["keep"] == [
        "harbour staff"
    ]
    assert cli("restore", "out.txt", "--plan", "p").out == DOUBLED.encode()
    assert cli("clean", "a.txt", "-o", "out.txt", "--plan", "p").status == 2
    again = cli("clean", "a.txt", "-o", "out.txt", "--plan", "p", "--keep-file", "kept.txt")
    assert again.status == 0


def test_a_pipe_finds_what_to_keep_in_a_config_file(cli: Cli) -> None:
    assert cli("clean", "-", stdin=DOUBLED.encode()).out == CLEAN.encode()
    write("dedup.toml", "[[keep]]\nmatch = 'HARBOUR   staff'\n")
    assert cli("clean", "-", stdin=DOUBLED.encode()).out == f"{CLEAN}\n{SECOND}\n".encode()


# -- where they come from --------------------------------------------------------------------------------------


def test_tables_files_and_flags_add_up_in_their_order() -> None:
    write("base.toml", "[[keep]]\nmatch = 'from the base'\n")
    write(
        "dedup.toml",
        "extend = 'base.toml'\nkeep-file = ['kept/one.txt']\n"
        "[[keep]]\nmatch = 'mine'\n[[keep]]\nhash = '0123456789abcdef'\n",
    )
    write("kept/one.txt", "\ufeffone\r\n\r\n  two  \r\n")
    write("more.txt", "three\nmine")
    assert keeps("more.txt") == [
        ("from the base", "base.toml: keep 1", False),
        ("mine", "dedup.toml: keep 1", False),
        ("0123456789abcdef", "dedup.toml: keep 2", True),
        ("one", "kept/one.txt:1", False),
        ("two", "kept/one.txt:3", False),
        ("three", "more.txt:1", False),
        ("mine", "more.txt:2", False),
    ]
    options = resolve({}, "", environ={}, keep_files=["more.txt"]).options
    assert options.keep == ("from the base", "mine", "one", "two", "three")
    assert options.keep_hash == ("0123456789abcdef",)
    assert keeps(isolated=True) == []


def test_in_a_pyproject_they_stand_below_our_table() -> None:
    write("pyproject.toml", "[tool.dedup]\nexact = true\n[[tool.dedup.keep]]\nmatch = 'mine'\n")
    assert keeps() == [("mine", "pyproject.toml: keep 1", False)]


def test_config_prints_them_as_they_can_be_read_again(cli: Cli) -> None:
    write("dedup.toml", "keep-file = 'kept.txt'\n[[keep]]\nhash = '0123456789abcdef'\n")
    write("kept.txt", 'say "yes" \\ caf\u00e9\n')
    out = cli("config").out
    assert out.endswith(
        b'\n[[keep]]  # dedup.toml: keep 1\nhash = "0123456789abcdef"\n'
        b'\n[[keep]]  # kept.txt:1\nmatch = "say \\"yes\\" \\\\ caf\\u00E9"\n'
    )
    before = resolve({}, "", environ={}).options
    Path("dedup.toml").write_bytes(out)
    Path("kept.txt").unlink()
    assert resolve({}, "", environ={}).options == before


def test_those_that_are_unused_are_known_with_their_places() -> None:
    write("dedup.toml", "[[keep]]\nhash = '0123456789abcdef'\n[[keep]]\nmatch = 'a'\n")
    write("kept.txt", "b\na\n")
    settings: config.Settings = resolve({}, "", environ={}, keep_files=["kept.txt"])
    assert (settings.options.keep, settings.options.keep_hash) == (
        ("a", "b"),
        ("0123456789abcdef",),
    )
    assert [keep.origin for keep in settings.unused_keeps({0})] == [
        "dedup.toml: keep 1",
        "kept.txt:1",
    ]
    assert [keep.origin for keep in settings.unused_keeps({1, 2})] == [
        "dedup.toml: keep 2",
        "kept.txt:2",
    ]


NO_LETTER = "has no letter or digit, and nothing else is compared"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[keep]]", "keep 1: has neither match nor hash / a table names one thing; write another [[keep]]"),
        (
            "[[keep]]\nmatch = 'a'\n[[keep]]\nmatch = 'a'\nhash = '0123456789abcdef'",
            "keep 2: has match and hash / a table names one thing; write another [[keep]]",
        ),
        ("[[keep]]\nmathc = 'a'", "keep 1: mathc: unknown key / did you mean match?"),
        ("[[keep]]\nmatch = 1", "keep 1: match: 1 is not a string"),
        ("[[keep]]\nmatch = ''", f"keep 1: match: '' {NO_LETTER}"),
        ("[[keep]]\nmatch = '* * *'", f"keep 1: match: '* * *' {NO_LETTER}"),
        ("[[keep]]\nmatch = '<br>'", "keep 1: match: '<br>' is nothing but markup, and that is not compared"),
        ("[[keep]]\nhash = 'A123'", "keep 1: hash: 'A123' is no content hash: 16 digits from 0 to 9 and a to f"),
        ("[[keep]]\nhash = ['a']", "keep 1: hash: ['a'] is not a string"),
        ("keep = 'a'", 'keep: is not a list of tables / write [[keep]], and below it match = "..." or hash = "..."'),
        (
            "[keep]\nmatch = 'a'",
            'keep: is not a list of tables / write [[keep]], and below it match = "..." or hash = "..."',
        ),
        ("[[kep]]\nmatch = 'a'", "kep: unknown option / did you mean keep?"),
        ("keep-file = 1", "keep-file: is not the path of a file, nor a list of them"),
        ("keep-file = ['']", "keep-file: is not the path of a file, nor a list of them"),
        ("keep-file = 'missing.txt'", "keep-file: missing.txt is not a file"),
        ("keep-file = '/dev/zero'", "keep-file: /dev/zero is not a file"),
        ("keep-files = 'a'", "keep-files: unknown option / did you mean keep-file?"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_config_file_is_named(cli: Cli, text: str, expected: str) -> None:
    write("dedup.toml", text)
    assert message() == f"dedup.toml: {expected}"
    ended = cli("clean", "-", stdin=b"text")
    assert (ended.status, ended.out) == (2, b"") and len(ended.err.splitlines()) <= 2


def test_what_is_wrong_in_a_file_of_texts_is_named() -> None:
    write("a.txt", "fine\n\n---\n")
    assert message("a.txt") == f"a.txt:3: '---' {NO_LETTER}"
    Path("b.txt").write_bytes(b"fine\n\xff\n")
    assert message("b.txt") == "b.txt: byte 5 is not valid UTF-8"
    assert message("c.txt").startswith("c.txt: no such file or directory")
    with open("large.txt", "wb") as file:
        file.truncate(1 << 30)
    assert message("large.txt").startswith("large.txt: is larger than")


def test_a_file_of_nothing_wants_nothing() -> None:
    write("a.txt", "\n\r\n")
    assert from_file("a.txt") == []
    write("a.txt", "one\rtwo")
    assert from_file("a.txt") == [Keep("one", "a.txt:1"), Keep("two", "a.txt:2")]


# -- what is unused -----------------------------------------------------------------------------------------


def test_check_says_which_comments_and_entries_are_unused(cli: Cli) -> None:
    write("in/a.md", MARKED)
    write("in/b.md", f"<!-- dedup: keep -->\n{CLEAN}")
    write("in/c.txt", DOUBLED)
    tables = [f"[[keep]]\nmatch = {json.dumps(text)}\n" for text in (SECOND, "nobody says this")]
    write("dedup.toml", "".join(tables))
    comment = "in/b.md:1: this keep has no effect"
    entry = "dedup.toml: keep 2 matches nothing that repeats"
    for flags in ([], ["--cache", "c"], ["--cache", "c"], ["-j2"]):
        checked = cli("check", "in", "--output-format", "json", *flags)
        assert checked.status == 1
        assert comment in checked.err and entry in checked.err and "a.md" not in checked.err
        assert json.loads(checked.out)["summary"]["warnings"] == [comment, entry]
    assert entry not in cli("check", "in/c.txt").err
    assert entry in cli("check", "in/c.txt", "-v").err


def test_where_a_file_could_not_be_read_no_entry_is_said_to_be_unused(cli: Cli) -> None:
    write("in/a.txt", CLEAN)
    Path("in/b.txt").write_bytes(b"\xff")
    write("dedup.toml", "[[keep]]\nmatch = 'nobody says this'\n")
    checked = cli("check", "in")
    assert checked.status == 2 and "matches nothing" not in checked.err
    Path("in/b.txt").unlink()
    assert "dedup.toml: keep 1 matches nothing that repeats\n" in cli("check", "in").err


def test_of_many_unused_entries_some_are_named(cli: Cli) -> None:
    write("in/a.txt", CLEAN)
    write("kept.txt", "".join(f"never said {number}\n" for number in range(9)))
    err = cli("check", "in", "--keep-file", "kept.txt").err
    told = [f"kept.txt:{number}: matches nothing that repeats" for number in range(1, 6)]
    assert err.splitlines()[:6] == [*told, "keep: 4 more match nothing that repeats"]


def test_a_comment_before_the_original_is_told_where_it_belongs(cli: Cli) -> None:
    write(
        "a.md",
        f"<!-- dedup: keep -->\n{SECOND}\n\n{PARAGRAPHS[0]}\n\n{PARAGRAPHS[2]}\n\n{SECOND}\n",
    )
    (said,) = [line for line in cli("check", "a.md").err.splitlines() if "no effect" in line]
    told = r"a\.md:(\d+): this keep has no effect; put it before the copy that goes \(line (\d+)\)"
    match = re.fullmatch(told, said)
    assert match
    lines = Path("a.md").read_text().splitlines(keepends=True)
    comment = lines.pop(int(match[1]) - 1)
    lines.insert(int(match[2]) - 2, comment)
    write("a.md", "".join(lines))
    checked = cli("check", "a.md")
    assert comment == "<!-- dedup: keep -->\n"
    assert (checked.status, "no effect" in checked.err) == (0, False)
