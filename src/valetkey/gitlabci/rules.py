"""When a job is part of a pipeline: ``rules``, ``workflow:rules``, ``only`` and ``except``."""

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from valetkey.diagnostics import Span
from valetkey.gitlabci.errors import unsupported
from valetkey.gitlabci.expand import Variable, expand
from valetkey.gitlabci.expression import Expression, parse_pattern

FileExists = Callable[[str], bool]
"""Whether a file of the project matches a glob."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One element of ``rules``; a clause that is None is not there."""

    span: Span
    condition: Expression | None = None
    changes: tuple[str, ...] | None = None
    exists: tuple[str, ...] | None = None
    when: str | None = None
    allow_failure: bool | None = None
    variables: Mapping[str, Variable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefFilter:
    """The refs of ``only`` or ``except``: names, kinds of pipeline, ``/regex/``."""

    span: Span
    refs: tuple[str, ...]

    def matches(self, variables: Mapping[str, str]) -> bool:
        """Return whether any of the refs names the pipeline's ref or its kind."""
        return any(self._matches(ref, variables) for ref in self.refs)

    def _matches(self, ref: str, variables: Mapping[str, str]) -> bool:
        source = variables.get("CI_PIPELINE_SOURCE", "").removesuffix("_event")
        if ref in {source, _plural(source)}:
            return True
        if source == "merge_request":
            return False
        if ref in {"tags", "branches"}:
            return (ref == "tags") == ("CI_COMMIT_TAG" in variables)
        name = variables.get("CI_COMMIT_REF_NAME", "")
        pattern = parse_pattern(ref)
        return name == ref if pattern is None else pattern.found_in(name, self.span)


def _plural(source: str) -> str:
    return source + ("es" if source.endswith("sh") else "s")


def first_match(
    rules: Iterable[Rule],
    variables: Mapping[str, str],
    *,
    exists: FileExists | None = None,
    changed: Iterable[str] | None = None,
) -> Rule | None:
    """Return the first rule whose clauses all hold, or None.

    Raises :class:`UnsupportedCiFile` where the answer hangs on ``changes`` or ``exists`` and the
    caller can't say; :class:`MalformedCiFile` for an unusable regular expression.
    """
    files = None if changed is None else tuple(changed)
    for rule in rules:
        if rule.condition is not None and not rule.condition.holds(variables):
            continue
        if rule.changes is not None and not _changed(rule, variables, files):
            continue
        if rule.exists is not None and not _exists(rule, variables, exists):
            continue
        return rule
    return None


def _changed(rule: Rule, variables: Mapping[str, str], files: tuple[str, ...] | None) -> bool:
    if files is None:
        raise unsupported(
            "`rules:changes` compares with the last push, which only GitLab knows",
            rule.span,
            help="put a rule before it that decides by `if`",
        )
    globs = [expand(glob, variables.get) for glob in rule.changes or ()]
    return any(glob_matches(glob, file) for glob in globs for file in files)


def _exists(rule: Rule, variables: Mapping[str, str], exists: FileExists | None) -> bool:
    if exists is None:
        raise unsupported("`rules:exists` asks for files that are not at hand", rule.span)
    return any(exists(expand(glob, variables.get)) for glob in rule.exists or ())


def glob_matches(glob: str, path: str) -> bool:
    """Return whether a glob names a path: ``*`` stays in a folder, ``**/`` crosses them."""
    *folders, last = glob.split("/")
    names = path.split("/")
    reached = {0}  # how many names the folders so far may have taken
    for folder in folders:
        if folder == "**":
            reached = set(range(min(reached, default=len(names)), len(names)))
        else:
            reached = {at + 1 for at in reached if at < len(names) and _named(folder, names[at])}
    return len(names) - 1 in reached and _named(last, names[-1])


def _named(glob: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, glob.replace("[", "[[]"))
