"""Pages of the documentation that describe code say what the code says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dedup
from dedup.corpus import evidence, weighing
from dedup.engine import judge
from dedup.reports import csv
from docs import fields
from docs.examples import ROOT

ENGINE = ROOT / "docs" / "engine.md"
PLAN = ROOT / "docs" / "plan.md"
RESULTS = ROOT / "docs" / "results.md"
PYTHON = ROOT / "docs" / "python.md"
ROW = re.compile(r"^\| `(\w+)` \| *([+−]?) *\|(?: *([+−]?) *\|)? \w", re.MULTILINE)
MODULE = re.compile(r"`((?:batch|engine|corpus|files|benchmarks)/[\w/]+\.py)`")


def section(page: Path, heading: str) -> str:
    """What stands below a heading, up to the next one of its kind or above."""
    level, text = heading.partition(" ")[0], page.read_text("utf-8")
    _, _, below = text.partition(f"\n{heading}\n")
    assert below, heading
    return re.split(rf"^#{{1,{len(level)}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def sign(weight: float) -> str:
    return "+" if weight > 0 else "−" if weight < 0 else ""


def test_the_terms_of_the_score_are_those_of_the_code_with_their_signs() -> None:
    told = [row[:2] for row in ROW.findall(section(ENGINE, "## Judge: copy or look-alike"))]
    assert [name for name, _ in told] == [*judge.Evidence._fields]
    for score in judge.SCORES.values():
        assert told == [(name, sign(weight)) for name, weight in score.terms.items()]


def test_the_terms_across_documents_are_those_of_the_code_with_their_signs() -> None:
    told = ROW.findall(section(ENGINE, "## Across documents"))
    blocks, teasers = (weights._asdict() for weights in (evidence.BLOCK, evidence.TEASER))
    terms = [name for name in blocks if name != "bias"]
    assert sorted(told) == sorted((name, sign(blocks[name]), sign(teasers[name])) for name in terms)


def test_every_reason_why_a_look_alike_stays_is_named() -> None:
    said = " ".join(ENGINE.read_text("utf-8").split())
    reasons = [*judge._REASONS.values(), *weighing.REASONS]
    reasons += [judge.TRANSLATION, judge.OTHERS, judge.CODE, judge.FIELDS, judge.HEADING]
    assert [reason for reason in reasons if reason not in said] == []


def test_modules_that_the_page_on_the_engine_names_are_there() -> None:
    named = MODULE.findall(ENGINE.read_text("utf-8"))
    assert len(named) > 40
    assert [
        name for name in named if not any((at / name).exists() for at in (ROOT / "dedup", ROOT))
    ] == []


def test_the_tables_of_the_json_report_are_fresh() -> None:
    """After a change to the schema: python docs/fields.py"""
    assert RESULTS.read_text("utf-8") == fields.updated(RESULTS.read_text("utf-8"))
    described = fields.schema()
    for name in ("report", *described["$defs"]):
        assert f"### {name}\n\n<!-- fields: {name} -->\n\n| field" in RESULTS.read_text("utf-8")


def test_the_columns_of_the_csv_report_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (`.*?) \| ", section(RESULTS, "## The CSV report"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(csv.COLUMNS)


STORY = (
    "The salt works on the flats will boil brine again from September, eleven years after the last "
    "pan went cold, its new owners said in the old counting house.",
    "Four families of former salters have bought the pans, the sheds and the narrow railway that "
    "joins them, with a loan from the fishermen's bank.",
    "Visitors will be let in on Saturdays and are asked to bring boots, because the causeway lies "
    "under water twice a day.",
)


def planned(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of plans that have all that a plan can have."""
    (folder / "in").mkdir()
    (folder / "in" / "blank.txt").write_text(
        "One ﬁne line.\n" + "\n" * 200 + "Another one.\n", "utf-8"
    )
    story = json.dumps({"text": "\n\n".join(STORY)}) + "\n"
    (folder / "in" / "records.jsonl").write_text(story + story, "utf-8")
    page = "".join(f"<p>{said}</p>\n" for said in STORY * 2)
    (folder / "in" / "page.html").write_text(page, "utf-8")
    plan = folder / "plan.jsonl"
    more: dict[str, Any] = {"scope": "corpus", "documents": "drop"}
    more |= {"fix_text": True, "normalize_space": True, "jobs": 1}
    done = dedup.clean_files(folder / "in", output=folder / "out", plan=plan, **more)
    assert not done.failures
    yield from map(json.loads, plan.read_text("ascii").splitlines())


def listed(heading: str) -> set[str]:
    """The fields in the table of the plan's page that begins with ``heading``."""
    _, found, below = PLAN.read_text("utf-8").partition(f"| field of {heading} | |\n")
    assert found
    rows = below.partition("\n\n")[0]
    return {
        name
        for row in re.findall(r"^\| (.*?) \|", rows, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }


def test_the_fields_of_a_plan_are_those_that_plans_have(tmp_path: Path) -> None:
    header, *lines, last = planned(tmp_path)
    assert listed("the header") == {*header}
    assert listed("the last line") == {*last}
    containers = [line for line in lines if "container" in line]
    documents = [line for line in lines if "document" in line]
    edits = [edit for line in documents for edit in line["edits"]]
    assert listed("a file of records") == set().union(*containers)
    assert listed("a document") == set().union(*documents)
    assert listed("an edit") == set().union(*edits)


def test_every_public_name_has_a_place_on_the_page_about_python() -> None:
    told = {*re.findall(r"\w+", PYTHON.read_text("utf-8"))}
    assert [name for name in dedup.__all__ if name not in told] == []


def public(kind: type) -> set[str]:
    """Fields, properties and methods of a value, as the page is to name them."""
    return {name for name in dir(kind) if not name.startswith("_")} - {"count", "index"}


def test_the_page_about_python_lists_what_each_value_has() -> None:
    rows = re.findall(
        r"^\| `([A-Z]\w+)` \| (.*) \|$", section(PYTHON, "## What a result holds"), re.MULTILINE
    )
    values = {
        name
        for name in dedup.__all__
        if name[0].isupper() and not issubclass(getattr(dedup, name), Exception)
    }
    assert {name for name, _ in rows} == values - {"Options"}
    for name, told in rows:
        named = {*re.findall(r"`(\w+)(?:\(\w*\))?`", told)} - {"len"}
        assert named == public(getattr(dedup, name)), name
