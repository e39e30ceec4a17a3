"""The README's picture loads nothing from elsewhere and comes out the same each time."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]


def test_the_picture_is_wellformed_deterministic_and_self_contained(tmp_path: Path) -> None:
    picture = runpy.run_path(str(ROOT / "docs" / "picture.py"))["picture"]
    body = "The red boat leaves the harbour at noon with nine crates of salted fish on board.\n"
    sample = tmp_path / "boat.txt"
    sample.write_text(f"{body}Another line in between.\n{body}", encoding="utf-8")
    svg = picture(sample)
    assert svg == picture(sample)
    words = "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")
    assert "dedup report" in words and "repeated" in words and str(tmp_path) not in svg
    assert set(re.findall(r"\w+://[^\"'\s<]*", svg)) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in svg and "url(http" not in svg and "@import" not in svg
