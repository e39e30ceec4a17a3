"""Compressed files: read whole or refused, written the same every time, in bounded memory. R42, R43."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.extras import library
from dedup.files import unpacking
from dedup.files.packing import Opened, Writer, opened, packed, unpacked
from dedup.files.unpacking import Kind, kind_of
from tests import prose

zstandard = library("zstandard", ".zst")
KINDS: tuple[Kind, ...] = ("gz", "zst")
TEXT = "\n\n".join(prose.paragraphs(40, 7)).encode()
LARGE = 1 << 30
MIB = 1 << 20

pack: dict[Kind, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
"""Packed by other hands than ours."""


def read(data: bytes, max_size: int = LARGE) -> bytes:
    return opened(io.BytesIO(data), "a.gz", max_size).read()


def refusal(data: bytes, max_size: int = LARGE) -> DedupError:
    with pytest.raises(DedupError) as caught:
        read(data, max_size)
    assert caught.value.where == "a.gz"
    assert "\n" not in str(caught.value) + caught.value.hint
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(300_000), Random(1).randbytes(300_000)])
def test_packed_bytes_are_unpacked(kind: Kind, data: bytes) -> None:
    for whole in (pack[kind](data), packed(data, kind)):
        stream = opened(io.BytesIO(whole), "a.gz", LARGE)
        assert isinstance(stream, Opened) and stream.kind == kind
        assert stream.read() == unpacked(whole, kind, "a.gz", LARGE) == data


def test_other_programs_unpack_what_we_pack() -> None:
    assert gzip.decompress(packed(TEXT, "gz")) == TEXT
    frame = zstandard.ZstdDecompressor().decompressobj()
    assert frame.decompress(packed(TEXT, "zst")) == TEXT and frame.eof


@pytest.mark.parametrize(
    "data", [b"", b"P", b"\x1f", b"(\xb5/", b"Plain text, at length.\n" * 9999]
)
def test_what_is_not_packed_passes_through(data: bytes) -> None:
    stream = opened(io.BytesIO(data), "a.gz", LARGE)
    assert stream.kind == ""
    assert stream.read() == data
    assert packed(data, "") == unpacked(data, "", "a.gz", LARGE) == data


@pytest.mark.parametrize("kind", KINDS)
def test_r43_what_is_packed_twice_is_unpacked_once(kind: Kind) -> None:
    inner = pack["gz"](TEXT)
    assert read(pack[kind](inner)) == inner


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_a_pipe_is_read_by_lines_without_seeking(kind: Kind) -> None:
    reader, writer = os.pipe()
    sending = threading.Thread(target=lambda: _send(writer, packed(TEXT, kind)))
    sending.start()
    with open(reader, "rb", buffering=0) as pipe:
        stream = opened(pipe, "-", LARGE)
        assert stream.kind == kind and not stream.seekable()
        assert [*stream] == TEXT.splitlines(keepends=True)
        stream.close()
        assert not pipe.closed
    sending.join()


def _send(descriptor: int, data: bytes) -> None:
    with open(descriptor, "wb") as pipe:
        for at in range(0, len(data), 777):
            pipe.write(data[at : at + 777])
            pipe.flush()


@pytest.mark.parametrize("kind", KINDS)
def test_r43_members_and_frames_are_joined(kind: Kind) -> None:
    assert read(pack[kind](b"one ") + packed(b"", kind) + pack[kind](b"two")) == b"one two"


@pytest.mark.parametrize("zeros", [1, 2, 7, 40_000])
def test_r43_zeros_behind_gzip_members_are_ignored(zeros: int) -> None:
    padded = pack["gz"](b"one ") + bytes(zeros) + pack["gz"](b"two") + bytes(zeros)
    assert read(padded) == gzip.decompress(padded) == b"one two"


@pytest.mark.parametrize("kind", KINDS)
def test_r43_what_is_cut_off_is_refused_wherever_it_is_cut(kind: Kind) -> None:
    first, second = packed(TEXT[:2000], kind), packed(TEXT[2000:4000], kind)
    for end in range(4, len(first + second)):
        if end != len(first):
            problem = refusal((first + second)[:end])
            assert problem.what == "is cut off: its packed data has no end"
    assert problem.hint.startswith("gzip -dc" if kind == "gz" else "zstd -dc")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tail", [b"x", b"\n", b"\x1e\x8b", b"plain text" * 9999])
def test_r43_garbage_behind_packed_data_is_refused_with_its_place(kind: Kind, tail: bytes) -> None:
    whole = packed(TEXT, kind)
    what = f"is damaged: from byte {len(whole)} on it is no packed data"
    assert refusal(whole + tail).what == what


def test_zeros_behind_zstd_frames_are_garbage() -> None:
    """As they are for ``zstd`` itself."""
    assert refusal(packed(TEXT, "zst") + b"\0").what.endswith("it is no packed data")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [-1, -3, 500])
def test_r43_damaged_data_is_refused(kind: Kind, place: int) -> None:
    whole = bytearray(packed(TEXT, kind))
    whole[place] ^= 0x10
    assert refusal(bytes(whole)).what.startswith("is damaged: its packed data is not valid near")


def test_an_error_comes_again_and_is_never_the_end() -> None:
    stream = opened(io.BytesIO(packed(TEXT, "gz")[:-1]), "a.gz", LARGE)
    assert stream.read1(100) == TEXT[:100]
    for _ in range(3):
        with pytest.raises(DedupError, match="cut off"):
            stream.read()


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_the_largest_size_counts_unpacked_bytes(kind: Kind) -> None:
    data = packed(bytes(MIB), kind)
    assert len(read(data, MIB)) == MIB
    problem = refusal(data, MIB - 1)
    assert problem.what == "is larger than 1048575"
    assert problem.hint == "--max-size sets how much is read"
    assert refusal(packed(bytes(2 * MIB), kind), MIB).what == "is larger than 1MiB"


class Endless(io.RawIOBase):
    """Some bytes, and then others again and again."""

    def __init__(self, first: bytes, then: bytes) -> None:
        self._first, self._then = first, then

    def read(self, size: int = -1) -> bytes:
        self._first, data = b"", self._first
        return data or (self._then * (1 + size // len(self._then)))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"plain", b"text"),
        (packed(TEXT, "gz"), b"\0"),
        (b"", packed(b"", "gz")),
        (b"", packed(b"", "zst")),
        (b"\x28\xb5\x2f\xfd\x00\x58", b"\0\0\0"),
        (b"\x50\x2a\x4d\x18\xff\xff\xff\xff", b"\0"),
    ],
    ids=["text", "padding", "members", "frames", "blocks", "skippable"],
)
def test_a_stream_without_end_is_refused_even_if_nothing_comes_of_it(
    first: bytes, then: bytes
) -> None:
    endless: BinaryIO = Endless(first, then)  # type: ignore[assignment]
    with pytest.raises(DedupError, match="is larger than 256KiB"):
        opened(endless, "-", 1 << 18).read()


@pytest.mark.parametrize("kind", KINDS)
def test_r42_a_bomb_is_stopped_by_its_ratio(kind: Kind) -> None:
    bomb = packed(bytes(100 * MIB), kind)
    stream = opened(io.BytesIO(bomb), "a.gz", LARGE)
    for _ in range(63):
        assert stream.read(MIB) == bytes(MIB)
    with pytest.raises(DedupError) as caught:
        stream.read(2 * MIB)
    assert caught.value.what == "holds more than 1,000 times its packed size"
    assert caught.value.hint == "it may be a bomb; if you trust it, unpack it first"


@pytest.mark.parametrize("kind", KINDS)
def test_r42_up_to_64_mib_no_ratio_is_too_high(kind: Kind) -> None:
    assert len(read(packed(bytes(64 * MIB), kind))) == 64 * MIB


def frame_header(window_log: int) -> bytes:
    return unpacking.ZST_MAGIC + bytes([0, (window_log - 10) << 3])


def test_r42_a_zstd_window_may_take_128_mib_and_no_more() -> None:
    block = b"\x19\0\0abc"  # the last one, raw, of 3 bytes
    assert read(frame_header(27) + block) == b"abc"
    problem = refusal(frame_header(31) + block)
    assert problem.what == "needs 2048MiB of memory to unpack; 128MiB is the most"
    assert problem.hint == "if you trust it, unpack it first"


def test_a_frame_that_needs_a_dictionary_is_refused() -> None:
    words = zstandard.ZstdCompressionDict(TEXT, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    assert read(zstandard.ZstdCompressor(dict_data=words).compress(b"")) == b""
    trained = zstandard.train_dictionary(2000, [TEXT[at : at + 100] for at in range(len(TEXT))])
    frame = zstandard.ZstdCompressor(dict_data=trained).compress(TEXT)
    assert refusal(frame).what == "was packed with a dictionary"


def test_frames_without_data_are_left_out() -> None:
    skippable = b"\x5d\x2a\x4d\x18\x03\0\0\0abc"
    whole = skippable + packed(b"one ", "zst") + skippable + packed(b"two", "zst") + skippable
    assert kind_of(whole) == "zst"
    assert read(whole) == b"one two"
    assert "cut off" in refusal(skippable[:-1]).what


def test_r43_gzip_output_has_no_name_time_or_system(tmp_path: Path) -> None:
    with open(tmp_path / "named.txt.gz", "wb") as target:
        writer = Writer(target, "gz")
        writer.write(TEXT)
        writer.close()
    data = (tmp_path / "named.txt.gz").read_bytes()
    assert data[:10] == b"\x1f\x8b\x08\0" + bytes(4) + b"\0\xff"
    assert data == packed(TEXT, "gz")


@given(st.lists(st.integers(0, 3000), max_size=6), st.sampled_from(["", *KINDS]))
def test_the_sizes_that_are_written_change_nothing(sizes: list[int], kind: Kind) -> None:
    target = io.BytesIO()
    writer = Writer(target, kind)
    position = 0
    for size in sizes:
        writer.write(TEXT[position : position + size])
        position += size
    writer.write(TEXT[position:])
    writer.close()
    assert not target.closed
    assert target.getvalue() == packed(TEXT, kind)


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_a_cut_begins_a_new_member_or_frame(kind: Kind) -> None:
    target = io.BytesIO()
    writer = Writer(target, kind)
    for text in (b"first", b"second"):
        writer.cut()
        writer.write(text)
        writer.cut()
        writer.cut()
    writer.close()
    assert target.getvalue() == packed(b"first", kind) + packed(b"second", kind)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_packed_as_an_empty_file(kind: Kind) -> None:
    target = io.BytesIO()
    Writer(target, kind).close()
    assert kind_of(target.getvalue()) == kind
    assert read(target.getvalue()) == b""


def test_zst_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    problem = refusal(unpacking.ZST_MAGIC + bytes(20))
    assert problem.what == '.zst needs the extra "zst"'
    with pytest.raises(DedupError, match=r'b.zst: \.zst needs the extra "zst"'):
        Writer(io.BytesIO(), "zst", "b.zst")
    assert read(pack["gz"](b"text")) == b"text"


def test_a_stream_that_fails_is_not_a_file_that_ends() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 1000:
                raise OSError("no longer there")
            return super().read(1001)

    stream = opened(Broken(Random(1).randbytes(3000)), "-", LARGE)
    for _ in range(2):
        with pytest.raises(OSError, match="no longer there"):
            stream.read()


PIECES = [packed(b"a\n", "gz"), packed(TEXT[:300], "gz"), packed(TEXT[:300], "zst"), bytes(3)]
PIECES += [pack["zst"](b""), b"P*M\x18\x02\0\0\0ab", unpacking.ZST_MAGIC, frame_header(20), b"text"]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 3))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@given(st.binary(max_size=60) | mutated())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        held = read(data, 1 << 20)
    except DedupError:
        assert kind_of(data), "only what is packed can be damaged"
        refusal(data, 1 << 20)
        return
    kind = kind_of(data)
    again = packed(held, kind)
    assert unpacked(again, kind, "", LARGE) == held


@given(mutated().filter(lambda data: kind_of(data) == "gz"))
def test_gzip_is_refused_exactly_where_python_refuses_it(data: bytes) -> None:
    try:
        expected: bytes | None = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        expected = None
    try:
        held: bytes | None = read(data)
    except DedupError:
        held = None
    assert held == expected


PEAK = """
import sys
from random import Random
from benchmarks.hostile import peak_memory
from dedup.errors import DedupError
from dedup.files.packing import Writer, opened, packed, unpacked

