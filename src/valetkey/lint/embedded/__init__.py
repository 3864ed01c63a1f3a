"""Policies that stand inside other texts: CloudFormation, Terraform, and JSON or YAML around them.

Owns the common tree that such texts are read into (:mod:`tree`), one reader a syntax, the finder
of documents in a tree, and the way there and back: a document is transcribed to the JSON that IAM
would get, the rules run over that, and their findings are set down at the characters of the file.

What a text leaves open (``${var.x}``, ``!Ref``) is *unknown*. A document with unknown parts is
transcribed several times with different values in their places, and only what is found each time
is said. Knows the policy language's shape, and no rule.
"""

from valetkey.lint.embedded.check import Checked, lint_document, located
from valetkey.lint.embedded.find import Document, Shared, documents, policy_type
from valetkey.lint.embedded.hcl import hcl_comments, read_hcl
from valetkey.lint.embedded.jsontree import read_json
from valetkey.lint.embedded.tree import Unreadable
from valetkey.lint.embedded.yamltree import read_yaml, yaml_scalars

__all__ = [
    "Checked",
    "Document",
    "Shared",
    "Unreadable",
    "documents",
    "hcl_comments",
    "lint_document",
    "located",
    "policy_type",
    "read_hcl",
    "read_json",
    "read_yaml",
    "yaml_scalars",
]
