"""The roles that a job names."""

from collections.abc import Iterator

from valetkey.lint.rules.ci._scripts import Shell
from valetkey.lint.rules.ci._values import Names, Piece, assignments

_VARIABLE = "AWS_ROLE_ARN"


def roles(names: Names, shell: Shell) -> Iterator[tuple[Piece, ...]]:
    """Yield the ARNs of roles that a shell hands to ``aws``, or sets for it."""
    for call in shell.aws:
        value = call.value("--role-arn") if call.service == "sts" else None
        if value is not None:
            yield names.pieces(value)
    for assignment in assignments(shell).get(_VARIABLE, ()):
        if assignment is not None:
            yield names.pieces(assignment.value)
    variable = shell.job.variables.get(_VARIABLE)
    if variable is not None and variable.span is not None:
        yield names.written(variable)
