"""What is kept in the database, column by column. Pure.

A test fails where a table has a column that is not named here, so that nothing is ever kept of
which nobody has said why. A new table needs its line before it needs anything else.
"""

from __future__ import annotations

from typing import Unpack

from petitions.domain.retention import (
    AUTHOR_SESSION,
    CASE_DRAFT_LIFE,
    DRAFT_LIFE,
    SPENT_GRACE,
    SPONSORS_LIFE,
    STAFF_SESSION_ROW,
    Ended,
    Kept,
    More,
    Naming,
    Place,
    Whom,
)
from petitions.domain.staffing import CODE_LIFE, KEPT_FORM_LIFE, SETTLED_LIFE, WAITING_LIFE

ALWAYS = "always: it is public, or proves what is public"
DATABASE = "as long as the database"
SEALED = "sealing of the petition"


def _rows(
    name: str, columns: str, what: str, why: str, until: str, ended: Ended, **more: Unpack[More]
) -> Kept:
    return Kept(Place.TABLE, name, tuple(columns.split()), what, why, until, ended, **more)


def _public(name: str, columns: str, what: str, why: str, **more: Unpack[More]) -> Kept:
    return _rows(name, columns, what, why, ALWAYS, Ended.NOTHING, **more)


def _case(name: str, columns: str, what: str, why: str) -> Kept:
    return _rows(
        name, columns, what, why, DATABASE, Ended.OFFICE, whom=Whom.STAFF, naming=Naming.PERSON
    )


