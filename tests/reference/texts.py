"""Texts of a policy made from those of a request, so that the two often meet.

A character is turned into a wildcard, its case turned, dropped, a part put into a variable.
"""

import re
from random import Random
from typing import Any

from reference.vocabulary import RESOURCES, SHORT

Drawn = dict[str, Any]
TURNS = ("keep", "keep", "star", "mark", "case", "drop", "cut", "variable", "variable")


def varied(random: Random, text: str, context: Drawn, *, wild: bool, variables: bool) -> str:
    """Make a policy's text from a request's; one that is no text of a policy stays as it was."""
    if not text:
        return text
    made = turned(random, text, context, wild=wild, variables=variables)
    return made if well_formed(made) else text


def well_formed(text: str) -> bool:
    """Whether every ``${`` of a text begins a variable."""
    return "${" not in re.sub(r"\$\{([*?$]|[\w:./ -]+(, '[^']*')?)\}", "", text)


def turned(random: Random, text: str, context: Drawn, *, wild: bool, variables: bool) -> str:
    """Turn a text at one place."""
    turn, start = random.choice(TURNS), random.randrange(len(text))
    before, at, after = text[:start], text[start], text[start + 1 :]
    if turn == "drop":
        return before + after
    if turn == "case":
        return before + at.swapcase() + after
    if turn in ("star", "mark") and wild:
        return before + {"star": "*", "mark": "?"}[turn] + after
    if turn == "cut" and wild:
        return before + "*"
    if turn == "variable" and variables:
        return with_variable(random, text, context)
    return text


def with_variable(random: Random, text: str, context: Drawn) -> str:
    """Put a variable in the place of a part of a text: one that fits, or one that must not."""
    start = random.randrange(len(text))
    before, rest = text[:start], text[start:]
    fitting = [
        text.replace(value, "${" + key + "}", 1)
        for key, value in context.items()
        if isinstance(value, str) and value and value in text
    ]
    others = [
        before + "${" + key + default + "}"
        for key, value in context.items()
        if isinstance(value, list) or set(value) & set("*?")
        for default in ("", ", 'a'", ", '*'")
    ]
    missing = ["${x:gone}", "${x:gone, '*'}", f"${{x:gone, '{plain(rest)}'}}"]
    special = ["${" + rest[0] + "}" + rest[1:]] if rest[0] in "*?$" else []
    pools = [fitting, others, [before + each for each in missing], special]
    return random.choice(random.choice([each for each in pools if each]))


def plain(text: str) -> str:
    """A text that can stand between the quotes of a default value."""
    return "".join(each for each in text if each not in "'}$")


def arn_pattern(random: Random, arn: str, context: Drawn) -> str:
    """Make an ARN pattern from an ARN: its fields starred, its resource varied."""
    *head, region, account, rest = arn.split(":", 5)
    fields = [
        random.choice([each, each, "*", each[:-1] + "?" if each else ""])
        for each in (region, account)
    ]
    return ":".join([*head, *fields, varied(random, rest, context, wild=True, variables=True)])


def action_pattern(random: Random, action: str) -> str:
    """Make an action of a policy, mostly after the request's."""
    service, name = action.split(":")
    whole = f"{service}:{varied(random, name, {}, wild=True, variables=False)}"
    return random.choice([whole, whole, action.upper(), "*", f"{service}:*", "s3:Get*"])


def resource_pattern(random: Random, resource: str, context: Drawn) -> str:
    """Make a resource of a policy, mostly after the request's."""
    if resource == "*" or random.random() < 0.2:
        return random.choice(["*", "*", *RESOURCES, *SHORT])
    head, service, region, account, rest = resource.split(":", 5)[1:]
    path = varied(random, rest, context, wild=True, variables=True) or "*"
    if service == "iam":
        path = path if path.startswith(("role/", "user/")) else rest
        account = random.choice([account, "*", account[:-1] + "?"])
    elif service == "sqs":
        region = random.choice([region, "*", "eu-*", "eu-west-?"])
        account = random.choice([account, "*"])
    return f"arn:{head}:{service}:{region}:{account}:{path}"


def spelled(random: Random, key: str) -> str:
    """A condition key in any case."""
    return random.choice([key, key, key.upper(), key.lower()])
