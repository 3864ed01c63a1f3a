"""``valetkey credentials``: one JSON object, or nothing and a reason (O-27)."""

import json
import re
import socket
import threading

import pytest

from cli.running import ROLE_ARN, assert_in_words


@pytest.fixture
def token_file(site, tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{site.token()}\n")
    return path


def words(token_file, *more, arn=ROLE_ARN):
    return ("credentials", "--role-arn", arn, "--web-identity-token-file", str(token_file), *more)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "UTC"])
def test_exactly_one_json_object_with_a_literal_z(site, token_file, zone):
    done = site.valetkey(*words(token_file), env=site.env(TZ=zone))
    assert (done.code, done.errors) == (0, "")
    assert done.output.count("\n") == 1
    granted = json.loads(done.output)
    assert list(granted) == [
        "Version",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
    ]
    assert granted["Version"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", granted["Expiration"])


def test_everything_by_the_variables_that_sdks_know(site, token_file):
    env = site.env(
        AWS_ROLE_ARN=ROLE_ARN,
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token_file),
        AWS_ROLE_SESSION_NAME="from-the-environment",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ENDPOINT_URL_STS=f"{site.endpoint}/",
    )
    assert site.valetkey("credentials", env=env).code == 0


def test_options_that_reach_the_server(site, token_file):
    done = site.valetkey(*words(token_file, "--duration-seconds", "60"))
    assert_in_words(done, 1, "ValidationError", "durationSeconds", "greater than or equal to 900")
    done = site.valetkey(*words(token_file, "--role-session-name", "dependabot[bot]"))
    assert_in_words(done, 1, "ValidationError", "roleSessionName")


def test_a_refusal_leads_to_its_reason(site, tmp_path):
    (tmp_path / "token").write_text(site.token("--ref", "feature/x"))
    done = site.valetkey(*words(tmp_path / "token"))
    assert_in_words(
        done, 1, "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )
    command = re.search(r"valetkey explain --request ([0-9a-f-]{36})", done.errors)
    assert command, done.errors
    why = site.valetkey("explain", "--request", command[1])
    assert (why.code, "feature/x" in why.output) == (1, True)


@pytest.mark.parametrize(
    ("endpoint", "part"),
    [
        ("http://127.0.0.1:1", "Connection refused"),
        ("nonsense", "is not the URL of a server"),
        ("ftp://127.0.0.1", "is not the URL of a server"),
        ("http://[::1", "is not the URL of a server"),
        ("http://h:99999", "is not the URL of a server"),
        ("file:///etc/passwd", "is not the URL of a server"),
    ],
)
def test_no_server(site, token_file, endpoint, part):
    done = site.valetkey(*words(token_file, "--endpoint-url", endpoint))
    assert_in_words(done, 1, part)


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
)
def test_something_else_listens(site, token_file, answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_once, args=(listener, answer))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = site.valetkey(*words(token_file, "--endpoint-url", url))
        thread.join()
    assert_in_words(done, 1, "error[sts-refused]")


def answer_once(listener, answer):
    connection, _ = listener.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "no such file or directory"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"", "webIdentityToken"),
        (b"not a token", "InvalidIdentityToken"),
    ],
)
def test_token_files_that_hold_no_token(site, tmp_path, content, part):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    assert_in_words(site.valetkey(*words(tmp_path / "token")), 1, part)


def test_the_token_is_in_no_message(site, tmp_path):
    token = site.token("--timeout", "-700")
    (tmp_path / "token").write_text(token)
    done = site.valetkey(*words(tmp_path / "token"))
    assert_in_words(done, 1, "ExpiredTokenException")
    assert not any(part in done.errors for part in token.split("."))


def test_usage(valetkey):
    done = valetkey("credentials")
    assert_in_words(done, 2, "Missing option '--role-arn'")
