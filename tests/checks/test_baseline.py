"""A baseline sets aside what it holds and nothing else; a damaged one is an error, never an empty one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.checks import baseline
from dedup.checks.accepted import Accepted, difference
from dedup.checks.alerts import Alert, Checked
from dedup.checks.baseline import MAX_BYTES, Entry, Key
from dedup.errors import DedupError
from tests.checks.test_alerts import errors
from tests.prose import doubled

HEAD = b"# dedup baseline 1\n"
LINE = b"repeated-block\ta.txt\t0123456789abcdef\t1\tOn the quay\n"
(ALERT,) = errors(doubled(3, 7))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def alert(fingerprint: int, name: str = "repeated-block", start: int = 0) -> Alert:
    spot = replace(ALERT.spot, start=start)
    return replace(ALERT, name=name, fingerprint=f"{fingerprint:016x}", spot=spot)


def loaded(data: bytes) -> baseline.Stored:
    Path("b.txt").write_bytes(data)
    return baseline.load("b.txt")


def complaint(data: bytes) -> str:
    with pytest.raises(DedupError) as caught:
        loaded(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# The file


def test_a_line_holds_name_path_hash_count_and_how_the_text_begins() -> None:
    entries = {
        Key("repeated-block", "docs/b.md", "f" * 16): Entry(2, "On the quay"),
        Key("contained", "docs/a.md", "0" * 16): Entry(1),
    }
    data = baseline.rendered(entries)
    assert data.decode().splitlines() == [
        "# dedup baseline 1",
        f"contained\tdocs/a.md\t{'0' * 16}\t1",
        f"repeated-block\tdocs/b.md\t{'f' * 16}\t2\tOn the quay",
    ]
    assert loaded(data).entries == entries


names = st.sampled_from(["repeated-block", "contained", "near-duplicate"])
paths = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30)
hashes = st.integers(0, 2**64 - 1).map("{:016x}".format)
counts = st.integers(1, 999_999_999)
excerpts = st.lists(st.text(max_size=60), max_size=3).map(tuple).map(baseline.excerpt)
contents = st.dictionaries(
    st.builds(Key, names, paths, hashes), st.builds(Entry, counts, excerpts), max_size=8
)


@given(contents, st.sampled_from([b"\n", b"\r\n"]))
def test_what_is_written_reads_back(entries: baseline.Entries, newline: bytes) -> None:
    """Whatever stands in paths, lone surrogates and line ends among it, and in excerpts."""
    data = baseline.rendered(entries, newline)
    stored = loaded(data)
    assert stored.entries == entries
    assert baseline.rendered(stored.entries, stored.newline) == data
    lines = data.splitlines()[1:]
    assert lines == sorted(lines) and len(lines) == len(entries)


def test_no_path_gives_a_build_server_commands() -> None:
    key = Key("contained", "a##[error]###[x\n::stop\\", "0" * 16)
    data = baseline.rendered({key: Entry(1)})
    assert b"##" not in data and data.count(b"\n") == 2
    assert loaded(data).entries == {key: Entry(1)}


def test_an_excerpt_is_cut_and_safe_to_show() -> None:
    assert baseline.excerpt(("a\tb\x1b[2J", "c\u202e")) == "a b\\x1b[2J c\\u202e"
    assert len(baseline.excerpt(("x" * 100,))) == 40
    assert baseline.excerpt(("", " ")) == ""


def test_lines_that_version_control_put_together_may_be_doubled_and_out_of_order() -> None:
    other = LINE.replace(b"\t1\t", b"\t3\t")
    first = LINE.replace(b"a.txt", b"A.txt")
    stored = loaded(HEAD + LINE + other + first + LINE)
    assert sorted(entry.count for entry in stored.entries.values()) == [1, 3]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "b.txt:1: is not a baseline of dedup"),
        (b"Harbour news\n", "b.txt:1: is not a baseline of dedup"),
        (b"\x1f\x8b\x08" + b"\0" * 20, "b.txt:1: is not a baseline of dedup"),
        (b"[" * 100_000, "b.txt:1: is not a baseline of dedup"),
        (LINE, "b.txt:1: is not a baseline of dedup"),
        (
            HEAD.replace(b"1", b"2") + LINE,
            "b.txt:1: is version '2' of the format, and this dedup reads 1",
        ),
        (HEAD + LINE + b"\0\0\0\0\n", "b.txt:3: holds a NUL: the file is damaged"),
        (HEAD + LINE + LINE[:30], "b.txt:3: ends within a line: the file was cut off"),
        (HEAD.rstrip(), "b.txt:1: ends within a line: the file was cut off"),
        (HEAD + LINE + LINE[:30] + b"\n", "b.txt:3: has less than name, path, hash and count"),
        (HEAD + LINE + b"\n", "b.txt:3: has less than name, path, hash and count"),
        (HEAD + LINE + LINE + b"caf\xe9\n", "b.txt:4: is not valid UTF-8: the file is damaged"),
        (
            HEAD + b"<<<<<<< HEAD\n" + LINE,
            "b.txt:2: is part of a merge conflict that was not resolved",
        ),
        (
            b"<<<<<<< HEAD\n" + HEAD + LINE,
            "b.txt:1: is part of a merge conflict that was not resolved",
        ),
        (
            HEAD + LINE + b"=======\n",
            "b.txt:3: is part of a merge conflict that was not resolved",
        ),
        (
            HEAD + LINE.replace(b"\t1\t", b"\t9999999999\t"),
            "b.txt:2: its count is no number from 1 to 999999999",
        ),
        (
            HEAD + LINE.replace(b"\t1\t", b"\t" + b"9" * 100_000 + b"\t"),
            "b.txt:2: its count is no number from 1 to 999999999",
        ),
        (
            HEAD + LINE.replace(b"\t1\t", b"\t0\t"),
            "b.txt:2: its count is no number from 1 to 999999999",
        ),
        (
            HEAD + LINE.replace(b"\t1\t", b"\t-1\t"),
            "b.txt:2: its count is no number from 1 to 999999999",
        ),
        (HEAD + LINE.replace(b"0123", b"012x"), "b.txt:2: is not a line of a baseline"),
        (HEAD + LINE[:-1] + b"\tmore\n", "b.txt:2: is not a line of a baseline"),
        (
            HEAD + LINE.replace(b"a.txt", b"a\\q"),
            "b.txt:2: its path holds a backslash that spells nothing",
        ),
        (
            HEAD + LINE.replace(b"a.txt", b"a\\U00110000"),
            "b.txt:2: its path holds a backslash that spells nothing",
        ),
    ],
)
def test_a_damaged_baseline_is_an_error_with_its_line(data: bytes, expected: str) -> None:
    """R60"""
    assert complaint(data) == expected


@given(st.binary(max_size=8), st.integers(0, 60), st.integers(0, 8))
def test_a_baseline_with_anything_in_it_is_read_or_refused(junk: bytes, at: int, gone: int) -> None:
    """R60: and refused with a line of it."""
    data = HEAD + LINE
    said, entries = "", {}
    try:
        entries = dict(loaded(data[:at] + junk + data[at + gone :]).entries)
    except DedupError as error:
        said = str(error)
    assert not said or re.match(r"b\.txt:[1-9]: [a-z]", said)
    assert all(entry.count > 0 for entry in entries.values())


def test_a_huge_baseline_is_not_read_whole() -> None:
    """R60"""
    with Path("b.txt").open("wb") as file:
        file.write(HEAD)
        file.truncate(1 << 30)
    with pytest.raises(DedupError, match="larger than 64 MiB: not a baseline"):
        baseline.load("b.txt")
    assert MAX_BYTES == 64 << 20


def test_a_baseline_that_is_not_there_says_how_to_make_one() -> None:
    with pytest.raises(DedupError) as caught:
        baseline.load("b.txt")
    assert str(caught.value) == "b.txt: there is no baseline yet"
    assert caught.value.hint == "--update-baseline makes it"
    with pytest.raises(DedupError):
        baseline.load(".")


# What it sets aside


def through(accepted: Accepted, alerts: list[Alert], path: str = "a.txt") -> list[Alert]:
    return list(accepted.passed(Checked(path, path, None, tuple(alerts))))


def made(documents: dict[str, list[Alert]], slim: bool = False) -> baseline.Entries:
    accepted = Accepted({}, "", all_are=True)
    for path, alerts in documents.items():
        through(accepted, alerts, path)
    return accepted.anew(slim=slim)


found = st.dictionaries(
    st.sampled_from(["a.txt", "docs/b.md", "docs/c.md"]),
    st.lists(st.builds(alert, st.integers(0, 3), names), max_size=6),
)


@given(found, found)
def test_a_baseline_sets_aside_exactly_what_it_was_made_of(
    before: dict[str, list[Alert]], after: dict[str, list[Alert]]
) -> None:
    entries = made(before)
    accepted = Accepted(entries, "")
    for path, alerts in before.items():
        assert through(accepted, alerts, path) == []
    assert accepted.stale() == 0
    accepted = Accepted(entries, "")
    for path, alerts in after.items():
        new = through(accepted, alerts, path)
        known = Counter((one.name, one.fingerprint) for one in before.get(path, []))
        here = Counter((one.name, one.fingerprint) for one in alerts)
        assert Counter((one.name, one.fingerprint) for one in new) == here - known
        assert [id(one) for one in alerts if any(one is other for other in new)] == list(
            map(id, new)
        )


@given(found, found)
def test_the_lines_of_two_baselines_set_aside_what_either_does(
    ours: dict[str, list[Alert]], theirs: dict[str, list[Alert]]
) -> None:
    one, other = baseline.rendered(made(ours)), baseline.rendered(made(theirs))
    merged = loaded(one + other.removeprefix(HEAD)).entries
    for documents in (ours, theirs):
        accepted = Accepted(merged, "")
        assert [new for path in documents for new in through(accepted, documents[path], path)] == []
    assert all(
        merged[key].count == max(e[key].count for e in (made(ours), made(theirs)) if key in e)
        for key in merged
    )


def test_of_equal_findings_the_last_ones_are_new() -> None:
    alerts = [alert(1, start=at) for at in (0, 10, 20)]
    accepted = Accepted({Key("repeated-block", "a.txt", f"{1:016x}"): Entry(2)}, "")
    assert through(accepted, alerts) == [alerts[2]]


def test_of_equal_findings_those_that_changed_are_new() -> None:
    alerts = [alert(1, start=at) for at in (0, 10, 20)]
    entries = {Key("repeated-block", "a.txt", f"{1:016x}"): Entry(2)}
    accepted = Accepted(entries, "", comes_last=lambda one: one.spot.start == 10)
    assert through(accepted, alerts) == [alerts[1]]


def test_records_of_one_file_share_its_lines() -> None:
    accepted = Accepted({Key("repeated-block", "a.jsonl", f"{1:016x}"): Entry(2)}, "")
    new = [through(accepted, [alert(1)], "a.jsonl") for _ in range(3)]
    assert list(map(len, new)) == [0, 0, 1]


def test_notes_pass() -> None:
    note = replace(alert(1), level="note")
    accepted = Accepted({Key("repeated-block", "a.txt", f"{1:016x}"): Entry(2)}, "")
    assert through(accepted, [note]) == [note]
    assert accepted.stale() == 2


def test_paths_are_relative_to_the_baseline_and_links_on_the_way_are_resolved() -> None:
    Path("ci").mkdir()
    Path("docs").mkdir()
    os.symlink("docs", "link")
    entries = made({"docs/a.md": [alert(1)], "link/b.md": [alert(2)], "c.md": [alert(3)]})
    assert [key.path for key in entries] == ["docs/a.md", "docs/b.md", "c.md"]
    accepted = Accepted({}, "ci", all_are=True)
    through(accepted, [alert(1)], os.path.abspath("docs/a.md"))
    assert [key.path for key in accepted.anew(slim=False)] == ["../docs/a.md"]


# Bringing it up to date

OLD = {
    Key("contained", path, f"{7:016x}"): Entry(2, "It was said")
    for path in ("docs/seen.md", "docs/unseen.md", "docs/gone.md", "other/gone.md")
}


def folder() -> None:
    Path("docs").mkdir()
    Path("docs/seen.md").touch()
    Path("docs/unseen.md").touch()


def test_only_what_was_looked_at_or_is_gone_can_be_stale() -> None:
    folder()
    accepted = Accepted(OLD, "", ["docs"])
    assert through(accepted, [alert(7, "contained")], "docs/seen.md") == []
    assert accepted.stale() == 1 + 2  # one in seen.md, both in gone.md
    assert Accepted(OLD, "", []).stale() == 0


def test_entries_of_files_that_were_not_looked_at_stay() -> None:
    folder()
    accepted = Accepted(OLD, "", ["docs"], all_are=True)
    through(accepted, [alert(8, "contained")], "docs/seen.md")
    after = accepted.anew(slim=False)
    assert sorted(key.path for key in after) == ["docs/seen.md", "docs/unseen.md", "other/gone.md"]
    changed = difference(OLD, after)
    assert [key.path for key, _ in changed.added] == ["docs/seen.md"]
    assert [key.path for key, _ in changed.removed] == ["docs/gone.md", "docs/seen.md"]
    assert changed.counts == (1, 4)
    assert {entry.excerpt for entry in accepted.anew(slim=True).values()} == {""}


def test_a_count_that_changed_is_a_difference() -> None:
    key = Key("contained", "a", "0" * 16)
    assert difference({key: Entry(1)}, {key: Entry(3)}).counts == (2, 0)
    assert difference({key: Entry(3)}, {key: Entry(1)}).counts == (0, 2)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_union_merge_of_two_branches_holds_what_both_hold() -> None:
    """It leaves lines twice and out of order where both sides changed something near."""

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    def commit(documents: dict[str, list[Alert]]) -> baseline.Entries:
        entries = made(documents)
        Path("b.txt").write_bytes(baseline.rendered(entries))
        git("add", ".")
        git("commit", "-m", "x")
        return entries

    git("init", "-b", "main")
    Path(".gitattributes").write_text("b.txt merge=union\n")
    commit({"a": [alert(1)], "m": [alert(1)], "z": [alert(1)]})
    git("branch", "other")
    shared = {"a": [alert(1)], "c": [alert(1)] * 2, "z": [alert(1)]}
    ours = commit({**shared, "b": [alert(1)], "m": [alert(1)] * 2})
    git("checkout", "other")
    theirs = commit({**shared, "a2": [alert(1)], "d": [alert(1)], "m": [alert(1)] * 3})
    git("merge", "main")
    merged = baseline.load("b.txt").entries
    assert merged == {**ours, **theirs}
    lines = Path("b.txt").read_bytes().splitlines()
    assert len(lines) > len(merged) + 1, "nothing was doubled: the example shows nothing"
