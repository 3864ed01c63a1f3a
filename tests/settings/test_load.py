"""Reading settings: what is taken, what is refused and where the finger points."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.documents import Section, sections
from valetkey.diagnostics import render
from valetkey.settings import MalformedSettings, Settings, load_settings, settings_table

DOCUMENT = Path(__file__).parent / "refused.md"


def refusal(section: Section) -> MalformedSettings:
    files = section.all("toml")
    variables = [line for block in section.all("environment") for line in block.body.split("\n")]
    with pytest.raises(MalformedSettings) as caught:
        load_settings(
            files[0].body if files else None,
            "valetkey.toml",
            dict(variable.split("=", 1) for variable in variables),
        )
    return caught.value


@pytest.mark.parametrize("section", sections(DOCUMENT), ids=str)
def test_refusals_are_as_documented(section):
    error = refusal(section)
    shown = "\n".join(render(diagnostic) for diagnostic in error.diagnostics())
    assert shown == section.one("shown") + "\n"
    assert error.message == error.diagnostics()[0].message


def test_without_a_file_everything_has_its_default():
    assert load_settings(None, "valetkey.toml", {}) == Settings()
    assert load_settings("# nothing\n", "valetkey.toml", {}) == Settings()


def test_the_defaults_are_the_safe_ones():
    assert Settings().listen == "127.0.0.1:8080"
    assert Settings().allowed_private_origins == ()
    assert not Settings().allow_loopback_issuers
    assert Settings().trusted_proxies == ()


def test_a_file_is_read():
    text = """
    "listen" = "[::1]:8443"  # quoted
    workers = 0x10
    tls_cert = '''/etc/it's # no comment/c.pem'''
    tls_key = "/k\\u0065y"
    trusted_proxies = [
      "10.0.0.0/8", # a comment with ] and "
      "fd00::/8",
    ]
    fetch_timeout_seconds = 3
    allow_loopback_issuers = true
    """
    assert load_settings(text, "x", {}) == Settings(
        listen="[::1]:8443",
        workers=16,
        tls_cert="/etc/it's # no comment/c.pem",
        tls_key="/key",
        trusted_proxies=("10.0.0.0/8", "fd00::/8"),
        fetch_timeout_seconds=3.0,
        allow_loopback_issuers=True,
    )


ENVIRONMENT = [
    ("VALETKEY_LISTEN", "0.0.0.0:80", "listen", "0.0.0.0:80"),
    ("VALETKEY_WORKERS", "4", "workers", 4),
    ("VALETKEY_FETCH_TIMEOUT_SECONDS", "2.5", "fetch_timeout_seconds", 2.5),
    ("VALETKEY_FETCH_TIMEOUT_SECONDS", "2", "fetch_timeout_seconds", 2.0),
    ("VALETKEY_ALLOW_LOOPBACK_ISSUERS", "true", "allow_loopback_issuers", True),
    ("VALETKEY_ALLOW_LOOPBACK_ISSUERS", "false", "allow_loopback_issuers", False),
    ("VALETKEY_TRUSTED_PROXIES", "10.0.0.1, fd00::/8", "trusted_proxies", ("10.0.0.1", "fd00::/8")),
    ("VALETKEY_TRUSTED_PROXIES", "", "trusted_proxies", ()),
    ("VALETKEY_AUDIT", "fail-closed", "audit", "fail-closed"),
    # What Kubernetes sets for a service of that name, and what else is ours but no setting.
    ("VALETKEY_PORT", "tcp://10.0.0.1:80", "workers", 3),
    ("VALETKEY_SERVICE_HOST", "10.0.0.1", "workers", 3),
    ("VALETKEY_HOME", "/srv", "workers", 3),
]


@pytest.mark.parametrize(("variable", "text", "name", "value"), ENVIRONMENT)
def test_the_environment_wins(variable, text, name, value):
    found = load_settings("workers = 3", "x", {variable: text})
    assert getattr(found, name) == value
    assert type(getattr(found, name)) is type(value)


WRONG = [
    ("allow_loopback_issuers", '"true"'),
    ("allow_loopback_issuers", "1"),
    ("workers", "1.0"),
    ("workers", "0"),
    ("workers", "257"),
    ("workers", "[1]"),
    ("listen", '""'),
    ("listen", '":8080"'),
    ("listen", '"127.0.0.1"'),
    ("listen", '"127.0.0.1:65536"'),
    ("listen", '"127.0.0.1:٣"'),
    ("listen", '"-x:80"'),
    ("region", '"US-EAST-1"'),
    ("region", '"us-east-1\\n"'),
    ("trusted_proxies", '"10.0.0.0/8"'),
    ("trusted_proxies", '["*"]'),
    ("trusted_proxies", "[1]"),
    ("allowed_private_origins", '["gitlab.internal"]'),
    ("allowed_private_origins", '["https://"]'),
    ("allowed_private_origins", '["https://*.internal"]'),
    ("allowed_private_origins", '["https://user@gitlab.internal"]'),
    ("allowed_private_origins", '["https://gitlab.internal/path"]'),
    ("allowed_private_origins", '["https://gitlab.internal?x"]'),
    ("allowed_private_origins", '["https://gitlab.internal#"]'),
    ("allowed_private_origins", '["https://gitlab.internal:0"]'),
    ("allowed_private_origins", '["https://gitlab.internal:99999"]'),
    ("allowed_private_origins", '["https://gitlab.internal "]'),
    ("allowed_private_origins", '["ftp://gitlab.internal"]'),
    ("allowed_private_origins", '["https://[::1"]'),
    ("fetch_timeout_seconds", "0"),
    ("fetch_timeout_seconds", "inf"),
    ("fetch_timeout_seconds", '"1"'),
    ("tls_cert", '""'),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_the_place_is_the_value(name, value):
    with pytest.raises(MalformedSettings) as caught:
        load_settings(f"\n  {name} = {value} # why\n", "x", {})
    (diagnostic,) = caught.value.diagnostics()
    assert diagnostic.labels[0].span.text == value
    assert name in diagnostic.message


def test_origins_that_are_right():
    origins = ("https://gitlab.internal", "https://10.0.0.7:8443", "http://[::1]:80", "https://a.b")
    text = f"allowed_private_origins = {list(origins)}"
    assert load_settings(text, "x", {}).allowed_private_origins == origins


def test_deep_nesting_is_refused_and_no_crash():
    with pytest.raises(MalformedSettings):
        load_settings("workers = " + "[" * 100_000, "x", {})


@settings(deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(
                [
                    "workers",
                    "listen",
                    ".",
                    "=",
                    "1",
                    '"',
                    "'",
                    '"""',
                    "'''",
                    "[",
                    "]",
                    "{",
                    "}",
                    "\n",
                    "#",
                    " ",
                    ",",
                    "\\",
                    "a",
                ]
            ),
            max_size=30,
        ).map("".join),
    )
)
def test_any_text_is_read_or_refused_with_places(text):
    try:
        load_settings(text, "x", {})
    except MalformedSettings as error:
        for diagnostic in error.diagnostics():
            render(diagnostic)


VALUES = st.sampled_from(
    [
        "1",
        '"a#b"',
        "'''\n]'''",
        '"""x"" """',
        "[1, [2,\n# ]\n3]]",
        "{a = 1}",
        "1979-05-27T07:32:00Z",
    ]
)
KEYS = st.sampled_from(["a", '"b c"', "'d.e'", "f . g", '"h\\u0041"."i"', "-1"])


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), unique_by=lambda pair: pair[0], max_size=6))
def test_every_unknown_key_is_found_at_its_place(pairs):
    text = "".join(f"{key} = {value} # ' \"\n" for key, value in pairs)
    try:
        load_settings(text, "x", {})
        found = []
    except MalformedSettings as error:
        found = [diagnostic.labels[0].span.text for diagnostic in error.diagnostics()]
    assert found == [key for key, _ in pairs]


def test_every_setting_can_be_given_in_both_ways():
    for setting in settings_table():
        assert setting.variable == "VALETKEY_" + setting.name.upper()
        if setting.default is not None:
            read = load_settings(f"{setting.name} = {setting.written_default}", "x", {})
            assert read == Settings()
