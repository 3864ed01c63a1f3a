"""Bad input of every kind: a 4xx in AWS's envelope, no grant, no traceback, and a record."""

import json
from typing import Any

import pytest

from support.edge import ACCOUNT, Answer, Edge
from support.federation import ROLE, exchange, federate, make_role, trust
from support.refusals import check_refused
from support.signing import FORM, HOST, encoded, form, posted, signed
from support.tokens import token
from valetkey.store import Directory
from valetkey.wire import WireRequest

MIB = 1 << 20
AWRI = "AssumeRoleWithWebIdentity"


def directory(edge: Edge) -> Directory:
    return edge.wiring.store.directory()


# --- Requests that name no operation -------------------------------------------------------

REQUESTS: dict[str, tuple[WireRequest, str]] = {
    "nothing": (WireRequest("POST", b"/", b"", (HOST, FORM), b""), "MissingAction"),
    "no host": (WireRequest("GET", b"/", b"", (), b""), "MissingAction"),
    "empty action": (posted(("Action", ""), ("Version", "2011-06-15")), "InvalidAction"),
    "unknown action": (posted(("Action", "Nope"), ("Version", "2011-06-15")), "InvalidAction"),
    "action in another case": (
        posted(("Action", AWRI.lower()), ("Version", "2011-06-15")),
        "InvalidAction",
    ),
    "another service's action": (posted(*form("sts", "CreateRole").items()), "InvalidAction"),
    "an action of AWS's that is not offered": (
        posted(*form("iam", "CreateVirtualMFADevice").items()),
        "InvalidAction",
    ),
    "bad version": (posted(("Action", AWRI), ("Version", "2011-06-16")), "InvalidAction"),
    "version of another service": (
        posted(("Action", AWRI), ("Version", "2010-05-08")),
        "InvalidAction",
    ),
    "no version": (posted(("Action", AWRI)), "InvalidAction"),
    "absurd version": (posted(("Action", AWRI), ("Version", "\u202e" * 1000)), "InvalidAction"),
    "markup in the action": (
        posted(("Action", "<script>&'\"]]></script>"), ("Version", "2011-06-15")),
        "InvalidAction",
    ),
    "controls in the action": (
        posted(("Action", "\x01\x02\x1b[31m\ufffe\uffff"), ("Version", "2011-06-15")),
        "InvalidAction",
    ),
    "NUL in the action": (posted(("Action", "a\0b"), ("Version", "x")), "ValidationError"),
    "no UTF-8": (WireRequest("POST", b"/", b"", (HOST, FORM), b"Action=\xff"), "MalformedInput"),
    "escaped surrogate": (
        WireRequest("POST", b"/", b"", (HOST, FORM), b"Action=%ED%A0%80"),
        "MalformedInput",
    ),
    "overlong UTF-8": (
        WireRequest("POST", b"/", b"", (HOST, FORM), b"Action=%C0%AF"),
        "MalformedInput",
    ),
    "broken escape": (WireRequest("POST", b"/", b"", (HOST, FORM), b"Action=%4"), "MalformedInput"),
    "another charset": (
        WireRequest(
            "POST", b"/", b"", (HOST, (FORM[0], FORM[1] + b"; charset=utf-16")), b"Action=X"
        ),
        "MalformedInput",
    ),
    "multipart": (
        WireRequest(
            "POST",
            b"/",
            b"",
            (HOST, (b"content-type", b"multipart/form-data; boundary=b")),
            b"--b\r\nContent-Disposition: form-data; name=Action\r\n\r\nX\r\n--b--\r\n",
        ),
        "MissingAction",
    ),
    "content type of nonsense": (
        WireRequest("POST", b"/", b"", (HOST, (b"content-type", b"\xff;;=\x00")), b"Action=X"),
        "MissingAction",
    ),
    "compressed": (
        posted(*form("sts", AWRI).items(), headers=((b"content-encoding", b"gzip"),)),
        "MalformedInput",
    ),
    "more than the body may have": (
        WireRequest("POST", b"/", b"", (HOST, FORM), b"a" * (MIB + 1)),
        "RequestEntityTooLargeException",
    ),
    "too long a query": (
        WireRequest("GET", b"/", b"a" * (MIB + 1), (HOST,), b""),
        "RequestEntityTooLargeException",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_that_names_no_operation(shared_edge: Edge, name: str):
    request, code = REQUESTS[name]
    check_refused(shared_edge, await shared_edge.raw(request), code)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW", ""):
        other = WireRequest(method, request.path, request.query, request.headers, request.body)
        check_refused(shared_edge, await shared_edge.raw(other))


# --- AssumeRoleWithWebIdentity ---------------------------------------------------------------

LONG_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [], "Id": "x" * 2000})
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "empty token": ({"WebIdentityToken": ""}, "ValidationError"),
    "token of 20,001 characters": ({"WebIdentityToken": "a" * 20_001}, "ValidationError"),
    "token of 20,000 characters": ({"WebIdentityToken": "a" * 20_000}, "InvalidIdentityToken"),
    "token of NULs, escaped": ({"WebIdentityToken": "\x01" * 100}, "InvalidIdentityToken"),
    "token of other letters": ({"WebIdentityToken": "\u00e9" * 100}, "InvalidIdentityToken"),
    "no role": ({"RoleArn": ""}, "ValidationError"),
    "role's name only": ({"RoleArn": "example"}, "ValidationError"),
    "no account": ({"RoleArn": "arn:aws:iam:::role/example"}, "ValidationError"),
    "account missing": ({"RoleArn": "arn:aws:iam::role/example-role"}, "ValidationError"),
    "account of letters": ({"RoleArn": "arn:aws:iam::11112222333x:role/e"}, "ValidationError"),
    "account of other digits": (
        {"RoleArn": "arn:aws:iam::\u0661" + "1" * 11 + ":role/example"},
        "ValidationError",
    ),
    "another account": (
        {"RoleArn": "arn:aws:iam::444455556666:role/example"},
        "InvalidIdentityToken",
    ),
    "user": ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:user/admin"}, "ValidationError"),
    "another partition": ({"RoleArn": f"arn:aws-cn:iam::{ACCOUNT}:role/e"}, "ValidationError"),
    "a region": ({"RoleArn": f"arn:aws:iam:eu-1:{ACCOUNT}:role/e"}, "ValidationError"),
    "a pattern": ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/*"}, "AccessDenied"),
    "no such role": ({"RoleArn": f"{ROLE}x"}, "AccessDenied"),
    "session name of one letter": ({"RoleSessionName": "a"}, "ValidationError"),
    "session name of 65": ({"RoleSessionName": "a" * 65}, "ValidationError"),
    "session name of a bot": ({"RoleSessionName": "dependabot[bot]"}, "ValidationError"),
    "session name of a project": ({"RoleSessionName": "lanterns/kiln"}, "ValidationError"),
    "session name abroad": ({"RoleSessionName": "\u00e9quipe"}, "ValidationError"),
    "session name with a line break": ({"RoleSessionName": "job\n"}, "ValidationError"),
    "no session name": ({"RoleSessionName": ""}, "ValidationError"),
    "duration of text": ({"DurationSeconds": "long"}, "MalformedInput"),
    "duration of nothing": ({"DurationSeconds": ""}, "MalformedInput"),
    "duration of a fraction": ({"DurationSeconds": "3600.0"}, "MalformedInput"),
    "duration in other digits": ({"DurationSeconds": "\u0663\u0666\u0660\u0660"}, "MalformedInput"),
    "duration beyond 32 bits": ({"DurationSeconds": 2**31}, "MalformedInput"),
    "duration of 10,000 digits": ({"DurationSeconds": "9" * 10_000}, "MalformedInput"),
    "negative duration": ({"DurationSeconds": -3600}, "ValidationError"),
    "duration too short": ({"DurationSeconds": 899}, "ValidationError"),
    "duration too long": ({"DurationSeconds": 43_201}, "ValidationError"),
    "duration beyond the role's": ({"DurationSeconds": 3_601}, "ValidationError"),
    "token size beyond": ({"MinimumSessionTokenSize": 4_097}, "ValidationError"),
    "empty policy": ({"Policy": ""}, "ValidationError"),
    "policy that is no JSON": ({"Policy": "allow"}, "MalformedPolicyDocument"),
    "policy that is null": ({"Policy": "null"}, "MalformedPolicyDocument"),
    "policy that is deep": ({"Policy": "[" * 1000}, "MalformedPolicyDocument"),
    "policy of 2,049": ({"Policy": LONG_POLICY + " " * 100}, "ValidationError"),
    "policy of 1 MiB": ({"Policy": "a" * (MIB - 3000)}, "ValidationError"),
    "policy of other letters": ({"Policy": "\u4e00"}, "ValidationError"),
    "policy with a principal": ({"Policy": trust()}, "MalformedPolicyDocument"),
    "managed policy that is not there": (
        {"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/nowhere"}]},
        "ValidationError",
    ),
    "managed policy of another account": (
        {"PolicyArns": [{"arn": "arn:aws:iam::444455556666:policy/theirs"}]},
        "ValidationError",
    ),
    "managed policy that is no ARN": ({"PolicyArns": [{"arn": "x" * 20}]}, "ValidationError"),
    "eleven managed policies": (
        {"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/p{n}"} for n in range(11)]},
        "ValidationError",
    ),
    "a list that is a value": ({"PolicyArns": "x"}, "MalformedInput"),
    "a list without numbers": ({"PolicyArns.member.x.arn": "x"}, "MalformedInput"),
    "a list from zero": ({"PolicyArns.member.0.arn": "x"}, "MalformedInput"),
    "a list with a hole": ({"PolicyArns.member.2.arn": "x"}, "MalformedInput"),
    "a list numbered by 2**64": ({f"PolicyArns.member.{2**64}.arn": "x"}, "MalformedInput"),
    "a value that is a structure": ({"RoleSessionName.x": "y"}, "MalformedInput"),
    "a deep name": ({"PolicyArns" + ".member" * 40: "x"}, "MalformedInput"),
    "another identity provider": ({"ProviderId": "accounts.google.com"}, "AccessDenied"),
    "no identity provider": ({"ProviderId": ""}, "ValidationError"),
}


@pytest.mark.parametrize("name", PARAMETERS)
async def test_parameters_of_an_exchange(shared_edge: Edge, name: str):
    await federate(shared_edge)
    changes, code = PARAMETERS[name]
    record = check_refused(shared_edge, await exchange(shared_edge, token(), **changes), code)
    assert record.operation == AWRI


@pytest.mark.parametrize("missing", ["RoleArn", "RoleSessionName", "WebIdentityToken"])
async def test_a_required_parameter_is_missing(shared_edge: Edge, missing: str):
    given = {"RoleArn": ROLE, "RoleSessionName": "job", "WebIdentityToken": token()}
    given.pop(missing)
    answer = await shared_edge.query("sts", AWRI, key=None, **given)
    check_refused(shared_edge, answer, "ValidationError")
    member = missing[0].lower() + missing[1:]
    assert answer.message == (
        f"1 validation error detected: Value null at '{member}' failed to satisfy constraint:"
        " Member must not be null"
    )


# --- Policies on their way into IAM -----------------------------------------------------------

DOCUMENTS: dict[str, str] = {
    "no JSON": "hello",
    "half": '{"Version": "2012-10-17", "Statement": [{',
    "null": "null",
    "array": "[]",
    "text": '"policy"',
    "empty object": "{}",
    "two documents": "{}{}",
    "10,000 arrays deep": "[" * 10_000 + "]" * 10_000,
    "10,000 objects deep": '{"Statement":' * 10_000 + "{}" + "}" * 10_000,
    "10,000 conditions deep": '{"Statement":[{"Condition":' + '{"a":' * 10_000,
    "duplicate statement": '{"Version":"2012-10-17","Statement":[],"Statement":[]}',
    "NaN": '{"Version":"2012-10-17","Statement":NaN}',
    "huge number": '{"Version":' + "9" * 10_000 + "}",
    "version of a number": '{"Version":2012,"Statement":[]}',
    "unknown version": '{"Version":"2042-10-17","Statement":[]}',
    "lone surrogate": '{"Version":"2012-10-17","Statement":[{"Sid":"\\ud800"}]}',
    "NUL, escaped": '{"Version":"2012-10-17","Statement":[{"Sid":"\\u0000"}]}',
    "unknown element": '{"Version":"2012-10-17","Statement":[{"Efect":"Allow"}]}',
    "unknown effect": '{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*"}]}',
    "unknown operator": trust({"StringNearly": {"issuer.example:sub": "x"}}),
    "condition of a number": trust({"StringEquals": 1}),
    "condition of nothing": trust({"StringEquals": {}, "": {}}),
    "comment": '{"Version":"2012-10-17",/* */"Statement":[]}',
    "trailing comma": '{"Version":"2012-10-17","Statement":[],}',
    "byte order mark": "\u00ef\u00bb\u00bf{}",
    "130 kB of blanks": " " * 130_000,
    "130 kB of quotes": '"' * 130_000,
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_policies(shared_edge: Edge, name: str):
    edge = shared_edge
    await make_role(edge, trust())
    before = directory(edge).role(ACCOUNT, "example")
    document = DOCUMENTS[name]
    for action, parameters in (
        ("CreateRole", {"RoleName": "made", "AssumeRolePolicyDocument": document}),
        ("UpdateAssumeRolePolicy", {"RoleName": "example", "PolicyDocument": document}),
        (
            "PutRolePolicy",
            {"RoleName": "example", "PolicyName": "p", "PolicyDocument": document},
        ),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": document}),
        ("PutUserPolicy", {"UserName": "admin", "PolicyName": "p", "PolicyDocument": document}),
    ):
        check_refused(edge, await edge.query("iam", action, **parameters))
    assert directory(edge).role(ACCOUNT, "made") is None
    assert directory(edge).role(ACCOUNT, "example") == before


