"""What the demonstration is about: who may do what, and the words that must appear."""

from importlib.resources import files
from pathlib import Path
from typing import Any

ACCOUNT = "001122334455"
AUDIENCE = "https://valetkey.example"
PROJECT = "acme/payments"
BRANCH, OTHER_BRANCH = "main", "feature/checkout"
ROLE = "payments-deploy"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/GitLabRunner-"
SECRET, OTHER_SECRET = "payments/database", "payroll/database"
SECRET_VALUE = "correct horse battery staple"  # noqa: S105 - the demonstration's own
OTHER_VALUE = "tr0ub4dor and 3"
CI_FILE = ".gitlab-ci.yml"
OTHER_PROJECT = "acme/payroll"
BUCKET = "artifacts"
ARTIFACT = "built from main by the job"
IMAGE = "ami-12c6146b"
"""An image that moto's EC2 has."""

REFUSAL = (
    "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation:"
    " Not authorized to perform sts:AssumeRoleWithWebIdentity"
)
DENIED = (
    f"is not authorized to perform: secretsmanager:GetSecretValue on resource: {OTHER_SECRET}"
    " because no identity-based policy allows the secretsmanager:GetSecretValue action"
)
STORE_DENIED = (
    f'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::{BUCKET}/'
    f'{OTHER_PROJECT}/artifact.txt" because no identity-based policy allows the s3:PutObject action'
)
COMPUTE_DENIED = "(UnauthorizedOperation) when calling the StopInstances operation"


def trust_policy(host: str) -> dict[str, Any]:
    """Return the role's trust policy: one branch of one project. ``host`` is the issuer's."""
    subject = f"project_path:{PROJECT}:ref_type:branch:ref:{BRANCH}"
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": AUDIENCE}},
        }
    )


def permission_policy() -> dict[str, Any]:
    """Return what the role may do: read one secret."""
    # Secrets Manager ends the ARN of a secret in six characters of its own.
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{SECRET}-??????"
    return _document(
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
    )


def store_policy() -> dict[str, Any]:
    """Return what the role may do in the store: anything, under its project's path."""
    prefix = f"arn:aws:s3:::{BUCKET}/${{valetkey:claim/project_path}}/*"
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    return _document({"Effect": "Allow", "Action": actions, "Resource": prefix})


def compute_policy() -> dict[str, Any]:
    """Return what the role may do with instances: stop those with its project's tag."""
    tagged = {"aws:ResourceTag/project": "${valetkey:claim/project_path}"}
    return _document(
        {
            "Effect": "Allow",
            "Action": "ec2:StopInstances",
            "Resource": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*",
            "Condition": {"StringEquals": tagged},
        }
    )


def ci_file() -> bytes:
    """Return the example's CI file: of the checkout, or of the installed package."""
    inside = ("examples", "gitlab", CI_FILE)
    checkout = Path(__file__).parents[4].joinpath(*inside)
    if checkout.exists():
        return checkout.read_bytes()
    return files("valetkey").joinpath(*inside).read_bytes()


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}
