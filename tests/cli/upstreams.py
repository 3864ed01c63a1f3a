"""What the tests of upstreams share: words to add one with, and what it looks like when done."""

from support.processes import ACCOUNT, Ended
from valetkey.store import Directory, UpstreamRecord

OTHER = "554433221100"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYCANARYKEY"
ENDPOINT = ("--endpoint", "https://s3.example")
KEY = ("--access-key-id", "AKIDEXAMPLE1", "--secret-key-file", "-")
ROLE = ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/gateway", "--sts-endpoint", "https://sts.ex")


def the_one(directory: Directory, name: str = "store", account: str = ACCOUNT) -> UpstreamRecord:
    found = directory.upstreams.named(account, name)
    assert found is not None
    return found


def assert_done(done: Ended) -> Ended:
    """Assert that a command did its work, and printed nothing that a program would read."""
    assert (done.code, done.output) == (0, ""), done
    return done
