"""A simulation, put together: policies, caller and circumstances, and what is asked of them.

Follows the IAM API reference, *SimulateCustomPolicy*; texts of refusals as observed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from valetkey.access.context import context_of
from valetkey.api.iam.entities import Request
from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.simulation_callers import SimulatedCaller, owner_account
from valetkey.api.iam.simulation_context import context_values
from valetkey.api.iam.simulation_policies import Simulated, keys_of
from valetkey.api.iam.simulation_results import Judged
from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.policy import Context, decide
from valetkey.policy import Request as Question

NO_RESOURCE: Final = "*"
_LAUNCH: Final = "ec2:runinstances"
_LAUNCHES: Final = frozenset(
    f"EC2-{network}-{storage}"
    for network in ("Classic", "VPC")
    for storage in ("InstanceStore", "EBS", "InstanceStore-Subnet", "EBS-Subnet")
    if network == "VPC" or "Subnet" not in storage
)
_OVERHEAD: Final = 64
"""What a pattern costs beside the length of the text that it is held against."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated.

    ``supplied`` are the condition keys that the request itself gives, in lower case; ``owner`` is
    the account that owns what does not name its owner, None where the caller's does.
    """

    policies: Simulated
    caller: SimulatedCaller
    context: Context
    supplied: frozenset[str]
    actions: Sequence[str]
    resources: Sequence[str]
    owner: str | None = None

    def judge(self, action: str, resource: str) -> Judged:
        """Ask the evaluator about an action on a resource."""
        requester = self.caller.requester
        account = self._account_of(resource)
        question = Question(action, resource, self.context, requester, account)
        decision = decide(self.policies.policies(), question, trace=True)
        crosses = requester.kind == "AWS" and account not in (None, requester.account)
        return Judged(resource, decision, crosses)

    def _account_of(self, resource: str) -> str | None:
        """Return who owns a resource; None where only the caller's own policies are asked.

        Without a resource policy nothing is known of the other side, and it is left out as AWS's
        simulator leaves it out, unless the request says by an owner that there is another side.
        """
        if self.policies.resource is None and (self.owner is None or resource == NO_RESOURCE):
            return None
        arn = parse_arn(resource)
        if arn is not None and ACCOUNT_ID.fullmatch(arn.account):
            return arn.account
        return self.owner or self.caller.requester.account

    def missing(self) -> list[str]:
        """Return the condition keys that the policies look at and the request does not give."""
        documents = (sourced.policy.document for sourced in self.policies.all())
        return [key for key in keys_of(documents) if key.lower() not in self.supplied]

    def statements(self) -> int:
        """Return how many statements there are."""
        return sum(len(sourced.policy.statements) for sourced in self.policies.all())

    def work(self) -> int:
        """Return what an action costs at most: each pattern goes over the longest text once."""
        characters = sum(len(sourced.policy.source.text) for sourced in self.policies.all())
        values = (value for _, value in self.context.items())
        longest = max(
            (len(value) if isinstance(value, str) else sum(map(len, value)) for value in values),
            default=0,
        )
        texts = sum(max(len(resource), longest) + _OVERHEAD for resource in self.resources)
        return characters * texts


def simulation(
    request: Request, policies: Simulated, caller: SimulatedCaller, *, owner: str | None = None
) -> Simulation:
    """Put a request's question together. Raises ``InvalidInput`` for what can't be asked."""
    actions, resources = checked_actions(request), checked_resources(request)
    _refuse_handling(request, actions, resources)
    if request.get("OrderedOrganizationPolicyInputList"):
        raise invalid_input("Service control policies are not supported: there is no organization.")
    if "ResourceOwner" in request:
        owner = owner_account(request["ResourceOwner"])
    values = context_values(request.get("ContextEntries", ()))
    return Simulation(
        policies=policies,
        caller=caller,
        context=context_of(caller.values).merged(values),
        supplied=frozenset(key.lower() for key in values),
        actions=actions,
        resources=resources,
        owner=owner,
    )


def checked_actions(request: Request) -> Sequence[str]:
    """Return the actions, which name their service; wildcards in them are no wildcards."""
    actions: list[str] = request["ActionNames"]
    if not actions:
        raise invalid_input("ActionNames cannot be null or empty.")
    if not all(":" in action for action in actions):
        raise invalid_input("The action is invalid since it is missing names")
    return actions


def checked_resources(request: Request) -> Sequence[str]:
    """Return the resources; ``*`` alone where there are none."""
    resources: list[str] = request.get("ResourceArns") or [NO_RESOURCE]
    if resources == [NO_RESOURCE]:
        return resources
    for resource in resources:
        arn = parse_arn(resource)
        if arn is None or not arn.partition or not arn.service or not arn.resource:
            raise invalid_input(f"ResourceNames are not in a valid ARN format: {resource}.")
    return resources


def _refuse_handling(request: Request, actions: Sequence[str], resources: Sequence[str]) -> None:
    """Raise ``InvalidInput`` for an option that an action does not have.

    The options are ways of launching instances; as on AWS they do not ask for the resources that
    their names announce, and nothing is decided otherwise for them.
    """
    option = request.get("ResourceHandlingOption")
    if option is None or resources == [NO_RESOURCE]:
        return
    for action in actions:
        if action.lower() != _LAUNCH or option not in _LAUNCHES:
            raise invalid_input(
                "Invalid input resource handling options. Action does not support resource"
                f" handling options: {action}."
            )
