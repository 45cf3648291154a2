"""What a petition is about, from its assembly's list of topics; and topics that people follow."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SCOPES = "'petition', 'subject', 'topic', 'assembly', 'all'"
_OLD_SCOPES = "'petition', 'subject', 'assembly', 'all'"


def _followed(scopes: str) -> None:
    """SQLite copies the table, with its other CHECKs."""
    with op.batch_alter_table("subscription") as table:
        table.drop_constraint(op.f("ck_subscription_scope"), type_="check")
        table.create_check_constraint(op.f("ck_subscription_scope"), f"scope IN ({scopes})")


def upgrade() -> None:
    op.add_column("petition", sa.Column("topic", sa.String(60), nullable=True))
    op.create_index("ix_petition_topic", "petition", ["topic", "state"])
    op.add_column("search_text", sa.Column("topic", sa.String(60), nullable=True))
    _followed(_SCOPES)


def downgrade() -> None:
    op.execute("DELETE FROM subscription WHERE scope = 'topic'")
    # as where somebody stops the last thing they follow: the address goes
    left = "NOT EXISTS (SELECT 1 FROM subscription s WHERE s.follower_id = "
    op.execute(f"DELETE FROM follow_mail WHERE kind <> 'test' AND {left}follow_mail.follower_id)")
    op.execute(f"DELETE FROM follower WHERE {left}follower.id)")
    _followed(_OLD_SCOPES)
    op.drop_column("search_text", "topic")
    op.drop_index("ix_petition_topic", table_name="petition")
    op.drop_column("petition", "topic")
