"""What several commands share: options, and how files and streams are met."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from valetkey.errors import ValetkeyError

F = TypeVar("F", bound=Callable[..., Any])


class UnreadableText(ValetkeyError):
    """A file is not the text that it was given as."""

    code = "unreadable-text"


def home_option(function: F) -> F:
    """Add ``--home``: the folder that holds the state."""
    return click.option(
        "--home",
        metavar="DIR",
        help="The folder that holds the state [$VALETKEY_HOME, else the platform's data folder].",
    )(function)


def home_path(home: str | None) -> Path:
    """Return the home folder that an option or the environment names."""
    from valetkey.settings import home_directory

    return home_directory(home, os.environ).expanduser().absolute()


def read_text(path: Path) -> str:
    """Return the text of a file. Raises :class:`UnreadableText`, and ``OSError``."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableText(
            f"`{path}` is not UTF-8 text: byte {error.start} does not fit"
        ) from None


def colored(stream: TextIO) -> bool:
    """Tell whether to write in colour: ``NO_COLOR`` and ``FORCE_COLOR`` win over the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def show(text: str, *, err: bool = False) -> None:
    """Print a text with the colours that it has; :func:`colored` has decided about them."""
    click.echo(text, err=err, color=True)
