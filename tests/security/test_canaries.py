"""No secret is in any log, record, answer of refusal or file: issue, deny, crash, then search.

Elsewhere: credentials, JWTs and HMAC secrets in debug logs, traces and error bodies.
"""

import logging
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.making import ask, make_secret
from support.edge import Answer, Edge, credentials_of
from support.federation import ROLE, done, exchange, federate
from support.signing import form, gotten, posted, signed
from support.tokens import claims, header, rsa_key, sign, token
from valetkey.server import edge as server
from valetkey.store import Store

SECRET_VALUE = "canary-secret-value-7c1f0a"
BAD_POLICY = f'{{"Version":"2012-10-17","Statement":[{{"Sid":"{SECRET_VALUE}"}}]}}'


async def everything(edge: Edge) -> tuple[list[Answer], dict[str, str]]:
    """Do what servers do, well and badly; return the refusals, and the canaries by name."""
    await federate(edge)
    good, forged = token(jti="canary-good"), sign(rsa_key("attacker"), header(), claims())
    expired = token(exp=1)
    session = credentials_of(await exchange(edge, good))
    made = await done(edge, "iam", "CreateAccessKey")
    long_term = {
        "id": made.text(".//AccessKeyId") or "",
        "secret": made.text(".//SecretAccessKey") or "",
    }
    await make_secret(edge, "canary", SECRET_VALUE)
    read = await ask(edge, "GetSecretValue", SecretId="canary")
    assert read.json["SecretString"] == SECRET_VALUE

    who = form("sts", "GetCallerIdentity")
    asked = form(
        "sts",
        "AssumeRoleWithWebIdentity",
        RoleArn=ROLE,
        RoleSessionName="job",
        WebIdentityToken=good,
    )
    presigned = signed(edge, gotten(*who.items()), key=session, expires=60)
    signature = presigned.query.rpartition(b"Signature=")[2].decode()
    refused = [
        await exchange(edge, forged),
        await exchange(edge, expired),
        await exchange(edge, good + "x"),
        await exchange(edge, good, RoleArn=ROLE + "-2"),
        await exchange(edge, good, ProviderId="www.amazon.com"),
        await exchange(edge, good, DurationSeconds=1),
        await exchange(edge, good, RoleSessionName="*"),
        await exchange(edge, good, Policy=BAD_POLICY),
        await exchange(edge, good * 20),
        await exchange(edge, "canary-no-token"),
        await edge.raw(posted(*asked.items(), ("WebIdentityToken", good))),
        await edge.raw(posted(*asked.items(), (good, "x"), (good, "y"))),
        await edge.raw(posted(*form("sts", good).items())),
        await edge.raw(posted(("Action", "GetCallerIdentity"), ("Version", good))),
        await edge.query("iam", "GetUser", key=session, UserName="admin"),
        await edge.query("iam", "GetUser", key={**session, "secret": long_term["secret"]}),
        await edge.query("iam", "GetUser", key={**session, "id": long_term["id"]}),
        await ask(edge, "GetSecretValue", key=session, SecretId="canary"),
        await ask(edge, "CreateSecret", Name="canary", SecretString=SECRET_VALUE),
        await ask(edge, "CreateSecret", Name="bad name?", SecretString=SECRET_VALUE),
        await ask(edge, "CreateSecret", Name="c2", SecretString=[SECRET_VALUE]),
        await ask(edge, "CreateSecret", Name="c3", SecretString=SECRET_VALUE, SecretBinary="*"),
        await edge.raw(posted(*form("sts", "X", SecretString=SECRET_VALUE).items())),
    ]
    assert (await edge.raw(presigned)).status == 200
    edge.now[0] += 61
    refused.append(await edge.raw(presigned))
    canaries = {
        "good token": good,
        "its signature": good.rpartition(".")[2],
        "forged token": forged,
        "expired token": expired,
        "session secret": session["secret"],
        "session token": session["token"],
        "long-term secret": long_term["secret"],
        "administrator's secret": edge.admin.secret_key,
        "secret value": SECRET_VALUE,
        "presigned signature": signature,
        "not even a token": "canary-no-token",
    }
    return refused, canaries


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an operation fail by a fault of ours that repeats all that it was given."""

    def crash(_call: Any, request: Any) -> Any:
        raise RuntimeError(f"crash: {request}")

    for operation in ("AssumeRoleWithWebIdentity", "GetCallerIdentity"):
        replace_handler(monkeypatch, "sts", operation, crash)
    replace_handler(monkeypatch, "secretsmanager", "CreateSecret", crash)


def replace_handler(monkeypatch: pytest.MonkeyPatch, service: str, name: str, handler: Any) -> None:
    table = dict(server.OPERATIONS)
    table[service, name] = replace(table[service, name], handler=handler)
    monkeypatch.setattr(server, "OPERATIONS", table)


async def test_no_canary_is_found_anywhere(
    edge: Edge, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    refused, canaries = await everything(edge)
    assert [at for at, answer in enumerate(refused) if not 400 <= answer.status < 500] == []
    search(edge, refused, canaries, caplog.text + "".join(capfd.readouterr()))


@pytest.mark.usefixtures("loud")
async def test_no_canary_is_found_after_a_crash(
    edge: Edge,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
):
    caplog.set_level(logging.DEBUG)
    refused, canaries = await everything(edge)
    request.getfixturevalue("crashing")
    crashed = [
        await exchange(edge, canaries["good token"]),
        await edge.query("sts", "GetCallerIdentity"),
        await ask(edge, "CreateSecret", Name="crash", SecretString=SECRET_VALUE),
    ]
    for answer in crashed:
        assert (answer.status, answer.code) == (500, "InternalFailure")
        assert b"canary" not in answer.body
        assert edge.record(answer).reason == "RuntimeError"
    said = caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in said
    assert "crash: {'" not in said, "what an exception says is not logged"
    assert "test_canaries.py" in said, "where it happened is"
    search(edge, refused + crashed, canaries, said)


@pytest.mark.parametrize(
    "parameter", ["RoleArn", "RoleSessionName", "ProviderId", "Policy", "DurationSeconds"]
)
async def test_a_token_in_the_wrong_parameter_is_not_kept(
    edge: Edge, caplog: pytest.LogCaptureFixture, parameter: str
):
    """What shells make of an unset variable: the arguments move up."""
    await federate(edge)
    short = token(sub="a")
    assert len(short) < 2048
    answer = await exchange(edge, short, **{parameter: short})
    assert 400 <= answer.status < 500
    kept = repr(edge.record(answer)) + caplog.text
    assert short.rpartition(".")[2] not in kept
    assert short not in kept


def search(edge: Edge, answers: list[Answer], canaries: dict[str, str], said: str) -> None:
    edge.wiring.log.flush()
    bodies = b"\n".join(answer.body for answer in answers)
    records = "\n".join(repr(edge.record(answer)) for answer in answers)
    files = {path.name: contents(path) for path in edge.home.path.rglob("*") if path.is_file()}
    assert "records.db" in files
    # A refusal may repeat to a client what that client sent, as AWS does.
    own = {"good token", "its signature"}
    for name, canary in canaries.items():
        assert canary not in said, f"{name} was logged"
        assert name in own or canary.encode() not in bodies, f"{name} is in an answer of refusal"
        assert canary not in records, f"{name} is in a record"
        for file, content in files.items():
            assert canary.encode() not in content, f"{name} is in {file}"


def contents(path: Path) -> bytes:
    """Read a file by another process: a database's locks are lost where it is read in this one."""
    code = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True)
    return done.stdout


def test_the_search_finds_what_is_there(tmp_path: Path):
    """The counter-test: a canary that is kept in the open is found."""
    path = tmp_path / "open.db"
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE open (value TEXT)")
    connection.execute("INSERT INTO open VALUES (?)", (SECRET_VALUE,))
    connection.commit()
    connection.close()
    assert SECRET_VALUE.encode() in contents(path)
