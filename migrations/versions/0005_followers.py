"""Followers of petitions, apart from signatures: addresses, what they follow, mails, suppressions."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SCOPES = "'petition', 'subject', 'assembly', 'all'"
_HAPPENINGS = (
    "'published', 'milestone', 'threshold', 'step', 'answered', 'refused', 'closed', 'lapsed', "
    "'withdrawn', "
    "'merged', 'taken_down', 'restored', 'archived', 'message', 'week'"
)
_STANDINGS = "'waiting', 'claimed', 'sending', 'sent', 'unsure', 'given_up', 'dropped'"
_TABLES = (
    "follow_message", "mail_suppression", "follow_mail", "follow_event", "subscription", "follower",
)  # fmt: skip


def upgrade() -> None:
    _people()
    _events()
    _mails()


def _people() -> None:
    op.create_table(
        "follower",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_times", sa.SmallInteger(), nullable=False),
        sa.Column("bounced", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("length(mark) = 32", name=op.f("ck_follower_mark")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint("mark", name=op.f("uq_follower_mark")),
    )
    op.create_index("ix_follower_asked", "follower", ["asked_on"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("target", sa.String(60), nullable=False),
        sa.Column("rhythm", sa.String(8), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(f"scope IN ({_SCOPES})", name=op.f("ck_subscription_scope")),
        sa.CheckConstraint("rhythm IN ('at_once', 'weekly')", name=op.f("ck_subscription_rhythm")),
        sa.CheckConstraint("(scope = 'all') = (target = '')", name=op.f("ck_subscription_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "follower_id", "scope", "target", name=op.f("uq_subscription_follower_id_scope_target")
        ),
    )
    op.create_index(
        "ix_subscription_spread", "subscription", ["scope", "target", "rhythm", "follower_id"]
    )
    op.create_index("ix_subscription_rhythm", "subscription", ["rhythm", "follower_id"])
    op.create_index("ix_subscription_asked", "subscription", ["confirmed_on", "asked_on"])


def _events() -> None:
    op.create_table(
        "follow_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("spread_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"what IN ({_HAPPENINGS})", name=op.f("ck_follow_event_what")),
        sa.CheckConstraint(
            "(what = 'week') = (petition_id IS NULL)", name=op.f("ck_follow_event_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_event")),
    )
    op.create_index("ix_follow_event_spread", "follow_event", ["spread_at", "at"])
    op.create_index("ix_follow_event_petition", "follow_event", ["petition_id", "at"])
    op.create_table(
        "follow_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("subjects", JsonText(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(60), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(60), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'carried_out', 'called_off')",
            name=op.f("ck_follow_message_status"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (settled_at IS NULL)", name=op.f("ck_follow_message_settled")
        ),
        sa.CheckConstraint(
            "status <> 'carried_out' OR settled_by <> proposed_by",
            name=op.f("ck_follow_message_two_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_message")),
    )
    op.create_index("ix_follow_message_petition", "follow_message", ["petition_id", "proposed_at"])


def _mails() -> None:
    op.create_table(
        "follow_mail",
        sa.Column("occasion", sa.String(80), nullable=False),
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("claimed_until", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('confirm', 'known', 'happening', 'weekly', 'test')",
            name=op.f("ck_follow_mail_kind"),
        ),
        sa.CheckConstraint(f"standing IN ({_STANDINGS})", name=op.f("ck_follow_mail_standing")),
        sa.CheckConstraint(
            "(sealed IS NULL) OR (kind = 'test')", name=op.f("ck_follow_mail_sealed")
        ),
        sa.PrimaryKeyConstraint("occasion", "follower_id", name=op.f("pk_follow_mail")),
    )
    op.create_index(
        "ix_follow_mail_due", "follow_mail", ["standing", "urgency", "due_at", "follower_id"]
    )
    op.create_index("ix_follow_mail_follower", "follow_mail", ["follower_id"])
    op.create_table(
        "mail_suppression",
        sa.Column("mark", sa.LargeBinary(32), nullable=False),
        sa.Column("why", sa.String(9), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.CheckConstraint("length(mark) = 32", name=op.f("ck_mail_suppression_mark")),
        sa.CheckConstraint("why IN ('bounce', 'complaint')", name=op.f("ck_mail_suppression_why")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_mail_suppression")),
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
