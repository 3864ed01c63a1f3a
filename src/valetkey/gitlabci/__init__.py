"""The ``.gitlab-ci.yml`` file, with positions.

Owns GitLab's CI language as far as one job needs it: YAML with anchors and ``!reference``,
``include:local``, ``default`` and ``inherit``, ``extends``, variables and their expansion,
``id_tokens``, ``rules`` and their expressions, environments, durations. Every value keeps the
place that it was written at. Serves ``lint`` (which looks at scripts and tokens) and ``runner``
(which runs a job). Knows nothing of shells, processes, tokens or files: included files are
handed in as texts.

What GitLab would not accept raises :class:`MalformedCiFile` in GitLab's own words; what only
GitLab can do is refused by name with :class:`UnsupportedCiFile`; what makes no difference
outside GitLab is accepted with a note.
"""

from valetkey.gitlabci.duration import parse_duration
from valetkey.gitlabci.environment import guess_tier
from valetkey.gitlabci.errors import MalformedCiFile, UnknownJob, UnsupportedCiFile
from valetkey.gitlabci.expand import Variable, expand, expand_all, references
from valetkey.gitlabci.file import CiFile, parse
from valetkey.gitlabci.includes import Includes
from valetkey.gitlabci.layout import Layout, layout
from valetkey.gitlabci.model import AllowFailure, Command, Environment, IdToken, Job
from valetkey.gitlabci.nodes import Entry, Mapping, Node, Scalar, Sequence
from valetkey.gitlabci.predefined import PREDEFINED, REMOVED
from valetkey.gitlabci.rules import FileExists, Rule, glob_matches
from valetkey.gitlabci.select import Selection, select

__all__ = [
    "PREDEFINED",
    "REMOVED",
    "AllowFailure",
    "CiFile",
    "Command",
    "Entry",
    "Environment",
    "FileExists",
    "IdToken",
    "Includes",
    "Job",
    "Layout",
    "MalformedCiFile",
    "Mapping",
    "Node",
    "Rule",
    "Scalar",
    "Selection",
    "Sequence",
    "UnknownJob",
    "UnsupportedCiFile",
    "Variable",
    "expand",
    "expand_all",
    "glob_matches",
    "guess_tier",
    "layout",
    "parse",
    "parse_duration",
    "references",
    "select",
]
