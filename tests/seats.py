"""People at their screens, signed in without walking through the door, and what they do there."""

from typing import Any

from starlette.testclient import TestClient

from impetus.core.actor import Actor, Role
from impetus.core.evidence import Evidence
from impetus.core.ids import AlertId
from impetus.core.incident import Incident
from impetus.desk import accounts, incidents, sign_in
from impetus.web.security import csrf_of
from page_reader import Node, read_page
from town import CONSOLE, PASSWORD, Town

COOKIE = "impetus_session"


def seat(town: Town, name: str = "Kari", role: Role = Role.OPERATOR) -> TestClient:
    """Return the browser of a fresh person; every change it sends carries the session's token as a header."""
    once = accounts.add(town.desk, CONSOLE, name, role)
    first = sign_in.sign_in(town.desk, name, once.password)
    changed = accounts.change_password(town.desk, first.actor, old=once.password, new=PASSWORD)
    client = town.visitor()
    client.cookies.set(COOKIE, changed.secret, domain="127.0.0.1", path="/")
    client.headers["x-csrf-token"] = csrf_of(changed.secret)
    return client


def actor(town: Town, name: str = "Kari") -> Actor:
    """Return who an account acts as."""
    with town.desk.store.read() as unit:
        account = unit.accounts.by_name(name)
    assert account is not None
    return sign_in.actor_of(account)


def opened(town: Town, *alerts: int, title: str = "Crowd at the quay", name: str = "Kari") -> Incident:
    """Return an incident that this person opened from these alerts."""
    return incidents.open_incident(town.desk, actor(town, name), title, [AlertId(alert) for alert in alerts])


def look(client: TestClient, path: str, status: int = 200) -> Node:
    """Return a page as read, after checking that it came."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
    return read_page(answer.text)


def act(client: TestClient, path: str, **fields: object) -> tuple[int, dict[str, Any]]:
    """Send an act as our own module does; return the status and the answer."""
    answer = client.post(path, data=fields, headers={"accept": "application/json"})
    return answer.status_code, answer.json()


def keep(town: Town, name: str, evidence: Evidence) -> None:
    """Store evidence under its name."""
    town.desk.blobs.put(name, town.desk.codec.encode_evidence(evidence))
