"""Files that are more than lines of text: what becomes of them, from the command line."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

import dedup
from dedup import extras
from dedup.batch import single
from dedup.batch.folder import MIN_POOL_BYTES
from dedup.cli import main
from dedup.files.formats import KINDS
from dedup.model import Tally
from tests import many, written
from tests.conftest import Run
from tests.many import WORKERS, temporaries, tree
from tests.texts import BODY, CLEAN, DOUBLED

TEXTS = [*many.texts(12).values()]
OLD = [old for old, _ in TEXTS]
NEW = [new for _, new in TEXTS]
CHANGED = sum(old != new for old, new in TEXTS)
RECORDS = ["jsonl", "csv", "tsv", "parquet", "wet", "jsonl.gz", "csv.zst", "wet.gz", "parquet.gz"]
each_format = pytest.mark.parametrize("suffix", RECORDS)


Cli = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".git").mkdir()  # the search for a config file ends here


@pytest.fixture
def cli(run_dedup: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    """Runs a command: in this process unless something is to be piped into it."""

    def run(*arguments: str, input: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        if input is not None:
            return run_dedup(*arguments, input=input)
        status = main(arguments)
        return subprocess.CompletedProcess(arguments, status, *capfdbinary.readouterr())

    return run


def same(suffix: str, one: bytes, other: bytes) -> bool:
    """Whether both say the same: to the byte once they are unpacked, and of Parquet by value."""
    if not suffix.startswith("parquet"):
        return written.unpacked(suffix, one) == written.unpacked(suffix, other)
    tables = [
        pyarrow.parquet.read_table(pyarrow.BufferReader(written.unpacked(suffix, data)))
        for data in (one, other)
    ]
    return bool(tables[0].equals(tables[1]) and tables[0].schema.equals(tables[1].schema, True))


@each_format
def test_a_file_of_records_is_cleaned_and_put_back(suffix: str, cli: Cli) -> None:
    old = written.write(suffix, OLD)
    Path(f"a.{suffix}").write_bytes(old)
    ran = cli("clean", f"a.{suffix}", "-o", f"b.{suffix}", "--plan", "p", "--report", "r.json")
    assert (ran.returncode, ran.stdout) == (0, b"")
    assert f"from {CHANGED} of 12 records of a.{suffix}; " in ran.stderr.decode()
    new = Path(f"b.{suffix}").read_bytes()
    assert written.read(suffix, new) == NEW
    assert Path(f"a.{suffix}").read_bytes() == old
    report = json.loads(Path("r.json").read_bytes())
    assert [each["name"] for each in report["documents"]] == [
        f"a.{suffix}#{n}" for n in range(1, 13)
    ]
    assert report["totals"]["changed"] == CHANGED
    back = cli("restore", f"b.{suffix}", "--plan", "p")
    assert (back.returncode, back.stderr) == (0, b"")
    assert same(suffix, back.stdout, old)


@each_format
def test_a_pipe_gives_what_a_file_does(suffix: str, cli: Cli) -> None:
    old = written.write(suffix, OLD)
    Path(f"a.{suffix}").write_bytes(old)
    assert cli("clean", f"a.{suffix}", "-o", "b").returncode == 0
    piped = cli("clean", "--stdin-filename", f"a.{suffix}", input=old)
    assert piped.stdout == Path("b").read_bytes()
    to_stdout = cli("clean", f"a.{suffix}")
    assert to_stdout.stdout == piped.stdout
    planned = cli("clean", "--stdin-filename", f"a.{suffix}", "--plan", "p", input=old)
    assert planned.stdout == piped.stdout
    assert same(suffix, cli("restore", "--plan", "p", input=piped.stdout).stdout, old)


@each_format
def test_in_place_with_a_backup_and_back(suffix: str, cli: Cli) -> None:
    path = Path(f"a.{suffix}")
    old = written.write(suffix, OLD)
    path.write_bytes(old)
    path.chmod(0o640)
    assert cli("clean", str(path), "-i", "--backup", "--plan", "p").returncode == 0
    assert written.read(suffix, path.read_bytes()) == NEW
    assert Path(f"a.{suffix}.orig").read_bytes() == old
    assert path.stat().st_mode & 0o777 == 0o640
    before = path.stat()
    again = cli("clean", str(path), "-i", "--plan", "p")
    assert (again.returncode, again.stdout) == (0, b"")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert cli("restore", str(path), "-i", "--plan", "p").returncode == 0
    assert same(suffix, path.read_bytes(), old)


@each_format
def test_a_file_without_repeats_is_copied_to_the_byte(suffix: str, cli: Cli) -> None:
    data = written.write(suffix, NEW)
    Path(f"a.{suffix}").write_bytes(data)
    assert cli("clean", f"a.{suffix}", "-o", "b").returncode == 0
    assert Path("b").read_bytes() == data
    assert cli("clean", f"a.{suffix}").stdout == data
    assert cli("clean", f"a.{suffix}", "--check").returncode == 0


@each_format
def test_looking_writes_nothing_and_says_so(suffix: str, cli: Cli) -> None:
    Path(f"a.{suffix}").write_bytes(written.write(suffix, OLD))
    before = tree(Path())
    check = cli("clean", f"a.{suffix}", "--check")
    assert (check.returncode, check.stdout) == (1, b"")
    assert check.stderr.startswith(b"Would remove ")
    diff = cli("clean", f"a.{suffix}", "--diff")
    assert diff.returncode == 1
    assert diff.stdout.count(b"--- ") == CHANGED
    report = cli("report", f"a.{suffix}")
    assert report.returncode == 0
    assert report.stdout.count(b"repeated block") >= CHANGED
    assert tree(Path()) == before


def test_a_folder_of_all_formats_with_any_number_of_workers(cli: Cli) -> None:
    """I6, I11: one worker or four, with a plan or without: the same files, plan and report."""
    Path("in").mkdir()
    for suffix in RECORDS:
        Path(f"in/a.{suffix}").write_bytes(written.write(suffix, OLD))
    many.write(Path("in"), many.texts(12))
    Path("in/page.html").write_text(f"<p>{DOUBLED}</p>")
    Path("in/packed.txt.gz").write_bytes(gzip.compress(DOUBLED.encode()))
    outputs = []
    for name, jobs in (("one", "1"), ("four", "4")):
        arguments = ["clean", "in", "-o", name, "-j", jobs, "--report", f"{name}.json"]
        ran = subprocess.run([sys.executable, WORKERS, "fork", *arguments], capture_output=True)
        assert ran.returncode == 0, ran.stderr
        outputs.append((tree(Path(name)), Path(f"{name}.json").read_bytes(), ran.stderr))
    assert outputs[0] == outputs[1]
    arguments = ["clean", "in", "-o", "planned", "-j", "4", "--plan", "p"]
    assert subprocess.run([sys.executable, WORKERS, "fork", *arguments]).returncode == 0
    assert tree(Path("planned")) == outputs[0][0]
    for suffix in RECORDS:
        assert written.read(suffix, outputs[0][0][f"a.{suffix}"]) == NEW
    assert gzip.decompress(outputs[0][0]["packed.txt.gz"]) == CLEAN.encode()
    again = cli("clean", "in", "-o", "planned", "--plan", "p")
    assert again.returncode == 0, again.stderr
    assert cli("restore", "planned", "-o", "back", "--plan", "p").returncode == 0
    for name, data in tree(Path("in")).items():
        suffix = name.partition(".")[2]
        if suffix in RECORDS:
            assert same(suffix, Path("back", name).read_bytes(), data)
        elif not name.endswith(".gz"):
            assert Path("back", name).read_bytes() == data


def test_in_place_goes_on_where_it_was_interrupted(cli: Cli) -> None:
    """R14: with the plan, a run over files of which some are done ends with the same bytes."""
    for root in ("whole", "half"):
        Path(root).mkdir()
        for suffix in RECORDS:
            Path(root, f"a.{suffix}").write_bytes(written.write(suffix, OLD))
    assert cli("clean", "whole", "-i", "--plan", "p").returncode == 0
    plan = Path("p").read_bytes()
    for suffix in RECORDS[::2]:
        shutil.copy(Path("whole", f"a.{suffix}"), Path("half", f"a.{suffix}"))
    assert cli("clean", "half", "-i", "--plan", "p").returncode == 0
    assert tree(Path("half")) == tree(Path("whole"))
    assert Path("p").read_bytes() == plan
    for _ in range(2):
        assert cli("restore", "half", "-i", "--plan", "p").returncode == 0
        for suffix in RECORDS:
            assert written.read(suffix, Path("half", f"a.{suffix}").read_bytes()) == OLD


def test_bad_records_are_named_and_stay_as_they_are(cli: Cli) -> None:
    """DESIGN 3: a bad record inside a readable file passes through unchanged, exit 2."""
    good = written.write("jsonl", OLD).splitlines(keepends=True)
    bad = [b'{"text": "cut off\n', b'{"id": 3}\n', b'{"text": 5}\n', b"\xff\n", b"[]\n"]
    lines = [*good[:6], *bad, *good[6:]]
    Path("a.jsonl").write_bytes(b"".join(lines))
    ran = cli("clean", "a.jsonl", "-o", "b.jsonl", "--report", "r.json", "--plan", "p")
    assert ran.returncode == 2
    told = [line for line in ran.stderr.decode().splitlines() if line.startswith("dedup: error: ")]
    assert [line.split(": ")[2] for line in told] == [f"a.jsonl:{at}" for at in range(7, 12)]
    new = Path("b.jsonl").read_bytes().splitlines(keepends=True)
    assert new[6:11] == bad
    assert [json.loads(line)["text"] for line in [*new[:6], *new[11:]]] == NEW
    assert b"5 records could not be read, and stayed as they were." in ran.stderr
    report = json.loads(Path("r.json").read_bytes())
    assert [each["name"] for each in report["failures"]] == [f"a.jsonl:{at}" for at in range(7, 12)]
    assert cli("restore", "b.jsonl", "--plan", "p").stdout == b"".join(lines)


def test_a_million_bad_records_do_not_flood(cli: Cli) -> None:
    Path("a.jsonl").write_bytes(b"[]\n" * 1000)
    ran = cli("clean", "a.jsonl")
    assert ran.returncode == 2
    assert ran.stdout == b"[]\n" * 1000
    assert len(ran.stderr.splitlines()) < 30
    assert b"980 more records could not be read" in ran.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("data", [b"", written.write("jsonl", OLD[:1])], ids=["empty", "small"])
def test_small_files_of_records_are_not_open_all_at_a_time(data: bytes, jobs: str) -> None:
    Path("in").mkdir()
    for number in range(150):
        Path(f"in/{number}.jsonl").write_bytes(data)
    Path("in/large.txt").write_bytes(b" " * MIN_POOL_BYTES)
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); "
    program = f"{limited} import dedup.cli; sys.exit(dedup.cli.main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "clean", "in", "-o", "out", "-j", jobs]
    ran = subprocess.run(command, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    assert len(os.listdir("out")) == 152  # with the list of them


@pytest.mark.parametrize("suffix", ["jsonl.gz", "wet.gz", "csv.zst", "parquet", "txt.gz"])
def test_r43_half_a_file_is_an_error_and_nothing_is_written(suffix: str, cli: Cli) -> None:
    if suffix == "txt.gz":
        whole = gzip.compress(DOUBLED.encode())
    else:
        whole = written.write(suffix, OLD)
    Path("in").mkdir()
    Path(f"in/a.{suffix}").write_bytes(whole[: len(whole) * 2 // 3])
    Path("in/z.txt").write_text(DOUBLED)
    ran = cli("clean", "in", "-o", "out", "--report", "r.json")
    assert ran.returncode == 2
    assert f"dedup: error: in/a.{suffix}: ".encode() in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert [*tree(Path("out"))] == ["z.txt"]
    assert [each["name"] for each in json.loads(Path("r.json").read_bytes())["documents"]] == [
        "z.txt"
    ]
    alone = cli("clean", f"in/a.{suffix}", "-o", "b", "--plan", "p")
    assert (alone.returncode, alone.stdout) == (2, b"")
    assert not Path("b").exists() and not Path("p").exists()
    in_place = cli("clean", f"in/a.{suffix}", "-i", "--backup")
    assert in_place.returncode == 2
    assert sorted(os.listdir("in")) == [f"a.{suffix}", "z.txt"]
    assert temporaries(Path()) == []


def test_r43_what_a_file_is_its_first_bytes_say(cli: Cli) -> None:
    """A wrong suffix does not matter, and what is inside is not unpacked once more."""
    Path("a.txt").write_bytes(gzip.compress(DOUBLED.encode()))
    assert gzip.decompress(cli("clean", "a.txt").stdout) == CLEAN.encode()
    Path("b.txt.gz").write_text(DOUBLED)
    assert cli("clean", "b.txt.gz").stdout == CLEAN.encode()
    Path("c.txt.gz").write_bytes(gzip.compress(gzip.compress(DOUBLED.encode())))
    assert cli("clean", "c.txt.gz").returncode == 2


def test_packed_output_is_the_same_whenever_and_whatever_it_is_called(cli: Cli) -> None:
    Path("a.txt.gz").write_bytes(gzip.compress(DOUBLED.encode()))
    Path("other.txt.gz").write_bytes(gzip.compress(DOUBLED.encode(), 1, mtime=5))
    outputs = [cli("clean", name).stdout for name in ("a.txt.gz", "other.txt.gz")]
    assert outputs[0] == outputs[1]
    assert outputs[0][4:8] == bytes(4)


def test_r42_a_bomb_is_refused(cli: Cli) -> None:
    Path("in").mkdir()
    Path("in/bomb.jsonl.gz").write_bytes(gzip.compress(bytes(100 << 20)))
    Path("in/bomb.txt.gz").write_bytes(gzip.compress(b" " * (100 << 20)))
    Path("in/large.txt.gz").write_bytes(gzip.compress(b"word " * 3000))
    Path("in/z.txt").write_text(DOUBLED)
    ran = cli("clean", "in", "-o", "out", "--max-size", "10kB")
    assert ran.returncode == 2
    assert b"in/large.txt.gz: is larger than 10000" in ran.stderr
    assert [*tree(Path("out"))] == ["z.txt"]
    ran = cli("clean", "in/bomb.txt.gz")
    assert (ran.returncode, ran.stdout) == (2, b"")


PAGE = "<html><head><title>Ferry</title></head><body><h1>Ferry bulletin</h1>\n{}</body></html>\n"
PARAGRAPHS = "".join(f"<p>{line}</p>\n" for line in CLEAN.splitlines()[2:] if line)


def test_a_page_is_cleaned_in_its_markup_and_put_back(cli: Cli) -> None:
    Path("a.html").write_text(PAGE.format(PARAGRAPHS * 2))
    ran = cli("clean", "a.html", "-o", "b.html", "--plan", "p")
    assert ran.returncode == 0
    assert Path("b.html").read_text() == PAGE.format(PARAGRAPHS)
    back = cli("restore", "b.html", "--plan", "p")
    assert back.stdout == Path("a.html").read_bytes()
    assert cli("clean", "b.html").stdout == Path("b.html").read_bytes()


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not there")
def test_i11_the_diff_of_a_page_is_of_its_source(cli: Cli) -> None:
    Path("a.html").write_text(PAGE.format(PARAGRAPHS * 2))
    diff = cli("clean", "a.html", "--diff").stdout
    subprocess.run(["patch", "-s", "a.html"], input=diff, check=True)
    assert Path("a.html").read_text() == PAGE.format(PARAGRAPHS)


def test_the_main_text_of_a_page_is_a_text_of_its_own(cli: Cli) -> None:
    Path("in").mkdir()
    Path("in/a.html").write_text(PAGE.format(f"<article>{PARAGRAPHS * 2}</article>"))
    ran = cli("clean", "in", "-o", "out", "--html-input", "extract", "--plan", "p")
    assert ran.returncode == 0, ran.stderr
    assert [*tree(Path("out"))] == ["a.txt"]
    text = Path("out/a.txt").read_text()
    for line in CLEAN.splitlines()[2:]:
        assert text.count(line) == 1 or not line
    assert b"restore" in ran.stderr  # a conversion says that it is one
    piped = cli(
        "clean",
        *("--html-input", "extract", "--stdin-filename", "a.html"),
        input=Path("in/a.html").read_bytes(),
    )
    assert piped.stdout.decode() == text


def test_r12_a_page_and_a_text_that_would_be_one_file(cli: Cli) -> None:
    Path("in").mkdir()
    Path("in/a.html").write_text(PAGE.format(PARAGRAPHS))
    Path("in/a.txt").write_text(CLEAN)
    ran = cli("clean", "in", "-o", "out", "--html-input", "extract")
    assert ran.returncode == 2
    assert b"in/a.html" in ran.stderr and b"in/a.txt" in ran.stderr
    assert not Path("out").exists()


def test_text_never_takes_the_place_of_its_page(cli: Cli) -> None:
    Path("a.html").write_text(PAGE.format(PARAGRAPHS * 2))
    for paths in (["a.html"], ["."]):
        ran = cli("clean", *paths, "-i", "--html-input", "extract")
        assert ran.returncode == 2
        assert b"--html-input extract cannot go with --in-place" in ran.stderr
    assert Path("a.html").read_text() == PAGE.format(PARAGRAPHS * 2)


LATIN = "Le café du port est fermé jusqu'à lundi.\n".encode("cp1252")
EXTRAS: dict[str, tuple[str, bytes, str, list[str]]] = {
    "zst": ("a.txt.zst", written.PACKINGS[".zst"][0](b"text"), "zstandard", []),
    "parquet": ("a.parquet", written.write("parquet", OLD), "pyarrow", []),
    "warc": ("a.wet", written.write("wet", OLD), "warcio", []),
    "encoding": ("a.txt", LATIN, "charset_normalizer", ["--encoding", "auto"]),
    "fix": ("a.txt", "Le cafÃ© du port.\n".encode(), "ftfy", ["--fix-text"]),
    "html": ("a.html", b"<p>text</p>", "trafilatura", ["--html-input", "extract"]),
}


@pytest.mark.parametrize("extra", EXTRAS)
def test_r65_a_missing_extra_is_one_line(extra: str, cli: Cli) -> None:
    name, data, module, flags = EXTRAS[extra]
    Path(name).write_bytes(data)
    hidden = f"import sys; sys.modules[{module!r}] = None; import dedup.cli; "
    program = f"{hidden} sys.exit(dedup.cli.main({['clean', name, '-o', 'out', *flags]!r}))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert ran.returncode == 2
    lines = ran.stderr.decode().splitlines()
    (at,) = (at for at, line in enumerate(lines) if line.startswith("dedup: error: "))
    assert lines[at].endswith(f'needs the extra "{extra}"')
    assert lines[at + 1].startswith(f"hint: pip install '.[{extra}]' in a copy")
    assert lines[at + 1].endswith(f"'dedup-text[{extra}]' from an index")
    assert not Path("out").exists()


def test_every_suffix_of_texts_is_read_in_folders(cli: Cli) -> None:
    suffixes = ["txt", "md", "markdown", "mdx", "rst", "rest", "adoc", "asciidoc", "pod"]
    Path("in").mkdir()
    for suffix in suffixes:
        Path(f"in/a.{suffix}").write_text(DOUBLED)
        Path(f"in/a.{suffix}.gz").write_bytes(gzip.compress(DOUBLED.encode()))
    for old, new in ((".jsonl", ".ndjson"), (".html", ".htm")):
        data = written.write("jsonl", OLD) if old == ".jsonl" else PARAGRAPHS.encode() * 2
        Path(f"in/a{old}").write_bytes(data)
        Path(f"in/a{new}").write_bytes(data)
    assert cli("clean", "in", "-o", "out").returncode == 0
    out = tree(Path("out"))
    assert sorted(out) == sorted(tree(Path("in")))
    for suffix in suffixes:
        assert out[f"a.{suffix}"] == gzip.decompress(out[f"a.{suffix}.gz"]) == CLEAN.encode()
    assert out["a.html"] == out["a.htm"] == PARAGRAPHS.encode()
    assert written.read("jsonl", out["a.ndjson"]) == NEW


def test_a_program_is_read_where_it_is_named_and_keeps_its_code(cli: Cli) -> None:
    code = "sub depth { return $_[0]{depth} }\n" * 40
    pod = f"=pod\n\n{CLEAN}\n=cut\n\n"
    Path("in").mkdir()
    for name in ("in/Quay.pm", "in/quay.pl"):
        Path(name).write_text(f"{code}\n{pod}{code}\n{pod}{code}")
    cli("clean", "in", "-o", "none")
    assert not Path("none").exists() or tree(Path("none")) == {}
    for name in ("in/Quay.pm", "in/quay.pl"):
        assert cli("clean", name, "-o", "out", "--plan", "p", "--force").returncode == 0
        cleaned = Path("out").read_text()
        assert cleaned.count(code) == 3 and cleaned.count(CLEAN.strip()) == 1
        assert cleaned.count("=pod\n") == cleaned.count("=cut\n") == 2
        assert cli("restore", "out", "--plan", "p", "-o", "back", "--force").returncode == 0
        assert Path("back").read_bytes() == Path(name).read_bytes()


def test_the_page_about_formats_names_every_suffix() -> None:
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page[page.index("| suffix |") : page.index("The last column names the extra")]
    named = set(re.findall(r"\.[a-z]+\b", " ".join(re.findall(r"^\| (`.*?) \|", table, re.M))))
    assert named == {".txt", *KINDS}


def test_a_page_of_mdx_is_read_as_markdown() -> None:
    Path("in").mkdir()
    Path("in/a.mdx").write_text(DOUBLED)
    assert [document.format for document in dedup.documents("in")] == ["markdown"]


def test_own_files_of_records_are_never_input(cli: Cli) -> None:
    Path("in").mkdir()
    Path("in/a.jsonl").write_bytes(written.write("jsonl", OLD))
    for _ in range(2):
        ran = cli("clean", "in", "-o", "out", "--plan", "in/plan.jsonl")
        assert ran.returncode == 0, ran.stderr
    assert [*tree(Path("out"))] == ["a.jsonl"]
    shutil.copy("in/plan.jsonl", "in/other.jsonl")
    assert cli("clean", "in", "-o", "out2").returncode == 0
    assert [*tree(Path("out2"))] == ["a.jsonl"]
    assert [each.text for each in dedup.documents("in")] == OLD


def test_a_program_reads_records_too() -> None:
    Path("a.csv").write_bytes(written.write("csv", OLD))
    names = [f"a.csv#{number}" for number in range(1, 13)]
    found = [*dedup.documents("a.csv")]
    assert [(each.name, each.text) for each in found] == list(zip(names, OLD, strict=True))
    tallies: list[Tally] = []
    result = dedup.clean_files("a.csv", output="out", on_file=tallies.append)
    assert result.totals.documents == 12 and result.totals.changed == CHANGED
    assert [each.name for each in tallies] == ["a.csv"]
    assert written.read("csv", Path("out/a.csv").read_bytes()) == NEW


@pytest.mark.parametrize("suffix", ["txt", "html", "jsonl", "csv"])
def test_r37_an_encoding_is_guessed_on_request(suffix: str, cli: Cli) -> None:
    """And never otherwise."""
    text = "Каждый вечер старый смотритель маяка поднимался по лестнице и зажигал лампу над морем."
    doubled = f"{text}\n\n{text}"
    data = {
        "txt": doubled,
        "html": f"<p>{text}</p>\n" * 2,
        "jsonl": json.dumps({"text": doubled}, ensure_ascii=False),
        "csv": f'text\n"{doubled}"\n',
    }[suffix].encode("cp1251")
    Path(f"a.{suffix}").write_bytes(data)
    refused = cli("clean", f"a.{suffix}", "-o", "b")
    assert refused.returncode == 2 and b"is not valid UTF-8" in refused.stderr
    assert (
        cli("clean", f"a.{suffix}", "--encoding", "auto", "-o", "b", "--plan", "p").returncode == 0
    )
    assert Path("b").read_bytes().decode("cp1251").count(text) == 1
    assert cli("restore", "b", "--plan", "p").stdout == data


def test_a_cache_remembers_records(cli: Cli) -> None:
    Path("a.jsonl").write_bytes(written.write("jsonl", OLD))
    outputs = [cli("clean", "a.jsonl", "--cache", "cache") for _ in range(2)]
    assert outputs[0].stdout == outputs[1].stdout
    assert written.read("jsonl", outputs[1].stdout) == NEW


def test_a_cache_tells_records_of_the_same_bytes_apart(cli: Cli) -> None:
    """What is looked at in them depends on their file."""
    row = f'"{DOUBLED}",short\n'
    Path("other.csv").write_text(f"about,text\n{row}")
    Path("a.csv").write_text(f"text,about\n{row}")
    line = json.dumps({"text": DOUBLED}) + "\n"
    Path("other.txt").write_text(line)
    Path("a.jsonl").write_text(line)
    for suffix, other in (("csv", "other.csv"), ("jsonl", "other.txt")):
        alone = cli("clean", f"a.{suffix}")
        assert len(alone.stdout) < len(Path(f"a.{suffix}").read_bytes())
        cli("clean", other, "--cache", "cache")
        assert cli("clean", f"a.{suffix}", "--cache", "cache").stdout == alone.stdout
        again = cli("clean", other, "--cache", "cache")
        assert (again.stdout, again.stderr) == (Path(other).read_bytes(), b"")


@pytest.mark.parametrize(
    "step", ["records.Copy.add", "folder.Run._placed", "records.Opening.container"]
)
@pytest.mark.parametrize("error", [KeyError("a fault"), MemoryError()], ids=["fault", "memory"])
def test_a_fault_of_ours_costs_one_file_of_records(
    error: Exception, step: str, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise error

    Path("in").mkdir()
    Path("in/a.jsonl").write_bytes(written.write("jsonl", OLD))
    Path("in/b.txt").write_text(DOUBLED)
    monkeypatch.setattr(f"dedup.batch.{step}", faulty)
    ran = cli("clean", "in", "-o", "out")
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"dedup: error: in/a.jsonl: ")
    assert ran.stderr.count(b"dedup: error: ") == 1
    assert not Path("out/a.jsonl").exists()
    assert Path("out/b.txt").read_text() == CLEAN


def test_a_fault_of_ours_costs_one_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.jsonl").write_bytes(written.write("jsonl", OLD))
    process = single.process

    def faulty(source: Any, options: Any, **how: Any) -> Any:
        if source.document.name == "a.jsonl#3":
            raise KeyError("a fault")
        return process(source, options, **how)

    monkeypatch.setattr(single, "process", faulty)
    assert main(["clean", "a.jsonl", "-o", "b.jsonl"]) == 2
    assert "internal error" in capsys.readouterr().err
    texts = written.read("jsonl", Path("b.jsonl").read_bytes())
    assert texts == [*NEW[:2], OLD[2], *NEW[3:]]


@pytest.mark.parametrize("how", ["flag", "variable", "file"])
def test_auto_can_be_asked_for(how: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    old = DOUBLED.replace("sailors'", "sailors\u2019").encode("cp1252")
    Path("a.txt").write_bytes(old)
    if how == "variable":
        monkeypatch.setenv("DEDUP_ENCODING", "auto")
    elif how == "file":
        Path("dedup.toml").write_text('encoding = "auto"\n')
    ran = cli("clean", "a.txt", *(["--encoding", "auto"] if how == "flag" else []))
    assert (ran.returncode, ran.stdout) == (0, old[: len(CLEAN.encode("cp1252"))])


@pytest.mark.parametrize("magic", [b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", b"PAR1\0\0\0"])
def test_what_is_no_text_is_not_cleaned_as_one(magic: bytes, cli: Cli) -> None:
    ran = cli("clean", input=magic + DOUBLED.encode())
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"hint: --stdin-filename NAME." in ran.stderr


def test_a_plan_of_another_file_is_told_from_a_damaged_one(cli: Cli) -> None:
    Path("a.parquet").write_bytes(written.write("parquet", OLD))
    Path("b.txt.gz").write_bytes(gzip.compress(DOUBLED.encode()))
    assert cli("clean", "a.parquet", "-o", "c.parquet", "--plan", "p").returncode == 0
    ran = cli("restore", "b.txt.gz", "--plan", "p")
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"dedup: error: b.txt.gz: p says nothing about it\n")
    Path("d.parquet").write_bytes(Path("c.parquet").read_bytes()[:-20])
    ran = cli("restore", "d.parquet", "--plan", "p")
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"dedup: error: d.parquet: ")


def test_an_extra_that_does_not_work_says_why(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own requirements may be missing: to install the extra again would not help."""

    def broken(name: str) -> None:
        raise ImportError("lxml.html.clean is now a separate project")

    monkeypatch.setattr(extras, "import_module", broken)
    Path("a.parquet").write_bytes(written.write("parquet", OLD))
    ran = cli("clean", "a.parquet")
    assert ran.returncode == 2
    assert b"cannot be used: lxml.html.clean is now a separate project\n" in ran.stderr


