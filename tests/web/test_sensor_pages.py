"""The screens about sensors: what they say in words, what they send to be drawn, and what they say when there is nothing."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.ids import DatastreamId, DatastreamKey, Offset, SourceId, ThingKey
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.core.place import Point
from impetus.core.standing import FaultKind, Standing, StandingState, past_of, unknown_standing
from impetus.desk.sensor_rates import Rate
from impetus.web.pages.sensor_rates import across, dots_of, verdict_of
from impetus.web.sensor_words import FAULTS, LEVELS, STATE_KEYS, STATES, odds_of
from page_reader import Node, by_id
from seats import look, seat
from standing_samples import UAD, ahead
from town import NOW, Town, close_town, furnish, open_town, raise_alert

S = StandingState
HERE = Point(lon=10.7339, lat=59.9127)


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def declare(town: Town, *names: str, point: Point | None = HERE) -> None:
    """Declare noise meters of these names."""
    made = [
        Datastream(
            id=DatastreamId(0),
            key=DatastreamKey(f"square/{name}/sound_level"),
            source=SourceId("square"),
            thing=ThingKey(f"square/{name}"),
            thing_name=f"Meter {name.upper()}",
            observed_property="sound_level",
            unit="dB(A)",
            point=point,
            lowest=20.0,
            highest=140.0,
        )
        for name in names
    ]
    with town.desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="mqtt"), made)


def stands(*state: int, **columns: Sequence[float]) -> Standing:
    """Return meters 1, 2, 3 … in these states."""
    count = len(state)
    fresh = unknown_standing(np.arange(1, count + 1), at_us=to_us(NOW))
    given: dict[str, Sequence[float]] = {
        "time_us": [to_us(NOW)] * count,
        "measured": [71.4] * count,
        "low": [55.0] * count,
        "high": [65.0] * count,
        **columns,
    }
    typed = {name: np.array(values, dtype=getattr(fresh, name).dtype) for name, values in given.items()}
    return replace(fresh, state=np.array(state, dtype=np.uint8), **typed)


def rows(page: Node) -> list[list[str]]:
    """Return the words of each cell of each row of the page's tables."""
    return [[cell.words for cell in row.all("th", "td")] for body in page.all("tbody") for row in body.all("tr")]


@pytest.mark.parametrize("path", ["/city", "/sensors", "/sensors/rates"])
def test_before_any_tool_has_spoken_the_page_says_so(town: Town, kari: TestClient, path: str) -> None:
    """Nothing is taken for calm: without sensors, and with sensors that nobody judges."""
    said = look(kari, path).words
    assert "as usual now" not in said
    declare(town, "n1")
    said = look(kari, path).words
    assert any(words in said for words in ("No tool has", "Nothing is judged yet", "Nothing was judged yet"))


def test_the_city_says_how_many_are_unusual_and_lists_them(town: Town, kari: TestClient) -> None:
    """The count is the largest thing; the list says what was measured against what was expected, and how rare that is."""
    declare(town, "n1", "n2", "n3")
    town.desk.standings.put(UAD, stands(S.STRANGE, S.CALM, S.SILENT, p=[0.00012, 0.5, np.nan]))
    page = look(kari, "/city")
    assert "1 sensor is unusual now" in page.words
    assert "3 sensors judged · 1 silent" in page.words
    listed = by_id(page, "worst").words
    assert "Meter N1 Sound level 71.4 dB(A) 55 to 65 expected an event · 1 in 8,300 readings is this unusual" in listed
    assert "Meter N2" not in listed


def test_the_city_sends_a_byte_a_cell_and_frame(town: Town, kari: TestClient) -> None:
    """Cells with their places, frames with their times, alerts with theirs; the last frame is now."""
    declare(town, "n1", "n2")
    town.desk.standings.append(UAD, past_of(stands(S.CALM, S.CALM, p=[0.5, 0.5]), to_us(NOW - timedelta(hours=1))))
    town.desk.standings.put(UAD, stands(S.STRANGE, S.CALM, p=[0.001, 0.5]))
    alert = raise_alert(town)
    told = kari.get("/city/frames?hours=6").json()
    levels = np.frombuffer(base64.b64decode(told["levels"]), dtype=np.uint8).reshape(
        len(told["time"]), len(told["lon"])
    )
    assert told["size"] == [2]
    assert levels[-1].tolist() == [6]
    assert sorted(set(levels[:-1].ravel().tolist())) == [0, 2]
    assert told["strange"][-1] == 1
    assert (told["alerts"][0]["id"], told["alerts"][0]["label"]) == (str(alert.id), "Counter 4 above its norm")


def test_the_list_follows_the_slider_and_the_cell(town: Town, kari: TestClient) -> None:
    """At a moment of the past what was unusual then; of a cell everything, calm or not."""
    declare(town, "n1", "n2")
    then = NOW - timedelta(minutes=30)
    town.desk.standings.append(UAD, past_of(stands(S.CALM, S.STRANGE, p=[0.5, 0.001]), to_us(then)))
    town.desk.standings.put(UAD, stands(S.CALM, S.CALM, p=[0.5, 0.4]))
    before = look(kari, f"/city/worst?at={then.timestamp()}").words
    assert "Meter N2" in before
    assert "Meter N1" not in before
    assert "Nothing is unusual 2 sensors are judged" in look(kari, "/city/worst").words
    assert {"Meter N1", "Meter N2"} <= {name.words for name in look(kari, "/city/worst?cell=0").all("strong")}
    assert kari.get("/city/worst?at=nonsense").status_code == 422
    assert kari.get("/city/worst?cell=-1").status_code == 422


