"""Air samplers on screen: the network with wind and area, one sampler's log, a second sample from asking to result."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from impetus.core.access import Category
from impetus.core.actor import Role
from impetus.core.evidence import Evidence
from impetus.core.ids import DatastreamId, DatastreamKey, FindingKey, Offset, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.core.place import Point
from impetus.core.source_area import AreaKind, SamplerUsed, SourceArea, Wind, from_metres
from impetus.core.text import Phrase
from impetus.desk.samples import PARTS, log_of
from impetus.web.pages.samplers import compass
from seats import act, keep, look, seat
from town import NOW, Town, raise_alert

HERE = Point(lon=10.73, lat=59.91)
UNITS = {"airborne_bacteria": "/m3", "sample_duration": "s", "detection_limit": "/m3", "quality_flag": "1"}
ADDRESS = re.compile(r"/samples/\d+")


def stream(number: int, thing: str, observed: str, point: Point = HERE) -> Datastream:
    """Return a datastream of the air network."""
    return Datastream(
        id=DatastreamId(number),
        key=DatastreamKey(f"air/{thing}/{observed}"),
        source=SourceId("air"),
        thing=ThingKey(f"air/{thing}"),
        thing_name=f"Sampler {thing}",
        observed_property=observed,
        unit=UNITS.get(observed, "1"),
        point=point,
        simulated=True,
    )


def furnish(town: Town) -> dict[str, DatastreamId]:
    """Declare two samplers and a mast, and let each report."""
    made = [stream(0, name, part) for name in ("s1", "s2") for part in (*UNITS,)]
    made += [stream(0, "mast", part, from_metres(HERE, 300, 200)) for part in ("wind_speed", "wind_direction")]
    source = Source(id=SourceId("air"), name="Air", kind="sampler", simulated=True)
    with town.desk.store.write() as unit:
        stored = unit.sources.declare(source, made)
    ids = {str(each.key): each.id for each in stored}
    values = {"air/mast/wind_speed": 4.0, "air/mast/wind_direction": 226.0}
    for name, load in (("s1", 812.0), ("s2", 3.0)):
        said = {"airborne_bacteria": load, "sample_duration": 3600.0, "detection_limit": 5.0, "quality_flag": 0.0}
        values |= {f"air/{name}/{part}": value for part, value in said.items()}
    batch = batch_of([ids[key] for key in values], [to_us(NOW) - 60_000_000] * len(values), list(values.values()))
    town.desk.history.append(batch, "observations", through=Offset(1))
    town.desk.history.flush()
    return ids


def area(kind: AreaKind = AreaKind.REGION) -> SourceArea:
    """Return an area west of the samplers."""
    corners = ((-800.0, -200.0), (-100.0, -200.0), (-100.0, 300.0), (-800.0, 300.0))
    used = SamplerUsed(thing=ThingKey("air/s1"), name="Sampler s1", point=HERE, measured=812.0, expected=210.0)
    count = 3 if kind is AreaKind.REGION else 1
    return SourceArea(
        kind=kind,
        coverage=0.9,
        rings=(tuple(from_metres(HERE, east, north) for east, north in corners),),
        wind=Wind(from_deg=270.0, speed_mps=4.0, spread_deg=11.0),
        samplers=(used, *(replace(used, thing=ThingKey(f"air/s{n}")) for n in range(2, count + 1))),
        samples=9,
        is_open=True,
    )


def alarmed(town: Town, kind: AreaKind = AreaKind.REGION) -> None:
    """Let an alert of the Bacteria Detector stand open, with an area in its evidence."""
    evidence = Evidence(finding=FindingKey("air"), summary=Phrase(template="more than usual"), area=area(kind))
    keep(town, "e1", evidence)
    raise_alert(town, tools=(ToolId("bacteria"),), evidence=("e1",))


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def test_the_network_says_in_words_what_its_map_draws(town: Town, kari: TestClient) -> None:
    """Samplers, wind, and the area with its probability, size and doubt; simulated input says so."""
    furnish(town)
    alarmed(town)
    text = look(kari, "/samplers").words
    assert "Sampler s1" in text
    assert "from the south-west, 4" in text
    assert "with 90 % probability; it covers 0.35 km²" in text
    assert "it may lie beyond" in text
    assert "simulated" in text
    body = kari.get("/samplers").text
    assert body.count('class="area region"') == 1
    assert 'class="wind"' in body
    assert "style=" not in body.split("<main", 1)[1]


def test_a_sector_claims_a_direction_and_no_distance(town: Town, kari: TestClient) -> None:
    """Drawn with a broken edge, said as too few samplers."""
    furnish(town)
    alarmed(town, AreaKind.SECTOR)
    text = look(kari, "/samplers").words
    assert "only the direction upwind is known, nothing about how far away" in text
    assert "area-edge sector" in kari.get("/samplers").text


def test_without_samplers_and_wind_the_page_says_so(kari: TestClient) -> None:
    """No empty map."""
    text = look(kari, "/samplers").words
    assert "No sampler is declared" in text
    assert "Without it nothing can be said" in text


def test_one_sampler_shows_every_sample_with_its_parts(town: Town, kari: TestClient) -> None:
    """What the reader cannot tell from nothing is said as at most its limit; a flag is said in words."""
    furnish(town)
    first, second = (look(kari, f"/samplers/air/{name}").words for name in ("s1", "s2"))
    assert "812" in first
    assert "good" in first
    assert "≤ 5" in second
    assert kari.get("/samplers/air/none").status_code == 404


def test_a_second_sample_goes_from_asking_to_its_result(town: Town, kari: TestClient) -> None:
    """Every act through its form; the page then says amount and chain."""
    furnish(town)
    status, said = act(kari, "/samples", sampler="air/s1", why="high twice", minutes=30)
    assert (status, said["go"]) == (200, "/samples/1")
    body = {"holder": "field team", "place": "north steps"}
    assert act(kari, "/samples/1/take", seal="A-17", **body)[0] == 200
    assert act(kari, "/samples/1/hand_on", holder="courier", place="gate 2")[0] == 200
    assert act(kari, "/samples/1/receive", holder="city laboratory", place="desk", seal_state="whole")[0] == 200
    assert act(kari, "/samples/1/report", outcome="raised", reference="2026/311", measured="812")[0] == 200
    text = look(kari, "/samples/1").words
    assert "above what is usual: 812 per m³" in text
    assert "every link holds" in text
    assert "city laboratory" in text
    assert "result is in" in look(kari, "/samples").words


def test_an_act_out_of_turn_says_why_and_what_would_help(town: Town, kari: TestClient) -> None:
    """The table's own sentence, and where public health is not declared."""
    furnish(town)
    act(kari, "/samples", sampler="air/s1", why="high twice")
    status, problem = act(kari, "/samples/1/report", outcome="raised", reference="1")
    assert (status, "nobody has taken it yet" in problem["detail"]) == (409, True)
    status, problem = act(kari, "/samples/1/tell")
    assert (status, "telephone" in problem["remedy"]) == (409, True)


