"""OIDC providers: registered, changed and removed."""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.making import iam, iam_arn, make_user, names, policy, refusal, tags
from support.edge import Edge

ARN = iam_arn("oidc-provider/gitlab.example")
THUMBPRINT = "0123456789abcdef0123456789abcdef01234567"
FETCHED = "f" * 40
NOT_AN_ARN = "not-an-arn-at-all-no"
WRONG = "Invalid Open ID Connect Provider URL"


def answering(edge: Edge, thumbprint: str) -> list[str]:
    """Have issuers answer with a thumbprint; return the URLs that get asked."""
    asked: list[str] = []

    async def fetch(url: str) -> str:
        asked.append(url)
        return thumbprint

    use(edge, fetch)
    return asked


def use(edge: Edge, fetch: Callable[[str], Awaitable[str]]) -> None:
    edge.wiring.services = dataclasses.replace(edge.wiring.services, thumbprint=fetch)


async def register(edge: Edge, **more: Any) -> str:
    parameters = {"Url": "https://gitlab.example", "ThumbprintList": [THUMBPRINT], **more}
    made = await iam(edge, "CreateOpenIDConnectProvider", **parameters)
    return made.text(".//OpenIDConnectProviderArn") or ""


async def held(edge: Edge, element: str, arn: str = ARN) -> list[str]:
    got = await iam(edge, "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    return [member.text or "" for member in got.xml.iterfind(f".//{element}/member")]


async def test_a_provider_comes_back_as_it_was_made(edge: Edge):
    made = await iam(
        edge,
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ClientIDList=["https://vk.example", "other", "other"],
        ThumbprintList=[THUMBPRINT.upper()],
        Tags=tags(team="infra"),
    )
    assert made.text(".//OpenIDConnectProviderArn") == ARN
    assert names(made, "Key") == ["team"]
    got = await iam(edge, "GetOpenIDConnectProvider", OpenIDConnectProviderArn=ARN)
    assert got.text(".//Url") == "gitlab.example", "without its scheme, as from AWS"
    assert got.text(".//CreateDate") == "2027-01-15T08:00:00Z"
    assert names(got, "Value") == ["infra"]
    assert await held(edge, "ClientIDList") == ["https://vk.example", "other"]
    assert await held(edge, "ThumbprintList") == [THUMBPRINT]
    listed = await iam(edge, "ListOpenIDConnectProviders")
    assert names(listed, "Arn") == [ARN]


GOOD = {
    "https://gitlab.example": "gitlab.example",
    "https://gitlab.example/": "gitlab.example/",
    "https://GitLab.example/a/B": "GitLab.example/a/B",
    "https://gitlab.example:8443": "gitlab.example:8443",
    "https://127.0.0.1:8443/x": "127.0.0.1:8443/x",
    "https://[::1]:8443": "[::1]:8443",
    "http://localhost:8080": "localhost:8080",
    "http://127.0.0.1:8080/realms/ci": "127.0.0.1:8080/realms/ci",
    "http://127.8.9.10": "127.8.9.10",
    "http://[::1]:8080": "[::1]:8080",
    # `valetkey:8443:sub` is nobody's key but this issuer's.
    "https://valetkey:8443": "valetkey:8443",
}


@pytest.mark.parametrize("url", GOOD)
async def test_urls_that_may_be_registered(edge: Edge, url: str):
    assert await register(edge, Url=url) == iam_arn(f"oidc-provider/{GOOD[url]}")


NO_HTTPS = ("InvalidInput", f"{WRONG}. The URL must begin with https://.")
NO_ISSUER = ("InvalidInput", f"{WRONG}.")
NO_URL = ("ValidationError", WRONG)
BAD = {
    "gitlab.example": NO_URL,
    "//gitlab.example": NO_URL,
    "https:gitlab.example": NO_URL,
    "https://": NO_URL,
    "https:///path": NO_URL,
    "https://:443": NO_URL,
    "http://gitlab.example": NO_HTTPS,
    "http://localhost.example": NO_HTTPS,
    "http://127.0.0.1.example": NO_HTTPS,
    "http://10.0.0.1": NO_HTTPS,
    "http://0x7f000001": NO_HTTPS,
    "ftp://localhost": NO_HTTPS,
    "HTTPS://gitlab.example": NO_HTTPS,
    "Http://localhost": NO_HTTPS,
    "https://user@gitlab.example": NO_ISSUER,
    "https://user:secret@gitlab.example": NO_ISSUER,
    "https://gitlab.example?x=1": NO_ISSUER,
    "https://gitlab.example?": NO_ISSUER,
    "https://gitlab.example#x": NO_ISSUER,
    "https://gitlab.example:": NO_ISSUER,
    "https://gitlab.example:0": NO_ISSUER,
    "https://gitlab.example:99999": NO_ISSUER,
    "https://gitlab.example:x": NO_ISSUER,
    "https://[::1": NO_ISSUER,
    "https://gitlab.example/*": NO_ISSUER,
    "https://gitlab.example/${aws:username}": NO_ISSUER,
    "https://gitlab.example/a b": NO_ISSUER,
    "https://gitlab.example/\t": NO_ISSUER,
    "https://gitläb.example": NO_ISSUER,
    "https://gitlab.example\\x": NO_ISSUER,
    "https://aws": NO_ISSUER,
    "https://STS": NO_ISSUER,
    "https://valetkey": NO_ISSUER,
    "https://gitlab.example/a:b": NO_ISSUER,
}


@pytest.mark.parametrize("url", BAD)
async def test_urls_that_may_not_be_registered(edge: Edge, url: str):
    refused = await edge.query(
        "iam", "CreateOpenIDConnectProvider", Url=url, ThumbprintList=[THUMBPRINT]
    )
    assert refusal(refused) == (400, *BAD[url])
    assert names(await iam(edge, "ListOpenIDConnectProviders"), "Arn") == []


async def test_without_thumbprints_the_issuers_own_is_fetched(edge: Edge):
    asked = answering(edge, FETCHED)
    made = await iam(
        edge,
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ClientIDList=["https://vk.example"],
    )
    assert made.text(".//OpenIDConnectProviderArn") == ARN
    assert await held(edge, "ThumbprintList") == [FETCHED]
    again = await edge.query("iam", "CreateOpenIDConnectProvider", Url="https://gitlab.example")
    assert refusal(again) == (
        409, "EntityAlreadyExists", "Provider with url https://gitlab.example already exists.",
    )  # fmt: skip
    assert asked == ["https://gitlab.example"], "who is registered is not asked again"


async def test_with_thumbprints_nobody_is_asked(edge: Edge):
    asked = answering(edge, FETCHED)
    await register(edge)
    await register(edge, Url="http://localhost:8080", ThumbprintList=[])
    assert asked == []
    assert await held(edge, "ThumbprintList", iam_arn("oidc-provider/localhost:8080")) == []


async def test_an_issuer_that_does_not_answer_is_not_registered(edge: Edge):
    refused = await edge.query("iam", "CreateOpenIDConnectProvider", Url="https://gitlab.example")
    assert refusal(refused) == (
        400, "OpenIdIdpCommunicationError", "Could not connect to https://gitlab.example",
    )  # fmt: skip
    record = edge.record(refused)
    assert record.reason == "`https://gitlab.example` is down"
    assert record.help
    assert names(await iam(edge, "ListOpenIDConnectProviders"), "Arn") == []


async def test_one_who_may_not_register_makes_nobody_be_asked(edge: Edge):
    asked = answering(edge, FETCHED)
    key = await make_user(edge, "nobody")
    refused = await edge.query(
        "iam", "CreateOpenIDConnectProvider", key=key, Url="https://gitlab.example"
    )
    assert refused.code == "AccessDenied"
    assert asked == []


LENGTH = "1 validation error detected: "
FEWER = (400, "InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
HEX = (400, "InvalidInput", "Thumbprint must be exactly 40 characters.")


@pytest.mark.parametrize(
    ("thumbprints", "wanted"),
    [
        ([f"{number:040}" for number in range(6)], FEWER),
        (["g" * 40], HEX),
        ([THUMBPRINT, "é" * 40], HEX),
    ],
)
async def test_thumbprints_are_validated(
    edge: Edge, thumbprints: list[str], wanted: tuple[int, str, str]
):
    parameters = {"Url": "https://gitlab.example", "ThumbprintList": thumbprints}
    refused = await edge.query("iam", "CreateOpenIDConnectProvider", **parameters)
    assert refusal(refused) == wanted
    await register(edge)
    refused = await edge.query(
        "iam",
        "UpdateOpenIDConnectProviderThumbprint",
        OpenIDConnectProviderArn=ARN,
        ThumbprintList=thumbprints,
    )
    assert refusal(refused) == wanted
    assert await held(edge, "ThumbprintList") == [THUMBPRINT]


@pytest.mark.parametrize("thumbprint", ["", "a" * 39, "a" * 41])
async def test_a_thumbprint_of_another_length_is_no_valid_request(edge: Edge, thumbprint: str):
    """An empty member is a member: it is not taken for a list that is absent."""
    asked = answering(edge, FETCHED)
    refused = await edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ThumbprintList=[thumbprint],
    )
    assert (refused.status, refused.code) == (400, "ValidationError")
    assert "thumbprintList" in (refused.message or "")
    assert asked == []


async def test_five_thumbprints_are_fine_and_replace_the_old_ones(edge: Edge):
    await register(edge)
    five = [f"{number:040x}" for number in range(5)]
    await iam(
        edge,
        "UpdateOpenIDConnectProviderThumbprint",
        OpenIDConnectProviderArn=ARN,
        ThumbprintList=five,
    )
    assert await held(edge, "ThumbprintList") == five


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({}, "ValidationError"), ({"ThumbprintList": ""}, "InvalidInput")],
)
async def test_an_update_without_thumbprints_changes_nothing(
    edge: Edge, parameters: dict[str, str], code: str
):
    await register(edge)
    refused = await edge.query(
        "iam",
        "UpdateOpenIDConnectProviderThumbprint",
        OpenIDConnectProviderArn=ARN,
        **parameters,
    )
    assert (refused.status, refused.code) == (400, code)
    assert await held(edge, "ThumbprintList") == [THUMBPRINT]


