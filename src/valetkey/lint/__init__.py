"""Faults that can be read off a policy or a CI file before anybody is refused or let in.

Owns the rules (one a module under :mod:`valetkey.lint.rules`, each documented by its own
docstring), what they are told of the world (:class:`Facts`), how texts are recognised, and how
findings are silenced, fixed and reported (:mod:`text`, :mod:`embedded`, :mod:`silence`,
:mod:`config`, :mod:`fix`, :mod:`reports`). Serves whoever writes trust policies, permission
policies and ``.gitlab-ci.yml``. Decides nothing: that a rule is silent grants nothing.
"""

from valetkey.lint.model import (
    CiRule,
    CiSubject,
    Edit,
    Facts,
    Finding,
    PolicyRule,
    PolicySubject,
    Provider,
    Rule,
)
from valetkey.lint.page import Page, page_of
from valetkey.lint.registry import all_rules
from valetkey.lint.run import lint_ci, lint_policy

__all__ = [
    "CiRule",
    "CiSubject",
    "Edit",
    "Facts",
    "Finding",
    "Page",
    "PolicyRule",
    "PolicySubject",
    "Provider",
    "Rule",
    "all_rules",
    "lint_ci",
    "lint_policy",
    "page_of",
]
