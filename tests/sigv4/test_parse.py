"""What can't be read is refused with AWS's text, before any signature work."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv4.building import AMZ_DATE, KEY_ID, NOW, REGION, SECRET, request, status
from support.vectors import own
from valetkey.sigv4 import (
    HttpRequest,
    MalformedSignature,
    SignatureCheck,
    SignatureRefused,
    parse_signature,
    presign,
    sign,
)

HOST = (b"host", b"sts.vk.example.test")
AUTHORIZATION = (
    b"authorization",
    b"AWS4-HMAC-SHA256 Credential=a/20250102/r/s/aws4_request, SignedHeaders=host, Signature=00",
)
DATE = (b"x-amz-date", AMZ_DATE.encode())


def signed(**more: Any) -> HttpRequest:
    return sign(
        request(**more),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="sts",
        now=NOW,
        session_token="token/+=",
    )


def presigned(**more: Any) -> HttpRequest:
    return presign(
        request(method="GET", **more),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="sts",
        now=NOW,
        expires=60,
        session_token="token/+=",
    )


def refusal(sent: HttpRequest) -> MalformedSignature:
    with pytest.raises(MalformedSignature) as refused:
        parse_signature(sent)
    assert not refused.value.refusal
    return refused.value


@pytest.mark.parametrize("case", own("sigv4/malformed.json")["cases"], ids=lambda c: c["name"])
def test_malformed(case: dict[str, Any]) -> None:
    headers = [HOST, (b"authorization", case["authorization"].encode())]
    amz_date = case.get("amz_date", AMZ_DATE)
    if amz_date is not None:
        headers.append((b"x-amz-date", amz_date.encode()))
    refused = refusal(request(headers=tuple(headers)))
    assert (refused.code, refused.status) == ("IncompleteSignature", 400)
    assert refused.message.startswith(case["message"])
    assert refused.reason


def test_tokens_are_not_repeated() -> None:
    refused = refusal(request(headers=(HOST, (b"authorization", b"Bearer canary-of-a-token"))))
    assert "canary" not in f"{refused.message}{refused.reason}{refused.help}"


def test_unsigned() -> None:
    assert parse_signature(request(query=b"Action=GetCallerIdentity&x-amz-foo=1")) is None
    # A leftover session token, as the PHP client sends it with unsigned calls.
    assert parse_signature(request(headers=(HOST, (b"x-amz-security-token", b"t")))) is None


def test_header() -> None:
    found = parse_signature(signed())
    assert found is not None
    assert (found.access_key_id, found.region, found.service) == (KEY_ID, REGION, "sts")
    assert (found.timestamp, found.amz_date, found.date) == (NOW, AMZ_DATE, "20250102")
    assert found.signed_headers == ("host", "x-amz-date", "x-amz-security-token")
    assert found.session_token == "token/+="
    assert not found.presigned
    assert found.scope == "20250102/eu-test-1/sts/aws4_request"


def test_presigned() -> None:
    found = parse_signature(presigned(query=b"Action=GetCallerIdentity"))
    assert found is not None
    assert (found.access_key_id, found.region, found.service) == (KEY_ID, REGION, "sts")
    assert (found.timestamp, found.expires) == (NOW, 60)
    assert found.session_token == "token/+="
    assert found.presigned


def test_secrets_are_not_shown() -> None:
    for sent in (signed(), presigned()):
        found = parse_signature(sent)
        assert found is not None
        assert "token" not in repr(found)
        assert found.signature not in repr(found)


def test_terminator() -> None:
    changed = [
        (name, value.replace(b"/aws4_request", b"/aws5_request"))
        for name, value in signed().headers
    ]
    with pytest.raises(SignatureRefused) as refused:
        parse_signature(request(headers=tuple(changed)))
    assert refused.value.check is SignatureCheck.TERMINATOR
    assert refused.value.message == (
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"Thu, 02 Jan 2025 03:04:05 GMT", NOW),
        (b"Thu, 02 Jan 2025 03:04:05 -0000", NOW),
        (b"20250102T030405Z", NOW),
    ],
)
def test_date_header(text: bytes, seconds: float) -> None:
    found = parse_signature(request(headers=(HOST, AUTHORIZATION, (b"date", text))))
    assert found is not None
    assert (found.timestamp, found.amz_date) == (seconds, AMZ_DATE)


@pytest.mark.parametrize(
    "text", [b"Thu, 02 Foo 2025 03:04:05 GMT", b"Thu, 02 Jan 2025 03:04:05 CET", b"yesterday", b""]
)
def test_bad_date_header(text: bytes) -> None:
    refused = refusal(request(headers=(HOST, AUTHORIZATION, (b"date", text))))
    assert refused.message.startswith("Date must be in ISO-8601 'basic format'. Got '")


def test_amz_date_goes_before_date() -> None:
    date = (b"date", b"Wed, 01 Jan 2025 00:00:00 GMT")
    found = parse_signature(request(headers=(HOST, AUTHORIZATION, date, DATE)))
    assert found is not None
    assert found.amz_date == AMZ_DATE


@pytest.mark.parametrize(
    "name",
    [
        b"authorization",
        b"Authorization",
        b"host",
        b"HOST",
        b"x-amz-date",
        b"X-Amz-Date",
        b"x-amz-security-token",
        b"X-AMZ-Security-Token",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_header_twice(name: bytes, first: bool) -> None:
    sent = signed()
    value = dict(sent.headers)[name.lower()]
    again = ((name, value),)
    headers = again + sent.headers if first else sent.headers + again
    refused = refusal(request(headers=headers))
    assert refused.status == 400
    assert refused.message == (
        f"The header '{name.lower().decode()}' must be present at most once, and in this spelling."
    )


PARAMETERS = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize(
    "spelled",
    [
        str,
        str.lower,
        str.upper,
        lambda name: name.replace("X", "%58", 1),
        lambda name: name.replace("X", "%78", 1),
        lambda name: name.replace("-", "%2D"),
        lambda name: name.replace("-", "%2d"),
    ],
    ids=["same", "lower", "upper", "escaped", "escaped-lower", "dashes", "dashes-lower"],
)
@pytest.mark.parametrize("value", [b"", b"=", b"=x"])
@pytest.mark.parametrize("first", [True, False])
def test_parameter_twice(name: str, spelled: Any, value: bytes, first: bool) -> None:
    """The fault of CVE-2022-2385: who verifies and who acts each took another one."""
    again = spelled(name).encode() + value
    query = presigned().raw_query
    query = again + b"&" + query if first else query + b"&" + again
    refused = refusal(request(query=query))
    assert refused.status == 400
    assert refused.message == (
        f"The query-string parameter '{name}' must be present at most once, and in this spelling."
    )


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameter_in_another_spelling(name: str) -> None:
    query = presigned().raw_query.replace(name.encode(), name.lower().encode())
    assert refusal(request(query=query)).status == 400


@pytest.mark.parametrize("name", PARAMETERS[:-1])
@pytest.mark.parametrize("empty", [True, False])
def test_parameter_missing(name: str, empty: bool) -> None:
    pieces = presigned().raw_query.split(b"&")
    kept = [piece for piece in pieces if not piece.startswith(name.encode() + b"=")]
    assert len(kept) == len(pieces) - 1
    if empty:
        kept.append(name.encode() + b"=")
    refused = refusal(request(query=b"&".join(kept)))
    assert (refused.code, refused.status) == ("IncompleteSignature", 400)
    assert refused.message == (
        f"AWS query-string parameters must include '{name}'. "
        "Re-examine the query-string parameters."
    )


@pytest.mark.parametrize(
    "text", ["0", "604801", "-1", "+60", "6e1", "60.0", "x", "9999999999", "%20"]
)
def test_bad_lifetime(text: str) -> None:
    query = presigned().raw_query.replace(b"X-Amz-Expires=60", f"X-Amz-Expires={text}".encode())
    refused = refusal(request(query=query))
    assert refused.message == "X-Amz-Expires must be between 1 and 604800 seconds"


@pytest.mark.parametrize("text", ["1", "604800"])
def test_good_lifetime(text: str) -> None:
    query = presigned().raw_query.replace(b"X-Amz-Expires=60", f"X-Amz-Expires={text}".encode())
    found = parse_signature(request(query=query))
    assert found is not None
    assert found.expires == int(text)


@pytest.mark.parametrize("algorithm", [b"AWS4-ECDSA-P384-SHA384", b"aws4-hmac-sha256", b"none"])
def test_presigned_with_another_algorithm(algorithm: bytes) -> None:
    query = presigned().raw_query.replace(b"AWS4-HMAC-SHA256", algorithm)
    refused = refusal(request(query=query))
    assert refused.message == f"Unsupported AWS 'algorithm': '{algorithm.decode()}'."


def test_parameters_outside_of_ascii() -> None:
    query = presigned().raw_query.replace(b"token", b"t%C3%B6ken")
    assert refusal(request(query=query)).reason is not None


@pytest.mark.parametrize("name", ["X-Amz-Signature", "X-Amz-Security-Token", "x-amz-date"])
def test_header_and_query(name: str) -> None:
    refused = refusal(signed(query=name.replace("x-amz-date", "X-Amz-Date").encode() + b"=1"))
    assert refused.status == 400
    assert refused.message == (
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )


def test_payload_declared_twice() -> None:
    sent = presigned(query=b"X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
    declared = (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD")
    refused = refusal(request(query=sent.raw_query, headers=(*sent.headers, declared)))
    assert refused.message == (
        "The request contains a query parameter that duplicates a header value."
    )


pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"AWS4-HMAC-SHA256 ",
            b"Credential=",
            b"a/20250102/r/s/aws4_request",
            b"SignedHeaders=host;x-amz-date",
            b"Signature=00",
            b", ",
            b"=",
            b"X-Amz-Algorithm=AWS4-HMAC-SHA256&",
            b"X-Amz-Signature=%zz&",
            b"X-Amz-Expires=",
            b"%",
        ]
    ),
)
rubbish = st.lists(pieces, max_size=8).map(b"".join)


@given(authorization=rubbish, date=rubbish, query=rubbish, path=rubbish)
def test_rubbish_never_escapes(
    authorization: bytes, date: bytes, query: bytes, path: bytes
) -> None:
    headers = (HOST, (b"authorization", authorization), (b"x-amz-date", date))
    for sent in (
        request(headers=headers, path=path),
        request(query=query, path=path),
        request(headers=headers, query=query),
    ):
        assert status(lambda sent=sent: parse_signature(sent)) in {None, 400, 403}
