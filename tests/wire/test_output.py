"""Outputs and errors, as bytes."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.errors import AwsError
from valetkey.wire import (
    Services,
    UnencodableOutput,
    WireError,
    encode_error,
    encode_output,
)
from valetkey.wire.tables import Member, ServiceTable, Shape
from valetkey.wire.xml_output import XmlWriters, escape

ID = "01234567-89ab-cdef-0123-456789abcdef"

CALLER_IDENTITY = f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <UserId>AIDA</UserId>
    <Account>111122223333</Account>
    <Arn>arn:aws:iam::111122223333:user/a&amp;b</Arn>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>{ID}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
"""

LIST_ROLES = f"""\
<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListAccessKeysResult>
    <AccessKeyMetadata>
      <member>
        <UserName>u</UserName>
        <CreateDate>2025-01-02T03:04:05Z</CreateDate>
      </member>
      <member/>
    </AccessKeyMetadata>
    <IsTruncated>false</IsTruncated>
  </ListAccessKeysResult>
  <ResponseMetadata>
    <RequestId>{ID}</RequestId>
  </ResponseMetadata>
</ListAccessKeysResponse>
"""

DELETE_ROLE = f"""\
<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>{ID}</RequestId>
  </ResponseMetadata>
</DeleteRoleResponse>
"""

UPDATE_ROLE = f"""\
<UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <UpdateRoleResult/>
  <ResponseMetadata>
    <RequestId>{ID}</RequestId>
  </ResponseMetadata>
</UpdateRoleResponse>
"""

SUMMARY = """\
    <SummaryMap>
      <entry>
        <key>Users</key>
        <value>3</value>
      </entry>
    </SummaryMap>
"""


@pytest.mark.parametrize(
    ("service", "operation", "output", "wanted"),
    [
        (
            "sts",
            "GetCallerIdentity",
            {
                "Arn": "arn:aws:iam::111122223333:user/a&b",
                "UserId": "AIDA",
                "Account": "111122223333",
            },
            CALLER_IDENTITY,
        ),
        (
            "iam",
            "ListAccessKeys",
            {
                "AccessKeyMetadata": (
                    {"UserName": "u", "CreateDate": 1735787045.7, "Status": None},
                    {},
                ),
                "IsTruncated": False,
                "Marker": None,
            },
            LIST_ROLES,
        ),
        ("iam", "DeleteRole", None, DELETE_ROLE),
        ("iam", "UpdateRole", {}, UPDATE_ROLE),
    ],
)
def test_xml_is_laid_out_as_aws_does(
    services: Services, service: str, operation: str, output: Any, wanted: str
) -> None:
    answer = encode_output(services[service], operation, output, ID)
    assert answer.body.decode() == wanted
    assert answer.status == 200
    assert answer.headers == (
        (b"content-type", b"text/xml"),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", ID.encode()),
    )


def test_xml_maps_and_empty_lists(services: Services) -> None:
    answer = encode_output(services["iam"], "GetAccountSummary", {"SummaryMap": {"Users": 3}}, ID)
    assert SUMMARY in answer.body.decode()
    answer = encode_output(services["iam"], "ListRoles", {"Roles": []}, ID)
    assert "    <Roles/>\n" in answer.body.decode()


def test_json(services: Services) -> None:
    output = {
        "ARN": "arn:aws:secretsmanager:r:1:secret:é",
        "SecretBinary": b"\0\1",
        "CreatedDate": 1735787045.25,
        "VersionStages": ("AWSCURRENT",),
        "SecretString": None,
    }
    answer = encode_output(services["secretsmanager"], "GetSecretValue", output, ID)
    assert json.loads(answer.body) == {
        "ARN": "arn:aws:secretsmanager:r:1:secret:é",
        "SecretBinary": "AAE=",
        "CreatedDate": 1735787045.25,
        "VersionStages": ["AWSCURRENT"],
    }
    assert (b"content-type", b"application/x-amz-json-1.1") in answer.headers
    answer = encode_output(services["secretsmanager"], "TagResource", None, ID)
    assert answer.body == b"{}"


@pytest.mark.parametrize(
    ("service", "operation", "output"),
    [
        ("sts", "GetCallerIdentity", {"arn": "a"}),
        ("sts", "GetCallerIdentity", {"Arn": 1}),
        ("sts", "GetCallerIdentity", {"Arn": b"a"}),
        ("sts", "AssumeRole", {"PackedPolicySize": "1"}),
        ("sts", "AssumeRole", {"PackedPolicySize": True}),
        ("sts", "AssumeRole", {"Credentials": {"Expiration": "2025-01-02T03:04:05Z"}}),
        ("sts", "AssumeRole", {"Credentials": {"Expiration": 1e300}}),
        ("sts", "AssumeRole", {"Credentials": {"Other": "x"}}),
        ("iam", "ListRoles", {"IsTruncated": "false"}),
        ("secretsmanager", "GetSecretValue", {"arn": "a"}),
        ("secretsmanager", "GetSecretValue", {"ARN": 1}),
        ("secretsmanager", "GetSecretValue", {"CreatedDate": "x"}),
        ("secretsmanager", "GetSecretValue", {"SecretBinary": "x"}),
        ("secretsmanager", "DescribeSecret", {"RotationEnabled": 1}),
        ("secretsmanager", "DescribeSecret",
         {"RotationRules": {"AutomaticallyAfterDays": True}}),
    ],
)  # fmt: skip
def test_what_the_model_does_not_have_is_our_fault(
    services: Services, service: str, operation: str, output: dict[str, Any]
) -> None:
    with pytest.raises(UnencodableOutput):
        encode_output(services[service], operation, output, ID)


