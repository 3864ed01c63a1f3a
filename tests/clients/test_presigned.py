"""Presigned GetCallerIdentity: how aws-iam-authenticator and Vault prove who they are."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from clients.talking import DEPLOY
from support.processes import ACCOUNT

CLUSTER = "x-k8s-aws-id"


def fetch(url, method="GET", body=None, **headers):
    """Send a request as it is; return the status and the body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


@pytest.fixture
def presign(site, assume):
    """Presign as aws-iam-authenticator does: the name of the cluster is a signed header."""
    credentials = assume().get_credentials()

    def presigned(expires=60, cluster="kiln"):
        url = f"{site.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
        request = AWSRequest("GET", url, headers={CLUSTER: cluster})
        SigV4QueryAuth(credentials, "sts", "us-east-1", expires=expires).add_auth(request)
        return request.url

    return presigned


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_boto3_presigns_a_url_that_anybody_can_use_for_a_minute(connect, assume, method):
    """The parameters are in the URL for POST too, which boto3 takes where nothing is said."""
    client = connect("sts", assume())
    url = client.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod=method)
    status, body = fetch(url, method)
    assert status == 200, body
    assert f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{DEPLOY}/job-1</Arn>" in body
    other = {"GET": "POST", "POST": "GET"}[method]
    status, body = fetch(url, other)
    assert (status, "SignatureDoesNotMatch" in body) == (403, True)


def test_a_signed_header_must_be_there_as_it_was(presign):
    url = presign()
    assert fetch(url, x_k8s_aws_id="kiln")[0] == 200
    for headers in ({"x_k8s_aws_id": "wick"}, {}):
        status, body = fetch(url, **headers)
        assert status == 403
        assert "<Code>SignatureDoesNotMatch</Code>" in body


def test_nothing_of_the_url_can_be_changed(presign):
    url = presign()
    for changed in (
        url.replace("GetCallerIdentity", "GetAccessKeyInfo"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
        f"{url}&More=1",
    ):
        status, body = fetch(changed, x_k8s_aws_id="kiln")
        assert (status, "SignatureDoesNotMatch" in body) == (403, True), body
    # lessons 16: a parameter that is there twice is no signature at all
    again = urllib.parse.urlencode({"X-Amz-Expires": "600"})
    assert fetch(f"{url}&{again}", x_k8s_aws_id="kiln")[0] in (400, 403)


def test_a_posted_form_signed_in_its_headers_as_vault_does(site, assume):
    """Vault gets URL, body and headers from its client, and sends them on."""
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Vault-AWS-IAM-Server-ID": "vault.example",
    }
    request = AWSRequest("POST", f"{site.endpoint}/", data=body, headers=headers)
    SigV4Auth(assume().get_credentials(), "sts", "us-east-1").add_auth(request)
    sent = {name.replace("-", "_"): value for name, value in request.headers.items()}
    assert "x-vault-aws-iam-server-id" in request.headers["Authorization"]
    status, answer = fetch(f"{site.endpoint}/", "POST", body, **sent)
    assert (status, ACCOUNT in answer) == (200, True)
    sent["X_Vault_AWS_IAM_Server_ID"] = "other.example"
    assert fetch(f"{site.endpoint}/", "POST", body, **sent)[0] == 403
