"""Secrets never reach the log, however they are printed and cut."""

import base64
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valetkey.gitlabci import Variable
from valetkey.runner import MASK, Masker

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwcm9qZWN0In0." + "c2lnbmF0dXJl" * 20
KEY_ID, SECRET, SESSION = (
    "ASIAQ3EGRIAJNRTZKQ4D",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "F" * 400,
)
MANY = settings(max_examples=300, deadline=None)


def masked(text: bytes, secrets: list[str], size: int = 7) -> bytes:
    masker = Masker(secrets)
    pieces = [masker.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return b"".join(pieces) + masker.flush()


@pytest.mark.parametrize("size", [1, 2, 3, 50, 10_000])
def test_a_secret_is_found_across_pieces(size: int) -> None:
    text = f"before {TOKEN} between {TOKEN}{TOKEN} after".encode()

    want = b"before [MASKED] between [MASKED][MASKED] after"
    assert masked(text, [TOKEN], size) == want


WORD = st.text(alphabet="abc", min_size=1, max_size=6)


@MANY
@given(st.lists(WORD, min_size=1, max_size=3), st.text(alphabet="abc.", max_size=40), st.data())
def test_no_cut_changes_what_is_shown(secrets: list[str], text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    at, masker, shown = 0, Masker(secrets), b""
    for cut in sorted(cuts):
        shown += masker.feed(text[at:cut].encode())
        at = cut
    shown += masker.feed(text[at:].encode()) + masker.flush()

    rest = shown.replace(MASK, b"")
    whole = masked(text.encode(), secrets, 1000)
    assert not any(secret.encode() in shown.replace(MASK, b"|") for secret in secrets)
    assert len(rest) <= len(text)
    assert shown == whole


@MANY
@given(st.binary(max_size=200), st.integers(1, 30))
def test_what_holds_no_secret_passes_unchanged(text: bytes, size: int) -> None:
    assert masked(text, ["never in it"], size) == text


def test_little_is_held_back() -> None:
    masker = Masker([TOKEN])

    assert masker.feed(b"a whole line\n") == b"a whole line\n"
    assert masker.feed(b"no line end yet?") == b"no line end yet?"
    assert masker.feed(b"perhaps ey") == b"perhaps "
    assert masker.feed(b"es.") == b"eyes."


@pytest.mark.parametrize("before", ["", "x", "ab", "user:"])
def test_base64_of_a_secret(before: str) -> None:
    encoded = base64.b64encode(f"{before}{TOKEN}\n".encode())
    wrapped = b"\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76))

    shown = masked(b"> " + encoded + b" <", [TOKEN])
    assert MASK in shown
    assert len(shown) < 30
    if not before:
        assert len(masked(b"> " + wrapped + b" <", [TOKEN])) < 30


def test_a_secret_in_an_address() -> None:
    assert masked(quote(SECRET, safe="").encode(), [SECRET]) == MASK


def test_the_longest_of_two_secrets() -> None:
    assert masked(b"abcdef abc", ["abc", "abcdef"], 1) == b"[MASKED] [MASKED]"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            f'{{"Id": "{KEY_ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{SESSION}"}}',
            '{"Id": "[MASKED]", "SecretAccessKey": "[MASKED]", "SessionToken": "[MASKED]"}',
        ),
        (f"{KEY_ID}\t{SECRET}\t{SESSION}\n", "[MASKED]\t[MASKED]\t[MASKED]\n"),
        (
            f"<SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>{SESSION}</SessionToken>",
            "<SecretAccessKey>[MASKED]</SecretAccessKey><SessionToken>[MASKED]</SessionToken>",
        ),
        (f"AWS_SECRET_ACCESS_KEY={SECRET}\n", "AWS_SECRET_ACCESS_KEY=[MASKED]\n"),
        (f'declare -x AWS_SESSION_TOKEN="{SESSION}"', 'declare -x AWS_SESSION_TOKEN="[MASKED]"'),
        (f"aws_secret_access_key = {SECRET}", "aws_secret_access_key = [MASKED]"),
        (f"|  SecretAccessKey |  {SECRET} |", "|  SecretAccessKey |  [MASKED] |"),
        ("--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'", None),
        ('printf "AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s" $x', None),
        ("$AWS_SESSION_TOKEN is set", None),
        ("ASIA and AUSTRALASIA", None),
        ("SessionToken", None),
        ("the SecretAccessKey: short", None),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_credentials_that_the_job_got(text: str, want: str | None, size: int) -> None:
    assert masked(text.encode(), [], size) == (text if want is None else want).encode()


def test_credentials_seen_once_are_known() -> None:
    text = (
        f'"SecretAccessKey": "{SECRET}"\nagain {SECRET} and {base64.b64encode(SECRET.encode())!r}'
    )

    shown = masked(text.encode(), [])
    assert SECRET.encode() not in shown
    assert shown.count(MASK) == 3


def test_a_known_secret_that_goes_on_after_a_value() -> None:
    known = "abcdefghijklmnop!xyz"

    for size in (1, 9, 33, 100):
        shown = masked(f"SessionToken={known} end".encode(), [known], size)
        assert shown == b"SessionToken=[MASKED] end"


@pytest.mark.parametrize(
    "text",
    [
        b"ASIA" * 100_000,
        b"SessionToken=" * 40_000,
        b"SessionToken=a " * 40_000,
        b"eyJhbGciOiJ" * 40_000,
        b"".join(b"SessionToken=%040d\n" % number for number in range(10_000)),
    ],
)
def test_hostile_output_does_not_hang(text: bytes) -> None:
    started = time.monotonic()
    masked(text, [TOKEN], 65536)

    assert time.monotonic() - started < 10, "a bound, far above what it takes"


def test_a_job_that_prints_its_token(run: Any) -> None:
    text = """
job:
  id_tokens: {T: {aud: a}}
  script:
    - echo "$T"
    - |
      for part in $(printf '%s' "$T" | fold -w 50; echo); do printf '%s' "$part"; sleep 0.01; done
      echo
    - printf '%s' "$T" | base64
    - printf '%s' "$T" | base64 -w0; echo
    - echo "$SECRET"
    - echo $CI_JOB_TOKEN
  after_script: ['echo "$T"']
"""
    ran = run(text, run_variables={"SECRET": Variable("s3cr3t value", masked=True)})

    assert [line[:8] for line in ran.lines] == ["[MASKED]"] * 7
    assert all(len(line) <= len("[MASKED]xxx=") for line in ran.lines)


def test_a_caller_can_hide_more_while_the_job_runs(run: Any) -> None:
    masker = Masker()

    def out(log: bytes) -> None:
        if b"\nready" in log:
            masker.mask("issued-later")

    ran = run(
        "job: {script: ['echo ready; sleep 0.3; echo issued-later; echo issued-earlier']}",
        out=out,
        options={"masker": masker},
    )
    assert ran.lines[-2:] == ["[MASKED]", "issued-earlier"]
