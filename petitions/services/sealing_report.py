"""The record of a sealing, in words a lawyer can read: what was ordered, counted, destroyed, and by
what it can be checked. Made from the rows that the ceremony left, so it can be printed again.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.errors import NotFoundError
from petitions.platform.i18n import _, current_locale
from petitions.services.ports import House
from petitions.services.sealing_plan import plan
from petitions.services.sealing_steps import statements_of
from petitions.storage import log_rows
from petitions.storage import tables as t

WIDTH = 78


def report(session: Session, house: House, petition_id: UUID) -> str:
    """Plain text in the language being spoken. NotFoundError where no sealing was ordered."""
    petition = session.get(t.Petition, petition_id)
    ordered = session.get(t.Sealing, petition_id)
    if petition is None or ordered is None:
        raise NotFoundError("not_sealed")
    signing = session.get_one(t.PetitionSigning, petition_id)
    log = session.get_one(t.LogState, signing.log_id)
    parts = [
        _heading(session, house, petition),
        _section(_("1. The order"), _order(session, house, petition, ordered)),
        _section(_("2. The final count"), _numbers(session, log, petition_id, ordered)),
        _section(_("3. What was deleted"), _deleted(ordered)),
        _section(_("4. The key that was destroyed"), _keys(session, petition_id)),
        _section(_("5. What nobody can do any more"), _followed(signing)),
        _section(_("6. What remains"), _remains()),
        _section(_("7. How anybody can check this"), _check(log)),
    ]
    return "\n".join(parts)


def _section(title: str, lines: Iterator[str]) -> str:
    return f"\n{title}\n{'-' * len(title)}\n" + "".join(f"{line}\n" for line in lines)


def _wrapped(sentence: str) -> str:
    return "\n".join(textwrap.wrap(sentence, WIDTH, break_long_words=False, break_on_hyphens=False))


def _heading(session: Session, house: House, petition: t.Petition) -> str:
    text = session.get_one(t.PetitionText, (petition.id, petition.language))
    names = house.library.assembly(petition.assembly).names
    name = names.get(current_locale().lang) or next(iter(names.values()))
    title = _("Record of the sealing of petition %(ref)s", ref=petition.reference)
    return "\n".join(
        (title, "=" * len(title), name, "", _wrapped(f"« {text.title} »"), f"UUID {petition.id}")
    )


def _order(
    session: Session, house: House, petition: t.Petition, ordered: t.Sealing
) -> Iterator[str]:
    locale = current_locale()
    found = plan(session, house, petition, ordered.ordered_at)
    yield _wrapped(
        _(
            "Ordered by %(name)s on %(when)s.",
            name=ordered.ordered_by,
            when=locale.datetime(ordered.ordered_at),
        )
    )
    yield _wrapped(_("Reason given: %(reason)s", reason=ordered.reason))
    if petition.signing_ended_at is not None and found.objections_until is not None:
        yield _wrapped(
            _(
                "Signing ended on %(ended)s; objections could be made until %(until)s.",
                ended=locale.datetime(petition.signing_ended_at),
                until=locale.date(found.objections_until),
            )
        )
    if found.erase_by is not None:
        yield _wrapped(
            _(
                "The rules (%(rules)s) let signatures be kept until %(day)s at the latest.",
                rules=f"{petition.rulebook_id} {petition.rulebook_version}",
                day=locale.date(found.erase_by),
            )
        )


def _numbers(
    session: Session, log: t.LogState, petition_id: UUID, ordered: t.Sealing
) -> Iterator[str]:
    locale = current_locale()
    count = log_rows.last_counts(session, [petition_id])[petition_id]
    for label, number in (
        (_("Signatures collected"), count.collected),
        (_("of these withdrawn by their signers"), count.withdrawn),
        (_("of these declared invalid"), count.invalid),
        (_("Valid signatures"), count.valid),
    ):
        yield f"{label:<50}{locale.number(number):>16}"
    if ordered.seal_index is not None and ordered.root is not None:
        yield ""
        yield _wrapped(
            _(
                "These numbers stand in entry %(index)s of the public log %(origin)s. They repeat the "
                "count of the log as it was at %(size)s entries, with this root hash:",
                index=locale.number(ordered.seal_index),
                origin=log.origin,
                size=locale.number(ordered.size or 0),
            )
        )
        yield ordered.root.hex()


def _deleted(ordered: t.Sealing) -> Iterator[str]:
    if ordered.erased_at is None:
        yield _wrapped(_("Nothing yet: the ceremony is under way."))
        return
    locale = current_locale()
    yield _wrapped(_("Deleted on %(when)s, for good:", when=locale.datetime(ordered.erased_at)))
    for label, table in (
        (_("rows of signatures"), "signature"),
        (_("rows of withdrawals"), "withdrawal"),
        (_("totals by area"), "area_tally"),
    ):
        yield f"  {label:<48}{locale.number(int(ordered.erased.get(table, 0))):>16}"
    if "group_act" in ordered.erased:
        label = _("codes of the group of competing petitions")
        yield f"  {label:<48}{locale.number(int(ordered.erased['group_act'])):>16}"
    yield _wrapped(_("The petition's encrypted salt was deleted in the same step."))


def _keys(session: Session, petition_id: UUID) -> Iterator[str]:
    statements = statements_of(session, petition_id)
    if not statements:
        yield _wrapped(_("No key yet: the ceremony is under way."))
        return
    yield _wrapped(
        _(
            "Key %(key)s was destroyed at each place that held it. Each place signed a statement "
            "with a key of its own; the statements are published word for word:",
            key=statements[0].key_id,
        )
    )
    for each in statements:
        yield ""
        yield f"{each.number}. {each.replica}"
        yield f"   SHA-256 {each.statement_hash.hex()}"
        yield textwrap.indent(each.statement.decode().rstrip("\n"), "   | ", lambda _line: True)


def _followed(signing: t.PetitionSigning) -> Iterator[str]:
    if signing.signing != "sealed":
        yield _wrapped(_("The ceremony is under way: this part does not hold yet."))
        return
    for sentence in (
        _(
            "Where no copy of the key was kept, nobody can find out whether a given person signed "
            "this petition: neither this institution, nor its host, nor the identity provider, nor a "
            "court, nor whoever holds an old copy of the database."
        ),
        _(
            "Nobody can add, withdraw or invalidate a signature. The count above is final, and no "
            "later entry of the log can change it."
        ),
    ):
        yield _wrapped(f"- {sentence}")


def _remains() -> Iterator[str]:
    for sentence in (
        _("The text, the counts, the decisions and the answers remain public."),
        _(
            "The log keeps one random number per signature. It was never computed from a person; the "
            "signer alone can recognise it, with the receipt."
        ),
        _(
            "Old backups of the database hold values that only the destroyed key could connect with "
            "people. If somebody had copied that key before, it would still open them: who had access "
            "to the key folders must be answered by the institution."
        ),
        _(
            "The identity provider knows who logged in at what time, as with every login. It was never "
            "told for which petition."
        ),
    ):
        yield _wrapped(f"- {sentence}")


def _check(log: t.LogState) -> Iterator[str]:
    yield _wrapped(
        _(
            "Download the published folder of the log %(origin)s and run, on any computer with Python "
            "3.11 or later:",
            origin=log.origin,
        )
    )
    yield "  python3 petition_verify.py log FOLDER"
    yield _wrapped(
        _("Checks V-701 and V-702 of its answer are about the sealing and the destroyed keys.")
    )
