"""What tests of the ingest's app hold in their hands."""

from dataclasses import dataclass

from starlette.testclient import TestClient

from impetus.desk.context import Desk
from impetus.desk.ingest import Intake
from ingest_samples import TightBus


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running ingest: its app, its desk, its bus, and tokens."""

    client: TestClient
    desk: Desk
    bus: TightBus
    intake: Intake
    token: str
    harbour: str
    declarer: str
    reader: str


def headers(token: str, media: str = "application/json") -> dict[str, str]:
    """Return the headers of a sender."""
    return {"Authorization": f"Bearer {token}", "Content-Type": media}
