"""Any bytes under any suffix: exit 0, 1 or 2, no traceback, nothing lost. I13, R35, R43, R45, R46."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.cli import main
from tests import many, written
from tests.conftest import Run

TEXTS = [old for old, _ in many.texts(6).values()]
PAGE = "".join(f"<p>{line}</p>\n" for line in TEXTS[1].splitlines() if line) * 2
WHOLE = {
    **{suffix: written.write(suffix, TEXTS) for suffix in ("jsonl", "csv", "tsv", "wet")},
    **{f"{suffix}.gz": written.write(f"{suffix}.gz", TEXTS) for suffix in ("jsonl", "wet")},
    "csv.zst": written.write("csv.zst", TEXTS),
    "html": PAGE.encode(),
    "txt": "\n".join(TEXTS).encode(),
    "txt.gz": written.PACKINGS[".gz"][0]("\n".join(TEXTS).encode()),
}
"""Good files that are then damaged."""

PARTS = [b"\n", b"\r\n", b'"', b"\\", b"{", b"}", b"<p>", b"</p>", b"<!--", b"\0", b"\xff", b"\xef"]
PARTS += [b"WARC/1.0\r\n", b"Content-Length: 5\r\n", b"\r\n\r\n", b"text", b",", b"\t", b"\xff\xfe"]


CLEANUP = ("--fix-text", "--normalize-space", "--strip-links", "--strip-share-cards")
AUTO, EXTRACT = ("--encoding", "auto"), ("--html-input", "extract")
FLAGS = [("--errors", "strict"), ("--errors", "preserve"), CLEANUP, AUTO, EXTRACT]


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Files of which a part is missing, written twice, or something else."""
    places = st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))
    insertion = st.one_of(st.binary(max_size=20), st.sampled_from(PARTS))

    def damage(place: tuple[int, int], new: bytes, again: bool) -> bytes:
        start, end = sorted(place)
        return whole[:start] + new + whole[start if again else end :]

    return st.builds(damage, places, insertion, st.booleans())


def of(suffix: str) -> st.SearchStrategy[bytes]:
    """Bytes for a file of this suffix: good ones with damage, and anything."""
    parts = st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=8)), max_size=30)
    return st.one_of(damaged(WHOLE[suffix]), parts.map(b"".join))


@pytest.mark.parametrize("suffix", WHOLE)
def test_any_bytes(suffix: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    number = iter(range(1 << 30))

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(of(suffix), st.sampled_from(FLAGS), st.booleans())
    def check(data: bytes, flags: tuple[str, ...], planned: bool) -> None:
        with tempfile.TemporaryDirectory(prefix=f"{next(number)}-") as folder:
            _check(Path(folder), suffix, data, flags, planned)
        _, err = capfdbinary.readouterr()
        assert b"Traceback" not in err and b"internal error" not in err, err

    check()


def _check(folder: Path, suffix: str, data: bytes, flags: tuple[str, ...], planned: bool) -> None:
    path, out, plan, back = (folder / name for name in (f"a.{suffix}", "out", "plan", "back"))
    path.write_bytes(data)
    given = [*flags, "--isolated", *(["--plan", str(plan)] * planned)]
    status = main(["clean", str(path), "-o", str(out), *given])
    assert status in (0, 2)
    assert path.read_bytes() == data
    if not out.exists():
        assert status == 2
        return
    if flags == EXTRACT and suffix == "html":
        return  # a conversion
    if flags != AUTO:  # another text may be taken for another encoding
        _again(folder, suffix, out.read_bytes(), flags)
    if planned:
        assert main(["restore", str(out), "--plan", str(plan), "-o", str(back)]) == 0
        assert _said(back.read_bytes()) == _said(data)


def _again(folder: Path, suffix: str, once: bytes, flags: tuple[str, ...]) -> None:
    """I4: what was cleaned is clean."""
    path, out = folder / f"again.{suffix}", folder / "again"
    path.write_bytes(once)
    assert main(["clean", str(path), "-o", str(out), "--isolated", *flags]) in (0, 2)
    assert out.read_bytes() == once


def _said(data: bytes) -> bytes:
    from dedup.files.unpacking import kind_of

    return written.PACKINGS[{"gz": ".gz", "zst": ".zst", "": ""}[kind_of(data[:4])]][1](data)


def test_any_bytes_of_parquet(tmp_path: Path, run_dedup: Run) -> None:
    """In a process of its own, which the library could end."""
    random = Random(5)
    whole = written.write("parquet", TEXTS)
    made = {"whole": whole}
    for number in range(80):
        start, end = sorted(random.randrange(len(whole)) for _ in range(2))
        new = random.choice([b"", random.randbytes(4), whole[start:end]])
        made[f"{number:02}"] = (
            whole[:start] + new + whole[start + len(new) if number % 2 else end :]
        )
        made[f"any{number:02}"] = b"PAR1" + random.randbytes(number) + b"PAR1"
    for name, data in made.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"in/{name}.parquet").write_bytes(data)
    ran = run_dedup("clean", "in", "-o", "out", "--plan", "p", cwd=tmp_path)
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr and b"internal error" not in ran.stderr
    assert many.tree(tmp_path / "in") == {f"{name}.parquet": data for name, data in made.items()}
    assert "whole.parquet" in many.tree(tmp_path / "out")
