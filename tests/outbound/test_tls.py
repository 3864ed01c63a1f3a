import datetime as dt
import hashlib
import ssl

import pytest
import trustme

from valetkey.outbound import (
    CertificateRefused,
    Connected,
    DestinationRefused,
    GuardedClient,
    Limits,
    Secured,
    Unreachable,
)

HOST = "gitlab.forge.example"
NOW = dt.datetime.now(dt.UTC)


def der(blob):
    return ssl.PEM_cert_to_DER_cert(blob.bytes().decode())


def sha1(blob):
    return hashlib.sha1(der(blob)).hexdigest()


class Forge:
    """Root → intermediate → leaf, and a client for whom the forge is a private issuer."""

    def __init__(self, server_context, **validity):
        self.root = trustme.CA()
        self.intermediate = self.root.create_child_ca()
        self.certificate = self.intermediate.issue_cert(HOST, **validity)
        self.leaf, self.middle = self.certificate.cert_chain_pems
        self.top = self.root.cert_pem
        self._server_context = server_context

    def context(self, *sent):
        return self._server_context(self.certificate, *sent)


@pytest.fixture
def forge(server_context):
    return Forge(server_context)


@pytest.fixture
def client_of(resolver):
    def client_of(server, host=HOST, **more):
        resolver.names[host] = ["127.0.0.1"]
        return GuardedClient(
            allowed_private_origins=[f"https://{host}:{server.port}"], resolve=resolver, **more
        )

    return client_of


async def get(client, server, host=HOST, **more):
    return await client.get(f"https://{host}:{server.port}/", **more)


def by_system(**more):
    """Return trust in a system's store that knows none of the test's authorities."""
    return {"trust": ssl.create_default_context(), **more}


class TestTrustStore:
    async def test_a_known_authority_needs_no_thumbprint(self, serve, forge, client_of, trusting):
        server = await serve(forge.context(forge.leaf, forge.middle))
        server.answer("/")
        client = client_of(server, trust=trusting(forge.root))
        fetched = await get(client, server, thumbprints=["0" * 40])
        assert fetched.status == 200
        (secured,) = [step for step in fetched.steps if isinstance(step, Secured)]
        assert (secured.anchor, secured.host) == (None, HOST)
        assert secured.protocol.startswith("TLSv1")
        assert server.connections == 1

    async def test_the_chain_is_looked_at_on_demand(self, serve, forge, client_of, trusting):
        server = await serve(forge.context(forge.leaf, forge.middle))
        server.answer("/")
        client = client_of(server, trust=trusting(forge.root))
        fetched = await get(client, server, look_at_chain=True)
        assert fetched.chain_der == (der(forge.leaf), der(forge.middle))
        assert [type(s) for s in fetched.steps].count(Connected) == 1
        (secured,) = [step for step in fetched.steps if isinstance(step, Secured)]
        assert secured.chain == fetched.chain

    @pytest.mark.parametrize("thumbprints", [(), ("mine",)], ids=["without", "with"])
    async def test_another_name_is_refused_with_or_without_thumbprint(
        self, serve, forge, client_of, trusting, thumbprints
    ):
        server = await serve(forge.context(forge.leaf, forge.middle))
        client = client_of(server, host="other.example", trust=trusting(forge.root))
        mine = [sha1(forge.middle)] if thumbprints else []
        with pytest.raises(CertificateRefused, match=r"not valid for 'other\.example'"):
            await get(client, server, host="other.example", thumbprints=mine)
        assert server.requests == []


