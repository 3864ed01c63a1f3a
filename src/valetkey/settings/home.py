"""Where the state lives."""

import sys
from collections.abc import Mapping
from pathlib import Path

from valetkey.errors import ValetkeyError


def home_directory(
    option: str | None, environ: Mapping[str, str], *, platform: str = sys.platform
) -> Path:
    """Return the directory of the state: the option, ``$VALETKEY_HOME``, the platform's place.

    The platform's place is ``~/Library/Application Support/valetkey`` on macOS, elsewhere
    ``$XDG_DATA_HOME/valetkey`` or ``~/.local/share/valetkey``. Raises :class:`ValetkeyError`
    where none of them is known, or where one is given empty: the state would land wherever the
    process happens to stand.
    """
    for given, name in ((option, "--home"), (environ.get("VALETKEY_HOME"), "VALETKEY_HOME")):
        if given is not None and not given.strip():
            raise ValetkeyError(f"`{name}` is empty", help="give a directory, or leave it out")
        if given is not None:
            return Path(given)
    user = environ.get("HOME", "")
    if platform == "darwin" and user:
        return Path(user, "Library", "Application Support", "valetkey")
    data = environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    if Path(data).is_absolute():
        return Path(data, "valetkey")
    if not user:
        raise ValetkeyError(
            "no home directory is known: neither `VALETKEY_HOME` nor `HOME` is set",
            help="give the directory of the state with `--home` or `VALETKEY_HOME`",
        )
    return Path(user, ".local", "share", "valetkey")
