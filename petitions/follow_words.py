"""The words of mails to followers, in the reader's language: what happened, why, how to stop.

Every mail says in its first line what it is, names the petition, and carries its own way out. No mail
says whether anybody signed anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from petitions.domain.following import LAST, Happening, Rhythm, Scope
from petitions.platform.i18n import _, current_locale, ngettext
from petitions.platform.letterhead import Block, Form, Letter, joined, text_blocks
from petitions.services.follow_letters import News

REQUEST_SHOWN = 400
"""Characters of a request; the rest is on the petition's page."""
SUBJECT = 69
"""Characters of a subject: lists of mails show no more. The mail itself says the title whole."""
STEP_SHOWN = 28
"""Characters of a step's name in a subject."""
TITLE_LEAST = 16
"""Characters of the title that a subject shows in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every mail of one follower carries. Addresses are whole."""

    site: str
    base: str
    """Of the site, with the language."""
    manage: str
    stop: str = ""
    """The page of one click; "" where the mail is not one of a series."""
    why: str = ""
    """What they follow, in words."""


def reason(scope: Scope, name: str) -> str:
    """Why somebody gets it, as a sentence."""
    if scope is Scope.PETITION:
        return _("You receive this because you asked to follow the petition “%(name)s”.", name=name)
    if scope is Scope.ALL:
        return _("You receive this because you asked to follow all petitions of this site.")
    if scope is Scope.ASSEMBLY:
        return _(
            "You receive this because you asked to follow the petitions to %(name)s.", name=name
        )
    return _("You receive this because you asked to follow petitions on “%(name)s”.", name=name)


def weekly_reason() -> str:
    return _("You receive this because you asked for one mail a week about what you follow.")


def what_is_sent(scope: Scope, rhythm: Rhythm) -> str:
    """On the pages and in the mail of confirmation: what they will get, and how often."""
    if scope is Scope.PETITION:
        what = _(
            "What happens to this petition: thresholds, steps, answers, its end. Never a mail for a "
            "signature."
        )
    else:
        what = _("New petitions, those that reach a threshold, and answers.")
    often = (
        _("As soon as it happens.")
        if rhythm is Rhythm.AT_ONCE
        else _("In one mail a week at most.")
    )
    return f"{what} {often}"


def confirm_letter(site: str, wish: str, scope: Scope, rhythm: Rhythm, link: str) -> Letter:
    """The mail of the double opt-in. Its subject names no petition: mailboxes are read by others."""
    return _letter(
        _("Confirm that you want mails from “%(site)s”", site=site),
        site,
        joined(
            text_blocks(
                _("Somebody, probably you, typed this address to follow:"),
            ),
            [Block(Form.QUOTE, wish)],
            text_blocks(what_is_sent(scope, rhythm)),
            [Block(Form.BUTTON, _("Go on to confirm"), link)],
            text_blocks(
                _(
                    "The page has one button: nothing is sent before you press it. The link "
                    "serves for 7 days."
                ),
                _("It was not you? Then do nothing: this address is erased after 7 days."),
            ),
        ),
        reason=_("You receive this one mail because your address was typed on our site."),
    )  # fmt: skip


def known_letter(site: str, manage: str) -> Letter:
    """To somebody who follows already: the page of the site told them nothing."""
    return _letter(
        _("You already follow this on “%(site)s”", site=site),
        site,
        joined(
            text_blocks(
                _(
                    "Somebody, probably you, typed this address to follow something that you "
                    "follow already, or your list is full. Nothing has changed."
                ),
            ),
            [Block(Form.BUTTON, _("See and change what you follow"), manage)],
            text_blocks(
                _(
                    "Keep this link to yourself: whoever has it can change what you follow."
                )
            ),
        ),
        reason=_("You receive this one mail because your address was typed on our site."),
    )  # fmt: skip


def news_letter(news: News, to: Envelope) -> Letter:
    """One happening, one mail."""
    subject, blocks = _SENTENCES[news.what](news, to)
    blocks = joined(_about(news, subject), blocks, _onward(news, to))
    return _letter(subject, to.site, blocks, reason=to.why, foot=_foot(to))


def weekly_letter(found: Sequence[News], to: Envelope) -> Letter:
    """Everything of a week in one mail, in the order in which it happened."""
    parts: list[Block] = []
    for news in found:
        heading, blocks = _SENTENCES[news.what](news, to)
        parts += [
            Block(Form.HEADING, heading),
            *_about(news, heading),
            *blocks,
            *_page_link(news, to),
        ]
    return _letter(
        _("This week on “%(site)s”", site=to.site),
        to.site,
        joined(
            text_blocks(
                ngettext(
                    "What you follow had %(num)s piece of news.",
                    "What you follow had %(num)s pieces of news.",
                    len(found),
                )
            ),
            parts,
        ),
        reason=to.why,
        foot=_foot(to),
    )  # fmt: skip


