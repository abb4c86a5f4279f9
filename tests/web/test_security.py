"""The wall: headers, hosts, sizes, forgery and guessing."""

import httpx
import pytest

from impetus.core.actor import Role
from impetus.testing.clock import SettableClock
from impetus.web.security import BODY_LIMIT_BYTES, SignInLimit, TooMany
from impetus.web.telemetry import NO_TELEMETRY
from town import ADDRESS, NOW, Town, csrf_of, post

PATHS = ["/sign-in", "/nothing", "/api/v1/alerts", "/healthz", "/static/none", "/"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(town: Town, path: str) -> None:
    """Pages, problems, redirects and files alike: no inline code, no frames, no sniffing, nothing sent elsewhere."""
    headers = town.visitor().get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_a_bug_is_answered_with_a_number_and_the_headers(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """The visitor learns a number, the log the cause, and neither learns the other's."""

    @town.app.get("/break")
    def broken() -> None:
        raise RuntimeError("a secret detail")

    answer = town.visitor().get("/break")
    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
    assert "secret detail" not in answer.text
    number = caplog.records[-1].getMessage().split()[1]
    assert number in answer.text
    assert "a secret detail" in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.7"])
def test_a_foreign_host_name_is_refused(town: Town, host: str) -> None:
    """A page elsewhere that points its own name at us gets nothing (DNS rebinding)."""
    answer = town.visitor().get("/sign-in", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["remedy"]


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "localhost", "[::1]:8470"])
def test_loopback_names_are_served(town: Town, host: str) -> None:
    """The same request under our own names succeeds."""
    assert town.visitor().get("/sign-in", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_past_the_limit_is_refused(town: Town, *, announced: bool) -> None:
    """Announced or streamed, more than 64 KiB ends with 413; readings belong to the ingest."""
    person, body = town.person(), b"a=" + b"x" * BODY_LIMIT_BYTES
    answer = person.post(
        "/sign-out",
        content=body if announced else iter([body]),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_a_form_with_its_token_is_taken(town: Town) -> None:
    """The set-up of the refusals below succeeds as it stands."""
    assert post(town.person(), "/theme", theme="light").status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "ø"])
def test_a_form_without_its_token_is_refused(town: Town, token: str) -> None:
    """A page elsewhere can send a form, but cannot know the token."""
    person = town.person()
    answer = person.post("/theme", data={"theme": "light", "csrf": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_token_of_another_session_is_refused(town: Town) -> None:
    """The token is bound to the session, not to the site."""
    one, other = town.person(), town.person()
    assert one.post("/theme", data={"theme": "light", "csrf": csrf_of(other)}).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [(ADDRESS, 303), ("https://evil.example", 403), ("null", 403), ("http://127.0.0.1:9999", 403)],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(town: Town, origin: str, status: int) -> None:
    """Origin and token must both be right."""
    person = town.person()
    answer = person.post("/theme", data={"theme": "light", "csrf": csrf_of(person)}, headers={"origin": origin})
    assert answer.status_code == status


def test_a_script_sends_the_token_as_a_header(town: Town) -> None:
    """The API takes the session's authority only with the header; with it, the request reaches the desk."""
    person = town.person()
    refused = person.post("/api/v1/alerts/1/acknowledge", json={})
    reached = person.post("/api/v1/alerts/1/acknowledge", json={}, headers={"x-csrf-token": csrf_of(person)})
    assert (refused.status_code, reached.status_code) == (403, 404)
    assert refused.json()["rule"] == "form-token"


def test_every_changing_route_is_guarded(town: Town) -> None:
    """Whatever route is added, a change without a token is refused before anything else happens."""
    person = town.person(Role.ADMINISTRATOR)
    document = town.app.openapi()
    posts = [path for path, verbs in document["paths"].items() if "post" in verbs]
    pages = ["/accounts/add", "/accounts/tokens/issue", "/sign-out", "/language", "/alerts/1/acknowledge"]
    assert len(posts) > 15
    for path in [*posts, *pages]:
        answer = person.post(path.replace("{alert}", "1").replace("{incident}", "1"), json={})
        assert answer.status_code == 403, path


def test_attempts_to_sign_in_are_limited_by_address(town: Town) -> None:
    """The eleventh attempt of a minute waits, and is told how long."""
    visitor = town.visitor()
    token = csrf_of(visitor, "/sign-in")
    answers = [
        visitor.post("/sign-in", data={"csrf": token, "name": "nobody", "password": "x"}).status_code for _ in range(11)
    ]
    assert answers == [401] * 10 + [429]
    answer = visitor.post("/sign-in", data={"csrf": token, "name": "nobody", "password": "x"})
    assert int(answer.headers["retry-after"]) > 0
    town.clock.advance(60)
    assert visitor.post("/sign-in", data={"csrf": token, "name": "x", "password": "x"}).status_code == 401


def test_the_limit_remembers_a_bounded_number_of_addresses() -> None:
    """Many addresses cost no more memory than the bound; the busy one stays limited."""
    limit = SignInLimit(SettableClock(NOW), per_min=1)
    for number in range(5000):
        limit.take(f"2001:db8::{number:x}")
    assert len(limit._buckets) == 4096
    with pytest.raises(TooMany):
        limit.take("2001:db8::1387")


def test_cookies_are_bound_to_the_host_when_there_is_tls(town: Town) -> None:
    """Over TLS the session's cookie is `__Host-`, Secure, HttpOnly and Strict; without, all but the first two."""
    plain = town.visitor().get("/sign-in").headers["set-cookie"].lower()
    tls = town.visitor("https://127.0.0.1:8470").get("/sign-in").headers["set-cookie"].lower()
    assert plain.startswith("impetus_visitor=")
    assert "secure" not in plain
    assert tls.startswith("__host-impetus-visitor=")
    assert "secure" in tls
    for cookie in (plain, tls):
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie


def test_tls_is_insisted_on_once_seen(town: Town) -> None:
    """A browser that came over TLS is told to keep doing so."""
    assert "strict-transport-security" in town.visitor("https://127.0.0.1:8470").get("/sign-in").headers


def test_a_refused_program_learns_how_to_ask(town: Town) -> None:
    """No credentials: 401 with the scheme; a wrong one: 401 too; neither is a redirect to a page."""
    answers = [
        town.visitor().get("/api/v1/alerts", headers=headers)
        for headers in ({}, {"authorization": "Bearer imp_x"}, {"authorization": "Basic eDp5"})
    ]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert all(isinstance(answer, httpx.Response) and answer.json()["remedy"] for answer in answers)
    assert answers[1].headers["www-authenticate"].startswith("Bearer")


def test_no_app_sends_telemetry() -> None:
    """Both doors switch the framework's telemetry off, whatever the environment says."""
    assert set(NO_TELEMETRY) >= {"auto_configure", "tracing", "metrics", "logs"}
    assert not any(NO_TELEMETRY.values())
