"""Looking for secrets in files, from a process of its own.

A process that has a SQLite database open must not open its file a second time: closing it would
drop the locks of the first.
"""

import json
import subprocess
import sys
from pathlib import Path

_PROGRAM = r"""
import base64, json, os, re, sys, urllib.parse
asked = json.load(sys.stdin)
shapes = {}
for name, value in asked["needles"].items():
    raw = value.encode()
    for form in {raw, urllib.parse.quote(value, safe="").encode(), json.dumps(value)[1:-1].encode(),
                 base64.b64encode(raw).rstrip(b"="), raw.hex().encode()}:
        shapes[form] = name
patterns = [re.compile(pattern.encode()) for pattern in asked["patterns"]]
found, files = [], 0
for folder, _, names in os.walk(asked["folder"]):
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):  # sockets of the store
            continue
        with open(path, "rb") as file:
            content = file.read()
        files += 1
        found += [[path, shapes[form]] for form in shapes if form in content]
        found += [[path, like.pattern.decode()] for like in patterns if like.search(content)]
json.dump({"found": sorted(map(tuple, found)), "files": files}, sys.stdout)
"""

JWT = r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"
"""What every ID token looks like, known to the test or not."""


def search(folder: Path, needles: dict[str, str], *patterns: str) -> list[tuple[str, str]]:
    """Return where texts are found, in themselves, quoted or encoded: (path, name) pairs."""
    asked = {"folder": str(folder), "needles": needles, "patterns": list(patterns)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["files"] > 0
    return [(path, name) for path, name in answer["found"]]


def parts_of(name: str, secret: str) -> dict[str, str]:
    """Return a secret and, of a long one, pieces that are enough to be found by."""
    parts = {name: secret}
    if len(secret) > 100:
        parts |= {f"{name}, its head": secret[:60], f"{name}, its tail": secret[-40:]}
    return parts


def parts_of_token(name: str, token: str) -> dict[str, str]:
    """Return an ID token and what it is made of; its head alone is that of every token."""
    _, payload, signature = token.split(".")
    return {
        name: token,
        **parts_of(f"{name}'s payload", payload),
        **parts_of(f"{name}'s signature", signature),
    }
