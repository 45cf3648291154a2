"""Secrets in files: created whole or not at all, by one process only, readable by their owner only.

Erasure by overwriting is not erasure on flash storage: the directory belongs on an encrypted
volume (or in memory), as the operator's guide says.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from identity.errors import KeyRefused

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700


def make_directory(directory: Path) -> None:
    """Create with mode 0700, or check owner and mode of what is there."""
    try:
        directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    except FileExistsError:  # a link to nowhere, or a file: named below
        pass
    except OSError as error:
        raise KeyRefused("key_directory_cannot_be_made", str(directory)) from error
    check_directory(directory)


def check_directory(directory: Path) -> bool:
    """False if it is not there. KeyRefused on a link, foreign owner or open mode."""
    where = str(directory)
    try:
        found = directory.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise KeyRefused("key_directory_cannot_be_read", where) from error
    if not stat.S_ISDIR(found.st_mode):
        raise KeyRefused("key_directory_is_not_a_directory", where)
    if found.st_uid != os.geteuid():
        raise KeyRefused("key_directory_has_another_owner", where)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyRefused("key_directory_is_open_to_others", where)
    return True


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process and one thread at a time makes, destroys or compares the keys of a directory."""
    try:
        handle = os.open(
            directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE
        )
    except OSError as error:
        raise KeyRefused("key_directory_cannot_be_written", str(directory)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_directory(directory: Path) -> None:
    """A new or removed name survives a power cut only after this."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create_once(path: Path, content: bytes) -> bool:
    """Write a new file atomically; False if the name was taken, by whichever process came first.

    `os.link` fails on an existing name, where a rename would silently replace another's key.
    """
    draft = path.with_name(f".{secrets.token_hex(12)}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    try:
        try:
            os.fchmod(handle, FILE_MODE)
            _write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True


def read_private(path: Path) -> bytes | None:
    """Content of a key file, None if absent. KeyRefused on a link, foreign owner or open mode."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyRefused("key_file_cannot_be_read", str(path)) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise KeyRefused("key_file_is_not_a_file", str(path))
        if found.st_uid != os.geteuid():
            raise KeyRefused("key_file_has_another_owner", str(path))
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise KeyRefused("key_file_is_open_to_others", str(path))
        return os.read(handle, 64 * 1024)
    finally:
        os.close(handle)


def overwrite(path: Path) -> bool:
    """Random bytes in place of the content, synced to the disk. False if the file is absent."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        _write_all(handle, secrets.token_bytes(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def remove(path: Path) -> None:
    """Unlink and sync the directory. An absent file is done."""
    path.unlink(missing_ok=True)
    sync_directory(path.parent)


def shred(path: Path) -> None:
    """Overwrite and remove. An absent file is done."""
    if overwrite(path):
        remove(path)


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
