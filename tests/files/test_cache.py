"""``--cache``: found again only for the same bytes, options and version, in a folder one can rely on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

import dedup
from dedup.engine.analyze import analyze_document
from dedup.engine.plan import apply
from dedup.errors import DedupError
from dedup.files import cache
from dedup.files.cache import Cache, open_cache
from dedup.files.read import decode, encode
from dedup.files.remembered import Remembered, remember
from dedup.files.store import NAME
from dedup.model import Document, DocumentResult
from dedup.options import Options, Override
from tests.prose import doubled, paragraphs

TEXTS = [doubled(3, seed).encode() for seed in range(8)] + ["\n".join(paragraphs(3)).encode()]


def computed(data: bytes, options: Options | None = None) -> tuple[DocumentResult, bytes]:
    document = decode(data, "a.txt")
    result = analyze_document(document, options or Options())
    return result, encode(document, result.cleaned)


EXPECTED = [computed(data) for data in TEXTS]


def fill(directory: Path) -> str:
    """Put the results of all texts into the cache in ``directory``; the note."""
    with open_cache(str(directory), Options()) as results:
        for data, (result, output) in zip(TEXTS, EXPECTED, strict=True):
            found = remember(result, output)
            assert found is not None
            results.put(results.key(data, "text"), found)
    return results.note


def hits(directory: Path) -> tuple[int, str]:
    """How many of the texts are found, each with the result that computing gives; and the note."""
    number = 0
    with open_cache(str(directory), Options()) as results:
        for data, expected in zip(TEXTS, EXPECTED, strict=True):
            found = results.get(results.key(data, "text"), "a.txt")
            if found:
                assert found.tally == expected[0].tally
                assert found.result(decode(data, "a.txt"), apply) == expected
                number += 1
    return number, results.note


def is_found(results: Cache, data: bytes = TEXTS[0], format: str = "text") -> bool:
    return results.get(results.key(data, format), "a.txt") is not None


ALL = len(TEXTS)


def test_the_second_run_finds_what_the_first_computed(tmp_path: Path) -> None:
    assert hits(tmp_path / "new" / "c") == (0, "")
    assert fill(tmp_path / "new" / "c") == ""
    assert hits(tmp_path / "new" / "c") == (ALL, "")


def test_one_changed_byte_is_another_document(tmp_path: Path) -> None:
    fill(tmp_path)
    with open_cache(str(tmp_path), Options()) as results:
        assert is_found(results)
        for other in (TEXTS[0] + b"\n", TEXTS[0][:-1], TEXTS[0].replace(b".", b"!", 1), b""):
            assert not is_found(results, other)


def test_another_format_is_not_found(tmp_path: Path) -> None:
    fill(tmp_path)
    with open_cache(str(tmp_path), Options()) as results:
        assert not is_found(results, format="markdown")
        assert is_found(results, format="text")


OTHER_VALUES: dict[str, Any] = {
    "threshold": 0.61,
    "min_chars": 31,
    "exact": True,
    "level": "thorough",
    "keep_copy": "last",
    "encoding": "latin-1",
    "errors": "preserve",
    "field": "body",
    "html_input": "text",
    "fix_text": True,
    "normalize_space": True,
    "strip_links": True,
    "strip_share_cards": True,
    "keep": ("a line that stays",),
    "keep_hash": ("0123456789abcdef",),
    "overrides": (Override(("*.txt",), (("exact", True),), "/"),),
    "max_size": 4096,
}


def test_every_option_that_can_change_a_result_is_in_the_key(tmp_path: Path) -> None:
    fill(tmp_path)
    without_effect = {"selection", "speed"}
    knobs = {
        field.name
        for field in fields(Options)
        if field.metadata["affects"] not in without_effect and not field.metadata["across"]
    }
    assert knobs == set(OTHER_VALUES), "a new option needs another value here"
    for name, value in OTHER_VALUES.items():
        with open_cache(str(tmp_path), replace(Options(), **{name: value})) as results:
            assert not is_found(results), name


def test_options_that_change_no_result_are_not_in_the_key(tmp_path: Path) -> None:
    fill(tmp_path)
    options = Options(jobs=3, hidden=True, exclude=("*.bak",), scope="corpus", documents="drop")
    with open_cache(str(tmp_path), options) as results:
        assert is_found(results)


def test_another_version_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    monkeypatch.setattr(dedup, "__version__", "99.0")
    assert hits(tmp_path) == (0, "")


def test_a_changed_program_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A working copy is changed without a new version."""
    sources = list(cache._sources())
    assert {b"analyze.py", b"decode.py", b"model.py", b"single.py", b"removal.py"} <= {
        one.partition(b"\0")[0] for one in sources
    }
    fill(tmp_path)
    monkeypatch.setattr(cache, "_sources", lambda: [*sources[:-1], sources[-1] + b"\n"])
    assert hits(tmp_path) == (0, "")


