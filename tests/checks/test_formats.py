"""Each format says what its readers expect: places, levels, numbers, hashes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

import dedup
from dedup.checks import alerts
from dedup.checks.alerts import Checked, Range, Spot
from dedup.checks.formats import FORMATS, github, junit, markdown, messages, sarif
from dedup.checks.since import turned
from dedup.model import KEPT_LOOKALIKE, Document, Span
from dedup.options import Options
from dedup.reports.explanations import EXPLANATIONS
from dedup.reports.lines import LINE_END
from tests.checks import runner
from tests.checks.schemas import check_schema, sarif_schema
from tests.checks.written import alert, checked, ended, unread, written
from tests.prose import paragraphs

NOTE: dict[str, Any] = {
    "name": KEPT_LOOKALIKE,
    "level": "note",
    "characters": 0,
    "reason": "the numbers differ",
}
RECORD = Spot(0, 0, 0, 0, 0, 0, "lines 1-2 of record 7", 5, 9, ("x",), 0, "a.parquet")


def real(text: str, path: str = "a.txt", options: Options = Options()) -> Checked:  # noqa: B008
    """What a check finds in a text."""
    (result,) = dedup.analyze([Document(path, text)], options)
    return Checked(path, path, result.tally, alerts.located(alerts.of(result), path))


BODY = paragraphs(3, 7)
DOUBLED = "\n\n".join([*BODY, "Über dem Hafen – nichts.", *BODY]) + "\n"


@pytest.mark.parametrize("name", FORMATS)
def test_a_check_without_findings_is_still_whole(name: str) -> None:
    out = written(name, checked())
    if name in ("json", "jsonl"):
        for line in [out] if name == "json" else out.splitlines():
            check_schema().validate(json.loads(line))
    elif name in ("sarif", "gitlab", "rdjson"):
        found = json.loads(out)
        assert {"sarif": lambda: found["runs"][0]["results"], "gitlab": lambda: found,
                "rdjson": lambda: found["diagnostics"]}[name]() == []  # fmt: skip
    elif name in ("junit", "checkstyle"):
        assert len(list(ElementTree.fromstring(out).iter("testcase"))) == (name == "junit")
    else:
        assert bool(out) == (name == "markdown")


# github


def test_the_ten_worst_are_annotated_and_the_others_counted() -> None:
    sizes = [3, 900, 5, 900, 40, *range(100, 110)]
    document = checked(*(alert(size, line=at + 1) for at, size in enumerate(sizes)))
    *shown, last = runner.commands(written("github", document))
    assert [one.properties["line"] for one in shown] == [
        str(sizes.index(size) + 1 + (size == 900 and again)) if size != 900 else str(2 + 2 * again)
        for size, again in [(900, 0), (900, 1), *((size, 0) for size in range(109, 101, -1))]
    ]
    assert {one.name for one in shown} == {"error"}
    assert (last.name, last.data) == ("notice", "and 5 more findings")
    (*_, last) = runner.commands(written("github", document, has_summary=True))
    assert last.data == "and 5 more findings: see the summary"


def test_the_last_notice_of_ten_says_how_many_there_are() -> None:
    found = runner.commands(written("github", checked(*[alert(**NOTE)] * 12)))
    assert [one.name for one in found] == ["notice"] * 10
    assert found[-1].data == "and 3 more look-alikes"
    found = runner.commands(written("github", checked(*[alert(**NOTE)] * 10)))
    assert len(found) == 10 and "more" not in found[-1].data
    many = checked(*[alert()] * 11, *[alert(**NOTE)] * 10)
    found = runner.commands(written("github", many))
    assert len(found) == 20
    assert found[-1].data == "and 1 more finding and 1 more look-alike"


def test_columns_are_given_on_one_line_only() -> None:
    (one,) = runner.commands(written("github", checked(alert())))
    given = {"file": "a.txt", "line": "3", "endLine": "3", "col": "1", "endColumn": "41"}
    assert one.properties == given | {"title": "dedup: near-duplicate"}
    said = "line 3 repeats line 1 (score 0.98, 40 characters)\nWords of number 40."
    assert one.data == said
    long = replace(alert(), spot=replace(alert().spot, end_line=9))
    (one,) = runner.commands(written("github", checked(long)))
    assert set(one.properties) == {"file", "line", "endLine", "title"}


def test_an_annotation_is_no_longer_than_what_is_read() -> None:
    quoted = {"spot": replace(alert(**NOTE).spot, quoted=("q" * 200,)), "reason": "r" * 2000}
    (one,) = runner.commands(written("github", checked(alert(**{**NOTE, **quoted}))))
    assert len(one.data) == messages.MOST


def test_what_cannot_be_read_is_an_error_and_leaves_half_of_the_room() -> None:
    bad = [unread(f"reason {number}", ":7") for number in range(20)]
    found = runner.commands(written("github", *bad))
    assert [one.data for one in found] == [
        *(f"reason {n}" for n in range(10)),
        "and 10 more unreadable files",
    ]
    assert found[0].properties == {"file": "bad.txt", "line": "7", "title": "dedup: unreadable"}
    found = runner.commands(written("github", *bad, checked(*[alert()] * 7)))
    assert ["unreadable" in one.properties["title"] for one in found] == [True] * 5 + [False] * 6
    assert found[-1].data == "and 15 more unreadable files and 2 more findings"


def test_every_character_of_a_property_comes_back() -> None:
    path = "100%, a:b=c;d%3A,::error::]/ü.txt"
    (one,) = runner.commands(written("github", checked(alert(path=path), path=path)))
    assert one.properties["file"] == path
    assert github.SHOWN == 10


# sarif


def results(*documents: Checked, **setting: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    log = json.loads(written("sarif", *documents, **setting))
    sarif_schema().validate(log)
    (run,) = log["runs"]
    return run["results"], run


def test_sarif_says_what_github_reads() -> None:
    ((one,), run) = results(checked(alert(cuts=(Range(3, 4, 1, 1, 1, 1),))))
    assert one["ruleId"] == "near-duplicate" and one["level"] == "error"
    assert one["message"]["text"].startswith("line 3 repeats [line 1](1) (score 0.98, 40 char")
    (place,) = one["locations"]
    region = {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 41}
    file = {"uri": "a.txt", "uriBaseId": "%SRCROOT%"}
    assert place["physicalLocation"] == {"artifactLocation": file, "region": region}
    (kept,) = one["relatedLocations"]
    assert kept["id"] == 1 and kept["physicalLocation"]["region"]["startLine"] == 1
    (fix,) = one["fixes"]
    cut = {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 1}
    assert fix["artifactChanges"][0]["replacements"] == [{"deletedRegion": cut}]
    rule = run["tool"]["driver"]["rules"][one["ruleIndex"]]
    assert rule["id"] == "near-duplicate"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [
        {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}
    ]


def test_sarif_explains_every_kind_of_finding() -> None:
    _, run = results(checked())
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == list(EXPLANATIONS)
    for name, rule in rules.items():
        assert EXPLANATIONS[name].meaning in rule["help"]["text"]
        assert "```diff\n" in rule["help"]["markdown"]
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["defaultConfiguration"]["level"] == (
            "note" if name == KEPT_LOOKALIKE else "error"
        )


def test_equal_blocks_of_a_file_are_numbered_and_lines_do_not_matter() -> None:
    def hashes(*documents: Checked) -> list[str]:
        found, _ = results(*documents)
        prints = [one["partialFingerprints"] for one in found]
        assert all(one["dedupHash/v1"] == one["primaryLocationLineHash"] for one in prints)
        return [one["dedupHash/v1"] for one in prints]

    first, second, other = hashes(
        checked(alert(), alert(line=9)), checked(alert(path="b.txt"), path="b.txt")
    )
    assert (first[-2:], second[-2:]) == (":1", ":2") and first[:-2] == second[:-2]
    assert other == first  # its file tells it apart
    assert hashes(checked(alert(line=77)))[0] == first


def test_the_largest_are_listed_in_order_and_the_cut_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sarif.RESULTS == 5000
    monkeypatch.setattr(sarif, "RESULTS", 50)
    sizes = [*range(1, 151)]
    found, run = results(checked(*(alert(size, line=size) for size in sizes)))
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in found]
    assert lines == sizes[100:]
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"].startswith("50 of 150 findings are listed")
    assert found[-1]["rank"] == 100 and 60 < found[0]["rank"] < 70


def test_what_cannot_be_read_is_a_notification() -> None:
    _, run = results(unread("field [x] is null", "#3"), checked(alert()))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (said,) = invocation["toolExecutionNotifications"]
    assert said["level"] == "error"
    assert said["message"]["text"] == "record #3: field \\[x\\] is null"
    assert said["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad.txt"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü#1.txt", "a%20b/%C3%BC%231.txt"),
        ("c:d%20?.txt", "c%3Ad%2520%3F.txt"),
        ("caf\udce9.txt", "caf%E9.txt"),
        ("\ud800.txt", "%ED%A0%80.txt"),
        ("a\nb\\c.txt", "a%0Ab%5Cc.txt"),
    ],
)
def test_addresses_hold_the_bytes_of_a_name(path: str, uri: str) -> None:
    ((one,), _) = results(checked(alert(path=path), path=path))
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_addresses_are_relative_to_the_repository_or_absolute() -> None:
    base = "/srv/my repo"
    paths = ("/srv/my repo/docs/a.txt", "/srv/else/b.txt")
    found, run = results(*(checked(alert(path=path), path=path) for path in paths), base=base)
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in found]
    assert places == [
        {"uri": "docs/a.txt", "uriBaseId": "%SRCROOT%"},
        {"uri": "file:///srv/else/b.txt"},
    ]
    assert run["automationDetails"]["id"] == "dedup/my%20repo/"


def test_a_record_without_lines_has_no_region() -> None:
    one = replace(alert(path="a.parquet", document="a.parquet#7"), spot=RECORD, related=(RECORD,))
    ((found,), _) = results(checked(one, path="a.parquet", record=7))
    (place,) = found["locations"]
    assert "region" not in place["physicalLocation"]
    assert place["logicalLocations"] == [{"fullyQualifiedName": "a.parquet#7"}]
    assert "[lines 1-2 of record 7](1)" in found["message"]["text"]


def test_r57_a_long_message_is_cut_and_brackets_make_no_link() -> None:
    note = alert(**(NOTE | {"reason": "[no](2) " + "x" * 5000}))
    ((one,), _) = results(checked(note))
    text = one["message"]["text"]
    assert len(text) <= 1000 and "kept: \\[no\\](2) x" in text
    assert re.findall(r"(?<!\\)\[", text) == ["["]


# gitlab


def test_gitlab_hashes_are_unique_and_independent_of_lines() -> None:
    def issues(*lines: int) -> list[dict[str, Any]]:
        found = checked(*(alert(line=line) for line in lines))
        issues: list[dict[str, Any]] = json.loads(written("gitlab", found))
        return issues

    found = [issue["fingerprint"] for issue in issues(3, 5, 9, 14)]
    assert len(set(found)) == 4
    assert found == [issue["fingerprint"] for issue in issues(30, 50, 90, 140)]
    other = json.loads(written("gitlab", checked(alert(path="b.txt"), path="b.txt")))
    assert other[0]["fingerprint"] not in found
    (one,) = issues(3)
    assert {name: one[name] for name in ("check_name", "severity", "location")} == {
        "check_name": "near-duplicate", "severity": "major",
        "location": {"path": "a.txt", "lines": {"begin": 3, "end": 3}},
    }  # fmt: skip
    assert one["description"].startswith("near-duplicate: line 3 repeats line 1")


def test_gitlab_gets_what_cannot_be_read_and_notes() -> None:
    bad, note = json.loads(written("gitlab", unread("no text", "#3"), checked(alert(**NOTE))))
    assert (bad["check_name"], bad["severity"]) == ("unreadable", "critical")
    assert bad["description"] == "unreadable: record #3: no text"
    assert bad["location"] == {"path": "bad.txt", "lines": {"begin": 1}}
    assert note["severity"] == "info"


# junit and checkstyle


def test_junit_has_a_suite_for_each_file_and_a_test_for_a_clean_one() -> None:
    records = [checked(path="r.jsonl", documents=9)]
    records += [checked(alert(path="r.jsonl"), path="r.jsonl", record=n) for n in (2, 5)]
    out = written("junit", checked(path="clean.txt"), *records, unread("no UTF-8", ":3"))
    clean, many, bad = ElementTree.fromstring(out)
    assert [suite.get("name") for suite in (clean, many, bad)] == [
        "clean.txt",
        "r.jsonl",
        "bad.txt",
    ]
    numbers = [(s.get("tests"), s.get("failures"), s.get("errors")) for s in (clean, many, bad)]
    assert numbers == [("1", "0", "0"), ("2", "2", "0"), ("1", "0", "1")]
    assert [len(list(case)) for case in clean] == [0]
    (failure,) = many[0]
    assert failure.get("message") == "line 3 repeats line 1 (score 0.98, 40 characters)"
    assert "\n- 3 | Words of number 40." in (failure.text or "")
    assert bad[0].get("line") == "3" and bad[0][0].tag == "error"


def test_junit_lists_so_many_findings_of_a_file_and_counts_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(junit, "CASES", 3)
    (suite,) = ElementTree.fromstring(written("junit", checked(*[alert()] * 8)))
    assert (suite.get("tests"), suite.get("failures")) == ("4", "4")
    assert suite[-1][0].get("message") == "and 5 more findings"


def test_checkstyle_has_an_element_for_each_file_with_findings() -> None:
    files = [checked(path="clean.txt"), checked(alert(), alert(**NOTE)), unread("no UTF-8")]
    one, bad = ElementTree.fromstring(written("checkstyle", *files))
    assert [file.get("name") for file in (one, bad)] == ["a.txt", "bad.txt"]
    assert [error.get("severity") for error in one] == ["error", "info"]
    assert one[0].attrib == {
        "line": "3", "column": "1", "severity": "error", "source": "dedup.near-duplicate",
        "message": "line 3 repeats line 1 (score 0.98, 40 characters)",
    }  # fmt: skip
    assert bad[0].attrib == {
        "severity": "error",
        "message": "no UTF-8",
        "source": "dedup.unreadable",
    }


# rdjson


def offset(data: bytes, position: dict[str, int]) -> int:
    """Where a line and a column in bytes are in a file."""
    starts = [0, *(end.end() for end in re.finditer(rb"\r\n|\n|\r", data))]
    return starts[position["line"] - 1] + position["column"] - 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ending", ["", "\n", "\n\nAnd nobody was there to see it.\n"])
def test_a_suggestion_takes_out_exactly_what_clean_does(newline: str, ending: str) -> None:
    text = (DOUBLED.rstrip("\n") + ending).replace("\n", newline)
    (found,) = json.loads(written("rdjson", real(text)))["diagnostics"]
    data = text.encode()
    start, end = (offset(data, found["location"]["range"][side]) for side in ("start", "end"))
    said = newline.join("\n\n".join(BODY).split("\n"))
    assert data[start:end].decode() == said
    (suggestion,) = found["suggestions"]
    assert suggestion["text"] == ""
    start, end = (offset(data, suggestion["range"][side]) for side in ("start", "end"))
    assert (data[:start] + data[end:]).decode() == dedup.clean(text).cleaned
    (kept,) = found["related_locations"]
    assert kept["location"]["range"]["start"] == {"line": 1, "column": 1}


def test_the_fixes_of_sarif_make_the_cleaned_text() -> None:
    teaser = BODY[1].split(". ")[0] + "."
    text = "\n\n".join([teaser, *BODY, "Über dem Hafen – nichts.", BODY[0], "Ende.", BODY[2]])
    cleaned = dedup.clean(text).cleaned
    found, _ = results(real(text))
    assert len(found) >= 2
    starts = [0, *(end.end() for end in LINE_END.finditer(text))]
    cuts = []
    for one in found:
        for part in one["fixes"][0]["artifactChanges"][0]["replacements"]:
            region = part["deletedRegion"]
            first = starts[region["startLine"] - 1] + region["startColumn"] - 1
            last = starts[region["endLine"] - 1] + region["endColumn"] - 1
            cuts.append(Span(first, last))
    for cut in sorted(cuts, reverse=True):
        text = text[: cut.start] + text[cut.end :]
    assert text == cleaned


def test_there_is_no_suggestion_of_half_a_removal() -> None:
    cuts = (Range(3, 4, 1, 1, 1, 1), Range(9, 10, 1, 1, 1, 1))
    (found,) = json.loads(written("rdjson", checked(alert(cuts=cuts))))["diagnostics"]
    assert "suggestions" not in found
    (found,) = json.loads(written("rdjson", checked(alert())))["diagnostics"]
    assert "suggestions" not in found
    mended = "The office  opens at noon, and the lamp is lit by eight.\n"
    (result,) = dedup.analyze([Document("a.txt", mended)], dedup.Options(normalize_space=True))
    assert {one.cuts for one in alerts.of(result)} == {()}


def test_rdjson_gets_what_cannot_be_read() -> None:
    (bad,) = json.loads(written("rdjson", unread("no text", ":3")))["diagnostics"]
    assert bad["location"] == {"path": "bad.txt", "range": {"start": {"line": 3}}}
    assert (bad["message"], bad["severity"]) == ("no text", "ERROR")


# markdown


def test_markdown_lists_files_and_findings_the_largest_first() -> None:
    small, large = alert(7, path="s.txt"), alert(90, path="l.txt")
    page = written("markdown", checked(small, path="s.txt"), checked(large, path="l.txt"))
    assert page.startswith("## What dedup check found\n")
    assert "| 2 | 2 | 2 | 97 of 400 | 24% |" in page
    assert page.index("| `l.txt` | `") < page.index("| `s.txt` | `")
    assert (
        "### 1. near-duplicate: `l.txt:3:1`" in page
        and "### 2. near-duplicate: `s.txt:3:1`" in page
    )
    assert "- 3 | Words of number 90.\n= 1 | Words of number 90.\n" in page


def test_the_picture_of_a_file_shows_where_its_copies_stand_and_of_records_which() -> None:
    page = written("markdown", checked(alert()))
    assert "| `▄▄▄▄▄▁▁▁▁▁████▁▁▁▁▁▁▁▁▁▁` |" in page  # 0-40 and 80-120 of 200 characters
    many = [
        checked(path="r.csv", documents=4),
        checked(alert(path="r.csv"), path="r.csv", record=3),
    ]
    assert "| `▁▁▁▁▁▁▁▁▁▁▁▁██████▁▁▁▁▁▁` |" in written("markdown", *many)
    # A record that could not be read has a number and is no document.
    many = [
        checked(path="r.csv", documents=2),
        checked(alert(path="r.csv"), path="r.csv", record=3),
    ]
    assert "| `▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁████████` |" in written("markdown", *many)


@pytest.mark.parametrize("room", [2_000, 5_000, 60_000])
def test_a_page_keeps_to_its_room_and_counts_what_is_left_out(room: int) -> None:
    paths = [f"file{number}.txt" for number in range(400)]
    documents = [checked(alert(path=path), alert(path=path, line=8), path=path) for path in paths]
    page = written("markdown", *documents, room=room)
    assert room * 0.8 - markdown.RESERVE < len(page.encode()) <= room
    files = len(re.findall(r"^\| `file", page, re.MULTILINE))
    (left,) = re.findall(r"^\| ([\d,]+) more files \|", page, re.MULTILINE)
    assert files + int(left) == 400
    numbers = [int(one) for one in re.findall(r"^### (\d+)\.", page, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    (left,) = re.findall(r"^([\d,]+) more findings, not shown here", page, re.MULTILINE)
    assert len(numbers) + int(left) == 800


def test_markdown_says_what_is_wrong_beside_findings() -> None:
    documents = [unread("no UTF-8"), checked(alert())]
    end = replace(ended(documents), warnings=("2 keeps are unused",), set_aside={"known": 3})
    page = written("markdown", *documents, end=end)
    said = [
        "not read: bad.txt: no UTF-8",
        "ignored: 3 findings: known",
        "note: 2 keeps are unused",
    ]
    assert [line for line in page.splitlines() if line.startswith("- `")] == [
        f"- `{one}`" for one in said
    ]


# text


def test_text_names_both_places_and_cuts_to_the_width() -> None:
    for width in (80, 120):
        lines = written("text", real(DOUBLED), width=width).splitlines()
        assert lines[0] == "a.txt:9:1: repeated-block: lines 9-13 repeat lines 1-5"
        assert max(map(len, lines)) <= width
        assert len(lines) == 8
        assert lines[2].startswith("  -  9 | ") and lines[5].startswith("  =  1 | ")


def test_colours_do_not_change_the_text() -> None:
    plain, colored = (written("text", real(DOUBLED), color=color) for color in (False, True))
    assert re.sub(r"\x1b\[\d*m", "", colored) == plain != colored


# what all have in common


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_documents_make_the_same_bytes(name: str) -> None:
    documents = [real(DOUBLED), checked(alert(path="b.txt"), path="b.txt"), unread("x")]
    assert written(name, *documents) == written(name, *documents)


def test_what_is_told_from_the_other_side_says_so() -> None:
    """With ``--since`` the passage that stays may be what changed."""
    (one,) = real(DOUBLED).alerts
    seen = turned(one, 0)
    document = replace(real(DOUBLED), alerts=(seen,))
    assert written("concise", document).startswith(
        "a.txt:1:1: repeated-block: lines 1-5 are repeated"
    )
    (found,) = json.loads(written("rdjson", document))["diagnostics"]
    assert found["related_locations"][0]["message"] == "would go"
    assert "suggestions" not in found
    assert "fixes" not in results(document)[0][0]
    pictures = [
        re.findall(r"`([▁▄█]{9,})`", written("markdown", d)) for d in (document, real(DOUBLED))
    ]
    assert pictures[0] == pictures[1] != []


def test_every_field_of_the_json_is_described() -> None:
    schema: Any = check_schema().schema
    for name, part in schema["$defs"].items():
        assert part["description"] and part["additionalProperties"] is False, name
        for field, value in part["properties"].items():
            known = {"description", "$ref"} & set(value)
            assert known, f"{name}.{field}"


@pytest.mark.parametrize(
    "change",
    [lambda one: one.pop("score"), lambda one: one.update(more=1), lambda one: one.update(line=0)],
)
def test_the_schema_refuses_other_fields_and_values(
    change: Callable[[dict[str, Any]], Any],
) -> None:
    whole = json.loads(written("json", checked(alert())))
    check_schema().validate(whole)
    change(whole["findings"][0])
    assert not check_schema().is_valid(whole)


def test_what_stands_inside_a_copy_and_stays_has_no_sign() -> None:
    notice = (
        "A notice that is said once: the kiosk on the pier is closed until the paint has dried."
    )
    text = "\n\n".join([*BODY, BODY[0], notice, *BODY[1:]]) + "\n"
    document = real(text, options=Options(keep_copy="first"))
    lines = written("text", document, color=True).splitlines()
    quoted = [line for line in lines if " | " in line]
    assert [line.split("|")[0] for line in quoted[:3]] == [
        "\x1b[31m  -  7 ", "     9 ", "\x1b[31m  - 11 "
    ]  # fmt: skip
    assert f" 9 | {notice}"[:80] in quoted[1]