def test_more_is_said_of_records_if_asked(cli: Cli) -> None:
    Path("a.csv").write_bytes(written.write("csv", OLD))
    assert b"a.csv#" not in cli("clean", "a.csv", "-o", "b.csv").stderr
    told = cli("clean", "a.csv", "-o", "b.csv", "-v", "--report", "r.json").stderr.decode()
    assert told.count(" from a.csv#") == told.count("repeated-block: ") == CHANGED
    assert told.count("Removed nothing") == 0


def test_links_to_other_places_stay_in_a_page(cli: Cli) -> None:
    links = [
        f'<p><a href="https://a.example/{at}">Read more about this on our site</a></p>'
        for at in (1, 2)
    ]
    page = f"<p>One.</p>\n{links[0]}\n<p><a href='/2'>Two.</a></p>\n{links[1]}\n"
    Path("a.html").write_text(page)
    assert cli("clean", "a.html").stdout.decode() == page


def test_a_heading_stays_above_the_text_that_begins_like_it(cli: Cli) -> None:
    heading, text = DOUBLED.splitlines()[2:5:2]
    for name, page in (
        ("a.html", f"<h1>{heading}</h1>\n<p>{heading} {text}</p>\n"),
        ("a.md", f"# {heading}\n\n{heading} {text}\n"),
    ):
        Path(name).write_text(page)
        assert cli("clean", name).stdout.decode() == page


