"""What stands beside an incident at a glance: who works on it, under which laws, whom it asked, what it set in the city."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from impetus.core.access import Regime
from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.ids import IncidentId
from impetus.core.incident import IncidentEntry
from impetus.core.notice import Notice
from impetus.core.situation import SharePart
from impetus.desk import incidents, shares
from impetus.desk.needs import needs
from impetus.desk.notices import send_notice
from impetus.ethics.guard import Operation, may
from impetus.web.beside import LATELY, MOST_NAMED, lately
from page_reader import by_id
from seats import actor, look, opened, seat
from town import NOW, Town

Raise = Callable[..., Alert]
ONE = "/incidents/1"


def line(who: str, minutes: float) -> IncidentEntry:
    """Return a line that somebody wrote so many minutes ago."""
    return IncidentEntry(
        incident=IncidentId(1), at=NOW - timedelta(minutes=minutes), event="note", who=who, text="seen", detail={}
    )


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sol(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sol", Role.SUPERVISOR)


@pytest.fixture
def one(town: Town, raised: Raise, kari: TestClient) -> IncidentId:
    """Open incident 1, Kari's, with nothing beside it."""
    return opened(town, raised().id).id


def test_who_wrote_last_is_named_first_and_each_once() -> None:
    """The order of a hand that looks for somebody to ask."""
    told = [line("Ada", 50), line("Bo", 20), line("Ada", 5)]
    assert lately(told, NOW, owner="Kari") == ("Ada", "Bo")


def test_the_owner_and_machines_are_not_named() -> None:
    """The owner has a chip of their own; a part of the platform works on nothing."""
    told = [line("Kari", 3), line("platform:runs", 2), line("Bo", 1)]
    assert lately(told, NOW, owner="Kari") == ("Bo",)


@pytest.mark.parametrize(("minutes", "is_named"), [(0, True), (60, True), (60.01, False), (600, False)])
def test_an_hour_after_their_last_line_somebody_is_named_no_more(minutes: float, *, is_named: bool) -> None:
    """The hour itself counts still."""
    assert bool(lately([line("Bo", minutes)], NOW, owner="Kari")) is is_named


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 120)), max_size=40))
def test_never_more_than_six_never_twice_and_all_of_them_wrote_lately(lines: list[tuple[str, int]]) -> None:
    """Whoever wrote, in whatever order."""
    named = lately([line(who, ago) for who, ago in lines], NOW, owner="a")
    wrote = {who for who, ago in lines if timedelta(minutes=ago) <= LATELY and who != "a"}
    assert len(named) == len(set(named)) == min(MOST_NAMED, len(wrote))
    assert set(named) <= wrote


@pytest.mark.usefixtures("one")
def test_an_incident_alone_says_its_law_and_names_nobody(kari: TestClient) -> None:
    """No empty chip, and no word of a police directive where nothing is shared."""
    head = by_id(look(kari, ONE), "incident-head").words
    assert "Law: GDPR" in head
    assert "LED" not in head
    assert "Working on it" not in head


def test_a_colleague_who_wrote_is_named_and_one_who_only_looked_is_not(
    town: Town, one: IncidentId, kari: TestClient, sol: TestClient
) -> None:
    """Looking is not recorded: the workers' page promises so."""
    look(sol, ONE)
    assert "Sol" not in by_id(look(kari, ONE), "incident-head").words
    incidents.note(town.desk, actor(town, "Sol"), one, "doors are open")
    assert "Working on it: Sol" in by_id(look(kari, ONE), "incident-head").words


def test_an_agency_it_is_shared_with_is_named_with_the_law(
    town: Town, one: IncidentId, kari: TestClient, sol: TestClient
) -> None:
    """Until the sharing ends."""
    del sol
    share = shares.share_incident(
        town.desk,
        actor(town, "Sol"),
        one,
        agency="Police",
        regime=Regime.LED,
        parts=[SharePart.SUMMARY],
        why="armed person",
    )
    head = by_id(look(kari, ONE), "incident-head").words
    assert "Working on it: Police" in head or "Working on it: Sol, Police" in head
    assert "shared under the police directive (LED)" in head
    shares.end_share(town.desk, actor(town, "Sol"), share.id, why="over")
    assert "LED" not in by_id(look(kari, ONE), "incident-head").words


@pytest.mark.usefixtures("one")
def test_nothing_asked_and_nothing_set_is_said(kari: TestClient) -> None:
    """An empty tab says what it looked at."""
    assert "Nobody was asked from here" in by_id(look(kari, ONE), "outside").words


def test_who_was_asked_stands_there_and_that_nobody_has_it_yet(
    town: Town, one: IncidentId, kari: TestClient, sol: TestClient
) -> None:
    """With each person's own state, on the page and in its live part."""
    del sol
    who, asking = actor(town), Notice(to=("Sol",), incident=one, title="Come to the square", text="now")
    with town.desk.store.write() as unit:
        send_notice(town.desk, unit, who, asking)
    for page in (look(kari, ONE), look(kari, f"{ONE}/now")):
        assert "Come to the square" in page.words
        assert "nobody has it yet" in page.words
    assert "Sol: " in by_id(look(kari, ONE), "outside").words


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.DPO, Role.AUDITOR, Role.EXECUTIVE])
def test_the_map_asks_for_readings_only_when_the_role_may_have_them(
    town: Town, one: IncidentId, kari: TestClient, role: Role
) -> None:
    """A page that asks for what it is refused writes a refusal into the log every few seconds."""
    del kari
    page = look(seat(town, "Vera", role), f"/incidents/{one}")
    is_asked = "data-readings" in by_id(page, "map").attributes
    assert is_asked == may(actor(town, "Vera"), Operation.HISTORY_READ)


def test_the_bar_alone_says_what_the_picture_says(town: Town, raised: Raise, kari: TestClient) -> None:
    """The most urgent alert that nobody took, how many wait, and no more than that."""
    del kari
    first = raised("one")
    raised("two")
    view = needs(town.desk, actor(town))
    assert len(view.alerts) == 1
    assert view.alerts[0].id >= first.id
    assert sum(view.counts.values()) == 2
    assert (view.asked_10_min, view.waiting, view.is_flood) == (0, 0, False)


def test_the_bar_of_a_quiet_town_is_empty(town: Town, kari: TestClient) -> None:
    """Nothing raised, nothing asked, nothing waiting."""
    del kari
    view = needs(town.desk, actor(town))
    assert view.alerts == ()
    assert (view.raised_10_min, view.raised_hour) == (0, 0)