class TestThumbprints:
    """O-12: the last certificate that the server sends, and no other."""

    SENT = pytest.mark.parametrize(
        "case",
        [
            (("leaf", "middle"), "middle", True),
            (("leaf", "middle"), "leaf", False),
            (("leaf", "middle"), "top", False),
            (("leaf", "middle", "top"), "top", True),
            (("leaf", "middle", "top"), "middle", False),
            (("leaf", "middle", "top"), "leaf", False),
            (("leaf",), "leaf", True),
            (("leaf",), "middle", False),
        ],
    )

    @SENT
    async def test_which_certificate_is_meant(self, serve, forge, client_of, case):
        sent, pinned, opens = case
        server = await serve(forge.context(*(getattr(forge, name) for name in sent)))
        server.answer("/")
        thumbprint = sha1(getattr(forge, pinned))
        fetch = get(client_of(server, **by_system()), server, thumbprints=["0" * 40, thumbprint])
        if opens:
            fetched = await fetch
            assert fetched.status == 200
            (secured,) = [step for step in fetched.steps if isinstance(step, Secured)]
            assert secured.anchor == thumbprint
        else:
            with pytest.raises(CertificateRefused) as refused:
                await fetch
            assert refused.value.mismatch
            assert server.requests == []
            assert refused.value.steps[-1].name == "tls"

    async def test_the_refusal_prints_both_values_and_whose_they_are(self, serve, forge, client_of):
        server = await serve(forge.context(forge.leaf, forge.middle))
        leaf, middle, top = map(sha1, (forge.leaf, forge.middle, forge.top))
        with pytest.raises(CertificateRefused) as refused:
            await get(client_of(server, **by_system()), server, thumbprints=[leaf, top])
        chain = refused.value.chain
        assert [one.thumbprint for one in chain] == [leaf, middle]
        assert refused.value.message == (
            f"certificate of `{HOST}` is not trusted (unable to get local issuer certificate), and"
            f" the last of 2 certificates sent (`{chain[1].subject}`) has thumbprint `{middle}`;"
            f" registered `{leaf}` belongs to the leaf (`{chain[0].subject}`),"
            f" registered `{top}` belongs to none of the certificates sent"
        )
        assert f"register thumbprint `{middle}`" in (refused.value.help or "")

    @pytest.mark.parametrize(
        "spell",
        [str.upper, lambda text: ":".join(text[at : at + 2] for at in range(0, 40, 2))],
        ids=["upper case", "colons"],
    )
    async def test_other_spellings(self, serve, forge, client_of, spell):
        server = await serve(forge.context(forge.leaf, forge.middle))
        server.answer("/")
        client = client_of(server, **by_system())
        fetched = await get(client, server, thumbprints=[spell(sha1(forge.middle))])
        assert fetched.status == 200

    @pytest.mark.parametrize("bad", ["", "zz", "0" * 39, "*"])
    async def test_what_is_no_thumbprint_matches_nothing(self, serve, forge, client_of, bad):
        server = await serve(forge.context(forge.leaf, forge.middle))
        with pytest.raises(CertificateRefused):
            await get(client_of(server, **by_system()), server, thumbprints=[bad])

    async def test_without_thumbprints_the_help_offers_the_right_one(self, serve, forge, client_of):
        server = await serve(forge.context(forge.leaf, forge.middle))
        with pytest.raises(CertificateRefused) as refused:
            await get(client_of(server, **by_system()), server)
        assert not refused.value.mismatch
        assert refused.value.message == (
            f"certificate of `{HOST}` is not trusted: unable to get local issuer certificate"
        )
        assert f"thumbprint `{sha1(forge.middle)}`" in (refused.value.help or "")

    @pytest.mark.parametrize(
        ("validity", "words"),
        [
            ({"not_after": NOW - dt.timedelta(days=1)}, "certificate has expired"),
            (
                {
                    "not_before": NOW + dt.timedelta(days=1),
                    "not_after": NOW + dt.timedelta(days=2),
                },
                "certificate is not yet valid",
            ),
        ],
        ids=["expired", "not yet valid"],
    )
    async def test_dates_count(self, serve, server_context, client_of, validity, words):
        forge = Forge(server_context, **validity)
        server = await serve(forge.context(forge.leaf, forge.middle))
        with pytest.raises(CertificateRefused, match=words) as refused:
            await get(client_of(server, **by_system()), server, thumbprints=[sha1(forge.middle)])
        assert not refused.value.mismatch
        assert server.requests == []

    async def test_a_stranger_at_the_top_is_no_chain(self, serve, forge, client_of):
        # The attack: send any CA's public certificate, whose thumbprint is registered, last.
        stranger = trustme.CA()
        server = await serve(forge.context(forge.leaf, forge.middle, stranger.cert_pem))
        with pytest.raises(CertificateRefused, match="not signed by the next one"):
            await get(
                client_of(server, **by_system()), server, thumbprints=[sha1(stranger.cert_pem)]
            )
        assert server.requests == []

    @pytest.mark.parametrize("order", [("leaf", "top", "middle"), ("leaf", "leaf", "middle")])
    async def test_certificates_out_of_order(self, serve, forge, client_of, order):
        server = await serve(forge.context(*(getattr(forge, name) for name in order)))
        with pytest.raises(CertificateRefused, match="not signed by the next one") as refused:
            await get(client_of(server, **by_system()), server, thumbprints=[sha1(forge.middle)])
        assert "intermediates in order" in (refused.value.help or "")

    async def test_a_leaf_of_another_authority_with_the_same_names(
        self, serve, forge, client_of, server_context
    ):
        # Same subject at the top, another key: the signature decides, not the name.
        other = Forge(server_context)
        server = await serve(other.context(other.leaf, forge.middle))
        with pytest.raises(CertificateRefused):
            await get(client_of(server, **by_system()), server, thumbprints=[sha1(forge.middle)])
        assert server.requests == []


