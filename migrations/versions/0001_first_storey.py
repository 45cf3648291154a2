"""The first storey: petitions, signing, the log, casework, the house."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("log_entry", "log_batch", "petition_count", "milestone", "audit")


def upgrade() -> None:
    op.create_table(
        "area_tally",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("class", sa.String(length=40), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("petition_id", "area", "class", name=op.f("pk_area_tally")),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("legal_instant", UTCDateTime(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("public_texts", JsonText(), nullable=False),
        sa.Column("detail", JsonText(), nullable=False),
        sa.Column("rulebook", sa.String(length=80), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "from_state IN ('draft', 'gathering_sponsors', 'in_admissibility', 'returned', 'published', 'threshold_reached', 'examined', 'refused', 'hidden', 'closed_below', 'withdrawn', 'merged', 'lapsed', 'archived')",
            name=op.f("ck_audit_from_state"),
        ),
        sa.CheckConstraint(
            "role IN ('author', 'clerk', 'second_reader', 'committee', 'communication', 'integrity', 'administrator', 'auditor', 'system')",
            name=op.f("ck_audit_role"),
        ),
        sa.CheckConstraint(
            "to_state IN ('draft', 'gathering_sponsors', 'in_admissibility', 'returned', 'published', 'threshold_reached', 'examined', 'refused', 'hidden', 'closed_below', 'withdrawn', 'merged', 'lapsed', 'archived')",
            name=op.f("ck_audit_to_state"),
        ),
        sa.CheckConstraint(
            "length(hash) = 32 AND length(previous_hash) = 32", name=op.f("ck_audit_hashes")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_petition", "audit", ["petition_id", "seq"], unique=False)
    op.create_table(
        "author_context",
        sa.Column("assembly", sa.String(length=60), nullable=False),
        sa.Column("context", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("assembly", name=op.f("pk_author_context")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cosignatures", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("log_id", "size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "daily_count",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("petition_id", "day", name=op.f("pk_daily_count")),
    )
    op.create_table(
        "log_batch",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "batch_no", name=op.f("pk_log_batch")),
    )
    op.create_table(
        "log_entry",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name=op.f("ck_log_entry_idx")),
        sa.CheckConstraint("length(entry) BETWEEN 18 AND 4096", name=op.f("ck_log_entry_entry")),
        sa.PrimaryKeyConstraint("log_id", "idx", name=op.f("pk_log_entry")),
    )
    op.create_table(
        "log_state",
        sa.Column("log_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("published_batch", sa.BigInteger(), nullable=False),
        sa.Column("settled_batch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_log_state_root")),
        sa.CheckConstraint("published_batch <= batch_no", name=op.f("ck_log_state_published")),
        sa.CheckConstraint(
            "settled_batch <= published_batch", name=op.f("ck_log_state_settled")
        ),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_log_state")),
        sa.UniqueConstraint("origin", name=op.f("uq_log_state_origin")),
    )
    op.create_table(
        "log_tile",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0",
            name=op.f("ck_log_tile_hashes"),
        ),
        sa.PrimaryKeyConstraint("log_id", "level", "n", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "milestone",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("petition_id", "rule", name=op.f("pk_milestone")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("failed_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_open", "outbox", ["done_at", "failed_at", "due_at"], unique=False)
    op.create_table(
        "pending_entry",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=True),
        sa.Column("area", sa.String(length=40), server_default="", nullable=False),
        sa.Column("classes", JsonText(), server_default="[]", nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(type IN (24, 25)) = (secret IS NOT NULL)",
            name=op.f("ck_pending_entry_withdrawal_secret"),
        ),
        sa.CheckConstraint("length(secret) = 32", name=op.f("ck_pending_entry_secret")),
        sa.PrimaryKeyConstraint(
            "log_id", "petition_id", "type", "body", name=op.f("pk_pending_entry")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pending_entry_due", "pending_entry", ["log_id", "due_at"], unique=False)
    op.create_table(
        "petition_count",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("collected", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("invalid", sa.BigInteger(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "valid = collected - withdrawn - invalid AND valid >= 0",
            name=op.f("ck_petition_count_adds_up"),
        ),
        sa.PrimaryKeyConstraint("petition_id", "batch_no", name=op.f("pk_petition_count")),
    )
    op.create_table(
        "petition_signing",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.Column("realm", sa.String(length=60), nullable=False),
        sa.Column("realm_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("rules_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("signing", sa.String(length=8), nullable=False),
        sa.Column("seal_step", sa.SmallInteger(), nullable=False),
        sa.Column("wrapped_salt", sa.LargeBinary(length=60), nullable=True),
        sa.CheckConstraint(
            "signing IN ('open', 'closed', 'sealing', 'sealed')",
            name=op.f("ck_petition_signing_signing"),
        ),
        sa.CheckConstraint(
            "(seal_step >= 4) = (wrapped_salt IS NULL)",
            name=op.f("ck_petition_signing_sealed_without_salt"),
        ),
        sa.CheckConstraint("length(rules_hash) = 32", name=op.f("ck_petition_signing_rules_hash")),
        sa.CheckConstraint(
            "length(wrapped_salt) = 60", name=op.f("ck_petition_signing_wrapped_salt")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_petition_signing")),
    )
    op.create_table(
        "public_count",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("invalid", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_public_count")),
    )
    op.create_index("ix_public_count_valid", "public_count", ["valid", "petition_id"], unique=False)
    op.create_table(
        "reference_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_reference_counter")),
    )
    op.create_table(
        "removed_leaf",
        sa.Column("log_id", sa.SmallInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "idx", name=op.f("pk_removed_leaf")),
    )
    op.create_table(
        "rulebook_version",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("stored_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_rulebook_version_digest")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_rulebook_version")),
    )
    op.create_table(
        "signature",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("standing", sa.String(length=9), nullable=False),
        sa.Column("link", sa.LargeBinary(length=60), nullable=True),
        sa.Column("cycles", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("settled", sa.Boolean(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(standing = 'signed') = (link IS NOT NULL)", name=op.f("ck_signature_signed_with_link")
        ),
        sa.CheckConstraint(
            "standing IN ('signed', 'withdrawn', 'private')", name=op.f("ck_signature_standing")
        ),
        sa.CheckConstraint("cycles BETWEEN 0 AND 100", name=op.f("ck_signature_cycles")),
        sa.CheckConstraint("length(link) = 60", name=op.f("ck_signature_link")),
        sa.CheckConstraint("length(tag) = 32", name=op.f("ck_signature_tag")),
        sa.PrimaryKeyConstraint("petition_id", "tag", name=op.f("pk_signature")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent_pass",
        sa.Column("jti_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(jti_hash) = 32", name=op.f("ck_spent_pass_jti_hash")),
        sa.PrimaryKeyConstraint("jti_hash", name=op.f("pk_spent_pass")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent_state",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(state_hash) = 32", name=op.f("ck_spent_state_state_hash")),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_spent_state")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staff",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", JsonText(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("last_login", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_staff")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("assembly", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", JsonText(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("audience IN ('author', 'staff')", name=op.f("ck_web_session_audience")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_web_session_token_hash")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_expires", "web_session", ["expires_at"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(mark) = 32", name=op.f("ck_withdrawal_mark")),
        sa.PrimaryKeyConstraint("petition_id", "mark", name=op.f("pk_withdrawal")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "petition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly", sa.String(length=60), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("choices", JsonText(), nullable=False),
        sa.Column("targets", JsonText(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("previous_state", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("author_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("author_email", sa.String(length=254), nullable=True),
        sa.Column("similar_shown", sa.Boolean(), nullable=False),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("opens_at", UTCDateTime(), nullable=True),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("signing_ended_at", UTCDateTime(), nullable=True),
        sa.Column("correction_due", sa.Date(), nullable=True),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("time_zone_data", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'returned') = (correction_due IS NOT NULL)",
            name=op.f("ck_petition_returned_with_day"),
        ),
        sa.CheckConstraint(
            "previous_state IN ('draft', 'gathering_sponsors', 'in_admissibility', 'returned', 'published', 'threshold_reached', 'examined', 'refused', 'hidden', 'closed_below', 'withdrawn', 'merged', 'lapsed', 'archived')",
            name=op.f("ck_petition_previous_state"),
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR previous_state IS NOT NULL",
            name=op.f("ck_petition_returned_from"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'gathering_sponsors', 'in_admissibility', 'returned', 'published', 'threshold_reached', 'examined', 'refused', 'hidden', 'closed_below', 'withdrawn', 'merged', 'lapsed', 'archived')",
            name=op.f("ck_petition_state"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn', 'archived') OR reference IS NOT NULL",
            name=op.f("ck_petition_reference_given"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'threshold_reached', 'examined', 'closed_below') OR (published_at IS NOT NULL AND opens_at IS NOT NULL)",
            name=op.f("ck_petition_publication_dated"),
        ),
        sa.CheckConstraint(
            "closes_at IS NULL OR closes_at > opens_at", name=op.f("ck_petition_window")
        ),
        sa.CheckConstraint("length(author_tag) = 32", name=op.f("ck_petition_author_tag")),
        sa.ForeignKeyConstraint(
            ["rulebook_id", "rulebook_version"],
            ["rulebook_version.id", "rulebook_version.version"],
            name=op.f("fk_petition_rulebook_id_rulebook_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("reference", name=op.f("uq_petition_reference")),
    )
    op.create_index("ix_petition_author", "petition", ["author_tag"], unique=False)
    op.create_index("ix_petition_published", "petition", ["published_at", "id"], unique=False)
    op.create_index("ix_petition_state_closes", "petition", ["state", "closes_at"], unique=False)
    op.create_table(
        "case_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_case_note_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
    )
    op.create_index(op.f("ix_case_note_petition_id"), "case_note", ["petition_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("grounds", JsonText(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("second_actor", sa.String(length=60), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_decision_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("petition_id", "number", name=op.f("uq_decision_petition_id_number")),
    )
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("summaries", JsonText(), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("links", JsonText(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_outcome_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_petition_id"), "outcome", ["petition_id"], unique=False)
    op.create_table(
        "petition_text",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("authoritative", sa.Boolean(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint(
            "NOT frozen OR text_hash IS NOT NULL", name=op.f("ck_petition_text_frozen_hashed")
        ),
        sa.CheckConstraint(
            "text_hash IS NULL OR length(text_hash) = 32", name=op.f("ck_petition_text_text_hash")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_text_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "language", name=op.f("pk_petition_text")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("stopped_since", sa.Date(), nullable=True),
        sa.Column("days_stopped", sa.Integer(), nullable=False),
        sa.Column("returns_used", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.String(length=60), nullable=True),
        sa.Column("assigned_name", sa.String(length=120), nullable=True),
        sa.Column("lock_actor", sa.String(length=60), nullable=True),
        sa.Column("lock_name", sa.String(length=120), nullable=True),
        sa.Column("locked_at", UTCDateTime(), nullable=True),
        sa.Column("proposed", JsonText(), nullable=True),
        sa.Column("back_from_author", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_review_closed_with_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_review_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("petition_id", "stage", name=op.f("uq_review_petition_id_stage")),
    )
    op.create_index("ix_review_assigned", "review", ["assigned_to", "closed_at"], unique=False)
    op.create_index("ix_review_queue", "review", ["closed_at", "due_on", "id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_task_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint(
            "petition_id", "kind", "subject", name=op.f("uq_task_petition_id_kind_subject")
        ),
    )
    op.create_table(
        "track",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("milestone", sa.String(length=60), nullable=True),
        sa.Column("effect", sa.String(length=60), nullable=True),
        sa.Column("force", sa.String(length=10), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("overdue_at", UTCDateTime(), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.CheckConstraint(
            "(status = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_track_decided_dated")
        ),
        sa.CheckConstraint("status IN ('due', 'decided', 'overdue')", name=op.f("ck_track_status")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_track_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "code", name=op.f("pk_track")),
    )
    op.create_index("ix_track_open", "track", ["status", "due_on"], unique=False)
    op.create_table(
        "finding",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=60), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_finding_review_id")),
        sa.PrimaryKeyConstraint("review_id", "ground", name=op.f("pk_finding")),
    )

    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    op.execute(
        "CREATE UNIQUE INDEX uq_log_entry_sign ON log_entry (entry)"
        " WHERE substr(entry, 2, 1) IN (x'10', x'11')"
    )
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER tr_checkpoint_note BEFORE UPDATE ON checkpoint"
        " WHEN OLD.note IS NOT NULL AND NEW.note IS NOT OLD.note"
        " OR NEW.root IS NOT OLD.root OR NEW.size IS NOT OLD.size"
        " BEGIN SELECT RAISE(ABORT, 'a signed checkpoint never changes'); END"
    )
    op.execute(
        "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE ON petition_text WHEN OLD.frozen"
        " BEGIN SELECT RAISE(ABORT, 'a published text never changes'); END"
    )
    op.execute(
        "CREATE TRIGGER tr_petition_text_kept BEFORE DELETE ON petition_text WHEN OLD.frozen"
        " BEGIN SELECT RAISE(ABORT, 'a published text never changes'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE UNIQUE INDEX uq_log_entry_sign ON log_entry (entry)"
        " WHERE get_byte(entry, 1) IN (16, 17)"
    )
    op.execute("ALTER TABLE spent_pass SET UNLOGGED")
    op.execute("ALTER TABLE spent_state SET UNLOGGED")
    op.execute("ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL")
    for table in ("signature", "pending_entry"):
        op.execute(
            f"ALTER TABLE {table} SET"
            " (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)"
        )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER tr_{table}_kept BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER tr_{table}_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER tr_checkpoint_note BEFORE UPDATE ON checkpoint FOR EACH ROW"
        " WHEN (OLD.note IS NOT NULL AND NEW.note IS DISTINCT FROM OLD.note"
        " OR NEW.root IS DISTINCT FROM OLD.root OR NEW.size IS DISTINCT FROM OLD.size)"
        " EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE OR DELETE ON petition_text"
        " FOR EACH ROW WHEN (OLD.frozen) EXECUTE FUNCTION refuse_change()"
    )
    op.execute(SIGN_PETITION)


# One round trip for the signing transaction. VOLATILE: every statement sees a new snapshot, which the
# last check needs (a commitment that the worker moves into the log while this transaction runs).
SIGN_PETITION = """
CREATE FUNCTION sign_petition(
  p_lock bigint, p_petition uuid, p_log smallint, p_jti bytea, p_jti_expires timestamptz, p_tag bytea,
  p_link bytea, p_commitment bytea, p_entry bytea, p_area text, p_classes text, p_max_wait integer,
  p_now timestamptz, OUT status text, OUT size bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now timestamptz;
  v_step integer := least(60, p_max_wait);
BEGIN
  PERFORM pg_advisory_xact_lock_shared(p_lock);
  v_now := coalesce(p_now, clock_timestamp());
  SELECT s.size INTO size FROM petition_signing g JOIN log_state s ON s.log_id = g.log_id
    WHERE g.petition_id = p_petition AND g.signing = 'open' AND g.closes_at > v_now;
  IF NOT FOUND THEN status := 'closed'; size := 0; RETURN; END IF;
  INSERT INTO spent_pass (jti_hash, expires_at) VALUES (p_jti, p_jti_expires) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN status := 'replayed'; RETURN; END IF;
  INSERT INTO signature (petition_id, tag, standing, link, cycles, settled)
    VALUES (p_petition, p_tag, 'signed', p_link, 0, false) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN status := 'exists'; RETURN; END IF;
  INSERT INTO pending_entry (log_id, petition_id, type, body, area, classes, due_at)
    VALUES (p_log, p_petition, 16, p_commitment, p_area, p_classes,
      to_timestamp(ceil((floor(extract(epoch FROM v_now)) + p_max_wait + 1) / v_step) * v_step))
    ON CONFLICT DO NOTHING;
  IF NOT FOUND OR EXISTS (
    SELECT 1 FROM log_entry WHERE entry = p_entry AND get_byte(entry, 1) IN (16, 17)
  ) THEN
    -- an error, so that nothing of this call stays, whoever called it and in whatever transaction
    RAISE EXCEPTION 'commitment not fresh' USING ERRCODE = 'PT409';
  END IF;
  status := 'signed';
END $$
"""


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION sign_petition")
        op.execute("DROP FUNCTION refuse_change CASCADE")
    op.drop_table("finding")
    op.drop_index("ix_track_open", table_name="track")
    op.drop_table("track")
    op.drop_table("task")
    op.drop_index("ix_review_queue", table_name="review")
    op.drop_index("ix_review_assigned", table_name="review")
    op.drop_table("review")
    op.drop_table("petition_text")
    op.drop_index(op.f("ix_outcome_petition_id"), table_name="outcome")
    op.drop_table("outcome")
    op.drop_table("decision")
    op.drop_index(op.f("ix_case_note_petition_id"), table_name="case_note")
    op.drop_table("case_note")
    op.drop_index("ix_petition_state_closes", table_name="petition")
    op.drop_index("ix_petition_published", table_name="petition")
    op.drop_index("ix_petition_author", table_name="petition")
    op.drop_table("petition")
    op.drop_table("withdrawal")
    op.drop_index("ix_web_session_expires", table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("staff")
    op.drop_table("spent_state")
    op.drop_table("spent_pass")
    op.drop_table("signature")
    op.drop_table("rulebook_version")
    op.drop_table("removed_leaf")
    op.drop_table("reference_counter")
    op.drop_index("ix_public_count_valid", table_name="public_count")
    op.drop_table("public_count")
    op.drop_table("petition_signing")
    op.drop_table("petition_count")
    op.drop_index("ix_pending_entry_due", table_name="pending_entry")
    op.drop_table("pending_entry")
    op.drop_index("ix_outbox_open", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("milestone")
    op.drop_table("log_tile")
    op.drop_table("log_state")
    op.drop_table("log_entry")
    op.drop_table("log_batch")
    op.drop_table("daily_count")
    op.drop_table("checkpoint")
    op.drop_table("author_context")
    op.drop_index("ix_audit_petition", table_name="audit")
    op.drop_table("audit")
    op.drop_table("area_tally")
