"""What a text is, by name and content; and what is said of one that is nothing."""

import json

import pytest

from valetkey.diagnostics import Severity, Source
from valetkey.lint.detect import Form, known_name, recognise
from valetkey.lint.embedded import Checked
from valetkey.lint.text import Asking, lint_text
from valetkey.policy import PolicyType

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::400000000019:role/kiln"},
        "Action": "sts:AssumeRole",
    },
}
CI = "job:\n  script: [make]\n"


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        (".gitlab-ci.yml", "", Form.CI),
        ("ci/kiln.gitlab-ci.yml", "a: b", Form.CI),
        ("pipeline.yml", CI, Form.CI),
        ("pipeline.yml", ".job:\n  script: [make]\n", Form.YAML),
        ("compose.yml", "services:\n  a: {image: b}\n", Form.YAML),
        ("stack.yaml", "Statement:\n- Effect: Allow\n", Form.YAML),
        ("stack.template", '{"Resources": {}}', Form.JSON),
        ("chart.yaml", "{{- if .a }}\nStatement: b\n{{- end }}\n", Form.YAML),
        ("stack.yaml", "{% if a %}\nStatement: b\n{% endif %}\n", Form.YAML),
        ("policy.json", "", Form.JSON),
        ("main.tf", "", Form.HCL),
        ("main.tofu", "", Form.HCL),
        ("<stdin>", ' {"a": 1}', Form.JSON),
        ("<stdin>", 'resource "a" "b" {\n}\n', Form.HCL),
        ("<stdin>", CI, Form.CI),
        ("<stdin>", "Statement:\n- Effect: Allow\n", Form.YAML),
        ("notes.txt", "nothing\n", None),
        ("notes.yml", "[" * 200, Form.JSON),
        ("notes.yml", "a: " + "[" * 200 + "\n  script:\n", Form.YAML),
    ],
)
def test_recognise(name, text, form):
    assert recognise(Source(name, text)) is form


def test_names_that_are_looked_at_below_a_folder():
    assert all(map(known_name, ("a.json", "b/.gitlab-ci.yml", "c.TF", "d.yaml")))
    assert not any(map(known_name, ("a.md", "json", "b.py", ".tfstate")))


def kinds(text: str, kind: PolicyType | str | None = None, name: str = "p.json") -> list[str]:
    """Return the codes that a text gets, those of the rules left out."""
    found = lint_text(Source(name, text), Asking(kind=kind, rules=()))
    return [each.finding.code for each in found or ()]


def test_the_type_follows_from_what_the_document_says():
    assert kinds(json.dumps(TRUST)) == []
    assert kinds(json.dumps(TRUST), PolicyType.IDENTITY) == [
        "policy-principal-prohibited",
        "policy-resource-missing",
    ]
    at_resource = {**TRUST["Statement"], "Action": "s3:GetObject", "Resource": "*"}
    assert kinds(json.dumps({**TRUST, "Statement": at_resource})) == []
    named = {**TRUST["Statement"], "Resource": "*"}
    assert kinds(json.dumps({**TRUST, "Statement": named}), PolicyType.TRUST) == [
        "policy-resource-prohibited"
    ]


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("p.json", "{", ["policy-json"]),
        ("p.json", "{}", ["lint-nothing"]),
        ("p.json", "[]", ["lint-nothing"]),
        ("p.json", '{"Statement": []}', ["policy-no-statement", "policy-version-old"]),
        ("p.json", '{"Statement": {}, "Statement": {}}', ["policy-json"]),
        ("p.json", "[" * 5000, ["policy-json"]),
        ("p.json", '{"Statement": ' + "[" * 5000, ["policy-json"]),
        ("s.yaml", "a: b", ["lint-unrecognised"]),
        ("s.yaml", "Statement: [", ["lint-yaml"]),
        ("s.yaml", "Statement: b", ["lint-nothing"]),
        ("s.yaml", "a: &a [*a]\nStatement: *a", ["lint-nothing"]),
        ("s.yaml", "%YAML 9.9.9\n---\nStatement: 1", ["lint-yaml"]),
        ("s.yaml", "Statement:\n" + "".join(f"{' ' * n}a{n}:\n" for n in range(80)), ["lint-yaml"]),
        ("main.tf", "", ["lint-nothing"]),
        ("main.tf", "# Statement = 1", ["lint-nothing"]),
        ("notes.txt", "", ["lint-unrecognised"]),
        (".gitlab-ci.yml", "", ["ci-malformed"]),
        (".gitlab-ci.yml", "a: [", ["ci-yaml"]),
    ],
)
def test_texts_that_are_nothing_are_told_by_name(name, text, codes):
    assert kinds(text, name=name) == codes


@pytest.mark.parametrize(
    ("name", "text"),
    [("p.json", "{}"), ("p.json", "{"), ("s.yaml", "a: b"), ("main.tf", ""), ("x.txt", "")],
)
def test_below_a_folder_they_are_passed_over(name, text):
    assert lint_text(Source(name, text), Asking(named=False)) is None


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Statement: [", Severity.ERROR),
        ("Statement: {{ toYaml .Values.statement }}: [", Severity.NOTE),
        ("{% if a %}\nStatement: [\n{% endif %}", Severity.NOTE),
    ],
)
def test_below_a_folder_broken_yaml_that_may_hold_a_policy_is_told(text, severity):
    (found,) = lint_text(Source("s.yaml", text), Asking(named=False)) or ()
    assert found.finding.diagnostic.severity is severity
    assert (found.finding.code, found.finding.stops) == ("lint-yaml", True)


@pytest.mark.parametrize(
    ("name", "text", "stops"),
    [
        ("p.json", "{", True),
        ("p.json", '{"Statement": {"Effect": "Permit"}}', True),
        ("p.json", '{"Statement": []}', True),
        ("p.json", '{"Statement": {"Effect": "Allow", "Action": "s3:Get*"}}', False),
        ("stack.json", '{"a": {"Statement": {"Effect": "Permit", "Action": "s3:Get*"}}}', True),
        ("main.tf", 'x = { Statement = { Effect = "Permit", Action = "s3:Get*" } }', True),
        ("main.tf", 'x = "Statement ="\n}}', True),
        (".gitlab-ci.yml", "a: [", True),
        (".gitlab-ci.yml", "a: {script: [b], extends: c}", True),
        ("notes.txt", "", True),
    ],
)
def test_it_is_told_where_no_rule_has_looked(name, text, stops):
    found = lint_text(Source(name, text), Asking(rules=())) or ()
    assert found
    assert any(each.finding.stops for each in found) is stops


def test_aliases_that_grow_without_end():
    lines = ["Statement:", "  - &a0 {Effect: Allow, Action: [x, x, x, x, x, x, x, x, x, x]}"]
    lines += [f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    found = lint_text(Source("stack.yaml", "\n".join(lines)), Asking())
    assert [each.finding.code for each in found or ()] == ["lint-too-large"]


def test_hcl_nested_without_end():
    text = 'resource "a" "b" {\n  policy = jsonencode({ Statement = ' + "[{a=(" * 3000 + "\n"
    found: tuple[Checked, ...] = lint_text(Source("main.tf", text), Asking()) or ()
    assert {each.finding.code for each in found} == {"lint-hcl"}
    whole = 'x = { Statement = [{ Effect = "Allow", Action = ' + "[" * 900 + "]" * 900 + " }] }\n"
    found = lint_text(Source("main.tf", whole), Asking()) or ()
    assert found is not None
