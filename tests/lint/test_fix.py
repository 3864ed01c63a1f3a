"""Edits: together where they do not touch, in rounds where they do, never to a refused text."""

import json

from valetkey.diagnostics import Diagnostic, Label, Source
from valetkey.lint.fix import compatible, edited, fixed
from valetkey.lint.model import Edit, Finding
from valetkey.lint.text import Asking, lint_text


def finding(source: Source, *edits: Edit, code: str = "X1") -> Finding:
    label = Label(source.span(edits[0].start, edits[0].end)) if edits else Label(source.span(0, 1))
    return Finding(Diagnostic(code, "m", labels=(label,)), edits)


def test_edits_that_touch_wait():
    source = Source("a", "abcdef")
    first = finding(source, Edit(0, 2, "x"))
    touching = finding(source, Edit(2, 3, "y"))
    apart = finding(source, Edit(4, 5, "z"))
    same = finding(source, Edit(0, 2, "x"))
    clash = finding(source, Edit(5, 6, ""), Edit(5, 6, "q"))
    assert compatible([first, touching, apart, same, clash]) == [first, apart, same]
    assert edited("abcdef", [first, apart, same]) == "xcdzf"


def test_rounds_go_on_until_the_text_is_stable():
    def lint(source: Source) -> tuple[Finding, ...]:
        places = [at for at, letter in enumerate(source.text) if letter == "a"]
        return tuple(finding(source, Edit(at, at + 1, "")) for at in places)

    done = fixed(Source("a", "aaab"), lint)
    assert done.text == "b"
    assert len(done.findings) == 3


def test_it_ends_where_edits_never_do():
    done = fixed(Source("a", "a"), lambda source: (finding(source, Edit(0, 0, "a")),))
    assert done.text == "a" * 11


def test_an_edit_that_would_make_the_text_refused_is_left_out():
    def lint(source: Source) -> tuple[Finding, ...]:
        if "!" in source.text:
            return (finding(source, code="policy-json"),)
        found = [finding(source, Edit(0, 1, "!"))] if source.text[0] == "a" else []
        return (*found, *([finding(source, Edit(2, 3, "y"))] if source.text[2] == "x" else []))

    assert fixed(Source("a", "abx"), lint).text == "aby"


def test_one_refusal_may_hide_others():
    def lint(source: Source) -> tuple[Finding, ...]:
        if "!" in source.text:
            return (finding(source, code="policy-json"),)
        refused = [finding(source, code="policy-value") for _ in range(2)]
        return (*refused, finding(source, Edit(0, 1, "!")))

    assert fixed(Source("a", "abc"), lint).text == "abc"


def test_edits_of_an_included_file_are_not_put_into_this_one():
    other = Source("b", "abc")
    done = fixed(Source("a", "abc"), lambda _: (finding(other, Edit(0, 1, "")),))
    assert (done.text, done.findings) == ("abc", ())


def lint(source: Source) -> tuple[Finding, ...]:
    return tuple(each.finding for each in lint_text(source, Asking()) or ())


def test_policies_are_as_good_as_new():
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "read kiln", "Effect": "Allow",'
        ' "Action": ["s3:GetObject", "s3:Get*"], "Resource": "arn:aws:s3:::kiln/*"}]}'
    )
    done = fixed(Source("p.json", text), lint)
    assert '"ReadKiln"' in done.text
    assert '"s3:GetObject"' not in done.text  # covered by what follows
    assert json.loads(done.text)
    assert fixed(Source("p.json", done.text), lint).findings == ()


def test_in_terraform_an_edit_stays_within_the_quotes():
    text = (
        'x = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "read kiln",\n'
        'Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })\n'
    )
    # The edit holds the quotes, which JSON and HCL write differently.
    assert fixed(Source("m.tf", text), lint).text == text