@pytest.mark.parametrize("size", [131_073, 500_000, MIB - 300, MIB, 2 * MIB])
async def test_policies_that_are_too_long(shared_edge: Edge, size: int):
    for action, member in (
        ("CreateRole", "AssumeRolePolicyDocument"),
        ("PutRolePolicy", "PolicyDocument"),
    ):
        given = {"RoleName": "example", "PolicyName": "p", member: "a" * size}
        answer = await shared_edge.query("iam", action, **given)
        check_refused(shared_edge, answer)
        assert len(answer.body) < 2000
        expected = "ValidationError" if size < MIB - 200 else "RequestEntityTooLargeException"
        assert answer.code == expected


IAM: dict[str, tuple[str, dict[str, Any], str]] = {
    "role's name of nothing": ("GetRole", {"RoleName": ""}, "ValidationError"),
    "role's name too long": ("GetRole", {"RoleName": "a" * 65}, "ValidationError"),
    "role's name of a path": ("GetRole", {"RoleName": "../admin"}, "ValidationError"),
    "role's name abroad": ("GetRole", {"RoleName": "\u00e9"}, "ValidationError"),
    "no such role": ("GetRole", {"RoleName": "nowhere"}, "NoSuchEntity"),
    "no such user": ("GetUser", {"UserName": "nobody"}, "NoSuchEntity"),
    "no such policy": (
        "GetPolicy",
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/nowhere"},
        "NoSuchEntity",
    ),
    "no such provider": (
        "GetOpenIDConnectProvider",
        {"OpenIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/nowhere.example"},
        "NoSuchEntity",
    ),
    "path without slash": (
        "CreateUser",
        {"UserName": "u", "Path": "x"},
        "ValidationError",
    ),
    "path of controls": ("CreateUser", {"UserName": "u", "Path": "/\x01/"}, "ValidationError"),
    "items of nothing": ("ListUsers", {"MaxItems": 0}, "ValidationError"),
    "items beyond": ("ListUsers", {"MaxItems": 1001}, "ValidationError"),
    "marker of nonsense": ("ListUsers", {"Marker": "\u00ff" * 100}, "ValidationError"),
    "fifty-one tags": (
        "TagUser",
        {"UserName": "admin", "Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(51)]},
        "ValidationError",
    ),
    "tag twice": (
        "TagUser",
        {"UserName": "admin", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}]},
        "InvalidInput",
    ),
    "tag without value": (
        "TagUser",
        {"UserName": "admin", "Tags": [{"Key": "k"}]},
        "ValidationError",
    ),
    "boolean of text": ("ListPolicies", {"OnlyAttached": "yes"}, "MalformedInput"),
}


