"""Write the table of docs/privacy.md from the table of what is kept."""

from __future__ import annotations

from pathlib import Path

from petitions.domain.retention_words import paper_with_table

PAPER = Path(__file__).resolve().parents[1] / "docs" / "privacy.md"

if __name__ == "__main__":
    PAPER.write_text(paper_with_table(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote the table of {PAPER.name}")
