"""``valetkey lint``: files, folders and standard input; 0 clean, 1 findings, 2 usage."""

import json
import os
import stat
import time

import pytest

from cli.running import assert_in_words
from valetkey.lint import all_rules

CLEAN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::kiln/*",
        },
    }
)
MISSPELT = CLEAN.replace("GetObject", "GetObjct")
UNTIDY = CLEAN.replace('"Effect"', '"Sid": "read kiln", "Effect"')
TF = (
    'x = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
    'Action = "s3:GetObjct", Resource = "*" }] })\n'
)
CI = """stages: [test]
job:
  stage: test
  script:
    - export $(aws sts assume-role-with-web-identity --role-arn "$ROLE")
"""


@pytest.fixture
def put(tmp_path):
    def written(**files: str | bytes) -> None:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    return written


def test_a_clean_file(valetkey, put):
    put(a_dot_json=CLEAN)
    done = valetkey("lint", "a.json")
    assert (done.code, done.output, done.errors) == (0, "no findings in 1 file\n", "")


def test_a_finding_points_at_the_characters(valetkey, put):
    put(a_dot_json=MISSPELT)
    done = valetkey("lint", "a.json")
    assert (done.code, done.errors) == (1, "")
    assert "warning[POL009]: service `s3` has no action `GetObjct`" in done.output
    assert "--> a.json:1:" in done.output
    assert done.output.endswith("\n1 warning in 1 file\n")
    assert valetkey("lint", "a.json", "--fail-on", "error").code == 0


def test_one_file_is_looked_at_in_a_moment(valetkey, put):
    put(a_dot_json=MISSPELT)
    before = os.times().children_user
    assert valetkey("lint", "a.json").code == 1
    assert os.times().children_user - before < 3


def test_a_folder(valetkey, put, tmp_path):
    put(
        a_dot_json=MISSPELT,
        b__c_dot_tf=TF,
        package_dot_json='{"name": "x"}',
        data_dot_json="{",
        node_modules__a_dot_json=MISSPELT,
        _dot_terraform__a_dot_json=MISSPELT,
        notes_dot_txt="x",
        binary_dot_json=b"\xff\xfe",
    )
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "gone.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.json")
    for words in ((), (".",), ("a.json", ".", "a.json")):
        done = valetkey("lint", *words, "--json")
        assert done.code == 1
        places = [each["labels"][0]["file"] for each in done.json["findings"] if each["labels"]]
        assert sorted(places) == ["a.json", "b/c.tf"]
        assert [each["code"] for each in done.json["findings"] if not each["labels"]] == [
            "lint-unreadable"
        ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a_dot_json", b"\xff\xfe", "lint-not-text"),
        ("a_dot_json", b"[" * 1_100_000, "lint-too-large"),
        ("a_dot_txt", b"hello", "lint-unrecognised"),
        ("a_dot_json", b"[" * 100_000, "policy-json"),
        ("a_dot_tf", b"Statement = " + b"[" * 100_000, "lint-hcl"),
        ("a_dot_yml", b"Statement: " + b"[" * 10_000, "lint-yaml"),
        ("a_dot_yml", b"Statement: {{{{", "lint-yaml"),
        ("_dot_gitlab-ci_dot_yml", b"\x00", "ci-yaml"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else value,
)
def test_hostile_and_odd_files_are_findings(valetkey, put, name, content, code):
    put(**{name: content})
    done = valetkey("lint", name.replace("_dot_", "."), "--fail-on", "note", "--json")
    assert (done.code, done.errors) == (1, "")
    assert code in [each["code"] for each in done.json["findings"]]


@pytest.mark.parametrize("name", ["a_dot_tf", "_dot_gitlab-ci_dot_yml", "a_dot_txt"])
def test_below_a_folder_what_is_too_large_is_told_where_it_may_hold_something(valetkey, put, name):
    put(**{name: b'data "aws_iam_policy_document" "a" {\n' + b"#" * 1_100_000})
    done = valetkey("lint", "--json")
    told = [] if name == "a_dot_txt" else ["lint-too-large"]
    assert [each["code"] for each in done.json["findings"]] == told
    put(**{name: b"#" * 1_100_000})
    told = ["lint-too-large"] if "gitlab" in name else []
    assert [each["code"] for each in valetkey("lint", "--json").json["findings"]] == told


def test_what_is_named_is_named_also_below_a_folder(valetkey, put):
    put(d__notes_dot_yml="a: b\n")
    assert valetkey("lint", "d").code == 0
    for words in (("d", "d/notes.yml"), ("d/notes.yml", "d")):
        done = valetkey("lint", *words, "--json")
        assert [each["code"] for each in done.json["findings"]] == ["lint-unrecognised"]


def test_a_folder_given_as_a_file_may_not_be_read(valetkey, put, tmp_path):
    put(a_dot_json=MISSPELT)
    os.mkfifo(tmp_path / "pipe.json")
    done = valetkey("lint", "pipe.json", "--json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, "lint-unreadable")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("nowhere.json",), "there is no file or folder `nowhere.json`"),
        (("--select", "TRST001", "."), "Did you mean `TRUST001`?"),
        (("--ignore", "zzzzzz", "."), "`valetkey lint --rules` lists all"),
        (("--explain", "POL00"), "there is no rule `POL00`. Did you mean"),
        (("--explain", "policy-jso"), "Did you mean `policy-json`?"),
        (("--audience", "a", "."), "--audience goes with one --provider-url"),
        (("--json", "--format", "sarif", "."), "say different things"),
        (("--type", "policy", "."), "'policy' is not one of"),
    ],
)
def test_usage(valetkey, words, part):
    assert_in_words(valetkey("lint", *words), 2, part)


class TestStandardInput:
    def test_it_is_called_what_it_is_said_to_be_called(self, valetkey):
        done = valetkey("lint", "-", "--stdin-filename", "kiln/main.tf", stdin=TF)
        assert done.code == 1
        assert "--> kiln/main.tf:1:" in done.output
        assert "--> <stdin>:1:" in valetkey("lint", "-", stdin=MISSPELT).output

    def test_a_type_is_taken_as_said(self, valetkey):
        assert valetkey("lint", "-", "--type", "trust", stdin=CLEAN).code == 1
        assert valetkey("lint", "-", "--type", "ci", stdin=CI).code == 1
        assert valetkey("lint", "-", stdin=CLEAN).code == 0

    def test_a_fix_goes_to_standard_output(self, valetkey):
        done = valetkey("lint", "-", "--fix", stdin=UNTIDY)
        assert json.loads(done.output)["Statement"]["Sid"] == "ReadKiln"
        assert "fixed POL004" in done.errors
        done = valetkey("lint", "-", "--fix", "--format", "sarif", stdin=UNTIDY)
        assert json.loads(done.output)["Statement"]["Sid"] == "ReadKiln"
        assert json.loads(done.errors.split("\n", 1)[1])["version"] == "2.1.0"


class TestCiFiles:
    def test_a_swallowed_refusal(self, valetkey, put):
        put(**{"_dot_gitlab-ci_dot_yml": CI})
        done = valetkey("lint", ".", "--select", "CI001")
        assert done.code == 1
        assert "--> .gitlab-ci.yml:5:" in done.output

    def test_includes_are_followed_from_the_repositorys_root(self, valetkey, put, tmp_path):
        (tmp_path / ".git").mkdir()
        included = CI.replace("job:", "other:").replace("stages: [test]\n", "")
        put(
            **{
                "sub___dot_gitlab-ci_dot_yml": "include: /ci/a.yml\njob: {script: [make]}\n",
                "ci__a_dot_yml": included,
            }
        )
        done = valetkey("lint", ".", "--select", "CI001", "--json")
        assert done.code == 1
        (finding,) = done.json["findings"]  # once, though it is looked at twice
        assert finding["labels"][0]["file"] == "ci/a.yml"
        missing = valetkey("lint", "-", "--type", "ci", stdin="include: /ci/a.yml\n")
        assert "ci-unsupported" in missing.output

    def test_what_a_file_answers_for_counts_where_it_is_included(self, valetkey, put, tmp_path):
        (tmp_path / ".git").mkdir()
        top = "include: /ci/a.yml\njob: {extends: .other, script: [make]}\n"
        included = CI.replace("job:", ".other:").replace("stages: [test]\n", "")
        included = included.replace("  script:", "  before_script:")
        put(**{"_dot_gitlab-ci_dot_yml": top, "ci__a_dot_yml": included})
        words = ("lint", ".", "--select", "CI001,lint", "--fail-on", "note")
        assert "--> ci/a.yml:4:" in valetkey(*words).output
        comment = "    # valetkey:ignore CI001 the next line checks\n    - export"
        put(ci__a_dot_yml=included.replace("    - export", comment))
        done = valetkey(*words)
        assert (done.code, "1 silenced" in done.output) == (0, True)
        put(ci__a_dot_yml=included)
        answer = '[[ignore]]\ncode = "CI001"\nfile = "ci/*.yml"\nreason = "r"\n'
        put(**{"_dot_valetkey-lint_dot_toml": answer})
        done = valetkey(*words)
        assert (done.code, "1 silenced" in done.output) == (0, True)
        put(**{"_dot_valetkey-lint_dot_toml": answer.replace("ci/*.yml", "*.yml")})
        done = valetkey(*words)  # what is said of the file itself
        assert done.code == 1
        assert "lint-ignore-unused" in done.output


class TestFix:
    def test_a_file_is_written_and_keeps_its_mode(self, valetkey, put, tmp_path):
        put(a_dot_json=UNTIDY.replace(",", ",\r\n"))
        path = tmp_path / "a.json"
        path.chmod(0o640)
        (tmp_path / "link.json").symlink_to(path)
        done = valetkey("lint", "--fix", "link.json")
        assert (done.code, done.errors) == (0, "")
        assert done.output.startswith("fixed POL004 at link.json:")
        assert json.loads(path.read_text())["Statement"]["Sid"] == "ReadKiln"
        assert b",\r\n" in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert (tmp_path / "link.json").is_symlink()
        assert sorted(each.name for each in tmp_path.iterdir()) == ["a.json", "link.json"]
        before = path.stat().st_mtime_ns
        assert valetkey("lint", "--fix", "a.json").output == "no findings in 1 file\n"
        assert path.stat().st_mtime_ns == before

    def test_a_diff_writes_nothing(self, valetkey, put, tmp_path):
        put(a_dot_json=UNTIDY)
        done = valetkey("lint", "--diff", "a.json")
        assert "--- a/a.json\n+++ b/a.json\n" in done.output
        assert '+{"Version": "2012-10-17", "Statement": {"Sid": "ReadKiln"' in done.output
        assert (tmp_path / "a.json").read_text() == UNTIDY
        told = valetkey("lint", "--diff", "--json", "a.json")
        assert told.json["findings"] == []
        assert "+++ b/a.json" in told.errors

    def test_nothing_is_written_outside_of_the_folder(self, valetkey, put, tmp_path):
        put(d__own_dot_json=UNTIDY, outside_dot_json=UNTIDY, d__node_modules__a_dot_json=UNTIDY)
        (tmp_path / "d" / "a.json").symlink_to(tmp_path / "d" / "own.json")
        (tmp_path / "d" / "b.json").symlink_to(tmp_path / "outside.json")
        (tmp_path / "d" / "c.json").symlink_to(tmp_path / "d" / "node_modules" / "a.json")
        done = valetkey("lint", "--fix", "d", "--json")
        assert [each["labels"][0]["file"] for each in done.json["findings"]] == [
            "d/b.json",
            "d/c.json",
        ]
        assert (tmp_path / "outside.json").read_text() == UNTIDY
        assert (tmp_path / "d" / "node_modules" / "a.json").read_text() == UNTIDY
        assert "ReadKiln" in (tmp_path / "d" / "own.json").read_text()
        assert valetkey("lint", "--fix", "d", "d/b.json").code == 1  # it was named, the other not
        assert "ReadKiln" in (tmp_path / "outside.json").read_text()

    def test_a_report_that_can_t_be_written_is_told_first(self, valetkey, put, tmp_path):
        put(a_dot_json=UNTIDY)
        done = valetkey("lint", "--fix", "a.json", "--output", "nowhere/report.txt")
        assert_in_words(done, 1, "no such file or directory")
        assert (tmp_path / "a.json").read_text() == UNTIDY

    def test_what_is_silenced_is_left_alone(self, valetkey, put, tmp_path):
        put(
            a_dot_json=UNTIDY,
            **{
                "_dot_valetkey-lint_dot_toml": '[[ignore]]\ncode = "POL004"\nfile = "*.json"\n'
                'reason = "read by another tool"\n'
            },
        )
        done = valetkey("lint", "--fix", ".")
        assert (done.code, done.output) == (0, "no findings in 1 file (1 silenced)\n")
        assert (tmp_path / "a.json").read_text() == UNTIDY


class TestSilence:
    def test_a_comment_with_a_reason(self, valetkey, put):
        put(a_dot_tf=f"# valetkey:ignore POL009 of a service that is not public yet\n{TF}")
        done = valetkey("lint", "a.tf", "--select", "POL009")
        assert (done.code, done.output) == (0, "no findings in 1 file (1 silenced)\n")
        put(a_dot_tf=f"# valetkey:ignore POL009\n{TF}")
        assert valetkey("lint", "a.tf").output.count("lint-ignore-reason") == 1
        put(a_dot_tf=f"# valetkey:ignore POL004 why\n{TF}")
        assert "note[lint-ignore-unused]" in valetkey("lint", "a.tf").output

    def test_the_projects_file_is_found_upward(self, valetkey, put):
        put(
            a__b__c_dot_json=MISSPELT,
            **{
                "_dot_valetkey-lint_dot_toml": '[[ignore]]\ncode = "POL009"\nstatement = 1\n'
                'file = "a/**/*.json"\nreason = "not public yet"\n'
            },
        )
        assert valetkey("lint", "a/b/c.json").code == 0
        assert valetkey("lint", "a/b").code == 0

    def test_an_answer_to_nothing_is_a_note(self, valetkey, put):
        put(
            a_dot_json=CLEAN,
            config_dot_toml='[[ignore]]\ncode = "POL009"\nfile = "*.json"\nreason = "r"\n',
        )
        done = valetkey("lint", "a.json", "--config", "config.toml", "--fail-on", "note")
        assert done.code == 1
        assert "note[lint-ignore-unused]" in done.output
        assert "--> config.toml:1:3" in done.output

    def test_a_file_that_can_t_be_used(self, valetkey, put):
        put(a_dot_json=CLEAN, **{"_dot_valetkey-lint_dot_toml": "ignor = 1\n"})
        assert_in_words(
            valetkey("lint", "a.json"), 1, "error[lint-config]", ".toml:1:1", "`ignore`"
        )

    def test_answers_to_nothing_are_chosen_like_others(self, valetkey, put):
        answers = '[[ignore]]\ncode = "POL009"\nfile = "*.json"\nreason = "r"\n'
        answers += answers.replace("POL009", "POL00")
        put(a_dot_json=CLEAN, config_dot_toml=answers)

        def codes(*words: str) -> set[str]:
            done = valetkey("lint", "a.json", "--config", "config.toml", "--json", *words)
            return {each["code"] for each in done.json["findings"]}

        assert codes() == {"lint-ignore-unused", "lint-ignore-code"}
        assert codes("--ignore", "lint-ignore-unused") == {"lint-ignore-code"}
        assert codes("--select", "POL009") == set()
        assert codes("--select", "POL009,lint-ignore-unused") == {"lint-ignore-unused"}

    def test_what_can_t_be_read_is_told_whatever_is_selected(self, valetkey, put):
        put(
            cut__a_dot_json=CLEAN[:-9],
            effect__a_dot_json=CLEAN.replace("Allow", "Permit"),
            broken__a_dot_yml="Statement: [",
            **{"ci___dot_gitlab-ci_dot_yml": "job: [", "raw___dot_gitlab-ci_dot_yml": b"\xff"},
            bytes__a_dot_json=b'{"Statement": "\xff"}',
        )
        for folder, code in {
            "cut": "policy-json",
            "effect": "policy-effect-unknown",
            "broken": "lint-yaml",
            "ci": "ci-yaml",
            "raw": "lint-not-text",
            "bytes": "lint-not-text",
        }.items():
            done = valetkey("lint", folder, "--select", "TRUST001", "--json")
            found = [each["code"] for each in done.json["findings"]]
            assert (done.code, found) == (1, [code]), folder
        assert valetkey("lint", "cut", "--ignore", "policy-json", "--json").json["findings"] == []

    def test_codes_are_chosen(self, valetkey, put):
        put(a_dot_json=MISSPELT.replace('"Effect"', '"Sid": "a b", "Effect"'))

        def codes(*words: str) -> set[str]:
            done = valetkey("lint", "a.json", "--json", *words)
            return {each["code"] for each in done.json["findings"]}

        assert {"POL004", "POL009"} <= codes()
        assert codes("--select", "POL009") == {"POL009"}
        assert codes("--select", "pol", "--ignore", "POL009,POL010") == {"POL004"}
        assert "POL009" not in codes("--ignore", "POL009")