def test_who_may_see_and_not_write_sees_no_form(town: Town, kari: TestClient) -> None:
    """The officer sees the chain; IT security not even the page."""
    furnish(town)
    act(kari, "/samples", sampler="air/s1", why="high twice")
    officer = seat(town, "Dag", Role.DPO)
    assert "Write it down" not in look(officer, "/samples/1").words
    assert seat(town, "Per", Role.IT_SECURITY).get("/samples/1").status_code == 403
    assert Category.NONE in Category


def test_parts_that_bear_one_time_are_one_sample() -> None:
    """Newest first; a reading of something else and a gap are left out."""
    names = {DatastreamId(1): PARTS[0], DatastreamId(2): PARTS[4]}
    log = log_of(batch_of([1, 2, 2, 9, 1], [10, 10, 20, 20, 20], [3600.0, 5.0, 7.0, 1.0, float("nan")]), names)
    assert [dict(each.parts) for each in log] == [{PARTS[4]: 7.0}, {PARTS[0]: 3600.0, PARTS[4]: 5.0}]


def test_eight_points_of_the_compass_cover_the_circle() -> None:
    """Each the forty-five degrees around it."""
    assert [compass(bearing) for bearing in (0, 22, 23, 180, 337, 338, 360)] == [
        "north",
        "north",
        "north-east",
        "south",
        "north-west",
        "north",
        "north",
    ]
