"""Bucket names (User Guide, *General purpose bucket naming rules*)."""

import re
from typing import Final

# One name: labels of lower-case letters, digits and hyphens, apart by single dots.
_NAME: Final = re.compile(r"(?=.{3,63}\Z)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*[a-z0-9]", re.ASCII)
_ADDRESS: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
_ALIAS_ENDINGS: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_RESERVED_STARTS: Final = ("xn--", "sthree-", "amzn-s3-demo-")


def is_bucket_name(name: str) -> bool:
    """Tell whether a bucket can have this name.

    Aliases of access points and names of directory and table buckets are not among them: what
    they name is another kind of thing.
    """
    return (
        _NAME.fullmatch(name) is not None
        and "-." not in name
        and _ADDRESS.fullmatch(name) is None
        and not name.endswith(_ALIAS_ENDINGS)
    )


def may_be_created(name: str) -> bool:
    """Tell whether a new bucket may be named so: some beginnings are reserved."""
    return is_bucket_name(name) and not name.startswith(_RESERVED_STARTS)
