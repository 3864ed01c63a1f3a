"""No secret is written down: everything is handed out, refused, mistyped and killed, then searched.

What a client sends in the wrong place is as secret there as in the right one.
"""

import json
import os
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from demo.searching import JWT, parts_of, parts_of_token, search
from support.processes import ACCOUNT, AUDIENCE, Site, document, open_site

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/kiln"
VALUE = "canary value: 7d1e6f, never to be seen again"


@dataclass
class Watched:
    """A site, every secret that it was given or gave out, and what it showed."""

    site: Site
    secrets: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def ask(self, url="/", body=None, method=None, **headers):
        """Send anything; keep the request id."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = urllib.parse.urlencode(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(f"{self.site.endpoint}{url}", data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, head, text = answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                status, head, text = refusal.code, refusal.headers, refusal.read().decode()
        if identifier := head.get("x-amzn-requestid"):
            self.requests.append(identifier)
        return status, text

    def client(self, service, granted=None):
        keys = granted or {
            "AccessKeyId": self.site.admin["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": self.site.admin["AWS_SECRET_ACCESS_KEY"],
        }
        made = boto3.client(
            service,
            endpoint_url=self.site.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
        )
        made.meta.events.register("after-call", self._after_call)
        return made

    def _after_call(self, http_response, **_):
        if identifier := http_response.headers.get("x-amzn-requestid"):
            self.requests.append(identifier)

    def note(self, name, granted):
        """Remember the secrets of an answer of STS."""
        self.secrets |= parts_of(f"{name}'s session token", granted["SessionToken"])
        self.secrets[f"{name}'s secret key"] = granted["SecretAccessKey"]


def set_up(seen):
    iam = seen.client("iam")
    iam.create_open_id_connect_provider(Url=seen.site.issuer, ClientIDList=[AUDIENCE])
    iam.create_role(RoleName="kiln", AssumeRolePolicyDocument=seen.site.trust())
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    iam.put_role_policy(RoleName="kiln", PolicyName="own", PolicyDocument=document(allow))
    iam.create_user(UserName="canary")
    key = iam.create_access_key(UserName="canary")["AccessKey"]
    seen.secrets["a user's secret key"] = key["SecretAccessKey"]
    iam.close()


def form(token, **changes):
    whole = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": ROLE_ARN,
        "RoleSessionName": "job-1",
        "WebIdentityToken": token,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def exchange(seen):
    """Exchange a good token by POST and by GET; be refused with three others."""
    good, turn = seen.site.token(), f"after {len(seen.requests)} requests"
    seen.secrets |= parts_of_token(f"the token {turn}", good)
    sts = seen.client("sts")
    answer = sts.assume_role_with_web_identity(
        RoleArn=ROLE_ARN, RoleSessionName="job-1", WebIdentityToken=good
    )
    seen.note(f"the session {turn}", answer["Credentials"])
    sts.close()
    status, text = seen.ask(f"/?{urllib.parse.urlencode(form(good))}")
    assert status == 200
    by_get = dict(re.findall(r"<(SecretAccessKey|SessionToken)>([^<]+)<", text))
    seen.note(f"the session by GET {turn}", by_get)
    for name, words in (
        ("another branch's token", ("--ref", "feature/x")),
        ("an expired token", ("--timeout", "-700")),
        ("another audience's token", ("--aud", "other")),
    ):
        refused = seen.site.token(*words)
        seen.secrets |= parts_of_token(f"{name} {turn}", refused)
        assert seen.ask(body=form(refused))[0] in (400, 403)
        assert seen.ask(f"/?{urllib.parse.urlencode(form(refused))}")[0] in (400, 403)
    forged = good[:-30] + good[-30:][::-1]
    seen.secrets |= parts_of_token(f"a forged token {turn}", forged)
    assert seen.ask(body=form(forged))[0] == 400
    return answer["Credentials"]


def misplace_tokens(seen):
    """Send a token where something else belongs: in each parameter, header, path and protocol."""
    token = seen.site.token()
    seen.secrets |= parts_of_token("a misplaced token", token)
    for name in (
        "Action", "Version", "RoleArn", "RoleSessionName", "ProviderId", "DurationSeconds",
        "Policy", "PolicyArns.member.1.arn", token,
    ):  # fmt: skip
        seen.ask(body=form(token, **{name: token}))
        seen.ask(f"/?{urllib.parse.urlencode(form(token, **{name: token}))}")
    twice = urllib.parse.urlencode(form(token)) + f"&WebIdentityToken={token}"
    seen.ask(body=twice.encode())
    seen.ask(body=twice.encode()[: len(twice) - 20] + b"%ff%fe%")
    for path in (f"/{token}", f"/_valetkey/{token}", f"/?{token}", f"/?token={token}#x"):
        seen.ask(path)
        seen.ask(path, method="PUT", body=token.encode())
    who = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    signature = "SignedHeaders=host, Signature=00"
    scope = "20260101/us-east-1/sts/aws4_request"
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": token},
        {"Authorization": f"AWS4-HMAC-SHA256 Credential={token}/{scope}, {signature}"},
        {"Authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/{scope}, {signature}{token}"},
        {"X_Amz_Security_Token": token},
        {"X_Amz_Target": token, "Content_Type": "application/x-amz-json-1.1"},
        {"X_Amz_Date": token},
        {"User_Agent": f"client {token}"},
        {"Cookie": token},
    ):
        seen.ask(body=who, **headers)
        seen.ask(body=form(token), **headers)
    seen.ask(
        body=json.dumps({"SecretId": token}).encode(),
        X_Amz_Target="secretsmanager.GetSecretValue",
        Content_Type="application/x-amz-json-1.1",
    )


def misplace_sessions(seen, granted):
    """Sign wrongly with a session, in headers and in a URL, and show its token elsewhere."""
    wrong = Credentials(granted["AccessKeyId"], "x" * 40, granted["SessionToken"])
    url, body = f"{seen.site.endpoint}/", b"Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", url, data=body)
    SigV4Auth(wrong, "sts", "us-east-1").add_auth(request)
    sent = {name.replace("-", "_"): value for name, value in request.headers.items()}
    assert seen.ask(body=body, **sent)[0] == 403

    sts = seen.client("sts", granted)
    presigned = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    sts.close()
    path = presigned.removeprefix(seen.site.endpoint)
    assert seen.ask(path)[0] == 200
    assert seen.ask(path[:-4] + "0000")[0] == 403
    assert seen.ask(f"{path}&X-Amz-Expires=1")[0] in (400, 403)

    token = granted["SessionToken"]
    assert seen.ask(body=form(token))[0] == 400
    assert seen.ask(body=form("no token", RoleSessionName=token))[0] == 400
    assert seen.ask(body=form("no token", RoleArn=token))[0] == 400
    cut = {**granted, "SessionToken": token[:-8]}
    who = seen.client("sts", cut)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        who.get_caller_identity()
    who.close()


def handle_secrets(seen, granted):
    """Create, read and change a secret; be denied and mistyped with its value in hand."""
    seen.secrets["a secret's value"] = VALUE
    seen.secrets["a secret's second value"] = f"{VALUE} and again"
    seen.secrets["a denied value"] = f"denied {VALUE}"
    secrets, job = seen.client("secretsmanager"), seen.client("secretsmanager", granted)
    secrets.create_secret(Name="canary", SecretString=VALUE)
    secrets.put_secret_value(SecretId="canary", SecretString=f"{VALUE} and again")
    secrets.create_secret(Name="canary-binary", SecretBinary=VALUE.encode())
    assert job.get_secret_value(SecretId="canary")["SecretString"] == f"{VALUE} and again"
    with pytest.raises(ClientError, match="AccessDenied"):
        job.create_secret(Name="denied", SecretString=f"denied {VALUE}")
    with pytest.raises(ClientError, match="ResourceExists"):
        secrets.create_secret(Name="canary", SecretString=f"denied {VALUE}")
    with pytest.raises(ClientError):
        secrets.put_secret_value(
            SecretId="canary", SecretString=f"denied {VALUE}", ClientRequestToken="x" * 70
        )
    password = secrets.get_random_password(PasswordLength=40)["RandomPassword"]
    seen.secrets["a random password"] = password
    admin = Credentials(
        seen.site.admin["AWS_ACCESS_KEY_ID"], seen.site.admin["AWS_SECRET_ACCESS_KEY"]
    )
    for body in (
        {"SecretId": "canary", "SecretString": {"nested": VALUE}},
        {"SecretId": "canary", "SecretString": [VALUE], VALUE: VALUE},
        {"SecretId": "canary", "SecretBinary": f"%%% {VALUE}"},
        {"SecretId": "canary", "SecretString": VALUE * 3000},
        {"SecretId": "canary", "SecretString": VALUE, "VersionStages": ["x" * 300]},
    ):
        signed_json(seen, admin, json.dumps(body).encode())
    signed_json(
        seen, admin, b'{"SecretId": "canary", "SecretString": "%s" "broken' % VALUE.encode()
    )
    for made in (secrets, job):
        made.close()


def signed_json(seen, credentials, body):
    headers = {
        "X-Amz-Target": "secretsmanager.PutSecretValue",
        "Content-Type": "application/x-amz-json-1.1",
    }
    request = AWSRequest("POST", f"{seen.site.endpoint}/", data=body, headers=headers)
    SigV4Auth(credentials, "secretsmanager", "us-east-1").add_auth(request)
    sent = {name.replace("-", "_"): value for name, value in request.headers.items()}
    assert seen.ask(body=body, **sent)[0] == 400


def kill_a_worker(seen):
    server = seen.site.processes["server"].pid
    children = Path(f"/proc/{server}/task/{server}/children")
    before = children.read_text().split()
    killed = next(
        pid for pid in before if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.kill(int(killed), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while killed in (now := children.read_text().split()) or len(now) < len(before):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def look_at_our_own(seen):
    for name in ("healthz", "readyz", "metrics", "authorize", "console/", "issuer/", ""):
        seen.shown.append(seen.ask(f"/_valetkey/{name}")[1])


def explain_everything(seen):
    """What the operator reads of all that: in words and as JSON."""
    assert len(seen.requests) > 60
    asked = 0
    for request in seen.requests[:: max(1, len(seen.requests) // 8)]:
        for form_of_it in ((), ("--json",)):
            done = seen.site.valetkey("explain", "--request", request, *form_of_it)
            asked += done.code == 0 or "not-recorded" not in done.errors
            seen.shown.append(done.all)
    assert asked > 8


def test_no_secret_is_written_or_shown(tmp_path):
    """Do everything that could leave a secret behind; look while the server runs, and after."""
    with open_site(tmp_path / "canary", "--workers", "2") as site:
        seen = Watched(site)
        seen.secrets["the administrator's secret key"] = site.admin["AWS_SECRET_ACCESS_KEY"]
        set_up(seen)
        granted = exchange(seen)
        misplace_tokens(seen)
        misplace_sessions(seen, granted)
        handle_secrets(seen, granted)
        kill_a_worker(seen)
        exchange(seen)
        look_at_our_own(seen)
        assert search(site.folder, seen.secrets, JWT) == []
        assert site.stop("server") == 0
    assert search(site.folder, seen.secrets, JWT) == []
    assert_the_search_finds(seen, tmp_path / "planted")

    explain_everything(seen)
    for text in seen.shown:
        assert not re.search(JWT, text)
        assert [name for name, secret in seen.secrets.items() if secret in text] == []
    # All those mistakes were answered as mistakes.
    log = site.log("server").read_text()
    assert "Traceback" not in log
    assert "InternalFailure" not in log


def assert_the_search_finds(seen, folder):
    """What is kept on purpose is found in the records, and each secret where it is planted."""
    kept = {"subject": "project_path:lanterns/kiln:ref_type:branch:ref:feature/x"}
    assert any(path.endswith("records.db") for path, _ in search(seen.site.folder, kept))
    folder.mkdir()
    for number, secret in enumerate(seen.secrets.values()):
        quoted = urllib.parse.quote(secret, safe="")
        (folder / str(number)).write_text(f"GET /?a={quoted} HTTP/1.1")
    found = {seen.secrets[name] for _, name in search(folder, seen.secrets)}
    assert found == set(seen.secrets.values())
