"""reStructuredText, AsciiDoc and POD: what is prose in them and what is not, and what of it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.engine.analyze import analyze_document
from dedup.engine.split import programs, split
from dedup.model import Document, DocumentResult
from tests import prose

RST = """\
=======
Ferries
=======

:Author: The harbour office
:Version: 2

.. contents::
   :depth: 2

.. _timetable:

The timetable is read from a file
that lies next to the program.
It is read once::

   ferry --timetable=summer.csv

   ferry --check

Reading it
----------

- one line for each departure,
  with the name of the quay
- a line of its own for each holiday

#. open the file
#. close it

.. code-block:: python
   :linenos:

   import ferry

   ferry.read("summer.csv")

.. note:: Times are those of the quay, also in summer.
   They are never converted.

.. note::

   A ferry that is late keeps its number.

.. versionadded:: 2.1

.. list-table:: Quays
   :header-rows: 1

   * - Name
     - Depth
   * - North
     - 7 m

+-------+-------+
| Quay  | Depth |
+=======+=======+
| North | 7 m   |
+-------+-------+

=====  =====
Quay   Depth
=====  =====
North  7 m

South  9 m
=====  =====

>>> ferry.next("North")
'07:15'

ebb
   The water runs out.

-v, --verbose   Say more.

.. This is a comment

   of two paragraphs.

.. |name| replace:: Ferry

The last paragraph.
"""

RST_BLOCKS = [
    "heading =======", "list :Author:", "list :Version:", "code .. contents::", "code .. _timetable:",
    "prose The timetable", "code    ferry --timetable=summer.csv", "heading Reading it", "list - one", "list - a",
    "list #. open", "list #. close", "code .. code-block::", "prose .. note:: Times", "code .. note::",
    "prose    A ferry", "code .. versionadded::", "table .. list-table::", "table +-------+-------+",
    "table =====", "code >>> ferry.next", "heading ebb", "prose    The water", "list -v,", "code .. This is",
    "code .. |name|", "prose The last",
]  # fmt: skip

ASCIIDOC = """\
= Ferries
The harbour office <quay@harbour.example>
:toc: left
:source-highlighter: none

// nobody reads this

Reading the timetable
---------------------
The timetable is read from a file
that lies next to the program.
[source,sh]
----
ferry --timetable=summer.csv

ferry --check
----
It is read once.

.A quay
====
Times are those of the quay.
====

* one line for each departure,
  with the name of the quay
** and its number
. open the file
. close it

 an indented line is shown as it is

|===
| Quay | Depth

| North | 7 m
|===

ebb::
\tThe water runs out.
flow:: It runs in again.

....
a picture
....

include::rest.adoc[]

== The end

NOTE: A ferry that is late keeps its number.
"""

ASCIIDOC_BLOCKS = [
    "heading = Ferries", "prose The harbour", "matter :toc:", "matter :source-highlighter:", "code // nobody",
    "heading Reading the", "prose The timetable", "code [source,sh]", "code ----", "prose It is",
    "heading .A quay", "code ====", "prose Times", "code ====", "list * one", "list ** and", "list . open",
    "list . close", "code  an indented", "table |===", "heading ebb::", "prose \tThe water", "list flow::",
    "code ....", "code include::rest.adoc[]", "heading == The", "prose NOTE:",
]  # fmt: skip

POD = """\
=encoding utf8

=head1 NAME

Ferry - what leaves when,
and from which quay

=head2 Reading
the timetable

  my $ferry = Ferry->new;

  $ferry->read;

=over 4

=item C<read>

It is read once.

=back

=begin html

<p>A picture.</p>

=end html

=for comment nobody reads this

The last paragraph.

