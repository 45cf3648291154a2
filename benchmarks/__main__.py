"""`python -m benchmarks [sign] [page] [receipt] [truth] [slow-provider] [verify] [append] [similar]
[search] [queue] [follow] [post]`.

All of them without a name but `similar` and `search`, which want petitions (see there). `--entries N`:
size of the log that `verify` reads and `append` writes; `append` ends after `--minutes N` all the same.
"""

from __future__ import annotations

import argparse

from benchmarks import (
    append,
    follow,
    page,
    post,
    queue,
    receipt,
    search,
    sign,
    similar,
    slow_provider,
    truth,
    verify,
)

PARTS = {"sign": sign, "page": page, "receipt": receipt, "truth": truth,
         "slow-provider": slow_provider, "verify": verify, "append": append, "similar": similar,
         "search": search,
         "queue": queue, "follow": follow, "post": post}  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks")
    words.add_argument("names", nargs="*", metavar="part", help=", ".join(PARTS))
    words.add_argument("--entries", type=int, default=verify.ENTRIES)
    words.add_argument("--minutes", type=float, default=60.0)
    asked = words.parse_args()
    for name in asked.names or [part for part in PARTS if part not in {"similar", "search"}]:
        part = PARTS[name]
        print(f"== {name}: {(part.__doc__ or '').splitlines()[0]}", flush=True)
        if part is append:
            found = append.run(asked.entries, asked.minutes)
        else:
            found = part.run(asked.entries) if part is verify else part.run()  # type: ignore[attr-defined]
        print(part.report(found), flush=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