class TestReports:
    def test_to_a_file(self, valetkey, put, tmp_path):
        put(a_dot_json=MISSPELT)
        for form in ("sarif", "gitlab", "json", "text"):
            done = valetkey("lint", "a.json", "--format", form, "--output", f"report.{form}")
            assert (done.code, done.output, done.errors) == (1, "", "")
        assert json.loads((tmp_path / "report.sarif").read_text())["version"] == "2.1.0"
        (entry,) = json.loads((tmp_path / "report.gitlab").read_text())
        assert entry["location"]["path"] == "a.json"
        assert json.loads((tmp_path / "report.json").read_text())["version"] == 1
        assert "\x1b" not in (tmp_path / "report.text").read_text()

    def test_of_names_that_are_no_utf_8(self, valetkey, tmp_path):
        (tmp_path / os.fsdecode(b"a\xff.json")).write_text(MISSPELT)
        for form in ("sarif", "gitlab", "json", "text"):
            done = valetkey("lint", ".", "--format", form, "--output", "report")
            assert (done.code, done.errors) == (1, "")
            data = (tmp_path / "report").read_bytes()
            match form:
                case "sarif":
                    (result,) = json.loads(data)["runs"][0]["results"]
                    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
                    assert place == {"uri": "a%FF.json"}
                case "gitlab":
                    assert json.loads(data)[0]["location"]["path"] == "a\udcff.json"
                case "json":
                    assert json.loads(data)["findings"][0]["labels"][0]["file"] == "a\udcff.json"
                case _:
                    assert b"POL009" in data
        assert valetkey("lint", ".").code == 1

    def test_nothing_found_is_a_report_too(self, valetkey, put):
        put(a_dot_json=CLEAN)
        assert valetkey("lint", "a.json", "--format", "gitlab").json == []
        assert valetkey("lint", "a.json", "--format", "sarif").json["runs"][0]["results"] == []

    def test_text_from_strangers_can_t_steer_the_terminal(self, valetkey, put):
        put(a_dot_json=CLEAN.replace('"Effect"', '"Ef\\u001bfect\u202e": 1, "Effect"'))
        done = valetkey("lint", "a.json", FORCE_COLOR="")
        assert done.code == 1
        assert "\x1b" not in done.output
        assert "\u202e" not in done.output


class TestPages:
    def test_of_a_rule(self, valetkey):
        done = valetkey("lint", "--explain", "POL009")
        assert (done.code, done.errors) == (0, "")
        for heading in ("What", "Why", "Example", "Instead", "References"):
            assert f"\n{heading}\n  " in done.output
        assert valetkey("lint", "--explain", "pol009").output == done.output
        assert valetkey("lint", "--explain", "action_unknown").output == done.output

    def test_of_a_refusal(self, valetkey):
        done = valetkey("lint", "--explain", "policy-shared-issuer")
        assert done.code == 0
        assert "gitlab.com" in done.output

    def test_all_rules_in_a_line_each(self, valetkey):
        lines = valetkey("lint", "--rules").output.splitlines()
        assert {rule.code for rule in all_rules()} <= {line.split()[0] for line in lines}
        assert all(line.endswith(".") for line in lines)


def test_many_files_are_no_trouble(valetkey, put):
    put(**{f"d__{n}_dot_json": MISSPELT for n in range(60)})
    before = time.process_time()
    done = valetkey("lint", "d", "--json")
    assert time.process_time() - before < 5
    assert (done.json["files"], len(done.json["findings"])) == (60, 60)