def test_documents_of_equal_content_share_an_entry(tmp_path: Path) -> None:
    fill(tmp_path)
    with open_cache(str(tmp_path), Options()) as results:
        found = results.get(results.key(TEXTS[0], "text"), "deep/b.txt")
    assert found is not None and found.tally.name == "deep/b.txt"
    again = found.result(decode(TEXTS[0], "deep/b.txt"), apply)
    assert again is not None
    assert {edit.document for edit in again[0].edits} == {"deep/b.txt"}


def test_the_folder_is_made_for_its_owner_and_marked_as_a_cache(tmp_path: Path) -> None:
    directory = tmp_path / "c"
    mask = os.umask(0)
    try:
        fill(directory)
    finally:
        os.umask(mask)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / NAME).stat().st_mode & 0o777 == 0o600
    tag = (directory / "CACHEDIR.TAG").read_bytes()
    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    assert (directory / ".gitignore").read_bytes() == b"*\n"
    assert sorted(os.listdir(directory)) == [".gitignore", "CACHEDIR.TAG", NAME]


def test_a_folder_with_other_things_is_not_made_a_cache(tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text("Mine.\n")
    with pytest.raises(DedupError, match="is not a cache: it holds other things"):
        open_cache(str(tmp_path), Options())
    assert os.listdir(tmp_path) == ["article.txt"]


def test_a_file_in_its_place_is_for_the_user_to_fix(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_text("Mine.\n")
    for given in (path, path / "below"):
        with pytest.raises(DedupError):
            open_cache(str(given), Options())
    assert path.read_text() == "Mine.\n"


def test_a_folder_that_cannot_be_made_is_for_the_user_to_fix(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for given in (str(tmp_path / "link"), str(tmp_path / ("x" * 300)), ""):
        with pytest.raises(DedupError) as caught:
            open_cache(given, Options())
        assert caught.value.where in (given, "")


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702, 0o1777])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    directory = tmp_path / "c"
    fill(directory)
    directory.chmod(mode)
    before = (directory / NAME).read_bytes()
    note = "is not used: others may write to it (chmod go-w)"
    assert hits(directory) == (0, note)
    assert fill(directory) == note
    assert (directory / NAME).read_bytes() == before


def test_the_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    directory = tmp_path / "c"
    fill(directory)
    if os.geteuid() == 0:
        os.chown(directory, 65534, -1)
    else:
        directory = Path("/")
    assert hits(directory) == (0, "is not used: it belongs to another user")
    assert fill(directory) == "is not used: it belongs to another user"


READ_ONLY = """
import os, sys
import dedup.files.remembered, dedup.files.store, pathlib, sqlite3, urllib.parse  # while they can be read
from dedup.files.cache import open_cache
from dedup.files.remembered import Remembered
from dedup.model import Tally
from dedup.options import Options
directory, user = sys.argv[1], int(sys.argv[2])
if user:
    os.setuid(user)
remembered = Remembered(Tally("", 3, 0, 1, 0, 0, {}, {}), None, b"")
with open_cache(directory, Options()) as cache:
    first, second = cache.key(b"one", "text"), cache.key(b"two", "text")
    cache.put(first, remembered)
os.chmod(directory + "/dedup.sqlite", 0o400)
os.chmod(directory, 0o500)
with open_cache(directory, Options()) as cache:
    assert cache.get(first, "") == remembered
    assert cache.get(second, "") is None
    assert cache.note == "", cache.note
    cache.put(second, remembered)
    assert cache.get(first, "") == remembered
assert cache.note == "cannot be written: new results are not kept", cache.note
os.chmod(directory, 0o700)
with open_cache(directory, Options()) as cache:
    assert cache.get(second, "") is None
    assert sorted(os.listdir(directory)) == [".gitignore", "CACHEDIR.TAG", "dedup.sqlite"]
"""


@contextmanager
def folder_of(user: int) -> Iterator[str]:
    """A folder that belongs to ``user``, or to us if that is 0, and that they can reach."""
    with tempfile.TemporaryDirectory() as folder:
        if user:
            os.chown(folder, user, -1)
        yield folder


@pytest.mark.skipif(os.name == "nt", reason="modes mean nothing there")
def test_from_a_read_only_folder_results_are_read() -> None:
    user = 0 if os.geteuid() else 65534  # nothing is read-only for root
    with folder_of(user) as folder:
        command = [sys.executable, "-c", READ_ONLY, folder, str(user)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


def test_a_damaged_file_is_started_anew_with_a_note(tmp_path: Path) -> None:
    fill(tmp_path)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:5000])
    assert hits(tmp_path) == (0, "was damaged: it is started anew")
    fill(tmp_path)
    assert hits(tmp_path) == (ALL, "")