def _letter(
    subject: str, site: str, blocks: tuple[Block, ...], *, reason: str, foot: tuple[Block, ...] = ()
) -> Letter:
    locale = current_locale()
    return Letter(
        subject=subject, site=site, blocks=blocks, reason=reason, foot=foot, lang=locale.lang,
        dir=locale.dir,
    )  # fmt: skip


def _foot(to: Envelope) -> tuple[Block, ...]:
    stop = [Block(Form.LINK, _("Stop these mails"), to.stop)] if to.stop else []
    return (*stop, Block(Form.LINK, _("See and change what you follow"), to.manage))


def _about(news: News, said: str) -> tuple[Block, ...]:
    """Which petition: title where the heading does not say it whole, number, and to whom."""
    if not news.title:
        return ()
    line = _("Petition %(ref)s · %(assembly)s", ref=news.reference, assembly=news.assembly_name)
    if news.title in said:
        return (Block(Form.TEXT, line),)
    return Block(Form.QUOTE, news.title, lang=news.title_language), Block(Form.TEXT, line)


def _page(news: News, to: Envelope) -> str:
    return f"{to.base}/petitions/{news.reference}"


def _page_link(news: News, to: Envelope) -> tuple[Block, ...]:
    if not news.reference:
        return ()
    return (Block(Form.LINK, _("The petition’s page"), _page(news, to)),)


def _onward(news: News, to: Envelope) -> tuple[Block, ...]:
    button: tuple[Block, ...] = ()
    if news.reference:
        button = (Block(Form.BUTTON, _("See the petition’s page"), _page(news, to)),)
    if news.what not in LAST:
        return button
    last = _(
        "This is the last mail about it, unless it is shown again. You can follow other petitions:"
    )
    if news.what is not Happening.TAKEN_DOWN:
        last = _("This is the last mail about it. You can follow other petitions:")
    follow = Block(Form.LINK, _("Choose what to follow"), f"{to.base}/follow")
    return (*button, *text_blocks(last), follow)


Said = tuple[str, tuple[Block, ...]]


def _subject(news: News, say: Callable[[str], str]) -> str:
    """`say` puts the title into its sentence; the title is cut so that the subject can be read whole."""
    return say(_cut(news.title, max(SUBJECT - len(say("")), TITLE_LEAST)))


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _published(news: News, _to: Envelope) -> Said:
    request = " ".join(str(news.facts.get("request", "")).split())
    if len(request) > REQUEST_SHOWN:
        request = request[:REQUEST_SHOWN].rsplit(" ", 1)[0] + " …"
    last = news.facts.get("last_day")
    when = _("It can be signed through %(day)s.", day=current_locale().date(last)) if last else ""
    asked = [Block(Form.QUOTE, request, lang=news.title_language)] if request else []
    subject = _subject(news, lambda title: _("New petition: %(title)s", title=title))
    return subject, joined(asked, text_blocks(when))


def _reached(news: News, _to: Envelope) -> Said:
    locale = current_locale()
    count, threshold = int(news.facts["count"]), int(news.facts["threshold"])
    line = _(
        "%(count)s are counted; %(threshold)s were needed.",
        count=locale.signatures(count), threshold=locale.number(threshold),
    ) if count and threshold else ""  # fmt: skip
    meaning = str(news.facts.get("meaning", ""))
    return (
        _subject(news, lambda title: _("A threshold is reached: %(title)s", title=title)),
        text_blocks(
            line,
            meaning,
            _(
                "Counting alone is no decision: what follows is on the petition’s page."
            ),
        ),
    )  # fmt: skip


def _answered(news: News, _to: Envelope) -> Said:
    facts = news.facts
    said = (
        _("%(body)s: %(outcome)s", body=facts["body"], outcome=facts["outcome"])
        if facts["body"]
        else str(facts["outcome"])
    )
    quote = [Block(Form.QUOTE, str(facts["summary"]))] if facts["summary"] else []
    subject = _subject(news, lambda title: _("An answer: %(title)s", title=title))
    return subject, joined(text_blocks(said), quote)


