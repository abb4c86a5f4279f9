"""Forms about the city and about warnings: who is offered what, and each value no form of ours would send."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.testing.city import SIGN, MemoryCity, MemoryGateways
from page_reader import acts
from seats import act, look, seat
from town import Town, close_town, open_town

PEOPLE = tuple(role for role in Role if role not in {Role.SERVICE, Role.PLATFORM})
DRAFTERS = {Role.OPERATOR, Role.SUPERVISOR}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return one house with a sign and a gateway, for all of these tests: none of them changes anything."""
    made = open_town(tmp_path_factory.mktemp("town"))
    city = MemoryCity()
    city.add(SIGN)
    outside = replace(made.desk.outside, city=city, gateways=MemoryGateways(name="room@city.example"))
    object.__setattr__(made.desk, "outside", outside)
    yield made
    close_town(made)


@pytest.fixture(scope="module")
def seats(town: Town) -> dict[Role, TestClient]:
    """Return a browser for each role of a person."""
    return {role: seat(town, f"a-{role}", role) for role in PEOPLE}


def nothing_happened(town: Town) -> bool:
    """Say whether nobody was asked anything and no warning was drafted."""
    with town.desk.store.read() as unit:
        return not unit.actions.find() and not unit.warnings.all()


@pytest.mark.parametrize("role", PEOPLE)
def test_only_who_may_draft_is_offered_a_draft_and_may_send_one(
    town: Town, seats: dict[Role, TestClient], role: Role
) -> None:
    """Everybody reads what was warned of; the form and the act stand with two roles."""
    page = look(seats[role], "/warnings")
    assert ("/warnings" in acts(page)) is (role in DRAFTERS)
    if role not in DRAFTERS:
        assert act(seats[role], "/warnings", status="Exercise")[0] == 403
        assert nothing_happened(town)


@pytest.mark.parametrize(
    "fields",
    [
        {"device": "sign-e1", "command": "go", "minutes": 0, "why": "x"},
        {"device": "sign-e1", "command": "go", "minutes": 241, "why": "x"},
        {"device": "sign-e1", "command": "go", "minutes": "ten", "why": "x"},
        {"device": "sign-e1", "command": "go", "minutes": 121, "why": "x"},
        {"device": "sign-e1", "command": "", "minutes": 10, "why": "x"},
        {"device": "sign-e1", "command": "go", "minutes": 10, "why": " "},
        {"device": "x" * 201, "command": "go", "minutes": 10, "why": "x"},
        {"device": "nowhere", "command": "go", "minutes": 10, "why": "x"},
        {"device": "sign-e1", "command": "go", "minutes": 10, "why": "x", "incident": -1},
        {"device": "sign-e1", "command": "go", "minutes": 10, "why": "x", "incident": 99},
        {"command": "go", "minutes": 10, "why": "x"},
    ],
)
def test_each_form_no_device_could_follow_is_refused(
    town: Town, seats: dict[Role, TestClient], fields: dict[str, object]
) -> None:
    """Out of range, longer than the device may be set, empty, unknown; nobody is asked to agree to it."""
    status, problem = act(seats[Role.OPERATOR], "/effects/set", **fields)
    assert status in {400, 404, 422}
    assert problem["detail"]
    assert nothing_happened(town)


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.DPO, Role.AUDITOR, Role.ANALYST, Role.ADMINISTRATOR])
def test_who_does_not_propose_sets_nothing(town: Town, seats: dict[Role, TestClient], role: Role) -> None:
    """A form sent by hand is refused like one that was never offered."""
    fields = {"device": "sign-e1", "command": "go", "minutes": 10, "why": "x"}
    assert act(seats[role], "/effects/set", **fields)[0] == 403
    assert nothing_happened(town)


@pytest.mark.parametrize("path", ["/effects/0/revert", "/effects/x/revert", f"/effects/{2**63}/revert"])
def test_a_number_that_cannot_be_is_refused_at_the_door(seats: dict[Role, TestClient], path: str) -> None:
    """Before anything is looked up."""
    assert seats[Role.SUPERVISOR].post(path, data={"why": "x"}).status_code in {400, 404, 422}


def test_what_is_not_there_is_said_so(seats: dict[Role, TestClient]) -> None:
    """An effect and a warning nobody made."""
    assert act(seats[Role.SUPERVISOR], "/effects/99/revert", why="x")[0] == 404
    for path in ("/warnings/99", "/warnings/99/now", "/warnings/99/cap.xml"):
        assert seats[Role.OPERATOR].get(path).status_code == 404


@pytest.mark.parametrize("status", ["", "Draft", "System", "actual", "x" * 500])
def test_a_status_that_is_none_drafts_nothing(town: Town, seats: dict[Role, TestClient], status: str) -> None:
    """Three words there are, in the standard's own letters."""
    assert act(seats[Role.OPERATOR], "/warnings", status=status)[0] in {400, 422}
    assert nothing_happened(town)
