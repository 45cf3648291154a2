"""The clerk's desk: compared, proposed, answered."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _queue() -> None:
    """What the queue filters by, saved views, letters that came back, suspended signing."""
    op.add_column("staff", sa.Column("shortcuts", sa.Boolean(), server_default="1", nullable=False))
    op.create_table(
        "case_reading",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("petition_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_case_reading_review_id")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_case_reading")),
    )
    op.create_table(
        "case_mark",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_case_mark_review_id")),
        sa.PrimaryKeyConstraint("review_id", "code", name=op.f("pk_case_mark")),
    )
    op.create_index("ix_case_mark_code", "case_mark", ["code", "review_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("asked", JsonText(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("actor", "name", name=op.f("uq_saved_view_actor_name")),
    )
    op.create_table(
        "returned_letter",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["outbox.id"], name=op.f("fk_returned_letter_job_id")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_returned_letter_petition_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_returned_letter")),
    )
    op.create_index("ix_returned_letter_petition_id", "returned_letter", ["petition_id"])


def _suspension() -> None:
    op.create_index("ix_petition_submitted", "petition", ["submitted_at"])
    op.create_index("ix_decision_at", "decision", ["at"])
    op.create_table(
        "signing_suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("lapses_at", UTCDateTime(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(60), nullable=True),
        sa.Column("resumed_at", UTCDateTime(), nullable=True),
        sa.Column("resumed_by", sa.String(60), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> actor",
            name=op.f("ck_signing_suspension_two_people"),
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_signing_suspension_confirmed_dated"),
        ),
        sa.CheckConstraint(
            "(resumed_by IS NULL) = (resumed_at IS NULL)",
            name=op.f("ck_signing_suspension_resumed_dated"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_signing_suspension_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_suspension")),
    )
    op.create_index(
        "ix_signing_suspension_petition", "signing_suspension", ["petition_id", "since"]
    )


def _without_queue() -> None:
    op.drop_index("ix_decision_at", table_name="decision")
    op.drop_index("ix_petition_submitted", table_name="petition")
    op.drop_index("ix_signing_suspension_petition", table_name="signing_suspension")
    op.drop_table("signing_suspension")
    op.drop_index("ix_returned_letter_petition_id", table_name="returned_letter")
    op.drop_table("returned_letter")
    op.drop_table("saved_view")
    op.drop_index("ix_case_mark_code", table_name="case_mark")
    op.drop_table("case_mark")
    op.drop_table("case_reading")
    op.drop_column("staff", "shortcuts")


def _case() -> None:
    """Drafts of clerks, wording asked for, each text as it was sent, the language it reads in."""
    op.create_table(
        "case_draft",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("content", JsonText(), nullable=False),
        sa.Column("review_version", sa.Integer(), nullable=False),
        sa.Column("petition_version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_case_draft_review_id")),
        sa.PrimaryKeyConstraint("review_id", "actor", name=op.f("pk_case_draft")),
    )
    op.create_table(
        "text_version",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("petition_version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_text_version_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "language", "number", name=op.f("pk_text_version")),
    )
    op.create_table(
        "change_request",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("proposed", JsonText(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('asked', 'accepted', 'edited', 'unchanged')",
            name=op.f("ck_change_request_status"),
        ),
        sa.CheckConstraint(
            "(status = 'asked') = (answered_at IS NULL)",
            name=op.f("ck_change_request_answered_dated"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_change_request_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_change_request")),
    )
    op.create_table(
        "text_reading",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("guessed", sa.String(12), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_text_reading_digest")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_text_reading_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "language", name=op.f("pk_text_reading")),
    )


def _without_case() -> None:
    for table in ("text_reading", "change_request", "text_version", "case_draft"):
        op.drop_table(table)


def upgrade() -> None:
    _queue()
    _suspension()
    _case()


def downgrade() -> None:
    _without_case()
    _without_queue()
