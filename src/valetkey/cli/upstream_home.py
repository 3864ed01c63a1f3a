"""What the commands about upstreams share: the home's store, whose is what, and which is meant."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from valetkey.cli.options import colored, home_path, show
from valetkey.errors import ValetkeyError

if TYPE_CHECKING:
    from valetkey.credentials import KeyRing
    from valetkey.diagnostics import Diagnostic
    from valetkey.server import Home
    from valetkey.store import Directory, Store, UpstreamRecord

F = TypeVar("F", bound=Callable[..., Any])


class UpstreamNotChanged(ValetkeyError):
    """A change to an upstream or a bucket that would take away what somebody relies on."""

    code = "upstream-not-changed"


class NoSuchUpstream(ValetkeyError):
    """The upstream or the account that is named is not there, or more than one is."""

    code = "no-such-upstream"


def account_id(context: click.Context, option: click.Parameter, value: object) -> object:
    """Hold an option, given once or often, to account ids."""
    del context
    for one in value if isinstance(value, tuple) else (value,):
        if one is not None and not re.fullmatch(r"[0-9]{12}", str(one), re.ASCII):
            raise click.BadParameter("an account id has 12 digits", param_hint=option.opts[0])
    return value


def upstream_account_option(name: str) -> Callable[[F], F]:
    """Add an option for the account whose upstream is meant, where several have the name."""
    return click.option(
        name,
        "upstream_account",
        metavar="N",
        callback=account_id,
        help="The account of the upstream, where several accounts have one of that name.",
    )


@contextmanager
def opened(home: str | None) -> Iterator[tuple["Home", "Store", "KeyRing"]]:
    """Open the store of a home. Raises ``HomeMissing`` and ``StoreError``."""
    from valetkey.server import Home
    from valetkey.store import Store

    place = Home(home_path(home))
    ring = place.key_ring()
    with Store.open(place.database, create=False) as store:
        yield place, store, ring


def owner(directory: "Directory", given: str | None) -> str:
    """Return the account that is named, or the only one. Raises :class:`NoSuchUpstream`."""
    known = [account.account for account in directory.accounts()]
    listed = ", ".join(f"`{account}`" for account in known)
    if given is None and len(known) != 1:
        raise NoSuchUpstream(
            "there is more than one account, and none is named", help=f"name one of {listed}"
        )
    if given is not None and given not in known:
        raise NoSuchUpstream(f"there is no account `{given}`", help=f"there is {listed}")
    return given or known[0]


def meant(directory: "Directory", name: str, account: str | None) -> "UpstreamRecord":
    """Return the upstream of that name. Raises :class:`NoSuchUpstream`."""
    from valetkey.diagnostics import did_you_mean

    every = list(directory.upstreams)
    found = [one for one in every if one.name == name and account in (None, one.account)]
    if len(found) > 1:
        accounts = ", ".join(f"`{one.account}`" for one in found)
        raise NoSuchUpstream(
            f"there is more than one upstream `{name}`",
            help=f"say whose is meant: that of account {accounts}",
        )
    if not found:
        near = did_you_mean(name, {one.name for one in every})
        listed = "list them with `valetkey upstream list`"
        whose = f" of account `{account}`" if account else ""
        raise NoSuchUpstream(
            f"there is no upstream `{name}`{whose}",
            help=f"did you mean `{near}`?" if near and near != name else listed,
        )
    return found[0]


def warn(findings: Iterable["Diagnostic"]) -> None:
    """Show findings on stderr."""
    from valetkey.diagnostics import render

    for finding in findings:
        show(render(finding, color=colored(sys.stderr)).rstrip("\n"), err=True)
