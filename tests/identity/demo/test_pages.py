"""The pages people see: in four languages, without script, plainly a demonstration."""

import re

import pytest
from werkzeug.test import Client

from identity.providers.demo import CITIZENS, STAFF
from identity.providers.demo.wording import LANGUAGES, WORDS, chosen, word
from identity.providers.demo.wording_dutch_german import FURTHER
from tests.identity.demo.walk import Walk, answer


def every_page(site):
    login = site.authorize()
    ticket = site.ticket(login)
    yield login
    yield site.browser.get(f"{site.issuer}/authorize")
    yield site.browser.post(f"{site.issuer}/login", data={"ticket": "none"})
    yield site.browser.post(f"{site.issuer}/login", data={"ticket": ticket, "name": ""})
    yield site.browser.get("/")
    yield site.browser.get("/nothing/here")
    yield site.browser.get(f"{site.issuer}/session/end")


@pytest.mark.parametrize("audience", ["citizens", "staff"])
@pytest.mark.parametrize(
    ("language", "sign"),
    [
        ("en", "Demonstration."),
        ("fr", "Démonstration."),
        ("nl", "Demonstratie."),
        ("de", "Demonstration. Alle"),
    ],
)
def test_every_page_says_that_it_is_a_demonstration(audience, language, sign):
    site = Walk(audience=audience)
    site.browser = Client(site.app)
    pages = list(every_page(AcceptLanguage(site, language)))
    assert len(pages) == 7
    for page in pages:
        assert page.mimetype == "text/html"
        assert f'<html lang="{language}">' in page.text
        assert re.search(rf'<p class="banner"><strong>{sign}', page.text)


class AcceptLanguage:
    """A walk whose browser prefers one language."""

    def __init__(self, site, language):
        self.issuer, self.ticket = site.issuer, site.ticket
        self._site, self._headers = site, {"Accept-Language": language}
        self.browser = self

    def authorize(self):
        return self.get(f"{self.issuer}/authorize", query_string=self._site.request())

    def get(self, url, **more):
        return self._site.browser.get(url, headers=self._headers, **more)

    def post(self, url, **more):
        return self._site.browser.post(url, headers=self._headers, **more)


@pytest.mark.parametrize("audience", ["citizens", "staff"])
def test_every_page_forbids_scripts_foreign_parts_frames_and_storage(audience):
    site = Walk(audience=audience)
    for page in every_page(site):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'; style-src 'self'; img-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert policy.endswith("form-action 'self' http://127.0.0.1:8000")
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in page.text
        assert not re.search(r"\sstyle=|\son[a-z]+=|password", page.text.replace("no password", ""))


def test_the_stylesheet_and_the_icon_come_from_the_provider_itself():
    site = Walk()
    text = site.authorize().text
    for href in re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', text):
        with site.browser.get(href) as served:
            content = served.data
        assert served.status_code == 200
        assert served.mimetype in {"text/css", "image/svg+xml"}
        assert b"://" not in content.replace(b"http://www.w3.org/2000/svg", b"")
    assert len(re.findall(r"<link", text)) == 2


def test_the_language_asked_by_the_site_wins_over_the_browser():
    site = Walk()
    page = site.browser.get(
        f"{site.issuer}/authorize",
        query_string=site.request(ui_locales="it fr-BE en"),
        headers={"Accept-Language": "en"},
    )
    assert "Qui êtes-vous aujourd’hui" in page.text
    assert page.headers["Content-Language"] == "fr"


def test_the_language_link_repeats_the_request_in_the_other_language():
    site = Walk()
    page = site.authorize()
    link = re.search(r'<a href="(\?[^"]+)" lang="fr"', page.text)[1].replace("&amp;", "&")
    assert "Qui êtes-vous" in site.browser.get(f"{site.issuer}/authorize{link}").text


def test_the_anonymous_sentence_stands_for_scope_openid_alone():
    sentence = (
        "You continue anonymously: no personal data will be sent, only a code that stands for"
    )
    site = Walk()
    assert sentence in site.authorize().text
    assert sentence in site.authorize(scope="openid openid").text
    for more in (
        {"scope": "openid birthdate"},
        {"scope": "openid amr"},
        {"claims": '{"userinfo":{"residence":null}}'},
    ):
        page = site.authorize(**more)
        assert sentence not in page.text
        assert "These facts will be sent, and nothing else:" in page.text


def test_the_facts_to_be_sent_are_listed():
    text = Walk().authorize(scope="openid birthdate residence").text
    listed = re.search(r'<div class="sends">.*?</div>', text, re.DOTALL)[0]
    assert re.findall(r"<li>(.*?)</li>", listed) == [
        "a code that stands for you at this site, and at no other",
        "date of birth",
        "place of residence",
    ]


