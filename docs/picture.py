"""Make the picture of ``dedup report`` from a real run on a sample: docs/report.svg.

    python docs/picture.py [SAMPLE [SVG]]

Same sample and version, same bytes: a fixed id, no clock. The picture loads nothing from elsewhere.
"""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import dedup
from dedup.model import Document
from dedup.reports import text

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "samples" / "edited-copy.txt"
WIDTH = 80

# The dim grey still has a contrast of 4.5 : 1 to the ground.
THEME = TerminalTheme(
    (24, 27, 32),
    (214, 218, 224),
    [
        (24, 27, 32), (240, 113, 120), (139, 200, 120), (229, 192, 123),
        (97, 175, 239), (198, 140, 221), (98, 184, 214), (214, 218, 224),
    ],
    [
        (140, 147, 158), (240, 113, 120), (139, 200, 120), (229, 192, 123),
        (97, 175, 239), (198, 140, 221), (98, 184, 214), (255, 255, 255),
    ],
)  # fmt: skip


def picture(sample: Path) -> str:
    """The report on ``sample`` as SVG."""
    with sample.open(encoding="utf-8", newline="") as file:
        document = Document(sample.name, file.read())
    (result,) = dedup.analyze([document]).documents
    shown = text.render(result, width=WIDTH, color=True, unicode=True)
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text("$ dedup report ", "bright_black").append(sample.name, "default"))
    console.print()
    console.print(Text.from_ansi(shown), no_wrap=True)
    svg = console.export_svg(title="dedup report", theme=THEME, unique_id="report")
    # The fonts would come from a server: every reader has a monospaced one.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "Fira Code, monospace", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
    )
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    source, target = (given + [SAMPLE, HERE / "report.svg"][len(given) :])[:2]
    target.write_text(picture(source), encoding="utf-8", newline="")
    print(target)
