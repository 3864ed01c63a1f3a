"""A second evaluator of policies, slow and obvious, written from the AWS text alone.

It takes documents as ``json.loads`` gives them and knows nothing of the engine: one function a
rule, the rule's sentence quoted where AWS has one. What AWS documents nowhere is decided by the
project's rule: an Allow that can't be evaluated does not apply, a Deny that can't be evaluated
denies.
"""

from dataclasses import dataclass, field

from reference.principals import (
    BY_ACCOUNT,
    BY_ROLE,
    DIRECTLY,
    NOBODY,
    Asked,
    admits,
    denies,
    is_root,
)
from reference.statements import Document, applies, statements


@dataclass(frozen=True)
class Documents:
    """The policies that bear on a request. ``trust`` says what kind ``resource`` is."""

    identity: list[Document] = field(default_factory=list)
    boundary: Document | None = None
    session: list[Document] | None = None
    resource: Document | None = None
    trust: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a request is allowed, and the reasons that may be given: one is determinate."""

    allowed: bool
    reasons: set[str]
    denying: set[tuple[str, int]] = field(default_factory=set)


def denials(name: str, document: Document, asked: Asked) -> set[tuple[str, int]]:
    """Which Deny statements of a policy apply."""
    return {
        (name, place)
        for place, statement in enumerate(statements(document))
        if statement["Effect"] == "Deny"
        and applies(document, statement, asked)
        and denies(statement, asked)
    }


def allows(documents: list[Document], asked: Asked) -> bool:
    """Whether one policy allows: "AWS checks all of those policies for at least one Allow"."""
    return any(
        statement["Effect"] == "Allow" and applies(document, statement, asked)
        for document in documents
        for statement in statements(document)
    )


def grant(document: Document | None, asked: Asked, *, trust: bool) -> int:
    """How closely a resource's policy admits the requester, by its closest Allow."""
    return max(
        (
            admits(statement, asked, trust=trust)
            for statement in (statements(document) if document else [])
            if statement["Effect"] == "Allow" and applies(document, statement, asked)
        ),
        default=NOBODY,
    )


def decide(documents: Documents, asked: Asked) -> Verdict:
    """Decide a request (User Guide, *Policy evaluation logic*).

    "If the code finds even one explicit deny that applies, the code returns a final decision of
    Deny."
    """
    denying = set().union(*(denials(name, each, asked) for name, each in named(documents)))
    if denying:
        return Verdict(False, {"explicit-deny"}, denying)
    closest = grant(documents.resource, asked, trust=documents.trust)
    lacks_grant = {"no-trust-allow" if documents.trust else "no-resource-allow"}
    if asked.kind != "AWS":
        # Nobody without an identity in IAM has policies of their own.
        return Verdict(bool(closest), {"allowed"} if closest else lacks_grant)
    missing = lacking(documents, asked, closest)
    if closest == NOBODY and needs_grant(documents, asked):
        return Verdict(False, missing | lacks_grant)
    return Verdict(not missing, missing or {"allowed"})


def named(documents: Documents) -> list[tuple[str, Document]]:
    """Every policy under the name of its place."""
    found = [(f"identity-{place}", each) for place, each in enumerate(documents.identity)]
    found += [(f"session-{place}", each) for place, each in enumerate(documents.session or [])]
    if documents.boundary is not None:
        found.append(("boundary", documents.boundary))
    if documents.resource is not None:
        found.append(("resource", documents.resource))
    return found


def needs_grant(documents: Documents, asked: Asked) -> bool:
    """Whether the resource's policy has to allow as well.

    "For cross-account requests, … the resource-based policy in AccountB must allow the requester
    in AccountA to access the resource." "IAM role trust policies … are exceptions to this logic,
    because they must explicitly allow access for principals." Where the owner is not known, the
    resource's policy, if there is one, has to.
    """
    if asked.owner is None:
        return documents.resource is not None
    return documents.trust or asked.owner != asked.account


def lacking(documents: Documents, asked: Asked, closest: int) -> set[str]:
    """What of the requester's own policies lacks an Allow: the first, in AWS's order.

    Identity-based policies, permissions boundary, session policies: what allows nothing there "is
    implicitly denied and the code returns a final decision of Deny". What a grant of the
    resource's policy makes of it within one account: see ``principals.of_one``. "By default, all
    requests are implicitly denied with the exception of the AWS account root user, which has full
    access."
    """
    if asked.owner is None or asked.owner != asked.account:
        closest = min(closest, BY_ACCOUNT)
    if closest == DIRECTLY:
        return set()
    if closest < BY_ROLE and not is_root(asked) and not allows(documents.identity, asked):
        return {"no-identity-allow"}
    if documents.boundary is not None and not allows([documents.boundary], asked):
        return {"no-boundary-allow"}
    if session_lacks(documents, asked):
        return {"no-session-allow"}
    return set()


def session_lacks(documents: Documents, asked: Asked) -> bool:
    """Whether the session's policies are what stops the request.

    "If a session policy is present and does not allow the requested action, then the request is
    implicitly denied. … If there is no session policy, the code checks whether the principal is a
    role session. If the principal is a role session, then the request is Allowed. Otherwise, the
    request is implicitly denied".
    """
    if documents.session is not None:
        return not allows(documents.session, asked)
    return ":federated-user/" in asked.names[0]
