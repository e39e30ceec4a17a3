"""Which encoding bytes are in: marks, UTF-8, what a page declares, a guess; and what a refusal suggests."""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.files import guess
from dedup.files.decode import decode, encode
from tests import prose
from tests.files.sources import read_file

GERMAN = "Am Morgen lag Nebel über dem Fluß, und die Fähre fuhr später als sonst. „Heute wird es schön“, sagte sie."
FRENCH = "Le château dormait encore quand le facteur arriva, essoufflé, une lettre à la main. « C’est de très loin. »"
SPANISH = "El niño corrió hacia la montaña mientras su abuela preparaba el café. ¿Adónde vas tan rápido?, preguntó."
SWEDISH = (
    "På morgonen låg dimman över älven och färjan kom en timme för sent. Den gamle satt på bryggan."
)
PORTUGUESE = "De manhã havia nevoeiro sobre o rio, e a balsa chegou uma hora atrasada. O velho não se importava."
POLISH = "Wczoraj wieczorem zgasło światło w całej dzielnicy, więc sąsiedzi wyszli na podwórze ze świecami."
CZECH = "Příliš žluťoučký kůň stál u plotu a díval se, jak sedlák opravuje střechu. Včera v noci přišla bouřka."
TURKISH = (
    "Sabahleyin nehrin üzerinde sis vardı ve vapur bir saat gecikti. Yaşlı adam iskelede oturmuş, çocuğa eskiden "
    "burada nasıl balık tutulduğunu anlatıyordu. Çocuk bu öyküyü daha önce defalarca duymuştu, yine de dikkatle "
    "dinledi. Güneş çıkınca sepetleri aldılar ve köye doğru yürüdüler."
)
HUNGARIAN = "Reggel köd ült a folyó fölött, és a komp egy teljes órát késett. Az öreg a mólón ült, őszi csöndben."
RUSSIAN = (
    "Утром над рекой стоял туман, и паром опоздал на целый час. Старик сидел на пристани и курил."
)
GREEK = "Το πρωί υπήρχε ομίχλη πάνω από το ποτάμι και το πλοίο άργησε μία ώρα. Ο γέρος καθόταν στην προβλήτα."
HEBREW = (
    "בבוקר עמד ערפל מעל הנהר והמעבורת איחרה בשעה שלמה. הזקן ישב על המזח וסיפר לילד איך דגו כאן פעם."
)
ARABIC = "في الصباح الباكر كان الضباب يغطي النهر، فتأخرت العبارة ساعة كاملة. جلس الرجل العجوز على الرصيف."
JAPANESE = "朝早く、川の上には霧が立ちこめていた。渡し船はいつもより遅れて岸に着き、漁師たちは静かに網を下ろした。"
CHINESE = "清晨，河面上飘着薄雾，渡船比平时晚了一个小时。老人坐在码头上，一边抽烟，一边给孩子讲从前的故事。"
TAIWAN = "清晨，河面上飄著薄霧，渡船比平時晚了一個小時。老人坐在碼頭上，一邊抽煙，一邊給孩子講從前的故事。"
KOREAN = "이른 아침 강 위에는 안개가 자욱했고, 나룻배는 평소보다 한 시간이나 늦게 도착했다. 노인은 부두에 앉았다."

WRITTEN = [
    (GERMAN, "cp1252"),
    (GERMAN, "cp850"),
    (FRENCH, "cp1252"),
    (FRENCH, "mac_roman"),
    (SPANISH, "latin_1"),
    (SWEDISH, "cp1252"),
    (PORTUGUESE, "cp1252"),
    (POLISH, "cp1250"),
    (POLISH, "iso8859_2"),
    (CZECH, "cp1250"),
    (TURKISH, "cp1254"),
    (RUSSIAN, "cp1251"),
    (RUSSIAN, "koi8_r"),
    (RUSSIAN, "cp866"),
    (RUSSIAN, "iso8859_5"),
    (GREEK, "cp1253"),
    (HEBREW, "cp1255"),
    (ARABIC, "cp1256"),
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    (CHINESE, "gb18030"),
    (TAIWAN, "big5"),
    (KOREAN, "euc_kr"),
]
LANGUAGES = [*dict(WRITTEN)]
FILLING = "\n".join(prose.paragraphs(200, 3))


