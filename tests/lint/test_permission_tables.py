"""The names in the tables of the permission rules are names that AWS has."""

from types import ModuleType

import pytest

from valetkey.lint import iam
from valetkey.lint.rules.document import action_unknown, if_exists_alone
from valetkey.lint.rules.permission import (
    _grants,
    _passing,
    any_role_assumable,
    any_secret_readable,
    code_of_others_changeable,
    credentials_of_anyone,
    deny_by_address_hits_services,
    everyone_admitted,
    own_permissions_changeable,
    service_without_source,
)

ACTIONS = sorted(
    {
        *own_permissions_changeable.TABLE,
        *credentials_of_anyone.TABLE,
        *code_of_others_changeable.TABLE,
        *any_role_assumable.TABLE,
        *any_secret_readable.TABLE,
        *(name for way in _passing.WAYS for name in way.actions),
        *action_unknown._OPERATIONS.values(),
    }
)
KEYS = sorted(
    {
        *if_exists_alone._GUARDS,
        *_grants.CIRCUMSTANCES,
        *deny_by_address_hits_services._SPARING,
        *everyone_admitted._FOR_ANYONE,
        *service_without_source._ON_BEHALF,
    }
)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action(name: str):
    found = iam.expand(name)
    assert found is not None
    assert [action.full_name for action in found] == [name]


@pytest.mark.parametrize("rule", [code_of_others_changeable, any_secret_readable])
def test_what_is_asked_of_several_resources_says_which_decides(rule: ModuleType):
    asked = {name: {kind.name for kind in iam.expand(name)[0].resources} for name in rule.TABLE}
    assert rule.DECIDING.keys() == {name for name, kinds in asked.items() if len(kinds) > 1}
    assert all(asked[name] >= set(kinds) for name, kinds in rule.DECIDING.items())


@pytest.mark.parametrize("rule", [own_permissions_changeable, credentials_of_anyone])
def test_what_is_asked_of_one_resource(rule: ModuleType):
    assert all(len(iam.expand(name)[0].resources) == 1 for name in rule.TABLE)


@pytest.mark.parametrize("name", sorted(action_unknown._OPERATIONS))
def test_an_operation_that_is_no_action(name: str):
    assert iam.expand(name) == ()


@pytest.mark.parametrize("name", KEYS)
def test_a_condition_key(name: str):
    assert iam.condition_key(name) is not None


def test_sensitive_services():
    assert iam.service_prefixes() >= _grants.SENSITIVE
