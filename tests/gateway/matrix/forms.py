"""Uploads by form: signed in their fields, in the request, in both or nowhere, and spoilt."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gateway.matrix.plans import (
    BUCKET,
    HOST,
    OBJECT,
    PRIVATE,
    Auth,
    Key,
    Mode,
    amz_date,
    signer_of,
)
from gateway.matrix.signing import EMPTY, Pairs, Signer, Wire

BOUNDARY = "----form-0123456789"
KEY = "dir/of a form"
LONGEST = 64 * 1024


class FormCell(NamedTuple):
    """One field of the matrix: ``fields`` tells that the form's fields are signed."""

    auth: Auth
    fields: bool
    mode: Mode


FORM_CELLS = [
    FormCell(auth, fields, mode)
    for auth in Auth
    for fields in (True, False)
    for mode in Mode
    if auth is not Auth.BOTH or fields
]


@dataclass
class Form:
    """A form to be: right as it is made."""

    cell: FormCell
    signer: Signer
    now: float
    conditions: list[Any]
    expires: float = 600.0
    fields: Pairs = field(default_factory=list)
    file: bytes = OBJECT
    policy: str | None = None
    signature: str | None = None
    algorithm: str = "AWS4-HMAC-SHA256"
    leave_out: frozenset[str] = frozenset()
    more: Pairs = field(default_factory=list)
    """Fields behind those of the signature."""
    headers: Pairs = field(default_factory=list)
    declared: str | None = None
    content_type: str = f"multipart/form-data; boundary={BOUNDARY}"
    path: str = f"/{BUCKET}"
    edit: Callable[[bytes], bytes] | None = None
    after: list[Callable[[Wire], None]] = field(default_factory=list)


def form(cell: FormCell, key: Key) -> Form:
    """Return the right form of a cell."""
    conditions: list[Any] = [
        {"bucket": BUCKET},
        ["starts-with", "$key", "dir/"],
        ["starts-with", "$Content-Type", "text/"],
        ["content-length-range", 1, LONGEST],
    ]
    made = Form(cell, signer_of(key, "AWS4-HMAC-SHA256"), key.now, conditions)
    made.fields = [("key", KEY), ("Content-Type", "text/plain")]
    return made


def build_form(made: Form) -> Wire:
    """Put a form onto the wire."""
    fields = [pair for pair in made.fields if pair[0] not in made.leave_out]
    if made.cell.fields:
        fields += [pair for pair in _signature(made) if pair[0] not in made.leave_out]
    body = multipart([*fields, *made.more], made.file)
    body = body if made.edit is None else made.edit(body)
    wire = Wire("POST", made.path, [], [("host", HOST), ("content-type", made.content_type)], body)
    wire.headers += made.headers
    declared = made.declared or _declared(made.cell.mode, body)
    if declared is not None:
        wire.set_header("x-amz-content-sha256", declared)
    if made.cell.mode.chunked:
        wire.set_header("x-amz-decoded-content-length", str(len(body)))
    auth = made.cell.auth
    signer = made.signer
    signer.algorithm = auth.algorithm
    if auth.in_query:
        signer.sign_query(wire, declared or "UNSIGNED-PAYLOAD")
    if auth.in_header:
        signer.sign_header(wire, declared or EMPTY)
    wire.headers.append(("content-length", str(len(body))))
    for change in made.after:
        change(wire)
    return wire


def _declared(mode: Mode, body: bytes) -> str | None:
    if mode is Mode.ABSENT:
        return None
    return hashlib.sha256(body).hexdigest() if mode is Mode.HASH else str(mode)


def _signature(made: Form) -> Pairs:
    signer = made.signer
    signed: Pairs = [
        ("X-Amz-Algorithm", made.algorithm),
        ("X-Amz-Credential", signer.credential or f"{signer.key_id}/{signer.scope}"),
        ("X-Amz-Date", signer.amz_date),
    ]
    if signer.token is not None:
        signed.append(("X-Amz-Security-Token", signer.token))
    conditions = [*made.conditions, *({name: value} for name, value in signed)]
    expiration = datetime.fromtimestamp(made.now + made.expires, UTC)
    document = {
        "expiration": f"{expiration:%Y-%m-%dT%H:%M:%S.000Z}",
        "conditions": conditions,
    }
    encoded = made.policy
    if encoded is None:
        encoded = base64.b64encode(json.dumps(document).encode()).decode()
    signature = signer.sign(encoded) if made.signature is None else made.signature
    return [*signed, ("Policy", encoded), ("X-Amz-Signature", signature)]


