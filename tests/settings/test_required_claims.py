"""The setting that is a table: claims that trust policies must test, by issuer."""

import pytest

from valetkey.settings import load_settings

WANTED = {"gitlab.example": ("project_id", "ref_protected"), "ci.example:8443/org": ("sub",)}


@pytest.mark.parametrize(
    "text",
    [
        """
        [required_trust_claims]
        "gitlab.example" = ["project_id", "ref_protected"]
        "ci.example:8443/org" = ["sub"]
        """,
        """
        required_trust_claims = {"gitlab.example" = ["project_id", "ref_protected"],\
 "ci.example:8443/org" = ["sub"]}
        """,
        """
        required_trust_claims."gitlab.example" = ["project_id", "ref_protected"]
        required_trust_claims."ci.example:8443/org" = ["sub"]
        """,
    ],
    ids=["table", "inline", "dotted"],
)
def test_all_forms_of_a_table(text: str) -> None:
    assert load_settings(text, "valetkey.toml", {}).required_trust_claims == WANTED


def test_the_environment_wins() -> None:
    text = '[required_trust_claims]\n"a.example" = ["sub"]\n'
    given = {"VALETKEY_REQUIRED_TRUST_CLAIMS": '{"b.example" = ["aud"]}'}
    assert load_settings(text, "f", given).required_trust_claims == {"b.example": ("aud",)}


def test_other_settings_stand_before_a_table() -> None:
    text = 'workers = 3\n[required_trust_claims]\n"a.example" = ["sts:RoleSessionName"]\n'
    settings = load_settings(text, "f", {})
    assert (settings.workers, dict(settings.required_trust_claims)) == (
        3,
        {"a.example": ("sts:RoleSessionName",)},
    )