def test_the_board_stands_in_order_of_trouble_with_words_for_each(town: Town, kari: TestClient) -> None:
    """What is wrong with a sensor is said to whoever mends it."""
    declare(town, "n1", "n2", "n3", "n4")
    fault = [0, int(FaultKind.STUCK), 0]
    town.desk.standings.put(UAD, stands(S.CALM, S.FAULT, S.SILENT, fault=fault, p=[0.5, np.nan, np.nan]))
    page = look(kari, "/sensors")
    assert "2 sensors need looking after of 4 declared" in page.words
    states = [row[0] for row in rows(page)]
    assert states == ["at fault the value stands still", "silent", "as usual", "judged by no tool"]
    only = look(kari, "/sensors?state=silent")
    assert [row[1] for row in rows(only)] == ["Meter N3 Sound level"]
    assert "No sensor fits these filters" in look(kari, "/sensors?q=elsewhere").words


def test_the_grid_has_the_boards_order_and_each_mark_its_line(town: Town, kari: TestClient) -> None:
    """Ids and a byte a state; the cursor reads the sensor's own line."""
    declare(town, "n1", "n2")
    town.desk.standings.put(UAD, stands(S.CALM, S.FAULT, fault=[0, int(FaultKind.DRIFT)]))
    told = kari.get("/sensors/grid").json()
    assert told["ids"] == [2, 1]
    assert list(base64.b64decode(told["codes"])) == [S.FAULT, S.CALM]
    assert kari.get("/sensors/2/said").json()["text"].endswith("at fault · it drifts away from its neighbours")
    assert kari.get("/sensors/99/said").status_code == 404


def test_one_sensor_has_its_figures_in_words_and_its_series_to_draw(town: Town, kari: TestClient) -> None:
    """Measured, expected with its coverage, how unusual; readings, band, spells, alarms and the day ahead as columns."""
    declare(town, "n1")
    at = [to_us(NOW - timedelta(minutes=minutes)) for minutes in (20, 10)]
    town.desk.history.append(batch_of([1, 1], at, [60.0, 71.4]), "observations", through=Offset(1))
    town.desk.history.flush()
    town.desk.standings.append(UAD, past_of(stands(S.STRANGE, p=[0.00012]), at[1]))
    town.desk.standings.put(
        UAD, stands(S.STRANGE, p=[0.00012], alarms=[2], days=[10.0], nominal=[0.1], expected=[60.0])
    )
    town.desk.standings.foresee(UAD, ahead(np.array([1]), NOW, np.array([60.0]), np.array([5.0])))
    alert = raise_alert(town, datastreams=(DatastreamId(1),))
    page = look(kari, "/sensors/1")
    stood = by_id(page, "stands").words
    assert "Meter N1 Sound level unusual" in stood
    assert "71.4 dB(A) Expected, 90 % of ordinary readings 55\N{EN DASH}65 This unusual 1 in 8,300" in stood
    assert "2 alarms in 10 days, 1 promised" in page.words
    assert f"/alerts/{alert.id}" in {link.get("href") for link in page.all("a")}
    told = kari.get("/sensors/1/series?hours=6").json()
    assert told["readings"]["value"] == [60.0, 71.4]
    assert told["spells"] == [{"state": "strange", "since": at[1] / 1e6, "until": at[1] / 1e6}]
    assert told["alerts"][0]["id"] == alert.id
    assert told["past"]["p"] == [0.00012]
    assert told["ahead"]["time"][-1] > NOW.timestamp() + 80_000
    assert told["lowest"] == 20.0


def test_a_sensor_nobody_judges_says_so_and_one_there_is_none_of_is_not_found(town: Town, kari: TestClient) -> None:
    """What it measures is drawn all the same."""
    declare(town, "n1")
    page = look(kari, "/sensors/1")
    assert "judged by no tool" in page.words
    assert "not known yet" in page.words
    assert kari.get("/sensors/1/series").json()["past"]["time"] == []
    look(kari, "/sensors/99", 404)


def test_the_alert_leads_to_the_sensors_it_is_about(furnished: Town) -> None:
    """From the datastream's page back to the alert, and from the rates to the datastream."""
    client = seat(furnished)
    furnished.desk.standings.put(UAD, stands(S.STRANGE, p=[0.01], alarms=[3], days=[3.0], nominal=[0.01]))
    page = look(client, "/sensors/rates")
    assert "/sensors/1" in {link.get("href") for link in page.all("a")}
    assert rows(page)[0][:3] == ["Counter 4 People", "3", "0.03"]


