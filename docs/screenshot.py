"""Make the README's picture of the HTML report from a real run on a sample: docs/report.png.

    python docs/screenshot.py [SAMPLE [PNG]]

It is taken in Chromium by playwright: the letters depend on the fonts that are there, so no test compares it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from dedup.cli import main

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "samples" / "edited-copy.txt"
WIDTH, HEIGHT = 1280, 1226


def screenshot(page: Path, target: Path) -> None:
    """The first screen of a report, with its first finding opened."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        view = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", device_scale_factor=1
        )
        view.goto(page.as_uri())
        view.evaluate("document.querySelector('#list .finding').open = true")
        view.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    source, target = (given + [SAMPLE, HERE / "report.png"][len(given) :])[:2]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        if main(["report", str(source), "--report", str(page), "--output-file", f"{folder}/text"]):
            sys.exit(1)
        screenshot(page, target)
    print(target)
