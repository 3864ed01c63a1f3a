"""How the server is told to run: typed values from a TOML file and the environment.

Owns the list of settings with their defaults and meanings (:class:`Settings`), their reading
(:func:`load_settings`) and where the state lives (:func:`home_directory`). Every default is the
safe one. What makes an upstream right is here too (:class:`UpstreamSettings`), for the command
line alike. Knows nothing of what the settings are used for. Reads no file itself.
"""

from valetkey.settings.home import home_directory
from valetkey.settings.load import MalformedSettings, load_settings
from valetkey.settings.model import Settings
from valetkey.settings.table import (
    ENVIRONMENT_PREFIX,
    Setting,
    markdown_table,
    settings_table,
    upstream_table,
)
from valetkey.settings.upstream import UpstreamSettings
from valetkey.settings.upstream_check import (
    OWN_SERVICES,
    Complaint,
    field_complaint,
    is_in_clear,
    name_complaint,
    relation_complaints,
)

__all__ = [
    "ENVIRONMENT_PREFIX",
    "OWN_SERVICES",
    "Complaint",
    "MalformedSettings",
    "Setting",
    "Settings",
    "UpstreamSettings",
    "field_complaint",
    "home_directory",
    "is_in_clear",
    "load_settings",
    "markdown_table",
    "name_complaint",
    "relation_complaints",
    "settings_table",
    "upstream_table",
]
