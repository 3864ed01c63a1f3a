"""EC2 through the gateway: one instance, one tag, what may be made, and what a refusal says."""

import pytest
from botocore.exceptions import ClientError

from clients.talking import assert_refused
from support.api_table import covers
from support.moto_running import allow, arn, deny
from support.processes import ACCOUNT, PROJECT

INSTANCES = arn("ec2", "instance/*")
STOP = ["ec2:StartInstances", "ec2:StopInstances"]


@pytest.fixture
def launch(apis):
    """Start an instance straight at moto, and return its id."""

    def launched(region="us-east-1", **tags):
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        specified = [{"ResourceType": "instance", "Tags": pairs}] if pairs else []
        made = apis.direct("ec2", region).run_instances(
            ImageId="ami-1", MinCount=1, MaxCount=1, TagSpecifications=specified
        )
        return made["Instances"][0]["InstanceId"]

    return launched


@pytest.fixture
def state(apis):
    def found(instance, region="us-east-1"):
        said = apis.direct("ec2", region).describe_instances(InstanceIds=[instance])
        return said["Reservations"][0]["Instances"][0]["State"]["Name"]

    return found


def sentence(role, action, resource, why=""):
    """Return what EC2 says where it refuses."""
    why = why or f"because no identity-based policy allows the {action} action"
    return (
        "You are not authorized to perform this operation. User:"
        f" arn:aws:sts::{ACCOUNT}:assumed-role/{role}/job-1 is not authorized to perform: {action}"
        f" on resource: {resource} {why}"
    )


def refused(call, **given):
    """Return what a client is told by a call that must be refused."""
    with pytest.raises(ClientError) as denied:
        call(**given)
    assert denied.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    error = denied.value.response["Error"]
    assert error["Code"] == "UnauthorizedOperation"
    return error["Message"]


@covers("ec2", "TerminateInstances", "DescribeInstances", client="aws")
def test_one_instance_and_no_other(apis, launch, state):
    mine, theirs = launch(), launch()
    own = arn("ec2", f"instance/{mine}")
    role = apis.role(allow("ec2:TerminateInstances", own), allow("ec2:DescribeInstances"))
    words = ("ec2", "terminate-instances", "--instance-ids")
    with apis.moto.untouched():
        done = apis.aws(role, *words, theirs)
    told = sentence(role, "ec2:TerminateInstances", arn("ec2", f"instance/{theirs}"))
    assert_refused(done, "UnauthorizedOperation", "TerminateInstances", told)
    done = apis.aws(role, *words, mine)
    assert done.json["TerminatingInstances"][0]["InstanceId"] == mine
    words = ("ec2", "describe-instances", "--instance-ids", mine, theirs, "--query")
    done = apis.aws(role, *words, "sort(Reservations[].Instances[].InstanceId)")
    assert done.json == sorted([mine, theirs])
    assert (state(mine), state(theirs)) == ("terminated", "running")


def test_one_of_several_is_refused_and_nothing_happens_to_any(apis, launch, state):
    mine, theirs = launch(), launch()
    role = apis.role(allow("ec2:TerminateInstances", arn("ec2", f"instance/{mine}")))
    ec2 = apis.client("ec2", role)
    for several in ([mine, theirs], [theirs, mine]):
        with apis.moto.untouched():
            told = refused(ec2.terminate_instances, InstanceIds=several)
        assert f"instance/{theirs} because" in told
    assert (state(mine), state(theirs)) == ("running", "running")


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "ec2:ResourceTag/team"])
@covers("ec2", "StopInstances", "StartInstances")
def test_instances_of_one_tag(apis, launch, state, key):
    kiln, wick, bare = launch(team="kiln", stage="live"), launch(team="wick"), launch()
    role = apis.role(allow(STOP, INSTANCES, StringEquals={key: "kiln"}))
    ec2 = apis.client("ec2", role)
    ec2.stop_instances(InstanceIds=[kiln])
    assert state(kiln) == "stopped"
    ec2.start_instances(InstanceIds=[kiln])
    for several in ([wick], [bare], [kiln, wick], [bare, kiln]):
        told = refused(ec2.stop_instances, InstanceIds=several)
        other = next(one for one in several if one != kiln)
        resource = arn("ec2", f"instance/{other}")
        assert told == sentence(role, "ec2:StopInstances", resource)
    assert [state(one) for one in (kiln, wick, bare)] == ["running"] * 3


def test_tags_are_looked_up_where_a_policy_asks_for_them_only(apis, launch):
    kiln = launch(team="kiln")
    asking = apis.role(allow(STOP, INSTANCES, StringEquals={"aws:ResourceTag/team": "kiln"}))
    plain = apis.role(allow(STOP, INSTANCES))
    for role, requests in ((asking, 2), (plain, 1)):
        before = apis.moto.count()
        apis.client("ec2", role).stop_instances(InstanceIds=[kiln])
        assert apis.moto.count() - before == requests


