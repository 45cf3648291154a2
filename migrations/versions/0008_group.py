"""One signature for a group of competing petitions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(name_hash) = 32", name=op.f("ck_signing_group_name_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_group")),
        sa.UniqueConstraint("name_hash", name="uq_signing_group_name_hash"),
    )
    op.create_table(
        "group_member",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["signing_group.id"], name=op.f("fk_group_member_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_group_member_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_group_id"), "group_member", ["group_id"])
    op.create_table(
        "group_act",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(tag) = 32", name=op.f("ck_group_act_tag")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["signing_group.id"], name=op.f("fk_group_act_group_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "tag", name=op.f("pk_group_act")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("group_act")
    op.drop_index(op.f("ix_group_member_group_id"), table_name="group_member")
    op.drop_table("group_member")
    op.drop_table("signing_group")
