"""What ``valetkey explain`` asks of a home: the record of a request, or a role's own answer.

The rooms that verify and decide are the server's own; what is explained is their answer.
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from valetkey.access import Event
from valetkey.cli.explaining_token import Against, TokenQuestion, explain_against, read_token
from valetkey.clock import system_clock
from valetkey.errors import ValetkeyError
from valetkey.explain import Case, Explanation, explain, explain_record
from valetkey.explain.refusals import PROVIDER, ROLE, ROLE_ARN
from valetkey.explain.token import is_role_arn
from valetkey.server import Home
from valetkey.store import DecisionLog, Directory, Store


class NothingRecorded(ValetkeyError):
    """The decision log has no such request."""

    code = "not-recorded"


def explain_request(home: Path, request_id: str) -> Explanation:
    """Explain a request that a server of this home answered. Raises ``NothingRecorded``."""
    place = Home(home)
    place.key_ring()
    if not place.decision_log.exists():
        raise NothingRecorded(
            f"no server of `{home}` has answered a request yet",
            help="name the home of the server that answered with --home",
        )
    with DecisionLog.open(place.decision_log, create=False) as log:
        record = log.find(request_id)
        if record is None:
            raise NothingRecorded(
                f"there is no record of request `{request_id}` in `{place.decision_log}`",
                help="name the home of the server that answered with --home; records are kept for"
                " `audit_retention_days`",
            )
        return explain_record(record, log.document)


def explain_against_role(question: TokenQuestion, home: Path, role_arn: str) -> Explanation:
    """Explain what a role of this home would say to a token, by the server's own way."""
    from valetkey.server.rehearsal import rehearse

    if not is_role_arn(role_arn):
        # No server would look any further, so none is needed to say so.
        refused = Case(
            allowed=False,
            time=system_clock(),
            documents=lambda _: None,
            role_arn=role_arn,
            check=ROLE_ARN,
        )
        return explain(refused)
    if question.decoded:
        return _explain_claims(question, home, role_arn)
    event = Event(
        request_id=str(uuid.uuid4()),
        time=system_clock(),
        service="sts",
        operation="AssumeRoleWithWebIdentity",
        traced=True,
    )
    parameters: Mapping[str, str] = {
        "RoleArn": role_arn,
        "RoleSessionName": question.session_name,
        "WebIdentityToken": question.token,
    }
    asyncio.run(rehearse(Home(home), parameters, event, jwks=question.jwks))
    return explain_record(event.to_record(0), event.documents.get)


def _explain_claims(question: TokenQuestion, home: Path, role_arn: str) -> Explanation:
    """Explain what a role of this home says to claims, which nobody signed."""
    place = Home(home)
    place.key_ring()
    store = Store.open(place.database)
    try:
        return _of_directory(question, store.directory(), role_arn)
    finally:
        store.close()


def _of_directory(question: TokenQuestion, directory: Directory, role_arn: str) -> Explanation:
    read = read_token(question)
    issuer = read.token.unverified_issuer or ""
    case = Case(
        allowed=False,
        time=read.now,
        documents=lambda _: None,
        role_arn=role_arn,
        issuer=issuer,
        claims=read.token.unverified_claims,
    )
    account = role_arn.split(":")[4]
    provider = directory.provider(account, issuer.split("://", 1)[-1])
    if provider is None:
        known = [one.url for one in directory.providers(account)]
        return explain(replace(case, check=PROVIDER, issuers=known))
    role = directory.role_of_arn(role_arn)
    if role is None:
        return explain(replace(case, check=ROLE))
    of_provider = replace(
        question,
        provider_url=provider.url,
        audiences=tuple(provider.client_ids),
        account=provider.account,
    )
    trust = directory.role_policies(role).trust
    return explain_against(of_provider, Against(trust, role_arn, known=True))
