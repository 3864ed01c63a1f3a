"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def home_option(function: F) -> F:
    """Add ``--home``: the folder that holds the state."""
    return click.option(
        "--home",
        metavar="DIR",
        help="The folder that holds the state [$VALETKEY_HOME, else the platform's data folder].",
    )(function)


def home_path(home: str | None) -> Path:
    """Return the home folder that an option or the environment names."""
    from valetkey.settings import home_directory  # noqa: PLC0415 - keeps `--help` quick

    return home_directory(home, os.environ).expanduser().absolute()
