"""Libraries that only some inputs need: imported when one comes, and missed in one line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dedup.errors import DedupError

LIBRARIES = {
    "zstandard": "zst",
    "charset_normalizer": "encoding",
    "ftfy": "fix",
    "trafilatura": "html",
    "pyarrow": "parquet",
    "pyarrow.compute": "parquet",
    "pyarrow.parquet": "parquet",
    "warcio.recordloader": "warc",
}
"""The modules that are no part of a plain installation, and the extra that each comes with."""


def library(module: str, what: str, where: str = "") -> Any:
    """The module of this name; ``DedupError`` at ``where`` that ``what`` needs its extra, if it is missing.

    >>> library("zstandard", ".zst").__name__
    'zstandard'
    """
    extra = LIBRARIES[module]
    hint = f"pip install '.[{extra}]' in a copy of the repository, or 'dedup-text[{extra}]' from an index"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise DedupError(where, f"{what} cannot be used: {error}", hint) from None
        raise DedupError(where, f'{what} needs the extra "{extra}"', hint) from None
    except ImportError as error:  # it is there, and does not work
        first, *_ = str(error).splitlines() or [""]
        raise DedupError(where, f"{what} cannot be used: {first}", hint) from None