@pytest.mark.parametrize("around", ["", FILLING], ids=["short", "long"])
@pytest.mark.parametrize(("text", "codec"), WRITTEN)
def test_a_guess_reads_what_was_written(text: str, codec: str, around: str) -> None:
    """Among ten times as many lines that tell nothing, too; and not all of a long text is looked at."""
    data = f"{around}\n{text}\n{around * 9}".encode(codec, "ignore")
    document = decode(data, "a.txt", encoding="auto")
    assert document.text == data.decode(codec)
    assert document.encoding == codecs.lookup(document.encoding).name != "auto"
    assert encode(document, document.text) == data


@pytest.mark.xfail(strict=True, reason="all bytes are letters in either code page; some are others")
@pytest.mark.parametrize(("text", "codec"), [(CZECH, "iso8859_2"), (HUNGARIAN, "cp1250")])
def test_a_guess_between_neighbouring_languages_may_be_wrong(text: str, codec: str) -> None:
    assert decode(text.encode(codec), "a.txt", encoding="auto").text == text


@pytest.mark.parametrize("text", LANGUAGES)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("copies", [1, 700])
def test_utf_16_and_32_without_a_mark_are_found(text: str, codec: str, copies: int) -> None:
    data = (text + "\n😀\n") * copies
    document = decode(data.encode(codec), "a.txt", encoding="auto")
    assert (document.text, document.encoding) == (data, codec)


@pytest.mark.parametrize("text", ["", "plain", *LANGUAGES])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_mark_decides(text: str, codec: str) -> None:
    document = decode(("\ufeff" + text).encode(codec), "a.txt", encoding="auto")
    assert (document.text, document.encoding) == (text, codec)
    assert document.bom == "\ufeff".encode(codec)


