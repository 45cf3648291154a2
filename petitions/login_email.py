"""Pages of a login by e-mail, from the identity zone's facts: codes in, sentences out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from petitions.platform.i18n import _, current_locale, ngettext
from petitions.web.pages_email import EmailAddressPage, EmailCodePage, EmailElsewherePage
from petitions.web.pages_signing import FieldFault
from petitions.web.rate_limits import time_of_day


def address_page(facts: dict[str, Any], title: str, back_href: str) -> EmailAddressPage:
    fault = facts["fault"]
    return EmailAddressPage(
        action=facts["action"],
        token=facts["token"],
        back_href=back_href,
        title=title,
        address=facts["address"],
        signs=signs(facts),
        withdraws="/sign/withdraw" in str(facts.get("return_to") or ""),
        faults=(FieldFault("address", _about_address(fault, facts["until"])),) if fault else (),
    )


def code_page(facts: dict[str, Any], title: str, back_href: str) -> EmailCodePage:
    fault = facts["fault"]
    return EmailCodePage(
        action=facts["action"],
        token=facts["token"],
        back_href=back_href,
        address=facts["address"],
        address_href=facts["address_url"],
        until=time_of_day(facts["until"]),
        title=title,
        signs=signs(facts),
        typed=facts["typed"],
        faults=(FieldFault("code", _about_code(fault, facts["left"])),) if fault else (),
    )


def elsewhere_page() -> EmailElsewherePage:
    return EmailElsewherePage(petitions_href=f"/{current_locale().lang}/petitions")


def signs(facts: dict[str, Any]) -> bool:
    path = str(facts.get("return_to") or "")
    return "/sign" in path and "/sign/withdraw" not in path


def _about_address(fault: str, until: datetime | None) -> str:
    if fault == "missing":
        return _("Please type your e-mail address.")
    if fault == "disposable":
        return _("Addresses of throw-away mailboxes are not accepted here. Please use another.")
    if fault == "not_taken":
        return _("No message can be sent to this address. Please check how it is spelt.")
    if until is not None:
        return _(
            "Several messages went to this address already. Please look for them, in the folder "
            "for unwanted mail, too; the next one can be sent at %(until)s.",
            until=time_of_day(until),
        )
    return _("This does not look like an e-mail address. Example: name@example.org")


def _about_code(fault: str, left: int) -> str:
    if fault == "code_form":
        return _("The code has 8 letters and digits. Please type it as it stands in the message.")
    if fault == "letter_replaced":
        return _("This link is of an older message. Please take the code of the newest one.")
    return ngettext(
        "This is not the code of the newest message. You can try %(num)s more time.",
        "This is not the code of the newest message. You can try %(num)s more times.",
        left,
    )
