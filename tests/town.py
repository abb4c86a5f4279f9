"""A web process in memory: the real app over the real desk, with adapters that keep nothing, and ways to come to it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from impetus.core.actor import Actor, Role
from impetus.desk import accounts, tokens
from impetus.desk.context import Desk
from impetus.settings import Settings
from impetus.testing.clock import SettableClock

NOW = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
ADDRESS = "http://127.0.0.1:8470"
CONSOLE = Actor(name="console", role=Role.ADMINISTRATOR)


@dataclass(slots=True)
class Town:
    """One installation under test, and ways to come to it."""

    desk: Desk
    settings: Settings
    app: FastAPI
    clients: list[TestClient] = field(default_factory=list)

    @property
    def clock(self) -> SettableClock:
        """Return the clock that the test sets."""
        assert isinstance(self.desk.clock, SettableClock)
        return self.desk.clock

    def visitor(self, address: str = ADDRESS) -> TestClient:
        """Return a browser that nobody has signed in with."""
        client = TestClient(self.app, base_url=address, follow_redirects=False, raise_server_exceptions=True)
        self.clients.append(client)
        return client

    def person(self, role: Role = Role.OPERATOR, name: str | None = None) -> TestClient:
        """Return a browser signed in as a fresh person of this role, with their own password."""
        name = name or f"{role}-{len(self.clients)}"
        once = accounts.add(self.desk, CONSOLE, name, role)
        client = self.visitor()
        assert enter(client, name, once.password).headers["location"] == "/sign-in/password"
        answer = post(client, "/sign-in/password", old=once.password, new=PASSWORD, again=PASSWORD)
        assert answer.status_code == 303, answer.text
        return client

    def program(self, *operations: str) -> TestClient:
        """Return a client with a service token for these operations."""
        _, secret = tokens.issue(self.desk, CONSOLE, "a program", operations)
        client = self.visitor()
        client.headers["authorization"] = f"Bearer {secret}"
        return client


def csrf_of(client: TestClient, page: str = "/sign-in/password") -> str:
    """Return the forgery token a page carries."""
    found = CSRF.search(client.get(page).text)
    assert found is not None, page
    return found[1]


def enter(client: TestClient, name: str, password: str, **more: str) -> Response:
    """Send the sign-in form."""
    return client.post(
        "/sign-in", data={"csrf": csrf_of(client, "/sign-in"), "name": name, "password": password, **more}
    )


def post(client: TestClient, path: str, **fields: object) -> Response:
    """Send a form with its token."""
    return client.post(path, data={"csrf": csrf_of(client), **fields})
