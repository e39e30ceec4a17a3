"""What is found across documents, in every format of ``dedup check``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dedup.checks.formats import FORMATS
from dedup.cli import main

OWN = (
    "The ferry to the outer islands sails again from Monday, now that its rope has been found.",
    "The choir will sing on the mole this year, if the wind allows it and the baker lends his cart.",
    "A seal has moved into the old boathouse, and nobody has the heart to ask for rent.",
)
PLUG = (
    "Our coast pages are free, because readers pay for them: become a friend of the paper at the kiosk.",
    "Words and pictures belong to those who made them; ask the office before you print them elsewhere.",
)
STORY = """\
The salt works on the flats will boil brine again from September, eleven years after the last pan went cold.

Four families of former salters have bought the pans, the sheds and the narrow railway that joins them.

Visitors will be let in on Saturdays and are asked to bring boots, because the causeway lies under water twice a day.
"""


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number, own in enumerate(OWN):
        (tmp_path / f"{number}.txt").write_text("\n\n".join([own, *PLUG]) + "\n")
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "story-again.txt").write_text(STORY.replace("Visitors", "Guests"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> str:
    flags = ["--scope", "corpus", "--boilerplate", "--documents", "drop", "--output-format", name]
    assert main(["check", ".", *flags]) == 1
    out, err = capsysbinary.readouterr()
    assert b"Found 3 findings in 3 of 5 files" in err
    return out.decode()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_what_is_found_across_documents(
    name: str, corpus: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    out = checked(name, capsysbinary)
    assert out.count("boilerplate") >= 2 and "duplicate-document" in out


def test_sarif_has_a_rule_for_each(
    corpus: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (run,) = json.loads(checked("sarif", capsysbinary))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]


def test_lines_of_another_document_have_the_numbers_they_have_there(
    corpus: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    first = checked("text", capsysbinary).split("\n\n")[0]
    numbers = [line.split(" | ")[0].split() for line in first.splitlines()[2:]]
    assert numbers == [["-", "3"], ["-", "5"], ["=", "3"], ["=", "5"]]


def test_the_picture_of_a_file_shows_none_of_another(
    corpus: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = [line for line in checked("markdown", capsysbinary).splitlines() if "`1.txt`" in line]
    picture = re.findall(r"`([^`]+)`", rows[0])[1]
    assert len(set(picture)) == 2  # what would go, and what is neither
