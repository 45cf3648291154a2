"""Write docs/lifecycle.md from the transition table."""

from __future__ import annotations

from pathlib import Path

from petitions.domain.lifecycle_words import lifecycle_page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "lifecycle.md"

if __name__ == "__main__":
    PAGE.write_text(lifecycle_page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
