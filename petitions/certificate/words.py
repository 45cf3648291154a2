"""Why signatures were declared invalid, in the words of pages and certificates alike."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.removals import RemovalReason
from petitions.platform.i18n import N_

REASONS: Mapping[RemovalReason, str] = {
    RemovalReason.IDENTITY_REVOKED: N_("The identity was revoked by its issuer"),
    RemovalReason.NOT_ELIGIBLE: N_("The signer was not entitled to sign"),
    RemovalReason.FRAUD: N_("Fraud or coercion"),
    RemovalReason.TWO_REALMS: N_("One person signed by two ways of login"),
    RemovalReason.COURT_ORDER: N_("Decision of a court"),
    RemovalReason.INCIDENT: N_("A fault or an incident at this site"),
}
