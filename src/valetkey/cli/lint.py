"""``valetkey lint``: what is wrong with policies and CI files, and the pages of the rules."""

import sys
from pathlib import Path

import click

from valetkey.cli.options import show

_TYPES = ("trust", "identity", "boundary", "session", "resource", "ci")
_SEVERITIES = ("error", "warning", "note")
_FORMATS = ("text", "json", "sarif", "gitlab")


_HELP = """Find faults in trust and permission policies and in .gitlab-ci.yml.

\b
FILE   a policy in JSON, a .gitlab-ci.yml, a CloudFormation template, Terraform
DIR    every file below it that is one of these [the working directory]
-      standard input

The exit code is 0 without findings, 1 with findings from --fail-on up, 2 for usage.
"""


@click.command(
    help=_HELP,
    short_help="Find faults in policies and CI files before anybody is refused or let in.",
)
@click.argument("paths", metavar="[FILE|DIR|-]…", nargs=-1)
@click.option("--type", "kind", type=click.Choice(_TYPES), help="What the texts are [found out].")
@click.option("--stdin-filename", metavar="NAME", help="What to call the text on standard input.")
@click.option("--select", metavar="CODES", multiple=True, help="Look for these codes only.")
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not look for these codes.")
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="warning",
    show_default=True,
    help="Exit with 1 for findings from this severity up.",
)
@click.option("--fix", is_flag=True, help="Put in the edits that are safe.")
@click.option("--diff", is_flag=True, help="Show the edits that --fix would put in.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="The form of the report.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the report [standard output].",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The project's file [.valetkey-lint.toml, found upward from each file].",
)
@click.option("--provider-url", "providers", metavar="URL", multiple=True, help="A known provider.")
@click.option("--audience", "audiences", metavar="A", multiple=True, help="Its client ids.")
@click.option("--variable", "variables", metavar="NAME", multiple=True, help="A CI variable set.")
@click.option("--explain", "code", metavar="CODE", help="Print the page of a code.")
@click.option("--rules", "list_rules", is_flag=True, help="List every rule.")
def command(
    paths: tuple[str, ...],
    kind: str | None,
    stdin_filename: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    fix: bool,
    diff: bool,
    form: str,
    as_json: bool,
    output: Path | None,
    config: Path | None,
    providers: tuple[str, ...],
    audiences: tuple[str, ...],
    variables: tuple[str, ...],
    code: str | None,
    list_rules: bool,
) -> int:
    """Look at files, or print a page."""
    from valetkey.cli.lint_choice import chosen_codes, known_facts
    from valetkey.cli.lint_pages import page, rules_table
    from valetkey.cli.linting import Options, Run
    from valetkey.diagnostics import Severity

    if code is not None:
        show(page(code))
        return 0
    if list_rules:
        show(rules_table())
        return 0
    if form != "text" and as_json and form != "json":
        raise click.UsageError("--json and --format say different things")
    options = Options(
        kind=kind,
        stdin_name=stdin_filename,
        codes=chosen_codes(select, ignore),
        fix=fix,
        diff=diff,
        form="json" if as_json else form,
        config=config,
        facts=known_facts(providers, audiences, variables),
    )
    if output is not None:
        output.open("ab").close()  # one that can't be written is told before files are changed
    run = Run(options)
    report = run.over(paths or (".",), sys.stdin)
    run.write(report, output)
    return 1 if report.reaches(Severity(fail_on)) else 0
