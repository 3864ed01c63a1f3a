"""GitLab's documented trust policy works letter for letter.

Seen on a live store: a provider's ARN as principal and `HOST:sub` keys did not match.
"""

import json

import pytest

from support.edge import ACCOUNT, Edge
from support.federation import exchange, make_role, register
from support.refusals import check_refused
from support.tokens import claims, header, rsa_key, sign

HOST = "gitlab.acme.example"
ISSUER = f"https://{HOST}"
# https://docs.gitlab.com/ci/cloud_services/aws/, with the host and the account filled in.
DOCUMENTED = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::AWS_ACCOUNT:oidc-provider/gitlab.example.com"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "gitlab.example.com:sub": "project_path:mygroup/myproject:ref_type:branch:ref:main"
        }
      }
    }
  ]
}"""
POLICY = DOCUMENTED.replace("AWS_ACCOUNT", ACCOUNT).replace("gitlab.example.com", HOST)
WILD = POLICY.replace("StringEquals", "StringLike").replace(
    "myproject:ref_type:branch:ref:main", "*"
)
MAIN = "project_path:mygroup/myproject:ref_type:branch:ref:main"


def job(sub: str) -> str:
    return sign(rsa_key(), header(), claims(iss=ISSUER, aud=ISSUER, sub=sub))


@pytest.mark.parametrize(
    ("document", "sub", "passes"),
    [
        (POLICY, MAIN, True),
        (POLICY, MAIN.replace("main", "maine"), False),
        (POLICY, MAIN.replace("branch", "tag"), False),
        (POLICY, MAIN.replace("mygroup", "MyGroup"), False),
        (POLICY, f"{MAIN}\n", False),
        (WILD, MAIN, True),
        (WILD, MAIN.replace("myproject", "other"), True),
        (WILD, MAIN.replace("mygroup", "mygroup-evil"), False),
        (WILD, MAIN.replace("mygroup", "evil/mygroup"), False),
    ],
)
async def test_the_documented_policy_admits_the_documented_job(
    edge: Edge, document: str, sub: str, *, passes: bool
):
    json.loads(document)
    await register(edge, ISSUER, client_ids=(ISSUER,))
    await make_role(edge, document)
    answer = await exchange(edge, job(sub))
    if passes:
        assert answer.status == 200, answer.body
        assert answer.text(".//SubjectFromWebIdentityToken") == sub
    else:
        check_refused(edge, answer, "AccessDenied")