def test_links_that_are_to_go_go_from_pages_too(cli: Cli) -> None:
    Path("a.html").write_text(
        f'<p>{BODY}</p>\n<p><a href="https://a.example/1">https://a.example/1</a></p>\n'
    )
    assert cli("clean", "a.html", "--strip-links").stdout.decode() == f"<p>{BODY}</p>\n"


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet", "wet.gz"])
def test_r07_the_file_behind_standard_input_is_not_written_to(suffix: str, run_dedup: Run) -> None:
    path = Path(f"a.{suffix}")
    path.write_bytes(written.write(suffix, OLD))
    os.link(path, "hard")
    for target in (str(path), "hard"):
        with open(path, "rb") as stdin:
            ran = run_dedup("clean", "--stdin-filename", path.name, "-o", target, stdin=stdin)
        assert ran.returncode == 2
        assert b"would overwrite the input" in ran.stderr
        assert path.read_bytes() == written.write(suffix, OLD)


@pytest.mark.parametrize("packing", ["", ".gz"])
def test_a_page_that_repeats_nothing_becomes_its_text_too(packing: str, cli: Cli) -> None:
    pack, unpack = written.PACKINGS[packing]
    page = pack(PAGE.format(f"<article>{PARAGRAPHS}</article>").encode())
    Path(f"a.html{packing}").write_bytes(page)
    arguments = ["clean", f"a.html{packing}", "--html-input", "extract"]
    text = unpack(cli(*arguments).stdout)
    assert text.count(b"\n") >= 4 and b"<" not in text
    for target in ("b.txt", "out/"):
        assert cli(*arguments, "-o", target).returncode == 0
    assert unpack(Path("b.txt").read_bytes()) == text
    assert unpack(Path(f"out/a.txt{packing}").read_bytes()) == text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("suffix", ["jsonl", "parquet", "txt"])
