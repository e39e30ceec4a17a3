"""An index on the disk: what goes in comes out, and nothing is believed of a file that was tampered with."""

from __future__ import annotations

import json
import os
import random
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.corpus import index, sections
from dedup.corpus.columns import columns
from dedup.corpus.index import DECIDING, DOCUMENT, SECTIONS, Entry, File, settings, write_index
from dedup.corpus.indexed import is_index, opened
from dedup.corpus.sheets import Sheet, packed, sheet_of
from dedup.errors import DedupError
from dedup.files import write
from dedup.files.fingerprints import fingerprint
from dedup.model import Document
from dedup.options import Options
from tests.prose import paragraphs

ODD = "一、\n\nEin  Häuschen \U0001f3e0, 12 m².\n\n\ud800 lone\n"
"""Letters of one to four bytes, and one that is none."""


def entry(file: str, text: str, record: int = 0) -> Entry:
    data = text.encode("utf-8", "surrogatepass")
    group = file if record else os.path.dirname(file)
    return Entry(file, record, group, fingerprint(data), sheet_of(Document(file, text)))


def contents() -> Iterator[File | Entry]:
    """Two files, one of them empty, and one of records, as many documents as need several chunks."""
    prose = paragraphs(40)
    yield File("a/b.txt", fingerprint(b"b"))
    yield entry("a/b.txt", "\n\n".join(prose))
    yield File("a/empty.txt", fingerprint(b""))
    yield entry("a/empty.txt", "")
    yield File("a/\udcff.jsonl", fingerprint(b"r"))  # a name that is no UTF-8
    for number in range(1, 12):
        text = ODD if number == 3 else "\n\n".join(prose[number : number * 3])
        yield entry("a/\udcff.jsonl", text, 2 * number)
    yield File("none.jsonl", fingerprint(b"\n"))


def made(path: Path, items: Iterator[File | Entry] | None = None) -> Path:
    write_index(str(path), items or contents(), settings(Options()))
    return path


def plain(item: File | Entry) -> tuple[Any, ...]:
    """What two equal items have equal: arrays compare element by element."""
    return item if isinstance(item, File) else (*item[:4], packed(item.sheet))


def held(path: Path) -> list[tuple[Any, ...]]:
    with opened(str(path)) as found:
        return [plain(item) for item in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "x.index")


# What goes in comes out


def test_all_files_and_documents_come_back(path: Path) -> None:
    assert held(path) == [plain(item) for item in contents()]
    with opened(str(path)) as found:
        entries = [item for item in contents() if isinstance(item, Entry)]
        assert [one.name for one in found.entries()] == [one.name for one in entries]
        assert [*map(plain, found.entries())] == [*map(plain, entries)]
        counts = found.about.counts
        assert (counts.files, counts.documents, counts.groups) == (4, 13, 2)
        assert counts.paragraphs == sum(len(one.sheet.starts) for one in entries)
        texts = b"".join(one.sheet.texts for one in entries)
        assert counts.characters == len(texts.decode("utf-8", "surrogatepass"))
        assert found.about.size == path.stat().st_size