def test_every_invented_person_has_a_button():
    for audience, people in (("citizens", CITIZENS), ("staff", STAFF)):
        site = Walk(audience=audience)
        text = site.authorize().text
        assert [one.key for one in people] == re.findall(r'name="person" value="([^"]+)"', text)
        for one in people:
            assert one.name in text


@pytest.mark.parametrize("person", [one.key for one in CITIZENS])
def test_every_button_logs_its_person_in(person):
    site = Walk()
    assert site.token(site.code(person=person)).status_code == 200


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"name": " ", "age": "35", "place": "FR"}, "name"),
        ({"name": "x" * 81, "age": "35", "place": "FR"}, "name"),
        ({"name": "a\u202eb", "age": "35", "place": "FR"}, "name"),
        ({"name": "Ada", "age": "-1", "place": "FR"}, "age"),
        ({"name": "Ada", "age": "old", "place": "FR"}, "age"),
        ({"name": "Ada", "age": "35", "place": "Atlantis"}, "place"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_with_the_reason_and_can_be_mended(form, wrong):
    site = Walk()
    page = site.authorize()
    back = site.choose(page, **form)
    assert back.status_code == 400
    assert f'<a href="#{wrong}">' in back.text
    assert f'id="{wrong}"' in back.text
    mended = site.choose(page, name="Ada", age="35", place="FR")
    assert "code" in answer(mended)


def test_a_typed_name_is_shown_as_text_and_never_as_markup():
    site = Walk()
    back = site.choose(site.authorize(), name='"><b>Ada', age="0", place="FR")
    assert "<b>" not in back.text
    assert "&lt;b&gt;Ada" in back.text


def test_an_unknown_person_is_nobody():
    for audience in ("citizens", "staff"):
        site = Walk(audience=audience)
        assert site.choose(site.authorize(), person="nobody").status_code == 400


def test_staff_cannot_be_invented():
    site = Walk(audience="staff")
    assert site.choose(site.authorize(), name="Ada", age="35", place="FR").status_code == 400


def test_another_browser_cannot_answer_a_login_page():
    site = Walk()
    ticket = site.ticket(site.authorize())
    form = {"ticket": ticket, "person": "amina haddad"}
    for stranger in (Client(site.app), Client(site.app, use_cookies=False)):
        assert stranger.post(f"{site.issuer}/login", data=form).status_code == 400
    other = Walk()
    other.app, other.browser = site.app, Client(site.app)
    other.authorize()  # has a cookie, but not that of this page
    assert other.browser.post(f"{site.issuer}/login", data=form).status_code == 400
    assert site.browser.post(f"{site.issuer}/login", data=form).status_code == 303


def test_a_login_page_serves_once_and_for_twenty_minutes():
    site = Walk()
    page = site.authorize()
    assert "code" in answer(site.choose(page))
    assert site.choose(page).status_code == 400
    page = site.authorize()
    site.clock.seconds += 1200
    assert site.choose(page).status_code == 400


def test_two_tabs_of_one_browser_can_both_log_in():
    site = Walk()
    first, second = site.authorize(), site.authorize()
    assert "code" in answer(site.choose(first))
    assert "code" in answer(site.choose(second))


def test_the_only_cookie_says_nothing_and_stays_with_its_issuer():
    site = Walk()
    (cookie,) = site.authorize().headers.getlist("Set-Cookie")
    assert re.fullmatch(
        r"demonstration_browser=[\w-]{43}; HttpOnly; Path=/citizens; SameSite=Lax", cookie
    )
    assert not site.authorize().headers.getlist("Set-Cookie")


def test_the_cookie_is_marked_secure_where_the_provider_has_https():
    site = Walk(overrides={"base": "https://localhost:8001"})
    page = site.browser.get("https://localhost/citizens/authorize", query_string=site.request())
    assert "; Secure;" in page.headers["Set-Cookie"]


def test_every_sentence_exists_in_four_languages():
    assert set(FURTHER) == set(WORDS)
    for key in WORDS:
        told = [word(key, language) for language in LANGUAGES]
        assert len({each.count("{}") for each in told}) == 1
        assert all(told)


def test_a_name_without_a_translation_is_the_first_one():
    assert chosen(("Valmont",), "de") == "Valmont"
    assert chosen(("Germany", "Allemagne", "Duitsland", "Deutschland"), "nl") == "Duitsland"


def test_people_places_and_offices_are_named_in_the_language_of_the_page():
    site = Walk()
    text = site.authorize(ui_locales="de").text
    assert "63 Jahre, Deutschland" in text
    assert "Als diese Person fortfahren" in text
    staff = Walk(audience="staff").authorize(ui_locales="nl").text
    assert "Tweede lezer" in staff
