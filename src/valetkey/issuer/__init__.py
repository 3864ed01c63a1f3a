"""A GitLab-shaped issuer of ID tokens: for the local runner, the demo, and tests of trust.

Owns the shape of GitLab's CI ID tokens (:class:`Job` to claims to JWT), the keys that sign them,
the discovery document and key set as GitLab serves them (:func:`issuer_app`), a certificate
authority made on the spot, and the folder that keeps all of it (:class:`IssuerState`). Tokens are
minted through this library only: the HTTP application has no endpoint for it. Knows nothing of
who runs a job, nor of AWS.
"""

from valetkey.issuer.app import issuer_app
from valetkey.issuer.ca import CertificateAuthority, IssuedCertificate, issue_certificate, make_ca
from valetkey.issuer.claims import claims
from valetkey.issuer.documents import discovery_document, jwks_document, static_files
from valetkey.issuer.errors import IssuerStateError, MalformedIssuerState, MalformedJob
from valetkey.issuer.job import Environment, Job, Project, Runner, User
from valetkey.issuer.keys import SigningKey, SigningKeys
from valetkey.issuer.mint import mint
from valetkey.issuer.serve import serve_issuer
from valetkey.issuer.state import IssuerState

__all__ = [
    "CertificateAuthority",
    "Environment",
    "IssuedCertificate",
    "IssuerState",
    "IssuerStateError",
    "Job",
    "MalformedIssuerState",
    "MalformedJob",
    "Project",
    "Runner",
    "SigningKey",
    "SigningKeys",
    "User",
    "claims",
    "discovery_document",
    "issue_certificate",
    "issuer_app",
    "jwks_document",
    "make_ca",
    "mint",
    "serve_issuer",
    "static_files",
]
