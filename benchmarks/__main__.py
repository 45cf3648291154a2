"""`python -m benchmarks [sign] [page] [truth] [slow-provider]`: all of them without a name."""

from __future__ import annotations

import sys

from benchmarks import page, sign, slow_provider, truth

PARTS = {"sign": sign, "page": page, "truth": truth, "slow-provider": slow_provider}


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    for name in wanted:
        part = PARTS[name]
        print(f"== {name}: {(part.__doc__ or '').splitlines()[0]}", flush=True)
        print(part.report(part.run()), flush=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