def test_flipped_bits_never_change_a_result(tmp_path: Path) -> None:
    """``hits`` compares each result found with the computed one."""
    fill(tmp_path)
    path = tmp_path / NAME
    sound = path.read_bytes()
    numbers = set()
    for place in range(7, len(sound), len(sound) // 150):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        numbers.add(hits(tmp_path)[0])
    assert {ALL, ALL - 1} <= numbers


def test_an_entry_that_was_put_for_other_bytes_does_not_fit(tmp_path: Path) -> None:
    """Should the key ever say too little, what is taken out still has to come to the same bytes."""
    result, output = EXPECTED[0]
    found = remember(result, output)
    assert found is not None
    for data in TEXTS[1:]:
        assert found.result(decode(data, "a.txt"), apply) is None


FILL = """
import sys
from dedup.files import store
from tests.files.test_cache import Path, fill, hits
store.MAX_WAIT = 60  # however slow the machine
for _ in range(10):
    assert fill(Path(sys.argv[1])) == ""
    number, note = hits(Path(sys.argv[1]))
    assert (number > 0, note) == (True, ""), (number, note)
"""


def test_two_runs_at_once_share_a_cache(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", FILL, str(tmp_path / "c")]
    runs = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE) for _ in range(3)]
    for run in runs:
        _, errors = run.communicate(timeout=120)
        assert run.returncode == 0, errors.decode()
    assert hits(tmp_path / "c") == (ALL, "")


def test_a_cache_that_is_not_used_hashes_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with open_cache(str(tmp_path), Options()) as results:
        assert results.key(TEXTS[0], "text") == b""
        results.put(b"", Remembered(EXPECTED[0][0].tally, None, b""))
        assert results.get(b"", "a.txt") is None


def test_sqlite_is_loaded_with_the_first_cache_and_not_before() -> None:
    program = "import sys, dedup.files.cache; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_a_python_without_sqlite_has_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    monkeypatch.delitem(sys.modules, "dedup.files.store")
    monkeypatch.delattr("dedup.files.store")
    assert hits(tmp_path) == (0, "is not used: this Python was built without SQLite")


def test_a_document_with_preserved_bytes_comes_back(tmp_path: Path) -> None:
    options = Options(errors="preserve")
    data = (b"A line with \xff a byte that is no text, and long enough to go.\n\n" * 3) + b"\xfe"
    document = decode(data, "a.txt", errors="preserve")
    assert isinstance(document, Document)
    result = analyze_document(document, options)
    output = encode(document, result.cleaned)
    found = remember(result, output)
    assert result.changed and found is not None
    with open_cache(str(tmp_path), options) as results:
        results.put(results.key(data, "text"), found)
    with open_cache(str(tmp_path), options) as results:
        again = results.get(results.key(data, "text"), "a.txt")
    assert again is not None and again.result(document, apply) == (result, output)