def test_a_mark_of_utf_16_before_a_nul_is_none_of_utf_32() -> None:
    document = decode("\ufeff\0a".encode("utf-16-le"), "a.txt", encoding="auto")
    assert (document.text, document.encoding) == ("\0a", "utf-16-le")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        GERMAN.encode(),
        b"a\0b\n\0\n",
        b"\0" * 8,
        b"one\0two\0three\0a name\0",
        b"\x1b[1m",
    ],
)
def test_what_is_valid_utf_8_is_utf_8_without_any_library(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R36: zeros between words are not UTF-16."""
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    assert decode(data, "a.txt", encoding="auto").encoding == "utf-8"


def test_a_guess_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    with pytest.raises(DedupError) as caught:
        decode(RUSSIAN.encode("koi8-r"), "a.txt", encoding="auto")
    assert str(caught.value) == 'a.txt: --encoding auto needs the extra "encoding"'


def test_what_cannot_be_guessed_is_refused() -> None:
    with pytest.raises(DedupError) as caught:
        decode(bytes(range(256)) * 9, "a.txt", encoding="auto")
    assert str(caught.value) == "a.txt: its encoding cannot be guessed"
    assert caught.value.hint == "name the encoding the file was written in with --encoding"


def test_bytes_that_are_not_text_in_what_they_look_like_are_refused_with_their_place() -> None:
    data = f"{JAPANESE}\n".encode("shift_jis") * 400 + b"\x81\n"
    with pytest.raises(DedupError) as caught:
        decode(data, "a.txt", encoding="auto")
    assert str(caught.value) == f"a.txt: byte {len(data) - 2} (0x81) is not valid CP932"
    document = decode(data, "a.txt", encoding="auto", errors="preserve")
    assert document.text.startswith(JAPANESE)
    assert encode(document, document.text) == data


def page(declaration: str, text: str) -> str:
    return f"<!doctype html>\n<html><head>{declaration}<title>x</title>\n<p>{text}</p>\n"


DECLARATIONS = [
    '<meta charset="{}">',
    "<META CHARSET={} />",
    '<meta http-equiv="Content-Type" content="text/html; charset={}">',
    "<!-- <meta charset=koi8-r> --><meta name=a content=b><meta charset='{}'>",
    '<?xml version="1.0" encoding="{}"?>',
]


@pytest.mark.parametrize("declaration", DECLARATIONS)
@pytest.mark.parametrize(
    ("label", "codec", "found", "text"),
    [
        ("windows-1250", "cp1250", "cp1250", "ő ů"),
        ("ISO-8859-2", "iso8859-2", "iso8859-2", CZECH),
        ("iso-8859-1", "cp1252", "cp1252", GERMAN),
        ("latin1", "latin-1", "iso8859-1", "é \x81"),
        ("Shift_JIS", "cp932", "cp932", "①" + JAPANESE),
        ("gb2312", "gb18030", "gb18030", TAIWAN),
        ("euc-kr", "cp949", "cp949", KOREAN + "똠"),
        ("KOI8-R", "koi8-r", "koi8-r", "и"),
    ],
)
def test_what_a_page_declares_counts_before_a_guess(
    declaration: str, label: str, codec: str, found: str, text: str
) -> None:
    data = page(declaration.format(label), text).encode(codec, "ignore")
    document = decode(data, "a.HTML", encoding="auto")
    assert (document.encoding, document.text) == (found, data.decode(codec))
    with pytest.raises(DedupError) as caught:
        decode(data, "a.htm.gz")
    assert caught.value.hint == f"--encoding {found}, which the page declares"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("shift_jis", "a.html"),
        ("utf-8", "a.html"),
        ("utf-16-le", "a.html"),
        ("unicode_escape", "a.html"),
        ("nonsense", "a.html"),
        ("cp1251", "a.txt"),
    ],
)
def test_a_declaration_that_cannot_be_is_not_believed(label: str, name: str) -> None:
    data = page(DECLARATIONS[0].format(label), FRENCH).encode("cp1252")
    document = decode(data + b" " * (len(data) % 2), name, encoding="auto")
    assert document.encoding == "cp1252"
    assert "cp1252, or --encoding auto" in guess.hint(data, name, 0)


def hint_of(data: bytes) -> str:
    with pytest.raises(DedupError) as caught:
        decode(data, "a.txt")
    return caught.value.hint


@pytest.mark.parametrize("text", [GERMAN, FRENCH, SPANISH, SWEDISH, PORTUGUESE, "caf\xe9"])
def test_western_bytes_hint_at_their_code_page(text: str) -> None:
    assert hint_of(text.encode("cp1252")) == "--encoding cp1252, or --encoding auto to guess"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        each
        for each in WRITTEN
        if each[0] not in (FRENCH, SPANISH, SWEDISH, PORTUGUESE, POLISH, TURKISH)
    ][1:],
)
def test_other_bytes_do_not_hint_at_a_code_page_they_are_not_in(text: str, codec: str) -> None:
    assert hint_of(text.encode(codec, "ignore")) == "--encoding NAME, or --encoding auto to guess"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-be"])
def test_bytes_full_of_zeros_hint_at_what_they_are(codec: str) -> None:
    assert hint_of(GERMAN.encode(codec)) == f"--encoding {codec}"


@pytest.mark.parametrize(
    "data",
    [
        GERMAN.encode() + b"\xff",
        JAPANESE.encode()[:-1],
        JAPANESE.encode()[1:],
        b"plain to the end \xe2\x80",
        b"over\xc0\xaflong",
        b"half \xed\xa0\xbd a pair",
        codecs.BOM_UTF8 + b"caf\xe9",
        GERMAN.encode() * 2000 + b"\xfc" + GERMAN.encode() * 2000,
    ],
)
def test_damaged_utf_8_hints_at_preserving(data: bytes) -> None:
    assert hint_of(data) == "--errors preserve to keep the bytes as they are"


PAGES = [
    page(each.format(label), "")
    for each in DECLARATIONS
    for label in ("big5", "hz", "utf-7", "hex")
]
SNIPPETS = [
    *(text.encode(codec, "ignore") for text, codec in WRITTEN),
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
]
SNIPPETS += [text.encode() for text in PAGES] + [
    GREEK.encode("utf-16-be"),
    b"a\0",
    b"\x1b$B",
    b"<meta" * 99,
]
ANY = st.binary(max_size=60) | st.lists(st.sampled_from(SNIPPETS), max_size=4).map(b"".join)


@given(ANY, st.sampled_from(["a.txt", "a.html"]))
def test_any_bytes_are_guessed_or_refused_the_same_each_time(data: bytes, name: str) -> None:
    assert "\n" not in guess.hint(data, name, 0)
    try:
        document = decode(data, name, encoding="auto")
    except DedupError as problem:
        with pytest.raises(DedupError, match=re.escape(str(problem))):
            decode(data, name, encoding="auto")
        return
    assert encode(document, document.text) == data
    assert decode(data, name, encoding="auto") == document
    assert decode(data, name, encoding=document.encoding).text == document.text


def test_a_file_is_read_with_the_encoding_that_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(RUSSIAN.encode("koi8-r"))
    source = read_file(str(path), encoding="auto")
    assert (source.document.text, source.document.encoding) == (RUSSIAN, "koi8-r")
