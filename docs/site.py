"""What the site takes from outside of ``docs/``: a hook of MkDocs (https://www.mkdocs.org/user-guide/configuration/#hooks).

On the forge a link from a page leads to the file in the repository. The site has these files as well, under
names of its own, and here the links are turned to them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent

TAKEN = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "samples/README.md": "samples.md",
    "benchmarks/README.md": "benchmarks.md",
    "dedup/dedup.schema.json": "schemas/dedup.schema.json",
    "dedup/checks/check.schema.json": "schemas/check.schema.json",
    "dedup/reports/report.schema.json": "schemas/report.schema.json",
    "dedup/reports/figures.schema.json": "schemas/figures.schema.json",
}
"""What stands where in the repository, and where in the site."""

SHORT_CODE = re.compile(r"(?<!<pre>)(?<!</span>)<code>([^<\n]{1,32})</code>")
"""In a block of code the tag stands behind that of the block, or behind an empty mark."""

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)[^)#\s]+")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """With the files from elsewhere."""
    from mkdocs.structure.files import File

    for path, name in TAKEN.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """With links that lead to these files where the site has them."""
    return linked(markdown, page.file.src_uri)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """With short code marked, which is not to be broken over two lines."""
    return shortened(html)


def shortened(html: str) -> str:
    """The HTML with a class for code in a line of text that fits a line of any screen.

    >>> shortened("<p><code>--keep-copy</code></p>")
    '<p><code class="short">--keep-copy</code></p>'
    >>> shortened("<pre><code>dedup report</code></pre>")
    '<pre><code>dedup report</code></pre>'
    """
    return SHORT_CODE.sub(r'<code class="short">\1</code>', html)


def linked(markdown: str, name: str) -> str:
    """The text of the page called ``name`` in the site, its links as the site needs them.

    >>> linked("[what changed](../CHANGELOG.md#010)", "check.md")
    '[what changed](changelog.md#010)'
    >>> linked("[across documents](../docs/corpus.md)", "samples.md")
    '[across documents](corpus.md)'
    """
    origin = {site: path for path, site in TAKEN.items()}.get(name, f"docs/{name}")

    def turned(found: re.Match[str]) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(origin), found[0]))
        inside = TAKEN.get(target) or (target[5:] if target.startswith("docs/") else None)
        return found[0] if inside is None else os.path.relpath(inside, os.path.dirname(name) or ".")

    return LINK.sub(turned, markdown)
