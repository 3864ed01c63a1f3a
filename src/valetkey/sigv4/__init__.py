"""AWS Signature Version 4: who signed this request, with which secret key.

Owns the canonical request, the two places a signature stands in (the ``Authorization`` header
and the ``X-Amz-*`` query parameters), the signing key and its cache, and the refusals with
AWS's texts. Serves ``access``, which knows the secret keys, and the gateway, which signs again.
Knows nothing of accounts, sessions, policies or the AWS protocols. Pure: the clock, the body's
hash and the key cache are passed in.

The rules, where AWS leaves a choice or says too little:

- ``host`` and the date must be signed, and so must every ``x-amz-*`` header that is there.
  One exception: ``x-amz-security-token`` may be added after signing, as some AWS clients do
  (the AWS suite's ``post-sts-header-after``). It can't be forged: the token decides the secret.
- An authentication header or parameter given twice or in another spelling is refused before
  any signature work, and so is a request that is signed in header and query at once.
- The service decides about the path: S3 signs it as it is, all others normalise it and encode
  it once more.
- A raw ``+`` in a query stands for itself, not for a blank, and is taken from S3 clients only:
  the form decoders of other services read it as a blank, so there it is refused.
- Only S3 may leave its payload unsigned; for all others the server hashes the body.
- SigV4A, SigV2 and the ``STREAMING-*`` payloads are refused.

::

    ValetkeyError
    └── AwsError
        ├── MalformedSignature    400  the signature can't be read
        ├── MissingSignature      403  there is none where one is needed
        └── SignatureRefused      403  it can be read and does not hold; ``check`` says which rule
"""

from valetkey.sigv4.keys import SigningKeyCache
from valetkey.sigv4.parse import parse_signature
from valetkey.sigv4.refusals import (
    MalformedSignature,
    MissingSignature,
    SignatureCheck,
    SignatureRefused,
)
from valetkey.sigv4.request import HttpRequest, Signature, VerifiedSignature
from valetkey.sigv4.sign import presign, sign
from valetkey.sigv4.verify import verify_signature

__all__ = [
    "HttpRequest",
    "MalformedSignature",
    "MissingSignature",
    "Signature",
    "SignatureCheck",
    "SignatureRefused",
    "SigningKeyCache",
    "VerifiedSignature",
    "parse_signature",
    "presign",
    "sign",
    "verify_signature",
]
