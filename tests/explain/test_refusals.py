"""Tokens that were refused by a check: which, why, by how much, and what to do."""

import pytest

from support.explained import CLAIMS, ROLE, words
from support.vectors import own
from valetkey.explain import Case, State, explain
from valetkey.oidc import Check

TABLE = own("explain/refusals.json")


def run(row):
    claims = {**CLAIMS, **row["claims"]}
    if claims["sub"].startswith("job_"):
        del claims["aud"]
    return explain(
        Case(
            allowed=False,
            time=TABLE["time"],
            documents=lambda _: None,
            check=row["check"],
            reason=row.get("reason"),
            help=row.get("advice"),
            issuer=claims["iss"],
            claims=claims,
            resource=row.get("role_arn", ROLE),
            role_arn=row.get("role_arn", ROLE),
            client_ids=row.get("client_ids"),
            issuers=row.get("issuers"),
            kid=row.get("kid"),
            kids=row.get("kids"),
            skipped_keys=[tuple(pair) for pair in row.get("skipped", ())],
        )
    )


@pytest.mark.parametrize("row", TABLE["cases"], ids=lambda row: row["id"])
def test_refusal(row):
    explanation = run(row)
    (finding,) = explanation.diagnostics
    assert explanation.allowed is False
    assert finding.code == row["code"]
    assert row["message"] in finding.message
    assert ("underlined" in row) is bool(finding.labels)
    if finding.labels:
        place = finding.labels[0].span
        assert place.text == row["underlined"]
        assert place.source.text[: place.start].endswith(row.get("before", ""))
    for wanted in row["help"]:
        assert wanted in "\n".join(finding.help)
    for wanted in row.get("notes", ()):
        assert wanted in "\n".join(finding.notes)
    for forbidden in row["forbidden"]:
        assert forbidden not in words(explanation)


@pytest.mark.parametrize("check", [*Check, "provider", "role", "role-arn"])
def test_the_ladder_breaks_at_the_check(check):
    steps = run({"check": check, "claims": {}, "reason": "so it is"}).steps
    states = [step.state for step in steps]
    broken = states.index(State.FAILED)
    assert set(states[:broken]) <= {State.PASSED}
    assert set(states[broken + 1 :]) == {State.NOT_REACHED}
    assert steps[broken].fact == "so it is"


def test_every_check_of_a_token_is_a_rung():
    """A check that is on no rung would leave a ladder without a broken one."""
    for check in Check:
        assert State.FAILED in {step.state for step in run({"check": check, "claims": {}}).steps}
