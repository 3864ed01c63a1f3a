"""A recorded request as a case to explain."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from valetkey.explain.explain import explain
from valetkey.explain.model import Case, Documents, Explanation
from valetkey.explain.refusals import ROLE, ROLE_ARN
from valetkey.store import Outcome, RequestRecord

_NO_ROLE: Final = "there is no role "
_BAD_ARN: Final = "Request ARN is invalid"


def explain_record(record: RequestRecord, documents: Documents) -> Explanation:
    """Explain a request from the decision log; ``documents`` finds policies by their SHA-256.

    The verdict is the record's: what was answered, with the texts as they were then.
    """
    return explain(case_of(record, documents))


def case_of(record: RequestRecord, documents: Documents) -> Case:
    """Return what a record tells of a request."""
    details = record.details
    role_arn = details.get("role_arn")
    return Case(
        allowed=record.outcome is Outcome.GRANTED,
        time=record.time,
        documents=documents,
        operation=record.operation,
        action=record.action,
        resource=record.resource,
        role_arn=role_arn if isinstance(role_arn, str) else record.resource,
        issuer=record.issuer,
        caller=record.caller_arn,
        claims=record.claims or {},
        context=record.context,
        check=_check(record),
        reason=record.reason,
        help=record.help,
        wire_code=record.wire_code,
        wire_message=record.wire_message,
        decision=record.decision,
        client_ids=_texts(details, "client_ids"),
        issuers=_texts(details, "registered_issuers"),
        kids=_texts(details, "kids"),
        request_id=record.request_id,
    )


def _check(record: RequestRecord) -> str | None:
    if record.decision is not None and not record.decision.allowed:
        return None  # the policies were asked, and it is they who said no
    if (record.reason or "").startswith(_NO_ROLE):
        return ROLE
    return ROLE_ARN if record.wire_message == _BAD_ARN else record.check


def _texts(details: Mapping[str, Any], name: str) -> Sequence[str] | None:
    found = details.get(name)
    if not isinstance(found, list | tuple):
        return None
    return [item for item in found if isinstance(item, str)]
