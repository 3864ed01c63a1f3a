"""AWS Signature Version 4: who signed this request, with which secret key.

Owns the canonical request, the three places a signature stands in (the ``Authorization`` header,
the ``X-Amz-*`` query parameters, the fields of an upload form), the signing key and its cache, the
framing and the checksums of a body, and the refusals with AWS's texts. Serves ``access``, which
knows the secret keys, and the gateway, which signs again. Knows nothing of accounts, sessions,
policies or the AWS protocols. Pure: the clock, the body and the key cache are passed in.

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
- Only S3 may leave its payload unsigned, or send it in chunks; for all others the server hashes
  the body.
- A body in chunks is held to its framing, to each chunk's signature, to its declared length, and
  to the trailer that was declared: that one and no other. A presigned request has no chunks.
- SigV4A is taken wherever SigV4 is. Its region set stands in place of the region, wildcards and
  all; of the key pair that is derived from the secret key, the public half is kept.
- An upload form is held to its policy: every field must be spoken of by a condition. The bucket
  and the key that conditions speak of are those that the object will get.
- SigV2 is refused.

::

    ValetkeyError
    └── AwsError
        ├── MalformedSignature    400  the signature can't be read
        ├── MissingSignature      403  there is none where one is needed
        ├── SignatureRefused      403  it can be read and does not hold; ``check`` says which rule
        ├── MalformedPayload      400  the framing of a body, or what is declared of it, is broken
        ├── PayloadRefused        400  the body is not the one that was signed or declared
        ├── MalformedForm         400  an upload form or its policy can't be read
        └── FormRefused           403  the policy does not allow the form
"""

from valetkey.sigv4.declared import ChecksumsOf
from valetkey.sigv4.form import PostForm, parse_form_signature, read_form
from valetkey.sigv4.formpolicy import LengthRange
from valetkey.sigv4.formverify import VerifiedForm, verify_form
from valetkey.sigv4.keys import SigningKeyCache
from valetkey.sigv4.modes import Streaming
from valetkey.sigv4.parse import parse_signature
from valetkey.sigv4.reader import PayloadReader, VerifiedBody, payload_reader
from valetkey.sigv4.refusals import (
    FormCheck,
    FormRefused,
    MalformedForm,
    MalformedPayload,
    MalformedSignature,
    MissingSignature,
    PayloadCheck,
    PayloadRefused,
    SignatureCheck,
    SignatureRefused,
)
from valetkey.sigv4.request import ECDSA, HttpRequest, Signature, VerifiedSignature
from valetkey.sigv4.sign import presign, sign
from valetkey.sigv4.verify import refuse_other_scope, signature_covers, verify_signature
from valetkey.sigv4.writer import ChunkWriter, SignedStream, framed_length, sign_streaming

__all__ = [
    "ECDSA",
    "ChecksumsOf",
    "ChunkWriter",
    "FormCheck",
    "FormRefused",
    "HttpRequest",
    "LengthRange",
    "MalformedForm",
    "MalformedPayload",
    "MalformedSignature",
    "MissingSignature",
    "PayloadCheck",
    "PayloadReader",
    "PayloadRefused",
    "PostForm",
    "Signature",
    "SignatureCheck",
    "SignatureRefused",
    "SignedStream",
    "SigningKeyCache",
    "Streaming",
    "VerifiedBody",
    "VerifiedForm",
    "VerifiedSignature",
    "framed_length",
    "parse_form_signature",
    "parse_signature",
    "payload_reader",
    "presign",
    "read_form",
    "refuse_other_scope",
    "sign",
    "sign_streaming",
    "signature_covers",
    "verify_form",
    "verify_signature",
]
