"""A whole CI file: its jobs, and which of them a pipeline would have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from valetkey.diagnostics import Diagnostic, Source
from valetkey.gitlabci.entries import check_keys, is_absent, read_strings, read_variables
from valetkey.gitlabci.errors import UnknownJob, UnsupportedCiFile
from valetkey.gitlabci.expand import Variable
from valetkey.gitlabci.includes import Includes, Loader
from valetkey.gitlabci.jobs import Surroundings, read_job
from valetkey.gitlabci.keywords import (
    DEFAULT_KEYWORDS,
    DEFAULT_STAGES,
    GLOBAL_KEYWORDS,
    LEGACY_DEFAULTS,
    WORKFLOW_KEYWORDS,
    WORKFLOW_RULE_KEYWORDS,
    nearest,
)
from valetkey.gitlabci.model import Job
from valetkey.gitlabci.nodes import Entry, Node
from valetkey.gitlabci.nodes import Mapping as Map
from valetkey.gitlabci.report import Report
from valetkey.gitlabci.resolve import Extends, References
from valetkey.gitlabci.rule_entries import read_rules
from valetkey.gitlabci.rules import Rule


@dataclass(frozen=True, slots=True)
class CiFile:
    """A CI file that GitLab would accept.

    ``jobs`` holds those that a pipeline can have, in the order of the file; hidden ones are
    templates only. ``sources`` are the file and what it includes.
    """

    sources: tuple[Source, ...]
    stages: tuple[str, ...]
    variables: Mapping[str, Variable]
    workflow: tuple[Rule, ...] | None
    jobs: Mapping[str, Job] = field(repr=False)
    refusals: tuple[Diagnostic, ...] = ()
    """What `workflow` asks for that can't be evaluated outside GitLab."""
    root: Map | None = field(default=None, compare=False, repr=False)
    """The map of the whole file, includes and references put in, ``extends`` not yet."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the jobs, by stage and then in the order of the file."""
        order = {stage: at for at, stage in enumerate((".pre", *self.stages, ".post"))}
        return tuple(sorted(self.jobs, key=lambda name: order[self.jobs[name].stage]))

    def job(self, name: str) -> Job:
        """Return a job that can be run here.

        Raises :class:`UnknownJob`, and :class:`UnsupportedCiFile` with every reason where the
        job needs what only GitLab has.
        """
        found = self.jobs.get(name)
        if found is None:
            raise self._unknown(name)
        if refusals := (*self.refusals, *found.refusals):
            first = refusals[0]
            raise UnsupportedCiFile(
                f"job `{name}` can't be run here: {first.message}",
                help=next(iter(first.help), None),
                diagnostics=refusals,
            )
        return found

    def _unknown(self, name: str) -> UnknownJob:
        known = frozenset(self.jobs)
        if name.startswith("."):
            return UnknownJob(f"`{name}` is hidden: a template for other jobs, not a job")
        listed = ", ".join(f"`{job}`" for job in self.names) or "none"
        near = nearest(name, known)
        return UnknownJob(f"there is no job `{name}`", help=near or f"jobs of this file: {listed}")


def parse(source: Source, includes: Includes | None = None) -> CiFile:
    """Read a CI file.

    ``includes`` gives the text of a project file for ``include:local``. Raises
    :class:`MalformedCiFile` with every finding where GitLab would refuse the file, and
    :class:`UnsupportedCiFile` where a part of it can't be had outside GitLab. Keywords that
    only some job needs are refused when that job is asked for (:meth:`CiFile.job`).
    """
    loader = Loader(includes)
    root = References(loader.load(source)).resolved()
    report = Report()
    around = _surroundings(root, report)
    workflow = _workflow(root.get("workflow"), report)
    jobs = dict(_jobs(root, around, report))
    if not jobs and not report.errors:
        report.error("jobs config should contain at least one visible job", root.span)
    report.check()
    return CiFile(
        tuple(loader.sources),
        around.stages,
        around.variables,
        workflow,
        jobs,
        tuple(report.refusals),
        root,
    )


def _jobs(root: Map, around: Surroundings, report: Report) -> Iterator[tuple[str, Job]]:
    extends = Extends(root)
    for entry in root:
        if entry.name in GLOBAL_KEYWORDS:
            continue
        if entry.name.startswith("."):
            if isinstance(entry.value, Map):
                extends.resolved(entry.name)
            continue
        if not isinstance(entry.value, Map):
            _no_job(entry, report)
            continue
        own = Report()
        yield entry.name, read_job(entry, extends.resolved(entry.name), around, own)
        report.errors.extend(own.errors)


def _no_job(entry: Entry, report: Report) -> None:
    near = nearest(entry.name, GLOBAL_KEYWORDS)
    message = f"root config contains unknown keys: {entry.name}"
    report.error(message, entry.key.span, help=near or "a job is a map with a `script`")


def _surroundings(root: Map, report: Report) -> Surroundings:
    variables = root.get("variables")
    return Surroundings(
        _default(root, report),
        {}
        if variables is None or is_absent(variables)
        else read_variables("variables", variables, report, described=True),
        _stages(root, report),
    )


def _stages(root: Map, report: Report) -> tuple[str, ...]:
    node = root.get("stages") or root.get("types")
    if node is None or is_absent(node):
        return DEFAULT_STAGES
    return read_strings("stages config", node, report) or DEFAULT_STAGES


def _default(root: Map, report: Report) -> Map | None:
    node = root.get("default")
    legacy = tuple(e for e in root if e.name in LEGACY_DEFAULTS and not is_absent(e.value))
    if node is None or is_absent(node):
        return Map(root.span, legacy) if legacy else None
    if not isinstance(node, Map):
        report.error("default config should be a hash", node.span)
        return None
    check_keys("default", node, DEFAULT_KEYWORDS, report)
    for entry in legacy:
        if node.entry(entry.name) is not None:
            message = f"root {entry.name} is defined in top-level and `default:` entry"
            report.error(message, entry.key.span)
    return Map(node.span, (*legacy, *node))


def _workflow(node: Node | None, report: Report) -> tuple[Rule, ...] | None:
    if node is None or is_absent(node):
        return None
    if not isinstance(node, Map):
        report.error("workflow config should be a hash", node.span)
        return None
    check_keys("workflow", node, WORKFLOW_KEYWORDS, report)
    rules = node.get("rules")
    if rules is None or is_absent(rules):
        return None
    known, when = WORKFLOW_RULE_KEYWORDS, ("always", "never")
    return read_rules("workflow:rules", rules, report, known=known, when=when)
