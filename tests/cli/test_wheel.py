"""What is installed is what works: the wheel is built, installed alone, and run from elsewhere."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import valetkey
from support.once import made_once
from support.ports import free_port
from support.processes import environment, run, start, stop, wait_until_answers
from support.vectors import PROJECT


def checked(*words, **options):
    done = subprocess.run(words, capture_output=True, check=False, **options)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done


def build(folder):
    """Build the wheel, and install it and nothing else into an environment of its own."""
    build_command = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    checked(*build_command, "--outdir", str(folder), str(PROJECT), env=without_our_source())
    (wheel,) = folder.glob("*.whl")
    checked(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python))
    checked(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # What it depends on is lent by this environment; a path in a .pth file comes last, and the
    # .pth files in there (an editable valetkey is one) are not read.
    (site_packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")


def without_our_source():
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return made_once(tmp_path_factory, "wheel", build)


@pytest.fixture
def installed(built, tmp_path):
    """Return the program's path and an environment without anything of the checkout."""
    env = environment(tmp_path, VALETKEY_HOME=str(tmp_path / "home"))
    env.pop("PYTHONPATH", None)
    return str(built / "venv" / "bin" / "valetkey"), env


def test_what_is_in_it(built):
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        assert (
            archive.read("valetkey/examples/gitlab/.gitlab-ci.yml")
            == (PROJECT / "examples" / "gitlab" / ".gitlab-ci.yml").read_bytes()
        )
        (metadata,) = (name for name in inside if name.endswith(".dist-info/METADATA"))
        described = archive.read(metadata).decode()
    assert re.search(r"^Requires-Dist: botocore", described, re.MULTILINE)
    assert re.search(r"^License-Expression: Apache-2.0$", described, re.MULTILINE)
    assert "valetkey/py.typed" in inside
    assert {top_folder(name) for name in inside} == {"valetkey", Path(metadata).parts[0]}
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in inside)
    source = {
        str(path.relative_to(PROJECT / "src"))
        for path in (PROJECT / "src" / "valetkey").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source - inside == set()


def top_folder(name):
    return Path(name).parts[0]


def test_it_is_the_wheels_own_code_that_runs(installed, built, tmp_path):
    program, env = installed
    done = run([program, "--version"], env, cwd=tmp_path)
    assert (done.code, done.output) == (0, f"valetkey {valetkey.__version__}\n")
    python = str(built / "venv" / "bin" / "python")
    where = run([python, "-c", "import valetkey; print(valetkey.__file__)"], env, cwd=tmp_path)
    assert where.output.startswith(str(built / "venv"))


def test_state_is_made_and_served(installed, tmp_path):
    """Migrations and the compiled models are made from what is in the wheel."""
    program, env = installed
    made = run([program, "init"], env, cwd=tmp_path)
    assert made.code == 0, made.errors
    address = f"127.0.0.1:{free_port()}"
    process = start(
        [program, "serve", "--listen", address, "--workers", "2"], env, tmp_path / "log"
    )
    try:
        url = f"http://{address}/_valetkey/readyz"
        wait_until_answers(url, process, tmp_path / "log")
    finally:
        assert stop(process) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_the_demonstration_runs_from_elsewhere(installed, tmp_path):
    program, env = installed
    elsewhere, temporary = tmp_path / "elsewhere", tmp_path / "temporary"
    elsewhere.mkdir()
    temporary.mkdir()
    done = run([program, "demo"], {**env, "TMPDIR": str(temporary)}, cwd=elsewhere)
    assert done.code == 0, done.all
    assert "everything went as it should" in done.output
    # Nothing is left behind: without `--home` its folder is for this time only.
    assert [*elsewhere.iterdir(), *temporary.iterdir()] == []
