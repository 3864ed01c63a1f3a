"""The pages of rules and refusals as people read them."""

from valetkey.cli.lint_choice import no_rule
from valetkey.lint import all_rules, page_of
from valetkey.lint.refusals import REFUSALS

_LEAST_WIDTH = 8


def page(code: str) -> str:
    """Return the page of a code. Raises ``click.UsageError`` for one that none has."""
    rules = {rule.code.lower(): rule for rule in all_rules()}
    rule = rules.get(code.lower()) or next((r for r in rules.values() if r.name == code), None)
    if rule is not None:
        read = page_of(rule)
        head = f"{rule.code} {rule.name} ({rule.severity})"
        parts = [f"{heading}\n{_indented(body)}" for heading, body in read.parts]
        return "\n\n".join([head, read.summary, *parts])
    refusal = REFUSALS.get(code.lower())
    if refusal is None:
        raise no_rule(code, (*(each.code for each in all_rules()), *REFUSALS))
    head = f"{refusal.code} ({refusal.severity})"
    parts = [f"What\n{_indented(refusal.what)}", f"Instead\n{_indented(refusal.instead)}"]
    return "\n\n".join([head, refusal.summary, *parts])


def rules_table() -> str:
    """Return every rule and refusal in a line each: code, severity, summary."""
    rows = [(rule.code, str(rule.severity), page_of(rule).summary) for rule in all_rules()]
    rows += [(each.code, str(each.severity), each.summary) for each in REFUSALS.values()]
    width = max((len(code) for code, _, _ in rows), default=_LEAST_WIDTH)
    return "\n".join(f"{code:<{width}}  {severity:<7}  {text}" for code, severity, text in rows)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))
