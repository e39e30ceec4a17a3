"""I15: JSON and Markdown parse, carry every finding, and hold no raw control character."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from markdown_it import MarkdownIt

import dedup
from dedup.files.formats import Format
from dedup.model import (
    CONTAINED,
    NEAR_DUPLICATE,
    REPEATED_BLOCK,
    Action,
    Document,
    Failure,
    Kind,
    Result,
    Role,
)
from dedup.options import Options
from dedup.reports import json as json_report
from dedup.reports import markdown
from dedup.reports.explanations import EXPLANATIONS
from tests.reports.build import Builder, cut, whole

NASTY = (
    "a\x1b[2J \x9b2J \x07 \x00 \x7f \u202e \u200b \u2028 \udcff \ud800 \U000e0041 ``` ```` ~~~ `x` "
    "<details><img src=x onerror=alert(1)> ![i](http://h/x.png) @user #1 | pipe ##[error]x "
    "[bold] [/x] [link=file:///etc/passwd]l :smile: http://example.com <!-- </script> ]]>"
)


def findings() -> Result:
    text = f"{NASTY}\nSecond line, plain.\n{NASTY}\nSecond line, plane.\n::error::x\n"
    builder = Builder(text, "name`|\x1b\n@user <b>![x](y).txt")
    first, again = builder.find(NASTY), builder.find(NASTY, 1)
    builder.removes(REPEATED_BLOCK, [(first, again)])
    plain, plane = builder.find("Second line, plain."), builder.find("Second line, plane.")
    builder.removes(NEAR_DUPLICATE, [(plain, plane)], kind="near", score=0.9)
    builder.removes(CONTAINED, [(builder.find("error"), builder.find("::error::x"))], score=0.8)
    builder.keeps([first, plain], f"alike {NASTY}")
    result = dataclasses.replace(builder.result(), note=f"note {NASTY}")
    failures = (Failure("bad|name\x1b", f"reason {NASTY}"),)
    return dataclasses.replace(whole(result), failures=failures)


def schema() -> Any:
    path = Path(json_report.__file__).with_name("report.schema.json")
    return json.loads(path.read_text(encoding="utf-8"))


def assert_no_controls(text: str) -> None:
    assert all(char.isprintable() or char in "\n " or char.isspace() for char in text)
    assert not set(text) & set("\x00\x07\x1b\x7f\x9b\r\t\u202e\u200b\u2028\U000e0041")


def test_i15_json_fits_its_schema_and_carries_everything() -> None:
    result = findings()
    report = json.loads(json_report.render(result))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(report, schema())
    (document,) = report["documents"]
    assert [each["name"] for each in document["findings"]] == [
        each.name for each in result.findings
    ]
    assert [each["removed"] for each in document["edits"]] == [
        each.removed for each in result.edits
    ]
    assert document["name"] == result.documents[0].document.name
    assert document["findings"][3]["note"] == result.findings[3].note
    assert report["failures"] == [{"name": "bad|name\x1b", "reason": f"reason {NASTY}"}]


def test_the_schema_refuses_a_report_with_a_field_missing_or_out_of_range() -> None:
    report = json.loads(json_report.render(findings()))
    del report["documents"][0]["edits"][0]["twins"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema())
    report = json.loads(json_report.render(findings()))
    report["documents"][0]["findings"][0]["score"] = 1.1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema())


def test_every_field_of_the_json_is_documented() -> None:
    def undocumented(value: Any, at: dict[str, Any], path: str) -> list[str]:
        if "$ref" in at:
            at = schema()["$defs"][at["$ref"].rpartition("/")[2]]
        if isinstance(value, list):
            return [name for item in value for name in undocumented(item, at["items"], path)]
        if not isinstance(value, dict) or "properties" not in at:
            return []
        known = at["properties"]
        missing = [f"{path}.{name}" for name in value if name not in known]
        inside = [undocumented(value[name], known[name], f"{path}.{name}") for name in value]
        return missing + [name for names in inside for name in names]

    assert undocumented(json.loads(json_report.render(findings())), schema(), "") == []


def test_r57_i15_json_is_utf8_without_raw_controls_and_deterministic() -> None:
    raw = json_report.render(findings())
    assert_no_controls(raw.decode("utf-8"))
    assert raw == json_report.render(findings())
    assert "東京".encode() in json_report.render(whole(cut("東京\n", [(0, 3)])))


def test_json_lines_are_those_of_the_visible_text() -> None:
    result = whole(cut("one\r\n\r\ntwo\rthree\n", [(3, 10)]))
    (edit,) = json.loads(json_report.render(result))["documents"][0]["edits"]
    assert (edit["line"], edit["end_line"], edit["removed"]) == (3, 3, "\r\n\r\ntwo")


def test_i15_json_of_a_real_run() -> None:
    body = "".join(f"The {word} boat leaves the harbour at noon with nine crates of salted fish.\n"
                   for word in ("red", "blue", "long"))  # fmt: skip
    result = dedup.analyze([Document("a.txt", f"{body}\nSomething in between.\n\n{body}")])
    report = json.loads(json_report.render(result))
    jsonschema.validate(report, schema())
    assert len(report["documents"][0]["findings"]) == len(result.findings)
    assert report["totals"]["removed_characters"] == result.totals.removed_characters


def test_i15_json_of_a_dropped_document_fits_its_schema() -> None:
    story = "".join(
        f"The {word} boat leaves the harbour at noon with nine crates of salted fish, because the "
        f"{word} crew has been paid and the tide will not wait for anybody else.\n\n"
        for word in ("red", "blue", "long", "old", "small")
    )
    pages = [Document("a.txt", story), Document("b.txt", story)]
    result = dedup.analyze(pages, scope="corpus", documents="drop")
    report = json.loads(json_report.render(result))
    assert [edit["kind"] for page in report["documents"] for edit in page["edits"]] == ["drop"]
    jsonschema.validate(report, schema())


def test_the_schema_knows_every_kind_action_role_and_finding() -> None:
    parts = schema()["$defs"]
    assert parts["edit"]["properties"]["kind"]["enum"] == [*get_args(Kind)]
    assert parts["finding"]["properties"]["action"]["enum"] == [*get_args(Action)]
    assert parts["place"]["properties"]["role"]["enum"] == [*get_args(Role)]
    told = parts["finding"]["properties"]["name"]["description"]
    assert [name for name in EXPLANATIONS if name not in told] == []
    told = parts["document"]["properties"]["format"]["description"]
    assert [name for name in get_args(Format) if name not in told] == []


UNTIDY = (
    "The ferry sails again from Monday, the harbour oﬃce said, and takes bicycles  along.\n\n"
    "Nobody has asked the goats,[31m which sleep on the quay.\n\nhttps://harbour.example/a|b\n\n"
    "The ferry sails again from Monday, the harbour oﬃce said.\n\nwww.harbour.example\n"
)
CLEANUP = Options(fix_text=True, normalize_space=True, strip_links=True, strip_share_cards=True)


def test_i15_json_of_cleanup_fits_its_schema() -> None:
    report = json.loads(json_report.render(dedup.analyze([Document("a.txt", UNTIDY)], CLEANUP)))
    jsonschema.validate(report, schema())
    (document,) = report["documents"]
    names = {finding["name"]: finding["action"] for finding in document["findings"]}
    assert names == {
        "share-card": "removed", "bare-link": "removed",
        "fixed-text": "cleaned", "normalized-space": "cleaned",
    }  # fmt: skip
    assert report["totals"]["repairs"] == document["repairs"] == 3
    assert {edit["inserted"] for edit in document["edits"]} == {"", "ffi"}


def test_markdown_of_cleanup_shows_what_was_mended_and_what_went() -> None:
    text = markdown.render(dedup.analyze([Document("a.txt", UNTIDY)], CLEANUP)).decode()
    assert "1 share card, 1 bare link, 3 repairs |" in text
    assert "- 5: https://harbour.example/a|b\n" in text
    assert "harbour {+office+} said" in text and "harbour [-oﬃce-] said" in text
    assert "\nCleaned: `1 place`.\n" in text
    assert_no_controls(text)


def inline_types(text: str) -> set[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return {child.type for token in tokens for child in [token, *(token.children or [])]}


def test_r54_nothing_of_the_document_is_rendered() -> None:
    text = markdown.render(findings()).decode("utf-8")
    assert_no_controls(text)
    harmless = inline_types(markdown.render(whole(cut("one\ntwo\n", [(0, 4)]))).decode())
    assert inline_types(text) <= harmless | {"bullet_list_open", "bullet_list_close",
        "list_item_open", "list_item_close", "softbreak"}  # fmt: skip
    assert "image" not in inline_types(text) and "html_inline" not in inline_types(text)
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or []:
            assert child.type != "text" or not set("@<#") & set(child.content), child.content


def test_i15_markdown_names_every_finding_with_its_lines() -> None:
    result = findings()
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(result).decode())
    heads = [tokens[at + 1].content for at, token in enumerate(tokens) if token.tag == "h3"][::2]
    assert len(heads) == len(result.findings)
    for number, (head, finding) in enumerate(zip(heads, result.findings, strict=True), 1):
        assert head.startswith(f"{number}. {finding.name}: line")


def test_a_table_keeps_its_columns_whatever_the_name() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(findings()).decode())
    rows = [at for at, token in enumerate(tokens) if token.type == "tr_open"]
    first = [token for token in tokens[rows[1] : rows[2]] if token.type == "td_open"]
    assert len(first) == 5


def test_r58_markdown_cuts_a_line_of_five_megabytes() -> None:
    big = "word " * 1_000_000
    builder = Builder(f"{big}\n{big}\n")
    builder.removes(REPEATED_BLOCK, [(builder.find(big), builder.find(big, 1))])
    text = markdown.render(whole(builder.result())).decode()
    assert max(map(len, text.splitlines())) <= 200 and len(text) < 5000


def test_lines_are_those_of_the_file_where_the_text_has_others() -> None:
    result = cut("One.\n\nTwo.\n", [(6, 11)], lines=(0, 0, 6, 11))
    (document,) = json.loads(json_report.render(whole(result)))["documents"]
    (edit,) = document["edits"]
    assert (edit["line"], edit["end_line"]) == (3, 3)
    assert (edit["twins"][0]["line"], edit["twins"][0]["end_line"]) == (2, 2)
