"""Hold a signature to every rule; the last of them is the HMAC."""

import re

from cryptography.exceptions import InvalidSignature

from valetkey.sigv4.canonical import canonical_request, string_to_sign
from valetkey.sigv4.keys import SigningKeyCache, ecdsa_verifier, signing_key
from valetkey.sigv4.payload import Body, refuse_other_body, signed_payload
from valetkey.sigv4.refusals import MISMATCH, S3_MISMATCH, SignatureCheck, SignatureRefused
from valetkey.sigv4.request import ECDSA, S3, HttpRequest, Signature, VerifiedSignature
from valetkey.sigv4.shown import shown
from valetkey.sigv4.verifying import HmacKey, VerifyingKey
from valetkey.sigv4.window import refuse_out_of_time

_NOT_IN_QUERY = frozenset((b"X-Amz-Signature",))


def verify_signature(
    request: HttpRequest,
    signature: Signature,
    *,
    secret_key: str,
    now: float,
    keys: SigningKeyCache,
    service: str | None,
    region: str | None = None,
    leeway: int = 300,
    body: Body = "whole",
) -> VerifiedSignature:
    """Return proof that the holder of ``secret_key`` signed this request.

    ``signature`` is what :func:`parse_signature` found in the same request. ``service`` and
    ``region`` are what the request was routed to: the credential must be scoped to them. Pass
    None as ``service`` only where any service may be meant, as a signature for S3 may then leave
    the payload out. ``leeway`` is how far the client's clock may be ahead, in seconds; a
    header-signed request is good for 15 minutes. A signature of SigV4A is for a set of regions:
    ``region`` must be in it.

    With ``body="stream"`` the body of a request to S3 is not looked at: what was signed about it
    is in the proof, and :func:`payload_reader` holds the body to it. Only then may the payload be
    signed in chunks.

    Raises :class:`SignatureRefused` with the rule that failed, and :class:`MalformedSignature`
    on a payload or an escape that can't be read.
    """
    refuse_other_scope(signature, service, region)
    refuse_out_of_time(signature, now, leeway)
    _refuse_unsigned_headers(request, signature)
    payload = signed_payload(request, signature, body)
    canonical = canonical_request(
        request,
        signed_headers=signature.signed_headers,
        payload=payload,
        normalize=signature.service != S3,
        leave_out=_NOT_IN_QUERY if signature.presigned else (),
    )
    key = _refuse_mismatch(signature, canonical, secret_key, keys)
    if signature.service == S3 and body == "whole":
        refuse_other_body(request, payload)
    return VerifiedSignature(signature, payload, key)


def refuse_other_scope(signature: Signature, service: str | None, region: str | None) -> None:
    """Raise :class:`SignatureRefused` where the credential is for another service or region."""
    if region is not None and not signature_covers(signature, region):
        scoped = ",".join(signature.region_set) or signature.region
        raise SignatureRefused(
            SignatureCheck.REGION,
            "Credential should be scoped to a valid region. ",
            reason=f"the credential is scoped to region `{scoped}`, wanted `{region}`",
            help=f"set `AWS_REGION={region}`",
        )
    if service is not None and signature.service != service:
        raise SignatureRefused(
            SignatureCheck.SERVICE,
            f"Credential should be scoped to correct service: '{service}'. ",
            reason=f"the credential is scoped to service `{signature.service}`, wanted `{service}`",
        )


def signature_covers(signature: Signature, region: str) -> bool:
    """Tell whether a signature is for a region: the one in its scope, or one of its set."""
    if signature.algorithm != ECDSA:
        return signature.region == region
    return any(_matches(pattern, region) for pattern in signature.region_set)


def _matches(pattern: str, region: str) -> bool:
    pieces = re.split(r"\*+", pattern)
    return re.fullmatch(".*".join(map(re.escape, pieces)), region) is not None


def _refuse_unsigned_headers(request: HttpRequest, signature: Signature) -> None:
    signed = {name.encode("ascii") for name in signature.signed_headers}
    if b"host" not in signed:
        raise SignatureRefused(
            SignatureCheck.HOST_SIGNED,
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            reason="`host` is not among the signed headers",
        )
    # The token decides the secret: a forged one makes the signature fail by itself.
    lenient = b"" if signature.presigned else b"x-amz-security-token"
    names = [name.lower() for name, _ in request.headers]
    unsigned = [
        name
        for name in names
        if name.startswith(b"x-amz-") and name not in signed and name != lenient
    ]
    if unsigned:
        raise SignatureRefused(
            SignatureCheck.HEADERS_SIGNED,
            "There were headers present in the request which were not signed",
            code="AccessDenied",
            reason=f"header `{_visible(unsigned[0])}` is in the request but not signed",
            help="sign every `x-amz-*` header; a proxy on the way must not add any",
        )
    if not (signature.presigned or b"x-amz-date" in signed or b"date" in signed):
        raise SignatureRefused(
            SignatureCheck.DATE_SIGNED,
            "'X-Amz-Date' or 'Date' must be a 'SignedHeader' in the AWS Authorization.",
            reason="neither `x-amz-date` nor `date` is among the signed headers",
        )


def _visible(name: bytes) -> str:
    return name.decode("ascii", "backslashreplace")


def _refuse_mismatch(
    signature: Signature, canonical: bytes, secret_key: str, keys: SigningKeyCache
) -> VerifyingKey:
    to_sign = string_to_sign(signature.amz_date, signature.scope, canonical, signature.algorithm)
    try:
        return held_key(signature, to_sign, secret_key, keys)
    except InvalidSignature:
        raise _mismatch(canonical, to_sign, signature.service) from None


def held_key(
    signature: Signature, to_sign: bytes, secret_key: str, keys: SigningKeyCache
) -> VerifyingKey:
    """Return the key that made the signature; raises ``InvalidSignature`` where it is another."""
    use = _use(signature)
    kept = keys.find(secret_key, *use)
    key = _derived(signature, secret_key) if kept is None else kept
    key.verify(to_sign, signature.signature)
    if kept is None:
        keys.keep(secret_key, *use, key=key)
    return key


def _use(signature: Signature) -> tuple[str, ...]:
    if signature.algorithm == ECDSA:
        return (ECDSA, signature.access_key_id)
    return (signature.date, signature.region, signature.service)


def _derived(signature: Signature, secret_key: str) -> VerifyingKey:
    if signature.algorithm == ECDSA:
        return ecdsa_verifier(secret_key, signature.access_key_id)
    return HmacKey(signing_key(secret_key, signature.date, signature.region, signature.service))


def _mismatch(canonical: bytes, to_sign: bytes, service: str) -> SignatureRefused:
    # Neither the expected signature nor a key may stand in here: it goes to a record.
    visible = shown(canonical)
    text = to_sign.decode("ascii")
    return SignatureRefused(
        SignatureCheck.SIGNATURE,
        S3_MISMATCH if service == S3 else MISMATCH,
        reason=(
            f"The Canonical String for this request should have been\n'{visible}'\n\n"
            f"The String-to-Sign should have been\n'{text}'"
        ),
        help="check the secret key; then compare with the client's canonical request, "
        "as `aws --debug` prints it: a proxy that rewrites host or path breaks signatures",
        canonical_request=visible,
        string_to_sign=text,
    )
