"""Decisions a second over policies of 1 to 1,000 statements, ours beside two others.

Beside ours, measured in the same run on equivalent policies: (a) a naive evaluator of the same
documents, below, that asks every statement; (b) Cedar through `cedarpy` (Rust), its policies and
entities parsed beforehand. All three are asked the same questions and must agree on them. Trust
the ratios; a shared machine's absolute figures move. Asserts no figure.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from fnmatch import translate
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from valetkey.diagnostics import Source
from valetkey.policy import (
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

try:
    import cedarpy
except ImportError:
    cedarpy = None

ACCOUNT = "400000000019"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
KEY, VALUE = "s3:prefix", "a/"
SIZES = (1, 10, 100, 1000)
Document = dict[str, Any]
Decide = Callable[[], bool]


def statement(action: str, resource: str, prefix: str = VALUE) -> Document:
    condition = {"StringEquals": {KEY: prefix}}
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def policy(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}


def own_action_each(size: int) -> tuple[Document, str, str]:
    """Return a policy whose statements have an action each, and a question to its middle."""
    made = [statement(f"s3:Do{n}", f"arn:aws:s3:::b-{n}/*") for n in range(size)]
    return policy(made), f"s3:Do{size // 2}", f"arn:aws:s3:::b-{size // 2}/a/b.txt"


def own_bucket_each(size: int) -> tuple[Document, str, str]:
    """Return one whose statements share the action and have a bucket each."""
    made = [statement("s3:Get*", f"arn:aws:s3:::b-{n:04}/*") for n in range(size)]
    return policy(made), "s3:GetObject", f"arn:aws:s3:::b-{size // 2:04}/a/b.txt"


def matching_of_a_thousand(matching: int) -> tuple[Document, str, str]:
    """Return one of 1,000 statements, some of which have the action and a pattern that fits.

    Only the last of these allows; nothing but evaluating each can tell.
    """
    by_action = [
        statement("s3:GetObject", "arn:aws:s3:::*/b.txt", f"x{n}/") for n in range(matching)
    ]
    by_action[-1] = statement("s3:GetObject", "arn:aws:s3:::*/b.txt")
    others = [statement(f"s3:Do{n}", "arn:aws:s3:::*/b.txt") for n in range(1000 - matching)]
    return policy(others + by_action), "s3:GetObject", "arn:aws:s3:::bucket/a/b.txt"


def ours(document: Document, action: str, resource: str) -> Decide:
    compiled = compile_policy(
        Source("policy", json.dumps(document, separators=(",", ":"))),
        PolicyType.IDENTITY,
        name="policy",
    )
    policies = Policies(identity=(compiled,))
    context = Context({KEY: VALUE, "aws:username": "ann"})
    request = Request(action, resource, context, Requester("AWS", (USER,), ACCOUNT), ACCOUNT)
    return lambda: decide(policies, request).allowed


@cache
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text.replace("[", "[[]")))


def naive(document: Document, action: str, resource: str) -> Decide:
    """Ask every statement of the document as it was written, Deny statements first."""
    context = {KEY: VALUE, "aws:username": "ann"}

    def applies(one: Document) -> bool:
        if not pattern(one["Action"].lower()).match(action.lower()):
            return False
        if not pattern(one["Resource"]).match(resource):
            return False
        tests = {
            "StringEquals": lambda wanted, got: wanted == got,
            "StringLike": lambda wanted, got: pattern(wanted).match(got) is not None,
        }
        return all(
            key.lower() in context and tests[operator](wanted, context[key.lower()])
            for operator, keys in one.get("Condition", {}).items()
            for key, wanted in keys.items()
        )

    def decided() -> bool:
        if any(one["Effect"] == "Deny" and applies(one) for one in document["Statement"]):
            return False
        return any(one["Effect"] == "Allow" and applies(one) for one in document["Statement"])

    return decided


def cedar(document: Document, action: str, resource: str) -> Decide | None:
    """Ask Cedar; an action with a wildcard becomes `like` on the action's name in the context."""
    if cedarpy is None:
        return None
    texts = []
    for one in document["Statement"]:
        name, arn = one["Action"], one["Resource"]
        prefix = one["Condition"]["StringEquals"][KEY]
        wild = "*" in name
        head = "action" if wild else f'action == Action::"{name}"'
        tests = [
            *([f'context.action like "{name}"'] if wild else []),
            f'context.resource like "{arn}"',
            f'context.prefix == "{prefix}"',
        ]
        texts.append(f"permit(principal, {head}, resource) when {{ {' && '.join(tests)} }};")
    policies = cedarpy.PolicySet.from_str("\n".join(texts))
    entities = cedarpy.Entities.from_json_str("[]")
    request = {
        "principal": f'User::"{USER}"',
        "action": f'Action::"{action}"',
        "resource": 'Object::"o"',
        "context": json.dumps({"action": action, "resource": resource, "prefix": VALUE}),
    }
    return lambda: cedarpy.is_authorized(request, policies, entities).allowed


