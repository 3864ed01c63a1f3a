"""The settings as a table: for reading values, for messages and for the documentation."""

from functools import cache
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import fields

from valetkey.settings.model import Settings
from valetkey.settings.upstream import UpstreamSettings

ENVIRONMENT_PREFIX: Final = "VALETKEY_"
_TABLE_OF_LISTS: Final = "a table of lists of strings"


class Setting(NamedTuple):
    """A row: the name in the file, the type with its bounds, the default and the purpose."""

    name: str
    type: Any
    meta: Meta
    default: object

    @property
    def variable(self) -> str:
        """Return the environment variable that wins over the file."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def purpose(self) -> str:
        """Return what the setting is for, in a sentence."""
        return self.meta.description or ""

    @property
    def annotated(self) -> Any:
        """Return the type with its bounds, as msgspec checks it."""
        return Annotated[self.type, self.meta]

    @property
    def is_table(self) -> bool:
        """Tell whether the value is a table of its own in the file."""
        return get_origin(self.type) is dict

    @property
    def holds_tables(self) -> bool:
        """Tell whether the value is a table of tables, each with settings of its own."""
        return self.is_table and get_args(self.type)[1] is UpstreamSettings

    @property
    def is_required(self) -> bool:
        """Tell whether there is no default."""
        return self.default is NODEFAULT

    @property
    def wants(self) -> str:
        """Return in words which values are right."""
        if get_origin(self.type) is Literal:
            return " or ".join(f"`{choice}`" for choice in get_args(self.type))
        if get_origin(self.type) is tuple:
            return "a list of strings"
        if self.is_table:
            return "a table for each upstream" if self.holds_tables else _TABLE_OF_LISTS
        if self.type in {int, float}:
            number = "a whole number" if self.type is int else "a number"
            return f"{number} {self._bounds()}"
        return "true or false" if self.type is bool else "a string"

    def _bounds(self) -> str:
        least = f"from {self.meta.ge}" if self.meta.ge is not None else f"above {self.meta.gt}"
        return f"{least} to {self.meta.le}"

    @property
    def written_default(self) -> str:
        """Return the default as it is written in TOML; empty where there is none."""
        if self.default is None or self.is_required:
            return ""
        match self.default:
            case bool() as flag:
                return "true" if flag else "false"
            case str() as text:
                return f'"{text}"'
            case dict() as table:
                return "{" + ", ".join(f'"{key}" = {value}' for key, value in table.items()) + "}"
            case tuple() as items:
                return "[" + ", ".join(f'"{item}"' for item in items) + "]"
            case number:
                return str(number)


@cache
def settings_table() -> tuple[Setting, ...]:
    """Return all settings, in the order of the documentation."""
    return _rows(Settings)


@cache
def upstream_table() -> tuple[Setting, ...]:
    """Return the settings of an upstream, in the order of the documentation."""
    return _rows(UpstreamSettings)


def markdown_table(settings: tuple[Setting, ...] | None = None) -> str:
    """Return settings as a table that ``docs/settings.md`` holds; all, unless some are given."""
    rows = ["| setting | value | default | what it is for |", "|---|---|---|---|"]
    for one in settings or settings_table():
        default = f"`{one.written_default}`" if one.written_default else "none"
        default = "required" if one.is_required else default
        rows.append(f"| `{one.name}` | {one.wants} | {default} | {one.purpose} |")
    return "\n".join(rows)


def _rows(table: type[Struct]) -> tuple[Setting, ...]:
    rows = []
    for field in fields(table):
        bare, meta = get_args(field.type)
        factory = field.default_factory
        default = field.default if factory is NODEFAULT else factory()
        rows.append(Setting(field.name, bare, meta, default))
    return tuple(rows)
