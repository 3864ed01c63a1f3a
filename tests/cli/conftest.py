"""Commands run as programs: in a home of their own, or beside an issuer and a server."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.running import ROLE, client
from support.processes import ACCOUNT, AUDIENCE, Ended, Site, environment, open_site, run
from support.seaweed_fixtures import seaweed_store
from valetkey.cli import failure
from valetkey.cli.group import valetkey as program
from valetkey.store import Directory, Record, Store

__all__ = ["seaweed_store"]

Valetkey = Callable[..., Ended]


@pytest.fixture
def valetkey(tmp_path: Path) -> Valetkey:
    """Run a command with a home of the test's own, in a folder of the test's own."""

    def command(*words: str, stdin: str | None = None, **variables: str) -> Ended:
        home = str(tmp_path / "home")
        env = environment(tmp_path, **{"VALETKEY_HOME": home, **variables})
        return run(["valetkey", *words], env, cwd=tmp_path, stdin=stdin)

    return command


@pytest.fixture(scope="session")
def first_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home with an account and an issuer, once."""
    folder = tmp_path_factory.mktemp("first")
    env = environment(folder, VALETKEY_HOME=str(folder / "home"))
    for words in (("init", "--account-id", ACCOUNT), ("issuer", "token", "--aud", AUDIENCE)):
        done = run(["valetkey", *words], env)
        assert done.code == 0, done.errors
    return folder / "home"


@pytest.fixture
def home(first_state: Path, tmp_path: Path) -> Path:
    """Return the test's own home, with the first state made."""
    shutil.copytree(first_state, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an issuer and everything else, with a role that jobs on main may assume."""
    with open_site(tmp_path_factory.mktemp("site")) as opened:
        iam = client(opened, "iam")
        iam.create_open_id_connect_provider(Url=opened.issuer, ClientIDList=[AUDIENCE])
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=opened.trust())
        iam.close()
        yield opened


@pytest.fixture
def upstream(home: Path, monkeypatch: pytest.MonkeyPatch) -> Valetkey:
    """Run a command about upstreams in this process, as the program would."""

    def command(*words: str, stdin: str = "", **variables: str) -> Ended:
        env = {"VALETKEY_HOME": str(home), "VALETKEY_UPSTREAM_SECRET_KEY": None, **variables}
        monkeypatch.setattr(sys, "argv", ["valetkey", "upstream", *words])
        with CliRunner().isolation(input=stdin, env=env) as (output, errors, _):
            code = failure.run(program)
            sys.stdout.flush()
            return Ended(code, output.getvalue().decode(), errors.getvalue().decode())

    return command


@pytest.fixture
def kept(home: Path) -> Callable[[], Directory]:
    """Return a way to the newest snapshot of the home."""

    def directory() -> Directory:
        with Store.open(home / "state.db") as store:
            return store.directory()

    return directory


@pytest.fixture
def write(home: Path) -> Callable[..., None]:
    """Return a way to write records past the commands."""

    def put(*records: Record) -> None:
        with Store.open(home / "state.db") as store:
            store.write(lambda tx: [tx.put(record) for record in records])

    return put
