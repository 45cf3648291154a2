"""What staff typed, read from the request. Nothing is judged here; nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date

from admissibility.criteria import Verdict
from admissibility.services.deciding import Seen, Written
from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.web.staff_pages import CaseEntry, FileEntry

Form = Mapping[str, str]


def _number(form: Form, name: str) -> int:
    """A version off the form; a broken one is as stale as an old one."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def seen(form: Form) -> Seen:
    return Seen(review=_number(form, "version"), petition=_number(form, "petition_version"))


def version(form: Form) -> int:
    return _number(form, "version")


def case_entry(form: Form, grounds: Iterable[str], languages: Iterable[str]) -> CaseEntry:
    """Checklist, decision and texts as typed; what is not offered counts as not filled in."""
    findings = {}
    for code in grounds:
        findings[code] = Verdict.OPEN
        with suppress(ValueError):
            findings[code] = Verdict(form.get(f"finding-{code}", ""))
    decision = form.get("decision", "")
    return CaseEntry(
        findings=findings,
        decision=decision if decision in set(Action) else "",
        texts={language: form.get(f"text-{language}", "") for language in languages},
        note=form.get("note", ""),
    )


def written(entry: CaseEntry) -> Written:
    decision = Action(entry.decision) if entry.decision else None
    proposed = entry.proposed if decision is Action.RETURN else {}
    return replace(Written.of(entry.findings, decision, entry.texts), proposed=proposed)


def wording(form: Form, languages: Iterable[str]) -> dict[str, Words]:
    """Title, summary, request and reasons in each language, as typed, normalised."""
    return {
        language: Words.of(
            *(
                form.get(f"{part}-{language}", "")
                for part in ("title", "request", "reasons", "summary")
            )
        )
        for language in languages
        if f"title-{language}" in form
    }


def kept(form: Form, entry: CaseEntry) -> list[tuple[str, str]]:
    """The hidden fields of the preview: what was typed, and the versions it was typed against."""
    return [
        ("version", form.get("version", "")),
        ("petition_version", form.get("petition_version", "")),
        ("decision", entry.decision),
        *((f"finding-{code}", str(verdict)) for code, verdict in entry.findings.items()),
        *((f"text-{language}", text) for language, text in entry.texts.items()),
    ]


def file_entry(form: Form, languages: Iterable[str]) -> FileEntry:
    listed = tuple(languages)
    return FileEntry(
        outcome=form.get("outcome", ""),
        decided_on=form.get("decided_on", ""),
        summaries={language: form.get(f"summary-{language}", "") for language in listed},
        texts={language: form.get(f"text-{language}", "") for language in listed},
        links=form.get("links", ""),
        reason=form.get("reason", ""),
    )


def kept_file(form: Form, entry: FileEntry) -> list[tuple[str, str]]:
    return [
        ("version", form.get("version", "")),
        ("outcome", entry.outcome),
        ("decided_on", entry.decided_on),
        *((f"summary-{language}", text) for language, text in entry.summaries.items()),
        *((f"text-{language}", text) for language, text in entry.texts.items()),
        ("links", entry.links),
        ("reason", entry.reason),
    ]


def day(text: str) -> date | None:
    """A day off a date field, or None."""
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
