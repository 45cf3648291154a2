"""Every procedure: what sponsors, calendars, paper and the work after the milestone need."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What a rulebook may ask at filing, and whose desk somebody works at.
_FILING_COLUMNS = (
    ("petition", lambda: sa.Column("channel", sa.String(12), server_default="online", nullable=False)),
    ("petition", lambda: sa.Column("after_kind", sa.String(60), nullable=True)),
    ("petition_text", lambda: sa.Column("summary", sa.Text(), server_default="", nullable=False)),
    ("petition_text", lambda: sa.Column("origin", sa.String(10), server_default="author", nullable=False)),
    ("petition_text", lambda: sa.Column("bound", JsonText(), server_default="[]", nullable=False)),
    ("petition_text", lambda: sa.Column("published_at", UTCDateTime(), nullable=True)),
    ("web_session", lambda: sa.Column("kinds", JsonText(), nullable=True)),
)  # fmt: skip
_FILING_TABLES = (
    "addressee", "same_subject", "filing_answer", "annex", "prior_count", "staff_assembly",
)  # fmt: skip


def _filing() -> None:
    for table, column in _FILING_COLUMNS:
        op.add_column(table, column())
    op.create_table(
        "addressee",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_addressee_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "assembly", name=op.f("pk_addressee")),
    )
    op.create_index("ix_addressee_assembly", "addressee", ["assembly"])
    op.create_table(
        "same_subject",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("found_by", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("petition_id <> other_id", name=op.f("ck_same_subject_another")),
        sa.CheckConstraint(
            "found_by IN ('author', 'clerk')", name=op.f("ck_same_subject_found_by")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["petition.id"], name=op.f("fk_same_subject_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_same_subject_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "other_id", name=op.f("pk_same_subject")),
    )
    op.create_table(
        "filing_answer",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_filing_answer_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "field", name=op.f("pk_filing_answer")),
    )
    _annexes()
    op.create_table(
        "prior_count",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("collected", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "valid >= 0 AND collected >= valid", name=op.f("ck_prior_count_valid_of_collected")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_prior_count_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_prior_count")),
    )
    op.create_table(
        "staff_assembly",
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("actor", "assembly", name=op.f("pk_staff_assembly")),
    )


def _annexes() -> None:
    op.create_table(
        "annex",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_annex_digest")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_annex_number")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_annex_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annex")),
        sa.UniqueConstraint("petition_id", "number", name=op.f("uq_annex_petition_id_number")),
    )


def _no_filing() -> None:
    for table in reversed(_FILING_TABLES):
        op.drop_table(table)
    for table, column in reversed(_FILING_COLUMNS):
        op.drop_column(table, column().name)


def _log_keys() -> None:
    """Keys that a log announced, orders to change one, papers kept as they were hashed."""
    op.create_table(
        "log_key",
        sa.Column("log_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("vkey", sa.String(length=2048), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=True),
        sa.Column("retired", sa.BigInteger(), nullable=True),
        sa.Column("retire_from", UTCDateTime(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_log_key_digest")),
        sa.CheckConstraint("role BETWEEN 1 AND 3", name=op.f("ck_log_key_role")),
        sa.CheckConstraint("retired IS NULL OR retired > added", name=op.f("ck_log_key_retired")),
        sa.PrimaryKeyConstraint("log_id", "role", "digest", name=op.f("pk_log_key")),
    )
    op.create_table(
        "key_rotation",
        sa.Column("log_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("ordered_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("overlap", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("number > 1", name=op.f("ck_key_rotation_number")),
        sa.CheckConstraint("overlap >= 0", name=op.f("ck_key_rotation_overlap")),
        sa.PrimaryKeyConstraint("log_id", "role", "number", name=op.f("pk_key_rotation")),
    )
    op.create_table(
        "log_paper",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("folder", sa.String(length=20), nullable=False),
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_log_paper_digest")),
        sa.CheckConstraint(
            "folder IN ('answers', 'evidence', 'geo', 'notices')", name=op.f("ck_log_paper_folder")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_log_paper")),
    )
    op.create_index("ix_log_paper_leaf", "log_paper", ["log_id", "leaf"], unique=False)
    op.create_index("ix_log_paper_petition", "log_paper", ["petition_id"], unique=False)


def _without_log_keys() -> None:
    op.drop_index("ix_log_paper_petition", table_name="log_paper")
    op.drop_index("ix_log_paper_leaf", table_name="log_paper")
    for name in ("log_paper", "key_rotation", "log_key"):
        op.drop_table(name)


def upgrade() -> None:
    _sponsors()
    _time()
    _log_keys()
    _filing()
    _proceedings()
    _paper()
    _rulebooks()


def downgrade() -> None:
    _without_rulebooks()
    _without_paper()
    _without_sponsors()
    _no_time()
    _without_proceedings()
    _without_log_keys()
    _no_filing()


PROCEEDINGS_KEPT = ("step", "step_change", "track_extension")
"""Append-only: a mistake is mended by an erratum beside it."""


def _proceedings() -> None:
    """Steps of the institution, acts by two people, merging, care of files, calendar feeds."""
    op.add_column("track", sa.Column("started_on", sa.Date(), nullable=True))
    op.add_column("track", sa.Column("not_before", sa.Date(), nullable=True))
    _steps()
    _motions()
    op.create_table(
        "file_care",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_file_care_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_file_care")),
    )
    op.create_index(op.f("ix_file_care_actor"), "file_care", ["actor"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("assembly", sa.String(length=60), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_calendar_feed_token_hash")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_feed")),
    )
    op.create_index(op.f("ix_calendar_feed_actor"), "calendar_feed", ["actor"], unique=False)
    _keep_proceedings()


def _steps() -> None:
    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at_time", sa.String(length=5), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("links", JsonText(), nullable=False),
        sa.Column("track", sa.String(length=60), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.CheckConstraint("at_time = '' OR length(at_time) = 5", name=op.f("ck_step_at_time")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_step_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("petition_id", "number", name=op.f("uq_step_petition_id_number")),
    )
    op.create_index("ix_step_planned", "step", ["planned", "on_day"], unique=False)
    op.create_table(
        "step_change",
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("at_time", sa.String(length=5), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("links", JsonText(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "kind IN ('erratum', 'rescheduled', 'cancelled', 'held')",
            name=op.f("ck_step_change_kind"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_step_change_number")),
        sa.CheckConstraint(
            "kind <> 'rescheduled' OR on_day IS NOT NULL", name=op.f("ck_step_change_new_day")
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_change_step_id")),
        sa.PrimaryKeyConstraint("step_id", "number", name=op.f("pk_step_change")),
    )
    op.create_table(
        "track_extension",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.String(length=20), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due_after", sa.Date(), nullable=True),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_track_extension_number")),
        sa.ForeignKeyConstraint(
            ["petition_id", "code"],
            ["track.petition_id", "track.code"],
            name=op.f("fk_track_extension_petition_id_code"),
        ),
        sa.PrimaryKeyConstraint(
            "petition_id", "code", "number", name=op.f("pk_track_extension")
        ),
    )


def _motions() -> None:
    op.create_table(
        "case_motion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("grounds", JsonText(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "action IN ('take_down', 'restore', 'reopen')", name=op.f("ck_case_motion_action")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'carried_out', 'called_off')",
            name=op.f("ck_case_motion_status"),
        ),
        sa.CheckConstraint(
            "asked_by IN ('office', 'person_concerned', 'author', 'authority', 'court')",
            name=op.f("ck_case_motion_asked_by"),
        ),
        sa.CheckConstraint(
            "status <> 'carried_out' OR settled_by <> proposed_by",
            name=op.f("ck_case_motion_two_people"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (settled_at IS NULL)", name=op.f("ck_case_motion_settled")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_case_motion_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_motion")),
    )
    op.create_index(
        "ix_case_motion_petition", "case_motion", ["petition_id", "proposed_at"], unique=False
    )
    op.create_table(
        "merge_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_role", sa.String(length=20), nullable=False),
        sa.Column("asked_name", sa.String(length=120), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('asked', 'accepted', 'refused', 'called_off')",
            name=op.f("ck_merge_request_status"),
        ),
        sa.CheckConstraint("petition_id <> target_id", name=op.f("ck_merge_request_two_petitions")),
        sa.CheckConstraint(
            "(status = 'asked') = (answered_at IS NULL)", name=op.f("ck_merge_request_answered")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_merge_request_petition_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["petition.id"], name=op.f("fk_merge_request_target_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_request")),
    )
    op.create_index(
        "ix_merge_request_petition", "merge_request", ["petition_id", "status"], unique=False
    )
    op.create_index(
        "ix_merge_request_target", "merge_request", ["target_id", "status"], unique=False
    )


def _keep_proceedings() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in PROCEEDINGS_KEPT:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER tr_{table}_kept BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _without_proceedings() -> None:
    op.drop_index(op.f("ix_calendar_feed_actor"), table_name="calendar_feed")
    op.drop_table("calendar_feed")
    op.drop_index(op.f("ix_file_care_actor"), table_name="file_care")
    op.drop_table("file_care")
    op.drop_index("ix_merge_request_target", table_name="merge_request")
    op.drop_index("ix_merge_request_petition", table_name="merge_request")
    op.drop_table("merge_request")
    op.drop_index("ix_case_motion_petition", table_name="case_motion")
    op.drop_table("case_motion")
    op.drop_table("track_extension")
    op.drop_table("step_change")
    op.drop_index("ix_step_planned", table_name="step")
    op.drop_table("step")
    op.drop_column("track", "not_before")
    op.drop_column("track", "started_on")


def _time() -> None:
    """The assembly's calendar as clerks keep it, and the clocks of each petition."""
    op.add_column("petition_signing", sa.Column("shut_from", UTCDateTime(), nullable=True))
    op.add_column("petition_signing", sa.Column("shut_until", UTCDateTime(), nullable=True))
    _calendar_entry()
    op.create_table(
        "calendar_seen",
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_calendar_seen_digest")),
        sa.PrimaryKeyConstraint("assembly", name=op.f("pk_calendar_seen")),
    )
    op.create_table(
        "applied_effect",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("length", sa.String(20), nullable=True),
        sa.CheckConstraint(
            "effect IN ('extend', 'close', 'lapse', 'carry_over')",
            name=op.f("ck_applied_effect_effect"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["calendar_entry.id"], name=op.f("fk_applied_effect_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_applied_effect_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "entry_id", name=op.f("pk_applied_effect")),
    )
    _petition_clocks()
    _shut_while_paused("g.closes_at > v_now", _NOT_SHUT)


_NOT_SHUT = (
    "g.closes_at > v_now AND (g.shut_from IS NULL OR g.shut_from > v_now OR g.shut_until <= v_now)"
)


def _shut_while_paused(old: str, new: str) -> None:
    """PostgreSQL: the signing function looks whether signing is shut at this instant."""
    if op.get_bind().dialect.name != "postgresql":
        return
    asked = sa.text("SELECT pg_get_functiondef('sign_petition'::regproc)")
    body = str(op.get_bind().execute(asked).scalar_one())
    if body.count(old) != 1:
        raise RuntimeError("sign_petition is not the function this step knows")
    op.execute(body.replace(old, new))


def _calendar_entry() -> None:
    op.create_table(
        "calendar_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("event", sa.String(60), nullable=True),
        sa.Column("starts_at", UTCDateTime(), nullable=True),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("days", JsonText(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(60), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(60), nullable=True),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("cancels", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "what IN ('event', 'sitting', 'no_sitting', 'holiday', 'coverage')",
            name=op.f("ck_calendar_entry_what"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'in_force', 'called_off', 'corrected')",
            name=op.f("ck_calendar_entry_status"),
        ),
        sa.CheckConstraint(
            "what <> 'event' OR (event IS NOT NULL AND starts_at IS NOT NULL)",
            name=op.f("ck_calendar_entry_event_dated"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at",
            name=op.f("ck_calendar_entry_ends_after_start"),
        ),
        sa.CheckConstraint(
            "status <> 'in_force' OR confirmed_at IS NOT NULL",
            name=op.f("ck_calendar_entry_in_force_dated"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects"], ["calendar_entry.id"], name=op.f("fk_calendar_entry_corrects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
    )
    op.create_index("ix_calendar_entry_assembly", "calendar_entry", ["assembly", "status"])


def _petition_clocks() -> None:
    petition = ["petition_id"], ["petition.id"]
    op.create_table(
        "petition_clock",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stale", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("unlisted", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(*petition, name=op.f("fk_petition_clock_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_petition_clock")),
    )
    op.create_index("ix_petition_clock_stale", "petition_clock", ["stale"])
    # Petitions that were there before are laid out once by the worker.
    op.execute(
        "INSERT INTO petition_clock (petition_id)"
        " SELECT id FROM petition WHERE state NOT IN ('draft', 'archived')"
    )
    op.create_table(
        "timer",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(*petition, name=op.f("fk_timer_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "code", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_due", "timer", ["done_at", "due_at"])
    op.create_table(
        "recorded_event",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(*petition, name=op.f("fk_recorded_event_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "event", name=op.f("pk_recorded_event")),
    )
    op.create_table(
        "window_extension",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.String(20), nullable=False),
        sa.Column("body", sa.String(60), nullable=False),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_window_extension_number")),
        sa.ForeignKeyConstraint(*petition, name=op.f("fk_window_extension_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_window_extension")),
    )


def _no_time() -> None:
    _shut_while_paused(_NOT_SHUT, "g.closes_at > v_now")
    for table in (
        "window_extension", "recorded_event", "timer", "petition_clock", "applied_effect",
        "calendar_seen", "calendar_entry",
    ):  # fmt: skip
        op.drop_table(table)
    for column in ("shut_until", "shut_from"):
        op.drop_column("petition_signing", column)


SPONSOR_STANDINGS = "standing IN ('confirmed', 'author', 'office')"
INVITATION_STANDINGS = (
    "standing IN ('invited', 'confirmed', 'refused', 'revoked', 'left', 'expired')"
)
STAGE_PROGRESS = "progress IN ('waiting', 'open', 'met', 'missed')"


def _sponsors() -> None:
    """Sponsors before publication: their keys, stages, invitations, codes, and entries held back."""
    op.create_table(
        "gathering",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.Column("realm", sa.String(length=60), nullable=False),
        sa.Column("realm_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("wrapped_salt", sa.LargeBinary(length=60), nullable=False),
        sa.Column("signing_salt", sa.LargeBinary(length=60), nullable=True),
        sa.Column("text_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(wrapped_salt) = 60", name=op.f("ck_gathering_wrapped_salt")),
        sa.CheckConstraint("length(signing_salt) = 60", name=op.f("ck_gathering_signing_salt")),
        sa.CheckConstraint("length(text_hash) = 32", name=op.f("ck_gathering_text_hash")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_gathering_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_gathering")),
    )
    op.create_table(
        "gathering_stage",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("progress", sa.String(length=8), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("attempts_used", sa.SmallInteger(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(STAGE_PROGRESS, name=op.f("ck_gathering_stage_progress")),
        sa.CheckConstraint("needed >= 1", name=op.f("ck_gathering_stage_needed")),
        sa.CheckConstraint(
            "(progress = 'waiting') = (opened_at IS NULL)", name=op.f("ck_gathering_stage_opened")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_gathering_stage_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "stage", name=op.f("pk_gathering_stage")),
    )
    op.create_index("ix_gathering_stage_due", "gathering_stage", ["progress", "due_on"])
    _sponsor_rows()


def _sponsor_rows() -> None:
    op.create_table(
        "sponsor_invitation",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("standing", sa.String(length=9), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(INVITATION_STANDINGS, name=op.f("ck_sponsor_invitation_standing")),
        sa.CheckConstraint(
            "length(token_hash) = 32", name=op.f("ck_sponsor_invitation_token_hash")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_sponsor_invitation_number")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_sponsor_invitation_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_sponsor_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sponsor_invitation_token_hash")),
    )
    op.create_table(
        "sponsor",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("standing", sa.String(length=9), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("invitation", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(tag) = 32", name=op.f("ck_sponsor_tag")),
        sa.CheckConstraint(SPONSOR_STANDINGS, name=op.f("ck_sponsor_standing")),
        sa.PrimaryKeyConstraint("petition_id", "stage", "tag", name=op.f("pk_sponsor")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held_entry",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(length=32), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("classes", JsonText(), nullable=False),
        sa.CheckConstraint("length(body) = 32", name=op.f("ck_held_entry_body")),
        sa.PrimaryKeyConstraint("petition_id", "body", name=op.f("pk_held_entry")),
        sqlite_with_rowid=False,
    )


def _without_sponsors() -> None:
    for table in ("held_entry", "sponsor", "sponsor_invitation", "gathering_stage", "gathering"):
        op.drop_table(table)


# Paper, certificates, maps by area.
def _paper() -> None:
    for column in (
        sa.Column("paper", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("certified", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("classes", JsonText(), server_default="{}", nullable=False),
    ):
        op.add_column("public_count", column)
    _certificate()
    op.create_table(
        "sheet",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "status IN ('created', 'issued', 'returned', 'checked', 'certified')",
            name=op.f("ck_sheet_status"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_sheet_number")),
        sa.CheckConstraint(
            "status NOT IN ('checked', 'certified') OR lines = valid + invalid + duplicate",
            name=op.f("ck_sheet_adds_up"),
        ),
        sa.CheckConstraint(
            "(status = 'certified') = (certificate_id IS NOT NULL)", name=op.f("ck_sheet_certified")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_sheet_petition_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_sheet_certificate_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_sheet")),
    )
    _verifying()


def _certificate() -> None:
    numbers = ("raw", "examined", "valid", "invalid", "duplicate")
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("sheets", JsonText(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("evidence_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("batch_no", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "about IN ('online', 'paper', 'declaration')", name=op.f("ck_certificate_about")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'confirmed', 'called_off', 'replaced')",
            name=op.f("ck_certificate_status"),
        ),
        sa.CheckConstraint(
            "examined = valid + invalid + duplicate", name=op.f("ck_certificate_adds_up")
        ),
        sa.CheckConstraint(
            "raw >= examined AND valid >= 0 AND counted >= 0", name=op.f("ck_certificate_numbers")
        ),
        sa.CheckConstraint(
            "about <> 'declaration' OR (raw = 0 AND area <> '')",
            name=op.f("ck_certificate_declaration"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name=op.f("ck_certificate_two_people"),
        ),
        sa.CheckConstraint(
            "length(evidence_hash) = 32", name=op.f("ck_certificate_evidence_hash")
        ),
        sa.CheckConstraint(
            "batch_no IS NULL OR evidence_hash IS NOT NULL", name=op.f("ck_certificate_logged")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_certificate_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("evidence_hash", name=op.f("uq_certificate_evidence_hash")),
    )
    op.create_index("ix_certificate_petition", "certificate", ["petition_id", "proposed_at"])


def _verifying() -> None:
    op.create_table(
        "verification",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("declared_lines", sa.BigInteger(), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.Column("settled", sa.Boolean(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "declared_lines IS NULL OR declared_lines >= 0",
            name=op.f("ck_verification_declared_lines"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_verification_closed")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_verification_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_verification")),
    )
    op.create_table(
        "area_map",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", JsonText(), nullable=False),
        sa.Column("met", JsonText(), nullable=False),
        sa.Column("area_min", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_area_map_digest")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_area_map_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "day", name=op.f("pk_area_map")),
        sa.UniqueConstraint("digest", name=op.f("uq_area_map_digest")),
    )
    op.create_table(
        "count_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("was", sa.BigInteger(), nullable=False),
        sa.Column("becomes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'confirmed', 'called_off')",
            name=op.f("ck_count_correction_status"),
        ),
        sa.CheckConstraint(
            "status <> 'confirmed' OR settled_by <> proposed_by",
            name=op.f("ck_count_correction_two_people"),
        ),
        sa.CheckConstraint("becomes > was", name=op.f("ck_count_correction_upwards")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_count_correction_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_correction")),
    )
    op.create_index(
        "ix_count_correction_petition", "count_correction", ["petition_id", "proposed_at"]
    )


def _without_paper() -> None:
    op.drop_index("ix_count_correction_petition", table_name="count_correction")
    for table in ("count_correction", "area_map", "verification", "sheet"):
        op.drop_table(table)
    op.drop_index("ix_certificate_petition", table_name="certificate")
    op.drop_table("certificate")
    for column in ("classes", "certified", "paper"):
        op.drop_column("public_count", column)


def _rulebooks() -> None:
    """Versions put into force by an administrator; what surrounded a rulebook at filing."""
    op.create_table(
        "rulebook_activation",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("acknowledged", JsonText(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_rulebook_activation_digest")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_rulebook_activation")),
    )
    op.create_table(
        "surroundings",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_surroundings_digest")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_surroundings")),
    )
    op.add_column("petition", sa.Column("surroundings", sa.LargeBinary(length=32), nullable=True))


def _without_rulebooks() -> None:
    op.drop_column("petition", "surroundings")
    op.drop_table("surroundings")
    op.drop_table("rulebook_activation")