async def test_client_ids_are_added_and_removed_without_fuss(edge: Edge):
    await register(edge, ClientIDList=["one"])
    for _ in range(2):
        await iam(
            edge,
            "AddClientIDToOpenIDConnectProvider",
            OpenIDConnectProviderArn=ARN,
            ClientID="two",
        )
        assert await held(edge, "ClientIDList") == ["one", "two"]
    for _ in range(2):
        await iam(
            edge,
            "RemoveClientIDFromOpenIDConnectProvider",
            OpenIDConnectProviderArn=ARN,
            ClientID="one",
        )
        assert await held(edge, "ClientIDList") == ["two"]


async def test_a_hundred_client_ids_are_enough(edge: Edge):
    wanted = (
        409, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    )  # fmt: skip
    ids = [f"client-{number}" for number in range(101)]
    refused = await edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ClientIDList=ids,
        ThumbprintList=[THUMBPRINT],
    )
    assert refusal(refused) == wanted
    await register(edge, ClientIDList=ids[:100])
    adding = {"OpenIDConnectProviderArn": ARN}
    refused = await edge.query(
        "iam", "AddClientIDToOpenIDConnectProvider", ClientID=ids[100], **adding
    )
    assert refusal(refused) == wanted
    await iam(edge, "AddClientIDToOpenIDConnectProvider", ClientID=ids[0], **adding)


