"""The tables ``[upstreams.NAME]``: each read setting by setting, every fault with its place."""

from typing import Any, Final

from valetkey.diagnostics import Diagnostic, Label, did_you_mean
from valetkey.settings.positions import Places
from valetkey.settings.table import Setting, upstream_table
from valetkey.settings.upstream import UpstreamSettings
from valetkey.settings.upstream_check import field_complaint, name_complaint, relation_complaints
from valetkey.settings.value import Value, read_value, wrong_value

_SECRETS: Final = frozenset(
    ("secretaccesskey", "secretkey", "secret", "awssecretaccesskey", "password", "sessiontoken")
)
_NOT_HERE: Final = (
    "write it to a file that only the server may read, and name that with"
    " `secret_access_key_file`; or give it in an environment variable, and name that with"
    " `secret_access_key_env`"
)


def read_upstreams(
    setting: Setting, value: Value, faults: list[Diagnostic]
) -> dict[str, UpstreamSettings]:
    """Return the upstreams by name; what is wrong with them joins the faults."""
    if not isinstance(value.given, dict):
        faults.append(wrong_value(setting, value, f"wants {setting.wants}", value.span.text))
        return {}
    found = {}
    for name, given in value.given.items():
        assert value.places is not None  # noqa: S101 - a table that holds one has places
        read = _read_upstream(setting, name, given, value.places, faults)
        if read is not None:
            found[name] = read
    return found


def _read_upstream(
    setting: Setting, name: str, given: object, places: Places, faults: list[Diagnostic]
) -> UpstreamSettings | None:
    path = (setting.name, name)
    objection = name_complaint(name)
    if not isinstance(given, dict) or objection:
        wrong = objection or f"wants a table of settings for `{name}`"
        place = places.value(*path) if objection is None else places.key(*path)
        got = name if objection else place.text
        faults.append(wrong_value(setting, Value(given, place), wrong, got))
        return None
    before = len(faults)
    fields = _read_fields(path, given, places, faults)
    if len(faults) > before:
        return None
    upstream = UpstreamSettings(**fields)
    for complaint in relation_complaints(upstream):
        spans = (places.value(*path, field) for field in complaint.fields if field in given)
        labels = tuple(map(Label, spans))
        message = f"upstream `{name}`: {complaint.message}"
        faults.append(Diagnostic("bad-setting", message, labels=labels, help=(complaint.help,)))
    return upstream


def _read_fields(
    path: tuple[str, str], given: dict[str, Any], places: Places, faults: list[Diagnostic]
) -> dict[str, Any]:
    known = {row.name: row for row in upstream_table()}
    fields = {}
    for field, value in given.items():
        if field in known:
            place = Value(value, places.value(*path, field))
            within = f"{path[0]}.{path[1]}."
            fields[field] = read_value(known[field], place, field_complaint, faults, within=within)
        else:
            faults.append(_unknown(path, field, places, list(known)))
    missing = [row for row in known.values() if row.is_required and row.name not in given]
    faults += [_missing(path, row, places) for row in missing]
    return fields


def _missing(path: tuple[str, str], row: Setting, places: Places) -> Diagnostic:
    return Diagnostic(
        "bad-setting",
        f"upstream `{path[1]}` has no `{row.name}`",
        labels=(Label(places.key(*path)),),
        help=(f"`{row.name}`: {row.purpose}",),
    )


def _unknown(path: tuple[str, str], field: str, places: Places, known: list[str]) -> Diagnostic:
    written = ".".join((*path, field))
    labels = (Label(places.key(*path, field)),)
    if field.lower().replace("_", "").replace("-", "") in _SECRETS:
        return Diagnostic(
            "secret-in-settings",
            f"`{written}` would be a secret in the settings, which hold none",
            labels=labels,
            help=(_NOT_HERE,),
        )
    near = did_you_mean(field.replace("-", "_"), known)
    advice = f"did you mean `{near}`?" if near else None
    listed = ", ".join(f"`{name}`" for name in known)
    return Diagnostic(
        "unknown-setting",
        f"there is no setting `{written}`",
        labels=labels,
        help=(advice or f"the settings of an upstream are {listed}",),
    )