def test_r21_a_named_pipe_is_read_once(suffix: str, cli: Cli) -> None:
    old = DOUBLED.encode() if suffix == "txt" else written.write(suffix, OLD)
    os.mkfifo(f"a.{suffix}")

    def write() -> None:
        with suppress(BrokenPipeError):
            Path(f"a.{suffix}").write_bytes(old)

    def clean(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        ran = cli("clean", f"a.{suffix}", *arguments)
        if ran.returncode == 2 and writer.is_alive():  # it was refused unread
            os.close(os.open(f"a.{suffix}", os.O_RDONLY | os.O_NONBLOCK))
        writer.join(5)
        return ran

    assert clean("-o", "b").returncode == 0
    new = Path("b").read_bytes()
    assert new == CLEAN.encode() if suffix == "txt" else written.read(suffix, new) == NEW
    refused = clean("-o", "out/", "--plan", "p")
    assert refused.returncode == 2
    assert b"is no regular file, and with --plan it is read twice" in refused.stderr
    assert b"is not a regular file" in clean("-i").stderr


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_full_temporary_folder_is_one_line(
    suffix: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            super().close()
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda max_size: Full())
    Path(f"a.{suffix}").write_bytes(written.write(suffix, OLD))
    for arguments in (["-o", "b"], ["-o", "b", "--plan", "p"], ["-o", "b", "--report", "r.json"]):
        ran = cli("clean", f"a.{suffix}", *arguments)
        assert ran.returncode == 2
        assert b"a temporary file cannot be written: No space left on device" in ran.stderr
        assert b"internal error" not in ran.stderr
        assert not Path("b").exists() and not Path("p").exists()


def test_the_report_of_records_ends_once(cli: Cli) -> None:
    Path("a.csv").write_bytes(written.write("csv", OLD))
    told = cli("report", "a.csv").stdout
    assert b"This report changed nothing" not in told
    assert told.endswith(
        f" from {CHANGED} of 12 records of a.csv; {CHANGED} repeated blocks.\n".encode()
    )


def test_what_another_element_names_stays(cli: Cli) -> None:
    for attribute in ('href="#z"', 'aria-describedby="x z"', "for=z"):
        page = f'<p>{BODY}</p>\n<p><a {attribute}>More</a></p>\n<p id="z">{BODY}</p>\n'
        Path("a.html").write_text(page)
        assert b'<p id="z">' in cli("clean", "a.html").stdout


def test_what_a_page_declares_counts_for_its_main_text(cli: Cli) -> None:
    words = "Паром не вышел в понедельник из-за шторма, сообщили в управлении порта.\n"
    lines = "".join(f"<p>{number} {words * 3}</p>" for number in range(4))
    head = '<html><head><meta charset="koi8-r"><title>x</title></head>'
    Path("a.html").write_bytes(
        f"{head}<body><article>{lines}</article></body></html>".encode("koi8-r")
    )
    ran = cli("clean", "a.html", "--html-input", "extract", "--encoding", "auto", "-o", "b.txt")
    assert ran.returncode == 0
    assert "Паром не вышел" in Path("b.txt").read_text()


def test_the_plan_holds_the_encoding_that_was_guessed(cli: Cli) -> None:
    old = written.write("jsonl", OLD).decode().replace("é", "ü").encode("cp1252")
    Path("a.jsonl").write_bytes(old)
    assert (
        cli("clean", "a.jsonl", "--encoding", "auto", "-o", "b.jsonl", "--plan", "p").returncode
        == 0
    )
    container = json.loads(Path("p").read_bytes().splitlines()[1])
    assert container["options"]["encoding"] not in ("auto", "utf-8")
    assert cli("restore", "b.jsonl", "--plan", "p").stdout == old


def test_the_main_part_of_a_page_keeps_what_stands_beside_it_too(cli: Cli) -> None:
    one, two, three, *_ = (line for line in BODY.splitlines() if line)
    teaser, aside = f"<div><p>{one}</p></div>\n", f"<aside><p>{two}</p></aside>\n"
    for tag in ("main", "article", 'div role="main"'):
        main = f"<{tag}><h1>Ferry</h1>\n<p>{one}</p>\n{{}}<p>{two}</p>\n<p>{three}</p></{tag.split()[0]}>\n"
        Path("a.html").write_text(teaser + main.format(aside))
        assert cli("clean", "a.html").stdout.decode() == main.format("")
    Path("a.html").write_text(teaser + f"<p>{one}</p>\n")  # nothing says which is which
    assert cli("clean", "a.html").stdout.decode() == teaser


@pytest.mark.parametrize(
    ("suffix", "data"), [(".jsonl", b'{"text": "a"}\n'), (".html", b"<!DOCTYPE html>\n<p>a</p>\n")]
)
def test_a_pipe_without_a_name_is_a_text_and_told_what_it_looks_like(
    suffix: str, data: bytes, cli: Cli
) -> None:
    ran = cli("clean", input=data)
    assert (ran.returncode, ran.stdout) == (0, data)
    assert f"--stdin-filename NAME{suffix} reads it as what it looks like".encode() in ran.stderr
    assert cli("clean", "--stdin-filename", f"a{suffix}", input=data).stderr == b""