=cut
"""

POD_BLOCKS = [
    "code =encoding", "heading =head1", "prose Ferry -", "heading =head2", "code   my", "code   $ferry->read;",
    "code =over", "list =item", "prose It is", "code =back", "code =begin", "code =for", "prose The last", "code =cut",
]  # fmt: skip

PROGRAM = "package Ferry;\n\nuse strict;\n\n" + POD + "\nsub read { ... }\n\n=pod\n\nMore text.\n"


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        ("rst", RST, RST_BLOCKS),
        ("asciidoc", ASCIIDOC, ASCIIDOC_BLOCKS),
        ("pod", POD, POD_BLOCKS),
        (
            "perl",
            PROGRAM,
            ["code package", *POD_BLOCKS[:-1], "code =cut", "code =pod", "prose More text."],
        ),
    ],
)
def test_each_block_is_what_the_format_says(format: str, text: str, expected: list[str]) -> None:
    found = [f"{block.kind} {block.span.cut(text)}" for block in split(text, format)]
    for block, begins in zip(found, expected, strict=False):
        assert block.startswith(begins), (block, begins)
    assert len(found) == len(expected)


def test_code_and_tables_are_whole_whatever_blank_lines_are_in_them() -> None:
    shown = {block.kind: block.span.cut(RST) for block in split(RST, "rst")}
    assert shown["table"].endswith("South  9 m\n=====  =====")
    whole = [block.span.cut(ASCIIDOC) for block in split(ASCIIDOC, "asciidoc")]
    assert "----\nferry --timetable=summer.csv\n\nferry --check\n----" in whole
    assert "|===\n| Quay | Depth\n\n| North | 7 m\n|===" in whole


@pytest.mark.parametrize(
    ("format", "mark"), [("asciidoc", "----"), ("rst", "===  ==="), ("asciidoc", "|===")]
)
def test_a_mark_that_nothing_closes_does_not_swallow_the_rest(format: str, mark: str) -> None:
    found = split(f"{mark}\n\nOne.\n\nTwo.\n", format)
    assert [block.kind for block in found][1:] == ["prose", "prose"]


LINES = st.lists(
    st.sampled_from(
        ["A line of text.", "Title", "=====", "-----", "----", "::", "Text::", "   deeper", "\t", "", "", ".. note:: x",
         ".. code-block:: sh", "   :opt: 1", "+--+", "| a | b |", "=== ===", ">>> x", "- item", "term::", "|===",
         "....", "[source]", ":name: x", "// x", "* item", "+", "== Head", "=head1 X", "=cut", "=begin x", "=end x",
         "=item y", "  code", "__ x", "..", "中文。"]
    ),
    max_size=16,
)  # fmt: skip


@given(LINES, st.sampled_from(["rst", "asciidoc", "pod", "perl"]), st.sampled_from(["\n", "\r\n"]))
def test_blocks_tile_the_text_but_for_white_space(
    lines: list[str], format: str, newline: str
) -> None:
    text = newline.join(lines)
    position = 0
    for block in split(text, format):
        assert not text[position : block.span.start].strip()
        assert text[block.span.end - 1].strip()
        position = block.span.end
    assert not text[position:].strip()


def checked(text: str, format: str) -> DocumentResult:
    """The result; a second time nothing changes."""
    result = analyze_document(Document("a", text, format=format), dedup.Options())
    again = analyze_document(Document("a", result.cleaned, format=format), dedup.Options())
    assert again.edits == ()
    return result


HEADS = {"rst": "{0}\n{1}", "asciidoc": "== {0}", "pod": "=head2 {0}", "markdown": "## {0}"}
CODE = {
    "rst": ".. code-block:: sh\n\n   {0}\n\n   {1}",
    "asciidoc": "[source,sh]\n----\n{0}\n\n{1}\n----",
    "pod": "  {0}\n  {1}",
    "markdown": "```sh\n{0}\n\n{1}\n```",
}
TABLE = {
    "rst": "===================  =====================\n{0}  {1}\n===================  =====================\n"
    "one                  two\n===================  =====================",
    "asciidoc": "|===\n| {0} | {1}\n\n| one | two\n|===",
    "pod": "=over 4\n\n=item {0}\n\n=item {1}\n\n=back",
    "markdown": "| {0} | {1} |\n|---|---|\n| one | two |",
}


def manual(format: str, entries: list[str]) -> str:
    """A section for each entry, each with the same heading, code and table."""
    head = HEADS[format].format("Reading the timetable", "-" * 21)
    code = CODE[format].format(
        "ferry --timetable=summer.csv --quay=north", "ferry --check --verbose"
    )
    table = TABLE[format].format("departure of ferry", "quay and its depth")
    return "\n\n".join(f"{head}\n\n{entry}\n\n{code}\n\n{table}" for entry in entries) + "\n"


@pytest.mark.parametrize("format", HEADS)
def test_headings_code_and_tables_that_are_the_same_stay(format: str) -> None:
    assert checked(manual(format, prose.paragraphs(5, 3)), format).edits == ()


@pytest.mark.parametrize("format", HEADS)
def test_of_the_same_sections_the_one_goes_that_says_what_another_says(format: str) -> None:
    entries = prose.paragraphs(8, 4)
    text = manual(format, [*entries[:6], entries[1], *entries[6:]])
    assert checked(text, format).cleaned == manual(format, entries)


def test_of_a_program_with_pod_only_the_pod_can_go() -> None:
    one, two, three = prose.paragraphs(3, 5)
    code = "".join(f"sub quay_{at} {{ return depth_of('quay number {at}') }}\n" for at in range(30))
    pod = f"=pod\n\n{one}\n\n{two}\n\n{three}\n\n=cut\n\n"
    text = f"{code}\n{pod}{code}\n{pod}{code}"
    result = checked(text, "perl")
    assert "".join(edit.removed for edit in result.edits) == f"{one}\n\n{two}\n\n{three}\n\n"
    assert result.cleaned.count(code) == 3
    assert [span.cut(text) for span in programs(text, "perl")] == [
        f"{code}\n=pod",
        f"=cut\n\n{code}\n=pod",
        f"=cut\n\n{code}",
    ]
    assert programs(text, "text") == []


def test_toml_in_front_of_a_text_is_no_prose() -> None:
    text = '+++\ntitle = "Ferries"\n[params]\ntags = [\n  "quay",\n]\n+++\n# Ferries\n'
    assert [block.kind for block in split(text)] == ["matter", "heading"]
    assert split("+++\nJust a line.\n+++\n")[0].kind == "prose"
