"""Hold an upload form to the policy that was signed for it.

S3, *Authenticating Requests in Browser-Based Uploads Using POST*.
"""

from cryptography.exceptions import InvalidSignature
from msgspec import Struct
from msgspec.structs import replace

from valetkey.sigv4.form import IGNORED, PostForm
from valetkey.sigv4.formpolicy import (
    FormPolicy,
    LengthRange,
    Match,
    condition_failed,
    read_policy,
)
from valetkey.sigv4.keys import SigningKeyCache
from valetkey.sigv4.presigned import MAX_EXPIRES
from valetkey.sigv4.refusals import S3_MISMATCH, FormCheck, FormRefused
from valetkey.sigv4.request import S3, Signature
from valetkey.sigv4.verify import held_key, refuse_other_scope
from valetkey.sigv4.window import refuse_out_of_time

_UNCOVERED = frozenset(("x-amz-signature", "file", "policy"))
"""Fields that no condition need speak of."""


class VerifiedForm(Struct, frozen=True):
    """Proof that the holder of the secret key allowed this form; only verification builds one.

    ``expiration`` is the policy's, in seconds since 1970. ``length`` is what the policy says of
    the file, None where it says nothing: :meth:`refuse_length` judges once the length is known.
    """

    signature: Signature
    expiration: float
    length: LengthRange | None

    def refuse_length(self, length: int) -> None:
        """Raise :class:`FormRefused` where a file of so many bytes is too long or too short."""
        if self.length is None:
            return
        if length > self.length.maximum:
            raise _other_length("Large", "exceeds the maximum", "Max", length, self.length.maximum)
        if length < self.length.minimum:
            raise _other_length(
                "Small", "is smaller than the minimum", "Min", length, self.length.minimum
            )


def verify_form(
    form: PostForm,
    signature: Signature,
    *,
    bucket: str,
    key: str,
    secret_key: str,
    now: float,
    keys: SigningKeyCache,
    region: str | None = None,
    leeway: int = 300,
) -> VerifiedForm:
    """Return proof that the holder of ``secret_key`` signed a policy that allows this form.

    ``signature`` is what :func:`parse_form_signature` found in it, ``bucket`` the one that the
    form was sent to, ``key`` that of the object to be made (:meth:`PostForm.object_key`): the
    conditions are held against these two, whatever the form says. A signature is good until the
    policy expires, and for a week at most, as a signing key is. ``leeway`` is as for
    :func:`verify_signature`.

    Raises :class:`SignatureRefused`, :class:`FormRefused`, and :class:`MalformedForm` on a policy
    that can't be read: that is looked at only once its signature holds.
    """
    refuse_other_scope(signature, S3, region)
    refuse_out_of_time(replace(signature, expires=MAX_EXPIRES), now, leeway)
    encoded = form.value("policy") or ""
    _refuse_mismatch(signature, encoded, secret_key, keys)
    policy = read_policy(encoded)
    if now >= policy.expiration:
        raise FormRefused(
            FormCheck.EXPIRED,
            "AccessDenied",
            "Invalid according to Policy: Policy expired.",
            403,
            reason="the policy of the form has expired",
            help="make a new form; compare the clock of whoever makes them with the server's",
        )
    for match in policy.matches:
        _refuse_other_value(match, form, bucket, key)
    _refuse_other_bucket(form, bucket)
    _refuse_extra_fields(form, policy)
    return VerifiedForm(signature, policy.expiration, _narrowest(policy.ranges))


def _refuse_mismatch(
    signature: Signature, encoded: str, secret_key: str, keys: SigningKeyCache
) -> None:
    try:
        held_key(signature, encoded.encode("utf-8"), secret_key, keys)
    except InvalidSignature:
        raise FormRefused(
            FormCheck.SIGNATURE,
            "SignatureDoesNotMatch",
            S3_MISMATCH,
            403,
            reason="the signature of the form is not that of its policy under this secret key",
            help="check the secret key of whoever makes the forms",
            details=(
                ("AWSAccessKeyId", signature.access_key_id),
                ("StringToSign", encoded),
                ("SignatureProvided", signature.signature),
            ),
        ) from None


def _refuse_other_value(match: Match, form: PostForm, bucket: str, key: str) -> None:
    name = match.field[1:].lower()
    value = {"bucket": bucket, "key": key}.get(name, form.value(name))
    if value is None:
        raise condition_failed(match, f"the form has no field `{name[:64]}`")
    # A browser may send a list of types, and each of them must fit.
    values = value.split(",") if name == "content-type" else [value]
    if match.operator == "eq":
        holds = value == match.value
    else:
        holds = all(one.strip().startswith(match.value) for one in values)
    if not holds:
        raise condition_failed(match, f"field `{name[:64]}` is `{value[:128]}`")


def _refuse_other_bucket(form: PostForm, bucket: str) -> None:
    named = form.value("bucket")
    if named is not None and named != bucket:
        raise condition_failed(
            ("eq", "$bucket", named), f"the form was sent to bucket `{bucket}`, and names another"
        )


def _refuse_extra_fields(form: PostForm, policy: FormPolicy) -> None:
    covered = {match.field[1:].lower() for match in policy.matches} | _UNCOVERED
    extra = [
        name
        for name, _ in form.fields
        if name.lower() not in covered and not name.lower().startswith(IGNORED)
    ]
    if extra:
        raise FormRefused(
            FormCheck.EXTRA_FIELDS,
            "AccessDenied",
            f"Invalid according to Policy: Extra input fields: {', '.join(extra)}",
            403,
            reason=f"no condition of the policy speaks of field `{extra[0][:64]}`",
            help="add a condition for each field, or call it `x-ignore-…`",
        )


def _narrowest(ranges: tuple[LengthRange, ...]) -> LengthRange | None:
    if not ranges:
        return None
    return LengthRange(max(one.minimum for one in ranges), min(one.maximum for one in ranges))


def _other_length(kind: str, text: str, end: str, length: int, bound: int) -> FormRefused:
    return FormRefused(
        FormCheck.LENGTH,
        f"EntityToo{kind}",
        f"Your proposed upload {text} allowed size",
        400,
        reason=f"the file has {length} bytes, the policy's bound is {bound}",
        details=(("ProposedSize", str(length)), (f"{end}SizeAllowed", str(bound))),
    )
