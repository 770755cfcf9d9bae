"""What a responder does: whose tasks are open, and which alerts fired when, are asked by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owners", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("storm", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_incident_owed",
            ["number"],
            unique=False,
            sqlite_where=sa.text("owners <> ''"),
            postgresql_where=sa.text("owners <> ''"),
        )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("service", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_alert_fired_at", ["fired_at", "service", "incident"], unique=False)