def test_the_rates_say_whether_it_is_louder_than_promised_and_what_cannot_be_heard(
    town: Town, kari: TestClient
) -> None:
    """Forty alarms where twelve were promised are loud; a silent sensor is a reason for quiet."""
    declare(town, "n1", "n2", "n3")
    standing = stands(
        S.CALM, S.SILENT, S.LEARNING, alarms=[40, 0, 0], days=[600.0, 600.0, 0.0], nominal=[0.01, 0.01, 0.01]
    )
    town.desk.standings.put(UAD, standing)
    page = look(kari, "/sensors/rates")
    assert "Louder than promised" in page.words
    assert "Alarms in 1,000 stream-days 33.3 Promised, where nothing happens 10 Came, promised 40, 12" in page.words
    assert "The loudest tenth of sensors raised 100 % of all alarms" in page.words
    assert "sensors are silent 1" in page.words
    assert "sensors are still being learnt 1" in page.words
    assert "Nothing new is known" not in page.words


@pytest.mark.parametrize("path", ["/city", "/sensors", "/sensors/rates", "/sensors/1"])
def test_when_the_tool_stops_answering_the_page_says_since_when(town: Town, kari: TestClient, path: str) -> None:
    """Quiet may mean that nobody listens."""
    declare(town, "n1")
    town.desk.standings.put(UAD, stands(S.CALM, p=[0.5]))
    fresh = look(kari, path).words
    assert "not answered" not in fresh
    town.clock.advance(90)
    assert "not answered" in look(kari, path).words


@pytest.mark.parametrize("path", ["/city", "/sensors", "/sensors/rates", "/sensors/1"])
def test_a_tool_that_catches_up_with_the_past_is_said_to(town: Town, kari: TestClient, path: str) -> None:
    """It answers, but of readings of nineteen hours ago: nothing on the page is of now."""
    declare(town, "n1", "n2")
    heard = [to_us(NOW - timedelta(hours=19))] * 2
    town.desk.standings.put(UAD, stands(S.CALM, S.CALM, p=[0.5, 0.5], time_us=heard))
    assert "atches up with the past, or nothing comes in" in look(kari, path).words


@pytest.mark.parametrize("role", [Role.DPO, Role.AUDITOR, Role.EXECUTIVE])
def test_roles_without_sensors_are_not_offered_the_pages(town: Town, role: Role) -> None:
    """Neither in the bar nor by address."""
    client = seat(town, "Nora", role)
    assert "City view" not in look(client, "/keys").words
    assert client.get("/sensors").status_code == 403


@pytest.fixture(scope="module")
def any_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return an operator's browser in one furnished installation for many filters."""
    town = open_town(tmp_path_factory.mktemp("filters"))
    furnish(town)
    yield seat(town)
    close_town(town)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20), st.sampled_from(["", "trouble", "place"]))
def test_any_filter_is_answered(any_client: TestClient, text: str, state: str, order: str) -> None:
    """What people type is looked for, or refused in words; nothing breaks."""
    query = f"q={quote(text)}&state={quote(state)}" + (f"&order={order}" if order else "")
    assert any_client.get(f"/sensors?{query}").status_code in {200, 422}


@pytest.mark.parametrize(
    ("p", "odds"),
    [(0.05, 20), (0.000123, 8_100), (0.0, 1_000_000), (1e-9, 1_000_000), (0.34, None), (np.nan, None), (-1.0, None)],
)
def test_odds_are_rounded_and_said_only_when_worth_saying(p: float, odds: int | None) -> None:
    """Two digits; rarer than one in a million says no more."""
    assert odds_of(p) == odds


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_a_larger_ratio_never_lies_further_left(one: float, other: float) -> None:
    """And nothing lies beyond the scale's ends."""
    assert (one <= other) == (across(one) <= across(other)) or across(one) == across(other)
    assert 0 <= across(one) <= 640


def test_many_sensors_are_drawn_by_their_quantiles() -> None:
    """Two hundred dots stand for ten thousand, the quietest and the loudest among them."""
    ratios = np.sort(np.random.default_rng(1).gamma(1, 1, 10_000))
    dots = dots_of(ratios)
    assert len(dots) == 200
    assert (dots[0], dots[-1]) == (across(ratios[0]), across(ratios[-1]))


@pytest.mark.parametrize(
    ("alarms", "promised", "says"),
    [
        (0, 0.2, "unknown"),
        (9, 12.0, "kept"),
        (40, 12.0, "loud"),
        (1, 12.0, "quiet"),
        (5, 0.2, "loud"),
        (0, 0.0, "unknown"),
    ],
)
def test_the_verdict_weighs_chance(alarms: int, promised: float, says: str) -> None:
    """Too early to say below one promised alarm, unless there were far too many already."""
    assert verdict_of(Rate(alarms=alarms, days=1_000.0, promised=promised)) == says


def test_every_state_fault_and_level_has_words() -> None:
    """A code without words would be an empty line on somebody's screen."""
    assert set(STATES) == set(STATE_KEYS)
    assert set(StandingState) <= set(STATES)
    assert all(FAULTS[fault] for fault in FaultKind if fault is not FaultKind.NONE)
    assert all(LEVELS.values())