@pytest.mark.parametrize("name", IAM)
async def test_parameters_of_iam(shared_edge: Edge, name: str):
    action, parameters, code = IAM[name]
    check_refused(shared_edge, await shared_edge.query("iam", action, **parameters), code)


# --- The JSON protocol -------------------------------------------------------------------------

TOKEN = "0123456789abcdef0123456789abcdef"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hello",
    "half": b'{"SecretId": "x"',
    "null": b"null",
    "array": b"[]",
    "text": b'"x"',
    "number": b"1",
    "no UTF-8": b'{"SecretId": "\xff"}',
    "UTF-16": '{"SecretId": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"SecretId": "x"}',
    "NUL": b'{"SecretId": "\x00"}',
    "escaped NUL": b'{"SecretId": "\\u0000"}',
    "lone surrogate": b'{"SecretId": "\\ud800"}',
    "member twice": b'{"SecretId": "x", "SecretId": "y"}',
    "10,000 deep": b'{"SecretId":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "10,000 deep and open": b'{"a":' * 10_000,
    "deep and ignored": b'{"SecretId": "x", "Nope": ' + b"[" * 100 + b"]" * 100 + b"}",
    "huge integer": b'{"SecretId": ' + b"9" * 10_000 + b"}",
    "huge number": b'{"SecretId": 1e999999}',
    "NaN": b'{"SecretId": NaN}',
    "Infinity": b'{"SecretId": -Infinity}',
    "wrong type": b'{"SecretId": 1}',
    "wrong type, a list": b'{"SecretId": ["x"]}',
    "wrong type, an object": b'{"SecretId": {"a": 1}}',
    "id of nothing": b'{"SecretId": ""}',
    "id of nobody": b'{"SecretId": "nowhere"}',
    "comment": b'{"SecretId": "x" /* */}',
    "form": b"SecretId=x",
    "XML": b"<SecretId>x</SecretId>",
}


