"""Every template with every page, in both languages: structure, words, budgets, hostile text."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from petitions.domain.lifecycle import State
from petitions.web.assets import STATIC_FOLDER
from petitions.web.pages import STATE_WORDS
from petitions.web.pages_author import StepPage
from tests.web import sample_drafts, sample_journeys, samples
from tests.web.rendering import LANGUAGES, render, stage

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}


class Outline(HTMLParser):
    """Tags in order, headings, ids and whether the tags close as they open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def app():
    return stage()


EVERY = {**sample_journeys.TEMPLATES, **sample_drafts.TEMPLATES}


@pytest.fixture(params=sorted(EVERY))
def sample(request):
    return EVERY[request.param]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_has_its_landmarks_one_title_and_headings_in_order(app, sample, lang):
    html = render(app, *sample, lang)
    page = Outline(html)
    assert page.faults == []
    assert page.open == []
    assert page.of("html") == [{"lang": lang, "dir": "ltr"}]
    for landmark in ("header", "main", "footer", "title", "h1"):
        assert len(page.of(landmark)) == 1, landmark
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert min(levels) == 1
    first = levels.index(1)
    steps = list(zip(levels[first:], levels[first + 1 :], strict=False))
    assert all(after - before <= 1 for before, after in steps), levels
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reference_inside_a_page_leads_somewhere(app, sample, lang):
    page = Outline(render(app, *sample, lang))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    for _, attrs in page.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set((attrs.get(name) or "").split()) <= ids
    assert all(
        (attrs["href"] or "")[1:] in ids
        for attrs in page.of("a")
        if (attrs["href"] or "").startswith("#")
    )
    for control in ("input", "select", "textarea"):
        for attrs in page.of(control):
            if attrs.get("type") == "hidden":
                continue
            assert attrs["id"] in {label["for"] for label in page.of("label")}


OUR_SCRIPT = re.compile(
    r'<script src="/static/[\w-]+\.[0-9a-f]{12}\.js" integrity="sha256-[\w+/]{43}=" defer></script>'
)
"""By the hash of its bytes, from this site, and nothing between its tags."""
WITH_SCRIPTS = {"signing/confirm.html", "signing/done.html"}
"""They work without, too: the value of a receipt is then drawn by the server."""


def test_no_page_carries_a_script_or_an_inline_style(app, sample):
    """Two carry scripts of this site, in files: those of receipts."""
    html = render(app, *sample)
    page = Outline(OUR_SCRIPT.sub("", html) if sample[0] in WITH_SCRIPTS else html)
    assert page.of("script") == []
    assert page.of("style") == []
    for _, attrs in page.tags:
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]


def test_no_page_asks_another_site_for_anything(app, sample):
    page = Outline(render(app, *sample))
    asked = [attrs["href"] for attrs in page.of("link") if attrs["rel"] in {"stylesheet", "icon"}]
    asked += [attrs.get("src") for attrs in page.of("img")]
    assert asked
    assert all(address.startswith("/static/") for address in asked)


@pytest.mark.parametrize(
    "name", [n for n in sample_journeys.TEMPLATES if n.startswith("petition ")]
)
def test_a_cached_page_carries_no_token(app, name):
    assert "csrf" not in render(app, *sample_journeys.TEMPLATES[name])


def test_every_form_that_posts_carries_the_token(app, sample):
    page = Outline(render(app, *sample))
    posts = [
        attrs
        for attrs in page.of("form")
        # on a cached page without cookies a token protects nothing: that form only asks for a mail;
        # behind a link of a mail the address itself is the secret, and there is no cookie to ride on
        if attrs.get("method") == "post" and "/follow" not in (attrs.get("action") or "")
    ]
    tokens = [attrs for attrs in page.of("input") if attrs.get("name") == "csrf_token"]
    assert len(tokens) == len(posts)


def test_no_button_is_ever_disabled_and_no_box_ticked_beforehand(app, sample):
    page = Outline(render(app, *sample))
    for _, attrs in page.tags:
        assert "disabled" not in attrs
        # one of several ways is the usual one; a box says yes to something
        assert "checked" not in attrs or attrs.get("type") == "radio"


HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}<b onmouseover=x>%(title)s 100%\u202e'


def hostile(page):
    """The page with every text replaced by one that would break out of its place."""
    texts = ("title", "request", "reasons", "author", "kind", "area_word", "query")
    texts += ("author_name", "email", "difference", "declaration", "area_reason")
    return replace(page, **{name: HOSTILE for name in texts if hasattr(page, name)})


@pytest.mark.parametrize(
    "name",
    ["petition published", "petition refused", "confirm", "done", "list", "check", "mine petition"],
)
def test_hostile_text_stays_text(app, name):
    template, page = sample_journeys.TEMPLATES[name]
    html = OUR_SCRIPT.sub("", render(app, template, hostile(page)))
    assert "<script" not in html
    assert "<b onmouseover" not in html
    assert "49<b" not in html
    assert "&lt;script&gt;" in html
    assert Outline(html).faults == []


def test_paragraphs_of_a_citizen_are_escaped_and_kept_apart(app):
    page = replace(samples.OPEN, reasons="One <i>\nline\n\n\n\nTwo & three")
    html = render(app, "public/petition.html", page)
    assert "<p>One &lt;i&gt;<br>line</p>" in html
    assert "<p>Two &amp; three</p>" in html


def squeezed(*parts: bytes) -> int:
    return sum(len(gzip.compress(part, 6)) for part in parts)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "limit"), [("petition published", 25_000), ("confirm", 15_000), ("list", 30_000)]
)
def test_a_page_with_its_stylesheet_stays_in_its_budget(app, name, limit, lang):
    html = render(app, *sample_journeys.TEMPLATES[name], lang).encode()
    named = {
        f"{stem}.{kind}"
        for stem, kind in re.findall(r"/static/([\w-]+)\.\w+\.(\w+)", html.decode())
    }
    files = [path.read_bytes() for path in STATIC_FOLDER.iterdir() if path.name in named]
    assert len(files) == len(named) >= 2
    assert squeezed(html, *files) <= limit
    assert 1 + len(files) <= 6, "requests of a first visit"


def test_the_stylesheet_stays_under_six_kilobytes():
    sheet = (STATIC_FOLDER / "site.css").read_bytes()
    assert squeezed(sheet) <= 6_000
    assert not re.search(rb"(margin|padding|border)-(left|right|top|bottom)|float:", sheet)
    assert b"@import" not in sheet
    assert b"url(" not in sheet


def test_every_state_has_one_word_and_no_two_share_it():
    assert set(STATE_WORDS) == set(State)
    words = [word for word, _tone in STATE_WORDS.values()]
    assert len(set(words)) == len(words)


def test_refused_is_never_mixed_with_closed_under_the_threshold(app):
    refused = render(app, *sample_journeys.TEMPLATES["petition refused"])
    closed = render(app, *sample_journeys.TEMPLATES["petition closed_below"])
    assert "Why this petition was refused" in refused
    assert "Closed under the threshold" not in refused
    assert "Closed under the threshold" in closed
    assert "It was not refused" in closed
    assert "48,213" in closed  # the count never disappears


def test_a_hidden_petition_shows_reference_date_and_category_only(app):
    page = replace(
        samples.PETITION_PAGES["hidden"],
        title="Secret title",
        request="Secret request",
        reasons="Secret reasons",
        author="Secret author",
    )
    html = render(app, "public/petition.html", page)
    assert "Secret" not in html
    assert "2026-0142" in html
    assert "Names or accuses a private person" in html
    assert "1 February 2026" in html


def test_the_outcome_comes_before_the_text_once_examined(app):
    html = render(app, *sample_journeys.TEMPLATES["petition examined"])
    assert html.index("Debated in the chamber") < html.index("What is asked")
    assert html.index("The Government will present a plan") < html.index("What is asked")


def test_the_sign_card_stands_between_request_and_reasons_as_on_a_phone(app):
    html = render(app, *sample_journeys.TEMPLATES["petition published"])
    order = ["<h1", 'id="ask"', 'id="sg"', "<h2>Why", 'id="progress"', 'id="figures"']
    places = [html.index(mark) for mark in order]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["paused", "not_open_yet", "closed_below", "examined"])
