"""Whether files are still those that were read: several applications of one process read them once."""

from __future__ import annotations

from pathlib import Path

Stamps = tuple[tuple[str, int, int], ...]
"""For each file: its path, when it was last changed (nanoseconds), its size (bytes)."""


def file_stamps(folder: Path, pattern: str) -> Stamps:
    """Stamps of the files below `folder` that match, in the order of their paths."""
    found = ((path, path.stat()) for path in sorted(folder.rglob(pattern)))
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)
