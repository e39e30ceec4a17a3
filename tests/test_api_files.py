"""What programs call for files and folders: ``clean_files``, ``documents``, ``results``."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup
from dedup.batch import folder
from dedup.cli import main
from tests import many
from tests.many import tree

TEXTS = many.texts(12)
OLD = {name: old.encode() for name, (old, _) in TEXTS.items()}
NEW = {name: new.encode() for name, (_, new) in TEXTS.items()}
CHANGED = sorted(name for name in OLD if OLD[name] != NEW[name])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the texts in ``in``."""
    monkeypatch.chdir(tmp_path)
    many.write(Path("in"), TEXTS)
    return tmp_path


def test_files_are_cleaned_as_by_the_command() -> None:
    told: list[dedup.Tally] = []
    result = dedup.clean_files(
        [Path("in")],
        output=Path("out"),
        plan=Path("p.jsonl"),
        reports=[Path("r.json"), "md:report"],
        cache=Path("cache"),
        on_file=told.append,
        threshold=0.7,
    )
    written = ["--plan", "p2.jsonl", "--report", "r2.json", "--report", "md:report2"]
    assert main(["clean", "in", "-o", "out2", *written, "--threshold", "0.7", "--isolated"]) == 0
    assert tree(Path("out")) == tree(Path("out2")) == NEW
    for one, other in (("p.jsonl", "p2.jsonl"), ("r.json", "r2.json"), ("report", "report2")):
        assert Path(one).read_bytes() == Path(other).read_bytes()
    assert Path("cache/CACHEDIR.TAG").exists()
    assert [tally.name for tally in told] == sorted(OLD)
    assert [tally.name for tally in told if tally.changed] == CHANGED
    totals = json.loads(Path("r.json").read_bytes())["totals"]
    assert result.totals.removed_characters == totals["removed_characters"] > 0
    assert (result.totals.documents, result.totals.changed) == (12, len(CHANGED))
    assert [tally.removed_characters for tally in result.worst] == sorted(
        (tally.removed_characters for tally in told), reverse=True
    )[: folder.WORST]
    assert (result.failures, dict(result.skipped)) == ((), {})


@pytest.mark.parametrize("jobs", [1, 2])
def test_in_place_with_failures_and_what_was_skipped(
    jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MIN_POOL_BYTES", 0)
    Path("in/bad.txt").write_bytes(b"\xff")
    Path("in/zero.txt").write_bytes(b"\0")
    Path("in/image.png").write_bytes(b"")
    result = dedup.clean_files(["in"], in_place=True, backup=".old", jobs=jobs)
    (failure,) = result.failures
    assert failure.name == "bad.txt"
    assert failure.reason == "byte 0 (0xff) is not valid UTF-8"
    assert dict(result.skipped) == {"by suffix": 1, "binary": 1}
    found = tree(Path("in"))
    assert {name: found[name] for name in NEW} == NEW
    assert {name: found[f"{name}.old"] for name in CHANGED} == {n: OLD[n] for n in CHANGED}


def test_tables_without_texts_are_no_documents_of_a_folder() -> None:
    Path("in/t.csv").write_text("id,name\n1,a\n")
    Path("in/t.jsonl").write_text('{"id": 1}\n{"id": 2}\n')
    assert not [
        one.name for one in dedup.documents(["in"]) if "t.csv" in one.name or "t.jsonl" in one.name
    ]
    result = dedup.clean_files(["in"], output="out")
    assert dict(result.skipped) == {"without a field 'text'": 2}
    assert not result.failures
    with pytest.raises(dedup.DedupError, match="has no column 'text'"):
        list(dedup.documents(["in/t.csv"]))


def test_what_cannot_be_done_is_raised_and_nothing_is_written() -> None:
    with pytest.raises(dedup.DedupError, match="needs either output or in_place"):
        dedup.clean_files(["in"])
    with pytest.raises(dedup.DedupError, match="needs either output or in_place"):
        dedup.clean_files(["in"], output="out", in_place=True)
    with pytest.raises(dedup.DedupError, match="no such file or directory"):
        dedup.clean_files(["missing"], output="out")
    with pytest.raises(dedup.DedupError, match="unknown option"):
        dedup.clean_files(["in"], output="out", treshold=0.5)
    Path("empty").mkdir()
    with pytest.raises(dedup.DedupError, match="no text files selected in empty/"):
        dedup.clean_files(["empty"], output="out")
    assert tree(Path()) == {f"in/{name}": data for name, data in OLD.items()}


def test_documents_are_read_one_at_a_time_and_named_as_in_a_run() -> None:
    documents = dedup.documents(["in"])
    first = next(documents)
    last = sorted(OLD)[-1]
    Path("in", last).write_text("Written after the first was read.\n")
    found = {first.name: first.text} | {document.name: document.text for document in documents}
    assert [*found] == sorted(OLD)
    assert found[last] == "Written after the first was read.\n"
    assert found[first.name].encode() == OLD[first.name]


def test_a_document_that_cannot_be_read_is_raised_or_handed_over() -> None:
    Path("in/b/bad.txt").write_bytes(b"\xff")
    with pytest.raises(dedup.DedupError, match=r"in/b/bad\.txt: byte 0"):
        [*dedup.documents(["in"])]
    failures: list[dedup.Failure] = []
    names = [document.name for document in dedup.documents(["in"], on_failure=failures.append)]
    assert names == sorted(OLD)
    assert failures == [dedup.Failure("b/bad.txt", "byte 0 (0xff) is not valid UTF-8")]
    assert len([*dedup.documents(["in"], include=("*.txt",), errors="preserve")]) == 1 + sum(
        name.endswith(".txt") for name in OLD
    )


class Watched(dedup.Document):
    """A document of which one can ask whether it is still held."""

    __slots__ = ("__weakref__",)


def test_results_hold_no_more_than_one_document() -> None:
    alive: list[weakref.ref[Watched]] = []
    most = 0

    def watched() -> Iterator[dedup.Document]:
        for document in dedup.documents(["in"]):
            copy = Watched(document.name, document.text)
            alive.append(weakref.ref(copy))
            yield copy
            del copy, document

    names = []
    for result in dedup.results(watched()):
        gc.collect()
        most = max(most, sum(reference() is not None for reference in alive))
        names.append(result.document.name)
        assert result.cleaned.encode() == NEW[result.document.name]
        del result
    assert names == sorted(OLD)
    assert most <= 2  # the one in hand, and the one before it while that is made


def test_results_are_those_of_the_whole() -> None:
    """I12"""
    documents = [*dedup.documents(["in"])]
    assert tuple(dedup.results(documents)) == dedup.analyze(documents).documents
    assert [dedup.clean(each.text).cleaned for each in documents] == [
        result.cleaned for result in dedup.results(documents)
    ]


def test_a_single_path_and_a_single_text_need_no_list(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "a.txt").write_text("One line.\n")
    assert [document.name for document in dedup.documents(str(folder))] == ["a.txt"]
    assert [document.name for document in dedup.documents(folder / "a.txt")] == ["a.txt"]
    assert dedup.clean_files(folder, output=tmp_path / "out").totals.documents == 1
    assert [result.cleaned for result in dedup.results("One line.\n")] == ["One line.\n"]