class TestLooking:
    async def test_sent_thumbprint_is_that_of_the_last_certificate(self, serve, forge, client_of):
        for sent, last in (
            ((forge.leaf, forge.middle), forge.middle),
            ((forge.leaf, forge.middle, forge.top), forge.top),
            ((forge.leaf,), forge.leaf),
        ):
            server = await serve(forge.context(*sent))
            client = client_of(server)
            assert await client.sent_thumbprint(f"https://{HOST}:{server.port}/x") == sha1(last)

    async def test_it_is_guarded_too(self, serve, forge, resolver):
        server = await serve(forge.context(forge.leaf))
        resolver.names[HOST] = ["127.0.0.1"]
        client = GuardedClient(resolve=resolver)
        for url in (f"https://{HOST}:{server.port}", f"http://localhost:{server.port}"):
            with pytest.raises(DestinationRefused):
                await client.sent_thumbprint(url)
        assert server.connections == 0

    async def test_plain_http_has_no_chain(self):
        with pytest.raises(DestinationRefused, match="has no certificate"):
            await GuardedClient(allow_loopback=True).sent_chain("http://localhost:1")

    async def test_an_ip_address_as_host(self, serve, server_context, trusting):
        root = trustme.CA()
        certificate = root.issue_cert("127.0.0.1")
        server = await serve(server_context(certificate, *certificate.cert_chain_pems))
        server.answer("/")
        client = GuardedClient(allow_loopback=True, trust=trusting(root))
        fetched = await get(client, server, host="127.0.0.1", look_at_chain=True)
        assert fetched.status == 200
        pinned = GuardedClient(allow_loopback=True)
        thumbprint = await pinned.sent_thumbprint(f"https://127.0.0.1:{server.port}")
        fetched = await get(pinned, server, host="127.0.0.1", thumbprints=[thumbprint])
        assert fetched.status == 200

    @pytest.mark.parametrize("look", [False, True])
    async def test_a_server_that_speaks_no_tls(self, serve, client_of, look):
        async def greet(reader, writer):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

        server = await serve()
        server.talk = greet
        with pytest.raises(Unreachable, match="TLS handshake"):
            await get(client_of(server), server, look_at_chain=look)

    async def test_a_server_that_hangs_up(self, serve, client_of):
        async def hang_up(reader, writer):
            writer.close()

        server = await serve()
        server.talk = hang_up
        with pytest.raises(Unreachable, match="broke off the TLS handshake"):
            await client_of(server).sent_chain(f"https://{HOST}:{server.port}")

    async def test_a_server_that_says_nothing(self, serve, client_of):
        async def wait(reader, writer):
            await reader.read()

        server = await serve()
        server.talk = wait
        with pytest.raises(Unreachable, match="ran out at step `tls`"):
            await client_of(server, limits=Limits(seconds=0.2)).sent_chain(
                f"https://{HOST}:{server.port}"
            )

    async def test_a_server_that_never_stops_talking(self, serve, client_of):
        async def talk(reader, writer):
            # One TLS record of handshake bytes after the other.
            while not writer.is_closing():
                writer.write(b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + b"\0" * 16380)
                await writer.drain()

        server = await serve()
        server.talk = talk
        with pytest.raises(Unreachable):
            await client_of(server).sent_chain(f"https://{HOST}:{server.port}")
