"""Elements of random statements, drawn after what the request has."""

from random import Random
from typing import Any

from reference.texts import (
    Drawn,
    action_pattern,
    arn_pattern,
    resource_pattern,
    spelled,
    varied,
)
from reference.typed_values import FAMILY, KEYS, OPERATORS, WANTED
from reference.vocabulary import PRINCIPALS, ROLE_ACTIONS

FAMILIES = [*OPERATORS, "String", "String", "Arn", "Null"]
WORDS = ("true", "false", "False", True, False)
EVERYONE = ("*", {"AWS": "*"}, {"AWS": ["*"]})


def statement(random: Random, case: Drawn, place: str, *, effect: str = "") -> Drawn:
    """Draw a statement for a place, after a case's request."""
    request, trust = case["request"], place == "resource_trust"
    made: Drawn = {"Effect": effect or random.choice(["Allow"] * 4 + ["Deny"])}
    made[negatable(random, "Action", 0.1)] = few(random, actions(random, request["action"], trust))
    if not trust:
        resources = [
            resource_pattern(random, request["resource"], case["context"]) for _ in range(2)
        ]
        several = [*resources, None] if random.random() < 0.03 else few(random, resources)
        made[negatable(random, "Resource", 0.1)] = several
    if place in ("resource", "resource_trust"):
        odds = 0.5 if made["Effect"] == "Deny" and not trust else 0
        element = principal(random, request["requester"], trust=trust)
        made[negatable(random, "Principal", odds)] = element
    if random.random() < 0.5:
        made["Condition"] = conditions(random, case["context"])
    if made.get("Principal") in EVERYONE and random.random() < 0.5:
        made["Condition"] = by_principal_arn(random, request["requester"])
    return made


def negatable(random: Random, name: str, odds: float) -> str:
    """An element's name, or now and then that of its opposite."""
    return f"Not{name}" if random.random() < odds else name


def few(random: Random, values: list[Any]) -> Any:
    """One of the values, by itself or in a list, or all of them."""
    return random.choice([values[0], values[:1], values])


def actions(random: Random, action: str, trust: bool) -> list[str]:
    """Draw two actions; a trust policy may have those of the STS alone."""
    if not trust:
        return [action_pattern(random, action) for _ in range(2)]
    own = action if action in ROLE_ACTIONS else ROLE_ACTIONS[0]
    return random.choices([own, own, "sts:Assume*", "sts:*", own.upper(), "sts:TagSession"], k=2)


def principal(random: Random, by: Drawn, *, trust: bool) -> Any:
    """Draw a Principal, mostly one that has to do with the requester."""
    if not trust and random.random() < 0.15:
        return "*"
    kinds = [each for each in PRINCIPALS if not (trust and each == "CanonicalUser")]
    kind = random.choice([by["kind"]] * 4 + kinds)
    kind = kind if kind in PRINCIPALS else "AWS"
    own = [*by["names"], *by["ids"][:1], *([by["account"]] if by["account"] else [])]
    near = [each for each in own if each in PRINCIPALS[kind]] or PRINCIPALS[kind]
    any_few = random.choices([*near * 3, *PRINCIPALS[kind]], k=random.randint(1, 3))
    all_but_one = random.sample(near, max(1, len(near) - random.randint(0, 1)))
    found: Drawn = {kind: random.choice([any_few[0], any_few, all_but_one])}
    if random.random() < 0.2:
        more = random.choice(kinds)
        found.setdefault(more, random.choice(PRINCIPALS[more]))
    return found


def conditions(random: Random, context: Drawn) -> Drawn:
    """Draw a Condition block of up to two operators."""
    found: Drawn = {}
    for _ in range(random.randint(0, 2)):
        family = random.choice(FAMILIES)
        base = random.choice(OPERATORS.get(family, [family]))
        operator, key, wanted = condition(random, base, random.choice(keys_of(base)), context)
        found.setdefault(operator, {})[key] = wanted
    return found


def keys_of(base: str) -> list[str]:
    """The condition keys that have values of an operator's type."""
    return KEYS[FAMILY.get(base, "String")]


def condition(random: Random, base: str, key: str, context: Drawn) -> tuple[str, str, Any]:
    """Draw one operator on one key: the operator with its forms, the key as spelled, the values."""
    if base == "Null":
        return base, spelled(random, key), few(random, random.choices(WORDS, k=2))
    qualifier = random.choice(["", "", "ForAllValues:", "ForAnyValue:"])
    operator = qualifier + base + random.choice(["", "", "IfExists"])
    values = [wanted(random, base, context.get(key), context) for _ in range(2)]
    return operator, spelled(random, key), [] if random.random() < 0.05 else few(random, values)


def wanted(random: Random, base: str, got: Any, context: Drawn) -> Any:
    """Draw one value that an operator asks for, mostly after one that the request has."""
    family = FAMILY[base]
    value = got if isinstance(got, str) else random.choice(got or [""])
    if random.random() < 0.3:
        return random.choice(WANTED[family])
    if family == "String":
        return varied(random, value, context, wild=base.endswith("Like"), variables=True)
    if family == "Arn" and value.count(":") >= 5:
        return arn_pattern(random, value, context)
    return value if value in WANTED[family] else random.choice(WANTED[family])


def by_principal_arn(random: Random, by: Drawn) -> Drawn:
    """Draw a condition on ``aws:PrincipalArn``, which makes a grant to everyone a close one."""
    base = random.choice(["ArnLike", "ArnEquals", "StringLike", "StringEquals", "ArnNotLike"])
    operator, key, _ = condition(random, base, "aws:PrincipalArn", {})
    own = [name for name in by["names"][-1:] if name.startswith("arn:")]
    return {operator: {key: random.choice([*own * 3, *WANTED["Arn"]])}}
