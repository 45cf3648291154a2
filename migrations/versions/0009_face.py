"""The public face: pages that a parliament writes, figures, shares."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _content() -> None:
    """Pages that a parliament writes at its desk."""
    op.create_table(
        "content_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(60), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_content_text_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_text")),
        sa.UniqueConstraint(
            "assembly", "page", "language", "number", name=op.f("uq_content_text_version")
        ),
    )


def upgrade() -> None:
    _content()


def downgrade() -> None:
    op.drop_table("content_text")
