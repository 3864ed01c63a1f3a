"""The checksums of S3, on the check value of every CRC catalogue."""

import base64
import hashlib

import pytest

from sigv4.streams import whole
from valetkey.sigv4 import payload_reader
from valetkey.sigv4.checksums import ALGORITHMS, Digests, decoded

CHECK = b"123456789"
KNOWN = {
    # The `check` of the CRC RevEng catalogue: CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME.
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
    # RFC 3174 and FIPS 180-4 say how; hashlib is what computes them.
    "SHA1": hashlib.sha1(CHECK).hexdigest(),
    "SHA256": hashlib.sha256(CHECK).hexdigest(),
    "SHA512": hashlib.sha512(CHECK).hexdigest(),
    "MD5": hashlib.md5(CHECK).hexdigest(),
}


def test_every_algorithm_has_a_known_value() -> None:
    assert set(KNOWN) == set(ALGORITHMS)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_known_value(name: str) -> None:
    algorithm = ALGORITHMS[name]
    for cut in (1, 4, 9):
        digests = Digests([algorithm])
        for start in range(0, len(CHECK), cut):
            digests.update(memoryview(CHECK)[start : start + cut])
        assert digests.of(algorithm).hex() == KNOWN[name]
    assert len(digests.of(algorithm)) == algorithm.size


@pytest.mark.parametrize("name", ALGORITHMS)
def test_in_a_header(name: str) -> None:
    value = base64.b64encode(bytes.fromhex(KNOWN[name]))
    headers = [(f"X-Amz-Checksum-{name}".encode(), value)]
    _, verified = whole(payload_reader(None, headers), [CHECK])
    assert verified.checksums == {name: value.decode()}


@pytest.mark.parametrize(
    "text", ["", "AAAA", "AAAAAAA=", "AAAAAA", "AAAAAA=", "AAAAAB==", " AAAAAA==", "AAAAAA==\n",
             "AAAA\nAA==", "____AA==", "AAAAAA==AA", "é"]
)  # fmt: skip
def test_strict_base64(text: str) -> None:
    """One checksum has one spelling."""
    assert decoded(text, 4) is None


def test_base64() -> None:
    assert decoded("AAAAAA==", 4) == bytes(4)
