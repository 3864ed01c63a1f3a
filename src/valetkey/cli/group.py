"""The commands by name, with a line each, so that ``--help`` imports none of them."""

import importlib

import click

COMMANDS = {
    "init": "Create the state, and print the administrator's environment for eval.",
    "serve": "Serve the AWS APIs.",
    "demo": "Show the main job, end to end, on loopback.",
    "job": "Run a job of a .gitlab-ci.yml with its id_tokens.",
    "issuer": "Be a GitLab-shaped issuer: serve, token, export, rotate.",
    "explain": "Say why a request or a token was refused, and what to write instead.",
    "lint": "Find faults in policies and CI files before anybody is refused or let in.",
    "credentials": "Print a role's credentials for credential_process.",
    "upstream": "Add, list, test or remove what the gateway forwards to.",
    "keys": "List or rotate the keys that seal sessions and secrets.",
}


class LazyGroup(click.Group):
    """A group that knows its commands' names, and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a first visit."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"valetkey.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; a near miss is told what was meant."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            ctx.fail(f"there is no command `{name}`.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="valetkey", message="%(prog)s %(version)s")
def valetkey() -> None:
    """Temporary AWS credentials for CI jobs, and the reason when a token is refused.

    A job shows the ID token that its platform gave it and receives an access key, a secret key
    and a session token that expire. Start with `valetkey demo`.
    """