def _closed(news: News, _to: Envelope) -> Said:
    locale, facts = current_locale(), news.facts
    line = _(
        "It had %(count)s; %(threshold)s were needed.",
        count=locale.signatures(int(facts["count"])), threshold=locale.number(int(facts["threshold"])),
    ) if facts["threshold"] else locale.signatures(int(facts["count"])) + "."  # fmt: skip
    return (
        _subject(news, lambda title: _("Signing is over: %(title)s", title=title)),
        text_blocks(
            _(
                "The petition closed under its threshold. That is no refusal: nobody has "
                "judged what it asks for."
            ),
            line,
        ),
    )  # fmt: skip


def _step(news: News, _to: Envelope) -> Said:
    facts, locale = news.facts, current_locale()
    title = _cut(str(facts["title"]), STEP_SHOWN)
    subjects = {
        "": _("Announced: %(step)s", step=title) if facts["planned"] else title,
        "erratum": _("Corrected: %(step)s", step=title),
        "rescheduled": _("New day: %(step)s", step=title),
        "cancelled": _("Cancelled: %(step)s", step=title),
        "held": _("It took place: %(step)s", step=title),
    }
    day = locale.date(facts["day"]) if facts["day"] else ""
    when = _("%(day)s at %(clock)s", day=day, clock=facts["time"]) if facts["time"] else day
    where = [part for part in (str(facts["body"]), when, str(facts["place"])) if part]
    quote = [Block(Form.QUOTE, str(facts["text"]))] if facts["text"] else []
    what = subjects[str(facts["change"])]
    subject = _subject(news, lambda title: _("%(what)s – %(title)s", what=what, title=title))
    return subject, joined(text_blocks(" · ".join(where)), quote)


def _merged(news: News, to: Envelope) -> Said:
    facts = news.facts
    blocks = text_blocks(
        _(
            "It was merged with another petition, with its author’s consent. Signatures are "
            "not moved: whoever wants to support the other one signs it."
        ),
    )  # fmt: skip
    if facts.get("target"):
        link = Block(
            Form.LINK, str(facts["target_title"]), f"{to.base}/petitions/{facts['target']}"
        )
        blocks = (*blocks, link)
    return _subject(news, lambda title: _("Merged: %(title)s", title=title)), blocks


def _taken_down(news: News, _to: Envelope) -> Said:
    return (
        _("Petition %(ref)s is no longer shown", ref=news.reference),
        text_blocks(
            _(
                "The petitions office took it out of sight. Its page tells the category of "
                "the reason, and from when on."
            )
        ),
    )  # fmt: skip


def _restored(news: News, _to: Envelope) -> Said:
    return (
        _subject(news, lambda title: _("Shown again: %(title)s", title=title)),
        text_blocks(_("The petition had been taken out of sight and is public again.")),
    )


def _withdrawn(news: News, _to: Envelope) -> Said:
    return (
        _subject(news, lambda title: _("Withdrawn: %(title)s", title=title)),
        text_blocks(_("Its author has withdrawn the petition.")),
    )


def _refused(news: News, _to: Envelope) -> Said:
    return (
        _subject(news, lambda title: _("Refused: %(title)s", title=title)),
        text_blocks(_("The petition was refused. Its page tells the ground and the reasons.")),
    )


def _lapsed(news: News, _to: Envelope) -> Said:
    return (
        _subject(news, lambda title: _("Lapsed: %(title)s", title=title)),
        text_blocks(_("Under the rules the petition has lapsed; its page says why.")),
    )


def _archived(news: News, _to: Envelope) -> Said:
    return (
        _subject(news, lambda title: _("Archived: %(title)s", title=title)),
        text_blocks(
            _("The procedure is over, and the petition went to the archive. Its page stays.")
        ),
    )


def _message(news: News, _to: Envelope) -> Said:
    blocks = [
        Block(Form.TEXT, part) for part in str(news.facts["text"]).split("\n\n") if part.strip()
    ]
    return str(news.facts["subject"]), tuple(blocks)


_SENTENCES: dict[Happening, Callable[[News, Envelope], Said]] = {
    Happening.PUBLISHED: _published,
    Happening.MILESTONE: _reached,
    Happening.THRESHOLD: _reached,
    Happening.STEP: _step,
    Happening.ANSWERED: _answered,
    Happening.REFUSED: _refused,
    Happening.CLOSED: _closed,
    Happening.LAPSED: _lapsed,
    Happening.WITHDRAWN: _withdrawn,
    Happening.MERGED: _merged,
    Happening.TAKEN_DOWN: _taken_down,
    Happening.RESTORED: _restored,
    Happening.ARCHIVED: _archived,
    Happening.MESSAGE: _message,
}
