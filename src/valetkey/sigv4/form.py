"""The fields of a browser's upload form, and the signature in them (S3, *POST Object*)."""

from collections.abc import Sequence

from msgspec import Struct

from valetkey.sigv4.refusals import Details, MalformedForm, MalformedSignature
from valetkey.sigv4.request import ALGORITHM, Signature
from valetkey.sigv4.scope import read_amz_date, read_scope

IGNORED = "x-ignore-"
"""Fields with this prefix are nobody's business."""

MAX_FIELDS = 20480
"""The most bytes that all fields before the file may have together."""

_SIGNED_WITH = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")
_VERSION_2 = ("awsaccesskeyid", "signature")
_FILENAME = "${filename}"


class PostForm(Struct, frozen=True):
    """The fields before the file, in their order and spelling; names are found in any spelling."""

    fields: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str | None:
        """Return the value of a field, None where it is not there."""
        wanted = name.lower()
        return next((value for found, value in self.fields if found.lower() == wanted), None)

    def object_key(self, filename: str | None) -> str:
        """Return the key of the object to be made; raises :class:`MalformedForm` without one.

        ``filename`` is what the browser says of the file, and stands in for ``${filename}``: of a
        path, what follows the last slash or backslash. Where it says nothing, nothing is replaced.
        """
        key = self.value("key")
        if key is None:
            raise _missing("key")
        if filename is None:
            return key
        return key.replace(_FILENAME, filename.replace("\\", "/").rpartition("/")[2])


def read_form(fields: Sequence[tuple[str, str]]) -> PostForm:
    """Return the fields as a form; raises :class:`MalformedForm` where one is given twice.

    S3 takes one of two; but whoever checks the policy and whoever stores the object could each
    believe another one. Forms of more than 20 KB are refused as well.
    """
    seen: set[str] = set()
    for name, _ in fields:
        lower = name.lower()
        if lower in seen and not lower.startswith(IGNORED):
            raise _argument(name, f"The form field '{name[:64]}' must be given at most once.")
        seen.add(lower)
    if sum(len(name.encode()) + len(value.encode()) for name, value in fields) > MAX_FIELDS:
        raise MalformedForm(
            "MaxPostPreDataLengthExceeded",
            "Your POST request fields preceeding the upload file was too large.",
            reason=f"the fields of the form have more than {MAX_FIELDS} bytes",
            details=(("MaxPostPreDataLengthBytes", str(MAX_FIELDS)),),
        )
    return PostForm(tuple(fields))


def parse_form_signature(form: PostForm) -> Signature | None:
    """Return the signature of a form as it claims it, or None where it is not signed.

    Nothing is verified. Raises :class:`MalformedForm` on one that is not complete or not of
    Signature Version 4, and what reading its parts raises.
    """
    found = {name: form.value(name) for name in _SIGNED_WITH}
    if not any(value is not None for value in found.values()):
        _refuse_version_2(form)
        return None
    for name, value in (*found.items(), ("Policy", form.value("policy"))):
        if not value:
            raise _missing(name)
    algorithm, credential, date, signature = (value or "" for value in found.values())
    if algorithm != ALGORITHM:
        raise _argument("X-Amz-Algorithm", f"Unsupported AWS 'algorithm': '{algorithm[:64]}'.")
    token = form.value("x-amz-security-token")
    if not all(part.isascii() for part in (credential, date, signature, token or "")):
        raise MalformedSignature(
            "The fields of the signature must be ASCII.",
            code="InvalidArgument",
            reason="a field of the form's signature holds characters outside of ASCII",
        )
    scope, time = read_scope(credential, algorithm), read_amz_date(date)
    return Signature(
        access_key_id=scope.access_key_id,
        date=scope.date,
        amz_date=time.text,
        timestamp=time.seconds,
        region=scope.region,
        service=scope.service,
        signed_headers=(),
        signature=signature,
        session_token=token,
    )


def _refuse_version_2(form: PostForm) -> None:
    if any(form.value(name) is not None for name in _VERSION_2):
        raise MalformedForm(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. "
            f"Please use {ALGORITHM}.",
            reason="the form is signed with Signature Version 2",
            help="have whoever makes the form sign it with Signature Version 4",
        )


def _missing(name: str) -> MalformedForm:
    return _argument(
        name,
        f"Bucket POST must contain a field named '{name}'.  "
        "If it is specified, please check the order of the fields.",
    )


def _argument(name: str, message: str) -> MalformedForm:
    details: Details = (("ArgumentName", name), ("ArgumentValue", ""))
    return MalformedForm(
        "InvalidArgument",
        message,
        reason=f"field `{name[:64]}` of the form is not as it must be",
        details=details,
    )
