"""Texts and names of files that whoever reads our output along would obey, if they reached it as they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.prose import paragraphs

PAYLOADS = (
    "::error file=x::y",
    "  ::stop-commands::token",
    "\u3000::add-mask::the",
    "\ufe0f:\ufe0f:error file=x::y",
    "##[error]y",
    "x ##[group]y",
    "x #\ufe0f#\u034f[error]y",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildProblem description='x']",
    "%0A::error::x",
    "%25%3A%2C,file=b,line=3::x",
    "a\n::error::b",
    "a\r::error::b",
    "a\x0b::error::b",
    "\x1b[2J\x1b]0;title\x07\x1b]8;;file:///etc/passwd\x07",
    "\x9b2J\x90x\x9c",
    "a\x00b\x08\x7f",
    "\u202eevil\u2066\u2069\u200f",
    "zero\u200bwidth\u00ad\ufeff\U000e0041",
    "\u2028::error::x\u2029",
    "\ufffe\uffff",
    "[bold]x[/bold] [/x] [link=file:///etc/passwd]",
    "]]> <![CDATA[ <script>alert(1)</script> &amp; &lt;",
    '"><svg onload=alert(1)> \' " javascript:x',
    "| pipe | `tick` ``` ~~~ <details><summary>",
    "![](http://evil.example/x.png) [x](javascript:y) <http://evil.example>",
    "@user #1 GH-1 owner/repo#1 http://evil.example www.evil.example",
    "[lines 1-3](1) \\[ {0} {message}",
    "\udcff\udc80",
)
"""Lone surrogates stand for bytes that are no UTF-8."""

BODY = paragraphs(2, 77)


def text(payload: str) -> str:
    """A text with the payload at the beginning of lines and inside them, all of it said twice."""
    said = "\n\n".join(f"{payload} {one}\n{payload}" for one in BODY)
    between = (
        "Nobody asked the goats, which went on sleeping below the jetty until the lamps were lit."
    )
    return f"{said}\n\n{between}\n\n{said}\n"


def name(payload: str, number: int) -> bytes:
    """What a file can be called that comes nearest to the payload."""
    return os.fsencode(payload.replace("/", "_").replace("\0", ""))[:200] + b"%d" % number


def write(folder: Path) -> Path:
    """Make ``folder`` with a file for every payload in it, and files of which records cannot be read."""
    folder.mkdir()
    for number, payload in enumerate(PAYLOADS):
        path = os.path.join(os.fsencode(folder), name(payload, number))
        with open(path + b".md", "wb") as file:
            file.write(text(payload).encode("utf-8", "surrogateescape"))
        record = json.dumps({"text": text(payload)}).encode()
        with open(path + b".jsonl", "wb") as file:
            file.write(record + b'\n{"text": 3}\n' + record + b"\n")
    return folder
