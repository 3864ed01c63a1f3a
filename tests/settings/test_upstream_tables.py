"""The tables of upstreams: all forms, what is right and wrong, and no secret in any finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.diagnostics import render
from valetkey.gateway.route import OWN, S3
from valetkey.settings import (
    OWN_SERVICES,
    MalformedSettings,
    UpstreamSettings,
    is_in_clear,
    load_settings,
    upstream_table,
)
from valetkey.settings import upstream_check as rules

WANTED = {
    "store": UpstreamSettings(
        endpoint="http://127.0.0.1:8333",
        access_key_id="AKIDEXAMPLE",
        secret_access_key_file="/run/secrets/store",
    ),
    "aws.eu": UpstreamSettings(
        endpoint="https://s3.eu-central-1.amazonaws.com",
        region="eu-central-1",
        buckets=("acme-*", "logs"),
        accounts=("123456789012",),
        path_style=False,
        payload="chunked",
        trailers=True,
        role_arn="arn:aws:iam::123456789012:role/gateway",
        sts_endpoint="https://sts.eu-central-1.amazonaws.com",
        web_identity_token_file="/run/token",
        session_name="valetkey@ci",
    ),
}
FIELDS_OF_AWS = """\
endpoint = "https://s3.eu-central-1.amazonaws.com"
region = "eu-central-1"
buckets = ["acme-*", # a comment with }
  "logs"]
