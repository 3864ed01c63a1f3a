"""A bucket policy as PutBucketPolicy takes it, in S3's words where it does not.

The language is ``policy``'s; what S3 demands besides is here: resources in the bucket, actions of
S3 that those resources have, condition keys that exist (User Guide, *Bucket policies*).
"""

from collections.abc import Iterator
from typing import Final

from valetkey.arn import parse_arn
from valetkey.diagnostics import Diagnostic, Label, Source
from valetkey.gateway.s3.action_levels import ACTION_LEVELS
from valetkey.gateway.s3.condition_table import is_known_key
from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.s3.operation import Level
from valetkey.policy import (
    CompiledPolicy,
    Element,
    MalformedPolicy,
    PolicyType,
    Statement,
    Value,
    compile_policy,
    glob,
)

MAX_POLICY_BYTES: Final = 20 * 1024
_JSON: Final = "Policies must be valid JSON and the first byte must be '{'"
_SYNTAX: Final = "Invalid policy syntax."
_RESOURCE: Final = "Policy has invalid resource"
_ACTION: Final = "Policy has invalid action"
_NO_PRINCIPAL: Final = "Missing required field Principal"

_SENTENCES: Final = {
    "policy-action-invalid": _ACTION,
    "policy-action-missing": "Missing required field Action",
    "policy-effect-missing": "Missing required field Effect",
    "policy-json": _JSON,
    "policy-principal-empty": _NO_PRINCIPAL,
    "policy-principal-invalid": "Invalid principal in policy",
    "policy-principal-missing": _NO_PRINCIPAL,
    "policy-principal-shape": "Invalid principal in policy",
    "policy-resource-invalid": _RESOURCE,
    "policy-resource-missing": "Missing required field Resource",
    "policy-resource-shape": _RESOURCE,
    "policy-sid-duplicate": "The Statement Ids in the policy are not unique",
    "policy-no-statement": "Could not parse the policy: Statement is empty!",
    "policy-version": "The policy must contain a valid version string",
    "policy-not-principal-allow": "Allow with NotPrincipal is not allowed.",
}
"""S3's sentence by the code of a finding; all others are its sentence for syntax."""


def check_bucket_policy(body: bytes, *, bucket: str, partition: str = "aws") -> CompiledPolicy:
    """Return the policy of a bucket, compiled; raises S3Error, ``MalformedPolicy``.

    That a principal exists is not asked here. The text to keep is ``policy.source.text``.
    """
    if not body:
        raise S3Error("MissingRequestBodyError")
    if len(body) > MAX_POLICY_BYTES:
        raise S3Error("PolicyTooLarge", reason=f"the policy has {len(body)} bytes")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed(_JSON, Diagnostic("policy-json", "the policy is no UTF-8")) from None
    if not text.startswith("{"):
        finding = Diagnostic("policy-json", "the policy does not begin with `{`")
        raise _malformed(_JSON, finding)
    source = Source(f"policy of bucket {bucket}", text)
    try:
        policy = compile_policy(source, PolicyType.RESOURCE, name=f"arn:{partition}:s3:::{bucket}")
    except MalformedPolicy as flaw:
        findings = flaw.diagnostics()
        raise _malformed(_SENTENCES.get(findings[0].code, _SYNTAX), *findings) from None
    for statement in policy.document.statements:
        for sentence, message, value in _flaws(statement, bucket, partition):
            label = Label(source.span(value.start, value.end))
            raise _malformed(sentence, Diagnostic("bucket-policy", message, labels=(label,)))
    return policy


def _malformed(sentence: str, *findings: Diagnostic) -> S3Error:
    return S3Error(
        "MalformedPolicy",
        sentence,
        reason=findings[0].message,
        help=findings[0].help[0] if findings[0].help else None,
        diagnostics=findings,
    )


def _flaws(statement: Statement, bucket: str, partition: str) -> Iterator[tuple[str, str, Value]]:
    """Yield what S3 refuses in a statement: its sentence, our message and the place."""
    levels: set[Level] = set()
    for value in _values(statement.resource):
        found = _levels_of(value.text, bucket, partition)
        if not found:
            yield _RESOURCE, f"resource `{value.text[:200]}` is not in bucket `{bucket}`", value
        levels |= found
    for value in _values(statement.action):
        meant = _meant_levels(value.text)
        if not meant:
            yield _ACTION, f"S3 has no action `{value.text[:80]}` on buckets or objects", value
        elif levels.isdisjoint(meant) and not _negated(statement):
            yield (
                "Action does not apply to any resource(s) in statement",
                f"action `{value.text[:80]}` is about {' and '.join(sorted(meant))}s",
                value,
            )
    for entry in statement.conditions:
        if not is_known_key(entry.key):
            place = Value(entry.key, entry.key_range.start, entry.key_range.end)
            yield (
                "Policy has an invalid condition key",
                f"S3 has no condition key `{entry.key[:80]}`",
                place,
            )


def _values(element: Element | None) -> tuple[Value, ...]:
    return () if element is None else element.values


def _negated(statement: Statement) -> bool:
    return any(each is not None and each.negated for each in (statement.action, statement.resource))


def _levels_of(text: str, bucket: str, partition: str) -> frozenset[Level]:
    """Return what a resource is: the bucket, objects in it, both; nothing where it is elsewhere."""
    arn = parse_arn(text)
    if arn is None or arn.service != "s3" or arn.region or arn.account:
        return frozenset()
    if arn.partition != partition or not arn.resource.startswith(bucket):
        return frozenset()
    rest = arn.resource.removeprefix(bucket)
    if not rest:
        return frozenset({Level.BUCKET})
    if rest.startswith("/"):
        return frozenset({Level.OBJECT})
    return frozenset({Level.BUCKET, Level.OBJECT}) if rest.startswith("*") else frozenset()


def _meant_levels(pattern: str) -> frozenset[Level]:
    folded = pattern.lower()
    if folded == "*":
        return frozenset({Level.BUCKET, Level.OBJECT})
    if not folded.startswith("s3:"):
        return frozenset()
    if "*" not in folded and "?" not in folded:
        level = ACTION_LEVELS.get(folded)
        return frozenset() if level is None else frozenset({level})
    matches = glob(folded).matches
    return frozenset(level for action, level in ACTION_LEVELS.items() if matches(action))
