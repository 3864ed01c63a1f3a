"""How the server is told to run: typed values from a TOML file and the environment.

Owns the list of settings with their defaults and meanings (:class:`Settings`), their reading
(:func:`load_settings`) and where the state lives (:func:`home_directory`). Every default is the
safe one. Knows nothing of what the settings are used for. Reads no file itself.
"""

from valetkey.settings.home import home_directory
from valetkey.settings.load import MalformedSettings, load_settings
from valetkey.settings.model import Settings
from valetkey.settings.table import ENVIRONMENT_PREFIX, Setting, markdown_table, settings_table

__all__ = [
    "ENVIRONMENT_PREFIX",
    "MalformedSettings",
    "Setting",
    "Settings",
    "home_directory",
    "load_settings",
    "markdown_table",
    "settings_table",
]
