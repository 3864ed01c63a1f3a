"""What a text is, by its name and by what it says."""

import re
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from valetkey.diagnostics import Source
from valetkey.gitlabci import MalformedCiFile
from valetkey.gitlabci.compose import compose
from valetkey.gitlabci.nodes import Mapping


class Form(StrEnum):
    """How a text is written; what is in it follows from reading it."""

    CI = "GitLab CI"
    JSON = "JSON"
    YAML = "YAML"
    HCL = "HCL"


_CI_NAMES: Final = (".gitlab-ci.yml", ".gitlab-ci.yaml")
_EXTENSIONS: Final = {
    ".json": Form.JSON,
    ".yml": Form.YAML,
    ".yaml": Form.YAML,
    ".template": Form.YAML,
    ".tf": Form.HCL,
    ".tofu": Form.HCL,
    ".hcl": Form.HCL,
}
_POLICY: Final = re.compile(r"""\bStatement\\?["']?\s*[:=]|\baws_iam_policy_document\b""")
_JSON: Final = re.compile(r"\s*+(?:\[|\{(?![{%]))")
"""How JSON begins, other than a template of something else."""
_SCRIPT: Final = re.compile(
    r"^[ \t]+(?:script|run):"
    # up to the first brace behind a colon, in one way only: texts may be hostile
    r"|^[^\s#:][^\n:]*+(?::(?![ \t]*\{)[^\n:]*+)*+:[ \t]*\{.*\bscript\b",
    re.MULTILINE,
)
_BLOCK: Final = re.compile(
    r"^[ \t]*(?:resource|data|module|locals|variable|provider)\b[^\n:]*\{", re.MULTILINE
)


def may_hold_policies(text: str) -> bool:
    """Tell whether a text says anything that a policy document says; cheap, for long texts."""
    return _POLICY.search(text) is not None


def is_ci_name(name: str) -> bool:
    """Tell whether a name is that of a CI file whatever it says."""
    return name.endswith(_CI_NAMES)


def known_name(name: str) -> bool:
    """Tell whether a name is one that recognised texts have."""
    path = PurePath(name)
    return is_ci_name(path.name) or path.suffix.lower() in _EXTENSIONS


def recognise(source: Source) -> Form | None:
    """Return what a text is: by its name, else by its content; None for neither."""
    form = written_as(source)
    if form is Form.YAML and not may_hold_policies(source.text):
        return Form.CI if _is_ci(source) else form
    return form


def written_as(source: Source) -> Form | None:
    """Return how a text is written, without reading it: a CI file is told by its name only."""
    name = PurePath(source.name)
    if is_ci_name(name.name):
        return Form.CI
    form = _EXTENSIONS.get(name.suffix.lower())
    if form is Form.YAML and _JSON.match(source.text):
        return Form.JSON
    return form or _by_content(source.text)


def _by_content(text: str) -> Form | None:
    if _JSON.match(text):
        return Form.JSON
    if _BLOCK.search(text):
        return Form.HCL
    if _SCRIPT.search(text) or may_hold_policies(text):
        return Form.YAML
    return None


def _is_ci(source: Source) -> bool:
    """Tell whether a YAML text has a job: a key at its top with a ``script``."""
    if not _SCRIPT.search(source.text):
        return False
    try:
        roots = compose(source)
    except MalformedCiFile:
        return False
    return (
        len(roots) == 1
        and isinstance(roots[0], Mapping)
        and any(
            isinstance(entry.value, Mapping)
            and not entry.name.startswith(".")
            and entry.value.entry("script") is not None
            for entry in roots[0]
        )
    )
