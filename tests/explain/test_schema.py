"""The JSON form is what its schema and its page say."""

import json

import pytest
from jsonschema import Draft202012Validator

from support.case_lines import CASES, run
from support.explained import CLAIMS, explained, policy, statement
from support.schema_table import SCHEMA, members
from support.vectors import PROJECT, own
from valetkey.explain import VERSION, as_json

NEAR_MISSES = own("explain/conditions.json")["cases"]
VALIDATOR = Draft202012Validator(SCHEMA)


def assert_valid(values):
    VALIDATOR.validate(json.loads(json.dumps(values)))
    names = set(SCHEMA["properties"])
    assert set(values) == names
    assert set(SCHEMA["required"]) == names


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("row", NEAR_MISSES, ids=lambda row: row["id"])
def test_near_misses(row, whole):
    issuer = row.get("issuer", CLAIMS["iss"])
    claims = {**CLAIMS, "iss": issuer, **row["claims"]}
    explanation = explained(
        policy(statement(row["condition"], issuer)), claims, others=row.get("context")
    )
    values = as_json(explanation, whole=whole)
    assert_valid(values)
    assert (values["policies"] is not None) is whole


COMMANDS = [case for case in CASES if "policy-" not in case["line"]]


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["id"])
def test_what_the_command_prints(case):
    said = run({**case, "command": [*case["command"], "--json", "--all"]})
    values = json.loads(said.output)
    assert_valid(values)
    assert values["allowed"] is (case["exit"] == 0)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("version", 2),
        ("allowed", "no"),
        ("steps", [{"name": "x", "state": "perhaps", "fact": ""}]),
        ("suggestion", {"diff": "x"}),
        ("policies", [{}]),
    ],
)
def test_something_else_is_not_valid(member, value):
    values = as_json(explained(policy(statement({"StringEquals": {"x:sub": "y"}}))), whole=True)
    assert_valid(values)
    assert not VALIDATOR.is_valid({**values, member: value})


def test_the_page_has_every_member():
    assert members() in (PROJECT / "docs" / "explain.md").read_text()
