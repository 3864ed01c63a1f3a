"""The policy simulator: would these policies, or a principal's own, allow some actions.

Follows the IAM API reference, *SimulateCustomPolicy* and *SimulatePrincipalPolicy*. The evaluator
that enforces is the one that answers: here its questions are put together and its decisions are
written down. Nothing is done, and nothing is looked up of a resource.

Beside what AWS's simulator answers, trust policies can be asked: as the ``ResourcePolicy`` of
either operation, or a role's own (`simulation_sources`). Their callers may also be OIDC providers
and roles' sessions; a token's claims are ``ContextEntries``.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from valetkey.api.iam import simulation_sources as sources
from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.shapes import (
    SimulateCustomPolicyRequest,
    SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest,
)
from valetkey.api.iam.simulation_callers import (
    CallerArn,
    SimulatedCaller,
    known,
    named,
    nobody,
    read_caller,
    wrong_caller,
)
from valetkey.api.iam.simulation_exclusions import without
from valetkey.api.iam.simulation_pages import page
from valetkey.api.iam.simulation_policies import (
    Simulated,
    boundary_input,
    held,
    input_list,
    own_trust,
    refuse_length,
    resource_input,
)
from valetkey.api.iam.simulation_questions import NO_RESOURCE, checked_resources, simulation
from valetkey.api.operation import Call
from valetkey.store import RoleRecord, UserRecord

R = TypeVar("R")


async def simulate_custom(
    call: Call, request: SimulateCustomPolicyRequest
) -> SimulatePolicyResponse:
    """Simulate the policies of a request."""
    return await _aside(_custom, call, request)


async def simulate_principal(
    call: Call, request: SimulatePrincipalPolicyRequest
) -> SimulatePolicyResponse:
    """Simulate a user's or role's policies, with those of the request. Raises ``NoSuchEntity``."""
    return await _aside(_principal, call, request)


async def _aside(
    answer: Callable[[Call, R], SimulatePolicyResponse], call: Call, request: R
) -> SimulatePolicyResponse:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(call.services.aside, answer, call, request)


def _custom(call: Call, request: SimulateCustomPolicyRequest) -> SimulatePolicyResponse:
    text = request.get("CallerArn")
    caller = None if text is None else read_caller(text)
    policies = _with_request(Simulated(), request)
    _check_resource_policy(policies, request, caller)
    who = nobody(call.account) if caller is None else named(caller)
    _refuse_policies_of_nobody(policies, who)
    return page(simulation(request, policies, who), request)


def _principal(call: Call, request: SimulatePrincipalPolicyRequest) -> SimulatePolicyResponse:
    trusted = sources.trust_caller(call, request)
    holder = sources.source(call, request["PolicySourceArn"])
    if trusted is not None and isinstance(holder, RoleRecord):
        return _of_own_trust(call, request, holder, trusted)
    caller = _other_caller(request, holder)
    policies = _with_request(_held(call, request, holder), request)
    _check_resource_policy(policies, request, caller or read_caller(holder.arn))
    who = known(holder) if caller is None else named(caller)
    return page(simulation(request, policies, who), request)


def _of_own_trust(
    call: Call, request: SimulatePrincipalPolicyRequest, role: RoleRecord, caller: CallerArn
) -> SimulatePolicyResponse:
    """Ask a role's own trust policy, and what the caller may, where the caller is one of ours."""
    found = sources.caller_record(call, caller)
    who = named(caller)
    policies = Simulated()
    if found is not None:
        who = known(found, caller if caller.kind == "session" else None)
        policies = _held(call, request, found)
    policies = _with_request(policies, request)
    _refuse_policies_of_nobody(policies, who)
    policies = replace(policies, resource=own_trust(call.directory, role))
    return page(simulation(request, policies, who, owner=role.account), request)


def _held(
    call: Call, request: SimulatePrincipalPolicyRequest, holder: UserRecord | RoleRecord
) -> Simulated:
    exclusions = request.get("PolicyExclusionList", ())
    return without(held(call.directory, holder), holder, exclusions)


def _with_request(
    policies: Simulated, request: SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest
) -> Simulated:
    """Return the policies with those of a request, whose boundary replaces the one that is held."""
    documents = request.get("PolicyInputList", [])
    boundaries = request.get("PermissionsBoundaryPolicyInputList", [])
    resource = request.get("ResourcePolicy")
    refuse_length((*documents, *boundaries, resource or ""))
    return Simulated(
        identity=(*policies.identity, *input_list(documents)),
        boundary=boundary_input(boundaries) or policies.boundary,
        resource=None if resource is None else resource_input(resource),
    )


def _other_caller(
    request: SimulatePrincipalPolicyRequest, holder: UserRecord | RoleRecord
) -> CallerArn | None:
    """Return who asks in place of the principal whose policies are simulated, if anyone does."""
    text = request.get("CallerArn")
    if text is None or text in (holder.arn, request["PolicySourceArn"]):
        return None
    caller = read_caller(text)
    if caller.kind == "provider":
        raise wrong_caller("a web identity can't have a principal's policies")
    return caller


def _check_resource_policy(
    policies: Simulated,
    request: SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest,
    caller: CallerArn | None,
) -> None:
    """Raise ``InvalidInput`` where the policy of a resource lacks a caller or the resource."""
    if caller is not None and caller.only_trusted and not policies.trusts:
        raise wrong_caller("there is no trust policy to ask about this caller")
    if policies.resource is None:
        return
    if caller is None:
        raise invalid_input("Invalid caller - Caller cannot be null or empty.")
    if not policies.trusts and NO_RESOURCE in checked_resources(request):
        raise invalid_input("Invalid Entity Arn: * does not clearly define entity type and name.")


def _refuse_policies_of_nobody(policies: Simulated, caller: SimulatedCaller) -> None:
    if not caller.has_policies and (policies.identity or policies.boundary):
        raise invalid_input("A web identity has no policies: the lists of them must be empty.")
