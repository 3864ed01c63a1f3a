"""LocalStack's snapshots of real AWS answers, walked through step by step.

A snapshot is an answer with its varying parts replaced by names in angle brackets. What a name
stands for is found out as the scenario goes on, and must stay the same.
"""

import ast
import base64
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from support.vectors import vectors

FOLDER = "localstack-snapshots/tests/aws/services"
_NAME = re.compile(r"<([^<>]+)>")
_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation: (.*)", re.DOTALL)


def recorded(service: str, test: str) -> dict[str, Any]:
    """Return what AWS answered in one of LocalStack's tests, by the name of the step."""
    file = vectors(f"{FOLDER}/{service}/test_{service}.snapshot.json")
    tests = msgspec.json.decode(file.read_bytes())
    found = [value for name, value in tests.items() if name.endswith(f"::{test}")]
    assert len(found) == 1, f"{test} is there {len(found)} times"
    content: dict[str, Any] = found[0]["recorded-content"]
    return content


@dataclass
class Unifier:
    """Tells where an answer differs from a snapshot; ``known`` holds what names stand for.

    ``left_out`` are members that we knowingly do not answer, or answer otherwise.
    """

    known: dict[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def differences(self, wanted: Any, got: Any, path: str = "") -> list[str]:
        match wanted:
            case dict():
                return self._of_dicts(wanted, got, path)
            case list():
                return self._of_lists(wanted, got, path)
            case "datetime" | "<datetime>":
                return [] if got else [f"{path}: no time"]
            case str() if wanted.startswith("b'"):
                encoded = base64.b64encode(ast.literal_eval(wanted)).decode()
                return [] if got == encoded else [f"{path}: {got!r} is not {wanted}"]
            case str():
                same = isinstance(got, str) and self._fits(wanted, got)
                return [] if same else [f"{path}: {got!r} is not {wanted!r}"]
            case _:
                return [] if wanted == got else [f"{path}: {got!r} is not {wanted!r}"]

    def _of_dicts(self, wanted: dict[str, Any], got: Any, path: str) -> list[str]:
        if not isinstance(got, dict):
            return [f"{path}: {got!r} is no structure"]
        left, found = dict(got), []
        for name, value in wanted.items():
            if name == "ResponseMetadata" or (name in self.left_out and name not in left):
                continue
            key = name if name in left else self._bound(name, value, left)
            if key is None:
                found.append(f"{path}.{name} is missing")
            else:
                found += self.differences(value, left.pop(key), f"{path}.{name}")
        return found + [f"{path}.{name} is too much" for name in left]

    def _bound(self, name: str, value: Any, left: dict[str, Any]) -> str | None:
        """Return the key that a name such as ``<version_uuid:1>`` stands for."""
        for key, said in left.items():
            trial = Unifier(dict(self.known), self.left_out)
            if trial._fits(name, key) and not trial.differences(value, said):
                self.known.update(trial.known)
                return key
        return None

    def _of_lists(self, wanted: list[Any], got: Any, path: str) -> list[str]:
        if not isinstance(got, list) or len(got) != len(wanted):
            return [f"{path}: {got!r} has not {len(wanted)} elements"]
        if path.endswith("VersionStages") or "VersionIdsToStages" in path:
            got = sorted(got)
        pairs = enumerate(zip(wanted, got, strict=True))
        return [
            text for number, (w, g) in pairs for text in self.differences(w, g, f"{path}[{number}]")
        ]

    def _fits(self, wanted: str, got: str) -> bool:
        """Tell whether a text is a snapshot's, and learn the names in it that are new."""
        pattern, new = "", []
        for number, part in enumerate(_NAME.split(wanted)):
            if number % 2 == 0:
                pattern += re.escape(part)
            elif part in self.known:
                pattern += re.escape(self.known[part])
            elif part in new:
                pattern += f"(?P=n{new.index(part)})"
            else:
                pattern += f"(?P<n{len(new)}>.+?)"
                new.append(part)
        match = re.fullmatch(pattern, got, re.DOTALL)
        if match is None:
            return False
        self.known.update({part: match[f"n{number}"] for number, part in enumerate(new)})
        return True


def error_of(wanted: Any) -> dict[str, Any] | None:
    """Return a snapshot's error as code, message and status; None where it is no error."""
    if isinstance(wanted, str):
        match = _ERROR.fullmatch(wanted)
        assert match is not None, wanted
        return {"code": match[1], "message": match[2]}
    if "Error" not in wanted:
        return None
    said = wanted["Error"]
    status = wanted.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return {
        "code": said.get("Code", said.get("__type")),
        "message": said["Message"],
        "status": status or wanted.get("Metadata", {}).get("StatusCode"),
    }
