"""The documentation as a site: it is built without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.examples import ROOT
from docs.site import TAKEN

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOADED = re.compile(
    r'<(?:script|img|iframe)[^>]* src="?([^"\s>]+)|<link[^>]* rel="?(?:stylesheet|icon)[^>]*>'
)


def built(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """``mkdocs build``; warnings are errors."""
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(target)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run = built(ROOT, folder)
    assert run.returncode == 0, run.stderr
    return folder


def test_every_page_is_there(site: Path) -> None:
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    pages += [name for name in TAKEN.values() if name.endswith(".md")]
    assert {"index.md", "options.md", "changelog.md"} <= {*pages}
    assert [name for name in pages if not (site / name).with_suffix(".html").exists()] == []
    assert (site / "schemas" / "check.schema.json").exists()


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.glob("*.html"):
        found = [whole[0] for whole in LOADED.finditer(path.read_text("utf-8"))]
        assert len(found) > 2
        assert [one for one in found if "//" in one] == []


def test_the_index_for_searching_knows_options(site: Path) -> None:
    assert "--keep-copy" in (site / "search" / "search_index.json").read_text("utf-8")


@pytest.fixture
def page(site: Path) -> Iterator[Page]:
    """A page in a browser that may not reach the network; skip where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("chromium is not there: no page is opened")
    api = pytest.importorskip(
        "playwright.sync_api", reason="chromium cannot be driven: no playwright"
    )
    asked: list[str] = []
    said: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        browser.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} == {"file"}


def test_pages_opened_from_the_disk_can_be_searched(site: Path, page: Page) -> None:
    page.goto((site / "tutorial.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("keep-copy")
    found = page.locator(".md-search-result__item")
    found.first.wait_for()
    links = found.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert any("options.html" in link and "keep-copy" in link for link in links), links[:3]


def test_the_button_that_copies_lies_over_no_code(site: Path, page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto((site / "tutorial.html").as_uri())
        buttons = page.locator("pre:has(.md-code__button)")
        buttons.first.wait_for()
        for block in buttons.all():
            code = block.locator("code").bounding_box()
            button = block.locator(".md-code__button").bounding_box()
            assert code and button and code["x"] + code["width"] <= button["x"]


def test_options_in_a_line_of_text_are_not_broken(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((site / "findings.html").as_uri())
    lines = "all => all.map((one) => [one.textContent, one.getClientRects().length])"
    found = page.locator("p > code, li > code").evaluate_all(lines)
    options = [(said, count) for said, count in found if re.fullmatch(r"--[a-z][\w. -]{,29}", said)]
    assert len(options) > 3
    assert [said for said, count in options if count != 1] == []


def test_the_first_column_of_a_wide_table_has_room(site: Path, page: Page) -> None:
    page.goto((site / "comparison.html").as_uri())
    page.locator(".md-typeset__table").first.wait_for()
    cells = page.locator("table:has(th:nth-child(4)) td:first-child")
    assert cells.count() > 20
    widths = cells.evaluate_all("all => all.map((one) => one.offsetWidth)")
    assert min(widths) >= 180


@pytest.mark.parametrize(
    "link", ["[x](nowhere.md)", "[x](check.md#no-such-part)", "[x](../no/such.py)"]
)
def test_a_link_that_leads_nowhere_fails(link: str, tmp_path: Path) -> None:
    for name in ("samples", "benchmarks", "dedup"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("README.md", "CHANGELOG.md", "mkdocs.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    with (tmp_path / "docs" / "check.md").open("a") as file:
        file.write(f"\n{link}\n")
    run = built(tmp_path, tmp_path / "site")
    assert run.returncode != 0
    assert "Doc file 'check.md'" in run.stderr
