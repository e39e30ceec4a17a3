"""The run over many files that the options ask for."""

from __future__ import annotations

from typing import Any

from dedup.batch.folder import Run
from dedup.batch.targets import Targets
from dedup.files.walk import Selection
from dedup.options import Options


def run(selection: Selection, targets: Targets, options: Options, **how: Any) -> Run:
    """A run over each file on its own, or across all of them; ``how`` as for ``Run``."""
    if not is_corpuswide(options):
        return Run(selection, targets, options, **how)
    from dedup.batch.corpuswide import CorpusRun

    return CorpusRun(selection, targets, options, **how)


def is_corpuswide(options: Options) -> bool:
    """Whether documents are compared with others."""
    return options.scope == "corpus" or bool(options.against)
