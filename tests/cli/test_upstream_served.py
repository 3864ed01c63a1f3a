"""A server that runs sees what the commands about upstreams change, at once."""

import pytest
from botocore.exceptions import ClientError

from cli.running import client
from support.processes import Site


@pytest.fixture
def served(tmp_path):
    site = Site(tmp_path)
    site.initialise()
    site.start_server()
    yield site
    for name in list(site.processes):
        site.stop(name)


def test_a_running_server_sees_an_upstream_come_and_go(served, seaweed_store):
    seaweed_store.make_bucket("come-and-go")
    seaweed_store.client().put_object(Bucket="come-and-go", Key="k", Body=b"kept")
    s3 = client(served, "s3")
    wanted = {"Bucket": "come-and-go", "Key": "k"}
    key = ("--access-key-id", seaweed_store.access_key_id, "--secret-key-file", "-")
    words = ("upstream", "add", "store", "--endpoint", seaweed_store.endpoint, *key)
    assert served.valetkey(*words, stdin=seaweed_store.secret_key).code == 0
    assert s3.get_object(**wanted)["Body"].read() == b"kept"
    assert served.valetkey("upstream", "remove", "store").code == 0
    with pytest.raises(ClientError) as gone:
        s3.get_object(**wanted)
    assert gone.value.response["Error"]["Code"] == "NoSuchBucket"
    s3.close()
    secret = seaweed_store.secret_key.encode()
    for file in (served.log("server"), *served.home.glob("*.db*")):
        assert secret not in file.read_bytes()
