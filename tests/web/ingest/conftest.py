"""The ingest's app over a desk in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from impetus.core.admission import Limits
from impetus.desk import tokens
from impetus.desk.ingest import Intake
from impetus.settings import Settings
from impetus.web.ingest.app import create_ingest_app
from ingest_samples import ADMINISTRATOR, HARBOUR, SQUARE, TightBus, make_desk
from ingest_site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """Return an ingest with tokens for both sources, for declaring, and for reading everything."""
    bus = TightBus()
    desk = make_desk(bus=bus)
    intake = Intake(desk, Limits())
    intake.start()
    app = create_ingest_app(desk, Settings(home=Path("unused")), intake)

    def token(name: str, *operations: str, source: object = None) -> str:
        return tokens.issue(desk, ADMINISTRATOR, name, operations, source=source)[1]  # type: ignore[arg-type]

    with TestClient(app, raise_server_exceptions=False) as client:
        yield Site(
            client=client,
            desk=desk,
            bus=bus,
            intake=intake,
            token=token("square", "observations.write", "history.read", source=SQUARE),
            harbour=token("harbour", "observations.write", source=HARBOUR),
            declarer=token("declarer", "sources.declare", "sources.read"),
            reader=token("reader", "sources.read", "history.read"),
        )
    intake.close()
