"""The documentation as a site: it is built without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.examples import ROOT
from docs.site import TAKEN

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
