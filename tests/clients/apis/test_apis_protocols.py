"""A service of each other protocol: Lambda, Route 53, SNS, and CloudWatch in each of its own."""

import io
import json
import zipfile
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from support.api_table import covers
from support.moto_running import KEY_ID, allow, arn
from support.processes import ACCOUNT

RUNS_AS = f"arn:aws:iam::{ACCOUNT}:role/kiln-runs"


def refused(call, code="AccessDenied", **given):
    with pytest.raises(ClientError) as denied:
        call(**given)
    assert denied.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    assert denied.value.response["Error"]["Code"] == code
    return denied.value.response["Error"]["Message"]


@pytest.fixture(scope="module")
def function(apis):
    """Return the parameters of a function whose role moto knows."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    apis.direct("iam").create_role(RoleName="kiln-runs", AssumeRolePolicyDocument=trust)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("fire.py", "def handler(event, context): return event")
    return {
        "Runtime": "python3.12",
        "Role": RUNS_AS,
        "Handler": "fire.handler",
        "Code": {"ZipFile": packed.getvalue()},
    }


@covers("lambda", "CreateFunction", "GetFunction", "ListFunctions", "TagResource", "DeleteFunction")
def test_rest_json(apis, function):
    kiln = arn("lambda", "function:kiln-*")
    passing = allow("iam:PassRole", RUNS_AS)
    role = apis.role(allow("lambda:*", kiln), allow("lambda:ListFunctions"), passing)
    client = apis.client("lambda", role)
    made = client.create_function(FunctionName="kiln-fire", **function)["FunctionArn"]
    client.tag_resource(Resource=made, Tags={"team": "kiln"})
    assert client.get_function(FunctionName="kiln-fire")["Tags"] == {"team": "kiln"}
    assert [one["FunctionArn"] for one in client.list_functions()["Functions"]] == [made]
    denied = "AccessDeniedException"
    with apis.moto.untouched():
        told = refused(client.get_function, denied, FunctionName="wick-fire")
        refused(client.create_function, denied, FunctionName="wick-fire", **function)
    assert f"lambda:GetFunction on resource: {arn('lambda', 'function:wick-fire')} because" in told
    client.delete_function(FunctionName="kiln-fire")


@covers("lambda", "CreateFunction")
def test_a_role_is_passed_on_by_who_may_only(apis, function):
    client = apis.client("lambda", apis.role(allow("lambda:*")))
    with apis.moto.untouched():
        told = refused(
            client.create_function, "AccessDeniedException", FunctionName="kiln-2", **function
        )
    assert f"iam:PassRole on resource: {RUNS_AS} because" in told


@covers("lambda", "GetFunction")
def test_functions_of_one_tag(apis, function):
    direct, functions = apis.direct("lambda"), {}
    for team in ("kiln", "wick"):
        made = direct.create_function(FunctionName=f"of-{team}", Tags={"team": team}, **function)
        functions[team] = made["FunctionArn"]
    team = {"aws:ResourceTag/team": "${valetkey:claim/namespace_path}"}
    role = apis.role(
        allow("lambda:GetFunction", StringEquals={"aws:ResourceTag/team": "kiln"}),
        allow("lambda:DeleteFunction", StringEquals=team),
    )
    client = apis.client("lambda", role)
    assert client.get_function(FunctionName="of-kiln")["Tags"] == {"team": "kiln"}
    told = refused(client.get_function, "AccessDeniedException", FunctionName="of-wick")
    assert functions["wick"] in told
    refused(client.delete_function, "AccessDeniedException", FunctionName="of-kiln")


@covers("route53", "CreateHostedZone", "ListHostedZones", "ChangeResourceRecordSets")
@covers("route53", "ListResourceRecordSets", "DeleteHostedZone")
def test_rest_xml(apis):
    direct = apis.direct("route53")
    ids = [
        direct.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"]
        for name in ("kiln.example", "wick.example")
    ]
    kiln, wick = (one.rpartition("/")[2] for one in ids)
    zone = f"arn:aws:route53:::hostedzone/{kiln}"
    role = apis.role(
        allow(["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], zone),
        allow(["route53:CreateHostedZone", "route53:ListHostedZones"]),
    )
    client = apis.client("route53", role)
    record = {
        "Name": "www.kiln.example",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.1"}],
    }
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=kiln, ChangeBatch=batch)
    said = client.list_resource_record_sets(HostedZoneId=kiln)["ResourceRecordSets"]
    assert "www.kiln.example." in [one["Name"] for one in said]
    made = client.create_hosted_zone(Name="made.example", CallerReference="made")["HostedZone"]
    assert made["Id"] in [one["Id"] for one in client.list_hosted_zones()["HostedZones"]]
    with apis.moto.untouched():
        told = refused(client.change_resource_record_sets, HostedZoneId=wick, ChangeBatch=batch)
        refused(client.delete_hosted_zone, Id=kiln)
    assert f"on resource: arn:aws:route53:::hostedzone/{wick} because" in told


@covers("sns", "CreateTopic", "Publish", "Subscribe", "DeleteTopic")
def test_query(apis):
    kiln, wick = arn("sns", "kiln-news"), arn("sns", "wick-news")
    apis.direct("sns").create_topic(Name="wick-news")
    role = apis.role(
        allow(["sns:CreateTopic", "sns:Publish", "sns:DeleteTopic"], kiln),
        allow("sns:Subscribe", kiln, StringEquals={"sns:Protocol": "sqs"}),
    )
    client, denied = apis.client("sns", role), "AuthorizationError"
    assert client.create_topic(Name="kiln-news")["TopicArn"] == kiln
    client.publish(TopicArn=kiln, Message="fire")
    subscribed = {"TopicArn": kiln, "Protocol": "sqs", "Endpoint": arn("sqs", "kiln-1")}
    client.subscribe(**subscribed)
    with apis.moto.untouched():
        told = refused(client.publish, denied, TopicArn=wick, Message="fire")
        refused(client.publish, denied, PhoneNumber="+15550100", Message="fire")
        refused(client.create_topic, denied, Name="wick-more")
        elsewhere = {"Protocol": "https", "Endpoint": "https://example.com/"}
        refused(client.subscribe, denied, **subscribed | elsewhere)
    assert f"sns:Publish on resource: {wick} because" in told
    client.delete_topic(TopicArn=kiln)


NAMESPACE = {"cloudwatch:namespace": "kiln"}
METRICS = [{"MetricName": "heat", "Value": 900.0}]


@pytest.fixture(scope="module")
def measuring(apis):
    return apis.role(
        allow("cloudwatch:PutMetricData", StringEquals=NAMESPACE), allow("cloudwatch:ListMetrics")
    )


@covers("cloudwatch", "PutMetricData", "ListMetrics", protocol="json")
def test_json(apis, measuring):
    client = apis.client("cloudwatch", measuring)
    client.put_metric_data(Namespace="kiln", MetricData=METRICS)
    said = client.list_metrics(Namespace="kiln")["Metrics"]
    assert [one["MetricName"] for one in said] == ["heat"]
    with apis.moto.untouched():
        told = refused(client.put_metric_data, Namespace="wick", MetricData=METRICS)
    assert "cloudwatch:PutMetricData on resource: * because no identity-based policy" in told


def test_a_refusal_in_cbor(apis, monkeypatch):
    """boto3 speaks it where a service offers nothing before it; moto does not understand it."""
    order = ("smithy-rpc-v2-cbor",)
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", order)
    client = apis.client("cloudwatch", apis.role(allow("sqs:*")))
    assert client.meta.service_model.resolved_protocol == "smithy-rpc-v2-cbor"
    with apis.moto.untouched():
        told = refused(client.put_metric_data, Namespace="kiln", MetricData=METRICS)
    assert "cloudwatch:PutMetricData on resource: * because no identity-based policy" in told


JSON = {"content_type": "application/x-amz-json-1.0"}
TARGET = "GraniteServiceVersion20100801"
FORM = {"content_type": "application/x-www-form-urlencoded"}


def _json(namespace):
    headers = {**JSON, "x_amz_target": f"{TARGET}.ListMetrics"}
    return {"body": json.dumps({"Namespace": namespace}).encode(), **headers}


def _form(namespace):
    given = {"Action": "ListMetrics", "Version": "2010-08-01", "Namespace": namespace}
    return {"body": urlencode(given).encode(), **FORM}


@pytest.mark.parametrize("made", [_json, _form], ids=["json", "query"])
@covers("cloudwatch", "ListMetrics", protocol="json", client="signed by hand")
@covers("cloudwatch", "ListMetrics", protocol="query", client="signed by hand")
def test_one_service_in_two_protocols(apis, measuring, made):
    direct = apis.direct("cloudwatch")
    direct.put_metric_data(Namespace="three", MetricData=METRICS)
    said = apis.raw(measuring, "monitoring", **made("three"))
    assert (said.status, b"heat" in said.body) == (200, True), said
    stranger = apis.role(allow("sqs:*"))
    with apis.moto.untouched():
        said = apis.raw(stranger, "monitoring", **made("three"))
    assert said.status in (400, 403)
    assert b"cloudwatch:ListMetrics on resource: * because no identity-based policy" in said.body


def test_what_reaches_moto_is_signed_as_the_upstream(apis, measuring):
    apis.client("cloudwatch", measuring).list_metrics(Namespace="kiln")
    headers = {name.lower(): value for name, value in apis.moto.recorded()[-1]["headers"].items()}
    assert f"Credential={KEY_ID}/" in headers["authorization"]
    assert "/us-east-1/monitoring/aws4_request" in headers["authorization"]
    assert "x-amz-security-token" not in headers
    whole = json.dumps(apis.moto.recorded())
    granted = apis.credentials(measuring)
    assert granted["AWS_SESSION_TOKEN"] not in whole
    assert granted["AWS_ACCESS_KEY_ID"] not in whole