def test_a_deny_by_tag_goes_before_any_allow(apis, launch, state):
    spared, doomed = launch(protected="true"), launch(protected="false")
    there = {"aws:ResourceTag/protected": "true"}
    role = apis.role(allow("ec2:*"), deny("ec2:TerminateInstances", StringEquals=there))
    ec2 = apis.client("ec2", role)
    told = refused(ec2.terminate_instances, InstanceIds=[doomed, spared])
    why = "with an explicit deny in an identity-based policy"
    resource = arn("ec2", f"instance/{spared}")
    assert told == sentence(role, "ec2:TerminateInstances", resource, why)
    ec2.terminate_instances(InstanceIds=[doomed])
    assert (state(spared), state(doomed)) == ("running", "terminated")


MAKING = [
    allow("ec2:RunInstances", [arn("ec2", "image/*", account=""), *(
        arn("ec2", f"{kind}/*") for kind in ("network-interface", "security-group", "subnet",
                                             "volume"))]),
    allow(
        "ec2:RunInstances", INSTANCES,
        StringEquals={"aws:RequestTag/project": "${valetkey:claim/project_path}"},
        **{"ForAllValues:StringEquals": {"aws:TagKeys": ["project", "name"]}},
    ),
    allow("ec2:CreateTags", INSTANCES, StringEquals={"ec2:CreateAction": "RunInstances"}),
]  # fmt: skip


def tagged(kind="instance", **tags):
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": pairs}]}


@covers("ec2", "RunInstances", "CreateTags", client="aws")
def test_what_is_made_bears_the_projects_tag(apis):
    role = apis.role(*MAKING)
    words = ("ec2", "run-instances", "--image-id", "ami-1", "--tag-specifications")
    own = f"ResourceType=instance,Tags=[{{Key=project,Value={PROJECT}}},{{Key=name,Value=x}}]"
    made = apis.aws(role, *words, own).json["Instances"][0]
    tags = {pair["Key"]: pair["Value"] for pair in made["Tags"]}
    assert tags == {"project": PROJECT, "name": "x"}
    with apis.moto.untouched():
        done = apis.aws(role, *words, own.replace(PROJECT, "wick/mill"))
    told = sentence(role, "ec2:RunInstances", INSTANCES)
    assert_refused(done, "UnauthorizedOperation", "RunInstances", told)


@pytest.mark.parametrize(
    "given",
    [
        {},
        tagged(project="wick/mill"),
        tagged(name="x"),
        tagged(project=PROJECT, owner="me"),
        tagged("volume", project=PROJECT),
        {**tagged(project=PROJECT), "KeyName": "mine"},
    ],
    ids=["none", "another", "no project", "one more", "of the disk", "with a key pair"],
)
def test_what_is_made_otherwise_is_not_made(apis, making, given):
    ec2 = apis.client("ec2", making)
    with apis.moto.untouched():
        refused(ec2.run_instances, ImageId="ami-1", MinCount=1, MaxCount=1, **given)


@pytest.fixture(scope="module")
def making(apis):
    return apis.role(*MAKING)


def test_tags_on_creation_are_no_leave_to_tag_later(apis, making, launch):
    ec2, mine = apis.client("ec2", making), launch()
    pairs = [{"Key": "project", "Value": PROJECT}]
    with apis.moto.untouched():
        told = refused(ec2.create_tags, Resources=[mine], Tags=pairs)
    assert f"ec2:CreateTags on resource: {arn('ec2', f'instance/{mine}')} because" in told


@covers("ec2", "CreateTags", "DeleteTags")
def test_tags_by_their_keys_on_what_has_a_tag(apis, launch):
    mine, theirs = launch(team="kiln"), launch(team="wick")
    role = apis.role(
        allow(
            ["ec2:CreateTags", "ec2:DeleteTags"],
            INSTANCES,
            StringEquals={"aws:ResourceTag/team": "kiln"},
            **{"ForAllValues:StringLike": {"aws:TagKeys": "note-*"}},
        )
    )
    ec2 = apis.client("ec2", role)
    note, team = {"Key": "note-1", "Value": "x"}, {"Key": "team", "Value": "kiln"}
    ec2.create_tags(Resources=[mine], Tags=[note])
    ec2.delete_tags(Resources=[mine], Tags=[{"Key": "note-1"}])
    refused(ec2.create_tags, Resources=[theirs], Tags=[team])
    refused(ec2.create_tags, Resources=[mine, theirs], Tags=[note])
    refused(ec2.create_tags, Resources=[mine], Tags=[note, team])
    refused(ec2.delete_tags, Resources=[mine], Tags=[{"Key": "team"}])
    said = apis.direct("ec2").describe_tags(
        Filters=[{"Name": "resource-id", "Values": [mine, theirs]}]
    )
    assert {(tag["ResourceId"], tag["Value"]) for tag in said["Tags"]} == {
        (mine, "kiln"),
        (theirs, "wick"),
    }


def test_explain_names_the_instance_and_the_condition(apis, launch):
    wick = launch(team="wick")
    role = apis.role(allow(STOP, INSTANCES, StringEquals={"aws:ResourceTag/team": "kiln"}))
    with pytest.raises(ClientError) as denied:
        apis.client("ec2", role).stop_instances(InstanceIds=[wick])
    request_id = denied.value.response["ResponseMetadata"]["RequestId"]
    done = apis.site.valetkey("explain", "--request", request_id)
    assert done.code == 1
    shown = " ".join(done.output.split())
    assert f"refused: ec2:StopInstances on `{arn('ec2', f'instance/{wick}')}`" in shown
    assert "aws:ResourceTag/team" in shown
    assert "`wick`" in shown
