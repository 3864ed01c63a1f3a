import ssl
import time
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509 import verification

from valetkey.issuer import (
    CertificateAuthority,
    MalformedIssuerState,
    issue_certificate,
    make_ca,
)

NOW = time.time()


@pytest.mark.parametrize("name", ["gitlab.example.test", "localhost", "127.0.0.1", "::1"])
def test_an_independent_verifier_takes_what_is_issued(name):
    authority = make_ca(NOW)
    issued = issue_certificate(authority, ["first.example", name], NOW)
    leaf, root = x509.load_pem_x509_certificates(issued.chain_pem.encode())
    assert root == authority.certificate
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    general = next(one for one in names if str(one.value) == name)
    store = verification.Store([root])
    policy = verification.PolicyBuilder().store(store).time(datetime.fromtimestamp(NOW, UTC))
    verified = policy.build_server_verifier(general).verify(leaf, [])
    assert verified == [leaf, root]


def test_serial_numbers_come_from_the_randomness_given():
    given = iter([b"\xff" * 16, b"\0" * 16])
    authority = make_ca(NOW, lambda count: next(given))
    assert authority.certificate.serial_number == 2**127 - 1
    issued = issue_certificate(authority, ["h"], NOW, lambda count: next(given))
    leaf, _ = x509.load_pem_x509_certificates(issued.chain_pem.encode())
    assert leaf.serial_number == 1


def test_times_are_those_of_the_clock_given():
    certificate = make_ca(1_795_568_878.9).certificate
    assert certificate.not_valid_before_utc.timestamp() == 1_795_568_878 - 300
    assert certificate.not_valid_after_utc.timestamp() == 1_795_568_878 + 3650 * 86_400


def test_openssl_s_strictest_mode_has_no_complaint(tmp_path):
    authority = make_ca(NOW)
    issued = issue_certificate(authority, ["localhost", "127.0.0.1"], NOW)
    (tmp_path / "tls.pem").write_text(issued.chain_pem + issued.key_pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "tls.pem")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=authority.certificate_pem)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    shake_hands(client, server, "localhost")
    shake_hands(client, server, "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client, server, "other.example")


def shake_hands(client, server, name):
    """Let two contexts shake hands in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    done = set()
    while len(done) < len(ends):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            done.add(end)


def test_an_authority_is_kept_as_it_is():
    authority = make_ca(NOW)
    again = CertificateAuthority.from_pem(authority.certificate_pem, authority.key_pem)
    assert again.certificate == authority.certificate
    assert "PRIVATE" not in repr(authority)
    assert "PRIVATE" not in repr(issue_certificate(authority, ["h"], NOW))


def test_broken_authorities_are_refused():
    one, other = make_ca(NOW), make_ca(NOW)
    for certificate, key in (
        ("", one.key_pem),
        (one.certificate_pem, ""),
        (one.certificate_pem, other.key_pem),
        (one.key_pem, one.certificate_pem),
    ):
        with pytest.raises(MalformedIssuerState):
            CertificateAuthority.from_pem(certificate, key)
