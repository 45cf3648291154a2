"""Draft the next migration from what the tables say and the last one left: `make migration`.

Works on a throw-away SQLite file. What it writes is a draft: a person adds what PostgreSQL needs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from petitions.platform import migrations


def main(message: str) -> int:
    """Answer 0 when a file was written."""
    if not message.strip():
        print('Say what it does: make migration MESSAGE="what it does"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        uri = f"sqlite:///{Path(folder) / 'draft.sqlite'}"
        migrations.upgrade(uri)
        print(migrations.draft(uri, message))
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