accounts = ["123456789012"]
path_style = false
payload = "chunked"
trailers = true
role_arn = "arn:aws:iam::123456789012:role/gateway"
sts_endpoint = "https://sts.eu-central-1.amazonaws.com"
web_identity_token_file = "/run/token"
session_name = "valetkey@ci"
"""
FIELDS_OF_STORE = """\
endpoint = "http://127.0.0.1:8333"
access_key_id = "AKIDEXAMPLE"
secret_access_key_file = "/run/secrets/store"
"""


def lines(fields, prefix=""):
    whole = fields.replace('["acme-*", # a comment with }\n  "logs"]', '["acme-*", "logs"]')
    return [f"{prefix}{line}" for line in whole.splitlines()]


BRACES = {
    "store": "{" + ", ".join(lines(FIELDS_OF_STORE)) + "}",
    "aws.eu": "{" + ", ".join(lines(FIELDS_OF_AWS)) + "}",
}
WHOLE = f'{{store = {BRACES["store"]}, "aws.eu" = {BRACES["aws.eu"]}}}'
FORMS = {
    "tables": f'[upstreams.store]\n{FIELDS_OF_STORE}[upstreams."aws.eu"]\n{FIELDS_OF_AWS}',
    "one table": f'[upstreams]\nstore = {BRACES["store"]}\n"aws.eu" = {BRACES["aws.eu"]}\n',
    "braces": f"upstreams = {WHOLE}\n",
    "dotted": "\n".join(
        [
            *lines(FIELDS_OF_STORE, "upstreams.store."),
            *lines(FIELDS_OF_AWS, "upstreams.'aws.eu' . "),
        ]
    ),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_all_forms_of_the_tables(text):
    assert load_settings(text, "f", {}).upstreams == WANTED


def test_the_environment_wins():
    environ = {"VALETKEY_UPSTREAMS": f" {WHOLE} "}
    text = '[upstreams.other]\nendpoint = "https://s3.example"\n'
    assert load_settings(text, "f", environ).upstreams == WANTED
    assert load_settings(text, "f", {"VALETKEY_UPSTREAMS": "{}"}).upstreams == {}
    assert list(load_settings(text, "f", {}).upstreams) == ["other"]


def test_without_any_there_are_none():
    assert load_settings("[upstreams]\n", "f", {}).upstreams == {}
    assert load_settings("upstreams = {}\n", "f", {}).upstreams == {}


RIGHT = [
    ("endpoint", '"http://localhost:8333"'),
    ("endpoint", '"http://seaweedfs:8333"'),
    ("endpoint", '"http://10.0.0.7:3900"'),
    ("endpoint", '"http://[fd00::1]:3900"'),
    ("endpoint", '"https://[2606:4700::1]"'),
    ("endpoint", '"https://my_store.internal"'),
    ("service", '"dynamodb"'),
    ("region", '"garage"'),
    ("region", '"auto"'),
    ("region", '"*"'),
    ("buckets", "[]"),
    ("buckets", '["Old_Bucket.1", "a?"]'),
    ("account", '"000000000000"'),
    ("payload", '"hashed"'),
    ("ca_file", '"/etc/ssl/private-ca.pem"'),
]
WRONG = [
    ("endpoint", '""'),
    ("endpoint", '"s3.example"'),
    ("endpoint", '"https://s3.example/"'),
    ("endpoint", '"https://s3.example?x"'),
    ("endpoint", '"https://user:pass@s3.example"'),
    ("endpoint", '"ftp://s3.example"'),
    ("endpoint", '"https://s3.example:0"'),
    ("endpoint", '"https://s3.example:99999"'),
    ("endpoint", '"https://2130706433"'),
    ("endpoint", '"https://0x7f.1"'),
    ("endpoint", '"https://127.1"'),
    ("endpoint", '"https://-s3.example"'),
    ("endpoint", '"https://s3 .example"'),
    ("endpoint", '"http://1.1.1.1"'),
    ("endpoint", '"http://169.254.169.254"'),
    ("endpoint", '"https://0.0.0.0"'),
    ("endpoint", '"https://[ff02::1]"'),
    ("endpoint", '"http://[2606:4700::1]"'),
    ("endpoint", "1"),
    ("service", '"sts"'),
    ("service", '"secretsmanager"'),
    ("service", '"S3"'),
    ("service", '"s3/"'),
    ("service", '""'),
    ("region", '"EU"'),
    ("region", '"eu/central"'),
    ("buckets", '"*"'),
    ("buckets", '[""]'),
    ("buckets", '["a/b"]'),
    ("buckets", "[1]"),
    ("account", '"12345678901"'),
    ("account", "123456789012"),
    ("account", '"\uff11\uff12\uff13456789012"'),
    ("accounts", '["*"]'),
    ("path_style", '"true"'),
    ("payload", '"signed"'),
    ("trailers", "1"),
    ("features", '"some"'),
    ("ca_file", '"ca.pem"'),
    ("ca_file", '""'),
    ("access_key_id", '""'),
    ("access_key_id", '"AKID/20260101"'),
    ("access_key_id", '"AK,ID"'),
    ("access_key_id", '"AK ID"'),
    ("access_key_id", '"Sch\u00fcssel"'),
    ("web_identity_token_file", '"token"'),
    ("role_arn", '"gateway"'),
    ("role_arn", '"arn:aws:iam::123456789012:user/x"'),
    ("role_arn", '"arn:aws:sts::123456789012:role/gateway"'),
    ("role_arn", '"arn:aws:iam::123456789012:role/a b"'),
    ("sts_endpoint", '"https://sts.example/sts"'),
    ("session_name", '"x"'),
    ("session_name", '"a b"'),
    ("external_id", '"x"'),
]


def with_field(field, value):
    endpoint = "" if field == "endpoint" else 'endpoint = "https://s3.example"\n'
    service = 'service = "ec2"\n' if field == "endpoint" else ""
    return f"[upstreams.x]\n{endpoint}{service}  {field} = {value} # why\n"


@pytest.mark.parametrize(("field", "value"), RIGHT)
def test_what_is_right(field, value):
    read = load_settings(with_field(field, value), "f", {}).upstreams["x"]
    assert getattr(read, field) is not None


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_the_place_is_the_value(field, value):
    with pytest.raises(MalformedSettings) as caught:
        load_settings(with_field(field, value), "f", {})
    (finding,) = caught.value.diagnostics()
    assert finding.labels[0].span.text == value
    assert f"`upstreams.x.{field}`" in finding.message


def test_every_setting_has_a_wrong_value_or_is_about_secrets():
    tried = {field for field, _ in WRONG}
    assert {row.name for row in upstream_table()} - tried == {
        "secret_access_key_file",
        "secret_access_key_env",
    }


def test_a_table_within_an_upstream_is_pointed_at():
    with pytest.raises(MalformedSettings) as caught:
        load_settings('[upstreams.x.endpoint]\nurl = "https://s3.example"\n', "f", {})
    (finding,) = caught.value.diagnostics()
    assert finding.labels[0].span.position.line == 1
    assert "`upstreams.x.endpoint` wants a string" in finding.message


def test_the_own_services_are_those_of_the_gateway():
    assert (OWN_SERVICES, rules.S3) == (OWN, S3)


@pytest.mark.parametrize(
    ("endpoint", "clear"),
    [
        ("https://s3.example", False),
        ("http://localhost:1", False),
        ("http://a.localhost", False),
        ("http://127.0.0.2:1", False),
        ("http://[::1]:1", False),
        ("http://10.0.0.1", True),
        ("http://seaweedfs:8333", True),
        ("http://localhost.example", True),
    ],
)
def test_what_can_be_read_on_its_way(endpoint, clear):
    assert is_in_clear(endpoint) is clear


SECRET = "Zk3qWc7vN1pX"
KEYS = st.sampled_from(
    [
        "secret_access_key",
        "secret-key",
        '"secret"',
        "aws_secret_access_key",
        "password",
        "secret_access_key_env",
        "secret_access_key_file",
        "SecretAccessKey",
    ]
)
WRITTEN = st.sampled_from(
    [f'"{SECRET}"', f"'{SECRET}'", f'"""\n{SECRET}"""', SECRET, f"'{SECRET}", f'["{SECRET}"]']
)
AROUND = st.sampled_from(
    [
        "[upstreams.x]\nendpoint = 1\n{}\nbuckets = 2\n",
        "upstreams.x = {{trailers = 3, {}, buckets = 2}}\n",
        "[upstream.x]\n{}\nworkers = 0\n",
        "workers = 0\n{}\nregion = 1\n",
        "[upstreams]\nx.{}\nx.payload = 1\n",
        "upstreams = {{x = {{{}\nworkers = 0\n",
    ]
)


@given(KEYS, WRITTEN, AROUND)
def test_a_secret_is_in_no_finding(key, written, around):
    text = around.format(f"{key} = {written}")
    for given_text, environ in ((text, {}), (None, {"VALETKEY_UPSTREAMS": text})):
        with pytest.raises(MalformedSettings) as caught:
            load_settings(given_text, "f", environ)
        shown = "".join(map(render, caught.value.diagnostics())) + caught.value.message
        assert SECRET not in shown


@given(st.text("ab{}[]=,.\"'\n #", max_size=40))
def test_any_value_is_read_or_refused_with_places(value):
    for text, environ in ((f"upstreams = {value}", {}), (None, {"VALETKEY_UPSTREAMS": value})):
        try:
            load_settings(text, "f", environ)
        except MalformedSettings as error:
            for finding in error.diagnostics():
                render(finding)
