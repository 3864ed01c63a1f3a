"""The forms of a report, held to what their readers demand."""

import json
import re

import pytest

from valetkey.diagnostics import Diagnostic, Label, Severity, Source
from valetkey.lint import all_rules
from valetkey.lint.model import Edit, Finding
from valetkey.lint.reports import Report, as_codequality, as_json, as_sarif, as_text, summary
from valetkey.lint.text import Asking, lint_text

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "read kiln", "Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"},
    {"Sid": "a", "Effect": "Allow", "Action": "s3:GetObjct", "Resource": "arn:aws:s3:::\\u00e9/*"}
  ]
}
"""


def report(text: str = POLICY, name: str = "policies/a b.json") -> Report:
    found = lint_text(Source(name, text), Asking()) or ()
    return Report(tuple(each.finding for each in found), 1, 2, "9.9")


def test_there_is_something_to_report():
    assert [each.code for each in report().findings].count("POL009") == 2
    assert any(each.edits for each in report().findings)


class TestText:
    def test_each_finding_and_a_line_that_counts(self):
        shown = as_text(report(), color=False)
        assert shown.count(" --> policies/a b.json:") == len(report().findings)
        assert re.search(r"\n\d errors?, \d warnings?.* in 1 file \(2 silenced\)\n$", shown)

    def test_counting(self):
        note = Finding(Diagnostic("X", "m", Severity.NOTE))
        error = Finding(Diagnostic("X", "m"))
        assert summary(Report((), 0)) == "no findings in 0 files"
        assert summary(Report((note,), 2)) == "1 note in 2 files"
        assert summary(Report((error, note, error), 1)) == "2 errors, 1 note in 1 file"

    def test_the_threshold(self):
        warning = Report((Finding(Diagnostic("X", "m", Severity.WARNING)),), 1)
        assert [warning.reaches(each) for each in Severity] == [False, True, True]


def test_our_json():
    told = as_json(report())
    assert told["version"] == 1
    assert (told["files"], told["silenced"]) == (1, 2)
    assert sum(told["counts"].values()) == len(told["findings"])
    (sid,) = [each for each in told["findings"] if each["code"] == "POL004"]
    (edit,) = sid["edits"]
    assert edit["text"] == '"ReadKiln"'
    assert POLICY[edit["start"]["offset"] : edit["end"]["offset"]] == '"read kiln"'
    assert json.loads(json.dumps(told)) == told


class TestSarif:
    """SARIF 2.1.0: 3.13 sarifLog, 3.14 run, 3.18 tool, 3.27 result, 3.30 region, 3.55 fix."""

    @pytest.fixture
    def log(self):
        return json.loads(json.dumps(as_sarif(report())))

    def test_the_log(self, log):
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        driver = run["tool"]["driver"]
        assert (driver["name"], driver["version"]) == ("valetkey lint", "9.9")
        assert run["columnKind"] == "unicodeCodePoints"

    def test_rules_have_texts_and_every_result_has_its_rule(self, log):
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for rule in rules:
            assert rule["shortDescription"]["text"]
            assert rule["help"]["text"]
            assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in {"none", "note", "warning", "error"}
            assert result["message"]["text"]

    def test_regions_are_those_of_the_text(self, log):
        lines = POLICY.split("\n")
        for result, finding in zip(log["runs"][0]["results"], report().findings, strict=True):
            (location,) = result["locations"]
            physical = location["physicalLocation"]
            assert physical["artifactLocation"]["uri"] == "policies/a%20b.json"
            region = physical["region"]
            assert region["endLine"] >= region["startLine"] >= 1
            if region["startLine"] == region["endLine"]:
                line = lines[region["startLine"] - 1]
                text = line[region["startColumn"] - 1 : region["endColumn"] - 1]
                assert text == finding.diagnostic.labels[0].span.text

    def test_fixes(self, log):
        fixes = [fix for result in log["runs"][0]["results"] for fix in result.get("fixes", ())]
        assert fixes
        for fix in fixes:
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"]
                assert change["replacements"]
                for one in change["replacements"]:
                    assert one["deletedRegion"]["startLine"] >= 1
                    assert isinstance(one["insertedContent"]["text"], str)

    def test_a_finding_without_a_place_and_a_code_without_a_page(self):
        report = Report((Finding(Diagnostic("unheard-of", "m")),), 1)
        (run,) = as_sarif(report)["runs"]
        assert run["tool"]["driver"]["rules"] == [{"id": "unheard-of"}]
        assert "locations" not in run["results"][0]

    def test_an_absolute_path_is_a_file_uri(self):
        source = Source("/srv/a.json", "x")
        finding = Finding(
            Diagnostic("X", "m", labels=(Label(source.span(0, 1)),)), (Edit(0, 1, ""),)
        )
        (run,) = as_sarif(Report((finding,), 1))["runs"]
        location = run["results"][0]["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"] == "file:///srv/a.json"


class TestCodeQuality:
    def test_the_members_that_gitlab_demands(self):
        for entry in as_codequality(report()):
            assert set(entry) == {
                "description",
                "check_name",
                "fingerprint",
                "severity",
                "location",
            }
            assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
            assert entry["location"]["path"] == "policies/a b.json"
            assert entry["location"]["lines"]["begin"] >= 1
            assert entry["description"]

    def test_fingerprints_stay_when_lines_move(self):
        marks = [each["fingerprint"] for each in as_codequality(report())]
        assert len(set(marks)) == len(marks)
        moved = as_codequality(report(POLICY.replace("{\n", "{\n\n\n", 1)))
        assert [each["fingerprint"] for each in moved] == marks
        assert moved[0]["location"] != as_codequality(report())[0]["location"]

    def test_a_finding_without_a_place(self):
        (entry,) = as_codequality(Report((Finding(Diagnostic("X", "m")),), 1))
        assert entry["location"] == {"path": ".", "lines": {"begin": 1}}


def test_every_rule_has_a_page_that_sarif_can_show():
    source = Source("a", "x")
    label = (Label(source.span(0, 1)),)
    findings = tuple(Finding(Diagnostic(rule.code, "m", labels=label)) for rule in all_rules())
    (run,) = as_sarif(Report(findings, 1))["runs"]
    assert len(run["tool"]["driver"]["rules"]) == len(all_rules())