async def test_a_hundred_providers_are_enough(edge: Edge):
    for number in range(100):
        await register(edge, Url=f"https://issuer-{number}.example")
    refused = await edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ThumbprintList=[THUMBPRINT],
    )
    assert refusal(refused) == (
        409, "LimitExceeded", "Cannot exceed quota for OpenIDConnectProvidersPerAccount: 100",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "arn", "wanted"),
    [
        ("GetOpenIDConnectProvider", ARN,
         (404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {ARN}")),
        ("DeleteOpenIDConnectProvider", ARN,
         (404, "NoSuchEntity", f"OpenId connect Provider {ARN} cannot be found.")),
        ("GetOpenIDConnectProvider", NOT_AN_ARN,
         (400, "ValidationError", f"Invalid ARN: {NOT_AN_ARN}")),
        ("DeleteOpenIDConnectProvider", NOT_AN_ARN,
         (400, "ValidationError", f"Invalid ARN: {NOT_AN_ARN}")),
        ("GetOpenIDConnectProvider", "arn:aws:s3:::gitlab.example",
         (400, "ValidationError", "Invalid ARN: arn:aws:s3:::gitlab.example")),
        ("GetOpenIDConnectProvider", iam_arn("role/gitlab.example"),
         (400, "ValidationError", "Invalid resource type in ARN")),
        ("GetOpenIDConnectProvider", iam_arn("oidc-provider/"),
         (400, "ValidationError", "Invalid resource type in ARN")),
    ],
)  # fmt: skip
async def test_providers_that_are_not_there(
    edge: Edge, action: str, arn: str, wanted: tuple[int, str, str]
):
    refused = await edge.query("iam", action, OpenIDConnectProviderArn=arn)
    assert refusal(refused) == wanted


async def test_a_provider_is_deleted_and_roles_that_name_it_stay(edge: Edge):
    await register(edge)
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"gitlab.example:sub": "x"}},
    }
    document = policy(statement)
    await iam(edge, "CreateRole", RoleName="ci", AssumeRolePolicyDocument=document)
    await iam(edge, "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=ARN)
    assert names(await iam(edge, "ListOpenIDConnectProviders"), "Arn") == []
    await iam(edge, "GetRole", RoleName="ci")
    gone = await edge.query("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=ARN)
    assert gone.status == 404


async def test_a_trailing_slash_makes_another_provider(edge: Edge):
    await register(edge)
    other = await register(edge, Url="https://gitlab.example/")
    assert other == f"{ARN}/"
    assert names(await iam(edge, "ListOpenIDConnectProviders"), "Arn") == [ARN, f"{ARN}/"]


@pytest.mark.parametrize("url", ["https://GitLab.example", "https://gitlab.example/A"])
async def test_a_url_that_differs_in_case_only_is_taken(edge: Edge, url: str):
    """Condition keys ignore case: a policy could not tell the claims of the two apart."""
    await register(edge, Url=url.lower())
    again = await edge.query(
        "iam", "CreateOpenIDConnectProvider", Url=url, ThumbprintList=[THUMBPRINT]
    )
    taken = f"Provider with url {url} already exists."
    assert refusal(again) == (409, "EntityAlreadyExists", taken)
    assert edge.record(again).reason == (
        f"`{url.lower()}` is registered, and condition keys ignore case"
    )
