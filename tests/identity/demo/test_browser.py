"""A real Chromium at the provider: no script, strict policy, narrow screen, accessibility rules."""

import contextlib
import threading
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from identity.providers.demo import DemoSettings, create_provider
from tests.identity.demo import walk

pytestmark = pytest.mark.browser
VARIANTS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 700}},
    "forced colours": {"forced_colors": "active"},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Silent(WSGIRequestHandler):
    def log(self, *_args):
        pass


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Demonstration:
    """Provider and petition site on two real ports; `arrived` lists the site's requests."""

    def __init__(self):
        self.arrived = []
        self.site = make_server(
            "127.0.0.1", 0, self._petition_site, threaded=True, request_handler=Silent
        )
        self.provider = make_server(
            "127.0.0.1", 0, self._provider, threaded=True, request_handler=Silent
        )
        self.site_address = f"http://127.0.0.1:{self.site.server_port}"
        self.address = f"http://127.0.0.1:{self.provider.server_port}"
        settings = DemoSettings(
            site=self.site_address,
            citizens_secret="a",
            staff_secret="b",
            port=self.provider.server_port,
        )
        self._app = create_provider(settings)

    def _provider(self, environ, start_response):
        return self._app(environ, start_response)

    def _petition_site(self, environ, start_response):
        asked = Request(environ)
        self.arrived.append((asked.path, asked.args.to_dict(), asked.referrer, dict(asked.cookies)))
        if asked.path.startswith("/identity/callback/"):
            return Response("", 303, {"Location": "/signed"})(environ, start_response)
        return Response("back at the site", mimetype="text/plain")(environ, start_response)

    def login(self, audience="citizens", **changes):
        staff = audience == "staff"
        asked = {
            "response_type": "code",
            "client_id": walk.CLIENTS[audience],
            "redirect_uri": f"{self.site_address}/identity/callback/{'staff' if staff else 'demo'}",
            "scope": "openid",
            "acr_values": "mfa" if staff else "eidas1",
            "state": walk.STATE,
            "nonce": walk.NONCE,
        }
        if staff:
            asked |= {"code_challenge": walk.CHALLENGE, "code_challenge_method": "S256"}
        return f"{self.address}/{audience}/authorize?{urlencode(asked | changes)}"


@pytest.fixture
def demonstration():
    both = Demonstration()
    with serving(both.site), serving(both.provider):
        yield both


@pytest.mark.parametrize(
    ("audience", "button"),
    [("citizens", "Chloé Garnier"), ("staff", "Ana Petit"), ("citizens", "Cancel")],
)
def test_a_button_leads_back_to_the_site_without_script_under_the_policy(
    browser, demonstration, audience, button
):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(demonstration.login(audience))
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/signed")
    context.close()
    assert complaints == []
    path, given, referrer, cookies = demonstration.arrived[0]
    assert path.startswith("/identity/callback/")
    assert given.keys() == {"error" if button == "Cancel" else "code", "state", "iss"}
    assert (referrer, cookies) == (None, {})


def test_any_name_can_be_typed_without_script(browser, demonstration):
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(demonstration.login())
    page.get_by_label("Nom").fill("Zoé Martin")
    page.get_by_label("Âge").select_option("17")
    page.get_by_label("Lieu de résidence").select_option("Finlande")
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/signed")
    context.close()
    assert "code" in demonstration.arrived[0][1]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_every_page_passes_the_accessibility_rules_and_fits_its_screen(
    browser, demonstration, variant
):
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", **variant)
    page = context.new_page()
    addresses = {
        "citizens": demonstration.login(scope="openid birthdate residence", ui_locales="fr"),
        "anonymous": demonstration.login(),
        "staff": demonstration.login("staff"),
        "fault": demonstration.login(max_age="0"),
        "home": f"{demonstration.address}/",
        "missing": f"{demonstration.address}/nothing",
    }
    for name, address in addresses.items():
        page.goto(address)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(name, one["id"]) for one in found] == []
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], name
    context.close()