# The production `Char` of XML 1.0.
LEGAL = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(st.text())
def test_any_text_is_well_formed_xml(text: str) -> None:
    found = ET.fromstring(f"<a>{escape(text)}</a>".encode()).text or ""
    assert found == "".join(char if LEGAL.fullmatch(char) else "\ufffd" for char in text)


def test_xml_has_no_documents() -> None:
    shapes = {
        "Output": Shape("structure", members=(Member("X", "X", "Any"),)),
        "Any": Shape("document"),
    }
    table = ServiceTable("o", "o", "1", "query", "", "", "", {}, shapes, {})
    with pytest.raises(UnencodableOutput):
        XmlWriters(table).content("Output", "")({"X": {}})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a'b\"c", "a'b\"c"),
        ("<&>", "&lt;&amp;&gt;"),
        ("]]>", "]]&gt;"),
        ("a\r\nb", "a&#xD;\nb"),
        ("\0\x1f\ud800\uffff", "\ufffd" * 4),
        ("😀", "😀"),
    ],
)
def test_escape(text: str, wanted: str) -> None:
    assert escape(text) == wanted


def xml_error(namespace: str, fault: str, code: str, message: str) -> str:
    shown = f"    <Message>{message}</Message>\n" if message else ""
    return (
        f'<ErrorResponse xmlns="{namespace}">\n  <Error>\n    <Type>{fault}</Type>\n'
        f"    <Code>{code}</Code>\n{shown}  </Error>\n"
        f"  <RequestId>{ID}</RequestId>\n</ErrorResponse>\n"
    )


STS = "https://sts.amazonaws.com/doc/2011-06-15/"
FAULT = "http://webservices.amazon.com/AWSFault/2005-15-09"


@pytest.mark.parametrize(
    ("service", "error", "wanted"),
    [
        ("sts", AwsError("AccessDenied", "no <way>", 403), (STS, "Sender", "no &lt;way&gt;")),
        ("sts", AwsError("InternalFailure", "", 500), (STS, "Receiver", "")),
        ("sts", WireError("MalformedInput"), (STS, "Sender", "")),
        ("sts", WireError("InvalidAction", "x"), (FAULT, "Sender", "x")),
        (None, WireError("MissingAction", "x"), (FAULT, "Sender", "x")),
        (None, AwsError("Throttling", "Rate exceeded"), (FAULT, "Sender", "Rate exceeded")),
    ],
)
def test_xml_errors(
    services: Services, service: str | None, error: AwsError, wanted: tuple[str, str, str]
) -> None:
    namespace, fault, message = wanted
    answer = encode_error(services[service] if service else None, error, ID)
    assert answer.status == error.status
    assert answer.body.decode() == xml_error(namespace, fault, error.code, message)
    assert answer.headers[0] == (b"content-type", b"text/xml")
    assert answer.headers[2] == (b"x-amzn-requestid", ID.encode())


SECRETS = "secretsmanager"


@pytest.mark.parametrize(
    ("service", "error", "status", "body"),
    [
        (SECRETS, AwsError("ResourceNotFoundException", "m"), 400,
         {"__type": "ResourceNotFoundException", "Message": "m"}),
        (SECRETS, AwsError("ValidationError", "m"), 400,
         {"__type": "ValidationException", "message": "m"}),
        (SECRETS, AwsError("AccessDenied", "m", 403), 400,
         {"__type": "AccessDeniedException", "Message": "m"}),
        (SECRETS, AwsError("InvalidClientTokenId", "m", 403), 400,
         {"__type": "UnrecognizedClientException", "message": "m"}),
        (SECRETS, AwsError("SignatureDoesNotMatch", "m", 403), 400,
         {"__type": "InvalidSignatureException", "message": "m"}),
        (SECRETS, AwsError("ExpiredToken", "m", 403), 400,
         {"__type": "ExpiredTokenException", "message": "m"}),
        (SECRETS, AwsError("InternalFailure", "m", 500), 500,
         {"__type": "InternalFailure", "message": "m"}),
        (SECRETS, AwsError("Odd", "\ud800"), 400, {"__type": "Odd", "message": "\ufffd"}),
        (None, WireError("UnknownOperationException", protocol="json"), 400,
         {"__type": "UnknownOperationException"}),
    ],
)  # fmt: skip
def test_json_errors(
    services: Services, service: str | None, error: AwsError, status: int, body: dict[str, str]
) -> None:
    answer = encode_error(services[service] if service else None, error, ID)
    assert (answer.status, json.loads(answer.body)) == (status, body)
    assert answer.headers[0] == (b"content-type", b"application/x-amz-json-1.1")


def test_the_reason_never_goes_out(services: Services) -> None:
    error = AwsError("AccessDenied", "no", 403, reason="canary", help="canary")
    for service in (*services.values(), None):
        assert b"canary" not in encode_error(service, error, ID).body
