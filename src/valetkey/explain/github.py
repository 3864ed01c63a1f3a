"""GitHub's subjects, ``repo:OWNER/NAME:…``, and the forms that they come in."""

import re
from typing import Final, NamedTuple

from valetkey.explain.compare import matches, quoted
from valetkey.explain.lookalikes import extends_name
from valetkey.explain.mismatch import Cause, Mismatch, unless

_ID: Final = re.compile(r"@[0-9]+", re.ASCII)


class _Subject(NamedTuple):
    """A subject's repository and what follows it: a ref, an environment, a pull request."""

    repository: str
    context: str

    @property
    def form(self) -> str:
        """Return the word that the rest begins with."""
        return self.context.split(":", 1)[0]


def _parse(text: str) -> _Subject | None:
    if not text.startswith("repo:"):
        return None
    repository, _, context = text.removeprefix("repo:").partition(":")
    return _Subject(repository, context)


def repository_names(repository: str) -> tuple[str, str]:
    """Return owner and name of a repository, without the ids that they may carry after `@`."""
    owner, _, name = _ID.sub("", repository).partition("/")
    return owner, name


def github_subject(mismatch: Mismatch) -> Cause | None:
    """Say how a repository's subject differs: its ids, its form, its repository or its ref."""
    got, wanted = _parse(mismatch.got), _parse(mismatch.value)
    if mismatch.claim != "sub" or got is None or wanted is None:
        return None
    if not matches(wanted.repository, got.repository, pattern=True):
        return _other_repository(wanted, got, mismatch)
    if got.form != wanted.form and "*" not in wanted.form:
        return _other_form(wanted, got, mismatch)
    return Cause(
        "other-ref",
        f"this is another ref: wanted {quoted(wanted.context)}, got {quoted(got.context)}",
        "the token's subject differs from here",
        unless(f"{quoted(got.context)}", mismatch),
    )


def _other_repository(wanted: _Subject, got: _Subject, mismatch: Mismatch) -> Cause:
    plain = _ID.sub("", got.repository)
    if plain != got.repository and matches(wanted.repository, plain, pattern=True):
        return Cause(
            "id-qualified-subject",
            "the token's subject is in the id-qualified form: owner and repository carry their"
            " ids after `@`",
            "an id follows in the token",
            (
                (
                    f"add the value {quoted(mismatch.got)}, beside the old one if older"
                    " repositories"
                    " still need it; a wildcard in place of the ids would admit look-alike names"
                ),
            ),
        )
    if extends_name(wanted.repository, got.repository):
        return Cause(
            "look-alike",
            f"the repository {quoted(got.repository)} only begins like {quoted(wanted.repository)}",
            f"{quoted(got.repository)} in the token: another name",
            (
                (
                    "nothing should be changed: the refusal protects you from names that only begin"
                    f" alike; if it is yours all the same, add the value {quoted(mismatch.got)}"
                ),
            ),
        )
    return Cause(
        "other-repository",
        f"the job is of another repository: wanted {quoted(wanted.repository)}, got"
        f" {quoted(got.repository)}",
        f"{quoted(got.repository)} in the token",
        unless(f"repository {quoted(got.repository)}", mismatch),
    )


def _other_form(wanted: _Subject, got: _Subject, mismatch: Mismatch) -> Cause:
    if got.form == "environment":
        return Cause(
            "environment-subject",
            "the token's subject is in environment form, the policy expects"
            f" {quoted(wanted.form)}: a job that names an environment has no branch in its subject",
            "`environment` in the token",
            (
                (
                    "if the environment shall have access, add the value"
                    f" {quoted(mismatch.got)}, and"
                    " protect the environment by branch where the job is configured: the subject no"
                    " longer says which branch it was"
                ),
            ),
        )
    if got.form == "pull_request":
        return Cause(
            "pull-request-subject",
            "the job is of a pull request, whose subject names no branch",
            "`pull_request` in the token",
            unless("every pull request of the repository", mismatch),
        )
    return Cause(
        "other-form",
        f"the token's subject is in the form {quoted(got.form)}, the policy expects"
        f" {quoted(wanted.form)}",
        f"{quoted(got.form)} in the token",
        unless("such a job", mismatch),
    )
