"""One setting's value: read, held to its type and bounds, and complained about with its place."""

from collections.abc import Callable

import msgspec

from valetkey.diagnostics import Diagnostic, Label, Span
from valetkey.settings.positions import Places
from valetkey.settings.table import Setting

Check = Callable[[str, object], tuple[str, str] | None]
"""Returns what is wrong with a value that has the right type, and which part of it."""


class Value(msgspec.Struct, frozen=True):
    """A value as given, and the place to point at; ``places`` are those of what is inside."""

    given: object
    span: Span
    places: Places | None = None


def read_value(
    setting: Setting, value: Value, check: Check, faults: list[Diagnostic], *, within: str = ""
) -> object:
    """Return a value of the setting's type; what is wrong with it joins the faults.

    ``within`` is the table's name with a dot, for a setting that stands in one.
    """
    try:
        read: object = msgspec.convert(value.given, setting.annotated)
    except msgspec.ValidationError:
        objection: tuple[str, str] | None = (f"wants {setting.wants}", value.span.text)
        read = None
    else:
        objection = check(setting.name, read)
    if objection:
        # A masked value is quoted as it is shown: with asterisks.
        wrong, got = objection
        shown = got if got in value.span.text else value.span.text
        faults.append(wrong_value(setting, value, wrong, shown, within=within))
    return read


def wrong_value(
    setting: Setting, value: Value, objection: str, got: str, *, within: str = ""
) -> Diagnostic:
    """Return the finding that a value is not one that the setting takes."""
    advice = (
        (f"give `{setting.variable}` a value, or unset it",)
        if value.given == "" and not within
        else (f"`{setting.name}`: {setting.purpose}",)
    )
    return Diagnostic(
        "bad-setting",
        f"setting `{within}{setting.name}` {objection}, got `{got}`",
        labels=(Label(value.span),),
        help=advice,
    )