def multipart(fields: Pairs, file: bytes | None) -> bytes:
    """Return fields, and a file behind them, as a browser sends them."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    if file is not None:
        head = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
        parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + file + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def form_refusal(cell: FormCell) -> str | None:
    """Return what S3 says to a cell with nothing wrong but itself; None where it takes it."""
    auth, mode = cell.auth, cell.mode
    if auth is Auth.BOTH:
        return "400 InvalidArgument"
    if auth.in_query and mode.chunked:
        return "400 XAmzContentSHA256Mismatch"
    if auth is not Auth.NEITHER or mode.chunked:
        return "400 InvalidRequest"
    return None


# --- what can be wrong -------------------------------------------------------------------------
class FormSpoil(NamedTuple):
    """A row of the table; ``prepare`` makes the right twin."""

    name: str
    where: Callable[[FormCell], bool]
    says: tuple[str, ...]
    spoil: Callable[[Form], object]
    prepare: Callable[[Form], object] | None = None


def _signed(cell: FormCell) -> bool:
    return cell.fields


def _all(_cell: FormCell) -> bool:
    return True


def _unsigned(cell: FormCell) -> bool:
    return not cell.fields


def _hashed(cell: FormCell) -> bool:
    return cell.mode is Mode.HASH


def _signer(**changes: Any) -> Callable[[Form], object]:
    return lambda made: [setattr(made.signer, name, value) for name, value in changes.items()]


def _form(**changes: Any) -> Callable[[Form], object]:
    return lambda made: [setattr(made, name, value) for name, value in changes.items()]


def _more(name: str, value: str) -> Callable[[Form], object]:
    return lambda made: made.more.append((name, value))


def _without(name: str) -> Callable[[Form], object]:
    return _form(leave_out=frozenset((name,)))


def _field(name: str, value: str) -> Callable[[Form], object]:
    return lambda made: setattr(
        made, "fields", [(n, value if n == name else v) for n, v in made.fields]
    )


def _dated(seconds: float) -> Callable[[Form], object]:
    def change(made: Form) -> None:
        made.signer.amz_date = amz_date(made.now + seconds)
        made.signer.scope_date = made.signer.amz_date[:8]

    return change


def _condition(*conditions: Any) -> Callable[[Form], object]:
    return lambda made: made.conditions.extend(conditions)


def _edit(change: Callable[[bytes], bytes]) -> Callable[[Form], object]:
    return _form(edit=change)


def _raw_policy(text: str) -> Callable[[Form], object]:
    return _form(policy=base64.b64encode(text.encode()).decode())


_MISMATCH, _DENIED = "403 SignatureDoesNotMatch", "403 AccessDenied"
_ARGUMENT, _INVALID = "400 InvalidArgument", "400 InvalidRequest"
_POLICY, _FORM = "400 InvalidPolicyDocument", "400 MalformedPOSTRequest"
_SCOPE = ("400 AuthorizationHeaderMalformed", "400 AuthorizationQueryParametersError", _ARGUMENT)
_DATE = (_DENIED, "403 RequestTimeTooSkewed", *_SCOPE)
_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature", "Policy")

FORM_SPOILS = [
    FormSpoil("another secret", _signed, (_MISMATCH,), _signer(secret="another" * 6)),
    FormSpoil("another signature", _signed, (_MISMATCH,), _form(signature="0" * 64)),
    FormSpoil("an unknown key", _signed, ("400 InvalidToken",), _signer(key_id="ASIA" + "B" * 16)),
    FormSpoil("another token", _signed, ("400 InvalidToken",), _signer(token="QUJD" * 20)),
    FormSpoil("no token", _signed, ("403 InvalidAccessKeyId",), _signer(token=None)),
    FormSpoil("another algorithm", _signed, (_ARGUMENT,), _form(algorithm="AWS4-HMAC-SHA1")),
    FormSpoil("4A", _signed, (_ARGUMENT,), _form(algorithm="AWS4-ECDSA-P256-SHA256")),
    *(FormSpoil(f"no {name}", _signed, (_ARGUMENT,), _without(name)) for name in _FIELDS),
    *(
        FormSpoil(f"{name} twice", _signed, (_ARGUMENT,), _more(name, "x"))
        for name in (*_FIELDS, "X-Amz-Security-Token")
    ),
    *(
        FormSpoil(f"{name} also in small letters", _signed, (_ARGUMENT,), _more(name.lower(), "x"))
        for name in (*_FIELDS, "X-Amz-Security-Token")
    ),
    FormSpoil("8 days old", _signed, _DATE, _dated(-8 * 86_400)),
    FormSpoil("6 minutes ahead", _signed, _DATE, _dated(360)),
    FormSpoil("a date in another form", _signed, _DATE, _signer(amz_date="2027-01-15T08:00:00Z")),
    FormSpoil(
        "the scope is of the day before",
        _signed,
        _SCOPE,
        lambda made: setattr(made.signer, "scope_date", amz_date(made.now - 86_400)[:8]),
    ),
    FormSpoil("expired", _signed, (_DENIED,), _form(expires=-1.0)),
    FormSpoil("another region", _signed, _SCOPE, _signer(region="eu-west-1")),
    FormSpoil("another service", _signed, (*_SCOPE, "400 MissingAction"), _signer(service="sts")),
    FormSpoil("another terminator", _signed, _SCOPE, _signer(terminator="aws4_requests")),
    FormSpoil("a credential that is none", _signed, _SCOPE, _signer(credential="a/b/c")),
    FormSpoil("a policy that is no base64", _signed, (_POLICY,), _form(policy="*")),
    FormSpoil("a policy that is no JSON", _signed, (_POLICY,), _raw_policy("{")),
    FormSpoil("a policy without an end", _signed, (_POLICY,), _raw_policy('{"conditions":[]}')),
    FormSpoil(
        "a policy without conditions",
        _signed,
        (_POLICY,),
        _raw_policy('{"expiration":"2099-01-01T00:00:00Z"}'),
    ),
    FormSpoil(
        "a policy that speaks of nothing",
        _signed,
        (_DENIED,),
        _raw_policy('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}'),
    ),
    FormSpoil(
        "a policy with a member twice",
        _signed,
        (_POLICY,),
        _raw_policy('{"expiration":"2099-01-01T00:00:00Z","conditions":[],"conditions":[]}'),
    ),
    FormSpoil(
        "a field that no condition speaks of",
        _signed,
        (_DENIED,),
        _more("x-amz-meta-note", "kept"),
        _more("x-ignore-note", "kept"),
    ),
    FormSpoil("an acl that no condition speaks of", _signed, (_DENIED,), _more("acl", "private")),
    FormSpoil("a signed field is missing", _signed, (_DENIED,), _without("Content-Type")),
    FormSpoil("another key", _signed, (_DENIED,), _field("key", "elsewhere/of a form")),
    FormSpoil(
        "a key that leaves its folder",
        _all,
        (_DENIED, "400 InvalidURI", _ARGUMENT),
        _field("key", "dir/../../x"),
    ),
    FormSpoil("another type", _signed, (_DENIED,), _field("Content-Type", "image/png")),
    FormSpoil("one of two types", _signed, (_DENIED,), _field("Content-Type", "text/a,image/png")),
    FormSpoil("another bucket", _signed, (_DENIED,), _form(path=f"/{PRIVATE}")),
    FormSpoil(
        "a field that names another bucket",
        _signed,
        (_DENIED,),
        _more("bucket", PRIVATE),
        _more("bucket", BUCKET),
    ),
    FormSpoil(
        "a condition that is not met",
        _signed,
        (_DENIED,),
        _condition({"x-amz-meta-note": "wanted"}),
    ),
    FormSpoil(
        "longer than allowed",
        _signed,
        ("400 EntityTooLarge",),
        _form(file=b"x" * (LONGEST + 1)),
        _form(file=b"x" * LONGEST),
    ),
    FormSpoil(
        "shorter than allowed", _signed, ("400 EntityTooSmall",), _form(file=b""), _form(file=b"x")
    ),
    FormSpoil("a bucket that is not open", _unsigned, (_DENIED,), _form(path=f"/{PRIVATE}")),
    FormSpoil("signed with version 2", _unsigned, (_INVALID,), _more("AWSAccessKeyId", "AKID")),
    FormSpoil("no key", _all, (_ARGUMENT, "400 UserKeyMustBeSpecified"), _without("key")),
    FormSpoil("key twice", _all, (_ARGUMENT,), _more("key", "dir/other")),
    FormSpoil("key also in capitals", _all, (_ARGUMENT,), _more("KEY", "dir/other")),
    FormSpoil(
        "no file",
        _all,
        ("400 IncorrectNumberOfFilesInPostRequest",),
        _form(
            edit=lambda body: (
                body[
                    : body.index(
                        b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition:"
                        b' form-data; name="file"'
                    )
                ]
                + f"--{BOUNDARY}--\r\n".encode()
            )
        ),
    ),
    FormSpoil("truncated in the file", _all, (_FORM,), _edit(lambda body: body[:-5000])),
    FormSpoil("truncated in a field", _all, (_FORM,), _edit(lambda body: body[:120])),
    FormSpoil(
        "truncated before the last boundary",
        _all,
        (_FORM,),
        _edit(lambda body: body[: -len(BOUNDARY) - 6]),
    ),
    FormSpoil("truncated in the last boundary", _all, (_FORM,), _edit(lambda body: body[:-6])),
    FormSpoil("empty", _all, (_FORM,), _edit(lambda body: b"")),
    FormSpoil(
        "another boundary",
        _all,
        (_FORM,),
        _form(content_type="multipart/form-data; boundary=other"),
    ),
    FormSpoil("no boundary", _all, (_FORM,), _form(content_type="multipart/form-data")),
    FormSpoil(
        "a boundary of 71 bytes",
        _all,
        (_FORM,),
        _form(content_type=f"multipart/form-data; boundary={'b' * 71}"),
    ),
    FormSpoil(
        "not a form",
        _all,
        ("412 PreconditionFailed",),
        _form(content_type="application/octet-stream"),
    ),
    FormSpoil(
        "a head of 5000 bytes",
        _all,
        (_FORM,),
        _edit(lambda body: body.replace(b"\r\n", b"\r\nX-Pad: " + b"x" * 5000 + b"\r\n", 1)),
    ),
    FormSpoil(
        "fields of 21 KiB",
        _all,
        ("400 MaxPostPreDataLengthExceeded",),
        lambda made: made.more.append(("x-ignore-pad", "x" * 21_504)),
        lambda made: made.more.append(("x-ignore-pad", "x" * 1024)),
    ),
    FormSpoil(
        "300 fields",
        _all,
        (_FORM, "400 MaxPostPreDataLengthExceeded"),
        lambda made: made.more.extend((f"x-ignore-{n}", "x") for n in range(300)),
        lambda made: made.more.extend((f"x-ignore-{n}", "x") for n in range(30)),
    ),
    FormSpoil(
        "a name with a line break",
        _all,
        (_FORM,),
        _edit(lambda body: body.replace(b'name="key"', b'name="ke\ry"')),
    ),
    FormSpoil(
        "the hash of another",
        _hashed,
        ("400 XAmzContentSHA256Mismatch",),
        _form(declared=hashlib.sha256(b"another").hexdigest()),
    ),
    FormSpoil("a hash that is none", _hashed, (_ARGUMENT,), _form(declared="abc")),
    FormSpoil(
        "another Content-MD5",
        _all,
        ("400 BadDigest",),
        _form(headers=[("content-md5", base64.b64encode(b"0" * 16).decode())]),
    ),
    FormSpoil(
        "a Content-MD5 that is none",
        _all,
        ("400 InvalidDigest",),
        _form(headers=[("content-md5", "abc")]),
    ),
    FormSpoil(
        "a byte more than was said",
        _all,
        ("400 IncompleteBody",),
        _form(after=[lambda wire: setattr(wire, "body", wire.body + b"x")]),
    ),
    FormSpoil(
        "less than was said",
        _all,
        ("400 IncompleteBody", _FORM),
        _form(after=[lambda wire: setattr(wire, "body", wire.body[:-1])]),
    ),
    FormSpoil(
        "an Authorization beside it",
        lambda c: c.auth is Auth.NEITHER,
        _SCOPE,
        _form(headers=[("authorization", "Bearer QUJD")]),
    ),
]
"""In the order in which a form is read."""
