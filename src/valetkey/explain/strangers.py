"""Strangers of a request: who is like it in all but one thing, and must stay outside.

A suggestion is held against all of them by the evaluator itself. Each differs from the request as
an attacker would: a name that only begins alike, a fork, another branch, a tag.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from valetkey.explain.github import repository_names
from valetkey.oidc.issuers.gitlab import parse_subject
from valetkey.policy import Request

_EVIL: Final = "-evil"
_MALLORY: Final = "mallory"
_OTHER_ID: Final = "999000999"
_OF_PROJECT: Final = ("project_id", "namespace_id", "repository_id", "repository_owner_id")


class Stranger(NamedTuple):
    """A request that nobody means to allow, and what it is called."""

    who: str
    request: Request


def strangers(request: Request, provider: str | None) -> tuple[Stranger, ...]:
    """Return the strangers of a request; ``provider`` is the token's issuer without its scheme."""
    if request.requester.kind == "Federated" and provider is not None:
        return tuple(_of_token(request, provider))
    return tuple(_of_caller(request))


def _of_token(request: Request, provider: str) -> Iterator[Stranger]:
    prefix = f"{provider}:".lower()
    values = {
        key[len(prefix) :]: value
        for key, value in request.context.items()
        if key.lower().startswith(prefix) and isinstance(value, str)
    }
    sub = values.get("sub")
    if sub is None:
        return
    for who, changes in _changes(sub, values):
        there = {f"{provider}:{n}": v for n, v in changes.items() if n in values}
        if any(values[name] != changes[name] for name in changes if name in values):
            yield Stranger(who, replace(request, context=request.context.merged(there)))


def _changes(sub: str, values: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if parse_subject(sub) is not None:
        yield from _of_gitlab(sub, values)
    elif sub.startswith("repo:"):
        yield from _of_github(sub)
    elif sub.startswith("system:serviceaccount:"):
        namespace, _, account = sub.removeprefix("system:serviceaccount:").partition(":")
        start = "system:serviceaccount:"
        yield "a look-alike namespace", {"sub": f"{start}{namespace}{_EVIL}:{account}"}
        yield "another namespace", {"sub": f"{start}{_MALLORY}:{account}"}
        yield "another service account", {"sub": f"{start}{namespace}:{_MALLORY}"}
    yield "a subject that begins alike", {"sub": f"{sub}{_EVIL}"}
    yield "another subject", {"sub": _MALLORY}


def _of_gitlab(sub: str, values: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    path = _part(sub, "project_path") or values.get("project_path") or ""
    group, slash, project = path.partition("/")
    if slash:
        yield "a look-alike group", _in_project(sub, f"{group}{_EVIL}/{project}")
        yield "a look-alike project", _in_project(sub, f"{path}{_EVIL}")
        yield "another project of the group", _in_project(sub, f"{group}/{_MALLORY}")
        yield "a fork", _in_project(sub, f"{_MALLORY}/{path.rpartition('/')[2]}")
    ref = _part(sub, "ref") or values.get("ref")
    kind = _part(sub, "ref_type") or values.get("ref_type", "branch")
    if ref is not None:
        yield f"another {kind}", _on_ref(sub, f"{_MALLORY}/{ref}", kind)
        yield f"a {kind} that begins alike", _on_ref(sub, f"{ref}{_EVIL}", kind)
        other = "branch" if kind == "tag" else "tag"
        yield f"a {other}", _on_ref(sub, ref, other)
        yield f"another {other}", _on_ref(sub, f"v0{_EVIL}", other)
    if _part(sub, "ref_protected") == "true" or values.get("ref_protected") == "true":
        open_ref = _with(sub, ref_protected="false")
        yield "an unprotected ref", {"sub": open_ref, "ref_protected": "false"}


def _part(sub: str, label: str) -> str | None:
    return next((part.value for part in parse_subject(sub) or () if part.label == label), None)


def _with(sub: str, **changes: str) -> str:
    parts = parse_subject(sub) or ()
    return ":".join(f"{one.label}:{changes.get(one.label, one.value)}" for one in parts)


def _in_project(sub: str, path: str) -> Mapping[str, str]:
    group = path.rpartition("/")[0]
    ids = dict.fromkeys(_OF_PROJECT, _OTHER_ID)
    paths = {
        f"{of}{name}": value
        for of in ("", "job_", "job_source_")
        for name, value in (("project_path", path), ("namespace_path", group))
    }
    labels = {**paths, **ids}
    return {"sub": _with(sub, **labels), **labels, "job_project_id": _OTHER_ID}


def _on_ref(sub: str, ref: str, kind: str) -> Mapping[str, str]:
    heads = "tags" if kind == "tag" else "heads"
    changed = {"ref": ref, "ref_type": kind, "ref_path": f"refs/{heads}/{ref}"}
    ordinary = {"pipeline_source": "push"}
    return {"sub": _with(sub, **changed), **changed, **ordinary}


def _of_github(sub: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    repository, _, _ = sub.removeprefix("repo:").partition(":")
    context = sub.removeprefix("repo:")[len(repository) + 1 :]
    owner, _, name = repository.partition("/")
    bare_owner, bare_name = repository_names(repository)
    ids = owner != bare_owner
    suffix = f"@{_OTHER_ID}" if ids else ""
    others = {
        "a look-alike owner": f"{bare_owner}{_EVIL}{suffix}/{name}",
        "a look-alike repository": f"{owner}/{bare_name}{_EVIL}{suffix}",
        "another repository of the owner": f"{owner}/{_MALLORY}{suffix}",
        "a fork": f"{_MALLORY}{suffix}/{bare_name}{suffix}",
    }
    if ids:
        others["the same names with other ids"] = f"{bare_owner}{suffix}/{bare_name}{suffix}"
        others["a look-alike of both names"] = (
            f"{bare_owner}{_EVIL}{suffix}/{bare_name}{_EVIL}{suffix}"
        )
    for who, path in others.items():
        plain_owner, plain_name = repository_names(path)
        yield (
            who,
            {
                "sub": f"repo:{path}:{context}",
                "repository": f"{plain_owner}/{plain_name}",
                "repository_owner": plain_owner,
                **dict.fromkeys(("repository_id", "repository_owner_id"), _OTHER_ID),
            },
        )
    for who, form in (
        ("another branch", f"ref:refs/heads/{_MALLORY}"),
        ("a branch that begins alike", f"{context}{_EVIL}"),
        ("a tag", "ref:refs/tags/v0"),
        ("a pull request", "pull_request"),
        ("another environment", f"environment:{_MALLORY}"),
    ):
        ref = form.removeprefix("ref:") if form.startswith("ref:") else "refs/pull/1/merge"
        yield (
            who,
            {
                "sub": f"repo:{repository}:{form}",
                "ref": ref,
                "environment": form.partition("environment:")[2],
            },
        )


def _of_caller(request: Request) -> Iterator[Stranger]:
    service = request.action.partition(":")[0]
    yield Stranger("another action", replace(request, action=f"{service}:{_MALLORY.title()}"))
    if request.resource != "*":
        start, slash, rest = request.resource.rpartition("/")
        yield Stranger(
            "a resource that begins alike", replace(request, resource=f"{request.resource}{_EVIL}")
        )
        if slash:
            beside = f"{start}/{_MALLORY}{'' if rest else '/'}"
            yield Stranger("another resource beside it", replace(request, resource=beside))
            evil = f"{start}{_EVIL}/{rest}"
            yield Stranger("a look-alike of its folder", replace(request, resource=evil))
