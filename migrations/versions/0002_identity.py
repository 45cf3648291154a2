"""Identity and anonymity: roles assigned in the house, sealing."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_STAFF_ROLE = (
    "role IN ('administrator', 'auditor', 'clerk', 'committee', 'communication', 'integrity',"
    " 'second_reader')"
)


def _staff() -> None:
    """Rights of staff, and what a session must know to be ended by the provider."""
    for name, kind in (
        ("opened_at", UTCDateTime()),
        ("auth_time", UTCDateTime()),
        ("subject_mark", sa.LargeBinary(length=32)),
        ("session_mark", sa.LargeBinary(length=32)),
    ):
        op.add_column("web_session", sa.Column(name, kind, nullable=True))
    op.create_table(
        "staff_role",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint(_STAFF_ROLE, name=op.f("ck_staff_role_role")),
        sa.PrimaryKeyConstraint("actor", "role", name=op.f("pk_staff_role")),
    )
    op.create_table(
        "staff_waiting",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_staff_waiting")),
    )
    _staff_proposal()
    op.create_table(
        "staff_code",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("roles", JsonText(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_staff_code_code_hash")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_staff_code")),
    )
    op.create_table(
        "staff_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notice")),
    )
    op.create_index("ix_staff_notice_recipient", "staff_notice", ["recipient"], unique=False)
    op.create_table(
        "kept_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    op.create_index("ix_kept_form_actor", "kept_form", ["actor"], unique=False)


def _staff_proposal() -> None:
    op.create_table(
        "staff_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "change IN ('give', 'remove', 'disable', 'enable')",
            name=op.f("ck_staff_proposal_change"),
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'refused', 'withdrawn')",
            name=op.f("ck_staff_proposal_outcome"),
        ),
        sa.CheckConstraint(_STAFF_ROLE, name=op.f("ck_staff_proposal_role")),
        sa.CheckConstraint(
            "(role IS NULL) = (change IN ('disable', 'enable'))",
            name=op.f("ck_staff_proposal_role_of_change"),
        ),
        sa.CheckConstraint(
            "outcome <> 'confirmed' OR settled_by <> proposed_by",
            name=op.f("ck_staff_proposal_two_people"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_by IS NULL) AND (outcome IS NULL) = (settled_at IS NULL)",
            name=op.f("ck_staff_proposal_settled"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_proposal")),
    )
    op.create_index(
        "ix_staff_proposal_open", "staff_proposal", ["settled_at", "expires_at"], unique=False
    )


def _without_staff() -> None:
    op.drop_index("ix_kept_form_actor", table_name="kept_form")
    op.drop_index("ix_staff_notice_recipient", table_name="staff_notice")
    op.drop_index("ix_staff_proposal_open", table_name="staff_proposal")
    for table in (
        "kept_form", "staff_notice", "staff_code", "staff_proposal", "staff_waiting", "staff_role",
    ):  # fmt: skip
        op.drop_table(table)
    for column in ("session_mark", "subject_mark", "auth_time", "opened_at"):
        op.drop_column("web_session", column)


def upgrade() -> None:
    _staff()
    op.create_table(
        "destruction_statement",
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("replica", sa.String(length=200), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("statement_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "length(statement_hash) = 32",
            name=op.f("ck_destruction_statement_statement_hash"),
        ),
        sa.PrimaryKeyConstraint("key_id", "replica", name=op.f("pk_destruction_statement")),
        sa.UniqueConstraint(
            "statement_hash", name=op.f("uq_destruction_statement_statement_hash")
        ),
    )
    op.create_table(
        "removal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("leaves", JsonText(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("effective_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("decision_hash", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name=op.f("ck_removal_two_people"),
        ),
        sa.CheckConstraint("length(decision_hash) = 32", name=op.f("ck_removal_decision_hash")),
        sa.CheckConstraint("reason BETWEEN 1 AND 6", name=op.f("ck_removal_reason")),
        sa.CheckConstraint(
            "status IN ('proposed', 'confirmed', 'called_off', 'carried_out')",
            name=op.f("ck_removal_status"),
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_removal_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    op.create_index("ix_removal_due", "removal", ["status", "effective_at"], unique=False)
    op.create_index("ix_removal_petition", "removal", ["petition_id", "proposed_at"], unique=False)
    op.create_table(
        "replica_key",
        sa.Column("log_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("vkey", sa.String(length=2048), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "number", name=op.f("pk_replica_key")),
    )
    op.create_table(
        "witness_state",
        sa.Column("log_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "witness", name=op.f("pk_witness_state")),
    )
    op.create_table(
        "sealing",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("ordered_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("root", sa.LargeBinary(length=32), nullable=True),
        sa.Column("seal_index", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        sa.Column("erased", JsonText(), nullable=False),
        sa.Column("told_from", sa.BigInteger(), nullable=True),
        sa.Column("sealed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_sealing_root")),
        sa.CheckConstraint(
            "(size IS NULL) = (root IS NULL)", name=op.f("ck_sealing_size_and_root")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_sealing")),
    )


def downgrade() -> None:
    _without_staff()
    op.drop_table("sealing")
    op.drop_table("witness_state")
    op.drop_table("replica_key")
    op.drop_index("ix_removal_petition", table_name="removal")
    op.drop_index("ix_removal_due", table_name="removal")
    op.drop_table("removal")
    op.drop_table("destruction_statement")