@pytest.mark.parametrize("name", BODIES)
async def test_bodies_of_the_json_protocol(shared_edge: Edge, name: str):
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    answer = await shared_edge.send("secretsmanager", headers, BODIES[name])
    check_refused(shared_edge, answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-target": "secretsmanager"},
        {"x-amz-target": "secretsmanager."},
        {"x-amz-target": ".GetSecretValue"},
        {"x-amz-target": "secretsmanager.getsecretvalue"},
        {"x-amz-target": "secretsmanager.GetSecretValue.GetSecretValue"},
        {"x-amz-target": "DynamoDB_20120810.ListTables"},
        {"x-amz-target": "\u00ff" * 1000},
        {"x-amz-target": "secretsmanager.GetSecretValue", "content-type": "application/json"},
        {"x-amz-target": "secretsmanager.GetSecretValue", "content-type": ""},
        {"x-amz-target": "secretsmanager.GetSecretValue", "content-encoding": "gzip"},
    ],
    ids=lambda headers: "; ".join(f"{value[:40]}" for value in headers.values()),
)
async def test_headers_of_the_json_protocol(shared_edge: Edge, headers: dict[str, str]):
    given = {"content-type": "application/x-amz-json-1.1", **headers}
    wire = tuple((name.encode(), value.encode("latin-1")) for name, value in given.items())
    answer = await shared_edge.raw(WireRequest("POST", b"/", b"", (HOST, *wire), b"{}"))
    check_refused(shared_edge, answer)


