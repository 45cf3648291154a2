"""A text that was frozen when it was sent, and never public, can be emptied by its clock of erasure.

Its hash stays. Whatever was published stays what it was, as before.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EMPTIED = (
    "NEW.frozen AND NEW.text_hash = OLD.text_hash AND NEW.language = OLD.language"
    " AND NEW.petition_id = OLD.petition_id"
    " AND NEW.request = '' AND NEW.reasons = '' AND NEW.summary = '' AND EXISTS"
    " (SELECT 1 FROM petition p WHERE p.id = OLD.petition_id AND p.published_at IS NULL)"
)
REFUSE = "BEGIN SELECT RAISE(ABORT, 'a published text never changes'); END"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tr_petition_text_frozen")
        op.execute(
            "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE ON petition_text"
            f" WHEN OLD.frozen AND NOT ({EMPTIED}) {REFUSE}"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'UPDATE' THEN IF {EMPTIED} THEN RETURN NEW; END IF; END IF;"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute("DROP TRIGGER tr_petition_text_frozen ON petition_text")
    op.execute(
        "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE OR DELETE ON petition_text"
        " FOR EACH ROW WHEN (OLD.frozen) EXECUTE FUNCTION refuse_change_of_text()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tr_petition_text_frozen")
        op.execute(
            "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE ON petition_text"
            f" WHEN OLD.frozen {REFUSE}"
        )
        return
    op.execute("DROP TRIGGER tr_petition_text_frozen ON petition_text")
    op.execute(
        "CREATE TRIGGER tr_petition_text_frozen BEFORE UPDATE OR DELETE ON petition_text"
        " FOR EACH ROW WHEN (OLD.frozen) EXECUTE FUNCTION refuse_change()"
    )
    op.execute("DROP FUNCTION refuse_change_of_text()")
