"""`petitions doctor` looks beyond this machine: the identity providers and the mail server.

No login is begun and no letter is sent: the providers' public files are read, and the mail server is
greeted as for a letter, up to its login.
"""

from __future__ import annotations

import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from identity.providers.inspection import inspect
from petitions import border
from petitions.finding import Advice
from petitions.platform.config import Mail, Settings, read_secret

TIMEOUT = 10.0  # seconds


def providers(settings: Settings) -> Iterator[str]:
    for name, provider in border.load_identity(settings).providers.items():
        for remark in inspect(provider):
            sentence = f"provider {name}: {remark.sentence}"
            yield sentence if remark.wrong else Advice(sentence)


def mail(settings: Settings) -> Iterator[str]:
    told = settings.mail
    if told.transport == "folder":
        yield from _folder(Path(told.folder))
        return
    password = ""
    if told.username:
        password = read_secret(
            told.password_file, "PETITIONS_MAIL_PASSWORD", "mail.password_file", least=1
        )
    if not told.starttls and not _is_here(told.host):
        yield Advice(
            "mail.starttls is off: letters to authors cross the network readable for everybody on the "
            "way; switch it on unless the way to the server is encrypted otherwise"
        )
    yield from _greeting(told, password)


def _folder(place: Path) -> Iterator[str]:
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield f"mail.folder: cannot write to {place}: {error.strerror}; give it to the service's user"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _greeting(told: Mail, password: str) -> Iterator[str]:
    """Connect, STARTTLS, login. The server's own words may repeat addresses: they are not shown."""
    server = f"mail.host {told.host}, port {told.port}"
    try:
        with smtplib.SMTP(told.host, told.port, timeout=TIMEOUT) as smtp:
            if told.starttls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if told.username:
                smtp.login(told.username, password)
    except smtplib.SMTPNotSupportedError:
        yield (
            f"{server}: offers no {'STARTTLS' if told.starttls else 'login'}; ask its operator, it is "
            "often offered on port 587 only"
        )
    except smtplib.SMTPAuthenticationError:
        yield f"{server}: refuses the login; check mail.username and mail.password_file"
    except ssl.SSLCertVerificationError as error:
        yield (
            f"{server}: its certificate is not accepted ({error.verify_message}); use the name that "
            "stands in it, or install the authority that issued it on this machine"
        )
    except (OSError, smtplib.SMTPException) as error:
        yield (
            f"{server}: cannot be spoken to ({type(error).__name__}); check host, port and firewall, "
            "letters wait in the outbox until it can"
        )
