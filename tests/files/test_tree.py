"""A folder of outputs: nothing of others is replaced, nothing is half, nothing lands outside."""

from __future__ import annotations

import os
import random
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import normalize

import pytest

from dedup.errors import DedupError
from dedup.files import inside, manifest, tree
from dedup.files.fingerprints import Fingerprint, fingerprint
from dedup.files.manifest import MANIFEST
from dedup.files.write import temporary
from tests.conftest import Trace
from tests.test_faults import Call, numbered

OLD, NEW = b"old\n" * 100, b"new\n" * 50


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An output folder that exists and is empty."""
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture(params=["relative to folders", "by paths"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what must hold as well where files cannot be named relative to open folders."""
    if request.param == "by paths":
        monkeypatch.setattr(inside, "HAS_DIR_FD", False)


def check(
    root: Path, *names: str, force: bool = False, sources: tuple[str, ...] = ()
) -> dict[str, frozenset[Fingerprint]]:
    return tree.check(str(root), names, force=force, sources=sources or [f"in/{n}" for n in names])


def write(
    root: Path,
    name: str,
    data: bytes,
    *,
    model: Path | None = None,
    owned: frozenset[Fingerprint] | None = None,
    force: bool = False,
) -> str:
    if owned is None:
        owned = manifest.load(str(root)).get(name, frozenset())
    like = None if model is None else str(model)
    return tree.write(str(root), name, data, model=like, owned=owned, force=force)


def files(root: Path) -> dict[str, bytes]:
    """The files below ``root`` by name, without our own."""
    found = (path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in found
        if not path.name.startswith(".dedup-")
    }


def temporaries(root: Path) -> list[Path]:
    return [path for path in root.rglob(".dedup-*") if path.name != MANIFEST]


def run_over(root: Path, contents: dict[str, bytes], *, force: bool = False) -> list[str]:
    """A whole run, as a folder is cleaned."""
    owned = check(root, *contents, force=force)
    nothing: frozenset[Fingerprint] = frozenset()
    done = [
        write(root, name, data, owned=owned.get(name, nothing), force=force)
        for name, data in contents.items()
    ]
    manifest.settle(str(root), contents)
    tree.finish(str(root))
    return done


CONTENTS = {"a.txt": NEW, "b/c.txt": OLD, "b/d/e.txt": b"", "\udcff\n.txt": NEW}


@pytest.mark.usefixtures("either_way")
def test_the_tree_is_mirrored_into_a_new_folder(tmp_path: Path) -> None:
    root = tmp_path / "not" / "there"
    assert run_over(root, CONTENTS) == ["written"] * 4
    assert files(root) == CONTENTS
    assert manifest.load(str(root)) == {n: {fingerprint(d)} for n, d in CONTENTS.items()}
    assert temporaries(root) == []


@pytest.mark.usefixtures("either_way")
def test_r08_a_second_run_touches_nothing(root: Path) -> None:
    """Modification times, inodes and the manifest stay."""
    run_over(root, CONTENTS)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in root.rglob("*.*")}
    assert MANIFEST in {path.name for path in before}
    assert run_over(root, CONTENTS) == ["unchanged"] * 4
    after = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in root.rglob("*.*")}
    assert after == before


@pytest.mark.usefixtures("either_way")
def test_files_that_we_wrote_are_replaced_by_later_runs(root: Path) -> None:
    run_over(root, CONTENTS)
    changed = {name: data + b"more\n" for name, data in CONTENTS.items()}
    assert run_over(root, changed) == ["written"] * 4
    assert files(root) == changed


