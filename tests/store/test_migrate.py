"""Schemas: made by migrations alone, brought forward, never backward."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from store.making import account
from valetkey.store import DecisionLog, Store, StoreError, UnknownSchema
from valetkey.store.database import Database
from valetkey.store.schema import (
    DECISIONS_SCHEMA,
    RECORDS_SCHEMA,
    Schema,
    decisions_metadata,
    records_metadata,
)

SCHEMAS = [(RECORDS_SCHEMA, records_metadata), (DECISIONS_SCHEMA, decisions_metadata)]

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "records_0002"
down_revision = "records_0001"


def upgrade():
    op.add_column("records", sa.Column("note", sa.Text))
    op.execute("UPDATE records SET note = 'from ' || revision")
"""


@pytest.mark.parametrize(("schema", "metadata"), SCHEMAS)
def test_migrations_make_the_tables_that_the_code_works_with(path, schema, metadata):
    Database.open(path, schema, create=True).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


@pytest.mark.parametrize(("schema", "metadata"), SCHEMAS)
def test_the_head_is_the_last_migration(schema, metadata):
    config = Config()
    config.set_main_option("script_location", str(schema.script))
    config.set_main_option("version_locations", str(schema.versions))
    config.set_main_option("path_separator", "newline")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.head]


@pytest.fixture
def next_schema(tmp_path: Path) -> Schema:
    """Return the schema of a later valetkey, with one more migration."""
    versions = tmp_path / "100% of them: all"
    versions.mkdir()
    for file in RECORDS_SCHEMA.versions.glob("*.py"):
        (versions / file.name).write_text(file.read_text())
    (versions / "records_0002.py").write_text(NEXT)
    return Schema("records_0002", versions)


def test_an_older_database_is_migrated_with_what_it_holds(path, next_schema):
    with Store.open(path) as store:
        store.write(lambda tx: tx.put(account()))
    Database.open(path, next_schema, create=False).close()
    rows = query(path, "SELECT account, note FROM records")
    assert rows == [("123456789012", "from 1")]
    assert query(path, "SELECT version_num FROM alembic_version") == [("records_0002",)]


def test_a_newer_database_is_refused_and_left_alone(path, next_schema):
    Database.open(path, next_schema, create=True).close()
    with pytest.raises(UnknownSchema) as raised:
        Store.open(path)
    assert raised.value.message == (
        f"`{path}` has the schema `records_0002`, which this valetkey does not know"
    )
    assert "records_0001" in raised.value.help
    assert query(path, "SELECT version_num FROM alembic_version") == [("records_0002",)]


def test_a_migration_that_fails_changes_nothing(path, next_schema):
    Store.open(path).close()
    broken = next_schema.versions / "records_0002.py"
    broken.write_text(NEXT.replace("SET note", "SET absent"))
    with pytest.raises(StoreError, match="no such column"):
        Database.open(path, next_schema, create=False)
    assert query(path, "SELECT version_num FROM alembic_version") == [("records_0001",)]
    assert "note" not in {row[1] for row in query(path, "PRAGMA table_info(records)")}
    with Store.open(path) as store:
        store.write(lambda tx: tx.put(account()))


def test_store_and_log_are_not_taken_for_each_other(path, tmp_path):
    Store.open(path).close()
    with pytest.raises(UnknownSchema, match="records_0001"):
        DecisionLog.open(path)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
