"""Audiences that people take for the same."""

from valetkey.diagnostics import Span
from valetkey.gitlabci import Variable
from valetkey.lint.rules.ci._values import Names, whole


def known_audience(names: Names, aud: str, place: Span) -> str | None:
    """Return an audience with its variables put in, or None where one is not known."""
    return whole(names.written(Variable(aud, span=place)))


def skeleton(audience: str) -> str:
    """Return what is left of an audience without what is easily overlooked."""
    plain = audience.strip().lower().rstrip("/")
    return plain.removeprefix("https://").removeprefix("http://")


def alike(one: str, other: str) -> bool:
    """Return whether two different audiences look like the same."""
    return one != other and skeleton(one) == skeleton(other) != ""


def difference(one: str, other: str) -> str:
    """Return in words what tells two audiences apart that look alike."""
    if one.strip() != one or other.strip() != other:
        return "a blank at an end counts"
    if one.rstrip("/") == other.rstrip("/"):
        return "a slash at the end counts"
    if one.lower() == other.lower():
        return "upper and lower case count"
    if one.partition("://")[2] == other.partition("://")[2]:
        return "`http` and `https` are not the same"
    if "://" not in one or "://" not in other:
        return "the scheme is part of it"
    return "they are compared character by character"
