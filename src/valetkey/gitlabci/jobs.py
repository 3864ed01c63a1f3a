"""From the merged map of a job to the :class:`Job`."""

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import TypeVar

from valetkey.gitlabci.entries import (
    check_keys,
    is_absent,
    read_allow_failure,
    read_environment,
    read_id_tokens,
    read_script,
    read_strings,
    read_timeout,
    read_variables,
    text_of,
)
from valetkey.gitlabci.expand import Variable
from valetkey.gitlabci.keywords import (
    DEFAULT_KEYWORDS,
    DEFAULT_STAGE,
    JOB_KEYWORDS,
    NOTED,
    REFUSED,
    RULE_KEYWORDS,
    WHEN,
    nearest,
)
from valetkey.gitlabci.model import AllowFailure, Command, IdToken, Job
from valetkey.gitlabci.nodes import Entry, Mapping, Node, Scalar, Sequence
from valetkey.gitlabci.report import Report
from valetkey.gitlabci.rule_entries import read_refs, read_rules
from valetkey.gitlabci.rules import RefFilter, Rule

T = TypeVar("T")

_LONGEST_NAME = 255
_JOB_WHEN = tuple(word for word in WHEN if word != "never")
_NO_SCRIPT = "config should implement the script:, run:, or trigger: keyword"
_INSTEAD_OF_SCRIPT = ("run", "trigger")
_INHERIT = frozenset({"default", "variables"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the file says for every job."""

    default: Mapping | None
    variables: Map[str, Variable]
    stages: tuple[str, ...]


def read_job(entry: Entry, merged: Mapping, around: Surroundings, report: Report) -> Job:
    """Return one job; what is wrong with it goes to the report.

    ``entry`` is the job as written, ``merged`` the same with what it extends.
    """
    name = entry.name
    if len(name) > _LONGEST_NAME:
        report.error(f"job name is too long (maximum is {_LONGEST_NAME} characters)", merged.span)
    return _Reader(entry, _with_defaults(merged, around, report, name), around, report).job()


def _with_defaults(job: Mapping, around: Surroundings, report: Report, name: str) -> Mapping:
    """Return the job with the defaults that it inherits and does not set itself."""
    inherit = job.get("inherit")
    if isinstance(inherit, Mapping):
        check_keys(f"jobs:{name}:inherit", inherit, _INHERIT, report)
    present = tuple(entry for entry in job if not is_absent(entry.value))
    if around.default is None:
        return Mapping(job.span, present)
    wanted = _inherited(f"jobs:{name}:inherit", inherit, "default", report)
    own = {entry.name for entry in present}
    return Mapping(
        job.span,
        tuple(
            entry
            for entry in around.default
            if entry.name in DEFAULT_KEYWORDS
            and entry.name not in own
            and not is_absent(entry.value)
            and (wanted is None or entry.name in wanted)
        )
        + present,
    )


def _inherited(path: str, inherit: Node | None, key: str, report: Report) -> frozenset[str] | None:
    """Return the names that a job inherits; None means all."""
    value = inherit.get(key) if isinstance(inherit, Mapping) else None
    if value is None:
        return None
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return None if value.value else frozenset()
    if isinstance(value, Sequence):
        return frozenset(read_strings(f"{path}:{key} config", value, report))
    report.error(f"{path}:{key} config should be a bool or an array of strings", value.span)
    return frozenset()


class _Reader:
    """Reads the keywords of one job; each method one of them."""

    def __init__(self, entry: Entry, job: Mapping, around: Surroundings, report: Report) -> None:
        self._key = entry.key
        self._name = entry.name
        self._path = f"jobs:{entry.name}"
        self._job = job
        self._around = around
        self._report = report

    def job(self) -> Job:
        self._keywords()
        rules = self._rules()
        return Job(
            name=self._name,
            span=self._key.span,
            stage=self._stage(),
            before_script=self._script("before_script"),
            script=self._main_script(),
            after_script=self._script("after_script"),
            variables=self._variables(),
            id_tokens=self._id_tokens(),
            environment=self._read("environment", read_environment),
            timeout=self._read("timeout", read_timeout),
            rules=rules,
            only=self._refs("only", rules),
            unless=self._refs("except", rules),
            when=self._when(),
            allow_failure=self._allow_failure(rules),
            tags=self._tags(),
            notes=tuple(self._report.notes),
            refusals=tuple(self._report.refusals),
            keywords=self._job,
        )

    def _read(self, keyword: str, reader: Callable[[str, Node, Report], T]) -> T | None:
        node = self._job.get(keyword)
        return None if node is None else reader(f"{self._path}:{keyword}", node, self._report)

    def _keywords(self) -> None:
        for entry in self._job:
            name, span = entry.name, entry.key.span
            if name in REFUSED:
                self._report.refuse(f"`{name}` is GitLab's alone", span, help=REFUSED[name])
            elif name in NOTED:
                self._report.note(f"`{name}` has no effect here: {NOTED[name]}", span)
            elif name not in JOB_KEYWORDS:
                message = f"{self._path} config contains unknown keys: {name}"
                self._report.error(message, span, help=nearest(name, JOB_KEYWORDS))

    def _script(self, keyword: str) -> tuple[Command, ...]:
        return self._read(keyword, read_script) or ()

    def _main_script(self) -> tuple[Command, ...]:
        node = self._job.get("script")
        if node is None:
            if not any(self._job.get(other) for other in _INSTEAD_OF_SCRIPT):
                self._report.error(f"{self._path} {_NO_SCRIPT}", self._key.span)
            return ()
        before = len(self._report.errors)
        commands = read_script(f"{self._path}:script", node, self._report)
        if not commands and len(self._report.errors) == before:
            self._report.error(f"{self._path} script can't be blank", node.span)
        return commands

    def _stage(self) -> str:
        node = self._job.get("stage")
        stage = DEFAULT_STAGE if node is None else text_of(node)
        span = self._key.span if node is None else node.span
        if stage is None:
            self._report.error(f"{self._path}:stage config should be a string", span)
            return DEFAULT_STAGE
        stages = (".pre", *self._around.stages, ".post")
        if stage not in stages:
            available = ", ".join(stages)
            self._report.error(
                f"{self._name} job: chosen stage {stage} does not exist; "
                f"available stages are {available}",
                span,
                help=nearest(stage, stages),
            )
        return stage

    def _variables(self) -> dict[str, Variable]:
        path = f"{self._path}:inherit"
        wanted = _inherited(path, self._job.get("inherit"), "variables", self._report)
        inherited = {
            name: variable
            for name, variable in self._around.variables.items()
            if wanted is None or name in wanted
        }
        return {**inherited, **(self._read("variables", read_variables) or {})}

    def _id_tokens(self) -> tuple[IdToken, ...]:
        return self._read("id_tokens", read_id_tokens) or ()

    def _tags(self) -> tuple[str, ...]:
        node = self._job.get("tags")
        if node is None:
            return ()
        self._report.note("`tags` has no effect here: the job runs on this machine", node.span)
        return read_strings(f"{self._path}:tags config", node, self._report)

    def _when(self) -> str:
        node = self._job.get("when")
        if node is None:
            return "on_success"
        word = text_of(node) or ""
        if word not in _JOB_WHEN:
            message = f"{self._path} when should be one of: {', '.join(_JOB_WHEN)}"
            self._report.error(message, node.span, help=nearest(word, _JOB_WHEN))
        return word

    def _allow_failure(self, rules: tuple[Rule, ...] | None) -> AllowFailure:
        node = self._job.get("allow_failure")
        if node is None:
            # GitLab lets a pipeline go on past a manual job, unless its rules made it one
            return AllowFailure(always=rules is None and text_of(self._job.get("when")) == "manual")
        return read_allow_failure(f"{self._path} allow failure", node, self._report)

    def _rules(self) -> tuple[Rule, ...] | None:
        node = self._job.get("rules")
        if node is None:
            return None
        for other in ("only", "except"):
            if (entry := self._job.entry(other)) is not None:
                message = f"{self._path} config key may not be used with `rules`: {other}"
                self._report.error(message, entry.key.span)
        path = f"{self._path}:rules"
        return read_rules(path, node, self._report, known=RULE_KEYWORDS, when=WHEN)

    def _refs(self, keyword: str, rules: tuple[Rule, ...] | None) -> RefFilter | None:
        node = self._job.get(keyword)
        if node is None or rules is not None:
            return None
        return read_refs(keyword, f"{self._path}:{keyword} config", node, self._report)
