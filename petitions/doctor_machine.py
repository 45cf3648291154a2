"""`petitions doctor` looks at this machine: room on the disks, who can read secrets, limits."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from petitions.domain.errors import ConfigurationError
from petitions.finding import Advice
from petitions.platform.config import Limits, Settings, database_uri, read_secret
from petitions.platform.database import database_url
from petitions.platform.limits import Bucket

MEGABYTE = 1024 * 1024
FULL, NEARLY_FULL = 256 * MEGABYTE, 2048 * MEGABYTE
MEMORY_FULL = MEGABYTE
"""The memory-backed folder holds a few small files."""
HOUSE = 600
"""People of one house, behind one address, who may want to sign within ten minutes."""


def disk(settings: Settings) -> Iterator[str]:
    """One finding per file system that is full, or will be."""
    seen: set[int] = set()
    for name, place in _places(settings):
        here = _existing(place)
        if here.stat().st_dev in seen:
            continue
        seen.add(here.stat().st_dev)
        room = shutil.disk_usage(here)
        free = f"{name}: {room.free // MEGABYTE:,} MB are free at {here}"
        if name == "keys.runtime_directory" and room.total < NEARLY_FULL:
            if room.free < MEMORY_FULL:
                yield f"{free}; make the memory-backed folder larger, or nobody can log in"
        elif room.free < FULL:
            yield f"{free}; make room: a full disk stops signing, the log and letters"
        elif room.free < NEARLY_FULL:
            yield Advice(f"{free}; a signature needs about 1 kB in the database and the log")
        if os.statvfs(here).f_files and not os.statvfs(here).f_favail:
            yield f"{name}: no file can be made at {here} (no inode is free); remove small files"


def _places(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "keys.runtime_directory", Path(settings.keys.runtime_directory)
    yield "log.directory", Path(settings.log.directory)
    yield "log.anchor", Path(settings.log.anchor).parent
    yield "keys.directory", Path(settings.keys.directory)
    url = database_url(database_uri(settings))
    if url.get_backend_name() == "sqlite":
        yield "database.uri", Path(str(url.database)).parent
    if settings.mail.transport == "folder":
        yield "mail.folder", Path(settings.mail.folder)


def _existing(place: Path) -> Path:
    place = place.absolute()
    while not place.exists():
        place = place.parent
    return place


def secrets(settings: Settings) -> Iterator[str]:
    """Every secret that the settings name is there, long enough, and for the service's user alone."""
    web, data, mail = settings.web, settings.database, settings.mail
    wanted = [(web.secret_file, "PETITIONS_SECRET_KEY", "web.secret_file", 32)]
    if data.uri_file:
        wanted.append((data.uri_file, "PETITIONS_DATABASE_URI", "database.uri_file", 1))
    if mail.transport == "smtp" and mail.username:
        wanted.append((mail.password_file, "PETITIONS_MAIL_PASSWORD", "mail.password_file", 1))
    for file, variable, name, least in wanted:
        try:
            read_secret(file, variable, name, least=least)
        except ConfigurationError as error:
            yield str(error)
        if file and os.environ.get(variable):
            yield Advice(f"{name}: the variable {variable} is set and wins over the file")
    if settings.keys.secrets_directory:
        yield from _folder(Path(settings.keys.secrets_directory))


def _folder(place: Path) -> Iterator[str]:
    try:
        inside = sorted(each for each in place.iterdir() if each.is_file())
        mode = place.stat().st_mode
    except OSError as error:
        yield f"keys.secrets_directory: cannot read {place}: {error.strerror}"
        return
    if mode & 0o022:
        yield f"keys.secrets_directory: others can replace files in {place}; run `chmod go-w {place}`"
    for each in inside:
        found = each.stat()
        if stat.S_IMODE(found.st_mode) & 0o077:
            yield (
                f"keys.secrets_directory: others can read {each}; run `chmod 600 {each}`, and replace "
                "the secret if anybody may have read it"
            )
        if found.st_uid not in {0, os.geteuid()}:
            yield (
                f"keys.secrets_directory: {each} belongs to another user; `chown` it to the service's "
                "user"
            )


def limits(settings: Settings) -> Iterator[str]:
    """Limits that would shut out whole houses, or that hold nobody back."""
    told = {bucket: int(getattr(settings.limits, bucket)) for bucket in Bucket}
    if (
        settings.environment == "production"
        and any(told.values())
        and not settings.web.trusted_proxies
    ):
        yield (
            "web.trusted_proxies is 0: behind the proxy that https needs, all visitors count as one, or "
            "none is counted; set it to the number of proxies in front"
        )
    for bucket, number in told.items():
        if number == 0:
            yield Advice(f"limits.{bucket} is 0: nothing holds back a flood there")
    for bucket in (Bucket.LOGINS, Bucket.CONFIRMATIONS):
        if 0 < told[bucket] < HOUSE:
            usual = getattr(Limits(), bucket)
            yield Advice(
                f"limits.{bucket} is {told[bucket]}: a school or a ministry behind one address may be "
                f"shut out on a busy day; the default is {usual}"
            )
    if settings.web.threads < 2:
        yield Advice(
            "web.threads is 1: while somebody logs in at a slow provider this process answers nobody "
            "else; take 4 or more"
        )
