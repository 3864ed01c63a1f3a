"""The shell module: words, expansions, places; total over any text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.lint.shell import MAX_SCRIPT, Command, Kind, Script, loss, read, settings

TOKENS = [
    "aws",
    "sts",
    "$X",
    "${X}",
    '"$X"',
    "'$X'",
    "$(a)",
    "`b`",
    "|",
    "||",
    "&&",
    ";",
    "&",
    "(",
    ")",
    "{",
    "}",
    "if",
    "then",
    "fi",
    "while",
    "do",
    "done",
    "for",
    "in",
    "case",
    "esac",
    "export",
    "local",
    "a=1",
    "b=$(c)",
    ">",
    ">>",
    "<",
    "<<",
    "<<<",
    "EOF",
    "!",
    "\\",
    '"',
    "'",
    "$((",
    "))",
    "[[",
    "]]",
    "#",
    "é",
    "\n",
]
SCRIPTS = st.lists(st.sampled_from(TOKENS), max_size=40).map(" ".join)


def only(script: str) -> Command:
    (command,) = read(script).commands
    return command


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("aws s3 ls", ["aws", "s3", "ls"]),
        ("echo 'a b' \"c d\" e\\ f", ["echo", "a b", "c d", "e f"]),
        ("echo a'b'\"c\"d", ["echo", "abcd"]),
        ('echo "\\$X \\"y\\""', ["echo", '$X "y"']),
        ("echo $X a", ["echo", None, "a"]),
        ("echo \"$X\" '$X'", ["echo", None, "$X"]),
        ("echo 1 ''", ["echo", "1", ""]),
        ("aws s3 \\\n  ls", ["aws", "s3", "ls"]),
        ("export A B=1", ["export", "A"]),
        ("é ü", ["é", "ü"]),
        ('echo ""', ["echo", ""]),
    ],
)
def test_words(script: str, words: list[str | None]):
    assert [word.literal for word in only(script).words] == words


@pytest.mark.parametrize(
    ("script", "expansions"),
    [
        ("a $X", [("X", False, "")]),
        ('a "$X"', [("X", True, "")]),
        ('a "x ${X} y"', [("X", True, "")]),
        (
            "a ${X:-d} ${#Y} ${Z/a/b}",
            [("X", False, ":-d"), ("Y", False, "#"), ("Z", False, "/a/b")],
        ),
        ("a '$X' \\$X", []),
        ("a --b=$X", [("X", False, "")]),
        ("a $? $1", [("?", False, ""), ("1", False, "")]),
        ("cat <<E\n$X\nE", [("X", True, "")]),
        ("cat <<'E'\n$X\nE", []),
        ('[ -n "$X" ]', [("X", True, "")]),
        ('[[ $X == "$Y" && -z $Z ]]', [("X", False, ""), ("Y", True, ""), ("Z", False, "")]),
        ('a "$(b "$X")"', [("X", True, "")]),
        ("for i in $X; do a; done", [("X", False, "")]),
        ('a > "$X"', [("X", True, "")]),
    ],
)
def test_expansions(script: str, expansions: list[tuple[str, bool, str]]):
    found = read(script).expansions
    assert [(one.name, one.quoted, one.operator) for one in found] == expansions
    assert all(one.name in script[one.start : one.end] for one in found)


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("a; b & c", ["a", "b", "c"]),
        ("a | b |& c", ["a", "b", "c"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done", ["a", "b"]),
        ("for i in x; do b; done", ["b"]),
        ("case $X in a) b;; *) c;; esac", ["b", "c"]),
        ("f() { a; }; f", ["a", "f"]),
        ("( a; b ) && { c; }", ["a", "b", "c"]),
        ("! a", ["a"]),
        ("x $(a) `b` <(c)", ["x", "a", "b", "c"]),
        ("cat <<E | jq .\n$(a)\nE", ["cat", "jq", "a"]),
        ("[ -f a ] || b", ["[", "b"]),
        ("X=$(a)\nY=1 b", ["", "a", "b"]),
        ("X=1 Y=$(a)\nb", ["", "a", "b"]),
        ("/usr/bin/aws s3", ["aws"]),
        ("for ((i=0; i<3; i++)); do a; done", ["a"]),
        ("# a\nb # c", ["b"]),
    ],
)
def test_commands(script: str, names: list[str]):
    assert [command.name for command in read(script).commands] == names


@pytest.mark.parametrize(
    ("script", "target", "output"),
    [
        ("a > f", "f", True),
        ("a >> f", "f", True),
        ("a &> f", "f", True),
        ("a 1> f", "f", True),
        ("a 2> f", "f", False),
        ("a < f", "f", False),
        ("a <<< f", "f", False),
        ("a && b > f", "f", True),
        ("a | b > f", "f", True),
    ],
)
def test_redirects(script: str, target: str, output: bool):
    (redirect,) = read(script).commands[-1].redirects
    assert redirect.target.literal == target
    assert redirect.takes_output is output


def test_a_group_whose_output_goes_to_a_file():
    first, second = read("{ a; b; } > f").commands
    assert first.stands_in(Kind.OUTPUT)
    assert second.stands_in(Kind.OUTPUT)


@pytest.mark.parametrize(
    "script",
    [
        'echo "a',
        "a (",
        "if a",
        "fi",
        "a; done",
        "x\0y",
        "$(" * 5000,
        "{ " * 5000,
        '"$(' * 2000 + ')"' * 2000,
        "( " * 200 + "a" + " )" * 200,
        "a" * (MAX_SCRIPT + 1),
        "a|" * 2000,
        "\ud800",
    ],
    ids=range(13),
)
def test_what_is_not_understood_holds_nothing(script: str):
    assert read(script) == Script(understood=False)


def test_a_long_chain_is_read():
    script = read(" && ".join(["a"] * 3000))
    assert len(script.commands) == 3000
    assert script.commands[0].stands_in(Kind.CHAINED)
    assert not script.commands[-1].stands_in(Kind.CHAINED)


def test_places_count_characters():
    script = "echo 'ü' €; aws é$X ${X}"
    found = read(script)
    assert next(script[c.start : c.end] for c in found.commands) == "echo 'ü' €"
    assert [script[e.start : e.end] for e in found.expansions][-1] == "${X}"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("set -euo pipefail\na", (True, True, False)),
        ("set +e\na", (False, True, False)),
        ("set +o errexit\na", (False, True, False)),
        ("set +euo pipefail\na", (False, False, False)),
        ("set -x\na", (True, True, True)),
        ("set -x\nset +x\na", (True, True, False)),
        ("if b; then set +e; fi\na", (None, True, False)),
        ("set -- +e\na", (True, True, False)),
        ('set "$X"\na', (True, True, False)),
    ],
)
def test_settings(script: str, expected: tuple[bool | None, ...]):
    now = settings(read(script))[-1]
    assert (now.errexit, now.pipefail, now.xtrace) == expected


@pytest.mark.parametrize(
    "script",
    ["set +e; aws x; echo $?", "shopt -s inherit_errexit; X=$(aws x; true)", "aws x & wait"],
)
def test_where_it_can_not_be_told_nothing_is_lost(script: str):
    parsed = read(script)
    for command, now in zip(parsed.commands, settings(parsed), strict=True):
        assert loss(parsed, command, now) is None


@given(st.one_of(SCRIPTS, st.text(max_size=60)))
def test_total_and_within_bounds(script: str):
    found = read(script)
    for command, now in zip(found.commands, settings(found), strict=True):
        assert 0 <= command.start <= command.end <= len(script)
        loss(found, command, now)
        for word in command.words:
            assert command.start <= word.start <= word.end <= command.end
            for part in word.parts:
                assert word.start <= part.start <= part.end <= word.end


@pytest.mark.parametrize("unit", ["((", "if ", "${", "<<A\n", "a=(", "))>{", "[[ ]] || "])
def test_nonsense_costs_little(unit: str):
    script = unit * (MAX_SCRIPT // len(unit))
    before = time.process_time()
    read.__wrapped__(script)
    assert time.process_time() - before < 3
