"""Where botocore keeps its service models, found and read without importing botocore."""

import gzip
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from valetkey.wire.errors import ModelsUnavailable

_VERSION = re.compile(r"^__version__\s*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)


def botocore_folder() -> Path:
    """Return botocore's folder; raises :class:`ModelsUnavailable` where it is not installed."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise ModelsUnavailable(
            "the package `botocore` is not installed",
            help="install valetkey with its dependencies: the AWS models come from there",
        )
    return Path(spec.origin).parent


def botocore_version(folder: Path) -> str:
    """Return the version that botocore's source states.

    The package's metadata would say it too, at three times the cost of the whole load.
    """
    found = _VERSION.search((folder / "__init__.py").read_text(encoding="utf-8"))
    if found is None:
        raise ModelsUnavailable("botocore's `__init__.py` states no version")
    return found[1]


def read_model(folder: Path, service: str, version: str) -> dict[str, Any]:
    """Return botocore's model of a service, as its JSON stands."""
    path = folder / "data" / service / version / "service-2.json"
    packed = path.with_name("service-2.json.gz")
    try:
        text = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
        model: dict[str, Any] = json.loads(text)
    except (OSError, EOFError, ValueError) as error:
        raise ModelsUnavailable(
            f"botocore's model of `{service}` at `{version}` can't be read: {error}",
            help="install another release of botocore",
        ) from error
    return model
