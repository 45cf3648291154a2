"""What the last procedures need: texts edited in public, withdrawals that all promoters agree to."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discussed_text",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_discussed_text_number")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_discussed_text_petition_id")
        ),
        sa.PrimaryKeyConstraint(
            "petition_id", "language", "number", name=op.f("pk_discussed_text")
        ),
    )
    op.create_table(
        "joint_withdrawal",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_joint_withdrawal_token_hash")),
        sa.CheckConstraint(
            "status IN ('asked', 'agreed')", name=op.f("ck_joint_withdrawal_status")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_joint_withdrawal_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_joint_withdrawal")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_joint_withdrawal_token_hash")),
    )
    op.create_table(
        "promoter_agreement",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(60), nullable=False),
        sa.Column("tag", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("length(tag) = 32", name=op.f("ck_promoter_agreement_tag")),
        sa.PrimaryKeyConstraint("petition_id", "stage", "tag", name=op.f("pk_promoter_agreement")),
        sqlite_with_rowid=False,
    )

    _answer_proposals()


def _answer_proposals() -> None:
    op.create_table(
        "answer_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("summaries", JsonText(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("links", JsonText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(60), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(60), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'carried_out', 'called_off')",
            name=op.f("ck_answer_proposal_status"),
        ),
        sa.CheckConstraint(
            "status <> 'carried_out' OR settled_by <> proposed_by",
            name=op.f("ck_answer_proposal_two_people"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (settled_at IS NULL)", name=op.f("ck_answer_proposal_settled")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_answer_proposal_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_proposal")),
    )
    op.create_index(
        "ix_answer_proposal_petition", "answer_proposal", ["petition_id", "proposed_at"]
    )


def downgrade() -> None:
    op.drop_table("answer_proposal")
    for table in ("promoter_agreement", "joint_withdrawal", "discussed_text"):
        op.drop_table(table)