SIGNATURES: tuple[Kept, ...] = (
    _rows("signature", "petition_id tag standing cycles settled",
          "one-way code of one person in one petition, whether it stands, how often it was given "
          "again",
          "one person signs once", SEALED, Ended.SEALING_ROWS, told="code", whom=Whom.SIGNER,
          naming=Naming.WITH_KEYS),
    _rows("signature", "link",
          "encrypted way from the code to its entry in the log; opens with that person's login "
          "only",
          "withdrawing, and telling somebody when they signed", "withdrawal, at the latest sealing",
          Ended.SEALING_ROWS, told="code", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _rows("group_act", "group_id tag",
          "one-way code of one person in a group of competing petitions; in which of them it signed "
          "is not told, and it compares with no other code",
          "one signature among competing petitions", "sealing of the last of them",
          Ended.SEALING_ROWS, told="group_code",
          whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _rows("group_member", "petition_id group_id wrapped_salt",
          "which petitions compete; the group's salt, encrypted under each petition's own key",
          "one signature among competing petitions", "sealing of the last of them", Ended.SEALING_ROWS),
    _rows("signing_group", "id name_hash kid",
          "which petitions compete: hash of what their authors named",
          "one signature among competing petitions", "sealing of the last of them", Ended.SEALING_ROWS),
    _rows("pending_entry", "log_id petition_id type body secret area classes due_at",
          "entry that waits for its batch: random value, area and class where the rules count by "
          "them",
          "batches are sorted, so that the log tells no order", "the next batch", Ended.BATCH,
          whom=Whom.SIGNER, told="waiting"),
    _rows("withdrawal", "petition_id mark opening", "keyed mark that an entry was withdrawn",
          "nothing is subtracted twice", SEALED, Ended.SEALING_ROWS, told="code", whom=Whom.SIGNER,
          naming=Naming.WITH_KEYS),
    _rows("area_tally", "petition_id area class signed withdrawn", "totals by area and class",
          "rules that ask for several areas", SEALED, Ended.SEALING_ROWS, whom=Whom.SIGNER,
          told="areas"),
    _rows("spent_pass", "jti_hash expires_at",
          "hash of a login's random number, with its end rounded up to ten minutes",
          "a login serves once", "{life} after the login's end", Ended.PURGE, whom=Whom.SIGNER,
          life=SPENT_GRACE, told="login"),
    _rows("spent_state", "state_hash expires_at",
          "hash of a random number sent to the provider, with its end rounded up",
          "an answer of the provider serves once", "{life} after the login's end", Ended.PURGE,
          whom=Whom.SIGNER, life=SPENT_GRACE, told="login"),
    _rows("petition_signing",
          "petition_id log_id kid realm realm_fingerprint rules_hash closes_at signing seal_step",
          "under which keys, realm and rules a petition is signed",
          "the same person gives the same code to the end",
          DATABASE, Ended.NOTHING),
    _rows("petition_signing", "wrapped_salt",
          "the petition's salt, encrypted under a key outside the database",
          "the codes of a petition compare with no other's", SEALED, Ended.SEALING_ROWS,
          told="code", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
)  # fmt: skip

LOG: tuple[Kept, ...] = (
    _public("log_entry", "log_id idx batch_no entry",
            "the public log: random values, counts, decisions",
            "anybody can count again", whom=Whom.SIGNER, told="entry"),
    _public("log_tile", "log_id level n hashes", "hashes of the log", "proofs"),
    _public("log_state", "log_id origin size root batch_no published_batch settled_batch",
            "how far the log is", "the worker goes on"),
    _public("log_batch", "log_id batch_no first entries at", "borders and time of each batch",
            "when a count holds"),
    _public("checkpoint", "log_id size batch_no root note cosignatures", "signed states of the log",
            "nobody can show two logs"),
    _rows("witness_state", "log_id witness size", "how far each witness has come",
          "the next state is shown to it", DATABASE, Ended.NOTHING),
    _public("removed_leaf", "log_id idx petition_id reason",
            "entries declared invalid, with the reason", "nothing is removed in silence"),
    _public("petition_count", "petition_id batch_no collected withdrawn invalid valid",
            "counts per batch", "figures"),
    _public("milestone", "petition_id rule threshold valid batch_no", "levels reached", "figures"),
    _public("area_map", "petition_id day figures met area_min content digest batch_no",
            "one map a day by area: whole tens, small figures hidden",
            "where signatures come from, pointing at nobody"),
    _public("public_count", "petition_id valid withdrawn invalid batch_no at paper certified classes",
            "the count that pages show", "figures"),
    _public("daily_count", "petition_id day valid", "count at the end of each day", "figures"),
    _public("log_key", "log_id role digest vkey key_id added retired retire_from",
            "public keys that a log announced, and where in the log", "signatures can be checked"),
    _public("key_rotation",
            "log_id role number ordered_at ordered_by reason overlap announced_at ended_at",
            "who ordered a new signing key for a log, and why", "a change of keys can be explained",
            whom=Whom.STAFF, naming=Naming.PERSON),
    _public("log_paper", "digest folder log_id petition_id content leaf",
            "answers and notices, exactly as they were published", "the log can be checked"),
    _public("sealing",
            "petition_id ordered_at ordered_by reason size root seal_index erased_at erased "
            "told_from sealed_at",
            "who ordered the sealing of a petition, and what it destroyed",
            "the destruction can be checked",
            whom=Whom.STAFF, naming=Naming.PERSON),
    _public("replica_key", "log_id number vkey", "public keys of the places that held a key",
            "the destruction can be checked"),
    _public("destruction_statement",
            "key_id replica petition_id log_id number statement statement_hash",
            "signed statements that a key is gone", "the destruction can be checked"),
)  # fmt: skip

FILING: tuple[Kept, ...] = (
    _rows("petition", "*", "a draft with its text, not sent", "the author may go on",
          "{life} after it was begun",
          Ended.PURGE, life=DRAFT_LIFE, told="draft", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _rows("petition", "author_name author_email",
          "name as the author wrote it, address for letters",
          "the rules say whose petition it is; letters about it",
          "the rules' time for the author, then on request",
          Ended.AUTHOR_CLOCK, told="author", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _rows("petition", "author_tag",
          "one-way code of an author at one assembly; compares with no signature's",
          "limits per author, the author's own space", DATABASE, Ended.OFFICE, whom=Whom.AUTHOR,
          naming=Naming.WITH_KEYS, told="author"),
    _rows("petition",
          "id assembly rulebook_id rulebook_version kind choices targets reference state "
          "previous_state "
          "language similar_shown difference created_at submitted_at published_at opens_at "
          "closes_at last_day "
          "signing_ended_at correction_due state_since time_zone_data channel after_kind surroundings "
          "topic version", "the course of a petition: kind, rules, state, dates, topic",
          "the procedure", ALWAYS, Ended.NOTHING),
    _public("petition_text",
            "petition_id language title request reasons folded authoritative frozen text_hash summary "
            "origin bound published_at",
            "what the author wrote", "people sign what they read", told="text", whom=Whom.AUTHOR,
            naming=Naming.PERSON),
    _rows("search_text", "doc petition_id language title request reasons shown assembly rulebook_id "
          "kind state original several newest closes_at state_since topic",
          "stems of the words of a petition that was sent (SQLite: and their lists, `search_fts`)",
          "it is found, and compared with others before a second one is written",
          "it is hidden, erased or taken back before publication", Ended.OUT_OF_INDEX),
    _rows("search_word", "language word form documents",
          "the words that petitions use, and in how many texts",
          "searches forgive slips of the keyboard",
          "no text that may be found has it any more", Ended.OUT_OF_INDEX),
    _public("rulebook_version", "id version digest canonical valid_from stored_at",
            "the rules a petition is under", "rules do not change under a petition"),
    _public("surroundings", "digest content stored_at",
            "areas, populations and wording as they stood when a petition was filed",
            "what surrounds the rules does not change under a petition either"),
    _rows("rulebook_activation", "id version digest acknowledged actor at",
          "who put a version of the rules into force, and what they acknowledged",
          "somebody answers for the rules", DATABASE, Ended.OFFICE, whom=Whom.STAFF,
          naming=Naming.PERSON),
    _case("content_text",
          "id assembly page language number title body recorded_at recorded_by published_at",
          "texts of the site's own pages, version by version, and who wrote them",
          "somebody answers for what the site says"),
    _rows("reference_counter", "year last", "the last number given", "references", DATABASE,
          Ended.NOTHING),
    _rows("author_context", "assembly context kid",
          "random value in which an assembly's authors log in",
          "authors compare with no signer", DATABASE, Ended.NOTHING),
    _rows("addressee", "petition_id assembly", "further assemblies a petition is addressed to",
          "the procedure", ALWAYS, Ended.NOTHING),
    _rows("same_subject", "petition_id other_id found_by actor note at",
          "findings that two petitions are about the same subject, with a note",
          "repetition is limited", DATABASE, Ended.OFFICE, whom=Whom.STAFF, naming=Naming.PERSON),
    _rows("filing_answer", "petition_id field value",
          "what the rules ask of an author beyond name and address, such as residence",
          "the rules ask for it", "the rules' time for the author, then on request",
          Ended.AUTHOR_CLOCK,
          told="author", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _public("discussed_text", "petition_id language number title summary request reasons until",
            "earlier versions of a text that its author edited in public before anybody signed",
            "nobody can say that something else was asked before", told="text", whom=Whom.AUTHOR,
            naming=Naming.PERSON),
    _public("annex", "id petition_id number name media_type pages size digest content added_at",
            "files that the author added; public once the petition is admitted",
            "people sign what they read", told="text", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _rows("prior_count", "petition_id collected valid actor at",
          "how many signatures came with a petition on paper", "figures", ALWAYS, Ended.NOTHING,
          whom=Whom.STAFF, naming=Naming.PERSON),
    _rows("outbox",
          "id kind key payload created_at due_at attempts claimed_until done_at failed_at error",
          "which letter or effect for which petition; never a text or an address",
          "each is done once", DATABASE, Ended.OFFICE),
    _rows("web_session", "token_hash audience subject assembly kinds language seen_at expires_at",
          "that an author is logged in: hash of a random token, the author's code",
          "the author's own space",
          "{life}, or signing out", Ended.PURGE, whom=Whom.AUTHOR, naming=Naming.WITH_KEYS,
          life=AUTHOR_SESSION, told="session"),
)  # fmt: skip

_AFTER_END = "{life} after the petition ended, at the latest sealing"
SPONSORS: tuple[Kept, ...] = (
    _rows("sponsor", "petition_id stage tag standing role area invitation",
          "one-way code of one person who stands behind a petition, in one stage; compares with no "
          "signature. Role and area where the rules ask for them",
          "one person counts once", _AFTER_END, Ended.SPONSORS, life=SPONSORS_LIFE,
          told="sponsor", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _rows("sponsor_invitation",
          "petition_id number stage token_hash shared role standing issued_on expires_at",
          "hash of a private link and what became of it; never to whom it was given",
          "a link can be taken back", _AFTER_END, Ended.SPONSORS, life=SPONSORS_LIFE,
          whom=Whom.AUTHOR),
    _rows("held_entry", "petition_id body area classes",
          "entry of a sponsor whose act counts as a signature: random value, area and class where "
          "the rules count by them",
          "it joins the log when signing opens", "the opening of signing, else " + _AFTER_END,
          Ended.SPONSORS, life=SPONSORS_LIFE, told="waiting", whom=Whom.SIGNER),
    _rows("gathering", "petition_id kid realm realm_fingerprint wrapped_salt signing_salt text_hash",
          "the salts of a petition's sponsors, encrypted under a key outside the database",
          "the same person gives the same code", _AFTER_END, Ended.SPONSORS, life=SPONSORS_LIFE,
          told="sponsor", whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _rows("joint_withdrawal", "petition_id token_hash asked_at status",
          "that the author asks all promoters to agree to a withdrawal; hash of the private link",
          "no promoter is overruled", DATABASE, Ended.NOTHING, whom=Whom.AUTHOR),
    _rows("promoter_agreement", "petition_id stage tag",
          "one-way code of a promoter who agreed, as it stands in their sponsorship; no time",
          "each agrees once", _AFTER_END, Ended.SPONSORS, life=SPONSORS_LIFE, told="sponsor",
          whom=Whom.SIGNER, naming=Naming.WITH_KEYS),
    _rows("gathering_stage",
          "petition_id stage position needed progress opened_at due_on attempts_used ended_at",
          "what each stage of sponsors asked for, and when it was met", "the procedure", ALWAYS,
          Ended.NOTHING),
)  # fmt: skip

OFFICE: tuple[Kept, ...] = (
    _rows("web_session", "name roles opened_at auth_time subject_mark session_mark",
          "that somebody of the staff is or was just logged in, with name and roles; one-way codes "
          "by which the house's login ends the session",
          "the desk; it lets nobody in after 8 hours",
          "{life}, or signing out", Ended.PURGE, whom=Whom.STAFF, naming=Naming.PERSON,
          life=STAFF_SESSION_ROW),
    _rows("kept_form", "id actor sealed expires_at",
          "what somebody of the staff sent after their session ended, encrypted to their browser",
          "no text is lost", "{life}, or sending it again", Ended.PURGE, whom=Whom.STAFF,
          naming=Naming.WITH_KEYS, life=KEPT_FORM_LIFE),
    _rows("staff_waiting", "actor name asked_on", "who logged in at the desk without having a role",
          "an administrator can name them", "{life} after the last attempt", Ended.PURGE,
          whom=Whom.STAFF, naming=Naming.PERSON, life=WAITING_LIFE),
    _rows("staff_proposal",
          "id subject change role reason proposed_by proposed_at expires_at settled_by settled_at "
          "outcome",
          "changes of rights that one administrator proposed", "another one confirms them",
          "{life} after they expired; the audit trail keeps them", Ended.PURGE, whom=Whom.STAFF,
          naming=Naming.PERSON, life=SETTLED_LIFE),
    _rows("staff_notice", "id recipient about by at reason",
          "what one administrator did alone, for each of the others", "the others are told",
          "{life}, or reading it", Ended.PURGE, whom=Whom.STAFF, naming=Naming.PERSON,
          life=SETTLED_LIFE),
    _rows("staff_code", "code_hash roles expires_at", "hash of a one-time code of the command line",
          "the first administrator", "{life}, or its use", Ended.PURGE, life=CODE_LIFE),
    _case("staff_role", "actor role since given_by", "since when and by whom somebody has a role",
          "rights can be checked"),
    _case("staff_assembly", "actor assembly since given_by",
          "at whose desk somebody works", "nobody reads the desk of another assembly"),
    _case("staff", "actor name roles disabled last_login shortcuts", "who works at the desk",
          "decisions are signed by people"),
    _case("audit",
          "seq petition_id at legal_instant action from_state to_state role actor reason "
          "public_texts detail "
          "rulebook previous_hash hash", "each act, chained", "the procedure can be checked"),
    _case("review",
          "id petition_id stage body opened_at due_on due_provisional stopped_since days_stopped "
          "returns_used "
          "assigned_to assigned_name lock_actor lock_name locked_at proposed back_from_author "
          "closed_at outcome version",
          "the check of a petition and who holds it", "the procedure"),
    _case("finding", "review_id ground met note actor at", "the clerk's checklist",
          "the procedure"),
    _case("decision",
          "id petition_id number stage body outcome grounds texts actor actor_name second_actor at",
          "decisions with their reasons", "the procedure"),
    _case("removal",
          "id petition_id log_id reason leaves texts status proposed_at proposed_by confirmed_at "
          "confirmed_by effective_at ended_at decision_hash",
          "decisions that declare entries invalid, by number of the entry", "the procedure"),
    _case("sheet",
          "petition_id number area status lines valid invalid duplicate certificate_id changed_at "
          "changed_by",
          "numbered sheets of signatures with the numbers found on them; no line and no name",
          "what is on paper is counted once"),
    _case("certificate",
          "id petition_id log_id about area authority document issued_on raw examined valid invalid "
          "duplicate sampled counted sheets status proposed_at proposed_by confirmed_at confirmed_by "
          "ended_at evidence_hash batch_no",
          "what authorities certified of signatures, and who entered it",
          "signatures count by certificate"),
    _case("verification",
          "petition_id declared_lines declared_at closed_at closed_by settled",
          "how far verification is, and what organisers say they have", "the count is explained"),
    _case("count_correction",
          "id petition_id texts was becomes status proposed_at proposed_by settled_at settled_by",
          "corrections of a final count, with their reason", "two people decide"),
    _rows("case_draft",
          "review_id actor actor_name content review_version petition_version at",
          "what a clerk wrote about a check and has not sent", "nothing typed is lost",
          "it is sent, at the latest {life} after the check ended", Ended.PURGE,
          life=CASE_DRAFT_LIFE, whom=Whom.STAFF, naming=Naming.PERSON),
    _rows("text_version",
          "petition_id language number title summary request reasons petition_version at",
          "each text as its author sent it", "what was checked can be told from what came later",
          DATABASE, Ended.OFFICE, told="text", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _rows("change_request",
          "petition_id number before proposed asked_at reminded_at status answered_at answer",
          "wording proposed to an author, and what the author answered", "the author decides",
          DATABASE, Ended.OFFICE, told="text", whom=Whom.AUTHOR, naming=Naming.PERSON),
    _rows("text_reading", "petition_id language digest guessed at",
          "the language in which a text reads", "a signal for clerks", DATABASE, Ended.NOTHING),
    _case("case_note", "id petition_id at actor actor_name text", "notes of clerks, never public",
          "the file"),
    _rows("case_reading", "review_id petition_version",
          "up to which version of a petition its signals were computed", "the clerk's queue",
          DATABASE, Ended.NOTHING),
    _rows("case_mark", "review_id code severity facts",
          "signals of a text by code, with counts and limits; no passage of the text",
          "the clerk's queue", DATABASE, Ended.NOTHING),
    _case("saved_view", "id actor name asked made_on",
          "filters of the queue under a name, of one person; gone when deleted", "the clerk's queue"),
    _case("returned_letter", "job_id petition_id at actor",
          "letters to authors that a mail server gave back, and who recorded it: a person, or the "
          "system from a delivery report of which nothing else is kept",
          "the author learns it in another way"),
    _case("signing_suspension",
          "id petition_id since lapses_at texts actor confirmed_at confirmed_by resumed_at resumed_by",
          "when signing was suspended and why, and who decided it", "two people decide"),
    _case("outcome", "id petition_id code body at decided_on summaries texts links actor",
          "answers", "the procedure"),
    _case("task", "id petition_id kind subject facts opened_at done_at done_by",
          "what a clerk must look at", "the procedure"),
    _case("step",
          "id petition_id number kind body planned on_day at_time place texts links track recorded_at "
          "actor",
          "what the institution did or announced", "the public follows it"),
    _case("step_change",
          "step_id number kind on_day at_time place texts links recorded_at actor",
          "errata, new dates, cancellations", "nothing is edited in silence"),
    _case("track_extension", "petition_id code number length due_before due_after texts at actor",
          "more time for a duty, with its notice", "the procedure"),
    _case("case_motion",
          "id petition_id action grounds legal_basis asked_by texts status proposed_at proposed_by "
          "settled_at settled_by why",
          "taking down, restoring, reopening: two people and their reasons", "the procedure"),
    _case("answer_proposal",
          "id petition_id code decided_on summaries texts links reason status proposed_at proposed_by "
          "settled_at settled_by why",
          "answers that wait for a second person, or were sent back", "two people decide"),
    _case("merge_request",
          "id petition_id target_id texts status asked_at asked_by asked_role asked_name answered_at "
          "answer",
          "mergers proposed to authors, and their answers", "the procedure"),
    _case("file_care", "petition_id actor name since", "who looks after a file", "the office"),
    _case("calendar_feed", "token_hash actor language body assembly mine made_on",
          "secret addresses of staff's calendars, by hash; gone when taken back", "due dates"),
    _rows("track",
          "petition_id code milestone effect force body status opened_at due_on provisional "
          "overdue_at internal decided_at late cause texts started_on not_before",
          "what the institution owes, by when", "the procedure",
          ALWAYS, Ended.NOTHING),
)  # fmt: skip


ROWS: tuple[Kept, ...] = (*SIGNATURES, *SPONSORS, *LOG, *FILING, *OFFICE)
