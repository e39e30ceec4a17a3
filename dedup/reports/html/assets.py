"""The files of this package that go into the page."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files


def asset(name: str) -> str:
    """A file of this package."""
    return files("dedup.reports.html").joinpath(name).read_text("utf-8")


def digest(content: str) -> str:
    """What the page's policy calls a style or script by."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
