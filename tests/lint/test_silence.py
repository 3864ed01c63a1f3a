"""``valetkey:ignore`` in comments, and ``[[ignore]]`` for what has no comments."""

import pytest

from valetkey.diagnostics import Diagnostic, Label, Source
from valetkey.lint.config import Answered, MalformedLintConfig, read_config
from valetkey.lint.embedded import Checked
from valetkey.lint.model import Finding
from valetkey.lint.silence import ignores, silenced

KNOWN = frozenset({"CI001", "CI002", "POL001", "lint-ignore-unused"})


def at(source: Source, code: str, line: int) -> Checked:
    start = sum(len(source.line(n)) + 1 for n in range(1, line))
    return Checked(Finding(Diagnostic(code, "m", labels=(Label(source.span(start, start + 1)),))))


@pytest.mark.parametrize(
    ("text", "codes", "reason", "lines"),
    [
        ("a: b # valetkey:ignore CI001 it is so", ["CI001"], "it is so", [1]),
        ("# valetkey:ignore CI001: it is so", ["CI001"], "it is so", [1, 2]),
        ("# valetkey:ignore CI001, CI002 - two", ["CI001", "CI002"], "two", [1, 2]),
        ("#valetkey:ignore CI001 x\n# more\n# words\na: b", ["CI001"], "x", [1, 2, 3, 4]),
        ("# valetkey:ignore", [], "", [1, 2]),
        ("# valetkey:ignore CI001", ["CI001"], "", [1, 2]),
        ("# valetkey:ignore policy-value such is life", ["policy-value"], "such is life", [1, 2]),
    ],
)
def test_comments(text, codes, reason, lines):
    (found,) = ignores(Source("a.yml", text))
    assert [code for code, _ in found.codes] == codes
    assert [span.text for _, span in found.codes] == codes
    assert (found.reason, list(found.lines)) == (reason, lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("// valetkey:ignore POL001 why", [1, 2]),
        ("/* valetkey:ignore POL001 why */", [1, 2]),
        ("/* valetkey:ignore POL001 why\n */\n# so\na = 1", [1, 2, 3, 4]),
        ("a = 1 /* valetkey:ignore POL001 why */", [1]),
        ("/* valetkey:ignore POL001 why */ a = 1\nb = 1", [1]),
        ("/* valetkey:ignore POL001 why\n*/ a = 1\nb = 1", [1, 2]),
        ("# valetkey:ignore POL001 why\n/* c */ a = 1\nb = 1", [1, 2]),
        ("# valetkey:ignore POL001 why\r\na = 1\r\n", [1, 2]),
        ("a = 1\n\n  # valetkey:ignore POL001 why\n", [3, 4]),
        ("a = 1 # so\n# valetkey:ignore POL001 why\nb = 1", [2, 3]),
        ("/* so */ # valetkey:ignore POL001 why\nb = 1", [1]),
    ],
)
def test_comments_of_terraform(text, lines):
    (found,) = ignores(Source("a.tf", text))
    assert ([code for code, _ in found.codes], found.reason) == (["POL001"], "why")
    assert list(found.lines) == lines


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", ""),
        ("a.yml", "a: valetkey:ignore CI001 x"),
        ("a.yml", "# valetkey:ignored CI001 x"),
        ("a.yml", "// valetkey:ignore CI001 x"),
        ("a.yml", 'a: "b # valetkey:ignore CI001 x"'),
        ("a.yml", "a: 'b # valetkey:ignore CI001 x'"),
        ("a.yml", "a: 'it''s\n  # valetkey:ignore CI001 x'"),
        ("a.yml", "a: |\n  echo 'b # valetkey:ignore CI001 x'"),
        ("a.yml", '{"a": "b # valetkey:ignore CI001 x"}'),
        ("a.json", '{"a": "b // valetkey:ignore POL001 x"}'),
        ("a.json", '{"a":\n// valetkey:ignore POL001 x\n1}'),
        ("<stdin>", '{"a": "b # valetkey:ignore POL001 x"}'),
        ("a.tf", 'a = "b # valetkey:ignore POL001 x"'),
        ("a.tf", 'a = "b // valetkey:ignore POL001 x"'),
        ("a.tf", "a = <<EOT\n# valetkey:ignore POL001 x\nEOT\n"),
    ],
)
def test_what_is_no_comment_of_ours(name, text):
    assert list(ignores(Source(name, text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: 'b' # valetkey:ignore CI001 x",
        "a: don't # valetkey:ignore CI001 x",
        'a: |\n  echo "b" # valetkey:ignore CI001 x',
        "a: | # valetkey:ignore CI001 x\n  b",
        "a: [\n# valetkey:ignore CI001 x",
        'a: "b # c" # valetkey:ignore CI001 x',
        "a: ['b # c', 'd # e'] # valetkey:ignore CI001 x",
        "a: |\n  echo 'b # c' $# # valetkey:ignore CI001 x",
        "a: |\n  echo it\\'s # valetkey:ignore CI001 x",
        "it's: |  # valetkey:ignore CI001 x\n  b",
    ],
)
def test_comments_outside_quotes(text):
    (found,) = ignores(Source("a.yml", text))
    assert (found.codes[0][0], found.reason) == ("CI001", "x")


def told(text: str, *found: tuple[str, int], ran: frozenset[str] = KNOWN) -> list[str]:
    source = Source("a.yml", text)
    left = silenced(source, [at(source, *each) for each in found], KNOWN, ran)
    return [
        f"{each.finding.code} {each.finding.diagnostic.labels[0].span.position.line}"
        for each in left.kept
    ]


def test_a_comment_answers_for_its_own_line_and_the_next():
    text = "a: b\n# valetkey:ignore CI001 why\nc: d\ne: f\n"
    assert told(text, ("CI001", 3)) == []
    assert told(text, ("CI001", 4)) == ["CI001 4", "lint-ignore-unused 2"]
    assert told(text, ("CI002", 3)) == ["CI002 3", "lint-ignore-unused 2"]
    beside = "a: b # valetkey:ignore CI001 why\nc: d\n"
    assert told(beside, ("CI001", 1)) == []
    assert told(beside, ("CI001", 2)) == ["CI001 2", "lint-ignore-unused 1"]


def test_without_a_reason_or_with_an_unknown_code_nothing_is_silenced():
    assert told("a: b # valetkey:ignore CI001", ("CI001", 1)) == ["CI001 1", "lint-ignore-reason 1"]
    assert told("# valetkey:ignore\na: b", ("CI001", 2)) == ["CI001 2", "lint-ignore-reason 1"]
    assert told("a: b # valetkey:ignore CI01 why", ("CI001", 1)) == [
        "CI001 1",
        "lint-ignore-code 1",
    ]
    (checked,) = silenced(Source("a", "# valetkey:ignore CI01 why"), (), KNOWN, KNOWN).kept
    assert checked.finding.diagnostic.help == ("did you mean `CI001`?",)


def test_a_code_that_was_not_looked_for_is_not_called_unused():
    assert told("# valetkey:ignore CI001 why\na: b", ran=frozenset({"CI002"})) == []


def test_another_files_line_is_not_meant():
    source = Source("a.yml", "a: b # valetkey:ignore CI001 why")
    other = at(Source("b.yml", "a: b"), "CI001", 1)
    assert other in silenced(source, [other], KNOWN, KNOWN).kept


def test_the_comments_of_the_file_that_a_finding_stands_in_count():
    other = Source("b.yml", "a: b # valetkey:ignore CI001 why\nc: d # valetkey:ignore CI002 idle")
    left = silenced(Source("a.yml", "a: b"), [at(other, "CI001", 1)], KNOWN, KNOWN)
    assert (left.kept, left.count) == ((), 1)  # nothing of the other file's idle ones either
    assert left.used == {("b.yml", other.text.index("CI001"))}


def test_answers_go_by_the_file_that_a_finding_stands_in():
    config = read_config(Source("c", '[[ignore]]\ncode = "CI001"\nfile = "b.yml"\nreason = "r"\n'))
    inside = at(Source("sub/b.yml", "a: b"), "CI001", 1)
    own = at(Source("sub/a.yml", "a: b"), "CI001", 1)
    answered = Answered()
    kept = answered.kept(config, (inside, own), "sub/a.yml", lambda name: name.removeprefix("sub/"))
    assert kept == (own,)
    assert list(answered.findings(KNOWN, KNOWN)) == []


CONFIG = """
variables = ["ROLE_ARN"]

[[provider]]
url = "https://gitlab.forge.example"
client_ids = ["https://sts.example"]

[[ignore]]
code = "POL001"
file = "policies/**/*.json"
statement = 2
reason = "so it is"

[[ignore]]
code = "POL001"
file = "kiln.json"
sid = "Kiln"
reason = "so it is"
"""


def test_the_file_tells_of_the_world():
    facts = read_config(Source("c", CONFIG)).facts
    assert facts.variables == {"ROLE_ARN"}
    assert [(each.key, each.client_ids) for each in facts.providers] == [
        ("gitlab.forge.example", ("https://sts.example",))
    ]


def test_answers_are_for_a_statement_of_a_file():
    config = read_config(Source("c", CONFIG))
    finding = Finding(Diagnostic("POL001", "m"))
    first, second, named = (
        Checked(finding, 1), Checked(finding, 2, "Other"), Checked(finding, 1, "Kiln"),
    )  # fmt: skip
    answered = Answered()
    assert answered.kept(config, (first, second), "policies/a/b.json") == (first,)
    assert answered.kept(config, (first, second), "elsewhere/b.json") == (first, second)
    unused = [each.code for each in answered.findings(KNOWN, KNOWN)]
    assert unused == []  # of `kiln.json` nothing is known: it was not looked at
    assert answered.kept(config, (first,), "kiln.json") == (first,)
    (finding_,) = answered.findings(KNOWN, KNOWN)
    assert finding_.code == "lint-ignore-unused"
    assert finding_.diagnostic.labels[0].span.position.line == 14
    assert answered.kept(config, (named,), "kiln.json") == ()
    assert list(answered.findings(KNOWN, KNOWN)) == []


def test_an_answer_with_a_code_that_none_has():
    config = read_config(Source("c", '[[ignore]]\ncode = "POL01"\nfile = "*"\nreason = "r"\n'))
    answered = Answered()
    answered.kept(config, (), "a.json")
    (found,) = answered.findings(KNOWN, KNOWN)
    assert (found.code, found.diagnostic.help) == ("lint-ignore-code", ("did you mean `POL001`?",))


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a = ", "no TOML: invalid value", (1, 5)),
        ("ignores = []", "there is no setting `ignores`", (1, 1)),
        ("variables = 1", "`variables` is a list of texts", (1, 1)),
        ("variables = [1]", "`variables` is a list of texts", (1, 1)),
        ("ignore = 1", "write it as `[[ignore]]`", (1, 1)),
        ("[ignore]\ncode = 'a'", "write it as `[[ignore]]`", (1, 2)),
        ("[[ignore]]\ncode = 'a'\nfile = 'b'", "`ignore` needs a `reason`", (1, 3)),
        (
            "[[ignore]]\ncode = 'a'\nfile = 'b'\nreason = ' '",
            "`ignore` needs a `reason`",
            (1, 3),
        ),
        ("[[ignore]]\ncode = 1\nfile = 'b'\nreason = 'c'", "`code` of `ignore` is a text", (1, 3)),
        ("[[provider]]\nurl = 'a'\nclients = []", "`provider` has no `clients`", (1, 3)),
        (
            "[[provider]]\nurl = 'a'\nclient_ids = [1]",
            "`client_ids` of `provider` is a list",
            (1, 3),
        ),
        ("x = " + "[" * 3000, "no TOML", None),
    ],
)
def test_files_that_can_t_be_used(text, message, place):
    with pytest.raises(MalformedLintConfig) as refusal:
        read_config(Source("c.toml", text))
    (first, *_) = refusal.value.diagnostics()
    assert first.message.startswith(message)
    if place:
        assert tuple(first.labels[0].span.position) == place