def test_the_root_may_be_a_link(tmp_path: Path, root: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    run_over(tmp_path / "link", CONTENTS)
    run_over(tmp_path / "link", CONTENTS)
    assert files(root) == CONTENTS


def test_the_working_folder_may_be_the_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    run_over(Path("."), CONTENTS)
    assert files(root) == CONTENTS


# What belongs to others


def test_files_of_others_are_refused_before_anything_is_written(root: Path) -> None:
    (root / "b").mkdir()
    (root / "b" / "c.txt").write_bytes(OLD)
    with pytest.raises(DedupError) as caught:
        check(root, "a.txt", "b/c.txt")
    assert caught.value.where == str(root / "b" / "c.txt")
    assert caught.value.what == "is there already, and was not written by dedup"
    assert caught.value.hint == "--force replaces it"
    (root / "a.txt").write_bytes(OLD)
    with pytest.raises(DedupError, match=r"a\.txt: .*; 2 such files in all$") as caught:
        check(root, "a.txt", "b/c.txt")
    assert caught.value.hint == "--force replaces them"
    assert files(root) == {"a.txt": OLD, "b/c.txt": OLD} and temporaries(root) == []
    assert run_over(root, {"a.txt": NEW, "b/c.txt": NEW}, force=True) == ["written"] * 2
    assert run_over(root, {"a.txt": OLD, "b/c.txt": OLD}) == ["written"] * 2


@pytest.mark.usefixtures("either_way")
def test_a_file_that_was_changed_since_is_refused(root: Path) -> None:
    run_over(root, {"a.txt": OLD})
    (root / "a.txt").write_bytes(b"edited by hand\n")
    with pytest.raises(
        DedupError, match="was changed since it was written, or is not ours"
    ) as caught:
        run_over(root, {"a.txt": NEW})
    assert caught.value.where == str(root / "a.txt")
    assert caught.value.hint == "--force replaces it"
    assert files(root) == {"a.txt": b"edited by hand\n"} and temporaries(root) == []
    assert run_over(root, {"a.txt": NEW}, force=True) == ["written"]
    assert files(root) == {"a.txt": NEW}


def test_a_file_of_others_with_the_same_bytes_is_fine(root: Path) -> None:
    (root / "a.txt").write_bytes(NEW)
    before = (root / "a.txt").stat()
    assert write(root, "a.txt", NEW) == "unchanged"
    assert (root / "a.txt").stat().st_ino == before.st_ino
    assert manifest.load(str(root)) == {"a.txt": {fingerprint(NEW)}}


def test_r10_a_file_that_appears_between_check_and_write_survives(root: Path) -> None:
    owned = check(root, "a.txt")
    (root / "a.txt").write_bytes(OLD)
    with pytest.raises(DedupError, match="is not ours"):
        write(root, "a.txt", NEW, owned=owned.get("a.txt", frozenset()))
    assert files(root) == {"a.txt": OLD}


def test_a_damaged_manifest_stops_the_run_unless_forced(root: Path) -> None:
    run_over(root, CONTENTS)
    with (root / MANIFEST).open("ab") as file:
        file.write(b"damage\n")
    with pytest.raises(DedupError, match="is not a JSON record") as caught:
        check(root, "new.txt")
    assert caught.value.hint == "--force starts a new one"
    run_over(root, CONTENTS, force=True)
    assert run_over(root, CONTENTS) == ["unchanged"] * 4


# Collisions (R12)


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("a", "b", "a"), "2: and 0 would both be written to {root}/a"),
        (("a/b", "a"), "0: needs a folder where 1 needs the file {root}/a"),
        (("a", "a/b/c"), "1: needs a folder where 0 needs the file {root}/a"),
        (("a/b", "a/b/c/d"), "1: needs a folder where 0 needs the file {root}/a/b"),
    ],
)
def test_r12_collisions_name_both_inputs(root: Path, names: tuple[str, ...], what: str) -> None:
    for force in (False, True):
        with pytest.raises(DedupError) as caught:
            check(root, *names, force=force, sources=("0", "1", "2")[: len(names)])
        assert str(caught.value) == what.format(root=root)
    assert os.listdir(root) == []


ALIKE = [("A.txt", "a.txt"), ("e\u0301", "\u00e9"), ("\u00c9/x", "e\u0301"), ("S/a", "s/A")]