def microseconds(question: Decide, seconds: float) -> float:
    """Return the CPU microseconds of a decision: the best of five, so that others matter less."""
    count = 1
    while True:
        begun = time.process_time()
        for _ in range(count):
            question()
        spent = time.process_time() - begun
        if spent > seconds / 10:
            break
        count *= 2
    runs = max(1, int(count * seconds / 5 / spent))
    best = spent / count
    for _ in range(5):
        begun = time.process_time()
        for _ in range(runs):
            question()
        best = min(best, (time.process_time() - begun) / runs)
    return best * 1e6


def row(name: str, made: tuple[Document, str, str], seconds: float) -> str:
    """Measure all three on one policy, after they agreed on a grant and a refusal."""
    document, action, resource = made
    engines = (ours, naive, cedar)
    for wanted, where in ((True, resource), (False, "arn:aws:s3:::elsewhere/x")):
        answers = [ask() for make in engines if (ask := make(document, action, where))]
        if answers != [wanted] * len(answers):
            raise SystemExit(f"{name}: the evaluators differ: {answers}")
    figures = [
        microseconds(ask, seconds) if (ask := make(document, action, resource)) else None
        for make in engines
    ]
    first = figures[0] or 0.0
    cells = [f"{first:.1f}", f"{1e6 / first:,.0f}"]
    cells += [
        "not installed" if us is None else f"{us:,.1f} ({us / first:.1f}x)" for us in figures[1:]
    ]
    return f"| {name} | {' | '.join(cells)} |"


def trust(seconds: float) -> list[str]:
    """Measure a trust policy with three conditions, without and with the trace."""
    host = "gitlab.forge.example"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    one = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": "https://vk.example.test"},
            "StringLike": {f"{host}:sub": "project_path:acme/*:ref_type:branch:ref:main"},
            "Bool": {f"{host}:ref_protected": "true"},
        },
    }
    source = Source("trust", json.dumps(policy([one])))
    policies = Policies(resource=compile_policy(source, PolicyType.TRUST, name="trust"))
    context = Context(
        {
            f"{host}:aud": "https://vk.example.test",
            f"{host}:sub": "project_path:acme/payments:ref_type:branch:ref:main",
            f"{host}:ref_protected": "true",
        }
    )
    request = Request(
        one["Action"],
        f"arn:aws:iam::{ACCOUNT}:role/deploy",
        context,
        Requester("Federated", (provider,), ACCOUNT),
        ACCOUNT,
    )
    lines = []
    for name, traced in (("", False), (", with its trace", True)):
        us = microseconds(lambda: decide(policies, request, trace=traced).allowed, seconds)  # noqa: B023 - called here
        lines.append(
            f"| trust policy, three conditions{name} | {us:.1f} | {1e6 / us:,.0f} | - | - |"
        )
    return lines


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds a figure")
    seconds = parser.parse_args().seconds
    try:
        beside = f"cedarpy {version('cedarpy')}"
    except PackageNotFoundError:
        beside = "cedarpy (not installed: `pip install cedarpy`)"
    print(f"| policy | valetkey µs | a second | naive µs | {beside} µs |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        print(row(f"{size} statements, an action each", own_action_each(size), seconds))
    for size in SIZES:
        print(row(f"{size} statements, a bucket each", own_bucket_each(size), seconds))
    for size in SIZES:
        name = f"1,000 statements, {size} with the action"
        print(row(name, matching_of_a_thousand(size), seconds))
    for line in trust(seconds):
        print(line)


if __name__ == "__main__":
    main()
