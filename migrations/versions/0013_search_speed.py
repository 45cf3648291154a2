"""Frequent words counted in one look at a narrow row; every order of a search by an index."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNLISTED = "petition_id IN (SELECT petition_id FROM petition_clock WHERE unlisted IS true)"
PUBLIC = (
    "(state IN ('published', 'threshold_reached', 'examined', 'closed_below', 'refused') "
    "OR (state IN ('withdrawn', 'lapsed', 'merged', 'archived') AND published_at IS NOT NULL "
    "AND coalesce(previous_state, '') <> 'hidden') "
    "OR (state = 'archived' AND previous_state = 'refused'))"
)
KEPT = (
    "doc, petition_id, newest, closes_at, state_since, several, language, assembly, state, original, "
    "kind, topic, rulebook_id, title, request, reasons"
)
# What a count looks at stands in front, and everything long stands elsewhere, so that forty thousand
# rows are few pages. PostgreSQL only moves something out of a row that has 2 kB: `blank`, which packs to
# thirty bytes, makes every row so. `sort_class` is one number for what the filters' figures are counted by.
TABLE = """
CREATE TABLE search_text (
    doc bigint NOT NULL DEFAULT nextval('search_text_doc_seq'::regclass),
    petition_id uuid NOT NULL,
    sort_class bigint GENERATED ALWAYS AS (hashtextextended(
        assembly || '/' || state || '/' || original || '/' || kind || '/' || coalesce(topic, ''),
        0)) STORED,
    newest timestamp with time zone,
    closes_at timestamp with time zone,
    state_since timestamp with time zone,
    shown boolean DEFAULT '0' NOT NULL,
    several boolean DEFAULT '0' NOT NULL,
    language varchar(12) NOT NULL,
    assembly varchar(60) DEFAULT '' NOT NULL,
    state varchar(20) DEFAULT '' NOT NULL,
    original varchar(12) DEFAULT '' NOT NULL,
    kind varchar(60) DEFAULT '' NOT NULL,
    topic varchar(60),
    rulebook_id varchar(60) DEFAULT '' NOT NULL,
    title_vector tsvector NOT NULL
        GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, title)) STORED,
    whole_vector tsvector NOT NULL GENERATED ALWAYS AS (
        to_tsvector('simple'::regconfig, title || ' ' || request || ' ' || reasons)) STORED,
    title text NOT NULL,
    request text NOT NULL,
    reasons text NOT NULL,
    blank text GENERATED ALWAYS AS (repeat(' ', 2100)) STORED
) WITH (toast_tuple_target = 480)"""
# Words that stand beside each other in one part of a text: what a phrase is looked up by.
PAIRS = """
CREATE FUNCTION search_pairs(VARIADIC parts text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    part text;
    words text[];
    found text[] := '{}';
BEGIN
    FOREACH part IN ARRAY parts LOOP
        words := string_to_array(part, ' ');
        FOR place IN 2 .. coalesce(array_length(words, 1), 0) LOOP
            found := found || (words[place - 1] || ' ' || words[place]);
        END LOOP;
    END LOOP;
    RETURN found;
END $$"""
KEYS = (
    "ADD CONSTRAINT pk_search_text PRIMARY KEY (doc), "
    "ADD CONSTRAINT uq_search_text_petition_id_language UNIQUE (petition_id, language), "
    "ADD CONSTRAINT fk_search_text_petition_id_language FOREIGN KEY (petition_id, language) "
    "REFERENCES petition_text (petition_id, language) ON DELETE CASCADE"
)
ORDERS = {
    "newest": "newest DESC, petition_id",
    "updated": "state_since DESC, petition_id",
    "closing": "(state <> 'published'), (closes_at IS NULL), closes_at, newest DESC, petition_id",
}


def _narrow_in_front() -> None:
    op.execute("ALTER TABLE search_text RENAME TO search_text_before")
    op.execute("ALTER TABLE search_text_before ALTER COLUMN doc DROP DEFAULT")
    op.execute("ALTER SEQUENCE search_text_doc_seq OWNED BY NONE")
    op.execute(TABLE)
    op.execute("ALTER TABLE search_text ALTER COLUMN title_vector SET STORAGE MAIN")  # stays inside
    op.execute("ALTER SEQUENCE search_text_doc_seq OWNED BY search_text.doc")
    op.execute(
        f"INSERT INTO search_text (shown, {KEPT}) "
        f"SELECT shown AND NOT {UNLISTED}, {KEPT} FROM search_text_before ORDER BY doc"
    )
    op.execute("DROP TABLE search_text_before")
    op.execute(f"ALTER TABLE search_text {KEYS}")
    for part in ("title", "whole"):
        op.execute(
            f"CREATE INDEX ix_search_text_{part} ON search_text "
            f"USING gin ({part}_vector) WITH (gin_pending_list_limit = 256)"
        )
    op.execute(PAIRS)
    op.execute(
        "CREATE INDEX ix_search_text_pairs ON search_text "
        "USING gin (search_pairs(title, request, reasons)) WITH (gin_pending_list_limit = 256)"
    )


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"UPDATE search_text SET shown = 0 WHERE {UNLISTED}")
        return
    _narrow_in_front()
    for name, columns in ORDERS.items():
        op.execute(
            f"CREATE INDEX ix_search_text_{name} ON search_text ({columns}) WHERE shown IS true"
        )
    op.execute(
        "CREATE INDEX ix_petition_listed ON petition "
        "(assembly, state, language, kind, topic, rulebook_id, id) "
        f"WHERE reference IS NOT NULL AND {PUBLIC}"
    )


def downgrade() -> None:
    # inside, bare names are those of `petition`
    public = f"petition_id IN (SELECT id FROM petition WHERE {PUBLIC})"
    op.execute(f"UPDATE search_text SET shown = true WHERE {UNLISTED} AND {public}")
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP INDEX ix_petition_listed")
    for name in ORDERS:
        op.execute(f"DROP INDEX ix_search_text_{name}")
    op.execute("DROP INDEX ix_search_text_pairs")
    op.execute("DROP FUNCTION search_pairs(text[])")
    op.execute("ALTER TABLE search_text DROP COLUMN sort_class, DROP COLUMN blank")
    op.execute("ALTER TABLE search_text RESET (toast_tuple_target)")