CREATED: dict[str, dict[str, Any]] = {
    "value of nothing and everything": {"SecretString": "x", "SecretBinary": "eA=="},
    "value too long": {"SecretString": "x" * 65_537},
    "binary that is none": {"SecretBinary": "*"},
    "binary too long": {"SecretBinary": "AAAA" * 30_000},
    "name of controls": {"Name": "a\x01b"},
    "name of questions": {"Name": "a?b"},
    "name too long": {"Name": "a" * 513},
    "token too short": {"ClientRequestToken": "x"},
    "tags of nothing": {"Tags": [None]},
    "tags of text": {"Tags": "x"},
    "fifty-one tags": {"Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(51)]},
    "a key that is not there": {"KmsKeyId": 1},
    "replicas of numbers": {"AddReplicaRegions": [1]},
}


@pytest.mark.parametrize("name", CREATED)
async def test_parameters_of_a_secret(shared_edge: Edge, name: str):
    given = {"Name": "made", "ClientRequestToken": TOKEN, "SecretString": "x", **CREATED[name]}
    if "SecretBinary" in given and name != "value of nothing and everything":
        del given["SecretString"]
    check_refused(shared_edge, await shared_edge.target("CreateSecret", **given))
    assert directory(shared_edge).secrets(ACCOUNT, "us-east-1") == ()


# --- Signatures --------------------------------------------------------------------------------

SIGNATURES: dict[str, bytes] = {
    "empty": b"",
    "bearer": b"Bearer x",
    "basic": b"Basic eDp5",
    "version 2": b"AWS AKIA:sig",
    "version 4A": b"AWS4-ECDSA-P256-SHA256 Credential=a/20270115/sts/aws4_request, "
    b"SignedHeaders=host, Signature=0",
    "name only": b"AWS4-HMAC-SHA256",
    "misspelt": b"AWS4-HMAC-SHA256 Credenadsftial=a/20270115/us-east-1/sts/aws4_request, "
    b"SignedHeaders=host, Signature=0",
    "twice": b"AWS4-HMAC-SHA256 Credential=a/20270115/r/sts/aws4_request, "
    b"Credential=b/20270115/r/sts/aws4_request, SignedHeaders=host, Signature=0",
    "scope of four": b"AWS4-HMAC-SHA256 Credential=a/20270115/sts/aws4_request, "
    b"SignedHeaders=host, Signature=0",
    "another end": b"AWS4-HMAC-SHA256 Credential=a/20270115/r/sts/aws5, "
    b"SignedHeaders=host, Signature=0",
    "no host signed": b"AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20270115/r/sts/"
    b"aws4_request, SignedHeaders=x-amz-date, Signature=0",
    "not ASCII": b"AWS4-HMAC-SHA256 Credential=\xe9, SignedHeaders=host, Signature=0",
    "controls": b"AWS4-HMAC-SHA256 Credential=\x01/\x02, SignedHeaders=host, Signature=\x03",
    "signature not ASCII": b"AWS4-HMAC-SHA256 Credential=a/20270115/r/sts/aws4_request, "
    b"SignedHeaders=host, Signature=\xff",
}


@pytest.mark.parametrize("name", SIGNATURES)
async def test_authorizations(shared_edge: Edge, name: str):
    more = ((b"authorization", SIGNATURES[name]), (b"x-amz-date", b"20270115T080000Z"))
    request = posted(*form("sts", "GetCallerIdentity").items(), headers=more)
    record = check_refused(shared_edge, await shared_edge.raw(request))
    assert record.caller_arn is None


@pytest.mark.parametrize(
    "date",
    ["", "now", "20270115", "20270115T080000", "2027-01-15T08:00:00Z", "20271315T080000Z",
     "20270230T080000Z", "00000000T000000Z", "99991231T235959Z", "20270115T080060Z",
     "\u0662\u0660270115T080000Z", "Fri, 15 Jan 2027 08:00:00 GMT"],
)  # fmt: skip
async def test_dates_of_signatures(shared_edge: Edge, date: str):
    good = signed(shared_edge, posted(*form("sts", "GetCallerIdentity").items()))
    headers = tuple(
        (name, date.encode("utf-8") if name == b"x-amz-date" else value)
        for name, value in good.headers
    )
    request = WireRequest("POST", b"/", b"", headers, good.body)
    assert check_refused(shared_edge, await shared_edge.raw(request)).caller_arn is None


# --- Whatever is asked, nothing is granted ----------------------------------------------------


async def test_an_error_repeats_markup_as_text(shared_edge: Edge):
    """What a request says comes back escaped, and an XML parser reads what was sent."""
    name = "<a>&amp;\"'</a>]]>"
    answer: Answer = await shared_edge.raw(
        WireRequest("POST", b"/", b"", (HOST, FORM), encoded(form("sts", name).items()))
    )
    check_refused(shared_edge, answer, "InvalidAction")
    assert answer.message == f"Could not find operation {name} for version 2011-06-15"
