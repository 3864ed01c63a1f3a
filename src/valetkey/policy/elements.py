"""Matchers for ``Action`` and ``Resource``, and their Not… forms."""

from collections.abc import Iterator
from typing import Final

from valetkey.policy.arnpattern import ArnPattern
from valetkey.policy.decision import ElementTrace, Wanted
from valetkey.policy.document import Element, Value
from valetkey.policy.globs import glob
from valetkey.policy.kleene import Truth, any_of, inverse
from valetkey.policy.request import Context
from valetkey.policy.templates import parse_template


class ActionMatcher:
    """Action names ignore case, the service prefix and the rest alike."""

    __slots__ = ("_element", "_globs", "_literals", "_wild", "negated")

    def __init__(self, element: Element) -> None:
        self._element = element
        self.negated: Final = element.negated
        folded = [value.text.lower() for value in element.values]
        self._literals = frozenset(text for text in folded if not _is_wild(text))
        self._wild = {text: glob(text) for text in folded if _is_wild(text)}
        self._globs = tuple(self._wild.values())

    def test(self, action: str) -> bool:
        """Tell whether an action in lower case is meant."""
        found = action in self._literals or any(each.matches(action) for each in self._globs)
        return found is not self.negated

    def patterns(self) -> Iterator[str]:
        """Yield the patterns in lower case: what the index is built on."""
        for value in self._element.values:
            yield value.text.lower()

    def trace(self, written: str) -> ElementTrace:
        """Show how each pattern judged the action."""
        action = written.lower()
        wanted = tuple(
            Wanted(value.text, value.text, value.range, self._means(value, action))
            for value in self._element.values
        )
        return ElementTrace(
            self._element.name, self._element.range, (written,), wanted, self.test(action)
        )

    def _means(self, value: Value, action: str) -> bool:
        pattern = value.text.lower()
        wild = self._wild.get(pattern)
        return pattern == action if wild is None else wild.matches(action)


class ResourceMatcher:
    """Resources are compared with case; variables are filled in since version 2012-10-17."""

    __slots__ = ("_element", "_patterns", "negated", "nulls")

    def __init__(self, element: Element, *, variables: bool) -> None:
        self._element = element
        self.negated: Final = element.negated
        self._patterns = tuple(
            ArnPattern(
                parse_template(value.text, variables=variables, wildcards=True), runs_on=True
            )
            for value in element.values
        )
        self.nulls: Final = element.nulls

    def test(self, resource: str, context: Context) -> Truth:
        """Tell whether a resource is meant; None where a variable without value decides."""
        patterns = self._patterns
        if len(patterns) == 1:
            found = patterns[0].test(resource, context)
        else:
            found = any_of(pattern.test(resource, context) for pattern in patterns)
        if self.nulls and found is False:
            found = None
        return inverse(found) if self.negated else found

    def prefixes(self) -> Iterator[str]:
        """Yield for each pattern the text that all its matches start with."""
        for pattern in self._patterns:
            yield pattern.literal_prefix

    def trace(self, resource: str, context: Context, *, denies: bool) -> ElementTrace:
        """Show how each pattern judged the resource, and what the unknown counts as."""
        truth = self.test(resource, context)
        pairs = zip(self._element.values, self._patterns, strict=True)
        wanted = tuple(self._wanted(value, pattern, resource, context) for value, pattern in pairs)
        return ElementTrace(
            self._element.name,
            self._element.range,
            (resource,),
            wanted,
            denies if truth is None else truth,
            None if truth is not None else self._note(resource, context, denies=denies),
        )

    def _wanted(self, value: Value, pattern: ArnPattern, resource: str, context: Context) -> Wanted:
        matched = pattern.test(resource, context) is True
        return Wanted(value.text, pattern.shown(context), value.range, matched)

    def _note(self, resource: str, context: Context, *, denies: bool) -> str:
        outcome = "a Deny applies then" if denies else "an Allow does not apply then"
        for pattern in self._patterns:
            missing = pattern.missing(context)
            if pattern.test(resource, context) is not None:
                continue
            if missing is not None:
                return f"variable `{missing}` has no value in this request; {outcome}"
            if pattern.short:
                return f"the pattern has fewer than six fields; {outcome}"
            return f"a `*` that ends a field of the pattern may run on past its colon; {outcome}"
        return f"there is a null among the resources; {outcome}"


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text