def test_a_petition_that_cannot_be_signed_says_why_and_offers_no_dead_button(app, name):
    html = render(app, *sample_journeys.TEMPLATES[f"petition {name}"])
    assert "/sign" not in html
    assert re.search(r"Signing (is closed|has ended|opens on|is suspended)", html)


def test_overdue_days_stand_on_the_next_step(app):
    html = render(app, *sample_journeys.TEMPLATES["petition threshold_reached"])
    assert "12 days late" in html
    assert html.index("12 days late") < html.index("Found admissible")


@pytest.mark.parametrize("cause", sample_journeys.CAUSES)
def test_a_failed_login_says_that_nothing_was_recorded(app, cause):
    html = render(app, "identity/failed.html", sample_journeys.FAILED[cause])
    # who comes to the others may have signed a moment ago
    perhaps = {"already_used", "ended", "other_browser", "letter_used"}
    assert ("Nothing was recorded" in html) == (cause not in {*perhaps, "over"})
    assert ("What was done before stays as it is." in html) == (cause in perhaps)
    assert ("Did you see the page that thanks you for signing?" in html) == (cause == "over")
    assert "R7KQ-22XD" in html
    assert "The identity check did not work" not in html


@pytest.mark.parametrize("status", sample_journeys.STATUSES)
def test_an_error_page_says_what_to_do_now(app, status):
    html = render(app, "errors/error.html", sample_journeys.ERRORS[status])
    assert ("Search petitions" in html) == (status == 404)
    assert "/en/petitions" in html


def test_what_was_typed_is_kept_beside_its_fault(app):
    from petitions.domain.errors import InvalidError
    from petitions.platform.i18n import load_catalogues, speak
    from petitions.web.forms import TextForm, label, show

    speak(load_catalogues(("en",)).default)
    form = TextForm(data={"title": "T", "request": "x" * 120, "reasons": "<R>"})
    label(form)
    facts: dict[str, object] = {"max": 100, "over": 20, "unit": "chars"}
    faults = show(form, InvalidError(fields={"request": ("too_long", facts)}))
    html = render(app, "author/text.html", sample_journeys.TEXT_STEP, form=form, faults=faults)
    assert "x" * 120 in html
    assert html.count("This is 20 characters too long; at most 100 are allowed.") == 2
    assert 'aria-describedby="request-hint request-error"' in html
    assert "&lt;R&gt;" in html


def test_an_invisible_character_is_named_with_its_place():
    from petitions.domain.text import Limits, problem
    from petitions.web.errors import sentence

    bad = problem("Sign\u202ethis\x00", Limits(100))
    assert bad is not None
    assert sentence(*bad).startswith("Character number 5 (RIGHT-TO-LEFT OVERRIDE) cannot be used")
    worse = problem("a\x00b", Limits(100))
    assert worse is not None
    assert "U+0000" in sentence(*worse)


def test_the_language_links_lead_to_the_same_page(app):
    html = render(app, *sample_journeys.TEMPLATES["petition published"])
    assert '<a href="/fr/petitions/2026-0142" lang="fr" hreflang="fr">Français</a>' in html
    assert 'rel="canonical" href="https://petitions.example.org/en/petitions/2026-0142"' in html


def test_a_text_in_another_language_is_marked_as_such(app):
    page = Outline(render(app, *sample_journeys.TEMPLATES["petition other_language"]))
    assert page.of("h1") == [{"lang": "de"}]
    assert {"class": "lead", "lang": "de"} in page.of("div")
    same = Outline(render(app, *sample_journeys.TEMPLATES["petition published"]))
    assert same.of("h1") == [{}]


def test_a_demonstration_says_so_on_every_page():
    shown = render(stage(is_demo=True), *sample_journeys.TEMPLATES["home"])
    assert "Demonstration site" in shown
    assert "Demonstration site" not in render(stage(), *sample_journeys.TEMPLATES["home"])


def test_a_step_without_a_way_back_shows_none(app):
    html = render(app, "author/title.html", StepPage(1, "/x", "", sample_journeys.LIMITS))
    assert 'class="back"' not in html
