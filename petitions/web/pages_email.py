"""What a person sees who proves an e-mail address: the address, the code, the link elsewhere.

As in `petitions.web.pages_signing`. The address stands on these pages for the one who typed it, so
that a slip of the finger is seen; they are never cached.
"""

from __future__ import annotations

from dataclasses import dataclass

from petitions.web.pages_signing import FieldFault


@dataclass(frozen=True, slots=True)
class EmailAddressPage:
    """`token`: the login's state, known to this browser alone; it guards the form."""

    action: str
    token: str
    back_href: str
    title: str = ""
    address: str = ""
    signs: bool = False
    """To sign: the first of three steps."""
    withdraws: bool = False
    faults: tuple[FieldFault, ...] = ()

    @property
    def fault(self) -> str:
        return self.faults[0].sentence if self.faults else ""


@dataclass(frozen=True, slots=True)
class EmailCodePage:
    """`until`: time of day at which the code ends. `example` shows the form of a code."""

    action: str
    token: str
    back_href: str
    address: str
    address_href: str
    until: str
    title: str = ""
    signs: bool = False
    example: str = "KTRW-29PX"
    typed: str = ""
    faults: tuple[FieldFault, ...] = ()

    @property
    def fault(self) -> str:
        return self.faults[0].sentence if self.faults else ""


@dataclass(frozen=True, slots=True)
class EmailElsewherePage:
    """The link was opened in another browser; nothing is known of the petition there."""

    petitions_href: str
