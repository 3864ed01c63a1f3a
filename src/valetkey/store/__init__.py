"""What valetkey knows and what it decided, each in a database file of its own.

Owns the tables and their migrations, durable writes (:class:`Store`), the immutable snapshot
that requests read (:class:`Directory`, policies compiled), and the log of decisions
(:class:`DecisionLog`). Serves everything that authenticates, authorises or administers. Does not
know who asks, what an operation is, or how a secret is sealed: what it keeps of secrets came
sealed.
"""

from valetkey.store.batch_writer import Pace
from valetkey.store.compiled import PrincipalPolicies, Problem, RolePolicies
from valetkey.store.decision_log import DecisionLog
from valetkey.store.directory import Directory
from valetkey.store.errors import (
    StoreBusy,
    StoreError,
    UnfitRecord,
    UnknownSchema,
    UnreadableRecord,
)
from valetkey.store.records import (
    AWS_ACCOUNT,
    AccessKey,
    AccountRecord,
    BucketRecord,
    PolicyRecord,
    PolicyVersion,
    ProviderRecord,
    Record,
    RoleRecord,
    SecretRecord,
    SecretVersion,
    UpstreamKeys,
    UpstreamRecord,
    UpstreamRole,
    UserRecord,
)
from valetkey.store.request_record import Outcome, RequestRecord
from valetkey.store.store import Store
from valetkey.store.transaction import Transaction
from valetkey.store.upstreams import BucketPlace, Upstreams

__all__ = [
    "AWS_ACCOUNT",
    "AccessKey",
    "AccountRecord",
    "BucketPlace",
    "BucketRecord",
    "DecisionLog",
    "Directory",
    "Outcome",
    "Pace",
    "PolicyRecord",
    "PolicyVersion",
    "PrincipalPolicies",
    "Problem",
    "ProviderRecord",
    "Record",
    "RequestRecord",
    "RolePolicies",
    "RoleRecord",
    "SecretRecord",
    "SecretVersion",
    "Store",
    "StoreBusy",
    "StoreError",
    "Transaction",
    "UnfitRecord",
    "UnknownSchema",
    "UnreadableRecord",
    "UpstreamKeys",
    "UpstreamRecord",
    "UpstreamRole",
    "Upstreams",
    "UserRecord",
]
