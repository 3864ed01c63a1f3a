"""The tables, as this version of valetkey knows them, and the names of their schemas.

Migrations, not these definitions, make the tables: a test holds the two to each other.
"""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

MIGRATIONS = Path(__file__).parent / "migrations"


class Schema(NamedTuple):
    """A database's schema: the revision that this valetkey works with, and how to get there."""

    head: str
    versions: Path
    script: Path = MIGRATIONS


RECORDS_SCHEMA = Schema("records_0001", MIGRATIONS / "records")
DECISIONS_SCHEMA = Schema("decisions_0001", MIGRATIONS / "decisions")

records_metadata = MetaData()

meta = Table(
    "meta",
    records_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="meta_is_one_row"),
)
"""One row: the revision of the last change."""

records = Table(
    "records",
    records_metadata,
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("format", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("kind", "account", "key", name="records_pk"),
    Index("records_by_revision", "revision"),
)
"""Every entity, each with the revision of its last change; deletions stay as empty rows, so that
whoever knows revision N needs only the rows above N."""

decisions_metadata = MetaData()

requests = Table(
    "requests",
    decisions_metadata,
    Column(
        "sequence",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("request_id", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("account", Text),
    Column("resource", Text),
    Column("access_key_id", Text),
    Column("issued_access_key_id", Text),
    Column("issuer", Text),
    Column("job_id", Text),
    Column("format", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("requests_by_request_id", "request_id"),
    Index("requests_by_time", "time"),
    Index("requests_by_outcome", "outcome", "time"),
    Index("requests_by_resource", "resource", "time"),
    # Few requests open a session or belong to a job: the others cost these indexes nothing.
    Index(
        "requests_by_session",
        "access_key_id",
        "time",
        sqlite_where=text("access_key_id IS NOT NULL"),
    ),
    Index(
        "requests_by_issued_session",
        "issued_access_key_id",
        "time",
        sqlite_where=text("issued_access_key_id IS NOT NULL"),
    ),
    Index("requests_by_job", "job_id", "time", sqlite_where=text("job_id IS NOT NULL")),
)

documents = Table(
    "documents",
    decisions_metadata,
    Column("sha256", Text, primary_key=True),
    Column("used", Float, nullable=False),
    Column("text", Text, nullable=False),
    Index("documents_by_use", "used"),
)
"""Policy texts that traces point into, once each, with the time of their last use (to the hour)."""
