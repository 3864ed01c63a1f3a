# ruff: noqa: INP001 - a script to run, not a package
"""Write the typed shapes of the AWS operations that valetkey offers.

Reads botocore's models and writes ``src/valetkey/api/<service>/shapes.py``: a ``TypedDict`` for
each structure that an offered operation can reach. To offer another operation, add its name
below and run::

    python tools/generate_shapes.py
"""

import keyword
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from valetkey.wire.botocore_data import botocore_folder, read_model

LINE = 100
API = Path(__file__).resolve().parents[1] / "src" / "valetkey" / "api"

OFFERED: dict[tuple[str, str], str] = {
    ("sts", "2011-06-15"): """
        AssumeRole AssumeRoleWithWebIdentity GetAccessKeyInfo GetCallerIdentity
    """,
    ("iam", "2010-05-08"): """
        CreateOpenIDConnectProvider GetOpenIDConnectProvider ListOpenIDConnectProviders
        DeleteOpenIDConnectProvider AddClientIDToOpenIDConnectProvider
        RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint
        TagOpenIDConnectProvider UntagOpenIDConnectProvider ListOpenIDConnectProviderTags

        CreateRole GetRole ListRoles UpdateRole UpdateRoleDescription DeleteRole
        UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies
        AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
        TagRole UntagRole ListRoleTags PutRolePermissionsBoundary DeleteRolePermissionsBoundary
        ListInstanceProfilesForRole

        CreatePolicy GetPolicy ListPolicies DeletePolicy CreatePolicyVersion GetPolicyVersion
        ListPolicyVersions DeletePolicyVersion SetDefaultPolicyVersion ListEntitiesForPolicy
        TagPolicy UntagPolicy ListPolicyTags

        CreateUser GetUser ListUsers UpdateUser DeleteUser
        CreateAccessKey ListAccessKeys UpdateAccessKey DeleteAccessKey
        PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies
        AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies
        TagUser UntagUser ListUserTags PutUserPermissionsBoundary DeleteUserPermissionsBoundary
        ListGroupsForUser

        SimulateCustomPolicy SimulatePrincipalPolicy
        GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy

        GetAccountSummary ListAccountAliases
    """,
    ("secretsmanager", "2017-10-17"): """
        CreateSecret GetSecretValue PutSecretValue DescribeSecret ListSecrets UpdateSecret
        DeleteSecret RestoreSecret TagResource UntagResource ListSecretVersionIds
        UpdateSecretVersionStage GetRandomPassword
        PutResourcePolicy GetResourcePolicy DeleteResourcePolicy ValidateResourcePolicy
    """,
}

HEADER = '''"""Typed shapes of the offered operations, from botocore's `{service}` {version}.

Written by `tools/generate_shapes.py`: change that, not this. Members without `NotRequired` are
required by the model. Timestamps are seconds since 1970.
"""

from typing import {names}
'''

SIMPLE = {
    "string": "str",
    "character": "str",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "boolean": "bool",
    "blob": "bytes",
    "timestamp": "float",
}


class Shapes:
    """One service's shapes, in the order in which they are needed."""

    def __init__(self, model: dict[str, Any], operations: list[str]) -> None:
        self.shapes: dict[str, dict[str, Any]] = model["shapes"]
        self.structures: dict[str, None] = {}
        self.enums: dict[str, None] = {}
        self.uses: dict[str, str] = {}
        for operation in operations:
            for side in ("input", "output"):
                if side in model["operations"][operation]:
                    name = model["operations"][operation][side]["shape"]
                    self.uses[name] = f"{side.capitalize()} of `{operation}`."
                    self.collect(name)

    def collect(self, name: str) -> None:
        """Note a shape and all that it is made of; what a structure needs comes before it."""
        shape = self.shapes[name]
        if shape["type"] == "structure":
            if name in self.structures:
                return
            for member in shape["members"].values():
                self.collect(member["shape"])
            self.structures[name] = None
        for part in ("member", "key", "value"):
            if part in shape:
                self.collect(shape[part]["shape"])
        if "enum" in shape:
            self.enums[name] = None

    def hint(self, name: str) -> str:
        """Return a shape's Python type."""
        shape = self.shapes[name]
        match shape["type"]:
            case "structure":
                return name
            case "list":
                return f"list[{self.hint(shape['member']['shape'])}]"
            case "map":
                key, value = shape["key"]["shape"], shape["value"]["shape"]
                return f"dict[{self.hint(key)}, {self.hint(value)}]"
            case simple:
                return class_name(name) if "enum" in shape else SIMPLE[simple]

    def enum(self, name: str) -> Iterator[str]:
        """Yield the lines of an enumeration."""
        values = [f'"{value}"' for value in self.shapes[name]["enum"]]
        short = f"{class_name(name)} = Literal[{', '.join(values)}]"
        if len(short) <= LINE:
            yield short
            return
        yield f"{class_name(name)} = Literal["
        yield from (f"    {value}," for value in values)
        yield "]"

    def holders(self, name: str) -> str:
        """Say which structures an inner one stands in."""
        lists = {n for n in self.shapes if self.shapes[n].get("member", {}).get("shape") == name}
        held = lists | {name}
        found = [
            holder
            for holder in self.structures
            if any(member["shape"] in held for member in self.shapes[holder]["members"].values())
        ]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return f"Within `{found[0]}`{more}."

    def structure(self, name: str) -> Iterator[str]:
        """Yield the lines of a structure."""
        shape = self.shapes[name]
        if any(keyword.iskeyword(member) for member in shape["members"]):
            raise ValueError(f"{name} has a member that is a Python keyword")
        yield f"class {name}(TypedDict):"
        yield f'    """{self.uses.get(name) or self.holders(name)}"""'
        for number, (member, target) in enumerate(shape["members"].items()):
            hint = self.hint(target["shape"])
            if member not in shape.get("required", ()):
                hint = f"NotRequired[{hint}]"
            if number == 0:
                yield ""
            yield f"    {member}: {hint}"


def class_name(name: str) -> str:
    """Return a shape's name as Python writes types: `statusType` becomes `StatusType`."""
    return name[0].upper() + name[1:]


def generate(service: str, version: str) -> str:
    """Return the text of one service's `shapes.py`."""
    model = read_model(botocore_folder(), service, version)
    shapes = Shapes(model, OFFERED[service, version].split())
    blocks = ["\n".join(shapes.enum(name)) for name in shapes.enums]
    body = "\n".join(blocks)
    for name in shapes.structures:
        body += "\n\n\n" + "\n".join(shapes.structure(name))
    body = body.strip("\n")
    names = [n for n in ("Literal", "NotRequired", "TypedDict") if n in body]
    head = HEADER.format(service=service, version=version, names=", ".join(names))
    return head + ("\n" if blocks else "\n\n") + body + "\n"


def main() -> None:
    """Write all files."""
    for service, version in OFFERED:
        path = API / service / "shapes.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generate(service, version), encoding="utf-8")
        sys.stderr.write(f"{path}\n")


if __name__ == "__main__":
    main()
