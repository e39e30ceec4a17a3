"""Pages of HTML as they are found: how many change, what has to stay, whether once is enough.

    python benchmarks/pages.py FOLDER ...        # pages in these folders, *.html or *.html.gz

Good sets are public: the pages of github.com/scrapinghub/article-extraction-benchmark (html/) and of
github.com/adbar/trafilatura (tests/eval/ and tests/cache/). Pages that are not UTF-8 are read as latin-1.
Every page is cleaned, put back, and what was left of it cleaned again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dedup.batch import single
from dedup.errors import DedupError
from dedup.files import read, views
from dedup.files.read import Source
from dedup.options import Options

OPTIONS = Options()


def sources(folders: list[Path], counts: Counter[str]) -> Iterator[Source]:
    """The pages below the folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.html*")):
            try:
                raw = read.load(str(path), OPTIONS.max_size)
                yield taken(raw, path)
            except DedupError:
                counts["could not be read"] += 1


def taken(raw: read.Raw, path: Path) -> Source:
    """The page, in an encoding that takes it."""
    begin = time.process_time()
    try:
        source = single.decoded(raw, path.name, OPTIONS, "html")
    except DedupError:
        source = single.decoded(raw, path.name, replace(OPTIONS, encoding="latin-1"), "html")
    SECONDS["seeing what readers see"] += time.process_time() - begin
    return source


SECONDS: defaultdict[str, float] = defaultdict(float)


def judge(source: Source, counts: Counter[str]) -> None:
    """Clean the page, and count what came of it."""
    begin = time.process_time()
    outcome = single.process(source, OPTIONS)
    SECONDS["cleaning"] += time.process_time() - begin
    result = outcome.result
    counts["pages"] += 1
    counts["changed"] += result.changed
    counts["removals"] += len(result.edits)
    counts["left whole"] += bool(outcome.broken or result.note)
    counts["characters"] += len(source.view.raw)
    counts["of that, seen"] += len(source.document.text)
    counts["of that, gone"] += result.removed_characters
    if result.changed:
        raw = views.apply(source.view.raw, outcome.raw_edits)
        counts["not put back"] += views.restore(raw, outcome.raw_edits) != source.view.raw
        again = read.Raw(outcome.data, None, None)
        options = replace(OPTIONS, encoding=source.document.encoding)
        once_more = single.process(single.decoded(again, "again", options, "html"), options)
        counts["changed by a second cleaning"] += once_more.result.changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    counts: Counter[str] = Counter()
    for source in sources(parser.parse_args().folders, counts):
        judge(source, counts)
    for name, count in counts.items():
        print(f"{name:32}{count:12,}")
    for name, seconds in SECONDS.items():
        rate = f"{counts['characters'] / seconds / 1e6:.1f} million characters a second"
        print(f"{name:32}{seconds:12.1f} s, {rate}")
    sys.exit(bool(counts["not put back"] or counts["changed by a second cleaning"]))


if __name__ == "__main__":
    main()
