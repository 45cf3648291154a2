"""One OpenID provider, spoken to by Authlib under our own rules.

Authlib builds the authorization request, PKCE and the token request. It never judges an answer:
`authorize_access_token`, `parse_id_token` and `userinfo` are closed, because they let through
what `identity.providers.answers` refuses.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration

from identity.errors import Cause, LoginRefused, PersonKeyRefused
from identity.person_keys import person_key
from identity.providers.adapter import Departure, Login
from identity.providers.answers import Expected, assurance_of, check_id_token, check_userinfo
from identity.providers.asking import (
    Wish,
    claims_parameter,
    parameters_in,
    scopes_of,
    signed_request,
    vectors,
    with_parameters,
)
from identity.providers.attributes import facts_of
from identity.providers.back_channel import (
    PUBLIC_BODY_MAX,
    BoundSession,
    Call,
    content_type,
)
from identity.providers.breaker import Breaker
from identity.providers.client_auth import private_key_jwt, secret_basic
from identity.providers.logout import LoggedOut, open_logout
from identity.providers.metadata import MetadataStore
from identity.providers.opening import open_answer
from identity.settings import ProviderSettings
from identity.strict_json import is_moment, loads_object

__all__ = ["Departure", "Login", "OpenIdProvider", "ProviderApp", "Wish"]


class ProviderApp(FlaskOAuth2App):
    """Authlib's client for one step of one login, inside our bounds."""

    client_cls = BoundSession

    def __init__(
        self,
        provider: ProviderSettings,
        call: Call,
        metadata: Mapping[str, Any],
        scopes: Iterable[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        client, request = provider.record.client, provider.record.request
        methods: list[tuple[str, Any]] = [("client_secret_basic", secret_basic)]
        if provider.secrets.signing is not None:
            issuer = provider.record.issuer
            audience = issuer if client.audience == "issuer" else metadata.get("token_endpoint")
            signing = private_key_jwt(client, provider.secrets.signing, str(audience), now)
            methods.append(("private_key_jwt", signing))
        super().__init__(
            FlaskIntegration(provider.name),
            name=provider.name,
            client_id=client.id,
            client_secret=provider.secrets.secret,
            client_kwargs={
                "scope": " ".join(scopes),
                "token_endpoint_auth_method": client.auth,
                "code_challenge_method": "S256" if request.pkce == "S256" else None,
                "leeway": 0,
            },
            client_auth_methods=methods,
            user_agent=provider.record.user_agent,
            **metadata,
        )
        self.call = call

    def load_server_metadata(self) -> dict[str, Any]:
        """Only what `MetadataStore` checked; Authlib never fetches by itself."""
        metadata: dict[str, Any] = self.server_metadata
        return metadata

    def _get_session(self) -> BoundSession:
        return self._bound(super()._get_session())  # type: ignore[misc]

    def _get_oauth_client(self, **metadata: Any) -> BoundSession:
        return self._bound(super()._get_oauth_client(**metadata))  # type: ignore[misc]

    def _bound(self, session: Any) -> BoundSession:
        session.call = self.call
        session.headers["Accept-Encoding"] = "identity"
        bound: BoundSession = session
        return bound

    def read(self, url: str, *, bearer: str | None = None, body_max: int | None = None) -> Any:
        """GET within our bounds; the response, whose status is below 500 and no redirect."""
        with self._get_session() as session:
            if body_max is not None:
                session.body_max = body_max
            headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
            return session.request("GET", url, headers=headers, withhold_token=True)

    def push(self, url: str, params: Mapping[str, str]) -> Any:
        """POST of a pushed authorization request (RFC 9126), authenticated as at the token end."""
        with self._get_oauth_client(**self.server_metadata) as session:
            auth: Any = session.client_auth(session.token_endpoint_auth_method)
            return session.request("POST", url, data=dict(params), auth=auth, withhold_token=True)

    def authorize_access_token(self, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("answers are judged by identity.providers.answers")

    def parse_id_token(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("answers are judged by identity.providers.answers")

    def userinfo(self, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("answers are judged by identity.providers.answers")


class OpenIdProvider:
    """begin → the person is away → finish. One per provider and process; holds no person."""

    def __init__(
        self,
        settings: ProviderSettings,
        *,
        breaker: Breaker | None = None,
        store: MetadataStore | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` is the wall clock, seconds since the epoch."""
        self.settings = settings
        self.breaker = breaker or Breaker()
        self.store = store or MetadataStore(settings)
        self._now = now

    def begin(self, wish: Wish) -> Departure:
        """Where to send the person. LoginRefused if the provider is silent or not itself."""
        record, call = self.settings.record, self._call()
        metadata = self.store.metadata(self._fetch(call))
        state, nonce = secrets.token_hex(32), secrets.token_hex(32)
        verifier = secrets.token_urlsafe(48) if record.request.pkce == "S256" else None
        app = ProviderApp(self.settings, call, metadata, scopes_of(record, wish), self._now)
        built = app.create_authorization_url(
            self.settings.redirect_uri,
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            acr_values=" ".join(record.request.acr_values) or None,
            vtr=vectors(record.request.vtr),
            claims=claims_parameter(record, wish),
            prompt="login" if wish.fresh else record.request.prompt,
            max_age=self._max_age(wish),
        )
        url = str(built["url"])
        params, endpoint = parameters_in(url), str(metadata["authorization_endpoint"])
        key = self.settings.secrets.signing
        if record.request_object and key is not None:
            params = signed_request(record.client, key, record.issuer, params, self._now())
            url = with_parameters(endpoint, params)
        if record.request.par:
            url = with_parameters(endpoint, self._pushed(app, metadata, params))
        return Departure(url, state, nonce, verifier, self._now())

    def check_callback_issuer(self, issuer: str | None) -> None:
        """RFC 9207: whose answer is it? Before anything in it is looked at."""
        metadata = self.store.metadata(self._fetch(self._call()))
        record = self.settings.record
        announced = metadata["authorization_response_iss_parameter_supported"]
        if issuer is None and (announced or record.answer.iss_parameter == "required"):
            raise LoginRefused(Cause.NOT_VERIFIED, "callback_issuer_absent")
        if issuer is not None and issuer != record.issuer:
            raise LoginRefused(Cause.NOT_VERIFIED, "callback_of_another_issuer")

    def finish(self, departure: Departure, code: str, wish: Wish) -> Login:
        """Exchange the code, judge every answer, and keep only what was wished. LoginRefused."""
        call, record = self._call(), self.settings.record
        fetch = self._fetch(call)
        metadata = self.store.metadata(fetch)
        app = ProviderApp(self.settings, call, metadata, scopes_of(record, wish), self._now)
        access_token, id_token = self._tokens(app, departure, code)

        def find(kid: str | None, alg: str) -> Any:
            return self.store.key(fetch, kid, alg)

        found = open_answer(id_token, record.answer, self.settings.secrets.opening, find)
        claims = found.claims
        max_age = self._max_age(wish)
        active_since = None if max_age is None else departure.at - max_age
        want = Expected(departure.nonce, access_token, self._now(), active_since)
        check_id_token(found.header, claims, record, want)
        level = assurance_of(claims, record)
        user_claims: Mapping[str, Any] = {}
        if self._needs_userinfo(wish):
            user_claims = self._userinfo(app, metadata, access_token, find)
            check_userinfo(user_claims, claims, record, self._now())
        sources = {"id_token": claims, "userinfo": user_claims}
        try:
            key = person_key(sources[record.person.source].get(record.person.key), record.person)
        except PersonKeyRefused as refusal:
            cause = Cause.NOT_VERIFIED if refusal.reason.endswith("missing") else Cause.KEY_CHANGED
            raise LoginRefused(cause, refusal.reason) from None
        at, session, methods = (claims.get(name) for name in ("auth_time", "sid", "amr"))
        return Login(
            namespace=record.person.namespace,
            key=key,
            assurance=level,
            facts=facts_of(wish.attributes, record, claims, user_claims),
            claims={name: sources[source].get(name) for name, source in wish.claims},
            auth_time=at if is_moment(at) else None,
            # As a hint of a later logout the provider wants the token without our encryption.
            id_token=found.signed,
            subject=claims["sub"],
            session=session if isinstance(session, str) and session else None,
            methods=tuple(each for each in methods if isinstance(each, str))
            if isinstance(methods, list)
            else (),
        )

    def logged_out(self, token: str, *, typed: bool) -> LoggedOut:
        """Whom a logout token of this provider names (back channel). LoginRefused."""
        fetch, record = self._fetch(self._call()), self.settings.record

        def find(kid: str | None, alg: str) -> Any:
            return self.store.key(fetch, kid, alg)

        return open_logout(token, record, self.settings.secrets.opening, find, self._now(), typed)

    def leave_url(self, id_token: str | None, state: str, back: str) -> str | None:
        """RP-initiated logout, None if the provider has none."""
        metadata = self.store.metadata(self._fetch(self._call()))
        end = metadata.get("end_session_endpoint")
        if end is None:
            return None
        hint = {"id_token_hint": id_token} if id_token else {"client_id": self._client_id()}
        asked = {**hint, "post_logout_redirect_uri": back, "state": state}
        return with_parameters(str(end), asked)

    def _client_id(self) -> str:
        return self.settings.record.client.id

    def _call(self) -> Call:
        return Call(self.settings.record.timeouts, self.breaker)

    def _max_age(self, wish: Wish) -> int | None:
        return 0 if wish.fresh else self.settings.record.max_age

    def _fetch(self, call: Call) -> Callable[[str], Mapping[str, Any]]:
        def fetch(url: str) -> Mapping[str, Any]:
            app = ProviderApp(self.settings, call, {}, (), self._now)
            answer = app.read(url, body_max=PUBLIC_BODY_MAX)
            types = ("application/json", "application/jwk-set+json")
            if answer.status_code != 200 or content_type(answer) not in types:
                raise LoginRefused(Cause.NOT_VERIFIED, "metadata_not_json")
            return _object(answer.content, "metadata_not_json")

        return fetch

    def _pushed(
        self, app: ProviderApp, metadata: Mapping[str, Any], params: dict[str, str]
    ) -> dict[str, str]:
        """Hand the request over on the back channel; the reference that stands for it."""
        endpoint = metadata["pushed_authorization_request_endpoint"]
        if self.settings.record.client.auth != "client_secret_basic":
            del params["client_id"]  # our authentication adds it: twice would be refused
        answer = app.push(endpoint, params)
        if answer.status_code != 201 or content_type(answer) != "application/json":
            raise LoginRefused(Cause.SET_UP, "pushed_request_refused")
        reference = _object(answer.content, "pushed_answer_damaged").get("request_uri")
        if not isinstance(reference, str) or not reference:
            raise LoginRefused(Cause.NOT_VERIFIED, "pushed_answer_damaged")
        return {"client_id": self._client_id(), "request_uri": reference}

    def _tokens(self, app: ProviderApp, departure: Departure, code: str) -> tuple[str, str]:
        """(access token, id_token). The answer is checked as text, before Authlib reads it."""
        told: dict[str, Any] = {}

        def look(answer: Any) -> Any:
            if answer.status_code != 200:
                raise LoginRefused(Cause.SET_UP, "token_request_refused")
            if content_type(answer) != "application/json":
                raise LoginRefused(Cause.NOT_VERIFIED, "token_answer_not_json")
            told.update(_object(answer.content, "token_answer_damaged"))
            return answer

        app.compliance_fix = lambda session: session.register_compliance_hook(
            "access_token_response", look
        )
        extra = {} if departure.verifier is None else {"code_verifier": departure.verifier}
        try:
            app.fetch_access_token(  # type: ignore[no-untyped-call]
                self.settings.redirect_uri, code=code, **extra
            )
        except LoginRefused:
            raise
        except (OAuthError, ValueError, TypeError, KeyError, AttributeError):
            raise LoginRefused(Cause.NOT_VERIFIED, "token_answer_damaged") from None
        kind, access, identity = (
            told.get(name) for name in ("token_type", "access_token", "id_token")
        )
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise LoginRefused(Cause.NOT_VERIFIED, "token_not_bearer")
        if not isinstance(access, str) or not access.isascii() or not access.isprintable():
            raise LoginRefused(Cause.NOT_VERIFIED, "access_token_absent")
        if not isinstance(identity, str) or not identity or not access:
            raise LoginRefused(Cause.NOT_VERIFIED, "id_token_absent")
        return access, identity

    def _needs_userinfo(self, wish: Wish) -> bool:
        """Only if the key, or something wished, lives there."""
        record = self.settings.record
        sources = {record.person.source}
        sources |= {record.attributes[name].source for name in wish.attributes}
        return "userinfo" in sources | {source for _, source in wish.claims}

    def _userinfo(
        self, app: ProviderApp, metadata: Mapping[str, Any], token: str, find: Any
    ) -> Mapping[str, Any]:
        record = self.settings.record
        answer = app.read(metadata["userinfo_endpoint"], bearer=token)
        if answer.status_code != 200:
            raise LoginRefused(Cause.NOT_VERIFIED, "userinfo_refused")
        if record.answer.userinfo == "json":
            if content_type(answer) != "application/json":
                raise LoginRefused(Cause.NOT_VERIFIED, "userinfo_of_another_type")
            return _object(answer.content, "userinfo_damaged")
        if content_type(answer) != "application/jwt":
            raise LoginRefused(Cause.NOT_VERIFIED, "userinfo_not_signed")
        try:
            text = answer.content.decode("ascii").strip()
        except UnicodeDecodeError:
            raise LoginRefused(Cause.NOT_VERIFIED, "userinfo_damaged") from None
        return open_answer(text, record.answer, self.settings.secrets.opening, find).claims


def _object(body: bytes, reason: str) -> dict[str, Any]:
    try:
        return loads_object(body)
    except ValueError:
        raise LoginRefused(Cause.NOT_VERIFIED, reason) from None