@pytest.mark.parametrize("names", ALIKE)
def test_r12_names_that_this_disk_takes_for_one_are_refused(
    root: Path, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(root, *names)  # this disk tells them apart, or the next test is skipped
    monkeypatch.setattr(tree, "_equal_names", lambda root: (True, True))
    with pytest.raises(DedupError) as caught:
        check(root, *names)
    for name in names:
        assert f"in/{name}" in str(caught.value)


def test_r12_only_what_the_disk_does_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_equal_names", lambda root: (True, False))
    check(root, "e\u0301", "\u00e9")
    monkeypatch.setattr(tree, "_equal_names", lambda root: (False, True))
    check(root, "A", "a")


def test_r12_the_disk_is_asked_what_it_takes_for_one_name(root: Path) -> None:
    (root / "Case\u00e9").touch()
    facts = ((root / "cASE\u00e9").exists(), (root / normalize("NFD", "Case\u00e9")).exists())
    (root / "Case\u00e9").unlink()
    assert tree._equal_names(str(root)) == facts
    assert tree._equal_names(str(root / "not" / "there")) == facts
    assert os.listdir(root) == []


@pytest.mark.parametrize(("cases", "forms"), [(True, False), (False, True)])
def test_r12_a_disk_that_takes_names_for_one_is_recognised(
    root: Path, monkeypatch: pytest.MonkeyPatch, cases: bool, forms: bool
) -> None:
    """Played by a listing that compares as such a disk does."""

    def exists(path: str | os.PathLike[str]) -> bool:
        folder, name = os.path.split(os.fspath(path))
        known = [tree._folded(one, cases, forms) for one in os.listdir(folder)]
        return tree._folded(name, cases, forms) in known

    monkeypatch.setattr(os.path, "lexists", exists)
    assert tree._equal_names(str(root)) == (cases, forms)


# Names and things in the way (R20, R22, R27)

HOSTILE = ["../x", "a/../../x", "/x", "a\0b", "", "a//b", "./a", "a/.", "\ud800", ".dedup-x",
           "a/.dedup-manifest.jsonl", ".DEDUP-manifest.jsonl", ".dedup-x/a"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("force", [False, True])
def test_r27_names_that_lead_elsewhere_or_are_our_own_are_refused(
    root: Path, name: str, force: bool
) -> None:
    with pytest.raises(DedupError, match=r"^in/"):
        check(root, name, force=force)
    with pytest.raises(DedupError):
        write(root, name, NEW, owned=frozenset(), force=force)
    assert [*root.parent.rglob("*")] == [root]


def _link_to_a_folder(place: Path, victim: Path) -> None:
    place.symlink_to(victim)


def _relative_link(place: Path, victim: Path) -> None:
    place.symlink_to(os.path.relpath(victim, place.parent))


@pytest.mark.parametrize("plant", [_link_to_a_folder, _relative_link])
@pytest.mark.parametrize("sub", ["sub", "deep/sub"])
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.usefixtures("either_way")
def test_r22_a_planted_folder_link_is_not_followed(
    root: Path, plant: Callable[[Path, Path], None], sub: str, force: bool
) -> None:
    """Neither by the check nor, planted after it, by the writing; with ``--force`` no more."""
    victim = root.parent / "victim"
    victim.mkdir()
    name = f"{sub}/a.txt"
    check(root, name, force=force)
    (root / sub).parent.mkdir(exist_ok=True)
    plant(root / sub, victim)
    for refused in (
        lambda: check(root, name, force=force),
        lambda: write(root, name, NEW, owned=frozenset(), force=force),
        lambda: write(root, f"{sub}/new/a.txt", NEW, owned=frozenset(), force=force),
    ):
        with pytest.raises(DedupError, match="is a symbolic link, and is not followed") as caught:
            refused()
        assert caught.value.where == str(root / sub)
    assert os.listdir(victim) == []


def test_r22_a_link_planted_while_the_file_is_written_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was entered; putting a link in its place changes nothing any more."""
    victim, moved = root.parent / "victim", root.parent / "moved"
    victim.mkdir()
    (root / "sub").mkdir()
    made = temporary

    def plant(*arguments: object, **others: object) -> object:
        (root / "sub").rename(moved)
        (root / "sub").symlink_to(victim)
        return made(*arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(tree, "temporary", plant)
    write(root, "sub/a.txt", NEW)
    assert os.listdir(victim) == []
    assert files(moved) == {"a.txt": NEW}


def test_r22_by_paths_a_link_planted_while_the_file_is_written_is_noticed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = root.parent / "victim"
    victim.mkdir()
    listed = manifest.listed

    def plant(*arguments: str) -> object:
        (root / "sub").rename(root.parent / "moved")
        (root / "sub").symlink_to(victim)
        return listed(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(inside, "HAS_DIR_FD", False)
    monkeypatch.setattr(manifest, "listed", plant)
    with pytest.raises(DedupError, match="is a symbolic link, and is not followed"):
        write(root, "sub/a.txt", NEW)
    assert os.listdir(victim) == []


def test_r22_a_link_where_a_file_must_go_is_not_followed(root: Path) -> None:
    victim = root.parent / "victim.txt"
    victim.write_bytes(OLD)
    (root / "a.txt").symlink_to(victim)
    for force in (False, True):
        with pytest.raises(DedupError, match=r"a\.txt: is a symbolic link, and is not followed"):
            check(root, "a.txt", force=force)
        with pytest.raises(DedupError, match=r"a\.txt: is a symbolic link, and is not followed"):
            write(root, "a.txt", NEW, owned=frozenset({fingerprint(OLD)}), force=force)
    assert victim.read_bytes() == OLD and (root / "a.txt").is_symlink()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (Path.mkdir, "is a folder, and in/x needs a file there"),
        (os.mkfifo, "is no regular file, and in/x needs a file there"),
        (_socket, "is no regular file, and in/x needs a file there"),
    ],
)
def test_r20_what_is_no_file_is_not_replaced(
    tmp_path: Path, make: Callable[[Path], None], what: str
) -> None:
    make(tmp_path / "x")
    before = (tmp_path / "x").lstat()
    with pytest.raises(DedupError) as caught:
        check(tmp_path, "x", force=True)
    assert (caught.value.where, caught.value.what) == (str(tmp_path / "x"), what)
    with pytest.raises(DedupError, match="x: "):
        write(tmp_path, "x", NEW, owned=frozenset(), force=True)
    assert os.path.samestat((tmp_path / "x").lstat(), before)


@pytest.mark.usefixtures("either_way")
def test_a_file_where_a_folder_must_go_is_refused(root: Path) -> None:
    (root / "a").write_bytes(OLD)
    with pytest.raises(DedupError, match="is not a folder, and in/a/b needs one there"):
        check(root, "a/b", force=True)
    with pytest.raises(DedupError, match="a: is not a folder"):
        write(root, "a/b", NEW, owned=frozenset(), force=True)
    assert files(root) == {"a": OLD}


def test_a_root_that_is_no_folder_is_refused(root: Path) -> None:
    (root / "file").write_bytes(OLD)
    (root / "dangling").symlink_to("nowhere")
    for name in ("file", "dangling"):
        with pytest.raises(DedupError, match="is not a folder"):
            check(root / name, "a")
        with pytest.raises(DedupError):
            write(root / name, "a", NEW)
    assert files(root) == {"file": OLD} and not (root / "nowhere").exists()


def test_r25_long_and_deep_names_are_written_or_named(root: Path) -> None:
    """A path that no single call could name is written folder by folder."""
    names = ["n" * 255, "/".join(["d" * 200] * 25), "x" * 256, "y" * 256 + "/a"]
    check(root, *names)
    assert write(root, names[0], NEW) == "written"
    assert write(root, names[1], NEW) == "written"
    for name in names[2:]:
        with pytest.raises(DedupError, match="File name too long"):
            write(root, name, NEW)


def test_r28_ten_thousand_nested_folders_are_checked_without_recursion(root: Path) -> None:
    name = "d/" * 10_000 + "a"
    check(root, name)
    check(root, "d/e", name)


# What a written file is like


@pytest.mark.parametrize(("mode", "got"), [(0o644, 0o640), (0o600, 0o600), (0o777, 0o750)])
def test_a_new_file_gets_the_mode_of_its_input_as_cp_gives_it(
    root: Path, mode: int, got: int
) -> None:
    model = root.parent / "model.txt"
    model.touch()
    model.chmod(mode | stat.S_ISVTX)
    mask = os.umask(0o027)
    try:
        write(root, "a.txt", NEW, model=model)
        write(root, "b.txt", NEW)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == got
    assert stat.S_IMODE((root / "b.txt").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_own_attributes(root: Path) -> None:
    model = root.parent / "model.txt"
    model.touch(0o644)
    write(root, "sub/a.txt", OLD, model=model)
    (root / "sub" / "a.txt").chmod(0o604)
    try:
        os.setxattr(root / "sub" / "a.txt", "user.note", b"kept")
    except OSError:
        pytest.skip("no extended attributes here")
    write(root, "sub/a.txt", NEW, model=model)
    assert stat.S_IMODE((root / "sub" / "a.txt").stat().st_mode) == 0o604
    assert os.getxattr(root / "sub" / "a.txt", "user.note") == b"kept"


def test_r26_an_input_that_vanished_fails_its_own_file_only(root: Path) -> None:
    """Its mode may have been private, so none is guessed."""
    with pytest.raises(DedupError, match=r"gone\.txt: No such file or directory"):
        write(root, "a.txt", NEW, model=root.parent / "gone.txt")
    assert write(root, "b.txt", NEW) == "written"
    assert files(root) == {"b.txt": NEW} and temporaries(root) == []


def test_r23_temporary_names_are_random_and_private(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    replace = os.replace

    def look(made: str, place: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        assert os.listdir(src_dir_fd).count(made) == 1
        seen.append(made)
        replace(made, place, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    modes: list[int] = []
    write_all = os.write

    def first_mode(descriptor: int, data: bytes) -> int:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return write_all(descriptor, data)

    monkeypatch.setattr(os, "replace", look)
    manifest.append(str(root), "z", fingerprint(b""))
    monkeypatch.setattr(os, "write", first_mode)
    write(root, "a/b.txt", NEW)
    write(root, "a/b.txt", OLD)
    assert len(set(seen)) == 2 and all(name.startswith(".dedup-") for name in seen)
    assert modes[0] == modes[2] == 0o600


# Runs that end early, and runs at the same time (R02, R15)

WRITER = """
import sys
from dedup.files import manifest, tree
root, text, count, names = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
failed = 0
for number in range(count):
    for name in [f"{'abc'[n % 3]}/{n}.txt" for n in range(names)]:
        owned = manifest.load(root).get(name, frozenset())
        data = f"{text} {number} {name}\\n".encode() * 200
        try:
            tree.write(root, name, data, model=None, owned=owned, force=False)
        except manifest.DedupError as problem:
            assert "is not ours" in str(problem), problem
            failed += 1
    manifest.settle(root, [])
print(failed)
"""


def writer(root: Path, text: str, count: int, names: int = 9) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(root), text, str(count), str(names)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_whole(data: bytes, name: str, texts: tuple[str, ...]) -> bool:
    """Whether it is one of the contents that the writers give the file, from end to end."""
    first = data.partition(b"\n")[0] + b"\n"
    known = any(first.startswith(text.encode() + b" ") for text in texts)
    return known and first.endswith(f" {name}\n".encode()) and data == first * 200


def test_r02_a_kill_at_any_moment_leaves_whole_files_that_are_ours(root: Path) -> None:
    pick = random.Random(2)
    for number in range(30):
        process = writer(root, f"round {number}", 10_000)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(pick.uniform(0.001, 0.03))
        process.kill()
        process.communicate()
        written = files(root)
        for name, data in written.items():
            assert is_whole(data, name, ("round",)), (number, name)
        owned = check(root, *written)  # nothing is taken for somebody else's
        for name, data in written.items():
            assert fingerprint(data) in owned[name], (number, name)
    assert len(files(root)) == 9
    assert run_over(root, dict.fromkeys(files(root), NEW)) == ["written"] * 9


def test_r15_two_runs_on_one_folder_leave_whole_files_that_are_ours(root: Path) -> None:
    processes = [writer(root, text, 20) for text in ("one", "two", "three")]
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
    written = files(root)
    assert len(written) == 9 and temporaries(root) == []
    for name, data in written.items():
        assert is_whole(data, name, ("one", "two", "three")), name
        assert fingerprint(data) in manifest.load(str(root))[name]
    assert run_over(root, dict.fromkeys(written, NEW)) == ["written"] * 9


# Every call fails once (R01, R02)

CALLS = "openat,write,fchmod,flock,mkdirat,?rename,?renameat,?renameat2"
ONCE = """
import sys
from dedup.files import manifest, tree
root = sys.argv[1]
try:
    for name in ("a.txt", "sub/b.txt"):
        owned = manifest.load(root).get(name, frozenset())
        tree.write(root, name, b"new\\n" * 50, model=None, owned=owned, force=False)
    manifest.settle(root, ["a.txt", "sub/b.txt"])
except manifest.DedupError as problem:
    print(problem)
    sys.exit(2)
"""


def fresh(root: Path) -> Path:
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    write(root, "a.txt", OLD, owned=frozenset())
    return root


def calls_in(root: Path, strace: Trace) -> Iterator[Call]:
    """The calls of an undisturbed run that touch the output folder, from its first one on."""
    for warm in (True, False):
        run = strace(
            "-e", f"trace={CALLS}", dedup=[str(fresh(root))], warm=warm, program=("-c", ONCE)
        )
        assert run.returncode == 0, run.stderr
    assert files(root) == {"a.txt": NEW, "sub/b.txt": NEW}
    calls = [call for call in numbered(run.args) if str(root) in call.shown]
    assert {call.name for call in calls} >= {"openat", "write", "fchmod", "flock"}
    assert sum(call.name.startswith("rename") for call in calls) == 3
    return iter(calls)


def disturbed(
    root: Path, strace: Trace, call: Call, what: str
) -> subprocess.CompletedProcess[bytes]:
    inject = f"inject={call.name}:{what}:when={call.number}"
    options = ("-e", f"trace={call.name}", "-e", inject)
    return strace(*options, dedup=[str(fresh(root))], program=("-c", ONCE))


def assert_recoverable(root: Path, call: Call) -> None:
    left = files(root)
    assert left.keys() <= {"a.txt", "sub/b.txt"}, call
    assert left["a.txt"] in {OLD, NEW} and left.get("sub/b.txt", NEW) == NEW, call
    contents = {"a.txt": NEW, "sub/b.txt": NEW}
    run_over(root, contents)
    assert files(root) == contents, call
    assert manifest.load(str(root)) == {name: {fingerprint(NEW)} for name in contents}, call


@pytest.mark.faults
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_r01_a_failing_call_leaves_every_file_old_or_new(
    root: Path, strace: Trace, error: str
) -> None:
    for call in calls_in(root, strace):
        run = disturbed(root, strace, call, f"error={error}")
        assert [line for line in run.args if "(INJECTED)" in line and str(root) in line], call
        if run.returncode == 0:  # settling could not read a file and left all its digests
            assert call.name == "openat" and "O_RDONLY" in call.shown, call
        else:
            assert run.returncode == 2 and str(root).encode() in run.stdout, (call, run.stderr)
        assert temporaries(root) == [], call
        assert_recoverable(root, call)


@pytest.mark.faults
def test_r02_a_kill_at_any_call_leaves_every_file_old_or_new(root: Path, strace: Trace) -> None:
    for call in calls_in(root, strace):
        run = disturbed(root, strace, call, "signal=KILL")
        assert run.returncode in {-9, 137}, call
        assert_recoverable(root, call)
