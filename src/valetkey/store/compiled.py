"""Policies as requests need them: compiled once a text, and denying where they can't be."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from valetkey.diagnostics import Diagnostic, Source
from valetkey.errors import ValetkeyError
from valetkey.policy import CompiledPolicy, compile_policy
from valetkey.policy.decision import PolicyType

_KEPT = 16_384
_KEPT_SESSION_POLICIES = 1_024

_DENY_ALL = {
    PolicyType.IDENTITY: '{"Effect": "Deny", "Action": "*", "Resource": "*"}',
    PolicyType.BOUNDARY: '{"Effect": "Deny", "Action": "*", "Resource": "*"}',
    PolicyType.SESSION: '{"Effect": "Deny", "Action": "*", "Resource": "*"}',
    PolicyType.RESOURCE: '{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}',
    PolicyType.TRUST: '{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:*"}',
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something kept that can't be used as it stands, and is therefore not granted."""

    kind: str
    account: str
    key: str
    message: str
    help: str | None = None
    error: ValetkeyError | None = None

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the findings behind it, or the problem itself as one finding."""
        own = Diagnostic("store-problem", self.message, help=(self.help,) if self.help else ())
        return (own,) if self.error is None else (own, *self.error.diagnostics())


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalPolicies:
    """What a role or user may do: the policies that are its own.

    A policy that is kept but can't be compiled stands here as one that denies everything, and so
    does a boundary that is not there: what can't be evaluated denies.
    """

    identity: tuple[CompiledPolicy, ...]
    boundary: CompiledPolicy | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePolicies(PrincipalPolicies):
    """What a role may do, and who may become it."""

    trust: CompiledPolicy


class Compiled(NamedTuple):
    """A policy, and what was wrong with its text where it is not what was written."""

    policy: CompiledPolicy
    error: ValetkeyError | None = None


class Compiler:
    """Compiles each text once. Thread-safe; bounded: the least lately used are dropped."""

    def __init__(self) -> None:
        self.compiled = lru_cache(_KEPT)(_compiled)
        self.session = lru_cache(_KEPT_SESSION_POLICIES)(_session_policy)


def _session_policy(text: str) -> CompiledPolicy:
    name = "session policy"
    return compile_policy(Source(name, text), PolicyType.SESSION, name=name)


def deny_all(type: PolicyType, name: str) -> CompiledPolicy:
    """Return a policy that denies everything, to stand in for one that can't be had."""
    text = f'{{"Version": "2012-10-17", "Statement": {_DENY_ALL[type]}}}'
    return compile_policy(Source(name, text), type, name=name)


def _compiled(type: PolicyType, name: str, text: str) -> Compiled:
    try:
        return Compiled(compile_policy(Source(name, text), type, name=name))
    except ValetkeyError as error:
        return Compiled(deny_all(type, name), error)
