"""Sample pages of a login by e-mail, for the tests that draw every page."""

from __future__ import annotations

from dataclasses import replace

from petitions.web.pages_email import EmailAddressPage, EmailCodePage, EmailElsewherePage
from petitions.web.pages_signing import ConfirmPage, FieldFault
from tests.web import samples
from tests.web.samples import HREF, OPEN

ROOM = "/identity/email/email"
ADDRESS = EmailAddressPage(
    action=ROOM, token="f0" * 32, back_href=HREF, title=OPEN.title, signs=True
)
ADDRESS_WITH_FAULT = replace(
    ADDRESS,
    address='"><script>alert(1)</script>',
    faults=(FieldFault("address", "This does not look like an e-mail address."),),
)
CODE = EmailCodePage(
    action=f"{ROOM}/code",
    token="f0" * 32,
    back_href=HREF,
    address="anna.muster@example.org",
    address_href=f"{ROOM}?state={'f0' * 32}",
    until="11:30",
    title=OPEN.title,
    signs=True,
)
CODE_WITH_FAULT = replace(CODE, faults=(FieldFault("code", "This is not the code."),))
FAILURES = ("letter_not_sent", "letter_old", "letter_used", "codes_spent")
CARD = replace(samples.CARD, by_email=True, per_account=True)


def templates(confirm: ConfirmPage) -> dict[str, tuple[str, object]]:
    """Name of the sample → (template, page)."""
    return {
        "e-mail address": ("identity/email_address.html", ADDRESS),
        "e-mail address at the start": (
            "identity/email_address.html", replace(ADDRESS, title="", signs=False),
        ),
        "e-mail address to withdraw": (
            "identity/email_address.html", replace(ADDRESS, signs=False, withdraws=True),
        ),
        "e-mail address with fault": ("identity/email_address.html", ADDRESS_WITH_FAULT),
        "e-mail code": ("identity/email_code.html", CODE),
        "e-mail code with fault": ("identity/email_code.html", CODE_WITH_FAULT),
        "e-mail elsewhere": ("identity/email_elsewhere.html", EmailElsewherePage("/en/petitions")),
        "confirm by e-mail": ("signing/confirm.html", replace(confirm, by_email=True)),
        "confirm without counting toward it": (
            "signing/confirm.html",
            replace(confirm, left_out_of=((1_000, "residents aged 16 or over"),)),
        ),
        "petition by e-mail": ("public/petition.html", replace(OPEN, card=CARD)),
        "petition by e-mail closed": (
            "public/petition.html", replace(OPEN, card=replace(CARD, final=True, can_sign=False)),
        ),
        "petition by account": (
            "public/petition.html", replace(OPEN, card=replace(CARD, by_email=False)),
        ),
    }  # fmt: skip
