"""What each key of a rulebook means: the only column of the reference that is written by hand. Pure.

A test fails where a key of the schema has no meaning here, or a meaning has no key.
"""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "rulebook": "identity of the file, and what holds for every kind",
    "rulebook.id": "equals the file's name; a petition's pinned copy and the wording go by it",
    "rulebook.version": "grows with every change; a version in force never changes again",
    "rulebook.valid_from": (
        "the version holds for petitions sent from this local day on; each version starts "
        "later than the one before"
    ),
    "rulebook.assemblies": (
        "who owns the petitions: ids of files in `assemblies/`; where there are several, the "
        "author picks"
    ),
    "rulebook.zone": "every day of this procedure is a day here",
    "rulebook.realm": (
        "who vouches for a person: a realm of the site's settings; one realm gives a person "
        "one key, so that one person signs once"
    ),
    "rulebook.confirm": (
        "keys whose value is from memory or assumed; whoever puts the version into force "
        "acknowledges each by name"
    ),
    "rulebook.languages": "the languages of petitions",
    "rulebook.languages.accepted": (
        "a petition may be written in these; also names of `language_sets` of the assembly"
    ),
    "rulebook.languages.required": (
        "nothing is published, refused or answered before its text exists in all of these"
    ),
    "rulebook.languages.authoritative": (
        "which text is the signed one: the one it was written in (`author`), `all`, or one language"
    ),
    "rulebook.languages.translated_by": "who provides the other languages",
    "rulebook.assurance": (
        "lowest level of login: one word for every act, or a table with one for each"
    ),
    "rulebook.assurance.file": "to file a petition",
    "rulebook.assurance.sponsor": "to support as a sponsor",
    "rulebook.assurance.sign": (
        "to sign; with `email` one signature per address, and conditions rest on the person's "
        "own declaration"
    ),
    "rulebook.assurance.withdraw": "to withdraw a signature",
    "kinds": (
        "the kinds of petition an author picks from; without this table there is one, `petition`"
    ),
    "kinds.<id>": (
        "any key of the tables below, laid over the common text: tables merge, lists, "
        "conditions and the window are replaced whole"
    ),
    "visibility": '`private`: no page, nobody else signs, "published" means admitted',
    "filing": "before the check: who files, what, how often",
    "filing.channels": "ways to file; what comes on paper or by post is entered by a clerk",
    "filing.author": "who may file",
    "filing.form": "what is written, and how long it may be",
    "filing.form.title_max": "characters (Unicode code points after NFC)",
    "filing.form.summary_max": "characters; 0: no summary is asked",
    "filing.form.text_max": "request and reasons together, in `unit`",
    "filing.form.unit": "what `text_max` counts: characters, or words as runs without white space",
    "filing.form.files_max": "attached files",
    "filing.form.file_mb": "megabytes of one file",
    "filing.form.pages_max": "pages of one file; 0: no limit",
    "filing.form.links": "`official`: a link elsewhere is a signal to the clerk; `none`: no links",
    "filing.form.fields": "what is asked besides; never published",
    "filing.limits": "repetition and number",
    "filing.limits.open_same": (
        "the same subject is open already: tell the author, refuse, or nothing"
    ),
    "filing.limits.closed_within": "not again for so long after the same subject closed",
    "filing.limits.decided_within": "not again for so long after the same subject was decided",
    "filing.limits.decided_outcomes": "only these outcomes bar a repetition; empty: all",
    "filing.limits.open_per_author": "running petitions of one author",
    "filing.limits.per_author": "petitions of one author in a time",
    "filing.limits.per_author.n": "how many",
    "filing.limits.per_author.within": "in what time",
    "filing.choices": "what the author chooses at filing, fixed when it is sent",
    "filing.choices.<id>": "its options, at least two",
    "filing.choices.<id>[].id": "the option",
    "filing.choices.<id>[].set": "keys that this option lays over the procedure, as a kind does",
    "sponsors": "named supporters before the check, stage after stage",
    "sponsors[].id": "its name in wording, in `after.handover.by` and in stored rows",
    "sponsors[].max": "no more than so many, until publication",
    "sponsors[].within": (
        "time to find them, from the day on which it is sent or has passed the check at filing"
    ),
    "sponsors[].invitation": "how long one invitation holds",
    "sponsors[].attempts": (
        "how many may be asked one after the other, each with the time of `within`"
    ),
    "sponsors[].author_counts": "the author is one of them",
    "sponsors[].in_total": "are these signatures: all, none, or at most so many",
    "sponsors[].min": "how many are needed: a number, or a share of a population",
    "sponsors[].min.share": "share of the population",
    "sponsors[].min.of": "file in `populations/`",
    "sponsors[].min.floor": "never fewer",
    "sponsors[].min.ceiling": "never more",
    "sponsors[].min.round": "how the share becomes a number",
    "sponsors[].who": "who may be one",
    "sponsors[].unless": "the stage falls away where the author is this",
    "sponsors[].roles": "roles that must be filled among them",
    "sponsors[].roles.<id>": "how many hold the role",
    "sponsors[].spread": "they live in different areas",
    "sponsors[].spread.areas": "file in `areas/`",
    "sponsors[].spread.k": "in so many areas",
    "sponsors[].spread.min": "so many in each",
    "admissibility": "the check, and the grounds of refusal",
    "admissibility.stages": "checks in order; at least one before publication",
    "admissibility.stages[].id": "its name in wording and stored rows",
    "admissibility.stages[].body": "who decides: a body of the assembly",
    "admissibility.stages[].at": (
        "when: before sponsors (`filing`), before publication, or once a milestone is reached "
        "(`milestone:<id>`)"
    ),
    "admissibility.stages[].within": "time for the decision",
    "admissibility.stages[].stops": "events during which the time stands still",
    "admissibility.stages[].overdue": "whether the public sees a delay",
    "admissibility.stages[].outcomes": "what may be decided",
    "admissibility.stages[].four_eyes": "a second person confirms",
    "admissibility.stages[].returns_max": "how often it may go back to the author",
    "admissibility.stages[].correction": "the author's time for each correction",
    "admissibility.stages[].grounds": "its own checklist; none: every ground below",
    "admissibility.stages[].silence": "what it means when the time runs out",
    "admissibility.grounds": "codes; title, text, rule and appeal note stand in `wording/`",
    "admissibility.grounds.public": "the petition stays readable with the reason",
    "admissibility.grounds.hidden": "neither title nor text is shown",
    "admissibility.grounds.more": "added to `public`, for a kind with one ground more",
    "admissibility.grounds.shown_at_filing": "shown to the author before writing",
    "signing": "collecting signatures",
    "signing.reference": "the day on which age and residence are judged",
    "signing.channels": "ways to sign",
    "signing.combine": "`one`: the author picks a single way at filing",
    "signing.online_cap": "at most this share of the number may be given online",
    "signing.sheet_per_area": "lines of another area on a sheet are invalid",
    "signing.uniqueness": (
        "one signature per person and petition, per group of petitions, or per account"
    ),
    "signing.group": "the field of the form that names the group",
    "signing.withdrawal": "until when a signature can be withdrawn",
    "signing.author_signs": "filing is also a signature",
    "signing.confirm_hours": "hours after the end in which what was begun in time may be confirmed",
    "signing.who": "who may sign",
    "signing.classes": "counting classes: signers who are counted apart",
    "signing.classes.<id>": "who belongs to the class",
    "signing.window": "the days on which one may sign; replaced whole by a kind",
    "signing.window.mode": (
        "a fixed length, one of a `list`, a length in a `range`, `open`, `none`, signatures "
        "given before (`prior`), or `rolling`"
    ),
    "signing.window.start": (
        "publication, submission, a day the author picks (`chosen`), a day that an official"
        " publication names and a clerk records (`gazette`), or `event:<id>`"
    ),
    "signing.window.length": "of a fixed window",
    "signing.window.choices": "of a `list`: the lengths the author picks from",
    "signing.window.min": "of a `range`: the shortest",
    "signing.window.max": "of a `range`: the longest, taken where none was picked",
    "signing.window.chosen_within": "the start day must be picked in this time after admission",
    "signing.window.first_day": (
        "`next`: the day of the start is not counted; `event`: it is day one"
    ),
    "signing.window.sheets_due_days": (
        "last day for sheets relative to the last day: -3 is three days before"
    ),
    "signing.window.statement_age": "of a `rolling` window: how long a signature counts",
    "signing.window.extension": "prolonging by decision",
    "signing.window.extension.length": "by how much",
    "signing.window.extension.times": "how often",
    "signing.window.extension.by": "who decides",
    "signing.window.extension.cause": "for what cause",
    "signing.areas": "signatures are also counted by area",
    "signing.areas.file": "file in `areas/`",
    "signing.areas.source": "where the area of a signer comes from",
    "signing.areas.show_share": "place whose signers are shown as a share",
    "signing.attrition": "intermediate numbers, judged once at the first instant after `within`",
    "signing.attrition[].within": "time from the opening",
    "signing.attrition[].at_least": "signatures received by then",
    "signing.attrition[].else": (
        "otherwise it closes, may be closed by a clerk, or lists leave it out"
    ),
    "signing.verification": "how signatures become valid ones",
    "signing.verification.online": "given online",
    "signing.verification.paper": "given on paper or in person",
    "signing.verification.by": "who verifies: a body, or the authority of each `area`",
    "signing.verification.submit_within": (
        "given to the verifier in this time after the end, else it lapses"
    ),
    "signing.verification.within": "the verifier's time, from the day on which they were given in",
    "signing.verification.sample": "for the method `sample`",
    "signing.verification.sample.floor": "smallest sample of an area",
    "signing.verification.sample.share": "share of the entries that is drawn",
    "signing.verification.sample.fail": "below this share of the number: not reached",
    "signing.verification.sample.pass": (
        "above this share: reached; between them every entry is examined"
    ),
    "milestones": "numbers in rising order, each reached once and never undone",
    "milestones[].id": "its name in wording, clocks and stored rows",
    "milestones[].effect": "what it leads to; `choice:<id>`: what the author chose",
    "milestones[].basis": "which count: verified or received",
    "milestones[].counts": "everybody, or one counting class",
    "milestones[].evaluate": (
        "as signatures arrive, at the end, or with the first step of the hand-over"
    ),
    "milestones[].snapshot": "the day on which populations and area figures are fixed",
    "milestones[].force": (
        "`must` is an obligation; `should` and `may` allow a refusal with public reasons"
    ),
    "milestones[].body": "who owes the effect",
    "milestones[].decisive": "reaching it moves the petition on; exactly one is",
    "milestones[].replaces": "what lower milestones opened is settled",
    "milestones[].threshold": '"more than n" is written n + 1',
    "milestones[].threshold.share": "share of a population",
    "milestones[].threshold.of": "file in `populations/`",
    "milestones[].threshold.floor": "never fewer",
    "milestones[].threshold.ceiling": "never more",
    "milestones[].threshold.round": "how the share becomes a number",
    "milestones[].threshold.by_choice": "the number depends on this choice of the author",
    "milestones[].threshold.by_area": (
        "the number stands in this column, at the area that the author names"
    ),
    "milestones[].threshold.values": "one number for each option",
    "milestones[].threshold.values.<id>": "the number of that option",
    "milestones[].quorum": "and besides the total: enough in enough areas",
    "milestones[].quorum.k": "in so many areas",
    "milestones[].quorum.min": "so many in each: a number, or a column times a factor",
    "milestones[].quorum.min.column": "column of the area file",
    "milestones[].quorum.min.times": "factor",
    "milestones[].quorum.fixed": "areas that must each reach their own number",
    "milestones[].quorum.fixed.<id>": "the number of that area",
    "milestones[].alternative": "or instead of signatures: declarations of areas",
    "milestones[].alternative.declarations": "how many",
    "milestones[].alternative.areas": "file in `areas/`",
    "milestones[].panel": "a panel drawn by lot, per assembly",
    "milestones[].panel.<id>": "members, and people drawn by lot",
    "after": "what the institution does",
    "after.entry": (
        "from when the body may examine: the decisive milestone, publication, or the end of signing"
    ),
    "after.early": "earlier, where a reason is given",
    "after.body": "who examines",
    "after.four_eyes": "a second person confirms the answer before it is published",
    "after.outcomes": "codes of what may come out",
    "after.ends_signing": "outcomes that end signing at once",
    "after.handover": "somebody carries the result over",
    "after.handover.by": "`author`, a sponsor stage, or a body",
    "after.handover.start": "event from which the time runs",
    "after.handover.acks": "the steps that are acknowledged, in order",
    "after.handover.within": "in this time, else it lapses",
    "after.duties": "what is owed, each with its clock",
    "after.duties[].id": "its name in wording and stored rows",
    "after.duties[].start": "event from which the clock runs",
    "after.duties[].for": "opened by this milestone; without it, by `start`",
    "after.duties[].length": "the time; none: no deadline",
    "after.duties[].not_before": "done earlier only with a reason",
    "after.duties[].stops": "events during which the clock stands still",
    "after.duties[].roll": "a last day that is no working day moves on",
    "after.duties[].overdue": "whether the public sees a delay",
    "after.duties[].on": "whom it binds",
    "after.duties[].body": "who owes it",
    "after.duties[].extension": "prolonging by decision",
    "after.duties[].extension.length": "by how much",
    "after.duties[].extension.times": "how often",
    "after.duties[].extension.notice": "with a public notice",
    "calendar": "what an event of the assembly's calendar does; no rule: the petition goes on",
    "calendar[].event": "the event",
    "calendar[].effect": "what it does",
    "calendar[].states": "only to petitions in these states",
    "calendar[].from": "days around the event that count too, from",
    "calendar[].to": "until",
    "calendar[].length": "of the effect `extend`",
    "publicity": "what the public sees, and what is kept how long",
    "publicity.author": "the author's name",
    "publicity.author_hidden_after": "the name is withheld so long after the final outcome",
    "publicity.signers": "names of people who sign",
    "publicity.count": "how the count is shown",
    "publicity.area_min": 'areas below it show as "fewer than"',
    "publicity.freeze": "when the signed text can no longer change",
    "publicity.retention": "clocks of erasure; the earliest of a kind of data wins",
    "publicity.retention[].data": "what is erased",
    "publicity.retention[].start": (
        "event from which the clock runs; one for signatures must start whatever happens"
    ),
    "publicity.retention[].length": "how long it is kept",
    "extras": "particular to some procedures",
    "extras.fallback_kind": "what closes below its number goes on as this kind",
    "extras.cooling_off": "a signature counts after this time; withdrawn before, it never does",
    "extras.author_edits": "its author edits the text in public until signing opens",
    "extras.disclose_over": "support above this sum is declared",
    "extras.disclose_over.amount": "whole units of the currency",
    "extras.disclose_over.currency": "ISO 4217",
    "extras.reimburse": "refund per signature",
    "extras.reimburse.cents": "cents",
    "extras.reimburse.currency": "ISO 4217",
}
