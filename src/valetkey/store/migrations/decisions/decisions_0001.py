"""The decision log: one row a request, and the policy texts that its traces point into."""

import sqlalchemy as sa
from alembic import op

revision = "decisions_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "requests",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("time", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("resource", sa.Text),
        sa.Column("access_key_id", sa.Text),
        sa.Column("issued_access_key_id", sa.Text),
        sa.Column("issuer", sa.Text),
        sa.Column("job_id", sa.Text),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("requests_by_request_id", "requests", ["request_id"])
    op.create_index("requests_by_time", "requests", ["time"])
    op.create_index("requests_by_outcome", "requests", ["outcome", "time"])
    op.create_index("requests_by_resource", "requests", ["resource", "time"])
    op.create_index(
        "requests_by_session",
        "requests",
        ["access_key_id", "time"],
        sqlite_where=sa.text("access_key_id IS NOT NULL"),
    )
    op.create_index(
        "requests_by_issued_session",
        "requests",
        ["issued_access_key_id", "time"],
        sqlite_where=sa.text("issued_access_key_id IS NOT NULL"),
    )
    op.create_index(
        "requests_by_job",
        "requests",
        ["job_id", "time"],
        sqlite_where=sa.text("job_id IS NOT NULL"),
    )
    op.create_table(
        "documents",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("used", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("documents_by_use", "documents", ["used"])
