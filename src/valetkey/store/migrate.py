"""Bring a database to the schema that this valetkey works with; refuse one from the future."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from valetkey.store.errors import UnknownSchema
from valetkey.store.schema import Schema


def is_current(connection: Connection, schema: Schema, path: Path) -> bool:
    """Tell whether the database stands at the schema's head.

    Raises `UnknownSchema` where it holds tables of something else.
    """
    return _revision(connection, path) == schema.head


def migrate(connection: Connection, schema: Schema, path: Path) -> None:
    """Migrate to the schema's head, inside the transaction that ``connection`` is in.

    The caller holds the write lock, so that of several processes one migrates and the others
    find it done. Raises `UnknownSchema`.
    """
    if is_current(connection, schema, path):
        return
    # Alembic costs 100 ms to import, which every command would pay; a current schema needs none.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    # These options go through configparser, to which a percent sign is special.
    config.set_main_option("script_location", str(schema.script).replace("%", "%%"))
    config.set_main_option("version_locations", str(schema.versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    found = _revision(connection, path)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise UnknownSchema(
            f"`{path}` has the schema `{found}`, which this valetkey does not know",
            help=f"use the valetkey that wrote it, or a later one; this one knows `{schema.head}`",
        )
    command.upgrade(config, "head")


def _revision(connection: Connection, path: Path) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        raise UnknownSchema(
            f"`{path}` is a database of something else: it has no schema version",
            help="name another file, or move this one away",
        )
    return None
