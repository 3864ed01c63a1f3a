"""Project Wycheproof's vectors for JSON Web Signatures and Keys.

None that must be refused is accepted. Of those that a general library would accept, the ones
that policy refuses here are counted by the policy.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from support.vectors import vectors
from valetkey.oidc import KeySet, MalformedToken, TokenRefused
from valetkey.oidc.jws import check_signature, parse_jws

FILES = ("json_web_signature_test", "json_web_key_test", "json_web_crypto_test")


def key_set(group: dict[str, Any]) -> KeySet:
    """Return the group's keys; for symmetric ones only the secret exists, so that is tried."""
    document = group.get("public") or group["private"]
    members = document.get("keys", [document])
    # Finding keys by kid is not what the vectors are about: a key without one gets one.
    return KeySet.from_json(json.dumps({"keys": [{"kid": "k"} | m for m in members]}).encode())


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    document = json.loads(vectors(f"wycheproof-jose/testvectors_v1/{name}.json").read_text())
    for group in document["testGroups"]:
        for case in group["tests"]:
            if "jws" in case:
                yield group, case


def accepted(group: dict[str, Any], case: dict[str, Any]) -> str | None:
    """Return None where the token is accepted, else the check that refused it."""
    text = case["jws"] if isinstance(case["jws"], str) else json.dumps(case["jws"])
    try:
        jws = parse_jws(text)
        check_signature(jws, key_set(group))
    except (MalformedToken, TokenRefused) as error:
        return str(error.check)
    return None


def policy(group: dict[str, Any], case: dict[str, Any], check: str) -> str:
    """Name the policy that refuses a valid token."""
    document = group.get("public") or group["private"]
    if "key_ops" in document:
        return f"key_ops ({check})"
    if case["comment"] == "emptyPayload":
        return f"empty payload ({check})"
    return f"alg {document.get('alg') or document['keys'][0]['alg']} ({check})"


@pytest.mark.parametrize("name", FILES)
def test_nothing_invalid_is_accepted(name: str):
    through = [
        (case["tcId"], case["comment"])
        for group, case in cases(name)
        if case["result"] != "valid" and accepted(group, case) is None
    ]
    assert through == []


@pytest.mark.parametrize(
    ("name", "taken", "invalid", "by_policy"),
    [
        (
            "json_web_signature_test",
            14,
            355,
            {
                "alg HS256 (algorithm)": 8,
                "alg HS256 (encoding)": 2,  # a `?` that the vectors let readers skip
                "alg PS256 (algorithm)": 6,
                "alg PS384 (algorithm)": 3,
                "alg PS512 (algorithm)": 3,
                "alg ES521 (key)": 1,  # no such algorithm: the vectors mean ES512
                "key_ops (algorithm)": 1,
                "key_ops (key)": 2,  # as AWS: any key_ops fails
                "empty payload (segments)": 6,
            },
        ),
        (
            "json_web_key_test",
            1,
            21,
            {
                "alg HS256 (algorithm)": 2,
                "alg HS384 (algorithm)": 1,
                "alg HS512 (algorithm)": 1,
            },
        ),
        ("json_web_crypto_test", 2, 45, {"alg HS256 (algorithm)": 2}),
    ],
)
def test_what_is_valid_is_accepted_but_for_policy(name, taken, invalid, by_policy):
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for group, case in cases(name):
        check = accepted(group, case)
        counts[case["result"], check is None] += 1
        if case["result"] == "valid" and check is not None:
            refused[policy(group, case, check)] += 1
    assert refused == by_policy
    assert counts["valid", True] == taken
    assert counts["invalid", False] == invalid
