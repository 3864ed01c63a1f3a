"""The options that say which job a token is for, shared by ``job`` and ``issuer token``."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import click

R = TypeVar("R")

DEFAULT_BRANCH = "main"


def _project_path(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+", value):
        raise click.BadParameter(f"write it as GROUP/PROJECT, not `{value}`")
    return value


_OPTIONS = (
    click.option(
        "--project-path",
        metavar="G/P",
        default="group/project",
        show_default=True,
        callback=_project_path,
        help="The project, with its groups.",
    ),
    click.option(
        "--project-id",
        type=int,
        metavar="N",
        default=20,
        show_default=True,
        help="The project's number.",
    ),
    click.option("--ref", metavar="NAME", help="The branch or tag [the one checked out, or main]."),
    click.option(
        "--ref-type",
        type=click.Choice(["branch", "tag"]),
        default="branch",
        show_default=True,
        help="What --ref names.",
    ),
    click.option(
        "--protected/--unprotected",
        default=None,
        help="Whether the ref is protected [the branch main is].",
    ),
    click.option(
        "--pipeline-source",
        metavar="NAME",
        default="push",
        show_default=True,
        help="What began the pipeline: push, schedule, merge_request_event.",
    ),
)


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What the options say about a job."""

    project_path: str
    project_id: int
    named_ref: str | None
    ref_type: Literal["branch", "tag"]
    protected: bool | None
    pipeline_source: str

    def ref(self, checked_out: str | None) -> str:
        """Return the branch or tag: as named, else the one that is checked out, else main."""
        return self.named_ref or checked_out or DEFAULT_BRANCH

    def ref_protected(self, ref: str) -> bool:
        """Return whether the ref is protected: as said, else as a new project has it."""
        if self.protected is not None:
            return self.protected
        return self.ref_type == "branch" and ref == DEFAULT_BRANCH


def job_options(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options, and hand them to ``function`` as one argument ``facts``."""

    @functools.wraps(function)
    def collected(
        *,
        project_path: str,
        project_id: int,
        ref: str | None,
        ref_type: str,
        protected: bool | None,
        pipeline_source: str,
        **others: Any,
    ) -> R:
        facts = JobFacts(
            project_path=project_path,
            project_id=project_id,
            named_ref=ref,
            ref_type="tag" if ref_type == "tag" else "branch",
            protected=protected,
            pipeline_source=pipeline_source,
        )
        return function(facts=facts, **others)

    wrapped: Callable[..., R] = collected
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
