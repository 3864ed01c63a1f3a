"""Documents that do not load: AWS's sentence, and the characters that are underlined."""

from typing import Any

import pytest

from policy.building import compiled, document, refused, text_of, trusts
from support.vectors import own, vector_json
from valetkey.diagnostics import Source, render
from valetkey.errors import AwsError
from valetkey.policy import MalformedPolicy, PolicyType, parse

REFUSALS = own("policy/refusals.json")["cases"]
ACCEPTED = own("policy/accepted.json")["cases"]
MOTO = vector_json("moto-policy-documents/policy_documents.json")

REFUSED_ON_PURPOSE = {
    19: "an unknown operator with nothing under it: what is not understood is not loaded",
    31: "two unknown operators with nothing under them",
}
"""Documents AWS takes and we do not, by their place in moto's table, and why."""


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in REFUSALS])
def test_refusal(case: dict[str, Any]) -> None:
    refusal = refused(case["document"], PolicyType(case["type"]))
    finding = refusal.diagnostics()[0]
    assert refusal.message == case["message"]
    assert (refusal.code, refusal.status) == ("MalformedPolicyDocument", 400)
    assert (finding.code, finding.labels[0].span.text) == (case["code"], case["underlined"])
    if "help" in case:
        assert finding.help == (case["help"],)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in REFUSALS])
def test_findings_are_worded_and_shown_as_findings(case: dict[str, Any]) -> None:
    for finding in refused(case["document"], PolicyType(case["type"])).diagnostics():
        assert finding.message[0] in "`abcdefghijklmnopqrstuvwxyz"
        assert not finding.message.endswith(".")
        assert finding.code in render(finding)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in ACCEPTED])
def test_accepted(case: dict[str, Any]) -> None:
    policy = compiled(case["document"], PolicyType(case["type"]))
    assert policy.source.text == text_of(case["document"])


@pytest.mark.parametrize("place", range(78))
def test_invalid_document_of_moto(place: int) -> None:
    case = moto("invalid_policy_document_test_cases")[place]
    assert refused(case["document"]).message == case["error_message"]


@pytest.mark.parametrize("place", range(54))
def test_valid_document_of_moto(place: int) -> None:
    case = moto("valid_policy_documents")[place]
    if place in REFUSED_ON_PURPOSE:
        finding = refused(case).diagnostics()[0]
        assert finding.code == "policy-unknown-operator", REFUSED_ON_PURPOSE[place]
    else:
        assert compiled(case).statements


def test_moto_table_is_run_in_full() -> None:
    assert len(moto("invalid_policy_document_test_cases")) == 78
    assert len(moto("valid_policy_documents")) == 54


def moto(name: str) -> list[Any]:
    """Return one of moto's two tables; without the file the test is listed as not run."""
    if MOTO is None:
        from support.vectors import vectors  # noqa: PLC0415 - only where the file is absent

        vectors("moto-policy-documents/policy_documents.json")
    return list(MOTO[name])


def test_duplicate_member_points_at_both() -> None:
    finding = refused('{"Version":"2012-10-17","Statement":[],"Version":"x"}').diagnostics()[0]
    assert [label.span.position.column for label in finding.labels] == [40, 2]
    assert [label.text for label in finding.labels] == ["given again here", "given first here"]


def test_all_flaws_are_reported_and_the_wire_gets_the_first_of_aws() -> None:
    refusal = refused(
        document(
            {"Effect": "Allow", "Action": "invalid", "Resource": "x"},
            {"Effect": "denY", "Action": "s3:*"},
        )
    )
    assert refusal.message == "The policy failed legacy parsing"
    assert [finding.code for finding in refusal.diagnostics()] == [
        "policy-effect-case",
        "policy-resource-invalid",
        "policy-action-invalid",
        "policy-resource-missing",
    ]


def test_trust_policies_are_judged_statement_by_statement() -> None:
    late = {**trusts({"AWS": "*"}), "Effect": "Maybe"}
    refusal = refused(document(trusts({"AWS": "*"}, Resource="*"), late), PolicyType.TRUST)
    assert refusal.message == "Has prohibited field Resource"


def test_reason_and_help_are_for_the_operator() -> None:
    refusal = refused('{"Version":"2012-10-17","Statment":[]}')
    assert isinstance(refusal, AwsError)
    assert refusal.reason == "a policy has no element `Statment`"
    assert refusal.help == "did you mean `Statement`?"
    assert "Statment" not in refusal.message


def test_place_is_within_the_value_unless_it_has_escapes() -> None:
    plain = refused(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*",'
        '"Resource":"arn:aws:s3:::a/${b"}}'
    )
    escaped = refused(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*",'
        '"Resource":"arn:aws:s3:::\\u0061/${b"}}'
    )
    assert plain.diagnostics()[0].labels[0].span.text == "${"
    assert escaped.diagnostics()[0].labels[0].span.text == '"arn:aws:s3:::\\u0061/${b"'


def test_many_flaws_are_cut_off() -> None:
    statements = [{"Effect": "Allow", f"Actoin{n}": "x"} for n in range(2000)]
    refusal = refused(document(*statements))
    assert len(refusal.diagnostics()) == 20


def test_parse_reads_what_a_type_would_forbid() -> None:
    read = parse(Source("p", text_of(document(trusts({"AWS": "*"})))))
    assert read.statements[0].principal is not None


def test_parse_refuses_in_the_words_of_the_type() -> None:
    with pytest.raises(MalformedPolicy, match=r"^This policy contains invalid Json$"):
        parse(Source("p", "{"), PolicyType.TRUST)
    with pytest.raises(MalformedPolicy, match=r"^Syntax errors in policy\.$"):
        parse(Source("p", "{"))