def test_it_comes_back_whatever_is_unpacked_together(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("dedup.corpus.indexed.CHUNK_ROWS", 7)
    monkeypatch.setattr("dedup.corpus.indexed.CHUNK_DOCUMENTS", 2)
    monkeypatch.setattr(sections, "BLOCK", 100)
    small = made(tmp_path / "small.index")
    assert held(small) == [plain(item) for item in contents()]
    assert small.stat().st_size > path.stat().st_size


def test_its_sheets_make_the_columns_of_a_corpus(path: Path, tmp_path: Path) -> None:
    there = [item.sheet for item in contents() if isinstance(item, Entry)]
    with opened(str(path)) as found:
        back = [one.sheet for one in found.entries()]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    groups = [0] * len(there)
    one = columns(there, groups, str(tmp_path / "one"))
    two = columns(back, groups, str(tmp_path / "two"))
    for name in one._fields:
        left, right = getattr(one, name), getattr(two, name)
        assert left.dtype == right.dtype and np.array_equal(left, right), name


def test_the_same_contents_make_the_same_bytes(path: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again.index").read_bytes() == path.read_bytes()
    with opened(str(path)) as found:
        write_index(str(tmp_path / "copy.index"), found, found.about.options)
    assert (tmp_path / "copy.index").read_bytes() == path.read_bytes()


@given(st.lists(st.lists(st.text(max_size=30), max_size=5).map("\n\n".join), max_size=6))
def test_any_texts_come_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "x.index"
    items: list[File | Entry] = [File("r.jsonl", fingerprint(b""))]
    items += [entry("r.jsonl", text, number) for number, text in enumerate(texts, 1)]
    made(path, iter(items))
    assert held(path) == [*map(plain, items)]


def test_files_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = [File("a", fingerprint(b"")), File("a", fingerprint(b"x"))]
    with pytest.raises(DedupError, match="two files would both be 'a'"):
        made(tmp_path / "x.index", iter(twice))
    assert [*tmp_path.iterdir()] == []


def test_what_a_paragraph_is_in_an_index_has_not_changed(tmp_path: Path) -> None:
    """If it has, ``index.VERSION`` goes up: an old index would be compared by other letters than new texts."""
    text = "# Ein Häuschen\n\nﬁne ①  co-\noperation, 12.5 m²!\n\n| a | b |\n|---|---|\n| 1 | ２ |\n\n第一段。\n"
    one = sheet_of(Document("a.md", text, format="markdown"))
    assert one.keys.decode() == "einhauschenfine1cooperation125m2ab12第一段"
    assert one.weights.tolist() == [11, 7, 14, 4, 9]
    assert index.VERSION == 1


def test_options_that_decide_what_text_a_file_is_are_remembered() -> None:
    """A new one has to be thought about: does it belong into ``DECIDING``?"""
    reading = {knob.name for knob in fields(Options) if knob.metadata["affects"] == "text"}
    assert {*DECIDING} == reading - {"max_size"}  # decides whether a file is read
    assert settings(Options(field="body"))["field"] == "body"


# An interrupted write, a file that changed


def test_an_index_whose_making_fails_leaves_the_old_one(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()

    def broken() -> Iterator[File | Entry]:
        yield from contents()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(path, broken())
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_a_disk_that_is_full_leaves_the_old_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(write, "MAX_WRITE", 1000)
    real = os.write
    left = [3]

    def full(descriptor: int, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DedupError, match="No space left"):
        made(path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_an_index_that_somebody_replaced_is_not_overwritten(path: Path) -> None:
    with opened(str(path)) as found:
        os.replace(made(path.with_suffix(".new")), path)
        with pytest.raises(DedupError, match="changed while it was being read"):
            write_index(str(path), found, {}, source=found.source)


# Damage


def refused(path: Path) -> str:
    """What is said of a file that is no sound index; in no case anything else than that it is none."""
    with pytest.raises(DedupError) as caught:
        held(path)
    assert caught.value.where == str(path)
    assert caught.value.hint
    return caught.value.what


def lines_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The first line, and what stands behind the second."""
    head, _, rest = data.split(b"\n", 2)
    return json.loads(head), rest


def sealed(values: dict[str, Any], rest: bytes) -> bytes:
    head = json.dumps(values, separators=(",", ":")).encode() + b"\n"
    return head + index.seal(head) + rest


def test_a_flipped_bit_is_found_wherever_it_is(path: Path) -> None:
    data = path.read_bytes()
    values, rest = lines_of(data)
    begin = len(data) - len(rest)
    places = [*range(0, begin, 7)]
    for section in values["sections"]:
        places += {begin, begin + 1, begin + section["stored"] // 2, begin + section["stored"] - 1}
        begin += section["stored"]
    dice = random.Random(5)
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << dice.randrange(8)
        path.write_bytes(flipped)
        refused(path)


def test_a_cut_is_found_wherever_it_is(path: Path) -> None:
    data = path.read_bytes()
    head = data.index(b"\n")
    for size in (
        0,
        1,
        9,
        30,
        head,
        head + 1,
        head + 40,
        head + 65,
        head + 66,
        len(data) // 2,
        len(data) - 1,
    ):
        path.write_bytes(data[:size])
        refused(path)
    path.write_bytes(data + b"\0")
    assert refused(path).endswith(
        f"goes on behind its end: {len(data) + 1:,} bytes, and not {len(data):,}"
    )


def test_damage_of_each_section_is_named(path: Path) -> None:
    data = path.read_bytes()
    values, rest = lines_of(data)
    begin = len(data) - len(rest)
    for section in values["sections"]:
        flipped = bytearray(data)
        flipped[begin + section["stored"] // 2] ^= 16
        path.write_bytes(flipped)
        assert refused(path) == f"is damaged: {section['name']!r} is not what its digest is of"
        begin += section["stored"]
    assert [section["name"] for section in values["sections"]] == [*SECTIONS]


def test_another_version_is_refused_with_what_to_do(path: Path) -> None:
    values, rest = lines_of(path.read_bytes())
    path.write_bytes(sealed(values | {"version": 2}, rest))
    assert refused(path) == "index version 2 is not one this dedup reads (1)"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is no index"),
        (b"\0" * 100, "is no index"),
        (b'{"format":"dedup-plan","version":1}\n', "is no index"),
        (b'{"format":"dedup-index"}\n', "is damaged: its first line"),
        (b'{"format":"dedup-index","version":"1"}\n', "is damaged: its first line"),
        (b'{"format":"dedup-index"' + b"[" * 100_000 + b"\n", "is damaged: its first line"),
        (b'{"format":"dedup-index","version":1}\n', "is damaged: its first line is not what its digest is of"),
        (b'{"format":"dedup-index","version":1', "is damaged: it is cut off in its first line"),
    ],
)  # fmt: skip
def test_what_is_no_index_is_called_that(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "x.index"
    path.write_bytes(data)
    assert refused(path) == what
    assert is_index(str(path)) == data.startswith(b'{"format":"dedup-index"')


def test_no_file_a_folder_and_a_pipe_are_no_index(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # is not waited for
    for name, what in (
        ("", "is no file, and so no index"),
        ("pipe", "is no file, and so no index"),
    ):
        assert refused(tmp_path / name) == what
        assert not is_index(str(tmp_path / name))
    with pytest.raises(DedupError, match="no such file"):
        held(tmp_path / "missing")
    assert not is_index(str(tmp_path / "missing"))


# Forged with fitting digests


HUGE = 1 << 52


@pytest.mark.parametrize("number", [-1, 0.5, HUGE, 1 << 70, True, None, "7", [1]])
@pytest.mark.parametrize(
    "field", ["files", "documents", "groups", "paragraphs", "characters", "size", "stored"]
)
def test_a_forged_count_is_refused_before_anything_is_made_for_it(
    path: Path, field: str, number: object
) -> None:
    values, rest = lines_of(path.read_bytes())
    places = values["sections"] if field in ("size", "stored") else [values]
    for at in range(len(places)):
        forged = json.loads(json.dumps(values))
        (forged["sections"][at] if places is values["sections"] else forged)[field] = number
        path.write_bytes(sealed(forged, rest))
        tracemalloc.start()
        try:
            assert refused(path).startswith("is damaged: ")
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()


def test_forged_counts_that_fit_each_other_are_refused(path: Path) -> None:
    values, rest = lines_of(path.read_bytes())
    values["paragraphs"] = 1 << 40
    for section in values["sections"]:
        kind = index.COLUMNS.get(section["name"])
        if kind is not None:
            section["size"] = (int(kind[-1]) if kind else 1) << 40
    path.write_bytes(sealed(values, rest))
    assert refused(path).endswith("cannot hold as much as is said of it")


def forged(path: Path, changes: dict[str, bytes], **counts: int) -> None:
    """Put other bytes into sections of the index, with lengths and digests that fit."""
    with opened(str(path)) as found:
        old = {one.name: found._unpacker(one.name).take(one.size) for one in found.about.sections}
    values, _ = lines_of(path.read_bytes())
    values |= counts
    pieces = []
    for section in values["sections"]:
        packer = sections.Packer(section["name"])
        packer.add(changes.get(section["name"], old[section["name"]]))
        done = packer.finish()
        section |= {"size": done.size, "stored": done.stored, "blake2b": done.blake2b}
        pieces += [*packer]
        packer.close()
    path.write_bytes(sealed(values, b"".join(pieces)))


def number(kind: str, *values: int) -> bytes:
    return np.array(values, kind).tobytes()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two documents with two paragraphs each: ``eins``, ``zwei``; ``dö``, ``vi``."""
    items: list[File | Entry] = [
        File("a", fingerprint(b"")),
        entry("a", "eins\n\nzwei\n"),
        File("b", fingerprint(b"")),
        entry("b", "dö\n\nvi\n"),
    ]
    return made(tmp_path / "small.index", iter(items))


FORGERIES: list[tuple[str, dict[str, bytes], str]] = [
    ("files out of order", {"files": b"b\0a\0"}, "'files' are out of order"),
    ("files twice", {"files": b"a\0a\0"}, "'files' are out of order"),
    ("no end", {"files": b"a\0bc"}, "'files' are not as many as it says"),
    ("more files than said", {"files": b"a\0\0b\0"}, "'files' are not as many as it says"),
    ("a role there is not", {"roles": bytes([0, 0, 6, 0])}, "'roles' holds a number that is out of range"),
    ("a mark there is not", {"fixed": bytes([0, 2, 0, 0])}, "'fixed' holds a number that is out of range"),
    ("no weight", {"weights": number("<i4", 4, 4, 0, 2)}, "'weights' holds a number that is out of range"),
    ("weight < 0", {"weights": number("<i4", 4, 4, -1, 2)}, "'weights' holds a number that is out of range"),
    ("line 0", {"lines": number("<i4", 1, 0, 1, 3)}, "'lines' holds a number that is out of range"),
    ("a step back", {"starts": number("<i8", 0, -6, 0, 4)}, "'starts' holds a number that is out of range"),
    ("a huge step", {"starts": number("<i8", 0, 1 << 62, 0, 4)}, "'starts' holds a number that is out of range"),
    ("overflow", {"starts": number("<i8", *[1 << 53] * 4)}, "'starts' adds up to more than there can be"),
    ("overlapping", {"starts": number("<i8", 0, 3, 0, 4)}, "'starts' holds paragraphs that overlap"),
    ("ends first", {"ends": number("<i8", 4, 1, 2, 4)}, "'starts' holds paragraphs that overlap"),
    ("ends elsewhere", {"ends": number("<i8", 4, 7, 2, 4)}, "'ends' are not where the texts end"),
    ("an empty key", {"key_ends": number("<i8", 8, 0, 3, 2)}, "'key_ends' holds a number that is out of range"),
    ("a cut letter", {"key_ends": number("<i8", 4, 4, 2, 3), "keys": b"einszweid\xc3\xb6vi"},
     "'keys' is cut within a character"),
    ("a cut character", {"text_ends": number("<i8", 4, 4, 2, 3)}, "'texts' is cut within a character"),
    ("more letters", {"key_ends": number("<i8", 4, 4, 2, 9)}, "'keys' holds less than is said of it"),
    ("fewer letters", {"key_ends": number("<i8", 4, 4, 2, 1)}, "'keys' holds more than is said of it"),
    ("keys in no UTF-8", {"keys": b"einszwe\xffdovi"}, "'keys' is no UTF-8"),
    ("texts in no UTF-8", {"texts": b"einszwe\xffd\xc3\xb6vi"}, "'texts' is no UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "why"), [one[1:] for one in FORGERIES], ids=[one[0] for one in FORGERIES]
)
def test_columns_that_contradict_each_other_are_refused(
    small: Path, changes: dict[str, bytes], why: str
) -> None:
    held(small)
    forged(small, changes)
    assert refused(small) == f"is damaged: {why}"


def row(file: int, record: int, group: int, paragraphs: int) -> bytes:
    return DOCUMENT.pack(file, record, group, 0, b"\0" * 32, paragraphs)


@pytest.mark.parametrize(
    "rows",
    {
        "a file there is not": [row(0, 0, 0, 2), row(2, 0, 0, 2)],
        "a group there is not": [row(0, 0, 0, 2), row(1, 0, 1, 2)],
        "out of order": [row(1, 0, 0, 2), row(0, 0, 0, 2)],
        "one twice": [row(0, 0, 0, 2), row(0, 0, 0, 2)],
        "too many paragraphs": [row(0, 0, 0, 2), row(1, 0, 0, 3)],
        "too few paragraphs": [row(0, 0, 0, 2), row(1, 0, 0, 1)],
        "huge": [row(0, 0, 0, (1 << 32) - 1), row(1, 0, 0, 5)],
    }.items(),
    ids=lambda item: item[0],
)
def test_documents_that_contradict_the_rest_are_refused(
    small: Path, rows: tuple[str, list[bytes]]
) -> None:
    forged(small, {"documents": row(0, 0, 0, 2) + row(1, 0, 0, 2)})
    assert len(held(small)) == 4
    forged(small, {"documents": b"".join(rows[1])})
    assert refused(small).startswith("is damaged: ")


def test_a_block_that_unpacks_to_more_than_it_should_is_not_unpacked(small: Path) -> None:
    """A few bytes that stand for gigabytes: no more than a block is made of them."""
    values, rest = lines_of(small.read_bytes())
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    stored = len(bomb).to_bytes(4, "little") + bomb
    last = values["sections"][-1]
    start = len(rest) - last["stored"]
    digest = blake2b(stored, digest_size=32).hexdigest()
    values["sections"][-1] |= {"stored": len(stored), "blake2b": digest}
    small.write_bytes(sealed(values, rest[:start] + stored))
    tracemalloc.start()
    try:
        assert (
            refused(small) == "is damaged: 'text_ends' has a block of another size than it should"
        )
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("change", ["cut", "longer"])
def test_a_block_must_be_whole_and_nothing_else(small: Path, change: str) -> None:
    """All its bytes come out in either case; in one without zlib's checksum, in the other with something behind."""
    values, rest = lines_of(small.read_bytes())
    last = values["sections"][-1]
    start = len(rest) - last["stored"]
    block = rest[start + 4 :]
    block = block[:-4] if change == "cut" else block + b"more"
    stored = len(block).to_bytes(4, "little") + block
    last |= {"stored": len(stored), "blake2b": blake2b(stored, digest_size=32).hexdigest()}
    small.write_bytes(sealed(values, rest[:start] + stored))
    assert refused(small) == "is damaged: 'text_ends' has a block of another size than it should"


@given(st.binary(max_size=60), st.integers(0, 3000))
def test_any_bytes_anywhere_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, new: bytes, place: int
) -> None:
    """Digests are made to fit, so that what stands behind them is what is tried."""
    path = made(tmp_path_factory.mktemp("any") / "x.index")
    data = path.read_bytes()
    values, rest = lines_of(data)
    start = place % len(rest)
    rest = rest[:start] + new + rest[start + len(new) :]
    at = 0
    for section in values["sections"]:
        piece = rest[at : at + section["stored"]]
        section["blake2b"] = blake2b(piece, digest_size=32).hexdigest()
        at += section["stored"]
    path.write_bytes(sealed(values, rest))
    with suppress(DedupError):
        held(path)


def test_a_sheet_has_the_columns_an_index_knows() -> None:
    assert tuple(index.COLUMNS) == Sheet._fields