kind, path, said, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), 200_000_000
unpacked(packed(b"text", kind), kind, "", 100)  # loads what it takes
before, taken = peak_memory(), 0
with open(path, "wb") as target:
    writer = Writer(target, kind)
    for number in range(size // 65536):
        writer.write((Random(number).randbytes(said) + bytes(65536))[:65536])
    writer.close()
try:
    with open(path, "rb") as file:
        stream = opened(file, path, 1 << 30)
        while part := stream.read(1 << 16):
            taken += len(part)
except DedupError as problem:
    print(problem.what, end=": ")
print(taken, peak_memory() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak is that of the parent too")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", [0, 300])
def test_r42_memory_does_not_grow_with_what_is_packed(
    tmp_path: Path, kind: Kind, said: int
) -> None:
    """200 MB of zeros, which are a bomb, and as many with something in between, which are read to the end."""
    program = [sys.executable, "-c", PEAK, kind, str(tmp_path / "packed"), str(said)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=True)
    *problem, rest = done.stdout.split(": ")
    taken, peak = map(int, rest.split())
    assert problem == ([] if said else ["holds more than 1,000 times its packed size"])
    assert taken == 200_000_000 // 65536 * 65536 if said else taken < 66 * MIB
    assert peak < 16 * MIB, "what the packers themselves need: windows and tables"
