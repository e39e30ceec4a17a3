"""Which encoding bytes are in, where nobody says: what the page declares, else what looks most like writing.

A guess can be wrong, most often between code pages of neighbouring languages, and the shorter the text the
more. The bytes come back whatever is guessed; only which letters count as equal depends on it.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from dedup.errors import DedupError
from dedup.extras import library
from dedup.files.formats import Kind, kind_of
from dedup.files.selection import is_binary

COMMON = (
    "cp1252 cp1251 cp932 euc_jp gb18030 cp949 big5 cp1250 cp1254 cp1256 cp1253 cp1255 cp1257 cp874"
).split()
"""What most text without a mark is in, if not in UTF-8: the code pages of Windows and East Asia. Of several in
which a text looks equally good and has as many letters the first one is taken."""

RARE = (
    "iso8859_2 koi8_r koi8_u iso8859_5 iso8859_7 iso8859_8 iso8859_6 iso8859_15 cp866 mac_roman mac_cyrillic "
    "cp850 cp852 cp437 cp1258"
).split()
"""What is guessed too: the rest of the web (WHATWG Encoding Standard) and DOS. EBCDIC is not guessed: it makes
words of too many bytes."""

WIDE = ("utf_16_le", "utf_16_be")

AS_GOOD = 0.1
"""How much more of a text may look like noise, of 1, for it to be in something common after all, if it has more
letters so. In Mac Roman the Finnish ä and ö are signs, and still it looks up to 0.08 better than in cp1252."""

SAMPLE_BYTES = 1 << 15
"""How much is looked at for a guess; whether it holds is tried on all bytes."""

DECLARED_WITHIN = 4096
"""Bytes of a page in which it says its encoding; the standard asks for 1,024."""

WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
}
"""What pages that declare one of these are written in, as browsers read them (WHATWG Encoding Standard)."""

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARED = re.compile(
    rb"""<(?:meta\b[^<>]*?\bcharset|\?xml\b[^<>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)


def guessed(data: bytes, name: str, kind: Kind | None = None) -> str:
    """Name of the codec of ``data``, which has no mark; ``DedupError`` at ``name`` if none can be told.

    What decodes as UTF-8 is taken for it, unless it looks like UTF-16 or UTF-32. What is named gives exactly
    these bytes again, unless nothing likely does. Needs charset-normalizer for what is neither UTF nor declared.
    """
    if wide := unmarked(data):
        return wide
    if is_written_as(data, "utf-8"):
        return "utf-8"
    if codec := declared(data, name, kind):
        return codec
    looks = _looks(data, name)
    if not looks:
        what = "its encoding cannot be guessed"
        raise DedupError(name, what, "name the encoding the file was written in with --encoding")
    return next(_written(data, looks), codecs.lookup(looks[0]).name)


def declared(data: bytes, name: str, kind: Kind | None = None) -> str:
    """The codec that the page of HTML says it is written in, if it is one and the bytes fit.

    ``kind``: what it is read as, if its name does not tell.
    """
    if (kind or kind_of(name)) != "html":
        return ""
    found = _DECLARED.search(_COMMENT.sub(b"", data[:DECLARED_WITHIN]))
    if found is None:
        return ""
    try:
        codec = codecs.lookup(found[1].decode("ascii", "replace")).name
    except LookupError:
        return ""
    is_known = codec in WIDER or codec.replace("-", "_") in (*COMMON, *RARE)
    return next(_written(data, (WIDER.get(codec, codec), codec)), "") if is_known else ""


def unmarked(data: bytes) -> str:
    """The codec if the bytes are UTF-16 or UTF-32 without a mark, told by the zeros; else empty.

    Text of most scripts in UTF-16 is valid UTF-8 too, full of zeros and control characters.
    """
    if b"\0" not in data:
        return ""
    sample = data[:SAMPLE_BYTES]
    wide = [codec for codec in ("utf-32-le", "utf-32-be") if _reads_well(sample, codec)]
    if not wide:
        wide = [codec for codec in ("utf-16-le", "utf-16-be") if _reads_well(sample, codec)]
    best = max(wide, key=lambda codec: _small(sample.decode(codec, "ignore")), default="")
    return best if best and is_written_as(data, best) else ""


def _reads_well(sample: bytes, codec: str) -> bool:
    """Whether it is text in this codec: no control characters or unassigned ones; and in UTF-16, as which
    almost any bytes can be read, nine of ten characters in two rows of Unicode, one of them Latin-1."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)  # its last one may be cut
    except UnicodeDecodeError:
        return False
    rows = Counter(ord(character) >> 8 for character in text)
    (_, most), *others = rows.most_common(2) or [(0, 0)]
    near = most + sum(count for _, count in others)
    odd = {"Cc", "Cn", "Co", "Cs"}
    is_odd = any(unicodedata.category(each) in odd for each in set(text) - set("\t\n\r\f"))
    is_near = codec.startswith("utf-32") or (0 in rows and 10 * near >= 9 * len(text))
    return bool(text) and is_near and not is_odd


def _small(text: str) -> int:
    """How many characters are of Latin-1, as blanks and full stops are in most scripts."""
    return sum(character < "\u0100" for character in text)


def _looks(data: bytes, name: str) -> list[str]:
    """The codecs in which the text looks like writing, best first."""
    normalizer = library("charset_normalizer", "--encoding auto", name)
    sample = _telling(data)
    if japanese := _with_kana(sample):
        return [japanese]  # nothing else would do, should some bytes not fit
    known = [*COMMON, *RARE, *WIDE]
    found: list[Any] = [
        *normalizer.from_bytes(
            sample, steps=10, chunk_size=1024, cp_isolation=known, preemptive_behaviour=False
        )
    ]
    if not found:
        return []
    best, is_rare = found[0], found[0].encoding in RARE
    as_good = {
        codec
        for match in found
        if match.chaos <= best.chaos + AS_GOOD * is_rare
        and (is_rare or match.coherence >= best.coherence)
        for codec in match.could_be_from_charset  # the same text in all of them
    }
    letters = {codec: _cased(sample, codec) for codec in COMMON if codec in as_good}
    least = _cased(sample, best.encoding) + 1 if is_rare else 0
    first = sorted(
        (each for each in letters if letters[each] >= least), key=lambda each: -letters[each]
    )
    rest = [match.encoding for match in found if match.chaos <= best.chaos + AS_GOOD]
    return [*first, *rest]


def _with_kana(sample: bytes) -> str:
    """The codec of Japanese, in which kana are half the text and no other language has any; else empty.

    A sentence or two of it are taken for Korean otherwise: those bytes are syllables there.
    """
    for codec in ("cp932", "euc_jp"):
        try:
            beyond = [each for each in sample.decode(codec) if each > "\x7f"]
        except UnicodeDecodeError:
            continue
        if 5 * sum("\u3041" <= each <= "\u30ff" for each in beyond) >= len(beyond):
            return codec
    return ""


def _cased(sample: bytes, codec: str) -> int:
    """How many letters there are: between code pages, what is a letter in one is a sign in another."""
    return sum(
        each > "\x7f" and unicodedata.category(each) in ("Ll", "Lu")
        for each in sample.decode(codec, "ignore")
    )


def _telling(data: bytes) -> bytes:
    """The lines that tell something, if not all are looked at: in a long English text that may be few.

    They end at a blank or a line end, which are no part of longer characters, if there is one.
    """
    if len(data) <= SAMPLE_BYTES:
        return data
    if b"\0" in data:  # perhaps UTF-16, which has other line ends
        return data[: 32 * SAMPLE_BYTES]
    lines: list[bytes] = []
    size = 0
    for line in re.finditer(rb"[^\n]*\n?", data):
        if not line[0].isascii():
            lines.append(line[0])
            size += len(line[0])
        if size > SAMPLE_BYTES:
            break
    sample = b"".join(lines)
    end = max(sample.rfind(blank, 0, SAMPLE_BYTES) for blank in (b"\n", b" "))
    return sample[: end + 1] or sample


def _written(data: bytes, names: Iterable[str]) -> Iterator[str]:
    """Those of the codecs that give exactly these bytes again, under Python's name."""
    for name in names:
        if is_written_as(data, name):
            yield codecs.lookup(name).name


def is_written_as(data: bytes, codec: str) -> bool:
    """Whether the bytes decode, and the text encodes to exactly these bytes again."""
    try:
        return data.decode(codec).encode(codec) == data
    except (UnicodeError, LookupError):
        return False


def hint(data: bytes, name: str, place: int) -> str:
    """What to try with bytes that are not UTF-8 from ``place`` on, told without any library."""
    sample = data[max(0, place - SAMPLE_BYTES) : place + SAMPLE_BYTES]
    if codec := unmarked(data):
        return f"--encoding {codec}"
    if codec := declared(data, name):
        return f"--encoding {codec}, which the page declares"
    if is_binary(data):
        return "it looks binary, and only texts are cleaned"
    if data.startswith(codecs.BOM_UTF8) or _is_damaged_utf_8(sample):
        return "--errors preserve to keep the bytes as they are"
    return f"--encoding {'cp1252' if _is_western(sample) else 'NAME'}, or --encoding auto to guess"


def _is_damaged_utf_8(sample: bytes) -> bool:
    """Whether more is valid than not: by chance, letters of other encodings seldom are."""
    text = sample.decode("utf-8", "surrogateescape")
    invalid = sum("\udc80" <= character <= "\udcff" for character in text)
    valid = sum(character > "\x7f" for character in text) - invalid
    return valid > invalid or bool(_NOT_QUITE.fullmatch(sample))


_NOT_QUITE = re.compile(
    rb"(?:[\x00-\x7f]|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf][\x80-\xbf]"
    # Spelled out: before Python 3.11.5 a possessive group keeps what a failed repeat in it took (gh-106052).
    rb"|[\xf0-\xf7][\x80-\xbf][\x80-\xbf][\x80-\xbf])*+"
    rb"(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf7][\x80-\xbf]{1,2})?"
)
"""UTF-8 but for values that it does not allow, surrogates and longer forms, or cut off at the end."""


def _is_western(sample: bytes) -> bool:
    """Whether it could be in cp1252: all bytes are defined there, and two letters beyond ASCII are seldom side
    by side, as they are in every script but Latin, whatever the encoding."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    alone = sum(len(run) == 1 for run in runs)
    return is_written_as(sample, "cp1252") and 2 * alone > len(runs)
