"""The tables of fields in the documentation, made from the schemas that are shipped.

`python docs/fields.py` writes them anew, each below a comment that names an object of the schema of the JSON report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "results.md"
TABLE = re.compile(r"^<!-- fields: (\w+) -->\n\n(?:(?:\|.*\n)+\n)?", re.MULTILINE)

Schema = Mapping[str, Any]


def schema() -> Schema:
    """What describes the JSON report."""
    text = files("dedup.reports").joinpath("report.schema.json").read_text("utf-8")
    described: Schema = json.loads(text)
    return described


def updated(text: str) -> str:
    """The page with its tables as the schema has them."""
    described = schema()
    objects = {"report": described, **described["$defs"]}
    return TABLE.sub(lambda found: table(found[1], objects[found[1]]), text)


def table(name: str, described: Schema) -> str:
    """The fields of one object, in the order in which they are written."""
    rows = [
        f"| `{field}` | {kind(of)} | {said(of)} |" for field, of in described["properties"].items()
    ]
    return "\n".join((f"<!-- fields: {name} -->\n", "| field | | |", "|---|---|---|", *rows, "\n"))


def kind(described: Schema) -> str:
    """The type of a field, in words."""
    if "const" in described:
        return f"`{described['const']}`"
    if "enum" in described:
        return ", ".join(f"`{value}`" for value in described["enum"])
    if "$ref" in described:
        return reference(described)
    if described["type"] == "array":
        return f"list of {reference(described['items'])}s"
    return str(described["type"])


def reference(described: Schema) -> str:
    """The object that a field holds, as a link to its table."""
    name = described["$ref"].rpartition("/")[2]
    return f"[{name}](#{name})"


def said(described: Schema) -> str:
    """What a field is, as its schema says it; of a reference what the object is."""
    if "$ref" in described:
        return str(schema()["$defs"][described["$ref"].rpartition("/")[2]]["description"])
    return str(described.get("description", ""))


def main() -> None:
    before = PAGE.read_text("utf-8")
    after = updated(before)
    if after != before:
        PAGE.write_text(after, "utf-8")
        print(f"rewrote {PAGE.name}")


if __name__ == "__main__":
    main()
