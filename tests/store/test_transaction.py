"""A transaction against a dict that does the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store.making import ACCOUNT, OTHER, account, policy, provider, role, secret, user
from valetkey.store import (
    AccountRecord,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    SecretRecord,
    Store,
    StoreError,
    UnfitRecord,
    UnreadableRecord,
    UserRecord,
)

ACCOUNTS = st.sampled_from([ACCOUNT, OTHER])
NAMES = st.sampled_from(["a", "A", "b", "deploy", "Deploy"])
TYPES = st.sampled_from(
    [AccountRecord, ProviderRecord, RoleRecord, UserRecord, PolicyRecord, SecretRecord]
)
RECORDS = st.one_of(
    st.builds(account, ACCOUNTS),
    st.builds(lambda name, of: provider(f"https://{name}", of), NAMES, ACCOUNTS),
    st.builds(
        lambda name, of, text: role(name, account=of, description=text),
        NAMES,
        ACCOUNTS,
        st.text(max_size=3),
    ),
    st.builds(lambda name, of: user(name, account=of), NAMES, ACCOUNTS),
    st.builds(lambda name, of: policy(name, account=of), NAMES, ACCOUNTS),
    st.builds(lambda name, of: secret(name, account=of), NAMES, ACCOUNTS),
)


class UndoneError(Exception):
    """Ends a transaction in failure."""


class StoreMachine(RuleBasedStateMachine):
    """Steps that are done in a store and in a dict; both must say the same all along."""

    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "valetkey.db"
        self.store = Store.open(self.path)
        self.model = {}

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    @rule(
        steps=st.lists(st.tuples(st.sampled_from(["put", "delete", "discard"]), RECORDS)),
        undone=st.booleans(),
    )
    def change(self, steps, undone):
        model = dict(self.model)

        def change(tx):
            for step, record in steps:
                name = (type(record), record.account, record.key)
                if step == "put":
                    tx.put(record)
                    model[name] = record
                elif step == "delete":
                    assert tx.delete(record) == (model.pop(name, None) is not None)
                else:
                    assert tx.discard(*name) == (model.pop(name, None) is not None)
                assert tx.get(*name) == model.get(name)
                assert tx.scan(type(record), record.account) == listed(
                    model, type(record), record.account
                )
            if undone:
                raise UndoneError

        if undone:
            with pytest.raises(UndoneError):
                self.store.write(change)
        else:
            self.store.write(change)
            self.model = model

    @rule(record_type=TYPES)
    def scan_everyone(self, record_type):
        found = self.store.write(lambda tx: tx.scan(record_type))
        assert found == listed(self.model, record_type)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = Store.open(self.path)

    @invariant()
    def directory_says_the_same(self):
        directory = self.store.directory()
        assert directory.accounts() == listed(self.model, AccountRecord)
        for of in (ACCOUNT, OTHER):
            assert directory.providers(of) == listed(self.model, ProviderRecord, of)
            assert directory.roles(of) == listed(self.model, RoleRecord, of)
            assert directory.users(of) == listed(self.model, UserRecord, of)
            assert directory.policies(of) == listed(self.model, PolicyRecord, of)
            assert directory.secrets(of, "eu-central-1") == listed(self.model, SecretRecord, of)
        for record in self.model.values():
            if isinstance(record, RoleRecord):
                assert directory.role(record.account, record.name) == record


def listed(model, record_type, of=None):
    found = [
        record
        for record in model.values()
        if type(record) is record_type and of in {None, record.account}
    ]
    return tuple(sorted(found, key=lambda record: (record.account, record.key)))


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("name", ["deploy", "Deploy", "DEPLOY"])
def test_names_without_case_are_one_key(store, name):
    store.write(lambda tx: tx.put(role("Deploy")))
    found = store.write(lambda tx: tx.get(RoleRecord, ACCOUNT, name))
    assert found is not None
    assert found.name == "Deploy"


def test_names_with_case_are_several_keys(store):
    store.write(lambda tx: [tx.put(secret("db")), tx.put(secret("DB"))])
    assert [found.name for found in store.directory().secrets(ACCOUNT, "eu-central-1")] == [
        "DB",
        "db",
    ]


def test_an_unfit_record_undoes_the_whole_change(store):
    with pytest.raises(UnfitRecord):
        store.write(lambda tx: [tx.put(role()), tx.put(role("other", created=float("nan")))])
    assert store.directory().roles(ACCOUNT) == ()


def test_a_transaction_that_has_ended_is_of_no_use(store):
    kept = []
    store.write(kept.append)
    for use in (
        lambda tx: tx.get(RoleRecord, ACCOUNT, "a"),
        lambda tx: tx.scan(RoleRecord),
        lambda tx: tx.put(role()),
        lambda tx: tx.delete(role()),
    ):
        with pytest.raises(StoreError, match="this transaction has ended"):
            use(kept[0])


def test_a_damaged_record_is_neither_there_nor_absent(store, damage):
    store.write(lambda tx: tx.put(role()))
    damage("UPDATE records SET body = x'00'")
    with pytest.raises(UnreadableRecord):
        store.write(lambda tx: tx.get(RoleRecord, ACCOUNT, "deploy"))
    with pytest.raises(UnreadableRecord):
        store.write(lambda tx: tx.scan(RoleRecord, ACCOUNT))
    assert store.write(lambda tx: tx.discard(RoleRecord, ACCOUNT, "Deploy"))
    assert store.write(lambda tx: tx.scan(RoleRecord, ACCOUNT)) == ()


def test_a_deleted_record_leaves_nothing_of_itself(store, damage):
    store.write(lambda tx: tx.put(secret()))
    store.write(lambda tx: tx.delete(secret()))
    assert damage("SELECT deleted, body FROM records") == [(1, b"")]


def test_the_revision_counts_changes_not_calls(store):
    assert store.directory().revision == 0
    store.write(lambda tx: tx.scan(RoleRecord))
    assert store.directory().revision == 0
    store.write(lambda tx: [tx.put(role("a")), tx.put(role("b"))])
    assert store.directory().revision == 1
    store.write(lambda tx: tx.delete(role("absent")))
    assert store.directory().revision == 1
    store.write(lambda tx: tx.delete(role("a")))
    assert store.directory().revision == 2
